"""The layers that every request passes, outermost first: one small class each."""

import asyncio
import functools
import re
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.control.addresses import MOUNTED, PREFIX, is_reserved
from mockserver.errors import MockServerError
from mockserver.respond.exchange import Response
from mockserver.respond.problem_writer import ProblemWriter, Written
from mockserver.respond.problems import Problem
from mockserver.state.clock import Clock
from mockserver.state.journal import Entry, RequestIds
from mockserver.state.sandboxes import Sandboxes, SandboxRefused, TooManySandboxes
from mockserver.state.world import DEFAULT, World

# Where the request's journal entry lies in the ASGI scope. The scope may be copied on the way, so what
# inner layers learn is written into this one object.
ENTRY = "mockserver.entry"

# Where the headers lie by their names, to see which there are.
HEADERS = "mockserver.headers"

# Where the sandbox lies that the request named.
WORLD = "mockserver.world"

# Where, among the extensions of the scope, a server has what closes a request's connection.
CONNECTION = "mockserver.connection"

# What the names of control requests are made from: no seed that anybody gives, so that they are others.
_CONTROL = -1

# Most layers hand on an awaitable instead of awaiting it: a coroutine for each layer and each message would
# be a good part of what a request costs.

# The request line and the headers together.
_HEADERS_LIMIT = 64 * 1024

_SENSIBLE_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}", re.ASCII)


