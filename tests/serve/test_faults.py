"""Requests that fail on purpose: by rules and by ``Prefer``, in process and over a real connection."""

import asyncio
import logging
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import orjson
import pytest

from mockserver.serve.assembly import Setup
from mockserver.serve.faults import FaultLayer
from mockserver.serve.layers import CONNECTION, ENTRY, HEADERS, WORLD, Dropped
from mockserver.serve.server import running
from mockserver.state.beginnings import Beginning
from mockserver.state.clock import Clock
from mockserver.state.fault_reader import read_rule
from mockserver.state.fault_rules import FaultMatch, FaultRule
from mockserver.state.journal_entry import Entry
from mockserver.state.latency import Fixed
from mockserver.state.store import Store
from mockserver.state.world import World
from tests.conftest import SHIPPED, Api, in_process
from tests.contract.shipped import CONTRACT
from tests.handlers.calls import BRACKWATER, CHIDI, GROUPS, ROLES, SERVICE_DESK

NEW_ROLE = {"user_id": CHIDI, "role": "TENANT_ADMIN", "tenant_id": BRACKWATER}


@pytest.fixture
def api(api) -> Iterator[Api]:
    yield api
    api.mock.world.faults.clear()


@pytest.fixture(scope="module")
def served() -> Iterator[Api]:
    """Give the shipped contract over a real connection alone; the log lines are in ``served.lines``."""
    lines: list[str] = []
    with running(Setup(contract=SHIPPED, write_line=lines.append)) as (mock, url), Api(mock, url) as client:
        client.lines = lines
        yield client


@pytest.fixture
def real(served) -> Iterator[Api]:
    served.mock.world.reset()
    served.lines.clear()
    yield served
    served.mock.world.faults.clear()


def add(api, **rule):
    return api.mock.world.faults.add(read_rule(rule, api.mock.parts.contract))


def get(api, path=GROUPS, as_="super-admin", **headers) -> httpx.Response:
    return api.get(path, as_=as_, headers=headers)


def roles_of_chidi(api) -> int:
    return len(api.get(f"{ROLES}user/{CHIDI}", as_="super-admin").json()["data"])


def raw(api, path=GROUPS, method="GET", headers=(), body=b"") -> bytes:
    """Send one request over a connection of its own, and give every byte that comes until it is closed."""
    host, port = str(api.base_url).removeprefix("http://").rstrip("/").split(":")
    lines = [f"Authorization: Bearer {api.token('super-admin')}", f"Content-Length: {len(body)}", *headers]
    if body:
        lines.append("Content-Type: application/json")
    text = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: mock.test", *lines, "", ""])
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(text.encode() + body)
        pieces = []
        while piece := connection.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def test_without_a_fault_nothing_is_said_of_faults(api):
    answer = get(api)

    assert answer.status_code == 200
    assert "mock-fault" not in answer.headers


def test_a_declared_status_comes_with_its_declared_body(api):
    add(api, id="down", match={"operation": "getGroup"}, status=404)

    answer = get(api, f"{GROUPS}/{SERVICE_DESK}")

    declared = api.mock.parts.contract.by_id["getGroup"].responses["404"].content["application/json"]
    assert answer.status_code == 404
    assert answer.json() in declared.examples.values()
    assert answer.headers["Mock-Fault"] == "down; status=404"
    assert "Preference-Applied" not in answer.headers
    assert get(api).status_code == 200


def test_an_undeclared_error_has_the_shape_of_the_nearest_one_that_is_declared(api):
    add(api, id="down", status=503)

    answer = get(api)

    schema = api.mock.parts.contract.by_id["listGroups"].responses["500"].content["application/json"].pointer
    assert answer.status_code == 503
    assert api.mock.parts.contract.schemas.at(schema).is_valid(answer.json())
    assert 'The fault \\"down\\" answers 503.' in answer.text


def test_a_status_comes_before_anybody_is_asked_who_they_are(api):
    add(api, status=503)

    assert api.get(GROUPS).status_code == 503


