from dataclasses import replace
from http import HTTPStatus

from mockserver.contract.violation import Violation
from mockserver.state.journal_entry import Entry, pack, unpack
from tests.contract.shipped import CONTRACT


def whole() -> Entry:
    entry = Entry("req_1", "POST", "/things/ü?q=1", [(b"host", b"x"), (b"x-a", b"\xff")], 7, "mine", 12.5)
    entry.operation = CONTRACT.by_id["getGroup"]
    entry.path_values = {"group_id": "grp_1"}
    entry.caller = {"sub": "usr_1"}
    entry.source, entry.status, entry.fault = "example", 422, "slow; delay=1"
    entry.notes = ["let pass", "a \ud800 alone"]
    entry.violations = (Violation(("body", 0, "x"), "type", None, None, "x is no text"),)
    entry.take_request_body(b"{}", 2)
    entry.take_response_body(b"abc", 10)
    entry.response_headers = [(b"content-type", b"text/plain")]
    entry.mount = "/_mock/in/mine"
    return entry


def test_an_entry_is_read_as_it_was_written():
    entry = whole()

    assert unpack(pack(entry, 10)) == entry


def test_bodies_are_cut_and_say_so():
    found = unpack(pack(whole(), 1))

    assert (found.request_body, found.is_request_cut) == (b"{", True)
    assert (found.response_body, found.response_size) == (b"a", 3)


def test_a_body_that_was_never_read_is_none():
    assert unpack(pack(replace(whole(), request_body=None, request_size=0), 10)).request_body is None


def test_what_leads_to_everything_else_is_not_kept():
    entry = replace(whole(), refusal=ValueError("x"), caller={"sub": "usr_1", "claims": ["many"]})

    found = unpack(pack(entry, 10))

    assert (found.refusal, found.caller) == (None, {"sub": "usr_1"})


class Text(str):
    """A text of somebody else's."""


def test_what_is_more_than_a_number_or_a_text_is_written_as_that():
    entry = replace(whole(), status=HTTPStatus.CREATED, source=Text("state"), notes=[Text("a note")])

    found = unpack(pack(entry, 10))

    assert (found.status, found.source, found.notes) == (201, "state", ["a note"])
    assert found.request_headers == tuple(entry.request_headers)
