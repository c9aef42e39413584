"""The layer in which requests fail on purpose: delays, errors, lost connections, slow and broken bodies."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.contract.media.media_types import match
from mockserver.contract.operation import Contract, Operation
from mockserver.respond.breakage import break_body
from mockserver.respond.exchange import Claims
from mockserver.respond.preferences import FaultPreferences, read_fault_preferences
from mockserver.respond.problems import Problem
from mockserver.serve.layers import CONNECTION, HEADERS, Dropped
from mockserver.serve.operation import Failure
from mockserver.serve.sending import ENTRY, WORLD
from mockserver.state.fault_rules import declares
from mockserver.state.faults import NOTHING, Asked, Decision
from mockserver.state.journal import Entry
from mockserver.state.world import World

# What ``Mock-Fault`` calls the faults that a request asks for itself.
_OWN = "prefer"

# How many pieces of a slow body go out in a second.
_PIECES = 10

# After how many seconds of waiting it is seen that a client went away.
_PATIENCE = 0.25


class Connection(Protocol):
    """What a server puts into ``scope["extensions"]``, so that the connection of a request can be closed."""

    @property
    def is_gone(self) -> bool:
        """Whether nobody is there any more who would read the answer."""

    def cut(self, said: bytes) -> None:
        """Send some bytes as they are, and close."""


# Answers an operation in the place of its handler.
Fail = Callable[[Failure, Scope, Receive, Send], Awaitable[None]]


class FaultLayer:
    """
    Do to a request what the rules of its sandbox and its own ``Prefer`` want.

    A delay comes first. Then a connection that is to be closed ``before`` the answer is, and nothing has
    happened; a status is answered by ``fail``, whoever calls, as a gateway would before the service is asked.
    Else the request takes its way, and what was answered is held back until it is whole: a connection that is
    closed in the ``headers`` or the ``body`` loses the answer to what was done. One without a body is lost in
    the headers.

    ``answering`` puts around an application what makes answers of its errors, so that faults reach them too.
    ``caller_of`` gives the claims of whoever calls, without refusing anybody, ``name_of`` a persona's name.
    """

    def __init__(
        self,
        app: ASGIApp,
        contract: Contract,
        fail: Fail,
        answering: Callable[[ASGIApp], ASGIApp],
        caller_of: Callable[[Scope], Claims],
        name_of: Callable[[Claims], str],
    ) -> None:
        self._app = app
        self._contract = contract
        self._fail = fail
        self._answering = answering
        self._caller_of = caller_of
        self._name_of = name_of

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        world: World = scope[WORLD]
        prefer = _prefer(scope["headers"]) if b"prefer" in scope[HEADERS] else None
        query = scope["query_string"]
        own = read_fault_preferences(prefer, query) if prefer is not None or b"__" in query else None
        if own is None and not world.faults:
            return self._app(scope, receive, send)
        entry: Entry = scope[ENTRY]
        operation = entry.operation
        assert operation is not None  # routing found it
        wanted = NOTHING if own is None else _wanted(own, operation)
        asked = Asked(operation, entry.method, entry.path, partial(self._names, scope))
        decision = world.faults.decide(asked, world.clock.now(), wanted)
        if decision is None:
            return self._app(scope, receive, send)
        return self._do(decision, own, scope, receive, send)

    def _names(self, scope: Scope) -> Collection[str]:
        claims = self._caller_of(scope)
        return {self._name_of(claims), str(claims.get("sub"))} if claims else ()

    async def _do(
        self, decision: Decision, own: FaultPreferences | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        entry: Entry = scope[ENTRY]
        entry.fault = decision.told
        if decision.delay:
            await _wait(decision.delay / 1000, scope)
        if decision.drop == "before":
            _cut(scope, b"")
            return
        app = self._app
        if decision.status is not None:
            entry.caller = self._caller_of(scope)
            after = decision.retry_after
            headers = {"Retry-After": str(after)} if after is not None else {}
            app = partial(self._fail, Failure(decision.status, decision.reason, headers))
        answer = _Answer()
        await self._answering(app)(scope, receive, answer.hold)
        if answer.status:
            answer.put("mock-fault", decision.told)
            if own is not None:
                answer.add("preference-applied", own.applied())
            if decision.body is not None and answer.body:
                is_valid = self._judge(entry.operation, answer)
                body = break_body(answer.body, answer.media_type, decision.body, decision.seed, is_valid)
                answer.replace_body(body)
            await answer.send(decision, scope, send)

    def _judge(self, operation: Operation | None, answer: "_Answer") -> Callable[[Any], bool] | None:
        """Give what tells whether a value is one that the contract allows as the answer."""
        declared = operation.response(answer.status) if operation is not None else None
        found = match(declared.content, answer.media_type) if declared is not None else None
        if found is None or found.pointer is None:
            return None
        is_valid: Callable[[Any], bool] = self._contract.schemas.at(found.pointer, "response").is_valid
        return is_valid


def _wanted(own: FaultPreferences, operation: Operation) -> Decision:
    """
    Give what a request wants itself as the beginning of what is decided.

    Raises:
        Problem: 400 for a status that is no error and not declared.
    """
    status = own.status
    if status is not None and not declares(operation, status):
        known = ", ".join(operation.responses) or "none"
        text = f"Prefer: status={status} is not declared for {operation.operation_id}"
        raise Problem(400, f"{text}; declared are {known}, and an error may be undeclared.")
    told = "; ".join([_OWN, *own.applied().split(", ")])
    reason = f"The request prefers {status}."
    return Decision(own.delay or 0, status, reason, drop=own.drop, told=told)


class _Answer:
    """An answer that is held back until it is whole."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""

    async def hold(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers, self.body = message["status"], list(message["headers"]), b""
        else:
            self.body += message.get("body", b"")

    @property
    def media_type(self) -> str:
        found = next((value for name, value in self.headers if name == b"content-type"), b"")
        return found.decode("latin-1")

    def put(self, name: str, value: str) -> None:
        self.headers.append((name.encode("ascii"), value.encode("latin-1")))

    def add(self, name: str, value: str) -> None:
        """Add a value to a header that may be there already."""
        there = [each.decode("latin-1") for key, each in self.headers if key == name.encode("ascii")]
        self.headers = [each for each in self.headers if each[0] != name.encode("ascii")]
        self.put(name, ", ".join([*there, value]))

    def replace_body(self, body: bytes) -> None:
        self.body = body
        self.headers = [each for each in self.headers if each[0] != b"content-length"]
        self.put("content-length", str(len(body)))

    async def send(self, decision: Decision, scope: Scope, send: Send) -> None:
        drop = decision.drop
        if drop is not None and (drop == "headers" or not self.body):
            _cut(scope, self._half_of_the_head())
            return
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        body = self.body if drop is None else self.body[: len(self.body) // 2]
        if decision.bytes_per_second is not None:
            body = await _send_slowly(body, decision.bytes_per_second, scope, send)
        await send({"type": "http.response.body", "body": body, "more_body": drop is not None})
        if drop is not None:
            _cut(scope, b"")

    def _half_of_the_head(self) -> bytes:
        phrase = next((each.phrase for each in HTTPStatus if each == self.status), "")
        first = f"HTTP/1.1 {self.status} {phrase}\r\n".encode("latin-1")
        lines = b"".join(b"%s: %s\r\n" % header for header in self.headers)
        return first + lines[: len(lines) // 2]


async def _wait(seconds: float, scope: Scope) -> None:
    """Wait, but not for long when nobody is there any more who would read the answer."""
    connection = _connection(scope)
    while seconds > 0 and not (connection is not None and connection.is_gone):
        await asyncio.sleep(min(seconds, _PATIENCE))
        seconds -= _PATIENCE


async def _send_slowly(body: bytes, bytes_per_second: int, scope: Scope, send: Send) -> bytes:
    """Send a body piece by piece, each after the time that it takes; the last is given, not sent."""
    connection = _connection(scope)
    size = max(1, bytes_per_second // _PIECES)
    while body and not (connection is not None and connection.is_gone):
        piece, body = body[:size], body[size:]
        await _wait(len(piece) / bytes_per_second, scope)
        if not body:
            return piece
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    return body


def _cut(scope: Scope, said: bytes) -> None:
    connection = _connection(scope)
    if connection is None:
        raise Dropped(f"The connection was closed by a fault: {scope[ENTRY].fault}")
    connection.cut(said)


def _connection(scope: Scope) -> Connection | None:
    extensions: Mapping[str, Any] = scope.get("extensions") or {}
    return extensions.get(CONNECTION)


def _prefer(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    found = None
    for name, value in headers:
        if name == b"prefer":
            text = value.decode("latin-1")
            found = text if found is None else f"{found}, {text}"
    return found
