"""Fault rules: what is read, what is refused and in which words, and how they are written again."""

import pytest

from mockserver.errors import MockServerError
from mockserver.state.fault_reader import read_rule
from tests.contract.shipped import CONTRACT
from tests.state.test_clock import NOW

GROUPS = "/api/v1/admin/groups"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"status": 503}, id="the least"),
        pytest.param({"delay": {"uniform": {"min": 0, "max": 0.5}}, "share": 0.25}, id="a uniform delay"),
        pytest.param({"delay": {"lognormal": {"median": 120, "sigma": 0}}}, id="a log-normal delay"),
        pytest.param({"match": {"operation": ["getGroup", "listGroups"]}, "drop": "before"}, id="operations"),
        pytest.param({"match": {"path": "*"}, "body": "wrong-type"}, id="any path"),
        pytest.param(
            {
                "id": "all.of_it-1",
                "match": {"operation": "listGroups", "method": "GET", "path": GROUPS, "persona": "viewer"},
                "share": 0.5,
                "skip": 2,
                "count": 3,
                "from": "2026-05-01T09:00:00.000000Z",
                "until": "2026-05-01T10:00:00.000000Z",
                "delay": 200,
                "limit": {"requests": 5, "seconds": 1.5},
                "drop": "body",
                "slow": {"bytes_per_second": 500},
                "body": "truncated",
            },
            id="everything",
        ),
    ],
)
def test_a_rule_is_written_as_it_was_read(data):
    rule = read_rule(data, CONTRACT)

    assert rule.as_json() == data
    assert read_rule(rule.as_json(), CONTRACT) == rule


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param([], r"fault: is \[\]; it is a mapping of id, match", id="no mapping"),
        pytest.param({"dealy": 3}, 'dealy is unknown; .*Did you mean "delay"', id="an unknown key"),
        pytest.param({}, "nothing is to be done; give one or more of delay, status", id="nothing to do"),
        pytest.param({"id": "a b", "delay": 1}, 'fault "a b": id is "a b"; it is up to 64', id="an id"),
        pytest.param({"id": 7, "delay": 1}, "fault: id is 7", id="an id that is a number"),
        pytest.param({"share": 0, "delay": 1}, "share is 0; it is a number above 0, up to 1", id="no share"),
        pytest.param({"share": True, "delay": 1}, "share is true", id="a share that is true"),
        pytest.param({"skip": -1, "delay": 1}, "skip is -1; it is a whole number from 0", id="skip"),
        pytest.param({"count": 0, "delay": 1}, "count is 0; it is a whole number above 0", id="count"),
        pytest.param({"count": 1.5, "delay": 1}, "count is 1.5", id="half a count"),
        pytest.param({"from": "soon", "delay": 1}, 'from is "soon"; it is a time such as', id="a time"),
        pytest.param({"from": "+5m", "delay": 1}, r'from is "\+5m"; it is a time', id="a relative time"),
        pytest.param({"until": 5, "delay": 1}, "until is 5; it is a time", id="a time that is a number"),
        pytest.param(
            {"from": "2026-05-01T09:00:00Z", "until": "2026-05-01T09:00:00Z", "delay": 1},
            "until is not later than from",
            id="no time between",
        ),
        pytest.param({"delay": "1s"}, 'delay is "1s"; it is a number of milliseconds', id="a delay"),
        pytest.param({"delay": -1}, "delay is -1", id="a negative delay"),
        pytest.param({"delay": 10**400}, "delay is a value", id="a delay for ever"),
        pytest.param({"delay": float("nan")}, "delay is", id="a delay that is no number"),
        pytest.param({"delay": {"uniform": {"min": 3, "max": 1}}}, "delay is", id="a delay turned round"),
        pytest.param({"delay": {"normal": {"median": 3}}}, "lognormal", id="an unknown distribution"),
        pytest.param({"status": 199}, "status is 199; it is a status from 200 to 599", id="a status"),
        pytest.param({"status": "503"}, 'status is "503"', id="a status that is text"),
        pytest.param(
            {"status": 202, "match": {"operation": ["deleteAdminRole", "listGroups"]}},
            "status is 202, which is not declared for listGroups; declared are 200,",
            id="an undeclared success",
        ),
        pytest.param({"status": 299}, "status is 299, which no operation that matches decl", id="no status"),
        pytest.param(
            {"status": 201, "match": {"method": "GET"}}, "status is 201, which no", id="no status of a method"
        ),
        pytest.param(
            {"status": 201, "match": {"path": GROUPS + "/{id}"}},
            "status is 201, which no",
            id="a path's status",
        ),
        pytest.param(
            {"status": 503, "limit": {"requests": 5, "seconds": 1}},
            "limit never comes to act beside status 503; make a rule of its own of it",
            id="a limit beside a status",
        ),
        pytest.param({"status": 404, "drop": "body"}, "drop never comes", id="a drop beside a status"),
        pytest.param({"limit": 5}, "limit is 5; it is a mapping of requests, seconds", id="a limit"),
        pytest.param({"limit": {"requests": 5}}, "limit.seconds is missing; it is", id="half a limit"),
        pytest.param({"limit": {"requests": 0, "seconds": 1}}, "limit.requests is 0", id="a limit of none"),
        pytest.param(
            {"limit": {"request": 1, "seconds": 1}}, 'request is unknown; .*"requests"', id="limit, misspelt"
        ),
        pytest.param({"drop": "befor"}, 'drop is "befor"; .*Did you mean "before"', id="a drop"),
        pytest.param({"drop": True}, "drop is true; it is one of before, headers, body", id="a true drop"),
        pytest.param({"slow": {"bytes_per_second": 0.5}}, "slow.bytes_per_second is 0.5", id="too slow"),
        pytest.param({"body": "trunkated"}, 'Did you mean "truncated"', id="a body"),
        pytest.param({"delay": 1, "match": []}, r"match is \[\]; it is a mapping of", id="a match"),
        pytest.param(
            {"delay": 1, "match": {"operation": "listGroup"}},
            'no operation "listGroup".*Did you mean "listGroups"',
            id="an unknown operation",
        ),
        pytest.param({"delay": 1, "match": {"operation": []}}, "match.operation is", id="no operations"),
        pytest.param({"delay": 1, "match": {"operation": [1]}}, "match.operation is", id="an operation"),
        pytest.param({"delay": 1, "match": {"method": "FETCH"}}, 'match.method is "FETCH"', id="a method"),
        pytest.param({"delay": 1, "match": {"methods": "GET"}}, "match.methods is unknown", id="match key"),
        pytest.param({"delay": 1, "match": {"path": "groups"}}, 'match.path is "groups"', id="half a path"),
        pytest.param(
            {"delay": 1, "match": {"path": "/api/v1/admin/group"}},
            f'no path "/api/v1/admin/group".*Did you mean "{GROUPS}"',
            id="an unknown path",
        ),
        pytest.param(
            {"delay": 1, "match": {"path": GROUPS + "/{id}/rule"}}, "no path", id="an unknown template"
        ),
        pytest.param({"delay": 1, "match": {"persona": ""}}, 'match.persona is ""', id="a persona"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(data, told):
    with pytest.raises(MockServerError, match=told):
        read_rule(data, CONTRACT)


def test_everything_that_is_wrong_with_a_rule_is_named_at_once():
    with pytest.raises(MockServerError) as refused:
        read_rule({"id": "x", "share": 2, "drop": "never", "match": {"operation": "nope"}}, CONTRACT)

    lines = str(refused.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith('fault "x": ') for line in lines)


def test_an_undeclared_error_is_taken_and_a_success_that_some_operation_declares():
    assert read_rule({"status": 599, "match": {"operation": "listGroups"}}, CONTRACT).status == 599
    assert read_rule({"status": 201}, CONTRACT).status == 201
    assert read_rule({"status": 201, "match": {"method": "POST"}}, CONTRACT).status == 201
    assert read_rule({"status": 200, "match": {"path": GROUPS + "/*"}}, CONTRACT).status == 200
    assert read_rule({"status": 200, "match": {"method": "HEAD"}}, CONTRACT).status == 200


def test_times_may_be_relative_where_somebody_says_when_now_is():
    rule = read_rule({"delay": 1, "from": "now", "until": "+5m"}, CONTRACT, NOW)

    assert rule.as_json() == {
        "delay": 1,
        "from": "2026-05-01T09:00:00.000000Z",
        "until": "2026-05-01T09:05:00.000000Z",
    }


@pytest.mark.parametrize("path", [GROUPS + "/{group_id}", GROUPS + "/{id}"])
def test_a_template_is_known_whatever_its_parameters_are_called(path):
    assert (
        read_rule({"delay": 1, "match": {"path": path}}, CONTRACT).match.path.template
        == GROUPS + "/{group_id}"
    )


def test_a_number_that_is_written_as_a_float_may_be_whole():
    rule = read_rule({"status": 503.0, "skip": 1.0, "slow": {"bytes_per_second": 2.0}}, CONTRACT)
    limited = read_rule({"limit": {"requests": 2.0, "seconds": 1}}, CONTRACT)

    assert str(rule.as_json()) == "{'skip': 1, 'status': 503, 'slow': {'bytes_per_second': 2}}"
    assert str(limited.as_json()) == "{'limit': {'requests': 2, 'seconds': 1}}"
