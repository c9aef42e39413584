"""What handlers rely on: the same in memory, with a state file, and after the state file was opened again."""

import copy
import random

import pytest

from mockserver.errors import MockServerError
from mockserver.state.collection import ItemExists, ItemNotFound
from mockserver.state.store import Store

COLLECTIONS = {"users": "id", "groups": "id"}


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    path = tmp_path / "state.db" if request.param == "file" else None
    opened = Store.open(COLLECTIONS, seed=1, path=path)
    yield opened
    if path:
        exported = opened.export()
        opened.close()
        again = Store.open(COLLECTIONS, path=path, read_only=True)
        assert again.export() == exported, "the state file differs from the memory"
        again.close()
    opened.close()


@pytest.fixture
def users(store):
    store.load({"users": [{"id": "a", "n": 1}, {"id": "b", "n": 2}, {"id": "c", "n": 3}]})
    return store["users"]


def ids(items):
    return [item["id"] for item in items]


def test_an_item_that_was_inserted_is_found_by_its_id(users):
    given = users.insert({"id": "d", "n": 4})

    assert given == users.get("d") == {"id": "d", "n": 4}
    assert "d" in users
    assert len(users) == 4
    assert ids(users) == ["a", "b", "c", "d"]


def test_an_id_that_is_taken_is_refused(users):
    with pytest.raises(ItemExists, match='users has an item "a" already') as refused:
        users.insert({"id": "a", "n": 9})

    assert (refused.value.collection, refused.value.id) == ("users", "a")
    assert users.get("a") == {"id": "a", "n": 1}


@pytest.mark.parametrize(
    "item", [{}, {"id": None}, {"id": ""}, {"id": True}, {"id": 1.5}, {"id": []}], ids=repr
)
def test_an_item_without_a_usable_id_is_refused(users, item):
    with pytest.raises(ValueError, match=r"id is .*; every item of users needs a string or an integer there"):
        users.insert(item)

    assert len(users) == 3


@pytest.mark.parametrize(
    "use",
    [
        lambda users: users.get("z"),
        lambda users: users.update("z", {"n": 1}),
        lambda users: users.replace("z", {"n": 1}),
        lambda users: users.remove("z"),
    ],
    ids=["get", "update", "replace", "remove"],
)
def test_an_unknown_id_is_not_found(users, use):
    with pytest.raises(ItemNotFound, match='users has no item "z"') as refused:
        use(users)

    assert (refused.value.collection, refused.value.id) == ("users", "z")
    assert len(users) == 3


def test_an_update_sets_fields_and_keeps_the_others(users):
    assert users.update("b", {"name": "Bob"}) == {"id": "b", "n": 2, "name": "Bob"}
    assert users.get("b") == {"id": "b", "n": 2, "name": "Bob"}
    assert ids(users) == ["a", "b", "c"]


def test_a_replacement_keeps_nothing_but_the_id_and_the_place(users):
    assert users.replace("b", {"name": "Bob"}) == {"id": "b", "name": "Bob"}
    assert users.replace("a", {"name": "Ann", "id": "a"}) == {"name": "Ann", "id": "a"}
    assert ids(users) == ["a", "b", "c"]


def test_an_id_never_changes(users):
    for change in (users.update, users.replace):
        with pytest.raises(ValueError, match="id cannot become 'x'; an id stays"):
            change("b", {"id": "x"})

    assert ids(users) == ["a", "b", "c"]


def test_a_removed_item_is_given_back_and_gone(users):
    assert users.remove("b") == {"id": "b", "n": 2}
    assert "b" not in users
    assert ids(users) == ["a", "c"]


def test_integers_are_ids_too(tmp_path):
    store = Store.open({"pets": "petId"}, path=tmp_path / "state.db")
    store["pets"].insert({"petId": 5})

    assert store["pets"].get(5) == store["pets"].get("5") == {"petId": 5}
    with pytest.raises(ItemExists):
        store["pets"].insert({"petId": "5"})
    store["pets"].remove(5)
    assert len(store["pets"]) == 0


def test_values_share_nothing_with_the_store(users, store):
    given = {"id": "d", "tags": ["x"], "of": {"list": [{"deep": 1}]}}
    expected = copy.deepcopy(given)

    handed_out = [
        users.insert(given),
        users.get("d"),
        users.find(limit=9)[-1],
        list(users)[-1],
        store.export()["users"][-1],
        users.update("d", {"tags": given["tags"]}),
        users.replace("d", given),
        given,
    ]
    for value in handed_out:
        value["tags"].append("y")
        value["of"]["list"][0]["deep"] = 2

    assert users.get("d") == expected


def test_a_page_of_a_collection_comes_in_the_order_of_insertion(users):
    assert ids(users.find()) == ["a", "b", "c"]
    assert ids(users.find(offset=1, limit=1)) == ["b"]
    assert users.find(offset=5, limit=1) == users.find(limit=0) == []


