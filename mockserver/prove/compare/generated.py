"""Requests that are made up from a seed: good ones at the limits of the contract, and such as break it."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.operation import Operation
from mockserver.contract.resources.finding import find_resources
from mockserver.contract.resources.list_parameters import QueryPart, read_query_parts
from mockserver.contract.resources.roles import Action, Role
from mockserver.prove.compare.examples import known_path
from mockserver.prove.compare.journey import Journey
from mockserver.prove.compare.script import ALLOWED, Script
from mockserver.prove.compare.steps import MADE, Step, Told, Walk
from mockserver.prove.journeys.asking import Manner

_PAGING = 1000


def steps_generated(script: Script, most: int) -> Iterator[Step | Walk]:
    """Give the steps, at most so many for each operation."""
    for place in script.places:
        journey = Journey(script, place)
        for action, way in place.ways.items():
            chosen = _some(list(_requests(script, journey, action)), most, f"{script.seed} {action}")
            if not chosen:
                continue
            item = f"{journey.one} for {way.operation.operation_id}"
            if action in ("change", "replace"):
                if "create" not in place.ways:
                    continue
                body = script.bodies.sample(place.ways["create"].operation, f"{script.seed} {item}")
                yield journey.create(f"for {way.operation.operation_id}", "a new item", body)
            for step in chosen:
                yield step
                if action == "create" and step.item and "delete" in place.ways:
                    yield Step(
                        f"delete {step.item}",
                        place.ways["delete"].operation,
                        "an item that was made",
                        journey.item_path("delete", Told(MADE, (step.item,))),
                        item=step.item,
                    )
    visited = {way.operation.operation_id for place in script.places for way in place.ways.values()}
    for operation in script.selected:
        if operation.operation_id not in visited and operation.method == "get":
            yield from _some(list(_asked(script, operation)), most, f"{script.seed} {operation.operation_id}")


def _asked(script: Script, operation: Operation) -> Iterator[Step]:
    """Ask what belongs to no collection that is visited, with each of its parameters."""
    path, is_loose = known_path(script, operation)
    parts = {each.name: each for each in read_query_parts(script.contract.data, operation)}
    role = find_resources(script.contract).roles.get(operation.operation_id)
    for step in _queries(operation, parts, role, path):
        about = step.about.removeprefix("the list ")
        kind = step.kind.removeprefix("the list ")
        name = f"{operation.operation_id} {about}"
        yield replace(step, name=name, about=about, kind=kind, is_loose=is_loose)


def _requests(script: Script, journey: Journey, action: Action) -> Iterator[Step]:
    operation = journey.place.ways[action].operation
    if action == "list":
        yield from _queries(operation, journey.parts, journey.place.ways["list"].role, journey.above())
    elif action == "read" or script.is_safe:
        return
    elif action == "create":
        for number, (about, kind, body, manner) in enumerate(_bodies(script, operation)):
            item, name = f"{journey.one} tried {number}", f"{operation.operation_id}, tried {number}"
            yield Step(
                name,
                operation,
                about,
                journey.above(),
                body=body,
                manner=manner,
                item=item,
                writes=body,
                kind=kind,
            )
    elif action in ("change", "replace"):
        item = f"{journey.one} for {operation.operation_id}"
        path = journey.item_path(action, Told(MADE, (item,)))
        for number, (about, kind, body, manner) in enumerate(_bodies(script, operation)):
            name = f"{operation.operation_id}, tried {number}"
            yield Step(
                name, operation, about, path, body=body, manner=manner, item=item, writes=body, kind=kind
            )


def _bodies(script: Script, operation: Operation) -> Iterator[tuple[str, str, Any, Manner]]:
    if operation.request_body is None:
        return
    seed, plain = f"{script.seed} {operation.operation_id}", Manner()
    for about, body in script.bodies.good(operation, seed):
        yield f"a body {about}", ALLOWED, body, plain
    for number in range(3):
        body = script.bodies.sample(operation, f"{seed} {number}", number)
        if body is not None:
            yield "a body that was made up", ALLOWED, body, plain
    for name, about, body in script.bodies.bad(operation, seed):
        yield f"a body {about}", f"a body whose {name} breaks the contract", body, plain
    yield "a body that is no JSON", "", None, Manner(content=b'{"x": ')
    yield "a body of another media type", "", None, Manner(content=b"x", media_type="text/x-unknown")
    if operation.request_body.required:
        yield "an empty body", "", None, Manner(content=b"")


def _queries(
    operation: Operation, parts: Mapping[str, QueryPart], role: Role | None, path: Mapping[str, Any]
) -> Iterator[Step]:
    meant = role.parameters if role is not None else ()
    paging = {each.name for each in meant if each.meaning in ("page", "offset")}
    for name, part in parts.items():
        if part.member is not None:
            continue
        for value in (*_good(part, is_paging=name in paging), *_bad(part)):
            about = f"the list with {name}={value}"
            yield Step(about, operation, about, path, {name: value}, size=1, kind=f"the list with {name}")


def _good(part: QueryPart, *, is_paging: bool) -> Iterator[Any]:
    yield from part.choices
    if part.schema is None:
        return
    limits = [part.schema.says(each) for each in ("minimum", "maximum")]
    yield from (each for each in limits if isinstance(each, int | float))
    if is_paging and {"integer", "number"} & {*part.schema.types} and limits[1] is None:
        yield _PAGING


def _bad(part: QueryPart) -> Iterator[Any]:
    schema = part.schema
    if schema is None:
        return
    if "string" not in schema.types and {"integer", "number", "boolean"} & {*schema.types}:
        yield "nonsense"
    if part.choices and "array" not in schema.types:
        yield "nonsense"
    least, most = schema.says("minimum"), schema.says("maximum")
    if isinstance(least, int | float):
        yield least - 1
    if isinstance(most, int | float):
        yield most + 1


def _some(steps: list[Step], most: int, seed: str) -> list[Step]:
    """Choose so many of some steps, the same ones for the same seed, in their order."""
    if len(steps) <= most:
        return steps
    chosen = set(random.Random(seed).sample(range(len(steps)), most))
    return [each for number, each in enumerate(steps) if number in chosen]