def test_a_status_stores_nothing_and_calls_nobody(api):
    before = roles_of_chidi(api)
    add(api, match={"operation": "createAdminRole"}, status=201)

    answer = api.post(ROLES, as_="super-admin", json=NEW_ROLE)

    assert answer.status_code == 201
    assert roles_of_chidi(api) == before


def test_a_status_needs_no_good_request(api):
    add(api, match={"operation": "createAdminRole"}, status=500)

    assert api.post(ROLES, as_="super-admin", content=b"{").status_code == 500


def test_above_a_limit_there_is_429_with_retry_after():
    at = datetime(2026, 5, 1, 9, tzinfo=UTC)
    with in_process(Setup(contract=SHIPPED, set_to=at)) as api:
        add(api, id="limited", limit={"requests": 2, "seconds": 30})

        answers = [get(api) for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "30"
    assert answers[2].headers["Mock-Fault"] == "limited; status=429"


def test_a_rule_for_a_persona_is_for_no_other(api):
    add(api, id="theirs", match={"persona": "super-admin"}, status=503)
    add(api, id="by-sub", match={"persona": api.sub("group-manager")}, status=500)

    statuses = [get(api, as_=name).status_code for name in ("super-admin", "group-manager", "viewer")]

    assert statuses[:2] == [503, 500]
    assert statuses[2] not in (500, 503)
    assert api.get(GROUPS).status_code == 401


@pytest.mark.parametrize(
    ("rule", "prefer"),
    [({"delay": 60}, None), (None, "delay=60"), (None, "delay=0.06s"), ({"delay": 40}, "delay=20ms")],
)
def test_a_delay_takes_at_least_its_time(api, rule, prefer):
    if rule is not None:
        add(api, **rule)

    started = time.monotonic()
    answer = get(api, **({"Prefer": prefer} if prefer else {}))

    assert time.monotonic() - started >= 0.06
    assert answer.status_code == 200
    assert "delay=" in answer.headers["Mock-Fault"]


def test_what_is_delayed_is_stored_as_ever(api):
    before = roles_of_chidi(api)

    answer = api.post(ROLES, as_="super-admin", json=NEW_ROLE, headers={"Prefer": "delay=5"})

    assert answer.status_code == 201
    assert answer.headers["Preference-Applied"] == "delay=5"
    assert roles_of_chidi(api) == before + 1


def test_a_preferred_status_is_answered_and_said(api):
    answer = get(api, Prefer="status=403, delay=1")

    assert answer.status_code == 403
    assert answer.headers["Preference-Applied"] == "delay=1, status=403"
    assert answer.headers["Mock-Fault"] == "prefer; delay=1; status=403"


def test_faults_are_preferred_in_the_query_too(api):
    answer = get(api, f"{GROUPS}?__status=503&__delay=1")

    assert answer.status_code == 503


def test_preferences_for_the_answer_and_for_faults_go_together(api):
    answer = get(api, Prefer="code=403, delay=1")

    assert answer.status_code == 403
    assert answer.headers["Preference-Applied"] == "code=403, delay=1"


@pytest.mark.parametrize("prefer", ["delay=soon", "drop=now", "status=1", "status=299"])
def test_a_fault_that_cannot_be_is_400(api, prefer):
    answer = get(api, Prefer=prefer)

    assert answer.status_code == 400
    assert prefer in answer.text
    assert "mock-fault" not in answer.headers


def test_a_truncated_body_cannot_be_read_though_its_length_is_right(api):
    whole = get(api)
    add(api, id="cut", body="truncated")

    answer = get(api)

    assert answer.content == whole.content[: len(answer.content)]
    assert int(answer.headers["Content-Length"]) == len(answer.content) < len(whole.content)
    assert answer.headers["Mock-Fault"] == "cut; body=truncated"
    assert answer.headers["Content-Type"] == whole.headers["Content-Type"]
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(answer.content)


def test_a_body_of_the_wrong_type_breaks_the_schema(api):
    add(api, body="wrong-type")
    contract = api.mock.parts.contract
    pointer = contract.by_id["listGroups"].responses["200"].content["application/json"].pointer
    schema = contract.schemas.at(pointer, "response")

    bodies = [get(api).json() for _ in range(20)]

    assert not any(map(schema.is_valid, bodies))


def test_an_empty_body_has_the_length_0(api):
    add(api, body="empty")

    answer = get(api)

    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "0")


