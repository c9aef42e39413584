"""Verdicts held against values: what is told to break nobody is still taken, or was always to be expected."""

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.changes.comparison import compare
from mockserver.contract.loading.document import load, parse_file
from mockserver.contract.operation import Contract
from mockserver.contract.samples.samples import Unsatisfiable
from tests.conftest import SHIPPED

SCHEMAS = parse_file(SHIPPED)["components"]["schemas"]
KEYWORDS: list[tuple[str, Any]] = [
    *[("type", each) for each in ("string", "integer", "object", ["string", "null"])],
    *[("maxLength", 3), ("minLength", 30), ("maximum", 10), ("minimum", 5), ("maxItems", 1), ("minItems", 2)],
    *[("enum", ["a", "b"]), ("const", "q"), ("pattern", "^a"), ("required", ["id", "name"])],
    *[("additionalProperties", False), ("oneOf", [{"type": "string"}, {"type": "integer"}])],
    *[("allOf", [{"required": ["id"]}]), ("anyOf", [{"required": ["id"]}, {"required": ["name"]}])],
]


def contract_of(folder: Path, schemas: Any) -> Contract:
    """Write a contract that takes and gives every schema, each in an operation that is called after it."""
    paths = {}
    for name in schemas:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        response = {"description": "Success.", "content": content}
        operation = {"operationId": name, "requestBody": {"content": content}, "responses": {"200": response}}
        paths[f"/{name}"] = {"post": operation}
    info = {"title": "All schemas", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}
    (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    return load(folder / "openapi.json")


def mutated(seed: int) -> Any:
    chance = random.Random(seed)
    schemas = deepcopy(SCHEMAS)
    for schema in chance.sample([*_schemas_in(schemas)], 2):
        if schema and chance.random() < 0.4:
            del schema[chance.choice([*schema])]
        else:
            keyword, value = chance.choice(KEYWORDS)
            schema[keyword] = deepcopy(value)
    return schemas


def _schemas_in(node: Any) -> Any:
    if isinstance(node, dict):
        if {"type", "$ref", "anyOf", "properties"} & node.keys():
            yield node
        for each in node.values():
            yield from _schemas_in(each)
    elif isinstance(node, list):
        for each in node:
            yield from _schemas_in(each)


@pytest.mark.parametrize("seed", range(12))
def test_what_breaks_nobody_refuses_no_value_that_was_right(seed, tmp_path):
    one, other = contract_of(tmp_path, SCHEMAS), contract_of(tmp_path, mutated(seed))

    for old, new in ((one, other), (other, one)):
        changes = compare(old, new)
        # Writers send what the old contract takes, and readers hold new answers to what it said.
        for side, sent, held in (("request", old, new), ("response", new, old)):
            told = {
                touched.operation_id
                for change in changes
                if change.kind.startswith(side) and change.severity in ("breaking", "may-break")
                for touched in change.touched
            }
            for name in SCHEMAS.keys() - told:
                for value in values_of(sent, name, side):
                    assert held.schemas.at(f"/components/schemas/{name}", side).violations(value) == []


def values_of(contract: Contract, name: str, side: Any) -> list[Any]:
    """Make values that a schema allows; none where it allows none."""
    pointer = f"/components/schemas/{name}"
    try:
        values = [contract.samples.sample(pointer, seed, side) for seed in ("a", "b")]
    except Unsatisfiable:
        return []
    return [value for value in values if contract.schemas.at(pointer, side).violations(value) == []]
