"""How uvicorn speaks HTTP for the mock: one line a request, on which its answer goes out."""

import asyncio
import weakref
from collections.abc import Awaitable, Generator
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mockserver.serve.layers import CONNECTION

# For how many seconds a server that ends waits for more of a body.
_IDLE = 0.3

# What ends a line of a head, or has no place in one.
_CONTROLS = bytes([*range(9), *range(10, 32), 127])

# Headers with which an answer is more than its head and its body one after the other.
_STEERING = frozenset((b"connection", b"transfer-encoding"))


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which gives every request its line, and ends without waiting for lost bodies."""

    _received = 0

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.cycle is not None:
            extensions: dict[str, Any] = {CONNECTION: _Line(self.cycle)}
            self.cycle.scope["extensions"] = extensions

    def on_body(self, body: bytes) -> None:
        self._received += len(body)
        super().on_body(body)

    def shutdown(self) -> None:
        self.loop.call_soon(super().shutdown)  # what waits to be written goes out before the end
        self._end_unless_more_than(self._received)

    def _end_unless_more_than(self, received: int) -> None:
        """Let go of a request whose body is not whole, and no more of it comes."""

        def end() -> None:
            if self._received == received:
                self.transport.close()
            else:
                self._end_unless_more_than(self._received)

        if self.cycle is not None and self.cycle.more_body and not self.cycle.response_complete:
            self.loop.call_later(_IDLE, end)


def on_lines(app: ASGIApp) -> ASGIApp:
    """Let an application answer on the lines that ``Protocol`` gives its requests."""

    def answer(scope: Scope, receive: Receive, _: Send) -> Awaitable[None]:
        line: _Line = scope["extensions"][CONNECTION]
        return app(scope, receive, line.send)

    return answer


class _Line:
    """
    The line of one request: what its answer is sent on, and what a fault may close (``serve.faults``).

    An answer that is whole goes out at once, head and body; uvicorn writes each on its own, which costs the
    system's call twice. It goes out when all requests that came together are done, so that the system wakes
    the other side once for all of them. Any other is left to uvicorn; the head of one whose length is told
    waits for the first part of its body.

    uvicorn's part of a request leads to its scope, and that to this: without the weak reference no request
    would go away until the garbage collector finds it, which costs more than a layer.
    """

    __slots__ = ("_cycle", "_start")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = weakref.ref(cycle)
        self._start: Message | None = None

    def send(self, message: Message) -> Awaitable[None]:
        cycle = self._cycle()
        if cycle is None:
            return _DONE
        start = self._start
        if start is None:
            is_start = message["type"] == "http.response.start" and not cycle.response_started
            if not is_start or not _has_length(message):
                return cycle.send(message)  # type: ignore[arg-type]  # it has a type for each message
            self._start = message
            return _DONE
        self._start = None
        head = _head(cycle, start, message)
        if head is None:
            return _one_by_one(cycle, start, message)
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        asyncio.get_running_loop().call_soon(cycle.transport.write, head + message.get("body", b""))
        cycle.message_event.set()
        cycle.on_response()
        return _DONE

    @property
    def is_gone(self) -> bool:
        cycle = self._cycle()
        return cycle is None or cycle.disconnected or cycle.transport.is_closing()

    def cut(self, said: bytes) -> None:
        cycle = self._cycle()
        if cycle is not None and not self.is_gone:
            if said:
                cycle.transport.write(said)
            cycle.disconnected = True  # else uvicorn would miss the rest of the answer
            cycle.transport.close()


def _has_length(start: Message) -> bool:
    return b"content-length" in dict(start["headers"])


def _head(cycle: RequestResponseCycle, start: Message, message: Message) -> bytes | None:
    """Give the head of an answer that can be sent as a whole, ``None`` where uvicorn is to send it."""
    headers = [*cycle.default_headers, *start["headers"]]
    length = (b"content-length", b"%d" % len(message.get("body", b"")))
    if message.get("more_body") or length not in headers or not cycle.keep_alive:
        return None
    if cycle.disconnected or cycle.flow.write_paused or cycle.scope["method"] == "HEAD":
        return None
    for name, _ in headers:
        if name in _STEERING:
            return None
    head = b"".join([b"%s: %s\r\n" % header for header in headers])
    if len(head.translate(None, _CONTROLS)) != len(head) - 2 * len(headers):
        raise ValueError("A header of the answer has a line break or another control sign in it.")
    return STATUS_LINE[start["status"]] + head + b"\r\n"


async def _one_by_one(cycle: RequestResponseCycle, *messages: Message) -> None:
    for message in messages:
        await cycle.send(message)  # type: ignore[arg-type]  # it has a type for each message


class _Done:
    """What is awaited where nothing is left to do, made once."""

    def __await__(self) -> Generator[Any, Any, None]:
        yield from ()


_DONE = _Done()
