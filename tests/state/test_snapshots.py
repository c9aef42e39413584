"""Saved states of a sandbox: how much of what was written they may hold."""

import pytest

from mockserver.state.snapshots import Saved, Snapshots, TooManySnapshots
from mockserver.state.store import Store


def written(count: int, letter: str) -> list[dict[str, str]]:
    return [{"id": f"{letter}{number}", "text": letter * 80} for number in range(count)]


def saved(name: str, store: Store) -> Saved:
    return Saved(name, "2026-05-01T12:00:00Z", store.snapshot())


@pytest.fixture
def store() -> Store:
    store = Store.open({"things": "id"}, limit=2000)
    store.load({"things": written(100, "z")})  # what it began with costs nothing
    return store


def test_what_is_saved_and_removed_again_and_again_comes_to_an_end(store):
    snapshots = Snapshots(store.limit)
    for item in written(15, "a"):
        store["things"].insert(item)
    snapshots.save(saved("first", store))
    for item in written(15, "a"):
        store["things"].remove(item["id"])
    for item in written(15, "b"):
        store["things"].insert(item)

    with pytest.raises(TooManySnapshots, match=r"bytes of items beside .*, and 2,000 are allowed"):
        snapshots.save(saved("second", store))

    assert [each.name for each in snapshots] == ["first"]


def test_items_that_several_snapshots_have_are_counted_once(store):
    snapshots = Snapshots(store.limit)
    for item in written(15, "a"):
        store["things"].insert(item)

    for number in range(50):
        snapshots.save(saved(f"s{number}", store))

    assert len(list(snapshots)) == 50


def test_a_deleted_or_replaced_snapshot_makes_room(store):
    snapshots = Snapshots(store.limit)
    for letter in "abc":
        for item in written(15, letter):
            store["things"].insert(item)
        snapshots.save(saved("again", store))
        for item in written(15, letter):
            store["things"].remove(item["id"])
    snapshots.remove("again")
    for item in written(15, "d"):
        store["things"].insert(item)

    snapshots.save(saved("other", store))

    assert [each.name for each in snapshots] == ["other"]


def test_a_snapshot_that_is_refused_leaves_the_one_of_its_name(store):
    snapshots = Snapshots(1500)
    for item in written(10, "a"):
        store["things"].insert(item)
    first = saved("again", store)
    snapshots.save(first)
    for item in written(8, "b"):
        store["things"].insert(item)

    for _ in range(2):
        with pytest.raises(TooManySnapshots):
            snapshots.save(saved("again", store))

    assert snapshots["again"] is first
