"""One world: what it begins with, and how it gets back there."""

from datetime import UTC, datetime

import pytest

from mockserver.errors import MockServerError
from mockserver.serve.assembly import Setup, assemble
from mockserver.state.clock import Clock
from mockserver.state.store import Store
from mockserver.state.world import World
from tests.conftest import SHIPPED, in_process


def test_a_reset_brings_back_items_clock_and_ids():
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)
    world = World(
        Store.open({"things": "id"}), Clock(noon), 0, lambda now: {"things": [{"id": "a", "at": str(now)}]}
    )
    before = (world.store.export(), world.store.new_id("it"), world.clock.tick(), world.request_ids.next())
    world.reset()
    world.store["things"].insert({"id": "b"})

    world.reset()

    after = (world.store.export(), world.store.new_id("it"), world.clock.tick(), world.request_ids.next())
    assert after == before


def test_a_reset_that_cannot_read_its_fixtures_leaves_everything_as_it_is():
    world = World(Store.open({"things": "id"}), Clock(), 0, lambda _: {"things": [{"id": "a"}]})

    def refuse(_):
        raise MockServerError("things.yaml: is broken.")

    world.begin_with(refuse)
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