def test_values_of_any_kind_have_an_order(store):
    values = [
        None,
        "b",
        "B",
        2,
        1.5,
        True,
        False,
        "ä",
        [1],
        {"a": 1},
        "",
        "bb",
        10,
        -1,
        "\U0001f600",
        "\uffff",
        "b\0",
    ]
    expected = [
        False,
        True,
        -1,
        1.5,
        2,
        10,
        "",
        "B",
        "b",
        "b\0",
        "bb",
        "ä",
        "\uffff",
        "\U0001f600",
        [1],
        {"a": 1},
        None,
    ]
    store.load({"users": [{"id": str(number), "v": value} for number, value in enumerate(values)]})

    upwards = [item["v"] for item in store["users"].find(order=("v",))]
    downwards = [item["v"] for item in store["users"].find(order=("-v",))]

    assert upwards == expected
    assert downwards == expected[::-1]
    assert [type(value) for value in upwards] == [type(value) for value in expected]


def test_a_missing_field_counts_as_null(users):
    users.insert({"id": "d"})
    users.insert({"id": "e", "n": None})

    assert ids(users.find(n=None)) == ["d", "e"]
    assert ids(users.find(order=("n",))) == ["a", "b", "c", "d", "e"]
    assert users.count(n=None) == 2


def test_true_is_not_one(users):
    users.insert({"id": "d", "n": True})

    assert ids(users.find(n=True)) == ["d"]
    assert ids(users.find(n=1)) == ids(users.find(n=1.0)) == ["a"]


def test_lists_and_objects_are_compared_by_value(users):
    users.insert({"id": "d", "n": {"x": [1, {"y": 2}]}})

    assert ids(users.find(n={"x": [1, {"y": 2}]})) == ["d"]
    assert users.find(n={"x": [True, {"y": 2}]}) == users.find(n={1, 2}) == []


@pytest.mark.parametrize("seed", range(6))
def test_any_search_after_any_writes_gives_what_a_plain_list_would(seed):
    chance = random.Random(seed)
    store = Store.open({"users": "id"})
    users = store["users"]
    model: dict[str, dict] = {}
    fields = {"n": [1, 2, 3, None], "kind": ["x", "y", True], "at": ["2026", "2025", "2024", None]}
    snapshots = []
    for step in range(400):
        item = {name: chance.choice(values) for name, values in fields.items()}
        chosen = chance.choice([*model, "new"])
        match chance.randrange(8):
            case 0 if chosen in model:
                users.remove(chosen)
                del model[chosen]
            case 1 | 2 if chosen in model:
                users.update(chosen, item)
                model[chosen] = model[chosen] | item
            case 3:
                snapshots.append((store.snapshot(), dict(model)))
            case 4 if snapshots and chance.random() < 0.1:
                snapshot, model = chance.choice(snapshots)
                model = dict(model)
                store.restore(snapshot)
            case 5:
                with pytest.raises(KeyError):
                    _fail_after_writing(store, chosen if chosen in model else None, item)
            case _:
                users.insert({"id": str(step)} | item)
                model[str(step)] = {"id": str(step)} | item
        field = chance.choice(list(fields))
        equals = {name: item[name] for name in chance.sample(list(fields), chance.randrange(3))}
        offset, limit = chance.randrange(4), chance.choice([None, 1, 5, 20])
        wanted = chance.choice([None, lambda one: one["kind"] == "x"])
        order = chance.choice([(), (field,), (f"-{field}", "id"), ("-kind", field)])

        matching = [
            one
            for one in model.values()
            if all(one[name] == value for name, value in equals.items()) and (wanted is None or wanted(one))
        ]
        for name in reversed(order):
            rank = _rank_of(name.removeprefix("-"))
            matching = _stable(matching, rank, name.startswith("-"))
        found = users.find(wanted, order=order, offset=offset, limit=limit, **equals)
        assert found == matching[offset:][:limit]
        assert users.count(wanted, **equals) == len(matching)


def _fail_after_writing(store, chosen, item):
    with store.transaction():
        store["users"].insert({"id": "gone"} | item)
        if chosen:
            store["users"].remove(chosen)
            store["users"].insert({"id": chosen} | item)
        raise KeyError


def _rank_of(name):
    def rank(one):
        value = one[name]
        if value is None:
            return (2, "")
        return (0, value) if type(value) in (int, bool) else (1, value)

    return rank


def _stable(items, rank, downwards):
    # Turned around, but equal items stay in the order of insertion.
    return sorted(items, key=rank, reverse=downwards)


def test_writes_in_a_transaction_are_kept_together(users, store):
    with store.transaction():
        users.insert({"id": "d"})
        users.update("d", {"n": 4})
        users.remove("a")
        store["groups"].insert({"id": "g"})

    assert store.export() == {
        "users": [{"id": "b", "n": 2}, {"id": "c", "n": 3}, {"id": "d", "n": 4}],
        "groups": [{"id": "g"}],
    }


