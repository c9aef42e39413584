"""Standing faults: which requests get them, how often, and that they come again the same."""

from datetime import UTC, datetime

import pytest

from mockserver.contract.operation import Operation
from mockserver.state.fault_reader import read_rule
from mockserver.state.faults import Asked, Counts, Decision, FaultExists, Faults, NoSuchFault
from tests.contract.shipped import CONTRACT

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC).timestamp()
GROUPS = "/api/v1/admin/groups"


def faults_of(*rules, seed=0) -> Faults:
    faults = Faults(seed)
    for rule in rules:
        faults.add(read_rule(rule, CONTRACT))
    return faults


def asked(operation_id="listGroups", method="GET", path=GROUPS, names=()) -> Asked:
    operation: Operation | None = CONTRACT.by_id[operation_id] if operation_id else None
    return Asked(operation, method, path, lambda: names)


def decisions(faults, times, now=NOW, **facts) -> list[Decision | None]:
    return [faults.decide(asked(**facts), now) for _ in range(times)]


def given(faults, times, now=NOW) -> list[bool]:
    return [each is not None for each in decisions(faults, times, now)]


@pytest.mark.parametrize(
    ("match", "facts", "is_met"),
    [
        pytest.param({}, {}, True, id="everything"),
        pytest.param({}, {"operation_id": None, "path": "/nowhere"}, True, id="no operation"),
        pytest.param({"operation": "listGroups"}, {}, True, id="an operation"),
        pytest.param({"operation": "getGroup"}, {}, False, id="another operation"),
        pytest.param({"operation": ["getGroup", "listGroups"]}, {}, True, id="one of two operations"),
        pytest.param({"operation": "listGroups"}, {"operation_id": None}, False, id="no operation for one"),
        pytest.param({"method": "get"}, {}, True, id="a method"),
        pytest.param({"method": "POST"}, {}, False, id="another method"),
        pytest.param({"path": GROUPS}, {}, True, id="a path of the contract"),
        pytest.param(
            {"path": GROUPS}, {"operation_id": "getGroup", "path": f"{GROUPS}/g1"}, False, id="another path"
        ),
        pytest.param(
            {"path": f"{GROUPS}/{{group_id}}"},
            {"operation_id": "getGroup", "path": f"{GROUPS}/g1"},
            True,
            id="a template",
        ),
        pytest.param({"path": f"{GROUPS}/*"}, {"path": f"{GROUPS}/g1/role"}, True, id="a star"),
        pytest.param({"path": f"{GROUPS}/*"}, {}, False, id="a star, and nothing before it"),
        pytest.param({"path": f"{GROUPS}/g1"}, {"path": f"{GROUPS}/g1"}, True, id="a path as asked for"),
        pytest.param({"path": f"{GROUPS}/g1"}, {"path": f"{GROUPS}/g2"}, False, id="another as asked for"),
        pytest.param({"persona": "viewer"}, {"names": {"viewer", "usr_1"}}, True, id="a persona"),
        pytest.param({"persona": "usr_1"}, {"names": {"viewer", "usr_1"}}, True, id="the sub of a token"),
        pytest.param({"persona": "viewer"}, {"names": {"editor"}}, False, id="another persona"),
        pytest.param({"persona": "viewer"}, {}, False, id="nobody"),
        pytest.param({"operation": "listGroups", "method": "POST"}, {}, False, id="one of two holds"),
    ],
)
def test_a_rule_is_for_the_requests_of_which_all_holds_that_it_names(match, facts, is_met):
    faults = faults_of({"match": match, "status": 503})

    assert (faults.decide(asked(**facts), NOW) is not None) is is_met


def test_nobody_looks_for_the_caller_unless_a_rule_names_a_persona():
    looked = []
    faults = faults_of({"status": 503}, {"match": {"persona": "a", "method": "POST"}, "status": 503})
    request = Asked(CONTRACT.by_id["listGroups"], "GET", GROUPS, lambda: looked.append(1) or ())

    faults.decide(request, NOW)

    assert looked == []


def test_the_caller_is_looked_for_once_however_many_rules_name_a_persona():
    looked = []
    faults = faults_of(*({"match": {"persona": name}, "delay": 1} for name in "abc"))

    faults.decide(Asked(None, "GET", "/", lambda: looked.append(1) or {"c"}), NOW)

    assert looked == [1]


def test_skipped_requests_pass_and_no_more_than_the_count_get_the_fault():
    faults = faults_of({"id": "some", "status": 503, "skip": 2, "count": 3})

    assert given(faults, 8) == [False, False, True, True, True, False, False, False]
    assert faults.counts("some") == Counts(matched=8, given=3)


