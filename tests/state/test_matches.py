"""Which entries are meant: what a match takes, what it finds, and what it says of the others."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.loading.document import load
from mockserver.errors import MockServerError
from mockserver.state.journal import Journal
from mockserver.state.journal_entry import Entry
from mockserver.state.matches import FILTERS, read_match
from mockserver.state.path_patterns import read_path
from mockserver.state.personas import load_personas
from tests.state.entries import NOON, asked

ROOT = Path(__file__).parent.parent.parent
CONTRACT = load(ROOT / "openapi.yaml")
PERSONAS = load_personas(ROOT / "fixtures" / "personas.yaml")
ADMIN = PERSONAS["super-admin"].claims


def creating(**filled: Any) -> Entry:
    """Give the entry of a role that was made."""
    journal = Journal(now=lambda: NOON)
    return asked(
        journal,
        **{
            "method": "POST",
            "target": "/api/v1/admin/admin-roles/?dry=1&tag=a&tag=b",
            "json_body": {"role": "viewer", "scope": {"tenants": ["t1", "t2"], "all": False}, "note": None},
            "headers": {"content-type": "application/json", "X-Team": "red"},
            "status": 201,
            "operation": CONTRACT.by_id["createAdminRole"],
            "caller": ADMIN,
            **filled,
        },
    )


def match(**given: Any) -> Any:
    return read_match(given, CONTRACT, personas=PERSONAS, now=NOON)


def said(entry: Entry, **given: Any) -> list[str]:
    return [text for _, text in match(**given).differences(entry)]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"operation": "createAdminRole"}, id="an operation"),
        pytest.param({"operation": ["listGroups", "createAdminRole"]}, id="one of some operations"),
        pytest.param({"method": "post"}, id="a method in small letters"),
        pytest.param({"path": "/api/v1/admin/admin-roles/"}, id="a path"),
        pytest.param({"path": "/api/*/admin-roles/"}, id="a run of characters in a path"),
        pytest.param({"path": "*"}, id="any path"),
        pytest.param({"status": 201}, id="a status"),
        pytest.param({"status": "201"}, id="a status as text"),
        pytest.param({"status": 201.0}, id="a status that is written as a float"),
        pytest.param({"status": "2xx"}, id="a range of statuses"),
        pytest.param({"persona": "super-admin"}, id="a persona's name"),
        pytest.param({"persona": ADMIN["sub"]}, id="a persona's sub"),
        pytest.param({"since": "2026-05-01T12:00:00Z"}, id="since then"),
        pytest.param({"until": "2026-05-01T14:00:01+02:00"}, id="until another zone's time"),
        pytest.param({"since": "-5m", "until": "+1s"}, id="times from now"),
        pytest.param({"query": {"dry": 1}}, id="a number in the query"),
        pytest.param({"query": {"tag": "b"}}, id="one of several values in the query"),
        pytest.param({"query": {"tag": ["a", "b"]}}, id="all values in the query"),
        pytest.param({"headers": {"x-team": "red"}}, id="a header in any letters"),
        pytest.param({"body": {"role": "viewer"}}, id="a member of the body"),
        pytest.param({"body": {"scope": {"all": False}}}, id="a member deep in the body"),
        pytest.param({"body": {"scope": {"tenants": ["t1", "t2"]}}}, id="a whole array"),
        pytest.param({"body": {"note": None}}, id="a member that is null"),
        pytest.param({"body": {}}, id="a body of any members"),
    ],
)
def test_an_entry_is_meant_by_what_it_is_like(given):
    assert match(**given).holds(creating())


@pytest.mark.parametrize(
    ("given", "difference"),
    [
        ({"operation": "listGroups"}, "operation is createAdminRole, not listGroups"),
        ({"method": "GET"}, "method is POST, not GET"),
        ({"path": "/api/v1/admin/groups"}, "path is /api/v1/admin/admin-roles/, not /api/v1/admin/groups"),
        ({"path": "/api/*/roles/"}, "path is /api/v1/admin/admin-roles/, not /api/*/roles/"),
        ({"status": 200}, "status is 201, not 200"),
        ({"status": "4XX"}, "status is 201, not 4XX"),
        ({"persona": "viewer"}, "persona is super-admin, not viewer"),
        (
            {"since": "2026-05-01T12:00:01Z"},
            "time is 2026-05-01T12:00:00.000000Z, before 2026-05-01T12:00:01.000000Z",
        ),
        (
            {"until": "2026-05-01T12:00:00Z"},
            "time is 2026-05-01T12:00:00.000000Z, not before 2026-05-01T12:00:00.000000Z",
        ),
        ({"query": {"tenant_id": "t"}}, "query.tenant_id is missing"),
        ({"query": {"dry": True}}, 'query.dry is "1", not "true"'),
        ({"query": {"tag": ["b", "a"]}}, 'query.tag is ["a","b"], not ["b","a"]'),
        ({"headers": {"X-Team": "blue"}}, 'headers.x-team is "red", not "blue"'),
        ({"headers": {"x-other": "blue"}}, "headers.x-other is missing"),
        ({"body": {"role": "owner"}}, 'body.role is "viewer", not "owner"'),
        ({"body": {"user_id": None}}, "body.user_id is missing"),
        ({"body": {"scope": {"tenants": ["t1"]}}}, "body.scope.tenants has 2 items, not 1"),
        ({"body": {"scope": {"tenants": ["t1", "t3"]}}}, 'body.scope.tenants.1 is "t2", not "t3"'),
        ({"body": {"scope": {"all": 0}}}, "body.scope.all is false, not 0"),
        (
            {"body": ["viewer"]},
            'body is {"role":"viewer","scope":{"tenants":["t1","t2"],"all":false},"note":nu',
        ),
    ],
)
def test_what_is_unlike_is_said_in_words(given, difference):
    entry = creating()

    found = said(entry, **given)

    assert len(found) == 1
    assert found[0].startswith(difference)
    assert not match(**given).holds(entry)


def test_every_difference_is_said():
    found = said(creating(), method="PUT", status=200, body={"role": "owner", "note": 1})

    assert found == [
        "method is POST, not PUT",
        "status is 201, not 200",
        'body.role is "viewer", not "owner"',
        "body.note is null, not 1",
    ]


def test_nobody_is_no_persona():
    assert said(creating(caller={}), persona="viewer") == ["persona is nobody, not viewer"]


def test_a_sub_that_is_no_text_is_somebody_else():
    assert said(creating(caller={"sub": ["x"]}), persona="viewer") == ["persona is ['x'], not viewer"]


def test_a_template_means_the_requests_that_it_was_found_for_whatever_its_parameters_are_called():
    group = CONTRACT.by_id["getGroup"]
    entry = creating(target="/api/v1/admin/groups/grp_1?x=1", operation=group)

    assert match(path="/api/v1/admin/groups/{group_id}").holds(entry)
    assert match(path="/api/v1/admin/groups/{id}").holds(entry)
    assert not match(path="/api/v1/admin/groups/{id}/role").holds(entry)


def test_the_server_s_own_path_may_stand_before_a_template():
    contract = replace(CONTRACT, base_path="/base")

    found = read_path("/base/api/v1/admin/groups/{id}", contract)

    assert found.template == "/api/v1/admin/groups/{group_id}"


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/a/*", "/a/b/c", True),
        ("/a/*", "/a/", True),
        ("/a/*", "/a", False),
        ("*/c", "/a/b/c", True),
        ("/a*a", "/a", False),
        ("/a*b*c", "/abbc", True),
        ("/a*b*c", "/acb", False),
        ("/ä", "/%C3%A4", True),
        ("/a/*", "/a/%2F", True),
        ("/*" * 5000, "/a" * 4999, False),
    ],
)
def test_a_star_is_any_run_of_characters(pattern, path, expected):
    assert read_path(pattern, CONTRACT).holds(path, None) is expected


def test_a_request_with_a_method_that_its_path_lacks_is_of_no_operation():
    entry = creating(method="PUT", operation=CONTRACT.by_id["listAdminRoles"], status=405)

    assert said(entry, operation="listAdminRoles") == ["operation is none, not listAdminRoles"]
    assert match(path="/api/v1/admin/admin-roles/").holds(entry)


def test_head_asks_for_the_operation_of_get():
    entry = creating(method="HEAD", operation=CONTRACT.by_id["listAdminRoles"])

    assert match(operation="listAdminRoles").holds(entry)
    assert not match(method="GET").holds(entry)


def test_the_fields_of_a_form_are_a_body():
    entry = creating(
        json_body=None,
        body=b"role=viewer&tag=a&tag=b",
        headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
    )

    assert match(body={"role": "viewer", "tag": ["a", "b"]}).holds(entry)


def test_a_text_is_a_body():
    assert match(body="hello, you").holds(creating(json_body=None, body=b"hello, you"))


def test_a_body_that_was_cut_cannot_be_compared_and_it_is_said():
    entry = creating(json_body=None, body=b'{"role": "viewer"}')
    entry.request_body = b'{"role"'

    assert said(entry, body={"role": "viewer"}) == ["body is 18 bytes long, and only 7 of them are kept"]


@pytest.mark.parametrize("body", [None, b""])
def test_a_body_that_is_not_there_weighs_as_much_as_all_that_was_asked_of_it(body):
    entry = creating(json_body=None, body=body)

    assert list(match(body={"a": 1, "b": {"c": 2, "d": [3, 4]}}).differences(entry)) == [
        (4, "body is missing")
    ]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([], "match: is []; it should be an object."),
        (
            {"operaton": "x"},
            'match: "operaton" is unknown; known are operation, method, path, status, persona',
        ),
        ({"operaton": "x"}, 'Did you mean "operation"?'),
        ({"operation": "listGroup"}, 'has no operation "listGroup". Did you mean "listGroups"?'),
        ({"operation": 5}, "has no operation 5."),
        ({"operation": [["listGroups"]]}, 'has no operation ["listGroups"].'),
        ({"method": 5}, "match.method: is 5; it should be a text"),
        ({"path": ""}, 'match.path: is ""; it should be a text'),
        (
            {"path": "/api/v1/admin/group/{id}"},
            'match.path: the contract has no path "/api/v1/admin/group/{id}". Did you mean "/api',
        ),
        ({"status": "4X"}, 'match.status: is "4X"; it should be a status, such as 404, or a range'),
        ({"status": True}, "match.status: is true"),
        ({"status": 99}, "match.status: is 99"),
        ({"status": 404.5}, "match.status: is 404.5"),
        ({"since": "yesterday"}, 'match.since: is "yesterday"; it should be a time'),
        ({"since": "-999999w"}, 'is "-999999w"; it should be a time of the years 1 to 9999, such as'),
        ({"until": "0001-01-01T00:00:00+14:00"}, "match.until: is"),
        ({"until": 5}, "match.until: is 5; it should be a time"),
        ({"query": "x"}, 'match.query: is "x"; it should be an object of texts by name.'),
        ({"headers": {"x": {}}}, "match.headers.x: is {}; it should be a text, or a list of texts."),
        ({"persona": 1}, "match.persona: is 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(given, text):
    with pytest.raises(MockServerError) as refused:
        read_match(given, CONTRACT)

    assert text in str(refused.value)


def test_a_body_deeper_than_any_is_refused():
    body: Any = 1
    for _ in range(5000):
        body = [body]

    with pytest.raises(MockServerError, match="deeper than 100 levels"):
        match(body=body)


def test_a_filter_takes_fewer_fields_and_names_its_own_place():
    with pytest.raises(MockServerError, match=r'^fault slow: "body" is unknown'):
        read_match({"body": 1}, CONTRACT, where="fault slow", fields=FILTERS)


def test_a_value_that_cannot_be_shown_is_still_unlike():
    deep: Any = 1
    for _ in range(600):
        deep = [deep]

    assert said(creating(json_body=deep), body={"a": 1}) == ['body is a value that is not shown, not {"a":1}']
