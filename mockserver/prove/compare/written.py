"""Two items that the same requests made or wrote, held against each other and against what was sent."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.loading.defects import place_of
from mockserver.contract.operation import Contract
from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import Collection, Role
from mockserver.prove.compare.differences import (
    Difference,
    of_beginning,
    of_default,
    of_left_out,
    of_location,
    of_parent,
    of_reuse,
    of_value,
)
from mockserver.prove.compare.shapes import Ignored, Shapes, kind_of
from mockserver.prove.compare.sides import Side, Whole
from mockserver.prove.compare.steps import Step
from mockserver.prove.journeys.alike import differing
from mockserver.prove.journeys.asking import Answer
from mockserver.prove.journeys.making import led_elsewhere, location_of
from mockserver.prove.journeys.settable import is_beginning

_FREE_TEXT = 4


class WrittenComparer:
    """Tells where one side keeps, or does, what the other does not."""

    def __init__(self, contract: Contract, shapes: Shapes, ignored: Ignored) -> None:
        self._contract, self._shapes, self._ignored = contract, shapes, ignored

    def differences(
        self,
        step: Step,
        role: Role,
        collection: Collection,
        ours: Answer,
        theirs: Answer,
        mock: Side,
        backend: Side,
    ) -> Iterator[Difference]:
        items = ours.item(role), theirs.item(role)
        if items[0] is None or items[1] is None:
            return
        if role.action == "create":
            yield from _reused(step, mock, backend)
            yield from _located(step, collection, (ours, mock), (theirs, backend))
            yield from _under(step, collection, (items[0], mock), (items[1], backend))
        if role.action in ("create", "replace"):
            yield from self._defaults(step, role, items[0], items[1])
        yield from self._beginnings(step, items[0], items[1], mock, backend)
        yield from self._values(step, theirs.status, collection, role, items[0], items[1], mock, backend)

    def _defaults(
        self, step: Step, role: Role, ours: Mapping[str, Any], theirs: Mapping[str, Any]
    ) -> Iterator[Difference]:
        """Look at what was left out, and has a default."""
        if role.request_pointer is None or not isinstance(step.writes, dict) or role.request_steps:
            return
        for name, schema in Members(self._contract.data, role.request_pointer).properties.items():
            default = schema.says("default")
            if default is None or name in step.writes or name not in ours or name not in theirs:
                continue
            same = [not differing({name: default}, item, is_exact=True) for item in (ours, theirs)]
            if same == [True, False] and not self._ignored.has(name):
                yield of_default(step, name, default, theirs[name], place_of(schema.pointer))

    def _beginnings(
        self,
        step: Step,
        ours: Mapping[str, Any],
        theirs: Mapping[str, Any],
        mock: Side,
        backend: Side,
    ) -> Iterator[Difference]:
        """Look whether what an item says of when it was made stays, where nobody sent that."""
        for name in (each for each in ours if is_beginning(each) and each in theirs):
            if self._ignored.has(name) or any(name in said for said in mock.sent.get(step.item, ())):
                continue
            first = [
                side.seen.setdefault(step.item, dict(item))
                for side, item in ((mock, ours), (backend, theirs))
            ]
            stays = [not differing({name: first[n].get(name)}, item) for n, item in enumerate((ours, theirs))]
            # That one operation writes times in another way than another is told as that.
            if kind_of(first[1].get(name)) != kind_of(theirs[name]):
                continue
            if stays == [True, False]:
                yield of_beginning(step, name, first[1][name], theirs[name])

    def _values(
        self,
        step: Step,
        status: int,
        collection: Collection,
        role: Role,
        ours: Mapping[str, Any],
        theirs: Mapping[str, Any],
        mock: Side,
        backend: Side,
    ) -> Iterator[Difference]:
        sent = [mock.sent.get(step.item, []), backend.sent.get(step.item, [])]
        if not sent[0] or len(sent[0]) != len(sent[1]):
            return
        schema = Members(self._contract.data, role.answer.item_pointer or role.answer.pointer or "")
        last: list[dict[str, Any]] = [_said(each) for each in sent]
        given = {"id", *(collection.id_steps or ())[:1]}
        # What a change answers is asked for what it says; what is read afterwards, for all there is.
        asked = sent[0][-1:] if role.action == "change" else sent[0]
        for name in dict.fromkeys(name for each in asked for name in each):
            declared = schema.properties.get(name)
            place = place_of(declared.pointer) if declared is not None else f"the property {name}"
            if name in given or self._ignored.has(name) or name not in ours or name not in theirs:
                continue
            where = ".".join((*role.answer.steps, name))
            if self._shapes.is_broken(step.operation.operation_id, status, where):
                continue
            if declared is not None and declared.says("readOnly") is True:
                continue
            if name in last[0]:
                kept = [
                    not differing({name: last[n][name]}, item, is_exact=True)
                    for n, item in enumerate((ours, theirs))
                ]
                if kept[0] != kept[1] or (
                    last[0][name] is None and _is_set(ours[name]) != _is_set(theirs[name])
                ):
                    yield of_value(step, name, last[1][name], ours[name], theirs[name], place)
            elif _is_free(declared, sent[0], name):
                before = [next(each[name] for each in reversed(s) if name in each) for s in sent]
                stays = [item[name] == before[n] for n, item in enumerate((ours, theirs))]
                if stays[0] != stays[1]:
                    yield of_left_out(step, name, ours[name], theirs[name], place)


def _said(written: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give what holds of an item after some writings; a whole one replaces what was before."""
    found: dict[str, Any] = {}
    for each in written:
        if isinstance(each, Whole):
            found = {}
        found |= each
    return found


def _is_set(value: Any) -> bool:
    return value is not None


def _is_free(declared: Members | None, sent: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Tell whether a value is such that two are only the same if one was kept."""
    if declared is not None and (declared.says("enum") or declared.says("default") is not None):
        return False
    values = [each[name] for each in sent if name in each]
    return all(isinstance(each, str) and len(each) >= _FREE_TEXT for each in values)


def _reused(step: Step, mock: Side, backend: Side) -> Iterator[Difference]:
    ours, theirs = (_is_old(side, step.item) for side in (mock, backend))
    if ours != theirs:
        yield of_reuse(at_the_backend=theirs)


def _is_old(side: Side, name: str) -> bool:
    new = side.made.get(name)
    return any(each == new and other != name and other in side.gone for other, each in side.made.items())


def _located(
    step: Step, collection: Collection, ours: tuple[Answer, Side], theirs: tuple[Answer, Side]
) -> Iterator[Difference]:
    """Look whether the address that is answered is that of what was made."""
    leads = []
    for answer, side in (ours, theirs):
        place, made = side.places.get(collection.name), side.made.get(step.item)
        if place is None or made is None:
            return
        leads.append(led_elsewhere(side.asker, place, answer, made[1]) is None)
    if leads == [True, False]:
        yield of_location(step, theirs[0].status, location_of(theirs[0]), theirs[1].made[step.item][1])


def _under(
    step: Step,
    collection: Collection,
    ours: tuple[Mapping[str, Any], Side],
    theirs: tuple[Mapping[str, Any], Side],
) -> Iterator[Difference]:
    """Look whether an item says that it is of the one that it was made under."""
    for parent in collection.parents:
        values, right = [], []
        for item, side in (ours, theirs):
            wanted = side.places[collection.name].above.get(parent.parameter)
            values.append(at(item, parent.steps) if parent.steps else None)
            right.append(values[-1] is None or str(values[-1]) == str(wanted))
        if right == [True, False] and parent.steps:
            yield of_parent(step, ".".join(parent.steps), values[1])
