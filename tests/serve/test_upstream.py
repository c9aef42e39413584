"""A mock in front of a backend: requests pass as they are, and what breaks the contract is told."""

import contextlib
import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from mockserver.prove.fuzz import Plan, fuzz
from mockserver.serve.assembly import Mock, Setup
from mockserver.serve.backend import Backend
from mockserver.serve.server import running
from mockserver.serve.upstream import Upstream
from mockserver.state.findings import Findings
from mockserver.state.journal_entry import Entry
from mockserver.state.recording import Recording
from mockserver.state.settings import Settings
from tests.conftest import SHIPPED
from tests.serve.backends import backend, bare, free_port

NOTES = Path(__file__).parent / "notes.yaml"
REPORT = Settings("report", "report")


@dataclass
class Proxy:
    """A proxy that is served, and its client."""

    mock: Mock
    url: str
    upstream: Upstream
    client: httpx.Client

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(f"/api/v1{path}", **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.client.post(f"/api/v1{path}", **options)

    def entry(self) -> Entry:
        """Give the journal's last entry."""
        return self.mock.world.journal.entries()[-1]

    def kinds(self) -> list[tuple[str, str, str]]:
        operations = self.upstream.findings.as_json()["operations"].values()
        return [(v["side"], v["place"], v["keyword"]) for each in operations for v in each["violations"]]


@contextlib.contextmanager
def proxy(
    url: str,
    *,
    when: Sequence[Any] = (),
    record: Path | None = None,
    timeout: float = 10,
    verify: bool | str = True,
    settings: Settings = REPORT,
    **more: Any,
) -> Iterator[Proxy]:
    recording = Recording(record) if record is not None else None
    upstream = Upstream(Backend(url, timeout, verify), Findings(url), recording, frozenset(when))
    setup = Setup(**{"contract": NOTES, "settings": settings, "upstream": upstream, **more})
    with (
        running(setup) as (mock, address),
        httpx.Client(base_url=address, timeout=20, headers={"X-Key": "a-secret-key"}) as client,
    ):
        yield Proxy(mock, address, upstream, client)
        if recording is not None:
            recording.write()


def note(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "text": f"note {number}", **more}


def answering(path: str, answer: Callable[[Request], Any], *methods: str) -> Starlette:
    async def endpoint(request: Request) -> Any:
        await request.body()
        return answer(request)

    return Starlette(routes=[Route(path, endpoint, methods=list(methods) or None)])


async def echo(request: Request) -> Response:
    body = await request.body()
    raw = [[name.decode(), value.decode("latin-1")] for name, value in request.headers.raw]
    told = {
        "method": request.method,
        "path": request.scope["raw_path"].decode(),
        "query": request.scope["query_string"].decode(),
        "headers": raw,
        "body": body.decode("latin-1"),
    }
    return JSONResponse(told, headers={"X-Echo": "yes"})


@pytest.fixture
def echoed() -> Iterator[Proxy]:
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]
    with backend(Starlette(routes=[Route("/{rest:path}", echo, methods=methods)])) as url, proxy(url) as made:
        yield made


def test_a_request_arrives_as_it_was_sent(echoed):
    answer = echoed.client.request(
        "PATCH", "/api/v1/no%2Fthing/%C3%A4?a=1&a=%20&b", content=b"\x00body", headers={"X-Own": "1, 2"}
    )

    told = answer.json()
    headers = dict(told["headers"])
    assert answer.status_code == 200
    assert answer.headers["X-Echo"] == "yes"
    assert told["method"] == "PATCH"
    assert (told["path"], told["query"]) == ("/api/v1/no%2Fthing/%C3%A4", "a=1&a=%20&b")
    assert told["body"] == "\x00body"
    assert headers["x-own"] == "1, 2"
    assert headers["content-length"] == "5"
    assert headers["host"] == echoed.upstream.backend.host
    assert headers["x-forwarded-host"] == echoed.url.removeprefix("http://")
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-request-id"] == answer.headers["X-Request-ID"]


