"""Standing faults: added, replaced, taken away, and at work."""

import pytest

from mockserver.client import ControlError, FaultRule

GROUPS = "/api/v1/admin/groups"
OUTAGE: FaultRule = {"id": "outage", "match": {"operation": "listGroups"}, "status": 503}


def test_a_fault_is_at_work_until_it_is_deleted(control, call):
    made = control.add_fault(OUTAGE)
    during = call("GET", GROUPS)
    control.delete_fault("outage")

    after = call("GET", GROUPS)

    assert made == OUTAGE
    assert (during.status_code, after.status_code) == (503, 200)
    assert "outage" in during.headers["Mock-Fault"]


def test_a_fault_of_one_sandbox_is_none_of_another(control, default):
    control.add_fault(OUTAGE)

    with default.sandbox() as other:
        assert other.list_faults() == []


def test_a_fault_without_an_id_gets_one(control):
    made = control.add_fault({"delay": 1})

    assert control.get_fault(made["id"]) == made


def test_two_faults_cannot_have_one_id(control):
    control.add_fault(OUTAGE)

    with pytest.raises(ControlError) as refused:
        control.add_fault(OUTAGE)

    assert refused.value.status == 409
    assert control.list_faults() == [OUTAGE]


def test_a_fault_is_put_in_the_place_of_another(control):
    control.put_fault("slow", {"delay": 10})
    control.put_fault("slow", {"delay": 20})

    assert control.list_faults() == [{"id": "slow", "delay": 20}]


def test_all_faults_are_replaced_or_none(control):
    control.add_fault(OUTAGE)

    with pytest.raises(ControlError) as refused:
        control.replace_faults([{"id": "a", "delay": 1}, {"id": "a", "delay": 2}])
    kept = control.list_faults()
    control.replace_faults([{"id": "a", "delay": 1}, {"id": "b", "drop": "before"}])

    assert refused.value.status == 409
    assert kept == [OUTAGE]
    assert [each["id"] for each in control.list_faults()] == ["a", "b"]


def test_faults_are_cleared(control):
    control.add_fault(OUTAGE)

    control.clear_faults()

    assert control.list_faults() == []


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        pytest.param({"id": "nothing"}, 422, id="nothing is done"),
        pytest.param({"status": 503, "colour": "red"}, 422, id="an unknown key"),
        pytest.param({"status": 503, "share": 2}, 422, id="a share above 1"),
        pytest.param({"status": 503, "match": {"operation": "listGruops"}}, 409, id="an unknown operation"),
        pytest.param(
            {"status": 299, "match": {"operation": "listGroups"}}, 409, id="a status nobody declares"
        ),
        pytest.param({"delay": {"uniform": {"min": 2, "max": 1}}}, 409, id="from much to little"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(control, rule, status):
    with pytest.raises(ControlError) as refused:
        control.add_fault(rule)

    assert refused.value.status == status
    assert control.list_faults() == []


def test_a_rule_with_another_id_than_its_path_is_refused(control):
    with pytest.raises(ControlError) as refused:
        control.put_fault("slow", {"id": "fast", "delay": 1})

    assert refused.value.status == 409


def test_a_fault_that_is_not_there_is_404(control):
    with pytest.raises(ControlError) as refused:
        control.delete_fault("nothing")

    assert refused.value.status == 404
