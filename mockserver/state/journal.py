"""What was asked, what was answered, and why: one entry a request, one readable line an entry."""

import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from time import perf_counter
from time import time as machine_time
from typing import Any

from mockserver.errors import MockServerError
from mockserver.state.journal_entry import Entry, Kept, pack, unpack
from mockserver.state.subscription import Subscription

# What an entry takes up beside what is written of it; roughly.
_KEPT_SIZE = 150

# How many may follow one journal, and for how many entries each of them has room at the least.
_READERS = 100
_ROOM = 1000


class TooManyReaders(MockServerError):
    """As many follow a journal as may."""


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
        self._kept: deque[Kept] = deque()
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
            self._write(shown.line(self._name_of(shown.caller)))
        if self.limits.entries:
            self._keep(entry)
        else:
            self.dropped += 1
        if self._subscriptions:
            told = unpack(pack(entry, self.limits.body))
            for subscription in self._subscriptions:
                subscription.put(told)

    def entries(self) -> list[Entry]:
        """Give what is kept, in the order of the numbers."""
        return [unpack(kept) for kept in sorted(self._kept, key=itemgetter(0))]

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, id: int) -> Entry | None:
        """Give the entry of a number; ``None``: there was none, or it is no longer kept."""
        return next((unpack(kept) for kept in self._kept if kept[0] == id), None)

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
        packed = pack(entry, limits.body)
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
        return list(map(unpack, after))


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
