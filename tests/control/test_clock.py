"""The clock of a sandbox, and what follows it."""

from datetime import datetime, timedelta

import pytest

from mockserver.client import ControlError

GROUPS = "/api/v1/admin/groups"
ROLES = "/api/v1/admin/admin-roles/"
MORNING = "2026-05-01T09:00:00Z"


def test_a_frozen_clock_stands_still(control):
    frozen = control.freeze_clock(MORNING)

    assert frozen["frozen"]
    assert frozen["now"] == control.get_clock()["now"] == "2026-05-01T09:00:00.000000Z"


def test_a_clock_is_frozen_where_it_is(control):
    before = control.get_clock()["now"]

    frozen = control.freeze_clock()

    assert before <= frozen["now"] == control.get_clock()["now"]


def test_a_clock_is_advanced_by_seconds_and_by_lengths_of_time(control):
    control.freeze_clock(MORNING)

    assert control.advance_clock("2h")["now"] == "2026-05-01T11:00:00.000000Z"
    assert control.advance_clock(1.5)["now"] == "2026-05-01T11:00:01.500000Z"


def test_a_clock_is_set_by_a_distance_from_its_present(control):
    control.freeze_clock(MORNING)

    assert control.set_clock("-1d")["now"] == "2026-04-30T09:00:00.000000Z"


def test_a_clock_runs_on_from_where_it_stood(control):
    control.freeze_clock(MORNING)

    running = control.run_clock()

    assert not running["frozen"]
    assert running["now"].startswith("2026-05-01T09:0")
    assert running["offset"] < 0


def test_the_clock_of_a_sandbox_is_its_own(control, default):
    control.freeze_clock(MORNING)

    assert not default.get_clock()["frozen"]


def test_a_token_for_an_hour_is_refused_two_hours_later(control, call):
    token = control.mint_token("super-admin", lifetime=3600)["token"]
    headers = {"Authorization": f"Bearer {token}"}

    before = call("GET", GROUPS, as_=None, headers=headers)
    control.advance_clock("2h")
    after = call("GET", GROUPS, as_=None, headers=headers)

    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize("to", ["9999-12-31T23:59:59Z", "+999999w", "1901-01-01T00:00:00Z"])
def test_a_clock_cannot_be_set_to_every_time(control, to):
    before = control.freeze_clock(MORNING)

    with pytest.raises(ControlError) as refused:
        control.set_clock(to)

    assert refused.value.status == 409
    assert control.get_clock()["now"] == before["now"]


@pytest.mark.parametrize("to", ["tomorrow", "+3 d", "2026-05-01", ""])
def test_what_is_no_time_is_422(control, to):
    with pytest.raises(ControlError) as refused:
        control.set_clock(to)

    assert refused.value.status == 422


def test_what_is_written_is_dated_by_the_clock_of_the_sandbox(control, call):
    control.freeze_clock(MORNING)
    body = {"user_id": "usr_pil7576291n7w0pt", "role": "SUPER_ADMIN"}
    token = {"Authorization": f"Bearer {control.mint_token('super-admin', lifetime=86_400)['token']}"}
    made = call("POST", ROLES, as_=None, headers=token, json=body).json()["data"]

    control.advance_clock("2h")
    changed = call("PATCH", f"{ROLES}{made['id']}", as_=None, headers=token, json={"expires_at": None})

    assert made["created_at"].startswith("2026-05-01T09:00:00.")
    assert changed.json()["data"]["updated_at"].startswith("2026-05-01T11:00:00.")


def test_a_role_that_expires_while_the_clock_advances_stays_active_and_in_the_way_of_its_double(
    control, call
):
    control.freeze_clock(MORNING)
    token = {"Authorization": f"Bearer {control.mint_token('super-admin', lifetime=86_400)['token']}"}
    body = {"user_id": "usr_pil7576291n7w0pt", "role": "SUPER_ADMIN", "expires_at": "2026-05-01T10:00:00Z"}
    made = call("POST", ROLES, as_=None, headers=token, json=body).json()["data"]

    control.advance_clock("2h")
    expired = call("GET", f"{ROLES}{made['id']}", as_=None, headers=token).json()["data"]
    double = call("POST", ROLES, as_=None, headers=token, json=body)

    assert expired["expires_at"] < control.get_clock()["now"]
    assert (expired["is_active"], double.status_code) == (True, 409)


def test_a_reset_after_the_clock_was_moved_brings_fixtures_of_the_time_it_goes_back_to(control):
    before = control.get_item("admin_roles", "adr_49k0jfeca6j9xr12")["expires_at"]
    control.advance_clock("30d")

    control.reset_sandbox()

    after = control.get_item("admin_roles", "adr_49k0jfeca6j9xr12")["expires_at"]
    assert datetime.fromisoformat(after) - datetime.fromisoformat(before) < timedelta(minutes=2)
    assert control.get_clock()["offset"] == 0
