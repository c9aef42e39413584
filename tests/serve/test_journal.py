"""What the layers tell the journal: both messages as they went over the wire, and what was wrong with it."""

import asyncio
import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.serve.assembly import Setup
from mockserver.serve.sending import ENTRY
from mockserver.serve.server import running
from mockserver.state.journal import Journal
from mockserver.state.journal_entry import Entry
from mockserver.state.journal_views import whole
from mockserver.state.scenario import Course, Step
from mockserver.state.settings import Settings
from mockserver.state.store import Store
from mockserver.state.world import World
from tests.conftest import SHIPPED, Api, in_process
from tests.contract.compact import contract_of, gives, thing

ROLES = "/api/v1/admin/admin-roles/"
GROUPS = "/api/v1/admin/groups"

HANDLERS = """
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles
from mockserver.state.store import Store


@handles("GET /file")
def show_file(request: Request, store: Store) -> Response:
    return Response(bytes(range(256)), headers={"X-Kind": "file"})


@handles("GET /wrong")
def show_wrong(request: Request, store: Store) -> Response:
    return Response({"id": "no number"})


@handles("PUT /file")
def take_file(request: Request, store: Store) -> Response:
    return Response(status=204)
"""


def last(api: Api) -> Entry:
    """Give the entry of the last request; over HTTP it is closed once another request was answered."""
    api.get("/_mock/health")
    return api.mock.world.journal.entries()[-1]


def shown(api: Api) -> Any:
    return whole(last(api), api.mock.parts.personas.name_of)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Api]:
    """Give an API of files, which may be binary, and of an answer that is wrong."""
    binary = {"application/octet-stream": {"schema": {}}}
    file = gives()
    file["responses"]["200"]["content"] = binary
    taken = gives(status="204", requestBody={"content": binary})
    wrong = gives(thing("id", id={"type": "integer"}))
    contract_of(tmp_path, {"GET /file": file, "PUT /file": taken, "GET /wrong": wrong})
    (tmp_path / "its_handlers.py").write_text(HANDLERS)
    setup = Setup(contract=tmp_path / "openapi.json", handlers=str(tmp_path / "its_handlers.py"))
    with in_process(setup) as api:
        yield api


def test_a_request_and_its_answer_are_journaled_as_they_went_over_the_wire(api):
    answer = api.get(GROUPS, as_="super-admin", params={"page": 1})

    entry = last(api)
    assert (entry.method, entry.target, entry.status) == ("GET", f"{GROUPS}?page=1", 200)
    assert (entry.operation_id, entry.source) == ("listGroups", "handler")
    assert dict(entry.request_headers)[b"authorization"] == answer.request.headers["authorization"].encode()
    assert entry.request_body is None
    assert entry.response_body == answer.content
    sent = {(name.lower(), value) for name, value in entry.response_headers}
    assert sent == {
        (name.lower(), value)
        for name, value in answer.headers.raw
        if name.lower() not in (b"date", b"server")
    }
    assert shown(api)["persona"] == "super-admin"


def test_the_headers_of_other_origins_are_journaled_too(api):
    api.get(GROUPS, as_="super-admin", headers={"Origin": "http://shop.test"})

    assert dict(last(api).response_headers)[b"access-control-allow-origin"] == b"http://shop.test"


def test_the_body_of_a_request_is_journaled_as_it_came(api):
    raw = b'{ "role":  "viewer"'

    refused = api.post(ROLES, as_="super-admin", content=raw, headers={"Content-Type": "application/json"})

    assert refused.status_code == 422
    assert shown(api)["request"]["body"] == raw.decode()


def test_a_body_that_comes_in_chunks_is_journaled_whole(api):
    chunks = iter([b'{"role": ', b'"viewer"}'])

    api.post(ROLES, as_="super-admin", content=chunks, headers={"Content-Type": "application/json"})

    assert last(api).request_body == b'{"role": "viewer"}'


def test_a_body_that_is_too_large_is_journaled_with_its_size(api):
    raw = b" " * (1024 * 1024 + 5)

    refused = api.post(ROLES, as_="super-admin", content=raw, headers={"Content-Type": "application/json"})

    assert refused.status_code == 413
    assert last(api).request_size == len(raw)
    assert shown(api)["request"]["truncated"]


