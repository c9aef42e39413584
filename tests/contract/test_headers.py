"""Headers of answers are written, and held, as their schema and style have it."""

import pytest

from mockserver.contract.media.headers import HeaderText
from mockserver.contract.operation import Contract, Header

INTEGERS = {"type": "array", "items": {"type": "integer"}}
POINT = {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "integer"}}}


def header(schema, **more):
    document = {"headers": {"X-It": {"schema": schema, **more}}}
    contract = Contract("a test", b"", document, "3.1", "", ())
    return HeaderText(Header("X-It", False, "/headers/X-It/schema", None), contract)


@pytest.mark.parametrize(
    ("schema", "more", "value", "written"),
    [
        ({"type": "integer"}, {}, 5, "5"),
        ({"type": "number"}, {}, 1.5, "1.5"),
        ({"type": "boolean"}, {}, True, "true"),
        ({"type": "string"}, {}, "a, b", "a, b"),
        (INTEGERS, {}, [1, 2], "1,2"),
        (POINT, {}, {"x": 1, "y": 2}, "x,1,y,2"),
        (POINT, {"explode": True}, {"x": 1, "y": 2}, "x=1,y=2"),
    ],
    ids=["an integer", "a number", "a boolean", "a text", "an array", "an object", "an exploded object"],
)
def test_a_value_is_written_so_that_it_can_be_read(schema, more, value, written):
    it = header(schema, **more)

    assert it.write(value) == written
    assert it.violations(written) == []


def test_what_a_header_cannot_have_is_percent_encoded():
    assert header({"type": "string"}).write("é\r\nX: 1") == "%C3%A9%0D%0AX: 1"


@pytest.mark.parametrize(
    ("schema", "text", "violations"),
    [
        ({"type": "integer"}, "x", [(("header", "X-It"), "type")]),
        (INTEGERS, "1,x", [(("header", "X-It", 1), "type")]),
        ({"type": "string", "maxLength": 1}, "xx", [(("header", "X-It"), "maxLength")]),
    ],
    ids=["a wrong type", "a wrong member", "too long"],
)
def test_a_text_is_held_against_the_schema_of_its_header(schema, text, violations):
    assert [(each.location, each.keyword) for each in header(schema).violations(text)] == violations
