"""What was asked, what was answered, and why: one entry a request, one readable line an entry."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mockserver.contract.operation import Operation


@dataclass(slots=True)
class Entry:
    """
    One request on its way through the layers, which fill in what they learn.

    ``source`` says how the answer was made (``handler``, ``example``; empty where a layer answered),
    ``path_values`` are the path parameters as they came, ``notes`` what a reader of the log should know.
    ``id`` counts from 1 within the sandbox. ``mount`` is what was taken off the path for the sandbox's sake,
    and ``refusal`` why the request goes no further than to the layers.
    """

    request_id: str
    method: str
    target: str
    started: float = field(default_factory=time.perf_counter)
    operation: Operation | None = None
    path_values: Mapping[str, str] = field(default_factory=dict)
    caller: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    status: int = 0
    notes: list[str] = field(default_factory=list)
    id: int = 0
    mount: str = ""
    refusal: Exception | None = None

    def line(self, caller: str) -> str:
        """Write the entry as one line: time, request, status, operation, source, caller, duration, notes."""
        elapsed = (time.perf_counter() - self.started) * 1000
        operation = self.operation.operation_id if self.operation else "-"
        parts = [
            datetime.now().strftime("%H:%M:%S"),
            f"{self.method} {_printable(self.target)} -> {self.status or 'no answer'}",
            operation,
            *([f"from {self.source}"] if self.source else []),
            *([f"as {_printable(caller)}"] if self.caller else []),
            f"{elapsed:.1f} ms",
        ]
        notes = "".join(f"\n         {_printable(note)}" for note in self.notes)
        return "  ".join(parts) + notes


class Journal:
    """
    Where entries go when they are done.

    ``write`` gets each line; ``None`` writes nothing, and the line is not even made. ``name_of`` gives
    the name that a caller goes by in it.
    """

    def __init__(
        self, write: Callable[[str], Any] | None, name_of: Callable[[Mapping[str, Any]], str]
    ) -> None:
        self._write = write
        self._name_of = name_of
        self._count = 0

    def open(self, entry: Entry) -> None:
        self._count += 1
        entry.id = self._count

    def close(self, entry: Entry) -> None:
        if self._write is not None:
            self._write(entry.line(self._name_of(entry.caller)))


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
