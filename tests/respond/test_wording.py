"""Violations are told in Pydantic's words, which front ends of FastAPI services know."""

from datetime import time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
import pytest

from mockserver.contract.schema import Schemas
from mockserver.contract.violation import Violation
from mockserver.respond.wording import describe

TEXT = {"type": "string"}
NUMBERS = {"type": "array", "items": {"type": "integer"}}


def broken(schema: Any, value: Any) -> list[dict[str, Any]]:
    """Hold a value against a schema, and describe what is wrong with it."""
    found = Schemas({"schema": schema}, "3.1").at("/schema").violations(value)
    return [describe(violation) for violation in found]


@pytest.mark.parametrize(
    ("schema", "value", "kind", "text", "context"),
    [
        ({"type": "integer"}, None, "int_type", "Input should be a valid integer", None),
        (
            {"type": "integer"},
            "5",
            "int_parsing",
            "Input should be a valid integer, unable to parse string as an integer",
            None,
        ),
        (
            {"type": "integer"},
            1.5,
            "int_from_float",
            "Input should be a valid integer, got a number with a fractional part",
            None,
        ),
        (
            {"type": "number"},
            "x",
            "float_parsing",
            "Input should be a valid number, unable to parse string as a number",
            None,
        ),
        ({"type": "number"}, True, "float_type", "Input should be a valid number", None),
        (
            {"type": "boolean"},
            "yes",
            "bool_parsing",
            "Input should be a valid boolean, unable to interpret input",
            None,
        ),
        ({"type": "boolean"}, 1, "bool_type", "Input should be a valid boolean", None),
        (TEXT, 5, "string_type", "Input should be a valid string", None),
        ({"type": "array"}, {}, "list_type", "Input should be a valid list", None),
        ({"type": "object"}, [], "dict_type", "Input should be a valid dictionary", None),
        ({"type": "null"}, 5, "none_required", "Input should be None", None),
        ({"type": ["null", "integer"]}, [], "int_type", "Input should be a valid integer", None),
        ({"enum": ["a"]}, "x", "enum", "Input should be 'a'", {"expected": "'a'"}),
        ({"enum": ["a", "b"]}, "x", "enum", "Input should be 'a' or 'b'", {"expected": "'a' or 'b'"}),
        (
            {"enum": ["a", 1, None]},
            "x",
            "enum",
            "Input should be 'a', 1 or None",
            {"expected": "'a', 1 or None"},
        ),
        ({"const": "a"}, "x", "literal_error", "Input should be 'a'", {"expected": "'a'"}),
        (
            {"minimum": 1},
            0,
            "greater_than_equal",
            "Input should be greater than or equal to 1",
            {"ge": 1},
        ),
        ({"maximum": 9}, 10, "less_than_equal", "Input should be less than or equal to 9", {"le": 9}),
        ({"exclusiveMinimum": 1}, 1, "greater_than", "Input should be greater than 1", {"gt": 1}),
        ({"exclusiveMaximum": 9}, 9, "less_than", "Input should be less than 9", {"lt": 9}),
        ({"multipleOf": 5}, 7, "multiple_of", "Input should be a multiple of 5", {"multiple_of": 5}),
        (
            {"pattern": "^a$"},
            "b",
            "string_pattern_mismatch",
            "String should match pattern '^a$'",
            {"pattern": "^a$"},
        ),
        (
            {"minLength": 1},
            "",
            "string_too_short",
            "String should have at least 1 character",
            {"min_length": 1},
        ),
        (
            {"maxLength": 2},
            "abc",
            "string_too_long",
            "String should have at most 2 characters",
            {"max_length": 2},
        ),
        (
            {"minItems": 2},
            [],
            "too_short",
            "List should have at least 2 items after validation, not 0",
            {"field_type": "List", "min_length": 2, "actual_length": 0},
        ),
        (
            {"maxItems": 1},
            [1, 2, 3],
            "too_long",
            "List should have at most 1 item after validation, not 3",
            {"field_type": "List", "max_length": 1, "actual_length": 3},
        ),
        (
            {"minProperties": 1},
            {},
            "too_short",
            "Dictionary should have at least 1 item after validation, not 0",
            {"field_type": "Dictionary", "min_length": 1, "actual_length": 0},
        ),
        (
            {"maxProperties": 1},
            {"a": 1, "b": 2},
            "too_long",
            "Dictionary should have at most 1 item after validation, not 2",
            {"field_type": "Dictionary", "max_length": 1, "actual_length": 2},
        ),
        ({**TEXT, "format": "date-time"}, "x", "datetime_parsing", "Input should be a valid datetime", None),
        (
            {**TEXT, "format": "date"},
            "x",
            "date_parsing",
            "Input should be a valid date in the format YYYY-MM-DD",
            None,
        ),
        ({**TEXT, "format": "time"}, "x", "time_parsing", "Input should be in a valid time format", None),
        (
            {**TEXT, "format": "duration"},
            "x",
            "time_delta_parsing",
            "Input should be a valid timedelta",
            None,
        ),
        ({**TEXT, "format": "uuid"}, "x", "uuid_parsing", "Input should be a valid UUID", None),
        ({**TEXT, "format": "uri"}, "x", "url_parsing", "Input should be a valid URL", None),
        ({**TEXT, "format": "email"}, "x", "value_error", "value is not a valid email address", None),
        ({**TEXT, "format": "ipv4"}, "x", "value_error", "Input should be a valid ipv4", None),
        ({"not": TEXT}, "x", "value_error", None, None),
        ({"uniqueItems": True}, [1, 1], "value_error", None, None),
        ({"contains": TEXT}, [1], "value_error", None, None),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, None, None, None),
        (False, "x", "value_error", None, None),
    ],
    ids=str,
)
def test_every_keyword_has_its_type_its_text_and_its_limit(schema, value, kind, text, context):
    (said,) = broken(schema, value)

    assert kind in (said["type"], None)
    assert text in (said["msg"], None)
    assert said["msg"]
    assert said.get("ctx") == context
    assert said["loc"] == (["b"] if kind is None else [])