def test_every_violation_of_a_request_is_journaled(api):
    refused = api.post(f"{ROLES}?page=x", as_="super-admin", json={"role": "owner", "user_id": 5})

    entry = last(api)
    assert refused.status_code == 422
    assert [list(each.location) for each in entry.violations] == [
        each["loc"] for each in refused.json()["detail"]
    ]
    assert len(entry.violations) > 1
    assert entry.notes


def test_a_request_without_a_token_is_journaled_with_the_reason(api):
    api.get(GROUPS)

    entry = last(api)
    assert (entry.status, entry.operation_id, entry.caller) == (401, "listGroups", {})
    assert entry.notes
    assert dict(entry.response_headers)[b"www-authenticate"]


def test_a_request_for_a_path_that_the_contract_lacks_is_journaled(api):
    refused = api.get("/nowhere")

    entry = last(api)
    assert (entry.status, entry.operation_id) == (404, "")
    assert entry.response_body == refused.content
    assert entry.notes == ["The contract has no path /nowhere."]


def test_the_answer_to_head_is_journaled_without_a_body(api):
    answer = api.request("HEAD", GROUPS, as_="super-admin")

    entry = last(api)
    assert (entry.method, entry.operation_id, entry.status) == ("HEAD", "listGroups", 200)
    assert (entry.response_body, entry.response_size) == (b"", 0)
    assert dict(entry.response_headers)[b"content-length"] == answer.headers["content-length"].encode()


def test_each_sandbox_journals_what_was_asked_of_it(api):
    before = len(api.mock.world.journal.entries())

    by_header = api.get(GROUPS, as_="super-admin", headers={"Mock-Sandbox": "mine"})
    by_path = api.get(f"/_mock/in/mine{GROUPS}?name=x", as_="super-admin")
    api.get("/_mock/health")

    mine = api.mock.sandboxes.get("mine").journal.entries()[-2:]
    assert [by_header.status_code, by_path.status_code] == [200, 200]
    assert [(entry.sandbox, entry.path) for entry in mine] == [("mine", GROUPS), ("mine", GROUPS)]
    assert mine[1].target == f"/_mock/in/mine{GROUPS}?name=x"
    assert by_path.headers["mock-journal"] == str(mine[1].id)
    assert len(api.mock.world.journal.entries()) == before


def test_a_frozen_clock_dates_the_entries():
    with in_process(Setup(contract=SHIPPED, set_to=datetime(2026, 5, 1, 12, tzinfo=UTC))) as api:
        api.get(GROUPS, as_="super-admin")
        time = shown(api)["time"]

    assert time.startswith("2026-05-01T12:00:00.")


def test_whoever_reads_the_journal_of_a_sandbox_is_told_when_it_is_gone():
    async def reading(journal: Journal) -> list[int]:
        with journal.subscribe() as entries:
            api.mock.sandboxes.remove("mine")
            return [entry.id async for entry in entries]

    with in_process(Setup(contract=SHIPPED)) as api:
        journal = api.mock.sandboxes.add("mine").journal

        assert asyncio.run(asyncio.wait_for(reading(journal), 10)) == []


def test_a_reader_who_goes_away_is_forgotten_without_a_word(capsys):
    with running(Setup(contract=SHIPPED)) as (mock, url), httpx.Client(base_url=url) as client:
        world = mock.world
        with client.stream("GET", "/_mock/journal/stream") as stream:
            pieces = stream.iter_raw()
            greeting = next(pieces)
            were_reading = world.open
        asked = [
            client.get("/_mock/health").status_code for _ in takewhile(lambda _: world.open, range(1000))
        ]
        client.head("/_mock/journal/stream")

    assert greeting.startswith(b":")
    assert were_reading == 1
    assert set(asked) <= {200}
    assert world.open == 0
    assert capsys.readouterr().err == ""


def test_binary_bodies_are_journaled(files):
    raw = b"\x89PNG\xff\x00"

    files.put("/file", content=raw, headers={"Content-Type": "application/octet-stream"})
    taken = last(files)
    files.get("/file")
    given = shown(files)

    assert (taken.request_body, taken.status) == (raw, 204)
    assert (given["response"]["encoding"], given["response"]["size"]) == ("base64", 256)