def test_headers_of_one_connection_stay_there(echoed):
    answer = echoed.get("/notes", headers={"Connection": "close, X-Hop", "X-Hop": "1", "TE": "trailers"})

    assert not {"x-hop", "te", "connection"} & {name for name, _ in answer.json()["headers"]}


def test_a_body_in_chunks_arrives_whole(echoed):
    answer = echoed.post(
        "/notes", content=iter([b'{"text": ', b'"x"}']), headers={"Content-Type": "application/json"}
    )

    assert json.loads(answer.json()["body"]) == {"text": "x"}
    assert "request" not in {side for side, _, _ in echoed.kinds()}


def test_a_path_or_method_that_the_contract_lacks_is_passed_on_and_told(echoed):
    answers = [
        echoed.get("/nowhere"),
        echoed.client.request("PROPFIND", "/api/v1/notes"),
        echoed.get("/notes/"),
    ]

    assert [each.status_code for each in answers] == [200, 200, 200]
    assert {each.headers["Mock-Violations"] for each in answers} == {"1; path: undeclared"}
    assert {each.headers["Mock-Source"] for each in answers} == {"upstream"}
    assert set(echoed.upstream.findings.as_json()["operations"]) == {
        "GET /api/v1/nowhere",
        "PROPFIND /api/v1/notes",
        "GET /api/v1/notes/",
    }


def test_both_sides_are_held_against_the_contract_and_nothing_is_changed():
    sent = [{"id": "1", "text": "x"}, {"id": 2}]
    with (
        backend(answering("/api/v1/notes", lambda _: JSONResponse(sent))) as url,
        proxy(url) as made,
    ):
        answer = made.get("/notes?limit=500&colour=red")

        entry = made.entry()
        assert (answer.status_code, answer.json()) == (200, sent)
        assert answer.headers["Mock-Violations"] == (
            "3; query.limit: maximum; response.body.0.id: type; response.body.1.text: required"
        )
        assert [".".join(map(str, each.location)) for each in entry.violations] == [
            "query.limit",
            "response.body.0.id",
            "response.body.1.text",
        ]
        assert entry.source == "upstream"
        assert made.kinds() == [
            ("answer", "body.*.id", "type"),
            ("answer", "body.*.text", "required"),
            ("query", "query.colour", "undeclared"),
            ("request", "query.limit", "maximum"),
        ]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        pytest.param(lambda _: JSONResponse([], 418), "1; response.status: undeclared", id="status"),
        pytest.param(
            lambda _: Response("<a/>", media_type="application/xml"),
            "1; response.body: undeclared",
            id="media type",
        ),
        pytest.param(
            lambda _: Response("[", media_type="application/json"), "1; response.body: json", id="no JSON"
        ),
        pytest.param(
            lambda _: Response("[]"), "1; response.header.Content-Type: missing", id="no media type"
        ),
        pytest.param(
            lambda _: Response(media_type="application/json"), "1; response.body: json", id="no body"
        ),
        pytest.param(lambda _: JSONResponse([]), None, id="nothing"),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(answer, told):
    with backend(answering("/api/v1/notes", answer)) as url, proxy(url) as made:
        assert made.get("/notes").headers.get("Mock-Violations") == told


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        pytest.param(b'[{"id": 1', "it is not JSON: unexpected end of data (byte 9)", id="half"),
        pytest.param('["\xe4"]'.encode("latin-1"), "its text is not UTF-8", id="Latin-1"),
    ],
)
def test_a_body_that_is_no_json_is_told_by_what_it_is(sent, told):
    app = answering("/api/v1/notes", lambda _: Response(sent, media_type="application/json"))
    with backend(app) as url, proxy(url) as made:
        made.get("/notes")

        (violation,) = made.entry().violations
        (kind,) = made.upstream.findings.as_json()["operations"]["listNotes"]["violations"]

    assert (violation.location, violation.message) == (("response", "body"), told)
    assert (kind["place"], kind["message"]) == ("body", told)