@pytest.mark.parametrize(
    ("schema", "value", "kind", "location", "given"),
    [
        ({"required": ["a"]}, {"b": 1}, "missing", ["a"], {"b": 1}),
        ({"additionalProperties": False}, {"b": 1}, "extra_forbidden", ["b"], 1),
        ({"unevaluatedProperties": False}, {"b": [1]}, "extra_forbidden", ["b"], [1]),
        ({"properties": {"a": {"items": TEXT}}}, {"a": ["x", 5]}, "string_type", ["a", 1], 5),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "x", "int_parsing", [], "x"),
        ({"anyOf": [{"minimum": 5, "type": "integer"}, {"type": "null"}]}, 1, "greater_than_equal", [], 1),
    ],
    ids=str,
)
def test_an_error_says_where_it_is_and_what_was_found_there(schema, value, kind, location, given):
    (said,) = broken(schema, value)

    assert (said["type"], said["loc"], said["input"]) == (kind, location, given)


@pytest.mark.parametrize(
    ("keyword", "kind", "text"),
    [
        ("missing", "missing", "Field required"),
        ("undeclared", "extra_forbidden", "Extra inputs are not permitted"),
        (
            "unicode",
            "string_unicode",
            "Input should be a valid string, unable to parse raw data as a unicode string",
        ),
        ("json", "json_invalid", "JSON decode error"),
    ],
)
def test_what_json_schema_has_no_word_for_has_pydantics_too(keyword, kind, text):
    said = describe(Violation(("query", "page"), keyword, None, "x", "because"))

    assert (said["type"], said["msg"], said["loc"]) == (kind, text, ["query", "page"])
    assert said["input"] == ({} if keyword == "json" else "x")
    assert said.get("ctx") == ({"error": "because"} if keyword == "json" else None)


def test_what_no_schema_can_be_held_against_is_told_as_it_is():
    (said,) = broken({"type": "object"}, b"bytes")

    assert said["type"] == "value_error"
    assert "no JSON value" in said["msg"]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * 100_000, id="a text"),
        pytest.param(list(range(100_000)), id="a list"),
        pytest.param({str(number): number for number in range(10_000)}, id="an object"),
        pytest.param({"a": {"b": ["x" * 100_000]}}, id="a text deep inside"),
    ],
)
def test_an_endless_value_is_cut_before_it_is_told(value):
    (said,) = broken({"type": "boolean"}, value)

    assert len(orjson.dumps(said)) < 2500
    assert said["input"].endswith("…")