def test_what_is_wrong_with_an_answer_is_journaled(files):
    refused = files.get("/wrong")

    entry = last(files)
    assert refused.status_code == 500
    assert [(each.location, each.keyword) for each in entry.violations] == [
        (("response", "body", "id"), "type")
    ]


def test_what_is_let_pass_is_journaled():
    settings = Settings(requests="report", responses="report")
    with in_process(Setup(contract=SHIPPED, settings=settings)) as api:
        answer = api.get(ROLES, as_="super-admin", params={"page": "x"})
        entry = last(api)

    assert {each.location for each in entry.violations} >= {("query", "page")}
    assert answer.status_code == entry.status


def test_a_violation_that_was_let_pass_and_then_refused_is_journaled_once():
    with in_process(Setup(contract=SHIPPED, settings=Settings(requests="report"))) as api:
        refused = api.post(
            ROLES, as_="super-admin", content=b"{", headers={"Content-Type": "application/json"}
        )
        entry = last(api)

    assert refused.status_code == 422
    assert len(entry.violations) == 1


def test_an_entry_keeps_nothing_of_its_world_and_no_exception(api):
    api.get("/nowhere")
    api.post(ROLES, as_="super-admin", json={})

    for entry in api.mock.world.journal.entries()[-2:]:
        seen, waiting = set(), [entry]
        while waiting:
            found = waiting.pop()
            if id(found) in seen or found is entry.operation or isinstance(found, type):
                continue
            seen.add(id(found))
            assert not isinstance(found, (World, Store, BaseException))
            waiting += gc.get_referents(found)


def test_answers_that_nobody_journals_are_not_gathered(api):
    async def ask(path: str) -> Entry:
        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(_: Any) -> None:
            pass

        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [],
            "client": ("127.0.0.1", 1),
        }
        await api.mock.app(scope, receive, send)
        entry: Entry = scope[ENTRY]
        assert entry.status in (200, 401)
        return entry

    assert asyncio.run(ask("/_mock/export")).response_body == b""
    assert asyncio.run(ask(GROUPS)).response_body != b""


class Failing(Course):
    """The course of a scenario in which whatever should happen fails."""

    def __init__(self, when: str) -> None:
        super().__init__((), 0)
        self._when = when

    def arrived(self, now: float) -> list[Step]:
        return self._fail("arrived")

    def answered(self, entry: Entry) -> list[Step]:
        return self._fail("answered")

    def _fail(self, when: str) -> list[Step]:
        if when == self._when:
            raise RuntimeError(f"{when}: nothing works")
        return []

    @property
    def is_over(self) -> bool:
        return False


def test_a_scenario_that_fails_before_a_request_is_a_problem_and_journaled(capsys):
    with in_process(Setup(contract=SHIPPED)) as api:
        world = api.mock.world
        world.course = Failing("arrived")

        answer = api.get(GROUPS, as_="super-admin")

        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert "RuntimeError: arrived" in world.journal.entries()[-1].notes[-1]
        assert "nothing works" in capsys.readouterr().err
        assert world.open == 0


def test_a_scenario_that_fails_after_a_request_leaves_its_entry():
    with in_process(Setup(contract=SHIPPED)) as api:
        world = api.mock.world
        world.course = Failing("answered")

        with pytest.raises(RuntimeError, match="nothing works"):
            api.get(GROUPS, as_="super-admin")

        assert [entry.status for entry in world.journal.entries()] == [200]
        assert world.open == 0


def test_the_source_in_the_header_is_one_word_whatever_an_example_is_called(tmp_path):
    document = tmp_path / "openapi.yaml"
    document.write_text(
        """
openapi: 3.0.3
info: {title: Sizes, version: '1'}
paths:
  /size:
    get:
      operationId: getSize
      responses:
        '200':
          description: One.
          content:
            application/json:
              examples: {"größe, neu": {value: 1}}
""",
        encoding="utf-8",
    )

    with in_process(Setup(contract=document)) as client:
        answer = client.get("/size")

    assert (answer.status_code, answer.json()) == (200, 1)
    assert answer.headers["Mock-Source"] == "example"
