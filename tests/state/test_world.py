"""One world: what it begins with, what is kept, and how it is put back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mockserver.errors import MockServerError
from mockserver.state.clock import Clock, write_time
from mockserver.state.fixtures import Content
from mockserver.state.store import Store
from mockserver.state.world import World

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


def fixtures(now: datetime) -> Content:
    return {"things": [{"id": "a", "made_at": write_time(now)}]}


def world_of(path: Path | None = None, set_to: datetime | None = NOW) -> World:
    store = Store.open({"things": "id"}, seed=1, path=path)
    return World(store, Clock(set_to), 1, fixtures)


def test_a_new_world_begins_with_its_fixtures_at_its_own_time():
    world = world_of()

    assert world.store.export() == {"things": [{"id": "a", "made_at": "2026-05-01T09:00:00.000000Z"}]}


def test_a_reset_puts_back_the_items_the_clock_and_the_sequences():
    world = world_of()
    first = (world.store.new_id("thg"), world.clock.tick(), world.request_ids.next())
    world.store["things"].update("a", {"made_at": None})
    world.store["things"].insert({"id": "b"})

    world.reset()

    assert world.store.export() == fixtures(NOW)
    assert (world.store.new_id("thg"), world.clock.tick(), world.request_ids.next()) == first


def test_a_second_reset_does_the_same():
    world = world_of()
    world.reset()
    world.store["things"].remove("a")

    world.reset()

    assert world.store.export() == fixtures(NOW)


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
    world = world_of()
    world.store["things"].insert({"id": "b"})

    world.begin_with(lambda now: {"things": [{"id": "z"}]})
    before = world.store.export()
    world.reset()

    assert [thing["id"] for thing in before["things"]] == ["a", "b"]
    assert world.store.export() == {"things": [{"id": "z"}]}


def test_fixtures_that_cannot_be_read_leave_what_there_is():
    def broken(now: datetime) -> Content:
        raise MockServerError("no luck")

    world = world_of()
    world.begin_with(broken)

    with pytest.raises(MockServerError, match="no luck"):
        world.reset()

    assert world.store.export() == fixtures(NOW)


def test_two_worlds_know_nothing_of_each_other():
    one, other = world_of(), world_of()

    one.store["things"].insert({"id": "b"})

    assert len(other.store["things"]) == 1
    assert one.store.new_id("thg") == other.store.new_id("thg")
