"""OpenAPI 3.0 and 3.1 say some things differently; what means the same is answered the same."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from mockserver.serve.assembly import Setup
from tests.conftest import Api, in_process


@dataclass(frozen=True)
class Twins:
    """One schema in the words of both versions, with values that it takes and values that it refuses."""

    in_3_0: Any
    in_3_1: Any
    taken: tuple[Any, ...]
    refused: tuple[Any, ...]


COMPONENTS = {
    "Name": {"type": "string", "minLength": 1},
    "Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
    "Number": {"type": "integer", "readOnly": True},
    "Stored": {
        "type": "object",
        "properties": {"id": {"type": "string", "readOnly": True}, "name": {"type": "string"}},
    },
}

NAME, PET = {"$ref": "#/components/schemas/Name"}, {"$ref": "#/components/schemas/Pet"}
NULL = {"type": "null"}
ACCOUNT = {
    "type": "object",
    "required": ["id", "password"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "password": {"type": "string", "writeOnly": True},
    },
}

TWINS = {
    "a nullable string": Twins(
        {"type": "string", "nullable": True},
        {"type": ["string", "null"]},
        taken=("", "a", None),
        refused=(5, []),
    ),
    "a string that is said not to be nullable": Twins(
        {"type": "string", "nullable": False}, {"type": "string"}, taken=("a",), refused=(None,)
    ),
    "a nullable enum": Twins(
        {"type": "string", "enum": ["a", "b"], "nullable": True},
        {"type": ["string", "null"], "enum": ["a", "b", None]},
        taken=("a", None),
        refused=("c", 5),
    ),
    "a nullable reference, by allOf": Twins(
        {"allOf": [PET], "nullable": True},
        {"anyOf": [NULL, {"allOf": [PET]}]},
        taken=(None, {"name": "Rex"}),
        refused=({}, "Rex"),
    ),
    "a nullable choice": Twins(
        {"oneOf": [PET, NAME], "nullable": True},
        {"anyOf": [NULL, {"oneOf": [PET, NAME]}]},
        taken=(None, "Rex", {"name": "Rex"}),
        refused=("", 5),
    ),
    "a nullable format": Twins(
        {"type": "string", "format": "date-time", "nullable": True},
        {"anyOf": [{"type": "string", "format": "date-time"}, NULL]},
        taken=(None, "2026-01-01T00:00:00Z"),
        refused=("", "yesterday", "2026-01-01"),
    ),
    "nullable deep inside": Twins(
        {
            "type": "array",
            "items": {"type": "object", "properties": {"a": {"type": "integer", "nullable": True}}},
        },
        {"type": "array", "items": {"type": "object", "properties": {"a": {"type": ["integer", "null"]}}}},
        taken=([], [{}, {"a": 1}, {"a": None}]),
        refused=([None], [{"a": "1"}]),
    ),
    "more than a number": Twins(
        {"type": "number", "minimum": 1, "exclusiveMinimum": True},
        {"type": "number", "exclusiveMinimum": 1},
        taken=(1.1, 2),
        refused=(1, 0),
    ),
    "less than a number": Twins(
        {"type": "number", "maximum": 1, "exclusiveMaximum": True},
        {"type": "number", "exclusiveMaximum": 1},
        taken=(0.9, -5),
        refused=(1, 2),
    ),
    "a minimum that is said not to be exclusive": Twins(
        {"type": "integer", "minimum": 1, "exclusiveMinimum": False},
        {"type": "integer", "minimum": 1},
        taken=(1,),
        refused=(0,),
    ),
    "exclusive without a minimum": Twins(
        {"type": "integer", "exclusiveMinimum": True}, {"type": "integer"}, taken=(-5, 0), refused=("0",)
    ),
    "what stands beside a reference": Twins(
        {**NAME, "minLength": 5, "nullable": True}, NAME, taken=("a",), refused=("", None)
    ),
    "int32": Twins(
        {"type": "integer", "format": "int32"},
        {"type": "integer", "format": "int32"},
        taken=(-(2**31), 2**31 - 1),
        refused=(-(2**31) - 1, 2**31, 2.5),
    ),
    "int32 with narrower and wider bounds": Twins(
        {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**40},
        {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**40},
        taken=(0, 2**31 - 1),
        refused=(-1, 2**31),
    ),
    "nullable int32": Twins(
        {"type": "integer", "format": "int32", "nullable": True},
        {"type": ["integer", "null"], "format": "int32"},
        taken=(None, 5),
        refused=(2**31,),
    ),
    "nullable int32, null first": Twins(
        {"type": "integer", "format": "int32", "nullable": True},
        {"type": ["null", "integer"], "format": "int32"},
        taken=(None, 5),
        refused=(2**31,),
    ),
    "int64": Twins(
        {"type": "integer", "format": "int64"},
        {"type": "integer", "format": "int64"},
        taken=(-(2**63), 2**63 - 1),
        refused=(2**63, 2**64, 10**30),
    ),
    "a double": Twins(
        {"type": "number", "format": "double"},
        {"type": "number", "format": "double"},
        taken=(1, 1e300),
        refused=("1",),
    ),
    "a uuid": Twins(
        {"type": "string", "format": "uuid"},
        {"type": "string", "format": "uuid"},
        taken=("123e4567-e89b-12d3-a456-426614174000",),
        refused=("", "123e4567"),
    ),
    "what only the mock may write": Twins(
        {
            "type": "object",
            "required": ["id", "number", "name"],
            "properties": {
                "id": {"type": "string", "readOnly": True},
                "number": {"$ref": "#/components/schemas/Number"},
                "name": {"type": "string"},
            },
        },
        {
            "type": "object",
            "required": ["id", "number", "name"],
            "properties": {
                "id": {"type": "string", "readOnly": True},
                "number": {"$ref": "#/components/schemas/Number"},
                "name": {"type": "string"},
            },
        },
        taken=({"name": "a"},),
        refused=({"id": "a"}, {}),
    ),
    "what only the mock may write, told in another part": Twins(
        {"allOf": [{"$ref": "#/components/schemas/Stored"}, {"required": ["id", "name"]}]},
        {"allOf": [{"$ref": "#/components/schemas/Stored"}], "required": ["id", "name"]},
        taken=({"name": "a"}, {"id": "a", "name": "a"}),
        refused=({"id": "a"}, {}),
    ),
    "properties whose names are keywords": Twins(
        {
            "type": "object",
            "required": ["default", "example", "nullable"],
            "properties": {
                "default": {"type": "string", "nullable": True},
                "example": {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
                "nullable": {"type": "boolean"},
            },
        },
        {
            "type": "object",
            "required": ["default", "example", "nullable"],
            "properties": {
                "default": {"type": ["string", "null"]},
                "example": {"type": "integer", "exclusiveMinimum": 1},
                "nullable": {"type": "boolean"},
            },
        },
        taken=({"default": None, "example": 2, "nullable": True},),
        refused=({"default": None, "example": 1, "nullable": True}, {"default": None, "example": 2}),
    ),
}

# What 3.1 alone can say.
ONLY_3_1 = {
    "const": ({"const": "a"}, ["a"], ["b", None]),
    "a list of types": ({"type": ["string", "integer"]}, ["a", 5], [None, 1.5]),
    "if and then": (
        {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}},
        [{"a": 1, "b": 1}, {"c": 1}],
        [{"a": 1}, {}],
    ),
    "prefixItems": (
        {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
        [[], ["a"], ["a", 1]],
        [[1], ["a", 1, 2]],
    ),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, [{}, {"a": 1, "b": 1}], [{"a": 1}]),
    "dependentSchemas": (
        {"dependentSchemas": {"a": {"required": ["b"]}}},
        [{}, {"a": 1, "b": 1}],
        [{"a": 1}],
    ),
    "unevaluatedProperties": (
        {"allOf": [PET], "properties": {"age": {"type": "integer"}}, "unevaluatedProperties": False},
        [{"name": "Rex"}, {"name": "Rex", "age": 5}],
        [{"name": "Rex", "colour": "red"}],
    ),
    "unevaluatedItems": (
        {"allOf": [{"prefixItems": [{"type": "string"}]}], "unevaluatedItems": False},
        [["a"]],
        [["a", "b"]],
    ),
    "propertyNames": ({"propertyNames": {"pattern": "^[a-z]+$"}}, [{"a": 1}], [{"A": 1}]),
    "contains": ({"contains": {"type": "integer"}, "maxContains": 1}, [["a", 1]], [["a"], [1, 2]]),
    "more than a reference": ({**NAME, "minLength": 5}, ["abcde"], ["a", "", 5]),
    "no schema that holds": ({"properties": {"a": False}}, [{}], [{"a": 1}]),
}

# Answers, by the schema in the words of both versions, and whether the example keeps it.
ANSWERS = {
    "null where it may be": (
        {"type": "string", "nullable": True},
        {"type": ["string", "null"]},
        None,
        True,
    ),
    "null where it may not be": ({"type": "string"}, {"type": "string"}, None, False),
    "what is more than a limit": (
        {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
        {"type": "integer", "exclusiveMinimum": 1},
        2,
        True,
    ),
    "the limit itself": (
        {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
        {"type": "integer", "exclusiveMinimum": 1},
        1,
        False,
    ),
    "nothing that only a client may write": (ACCOUNT, ACCOUNT, {"id": "a"}, True),
    "nothing that only the mock may write": (ACCOUNT, ACCOUNT, {"password": "a"}, False),
}


def slug(name: str) -> str:
    return f"/{name.replace(' ', '-').replace(',', '')}"


def document(version: str, taken: dict[str, Any], given: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    """Give a contract with a path for each schema that it takes, and one for each that it answers with."""
    paths: dict[str, Any] = {}
    for name, schema in taken.items():
        body = {"required": True, "content": {"application/json": {"schema": schema}}}
        query = {"name": "value", "in": "query", "content": {"application/json": {"schema": schema}}}
        paths[slug(name)] = {
            "post": {"requestBody": body, "responses": {"200": {"description": "Done."}}},
            "get": {"parameters": [query], "responses": {"200": {"description": "Done."}}},
        }
    for name, (schema, example) in given.items():
        content = {"application/json": {"schema": schema, "example": example}}
        paths[slug(name)] = {"get": {"responses": {"default": {"description": "It.", "content": content}}}}
    return {
        "openapi": version,
        "info": {"title": version, "version": "1"},
        "paths": paths,
        "components": {"schemas": COMPONENTS},
    }


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> Iterator[tuple[Api, Api]]:
    """Serve the twins: the one in 3.0, and the one in 3.1."""
    folder = tmp_path_factory.mktemp("twins")
    old, new = folder / "old.json", folder / "new.json"
    taken = {name: twins.in_3_0 for name, twins in TWINS.items()}
    given = {name: (old_one, example) for name, (old_one, _, example, _) in ANSWERS.items()}
    old.write_text(json.dumps(document("3.0.3", taken, given)))
    taken = {name: twins.in_3_1 for name, twins in TWINS.items()}
    taken |= {name: schema for name, (schema, _, _) in ONLY_3_1.items()}
    given = {name: (new_one, example) for name, (_, new_one, example, _) in ANSWERS.items()}
    new.write_text(json.dumps(document("3.1.0", taken, given)))
    with in_process(Setup(contract=old)) as in_3_0, in_process(Setup(contract=new)) as in_3_1:
        yield in_3_0, in_3_1


def ask(api: Api, method: str, name: str, value: Any) -> tuple[int, Any, Any]:
    """Send a value in a body or a query; gives the status, and what is said to be wrong."""
    text = json.dumps(value)
    if method == "GET":
        answer = api.get(slug(name), params={"value": text})
    else:
        answer = api.post(slug(name), content=text, headers={"Content-Type": "application/json"})
    told = answer.json() if answer.content else {}
    return answer.status_code, told.get("detail"), told.get("errors")


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("name", TWINS)
def test_both_versions_take_and_refuse_the_same_values_in_the_same_words(both, name, method):
    in_3_0, in_3_1 = both

    for value in TWINS[name].taken:
        assert ask(in_3_0, method, name, value) == ask(in_3_1, method, name, value) == (200, None, None)
    for value in TWINS[name].refused:
        status, _, errors = refused = ask(in_3_0, method, name, value)
        assert (status, bool(errors)) == (422, True)
        assert refused == ask(in_3_1, method, name, value)


@pytest.mark.parametrize("name", ANSWERS)
def test_both_versions_answer_the_same_and_hold_answers_against_the_same_schema(both, name):
    *_, example, is_fine = ANSWERS[name]

    answers = [api.get(slug(name)) for api in both]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json() == example) == is_fine  # a sample mends what is broken


@pytest.mark.parametrize("name", ONLY_3_1)
def test_what_3_1_alone_can_say_is_kept(both, name):
    _, in_3_1 = both
    _, taken, refused = ONLY_3_1[name]

    for value in taken:
        assert ask(in_3_1, "POST", name, value) == (200, None, None)
    for value in refused:
        status, _, errors = ask(in_3_1, "POST", name, value)
        assert (status, bool(errors)) == (422, True)


@pytest.mark.parametrize(("version", "status"), [("3.0.3", 200), ("3.1.0", 422)])
def test_a_keyword_beside_a_reference_counts_in_3_1_alone(tmp_path, version, status):
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(version, {"name": {**NAME, "minLength": 5}}, {})))

    with in_process(Setup(contract=path)) as api:
        assert ask(api, "POST", "name", "abc")[0] == status
        assert ask(api, "POST", "name", "abcde")[0] == 200
        assert ask(api, "POST", "name", "")[0] == 422


@pytest.mark.parametrize(
    ("version", "knows_nullable"),
    [("3.0.0", True), ("3.0.4", True), ("3.1.0", False), ("3.1.1", False), ("3.1.0-rc1", False)],
)
def test_every_patch_of_a_version_is_read_as_that_version(tmp_path, version, knows_nullable):
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(version, {"value": {"type": "string", "nullable": True}}, {})))

    with in_process(Setup(contract=path)) as api:
        status, _, _ = ask(api, "POST", "value", None)

    assert status == (200 if knows_nullable else 422)
