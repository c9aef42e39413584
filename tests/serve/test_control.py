"""What answers under ``/_mock``, and whom."""

import asyncio
from typing import Any

import httpx
import jwt
import pytest

from mockserver.contract.loading.document import parse
from mockserver.serve.assembly import Setup
from tests.conftest import SHIPPED, in_process

ROLES = "/api/v1/admin/admin-roles/"
NEW_ROLE = {"user_id": "usr_203sfxdeio5vlq26", "role": "SUPER_ADMIN"}

PUBLIC = ["/_mock/health", "/_mock/openapi.yaml", "/_mock/openapi.json", "/_mock/jwks.json"]
PRIVATE = [("POST", "/_mock/reset"), ("GET", "/_mock/export")]

OTHER_SITES = [
    pytest.param({"Origin": "https://other.example"}, id="another origin"),
    pytest.param({"Origin": "http://localhost:1"}, id="another port"),
    pytest.param({"Origin": "null"}, id="a sandboxed frame"),
    pytest.param({"Sec-Fetch-Site": "cross-site"}, id="another site that hides its origin"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, id="another host of the same site"),
    pytest.param({"Host": "rebound.attacker.com"}, id="a name that leads here by DNS rebinding"),
    pytest.param(
        {"Host": "rebound.attacker.com:80", "Origin": "http://rebound.attacker.com:80"},
        id="a page of such a name",
    ),
]


def create_role(api: Any) -> httpx.Response:
    created: httpx.Response = api.post(ROLES, as_="super-admin", json=NEW_ROLE)
    assert created.status_code == 201
    return created