def test_errors_get_their_faults_too(api):
    add(api, id="cut", body="empty")

    answers = [get(api, f"{GROUPS}/grp_0000000000000000"), api.get(GROUPS)]

    assert [(each.status_code, each.content) for each in answers] == [(404, b""), (401, b"")]
    assert {each.headers["Mock-Fault"] for each in answers} == {"cut; body=empty"}


def test_an_answer_without_a_body_is_left_alone(api):
    add(api, body="truncated", slow={"bytes_per_second": 1})

    answer = api.request("HEAD", GROUPS, as_="super-admin")

    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) > 0


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        pytest.param({"body": "truncated"}, None, id="nothing else"),
        pytest.param({"body": "truncated", "delay": 1}, "cut; delay=1", id="a delay"),
    ],
)
def test_no_broken_body_is_told_of_an_answer_without_one(api, rule, told):
    role = get(api, ROLES).json()["data"][-1]["id"]
    add(api, id="cut", **rule)

    answer = api.request("DELETE", f"{ROLES}{role}", as_="super-admin")

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers.get("Mock-Fault") == told
    entry = api.mock.world.journal.entries()[-1]
    assert entry.fault == (told or "")


def test_the_same_rules_and_seed_give_the_same_statuses_and_delays_twice(api):
    def run() -> list[tuple[int, str | None]]:
        api.mock.world.reset()
        add(api, id="flaky", status=503, share=0.4)
        add(api, id="slow", delay={"uniform": {"min": 0, "max": 5}}, share=0.5)
        answers = [get(api) for _ in range(25)]
        return [(each.status_code, each.headers.get("Mock-Fault")) for each in answers]

    first, second = run(), run()

    assert first == second
    assert {status for status, _ in first} == {200, 503}
    assert len({told for _, told in first}) > 4


def test_a_connection_that_is_closed_before_the_answer_says_nothing_and_does_nothing(real):
    before = roles_of_chidi(real)
    add(real, id="gone", match={"operation": "createAdminRole"}, drop="before")

    with pytest.raises(httpx.TransportError):  # which one depends on how much of the request had come
        real.post(ROLES, as_="super-admin", json=NEW_ROLE)

    assert "no answer" in real.lines[-1]
    assert "with the fault gone; drop=before" in real.lines[-1]
    assert roles_of_chidi(real) == before


def test_a_connection_that_is_closed_in_the_headers_loses_the_answer_to_what_was_done(real):
    before = roles_of_chidi(real)
    add(real, match={"operation": "createAdminRole"}, drop="headers")

    with pytest.raises(httpx.RemoteProtocolError):
        real.post(ROLES, as_="super-admin", json=NEW_ROLE)

    assert roles_of_chidi(real) == before + 1


