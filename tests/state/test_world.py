"""One world: what it begins with, and how it gets back there."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mockserver.errors import MockServerError
from mockserver.serve.assembly import Setup, assemble, read_beginnings, read_parts
from mockserver.state.beginnings import Beginning, FixtureSets
from mockserver.state.clock import Clock, read_time, write_time
from mockserver.state.fault_rules import FaultRule
from mockserver.state.fixtures import Content
from mockserver.state.journal import Journal, RequestIds
from mockserver.state.journal_entry import Entry
from mockserver.state.scenario import Scenario
from mockserver.state.store import Store
from mockserver.state.world import World
from tests.conftest import ROOT, SHIPPED, in_process

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def beginning(read: Callable[[datetime], Content]) -> Beginning:
    return FixtureSets({"things": "id"}, lambda _name, now: read(now), list).first


def fixtures(now: datetime) -> Content:
    return {"things": [{"id": "a", "made_at": write_time(read_time("now", now))}]}


def world_of(path: Path | None = None) -> World:
    return World(Store.open({"things": "id"}, seed=1, path=path), Clock(NOON), 1, beginning(fixtures))


def test_a_new_world_begins_with_its_fixtures_at_its_own_time():
    assert world_of().store.export() == {"things": [{"id": "a", "made_at": "2026-05-01T12:00:00.000000Z"}]}


def test_a_world_has_the_journal_that_it_was_given_though_nothing_is_in_it():
    journal = Journal(sandbox="mine")

    world = World(Store.open({"things": "id"}, seed=1), Clock(NOON), 1, beginning(fixtures), journal=journal)

    assert world.journal is journal


def test_a_state_file_is_gone_on_from_and_a_reset_reads_the_fixtures(tmp_path):
    before = world_of(tmp_path / "mock.db")
    before.store["things"].insert({"id": "b"})
    before.store.close()

    after = world_of(tmp_path / "mock.db")
    kept = [thing["id"] for thing in after.store["things"]]
    after.reset()
    anew = [thing["id"] for thing in after.store["things"]]
    after.store.close()

    assert kept == ["a", "b"]
    assert anew == ["a"]


def test_a_state_file_that_was_emptied_stays_empty(tmp_path):
    before = world_of(tmp_path / "mock.db")
    before.store["things"].remove("a")
    before.store.close()

    after = world_of(tmp_path / "mock.db")
    found = len(after.store["things"])
    after.store.close()

    assert found == 0


def test_other_fixtures_are_read_by_the_next_reset_and_not_before():
    sets = FixtureSets({"things": "id"}, lambda _name, now: fixtures(now), list)
    world = World(Store.open({"things": "id"}), Clock(NOON), 1, sets.first)
    world.store["things"].insert({"id": "b"})

    sets.replace(lambda _name, _now: {"things": [{"id": "z"}]}, list)
    before = world.store.export()
    world.reset()

    assert [thing["id"] for thing in before["things"]] == ["a", "b"]
    assert world.store.export() == {"things": [{"id": "z"}]}


def test_two_worlds_know_nothing_of_each_other():
    one, other = world_of(), world_of()

    one.store["things"].insert({"id": "b"})

    assert len(other.store["things"]) == 1
    assert one.store.new_id("thg") == other.store.new_id("thg")


def test_a_reset_brings_back_items_clock_and_ids():
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    world = World(
        Store.open({"things": "id"}),
        Clock(noon),
        0,
        beginning(lambda now: {"things": [{"id": "a", "at": str(now)}]}),
    )
    before = (world.store.export(), world.store.new_id("it"), world.clock.tick(), world.request_ids.next())
    world.reset()
    world.store["things"].insert({"id": "b"})

    world.reset()

    after = (world.store.export(), world.store.new_id("it"), world.clock.tick(), world.request_ids.next())
    assert after == before


def test_a_reset_that_cannot_read_its_fixtures_leaves_everything_as_it_is():
    def refuse(_name, _now):
        raise MockServerError("things.yaml: is broken.")

    sets = FixtureSets({"things": "id"}, lambda _name, _now: {"things": [{"id": "a"}]}, list)
    world = World(Store.open({"things": "id"}), Clock(), 0, sets.first)
    sets.replace(refuse, list)
    world.store["things"].insert({"id": "b"})

    with pytest.raises(MockServerError):
        world.reset()

    assert [item["id"] for item in world.store["things"]] == ["a", "b"]


def test_a_set_that_is_not_there_is_refused_beside_a_state_file_too(tmp_path):
    state = tmp_path / "mock.db"
    assemble(Setup(contract=SHIPPED, state=state)).close()

    with pytest.raises(MockServerError, match="nosuch"):
        assemble(Setup(contract=SHIPPED, state=state, fixture_set="nosuch"))


def test_stored_items_that_break_the_contract_of_today_are_refused_by_name(tmp_path):
    state = tmp_path / "mock.db"
    mock = assemble(Setup(contract=SHIPPED, state=state))
    group = next(iter(mock.world.store["groups"]))
    mock.world.store["groups"].update(group["id"], {"role": "owner"})
    mock.close()

    with pytest.raises(MockServerError, match=rf'groups "{group["id"]}": role is "owner"'):
        assemble(Setup(contract=SHIPPED, state=state))


def test_what_refers_to_nothing_is_a_bug_of_the_mock_and_no_404(capsys):
    with in_process(Setup(contract=SHIPPED)) as api:
        store = api.mock.world.store
        role = next(iter(store["admin_roles"]))
        store["users"].remove(role["user_id"])

        answered = api.get(f"/api/v1/admin/admin-roles/{role['id']}", as_="other-super-admin")

    assert answered.status_code == 500
    assert role["user_id"] in capsys.readouterr().err


class HurryingClock(Clock):
    """The machine's time, and so many seconds more."""

    ahead = 0

    def first(self) -> float:
        return super().first() + self.ahead


