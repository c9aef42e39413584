"""Items: read, put and deleted past the API's rules, but never past their schemas."""

import pytest

from mockserver.client import ControlError

PARTNER = {"id": "prt_0000000000000new", "name": "New"}


def test_the_collections_are_those_of_the_contract(control):
    counts = {each["name"]: each["count"] for each in control.list_collections()}

    assert counts == {name: len(items) for name, items in control.export_items().items()}
    assert set(counts) == {"partners", "tenants", "users", "admin_roles", "groups"}


def test_pages_of_items_make_up_the_collection(control):
    first = control.list_items("users", limit=10)
    second = control.list_items("users", limit=1000, offset=10)

    assert [*first["items"], *second["items"]] == control.export_items()["users"]
    assert first["total"] == second["total"] == len(control.export_items()["users"])


def test_an_item_that_was_put_is_there_until_it_is_deleted(control):
    stored = control.put_item("partners", "prt_0000000000000new", PARTNER)

    found = control.get_item("partners", "prt_0000000000000new")
    control.delete_item("partners", "prt_0000000000000new")

    assert stored == found == PARTNER
    with pytest.raises(ControlError) as refused:
        control.get_item("partners", "prt_0000000000000new")
    assert refused.value.status == 404


def test_an_item_is_put_in_the_place_of_another(control):
    known = control.list_items("partners", limit=1)["items"][0]

    control.put_item("partners", known["id"], {**known, "name": "Another"})

    assert control.get_item("partners", known["id"])["name"] == "Another"
    assert control.list_items("partners", limit=1)["items"][0]["id"] == known["id"]


def test_an_item_takes_its_id_from_the_path(control):
    assert (
        control.put_item("partners", "prt_000000000000path", {"name": "Of the path"})["id"]
        == "prt_000000000000path"
    )


def test_an_item_with_another_id_than_its_path_is_refused(control):
    with pytest.raises(ControlError) as refused:
        control.put_item("partners", "prt_00000000000other", PARTNER)

    assert refused.value.status == 409
    assert control.list_items("partners")["total"] == len(control.export_items()["partners"])


def test_an_item_that_breaks_its_schema_is_refused_with_every_violation(control):
    role = control.list_items("admin_roles", limit=1)["items"][0]
    broken = {**role, "role": "EMPEROR", "is_active": "perhaps"}

    with pytest.raises(ControlError) as refused:
        control.put_item("admin_roles", role["id"], broken)

    assert refused.value.status == 409
    assert {tuple(each["loc"]) for each in refused.value.problem["errors"]} == {
        ("body", "role"),
        ("body", "is_active"),
    }
    assert control.get_item("admin_roles", role["id"]) == role


def test_a_time_of_an_item_may_be_relative_to_the_clock(control):
    role = control.list_items("admin_roles", limit=1)["items"][0]
    control.freeze_clock("2026-05-01T09:00:00Z")

    stored = control.put_item("admin_roles", role["id"], {**role, "expires_at": "+2h"})

    assert stored["expires_at"].startswith("2026-05-01T11:00:00")


def test_what_the_rules_of_the_api_forbid_can_be_arranged(control, call):
    role = control.list_items("admin_roles", limit=1)["items"][0]
    control.put_item("admin_roles", role["id"], {**role, "user_id": "usr_nobodyatall00000"})

    assert control.get_item("admin_roles", role["id"])["user_id"] == "usr_nobodyatall00000"


def test_a_collection_is_cleared(control):
    control.clear_collection("groups")

    assert control.list_items("groups") == {"items": [], "total": 0}
    assert control.list_items("tenants")["total"] > 0


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda c: c.list_items("nothing"), id="a page of it"),
        pytest.param(lambda c: c.clear_collection("nothing"), id="clear it"),
        pytest.param(lambda c: c.get_item("nothing", "x"), id="an item of it"),
        pytest.param(lambda c: c.put_item("nothing", "x", {}), id="put an item into it"),
        pytest.param(lambda c: c.delete_item("groups", "grp_nothing"), id="delete an item that is not there"),
    ],
)
def test_what_is_not_there_is_404(control, ask):
    with pytest.raises(ControlError) as refused:
        ask(control)

    assert refused.value.status == 404