def test_a_transaction_that_fails_leaves_no_trace(users, store):
    users.find(order=("-n",))
    users.find(n=2)
    before = store.export()

    def write_and_fail():
        with store.transaction():
            users.remove("b")
            users.insert({"id": "b", "n": 9})
            users.update("a", {"n": 7})
            users.remove("c")
            store["groups"].insert({"id": "g"})
            store.load({"groups": [{"id": "h"}]})
            users.insert({"id": "x"})
            raise InterruptedError

    with pytest.raises(InterruptedError):
        write_and_fail()

    assert store.export() == before
    assert ids(users.find(order=("-n",))) == ["c", "b", "a"]
    assert ids(users.find(n=2)) == ["b"]


def test_an_inner_transaction_is_taken_back_alone_and_kept_with_the_outer_one(users, store):
    def remove(item_id, error=None):
        with store.transaction():
            users.remove(item_id)
            if error:
                raise error

    def remove_inside_and_fail(item_id):
        with store.transaction():
            remove(item_id)
            raise InterruptedError

    with store.transaction():
        users.remove("a")
        with pytest.raises(InterruptedError):
            remove("b", InterruptedError())
        remove("c")

    assert ids(users) == ["b"]
    with pytest.raises(InterruptedError):
        remove_inside_and_fail("b")
    assert ids(users) == ["b"]


def test_a_snapshot_stays_what_it_was_and_can_be_restored_twice(users, store):
    users.insert({"id": "d", "tags": ["x"]})
    snapshot, expected = store.snapshot(), store.export()

    for _ in range(2):
        users.update("d", {"tags": ["y"]})
        users.remove("a")
        users.insert({"id": "e"})
        store.restore(snapshot)

        assert store.export() == expected


def test_a_snapshot_is_the_start_of_another_store(users, store):
    other = Store.open(COLLECTIONS, seed=1)
    other.restore(store.snapshot())
    other["users"].update("a", {"n": 9})

    assert other["users"].get("a") == {"id": "a", "n": 9}
    assert users.get("a") == {"id": "a", "n": 1}
    assert not other.is_new()


def test_restoring_restores_the_sequence_of_ids(store):
    snapshot = store.snapshot()
    first = [store.new_id("usr") for _ in range(3)]

    store.restore(snapshot)

    assert [store.new_id("usr") for _ in range(3)] == first


def test_loading_replaces_everything_and_starts_the_ids_again(users, store):
    first = store.new_id("usr")
    store["groups"].insert({"id": "g"})

    store.load({"users": [{"id": "z"}]})

    assert store.export() == {"users": [{"id": "z"}], "groups": []}
    assert store.new_id("usr") == first


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"user": []}, 'There is no collection "user". Did you mean "users"? There are: users, groups.'),
        (
            {"users": [{"id": "a"}, {}]},
            "users, item 2: id is None; every item of users needs a string or an integer there.",
        ),
        (
            {"users": [{"id": "a"}, {"id": "a"}]},
            'users, item 2: id "a" is that of an earlier item; give every item its own.',
        ),
        ({"users": [{"id": "a", "at": {1}}]}, "users, item 1: {1} is a set and cannot be stored"),
    ],
    ids=["an unknown collection", "no id", "an id twice", "no JSON value"],
)
def test_content_that_cannot_be_loaded_is_refused_and_changes_nothing(users, store, content, message):
    with pytest.raises(MockServerError) as refused:
        store.load(content)

    assert str(refused.value).startswith(message)
    assert ids(users) == ["a", "b", "c"]


def test_an_unknown_collection_is_named_with_the_nearest(store):
    with pytest.raises(MockServerError, match=r'no collection "user"\. Did you mean "users"\?'):
        store["user"]
    assert store.names() == ("users", "groups")


def test_one_seed_gives_the_same_ids_and_another_gives_others():
    def first_ids(seed):
        store = Store.open({}, seed=seed)
        return [store.new_id(prefix) for prefix in ("usr", "usr", "grp")]

    assert first_ids(1) == first_ids(1)
    assert not set(first_ids(1)) & set(first_ids(2))
    assert all(len(made) == 20 and made[4:].isalnum() and made.islower() for made in first_ids(1))


def test_an_id_that_came_from_elsewhere_is_never_made_even_after_its_removal(store):
    elsewhere = Store.open({}, seed=1)
    first, second, third = (elsewhere.new_id("usr") for _ in range(3))
    store.load({"users": [{"id": first}]})
    store["users"].insert({"id": second})
    store["users"].remove(first)
    store["users"].remove(second)

    assert store.new_id("usr") == third


def test_a_store_is_new_until_something_is_loaded_or_written():
    for change in (lambda store: store.load({}), lambda store: store["users"].insert({"id": "a"})):
        store = Store.open(COLLECTIONS)
        assert store.is_new()

        change(store)

        assert not store.is_new()
