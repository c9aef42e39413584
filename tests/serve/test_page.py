"""The page at ``/_mock/docs/``, and pages of other origins, in a real Chromium."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from tests.cli.test_serve import Served
from tests.conftest import SHIPPED, Api

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

ROLES = "/api/v1/admin/admin-roles/"
GROUPS = "/api/v1/admin/groups"

# What a script does that may do everything: it sends credentials, and tells all it could read.
FETCH = """
async ([url, options]) => {
  const response = await fetch(url, {credentials: "include", ...options});
  const headers = Object.fromEntries(response.headers);
  return {status: response.status, redirected: response.redirected, headers, body: await response.text()};
}
"""

ELSEWHERE = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
servers: [{url: 'https://{region}.lamps.example/v1', variables: {region: {default: eu}}}]
security: [{login: []}]
paths:
  /lamps:
    servers: [{url: https://path.lamps.example}]
    get:
      operationId: listLamps
      tags: [Lamps]
      servers: [{url: https://operation.lamps.example}]
      responses:
        '200':
          description: All lamps.
          content: {application/json: {example: [{name: the tall one}]}}
components:
  securitySchemes:
    login:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: https://login.lamps.example, scopes: {}}}
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    # Not for the session: as long as playwright runs, its event loop keeps asyncio.run from this thread.
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def _served() -> Iterator[Api]:
    with running(Setup(contract=SHIPPED)) as (mock, url), Api(mock, url) as client:
        yield client


@pytest.fixture
def api(_served: Api) -> Api:
    _served.mock.world.reset()
    return _served


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """Give an empty page of a browser without cookies, storage or cache."""
    context = chromium.new_context()
    context.set_default_timeout(8000)
    yield context.new_page()
    context.close()


@pytest.fixture
def docs(page: Any, api: Api) -> Any:
    return open_docs(page, str(api.base_url))


@pytest.fixture(scope="module")
def _elsewhere() -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = b"<!doctype html><link rel=icon href=data:,><title>A front end</title>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # The mock is 127.0.0.1, so a page of localhost is of another site, not just of another port.
    yield f"http://localhost:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def fetch(page: Any, api: Api, _elsewhere: str) -> Callable[..., dict[str, Any]]:
    """Give a function that calls the mock from a page of another site, with a persona's token."""
    page.goto(_elsewhere)

    def call(method: str, path: str, as_: str | None = None, json_body: Any = None) -> dict[str, Any]:
        options: dict[str, Any] = {"method": method, "headers": {}}
        if as_ is not None:
            options["headers"]["Authorization"] = f"Bearer {api.token(as_)}"
        if json_body is not None:
            options["headers"]["Content-Type"] = "application/json"
            options["body"] = json.dumps(json_body)
        found: dict[str, Any] = page.evaluate(FETCH, [str(api.base_url.join(path)), options])
        return found

    return call


def open_docs(page: Any, url: str) -> Any:
    page.goto(f"{url}/_mock/docs/")
    page.locator(".opblock").first.wait_for()
    return page


def authorize(docs: Any, token: str) -> None:
    docs.locator(".auth-wrapper .authorize").click()
    docs.locator(".auth-container input").fill(token)
    docs.locator(".auth-btn-wrapper .authorize").click()
    docs.locator(".auth-btn-wrapper .btn-done").click()


def execute(docs: Any, operation: str) -> tuple[str, Any]:
    """Open an operation, execute it as it stands, and give the status and the body that the page shows."""
    block = docs.locator(f"#operations-{operation}")
    block.locator(".opblock-summary-control").click()
    block.locator("button.execute").click()
    answer = block.locator(".live-responses-table tr.response")
    status = answer.locator(".response-col_status").inner_text()
    return status, json.loads(answer.locator(".response-col_description .highlight-code code").inner_text())


def test_the_page_shows_every_operation_of_the_contract(docs, api):
    shown = {block.get_attribute("id") for block in docs.locator(".opblock").all()}

    operations = api.mock.parts.contract.operations
    assert len(operations) == 10
    assert shown == {
        f"operations-{operation.tags[0].replace(' ', '_')}-{operation.operation_id}"
        for operation in operations
    }


def test_try_it_out_shows_what_the_store_holds(docs, api):
    authorize(docs, api.token("super-admin"))

    status, body = execute(docs, "Groups-listGroups")

    assert status == "200"
    stored = api.mock.world.store["groups"].find()
    assert sorted(group["name"] for group in body["data"]) == sorted(group["name"] for group in stored)


def test_try_it_out_without_a_token_shows_401(docs):
    status, body = execute(docs, "Groups-listGroups")

    assert status == "401"
    assert body["error"]["code"] == "unauthorized"


