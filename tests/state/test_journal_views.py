"""Entries as JSON."""

import base64

import orjson
import pytest

from mockserver.contract.violation import Violation
from mockserver.state.journal import Journal, JournalLimits
from mockserver.state.journal_views import summary, whole
from tests.state.entries import NOON, asked
from tests.state.test_matches import ADMIN, CONTRACT, PERSONAS, creating


def test_a_summary_tells_who_asked_what_and_what_came_of_it():
    entry = creating(source="handler", fault="slow", duration=0.0123456)
    entry.duration = 0.0123456

    assert summary(entry, PERSONAS.name_of) == {
        "id": 1,
        "sandbox": "default",
        "time": "2026-05-01T12:00:00.000000Z",
        "method": "POST",
        "target": "/api/v1/admin/admin-roles/?dry=1&tag=a&tag=b",
        "operation": "createAdminRole",
        "status": 201,
        "source": "handler",
        "persona": "super-admin",
        "request_id": "req_1",
        "duration_ms": 12.346,
        "fault": "slow",
    }


def test_what_an_entry_does_not_have_is_null():
    shown = summary(asked(Journal(), status=0), PERSONAS.name_of)

    assert {name for name, value in shown.items() if value is None} == {
        "operation",
        "status",
        "source",
        "persona",
        "fault",
    }


def test_a_whole_entry_adds_what_was_sent_both_ways_and_why():
    violation = Violation(("body", "role"), "enum", ["a"], "b", "b is none of them")
    entry = creating(
        json_body=None,
        body=b'{"role": "b"}',
        notes=["422 is declared"],
        violations=[violation],
        headers={"authorization": "Bearer t", "cookie": "a=b"},
        answer=b'{"detail": "\xc3\xa4"}',
    )

    shown = whole(entry, PERSONAS.name_of)

    assert shown.keys() - summary(entry, PERSONAS.name_of).keys() == {
        "request",
        "response",
        "notes",
        "violations",
    }
    assert shown["request"] == {
        "headers": [{"name": "authorization", "value": "Bearer t"}, {"name": "cookie", "value": "a=b"}],
        "body": '{"role": "b"}',
        "encoding": "utf-8",
        "size": 13,
        "truncated": False,
    }
    assert shown["response"] == {
        "headers": [{"name": "content-type", "value": "application/json"}],
        "body": '{"detail": "ä"}',
        "encoding": "utf-8",
        "size": 16,
        "truncated": False,
    }
    assert shown["notes"] == ["422 is declared"]
    assert shown["violations"] == [
        {"location": ["body", "role"], "keyword": "enum", "message": "b is none of them"}
    ]


@pytest.mark.parametrize(
    ("raw", "body", "encoding"),
    [
        pytest.param(None, None, "utf-8", id="that nobody read"),
        pytest.param(b"", "", "utf-8", id="that is empty"),
        pytest.param(
            b"\x89PNG\xff", base64.b64encode(b"\x89PNG\xff").decode(), "base64", id="that is binary"
        ),
        pytest.param(b"\xc3", "ww==", "base64", id="that ends in the middle of a character"),
    ],
)
def test_a_body(raw, body, encoding):
    entry = asked(Journal(), "POST", body=raw)

    shown = whole(entry, PERSONAS.name_of)["request"]

    assert (shown["body"], shown["encoding"], shown["truncated"]) == (body, encoding, False)


def test_a_body_that_was_cut_in_the_middle_of_a_character_is_still_a_text():
    entry = asked(Journal(limits=JournalLimits(body=4)), "POST", body="aää".encode())

    assert whole(entry, PERSONAS.name_of)["request"] == {
        "headers": [],
        "body": "aä",
        "encoding": "utf-8",
        "size": 5,
        "truncated": True,
    }


def test_a_binary_answer_that_was_cut_is_in_base64():
    entry = asked(Journal(limits=JournalLimits(body=3)), answer=b"\xff" * 9)

    shown = whole(entry, PERSONAS.name_of)["response"]

    assert (shown["body"], shown["size"], shown["truncated"]) == ("////", 9, True)


def test_half_a_character_in_a_token_or_a_note_can_be_written():
    violation = Violation(("\ud800",), "type", None, None, "\udfff")
    entry = creating(caller={**ADMIN, "sub": "\ud800"}, notes=["\ud800"], violations=[violation])

    shown = orjson.loads(orjson.dumps(whole(entry, PERSONAS.name_of)))

    assert (shown["persona"], shown["notes"]) == ("?", ["?"])
    assert shown["violations"][0]["location"] == ["?"]


def test_the_operation_of_another_method_on_the_path_is_not_shown():
    entry = asked(Journal(now=lambda: NOON), "PUT", operation=CONTRACT.by_id["listGroups"], status=405)

    assert summary(entry, PERSONAS.name_of)["operation"] is None
