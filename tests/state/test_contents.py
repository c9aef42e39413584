"""Contents that are shared until they change: as a plain dict would be, apart from each other, and cheap."""

import contextlib
import random

import pytest

from mockserver.state.contents import Contents
from mockserver.state.index import Changed
from mockserver.state.store import Store

FIELDS = {
    "kind": ["x", "y", True, None],
    "rank": [1, 2, 3, 1.5, None],
    "at": ["2026", "2025", "2024", ""],
    "team": ["most"] * 9 + ["few"],
    "tags": [[], ["a"], {"b": [1]}],
}
ORDERS = [(), ("rank",), ("-at", "id"), ("kind", "-rank"), ("-id",)]
SIZES = {"a few items": 40, "enough to be shared": 700}


def _item(chance, item_id):
    return {"id": item_id} | {name: chance.choice(values) for name, values in FIELDS.items()}


def _many(size):
    chance = random.Random(size)
    return [_item(chance, f"i{number}") for number in range(size)]


def _store(size):
    store = Store.open({"users": "id"})
    store.load({"users": _many(size)})
    return store


def _twin(store):
    twin = Store.open({"users": "id"})
    twin.restore(store.snapshot())
    return twin


class Naive:
    """A store with its model, a plain dict, which every answer is held against."""

    def __init__(self, store, items):
        self.store = store
        self.users = store["users"]
        self.items = items

    def insert(self, item):
        self.users.insert(item)
        self.items[item["id"]] = item

    def update(self, item_id, changes):
        self.users.update(item_id, changes)
        self.items[item_id] = self.items[item_id] | changes

    def remove(self, item_id):
        self.users.remove(item_id)
        del self.items[item_id]

    def write(self, chance, step):
        """Insert, update, remove, or put back what was removed, a few times."""
        for number in range(chance.choice([1, 1, 1, 5, 30])):
            chosen = chance.choice([*self.items, "new"])
            match chance.randrange(5):
                case 0 if chosen in self.items:
                    self.remove(chosen)
                case 1 | 2 if chosen in self.items:
                    self.update(
                        chosen, {name: chance.choice(FIELDS[name]) for name in ("rank", "at", "team")}
                    )
                case 3 if chosen in self.items:
                    self.remove(chosen)
                    self.insert(_item(chance, chosen))
                case _:
                    self.insert(_item(chance, f"n{step}-{number}"))

    def fail(self, chance, step, snapshots):
        """Write in a transaction inside another, and take back the inner one, or both."""
        before = dict(self.items)
        with contextlib.suppress(InterruptedError), self.store.transaction():
            self.write(chance, f"{step}o")
            kept = dict(self.items)
            with contextlib.suppress(InterruptedError), self.store.transaction():
                self.write(chance, f"{step}i")
                if snapshots and chance.random() < 0.3:
                    self.restore(*chance.choice(snapshots))
                    self.write(chance, f"{step}r")
                raise InterruptedError
            self.items = kept
            if chance.random() < 0.5:
                self.items = before
                raise InterruptedError

    def restore(self, snapshot, items):
        self.store.restore(snapshot)
        self.items = dict(items)

    def look(self, chance):
        """Compare one search, and now and then everything."""
        names = chance.sample(list(FIELDS), chance.choice([0, 0, 1, 1, 2]))
        equals = {name: chance.choice(FIELDS[name]) for name in names}
        where = chance.choice([None, None, lambda item: item["rank"] == 2])
        order = chance.choice(ORDERS)
        offset, limit = chance.choice([0, 0, 3, 250, 600]), chance.choice([None, 1, 20, 300])

        expected = [
            item
            for item in self.items.values()
            if all(_key(item[name]) == _key(value) for name, value in equals.items())
            and (where is None or where(item))
        ]
        for name in reversed(order):
            field = name.removeprefix("-")
            expected.sort(key=lambda item: _key(item[field]), reverse=name.startswith("-"))

        assert (
            self.users.find(where, order=order, offset=offset, limit=limit, **equals)
            == expected[offset:][:limit]
        )
        assert self.users.count(where, **equals) == len(expected)
        assert len(self.users) == len(self.items)
        chosen = chance.choice([*self.items, "none"])
        assert (chosen in self.users) == (chosen in self.items)
        if chosen in self.items:
            assert self.users.get(chosen) == self.items[chosen]
        if chance.random() < 0.05:
            assert self.store.export() == {"users": list(self.items.values())}


