"""What was asked, what was answered, and why: one entry a request, one readable line an entry."""

import hashlib
import marshal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter, itemgetter
from time import perf_counter
from time import time as machine_time
from typing import Any

from mockserver.contract.operation import Operation
from mockserver.contract.violation import Violation
from mockserver.errors import MockServerError
from mockserver.state.subscription import Subscription

Headers = Sequence[tuple[bytes, bytes]]

# A number, the operation, and all else as it is written for keeping.
_Kept = tuple[int, Operation | None, bytes]

# What an entry takes up beside what is written of it; roughly.
_KEPT_SIZE = 150

# How much of a violation's message is kept; it may say a value of the client's again.
_MESSAGE = 1000

# How many violations are kept of one request, and how many notes.
_MANY = 1000

# How many may follow one journal, and for how many entries each of them has room at the least.
_READERS = 100
_ROOM = 1000


class TooManyReaders(MockServerError):
    """As many follow a journal as may."""


@dataclass(slots=True)
class Entry:
    """
    One request on its way through the layers, which fill in what they learn.

    ``source`` says how the answer was made (``handler``, ``example``; empty where a layer answered),
    ``path_values`` are the path parameters as they came, ``notes`` what a reader of the log should know,
    ``fault`` what was done to the answer on purpose. ``time`` is the mock's time and ``began`` the machine's,
    both in seconds since 1970; ``duration`` is in seconds. ``id`` counts from 1 within the sandbox. ``mount``
    is what was taken off the path for the sandbox's sake, and ``refusal`` why the request goes no further
    than to the layers.

    Headers and bodies are those of the server, neither copied nor decoded. A ``request_body`` of ``None`` was
    never read. The sizes are of whole bodies; a body that is shorter than its size was cut by the journal.
    An entry holds neither the scope nor the world of its request, so that keeping it keeps nothing else.
    """

    request_id: str
    method: str
    target: str
    request_headers: Headers = ()
    id: int = 0
    sandbox: str = ""
    time: float = 0.0
    began: float = field(default_factory=machine_time)
    started: float = field(default_factory=perf_counter)
    duration: float = 0.0
    operation: Operation | None = None
    path_values: Mapping[str, str] = field(default_factory=dict)
    caller: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    status: int = 0
    fault: str = ""
    notes: list[str] = field(default_factory=list)
    violations: tuple[Violation, ...] = ()
    request_body: bytes | None = None
    request_size: int = 0
    response_headers: Headers = ()
    response_body: bytes = b""
    response_size: int = 0
    mount: str = ""
    refusal: Exception | None = None

    @property
    def operation_id(self) -> str:
        """The operation that was asked for; empty too where its path was, with a method that it lacks."""
        if self.operation is None:
            return ""
        method = self.operation.method.upper()
        is_asked = self.method == method or (self.method == "HEAD" and method == "GET")
        return self.operation.operation_id if is_asked else ""

    @property
    def path(self) -> str:
        """What was asked for as it came, without its query and what named the sandbox."""
        return self.target.partition("?")[0].removeprefix(self.mount)

    @property
    def is_request_cut(self) -> bool:
        """Whether only the beginning of the request's body is kept."""
        return len(self.request_body or b"") < self.request_size

    def take_request_body(self, raw: bytes, size: int) -> None:
        """Note what was read of the request's body, and the size of all that came of it."""
        self.request_body = raw
        self.request_size = size

    def take_response_body(self, part: bytes, limit: int) -> None:
        """Note the next part of the answer's body; what is beyond the limit is only counted."""
        if not self.response_size:
            self.response_body = part
        elif len(self.response_body) < limit:
            self.response_body += part[: limit - len(self.response_body)]
        self.response_size += len(part)

    def line(self, caller: str) -> str:
        """Write the entry as one line: time, request, status, operation, sandbox, source, caller, took."""
        operation = self.operation.operation_id if self.operation else "-"
        parts = [
            datetime.now().strftime("%H:%M:%S"),
            f"{self.method} {_printable(self.target)} -> {self.status or 'no answer'}",
            operation,
            *([f"in {self.sandbox}"] if self.sandbox not in ("", "default") else []),
            *([f"from {self.source}"] if self.source else []),
            *([f"with the fault {self.fault}"] if self.fault else []),
            *([f"as {_printable(caller)}"] if self.caller else []),
            f"{self.duration * 1000:.1f} ms",
        ]
        notes = "".join(f"\n         {_printable(note)}" for note in self.notes)
        return "  ".join(parts) + notes


