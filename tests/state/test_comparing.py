"""Two snapshots compared: what was added, removed and changed, and where."""

import pytest

from mockserver.state.comparing import ABSENT, Comparison, FieldChange, compare
from mockserver.state.store import Store

COLLECTIONS = {"users": "id", "groups": "id"}


@pytest.fixture(params=[3, 700], ids=["a few items", "enough to be shared"])
def store(request):
    opened = Store.open(COLLECTIONS)
    users = [
        {"id": f"u{number}", "n": number, "of": {"city": "Rome", "tags": ["a"]}}
        for number in range(request.param)
    ]
    opened.load({"users": users, "groups": [{"id": "g"}]})
    return opened


def test_what_was_written_between_two_snapshots_is_told_by_collection(store):
    before = store.snapshot()
    store["users"].insert({"id": "new"})
    store["users"].insert({"id": "also"})
    store["users"].remove("u1")
    store["users"].update("u2", {"n": None, "of": {"city": "Oslo", "tags": ["a"]}, "more": 0})

    assert compare(before, store.snapshot()) == {
        "users": Comparison(
            added=("new", "also"),
            removed=("u1",),
            changed={
                "u2": (
                    FieldChange("n", 2, None),
                    FieldChange("of.city", "Rome", "Oslo"),
                    FieldChange("more", ABSENT, 0),
                )
            },
        )
    }


def test_the_other_way_round_everything_is_turned_around(store):
    before = store.snapshot()
    store["groups"].insert({"id": "new"})
    store["users"].remove("u1")
    store["users"].replace("u2", {"n": 2})

    turned = compare(store.snapshot(), before)

    assert turned["groups"] == Comparison((), ("new",), {})
    assert turned["users"].added == ("u1",)
    assert turned["users"].changed == {
        "u2": (FieldChange("of", ABSENT, {"city": "Rome", "tags": ["a"]}),),
    }


def test_items_that_are_equal_as_json_did_not_change(store):
    before = store.snapshot()
    item = store["users"].remove("u1")
    store["users"].insert(item | {"n": 1.0})
    store["users"].update("u2", {"n": 5})
    store["users"].update("u2", {"n": 2})

    assert compare(before, store.snapshot()) == {}
    assert compare(before, before) == {}


@pytest.mark.parametrize(
    ("was", "now"), [(1, True), ([1], [True]), ([1, 2], [2, 1]), ("1", 1), ({"a": 1}, 1), (0, None)], ids=repr
)
def test_values_that_json_tells_apart_changed(store, was, now):
    store["users"].update("u0", {"v": was})
    before = store.snapshot()
    store["users"].update("u0", {"v": now})

    changed = compare(before, store.snapshot())["users"].changed

    assert changed == {"u0": (FieldChange("v", was, now),)}
    assert type(changed["u0"][0].after) is type(now)


def test_a_name_with_a_dot_is_not_a_way_into_an_object(store):
    store["users"].update("u0", {"c.d": 1, "c": {"d": 1}, '"c': 1})
    before = store.snapshot()
    store["users"].update("u0", {"c.d": 2, "c": {"d": 3}, '"c': 4})

    changed = compare(before, store.snapshot())["users"].changed["u0"]

    assert {each.path: each.after for each in changed} == {'"c.d"': 2, "c.d": 3, '"\\"c"': 4}


def test_snapshots_of_stores_that_share_nothing_are_compared_too(store):
    other = Store.open(COLLECTIONS | {"teams": "id"})
    other.load(store.export() | {"teams": [{"id": "t"}]})
    other["users"].update("u0", {"n": "other"})

    assert compare(store.snapshot(), other.snapshot()) == {
        "users": Comparison((), (), {"u0": (FieldChange("n", 0, "other"),)}),
        "teams": Comparison(("t",), (), {}),
    }


def test_a_field_that_was_not_there_is_left_out_of_the_json():
    assert FieldChange("a.b", ABSENT, None).as_json() == {"path": "a.b", "after": None}
    assert FieldChange("a", 1, ABSENT).as_json() == {"path": "a", "before": 1}
    assert FieldChange("a", 1, 2).as_json() == {"path": "a", "before": 1, "after": 2}