# Against Pydantic itself

pydantic = pytest.importorskip("pydantic", reason="pydantic is not installed")


def is_(**limits: Any) -> Any:
    return pydantic.Field(**limits)


@pytest.mark.parametrize(
    ("schema", "type_", "values"),
    [
        ({"type": "integer"}, int, ["x", "", "1.5", 1.5, None, [], {}]),
        ({"type": "number"}, float, ["x", "", None, [], {}]),
        ({"type": "boolean"}, bool, ["x", "", None, [], {}, 1.5]),
        (TEXT, str, [5, 1.5, None, True, [], {}]),
        ({"type": "array"}, list, ["x", 5, None, {}, True]),
        ({"type": "object"}, dict, ["x", 5, None, [1], True]),
        ({"type": "null"}, None, ["x", 5, [], True]),
        ({"type": ["integer", "null"]}, int | None, ["x", [], 1.5]),
        ({"enum": ["a", "b", "c"]}, Literal["a", "b", "c"], ["x", 5, None, ""]),
        ({"const": "a"}, Literal["a"], ["x"]),
        ({"type": "integer", "minimum": 1}, Annotated[int, is_(ge=1)], [0, -5]),
        ({"type": "integer", "maximum": 9}, Annotated[int, is_(le=9)], [10]),
        ({"type": "integer", "exclusiveMinimum": 1}, Annotated[int, is_(gt=1)], [1]),
        ({"type": "integer", "exclusiveMaximum": 9}, Annotated[int, is_(lt=9)], [9]),
        ({"type": "number", "minimum": 1.5}, Annotated[float, is_(ge=1.5)], [0]),
        ({"type": "integer", "multipleOf": 5}, Annotated[int, is_(multiple_of=5)], [7]),
        ({**TEXT, "minLength": 1}, Annotated[str, is_(min_length=1)], [""]),
        ({**TEXT, "minLength": 2}, Annotated[str, is_(min_length=2)], ["", "é"]),
        ({**TEXT, "maxLength": 1}, Annotated[str, is_(max_length=1)], ["ab", "é" * 5]),
        ({**TEXT, "pattern": "^a+$"}, Annotated[str, is_(pattern="^a+$")], ["b", ""]),
        ({**NUMBERS, "minItems": 1}, Annotated[list[int], is_(min_length=1)], [[]]),
        ({**NUMBERS, "minItems": 2}, Annotated[list[int], is_(min_length=2)], [[1]]),
        ({**NUMBERS, "maxItems": 2}, Annotated[list[int], is_(max_length=2)], [[1, 2, 3]]),
        ({"type": "object", "minProperties": 1}, Annotated[dict[str, int], is_(min_length=1)], [{}]),
        (NUMBERS, list[int], [[1, "x", 2.5]]),
    ],
    ids=str,
)
def test_pydantic_itself_says_the_same(schema, type_, values):
    adapter = pydantic.TypeAdapter(type_)

    for value in values:
        with pytest.raises(pydantic.ValidationError) as refusal:
            adapter.validate_python(value)
        theirs = [
            (
                # JSON Schema has one word for what Pydantic tells apart: an enumeration and a literal.
                "enum" if each["type"] == "literal_error" and "enum" in schema else each["type"],
                each["msg"],
                list(each["loc"]),
                each.get("ctx"),
                each["input"],
            )
            for each in refusal.value.errors(include_url=False)
        ]
        ours = [
            (each["type"], each["msg"], each["loc"], each.get("ctx"), each["input"])
            for each in broken(schema, value)
        ]
        assert ours == theirs


@pytest.mark.parametrize(
    ("form", "type_"),
    [("uuid", UUID), ("uri", pydantic.AnyUrl), ("time", time), ("duration", timedelta)],
)
def test_of_a_format_pydantic_says_the_same_and_then_why(form, type_):
    with pytest.raises(pydantic.ValidationError) as refusal:
        pydantic.TypeAdapter(type_).validate_python("x")
    (theirs,) = refusal.value.errors()
    (ours,) = broken({**TEXT, "format": form}, "x")

    assert ours["type"] == theirs["type"]
    assert theirs["msg"].startswith(ours["msg"])
