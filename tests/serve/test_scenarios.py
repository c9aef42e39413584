"""Scenarios, played through over the API: the three that are shipped, and what each can be made of."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mockserver.errors import MockServerError
from mockserver.serve.assembly import Setup, assemble
from tests.conftest import SHIPPED, Api, in_process

ROLES = "/api/v1/admin/admin-roles/"
GROUPS = "/api/v1/admin/groups"
ENDS_FIRST = "adr_49k0jfeca6j9xr12"
NEW_GROUP = f"{GROUPS}/grp_z3r8k1q6v5b9n2x7"


@pytest.fixture
def play() -> Iterator[object]:
    """Give what starts the shipped contract with a scenario."""
    clients: list[Api] = []

    def start(scenario: str | Path, **options: object) -> Api:
        clients.append(in_process(Setup(contract=SHIPPED, scenario=str(scenario), **options)))
        return clients[-1]

    yield start
    for client in clients:
        client.close()
        client.mock.close()


def written(folder: Path, text: str) -> Path:
    path = folder / "ours.yaml"
    path.write_text(f"description: Ours.\n{text}", encoding="utf-8")
    return path


def role(api: Api, role_id: str) -> dict[str, object]:
    return dict(api.get(f"{ROLES}{role_id}", as_="super-admin").json()["data"])


def ends_in(api: Api, role_id: str) -> timedelta:
    now = api.mock.world.clock.now()
    ends = datetime.fromisoformat(str(role(api, role_id)["expires_at"]))
    return timedelta(seconds=round(ends.timestamp() - now))


def test_roles_about_to_expire_do_so_one_after_the_other(play):
    api = play("roles-about-to-expire")
    before = [ends_in(api, each) for each in (ENDS_FIRST, "adr_ysowhrevapvy2c80", "adr_7g406mu66fhz07jf")]

    api.mock.world.clock.advance(9 * 60)
    expired = ends_in(api, ENDS_FIRST), role(api, ENDS_FIRST)["is_active"]
    api.mock.world.clock.advance(60)
    cleaned_up = role(api, ENDS_FIRST)

    assert before == [timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)]
    assert expired == (timedelta(minutes=-4), True)
    assert cleaned_up["is_active"] is False
    assert role(api, "adr_ysowhrevapvy2c80")["is_active"] is True
    assert api.mock.world.course is None


def test_a_flaky_backend_fails_recovers_throttled_and_is_well_in_the_end(play):
    api = play("flaky-backend")
    api.mock.world.clock.freeze()
    statuses = []
    while statuses.count(503) < 10:
        statuses.append(api.get(GROUPS, as_="super-admin").status_code)

    throttled = [api.get(GROUPS, as_="super-admin") for _ in range(6)]
    api.mock.world.clock.advance(600)
    well = [api.get(GROUPS, as_="super-admin").status_code for _ in range(10)]

    assert 0.2 < 10 / len(statuses) < 0.5
    assert set(statuses) == {200, 503}
    assert [each.status_code for each in throttled] == [200] * 5 + [429]
    assert throttled[-1].headers["retry-after"] == "1"
    assert well == [200] * 10


def test_a_fresh_tenant_gets_its_staff_with_the_first_sync(play):
    api = play("fresh-tenant")

    listed = api.get(GROUPS, params={"tenant_id": "tnt_q4v8t1m6zk2w9d3r"}, as_="super-admin").json()["data"]
    looks = [api.get(NEW_GROUP, as_="super-admin").json()["data"] for _ in range(3)]
    assigned = api.post(f"{NEW_GROUP}/role", json={"role": "tenant_admin"}, as_="super-admin")

    assert [group["tenant_name"] for group in listed] == ["Northgate Ceramics"]
    assert [look["member_count"] for look in looks] == [0, 0, 3]
    assert [look["last_synced_at"] is None for look in looks] == [True, True, False]
    assert assigned.json()["data"]["members"][0]["inherited_role"] == "tenant_admin"
    assert role(api, "adr_h6y1s9d4g7t2w5m8")["user"]["display_name"] == "Helena Voss"


def test_the_journal_tells_after_which_request_a_step_happened(play):
    api = play("fresh-tenant")

    for _ in range(3):
        api.get(NEW_GROUP, as_="super-admin")

    notes = [entry.notes for entry in api.mock.world.journal.entries()]
    assert notes == [[], ["step 1 of the scenario happened"], []]


def test_a_reset_begins_the_scenario_again(play):
    api = play("fresh-tenant")
    first = [api.get(NEW_GROUP, as_="super-admin").json()["data"]["member_count"] for _ in range(3)]

    api.post("/_mock/reset")

    again = [api.get(NEW_GROUP, as_="super-admin").json()["data"]["member_count"] for _ in range(3)]
    assert first == again == [0, 0, 3]


def test_every_sandbox_begins_with_the_scenario_and_plays_it_for_itself(play):
    api = play("fresh-tenant")
    there = {"Mock-Sandbox": "there"}

    for _ in range(3):
        api.get(NEW_GROUP, as_="super-admin", headers=there)

    assert api.get(NEW_GROUP, as_="super-admin", headers=there).json()["data"]["member_count"] == 3
    assert api.get(NEW_GROUP, as_="super-admin").json()["data"]["member_count"] == 0


def test_a_sandbox_that_is_to_begin_with_a_set_has_no_scenario(play):
    sandboxes = play("fresh-tenant").mock.sandboxes

    plain = sandboxes.add("plain", beginning=sandboxes.sets["demo"])
    other = sandboxes.add("other", scenario=sandboxes.scenarios.read("flaky-backend"))

    assert plain.scenario is None
    assert "tnt_q4v8t1m6zk2w9d3r" not in plain.store["tenants"]
    assert [rule.id for rule in other.faults] == ["latency", "unavailable"]
    assert "tnt_q4v8t1m6zk2w9d3r" not in other.store["tenants"]


def test_what_a_scenario_says_of_set_clock_and_settings_holds(play, tmp_path):
    text = """\
