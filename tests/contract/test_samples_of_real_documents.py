"""
Samples of documents that others wrote: of their schemas, in both directions, and two validators agree.

They lie beside the project, in ``../shared/contracts``; without them there is nothing to test here.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import orjson
import pytest
import referencing
import referencing.jsonschema

from mockserver.contract.loading.document import load
from mockserver.contract.lowering import ROOT as URN
from mockserver.contract.lowering import lower, moved
from mockserver.contract.operation import Contract
from mockserver.contract.pointers import escape
from mockserver.contract.samples.samples import Unsatisfiable
from mockserver.errors import MockServerError
from tests.conftest import ROOT

CONTRACTS = ROOT.parent / "shared" / "contracts"
SEEDS = ("a#0", "a#1", "b")
BIG = 30_000
MOST = 300


@cache
def contract_of(path: Path) -> Contract | None:
    try:
        return load(path)
    except MockServerError:
        return None


DOCUMENTS = [
    path
    for path in (ROOT / "openapi.yaml", *sorted(CONTRACTS.glob("**/*")))
    if path.suffix in (".json", ".yaml", ".yml") and path.is_file() and contract_of(path) is not None
]


def pointers_of(contract: Contract) -> Iterator[str]:
    """Give the pointers of every component, and of every body, parameter and header."""
    for name in contract.data.get("components", {}).get("schemas", {}):
        yield f"/components/schemas/{escape(name)}"
    for operation in contract.operations:
        yield from (each.pointer for each in operation.parameters if each.pointer)
        bodies = [operation.request_body] if operation.request_body else []
        for body in (*bodies, *operation.responses.values()):
            yield from (each.pointer for each in body.content.values() if each.pointer)
        for response in operation.responses.values():
            yield from (each.pointer for each in response.headers.values() if each.pointer)


def components_of(path: Path) -> dict[str, Any]:
    contract = contract_of(path)
    assert contract is not None
    return contract.data.get("components", {}).get("schemas", {})


def objects_of(path: Path) -> list[str]:
    """Give the pointers of the components that are objects."""
    return [
        f"/components/schemas/{escape(name)}"
        for name, schema in components_of(path).items()
        if isinstance(schema, dict) and "properties" in schema
    ]


# What has none of a kind has nothing to try, and is not among those that pass.
WITH_SCHEMAS = [path for path in DOCUMENTS if next(pointers_of(contract_of(path)), None)]
WITH_COMPONENTS = [path for path in DOCUMENTS if components_of(path)]
WITH_OBJECTS = [path for path in DOCUMENTS if objects_of(path)]


def test_most_documents_have_something_to_try():
    assert DOCUMENTS
    for some in (WITH_SCHEMAS, WITH_COMPONENTS, WITH_OBJECTS):
        assert len(some) >= 0.75 * len(DOCUMENTS)


def sampled(contract: Contract) -> Iterator[tuple[str, Any, Any]]:
    pointers = list(dict.fromkeys(pointers_of(contract)))
    for pointer in pointers[:: max(1, len(pointers) // MOST)]:
        for direction in ("request", "response"):
            for seed in SEEDS:
                try:
                    yield pointer, direction, contract.samples.sample(pointer, seed, direction)
                except Unsatisfiable as unsatisfiable:
                    yield pointer, direction, unsatisfiable


@pytest.mark.parametrize("path", WITH_SCHEMAS, ids=lambda path: path.name)
def test_nearly_every_schema_has_samples_that_are_valid(path):
    contract = contract_of(path)

    made = list(sampled(contract))

    assert made
    failed = {pointer for pointer, _, value in made if isinstance(value, Unsatisfiable)}
    for pointer, direction, value in made:
        if pointer not in failed:
            assert contract.schemas.at(pointer, direction).is_valid(value), pointer
            assert len(orjson.dumps(value)) < BIG, pointer
    # Those that fail are of test documents that contradict themselves on purpose, and one empty enum.
    assert len(failed) <= 2, sorted(failed)


@pytest.mark.parametrize("path", WITH_OBJECTS, ids=lambda path: path.name)
def test_an_empty_item_and_a_complete_one_are_completed_to_valid_ones(path):
    contract = contract_of(path)

    for pointer in objects_of(path):
        whole = contract.samples.complete(pointer, {}, "a")
        assert contract.schemas.at(pointer, "response").is_valid(whole), pointer
        assert contract.samples.complete(pointer, whole, "b") == whole, pointer
        some = {key: value for key, value in whole.items() if len(key) % 2}
        again = contract.samples.complete(pointer, {**some, "x-mock-note": 1}, "a")
        assert contract.schemas.at(pointer, "response").is_valid(again), pointer
        assert "x-mock-note" not in again


@pytest.mark.parametrize("path", WITH_COMPONENTS, ids=lambda path: path.name)
def test_a_second_validator_agrees(path):
    contract = contract_of(path)
    names = list(components_of(path))
    lowered = lower(contract.data, contract.data, contract.dialect, "response")

    for name in names[:: max(1, len(names) // 25)]:
        pointer = f"/components/schemas/{escape(name)}"
        resource = referencing.jsonschema.DRAFT202012.create_resource(lowered)
        validator = jsonschema.Draft202012Validator(
            {"$ref": f"{URN}#{quote(moved(lowered, pointer))}"},
            registry=referencing.Registry().with_resource(URN, resource),
        )
        for seed in SEEDS:
            assert list(validator.iter_errors(contract.samples.sample(pointer, seed))) == [], pointer
