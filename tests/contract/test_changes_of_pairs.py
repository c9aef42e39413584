"""Small contracts whose difference is known: a value shows what the new one refuses, or allows too."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.changes.comparison import compare
from mockserver.contract.changes.kinds import SEVERITIES
from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from tests.contract.compact import NUMBER, TEXT, contract_of, gives, listed, thing

BODY = "/paths/~1things/post/requestBody/content/application~1json/schema"
NONE: Any = object()
CLOSED = {"additionalProperties": False}
MAYBE = {"type": "string", "nullable": True}  # in 3.0
A, B = thing("a", a=TEXT, b=NUMBER), thing("b", a=TEXT, b=NUMBER)


def tagged(kind: str, **properties: Any) -> dict[str, Any]:
    return thing("kind", kind={"const": kind}, **properties)


# Two schemas, a value that only the first allows, and one that only the second does.
PAIRS: dict[str, tuple[Any, Any, Any, Any]] = {
    "oneOf: one more that is told apart": (
        {"oneOf": [tagged("a"), tagged("b")]},
        {"oneOf": [tagged("a"), tagged("b"), tagged("c")]},
        NONE,
        {"kind": "c"},
    ),
    "oneOf: two that are the same": (TEXT, {"oneOf": [TEXT, TEXT]}, "a", NONE),
    "oneOf: values in two of the lists": (
        {"enum": ["a", "b", "c"]},
        {"oneOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]},
        "b",
        NONE,
    ),
    "oneOf: null in both": (
        {"anyOf": [{"type": ["string", "null"]}, {"type": ["integer", "null"]}]},
        {"oneOf": [{"type": ["string", "null"]}, {"type": ["integer", "null"]}]},
        None,
        NONE,
    ),
    "oneOf: an integer is a number": (
        {"anyOf": [NUMBER, {"type": "number", "minimum": 0}]},
        {"oneOf": [NUMBER, {"type": "number", "minimum": 0}]},
        1,
        NONE,
    ),
    "oneOf: ranges that do not meet": (
        {"anyOf": [{"type": "number", "maximum": 0}, {"type": "number", "exclusiveMinimum": 0}]},
        {"oneOf": [{"type": "number", "maximum": 0}, {"type": "number", "exclusiveMinimum": 0}]},
        NONE,
        NONE,
    ),
    "anyOf: one less": ({"anyOf": [A, B]}, {"anyOf": [A]}, {"b": 1}, NONE),
    "anyOf: anything beside": ({"anyOf": [TEXT, {}]}, {}, NONE, NONE),
    "anyOf: lists of values in one": (
        {"anyOf": [{"enum": ["a"]}, {"type": "string", "enum": ["b"]}]},
        {"enum": ["b", "a"]},
        NONE,
        NONE,
    ),
    "allOf: one more": ({"allOf": [{**A, **B}]}, {"allOf": [{**A, **B}, A]}, {"b": 1}, NONE),
    "allOf: each part refuses the other": (
        {**thing("a", "b", a=TEXT, b=NUMBER), **CLOSED},
        {"allOf": [{**thing("a", a=TEXT), **CLOSED}, {**thing("b", b=NUMBER), **CLOSED}]},
        {"a": "a", "b": 1},
        NONE,
    ),
    "allOf: nothing but what some part has": (
        {**thing("a", a=TEXT, b=NUMBER), **CLOSED},
        {"allOf": [A, thing(b=NUMBER)], "unevaluatedProperties": False},
        NONE,
        NONE,
    ),
    "allOf: a map of texts has a number": (
        {"type": "object", "properties": {"a": NUMBER}},
        {"allOf": [{"type": "object", "properties": {"a": NUMBER}}, {"additionalProperties": TEXT}]},
        {"a": 1},
        NONE,
    ),
    "limits: both of them are moved": (
        {"type": "integer", "minimum": 1, "maximum": 5},
        {"type": "integer", "minimum": 2, "maximum": 9},
        1,
        7,
    ),
    "limits: the same in other words": (
        {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10, "multipleOf": 1},
        {"type": "number", "minimum": 0.5, "maximum": 9.5, "multipleOf": 1},
        NONE,
        NONE,
    ),
    "limits: listed values keep them": (
        {"type": "string", "enum": ["a", "b"]},
        {"enum": ["a", "b"], "minLength": 1, "maxLength": 9},
        NONE,
        NONE,
    ),
    "limits: a listed value does not keep them": (
        {"type": "integer", "enum": [1, 5, 9]},
        {"type": "integer", "enum": [1, 5, 9], "maximum": 5},
        9,
        NONE,
    ),
    "limits: a listed value is beyond": (
        {"type": "string", "maxLength": 1},
        {"type": "string", "enum": ["a", "ab"]},
        "b",
        "ab",
    ),
    "limits: listed values instead of a limit": (
        {"type": "string", "maxLength": 9},
        {"type": "string", "enum": ["a", "ab"]},
        "b",
        NONE,
    ),
    "enum: another constant": ({"const": "a"}, {"const": "b"}, "a", "b"),
    "enum: both booleans": ({"type": "boolean"}, {"enum": [True, False]}, NONE, NONE),
    "enum: integers without their type": ({"type": "integer", "enum": [1, 2]}, {"enum": [2, 1]}, NONE, NONE),
    "null: of 3.0 in 3.1": ({"3.0.3": MAYBE}, {"3.1.0": {"type": ["string", "null"]}}, NONE, NONE),
    "null: of 3.0, and none in 3.1": ({"3.0.3": MAYBE}, {"3.1.0": {"anyOf": [TEXT]}}, None, NONE),
    "null: of 3.0 in an enum": (
        {"3.0.3": {**MAYBE, "enum": ["a", None]}},
        {"3.1.0": {"enum": ["a"]}},
        None,
        NONE,
    ),
    "arrays: a first item of its own": (
        listed(TEXT),
        {"type": "array", "prefixItems": [NUMBER], "items": TEXT},
        ["a"],
        [1],
    ),
    "arrays: of anything": ({"type": "array"}, listed({}), NONE, NONE),
    "maps: other values": (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
        NONE,
        {"x": 1},
    ),
    "maps: true is as if it was not there": (
        {"type": "object", "additionalProperties": True},
        {"type": "object"},
        NONE,
        NONE,
    ),
    "formats: a hint": ({"type": "number"}, {"type": "number", "format": "double"}, NONE, NONE),
    "formats: a hint that nobody knows": (TEXT, {**TEXT, "format": "color"}, NONE, NONE),
    "formats: one that excludes the other": (
        {**TEXT, "format": "date"},
        {**TEXT, "format": "date-time"},
        "2026-01-01",
        "2026-01-01T00:00:00Z",
    ),
    "formats: one of other letters": (
        {**TEXT, "format": "email"},
        {**TEXT, "format": "idn-email"},
        NONE,
        "ü@bücher.example",
    ),
    "formats: base64 in 3.0 and in 3.1": (
        {"3.0.3": {**TEXT, "format": "byte"}},
        {"3.1.0": {"contentEncoding": "base64"}},
        NONE,
        NONE,
    ),
    "formats: a file in 3.0 and in 3.1": (
        {"3.0.3": {**TEXT, "format": "binary"}},
        {"3.1.0": {**TEXT, "contentMediaType": "application/octet-stream"}},
        NONE,
        NONE,
    ),
}

# The same, of which more is told: what fits several alternatives is not reckoned, and what is gone was read.
MORE_TOLD: dict[str, tuple[Any, Any, Any, Any]] = {
    "allOf: one part refuses what the other has": (
        {**thing("a", a=TEXT, b=NUMBER), **CLOSED},
        {"allOf": [{**thing("a", a=TEXT), **CLOSED}, thing(b=NUMBER)]},
        {"a": "a", "b": 1},
        NONE,
    ),
    "oneOf: the other is a part of the first": (
        thing(x=TEXT),
        {"oneOf": [thing(x=TEXT), thing("x", x=TEXT)]},
        {"x": "1"},
        NONE,
    ),
    "oneOf: the tighter one leaves more to the other": (
        {"oneOf": [TEXT, {"type": "string", "maxLength": 3}]},
        {"oneOf": [TEXT, {"type": "string", "maxLength": 1}]},
        NONE,
        "abc",
    ),
}


def contract_with(folder: Path, schema: Any) -> Contract:
    """Load a contract that takes and gives values of a schema, in 3.1 or the version that it is under."""
    version = next((each for each in ("3.0.3", "3.1.0") if isinstance(schema, dict) and each in schema), None)
    schema = schema[version] if version else schema
    made = contract_of(folder, {"POST /things": gives(schema, takes=schema)})
    if version is None:
        return made
    file = folder / "openapi.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**document, "openapi": version}), encoding="utf-8")
    return load(file)


@pytest.mark.parametrize(
    ("old", "new", "lost", "gained", "is_all"),
    [
        *(pytest.param(*pair, True, id=name) for name, pair in PAIRS.items()),
        *(pytest.param(*pair, False, id=name) for name, pair in MORE_TOLD.items()),
    ],
)
def test_what_is_refused_breaks_writers_and_what_comes_too_breaks_readers(
    old, new, lost, gained, is_all, tmp_path
):
    contracts = [contract_with(tmp_path, schema) for schema in (old, new)]
    ours, theirs = (each.schemas.at(BODY, "request") for each in contracts)

    for pair, refused, added in ((contracts, lost, gained), (contracts[::-1], gained, lost)):
        changes = [each for each in compare(*pair) if each.severity in ("breaking", "may-break")]
        told = {change.kind.partition("-")[0] for change in changes}
        known = {side for side, value in (("request", refused), ("response", added)) if value is not NONE}

        assert told == known if is_all else told >= known
    if lost is not NONE:
        assert ours.is_valid(lost)
        assert not theirs.is_valid(lost)
    if gained is not NONE:
        assert theirs.is_valid(gained)
        assert not ours.is_valid(gained)


def asked(*names: str, **more: Any) -> dict[str, Any]:
    """Write an operation that asks for headers, and wants credentials."""
    operation = gives(TEXT, **more)
    operation["parameters"] += [
        {"name": name, "in": "header", "required": True, "schema": TEXT} for name in names
    ]
    return operation


def answered(is_required: bool, schema: Any = TEXT) -> dict[str, Any]:
    operation = gives(TEXT, headers={"X-Total": schema})
    operation["responses"]["200"]["headers"]["X-Total"]["required"] = is_required
    return operation


def bodiless(is_required: bool) -> dict[str, Any]:
    operation = gives(takes=TEXT)
    operation["requestBody"]["required"] = is_required
    return operation


def raw(**schema: Any) -> dict[str, Any]:
    operation = gives()
    operation["requestBody"] = {"content": {"application/octet-stream": {"schema": schema}}}
    return operation


KEY, OAUTH = [{"key": []}], [{"oauth": ["read"]}]

# Two operations, and the worst that is told from the first to the second, and back.
OPERATIONS: dict[str, tuple[Any, Any, str, str]] = {
    "a header is asked for": (asked(), asked("X-Tenant"), "breaking", "may-break"),
    "a header in other letters": (asked("X-Tenant"), asked("x-tenant"), "none", "none"),
    "a header of which others tell": (asked(), asked("Authorization"), "none", "none"),
    "a header is answered at times": (answered(True), answered(False), "breaking", "compatible"),
    "a header is answered otherwise": (answered(True), answered(True, NUMBER), "breaking", "breaking"),
    "a body is asked for": (bodiless(False), bodiless(True), "breaking", "compatible"),
    "a credential": (asked(), asked(security=KEY), "breaking", "compatible"),
    "a credential that is not asked for": (asked(security=[]), asked(security=[*KEY, {}]), "none", "none"),
    "one of two credentials": (
        asked(security=KEY),
        asked(security=[*KEY, *OAUTH]),
        "compatible",
        "breaking",
    ),
    "both of two credentials": (
        asked(security=KEY),
        asked(security=[{**KEY[0], **OAUTH[0]}]),
        "breaking",
        "compatible",
    ),
    "one more scope": (
        asked(security=OAUTH),
        asked(security=[{"oauth": ["read", "write"]}]),
        "breaking",
        "compatible",
    ),
    "a property is asked for, and always given": (
        gives(thing(a=TEXT), takes=TEXT),
        gives(thing("a", a=TEXT), takes=TEXT),
        "compatible",
        "breaking",
    ),
    "a status instead of its range": (gives(TEXT, "2XX"), gives(TEXT, "200"), "compatible", "may-break"),
    "a status is one of all others": (gives(TEXT, "200"), gives(TEXT, "default"), "may-break", "compatible"),
    "an error instead of its range": (gives(TEXT, "4XX"), gives(TEXT, "404"), "compatible", "compatible"),
    "a body of no form is a text": (raw(type="string", format="binary"), raw(), "none", "none"),
    "servers of its own": (gives(), gives(servers=[{"url": "https://a.test/v9"}]), "breaking", "breaking"),
    "the same server, said again": (gives(), gives(servers=[{"url": "/"}]), "none", "none"),
}


@pytest.mark.parametrize(("old", "new", "there", "back"), OPERATIONS.values(), ids=OPERATIONS)
def test_operations_break_whom_they_break(old, new, there, back, tmp_path):
    contracts = [contract_of(tmp_path, {"POST /things": deepcopy(each)}) for each in (old, new)]

    for pair, worst in ((contracts, there), (contracts[::-1], back)):
        told = [change.severity for change in compare(*pair)]

        assert min(told, key=SEVERITIES.index, default="none") == worst