set: empty
clock: {at: 2026-05-01T09:00:00Z, frozen: true}
settings: {auth: "off", requests: strict}
changes:
  admin_roles:
    patch: {adr_k2uzoyvo9efa3hnv: {expires_at: +3d}}
"""
    api = play(written(tmp_path, text))

    roles = api.get(ROLES).json()["data"]
    strict = api.get(ROLES, params={"pgae": 2})

    assert [each["expires_at"] for each in roles] == ["2026-05-04T09:00:00.000000Z"]
    assert strict.status_code == 422
    assert api.mock.world.clock.is_frozen


def test_a_clock_that_is_only_set_runs_on(play, tmp_path):
    clock = play(written(tmp_path, "clock: {at: 2026-05-01T09:00:00Z}")).mock.world.clock

    assert not clock.is_frozen
    assert 0 <= clock.now() - datetime.fromisoformat("2026-05-01T09:00:00Z").timestamp() < 60


def test_a_scenario_without_a_set_begins_with_the_one_that_was_asked_for(play, tmp_path):
    api = play(written(tmp_path, "faults: [{delay: 1}]"), fixture_set="empty")

    assert len(api.mock.world.store["users"]) == 1


def test_a_step_may_move_the_clock_and_so_bring_about_the_next(play, tmp_path):
    text = """\
then:
  - after: {time: 2h}
    settings: {requests: strict}
  - after: {calls: 1, match: {operation: listAdminRoles}}
    clock: {advance: 2h}
"""
    api = play(written(tmp_path, text))
    asked = {"as_": "other-super-admin", "params": {"pgae": 2}}
    before = api.mock.world.clock.now()

    first = api.get(ROLES, **asked)
    second = api.get(ROLES, **asked)

    assert (first.status_code, second.status_code) == (200, 422)
    assert api.mock.world.clock.now() - before == pytest.approx(7200, abs=60)


def test_steps_whose_time_has_come_at_once_happen_in_the_order_of_their_times(play, tmp_path):
    text = """\
then:
  - after: {time: 20m}
    settings: {requests: "off"}
  - after: {time: 10m}
    settings: {requests: strict, headers: quiet}
"""
    api = play(written(tmp_path, text))
    api.mock.world.clock.advance(3600)

    api.get(GROUPS, as_="super-admin")

    assert (api.mock.world.settings.requests, api.mock.world.settings.headers) == ("off", "quiet")


def test_calls_of_others_do_not_count(play, tmp_path):
    text = """\
then:
  - after: {calls: 2, match: {operation: listGroups, persona: viewer}}
    settings: {auth: "off"}
"""
    api = play(written(tmp_path, text))

    for persona in ("viewer", "super-admin", "super-admin", None):
        api.get(GROUPS, as_=persona)
    before = api.get(GROUPS).status_code
    api.get(GROUPS, as_="viewer")

    assert (before, api.get(GROUPS).status_code) == (401, 200)


def test_the_control_api_is_no_call(play, tmp_path):
    api = play(written(tmp_path, "then: [{after: {calls: 1}, settings: {auth: 'off'}}]"))

    api.get("/_mock/health")
    api.get("/_mock/sandboxes")

    assert api.get(GROUPS).status_code == 401
    assert api.get(GROUPS).status_code == 200


def test_a_step_that_cannot_happen_any_more_is_noted_and_left_out(play, tmp_path):
    text = f"""\
then:
  - after: {{calls: 1, match: {{method: DELETE}}}}
    changes:
      admin_roles:
        patch: {{{ENDS_FIRST}: {{is_active: false}}, adr_ysowhrevapvy2c80: {{is_active: false}}}}
