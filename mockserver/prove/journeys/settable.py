"""What a request can set of an item: the members that an item then shows as they were sent."""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import listed, plain
from mockserver.contract.resources.roles import Action
from mockserver.prove.journeys.asking import Asker
from mockserver.prove.journeys.places import Place

_LONGEST = 2000
_FOREIGN = "Žofie Ångström-Łukasz, Ναυσικά 東京"
_BLANKS = " ab c "
_TRIED = 5
# When an item came to be: whoever writes it later does not change that.
_BEGINNING = re.compile(r"(date|time)?(created|inserted|creation)(at|on|date|time|datetime)?")
# Texts of a form of their own, though the contract may not say so: a server may well write them its way.
_FORMED = listed(
    "phone mobile fax tel telephone email mail url uri link href host hostname domain ip address iban bic vat"
    " tax zip postcode postal currency country language locale timezone zone color colour date time at on"
    " version slug key code id uuid guid ref reference number sku username login handle password secret token"
    " path file filename hash type kind status state role scope amount price unit pattern cron expression"
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Settable:
    """Tells what the operations of one place can set, and values for it that show whether they do."""

    def __init__(self, asker: Asker, place: Place) -> None:
        self._asker, self._place = asker, place
        volatile = asker.contract.settings.get("volatile")
        listed_ = volatile if isinstance(volatile, list) else []
        self._volatile = [str(each).rpartition(".")[2] for each in listed_]
        collection = place.collection
        self._given = {"id", *(collection.id_steps or ())[:1], *map(str, place.above)}
        for parent in collection.parents:
            self._given |= set((parent.steps or ())[:1])

    def members(self, action: Action) -> dict[str, Members]:
        """Give the members that a request can set, but for what the server gives, or the path says."""
        pointer = self._place.ways[action].role.request_pointer
        if pointer is None:
            return {}
        properties = Members(self._asker.contract.data, pointer).properties
        return {
            name: schema
            for name, schema in properties.items()
            if schema.says("readOnly") is not True
            and schema.says("writeOnly") is not True
            and self._is_ours(name)
        }

    def own(self, action: Action, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Give what an item has to show of what was sent: not ids, nor what is read-only."""
        pointer = self._place.ways[action].role.request_pointer
        properties = Members(self._asker.contract.data, pointer).properties if pointer is not None else {}
        return {
            name: value
            for name, value in sent.items()
            if self._is_ours(name)
            and not (name in properties and properties[name].says("readOnly") is True)
            and self.can_be_shown(name, value)
        }

    def can_be_shown(self, name: str, value: Any) -> bool:
        """Tell whether an item may have a value as it was sent, and is not shown in another form."""
        contract = self._asker.contract
        for pointer in self._place.collection.pointers:
            shown = Members(contract.data, pointer).properties.get(name)
            if shown is not None and not contract.schemas.at(shown.pointer, "response").is_valid(value):
                return False
        return True

    def defaults(self, action: Action) -> dict[str, Any]:
        """Give what the contract says of members that are left out."""
        declared = {name: schema.says("default") for name, schema in self.members(action).items()}
        return {
            name: value
            for name, value in declared.items()
            if value is not None and self.can_be_shown(name, value)
        }

    def beginning(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """Give what an item says of when it was made, where no request can set that."""
        written = {
            name
            for action in ("create", "replace", "change")
            if action in self._place.ways
            for name in self._members_of(action)
        }
        return {
            name: value
            for name, value in item.items()
            if is_beginning(name) and name not in written and not self._is_volatile(name)
        }

    def telling(self, name: str, schema: Members, seed: str) -> Iterator[tuple[str, list[Any]]]:
        """
        Give values for one member, with what is special about them, one after another.

        The last shows whether it is stored: ``false`` after ``true``, ``null`` after something, a list after
        another.
        """
        if "boolean" in schema.types:
            yield "true and then false", [True, False]
        if schema.is_array:
            lists = self._lists(schema, seed)
            if len(lists) == 2:
                yield "one list and then another", lists
        for about, text in texts_for(name, schema):
            yield about, [text]
        if schema.is_nullable and schema.says("default") is None:
            value = next((each for each in self._samples(schema, seed) if each is not None), None)
            if value is not None:
                yield "something and then null", [value, None]

    def _lists(self, schema: Members, seed: str) -> list[Any]:
        found: list[Any] = []
        for each in self._samples(schema, seed):
            is_plain = isinstance(each, list) and not any(isinstance(one, dict | list) for one in each)
            if is_plain and each and not any(set(map(str, each)) & set(map(str, one)) for one in found):
                found.append(each)
        return found[:2]

    def _samples(self, schema: Members, seed: str) -> Iterator[Any]:
        for number in range(_TRIED):
            yield self._asker.sample(schema.pointer, f"{seed} {number}")

    def _members_of(self, action: Action) -> Mapping[str, Members]:
        pointer = self._place.ways[action].role.request_pointer
        return Members(self._asker.contract.data, pointer).properties if pointer is not None else {}

    def _is_ours(self, name: str) -> bool:
        return name not in self._given and not self._is_volatile(name)

    def _is_volatile(self, name: str) -> bool:
        return any(fnmatchcase(name, each) for each in self._volatile)


def is_beginning(name: str) -> bool:
    """Tell whether a member says when an item was made."""
    return _BEGINNING.fullmatch(plain(name)) is not None


def texts_for(name: str, schema: Members) -> Iterator[tuple[str, str]]:
    """Give texts that are easily lost, where a member takes any: of several scripts, and long ones."""
    if not is_free(name, schema):
        return
    most = schema.says("maxLength")
    longest = most if isinstance(most, int) else _LONGEST
    if longest >= len(_FOREIGN):
        yield "with letters of several scripts", _FOREIGN
    elif longest >= 1:
        yield "with letters of several scripts", _FOREIGN[:longest].rstrip(" ,-")
    if isinstance(most, int) and 1 <= most <= _LONGEST:
        yield "as long as it may be", long_text(most)


def odd_texts(name: str, schema: Members) -> Iterator[tuple[str, str]]:
    """Give texts that a server may well write in another way than its mock, too."""
    yield from texts_for(name, schema)
    most = schema.says("maxLength")
    if is_free(name, schema) and (not isinstance(most, int) or most >= len(_BLANKS)):
        yield "with blanks at their ends", _BLANKS
    if _is_text(schema) and not schema.says("minLength"):
        yield "that are empty", ""


def is_free(name: str, schema: Members) -> bool:
    """Tell whether a member takes any text, and nothing says that it has a form of its own."""
    return _is_text(schema) and not {each.lower() for each in _WORD.findall(name)} & _FORMED


def long_text(length: int) -> str:
    """Give a text of some words that is so long, and ends with a letter."""
    return ("abcdefghij klmnopqrs " * (length // 21 + 1))[: length - 1] + "z"


def _is_text(schema: Members) -> bool:
    keywords = ("pattern", "format", "enum", "const", "contentEncoding", "contentMediaType")
    is_formed = any(schema.says(each) is not None for each in keywords)
    return "string" in schema.types and not set(schema.types) - {"string", "null"} and not is_formed
