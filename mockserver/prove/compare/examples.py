"""The requests that a contract's examples make: items are made, read, listed, changed and deleted."""

from collections.abc import Iterator
from typing import Any

from mockserver.contract.operation import Operation
from mockserver.contract.parameters.examples import named_examples
from mockserver.prove.compare.journey import Journey
from mockserver.prove.compare.script import NOBODY, Script
from mockserver.prove.compare.steps import KNOWN, Step, Told, Walk
from mockserver.prove.credentials import asks_who
from mockserver.prove.line import SAFE_METHODS


def steps_of_examples(script: Script) -> Iterator[Step | Walk]:
    """Give the steps, one collection after another, and then what belongs to none."""
    seen: set[str] = set()
    for place in script.places:
        for step in Journey(script, place).steps():
            seen.add(step.operation.operation_id)
            yield step
    for operation in script.selected:
        if operation.operation_id not in seen:
            yield from _alone(script, operation)


def known_path(script: Script, operation: Operation) -> tuple[dict[str, Any], bool]:
    """Give the ids in a path that both sides know, and whether one is left to what the contract says."""
    names = [each.name for each in operation.parameters if each.location == "path"]
    known = [each for each in names if f"path.{each}" in script.known]
    return {each: Told(KNOWN, (f"path.{each}", 0)) for each in known}, known != names


def _alone(script: Script, operation: Operation) -> Iterator[Step]:
    """Ask an operation that belongs to no collection, once for each of its examples."""
    is_reading = operation.method.upper() in SAFE_METHODS
    if script.is_safe and not is_reading:
        return
    path, is_loose = known_path(script, operation)
    if not is_reading and (operation.method == "delete" or "{" in operation.path):
        text = f"Not asked: {operation.operation_id}; what it would change was not made here."
        return script.asker.note(text)
    query = {}
    for parameter in operation.parameters:
        values = list(named_examples(script.contract, parameter).values())
        if parameter.location == "query" and values:
            query[parameter.name] = values[0]
    wanted = [(f"the example {n}", script.bodies.refer(v)) for n, v in script.bodies.examples(operation)]
    if not wanted:
        body = script.bodies.sample(operation, f"{script.seed} alone") if operation.request_body else None
        wanted = [("what the contract allows", body)]
    name = operation.operation_id
    for number, (about, body) in enumerate(wanted):
        yield Step(f"{name} {number}", operation, about, path, query, body, is_loose=is_loose)
    if asks_who(script.contract, operation) and is_reading:
        about = "somebody who does not say who they are"
        yield Step(f"{name} of nobody", operation, about, path, query, manner=NOBODY)