def test_a_request_that_is_no_json_is_told_by_what_it_is():
    app = answering("/api/v1/notes", lambda _: JSONResponse(note(1), 201), "POST")
    with backend(app) as url, proxy(url) as made:
        found = []
        for sent in (b"{", b'"\xe4"'):
            made.post("/notes", content=sent, headers={"Content-Type": "application/json"})
            found += [each.message for each in made.entry().violations if each.location == ("body",)]

    assert found[0].startswith("it is not JSON: ")
    assert found[1] == "its text is not UTF-8"


def test_a_parameter_that_the_contract_lacks_is_told_and_breaks_nothing():
    with backend(answering("/api/v1/notes", lambda _: JSONResponse([]))) as url, proxy(url) as made:
        answer = made.get("/notes?colour=red")

        notes, found = made.entry().notes, made.upstream.findings

    assert "Mock-Violations" not in answer.headers
    assert notes == ["the contract has no query parameter colour"]
    assert found.broken("request") == 0
    assert "      1 x  the contract has no query parameter colour" in found.lines()
    assert "No request broke the contract" in found.lines()


def test_a_body_that_is_not_packed_as_it_says_breaks_the_contract():
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    app = answering("/api/v1/notes", lambda _: Response(b"[]", headers=headers))
    with backend(app) as url, proxy(url) as made, made.client.stream("GET", "/api/v1/notes") as answer:
        raw = b"".join(answer.iter_raw())

    assert raw == b"[]"
    assert answer.headers["Mock-Violations"] == "1; response.body: encoding"


def test_a_request_that_is_not_packed_as_it_says_breaks_the_contract_too():
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    app = answering("/api/v1/notes", lambda _: JSONResponse(note(1), 201, {"Location": "/x"}), "POST")
    with backend(app) as url, proxy(url) as made:
        answer = made.post("/notes", content=b"{}", headers=headers)
        notes = made.entry().notes
    with backend(app) as url, proxy(url, settings=Settings("enforce", "report")) as made:
        refused = made.post("/notes", content=b"{}", headers=headers)

    assert (answer.status_code, answer.headers["Mock-Violations"]) == (201, "1; body: encoding")
    assert notes == [
        "let pass: body: it is not gzip: Error -3 while decompressing data: incorrect header check"
    ]
    assert refused.status_code in (400, 422)


def test_bodies_that_were_not_looked_at_are_counted_with_the_reason():
    headers = {"Content-Type": "application/json", "Content-Encoding": "br"}
    packed = answering("/api/v1/notes", lambda _: Response(b"[]", headers=headers))
    with backend(packed) as url, proxy(url) as made:
        with made.client.stream("GET", "/api/v1/notes") as answer:
            assert b"".join(answer.iter_raw()) == b"[]"

        told = made.upstream.findings

    assert "1 answer not looked at: the body is in Content-Encoding br" in told.lines()
    assert told.as_json()["operations"]["listNotes"]["unseen"] == {"the body is in Content-Encoding br": 1}


def test_a_declared_header_that_is_missing_is_named():
    app = answering("/api/v1/notes", lambda _: JSONResponse(note(1), 201), "POST")
    with backend(app) as url, proxy(url) as made:
        answer = made.post("/notes", json={"text": "x"})

    assert answer.headers["Mock-Violations"] == "1; response.header.Location: missing"


def test_many_violations_are_told_in_a_short_header():
    sent = [{"id": "x" * 5000, "ключ": 1} for _ in range(500)]
    with backend(answering("/api/v1/notes", lambda _: JSONResponse(sent))) as url, proxy(url) as made:
        told = made.get("/notes").headers["Mock-Violations"]

    assert told.startswith("1000; ")
    assert told.endswith("; ...")
    assert len(told) < 700


def test_requests_that_break_the_contract_are_refused_where_that_is_settled():
    asked: list[str] = []
    app = answering("/api/v1/notes", lambda request: asked.append(request.method) or JSONResponse([]))
    with backend(app) as url, proxy(url, settings=Settings("enforce", "report")) as made:
        refused, passed = made.get("/notes?limit=500"), made.get("/notes")

    assert (refused.status_code, passed.status_code) == (422, 200)
    assert asked == ["GET"]
    assert made.kinds() == [("request", "query.limit", "maximum")]