def test_a_share_of_the_requests_gets_the_fault():
    faults = faults_of({"status": 503, "share": 0.3})

    assert 240 < sum(given(faults, 1000)) < 360


def test_the_same_seed_and_requests_get_the_same_faults_whatever_else_goes_on():
    rules = (
        {"id": "flaky", "match": {"operation": "listGroups"}, "status": 503, "share": 0.5},
        {
            "id": "slow",
            "match": {"operation": "listGroups"},
            "delay": {"lognormal": {"median": 100, "sigma": 1}},
        },
    )
    first, second, other = faults_of(*rules), faults_of({"delay": 1}, *rules), faults_of(*rules, seed=1)

    expected = [(each.status, each.delay) for each in decisions(first, 50)]
    mixed = []
    for _ in range(50):
        decisions(second, 3, operation_id="getGroup")
        [decision] = decisions(second, 1)
        mixed.append((decision.status, decision.delay - 1))

    assert [status for status, _ in mixed] == [status for status, _ in expected]
    assert [m[1] for m in mixed] == pytest.approx([e[1] for e in expected])
    assert [(each.status, each.delay) for each in decisions(other, 50)] != expected


def test_a_rule_that_is_put_again_counts_anew():
    faults = faults_of({"id": "x", "status": 503, "share": 0.5, "count": 5})

    first = decisions(faults, 20)
    faults.replace(faults.get("x"))

    assert decisions(faults, 20) == first
    assert faults.counts("x") == Counts(20, 5)


@pytest.mark.parametrize(
    ("moment", "is_given"),
    [("08:59:59", False), ("09:00:00", True), ("09:59:59", True), ("10:00:00", False)],
)
def test_a_rule_holds_from_one_time_until_another(moment, is_given):
    faults = faults_of({"status": 503, "from": "2026-05-01T09:00:00Z", "until": "2026-05-01T10:00:00Z"})

    now = datetime.fromisoformat(f"2026-05-01T{moment}Z").timestamp()

    assert given(faults, 1, now) == [is_given]


def test_out_of_its_time_no_request_counts_for_a_rule():
    faults = faults_of({"id": "x", "status": 503, "skip": 1, "from": "2026-05-01T10:00:00Z"})

    given(faults, 5, NOW)

    assert faults.counts("x") == Counts(0, 0)


@pytest.mark.parametrize(
    ("delay", "low", "high"),
    [
        (200, 200, 200),
        ({"uniform": {"min": 100, "max": 300}}, 100, 300),
        ({"lognormal": {"median": 100, "sigma": 0.5}}, 10, 1000),
    ],
)
def test_delays_are_drawn_from_what_was_given(delay, low, high):
    drawn = [each.delay for each in decisions(faults_of({"delay": delay}), 500)]

    assert low <= min(drawn) <= max(drawn) <= high
    assert len(set(drawn)) == 1 if low == high else len(set(drawn)) > 400


def test_half_of_log_normal_delays_are_below_their_median_and_few_are_far_above():
    drawn = [
        each.delay
        for each in decisions(faults_of({"delay": {"lognormal": {"median": 100, "sigma": 0.5}}}), 1000)
    ]

    assert 420 < sum(each < 100 for each in drawn) < 580
    # One in forty is above e to the power of 1.96 sigmas.
    assert 5 < sum(each > 266 for each in drawn) < 60


def test_no_delay_is_longer_than_an_hour():
    [decision] = decisions(faults_of({"delay": {"lognormal": {"median": 3_600_000, "sigma": 100}}}), 1)

    assert 0 <= decision.delay <= 3_600_000


def test_above_a_limit_it_is_429_until_the_window_has_moved_on():
    faults = faults_of({"id": "limited", "limit": {"requests": 2, "seconds": 10}})

    at = [0, 1, 2, 9.5, 10, 10.5, 11]
    found = [faults.decide(asked(), NOW + seconds) for seconds in at]

    assert [each and (each.status, each.retry_after) for each in found] == [
        None,
        None,
        (429, 8),
        (429, 1),
        None,
        (429, 1),
        None,
    ]
    assert faults.counts("limited") == Counts(7, 3)
    assert found[2].told == "limited; status=429"


def test_a_limit_begins_anew_when_the_clock_is_set_back():
    faults = faults_of({"limit": {"requests": 1, "seconds": 10}})

    found = [faults.decide(asked(), NOW + seconds) for seconds in (0, 1, -100, -99)]

    assert [each is not None for each in found] == [False, True, False, True]


