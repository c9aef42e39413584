"""``Prefer`` and its twins: what is read, what is refused, and what is said to have been applied."""

import pytest

from mockserver.respond.preferences import Preferences, is_twin, read_preferences
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
    assert [is_twin(name) for name in ("__code", "__seed", "code", "__other", "_code")] == [
        True,
        True,
        False,
        False,
        False,
    ]
