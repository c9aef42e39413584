"""Two answers to one request, held against each other: status, media type, headers and body."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.loading.defects import place_of
from mockserver.contract.media.bodies import Codec
from mockserver.contract.media.headers import HeaderText
from mockserver.contract.media.media_types import essence, match
from mockserver.contract.operation import Contract
from mockserver.contract.paths import PathTree
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import Resources, Role
from mockserver.prove.compare.differences import (
    Difference,
    of_body,
    of_header,
    of_listed,
    of_media_type,
    of_order,
    of_pages,
    of_status,
    of_violation,
)
from mockserver.prove.compare.shapes import Ignored, Shapes, SideName, kind_of
from mockserver.prove.compare.sides import Side
from mockserver.prove.compare.steps import Step
from mockserver.prove.compare.written import WrittenComparer
from mockserver.prove.journeys.asking import Answer
from mockserver.prove.journeys.pages import total_in

# Of these the value does not matter, or each side has its own; whether they are there does.
_ALWAYS_COMPARED = ("Location", "Allow", "WWW-Authenticate")
# What the mock says of itself, and what a server or a cache adds.
_NOT_DECLARED = frozenset({"content-type", "date", "server", "content-length", "link"})


class Comparer:
    """Tells what two answers differ in, and puts their bodies with all the others."""

    def __init__(self, contract: Contract, resources: Resources, shapes: Shapes, ignored: Ignored) -> None:
        self._contract, self._resources = contract, resources
        self._shapes, self._ignored = shapes, ignored
        self._tree = PathTree(contract.by_path)
        self._written = WrittenComparer(contract, shapes, ignored)

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
        if theirs.status == 405 and (operation.response(405) is None or not _is_declared(step)):
            return  # what a server says of a method that no contract has is its own affair
        types = [essence(_find(each, "content-type") or "") for each in (ours, theirs)]
        has_bodies = [bool(each.exchange.response_body) for each in (ours, theirs)]
        if has_bodies == [True, False] and step.method != "HEAD":
            yield of_body(operation, theirs.status)
            return
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
            yield from _totals(step, (ours.body, len(lists[0])), (theirs.body, len(lists[1])))
        items = [ours.item(role), theirs.item(role)]
        if items[0] is not None and items[1] is not None and step.item:
            yield from self._written.differences(step, role, collection, ours, theirs, mock, backend)

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


def _is_declared(step: Step) -> bool:
    return step.method in (step.operation.method.upper(), "HEAD")


def _schema_at(schema: Members, location: Sequence[str | int]) -> str:
    """Give the pointer of the schema that stands for a part of a body, or of the nearest one around it."""
    for step in location:
        inner = schema.items if isinstance(step, int) else schema.properties.get(step)
        if inner is None:
            break
        schema = inner
    return schema.identity if not location else schema.pointer


def _totals(step: Step, ours: tuple[Any, int], theirs: tuple[Any, int]) -> Iterator[Difference]:
    """Tell where one side says that a list, all of which is there, has another number of items."""
    if step.size is None or max(ours[1], theirs[1]) >= step.size or not theirs[1]:
        return
    totals = [total_in(body) for body, _ in (ours, theirs)]
    right = [total in (None, count) for total, (_, count) in zip(totals, (ours, theirs), strict=True)]
    if right == [True, False]:
        what = f"{step.about}: it lists {theirs[1]}, and says that there are {totals[1]}."
        yield of_pages("total_is_right", "the total is not what is listed", what, at_the_backend=True)


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
