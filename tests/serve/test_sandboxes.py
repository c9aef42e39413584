"""Sandboxes over a real connection: parallel clients that do not see each other, and some that share one."""

import asyncio
import contextlib
import gc
import http.client
import json
import shutil
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from mockserver.state.sandboxes import SandboxLimits
from tests.conftest import SHIPPED, Api, in_process

ROLES = "/api/v1/admin/admin-roles/"
GROUPS = "/api/v1/admin/groups"
CLIENTS = 64

Ask = Callable[..., "Answer"]


@pytest.fixture(scope="module")
def server() -> Iterator[Api]:
    with running(Setup(contract=SHIPPED)) as (mock, url), Api(mock, url) as client:
        yield client


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


def together(server: Api, run: Callable[[int, Ask], int], sandbox: Callable[[int], str]) -> int:
    """Let all clients run at once, each in the sandbox that is named for it; gives the sum of their steps."""
    token, host = server.token("super-admin"), server.base_url.netloc.decode()

    def client(number: int) -> int:
        connection = http.client.HTTPConnection(host, timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers["Mock-Sandbox"] = sandbox(number)

        def ask(method: str, path: str, body: Any = None) -> Answer:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
            return Answer(answer.status, json.loads(content) if content else None)

        with contextlib.closing(connection):
            return run(number, ask)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(client, range(CLIENTS)))


def users_of(api: Api) -> list[str]:
    """Give users that a client can make a super admin."""
    store = api.mock.world.store
    taken = {each["user_id"] for each in store["admin_roles"] if each["role"] == "SUPER_ADMIN"}
    return [each["id"] for each in store["users"] if each["id"] not in taken and each["deleted_at"] is None]


def test_64_clients_in_sandboxes_of_their_own_see_in_10000_steps_nothing_of_each_other(server):
    users = users_of(server)
    beginning = len(server.mock.world.store["admin_roles"])

    def run(number: int, ask: Ask) -> int:
        steps = 0
        for turn in range(32):
            user, at = users[(number + turn) % len(users)], (number, turn)
            made = ask("POST", ROLES, {"role": "SUPER_ADMIN", "user_id": user})
            assert made.status == 201, (at, made)
            role = made.body["data"]["id"]
            own = ask("GET", f"{ROLES}?user_id={user}&role=SUPER_ADMIN").body
            assert [each["id"] for each in own["data"]] == [role], (at, own)
            everything = ask("GET", f"{ROLES}?per_page=1").body["pagination"]["total"]
            assert everything == beginning + 1, (at, everything)
            until = f"2031-01-01T00:{number % 60:02d}:{turn:02d}.000000Z"
            changed = ask("PATCH", f"{ROLES}{role}", {"expires_at": until})
            assert changed.body["data"]["expires_at"] == until, (at, changed)
            assert ask("DELETE", f"{ROLES}{role}").status in (200, 204), at
            steps += 5
        return steps

    steps = together(server, run, "client-{}".format)

    assert steps >= 10_000
    assert len(server.mock.world.store["admin_roles"]) == beginning
    assert len(server.mock.sandboxes) == CLIENTS + 1


def test_the_totals_of_64_clients_in_one_sandbox_add_up(server):
    users = users_of(server)
    beginning = len(server.mock.world.store["admin_roles"])
    statuses: Counter[int] = Counter()

    def run(number: int, ask: Ask) -> int:
        wanted = [users[(number + turn) % len(users)] for turn in range(10)]
        made = [ask("POST", ROLES, {"role": "SUPER_ADMIN", "user_id": each}) for each in wanted]
        own = [each.body["data"]["id"] for each in made if each.status == 201]
        gone = [ask("DELETE", f"{ROLES}{role}") for role in own[::2]]
        statuses.update(each.status for each in [*made, *gone])
        return len(own) - len(gone)

    left = together(server, run, lambda _: "shared")

    shared = server.mock.sandboxes.get("shared")
    assert set(statuses) <= {200, 201, 204, 409}
    assert statuses[201] > CLIENTS
    assert len(shared.store["admin_roles"]) == beginning + left
    assert len(shared.journal.entries()) == min(1000, sum(statuses.values()))


@pytest.fixture
def api() -> Api:
    return in_process(Setup(contract=SHIPPED, limits=SandboxLimits(count=2)))


