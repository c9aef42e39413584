"""What is counted of the requests to a contract, without a server."""

import json
from pathlib import Path

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from mockserver.state.coverage import Coverage
from mockserver.state.journal import Journal, JournalLimits
from mockserver.state.journal_entry import Entry
from mockserver.state.touched import Touched
from tests.state.touching import LAMPS, entry


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    path: Path = tmp_path_factory.mktemp("contract") / "lamps.yaml"
    path.write_text(LAMPS)
    return load(path)


def touched(contract: Contract, *entries: Entry) -> Touched:
    """Give what some requests to one operation have touched."""
    coverage = Coverage(contract)
    for each in entries:
        coverage.take(each)
    (found,) = coverage.record().operations.values()
    return found


def test_answers_are_counted_by_status(lamps):
    found = touched(lamps, *(entry(lamps, "listLamps", status=each) for each in (200, 200, 404, 0)))

    assert found.statuses == {200: 2, 404: 1, 0: 1}
    assert found.requests == 4
    assert found.as_json()["statuses"] == {"200": 2, "404": 1}


@pytest.mark.parametrize(
    ("target", "headers", "parameters"),
    [
        pytest.param("/lamps?limit=3", {}, {"query limit"}, id="in the query"),
        pytest.param("/lamps?limit", {}, {"query limit"}, id="without a value"),
        pytest.param("/lamps?limit=nonsense", {}, {"query limit"}, id="with a value that is refused"),
        pytest.param("/lamps?%6Cimit=3", {}, {"query limit"}, id="under an encoded name"),
        pytest.param("/lamps?tag=a&tag=b&limit=1", {}, {"query tag", "query limit"}, id="several times"),
        pytest.param("/lamps?filter[room]=a", {}, {"query filter"}, id="as a deep object"),
        pytest.param("/lamps?filter%5Broom%5D=a", {}, {"query filter"}, id="as an encoded deep object"),
        pytest.param("/lamps?size=3", {}, {"query page"}, id="as a property of an object"),
        pytest.param("/lamps?limits=3&x=limit", {}, set(), id="only by a part of its name"),
        pytest.param("/lamps", {"X-Team": "red"}, {"header X-Team"}, id="as a header"),
        pytest.param("/lamps", {"Cookie": "a=1; taste=sweet"}, {"cookie taste"}, id="as a cookie"),
        pytest.param("/lamps", {"Cookie": "a=taste"}, set(), id="not as a cookie's value"),
    ],
)
def test_a_parameter_is_touched_by_being_sent(lamps, target, headers, parameters):
    found = touched(lamps, entry(lamps, "listLamps", target, headers=headers))

    assert found.parameters == parameters


def test_a_parameter_is_found_after_many_requests_without_it(lamps):
    without = [entry(lamps, "listLamps", f"/lamps?x{number}=limit") for number in range(1200)]

    found = touched(lamps, *without, entry(lamps, "listLamps", "/lamps?limit=1"))

    assert found.parameters == {"query limit"}


def test_the_parameters_of_a_path_are_sent_with_every_request(lamps):
    assert touched(lamps, entry(lamps, "removeLamp", "/lamps/1", 404)).parameters == {"path lamp"}


def test_media_types_are_those_that_are_declared(lamps):
    created = touched(
        lamps,
        entry(lamps, "createLamp", status=415, sent=b"x", headers={"content-type": "text/html"}),
        entry(lamps, "createLamp", status=201, sent=b"x", headers={"content-type": "Text/Plain; charset=x"}),
    )
    listed = touched(
        lamps,
        entry(lamps, "listLamps", media_type="text/csv; header=present"),
        entry(lamps, "listLamps", status=404, media_type="application/problem+json"),
        entry(lamps, "listLamps", status=404, media_type="text/html"),
    )

    assert created.request_media_types == {"text/plain"}
    assert listed.response_media_types == {"200 text/csv", "4XX application/problem+json"}