def test_half_of_the_headers_are_there_when_the_connection_is_closed_in_them(real):
    said = raw(real, headers=["Prefer: drop=headers"])

    assert said.startswith(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
    assert b"\r\n\r\n" not in said


def test_half_of_the_body_is_there_when_the_connection_is_closed_in_it(real):
    whole = get(real).content

    head, _, body = raw(real, headers=["Prefer: drop=body"]).partition(b"\r\n\r\n")

    assert b"content-length: %d\r\n" % len(whole) in head
    assert b"mock-fault: prefer; drop=body" in head
    assert body == whole[: len(whole) // 2]


def test_an_answer_without_a_body_is_lost_in_the_headers(real):
    for method in ("HEAD", "DELETE"):
        path = GROUPS if method == "HEAD" else f"{ROLES}adr_k4rdq7pf3t4gw6tq"
        said = raw(real, path, method, headers=["Prefer: drop=body"])

        assert said.startswith(b"HTTP/1.1 20")
        assert b"\r\n\r\n" not in said


def test_a_connection_that_was_closed_leaves_the_server_as_it_was(real, caplog):
    with caplog.at_level(logging.ERROR, "uvicorn.error"):
        for where in ("before", "headers", "body"):
            raw(real, headers=[f"Prefer: drop={where}"])

        assert get(real).status_code == 200

    assert caplog.records == []


def test_an_error_can_be_lost_too(real):
    said = raw(real, headers=["Prefer: status=503, drop=body"])

    assert said.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


@pytest.mark.parametrize("where", ["before", "headers", "body"])
def test_without_a_connection_to_close_the_caller_is_told(where):
    with in_process(Setup(contract=SHIPPED)) as api:
        add(api, id="gone", drop=where)

        with pytest.raises(Dropped, match=f"gone; drop={where}"):
            get(api)


def test_a_slow_body_takes_its_time_and_is_whole(real):
    whole = get(real)
    add(real, slow={"bytes_per_second": len(whole.content) * 10})

    started = time.monotonic()
    answer = get(real)

    assert time.monotonic() - started >= 0.1
    assert answer.json()["data"] == whole.json()["data"]
    assert int(answer.headers["Content-Length"]) == len(whole.content)


def test_a_slow_body_goes_out_in_pieces():
    with in_process(Setup(contract=SHIPPED)) as api:
        whole = get(api).content
        add(api, slow={"bytes_per_second": len(whole) * 5})

        start, nothing, *pieces = asyncio.run(messages(api))

    assert dict(start["headers"])[b"content-length"] == b"%d" % len(whole)
    assert nothing == {"type": "http.response.body", "body": b"", "more_body": True}  # the head need not wait
    assert [len(each["body"]) for each in pieces] == [len(whole) // 2, len(whole) - len(whole) // 2]
    assert [each["more_body"] for each in pieces] == [True, False]


async def messages(api) -> list[dict]:
    """Give everything that the application sends for one request."""
    sent: list[dict] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": GROUPS,
        "raw_path": GROUPS.encode(),
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {api.token('super-admin')}".encode())],
    }

    async def receive() -> dict:
        return {"type": "http.request"}

    async def send(message: dict) -> None:
        sent.append(message)

    await api.mock.app(scope, receive, send)
    return sent


@pytest.mark.parametrize("fault", [{"delay": 100}, {"delay": 100, "slow": {"bytes_per_second": 1000}}])
def test_a_client_that_goes_away_meanwhile_leaves_no_traceback(real, caplog, capfd, fault):
    add(real, match={"operation": "listGroups"}, **fault)
    address = str(real.base_url).removeprefix("http://").rstrip("/").split(":")
    request = f"GET {GROUPS} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with caplog.at_level(logging.ERROR, "uvicorn.error"):
        with socket.create_connection((address[0], int(address[1]))) as connection:
            connection.sendall(request)

        # This comes later, and takes longer.
        assert get(real, ROLES, Prefer="delay=400").status_code == 200

    assert any("GET /api/v1/admin/groups" in line for line in real.lines)
    assert caplog.records == []
    assert capfd.readouterr().err == ""


def test_nobody_is_waited_for_who_went_away(real):
    add(real, match={"operation": "listGroups"}, delay=600_000)
    host, port = str(real.base_url).removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"GET {GROUPS} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    get(real, ROLES, Prefer="delay=1s")

    assert any(f"GET {GROUPS} -> " in line for line in real.lines)


def test_an_answer_that_a_fault_made_is_journaled_as_its(real):
    add(real, id="down", match={"operation": "listGroups"}, status=500)

    get(real)

    assert "from fault" in real.lines[-1]
    assert "with the fault down; status=500" in real.lines[-1]
    assert "as super-admin" in real.lines[-1]


def test_the_faults_of_a_sandbox_are_for_it_alone(api):
    assert get(api, **{"Mock-Sandbox": "flaky"}).status_code == 200
    world = api.mock.sandboxes.get("flaky")
    world.faults.add(read_rule({"id": "down", "status": 503}, api.mock.parts.contract))

    there, here = get(api, **{"Mock-Sandbox": "flaky"}), get(api)
    by_path = get(api, f"/_mock/in/flaky{GROUPS}")
    world.faults.clear()

    assert (there.status_code, by_path.status_code, here.status_code) == (503, 503, 200)


def test_an_answer_that_a_fault_made_says_so(api):
    add(api, match={"operation": "listGroups"}, status=503)
    add(api, delay=1)

    assert get(api).headers["Mock-Source"] == "fault"
    assert get(api, ROLES).headers["Mock-Source"] == "handler"


def test_a_reset_takes_the_rules_away(api):
    add(api, id="down", status=503)

    before = get(api).status_code
    api.mock.world.reset()

    assert (before, get(api).status_code) == (503, 200)


def test_faults_in_the_query_are_no_unknown_parameters(api):
    world = api.mock.world
    world.settings = replace(world.settings, requests="strict")

    answers = [get(api, f"{GROUPS}?__delay=1"), get(api, f"{GROUPS}?__dealy=1")]

    assert [each.status_code for each in answers] == [200, 422]


def test_a_rule_for_none_is_not_for_tokens_that_name_nobody():
    world = empty_world()
    world.faults.add(FaultRule(match=FaultMatch(persona="None"), status=503))

    assert [each["status"] for each in asyncio.run(passed(world, lambda _: {"iss": "x"}))[:1]] == [200]


class Gone:
    """The connection of a client that went away."""

    is_gone = True


def test_what_a_client_did_not_wait_for_is_not_done():
    world = empty_world()
    world.faults.add(FaultRule(delay=Fixed(60_000)))
    entry = entry_of_list()

    sent = asyncio.run(passed(world, entry=entry, extensions={CONNECTION: Gone()}))

    assert sent == []
    assert entry.notes == ["the client went away during the delay; nothing was done"]


@pytest.mark.parametrize("rule", [FaultRule(delay=Fixed(1)), FaultRule(bytes_per_second=1000)])
def test_a_stream_that_is_delayed_or_slow_comes_piece_by_piece(rule):
    world = empty_world()
    world.faults.add(rule)

    start, *parts = asyncio.run(passed(world, never_ends=True))
    piece = next(part for part in parts if part["body"])

    assert dict(start["headers"])[b"mock-fault"].startswith(b"fault-1; ")
    assert (piece["body"], piece["more_body"]) == (b"piece", True)


def empty_world() -> World:
    return World(Store.open({}), Clock(), 0, Beginning.of(Store.open({}).snapshot()))


def entry_of_list() -> Entry:
    return Entry("req_1", "GET", GROUPS, operation=CONTRACT.by_id["listGroups"])


async def passed(world, caller_of=lambda _: {}, *, entry=None, never_ends=False, **scope) -> list[dict]:
    """Give what the layer of faults sends for a request, of a stream that never ends the first piece."""
    sent: list[dict] = []
    has_come = asyncio.Event()

    async def stream(_scope, _receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"piece", "more_body": never_ends})
        if never_ends:
            await asyncio.Event().wait()

    async def fail(_failure, _scope, _receive, send) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": []})

    async def send(message: dict) -> None:
        sent.append(message)
        if message.get("body"):
            has_come.set()

    layer = FaultLayer(stream, CONTRACT, fail, lambda app: app, caller_of, lambda claims: "somebody")
    scope |= {"type": "http", "query_string": b"", "headers": [], HEADERS: {}, WORLD: world}
    done = asyncio.ensure_future(layer(scope | {ENTRY: entry or entry_of_list()}, None, send))
    coming = asyncio.ensure_future(has_come.wait())
    await asyncio.wait((done, coming), timeout=10, return_when=asyncio.FIRST_COMPLETED)
    for task in (done, coming):
        task.cancel()
    return sent