def test_a_sandbox_is_named_by_path_before_header_before_cookie(api):
    def named(path: str, **headers: str) -> str:
        answer = api.get(
            path, as_="super-admin", headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        assert answer.status_code == 200
        found = [world.name for world in api.mock.sandboxes if world.journal.entries()]
        for world in api.mock.sandboxes:
            world.journal.clear()
        return found[0]

    assert named(GROUPS) == "default"
    assert named(GROUPS, Cookie="a=b; Mock-Sandbox=one; c=d") == "one"
    assert named(GROUPS, Cookie="Mock-Sandbox=one", Mock_Sandbox="two") == "two"
    assert named(f"/_mock/in/one{GROUPS}", Mock_Sandbox="two") == "one"


def test_links_of_a_sandbox_in_the_path_stay_in_it(api):
    user = users_of(api)[0]
    in_one = f"/_mock/in/one{ROLES}"

    made = api.post(in_one, as_="super-admin", json={"role": "SUPER_ADMIN", "user_id": user})
    slashed = api.get(in_one.rstrip("/"), as_="super-admin")

    assert made.headers["location"] == f"{in_one}{made.json()['data']['id']}"
    assert api.get(made.headers["location"], as_="super-admin").status_code == 200
    assert (
        api.get(made.headers["location"].removeprefix("/_mock/in/one"), as_="super-admin").status_code == 404
    )
    assert (slashed.status_code, slashed.headers["location"]) == (307, in_one)


@pytest.mark.parametrize("name", ["no spaces", "a/b", "ä", "x" * 65, "%2e%2e/"])
def test_a_name_that_no_sandbox_can_have_is_refused(api, name):
    refused = api.get(GROUPS, as_="super-admin", headers={"Mock-Sandbox": name.encode("utf-8")})

    assert refused.status_code == 400
    assert "A-Z a-z 0-9 . _ -" in refused.json()["detail"]
    assert len(api.mock.sandboxes) == 1


def test_more_sandboxes_than_allowed_are_refused_until_one_is_deleted(api):
    def status(name: str) -> int:
        return api.get(GROUPS, as_="super-admin", headers={"Mock-Sandbox": name}).status_code

    assert [status("one"), status("two"), status("three"), status("one")] == [200, 200, 507, 200]
    api.mock.sandboxes.remove("two")
    assert status("three") == 200


def test_a_sandbox_that_nobody_used_begins_anew():
    seconds = [0.0]
    api = in_process(Setup(contract=SHIPPED, limits=SandboxLimits(idle=60), now=lambda: seconds[0]))
    user = users_of(api)[0]
    one = {"Mock-Sandbox": "one"}

    made = api.post(ROLES, as_="super-admin", headers=one, json={"role": "SUPER_ADMIN", "user_id": user})
    role = f"{ROLES}{made.json()['data']['id']}"
    seconds[0] += 60
    in_time = api.get(role, as_="super-admin", headers=one)
    seconds[0] += 61
    later = api.get(role, as_="super-admin", headers=one)

    assert (made.status_code, in_time.status_code, later.status_code) == (201, 200, 404)


def test_a_sandbox_in_which_a_request_is_open_stays_and_is_idle_from_its_end_on():
    seconds = [0.0]
    api = in_process(Setup(contract=SHIPPED, limits=SandboxLimits(idle=60), now=lambda: seconds[0]))
    sandboxes = api.mock.sandboxes

    async def slow() -> list[bool]:
        there = []

        async def receive() -> Any:
            seconds[0] += 1000
            there.append("one" in sandboxes)
            return {"type": "http.request", "body": b"{}", "more_body": False}

        async def send(_: Any) -> None:
            pass

        scope = {
            "type": "http",
            "method": "POST",
            "path": ROLES,
            "query_string": b"",
            "client": None,
            "headers": [
                (b"mock-sandbox", b"one"),
                (b"content-type", b"application/json"),
                (b"authorization", f"Bearer {api.token('super-admin')}".encode()),
            ],
        }
        await api.mock.app(scope, receive, send)
        return there

    there = asyncio.run(slow())
    at_once = "one" in sandboxes
    seconds[0] += 61

    assert there
    assert all([*there, at_once])
    assert "one" not in sandboxes


def test_a_sandbox_whose_journal_is_read_stays():
    seconds = [0.0]
    api = in_process(Setup(contract=SHIPPED, limits=SandboxLimits(idle=60), now=lambda: seconds[0]))
    sandboxes = api.mock.sandboxes
    left = asyncio.Event()
    there = []

    async def read() -> None:
        async def receive() -> Any:
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message.get("body"):
                seconds[0] += 1000
                there.append("one" in sandboxes)
                left.set()

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/_mock/journal/stream",
            "query_string": b"",
            "headers": [(b"mock-sandbox", b"one")],
            "client": ("127.0.0.1", 1),
        }
        await api.mock.app(scope, receive, send)

    asyncio.run(asyncio.wait_for(read(), 30))
    at_once = "one" in sandboxes
    seconds[0] += 61

    assert [*there, at_once] == [True, True]
    assert "one" not in sandboxes