"""
    api = play(written(tmp_path, text))

    deleted = api.delete(f"{ROLES}{ENDS_FIRST}", as_="super-admin")

    assert deleted.status_code == 204
    assert role(api, "adr_ysowhrevapvy2c80")["is_active"] is False
    assert api.mock.world.journal.entries()[0].notes == [
        "step 1 of the scenario happened",
        f'step 1: admin_roles has no item "{ENDS_FIRST}".',
    ]


def test_of_a_step_that_cannot_move_the_clock_the_rest_happens(play, tmp_path):
    text = """\
faults: [{id: ours, status: 503}]
then: [{after: {calls: 1}, clock: {advance: 1d}, faults: []}]
"""
    api = play(written(tmp_path, text))
    api.mock.world.clock.freeze(datetime.fromisoformat("8999-12-31T12:00:00Z"))

    failed = api.get(GROUPS)

    assert failed.status_code == 503
    assert len(api.mock.world.faults) == 0
    assert api.mock.world.journal.entries()[0].notes[-2:] == [
        "step 1 of the scenario happened",
        "step 1: The clock can be set to the years 1970 to 8999.",
    ]


def test_faults_of_a_step_take_the_place_of_the_scenarios_and_leave_others(play, tmp_path):
    text = """\
faults: [{id: ours, status: 503}]
then:
  - after: {calls: 1}
    faults: [{id: next, delay: 1}]
"""
    api = play(written(tmp_path, text))
    api.post("/_mock/faults", json={"id": "theirs", "delay": 1})

    first = api.get(GROUPS, as_="super-admin")
    second = api.get(GROUPS, as_="super-admin")

    assert (first.status_code, second.status_code) == (503, 200)
    assert [rule.id for rule in api.mock.world.faults] == ["theirs", "next"]


def test_relative_times_of_faults_count_from_the_scenarios_beginning(play, tmp_path):
    text = """\
clock: {at: 2026-05-01T09:00:00Z, frozen: true}
faults: [{status: 503, from: +5m, until: +10m}]
"""
    api = play(written(tmp_path, text))
    statuses = []

    for _ in range(3):
        statuses.append(api.get(GROUPS, as_="super-admin").status_code)
        api.mock.world.clock.advance(301)

    assert statuses == [200, 503, 200]


def test_without_a_scenario_nobody_is_told_of_requests(api):
    api.get(GROUPS, as_="super-admin")

    assert api.mock.world.course is None


def test_a_state_file_and_a_scenario_are_refused_together(tmp_path):
    with pytest.raises(MockServerError, match="leave out --scenario or --state"):
        assemble(Setup(contract=SHIPPED, scenario="fresh-tenant", state=tmp_path / "mock.db"))


def test_a_scenario_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(MockServerError, match=r'no scenario "flaky-backnd".*Did you mean "flaky-backend"'):
        assemble(Setup(contract=SHIPPED, scenario="flaky-backnd"))


def test_items_of_a_found_collection_can_be_put_patched_and_removed(tmp_path):
    document = Path(__file__).parent.parent / "respond" / "library.yaml"
    with in_process(Setup(contract=document, auth="off")) as api:
        collections = {name: list(api.mock.world.store[name]) for name in api.mock.world.store.names()}
    name, items = next((name, items) for name, items in collections.items() if len(items) > 1)
    id_field = api.mock.world.store[name].id_field
    path = written(tmp_path, f"changes: {{{name}: {{remove: ['{items[0][id_field]}']}}}}")

    with in_process(Setup(contract=document, auth="off", scenario=str(path))) as changed:
        left = [each[id_field] for each in changed.mock.world.store[name]]

    assert left == [each[id_field] for each in items[1:]]


LATER = "then: [{after: {time: 1h}, changes: {groups: {remove: [grp_ik81jjdk0v1yedbb]}}}]"


@pytest.mark.parametrize("moved", ["by the control API", "by itself"])
def test_who_looks_by_the_control_api_sees_the_step_whose_time_has_come(play, tmp_path, moved):
    api = play(written(tmp_path, f"set: demo\n{LATER}"), control_token="s3cret")
    api.headers["Authorization"] = "Bearer s3cret"
    groups = "/_mock/collections/groups/items"
    before = api.get(groups).json()["total"]
    if moved == "by itself":
        api.mock.world.clock.advance(7200)
        missing = api.get("/_mock/collections/nowhere/items")  # what is refused takes no step back
        assert missing.status_code == 404
    else:
        api.post("/_mock/clock/advance", json={"by": "2h"})
        assert "grp_ik81jjdk0v1yedbb" not in api.mock.world.store["groups"]

    assert api.get(groups).json()["total"] == before - 1
