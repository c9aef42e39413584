"""Was it called: counts, and the nearest of what was not meant."""

from typing import Any

import pytest

from mockserver.errors import MockServerError
from mockserver.state.assertions import check, read_expectation
from mockserver.state.journal import Journal
from tests.state.entries import asked
from tests.state.test_matches import CONTRACT

CREATE = CONTRACT.by_id["createAdminRole"]
GROUPS = CONTRACT.by_id["listGroups"]


def journal_of(*roles: str) -> Journal:
    """Give a journal of one request for the groups, and one for each role that was made."""
    journal = Journal()
    asked(journal, target="/api/v1/admin/groups", operation=GROUPS)
    for role in roles:
        body = {"role": role, "user_id": "u"}
        asked(journal, "POST", "/api/v1/admin/admin-roles/", json_body=body, operation=CREATE, status=201)
    return journal


def checked(journal: Journal, **given: Any) -> Any:
    return check(journal.entries(), read_expectation(given, CONTRACT))


@pytest.mark.parametrize(
    ("counts", "ok", "expected"),
    [
        ({}, True, "at least 1"),
        ({"at_least": 2}, True, "at least 2"),
        ({"at_least": 3}, False, "at least 3"),
        ({"at_most": 2}, True, "at most 2"),
        ({"at_most": 1}, False, "at most 1"),
        ({"exactly": 2}, True, "exactly 2"),
        ({"exactly": 0}, False, "exactly 0"),
        ({"exactly": 3}, False, "exactly 3"),
        ({"at_least": 1, "at_most": 3}, True, "at least 1, at most 3"),
        ({"at_least": 2, "at_most": 2}, True, "exactly 2"),
    ],
)
def test_entries_that_match_are_counted(counts, ok, expected):
    journal = journal_of("viewer", "viewer", "owner")

    outcome = checked(journal, match={"body": {"role": "viewer"}}, **counts)

    assert (outcome.ok, outcome.expected, outcome.count, outcome.entries) == (ok, expected, 2, (2, 3))


def test_what_was_never_called_may_be_expected_never():
    assert checked(journal_of(), match={"operation": "deleteAdminRole"}, exactly=0).ok
    assert checked(journal_of(), match={"operation": "deleteAdminRole"}, at_most=3).ok


def test_the_nearest_of_what_was_asked_are_named_with_what_is_unlike():
    journal = journal_of("viewer", "owner")

    outcome = checked(
        journal, match={"operation": "createAdminRole", "body": {"role": "editor", "user_id": "u"}}
    )

    assert [(miss.entry, miss.differences) for miss in outcome.nearest] == [
        (3, ('body.role is "owner", not "editor"',)),
        (2, ('body.role is "viewer", not "editor"',)),
        (1, ("operation is listGroups, not createAdminRole", "body is missing")),
    ]


def test_another_operation_is_further_away_than_many_other_members():
    journal = journal_of("viewer")
    asked(journal, target="/api/v1/admin/groups", operation=GROUPS)

    body = {"role": "editor", "user_id": "v", "a": 1, "b": 2, "c": 3}
    outcome = checked(journal, match={"operation": "createAdminRole", "body": body})

    assert [miss.entry for miss in outcome.nearest] == [2, 3, 1]


def test_no_more_than_three_are_named():
    outcome = checked(journal_of("a", "b", "c", "d", "e"), match={"body": {"role": "editor"}})

    assert len(outcome.nearest) == 3


def test_of_an_entry_with_a_great_many_differences_the_first_are_said():
    outcome = checked(journal_of("a"), match={"body": {f"x{number}": 1 for number in range(15)}})

    differences = next(miss.differences for miss in outcome.nearest if miss.entry == 2)
    assert differences[0] == "body.x0 is missing"
    assert differences[-1] == "and 5 more"
    assert len(differences) == 11


def test_too_many_have_no_nearest():
    outcome = checked(journal_of("a", "a"), match={"body": {"role": "a"}}, at_most=1)

    assert not outcome.ok
    assert outcome.nearest == ()


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (5, "assertion: is 5; it should be an object."),
        ({"atleast": 1}, 'assertion: "atleast" is unknown; known are match, at_least, at_most, exactly. Did'),
        ({"at_least": -1}, "assertion.at_least: is -1; it should be a whole number, 0 or more."),
        ({"exactly": True}, "assertion.exactly: is true"),
        ({"exactly": 1, "at_most": 2}, "exactly is given, and so can neither"),
        ({"at_least": 3, "at_most": 2}, "at_least is 3, which is more than at_most, 2."),
        ({"match": {"stats": 1}}, 'match: "stats" is unknown'),
    ],
)
def test_an_expectation_that_cannot_be_is_refused(given, text):
    with pytest.raises(MockServerError) as refused:
        read_expectation(given, CONTRACT)

    assert text in str(refused.value)
