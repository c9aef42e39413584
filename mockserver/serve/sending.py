"""Answers on their way out: whole ones, streams and problems, as the messages of ASGI."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Protocol, runtime_checkable

from starlette.types import Receive, Scope, Send

from mockserver.control.addresses import MOUNTED, PREFIX
from mockserver.respond.exchange import Response
from mockserver.respond.problem_writer import ProblemWriter, Written
from mockserver.respond.problems import Problem
from mockserver.state.clock import Clock
from mockserver.state.journal_entry import Entry
from mockserver.state.world import DEFAULT, World

# Where the request's journal entry lies in the ASGI scope. The scope may be copied on the way, so what
# inner layers learn is written into this one object.
ENTRY = "mockserver.entry"

# Where the sandbox lies that the request named.
WORLD = "mockserver.world"

# Where the path lies of the control API that tells of this request, where it is not the mock's first.
CONTROL = "mockserver.control"


async def send_problem(
    writer: ProblemWriter, problem: Problem, scope: Scope, send: Send, *, now: Callable[[Clock], str]
) -> Written:
    """Answer with a problem, and tell where the journal has more of it; gives what was sent."""
    entry: Entry = scope[ENTRY]
    world: World = scope[WORLD]
    link = _journal_link(entry, world, scope)
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


def _journal_link(entry: Entry, world: World, scope: Scope) -> str:
    """Give where the journal's entry of a request is told, ``""`` where nobody is to know."""
    if not entry.id or world.settings.headers == "quiet":
        return ""
    sandbox = "" if world.name == DEFAULT else f"{MOUNTED}{world.name}"
    return f"{sandbox}{scope.get(CONTROL, PREFIX)}/journal/{entry.id}"


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
    lines = _lines(response.headers)
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
