"""Compare the schemas of two contracts: each pair once, however many places lead to it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.changes.branches import Branches
from mockserver.contract.changes.facets import ANY, Facet, Pointers, key_of
from mockserver.contract.changes.findings import Finding
from mockserver.contract.changes.kinds import Side
from mockserver.contract.changes.scalars import (
    Told,
    compare_kinds,
    compare_limits,
    compare_values,
    compare_words,
    describe_kinds,
)
from mockserver.contract.changes.views import WORDING, View, Views
from mockserver.contract.changes.wording import shown
from mockserver.contract.operation import Contract

Pair = tuple[Pointers, Pointers, Side]

# Who reads an answer does not get what is only written, and who writes cannot set what is only read.
_HIDING = {"request": "readOnly", "response": "writeOnly"}
_HIDDEN = {"request": "read-only", "response": "write-only"}
_SHOWN = {"request": "writable", "response": "readable"}


@dataclass
class _Compared:
    """What was found in one pair of schemas, by its place in them, and the pairs that they lead to."""

    found: list[tuple[str, Finding]] = field(default_factory=list)
    onward: dict[Pair, str] = field(default_factory=dict)


class Schemas:
    """The schemas of two contracts, compared when somebody first asks."""

    def __init__(self, old: Contract, new: Contract) -> None:
        self._old = Views(old)
        self._new = Views(new)
        self._branches = Branches(self._old, self._new)
        self._compared: dict[Pair, _Compared] = {}
        self._below: dict[Pair, list[tuple[str, Finding]]] = {}

    def pair(self, old: str | None, new: str | None, side: Side) -> Pair:
        """Give what two schemas are compared as; ``None`` stands for one that allows anything."""
        ours, theirs = ((each,) if each is not None else () for each in (old, new))
        return self._old.settle(ours), self._new.settle(theirs), side

    def compare(self, start: Pair) -> list[tuple[str, Finding]]:
        """
        Give what changed in a schema and in all that it leads to: each with its place, as ``.data[].id``.
        """
        if start not in self._below:
            self._below[start] = list(self._walk(start))
        return self._below[start]

    def allows_any_text(self, old: str | None, new: str | None) -> bool:
        """Tell whether two schemas allow every text, alone or beside all else."""
        views = (self._old.of((old,) if old else ()), self._new.of((new,) if new else ()))
        return all(view.is_anything or view.kinds == {"string": ANY} for view in views)

    def allows_several(self, old: str | None, new: str | None) -> bool:
        """Tell whether one of two schemas allows arrays or objects, whose style matters."""
        views = (self._old.of((old,)) if old else None, self._new.of((new,)) if new else None)
        return any(view is not None and view.kinds.keys() & {"array", "object"} for view in views)

    def _walk(self, start: Pair) -> Iterator[tuple[str, Finding]]:
        waiting, seen = deque([(start, "")]), {start}
        while waiting:
            pair, place = waiting.popleft()
            compared = self._compared.get(pair)
            if compared is None:
                compared = self._compared[pair] = self._look(pair)
            yield from ((place + step, finding) for step, finding in compared.found)
            for each, step in compared.onward.items():
                if each not in seen:
                    seen.add(each)
                    waiting.append((each, place + step))

    def _look(self, pair: Pair) -> _Compared:
        return _Look(pair, self._old, self._new, self._branches).compare()


class _Look:
    """One pair of schemas, while it is compared."""

    def __init__(self, pair: Pair, old: Views, new: Views, branches: Branches) -> None:
        self._pointers = pair[:2]
        self._pair_side = pair[2]
        self._side = "response" if pair[2] == "response" else "request"
        self._views = old, new
        self._old = old.of(pair[0])
        self._new = new.of(pair[1])
        self._branches = branches
        self._result = _Compared()

    def compare(self) -> _Compared:
        old, new = self._old, self._new
        self._compare_notes()
        if old.is_anything and new.is_anything:
            return self._result
        if old.is_anything:
            text = f"anything was allowed; now {_described(new)} is asked for"
            self._tell(Told("schema-introduced", text, ""))
        elif new.is_anything:
            self._tell(
                Told("schema-dropped", f"{_described(old)} was asked for; now anything is allowed", "")
            )
        else:
            # Every value of a parameter is written as text.
            self._tell_all(compare_kinds(old.kinds, new.kinds, are_texts=self._pair_side == "parameter"))
            for kind, facet in old.kinds.items():
                if kind in new.kinds:
                    self._compare_facets(facet, new.kinds[kind])
            self._tell_all(self._branches.compare_discriminators(old, new))
        return self._result

    def _compare_facets(self, old: Facet, new: Facet) -> None:
        if bool(old.groups) != bool(new.groups) and (_is_group(old) or _is_group(new)):
            self._compare_groups(old, new)  # nothing else is said of one of them
            return
        for compare in (compare_values, compare_limits, compare_words, self._branches.compare_rules):
            self._tell_all(compare(old, new), old, new)
        self._compare_members(old, new)
        self._compare_items(old, new)
        if old.groups and new.groups:
            self._compare_groups(old, new)
        else:
            self._tell_all(self._branches.compare_presence(old, new), old, new)

    def _compare_groups(self, old: Facet, new: Facet) -> None:
        told, pairs = self._branches.compare(old, new, self._pointers)
        self._tell_all(told, old, new)
        for name, ours, theirs in pairs:
            self._lead(name, ours, theirs)

    def _compare_items(self, old: Facet, new: Facet) -> None:
        if old.items or new.items:
            self._lead("[]", old.items, new.items)
        for index in range(max(len(old.prefix), len(new.prefix))):
            ours = old.prefix[index] if index < len(old.prefix) else old.items
            theirs = new.prefix[index] if index < len(new.prefix) else new.items
            self._lead(f"[{index}]", ours, theirs)

    def _compare_members(self, old: Facet, new: Facet) -> None:
        for name in {
            **old.properties,
            **new.properties,
            **dict.fromkeys(sorted(old.required | new.required)),
        }:
            ours, theirs = old.properties.get(name), new.properties.get(name)
            was_hidden, is_hidden = self._is_hidden(0, ours), self._is_hidden(1, theirs)
            if was_hidden and is_hidden:
                continue
            needed = name in old.required and not was_hidden, name in new.required and not is_hidden
            if needed == (True, True) and (ours is None or theirs is None):
                # It was, or is, always there, only not described.
                self._lead(f".{name}", ours or old.additional or (), theirs or new.additional or ())
            elif ours is None and theirs is not None:
                if not is_hidden:
                    self._add(name, old, theirs, needed)
            elif ours is not None and theirs is None:
                if not was_hidden:
                    self._remove(name, new, ours, needed)
            else:
                self._keep(name, ours, theirs, (was_hidden, is_hidden), needed)
        if old.additional is None or new.additional is None:
            if new.additional is not None:
                text = "other properties than the declared ones were refused, and are allowed"
                self._tell(Told("additional-properties-allowed", text, "additionalProperties"), old, new)
            elif old.additional is not None:
                text = "other properties than the declared ones were allowed, and are refused"
                self._tell(Told("additional-properties-refused", text, "additionalProperties"), old, new)
        elif old.additional or new.additional:
            self._lead(".*", old.additional, new.additional)

    def _is_hidden(self, which: int, pointers: Pointers | None) -> bool:
        return pointers is not None and _HIDING[self._side] in self._views[which].of(pointers).flags

    def _keep(
        self,
        name: str,
        ours: Pointers | None,
        theirs: Pointers | None,
        hidden: tuple[bool, bool],
        needed: tuple[bool, bool],
    ) -> None:
        at = _first(ours), _first(theirs)
        if hidden == (False, True):
            text = f"the property is {_HIDDEN[self._side]} now"
            self._tell_of(name, f"property-became-{_HIDDEN[self._side]}", text, *at)
            return
        if hidden == (True, False):
            text = f"the property was {_HIDDEN[self._side]}, and is {_SHOWN[self._side]}"
            self._tell_of(name, f"property-became-{_SHOWN[self._side]}", text, *at)
        if needed == (False, True):
            self._tell_of(name, "property-became-required", "the property was optional, and is required", *at)
        elif needed == (True, False):
            self._tell_of(name, "property-became-optional", "the property was required, and is optional", *at)
        if ours is not None and theirs is not None and not hidden[0]:
            self._lead(f".{name}", ours, theirs)

    def _add(self, name: str, old: Facet, theirs: Pointers, needed: tuple[bool, bool]) -> None:
        at = self._old.pointer, _first(theirs)
        if needed == (False, True) and self._side == "request":
            self._tell_of(name, "required-property-added", "a new property, and required", *at)
        elif old.additional is None and self._side == "response":
            text = "a new property, where only the declared ones were allowed"
            self._tell_of(name, "property-added-to-closed-object", text, *at)
        else:
            how = "required" if needed[1] else "optional"
            self._tell_of(name, "property-added", f"a new property, {how}", *at)
        if old.additional:
            self._lead(f".{name}", old.additional, theirs)

    def _remove(self, name: str, new: Facet, ours: Pointers, needed: tuple[bool, bool]) -> None:
        at = _first(ours), self._new.pointer
        if self._side == "request":
            if new.additional is None:
                self._tell_of(
                    name, "property-refused", "the property is gone, and refused where it is sent", *at
                )
            else:
                text = "the property is gone; it may be sent, and nothing says that it is read"
                self._tell_of(name, "property-removed", text, *at)
        elif needed[0]:
            self._tell_of(name, "property-removed", "the property was always there, and is gone", *at)
        else:
            self._tell_of(name, "optional-property-removed", "the optional property is gone", *at)

    def _compare_notes(self) -> None:
        old, new = self._old.notes, self._new.notes
        was, now = old.get("default"), new.get("default")
        if (was and key_of(was[0])) != (now and key_of(now[0])):
            text = f"the default was {_default(was)}, and is {_default(now)}"
            self._tell(Told("default-changed", text, "default"))
        deprecated = [notes.get("deprecated", (False,))[0] is True for notes in (old, new)]
        if deprecated[0] != deprecated[1]:
            aspect = "value-deprecated" if deprecated[1] else "value-no-longer-deprecated"
            text = "it is deprecated now" if deprecated[1] else "it is deprecated no more"
            self._tell(Told(aspect, text, "deprecated"))
        for key in WORDING:
            was, now = old.get(key), new.get(key)
            if (was and key_of(was[0])) != (now and key_of(now[0])):
                self._tell(Told("value-wording-changed", f"the {key} changed", key))

    def _lead(self, step: str, old: Pointers, new: Pointers) -> None:
        pair = self._views[0].settle(old), self._views[1].settle(new), self._pair_side
        self._result.onward.setdefault(pair, step)

    def _tell_all(
        self, told: Iterator[Told] | list[Told], old: Facet | None = None, new: Facet | None = None
    ) -> None:
        for each in told:
            self._tell(each, old, new)

    def _tell(self, told: Told, old: Facet | None = None, new: Facet | None = None) -> None:
        places = []
        for facet, view in ((old, self._old), (new, self._new)):
            known = facet.where.get(told.keyword) if facet else _written(view, told.keyword)
            places.append(known or view.pointer or None)
        self._find("", Finding(f"{self._side}-{told.aspect}", told.text, *places))

    def _tell_of(self, name: str, aspect: str, text: str, old: str | None, new: str | None) -> None:
        places = old or self._old.pointer or None, new or self._new.pointer or None
        self._find(f".{name}", Finding(f"{self._side}-{aspect}", text, *places))

    def _find(self, step: str, finding: Finding) -> None:
        if (step, finding) not in self._result.found:  # several kinds of values may have it
            self._result.found.append((step, finding))


def _written(view: View, keyword: str) -> str | None:
    if keyword in view.notes:
        return view.notes[keyword][1]
    return next((each.where[keyword] for each in view.kinds.values() if keyword in each.where), None)


def _is_group(facet: Facet) -> bool:
    return facet == Facet(groups=facet.groups)


def _first(pointers: Pointers | None) -> str | None:
    return pointers[0] if pointers else None


def _described(view: View) -> str:
    return describe_kinds(view.kinds) if len(view.kinds) < 6 else "something"


def _default(noted: tuple[Any, str] | None) -> str:
    return "not set" if noted is None else shown(noted[0])
