"""The layers that every request passes, outermost first: one small class each."""

import functools
import re
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from time import monotonic
from typing import Any
from urllib.parse import quote

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.control.addresses import MOUNTED, PREFIX, is_reserved
from mockserver.errors import MockServerError
from mockserver.respond.problem_writer import ProblemWriter
from mockserver.respond.problems import Problem
from mockserver.serve.sending import ENTRY, WORLD, send_problem
from mockserver.state.clock import Clock
from mockserver.state.journal import RequestIds
from mockserver.state.journal_entry import Entry
from mockserver.state.sandboxes import Sandboxes, SandboxRefused, TooManySandboxes
from mockserver.state.world import World

# Where the headers lie by their names, to see which there are.
HEADERS = "mockserver.headers"

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
        world = self._default
        refusal: Exception | None = None
        is_control = False
        if scope["path"].startswith(PREFIX):
            if scope["path"].startswith(MOUNTED):
                scope, mount, named, refusal = _unmounted(scope)
            is_control = is_reserved(scope["path"])
        if named is not None and not is_control:
            try:
                world = self._sandboxes.pick(named)
            except SandboxRefused as error:
                refusal = Problem(400, str(error))
            except TooManySandboxes as error:
                refusal = Problem(507, str(error))
            except MockServerError as error:
                refusal = error
        if request_id is None:
            # Who only looks at the mock does not change what requests are called.
            request_id = (self._control_ids if is_control else world.request_ids).next()
        entry = scope[ENTRY] = Entry(request_id, scope["method"], target, scope["headers"])
        entry.mount, entry.refusal = mount, refusal
        if is_control and named is not None:
            entry.sandbox = named  # it is made by a call that speaks of it, and by no other
        scope[WORLD] = world

        def send_noted(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
                header = (b"x-request-id", entry.request_id.encode("ascii"))
                headers = [*message["headers"], header, *explanation(entry, world)]
                headers = _kept_within(mount, headers) if mount else headers
                message["headers"] = entry.response_headers = headers
            elif entry.id and message["type"] == "http.response.body":
                entry.take_response_body(message.get("body", b""), limit)
            return send(message)

        limit = world.journal.limits.body
        return self._app(scope, receive, send_noted)


def _kept_within(mount: str, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Let ``Location`` and ``Link`` lead to where the request came from: a contract knows no sandbox."""
    prefix = mount.encode()

    def kept(name: bytes, value: bytes) -> bytes:
        if name == b"location" and value.startswith(b"/"):
            return prefix + value
        return _LINKED.sub(b"<" + prefix + b"/", value) if name == b"link" else value

    return [(name, kept(name, value)) for name, value in headers]


# Where a link leads to a path of the contract, and not to the mock's own.
_LINKED = re.compile(rf"</(?!{PREFIX[1:]}/)".encode())


def explanation(entry: Entry, world: World) -> Iterable[tuple[bytes, bytes]]:
    """Give the headers that tell how an answer was made, and where more is told."""
    if not entry.id or world.settings.headers == "quiet":
        return ()
    return (_source_header(entry.source), (b"mock-journal", b"%d" % entry.id))


@functools.lru_cache(maxsize=64)
def _source_header(source: str) -> tuple[bytes, bytes]:
    """Give ``Mock-Source``: the first word of what is known, ``contract`` where a layer answered."""
    word = source.replace(",", " ").partition(" ")[0]  # what an example is called may be anything
    return b"mock-source", (word or "contract").encode("ascii")


class CrossOrigin(CORSMiddleware):
    """Starlette's CORS, which a request that names no origin passes by."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        # The override is what it was, a function whose result is awaited, without a coroutine of its own.
        if scope["type"] == "http" and b"origin" in scope[HEADERS]:
            return super().__call__(scope, receive, send)
        return self.app(scope, receive, send)


class Journals:
    """Open the journal's entry, and close it when the request is done."""

    def __init__(self, app: ASGIApp, now: Callable[[], float] = monotonic) -> None:
        self._app = app
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        entry: Entry = scope[ENTRY]
        world: World = scope[WORLD]
        world.open += 1
        world.journal.open(entry)
        try:
            if world.course is not None:
                _arrive(world, entry)
            return await self._app(scope, receive, send)
        finally:
            try:
                if world.course is not None:
                    world.answered(entry)
            finally:
                world.open -= 1
                world.used_at = self._now()
                world.journal.close(entry, is_written=world.settings.log)


def _arrive(world: World, entry: Entry) -> None:
    """Let the scenario go on; what fails of it is answered by the layer of errors."""
    try:
        world.arrived(entry)
    except Exception as error:
        entry.refusal = entry.refusal or error


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


def _unmounted(scope: Scope) -> tuple[Scope, str, str | None, Problem | None]:
    """
    Take the sandbox off a path; gives the scope of what is left, what was taken off, and the name.

    A name has no signs that are written as %XX. Where the path as it was sent has some up to the end of the
    name, nothing is taken off and there is a problem: what follows the name would be anybody's guess.
    """
    name, slash, rest = scope["path"].removeprefix(MOUNTED).partition("/")
    mount = f"{MOUNTED}{name}"
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    taken, raw_slash, raw_rest = raw[: len(mount)], raw[len(mount) : len(mount) + 1], raw[len(mount) + 1 :]
    if not mount.isascii() or taken != mount.encode() or raw_slash not in (b"", b"/"):
        text = f"A path names a sandbox as {MOUNTED}NAME/, with no sign of it written as %XX"
        return scope, "", None, Problem(400, f"{text}; a name is made of the signs A-Z a-z 0-9 . _ -")
    return {**scope, "path": f"{slash or '/'}{rest}", "raw_path": b"/" + raw_rest}, mount, name or " ", None


def _target(scope: Scope) -> str:
    raw_path, query = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
    target: bytes = raw_path + b"?" + query if query else raw_path
    return target.decode("latin-1")