def test_a_range_of_media_types_is_not_touched_by_what_is_declared_by_name(tmp_path):
    content = {"content": {"application/json": {}, "application/*": {}, "*/*": {}}}
    answers = {"200": {"description": "Made.", **content}}
    made = {"post": {"operationId": "make", "requestBody": content, "responses": answers}}
    document = {"openapi": "3.0.3", "info": {"title": "A", "version": "1"}, "paths": {"/a": made}}
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    contract = load(tmp_path / "openapi.json")
    same = [entry(contract, "make", "/a", sent={}, answer={}) for _ in range(3)]
    other = entry(contract, "make", "/a", sent=b"x", headers={"content-type": "text/csv"}, answer={})

    assert touched(contract, *same).request_media_types == {"application/json"}
    assert touched(contract, *same).response_media_types == {"200 application/json"}
    assert touched(contract, *same, other).request_media_types == {"application/json", "*/*"}


def test_an_example_of_a_request_is_touched_by_its_value_however_it_is_written(lamps):
    found = touched(
        lamps,
        entry(lamps, "createLamp", sent={"watts": 40, "name": "the tall one"}),
        entry(lamps, "createLamp", sent={"watts": 41, "name": "the small one"}),
        entry(lamps, "createLamp", sent=b'{"name": "the small one", "watts": 5'),
        entry(lamps, "createLamp", sent=b" a lamp\n", headers={"content-type": "text/plain"}),
    )

    assert found.examples == {"request application/json tall", "request text/plain"}


@pytest.mark.parametrize(
    ("source", "answer", "examples"),
    [
        pytest.param('example "two"', [], {"200 application/json two"}, id="it is said"),
        pytest.param(
            'example "none", as preferred', [1], {"200 application/json none"}, id="it was preferred"
        ),
        pytest.param('example "other"', [], set(), id="it is of no such name"),
        pytest.param("", [], {"200 application/json none"}, id="nothing is said, and it has the value"),
        pytest.param("", [1], set(), id="nothing is said, and it has another"),
        pytest.param("state", [], set(), id="it is remembered"),
    ],
)
def test_an_example_of_an_answer_is_touched_where(lamps, source, answer, examples):
    assert touched(lamps, entry(lamps, "listLamps", source=source, answer=answer)).examples == examples


def test_requests_of_no_operation_are_counted_and_the_first_named(lamps):
    coverage = Coverage(lamps)
    for number in range(100):
        coverage.take(entry(lamps, "none", f"/nowhere/{number}", 404))
    coverage.take(entry(lamps, "listLamps", status=405, method="PUT"))
    coverage.take(entry(lamps, "listLamps", method="HEAD"))

    record = coverage.record()

    assert record.elsewhere == 101
    assert record.strays[:2] == ["GET /nowhere/0", "GET /nowhere/1"]
    assert len(record.strays) == 20
    assert record.operations["listLamps"].statuses == {200: 1}


def test_what_a_journal_forgets_or_never_keeps_is_counted(lamps):
    coverage = Coverage(lamps)
    for limits in (JournalLimits(entries=2), JournalLimits(entries=0)):
        journal = Journal(limits=limits, count=coverage.take)
        for _ in range(5):
            journal.close(journal.open(entry(lamps, "listLamps", "/lamps?limit=1")))
        journal.clear()

    assert coverage.record().operations["listLamps"].requests == 10


def test_an_edited_contract_goes_on_with_what_was_touched(lamps):
    coverage = Coverage(lamps)
    coverage.take(entry(lamps, "listLamps", "/lamps?limit=1", source='example "two"'))

    coverage.follow(lamps)
    coverage.take(entry(lamps, "listLamps", "/lamps?tag=1"))

    found = coverage.record().operations["listLamps"]
    assert found.requests == 2
    assert found.parameters == {"query limit", "query tag"}
    assert found.examples == {"200 application/json two"}


def test_a_record_is_a_copy_and_after_clear_there_is_nothing(lamps):
    coverage = Coverage(lamps)
    coverage.take(entry(lamps, "listLamps"))
    before = coverage.record()

    coverage.take(entry(lamps, "listLamps"))
    coverage.clear()

    assert before.operations["listLamps"].requests == 1
    assert coverage.record().operations == {}
    coverage.take(entry(lamps, "listLamps"))
    assert coverage.record().operations["listLamps"].requests == 1