def test_relative_times_are_relative_to_the_reset():
    clock = HurryingClock()
    asked: list[datetime] = []

    def read(now: datetime):
        asked.append(now)
        return {"things": [{"id": "a", "at": str(read_time("+0s", now))}]}

    world = World(Store.open({"things": "id"}), clock, 0, beginning(read))
    clock.ahead = 3600

    world.reset()

    assert (asked[-1] - asked[0]).total_seconds() >= 3600
    assert world.store["things"].get("a")["at"] == str(asked[-1])


def test_fixtures_without_relative_times_are_read_once():
    clock = HurryingClock()
    asked: list[datetime] = []

    def read(now: datetime):
        asked.append(now)
        return {"things": [{"id": "a", "at": write_time(read_time("2026-05-01T12:00:00Z", now))}]}

    world = World(Store.open({"things": "id"}), clock, 0, beginning(read))
    clock.ahead = 7200
    world.reset()

    assert len(asked) == 1
    assert len(world.store["things"]) == 1


@pytest.mark.parametrize("set_to", [NOON, None], ids=["a set clock", "the machine's time"])
def test_a_reset_after_the_clock_was_moved_reads_fixtures_for_the_time_it_goes_back_to(set_to):
    clock = Clock(set_to)
    world = World(Store.open({"things": "id"}), clock, 0, beginning(fixtures))
    began_at = world.store["things"].get("a")["made_at"]
    clock.advance(30 * 86_400)

    world.reset()

    made_at = datetime.fromisoformat(world.store["things"].get("a")["made_at"])
    assert made_at - datetime.fromisoformat(began_at) < timedelta(minutes=1)
    assert abs(made_at.timestamp() - clock.now()) < 60


def scenario(tmp_path: Path, text: str) -> Scenario:
    """Give a scenario of the shipped contract."""
    path = tmp_path / "ours.yaml"
    path.write_text(f"description: Ours.\n{text}", encoding="utf-8")
    setup = Setup(contract=SHIPPED)
    return read_beginnings(setup, read_parts(setup))[1].find(str(path))


@pytest.fixture
def shipped() -> Iterator[World]:
    mock = assemble(Setup(contract=SHIPPED))
    yield mock.world
    mock.close()


ALL = """\
set: empty
clock: {at: 2026-05-01T09:00:00Z, frozen: true}
faults: [{id: ours, status: 503}]
settings: {auth: present}
then: [{after: {calls: 1}, faults: []}]
"""


