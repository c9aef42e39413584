"""Sandboxes: made from sets and snapshots, apart from each other, reset and deleted."""

import pytest

from mockserver.client import Control, ControlError

GROUPS = "/api/v1/admin/groups"


def test_what_is_done_in_one_sandbox_is_not_seen_in_another(default, call):
    with default.sandbox() as one, default.sandbox() as other:
        one.clear_collection("groups")

        assert one.list_items("groups")["total"] == 0
        assert other.list_items("groups")["total"] > 0


def test_a_sandbox_is_listed_until_it_is_deleted(default):
    made = default.create_sandbox("listed", seed=7)

    listed = [each["name"] for each in default.list_sandboxes()]
    default.delete_sandbox("listed")

    assert made["seed"] == 7
    assert listed[0] == "default"
    assert "listed" in listed
    assert "listed" not in [each["name"] for each in default.list_sandboxes()]
    with pytest.raises(ControlError) as refused:
        default.get_sandbox("listed")
    assert refused.value.status == 404


def test_a_sandbox_without_a_name_gets_one_of_its_own(default):
    with default.sandbox() as one, default.sandbox() as other:
        assert one.sandbox_name != other.sandbox_name
        assert default.get_sandbox(str(one.sandbox_name))["name"] == one.sandbox_name


def test_a_sandbox_of_a_with_block_is_gone_after_an_error(default):
    with pytest.raises(RuntimeError), default.sandbox("short-lived"):
        raise RuntimeError

    assert "short-lived" not in [each["name"] for each in default.list_sandboxes()]


def test_two_sandboxes_cannot_have_one_name(default):
    with default.sandbox("taken"):
        with pytest.raises(ControlError) as refused:
            default.create_sandbox("taken")

        assert refused.value.status == 409
        assert default.get_sandbox("taken")


def test_the_default_sandbox_cannot_be_deleted(default):
    with pytest.raises(ControlError) as refused:
        default.delete_sandbox("default")

    assert refused.value.status == 409


def test_a_sandbox_begins_with_the_set_that_is_named(default):
    with default.sandbox(set="empty") as empty:
        assert empty.export_items()["groups"] == []
        assert default.get_sandbox(str(empty.sandbox_name))["set"] == "empty"


@pytest.mark.parametrize("begin", [{"set": "nothing"}, {"snapshot": "nothing"}, {"scenario": "nothing"}])
def test_a_sandbox_cannot_begin_with_what_is_not_there(default, begin):
    with pytest.raises(ControlError) as refused:
        default.create_sandbox("unborn", **begin)

    assert refused.value.status == 404
    assert "unborn" not in [each["name"] for each in default.list_sandboxes()]


def test_a_sandbox_cannot_begin_with_two_things(default):
    with pytest.raises(ControlError) as refused:
        default.create_sandbox(set="empty", snapshot="one")

    assert refused.value.status == 422
    assert [each["msg"] for each in refused.value.problem["errors"]] == [
        '"set" and "snapshot" may not stand together'
    ]


def test_a_sandbox_begins_with_a_snapshot_of_another_and_goes_back_to_it(control):
    control.clear_collection("groups")
    control.save_snapshot("no-groups")

    with control.sandbox(snapshot="no-groups") as copy:
        copy.clear_collection("tenants")
        copy.reset_sandbox()

        assert copy.list_items("groups")["total"] == 0
        assert copy.list_items("tenants")["total"] > 0


def test_a_reset_puts_everything_back_but_the_journal(control, call):
    before = control.export_items()
    call("GET", GROUPS)
    control.clear_collection("groups")
    control.freeze_clock("2026-05-01T09:00:00Z")
    control.add_fault({"status": 503})
    control.change_settings(requests="strict")

    control.reset_sandbox()

    assert control.export_items().keys() == before.keys()
    assert len(control.export_items()["groups"]) == len(before["groups"])
    assert not control.get_clock()["frozen"]
    assert control.list_faults() == []
    assert control.get_settings()["requests"] == "enforce"
    assert control.count_entries() == 1


def test_a_loaded_set_is_what_a_reset_brings_back(control):
    assert {"demo", "empty"} <= set(control.list_sets())

    control.load_set("empty")
    control.put_item("partners", "prt_0000000000000001", {"name": "One"})
    control.reset_sandbox()

    assert control.export_items()["groups"] == []
    assert len(control.export_items()["partners"]) == 1


@pytest.mark.parametrize("name", ["nothing", "../demo", "/etc", "."])
def test_only_a_set_that_is_listed_is_loaded(control, name):
    before = control.export_items()

    with pytest.raises(ControlError) as refused:
        control.load_set(name)

    assert refused.value.status == 404
    assert control.export_items() == before


def test_a_name_that_no_sandbox_can_have_is_refused(default):
    with pytest.raises(ControlError) as refused:
        Control(default.url, sandbox="a b").get_clock()

    assert refused.value.status in (400, 422)


def test_a_sandbox_tells_what_was_written_to_it_and_what_its_faults_did(control, call):
    control.add_fault({"id": "slow", "skip": 1, "delay": 1})
    before = control.get_sandbox(control.sandbox_name)["written"]
    for _ in range(3):
        call("GET", "/api/v1/admin/groups")
    control.put_item("partners", "prt_0000000000000new", {"name": "New"})

    told = control.get_sandbox(control.sandbox_name)

    assert told["fault_counts"] == {"slow": {"matched": 3, "given": 2}}
    assert (before, told["written"] > 20) == (0, True)


@pytest.mark.parametrize("begin", [{}, {"set": "empty"}], ids=["as it comes", "from a set"])
def test_a_client_of_a_sandbox_makes_it(default, begin):
    own = Control(default.url, sandbox="self-made")

    made = own.create_sandbox("self-made", **begin)
    own.delete_sandbox("self-made")

    assert made["name"] == "self-made"
    assert "self-made" not in [each["name"] for each in default.list_sandboxes()]


def test_a_call_that_speaks_of_no_sandbox_makes_none(default):
    misspelt = Control(default.url, sandbox="misspelt")

    misspelt.get_health()
    misspelt.list_sets()
    misspelt.list_sandboxes()
    with pytest.raises(ControlError):
        misspelt.delete_sandbox("nothing")
    with pytest.raises(ControlError) as refused:
        misspelt.create_sandbox("unborn", snapshot="one")

    assert refused.value.status == 404
    assert "misspelt" not in [each["name"] for each in default.list_sandboxes()]
    misspelt.get_clock()
    assert "misspelt" in [each["name"] for each in default.list_sandboxes()]
    default.delete_sandbox("misspelt")


def test_a_name_that_the_mock_made_is_not_made_again(default):
    with default.sandbox() as one:
        pass
    with default.sandbox() as other:
        assert other.sandbox_name != one.sandbox_name
