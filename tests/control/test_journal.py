"""The journal: listed, counted, looked into, asserted on, followed."""

import pytest

from mockserver.client import AssertionFailed, ControlError
from mockserver.serve.assembly import Setup
from mockserver.state.journal import JournalLimits
from tests.conftest import SHIPPED, in_process

GROUPS = "/api/v1/admin/groups"
ROLES = "/api/v1/admin/admin-roles/"


def test_requests_are_listed_in_their_order_and_control_calls_are_not(control, call):
    call("GET", GROUPS)
    call("POST", ROLES, json={"role": "SUPER_ADMIN"})

    entries = control.list_entries()["entries"]

    assert [(each["id"], each["operation"], each["status"], each["persona"]) for each in entries] == [
        (1, "listGroups", 200, "super-admin"),
        (2, "createAdminRole", 422, "super-admin"),
    ]
    assert {each["sandbox"] for each in entries} == {control.sandbox_name}


def test_pages_of_the_journal_lead_on(control, call):
    for _ in range(3):
        call("GET", GROUPS)

    first = control.list_entries(limit=2)
    second = control.list_entries(limit=2, after=first["next"])

    assert [each["id"] for each in first["entries"]] == [1, 2]
    assert [each["id"] for each in second["entries"]] == [3]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        pytest.param({"operation": "listGroups"}, [1], id="operation"),
        pytest.param({"method": "POST"}, [2], id="method"),
        pytest.param({"path": "/api/v1/admin/admin-roles/*"}, [2, 3], id="path"),
        pytest.param({"status": "4XX"}, [2, 3], id="kind of status"),
        pytest.param({"status": 200}, [1], id="status"),
        pytest.param({"persona": "viewer"}, [3], id="persona"),
        pytest.param({"since": "2026-05-01T10:00:00Z"}, [3], id="since"),
        pytest.param({"until": "2026-05-01T10:00:00Z"}, [1, 2], id="until"),
    ],
)
def test_entries_are_filtered(control, call, filters, numbers):
    control.freeze_clock("2026-05-01T09:00:00Z")
    call("GET", GROUPS)
    call("POST", ROLES, json={})
    control.advance_clock("1h")
    call("GET", f"{ROLES}adr_nothing", as_="viewer")

    entries = control.list_entries(**filters)["entries"]

    assert [each["id"] for each in entries] == numbers
    assert control.count_entries(**filters) == len(numbers)


def test_an_entry_tells_why_a_request_was_refused(control, call):
    call("POST", ROLES, json={"role": "EMPEROR"})

    entry = control.get_entry(1)

    assert entry["request"]["body"] == '{"role":"EMPEROR"}'
    assert entry["response"]["size"] == len((entry["response"]["body"] or "").encode())
    assert {tuple(each["location"]) for each in entry["violations"]} == {
        ("body", "user_id"),
        ("body", "role"),
    }
    assert entry["notes"]


def test_an_entry_that_is_not_there_is_404(control):
    with pytest.raises(ControlError) as refused:
        control.get_entry(1)

    assert refused.value.status == 404


def test_a_cleared_journal_goes_on_counting(control, call):
    call("GET", GROUPS)

    control.clear_journal()
    call("GET", GROUPS)

    assert [each["id"] for each in control.list_entries()["entries"]] == [2]


def test_what_was_called_is_asserted(control, call):
    call("GET", GROUPS)
    call("GET", GROUPS)

    assert control.assert_calls({"operation": "listGroups"}) == {"count": 2, "entries": [1, 2]}
    assert control.assert_calls({"operation": "listGroups"}, exactly=2)["count"] == 2
    assert control.assert_calls({"status": "5XX"}, at_most=0)["count"] == 0


def test_a_failed_assertion_names_what_comes_nearest(control, call):
    call("POST", ROLES, json={"role": "TENANT_ADMIN"})

    with pytest.raises(AssertionFailed) as failed:
        control.assert_calls({"operation": "createAdminRole", "body": {"role": "SUPER_ADMIN"}})

    assert failed.value.status == 409
    assert failed.value.problem["count"] == 0
    assert failed.value.problem["nearest"][0]["entry"] == 1
    assert 'body.role is "TENANT_ADMIN", not "SUPER_ADMIN"' in str(failed.value)


def test_too_many_calls_are_named_by_their_numbers(control, call):
    call("GET", GROUPS)
    call("POST", ROLES, json={})
    call("GET", GROUPS)

    with pytest.raises(AssertionFailed) as failed:
        control.assert_calls({"operation": "listGroups"}, exactly=0)

    assert failed.value.problem["entries"] == [1, 3]
    assert failed.value.problem["nearest"] == []


def test_what_the_journal_cut_is_not_asserted_to_be_absent(control, call):
    call("POST", ROLES, json={"role": "SUPER_ADMIN", "padding": "a" * 300_000})

    with pytest.raises(AssertionFailed) as failed:
        control.assert_calls({"body": {"role": "SUPER_ADMIN"}}, at_most=0)

    assert failed.value.problem["count"] == 0
    assert "the body of entry 1 is cut" in str(failed.value)


def test_an_assertion_about_an_unknown_operation_is_no_failed_one(control):
    with pytest.raises(ControlError) as refused:
        control.assert_calls({"operation": "listGruops"})

    assert not isinstance(refused.value, AssertionFailed)
    assert "listGroups" in refused.value.problem["detail"]


def test_the_journal_is_exported_for_other_tools(control, call):
    call("GET", GROUPS)

    (entry,) = control.export_har()["log"]["entries"]

    assert entry["request"]["url"] == control.url + GROUPS
    assert entry["response"]["status"] == 200


def test_an_archive_has_no_secrets_unless_they_are_asked_for_and_the_journal_has_them(control, call):
    call("GET", f"{GROUPS}?token=geheim", headers={"Cookie": "crumb=geheim"})

    archived, whole = control.export_har(), control.export_har(secrets="shown")
    kept = control.get_entry(1)

    assert "geheim" not in str(archived)
    assert "Bearer masked-authorization" in str(archived)
    assert "crumb=geheim" in str(whole)
    assert "crumb=geheim" in str(kept)


def test_entries_are_followed_as_they_are_made(control, call):
    call("GET", GROUPS)
    stream = control.stream_entries(after=0)

    missed = next(stream)
    call("GET", f"{GROUPS}/grp_nothing")
    seen = next(stream)
    stream.close()

    assert (missed["id"], missed["operation"]) == (1, "listGroups")
    assert (seen["id"], seen["status"]) == (2, 404)


def test_what_the_journal_could_not_keep_is_told_with_the_count():
    setup = Setup(contract=SHIPPED, journal=JournalLimits(entries=2), control_token="s3cret")
    with in_process(setup) as api:
        for _ in range(5):
            api.get(GROUPS, as_="super-admin")

        counted = api.get("/_mock/journal/count", headers={"Authorization": "Bearer s3cret"}).json()

    assert counted == {"count": 2, "dropped": 3}


def test_a_time_that_is_none_is_refused_with_what_would_be_one(control):
    with pytest.raises(ControlError) as refused:
        control.list_entries(since="yesterday")

    (error,) = refused.value.problem["errors"]
    assert error["loc"] == ["query", "since"]
    assert error["msg"] == (
        'none of the alternatives holds: "yesterday" is not a "date-time"; '
        '"yesterday" does not match "^(now|[+-][0-9]{1,6}[smhdw])$"'
    )
