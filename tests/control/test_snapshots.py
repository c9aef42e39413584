"""Snapshots: saved, restored, compared."""

import pytest

from mockserver.client import ControlError


def test_a_restored_snapshot_is_the_sandbox_as_it_was(control):
    before = control.export_items()
    saved = control.save_snapshot("before")
    control.clear_collection("groups")

    control.restore_snapshot("before")

    assert control.export_items() == before
    assert saved["items"] == {name: len(items) for name, items in before.items()}


def test_a_snapshot_is_listed_until_it_is_deleted(control):
    control.save_snapshot("one")
    control.save_snapshot("two")

    listed = [each["name"] for each in control.list_snapshots()]
    control.delete_snapshot("one")

    assert listed == ["one", "two"]
    assert [each["name"] for each in control.list_snapshots()] == ["two"]
    with pytest.raises(ControlError) as refused:
        control.get_snapshot("one")
    assert refused.value.status == 404


def test_a_snapshot_takes_the_place_of_the_one_of_its_name(control):
    control.save_snapshot("again")
    control.clear_collection("groups")

    control.save_snapshot("again")

    assert control.get_snapshot("again")["items"]["groups"] == 0
    assert len(control.list_snapshots()) == 1


def test_snapshots_belong_to_their_sandbox(control, default):
    control.save_snapshot("own")

    with default.sandbox() as other:
        assert other.list_snapshots() == []


def test_what_happened_since_a_snapshot_is_told(control):
    control.save_snapshot("before")
    renamed, removed = control.list_items("tenants", limit=2)["items"]
    control.put_item("tenants", renamed["id"], {**renamed, "name": "Renamed"})
    control.delete_item("tenants", removed["id"])
    control.put_item("partners", "prt_0000000000000new", {"name": "New"})

    found = control.compare_snapshots("before")

    assert set(found) == {"tenants", "partners"}
    assert found["partners"] == {
        "added": [{"id": "prt_0000000000000new", "name": "New"}],
        "removed": [],
        "changed": [],
    }
    assert found["tenants"] == {
        "added": [],
        "removed": [removed],
        "changed": [
            {"id": renamed["id"], "fields": {"name": {"before": renamed["name"], "after": "Renamed"}}}
        ],
    }


def test_two_snapshots_are_compared_whatever_is_there_now(control):
    control.save_snapshot("first")
    control.clear_collection("groups")
    control.save_snapshot("second")
    control.clear_collection("users")

    found = control.compare_snapshots("first", "second")

    assert set(found) == {"groups"}
    assert control.compare_snapshots("second", "second") == {}


def test_a_snapshot_that_is_not_there_is_404(control):
    control.save_snapshot("there")

    with pytest.raises(ControlError) as refused:
        control.compare_snapshots("there", "not-there")

    assert refused.value.status == 404


def test_only_so_many_snapshots_are_kept(control):
    for number in range(256):
        control.save_snapshot(f"s{number}")

    with pytest.raises(ControlError) as refused:
        control.save_snapshot("one-more")

    assert refused.value.status == 507
    assert control.save_snapshot("s0")