def test_starting_a_scenario_puts_a_whole_world_in_the_place_of_another(shipped, tmp_path):
    shipped.faults.add(FaultRule(id="theirs", status=500))
    shipped.settings = replace(shipped.settings, requests="off")
    shipped.request_ids.next()

    shipped.start(scenario(tmp_path, ALL))

    assert len(shipped.store["users"]) == 1
    assert shipped.clock.now() == datetime(2026, 5, 1, 9, tzinfo=UTC).timestamp()
    assert [rule.id for rule in shipped.faults] == ["ours"]
    assert (shipped.settings.auth, shipped.settings.requests) == ("present", "enforce")
    assert shipped.request_ids.next() == RequestIds(0).next()
    assert shipped.course is not None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "fixtures" / "empty" / "users.yaml").write_text("- 7"),
        lambda folder: (folder / "fixtures" / "empty" / "admin_roles.yaml").write_text("[]"),
        lambda folder: shutil.rmtree(folder / "fixtures" / "empty"),
    ],
    ids=["its set is broken", "what it patches is gone", "its set is gone"],
)
def test_a_scenario_that_cannot_be_read_any_more_leaves_everything_as_it_was(tmp_path, spoil):
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
    ours = tmp_path / "ours.yaml"
    patch = "changes: {admin_roles: {patch: {adr_k2uzoyvo9efa3hnv: {expires_at: +3d}}}}"
    ours.write_text(f"description: Ours.\n{ALL}{patch}")
    mock = assemble(Setup(contract=SHIPPED, fixtures=tmp_path / "fixtures"))
    world, found = mock.world, mock.sandboxes.scenarios.find(str(ours))
    found.beginning.forget()
    spoil(tmp_path)
    before = world.store.export(), world.settings, world.beginning, world.scenario

    with pytest.raises(MockServerError):
        world.start(found)

    assert (world.store.export(), world.settings, world.beginning, world.scenario) == before
    assert (world.clock.is_frozen, len(world.faults), world.course) == (False, 0, None)


def test_a_clock_that_cannot_be_set_so_far_refuses_the_scenario_as_a_whole(shipped, tmp_path):
    found = scenario(tmp_path, "set: empty\nclock: {at: +999w}")
    shipped.clock = Clock(datetime(8999, 1, 1, tzinfo=UTC))

    with pytest.raises(MockServerError, match="1970 to 8999"):
        shipped.start(found)

    assert len(shipped.store["users"]) > 1


def test_a_reset_begins_a_scenario_again_with_its_faults_and_no_other(shipped, tmp_path):
    shipped.start(scenario(tmp_path, ALL))
    shipped.clock.advance(3600)
    shipped.faults.add(FaultRule(id="theirs", status=500))
    shipped.store["users"].remove("usr_cupb2ud4z0udyrl4")
    shipped.course = None

    shipped.reset()

    assert len(shipped.store["users"]) == 1
    assert [rule.id for rule in shipped.faults] == ["ours"]
    assert shipped.clock.now() == datetime(2026, 5, 1, 9, tzinfo=UTC).timestamp()
    assert shipped.course is not None


def test_another_beginning_ends_a_scenario_and_its_faults(shipped, tmp_path):
    before = shipped.beginning
    shipped.start(scenario(tmp_path, ALL))
    shipped.faults.add(FaultRule(id="theirs", status=500))

    shipped.begin(before)
    left = [rule.id for rule in shipped.faults]
    settled = shipped.clock.is_frozen, shipped.settings.auth
    shipped.reset()

    assert shipped.course is None
    assert left == ["theirs"]
    assert settled == (shipped.clock.is_frozen, shipped.settings.auth) == (False, "verify")


def test_another_beginning_leaves_the_clock_where_no_scenario_set_it(shipped):
    shipped.clock.freeze(NOON)

    shipped.begin(shipped.beginning)

    assert shipped.clock.now() == NOON.timestamp()


def test_a_step_that_nobody_asked_for_happens_once_and_the_next_entry_tells_of_it(shipped, tmp_path):
    shipped.start(scenario(tmp_path, "then: [{after: {time: 1h}, faults: [{id: ours, status: 503}]}]"))
    entry, next_entry = Entry("req_1", "GET", "/"), Entry("req_2", "GET", "/")

    shipped.elapse()
    before = len(shipped.faults)
    shipped.clock.advance(7200)
    shipped.elapse()
    shipped.arrived(entry)
    shipped.arrived(next_entry)

    assert (before, len(shipped.faults)) == (0, 1)
    assert entry.notes == ["step 1 of the scenario happened"]
    assert next_entry.notes == []
    assert shipped.course is None


def test_a_step_leaves_a_fault_that_took_the_id_of_one_of_its_scenario(shipped, tmp_path):
    shipped.start(scenario(tmp_path, ALL))
    theirs = FaultRule(id="ours", status=500)
    shipped.faults.remove("ours")
    shipped.faults.add(theirs)

    shipped.answered(Entry("req_1", "GET", "/"))

    assert list(shipped.faults) == [theirs]


def test_items_of_a_scenario_are_read_once_for_all_sandboxes(tmp_path):
    mock = assemble(Setup(contract=SHIPPED))
    found = scenario(tmp_path, "clock: {at: 2026-05-01T09:00:00Z}\nchanges: {groups: {remove: []}}")
    moment = found.time(mock.world.clock.first())

    first = found.beginning.snapshot(moment, 60)
    for name in "abc":
        mock.sandboxes.add(name, scenario=found)
    mock.sandboxes.get("a").reset()

    assert found.beginning.snapshot(moment, 60) is first
