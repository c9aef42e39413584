"""
Measure the store by hand: ``python tests/bench/store.py``.

Medians of one operation, in microseconds, at three sizes, with the ratio to the smallest: in memory, with
a state file, and TinyDB's own table in memory beside it; then what sandboxes cost that begin with one
snapshot, with the memory that ``tracemalloc`` sees. Reads come in three orders, since at large sizes a
read at random costs what memory costs that is not in the processor's cache; a dict shows that cost alone.
"""

import itertools
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tinydb import TinyDB, where
from tinydb.storages import MemoryStorage

from mockserver.state.comparing import compare
from mockserver.state.items import copy_item
from mockserver.state.store import Snapshot, Store

SIZES = (100, 10_000, 100_000)
Measured = dict[str, float]


def main() -> None:
    """Print one table for each kind of store, then what has a target of its own."""
    _show("in memory", {size: _of_store(_filled(size)) for size in SIZES})
    with tempfile.TemporaryDirectory() as folder:
        with_file: dict[int, Measured] = {}
        for size in SIZES:
            store = _filled(size, Path(folder, f"{size}.db"))
            with_file[size] = _of_store(store)
            store.close()
        _show("with a state file", with_file)
    _show("a dict of dicts", {size: _of_dict(size) for size in SIZES})
    _show("TinyDB's own table in memory", {size: _of_tinydb(size) for size in SIZES})
    _show("sandboxes from one snapshot", {size: _of_sandboxes(_filled(size)) for size in SIZES})
    _show_memory({size: _memory_of_sandboxes(_filled(size)) for size in SIZES})
    _show_targets()


def _item(number: int) -> dict[str, Any]:
    return {
        "id": f"usr_{number}",
        "name": f"User {number}",
        "email": f"user{number}@example.com",
        "role": ("admin", "member", "guest")[number % 3],
        "group_id": f"grp_{number // 20}",
        "active": number % 7 != 0,
        "score": number * 37 % 1000,
        "note": None,
        "created_at": f"2026-01-{number % 28 + 1:02}T00:00:00Z",
        "updated_at": "2026-02-01T00:00:00Z",
    }


def _filled(size: int, path: Path | None = None) -> Store:
    store = Store.open({"users": "id"}, path=path)
    store.load({"users": [_item(number) for number in range(size)]})
    return store