def _key(value):
    rank = {bool: 0, int: 1, float: 1, str: 2, type(None): 4}.get(type(value), 3)
    return rank, repr(value) if rank == 3 else 0 if rank == 4 else value


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_whatever_is_written_and_restored_stores_are_as_plain_dicts_and_apart(size, seed):
    chance = random.Random(seed)
    first = Naive(_store(size), {item["id"]: item for item in _many(size)})
    worlds, snapshots = [first], []
    for step in range(250):
        world = chance.choice(worlds)
        match chance.randrange(12):
            case 0 if len(worlds) < 4:
                worlds.append(Naive(_twin(world.store), dict(world.items)))
            case 1:
                snapshots.append((world.store.snapshot(), dict(world.items)))
            case 2 if snapshots:
                world.restore(*chance.choice(snapshots))
            case 3:
                world.fail(chance, step, snapshots)
            case 4 if chance.random() < 0.1:
                for item_id in chance.sample(list(world.items), len(world.items) * 2 // 3):
                    world.remove(item_id)
            case _:
                world.write(chance, step)
        world.look(chance)
        chance.choice(worlds).look(chance)


def test_two_stores_on_one_snapshot_never_see_each_others_writes():
    first = _store(700)
    first["users"].find(order=("rank",), kind="x")
    second, third = _twin(first), _twin(first)
    before = first.export()

    second["users"].update("i0", {"rank": 9})
    second["users"].remove("i1")
    third["users"].insert({"id": "new", "rank": 9})
    third["users"].update("i0", {"kind": "z"})

    assert first.export() == before
    assert [item["id"] for item in second["users"].find(rank=9)] == ["i0"]
    assert [item["id"] for item in third["users"].find(rank=9)] == ["new"]
    assert (second["users"].count(), third["users"].count()) == (699, 701)
    assert (second["users"].count(kind="z"), third["users"].count(kind="z")) == (0, 1)


def _contents(size):
    return Contents({item["id"]: item for item in _many(size)}, {f"i{at}": at for at in range(size)})


def test_a_copy_shares_the_items_and_the_indexes_after_it_was_written_to():
    first = _contents(5000)
    first.order(("rank", "id"))
    first.matching("kind")

    second = first.copy()
    second.put("i7", None, {"id": "i7", "rank": 2})
    second.put("i8", None, None)
    second.put("new", None, {"id": "new"})
    third = second.copy()

    assert first.shared is second.shared is third.shared
    assert len(second.own) == len(third.own) == 3
    ours, theirs = first.order(("rank", "id")).entries, second.order(("rank", "id")).entries
    assert ours.shared_with(theirs) >= 5000 // 512 - 5
    assert theirs.shared_with(third.order(("rank", "id")).entries) == 5000 // 512 + 1


def test_an_index_that_one_copy_asks_for_is_there_for_all_of_them():
    first = _contents(5000)
    second, third = first.copy(), first.copy()
    second.put("i0", None, None)

    made = second.order(("rank",)).entries

    assert made.shared_with(third.order(("rank",)).entries) >= 5000 // 512
    assert len(made) == 4999


def test_a_large_bucket_that_was_changed_is_copied_only_by_who_reads_it_often():
    items = {f"i{number}": {"id": f"i{number}", "kind": "x"} for number in range(5000)}
    first = Contents(items, {item_id: at for at, item_id in enumerate(items)})
    second = first.copy()
    second.matching("kind")
    second.put("i0", None, None)
    third = second.copy()
    fourth = second.copy()
    fourth.put("i1", None, None)

    for contents in (third, fourth):
        for _ in range(200):
            contents.matching("kind").bucket("x")

    assert type(second.matching("kind").bucket("x")) is type(third.matching("kind").bucket("x")) is Changed
    assert type(fourth.matching("kind").bucket("x")) is dict
    buckets = [set(each.matching("kind").bucket("x")) for each in (first, second, third, fourth)]
    assert [len(bucket) for bucket in buckets] == [5000, 4999, 4999, 4998]
    assert buckets[2] == buckets[3] | {"i1"}


def test_a_copy_that_is_written_to_a_lot_shares_no_more():
    first = _contents(5000)
    second = first.copy()
    for number in range(0, 2000, 2):
        second.put(f"i{number}", None, {"id": f"i{number}", "rank": 0})

    assert second.shared is not first.shared
    assert second.below == {}
    assert list(second) == list(first)
    assert len(second.differences(first)) == 1000


def test_differences_are_named_whatever_is_shared():
    first = _contents(700)
    second = first.copy()
    second.put("i3", None, None)
    second.put("i4", None, None)
    second.put("i4", None, first["i4"])
    second.put("i5", None, {"id": "i5"})
    second.put("new", None, {"id": "new"})
    alone = Contents(dict(second), {item_id: second.position(item_id) for item_id in second})

    assert sorted(second.differences(first)) == ["i3", "i4", "i5", "new"]
    assert sorted(first.differences(second)) == ["i3", "i4", "i5", "new"]
    assert sorted(alone.differences(first)) == sorted(first.differences(alone)) == ["i3", "i4", "i5", "new"]
    assert alone.differences(second) == []
