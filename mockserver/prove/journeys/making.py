"""What one request that makes an item does: one item, with its defaults, where it lies and nowhere else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from mockserver.contract.paths import PathTree
from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.roles import Collection
from mockserver.prove.journeys.alike import differing, is_kept, short
from mockserver.prove.journeys.asking import Answer, Asker, id_in
from mockserver.prove.journeys.pages import Whole
from mockserver.prove.journeys.places import Place
from mockserver.prove.journeys.settable import Settable
from mockserver.prove.report import Finding

GONE = (404, 410)
"""What is answered of an item that is not there."""
_MADE = 201


@dataclass(frozen=True)
class Made:
    """An item that was made here: its id, what was sent, and what came back."""

    id: Any
    sent: Mapping[str, Any]
    answer: Answer


class MakingJourney:
    """Looks at items that were just made."""

    def __init__(self, asker: Asker, place: Place, settable: Settable) -> None:
        self._asker, self._place, self._settable = asker, place, settable
        self._way = place.ways["create"]

    def findings(self, made: Made) -> Iterator[Finding]:
        yield from self._location(made)
        yield from self._parents(made)
        yield from self._elsewhere(made)

    def alone(self, made: Made, before: Whole, after: Whole) -> Iterator[Finding]:
        """Look whether the list has another item that says the same, which nobody asked for."""
        sent = self._settable.own("create", made.sent)
        if not (before.is_entire and after.is_entire and sent):
            return
        collection, check = self._place.collection, "one_request_makes_one_item"
        old = [id_in(collection, each) for each in before.items]
        self._asker.looked(check, self._way.operation)
        for item in after.items:
            item_id = id_in(collection, item)
            is_new = item_id is not None and item_id != made.id and item_id not in old
            if is_new and sent.keys() & item.keys() and not differing(sent, item):
                what = f"One item was sent, and two are listed afterwards: {made.id!r} and {item_id!r}."
                yield self._found(check, "one request makes two items", what, made.answer, after.answer)
                return

    def defaults(self, made: Made, item: Mapping[str, Any], read: Answer) -> Iterator[Finding]:
        """Look whether what was left out is as the contract says that it is then."""
        check = "defaults_are_applied"
        for name, value in self._settable.defaults("create").items():
            if name in made.sent or name not in item:
                continue
            self._asker.looked(check, self._way.operation)
            if not is_kept(name, value, item):
                what = f"{name} was left out; its default is {short(value)}, and it is {short(item[name])}."
                yield self._found(check, f"{name} has not its default", what, made.answer, read)
                return

    def _location(self, made: Made) -> Iterator[Finding]:
        if id_in_location(self._place, made.answer) is None:
            return
        check = "location_leads_to_what_was_made"
        self._asker.looked(check, self._way.operation)
        read = led_elsewhere(self._asker, self._place, made.answer, made.id)
        if read is not None:
            location = location_of(made.answer)
            what = f"{made.id!r} was made, and Location is {location}, which is answered {read.status}."
            yield self._found(check, "Location leads to something else", what, made.answer, read)

    def _parents(self, made: Made) -> Iterator[Finding]:
        item, check = made.answer.item(self._way.role) or {}, "item_is_of_its_parent"
        for parent in self._place.collection.parents:
            value, wanted = (
                at(item, parent.steps) if parent.steps else None,
                self._place.above.get(parent.parameter),
            )
            if wanted is None or not isinstance(value, str | int) or (parent.steps or ("",))[0] in made.sent:
                continue
            self._asker.looked(check, self._way.operation)
            if str(value).casefold() != str(wanted).casefold():
                name = ".".join(parent.steps or ())
                what = f"It was made under {wanted!r}, and its {name} is {value!r}."
                yield self._found(check, f"{name} is another", what, made.answer)
                return

    def _elsewhere(self, made: Made) -> Iterator[Finding]:
        """Ask for an item under another parent than its own."""
        place, check = self._place, "item_is_of_its_parent"
        if place.beside is None or "read" not in place.ways:
            return
        way = place.ways["read"]
        path = {**place.item_path("read", made.id), **place.beside}
        read = self._asker.ask(way.operation, path)
        self._asker.looked(check, way.operation)
        item = read.item(way.role)
        item_made = made.answer.item(self._way.role) or {}
        if item is None or id_in(place.collection, item) != made.id or differing(item_made, item):
            return
        if any(
            parent.steps and _is_there(place.beside, parent.parameter, at(item, parent.steps))
            for parent in place.collection.parents
        ):
            return
        if made.id in self._listed_beside(place.beside):
            return
        other = ", ".join(str(each) for each in place.beside.values())
        what = f"{made.id!r} was made under another parent, and is answered {read.status} under {other}, too."
        yield self._asker.found(
            check, way.operation, "it is there under another parent", what, made.answer, read
        )

    def _listed_beside(self, beside: Mapping[str, Any]) -> Sequence[Any]:
        way = self._place.ways.get("list")
        if way is None:
            return ()
        items = self._asker.ask(way.operation, beside).items(way.role) or []
        return [id_in(self._place.collection, each) for each in items]

    def _found(self, check: str, difference: str, what: str, *seen: Answer) -> Finding:
        return self._asker.found(check, self._way.operation, difference, what, *seen)


def _is_there(above: Mapping[str, Any], parameter: str, value: Any) -> bool:
    return value is not None and str(value) == str(above.get(parameter))


def location_of(answer: Answer) -> str:
    """Give the address that an answer says something was made at; empty where it says none."""
    found = (v for n, v in answer.exchange.response_headers if n.lower() == "location")
    return next(found, "") if answer.status == _MADE else ""


def id_in_location(place: Place, answer: Answer) -> str | None:
    """Give the id in the address of what was made, where an item can be read by it."""
    location = location_of(answer)
    if not location or "read" not in place.ways:
        return None
    return id_in_address(place.collection, urljoin(answer.exchange.url, location))


def led_elsewhere(asker: Asker, place: Place, answer: Answer, item_id: Any) -> Answer | None:
    """Give what is answered at the address of what was made, where that is not the item with this id."""
    value = id_in_location(place, answer)
    if value is None or value.casefold() == str(item_id).casefold():
        return None
    way = place.ways["read"]
    read = asker.ask(way.operation, place.item_path("read", value))
    return read if id_in(place.collection, read.item(way.role) or {}) != item_id else None


def id_in_address(collection: Collection, url: str) -> str | None:
    """Give what an address has in the place of an item's id, whatever base path stands before."""
    item_path, parameter = collection.item_path, collection.id_parameter
    if item_path is None or parameter is None:
        return None
    tree, segments = PathTree([item_path]), urlsplit(url).path.split("/")
    for number in range(1, len(segments)):
        found = tree.match("/" + "/".join(segments[number:]))
        if found is not None and parameter in found[1]:
            return unquote(found[1][parameter])
    return None
