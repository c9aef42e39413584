"""What HTTP asks of every server: methods, redirects, origins, paths and request ids."""

import http.client
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.contract.loading.document import load
from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from tests.conftest import SHIPPED, in_process
from tests.handlers.calls import CHIDI, GROUPS, READING, ROLES, each

ORIGIN = {"Origin": "https://pages.example"}
PATHS = {path: set(methods) for path, methods in load(SHIPPED).by_path.items()}
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE"}

every_path = pytest.mark.parametrize("path", PATHS)

# A handler for every operation, that tells which one it is and what it was given.
ECHO = """
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles

def echo(operation_id):
    @handles(operation_id)
    def answer(request, store):
        return Response({"operation": operation_id, "path": dict(request.path), "query": dict(request.query)})
    return answer

"""


def operation(operation_id: str, *names: str, **more: Any) -> dict[str, Any]:
    return {
        "operationId": operation_id,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ],
        "responses": {"200": {"description": "Done.", "content": {"application/json": {}}}},
        **more,
    }


@pytest.fixture
def echoing(tmp_path: Path) -> Callable[..., Setup]:
    """Give a function that writes a contract, with handlers that echo, and gives how to serve it."""

    def setup(paths: dict[str, Any], **more: Any) -> Setup:
        document = {"openapi": "3.1.0", "info": {"title": "Echo", "version": "1"}, "paths": paths, **more}
        path = tmp_path / "echo.json"
        path.write_text(json.dumps(document))
        handlers = tmp_path / "echo.py"
        ids = [each["operationId"] for item in paths.values() for each in item.values()]
        handlers.write_text(ECHO + "".join(f"{name} = echo({name!r})\n" for name in ids))
        return Setup(contract=path, handlers=str(handlers))

    return setup


def filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "x", path)


def names_in(path: str) -> list[str]:
    return re.findall(r"\{([^}]+)\}", path)