def test_answers_that_break_the_contract_are_replaced_where_that_is_settled():
    app = answering("/api/v1/notes", lambda _: JSONResponse({}))
    with backend(app) as url, proxy(url, settings=Settings("report", "enforce")) as made:
        answer = made.get("/notes")

    assert answer.status_code == 502
    assert "breaks the contract" in answer.json()["detail"]


def test_a_packed_answer_is_passed_as_it_is_and_read_all_the_same():
    packed = gzip.compress(json.dumps([{"id": 1}]).encode())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    app = answering("/api/v1/notes", lambda _: Response(packed, headers=headers))
    with backend(app) as url, proxy(url) as made:
        request = made.client.build_request("GET", "/api/v1/notes")
        answer = made.client.send(request, stream=True)
        raw = b"".join(answer.iter_raw())

    assert raw == packed
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Mock-Violations"] == "1; response.body.0.text: required"


def test_only_codings_that_can_be_read_are_asked_for(echoed):
    accepted = [
        dict(echoed.get("/notes", headers={"Accept-Encoding": each}).json()["headers"])["accept-encoding"]
        for each in ("gzip, deflate;q=0.5, br", "zstd", "*")
    ]

    assert accepted == ["gzip, deflate;q=0.5", "identity", "gzip"]


def test_a_redirect_is_passed_on_and_leads_through_the_proxy():
    app = answering("/api/v1/notes", lambda r: RedirectResponse(f"{r.base_url}api/v1/notes/7?a=b", 307))
    with backend(app) as url, proxy(url) as made:
        answer = made.get("/notes")

    assert answer.status_code == 307
    assert answer.headers["Location"] == f"{made.url}/api/v1/notes/7?a=b"


def test_a_redirect_to_what_is_no_address_is_passed_on_as_it_is():
    app = answering("/api/v1/notes", lambda _: JSONResponse([], headers={"Location": "http://[bad/x"}))
    with backend(app) as url, proxy(url) as made:
        answer = made.get("/notes")

    assert answer.status_code == 200
    assert answer.headers["Location"] == "http://[bad/x"


def test_a_path_of_the_address_stands_in_the_place_of_the_base_path():
    def answer(request: Request) -> Response:
        made = JSONResponse(note(1), 201, headers={"Location": "/base/notes/1"})
        made.set_cookie("a", "b", path="/base/notes", domain="127.0.0.1")
        return made

    with backend(answering("/base/notes", answer, "POST")) as url, proxy(f"{url}/base/") as made:
        answered = made.post("/notes", json={"text": "x"})

    assert answered.status_code == 201
    assert answered.headers["Location"] == "/api/v1/notes/1"
    assert "Path=/api/v1/notes" in answered.headers["Set-Cookie"]
    assert "domain" not in answered.headers["Set-Cookie"].lower()


def test_several_cookies_stay_several():
    def answer(_: Request) -> Response:
        made = JSONResponse([])
        made.set_cookie("a", "1")
        made.set_cookie("b", "2")
        return made

    with backend(answering("/api/v1/notes", answer)) as url, proxy(url) as made:
        answered = made.get("/notes")

    assert len(answered.headers.get_list("Set-Cookie")) == 2


def test_head_has_the_length_and_no_body():
    with backend(answering("/api/v1/notes", lambda _: JSONResponse([note(1)]))) as url, proxy(url) as made:
        answer, after = made.client.head("/api/v1/notes"), made.get("/notes")

    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == after.headers["Content-Length"]
    assert answer.content == b""
    assert "Mock-Violations" not in answer.headers


def test_what_did_not_change_is_answered_without_a_body():
    answer = Response(status_code=304, headers={"ETag": '"1"'})
    with backend(answering("/api/v1/notes", lambda _: answer)) as url, proxy(url) as made:
        answered = made.get("/notes", headers={"If-None-Match": '"1"'})

    assert (answered.status_code, answered.content) == (304, b"")
    assert answered.headers["ETag"] == '"1"'
    assert "Mock-Violations" not in answered.headers