def test_all_rules_that_match_apply_and_of_what_ends_a_request_the_first():
    faults = faults_of(
        {"id": "a", "delay": 100},
        {"id": "b", "delay": 50, "status": 503, "slow": {"bytes_per_second": 500}},
        {"id": "c", "status": 500, "body": "empty"},
        {"id": "d", "drop": "body", "slow": {"bytes_per_second": 1}, "body": "truncated"},
    )

    [decision] = decisions(faults, 1)

    assert (decision.delay, decision.status, decision.drop) == (150, 503, None)
    assert (decision.bytes_per_second, decision.body) == (500, "empty")
    assert decision.told == "a; delay=100, b; delay=50; status=503; slow=500, c; body=empty"
    assert faults.counts("d") == Counts(1, 0)


def test_what_a_request_asks_for_itself_goes_before_the_rules():
    faults = faults_of({"id": "cut", "drop": "before", "delay": 5})

    wanted = Decision(delay=20, status=503, reason="The request prefers 503.", told="prefer; delay=20")

    decision = faults.decide(asked(), NOW, wanted)

    assert (decision.status, decision.drop, decision.delay) == (503, None, 25)
    assert decision.told == "prefer; delay=20, cut; delay=5"


def test_a_status_that_is_no_error_is_left_out_where_it_is_not_declared():
    faults = faults_of({"status": 204})

    assert decisions(faults, 1) == [None]
    assert decisions(faults, 1, operation_id="deleteAdminRole")[0].status == 204


def test_an_answer_to_head_has_no_body_to_break():
    faults = faults_of({"body": "empty", "slow": {"bytes_per_second": 1}})

    assert decisions(faults, 1, method="HEAD") == [None]


def test_without_rules_there_is_nothing_to_do():
    faults = Faults(0)

    assert not faults
    assert decisions(faults, 1) == [None]


def test_rules_keep_their_order_and_get_names_that_are_free():
    faults = faults_of({"status": 500}, {"id": "fault-3", "delay": 1}, {"delay": 2}, {"delay": 3})

    faults.replace(read_rule({"id": "fault-3", "delay": 9}, CONTRACT))
    faults.remove("fault-2")

    assert [(rule.id, rule.as_json().get("delay")) for rule in faults] == [
        ("fault-1", None),
        ("fault-3", 9),
        ("fault-4", 3),
    ]
    assert faults.get("fault-1").status == 500


def test_an_id_that_was_made_is_given_to_no_other_until_a_reset():
    faults = faults_of({"status": 500})
    faults.remove("fault-1")

    second = faults.add(read_rule({"delay": 1}, CONTRACT))
    faults.clear()
    third = faults.add(read_rule({"delay": 1}, CONTRACT))
    faults.restart()

    assert (second.id, third.id) == ("fault-2", "fault-3")
    assert faults.add(read_rule({"delay": 1}, CONTRACT)).id == "fault-1"


def test_a_rule_that_takes_the_place_of_another_counts_anew():
    faults = faults_of({"id": "x", "status": 500})
    decisions(faults, 3)

    faults.replace(read_rule({"id": "x", "status": 503}, CONTRACT))

    assert faults.counts("x") == Counts(0, 0)


def test_an_id_that_is_taken_or_unknown_is_refused_in_words():
    faults = faults_of({"id": "slow-lists", "delay": 1})

    with pytest.raises(FaultExists, match='There is a fault "slow-lists" already'):
        faults.add(read_rule({"id": "slow-lists", "delay": 2}, CONTRACT))
    with pytest.raises(NoSuchFault, match=r'no fault "slow-list".*"slow-lists"'):
        faults.remove("slow-list")
    with pytest.raises(NoSuchFault):
        faults.replace(read_rule({"id": "other", "delay": 2}, CONTRACT))

    assert [rule.id for rule in faults] == ["slow-lists"]


def test_what_is_told_of_very_many_rules_ends_with_their_number():
    faults = faults_of(*[{"delay": 1}] * 1000)

    decided = faults.decide(asked(), NOW)

    told = decided.told.split(", ")
    assert decided.delay == 1000
    assert len(decided.told) < 2100
    assert told[-1] == f"and {1000 - len(told) + 1} more"


def test_clearing_takes_all_rules_away():
    faults = faults_of({"status": 500}, {"delay": 1})

    faults.clear()

    assert not faults
    assert list(faults) == []