def ask_from(address: str, api: Any, method: str, path: str, **headers: str) -> httpx.Response:
    """Call the mock in process, as somebody at an address."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(api.mock.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(ask())


def test_health_counts_the_items_of_every_collection(api):
    before = api.get("/_mock/health").json()
    create_role(api)
    after = api.get("/_mock/health").json()

    assert before["status"] == after["status"] == "ok"
    assert before["contract"] == "ScaiLabs administration API"
    assert list(before["items"]) == list(api.mock.world.store.names())
    assert after["items"] == {**before["items"], "admin_roles": before["items"]["admin_roles"] + 1}


def test_head_on_health_has_the_headers_of_get_and_no_body(api):
    headers = {"X-Request-ID": "ours"}

    head, get = (
        api.request("HEAD", "/_mock/health", headers=headers),
        api.get("/_mock/health", headers=headers),
    )

    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-length", "x-request-id"):
        assert head.headers[name] == get.headers[name]


def test_the_contract_is_given_as_it_was_written(api):
    answer = api.get("/_mock/openapi.yaml")

    assert answer.content == SHIPPED.read_bytes()
    assert answer.headers["content-type"] == "application/yaml"


def test_the_contract_as_json_is_the_same_document(api):
    answer = api.get("/_mock/openapi.json")

    assert answer.json() == parse(SHIPPED.read_bytes())
    assert answer.headers["content-type"] == "application/json"


def test_a_backend_can_verify_our_tokens_with_the_key_set(api):
    keys = jwt.PyJWKSet.from_dict(api.get("/_mock/jwks.json").json())
    token = api.token("super-admin")

    claims = jwt.decode(
        token,
        keys[jwt.get_unverified_header(token)["kid"]],
        algorithms=["RS256"],
        audience="scailabs-administration",
    )

    assert claims["sub"] == api.sub("super-admin")


def test_the_key_set_holds_nothing_secret(api):
    (key,) = api.get("/_mock/jwks.json").json()["keys"]

    assert key.keys().isdisjoint({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def test_reset_puts_the_fixtures_back(api):
    fixtures = api.get("/_mock/export").json()
    changed = create_role(api).json()["data"]["id"]
    api.delete(f"{ROLES}{fixtures['admin_roles'][-1]['id']}", as_="super-admin")

    reset = api.post("/_mock/reset")

    assert (reset.status_code, reset.content) == (204, b"")
    assert api.get("/_mock/export").json() == fixtures
    assert api.get(f"{ROLES}{changed}", as_="super-admin").status_code == 404


def test_ids_repeat_after_a_reset(api):
    api.post("/_mock/reset")
    first = create_role(api)

    api.post("/_mock/reset")
    second = create_role(api)

    assert second.json()["data"]["id"] == first.json()["data"]["id"]
    assert second.headers["x-request-id"] == first.headers["x-request-id"]


def test_export_gives_the_whole_state_as_it_is_now(api):
    created = create_role(api).json()["data"]["id"]

    exported = api.get("/_mock/export").json()

    assert exported == {name: api.mock.world.store[name].find() for name in api.mock.world.store.names()}
    assert created in [role["id"] for role in exported["admin_roles"]]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_a_caller_on_this_machine_may_export(api, address):
    assert ask_from(address, api, "GET", "/_mock/export").status_code == 200


@pytest.mark.parametrize("address", ["10.0.0.5", "::ffff:10.0.0.5", "2001:db8::1", "not an address"])
@pytest.mark.parametrize(("method", "path"), PRIVATE)
def test_a_caller_on_another_machine_neither_sees_nor_changes_the_state(api, method, path, address):
    created = create_role(api).json()["data"]["id"]

    refused = ask_from(address, api, method, path)

    assert refused.status_code == 403
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["status"] == 403
    assert created in api.mock.world.store["admin_roles"]


@pytest.mark.parametrize("path", [*PUBLIC, "/_mock/docs/"])
def test_a_caller_on_another_machine_reads_what_is_public(api, path):
    assert ask_from("10.0.0.5", api, "GET", path).status_code == 200


@pytest.mark.parametrize("headers", OTHER_SITES)
@pytest.mark.parametrize(("method", "path"), PRIVATE)
def test_a_page_of_another_site_neither_sees_nor_changes_the_state(api, method, path, headers):
    created = create_role(api).json()["data"]["id"]

    refused = api.request(method, path, headers=headers)

    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers
    assert created in api.mock.world.store["admin_roles"]


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "mock", "mock.test"]
)
def test_a_page_of_our_own_resets(api, host):
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}

    assert api.post("/_mock/reset", headers=headers).status_code == 204


@pytest.mark.parametrize("path", PUBLIC)
def test_a_page_of_another_site_reads_what_is_public(api, path):
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}

    preflight = api.request(
        "OPTIONS", path, headers={**asked, "Access-Control-Request-Headers": "authorization"}
    )
    answer = api.get(path, headers={"Origin": asked["Origin"]})

    assert (preflight.status_code, answer.status_code) == (200, 200)
    assert preflight.headers["access-control-allow-headers"] == "authorization"
    for each in (preflight, answer):
        assert each.headers["access-control-allow-origin"] == asked["Origin"]
        assert each.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(("method", "path"), PRIVATE)
def test_a_preflight_for_what_is_private_is_refused(api, method, path):
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": method}

    refused = api.request("OPTIONS", path, headers=asked)

    # What a browser goes by: no origin is allowed anything.
    assert [name for name in refused.headers if name.startswith("access-control-")] == []
    assert api.request(method, path, headers={"Origin": asked["Origin"]}).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/_mock/reset", "OPTIONS, POST"),
        ("HEAD", "/_mock/reset", "OPTIONS, POST"),
        ("DELETE", "/_mock/export", "GET, HEAD, OPTIONS"),
        ("POST", "/_mock/health", "GET, HEAD, OPTIONS"),
        ("PUT", "/_mock/openapi.json", "GET, HEAD, OPTIONS"),
        ("POST", "/_mock/docs/", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_taken_is_405_with_those_that_are(api, method, path, allow):
    created = create_role(api).json()["data"]["id"]

    refused = api.request(method, path)

    assert refused.status_code == 405
    assert refused.headers["allow"] == allow
    assert created in api.mock.world.store["admin_roles"]


@pytest.mark.parametrize(
    "path", ["/_mock/nothing", "/_mock/health/x", "/_mock/docs/nothing", "/_mock//health"]
)
def test_a_path_that_is_not_there_is_404(api, path):
    missing = api.get(path)

    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"
    assert path in missing.json()["detail"]


@pytest.mark.parametrize("path", ["/_mocked", "/_mock.json"])
def test_a_path_that_only_begins_like_ours_belongs_to_the_contract(api, path):
    assert "/_mock/docs/" not in api.get(path).text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", path) for path in PUBLIC),
        *PRIVATE,
        ("GET", "/_mock"),
        ("GET", "/_mock/docs"),
        ("GET", "/_mock/docs/"),
        ("GET", "/_mock/docs/nothing"),
        ("GET", "/_mock/nothing"),
        ("PUT", "/_mock/health"),
    ],
)
def test_every_answer_has_the_id_of_its_request(api, method, path):
    assert api.request(method, path, headers={"X-Request-ID": "ours-1"}).headers["x-request-id"] == "ours-1"


@pytest.mark.parametrize("path", ["/_mock", "/_mock/", "/_mock/docs"])
def test_the_way_to_the_page_is_shown(api, path):
    answer = api.get(path)

    assert (answer.status_code, answer.headers["location"]) == (307, "/_mock/docs/")


def test_the_page_is_held_to_what_we_serve(api):
    answer = api.get("/_mock/docs/")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


@pytest.mark.parametrize(
    "name", ["page.js", "swagger-ui/swagger-ui-bundle.js", "swagger-ui/LICENSE", "swagger-ui/NOTICE"]
)
def test_a_file_of_the_page_is_sent_again_only_when_it_changed(api, name):
    first = api.get(f"/_mock/docs/{name}")
    head = api.request("HEAD", f"/_mock/docs/{name}")
    second = api.get(f"/_mock/docs/{name}", headers={"If-None-Match": first.headers["etag"]})

    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(first.content))
    assert (second.status_code, second.content) == (304, b"")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("%2e%2e/api.py", id="dots"),
        pytest.param("%2e%2e%2f%2e%2e%2fstate%2fdevelopment_key.pem", id="dots and slashes, encoded"),
        pytest.param("swagger-ui/%2e%2e/%2e%2e/api.py", id="dots inside"),
        pytest.param("swagger-ui/%2e%2e/page.js", id="dots that stay inside"),
        pytest.param("%2Fetc%2Fpasswd", id="an absolute path"),
        pytest.param("..%5c..%5capi.py", id="backslashes"),
        pytest.param("page.js%00.html", id="a NUL"),
        pytest.param("page.js/", id="a file as a folder"),
        pytest.param("swagger-ui", id="a folder"),
        pytest.param("swagger-ui/", id="a folder with a slash"),
        pytest.param("x" * 5000, id="an endless name"),
        pytest.param("%ff%fe", id="bytes that are no text"),
    ],
)
def test_nothing_but_the_files_of_the_page_is_served(api, name):
    missing = api.get(f"/_mock/docs/{name}")

    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"


def test_the_first_server_of_the_contract_is_the_mock(tmp_path):
    contract = tmp_path / "openapi.yaml"
    contract.write_text(
        "openapi: 3.1.0\n"
        "info: {title: Things, version: '1'}\n"
        "servers: [{url: 'https://things.example/v2'}]\n"
        "paths: {/things: {get: {responses: {'200': {description: All}}}}}\n"
    )

    with in_process(Setup(contract=contract)) as api:
        servers = api.get("/_mock/openapi.json").json()["servers"]

        assert [each["url"] for each in servers] == ["/v2", "https://things.example/v2"]
        assert api.get(f"{servers[0]['url']}/things").status_code == 200


# The control token


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param("Bearer s3cret", 204, id="the token"),
        pytest.param("Bearer s3cret!", 403, id="a longer one"),
        pytest.param("Bearer s3cre", 403, id="a shorter one"),
        pytest.param("bearer S3CRET", 403, id="another one"),
        pytest.param("bearer s3cret", 204, id="the scheme in small letters"),
        pytest.param(None, 403, id="none"),
    ],
)
def test_who_sends_the_control_token_steers_the_mock_from_anywhere(sent, status):
    api = in_process(Setup(contract=SHIPPED, control_token="s3cret"))

    answer = ask_from("192.0.2.7", api, "POST", "/_mock/reset", **({"Authorization": sent} if sent else {}))

    assert answer.status_code == status
    assert status == 204 or "control token" in answer.json()["detail"]


def test_a_page_of_another_site_steers_the_mock_with_the_control_token():
    asked = {"Origin": "https://ci.example", "Access-Control-Request-Method": "POST"}

    with in_process(Setup(contract=SHIPPED, control_token="s3cret")) as client:
        preflight = client.request(
            "OPTIONS",
            "/_mock/reset",
            headers={**asked, "Access-Control-Request-Headers": "authorization"},
        )
        origin = {"Origin": asked["Origin"]}
        done = client.post("/_mock/reset", headers={**origin, "Authorization": "Bearer s3cret"})
        refused = client.post("/_mock/reset", headers=origin)

    assert preflight.headers["access-control-allow-headers"] == "authorization"
    assert (preflight.status_code, done.status_code, refused.status_code) == (200, 204, 403)


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For"])
def test_what_a_proxy_hands_on_needs_the_control_token(name):
    api = in_process(Setup(contract=SHIPPED, control_token="s3cret"))
    handed_on = {name: "for=192.0.2.7"}

    refused = ask_from("127.0.0.1", api, "POST", "/_mock/reset", **handed_on)
    done = ask_from("127.0.0.1", api, "POST", "/_mock/reset", **handed_on, Authorization="Bearer s3cret")

    assert (refused.status_code, done.status_code) == (403, 204)
    assert ask_from("127.0.0.1", api, "GET", "/_mock/health", **handed_on).status_code == 200
