import asyncio
import contextlib
import gc
import http.client
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from mockserver.serve.protocol import Protocol, on_lines
from mockserver.serve.sockets import listen

Headers = list[tuple[bytes, bytes]]


class Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()


@contextlib.contextmanager
def served(app: ASGIApp, connections: set[Protocol] | None = None) -> Iterator[tuple[str, int]]:
    """Serve an application, and give its address; its open connections are in ``connections``."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        on_lines(app), interface="asgi3", http=Protocol, lifespan="off", ws="none", log_level="critical"
    )
    server = Announced(config)
    if connections is not None:
        server.server_state.connections = connections
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        assert server.ready.wait(10)
        host, port = listener.getsockname()
        yield host, port
    finally:
        server.should_exit = True
        thread.join(10)


def answering(headers: Headers, *parts: bytes, status: int = 200) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for at, part in enumerate(parts, 1):
            await send({"type": "http.response.body", "body": part, "more_body": at < len(parts)})

    return app


def whole(body: bytes, *headers: tuple[bytes, bytes]) -> ASGIApp:
    return answering([(b"content-length", b"%d" % len(body)), *headers], body)


def said(address: tuple[str, int], request: bytes) -> bytes:
    """Send some bytes, and give all that comes back until the connection is closed."""
    with socket.create_connection(address, timeout=10) as line:
        line.sendall(request)
        parts = iter(lambda: line.recv(65536), b"")
        return b"".join(parts)


def asked(address: tuple[str, int], method: str = "GET") -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(*address, timeout=10)
    try:
        connection.request(method, "/")
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_an_answer_arrives_as_it_was_sent() -> None:
    with served(whole(b"hello", (b"x-one", b"1"), (b"x-one", b"2"))) as address:
        response, body = asked(address)
    assert (response.status, response.reason, body) == (200, "OK", b"hello")
    assert response.headers.get_all("x-one") == ["1", "2"]
    assert response.headers["date"]


def test_an_answer_in_pieces_arrives_whole() -> None:
    with served(answering([], b"one", b"two", b"")) as address:
        response, body = asked(address)
    assert response.headers["transfer-encoding"] == "chunked"
    assert body == b"onetwo"


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"5")]])
def test_the_head_of_a_stream_does_not_wait_for_its_end(headers: Headers) -> None:
    goes_on = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if headers:
            await send({"type": "http.response.body", "body": b"", "more_body": True})
        await asyncio.to_thread(goes_on.wait, 10)
        await send({"type": "http.response.body", "body": b"hello"})

    with served(app) as address, socket.create_connection(address, timeout=5) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 200 OK")
        goes_on.set()
        assert b"hello" in b"".join(iter(lambda: line.recv(65536), b""))


def test_pieces_may_have_a_length_told_before() -> None:
    with served(answering([(b"content-length", b"6")], b"one", b"two")) as address:
        assert asked(address)[1] == b"onetwo"


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_has_no_length(status: int) -> None:
    with served(answering([], b"", status=status)) as address:
        response, body = asked(address)
    assert (response.status, body, response.headers["transfer-encoding"]) == (status, b"", None)


@pytest.mark.parametrize("sent", [b"", b"hello"])
def test_head_is_answered_with_a_length_and_without_a_body(sent: bytes) -> None:
    with served(answering([(b"content-length", b"5")], sent)) as address:
        raw = said(address, b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"content-length: 5" in head
    assert body == b""


@pytest.mark.parametrize("value", [b"a\r\nx-second: b", b"a\nx-second: b", b"a\rb", b"a\x00b", b"a\x7fb"])
def test_a_header_cannot_carry_another(value: bytes) -> None:
    with served(whole(b"hello", (b"x-first", value))) as address:
        response, _ = asked(address)
    assert response.status == 500
    assert response.headers["x-second"] is None


def test_a_name_of_a_header_cannot_carry_another() -> None:
    with served(whole(b"hello", (b"x-first: a\r\nx-second", b"b"))) as address:
        assert asked(address)[0].status == 500


def test_more_than_the_length_that_is_told_is_not_sent() -> None:
    with served(answering([(b"content-length", b"3")], b"hello")) as address:
        assert b"hello" not in said(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


def test_less_than_the_length_that_is_told_ends_the_connection() -> None:
    app = answering([(b"content-length", b"7")], b"hello")
    with served(app) as address, pytest.raises(http.client.IncompleteRead):
        asked(address)


@pytest.mark.parametrize(
    "request_line", [b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"]
)
def test_who_wants_the_connection_closed_gets_the_answer_and_the_end(request_line: bytes) -> None:
    with served(whole(b"hello")) as address:
        raw = said(address, request_line)
    assert raw.startswith(b"HTTP/1.1 200 OK")  # ``said`` came back, so it was closed
    assert raw.endswith(b"hello")


def test_an_answer_may_close_the_connection() -> None:
    with served(whole(b"hello", (b"connection", b"close"))) as address:
        assert said(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").endswith(b"hello")


def test_requests_sent_at_once_are_answered_in_their_order() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await whole(scope["path"].encode())(scope, receive, send)

    with served(app) as address:
        requests = [b"GET /%d HTTP/1.1\r\nHost: x\r\n" % number for number in range(20)]
        raw = said(address, b"\r\n".join(requests) + b"Connection: close\r\n\r\n")
    bodies = [part.partition(b"\r\n\r\n")[2] for part in raw.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert bodies == [b"/%d" % number for number in range(20)]


def test_what_fails_between_head_and_body_is_a_500() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        raise RuntimeError("between")

    with served(app) as address:
        assert asked(address)[0].status == 500


def test_an_answer_without_a_body_message_is_a_500() -> None:
    with served(answering([(b"content-length", b"5")])) as address:
        assert asked(address)[0].status == 500


def test_an_answer_is_sent_once() -> None:
    told: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await whole(b"hello")(scope, receive, send)
        try:
            await send({"type": "http.response.body", "body": b"again"})
        except RuntimeError as error:
            told.append(str(error))

    with served(app) as address:
        assert asked(address)[1] == b"hello"
    assert len(told) == 1


def test_an_answer_goes_out_though_the_server_ends_at_that_moment() -> None:
    connections: set[Protocol] = set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await whole(b"hello")(scope, receive, send)
        for each in list(connections):
            each.shutdown()

    with served(app, connections) as address:
        raw = said(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert raw.endswith(b"hello")


def alive() -> int:
    return sum(isinstance(each, RequestResponseCycle) for each in gc.get_objects())


@pytest.mark.parametrize("parts", [(b"hello",), (b"one", b"two", b"")])
def test_a_request_leaves_nothing_to_the_garbage_collector(parts: tuple[bytes, ...]) -> None:
    app = whole(*parts) if len(parts) == 1 else answering([], *parts)
    with served(app) as address:
        gc.collect()
        before = alive()
        gc.disable()
        try:
            connection = http.client.HTTPConnection(*address, timeout=10)
            for _ in range(20):
                connection.request("GET", "/")
                connection.getresponse().read()
            assert alive() - before <= 1  # the connection's last one
            connection.close()
        finally:
            gc.enable()
