"""A store with a limit takes so many bytes of JSON, and says so where it takes no more."""

import contextlib

import pytest

from mockserver.errors import MockServerError
from mockserver.state.allowance import StoreFull
from mockserver.state.store import Store

COLLECTIONS = {"users": "id", "groups": "id"}
BEGINNING = {"users": [{"id": "a", "n": "x" * 500}, {"id": "b"}, {"id": "c"}]}


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    path = tmp_path / "state.db" if request.param == "file" else None
    opened = Store.open(COLLECTIONS, path=path, limit=60)
    opened.load(BEGINNING)
    yield opened
    opened.close()


def _item(item_id, size):
    """Make an item that takes so many bytes."""
    return {"id": item_id, "n": "x" * (size - len('{"id":"","n":""}') - len(item_id))}


def test_what_a_store_began_with_costs_nothing(store):
    assert store.written == 0

    store["users"].update("b", {"n": 1})

    assert store.written == len('{"id":"b","n":1}')


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store["users"].insert(_item("e", 31)),
        lambda store: store["groups"].insert(_item("e", 31)),
        lambda store: store["users"].update("d", _item("d", 61)),
        lambda store: store["users"].update("a", {"m": 1}),
        lambda store: store["users"].replace("c", _item("c", 31)),
    ],
    ids=["insert", "insert elsewhere", "update what is own", "update what is not", "replace"],
)
def test_a_write_that_leads_above_is_refused_and_leaves_everything_untouched(store, write):
    store["users"].insert(_item("d", 30))
    store["users"].find(order=("-n",))
    before, size = store.export(), store.written

    with pytest.raises(
        StoreFull,
        match=r"bytes of items .*, and 60 are allowed; remove some, or start with more --sandbox-size",
    ) as refused:
        write(store)

    assert isinstance(refused.value, MockServerError)
    assert refused.value.limit == 60 < refused.value.needed
    assert store.export() == before
    assert store.written == size == 30
    assert [item["id"] for item in store["users"].find(order=("id",))] == ["a", "b", "c", "d"]


def test_the_limit_itself_may_be_reached_and_what_is_removed_makes_room(store):
    store["users"].insert(_item("d", 30))
    store["users"].insert(_item("e", 30))
    store["users"].remove("d")
    store["users"].remove("a")
    store["users"].insert(_item("f", 30))
    store["users"].update("f", _item("f", 20))

    assert store.written == 50


def test_a_transaction_that_is_taken_back_is_not_counted(store):
    store["users"].insert(_item("d", 30))

    with contextlib.suppress(StoreFull), store.transaction():
        store["users"].remove("d")
        store["users"].insert(_item("e", 60))
        store["users"].insert(_item("f", 30))
    assert store.written == 30

    with contextlib.suppress(StoreFull), store.transaction():
        store.load({"users": [{"id": "z"}]})
        store["users"].insert(_item("f", 61))
    assert store.written == 30
    assert len(store["users"]) == 4


def test_a_snapshot_keeps_what_was_written_before_it(store):
    store["users"].insert(_item("d", 30))
    snapshot = store.snapshot()
    store["users"].insert(_item("e", 30))

    twin = Store.open(COLLECTIONS, limit=60)
    twin.restore(snapshot)
    store.restore(snapshot)

    for each in (store, twin):
        assert each.written == 30
        with pytest.raises(StoreFull):
            each["users"].insert(_item("f", 31))
        each["users"].remove("d")
        each["users"].insert(_item("f", 60))


def test_without_a_limit_nothing_is_measured():
    store = Store.open(COLLECTIONS)
    store.load(BEGINNING)
    store["users"].insert(_item("d", 100_000))
    store["users"].remove("a")

    assert store.written is None


def test_an_item_that_json_cannot_write_counts_too():
    store = Store.open(COLLECTIONS, limit=60)

    with pytest.raises(StoreFull):
        store["users"].insert({"id": "a", "n": 10**60})
    store["users"].insert({"id": "a", "n": 10**30})

    assert 40 < store.written < 60