def test_large_bodies_pass_both_ways_piece_by_piece():
    async def store(request: Request) -> Response:
        size = 0
        async for piece in request.stream():
            size += len(piece)
        return JSONResponse({"size": size})

    async def pieces() -> Any:
        for _ in range(30):
            yield b"x" * 100_000

    async def give(_: Request) -> Response:
        return StreamingResponse(pieces(), media_type="application/octet-stream")

    routes = [Route("/api/v1/files", store, methods=["PUT"]), Route("/api/v1/files", give)]
    with backend(Starlette(routes=routes)) as url, proxy(url) as made:
        whole = made.client.put(
            "/api/v1/files", content=b"x" * 3_000_000, headers={"Content-Type": "application/octet-stream"}
        )
        chunked = made.client.put("/api/v1/files", content=iter([b"x" * 1_500_000] * 2))
        given = made.get("/files")

    assert whole.json() == chunked.json() == {"size": 3_000_000}
    assert given.content == b"x" * 3_000_000


def test_an_answer_that_never_ends_is_passed_piece_by_piece_until_the_client_goes():
    ended = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        try:
            while True:
                connection.sendall(b"data: 1\n\n")
        except OSError:
            ended.set()

    with bare(answer) as url, proxy(url) as made:
        with made.client.stream("GET", "/api/v1/events") as answered:
            first = next(answered.iter_raw())

        assert first.startswith(b"data: 1")
        assert ended.wait(10)


