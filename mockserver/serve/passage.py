"""One request on its way to a backend: what was read of it and of its answer, and what was found."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from mockserver.contract.media.codings import decoded
from mockserver.contract.violation import Violation
from mockserver.serve.backend import Answer
from mockserver.serve.sending import ENTRY, WORLD
from mockserver.state.findings import Outcome
from mockserver.state.journal_entry import Entry
from mockserver.state.world import World

ANSWER = 16
"""So many times the limit for bodies an answer may have that is looked at, packed and unpacked."""


@dataclass
class Passage:
    """
    One request on its way: what was read of it and of its answer, and what was found.

    ``unknown`` are the parameters of its query that the contract lacks, ``unreadable`` tells of a body that
    is not packed as it says, ``failure`` says why there was no answer, and ``unseen`` why the body of that
    was not looked at.
    """

    scope: Scope
    receive: Receive
    send: Send
    raw: bytes = b""
    rest: AsyncIterator[bytes] | None = None
    decoded: Any = None
    body: Any = None
    value: Any = None
    is_whole: bool = False
    is_counted: bool = False
    outcome: Outcome = "failed"
    of_request: list[Violation] = field(default_factory=list)
    of_answer: list[Violation] = field(default_factory=list)
    unknown: list[Violation] = field(default_factory=list)
    unreadable: list[Violation] = field(default_factory=list)
    failure: str = ""
    unseen: str = ""

    @property
    def entry(self) -> Entry:
        entry: Entry = self.scope[ENTRY]
        return entry

    @property
    def world(self) -> World:
        world: World = self.scope[WORLD]
        return world

    async def read_body(self, limit: int) -> None:
        """Read the request's body up to a limit; what is beyond it is left to be read."""
        if not _has_body(self.scope):
            return
        pieces = self._pieces()
        read: list[bytes] = []
        size = 0
        async for piece in pieces:
            read.append(piece)
            size += len(piece)
            if size > limit:
                self.rest = pieces
                break
        self.raw = b"".join(read)
        announced = next((v for name, v in self.scope["headers"] if name == b"content-length"), b"")
        whole = int(announced) if announced.isdigit() else 0
        self.entry.take_request_body(self.raw[:limit], max(size, whole))

    def readable_body(self, limit: int) -> bytes | None:
        """Give the request's body as its sender meant it; ``None`` where that is not known, or wrong."""
        encoding = next((v for name, v in self.scope["headers"] if name == b"content-encoding"), b"")
        try:
            found = None if self.rest else decoded(self.raw, encoding.decode("latin-1"), ANSWER * limit)
        except ValueError as error:
            self.unreadable = [Violation(("body",), "encoding", None, None, str(error))]
            return None
        if found is None:
            self.entry.notes.append("the request's body was not looked at: it is too large, or packed")
        return found

    def content(self) -> bytes | AsyncIterator[bytes]:
        """Give the body to send on: as it was read, or piece by piece as it comes."""
        return self.raw if self.rest is None else _joined(self.raw, self.rest)

    def length(self) -> list[tuple[bytes, bytes]]:
        """Give the header of the body's length where it is sent on piece by piece, and is known."""
        if self.rest is None:
            return []
        return [each for each in self.scope["headers"] if each[0] == b"content-length"]

    async def hold(self, answer: Answer, limit: int) -> bytes:
        """Read an answer's body up to a limit; what is beyond it is left to be read."""
        read: list[bytes] = []
        size = 0
        async for chunk in answer.chunks:
            read.append(chunk)
            size += len(chunk)
            if size > limit:
                return b"".join(read)
        self.is_whole = True
        return b"".join(read)

    def again(self) -> Receive:
        """Give what lets the body that was read be read once more."""
        messages = itertools.chain([{"type": "http.request", "body": self.raw, "more_body": False}])

        async def receive() -> Message:
            return next(messages, None) or await self.receive()

        return receive

    async def _pieces(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            more = message.get("more_body", False)
            yield message.get("body", b"")


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _has_body(scope: Scope) -> bool:
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
