"""Whatever a backend does, a run comes to its end, and all of its requests go through one line."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from mockserver.contract.loading.document import load
from mockserver.errors import MockServerError
from mockserver.prove.compare.comparing import compare
from mockserver.prove.compare.plan import EXAMPLES, Comparison
from mockserver.prove.line import Line
from mockserver.prove.report import Report
from mockserver.prove.told import describe
from mockserver.prove.verify import Backend, Verification, verify
from mockserver.serve.assembly import Setup
from tests.serve.backends import backend, bare

CONTRACT = """
openapi: 3.1.0
info: {title: Things, version: "1"}
security: [{token: []}]
paths:
  /things:
    get:
      operationId: listThings
      responses:
        "200": {description: All, content: {application/json: {schema: {type: object}}}}
        "401": {description: Who?}
  /things/first:
    get:
      operationId: readThing
      parameters: [{name: X-Shelf, in: header, required: true, schema: {type: string, minLength: 1}}]
      responses:
        "200": {description: One, content: {application/json: {schema: {type: object}}}}
        "401": {description: Who?}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
"""
_JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    path = tmp_path / "things.yaml"
    path.write_text(CONTRACT)
    return path


def ask(contract: Path, url: str, *phases: str, timeout: float = 10.0, token: str = "good-token") -> Report:
    plan = Verification(1, 2, phases or ("coverage",))
    return verify(load(contract), Backend(url, token=token, timeout=timeout), plan, lambda _: None)


def held(contract: Path, url: str, timeout: float = 10.0) -> Report:
    there = Backend(url, token="good-token", timeout=timeout)
    return compare(Setup(contract=contract), there, Comparison(sources=(EXAMPLES,)), lambda _: None)


def answering(answer: Callable[[Request], Response]) -> Starlette:
    """Let in whoever has the token, and answer the first question as the contract has it."""
    asked = []

    def answer_or_refuse(request: Request) -> Response:
        asked.append(request.url.path)
        if request.headers.get("authorization") != "Bearer good-token":
            return Response(status_code=401)
        return JSONResponse({}) if len(asked) == 1 else answer(request)

    return Starlette(routes=[Route("/{path:path}", answer_or_refuse)])


@contextmanager
def counted() -> Iterator[tuple[list[str], str]]:
    """Serve somebody who should never be asked; gives what they were asked, and where they are."""
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(str(request.url))
        return JSONResponse({})

    with backend(Starlette(routes=[Route("/{path:path}", answer)])) as url:
        yield asked, url


def drip(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.sendall(_JSON + b"Content-Length: 100000\r\n\r\n")
        while not connection.send(b" ") or not threading.Event().wait(0.05):
            pass


def announce_much(connection: socket.socket) -> None:
    connection.sendall(_JSON + b"Content-Length: 1000000000\r\n\r\n")


def send_events(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        while True:
            connection.sendall(b"data: 1\n\n")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param(drip, "no whole answer in time", id="slow"),
        pytest.param(announce_much, "longer than 64 MiB", id="long"),
    ],
)
@pytest.mark.parametrize("look", [ask, held])
def test_an_answer_has_to_end(contract, look, answer, why):
    with bare(answer) as url, pytest.raises(MockServerError, match=f"does not answer .*{why}"):
        look(contract, url, timeout=0.3)


@pytest.mark.parametrize("head", [_JSON, _JSON + b"Connection: close\r\n"])
def test_an_answer_that_falls_silent_has_no_more_time_than_another(head):
    def fall_silent(connection: socket.socket) -> None:
        threading.Event().wait(0.6)
        connection.sendall(head + b"Content-Length: 4\r\n\r\n{}")
        connection.recv(1)

    started = time.monotonic()
    with bare(fall_silent) as url, pytest.raises(requests.ReadTimeout, match="no whole answer in time"):
        Line(timeout=0.8).session().get(url)

    assert time.monotonic() - started < 1.3


def test_a_stream_of_events_may_go_on(contract):
    written = CONTRACT.replace("application/json", "text/event-stream")
    contract.write_text(written.replace("type: object", "type: string"))

    with bare(send_events) as url:
        report = held(contract, url)

    assert report.tallies["listThings"].answers[200]


def test_no_request_of_a_run_follows_a_redirect(contract):
    asked = []

    def redirect(request: Request) -> Response:
        asked.append(request.url.path)
        return RedirectResponse("/elsewhere")

    with backend(Starlette(routes=[Route("/{path:path}", redirect)])) as url:
        report = ask(contract, url, "examples", "coverage", "fuzzing", "nobody", "journeys")

    assert report.checks["missing_required_header"]
    assert "/things/first" in asked
    assert "/elsewhere" not in asked


def test_no_request_of_a_run_takes_a_proxy_to_this_machine(contract, monkeypatch):
    with counted() as (asked, elsewhere):
        monkeypatch.setenv("http_proxy", elsewhere)
        with backend(answering(lambda _: JSONResponse({}))) as url:
            report = ask(contract, url)

    assert report.checks["ignored_auth"]
    assert not asked


def test_an_example_that_lies_elsewhere_is_not_fetched(contract):
    with counted() as (asked, elsewhere):
        value = f"examples: {{one: {{externalValue: {elsewhere}/one}}}}"
        contract.write_text(
            CONTRACT.replace("schema: {type: string, minLength: 1}", f"schema: {{type: string}}, {value}")
        )
        with backend(answering(lambda _: JSONResponse({}))) as url:
            ask(contract, url, "examples", "coverage")

    assert not asked


def test_what_nests_too_deep_is_a_finding(contract, capfd):
    deep = b"[" * 100_000 + b"]" * 100_000

    with backend(answering(lambda _: Response(deep, media_type="application/json"))) as url:
        report = ask(contract, url, "coverage", "fuzzing")

    told = "\n".join(describe(report))
    assert "It nests too deep to be read" in told
    assert report.tallies["listThings"].answers[200] > 1
    assert {each.check for each in report.findings}.isdisjoint({"not tested"}), told
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("look", [ask, held])
@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_backend_that_serves_nothing_now_is_one_sentence(contract, look, status):
    with (
        backend(Starlette(routes=[Route("/{path:path}", lambda _: Response(status_code=status))])) as url,
        pytest.raises(MockServerError, match=f"serves nothing now: {status} is answered to /things"),
    ):
        look(contract, url)


@pytest.mark.parametrize("status", [429, 500])
def test_a_run_in_which_everything_failed_is_one_sentence(contract, status):
    written = CONTRACT.replace("/things:", "/things/{id}:").replace(
        "operationId: listThings",
        "operationId: listThings\n      parameters: "
        "[{name: id, in: path, required: true, schema: {type: string}}]",
    )
    contract.write_text(written)

    for look in (ask, held):
        with (
            backend(Starlette(routes=[Route("/{path:path}", lambda _: Response(status_code=status))])) as url,
            pytest.raises(MockServerError, match=f"serves nothing: {status} is answered to all"),
        ):
            look(contract, url)


def test_one_operation_that_always_fails_is_a_finding(contract):
    contract.write_text(CONTRACT.partition("  /things/first:")[0] + CONTRACT[CONTRACT.index("components:") :])

    with backend(Starlette(routes=[Route("/{path:path}", lambda _: Response(status_code=500))])) as url:
        report = ask(contract, url)

    assert "not_a_server_error" in {each.check for each in report.findings}


def test_a_comparison_of_nothing_but_refusals_is_none(contract):
    with (
        backend(answering(lambda _: Response(status_code=429))) as url,
        pytest.raises(MockServerError, match="as too many"),
    ):
        held(contract, url)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        pytest.param(
            "https://api.example.com/v2{path}", 'use "https://api.example.com/v2" as', id="elsewhere"
        ),
        pytest.param("{url}{path}", "redirects what it is asked to itself", id="itself"),
    ],
)
def test_a_backend_that_is_elsewhere_is_one_sentence(contract, target, told):
    def redirect(request: Request) -> Response:
        address = target.format(path=request.url.path, url=str(request.base_url).rstrip("/"))
        return RedirectResponse(f"{address}?key=secret")

    with (
        backend(Starlette(routes=[Route("/{path:path}", redirect)])) as url,
        pytest.raises(MockServerError, match=told) as refused,
    ):
        ask(contract, url)

    assert "secret" not in str(refused.value)


def test_a_slash_that_is_added_is_a_difference_and_no_other_backend(contract):
    def redirect(request: Request) -> Response:
        return RedirectResponse(f"{request.url.path}/")

    with backend(Starlette(routes=[Route("/{path:path}", redirect)])) as url:
        report = ask(contract, url)

    assert "status_code_conformance" in {each.check for each in report.findings}
