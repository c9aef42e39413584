"""Was it called: counts, and the nearest of what was not meant."""

from typing import Any

import pytest

from mockserver.errors import MockServerError
from mockserver.state.assertions import check, read_expectation
from mockserver.state.journal import Journal, JournalLimits
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
    return check(journal.entries(), read_expectation(given, CONTRACT), journal.dropped)


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


@pytest.mark.parametrize(
    ("counts", "is_known"),
    [
        pytest.param({"at_most": 0}, False, id="none"),
        pytest.param({"exactly": 0}, False, id="exactly none"),
        pytest.param({"at_least": 0, "at_most": 2}, False, id="a range"),
        pytest.param({"at_least": 0}, True, id="any number"),
    ],
)
@pytest.mark.parametrize("kept", [0, 2], ids=["nothing is kept", "the last are kept"])
def test_no_upper_limit_holds_for_what_is_forgotten(counts, is_known, kept):
    journal = Journal(limits=JournalLimits(entries=kept))
    asked(journal, status=503)
    for _ in range(2):
        asked(journal)

    outcome = checked(journal, match={"status": "5XX"}, **counts)

    assert outcome.ok is is_known
    assert ("forgotten; start with more --journal" in outcome.unknown) is not is_known


def test_a_cleared_journal_has_forgotten_nothing():
    journal = Journal(limits=JournalLimits(entries=1))
    for _ in range(3):
        asked(journal)
    journal.clear()
    asked(journal)

    assert checked(journal, match={"status": "5XX"}, at_most=0).ok
    assert checked(journal, match={"status": "2XX"}, exactly=1).ok


def test_enough_and_too_many_are_known_whatever_was_forgotten():
    journal = Journal(limits=JournalLimits(entries=2))
    for _ in range(3):
        asked(journal)

    enough = checked(journal, match={"status": "2XX"}, at_least=2)
    too_few = checked(journal, match={"status": "2XX"}, at_least=3)
    too_many = checked(journal, match={"status": "2XX"}, at_most=1)

    assert (enough.ok, enough.unknown) == (True, "")
    assert (too_few.ok, too_few.unknown[:21]) == (False, "1 entry is forgotten;")
    assert (too_many.ok, too_many.unknown, too_many.entries) == (False, "", (2, 3))


def test_no_upper_limit_holds_for_a_body_that_was_cut():
    journal = Journal(limits=JournalLimits(body=20))
    for role in ("viewer", "owner"):
        body = {"role": role, "padding": "a" * 50}
        asked(journal, "POST", "/api/v1/admin/admin-roles/", json_body=body, operation=CREATE, status=201)

    asked_for = {"status": 201, "body": {"role": "owner"}}
    outcome = checked(journal, match=asked_for, at_most=0)

    assert (outcome.ok, outcome.unknown) == (False, "the bodies of entries 1, 2 are cut")
    assert checked(journal, match=asked_for | {"status": 200}, at_most=0).ok
    assert checked(journal, match={"status": 201}, exactly=2).ok


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