def test_an_expired_token_shows_401(docs, api):
    authorize(docs, api.token("expired"))

    status, body = execute(docs, "Admin_roles-listAdminRoles")

    assert status == "401"
    assert "expired" in body["detail"]


def test_what_is_created_on_the_page_is_in_the_list_afterwards(docs, api):
    authorize(docs, api.token("super-admin"))
    before = len(api.mock.world.store["admin_roles"])

    status, created = execute(docs, "Admin_roles-createAdminRole")
    _, listed = execute(docs, "Admin_roles-listAdminRoles")

    assert status == "201"
    assert created["data"] in listed["data"]
    assert listed["pagination"]["total"] == before + 1


def test_a_token_outlives_a_reload_of_the_page(docs, api):
    authorize(docs, api.token("super-admin"))

    docs.reload()

    assert execute(docs, "Groups-listGroups")[0] == "200"


def test_the_page_loads_nothing_from_another_host_and_breaks_no_rule_of_its_own(page, api):
    loaded, complaints = [], []
    page.on("request", lambda request: loaded.append(request.url))
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    open_docs(page, str(api.base_url))
    authorize(page, api.token("super-admin"))
    execute(page, "Admin_roles-createAdminRole")
    page.locator(".models-control").click()
    page.locator(".models .json-schema-2020-12").first.wait_for()

    assert f"{api.base_url}{ROLES}" in loaded
    assert [url for url in loaded if not url.startswith((f"{api.base_url}/", "data:"))] == []
    assert [text for text in complaints if not text.startswith(("debug", "info", "log"))] == []


def test_try_it_out_calls_the_mock_whatever_servers_and_logins_the_contract_names(page, api, tmp_path):
    (tmp_path / "openapi.yaml").write_text(ELSEWHERE)

    with running(Setup(contract=tmp_path / "openapi.yaml")) as (_, url):
        docs = open_docs(page, url)
        authorize(docs, api.token("super-admin"))
        with docs.expect_request("**/lamps") as called:
            status, body = execute(docs, "Lamps-listLamps")

    assert called.value.url == f"{url}/v1/lamps"
    assert called.value.headers["authorization"].startswith("Bearer ")
    assert (status, body) == ("200", [{"name": "the tall one"}])


@pytest.fixture
def two(tmp_path: Path) -> Iterator[str]:
    """Give the address of a server of two contracts, which have operations of one name."""
    for name in ("lamps", "chairs"):
        text = ELSEWHERE.replace("Lamps", name.title()).replace("lamps:", f"{name}:").replace("tall", name)
        (tmp_path / f"{name}.yaml").write_text(text)
    with Served(tmp_path / "lamps.yaml", tmp_path / "chairs.yaml", "--prefix", "chairs.yaml=/two") as served:
        yield served.url


def test_each_of_several_contracts_is_shown_and_tried_on_the_page(page, api, two):
    page.goto(f"{two}/_mock/docs/?document=2")
    authorize(page, api.token("super-admin"))

    with page.expect_request("**/two/chairs") as called:
        status, body = execute(page, "Chairs-listChairs")

    assert page.title() == "Chairs (mock)"
    assert called.value.url == f"{two}/two/chairs"
    assert (status, body) == ("200", [{"name": "the chairs one"}])


def test_the_page_leads_from_one_of_several_contracts_to_another(page, two):
    open_docs(page, two)
    first = page.title()

    page.get_by_role("link", name="Chairs (/two)").click()
    page.locator("#operations-Chairs-listChairs").wait_for()

    assert (first, page.title()) == ("Lamps (mock)", "Chairs (mock)")
    assert page.url == f"{two}/_mock/docs/?document=2"
    assert page.locator("nav a").all_inner_texts() == [
        "Lamps (/v1)",
        "Chairs (/two)",
        "the control API of the mock",
    ]
    assert page.locator("nav [aria-current=page]").all_inner_texts() == ["Chairs (/two)"]
    assert (
        page.get_by_role("link", name="JSON", exact=True).get_attribute("href")
        == "../documents/2/openapi.json"
    )


def test_the_page_leads_to_the_control_api_and_lets_it_be_tried(docs, api):
    docs.get_by_role("link", name="the control API of the mock").click()
    docs.locator("#operations-Clock-getClock").wait_for()

    status, body = execute(docs, "Clock-getClock")

    assert docs.title() == "Mock control API (mock)"
    assert docs.url.partition("#")[0] == f"{api.base_url}/_mock/docs/?document=control"
    assert docs.get_by_role("link", name="YAML", exact=True).get_attribute("href") == "../control.yaml"
    assert (status, body["frozen"]) == ("200", False)


