"""Bodies that are broken on purpose: they cannot be read, or not as the contract has it."""

import json

import orjson
import pytest

from mockserver.respond.breakage import break_body
from tests.contract.shipped import CONTRACT

GROUP = {
    "id": "g1",
    "name": "Team",
    "size": 3,
    "is_open": True,
    "tags": ["a"],
    "owner": None,
    "of": {"x": 1.5},
}
BODIES = [GROUP, [GROUP], [1, 2], "text", 12345, 7, True, None, {}, []]


def is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


@pytest.mark.parametrize("value", BODIES, ids=json.dumps)
def test_truncated_json_cannot_be_read(value):
    body = orjson.dumps(value)

    for each in (body, body + b"\n\n\n\n\n\n"):
        broken = break_body(each, "application/problem+json", "truncated", "1")

        assert body.startswith(broken)
        assert not is_json(broken)


def test_half_of_a_truncated_body_is_there():
    body = orjson.dumps(GROUP)

    assert break_body(body, "application/json", "truncated", "1") == body[: len(body) // 2]


@pytest.mark.parametrize("how", ["truncated", "wrong-type"])
def test_what_is_no_json_loses_its_second_half(how):
    assert break_body(b"abcdef", "text/plain", how, "1") == b"abc"


def test_an_empty_body_has_no_bytes():
    assert break_body(b"abc", "text/plain", "empty", "1") == b""


def test_one_value_of_another_type_is_somewhere_in_the_body():
    body = orjson.dumps(GROUP)

    broken = {break_body(body, "application/json", "wrong-type", str(seed)) for seed in range(60)}

    values = [json.loads(each) for each in broken]
    assert {name for each in values for name in GROUP if each[name] != GROUP[name]} == GROUP.keys()
    assert all(sum(each[name] != GROUP[name] for name in GROUP) == 1 for each in values)
    assert all(each.keys() == GROUP.keys() for each in values)


@pytest.mark.parametrize("value", BODIES, ids=json.dumps)
def test_any_json_can_have_the_wrong_type(value):
    broken = orjson.loads(break_body(orjson.dumps(value), "application/json", "wrong-type", "1"))

    assert json.dumps(broken) != json.dumps(value)


def test_the_wrong_type_is_one_that_the_schema_refuses():
    pointer = CONTRACT.by_id["listGroups"].responses["200"].content["application/json"].pointer
    schema = CONTRACT.schemas.at(pointer, "response")
    page = next(
        iter(CONTRACT.by_id["listGroups"].responses["200"].content["application/json"].examples.values())
    )
    assert schema.is_valid(page)

    for seed in range(100):
        body = break_body(orjson.dumps(page), "application/json", "wrong-type", str(seed), schema.is_valid)

        assert not schema.is_valid(orjson.loads(body))


def test_a_schema_that_takes_anything_is_no_reason_to_break_nothing():
    broken = break_body(b'{"a":1}', "application/json", "wrong-type", "1", lambda _: True)

    assert orjson.loads(broken) == {"a": "1"}


def test_the_same_seed_breaks_a_body_in_the_same_way():
    body = orjson.dumps(GROUP)

    assert [break_body(body, "application/json", "wrong-type", str(n)) for n in range(9)] == [
        break_body(body, "application/json", "wrong-type", str(n)) for n in range(9)
    ]