def _of_store(store: Store) -> Measured:
    users = store["users"]
    size = len(users)
    ids = _ids(size)
    users.find(group_id="grp_1")
    users.find(order=("-created_at", "id"), limit=1)
    in_order = itertools.cycle([f"usr_{number}" for number in range(size)])
    measured = {
        "get, one id": _mean(lambda: users.get("usr_30")),
        "get, in order": _mean(lambda: users.get(next(in_order))),
        "get, at random": _mean(lambda: users.get(next(ids))),
        "find group_id = (20)": _median(lambda: users.find(group_id="grp_3")),
        "page of 20, sorted": _median(
            lambda: users.find(order=("-created_at", "id"), offset=size // 2, limit=20)
        ),
        "page of 20, sorted, role =": _median(
            lambda: users.find(order=("-created_at", "id"), limit=20, role="admin")
        ),
    }
    fresh = itertools.count(size)
    gone = itertools.count(size)
    measured["insert"] = _median(lambda: users.insert(_item(next(fresh))))
    measured["update"] = _median(lambda: users.update(next(ids), {"score": next(fresh)}))
    measured["remove"] = _median(lambda: users.remove(f"usr_{next(gone)}"))
    return measured


def _of_dict(size: int) -> Measured:
    items = {f"usr_{number}": _item(number) for number in range(size)}
    ids = _ids(size)
    return {
        "lookup, at random": _mean(lambda: items[next(ids)]),
        "lookup and copy, at random": _mean(lambda: items[next(ids)].copy()),
    }


def _of_tinydb(size: int) -> Measured:
    table = TinyDB(storage=MemoryStorage).table("users", cache_size=0)
    table.insert_multiple(_item(number) for number in range(size))
    rounds = max(5, 20_000 // size)
    fresh = itertools.count(size)
    ids = itertools.cycle(random.Random(0).choices(range(1, size + 1), k=10_000))

    def page() -> list[Any]:
        return sorted(table.all(), key=lambda item: (item["created_at"], item["id"]), reverse=True)[:20]

    return {
        "get, at random": _mean(lambda: table.get(doc_id=next(ids)), rounds),
        "find group_id = (20)": _median(lambda: table.search(where("group_id") == "grp_3"), rounds),
        "page of 20, sorted": _median(page, rounds),
        "insert": _median(lambda: table.insert(_item(next(fresh))), rounds),
        "update": _median(lambda: table.update({"score": next(fresh)}, doc_ids=[size // 2]), rounds),
        "remove": _median(lambda: table.remove(doc_ids=[next(fresh) % size + 1]), rounds),
    }


def _of_sandboxes(store: Store) -> Measured:
    snapshot = _beginning(store)
    used = _sandbox(snapshot)
    _use(used)
    own = used.snapshot()

    def make_and_use() -> None:
        _use(_sandbox(snapshot))

    def write_and_remember() -> None:
        used["users"].update("usr_30", {"score": next(numbers)})
        used.snapshot()

    numbers = itertools.count()
    return {
        "made": _median(lambda: _sandbox(snapshot), 300),
        "made and used": _median(make_and_use, 300),
        "made from a used one": _median(lambda: _use(_sandbox(own), "usr_7", "usr_8"), 300),
        "update and snapshot": _median(write_and_remember, 300),
        "snapshot": _median(used.snapshot, 300),
        "restore": _median(lambda: used.restore(snapshot), 300),
        "snapshots compared": _median(lambda: compare(snapshot, own), 300),
    }


def _memory_of_sandboxes(store: Store) -> Measured:
    snapshot = _beginning(store)
    tracemalloc.start()
    used = _sandbox(snapshot)
    made = tracemalloc.get_traced_memory()[0]
    _use(used)
    after_use = tracemalloc.get_traced_memory()[0]
    kept = [used.snapshot() for _ in range(2)]
    with_snapshots = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {
        "made": made / 1000,
        "made and used": after_use / 1000,
        "a snapshot of it": (with_snapshots - after_use) / len(kept) / 1000,
    }


def _beginning(store: Store) -> Snapshot:
    # Whoever asks first for an order makes its index, for all who share the items.
    snapshot = store.snapshot()
    store["users"].find(order=("-created_at", "id"), limit=1, role="admin")
    return snapshot


def _sandbox(snapshot: Snapshot) -> Store:
    store = Store.open({"users": "id"})
    store.restore(snapshot)
    return store


def _use(store: Store, changed: str = "usr_5", removed: str = "usr_6") -> None:
    """List, create, update, delete, and list again."""
    users = store["users"]
    for _ in range(2):
        users.find(order=("-created_at", "id"), limit=20)
        users.find(order=("-created_at", "id"), limit=20, role="admin")
        if removed in users:
            users.insert(_item(10_000_000) | {"id": f"new_{removed}"})
            users.update(changed, {"role": "guest"})
            users.remove(removed)


def _ids(size: int) -> Iterator[str]:
    chosen = random.Random(0).choices(range(size), k=100_000)
    return itertools.cycle([f"usr_{number}" for number in chosen])


def _median(operation: Callable[[], object], rounds: int = 3000) -> float:
    taken = []
    for _ in range(rounds):
        started = time.perf_counter_ns()
        operation()
        taken.append(time.perf_counter_ns() - started)
    return statistics.median(taken) / 1000


def _mean(operation: Callable[[], object], rounds: int = 100_000) -> float:
    started = time.perf_counter_ns()
    for _ in range(rounds):
        operation()
    return (time.perf_counter_ns() - started) / rounds / 1000


def _show(title: str, measured: dict[int, Measured]) -> None:
    print(f"\n{title:<30}" + "".join(f"{size:>14,}" for size in measured) + "   ratio")
    for operation, smallest in measured[SIZES[0]].items():
        row = [measured[size][operation] for size in SIZES]
        print(
            f"{operation:<30}" + "".join(f"{one:>11.2f} us" for one in row) + f"   {row[-1] / smallest:.1f}"
        )


def _show_memory(measured: dict[int, Measured]) -> None:
    print(f"\n{'memory of a sandbox':<30}" + "".join(f"{size:>14,}" for size in measured))
    for what in measured[SIZES[0]]:
        print(f"{what:<30}" + "".join(f"{measured[size][what]:>11.1f} kB" for size in measured))


def _show_targets() -> None:
    small, large = _filled(60), _filled(100_000)
    users, item = small["users"], _item(1)

    def nothing() -> None:
        with small.transaction():
            pass

    print("\nwith a target of its own")
    print(f"copy of a flat item of 10 fields       {_mean(lambda: copy_item(item)):.2f} us, below 1")
    print(f"get, of 60                             {_mean(lambda: users.get('usr_30')):.2f} us, below 1.5")
    page = _mean(lambda: users.find(limit=20), 20_000)
    print(f"page of 20, of 60                      {page:.2f} us, below 15")
    sorted_page = _mean(lambda: users.find(order=("-created_at", "id"), limit=20), 20_000)
    print(f"page of 20, of 60, sorted              {sorted_page:.2f} us, below 15")
    matching = _mean(lambda: users.find(order=("-created_at", "id"), limit=20, active=True), 20_000)
    print(f"page of 20, of 60, sorted, one field = {matching:.2f} us")
    print(f"transaction without writes             {_mean(nothing):.2f} us, below 1")
    print(f"new id                                 {_mean(lambda: small.new_id('usr'), 20_000):.2f} us")
    print(f"snapshot of 100,000                    {_median(large.snapshot, 20) / 1000:.1f} ms, below 50")
    snapshot = large.snapshot()
    other = Store.open({"users": "id"})
    print(
        f"new store from a snapshot of 100,000   {_median(lambda: other.restore(snapshot), 20) / 1000:.1f} ms"
    )
    started = time.perf_counter()
    large["users"].find(order=("-created_at", "id"), limit=20)
    print(f"first sorted page of 100,000           {(time.perf_counter() - started) * 1000:.0f} ms, once")


if __name__ == "__main__":
    main()