def test_a_number_that_no_contract_has_shows_why(page, two):
    page.goto(f"{two}/_mock/docs/?document=3")

    page.get_by_text("There is no contract 3; there are 2.").wait_for()


@pytest.mark.parametrize(
    ("method", "path", "as_", "json_body", "status", "header"),
    [
        pytest.param("GET", GROUPS, "super-admin", None, 200, "x-request-id", id="a list"),
        pytest.param(
            "POST",
            ROLES,
            "super-admin",
            {"user_id": "usr_203sfxdeio5vlq26", "role": "SUPER_ADMIN"},
            201,
            "location",
            id="a create",
        ),
        pytest.param("GET", GROUPS, None, None, 401, "www-authenticate", id="no token"),
        pytest.param("GET", GROUPS, "viewer", None, 403, "x-request-id", id="a caller who may not"),
        pytest.param("GET", f"{ROLES}nobody", "super-admin", None, 404, "x-request-id", id="an unknown id"),
        pytest.param("GET", "/nowhere", None, None, 404, "x-request-id", id="an unknown path"),
        pytest.param("PUT", GROUPS, "super-admin", {}, 405, "allow", id="an undeclared method"),
        pytest.param("POST", ROLES, "super-admin", {}, 422, "x-request-id", id="an invalid body"),
        pytest.param("GET", "/_mock/health", "viewer", None, 200, "x-request-id", id="the health"),
    ],
)
def test_a_page_of_another_site_reads_every_answer_and_our_headers(
    fetch, method, path, as_, json_body, status, header
):
    answer = fetch(method, path, as_, json_body)

    assert answer["status"] == status
    assert answer["headers"][header]
    assert answer["headers"]["x-request-id"]
    assert json.loads(answer["body"])


def test_a_page_of_another_site_changes_and_deletes(fetch, api):
    stored = api.mock.world.store["admin_roles"]
    role = stored.find(role="TENANT_ADMIN", is_active=True)[0]["id"]

    changed = fetch("PATCH", f"{ROLES}{role}", "super-admin", {"is_active": False})
    after_change = stored.get(role)["is_active"]
    deleted = fetch("DELETE", f"{ROLES}{role}", "super-admin")

    assert (changed["status"], after_change) == (200, False)
    assert (deleted["status"], role in stored) == (204, False)


def test_a_page_of_another_site_is_redirected_with_its_token(fetch):
    answer = fetch("GET", ROLES.rstrip("/"), "super-admin")

    assert answer["redirected"]
    assert answer["status"] == 200
    assert answer["headers"]["x-request-id"]


def test_a_page_of_another_site_cannot_reset_the_mock(fetch, page, api):
    group = api.mock.world.store["groups"].find()[0]["id"]
    api.mock.world.store["groups"].remove(group)
    url = f"{api.base_url}/_mock/reset"

    with page.expect_response(url) as refused:
        page.evaluate("url => fetch(url, {method: 'POST', mode: 'no-cors'}).then(() => null)", url)
    with pytest.raises(playwright.Error, match="Failed to fetch"):
        fetch("POST", "/_mock/reset")

    assert refused.value.status == 403
    assert group not in api.mock.world.store["groups"]


def test_a_page_of_another_site_uses_a_sandbox_of_its_own(fetch, page, api):
    url, token = f"{api.base_url}{GROUPS}", api.token("super-admin")
    headers = {"Authorization": f"Bearer {token}", "Mock-Sandbox": "page", "Prefer": "delay=1"}

    answer = page.evaluate(FETCH, [url, {"headers": headers}])

    told = answer["headers"]
    assert answer["status"] == 200
    assert (told["mock-source"], told["mock-journal"]) == ("handler", "1")
    assert told["mock-fault"] == "prefer; delay=1"
    assert [each.target for each in api.mock.sandboxes.get("page").journal.entries()] == [GROUPS]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/_mock/journal", None),
        ("GET", "/_mock/export", None),
        ("POST", "/_mock/clock/freeze", {}),
        ("PUT", "/_mock/faults", []),
        ("POST", "/_mock/tokens", {"persona": "super-admin"}),
        ("DELETE", "/_mock/journal", None),
        ("POST", "/_mock/in/page/_mock/reset", None),
    ],
)
def test_a_page_of_another_site_cannot_steer_the_mock(fetch, page, api, method, path, body):
    was_frozen = api.mock.world.clock.is_frozen

    with pytest.raises(playwright.Error, match="Failed to fetch"):
        fetch(method, path, None, body)

    assert api.mock.world.clock.is_frozen is was_frozen
    assert api.get("/_mock/clock").json()["frozen"] is was_frozen
