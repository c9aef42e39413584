"""The judge finds what is planted, or its word for a document would be worth nothing."""

import json
from pathlib import Path

import pytest

from tests.real.asking import ask
from tests.real.judging import Given, judge
from tests.real.reading import Document, Place
from tests.real.schemas import errors
from tests.real.values import candidates, from_pattern

OLD = "3.0"
NEW = "3.1"


@pytest.mark.parametrize(
    ("version", "schema", "value"),
    [
        pytest.param(OLD, {"type": "string"}, None, id="a null where 3.0 has no nullable"),
        pytest.param(
            NEW, {"type": "string", "nullable": True}, None, id="a null by nullable, which 3.1 lacks"
        ),
        pytest.param(
            OLD, {"type": "number", "minimum": 1, "exclusiveMinimum": True}, 1, id="an excluded bound"
        ),
        pytest.param(NEW, {"exclusiveMinimum": 1}, 1, id="an excluded bound of 3.1"),
        pytest.param(NEW, {"prefixItems": [{"type": "string"}], "items": False}, ["a", 1], id="one too many"),
        pytest.param(NEW, {"type": "string", "format": "date"}, "2026-02-30", id="a day that is not"),
        pytest.param(NEW, {"type": "integer", "format": "int32"}, 2**31, id="more than 32 bits"),
        pytest.param(
            OLD, {"properties": {"a": {"writeOnly": True}}}, {"a": 1}, id="what is never to be shown"
        ),
        pytest.param(
            NEW, {"required": ["a"], "properties": {"a": {"readOnly": True}}}, {}, id="what only answers have"
        ),
        pytest.param(NEW, {"multipleOf": 0.01}, 19.995, id="half a cent"),
        pytest.param(OLD, {"pattern": "^a$"}, "a\n", id="a line break after the end"),
    ],
)
def test_an_invalid_answer_is_found(version, schema, value):
    assert errors(Place("file:///none", schema), value, "response", version)


@pytest.mark.parametrize(
    ("version", "schema", "value"),
    [
        pytest.param(OLD, {"type": "string", "enum": ["a"], "nullable": True}, None, id="nullable"),
        pytest.param(OLD, {"type": "string", "x-nullable": True}, None, id="x-nullable"),
        pytest.param(NEW, {"multipleOf": 0.01}, 19.99, id="a price"),
        pytest.param(
            OLD,
            {"required": ["a"], "properties": {"a": {"writeOnly": True, "type": "string"}}},
            {},
            id="writeOnly need not be there",
        ),
        pytest.param(NEW, {"type": ["string", "null"], "format": "uuid"}, None, id="a null beside a format"),
        pytest.param(OLD, {"pattern": r"^\p{L}+$"}, "a", id="a pattern that Python cannot read"),
    ],
)
def test_a_valid_answer_is_let_pass(version, schema, value):
    assert errors(Place("file:///none", schema), value, "response", version) == []


@pytest.fixture
def document(tmp_path: Path) -> Document:
    item = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    told = {
        "openapi": "3.0.3",
        "servers": [
            {
                "url": "https://{host}/v{n}/",
                "variables": {"host": {"default": "a.example"}, "n": {"default": "2"}},
            }
        ],
        "paths": {
            "/things/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {
                    "responses": {
                        "200": {
                            "headers": {"ETag": {"required": True, "schema": {"type": "string"}}},
                            "content": {"application/json": {"schema": {"$ref": "parts.json#/a~1b"}}},
                        },
                        "4XX": {},
                    }
                },
            }
        },
    }
    (tmp_path / "parts.json").write_text(json.dumps({"a/b": item}))
    path = tmp_path / "told.json"
    path.write_text(json.dumps(told))
    return Document(path)


GOOD = Given(200, {"content-type": "application/json; charset=utf-8", "etag": '"1"'}, b'{"id": 1}')


def test_an_answer_as_declared_has_nothing_wrong(document):
    assert judge(document, document.operations[0], GOOD) == []
    assert judge(document, document.operations[0], Given(404, {}, b"")) == []


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(Given(201, GOOD.headers, GOOD.content), id="a status that is not declared"),
        pytest.param(
            Given(200, {"etag": "1", "content-type": "text/plain"}, GOOD.content), id="a media type"
        ),
        pytest.param(Given(200, GOOD.headers, b'{"id": "1"}'), id="a body"),
        pytest.param(Given(200, GOOD.headers, b"id"), id="a body that is no JSON"),
        pytest.param(
            Given(200, {"content-type": "application/json"}, GOOD.content), id="a header that lacks"
        ),
        pytest.param(Given(404, GOOD.headers, b"{}"), id="a body where none is declared"),
    ],
)
def test_an_answer_that_is_not_as_declared_is_found(document, given):
    assert judge(document, document.operations[0], given)


def test_an_element_that_says_it_is_nil_is_null(tmp_path):
    schema = {"type": "object", "properties": {"at": {"type": "string", "format": "date", "nullable": True}}}
    responses = {"200": {"content": {"application/xml": {"schema": schema}}}}
    path = tmp_path / "nil.json"
    path.write_text(json.dumps({"openapi": "3.0.3", "paths": {"/a": {"get": {"responses": responses}}}}))
    document = Document(path)
    xml = b'<a><at xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/></a>'

    def judged(content: bytes) -> list[str]:
        return judge(
            document, document.operations[0], Given(200, {"content-type": "application/xml"}, content)
        )

    assert judged(xml) == []
    assert judged(b"<a><at/></a>") != []


def test_a_request_has_the_base_path_with_its_variables(document):
    asked = ask(document, document.operations[0], {"id": 7})

    assert (asked.method, asked.target) == ("GET", "/v2/things/7")


@pytest.mark.parametrize(
    "pattern", [r"^[A-Z]{2}\d{4}$", r"^(?:ab|cd)+x?$", r"^#[0-9a-fA-F]{6}$", r"^\w+@\w+\.de$"]
)
def test_a_string_is_made_for_a_pattern(pattern):
    made = from_pattern(pattern)

    assert made is not None
    assert errors(Place("file:///none", {"pattern": pattern}), made, "request", NEW) == []


def test_a_body_is_made_for_branches_that_are_told_apart_only_by_types():
    one, two = ({"type": "object", "properties": {name: {"type": "string"}}} for name in "ab")

    made = candidates(Place("file:///none", {"oneOf": [one, two]}), NEW)

    assert made
