"""Findings are counted by operation and place, whatever comes and however much of it."""

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.violation import Violation
from mockserver.state.findings import Findings
from mockserver.state.journal_entry import Entry
from tests.serve.test_upstream import NOTES


def entry(target: str = "/api/v1/notes", status: int = 200, operation_id: str | None = "listNotes") -> Entry:
    made = Entry("req_1", "GET", target)
    made.operation = load(NOTES).by_id[operation_id] if operation_id else None
    made.status = status
    return made


def broken(*location: str | int) -> Violation:
    return Violation(location, "type", None, None, "it is wrong")


def test_one_answer_counts_once_for_a_place_in_whichever_item():
    findings = Findings("http://backend", "notes.yaml")

    findings.take(
        entry(),
        "",
        "upstream",
        [],
        [broken("body", 0, "id"), broken("body", 7, "id"), broken("body", 0, "x")],
    )
    findings.take(entry("/api/v1/notes?b"), "", "upstream", [], [broken("body", 3, "id")])

    violations = findings.as_json()["operations"]["listNotes"]["violations"]
    assert [(each["place"], each["count"], each["first"]) for each in violations] == [
        ("body.*.id", 2, "GET /api/v1/notes"),
        ("body.*.x", 1, "GET /api/v1/notes"),
    ]
    assert (findings.requests, findings.broken("answer"), findings.broken("request")) == (2, 2, 0)


def test_what_the_contract_lacks_is_counted_by_method_and_path():
    findings = Findings("http://backend")

    findings.take(entry(operation_id=None), "/notes/{id}", "upstream", [broken("path")], [])

    assert list(findings.as_json()["operations"]) == ["GET /notes/{id}"]


def test_nothing_found_is_said_too():
    findings = Findings("http://backend", "notes.yaml")
    findings.take(entry(), "", "upstream", [], [])
    findings.take(entry(status=0), "", "unreachable", [], [], 502)

    assert findings.lines() == [
        "http://backend against notes.yaml: 2 requests to 1 operation",
        "",
        "1 request without an answer of the backend",
        "No request broke the contract",
        "No answer broke the contract",
    ]
    assert findings.as_json()["operations"]["listNotes"]["statuses"] == {"200": 1, "502": 1}


@pytest.mark.parametrize("count", [5000])
def test_endless_paths_and_places_are_counted_together(count):
    findings = Findings("http://backend")
    made = entry(operation_id=None)

    for number in range(count):
        findings.take(made, f"/{number}", "upstream", [broken("query", f"p{number}")], [])
    for number in range(count):
        findings.take(made, "/1", "upstream", [broken("query", f"q{number}")], [])

    told = findings.as_json()
    assert told["requests"] == told["broken"]["requests"] == 2 * count
    assert len(told["operations"]) < 2100
    assert len(told["operations"]["GET /1"]["violations"]) < 210
