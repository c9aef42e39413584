"""What the bodies of two servers are made of, over a whole run: which members, and of which kind."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Literal

from mockserver.contract.loading.defects import place_of
from mockserver.contract.operation import Contract
from mockserver.contract.pointers import resolve
from mockserver.contract.resources.members import Members
from mockserver.prove.compare.differences import Difference, of_extra, of_kinds, of_missing

SideName = Literal["mock", "backend"]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DEEPEST = 12
_ENOUGH = 3


@dataclass(frozen=True)
class Ignored:
    """Members that may differ: dotted paths, with ``*`` for any text; a name alone means it anywhere."""

    patterns: tuple[str, ...] = ()

    def has(self, path: str) -> bool:
        name = path.rpartition(".")[2]
        return any(fnmatchcase(path, each) or each == name for each in self.patterns)


@dataclass
class _Place:
    """
    One object, or member, in the bodies of one operation and status; ``outer`` is where it stands in.

    ``objects`` are what stood there, each different one once, ``present`` those around it.
    """

    schema: Members | None
    owner: Members | None
    outer: str
    objects: dict[str, set[int]] = field(default_factory=lambda: {"mock": set(), "backend": set()})
    present: dict[str, set[int]] = field(default_factory=lambda: {"mock": set(), "backend": set()})
    kinds: dict[str, set[str]] = field(default_factory=lambda: {"mock": set(), "backend": set()})


@dataclass(frozen=True)
class _Seen:
    """Where a value was seen: its schema, that of what is around it, on which side, and in what."""

    schema: Members | None
    owner: Members | None
    side: SideName
    around: int
    outer: str = ""


class Shapes:
    """
    Gathers bodies, and then tells what one side always has and the other never.

    A body by itself says little: an optional property may be left out of one item and not of the next.
    """

    def __init__(self, contract: Contract, ignored: Ignored) -> None:
        self._contract, self._ignored = contract, ignored
        self._places: dict[tuple[str, int], dict[str, _Place]] = {}
        self._broken: set[tuple[str, int, str]] = set()

    def add(self, operation_id: str, status: int, pointer: str | None, side: SideName, body: Any) -> None:
        schema = Members(self._contract.data, pointer) if pointer is not None else None
        places = self._places.setdefault((operation_id, status), {})
        self._look(places, "", _Seen(schema, None, side, 0), body, 0)

    def breaks(self, operation_id: str, status: int, path: str) -> None:
        """Leave out a place: that it breaks the contract is told already."""
        self._broken.add((operation_id, status, path))

    def is_broken(self, operation_id: str, status: int, path: str) -> bool:
        return (operation_id, status, path) in self._broken

    def differences(self) -> Iterator[tuple[str, int, Difference]]:
        """Give every difference, with its operation and status."""
        for (operation_id, status), places in self._places.items():
            told: list[str] = []
            for path, place in places.items():
                if self.is_broken(operation_id, status, path) or self._ignored.has(path):
                    continue
                if any(path.startswith(f"{each}.") for each in told):
                    continue
                found = self._difference(places, path, place)
                if found is not None:
                    told.append(path)
                    yield operation_id, status, found

    def _look(
        self,
        places: dict[str, _Place],
        path: str,
        seen: _Seen,
        value: Any,
        depth: int,
    ) -> None:
        schema, side = seen.schema, seen.side
        place = places.setdefault(path, _Place(schema, seen.owner, seen.outer))
        place.present[side].add(seen.around)
        place.kinds[side].add(kind_of(value))
        if depth > _DEEPEST:
            return
        if isinstance(value, dict):
            this = hash(json.dumps(value, sort_keys=True))
            place.objects[side].add(this)
            for name, each in value.items():
                inner, step = _member(schema, name)
                self._look(places, _join(path, step), _Seen(inner, schema, side, this, path), each, depth + 1)
        elif isinstance(value, list):
            items = schema.items if schema is not None else None
            for each in value:
                self._look(places, _join(path, "*"), _Seen(items, schema, side, 0, path), each, depth + 1)

    def _difference(self, places: Mapping[str, _Place], path: str, place: _Place) -> Difference | None:
        # A name may have dots of its own.
        outer, name = place.outer, path[len(place.outer) + 1 :] if place.outer else path
        if path and name != "*":
            found = self._presence(places[outer].objects, path, name, place)
            if found is not None:
                return found
        ours, theirs = place.kinds["mock"] - {"null"}, place.kinds["backend"] - {"null"}
        is_choice = place.schema is not None and bool(place.schema.branches)
        if ours and theirs and not ours & theirs and not is_choice:
            where = place_of(place.schema.identity) if place.schema is not None else "its schema"
            return of_kinds(path or "the body", " or ".join(sorted(ours)), " or ".join(sorted(theirs)), where)
        return None

    def _presence(
        self, objects: Mapping[str, set[int]], path: str, name: str, place: _Place
    ) -> Difference | None:
        owner, sides = place.owner, ("mock", "backend")
        is_declared = owner is not None and name in owner.properties
        is_required = owner is not None and name in owner.required
        # What may be left out, one item has and the next has not; what is one of several, neither.
        least = 1 if is_required or (owner is not None and not is_declared) else _ENOUGH
        if min(len(objects[side]) for side in sides) < least or (is_declared and owner and owner.branches):
            return None
        always = [len(place.present[side]) >= len(objects[side]) for side in sides]
        where = place_of(owner.identity) if owner is not None else "the schema of the answer"
        if always[0] and not place.present["backend"]:
            return of_missing(path, f"{where}.properties", is_declared=is_declared)
        if always[1] and not place.present["mock"]:
            return of_extra(path, name, where, is_declared=is_declared)
        return None


def kind_of(value: Any) -> str:
    """Say what a value is, as far as two sides should agree in it."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case dict():
            return "an object"
        case list():
            return "a list"
    text = str(value)
    if _DATE.fullmatch(text) and _is_moment(text):
        return "a date"
    return "a time" if _MOMENT.fullmatch(text) and _is_moment(text) else "a text"


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        return False
    return True


def _member(schema: Members | None, name: str) -> tuple[Members | None, str]:
    """Give the schema of a member, and what to call it: the keys of a map are all the same."""
    if schema is None:
        return None, name
    if name in schema.properties:
        return schema.properties[name], name
    others = schema.says("additionalProperties")
    if schema.properties or others is None or others is False:
        return None, name
    pointer = f"{schema.identity}/additionalProperties"
    is_there = isinstance(others, dict) and others
    return (Members(schema.data, pointer) if is_there and _stands(schema.data, pointer) else None), "*"


def _stands(data: Mapping[str, Any], pointer: str) -> bool:
    try:
        return isinstance(resolve(data, pointer), dict)
    except (LookupError, TypeError, ValueError):
        return False


def _join(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step