def test_a_sandbox_that_is_deleted_leaves_no_items_in_memory():
    with in_process(Setup(contract=SHIPPED)) as api:
        api.get(GROUPS, as_="super-admin", headers={"Mock-Sandbox": "one"})
        gc.disable()
        try:
            store = weakref.ref(api.mock.sandboxes.get("one").store)
            api.mock.sandboxes.remove("one")

            assert store() is None
        finally:
            gc.enable()


def test_a_sandbox_that_cannot_begin_is_a_problem_as_any_other(tmp_path, capsys):
    with in_process(Setup(contract=SHIPPED, fixtures=copied(tmp_path))) as api:
        api.mock.sandboxes.sets.first.forget()
        (tmp_path / "fixtures" / "demo" / "groups.yaml").write_text("no list")

        failed = api.get(GROUPS, as_="super-admin", headers={"Mock-Sandbox": "one", "X-Request-ID": "ours"})

        assert failed.status_code == 500
        assert failed.headers["content-type"] == "application/problem+json"
        assert failed.headers["x-request-id"] == "ours"
        assert "groups.yaml" in capsys.readouterr().err
        assert api.get(GROUPS, as_="super-admin").status_code == 200


def copied(folder: Path) -> Path:
    """Give a copy of the fixtures that are shipped."""
    return Path(shutil.copytree(SHIPPED.parent / "fixtures", folder / "fixtures"))


@pytest.mark.parametrize("path", ["a%2Fb", "a%2f", "%61", "in%C3%A4"])
@pytest.mark.parametrize("rest", [GROUPS, "/_mock/health", "/_mock/export"])
def test_a_path_that_writes_a_sandbox_in_codes_is_refused(api, path, rest):
    refused = api.get(f"/_mock/in/{path}{rest}", as_="super-admin")

    assert refused.status_code == 400
    assert "%XX" in refused.json()["detail"]
    assert len(api.mock.sandboxes) == 1


def test_a_path_that_writes_the_slash_before_a_sandbox_in_codes_is_refused(api):
    assert api.get(f"/_mock/in%2Fa{GROUPS}", as_="super-admin").status_code == 400
    assert api.get(f"/_mock/in/a{GROUPS}/x%2Fy", as_="super-admin").status_code == 404
    assert "a" in api.mock.sandboxes


def test_what_may_be_written_in_a_sandbox_is_limited_and_a_refusal_leaves_everything_as_it_was():
    api = in_process(Setup(contract=SHIPPED, sandbox_size=100))
    user = users_of(api)[0]
    role = {"role": "SUPER_ADMIN", "user_id": user}
    one = {"Mock-Sandbox": "one"}

    refused = api.post(ROLES, as_="super-admin", headers=one, json=role)
    by_default = api.post(ROLES, as_="super-admin", json=role)

    assert (refused.status_code, by_default.status_code) == (507, 201)
    assert "100 are allowed" in refused.json()["detail"]
    assert (
        api.get(f"{ROLES}?user_id={user}&role=SUPER_ADMIN", as_="super-admin", headers=one).json()["data"]
        == []
    )


def test_the_pages_of_a_list_are_linked_within_the_sandbox_of_the_path(tmp_path):
    document = tmp_path / "openapi.yaml"
    document.write_text(
        """
openapi: 3.0.3
info: {title: Things, version: '1'}
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
        - {name: per_page, in: query, schema: {type: integer, minimum: 1}}
      responses:
        '200':
          description: Some.
          headers: {Link: {schema: {type: string}}}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}
              example: [{id: a}, {id: b}, {id: c}]
components:
  schemas:
    Thing: {type: object, required: [id], properties: {id: {type: string}}}
""",
        encoding="utf-8",
    )

    with in_process(Setup(contract=document)) as api:
        first = api.get("/_mock/in/w/things?per_page=2")
        second = api.get(first.links["next"]["url"])

    assert first.links["next"]["url"].startswith("/_mock/in/w/things?")
    assert [each["id"] for each in second.json()] == ["c"]
