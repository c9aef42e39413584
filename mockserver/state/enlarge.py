"""
Make a large fixture set out of a small one, which is copied again and again as a whole world.

In a copy every string that is the id of some item is the id of that item's copy, so that references stay
right; an id inside a longer string is left alone. People, companies and groups have other names, and people
the e-mail addresses that go with them. Absolute times lie further back, all of one world by the same amount.
The rest stays as it is, times like ``+3d`` too.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from operator import itemgetter
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.state.clock import read_time, write_time
from mockserver.state.fixtures import COMPOSING, Content, Intake, collections_of, parts_of
from mockserver.state.items import Item
from mockserver.state.new_ids import id_makers, sequence
from mockserver.state.new_names import (
    ADDRESS,
    MAILBOXES,
    PLACES,
    STYLES,
    brand_at,
    brands_of,
    given_and_family,
    kind_of_name,
    person_at,
    person_in,
    slug,
    words_of,
)

Slot = tuple[str, Any]
"""What differs from world to world: of which kind it is, and what stands there in the source."""
Template = Callable[["_World"], Any]
"""A value of the source with slots in it, which a world fills."""


def enlarge(
    content: Content, contract: Contract, *, worlds: int, seed: int, now: datetime
) -> Iterator[Content]:
    """
    Give a set as it is, and after it copies of it, until there are so many ``worlds``.

    The set comes as it was written, with its relative times. With one seed the copies are always the same;
    no id stands twice in all of them.

    Raises:
        MockServerError: the copy of an item breaks the contract, even with the names of the original.
    """
    yield content
    source = _Source(content, seed)
    copiers = [_Copier(source, contract, now, collection) for collection in content]
    source.settle()
    for number in range(1, worlds):
        world = _World(source, number)
        yield {copier.collection: copier.copy(world) for copier in copiers}


class _Copier:
    """Copies the items of one collection, and holds every copy against the contract."""

    def __init__(self, source: "_Source", contract: Contract, now: datetime, collection: str) -> None:
        self.collection = collection
        schema = collections_of(contract)[collection]
        self._intake = Intake(schema, contract.data, now)
        self._templates = []
        readers = [_Reader(source, contract.data, renames=renames) for renames in (True, False)]
        for item in source.content[collection]:
            self._intake.take(item)
            self._templates.append([each.read(item, collection, schema.definition) for each in readers])

    def copy(self, world: "_World") -> list[Item]:
        return [self._fill(templates, world) for templates in self._templates]

    def _fill(self, templates: Sequence[Template], world: "_World") -> Item:
        for template in templates:
            item: Item = template(world)
            self._intake.take(item)
            if not self._intake.complaints:
                return item
            text = self._intake.complaints[0].text
            self._intake.complaints.clear()
        raise MockServerError(f"{self.collection}, a copy with the id {item.get('id')}: {text}")


class _Reader:
    """Reads items as templates; one that does not ``renames`` gives all the names of the original."""

    def __init__(self, source: "_Source", data: Mapping[str, Any], *, renames: bool) -> None:
        self._source = source
        self._data = data
        self._renames = renames

    def read(self, item: Item, collection: str, schema: Any) -> Template:
        return self._read_object(item, collection, schema) or (lambda _: item)

    def _read(
        self, value: Any, name: str, noun: str, around: Mapping[str, Any], schema: Any
    ) -> Template | None:
        """Read the value of a property ``name`` of a ``noun``; ``None`` where nothing in it differs."""
        if isinstance(value, dict):
            return self._read_object(value, name, schema)
        if isinstance(value, list):
            return self._read_list(value, name, noun, around, schema)
        if any("enum" in part or "const" in part for part in parts_of(schema, self._data, COMPOSING)):
            return None
        slot = self._slot(value, name, noun, around)
        return itemgetter(slot) if slot is not None else None

    def _read_list(
        self, values: list[Any], name: str, noun: str, around: Mapping[str, Any], schema: Any
    ) -> Template | None:
        inner = self._inside(schema, "items")
        read = [self._read(value, name, noun, around, inner) for value in values]
        if not any(read):
            return None
        pairs = list(zip(read, values, strict=True))
        return lambda world: [template(world) if template else value for template, value in pairs]

    def _read_object(self, value: Mapping[str, Any], noun: str, schema: Any) -> Template | None:
        read = {
            key: self._read(inner, key, noun, value, self._inside(schema, "properties", key))
            for key, inner in value.items()
        }
        varying = {key: template for key, template in read.items() if template is not None}
        if any(key in self._source.ids for key in value):
            return lambda world: {
                world["id", key] if key in self._source.ids else key: (
                    varying[key](world) if key in varying else inner
                )
                for key, inner in value.items()
            }
        if not varying:
            return None
        return lambda world: {**value, **{key: template(world) for key, template in varying.items()}}

    def _inside(self, schema: Any, *way: str) -> Any:
        """Find the schema of a part of a value; an empty one where there is none."""
        for part in parts_of(schema, self._data, COMPOSING):
            found: Any = part
            for step in way:
                found = found.get(step) if isinstance(found, dict) else None
            if found is not None:
                return found
        return {}

    def _slot(self, value: Any, name: str, noun: str, around: Mapping[str, Any]) -> Slot | None:
        if value.__class__ is int and value in self._source.numbers:
            return ("number", value) if words_of(name)[-1:] in (["id"], ["ids"]) else None
        if not isinstance(value, str):
            return None
        if value in self._source.ids:
            return "id", value
        if kind := _kind_of_time(value):
            return kind, value
        return self._source.name_slot(value, name, noun, around) if self._renames else None


class _Source:
    """What the worlds are copied from: which ids there are, and who and what has a name."""

    def __init__(self, content: Content, seed: int) -> None:
        self.content = content
        self.seed = seed
        self.ids: dict[str, Callable[[int], str]] = {}
        ids = {collection: [item["id"] for item in items] for collection, items in content.items()}
        taken = {each for found in ids.values() for each in found if isinstance(each, str)}
        for found in ids.values():
            self.ids.update(id_makers([each for each in found if isinstance(each, str)], seed, taken))
        self.numbers = sequence({each for found in ids.values() for each in found if isinstance(each, int)})
        self.people: dict[str, int] = {}
        self.companies: dict[str, tuple[str, int, str]] = {}
        """By name: what stands before and after the brand, and which brand that is."""
        self.addresses: dict[str, tuple[str, int]] = {}
        """By e-mail address: whose it is, and which brand its domain has."""
        self.brands = 0

    def name_slot(self, value: str, name: str, noun: str, around: Mapping[str, Any]) -> Slot | None:
        """Tell what a string names; ``None`` where it is no name."""
        if ADDRESS.fullmatch(value):
            if not self.addresses.get(value, ("", 0))[0]:
                is_shared = value.split("@")[0] in MAILBOXES
                self.addresses[value] = ("" if is_shared else self._known(person_in(around, noun)), 0)
            return "address", value
        kind = kind_of_name(name, noun, value, around)
        if kind in ("given", "family", "login"):
            person = self._known(person_in(around, noun))
            return (kind, (value, person)) if person else None
        if kind == "person":
            return kind, self._known(value)
        if kind == "company":
            self.companies.setdefault(value, ("", 0, ""))
        return (kind, value) if kind else None

    def settle(self) -> None:
        """Find out, now that all names are known, which of them belong together."""
        brands: dict[str, int] = {}
        for company, (head, brand, tail) in brands_of(self.companies):
            self.companies[company] = (head, brands.setdefault(brand, len(brands)), tail)
        by_slug = {slug(brand): index for brand, index in brands.items()}
        by_local = {style(*given_and_family(name)): name for name in self.people for style in STYLES}
        for address, (person, _) in self.addresses.items():
            local, domain = address.split("@")
            label = slug(domain.split(".")[-2:][0])
            near = [slug for slug in by_slug if slug.startswith(label) or label.startswith(slug)]
            index = by_slug[max(near, key=len)] if near else brands.setdefault(f"@{label}", len(brands))
            self.addresses[address] = (person or by_local.get(local, "") or self._read_local(local), index)
        self.brands = len(brands)

    def _read_local(self, local: str) -> str:
        """Read a name out of ``anna.berg``; there is none in ``info``."""
        words = re.split(r"[._-]", local) if local not in MAILBOXES else []
        return self._known(" ".join(map(str.capitalize, words))) if len(words) > 1 else ""

    def _known(self, person: str) -> str:
        if person:
            self.people.setdefault(person, len(self.people))
        return person


class _World(dict[Slot, Any]):
    """One copy: what stands in each slot, made when it is first asked for."""

    def __init__(self, source: _Source, number: int) -> None:
        self._source = source
        self._number = number
        digest = hashlib.shake_256(f"{source.seed}\0{number}".encode()).digest(8)
        self._back = timedelta(days=1, microseconds=int.from_bytes(digest) % _FURTHEST_BACK)
        self._addresses: set[str] = set()

    def __missing__(self, slot: Slot) -> Any:
        self[slot] = made = self._make(*slot)
        return made

    def _make(self, kind: str, value: Any) -> Any:
        source = self._source
        match kind:
            case "id":
                return source.ids[value](self._number)
            case "number":
                return source.numbers[value](self._number)
            case "person":
                return person_at(self._index(source.people[value], len(source.people)), source.seed)
            case "given" | "family":
                given, family = given_and_family(self["person", value[1]])
                return given if kind == "given" else family
            case "login":
                return f"{self._local(*value)}{self._number}"
            case "company":
                head, brand, tail = source.companies[value]
                return f"{head}{self['brand', brand]}{tail}"
            case "brand":
                return brand_at(self._index(value, source.brands), source.seed)
            case "group":
                return f"{value}, {PLACES[(self._number + source.seed) % len(PLACES)]}"
            case "address":
                return self._address(value)
            case _:
                return _earlier(kind, value, self._back)

    def _index(self, index: int, in_each_world: int) -> int:
        return (self._number - 1) * in_each_world + index

    def _local(self, local: str, person: str) -> str:
        """Spell a person's new name as the old one was spelled."""
        if not person:
            return local
        style = next((each for each in STYLES if each(*given_and_family(person)) == local), STYLES[0])
        return style(*given_and_family(self["person", person]))

    def _address(self, address: str) -> str:
        person, brand = self._source.addresses[address]
        local, domain = address.split("@")
        spelled = self._local(local, person)
        place = ".".join([*domain.split(".")[:-2], slug(self["brand", brand]), "example"])
        numbered = (f"{spelled}{number}@{place}" for number in count(2))
        made = f"{spelled}@{place}"
        while made in self._addresses:
            made = next(numbered)
        self._addresses.add(made)
        return made


# Times.

_FURTHEST_BACK = 60 * 24 * 3600 * 1_000_000  # microseconds
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _kind_of_time(text: str) -> str | None:
    if not text[:4].isdecimal():  # relative, or no time
        return None
    if _DATE.fullmatch(text):
        return "date"
    return "time" if read_time(text, datetime.now(UTC)) is not None else None


def _earlier(kind: str, text: str, by: timedelta) -> str:
    try:
        if kind == "date":
            return (date.fromisoformat(text) - by).isoformat()
        moment = read_time(text, datetime.now(UTC))
        return text if moment is None else write_time(moment - by)
    except (ValueError, OverflowError):
        return text