def test_a_backend_that_dies_in_the_middle_of_an_answer_is_502():
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[")

    with bare(answer) as url, proxy(url) as made:
        answered = made.get("/notes")

    assert answered.status_code == 502
    assert "gave no whole answer" in answered.json()["detail"]
    assert any(each.startswith("listNotes  (1 request; 502: 1)") for each in made.upstream.findings.lines())
    (found,) = made.upstream.findings.as_json()["operations"].values()
    assert "gave no whole answer" in "".join(found["failures"])


def test_a_backend_that_answers_with_a_status_that_is_none_is_502():
    def answer(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 777 Odd\r\nContent-Length: 2\r\n\r\n{}")

    with bare(answer) as url, proxy(url) as made:
        answered = made.get("/notes")

    assert answered.status_code == 502
    assert "answered 777, which is no status of HTTP" in answered.json()["detail"]


def test_an_answer_that_breaks_off_once_it_was_begun_breaks_off_here_too():
    def answer(connection: socket.socket) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 3000000\r\n\r\n"
        connection.sendall(head + b"x" * 2_000_000)

    with bare(answer) as url, proxy(url) as made, pytest.raises(httpx.RemoteProtocolError):
        made.get("/files")

    assert "The connection to the client was closed." in made.entry().notes[-1]
    (found,) = made.upstream.findings.as_json()["operations"].values()
    assert [*found["failures"].values()] == [1]


def test_a_backend_that_is_not_there_is_502_and_one_that_is_silent_504():
    def silent(connection: socket.socket) -> None:
        connection.recv(1)

    with proxy(f"http://127.0.0.1:{free_port()}") as made:
        gone = made.get("/notes")
    with bare(silent) as url, proxy(url, timeout=0.2) as made:
        late = made.get("/notes")

    assert (gone.status_code, late.status_code) == (502, 504)
    assert "cannot be reached" in gone.json()["detail"]
    assert "did not answer within 0.2 s" in late.json()["detail"]
    assert made.upstream.findings.as_json()["operations"]["listNotes"]["outcomes"] == {"unreachable": 1}


def test_the_certificate_of_a_backend_is_checked_unless_it_is_told_otherwise(certificate):
    app = answering("/api/v1/notes", lambda _: JSONResponse([]))
    with backend(app, *certificate) as url:
        with proxy(url) as made:
            refused = made.get("/notes")
        with proxy(url, verify=str(certificate[0])) as made:
            trusting = made.get("/notes")
        with proxy(url, verify=False) as made:
            careless = made.get("/notes")

    assert (refused.status_code, trusting.status_code, careless.status_code) == (502, 200, 200)
    assert "--ca FILE names the certificates that are trusted" in refused.json()["detail"]


def test_the_mock_answers_for_a_backend_that_is_not_there_and_remembers():
    with proxy(f"http://127.0.0.1:{free_port()}", when=["unreachable"]) as made:
        created = made.post("/notes", json={"text": "kept"})
        listed = made.get("/notes")
        undeclared = made.get("/nowhere")

    assert created.status_code == 201
    assert created.json() in listed.json()
    assert listed.headers["Mock-Source"] == "state"
    assert undeclared.status_code == 502


@pytest.mark.parametrize("status", [502, 503, 504])
def test_the_mock_answers_for_a_gateway_without_a_backend(status):
    app = answering("/api/v1/notes", lambda _: Response("no", status))
    with backend(app) as url, proxy(url, when=["unreachable"]) as made:
        mocked = made.get("/notes")
    with backend(app) as url, proxy(url) as made:
        passed = made.get("/notes")

    assert (mocked.status_code, passed.status_code) == (200, status)


def test_the_mock_answers_what_the_backend_does_not_have_yet_and_only_that():
    def get(request: Request) -> Response:
        number = int(request.path_params["id"])
        return JSONResponse(note(1) if number == 1 else {"error": "none"}, 200 if number == 1 else 404)

    with backend(answering("/api/v1/notes/{id}", get, "GET")) as url, proxy(url, when=["undeclared"]) as made:
        there, item_less = made.get("/notes/1"), made.get("/notes/5")
        listed, made_one = made.get("/notes"), made.post("/notes", json={"text": "x"})
        deleted = made.client.delete("/api/v1/notes/1")

    assert there.headers["Mock-Source"] == item_less.headers["Mock-Source"] == "upstream"
    assert (there.status_code, item_less.status_code) == (200, 404)
    assert listed.headers["Mock-Source"] == made_one.headers["Mock-Source"] == "state"
    assert (listed.status_code, made_one.status_code) == (200, 201)
    assert deleted.headers["Mock-Source"] == "state"
    assert made.upstream.findings.as_json()["operations"]["listNotes"]["outcomes"] == {"mock": 1}


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "br"}])
def test_an_answer_that_nobody_got_is_not_reported(headers):
    app = answering("/api/v1/notes", lambda _: JSONResponse({"detail": "Not Found"}, 404, headers))
    with backend(app) as url, proxy(url, when=["undeclared"]) as made:
        answer = made.get("/notes")

        told = made.upstream.findings.as_json()

    assert (answer.status_code, told["broken"]["answers"]) == (200, 0)
    assert (told["operations"]["listNotes"]["violations"], told["operations"]["listNotes"]["unseen"]) == (
        [],
        {},
    )


@pytest.mark.parametrize(
    ("status", "source"), [(500, "upstream"), (599, "upstream"), (501, "state"), (418, "state")]
)
def test_a_failure_of_an_operation_that_is_there_is_passed_on(status, source):
    app = answering("/api/v1/notes", lambda _: Response("<html>", status, media_type="text/html"))
    with backend(app) as url, proxy(url, when=["undeclared"]) as made:
        answer = made.get("/notes")

    assert answer.headers["Mock-Source"] == source
    assert (answer.status_code == status) is (source == "upstream")


def test_a_backend_that_fails_has_the_operation_all_the_same():
    app = answering("/api/v1/notes", lambda _: Response("it fell", 500))
    with backend(app) as url, proxy(url, when=["undeclared"]) as made:
        failed = made.get("/notes")

    assert (failed.status_code, failed.headers["Mock-Source"]) == (500, "upstream")
    assert "status" in failed.headers["Mock-Violations"]