def ask(url: str, target: str) -> tuple[int, str]:
    """Ask for a target as it is, where a client of HTTP would tidy it; gives the status and ``Location``."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request("GET", target)
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers.get("location", "")


def allowed(answer: httpx.Response) -> set[str]:
    return set(answer.headers["allow"].split(", "))


def headers_of(answer: httpx.Response) -> dict[str, str]:
    each_time = ("date", "link", "mock-journal")  # another entry of the journal is told
    return {name: value for name, value in answer.headers.items() if name not in each_time}


# HEAD


@each(READING)
def test_head_has_the_headers_of_get_and_no_body(api, call):
    ours = {"X-Request-ID": "ours"}

    get = api.get(call.path, as_="super-admin", headers=ours)
    head = api.request("HEAD", call.path, as_="super-admin", headers=ours)

    assert (head.status_code, head.content) == (get.status_code, b"")
    assert headers_of(head) == headers_of(get)
    assert int(head.headers["content-length"]) == len(get.content) > 0


@pytest.mark.parametrize(
    ("path", "caller"),
    [
        pytest.param(GROUPS, None, id="401"),
        pytest.param(GROUPS, "viewer", id="403"),
        pytest.param(f"{GROUPS}/grp_none", "super-admin", id="404 of a handler"),
        pytest.param("/nothing", None, id="404 of no path"),
        pytest.param(f"{ROLES}?page=x", "super-admin", id="422"),
        pytest.param(f"{GROUPS}/", None, id="307"),
    ],
)
def test_head_is_refused_as_get_is(api, path, caller):
    ours = {"X-Request-ID": "ours"}

    get = api.get(path, as_=caller, headers=ours)
    head = api.request("HEAD", path, as_=caller, headers=ours)

    assert (head.status_code, head.content) == (get.status_code, b"")
    assert headers_of(head) == headers_of(get)


def test_a_head_that_the_contract_declares_is_an_operation_of_its_own(echoing):
    paths = {"/things": {"get": operation("listThings"), "head": operation("countThings")}}

    with in_process(echoing(paths)) as api:
        get, head = api.get("/things"), api.request("HEAD", "/things")

    assert get.json()["operation"] == "listThings"
    assert int(head.headers["content-length"]) == len(get.content) + len("count") - len("list")


# OPTIONS and methods


@every_path
def test_options_is_204_with_every_method_of_the_path(api, path):
    answer = api.request("OPTIONS", filled(path))

    implied = {"HEAD"} if "GET" in PATHS[path] else set()
    assert (answer.status_code, answer.content) == (204, b"")
    assert allowed(answer) == PATHS[path] | implied | {"OPTIONS"}


@every_path
def test_another_method_is_405_with_every_method_of_the_path_in_the_shape_of_its_tag(api, path):
    for method in METHODS - PATHS[path] - {"HEAD"}:
        refused = api.request(method, filled(path))

        assert refused.status_code == 405
        assert allowed(refused) == allowed(api.request("OPTIONS", filled(path)))
        assert list(refused.json()) == (["detail"] if "admin-roles" in path else ["error"])


def test_a_method_is_refused_before_anybody_is_asked_who_they_are(api):
    refused = api.put(GROUPS, headers={"Authorization": "Bearer nonsense"}, content=b"{")

    assert refused.status_code == 405


def test_an_options_that_the_contract_declares_is_an_operation_of_its_own(echoing):
    paths = {"/things": {"get": operation("listThings"), "options": operation("describeThings")}}

    with in_process(echoing(paths)) as api:
        answer = api.request("OPTIONS", "/things")

    assert answer.json()["operation"] == "describeThings"


@pytest.mark.parametrize("method", sorted(METHODS | {"OPTIONS"}))
def test_an_unknown_path_is_404_in_the_shape_of_rfc_9457_whatever_the_method(api, method):
    answer = api.request(method, "/nothing")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert method == "HEAD" or answer.json()["instance"] == f"/_mock/journal/{answer.headers['Mock-Journal']}"


# Origins


@pytest.mark.parametrize("origin", ["https://pages.example", "http://localhost:3000", "null"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_preflight_lets_every_origin_do_everything_with_credentials(api, origin, method):
    wanted = {"authorization", "mock-x"}
    asked = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": ",".join(wanted),
    }

    answer = api.request("OPTIONS", ROLES, headers={"Origin": origin, **asked})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert method in answer.headers["access-control-allow-methods"]
    assert wanted <= set(answer.headers["access-control-allow-headers"].split(","))
    assert "Origin" in answer.headers["vary"]


def test_a_page_of_the_internet_may_ask_for_a_mock_on_a_private_network(api):
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Private-Network": "true"}

    answer = api.request("OPTIONS", GROUPS, headers={**ORIGIN, **asked})

    assert answer.headers["access-control-allow-private-network"] == "true"


def test_options_of_an_origin_that_asks_for_nothing_is_no_preflight(api):
    answer = api.request("OPTIONS", GROUPS, headers=ORIGIN)

    assert answer.status_code == 204
    assert allowed(answer) == {"GET", "HEAD", "OPTIONS"}
    assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]


@pytest.mark.parametrize(
    ("method", "path", "caller", "status"),
    [
        pytest.param("GET", GROUPS, "super-admin", 200, id="success"),
        pytest.param("GET", GROUPS, None, 401, id="401"),
        pytest.param("GET", GROUPS, "viewer", 403, id="403"),
        pytest.param("GET", "/nothing", None, 404, id="404"),
        pytest.param("PUT", GROUPS, None, 405, id="405"),
        pytest.param("GET", f"{ROLES}?page=x", "super-admin", 422, id="422"),
        pytest.param("GET", f"{GROUPS}/", None, 307, id="a redirect"),
    ],
)
@pytest.mark.parametrize("origin", ["https://pages.example", "null"])
def test_a_page_of_any_origin_can_read_every_answer_and_our_headers(
    api, method, path, caller, status, origin
):
    answer = api.request(method, path, as_=caller, headers={"Origin": origin})

    exposed = set(answer.headers["access-control-expose-headers"].split(", "))
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert exposed >= {"X-Request-ID", "Location", "Allow", "WWW-Authenticate"}
    assert "Origin" in answer.headers["vary"]


def test_headers_that_the_contract_declares_are_exposed_too(echoing):
    listing = operation("listThings")
    listing["responses"]["200"]["headers"] = {"X-Total": {"schema": {"type": "integer"}}}

    with in_process(echoing({"/things": {"get": listing}})) as api:
        answer = api.get("/things", headers=ORIGIN)

    assert "X-Total" in answer.headers["access-control-expose-headers"].split(", ")


def test_nobody_is_told_of_origins_who_names_none(api):
    answer = api.get(GROUPS, as_="super-admin")

    assert not [name for name in answer.headers if name.startswith("access-control-")]


# The slash at the end


@pytest.mark.parametrize("query", ["", "?page=2", "?q=a%2Fb&q=+%C3%A9&empty=", "?x=//evil.example"])
@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        pytest.param(ROLES.rstrip("/"), ROLES, id="a slash is missing"),
        pytest.param(f"{GROUPS}/", GROUPS, id="a slash too many"),
        pytest.param(f"{GROUPS}/a%2Fb%20c/", f"{GROUPS}/a%2Fb%20c", id="a slash too many after a parameter"),
    ],
)
def test_the_other_form_of_a_slash_is_redirected_with_its_query(api, asked, meant, query):
    answer = api.get(asked + query)

    assert (answer.status_code, answer.content) == (307, b"")
    assert answer.headers["location"] == meant + query


def test_a_redirect_leads_a_client_with_its_method_and_body_to_success(api):
    role = {"user_id": CHIDI, "role": "SUPER_ADMIN"}

    created = api.post(ROLES.rstrip("/"), as_="super-admin", json=role, follow_redirects=True)

    assert created.status_code == 201
    assert [answer.status_code for answer in created.history] == [307]


def test_two_slashes_at_the_end_are_no_form_of_the_path(api):
    assert api.get(f"{GROUPS}//").status_code == 404


@pytest.fixture(scope="module")
def open_ended(tmp_path_factory) -> Iterator[str]:
    """Serve a contract whose paths take everything, and give its address."""
    path = tmp_path_factory.mktemp("open-ended") / "openapi.json"
    paths = {
        "/{a}/": {"get": operation("getA", "a")},
        "/{a}/{b}/": {"get": operation("getB", "a", "b")},
        "/{a}/{b}/{c}": {"get": operation("getC", "a", "b", "c")},
    }
    path.write_text(json.dumps({"openapi": "3.1.0", "info": {}, "paths": paths}))
    with running(Setup(contract=path)) as (_, url):
        yield url


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "//evil.example/",
        "//evil.example/things",
        "//evil.example/a/b/",
        "///evil.example/",
        "/%2Fevil.example",
        "/%2F%2Fevil.example",
        "/%5Cevil.example",
        "/\\evil.example",
        "/\\/evil.example",
        "/\\evil.example/a",
        "/.//evil.example",
        "http://evil.example/things",
        "http://evil.example//evil.example/a",
    ],
)
def test_no_path_redirects_to_another_host(open_ended, target):
    _, location = ask(open_ended, target)

    # Browsers take a backslash for a slash.
    assert re.match(r"/(?![/\\])|$", location)


# Paths


@pytest.mark.parametrize("concrete_comes_first", [True, False])
@pytest.mark.parametrize(
    ("concrete", "template", "asked", "another"),
    [
        pytest.param("/users/me", "/users/{id}", "/users/me", "/users/you", id="the last segment"),
        pytest.param("/users/me/a", "/users/{id}/a", "/users/me/a", "/users/you/a", id="a middle segment"),
        pytest.param("/users/me", "/{kind}/{id}", "/users/me", "/users/you", id="two segments"),
        pytest.param("/users/me", "/users/{id}", "/users/%6De", "/users/%6Du", id="percent-encoded"),
        pytest.param("/me.json", "/{id}.json", "/me.json", "/you.json", id="a part of a segment"),
    ],
)
def test_a_concrete_path_wins_over_a_template_in_any_order(
    echoing, concrete, template, asked, another, concrete_comes_first
):
    paths = {
        concrete: {"get": operation("concrete")},
        template: {"get": operation("template", *names_in(template))},
    }
    ordered = paths if concrete_comes_first else dict(reversed(paths.items()))

    with in_process(echoing(ordered)) as api:
        meant, other = api.get(asked), api.get(another)

    assert meant.json() == {"operation": "concrete", "path": {}, "query": {}}
    assert other.json()["operation"] == "template"


def test_a_concrete_beginning_that_leads_nowhere_does_not_hide_a_template(echoing):
    paths = {
        "/users/me/settings": {"get": operation("mySettings")},
        "/users/{id}/posts": {"get": operation("posts", "id")},
    }

    with in_process(echoing(paths)) as api:
        answer = api.get("/users/me/posts")

    assert answer.json() == {"operation": "posts", "path": {"id": "me"}, "query": {}}


@pytest.mark.parametrize(
    ("template", "asked", "values"),
    [
        ("/files/{name}.{format}", "/files/report.pdf", {"name": "report", "format": "pdf"}),
        ("/files/{name}.{format}", "/files/report.tar.gz", {"name": "report", "format": "tar.gz"}),
        ("/files/{name}.{format}", "/files/a%2Eb.c", {"name": "a.b", "format": "c"}),
        ("/ranges/{from}-{to}", "/ranges/2024-2026", {"from": "2024", "to": "2026"}),
        ("/maps/{x},{y},{z}", "/maps/1,2,3", {"x": "1", "y": "2", "z": "3"}),
        ("/things/{id}:archive", "/things/a:b:archive", {"id": "a:b"}),
        ("/{a}{b}", "/xyz", {"a": "x", "b": "yz"}),
        ("/things/{a}/{b}", "/things/x%2Fy/%C3%A9%20+", {"a": "x/y", "b": "é +"}),
        ("/things/{thing id}", "/things/5", {"thing id": "5"}),
        ("/things/{id}", "/things/{id}", {"id": "{id}"}),
    ],
)
def test_parameters_are_found_within_their_segments(echoing, template, asked, values):
    paths = {template: {"get": operation("get", *values)}}

    with in_process(echoing(paths)) as api:
        answer = api.get(asked)

    assert answer.json()["path"] == values


@pytest.mark.parametrize(
    ("template", "asked"),
    [
        ("/files/{name}.{format}", "/files/report"),
        ("/files/{name}.{format}", "/files/.pdf"),
        ("/files/{name}.{format}", "/files/report."),
        ("/things/{id}", "/things//"),
        ("/things/{id}", "/things/a/b"),
        ("/things/{id}", "/Things/a"),
        ("/things/{id}", "//things/a"),
    ],
)
def test_a_path_that_does_not_fill_its_template_is_404(echoing, template, asked):
    paths = {template: {"get": operation("get", *names_in(template))}}

    with in_process(echoing(paths)) as api:
        answer = api.get(f"http://mock.test{asked}")

    assert answer.status_code == 404


def test_one_name_in_path_and_query_means_two_things(echoing):
    thing = operation("getThing", "id")
    thing["parameters"].append({"name": "id", "in": "query", "schema": {"type": "integer"}})

    with in_process(echoing({"/things/{id}": {"get": thing}})) as api:
        answer = api.get("/things/a?id=5")

    assert answer.json() == {"operation": "getThing", "path": {"id": "a"}, "query": {"id": 5}}


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        pytest.param(None, "", id="no servers"),
        pytest.param([], "", id="an empty list of servers"),
        pytest.param([{"url": "/"}], "", id="the root"),
        pytest.param([{"url": "/v1"}], "/v1", id="a path"),
        pytest.param([{"url": "v1"}], "/v1", id="a path without its slash"),
        pytest.param([{"url": "/v1/"}, {"url": "/v2"}], "/v1", id="the first of two"),
        pytest.param([{"url": "https://api.example/a/b"}], "/a/b", id="an address"),
        pytest.param([{"url": "https://api.example"}], "", id="an address without a path"),
        pytest.param(
            [
                {
                    "url": "https://{region}.api.example:{port}/{version}/{stage}",
                    "variables": {
                        "region": {"default": "eu"},
                        "port": {"default": "443"},
                        "version": {"default": "v2"},
                        "stage": {"default": "live", "enum": ["live", "test"]},
                    },
                }
            ],
            "/v2/live",
            id="variables",
        ),
    ],
)
def test_paths_stand_below_the_path_of_the_first_server(echoing, servers, base):
    more = {} if servers is None else {"servers": servers}
    paths = {"/things": {"get": operation("listThings")}, "/": {"get": operation("getRoot")}}

    with in_process(echoing(paths, **more)) as api:
        found, redirected = api.get(f"{base}/things"), api.get(f"{base}/things/?a=b")
        root, elsewhere = api.get(f"{base}/"), api.get(f"/other{base}/things")

    assert found.json()["operation"] == "listThings"
    assert redirected.headers["location"] == f"{base}/things?a=b"
    assert root.json()["operation"] == "getRoot"
    assert elsewhere.status_code == 404


# Request ids


@pytest.mark.parametrize(
    ("method", "path", "caller"),
    [
        pytest.param("GET", GROUPS, "super-admin", id="success"),
        pytest.param("HEAD", GROUPS, "super-admin", id="HEAD"),
        pytest.param("OPTIONS", GROUPS, None, id="OPTIONS"),
        pytest.param("GET", f"{GROUPS}/", None, id="a redirect"),
        pytest.param("GET", GROUPS, None, id="401"),
        pytest.param("GET", "/nothing", None, id="404"),
        pytest.param("PUT", GROUPS, None, id="405"),
        pytest.param("POST", ROLES, "super-admin", id="422"),
    ],
)
def test_every_answer_has_one_request_id_of_its_own_or_the_one_it_was_given(api, method, path, caller):
    own, next_one = (api.request(method, path, as_=caller) for _ in range(2))
    given = api.request(method, path, as_=caller, headers={"X-Request-ID": "job-7/step:3=a+b_c.d"})

    assert re.fullmatch("req_[0-9a-f]{16}", own.headers["x-request-id"])
    assert own.headers["x-request-id"] != next_one.headers["x-request-id"]
    assert given.headers.get_list("x-request-id") == ["job-7/step:3=a+b_c.d"]


def test_a_preflight_has_a_request_id_too(api):
    asked = {"Access-Control-Request-Method": "GET", "X-Request-ID": "ours"}

    assert api.request("OPTIONS", GROUPS, headers={**ORIGIN, **asked}).headers["x-request-id"] == "ours"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(b"", id="an empty one"),
        pytest.param(b"a b", id="a space"),
        pytest.param(b"a" * 129, id="129 characters"),
        pytest.param("é".encode(), id="a letter beyond ASCII"),
        pytest.param(b"\xff", id="a byte that is not UTF-8"),
        pytest.param(b"<script>", id="markup"),
        pytest.param(b'"; drop', id="punctuation"),
        pytest.param(b"a\tb", id="a tab"),
    ],
)
def test_a_request_id_that_makes_no_sense_is_not_echoed(api, given):
    answer = api.get(GROUPS, as_="super-admin", headers=[(b"X-Request-ID", given)])

    assert re.fullmatch("req_[0-9a-f]{16}", answer.headers["x-request-id"])


@each(READING)
def test_the_body_repeats_the_request_id(api, call):
    answer = api.get(call.path, as_="super-admin", headers={"X-Request-ID": "ours"})

    assert answer.json()["meta"]["request_id"] == answer.headers["x-request-id"] == "ours"


def test_a_problem_repeats_the_request_id_where_its_shape_has_a_place_for_it(api):
    refused, unknown = api.get(GROUPS), api.get("/nothing")

    assert refused.json()["error"]["request_id"] == refused.headers["x-request-id"]
    assert unknown.json()["request_id"] == unknown.headers["x-request-id"]


def test_two_mocks_with_one_seed_give_the_same_request_ids(echoing):
    setup = echoing({"/things": {"get": operation("listThings")}})

    def ids(seed: int) -> list[str]:
        with in_process(replace(setup, seed=seed)) as api:
            return [api.get("/things").headers["x-request-id"] for _ in range(3)]

    first, again, another = ids(1), ids(1), ids(2)

    assert first == again
    assert len({*first, *another}) == 6
