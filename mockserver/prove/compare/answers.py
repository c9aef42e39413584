"""Two answers to one request, held against each other: status, media type, headers and body."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.loading.defects import place_of
from mockserver.contract.media.bodies import Codec
from mockserver.contract.media.headers import HeaderText
from mockserver.contract.media.media_types import essence, match
from mockserver.contract.operation import Contract
from mockserver.contract.paths import PathTree
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import Collection, Resources, Role
from mockserver.prove.compare.differences import (
    Difference,
    of_header,
    of_left_out,
    of_listed,
    of_media_type,
    of_order,
    of_reuse,
    of_status,
    of_value,
    of_violation,
)
from mockserver.prove.compare.shapes import Ignored, Shapes, SideName, kind_of
from mockserver.prove.compare.sides import Side, Whole
from mockserver.prove.compare.steps import Step
from mockserver.prove.journeys.alike import differing
from mockserver.prove.journeys.asking import Answer

# Of these the value does not matter, or each side has its own; whether they are there does.
_ALWAYS_COMPARED = ("Location", "Allow", "WWW-Authenticate")
# What the mock says of itself, and what a server or a cache adds.
_NOT_DECLARED = frozenset({"content-type", "date", "server", "content-length", "link"})
_FREE_TEXT = 4


class Comparer:
    """Tells what two answers differ in, and puts their bodies with all the others."""

    def __init__(self, contract: Contract, resources: Resources, shapes: Shapes, ignored: Ignored) -> None:
        self._contract, self._resources = contract, resources
        self._shapes, self._ignored = shapes, ignored
        self._tree = PathTree(contract.by_path)

    def differences(
        self, step: Step, ours: Answer, theirs: Answer, mock: Side, backend: Side
    ) -> Iterator[Difference]:
        operation = step.operation
        if ours.status != theirs.status:
            if not (step.is_loose and 404 in (ours.status, theirs.status)):
                yield of_status(step, ours.status, theirs.status, theirs.body)
            if ours.ok == theirs.ok:
                yield from self._contract_differences(step, theirs)
            return
        yield from self._headers(step, ours, theirs)
        types = [essence(_find(each, "content-type") or "") for each in (ours, theirs)]
        has_bodies = [bool(each.exchange.response_body) for each in (ours, theirs)]
        if types[0] != types[1] and (any(has_bodies) or step.method == "HEAD") and all(types):
            yield of_media_type(operation, theirs.status, *types)
            return
        if step.method == "HEAD":
            return
        yield from self._contract_differences(step, theirs)
        self._gather(step, ours, "mock")
        self._gather(step, theirs, "backend")
        yield from self._items(step, ours, theirs, mock, backend)

    def _headers(self, step: Step, ours: Answer, theirs: Answer) -> Iterator[Difference]:
        operation, status = step.operation, theirs.status
        declared = operation.response(status)
        names = {name.lower(): name for name in (declared.headers if declared else ())}
        names = {n: name for n, name in names.items() if n not in _NOT_DECLARED}
        for name in (*_ALWAYS_COMPARED[: 1 if status != 405 else 3], _ALWAYS_COMPARED[2]):
            names.setdefault(name.lower(), name)
        for name in names.values():
            one, other = _find(ours, name), _find(theirs, name)
            if (one is None) != (other is None) or (
                one is not None
                and other is not None
                and _outline(name, one, self._tree) != _outline(name, other, self._tree)
            ):
                yield of_header(operation, status, name, one, other)

    def _contract_differences(self, step: Step, theirs: Answer) -> Iterator[Difference]:
        """Tell how the backend breaks what is declared for its status; the mock does not."""
        operation, status = step.operation, theirs.status
        declared = operation.response(status) if step.method == operation.method.upper() else None
        if declared is None:
            return
        place = f"{place_of(operation.pointer)}.responses.{status}"
        for name, header in declared.headers.items():
            text = _find(theirs, name)
            if text is not None and header.pointer is not None and name.lower() not in _NOT_DECLARED:
                for each in HeaderText(header, self._contract).violations(text):
                    yield of_violation(
                        status, f"the header {name}", each.keyword, each.message, f"{place}.headers"
                    )
        content_type = _find(theirs, "content-type") or ""
        media_type = match(declared.content, essence(content_type)) if declared.content else None
        if media_type is None or media_type.pointer is None:
            return
        codec = Codec(essence(content_type), media_type.pointer, self._contract, "response")
        _, violations = codec.read(theirs.exchange.response_body, content_type)
        for each in violations:
            path = ".".join("*" if isinstance(part, int) else str(part) for part in each.location)
            if self._ignored.has(path):
                continue
            if each.keyword == "additionalProperties":
                continue  # that there is more than on the mock is told with what it is called
            self._shapes.breaks(operation.operation_id, status, path)
            schema = _schema_at(Members(self._contract.data, media_type.pointer), each.location)
            yield of_violation(status, path or "the body", each.keyword, each.message, place_of(schema))

    def _gather(self, step: Step, answer: Answer, side: SideName) -> None:
        declared = step.operation.response(answer.status)
        media_type = (
            match(declared.content, essence(_find(answer, "content-type") or "")) if declared else None
        )
        pointer = media_type.pointer if media_type is not None else None
        if answer.body is not None:
            self._shapes.add(step.operation.operation_id, answer.status, pointer, side, answer.body)

    def _items(
        self, step: Step, ours: Answer, theirs: Answer, mock: Side, backend: Side
    ) -> Iterator[Difference]:
        role = self._resources.roles.get(step.operation.operation_id)
        collection = self._resources.collections.get(role.collection) if role is not None else None
        if role is None or collection is None or not ours.ok or step.method != step.operation.method.upper():
            return
        lists = [ours.items(role), theirs.items(role)]
        is_narrowed = any(each.required and each.location != "path" for each in step.operation.parameters)
        if lists[0] is not None and lists[1] is not None and role.action == "list" and not is_narrowed:
            yield from self._listed(step, role, lists[0], lists[1], mock, backend)
        items = [ours.item(role), theirs.item(role)]
        if items[0] is not None and items[1] is not None and step.item:
            if role.action == "create":
                yield from _reused(step, mock, backend)
            yield from self._values(step, theirs.status, collection, role, items[0], items[1], mock, backend)

    def _listed(
        self,
        step: Step,
        role: Role,
        ours: Sequence[dict[str, Any]],
        theirs: Sequence[dict[str, Any]],
        mock: Side,
        backend: Side,
    ) -> Iterator[Difference]:
        names = [mock.names_of(role.collection, ours), backend.names_of(role.collection, theirs)]
        names = [[each for each in some if each in mock.made and each in backend.made] for some in names]
        if step.filtered_by is not None:
            # What an item has there that nobody sent, each side made up for itself.
            names = [
                [
                    each
                    for each in names[n]
                    if any(step.filtered_by in said for said in side.sent.get(each, ()))
                ]
                for n, side in enumerate((mock, backend))
            ]
        whole = [step.size is None or len(each) < step.size for each in (ours, theirs)]
        # What a full page lacks may be on the next one.
        only_ours = [each for each in names[0] if each not in names[1]] if whole[1] else []
        only_theirs = [each for each in names[1] if each not in names[0]] if whole[0] else []
        if only_ours or only_theirs:
            yield of_listed(step, only_ours, only_theirs)
        elif step.sorted_by is None:
            made = [[[*side.made].index(each) for each in names[n]] for n, side in enumerate((mock, backend))]
            orders = [_order_of(each) for each in made]
            if {*orders} == {"ascending", "descending"}:
                told = ["the oldest first" if each == "ascending" else "the newest first" for each in orders]
                yield of_order(step.about, "the list", *told)
        else:
            orders = [_order_of([each.get(step.sorted_by) for each in items]) for items in (ours, theirs)]
            if orders[0] != orders[1] and "alike" not in orders:
                yield of_order(step.about, step.kind or step.about, *orders)

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
        for name in dict.fromkeys(name for each in sent[0] for name in each):
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


def _schema_at(schema: Members, location: Sequence[str | int]) -> str:
    """Give the pointer of the schema that stands for a part of a body, or of the nearest one around it."""
    for step in location:
        inner = schema.items if isinstance(step, int) else schema.properties.get(step)
        if inner is None:
            break
        schema = inner
    return schema.identity if not location else schema.pointer


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


def _order_of(values: Sequence[Any]) -> str:
    """Say in which order some values are; however texts are compared, if that makes an order of them."""
    plain = [each for each in values if isinstance(each, str | int | float)]
    if len({str(each) for each in plain}) < 2 or len({kind_of(each) for each in plain}) > 1:
        return "alike"
    for as_compared in (
        lambda v: v,
        lambda v: str(v).casefold(),
        lambda v: re.sub(r"[\W_]", "", str(v)).casefold(),
    ):
        compared = [as_compared(each) if isinstance(each, str) else each for each in plain]
        if compared == sorted(compared):
            return "ascending"
        if compared == sorted(compared, reverse=True):
            return "descending"
    return "in no order"


def _find(answer: Answer, wanted: str) -> str | None:
    lower = wanted.lower()
    return next((v for name, v in answer.exchange.response_headers if name.lower() == lower), None)


def _outline(name: str, value: str, tree: PathTree) -> Any:
    """Give of a header what both sides should have; of most only that it is there."""
    match name.lower():
        case "allow":
            methods = {each.strip().upper() for each in value.split(",")}
            return methods - {"HEAD", "OPTIONS", ""}
        case "www-authenticate":
            return value.partition(" ")[0].lower()
        case "location":
            return path_asked(tree, urlsplit(value).path)
    return None


def path_asked(tree: PathTree, path: str) -> str | None:
    """Find which path of a contract is meant, whatever base path stands before it."""
    segments = path.split("/")
    tails = ("/" + "/".join(segments[at:]) for at in range(1, len(segments)))
    return next((found[0] for tail in tails if (found := tree.match(tail))), None)