@dataclass(frozen=True, slots=True)
class JournalLimits:
    """
    How much a journal keeps: so many entries, so many bytes in all, so much of one body.

    With no ``entries`` nothing is kept.
    """

    entries: int = 1000
    size: int = 8 * 1024 * 1024
    body: int = 256 * 1024


class Journal:
    """
    The entries of one sandbox: the last ones, as many as its limits allow.

    ``write`` gets the line of each; ``None`` writes nothing, and the line is not even made. ``name_of`` gives
    the name that a caller goes by in it, ``now`` the mock's time in seconds. ``count`` is told of every entry
    that is whole, before anything of it is cut; ``veil`` takes out of one what its line is not to say.
    ``dropped`` counts those that are kept no longer, since the last ``clear``.

    A reset of the sandbox leaves its journal as it is: what was asked before is what a test looks for after.
    Only ``clear`` empties it, and the numbers of entries go on even then, so that no number ever means two.
    """

    def __init__(
        self,
        write: Callable[[str], Any] | None = None,
        name_of: Callable[[Mapping[str, Any]], str] = lambda claims: str(claims.get("sub", "somebody")),
        *,
        sandbox: str = "default",
        now: Callable[[], float] = machine_time,
        limits: JournalLimits | None = None,
        count: Callable[[Entry], Any] | None = None,
        veil: Callable[[Entry], Entry] | None = None,
    ) -> None:
        self.sandbox = sandbox
        self.limits = limits or JournalLimits()
        self.size = 0
        self.dropped = 0
        self._write = write
        self._name_of = name_of
        self._now = now
        self._take_count = count
        self._veil = veil
        self._count = 0
        self._kept: deque[_Kept] = deque()
        self._subscriptions: list[Subscription[Entry]] = []

    def open(self, entry: Entry) -> Entry:
        """Give an entry the next number, and the time by the mock's clock."""
        self._count += 1
        entry.id = self._count
        entry.sandbox = self.sandbox
        entry.time = self._now()
        return entry

    def close(self, entry: Entry, *, is_written: bool = True) -> None:
        """Keep an entry, once it is whole; write its line, and hand it to whoever subscribed."""
        entry.duration = perf_counter() - entry.started
        entry.refusal = None  # it leads to everything that was on its way
        if self._take_count is not None:
            self._take_count(entry)
        if self._write is not None and is_written:
            shown = entry if self._veil is None else self._veil(entry)
            self._write(shown.line(self._name_of(entry.caller)))
        if self.limits.entries:
            self._keep(entry)
        else:
            self.dropped += 1
        if self._subscriptions:
            told = _unpack(_pack(entry, self.limits.body))
            for subscription in self._subscriptions:
                subscription.put(told)

    def entries(self) -> list[Entry]:
        """Give what is kept, in the order of the numbers."""
        return [_unpack(kept) for kept in sorted(self._kept, key=itemgetter(0))]

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, id: int) -> Entry | None:
        """Give the entry of a number; ``None``: there was none, or it is no longer kept."""
        return next((_unpack(kept) for kept in self._kept if kept[0] == id), None)

    def clear(self) -> int:
        """Forget every entry, and give how many they were."""
        count = len(self._kept)
        self._kept.clear()
        self.size = self.dropped = 0
        return count

    def subscribe(self, after: int | None = None, *, room: int | None = None) -> Subscription[Entry]:
        """
        Give the entries closed from now on, as they are; ``with`` begins and ends it.

        ``after`` is the number of the entry that was seen last: those closed since come first, as far as they
        are kept. A reader for whom more than ``room`` are waiting loses the oldest; without it there is room
        for all that the journal keeps.

        Raises:
            TooManyReaders: as many read already as may.
        """
        if len(self._subscriptions) >= _READERS:
            raise TooManyReaders(f"{_READERS} follow this journal already, and there may be no more.")

        def join(subscription: Subscription[Entry]) -> list[Entry]:
            self._subscriptions.append(subscription)
            return [] if after is None else self._closed_after(after)

        if room is None:
            room = max(_ROOM, self.limits.entries)
        return Subscription(room, join, self._subscriptions.remove)

    def end(self) -> None:
        """End every subscription: the sandbox goes away, or the server does."""
        for subscription in list(self._subscriptions):
            subscription.close()

    def _keep(self, entry: Entry) -> None:
        limits, kept = self.limits, self._kept
        packed = _pack(entry, limits.body)
        kept.append(packed)
        size = self.size + _KEPT_SIZE + len(packed[2])
        while size > limits.size or len(kept) > limits.entries:
            size -= _KEPT_SIZE + len(kept.popleft()[2])
            self.dropped += 1
        self.size = size

    def _closed_after(self, id: int) -> list[Entry]:
        """Give what was closed after an entry, which is not always what has a higher number."""
        closed = list(self._kept)
        at = next((at for at, kept in enumerate(closed) if kept[0] == id), None)
        after = [kept for kept in closed if kept[0] > id] if at is None else closed[at + 1 :]
        return list(map(_unpack, after))


