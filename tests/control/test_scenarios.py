"""Scenarios: listed, started, and what sandboxes begin with."""

import pytest

from mockserver.client import ControlError

GROUPS = "/api/v1/admin/groups"


def test_the_scenarios_are_listed_with_what_they_say_of_themselves(control):
    listed = {each["name"]: each["description"] for each in control.list_scenarios()}

    assert set(listed) == {"flaky-backend", "fresh-tenant", "roles-about-to-expire"}
    assert all(listed.values())


def test_a_scenario_makes_the_sandbox_what_it_describes(control, default):
    control.start_scenario("flaky-backend")

    assert control.list_faults()
    assert default.get_sandbox(control.sandbox_name)["scenario"] == "flaky-backend"
    assert default.list_faults() == []


def test_the_journal_and_the_snapshots_outlast_the_start_of_a_scenario_as_it_is_said(control, call):
    call("GET", GROUPS)
    control.save_snapshot("before")

    control.start_scenario("flaky-backend")

    assert control.count_entries() == 1
    assert [each["name"] for each in control.list_snapshots()] == ["before"]
    operation = control.get_control_contract()["paths"]["/scenarios/{scenario}/start"]["post"]
    assert "Its journal and its snapshots stay." in operation["description"]


def test_a_sandbox_begins_with_a_scenario_and_goes_back_to_it(default):
    with default.sandbox(scenario="flaky-backend") as flaky:
        faults = flaky.list_faults()
        flaky.clear_faults()

        flaky.reset_sandbox()

        assert flaky.list_faults() == faults != []


@pytest.mark.parametrize("name", ["nothing", "../demo", "/etc/passwd", "flaky-backend.yaml"])
def test_only_a_scenario_that_is_listed_is_started(control, name):
    with pytest.raises(ControlError) as refused:
        control.start_scenario(name)

    assert refused.value.status == 404
    assert control.list_faults() == []
