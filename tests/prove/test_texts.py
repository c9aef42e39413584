"""What cannot be told from text: types in forms, nested values in styles."""

import pytest

from mockserver.contract.operation import Contract, read_operations
from mockserver.prove.texts import (
    FORMS,
    has_unwritable_values,
    is_empty,
    is_unwritable,
    schema_at,
    takes_any_text,
)


def contract_of(schema, **parameter) -> Contract:
    data = {
        "paths": {
            "/a": {"get": {"parameters": [{"name": "p", "in": "query", "schema": schema, **parameter}]}}
        },
        "components": {
            "schemas": {"Name": {"type": "string"}, "Loop": {"$ref": "#/components/schemas/Name"}}
        },
    }
    return Contract("c.yaml", b"", data, "3.1", "", tuple(read_operations(data)))


@pytest.mark.parametrize(
    ("schema", "takes"),
    [
        ({}, True),
        ({"type": "string"}, True),
        ({"type": ["integer", "string"]}, True),
        ({"type": "array", "items": {"type": "string"}}, True),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, True),
        ({"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Name"}}}, True),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, True),
        ({"type": "integer"}, False),
        ({"type": "boolean"}, False),
        ({"type": "string", "format": "uuid"}, False),
        ({"type": "string", "format": "binary"}, True),
        ({"type": "string", "enum": ["a"]}, False),
        ({"type": "array", "items": {"type": "integer"}}, False),
        ({"type": "object", "properties": {"a": {"type": "number"}}}, False),
        ({"allOf": [{"type": "string"}, {"pattern": "a"}]}, False),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, False),
    ],
)
def test_only_what_takes_every_text_hides_a_wrong_type(schema, takes):
    assert takes_any_text(contract_of({}), schema) is takes


def test_a_schema_is_found_inside_another_through_references():
    contract = contract_of({"type": "object", "properties": {"a/b": {"$ref": "#/components/schemas/Loop"}}})
    pointer = contract.operations[0].parameters[0].pointer

    assert schema_at(contract, pointer, "/properties/a~1b") == {"type": "string"}
    assert schema_at(contract, pointer, "/properties/unknown")["a/b"]


@pytest.mark.parametrize(
    ("kind", "parameter", "text", "unwritable"),
    [
        ("object", {"style": "form", "explode": False}, "a,1,b,2", False),
        ("object", {"style": "form", "explode": False}, "a,1,b", True),
        ("object", {"style": "form", "explode": False}, "a,{'b': 1}", True),
        ("array", {"style": "form", "explode": False}, "a,b,c", False),
        ("array", {"style": "form", "explode": False}, "a,[1]", True),
        ("object", {"style": "label", "explode": True}, ".a=1.b=2", False),
        ("object", {"style": "label", "explode": True}, ".a=1.5", True),
        ("string", {"style": "form"}, "{[", False),
    ],
)
def test_nested_values_and_separators_have_no_form_in_a_style(kind, parameter, text, unwritable):
    contract = contract_of({"type": kind}, **parameter)
    sent = {"query": {"p": text}}

    assert is_unwritable(contract, contract.operations[0], sent) is unwritable


@pytest.mark.parametrize(
    ("kind", "value", "unwritable"),
    [
        ("array", ["a"], False),
        ("array", ["a", "b", 1, True], False),
        ("array", [], True),
        ("array", [None], True),
        ("array", ["a", ["b"]], True),
        ("array", [{"a": 1}], True),
        ("array", ["{'a': 1}"], True),
        ("object", {"a": "b"}, True),
    ],
)
def test_of_a_list_that_is_still_one_only_the_members_can_be_unwritable(kind, value, unwritable):
    contract = contract_of({"type": kind})
    sent = {"query": {"p": value}}

    assert is_unwritable(contract, contract.operations[0], sent) is unwritable


def test_a_value_in_json_can_be_written_whatever_it_is():
    contract = contract_of({"type": "object"})
    parameters = [
        {"name": "p", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}
    ]
    data = {"paths": {"/a": {"get": {"parameters": parameters}}}}
    (operation,) = read_operations(data)

    assert not is_unwritable(contract, operation, {"query": {"p": '{"a": {}}'}})


@pytest.mark.parametrize(
    ("form", "urlencoded", "multipart"),
    [
        ({"a": "b", "c": ["d", "e"]}, False, False),
        ({"a": []}, True, True),
        ({"a": {}}, True, True),
        ({"a": {"b": 1}}, True, False),
        ({"a": [{"b": 1}]}, True, False),
        ("a", False, False),
    ],
)
def test_a_form_has_no_one_way_to_write_some_values(form, urlencoded, multipart):
    assert [has_unwritable_values(form, media_type) for media_type in FORMS] == [urlencoded, multipart]


@pytest.mark.parametrize(
    ("body", "inner", "empty"),
    [
        ({"tags": ""}, "/properties/tags", True),
        ({"tags": {}}, "/properties/tags/type", False),
        ({"a/b": {"c": []}}, "/properties/a~1b/properties/c", True),
        ({"tags": "x"}, "/properties/tags", False),
        ({"tags": [""]}, "/properties/tags/items", False),
    ],
)
def test_what_is_empty_is_found_by_a_pointer_into_its_schema(body, inner, empty):
    assert is_empty(body, inner) is empty


def test_of_a_branch_the_whole_is_what_a_value_is_held_against():
    whole = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    contract = contract_of({"type": "object", "properties": {"note": whole}})

    assert (
        schema_at(contract, contract.operations[0].parameters[0].pointer, "/properties/note/anyOf/1") == whole
    )