# What an entry has of texts, numbers and headers, which is kept as it is.
_PLAIN = (
    *("request_id", "method", "target", "request_headers", "id", "sandbox", "time", "began", "started"),
    *("duration", "path_values", "source", "status", "fault", "request_size", "response_headers"),
    *("response_size", "mount"),
)
_plain_of = attrgetter(*_PLAIN)

# The way of ``marshal`` that writes numbers as they are, and looks for nothing that it wrote before.
_MARSHAL = 2


def _pack(entry: Entry, limit: int) -> _Kept:
    """
    Write an entry into one string of bytes, with so much of each body.

    Kept as it is it would be some forty things, which lie about in the memory, and which the garbage
    collector looks through again and again.
    """
    caller, notes, violations = entry.caller, entry.notes, entry.violations
    rest = (
        # Who it was, and not all that a token claims.
        {"sub": str(caller.get("sub", "somebody"))} if caller else None,
        notes[:_MANY] if notes else None,
        # Not the values that they are about, which may be a whole body that was read.
        [(v.location, v.keyword, v.message[:_MESSAGE]) for v in violations[:_MANY]] if violations else None,
        entry.request_body[:limit] if entry.request_body else entry.request_body,
        entry.response_body[:limit],
    )
    return entry.id, entry.operation, marshal.dumps((_plain_of(entry), rest), _MARSHAL)


def _unpack(kept: _Kept) -> Entry:
    """Give what was packed."""
    _, operation, packed = kept
    plain, (caller, notes, violations, request_body, response_body) = marshal.loads(packed)
    return Entry(
        **dict(zip(_PLAIN, plain, strict=True)),
        operation=operation,
        caller=caller or {},
        notes=notes or [],
        violations=tuple(Violation(at, kind, None, None, text) for at, kind, text in violations or ()),
        request_body=request_body,
        response_body=response_body,
    )


class RequestIds:
    """Names for requests that bring none: ``req_`` and 16 hexadecimal digits, repeatable by seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = 0

    def next(self) -> str:
        self._count += 1
        digest = hashlib.blake2b(b"request|%d|%d" % (self._seed, self._count), digest_size=8)
        return f"req_{digest.hexdigest()}"

    def restart(self) -> None:
        self._count = 0


def _printable(text: str) -> str:
    """Escape what would break the line or steer the terminal, and cut what is endless."""
    shown = text if len(text) <= 300 else f"{text[:300]}…"
    return shown if shown.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in shown)
