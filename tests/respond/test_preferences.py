"""``Prefer`` and its twins: what is read, what is refused, and what is said to have been applied."""

import pytest

from mockserver.respond.preferences import (
    FaultPreferences,
    Preferences,
    is_twin,
    read_fault_preferences,
    read_preferences,
)
from mockserver.respond.problems import Problem


@pytest.mark.parametrize(
    ("header", "query", "read"),
    [
        pytest.param("code=404", b"", Preferences(code=404), id="a status"),
        pytest.param("code=200, example=cat", b"", Preferences(200, "cat"), id="two, with a comma"),
        pytest.param("code=200; example=cat", b"", Preferences(200, "cat"), id="two, with a semicolon"),
        pytest.param(
            'example="a \\"big\\" dog"', b"", Preferences(example='a "big" dog'), id="a quoted string"
        ),
        pytest.param("CODE = 404", b"", Preferences(code=404), id="another case, and spaces"),
        pytest.param("dynamic", b"", Preferences(dynamic=True), id="no value"),
        pytest.param("dynamic=false, seed=7", b"", Preferences(dynamic=False, seed="7"), id="false"),
        pytest.param("code=200, code=404", b"", Preferences(code=200), id="the first counts"),
        pytest.param("respond-async, wait=100", b"", None, id="preferences of others"),
        pytest.param('return="code=404"', b"", None, id="a name of ours within a value of others"),
        pytest.param("", b"", None, id="nothing at all"),
        pytest.param(None, b"page=2&__code=404&__example=a%20b", Preferences(404, "a b"), id="twins"),
        pytest.param("code=200", b"__code=404&__seed=1", Preferences(200, seed="1"), id="the header wins"),
        pytest.param(None, b"__other=1", None, id="twins of others"),
        pytest.param(None, b"__dynamic=true", Preferences(dynamic=True), id="a twin that is true"),
    ],
)
def test_preferences_are_read_from_the_header_and_the_query(header, query, read):
    assert read_preferences(header, query) == read


@pytest.mark.parametrize(
    "header", ["code=4XX", "code=abc", "code=", "code=99", "code=101", "code=1000", "dynamic=perhaps"]
)
def test_a_value_that_a_preference_cannot_have_is_refused_in_words(header):
    with pytest.raises(Problem, match="Prefer: ") as refused:
        read_preferences(header, b"")

    assert refused.value.status == 400


def test_what_was_applied_is_written_as_it_may_be_sent_again():
    preferences = Preferences(404, 'a "big" dog', True, "7")

    written = preferences.applied()

    assert written == 'code=404, example="a \\"big\\" dog", dynamic=true, seed=7'
    assert read_preferences(written, b"") == preferences


def test_a_line_break_in_a_preference_does_not_reach_a_header():
    assert read_preferences(None, b"__example=a%0d%0ab").applied() == 'example="ab"'


def test_a_twin_is_known_by_its_name():
    assert [is_twin(name) for name in ("__code", "__delay", "code", "__other", "_code")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("header", "query", "read"),
    [
        pytest.param("delay=250", b"", FaultPreferences(delay=250), id="milliseconds"),
        pytest.param("delay=250ms", b"", FaultPreferences(delay=250), id="milliseconds with their unit"),
        pytest.param("delay=1.5s", b"", FaultPreferences(delay=1500), id="seconds"),
        pytest.param("drop", b"", FaultPreferences(drop="before"), id="a drop"),
        pytest.param("drop=body", b"", FaultPreferences(drop="body"), id="a drop in the body"),
        pytest.param("status=503", b"", FaultPreferences(status=503), id="a status"),
        pytest.param("code=404, delay=1", b"", FaultPreferences(delay=1), id="beside another preference"),
        pytest.param(
            None, b"__delay=1s&__drop&__status=500", FaultPreferences(1000, "before", 500), id="twins"
        ),
        pytest.param("delay=1", b"__delay=2", FaultPreferences(delay=1), id="the header wins"),
        pytest.param("code=404", b"__seed=1", None, id="none of them"),
        pytest.param(None, b"", None, id="nothing at all"),
    ],
)
def test_the_faults_that_a_request_prefers_are_read(header, query, read):
    assert read_fault_preferences(header, query) == read


@pytest.mark.parametrize("header", ["delay=200, drop=body", "delay=1s", "drop", "status=503"])
def test_faults_are_no_preference_for_another_answer(header):
    assert read_preferences(header, b"__delay=1") is None


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("delay=soon", "delay=soon is no delay; it should be a time such as 250, 250ms or 1.5s"),
        ("delay=", "delay= is no delay"),
        ("delay=-1", "delay=-1 is no delay"),
        ("delay=3601s", "up to 3600000 milliseconds"),
        ("drop=headesr", 'drop=headesr is none of before, headers, body. Did you mean "headers"'),
        ("status=99", "status=99 is no status"),
        ("status", "status= is no status"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_in_words(header, told):
    with pytest.raises(Problem) as refused:
        read_fault_preferences(header, b"")

    assert refused.value.status == 400
    assert f"Prefer: {told}" in refused.value.detail or told in refused.value.detail


def test_the_faults_that_were_applied_are_written_as_they_may_be_sent_again():
    preferences = FaultPreferences(1500.25, "headers", 503)

    written = preferences.applied()

    assert written == "delay=1500.25, drop=headers, status=503"
    assert read_fault_preferences(written, b"") == preferences