def test_an_operation_that_was_there_before_is_there_when_it_has_no_item():
    strange = iter([JSONResponse(note(1)), JSONResponse({"detail": "Not Found"}, 404)])
    with (
        backend(answering("/api/v1/notes/{id}", lambda _: next(strange))) as url,
        proxy(url, when=["undeclared"]) as made,
    ):
        answers = [made.get("/notes/1"), made.get("/notes/1")]

    assert [each.headers["Mock-Source"] for each in answers] == ["upstream", "upstream"]
    assert answers[1].headers["Mock-Violations"] == "1; response.body.error: required"


def test_the_backend_decides_who_may_pass_and_the_mock_who_it_answers():
    app = answering("/api/v1/notes", lambda _: JSONResponse([]))
    with backend(app) as url, proxy(url, when=["unreachable"]) as made:
        del made.client.headers["X-Key"]
        passed = made.get("/notes")
    with proxy(f"http://127.0.0.1:{free_port()}", when=["unreachable"]) as made:
        del made.client.headers["X-Key"]
        refused = made.get("/notes")

    assert (passed.status_code, refused.status_code) == (200, 401)


def test_faults_come_before_the_backend(echoed):
    answer = echoed.get("/notes", headers={"Prefer": "status=503"})

    assert answer.status_code == 503
    assert answer.headers["Mock-Fault"].startswith("prefer")
    assert echoed.upstream.findings.requests == 0


def test_the_control_api_is_the_mocks_own(echoed):
    echoed.get("/notes")

    entries = echoed.client.get("/_mock/journal").json()

    assert "upstream" in json.dumps(entries)


def test_a_mock_behind_the_proxy_breaks_no_contract_in_a_fuzz_run():
    with running(Setup(contract=SHIPPED, seed=1)) as (_, url):
        upstream = Upstream(Backend(url), Findings(url))
        setup = Setup(contract=SHIPPED, settings=REPORT, upstream=upstream)
        fuzz(setup, Plan(max_examples=2, phases=("coverage",)), lambda _: None)

    assert upstream.findings.requests > 100
    assert upstream.findings.broken("answer") == 0
    assert upstream.findings.broken("request") > 0


def test_each_sandbox_has_a_journal_of_its_own_and_the_path_is_the_contracts(echoed):
    answer = echoed.client.get("/_mock/in/one/api/v1/notes?limit=2")

    told = answer.json()
    assert (told["path"], told["query"]) == ("/api/v1/notes", "limit=2")
    assert [entry.source for entry in echoed.mock.sandboxes.pick("one").journal.entries()] == ["upstream"]
    assert not echoed.mock.world.journal.entries()


def test_a_kept_connection_that_the_backend_closed_is_no_failure():
    def answer(connection: socket.socket) -> None:
        # It says that the connection is kept, and closes it.
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"
        )

    with bare(answer) as url, proxy(url) as made:
        statuses = [made.get("/notes").status_code for _ in range(20)]

    assert statuses == [200] * 20


def test_connections_are_kept_and_used_again():
    def answer(request: Request) -> Response:
        return JSONResponse([{"id": request.client.port, "text": "x"}])

    with backend(answering("/api/v1/notes", answer)) as url, proxy(url) as made:
        ports = {made.get("/notes").json()[0]["id"] for _ in range(10)}

    assert len(ports) == 1


def test_the_findings_hold_no_secret():
    sent = {"text": 1, "password": "No"}
    answer = JSONResponse(note(1, password=["In-The-Answer"]), 201)
    with backend(answering("/api/v1/notes", lambda _: answer, "POST")) as url, proxy(url) as made:
        made.post("/notes?api_key=SUPERSECRETKEY", json=sent, headers={"X-Key": "a-secret-key"})

        found = made.upstream.findings.as_json()["operations"]["createNote"]["violations"]

    assert {each["first"] for each in found} == {"POST /api/v1/notes?api_key=masked-apikey"}
    messages = {each["place"]: each["message"] for each in found}
    assert messages["body.text"] == '1 is not of type "string"'
    assert not [
        (secret, each)
        for secret in ("SUPERSECRETKEY", '"No"', "In-The-Answer")
        for each in [*messages.values(), *made.upstream.findings.lines()]
        if secret in each
    ]
