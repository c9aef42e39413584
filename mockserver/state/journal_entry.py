"""One request on its way through the layers, and how a journal keeps it."""

import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from time import perf_counter
from time import time as machine_time
from typing import Any

from mockserver.contract.operation import Operation
from mockserver.contract.violation import Violation

Headers = Sequence[tuple[bytes, bytes]]

Kept = tuple[int, Operation | None, bytes]
"""The number of an entry, its operation, and all else as it is written for keeping."""

# How much of a violation's message is kept; it may say a value of the client's again.
_MESSAGE = 1000

# How many violations are kept of one request, and how many notes.
_MANY = 1000


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


# What an entry has of texts, numbers and headers, which is kept as it is.
_PLAIN = (
    *("request_id", "method", "target", "request_headers", "id", "sandbox", "time", "began", "started"),
    *("duration", "path_values", "source", "status", "fault", "request_size", "response_headers"),
    *("response_size", "mount"),
)
_plain_of = attrgetter(*_PLAIN)

# The way of ``marshal`` that writes numbers as they are, and looks for nothing that it wrote before.
_MARSHAL = 2


def pack(entry: Entry, limit: int) -> Kept:
    """
    Write an entry into one string of bytes, with so many bytes of each body.

    So its size is known, and it keeps nothing else alive: as it is it would be some forty things.
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
    told = (_plain_of(entry), rest)
    try:
        written = marshal.dumps(told, _MARSHAL)
    except ValueError:  # a handler may answer with a status or a source that is more than a number or a text
        written = marshal.dumps(_plainly(told), _MARSHAL)
    return entry.id, entry.operation, written


def _plainly(value: Any) -> Any:
    """Give a value with everything in it of a type that can be written."""
    if isinstance(value, (tuple, list)):
        return tuple(map(_plainly, value))
    if isinstance(value, dict):
        return {_plainly(name): _plainly(each) for name, each in value.items()}
    if isinstance(value, str):
        return "".join(value)
    if value is None or isinstance(value, (bool, bytes)):
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else str(value)


def unpack(kept: Kept) -> Entry:
    """Give the entry that was packed, but for what no journal keeps."""
    _, operation, packed = kept
    plain, (caller, notes, violations, request_body, response_body) = marshal.loads(packed)
    return Entry(
        **dict(zip(_PLAIN, plain, strict=True)),
        operation=operation,
        caller=caller or {},
        notes=list(notes or ()),
        violations=tuple(Violation(at, kind, None, None, text) for at, kind, text in violations or ()),
        request_body=request_body,
        response_body=response_body,
    )


def _printable(text: str) -> str:
    """Escape what would break the line or steer the terminal, and cut what is endless."""
    shown = text if len(text) <= 300 else f"{text[:300]}…"
    return shown if shown.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in shown)
