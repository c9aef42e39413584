"""The layer in which requests fail on purpose: delays, errors, lost connections, slow and broken bodies."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
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
from mockserver.state.journal_entry import Entry
from mockserver.state.latency import pace
from mockserver.state.world import World

# Where in the scope lies what an operation is to answer in the place of its handler.
_FAILURE = "mockserver.failure"

# What ``Mock-Fault`` calls the faults that a request asks for itself.
_OWN = "prefer"

# How many pieces of a slow body go out in a second.
_PIECES = 10

# After how many seconds of waiting it is seen that a client went away.
_PATIENCE = 0.25


# Lets the head of a slow answer go out, which a server may hold back until the body begins.
_NOTHING_YET: Message = {"type": "http.response.body", "body": b"", "more_body": True}


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
    Else the request takes its way, unless its client went away during the delay. Where the connection is to
    be closed in the ``headers`` or the ``body``, or a body to be broken, what was answered is held back until
    it is whole: the answer is lost, and not what was done. One without a body is lost in the headers.

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
        self._answered = answering(app)
        self._failed = answering(self._fail_instead)
        self._caller_of = caller_of
        self._name_of = name_of

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        world: World = scope[WORLD]
        is_preferring = b"prefer" in scope[HEADERS] or b"__" in scope["query_string"]
        if not is_preferring and not world.faults:
            return self._app(scope, receive, send)
        entry: Entry = scope[ENTRY]
        operation = entry.operation
        if operation is None:  # it is a backend's, and in no contract
            return self._app(scope, receive, send)
        own = (
            read_fault_preferences(_prefer(scope["headers"]), scope["query_string"])
            if is_preferring
            else None
        )
        wanted = NOTHING if own is None else _wanted(own, operation)
        caller = _Once(partial(self._caller_of, scope))
        asked = Asked(operation, entry.method, entry.path, partial(self._names, caller))
        decision = world.faults.decide(asked, world.clock.now(), wanted)
        if decision is None:
            return self._app(scope, receive, send)
        entry.fault = decision.told
        if decision.status is not None:
            entry.caller = caller()
        told = _Told(decision.told, own.applied() if own is not None else None)
        return self._do(decision, told, scope, receive, send)

    def _names(self, caller: Callable[[], Claims]) -> Collection[str]:
        claims = caller()
        if not claims:
            return ()
        sub = claims.get("sub")
        return {self._name_of(claims), *(() if sub is None else (str(sub),))}

    async def _do(
        self, decision: Decision, told: "_Told", scope: Scope, receive: Receive, send: Send
    ) -> None:
        if decision.delay and not await _wait(decision.delay / 1000, scope):
            scope[ENTRY].notes.append("the client went away during the delay; nothing was done")
            return
        if decision.drop == "before":
            cut(scope, b"")
            return
        app = self._answered
        if decision.status is not None:
            after = decision.retry_after
            headers = {"Retry-After": str(after)} if after is not None else {}
            scope = {**scope, _FAILURE: Failure(decision.status, decision.reason, headers)}
            app = self._failed
        if decision.drop is None and decision.body is None:
            await app(scope, receive, _passing_on(decision, told, scope, send))
            return
        answer = _Answer()
        await app(scope, receive, answer.hold)
        if answer.status:
            if decision.body is not None and not answer.body:
                told = replace(told, fault=decision.told_without_body())
                scope[ENTRY].fault = told.fault
            answer.headers = told.put_into(answer.headers)
            if decision.body is not None and answer.body:
                is_valid = self._judge(scope[ENTRY].operation, answer)
                body = break_body(answer.body, answer.media_type, decision.body, decision.seed, is_valid)
                answer.replace_body(body)
            await answer.send(decision, scope, send)

    def _fail_instead(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return self._fail(scope[_FAILURE], scope, receive, send)

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


class _Once:
    """What somebody gives, asked for once: to verify a token is dear."""

    def __init__(self, give: Callable[[], Claims]) -> None:
        self._give = give
        self._given: Claims | None = None

    def __call__(self) -> Claims:
        if self._given is None:
            self._given = self._give()
        return self._given


@dataclass(frozen=True, slots=True)
class _Told:
    """What the headers of an answer tell of its faults, and of those that the request preferred."""

    fault: str
    applied: str | None

    def put_into(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        found = [*headers, (b"mock-fault", self.fault.encode("latin-1"))] if self.fault else [*headers]
        if self.applied is None:
            return found
        name = b"preference-applied"
        values = [value for key, value in found if key == name]  # the answer may have applied some itself
        values.append(self.applied.encode("latin-1"))
        return [*(each for each in found if each[0] != name), (name, b", ".join(values))]


def _passing_on(decision: Decision, told: _Told, scope: Scope, send: Send) -> Send:
    """Give what sends an answer on as it comes: what goes on for long cannot be held back."""

    async def pass_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": told.put_into(message["headers"])}
            if decision.bytes_per_second is not None:
                await send(message)
                message = _NOTHING_YET
        elif decision.bytes_per_second is not None and message.get("body"):
            rest = await _send_slowly(message["body"], decision.bytes_per_second, scope, send)
            message = {**message, "body": rest, "more_body": message.get("more_body", False)}
        await send(message)

    return pass_on


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

    def replace_body(self, body: bytes) -> None:
        self.body = body
        self.headers = [each for each in self.headers if each[0] != b"content-length"]
        self.headers.append((b"content-length", b"%d" % len(body)))

    async def send(self, decision: Decision, scope: Scope, send: Send) -> None:
        drop = decision.drop
        if drop is not None and (drop == "headers" or not self.body):
            cut(scope, self._half_of_the_head())
            return
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        body = self.body if drop is None else self.body[: len(self.body) // 2]
        if decision.bytes_per_second is not None:
            await send(_NOTHING_YET)
            body = await _send_slowly(body, decision.bytes_per_second, scope, send)
        await send({"type": "http.response.body", "body": body, "more_body": drop is not None})
        if drop is not None:
            cut(scope, b"")

    def _half_of_the_head(self) -> bytes:
        phrase = next((each.phrase for each in HTTPStatus if each == self.status), "")
        first = f"HTTP/1.1 {self.status} {phrase}\r\n".encode("latin-1")
        lines = b"".join(b"%s: %s\r\n" % header for header in self.headers)
        return first + lines[: len(lines) // 2]


def cut(scope: Scope, said: bytes) -> None:
    """
    Send some bytes as they are, and close the connection of a request.

    Raises:
        Dropped: there is none to close.
    """
    connection = _connection(scope)
    if connection is None:
        fault = scope[ENTRY].fault
        raise Dropped(f"The connection was closed{f' by a fault: {fault}' if fault else ''}")
    connection.cut(said)


async def _wait(seconds: float, scope: Scope) -> bool:
    """Wait; ``False``, and soon, when nobody is there any more who would read the answer."""
    connection = _connection(scope)
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0 and not (connection is not None and connection.is_gone):
        await asyncio.sleep(min(left, _PATIENCE))
    return connection is None or not connection.is_gone


async def _send_slowly(body: bytes, bytes_per_second: int, scope: Scope, send: Send) -> bytes:
    """Send a body piece by piece, each after the time that it takes; the last is given, not sent."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    rate = pace(len(body), bytes_per_second)
    size = max(1, rate // _PIECES)
    for start in range(0, len(body), size):
        end = min(start + size, len(body))
        is_there = await _wait(began + end / rate - loop.time(), scope)
        if not is_there or end == len(body):
            return body[start:]
        await send({"type": "http.response.body", "body": body[start:end], "more_body": True})
    return body


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