class Arrivals:
    """
    Find the sandbox that a request names, and name the request, or keep the sensible name that it brings.

    The sandbox is named by the path (``/_mock/in/<name>/…``, taken off for all that follows), else by the
    header ``Mock-Sandbox``, else by a cookie of that name. Every answer has the request's name as
    ``X-Request-ID``; what was journaled says how it was made, unless the sandbox is to be quiet. The entry of
    the request notes what was sent.
    """

    def __init__(self, app: ASGIApp, sandboxes: Sandboxes) -> None:
        self._app = app
        self._sandboxes = sandboxes
        self._default = sandboxes.default
        self._control_ids = RequestIds(_CONTROL)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        # Looked through once for all: which headers there are, of several of one name the last.
        headers = scope[HEADERS] = dict(scope["headers"])
        request_id, named = _sensible_id(headers), _sandbox(headers)
        target = _target(scope)
        mount = ""
        if scope["path"].startswith(MOUNTED):
            scope, mount, named = _unmounted(scope)
        world, refusal = self._default, None
        if named is not None:
            try:
                world = self._sandboxes.pick(named)
            except (SandboxRefused, TooManySandboxes) as error:
                refusal = Problem(400 if isinstance(error, SandboxRefused) else 507, str(error))
        if request_id is None:
            # Who only looks at the mock does not change what requests are called.
            ids = self._control_ids if is_reserved(scope["path"]) else world.request_ids
            request_id = ids.next()
        entry = scope[ENTRY] = Entry(request_id, scope["method"], target, scope["headers"])
        entry.mount, entry.refusal = mount, refusal
        scope[WORLD] = world

        def send_noted(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                header = (b"x-request-id", entry.request_id.encode("ascii"))
                headers = [*message["headers"], header, *explanation(entry, world)]
                message["headers"] = entry.response_headers = (
                    _kept_within(mount, headers) if mount else headers
                )
            elif message["type"] == "http.response.body":
                entry.take_response_body(message.get("body", b""), limit)
            return send(message)

        limit = world.journal.limits.body
        return self._app(scope, receive, send_noted)


def _kept_within(mount: str, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Let ``Location`` lead to where the request came from: in the contract it has no sandbox."""
    prefix = mount.encode()
    return [
        (name, prefix + value if name == b"location" and value.startswith(b"/") else value)
        for name, value in headers
    ]


def explanation(entry: Entry, world: World) -> Iterable[tuple[bytes, bytes]]:
    """Give the headers that tell how an answer was made, and where more is told."""
    if not entry.id or world.settings.headers == "quiet":
        return ()
    return (_source_header(entry.source), (b"mock-journal", b"%d" % entry.id))


@functools.lru_cache(maxsize=64)
def _source_header(source: str) -> tuple[bytes, bytes]:
    """Give ``Mock-Source``: the first word of what is known, ``contract`` where a layer answered."""
    return b"mock-source", (source.partition(",")[0] or "contract").encode("ascii")


class CrossOrigin(CORSMiddleware):
    """Starlette's CORS, which a request that names no origin passes by."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        # The override is what it was, a function whose result is awaited, without a coroutine of its own.
        if scope["type"] == "http" and b"origin" in scope[HEADERS]:
            return super().__call__(scope, receive, send)
        return self.app(scope, receive, send)


class Journals:
    """Open the journal's entry, and close it when the request is done."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        entry: Entry = scope[ENTRY]
        world: World = scope[WORLD]
        journal = world.journal
        journal.open(entry)
        if world.course is not None:
            world.arrived(entry)
        try:
            return await self._app(scope, receive, send)
        finally:
            if world.course is not None:
                world.answered(entry)
            journal.close(entry, is_written=world.settings.log)


class Dropped(ConnectionError):
    """The connection is closed as a fault wants it, where there is none to close: without a server."""


class Errors:
    """
    Turn any exception into one problem, in one place.

    ``translate`` gives the problem that an exception of the framework stands for; what it gives none for is
    our own bug: it is answered with 500, and its traceback goes to ``report``. A ``MockServerError`` is 500,
    too, and its text is reported once.
    """

    def __init__(
        self,
        app: ASGIApp,
        writer: ProblemWriter,
        translate: Callable[[Exception], Problem | None],
        report: Callable[[str], Any],
        now: Callable[[Clock], str] = Clock.tick,
    ) -> None:
        self._app = app
        self._now = now
        self._writer = writer
        self._translate = translate
        self._report = report
        self._told = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            _limit_headers(scope)
            if (refusal := scope[ENTRY].refusal) is not None:
                raise refusal
            await self._app(scope, receive, send)
        except Dropped:
            raise
        except ClientDisconnect:
            scope[ENTRY].notes.append("the client went away before its body was whole; nothing was done")
        except Exception as error:
            if scope[ENTRY].status:  # the answer is on its way, and cannot be taken back
                raise
            await self._answer(error, scope, send)

    def _tell(self, text: str) -> None:
        """Tell what whoever runs the server can mend; not again and again."""
        if text != self._told:
            self._told = text
            self._report(f"mockserver: {text}\n")

    async def _answer(self, error: Exception, scope: Scope, send: Send) -> None:
        entry: Entry = scope[ENTRY]
        problem = error if isinstance(error, Problem) else self._translate(error)
        if isinstance(error, MockServerError):
            self._tell(str(error))
            entry.notes.append(str(error))
            problem = Problem(500, "The mock cannot go on as it is; its log tells more.")
        elif problem is None:
            self._report("".join(traceback.format_exception(error)))
            entry.notes.append(f"a bug: {type(error).__name__}: {error}")
            problem = Problem(500, f"The mock failed: {type(error).__name__}. Its log tells more.")
        else:
            entry.notes.append(problem.detail)
            if problem.violations:
                entry.violations = problem.violations
        written = await send_problem(self._writer, problem, scope, send, now=self._now)
        if entry.operation is not None and not written.declared:
            entry.notes.append(f"{problem.status} is not declared for {entry.operation.operation_id}")


async def send_problem(
    writer: ProblemWriter, problem: Problem, scope: Scope, send: Send, *, now: Callable[[Clock], str]
) -> Written:
    """Answer with a problem, and tell where the journal has more of it; gives what was sent."""
    entry: Entry = scope[ENTRY]
    world: World = scope[WORLD]
    link = journal_link(entry, world)
    written = writer.write(
        problem,
        entry.operation,
        request_id=entry.request_id,
        path=scope["path"],
        now=now(world.clock),
        instance=link,
    )
    headers = {**problem.headers, "Link": f'<{link}>; rel="describedby"'} if link else problem.headers
    content = written.content()
    await send_body(send, problem.status, content, written.media_type, headers, scope["method"])
    return written


def journal_link(entry: Entry, world: World) -> str:
    """Give where the journal's entry of a request is told, ``""`` where nobody is to know."""
    if not entry.id or world.settings.headers == "quiet":
        return ""
    sandbox = "" if world.name == DEFAULT else f"{MOUNTED}{world.name}"
    return f"{sandbox}{PREFIX}/journal/{entry.id}"


async def send_body(
    send: Send,
    status: int,
    body: bytes,
    media_type: str,
    headers: Mapping[str, str],
    method: str,
) -> None:
    """Send a whole answer; of an answer to HEAD, everything but the body. 204 and 304 never have one."""
    if status in (204, 304):
        body = b""
    lines = _lines(headers)
    if body:
        lines.append((b"content-type", media_type.encode("latin-1")))
    if status >= 200 and status not in (204, 304):
        lines.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


def _lines(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def send_stream(
    chunks: AsyncIterator[bytes],
    response: Response,
    media_type: str,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Send an answer that goes on for as long as the client listens, piece by piece."""
    lines = [
        (name.lower().encode("latin-1"), each.encode("latin-1")) for name, each in response.headers.items()
    ]
    lines.append((b"content-type", media_type.encode("latin-1")))
    await send({"type": "http.response.start", "status": response.status, "headers": lines})
    await send_chunks(chunks, scope, receive, send)


@runtime_checkable
class Closable(Protocol):
    """What has to be closed when nobody goes on reading it, as asynchronous generators have."""

    async def aclose(self) -> None: ...


async def send_chunks(chunks: AsyncIterator[bytes], scope: Scope, receive: Receive, send: Send) -> None:
    """Send a body piece by piece, until it or the client's patience ends; the answer has begun."""
    gone = asyncio.ensure_future(_until_gone(receive))
    chunk: asyncio.Future[bytes | None] | None = None
    try:
        while scope["method"] != "HEAD":
            chunk = asyncio.ensure_future(anext(chunks, None))
            await asyncio.wait((chunk, gone), return_when=asyncio.FIRST_COMPLETED)
            if not chunk.done():
                break
            piece = chunk.result()
            if piece is None:
                break
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        gone.cancel()
        if chunk is not None and not chunk.done():
            chunk.cancel()
            await asyncio.wait((chunk,))  # what is asked for its next piece cannot be closed
        if isinstance(chunks, Closable):
            await chunks.aclose()
    await send({"type": "http.response.body", "body": b""})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_empty(send: Send, status: int, headers: Mapping[str, str]) -> None:
    """Send an answer without a body."""
    await send_body(send, status, b"", "", headers, "")


def _limit_headers(scope: Scope) -> None:
    size = len(scope["path"]) + len(scope["query_string"])
    for name, value in scope["headers"]:
        size += len(name) + len(value)
    if size > _HEADERS_LIMIT:
        raise Problem(431, f"The request line and the headers are larger than {_HEADERS_LIMIT} bytes.")


def _sensible_id(headers: Mapping[bytes, bytes]) -> str | None:
    sent = headers.get(b"x-request-id")
    return sensible_id(sent) if sent is not None else None


def sensible_id(value: bytes) -> str | None:
    """Give a request's name that somebody else made, ``None`` where it could not be ours."""
    text = value.decode("latin-1")
    return text if _SENSIBLE_ID.fullmatch(text) else None


def _sandbox(headers: Mapping[bytes, bytes]) -> str | None:
    """Give the sandbox that the headers name, if they do."""
    named = headers.get(b"mock-sandbox")
    if named is not None and (name := named.decode("latin-1").strip()):
        return name
    cookies = headers.get(b"cookie")
    return _cookie(cookies.decode("latin-1")) or None if cookies is not None else None


def _cookie(line: str) -> str:
    parts = (part.strip().partition("=") for part in line.split(";"))
    return next((value.strip('"') for name, _, value in parts if name == "Mock-Sandbox"), "")


def _unmounted(scope: Scope) -> tuple[Scope, str, str]:
    """Take the sandbox off a path; gives the scope of what is left, what was taken off, and the name."""
    name, slash, rest = scope["path"].removeprefix(MOUNTED).partition("/")
    mount = f"{MOUNTED}{name}"
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    # A name has no signs that are written as %XX; one that has them all the same is refused by its name.
    raw_rest = raw.removeprefix(MOUNTED.encode()).partition(b"/")[2]
    return {**scope, "path": f"{slash or '/'}{rest}", "raw_path": b"/" + raw_rest}, mount, name or " "


def _target(scope: Scope) -> str:
    raw_path, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
    target: bytes = raw_path + b"?" + query if query else raw_path
    return target.decode("latin-1")
