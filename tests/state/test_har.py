"""The journal as an HTTP archive."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from mockserver.state.har import archive
from mockserver.state.journal import Journal, JournalLimits
from mockserver.state.journal_entry import Entry
from tests.state.entries import NOON, asked
from tests.state.test_matches import PERSONAS, creating

# Every field that HAR 1.2 asks for, and its type.
REQUIRED = {
    "": {"log": dict},
    "log": {"version": str, "creator": dict, "entries": list},
    "creator": {"name": str, "version": str},
    "entry": {
        "startedDateTime": str,
        "time": float,
        "request": dict,
        "response": dict,
        "cache": dict,
        "timings": dict,
    },
    "request": {
        "method": str,
        "url": str,
        "httpVersion": str,
        "cookies": list,
        "headers": list,
        "queryString": list,
        "headersSize": int,
        "bodySize": int,
    },
    "postData": {"mimeType": str, "text": str},
    "response": {
        "status": int,
        "statusText": str,
        "httpVersion": str,
        "cookies": list,
        "headers": list,
        "content": dict,
        "redirectURL": str,
        "headersSize": int,
        "bodySize": int,
    },
    "content": {"size": int, "mimeType": str},
    "timings": {"send": int, "wait": float, "receive": int},
}


def archived(*entries: Entry) -> Any:
    return orjson.loads(orjson.dumps(archive(entries, "http://mock.test/", PERSONAS.name_of, "0.1.0")))


def only(entry: Entry) -> Any:
    return archived(entry)["log"]["entries"][0]


def assert_has_what_is_required(part: str, value: Any) -> None:
    for name, kind in REQUIRED[part].items():
        assert isinstance(value[name], kind), f"{part}.{name}"


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(creating(), id="with a body"),
        pytest.param(asked(Journal()), id="without a body"),
        pytest.param(asked(Journal(), status=0, answer=b"", response_headers=[]), id="without an answer"),
        pytest.param(asked(Journal(), "POST", body=b"\xff\x00", answer=b"\xff"), id="with binary bodies"),
    ],
)
def test_an_archive_has_every_field_that_is_required(entry):
    found = archived(entry)

    log = found["log"]
    shown = log["entries"][0]
    assert log["version"] == "1.2"
    values = {"": found, "log": log, "creator": log["creator"], "entry": shown, **shown}
    for part in ("", "log", "creator", "entry", "request", "response", "timings"):
        assert_has_what_is_required(part, values[part])
    assert_has_what_is_required("content", shown["response"]["content"])
    if entry.request_body:
        assert_has_what_is_required("postData", shown["request"]["postData"])
    for pair in (
        *shown["request"]["headers"],
        *shown["request"]["queryString"],
        *shown["response"]["headers"],
    ):
        assert pair.keys() == {"name", "value"}


def test_a_request_is_archived_with_its_url_query_and_body():
    shown = only(creating())["request"]

    assert shown["url"] == "http://mock.test/api/v1/admin/admin-roles/?dry=1&tag=a&tag=b"
    assert shown["queryString"] == [
        {"name": "dry", "value": "1"},
        {"name": "tag", "value": "a"},
        {"name": "tag", "value": "b"},
    ]
    assert shown["postData"]["mimeType"] == "application/json"
    assert orjson.loads(shown["postData"]["text"])["role"] == "viewer"
    assert shown["bodySize"] == len(shown["postData"]["text"])


def test_a_target_that_is_no_url_is_percent_encoded():
    shown = only(asked(Journal(), target="/a b/\xe4?x=<%3C>"))["request"]

    assert shown["url"] == "http://mock.test/a%20b/%E4?x=%3C%3C%3E"


def test_times_are_the_machine_s_and_the_mock_s_are_beside_them():
    before = datetime.now(UTC).timestamp()

    shown = only(asked(Journal(now=lambda: NOON)))

    assert abs(datetime.fromisoformat(shown["startedDateTime"]).timestamp() - before) < 60
    assert shown["_mock"]["time"] == "2026-05-01T12:00:00.000000Z"
    assert shown["time"] == sum(shown["timings"].values())


def test_bodies_that_are_no_text_are_in_base64():
    shown = only(asked(Journal(), "POST", body=b"\xff\x00", answer=b"\xff"))

    assert (shown["request"]["postData"]["text"], shown["request"]["postData"]["encoding"]) == (
        "/wA=",
        "base64",
    )
    content = shown["response"]["content"]
    assert (content["text"], content["encoding"], content["size"]) == ("/w==", "base64", 1)


def test_a_body_that_was_cut_says_so():
    shown = only(asked(Journal(limits=JournalLimits(body=2)), answer=b"abcdef"))

    content = shown["response"]["content"]
    assert (content["text"], content["size"]) == ("ab", 6)
    assert content["comment"] == "It is 6 bytes long; only the first of them are kept."


def test_a_form_is_archived_by_its_fields_too():
    entry = asked(
        Journal(), "POST", body=b"a=1&b=", headers={"content-type": "application/x-www-form-urlencoded"}
    )

    assert only(entry)["request"]["postData"]["params"] == [
        {"name": "a", "value": "1"},
        {"name": "b", "value": ""},
    ]


def test_cookies_are_archived_by_name():
    answered = [
        (b"set-cookie", b"s=1; Path=/; HttpOnly"),
        (b"Set-Cookie", b"t=a=b; Secure"),
        (b"location", b"/x"),
    ]
    entry = asked(Journal(), headers={"cookie": "a=1; b=2"}, response_headers=answered, status=307)

    shown = only(entry)

    assert shown["request"]["cookies"] == [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]
    assert shown["response"]["cookies"] == [
        {"name": "s", "value": "1", "path": "/", "httpOnly": True, "secure": False},
        {"name": "t", "value": "a=b", "httpOnly": False, "secure": True},
    ]
    assert shown["response"]["redirectURL"] == "/x"
    assert shown["response"]["statusText"] == "Temporary Redirect"


def test_a_status_that_has_no_phrase_has_none():
    assert only(asked(Journal(), status=599))["response"]["statusText"] == ""
