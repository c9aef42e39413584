"""Saved states of a sandbox, by name, for it to go back to, and for others to begin with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockserver.errors import MockServerError, nearest
from mockserver.state.store import Snapshot

_MOST = 256
_NAMED = 20


class NoSuchSnapshot(LookupError):
    """There is no snapshot of this name."""


class TooManySnapshots(MockServerError):
    """There are as many snapshots as there may be, or as large; the text says what would help."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot with its name, and the sandbox's time when it was taken (ISO 8601)."""

    name: str
    time: str
    snapshot: Snapshot

    def counts(self) -> Mapping[str, int]:
        """Give how many items it holds, by collection."""
        return {name: len(contents) for name, contents in self.snapshot.contents.items()}

    def written(self) -> Iterator[tuple[int, int]]:
        """Give the items that were written, and not begun with: for each which it is, and its size."""
        for (collection, item_id), size in self.snapshot.sizes.items():
            contents = self.snapshot.contents.get(collection)
            if contents is not None and item_id in contents:
                yield id(contents[item_id]), size


class Snapshots:
    """
    The snapshots of one sandbox, in the order in which they were first saved; items are shared, not copied.

    Each sandbox has its own: tests that run side by side may all call theirs ``before``.

    With a ``limit`` the items in them that were written take at most so many bytes of JSON, each counted
    once however many snapshots have it: what is removed from the sandbox may live on in a snapshot.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._saved: dict[str, Saved] = {}
        self._limit = limit
        self._used = 0
        self._holders: dict[int, int] = {}  # in how many snapshots an item is that was written

    def __iter__(self) -> Iterator[Saved]:
        return iter(list(self._saved.values()))

    def __contains__(self, name: object) -> bool:
        return name in self._saved

    def __getitem__(self, name: str) -> Saved:
        """Give a snapshot, or raise ``NoSuchSnapshot``."""
        try:
            return self._saved[name]
        except KeyError:
            known = ", ".join(list(self._saved)[:_NAMED]) or "none"
            hint = nearest(name, self._saved)
            raise NoSuchSnapshot(f'There is no snapshot "{name}"; there are: {known}.{hint}') from None

    def save(self, saved: Saved) -> None:
        """
        Keep a snapshot, in the place of one of the same name.

        Raises:
            TooManySnapshots: there is no room for another; nothing has changed.
        """
        before = self._saved.get(saved.name)
        if before is None and len(self._saved) >= _MOST:
            raise TooManySnapshots(f"There are {_MOST} snapshots, and there may be no more; delete some.")
        self._hold(saved)
        if before is not None:
            self._let_go(before)
        if self._limit is not None and self._used > self._limit:
            needed = self._used
            if before is not None:
                self._hold(before)
            self._let_go(saved)
            raise TooManySnapshots(
                f"The snapshots would hold {needed:,} bytes of items beside those that it began with,"
                f" and {self._limit:,} are allowed; delete some, or allow more."
            )
        self._saved[saved.name] = saved

    def remove(self, name: str) -> None:
        """Forget a snapshot, or raise ``NoSuchSnapshot``."""
        self._let_go(self[name])
        del self._saved[name]

    def _hold(self, saved: Saved) -> None:
        for item, size in saved.written():
            holders = self._holders.get(item, 0)
            self._holders[item] = holders + 1
            if not holders:
                self._used += size

    def _let_go(self, saved: Saved) -> None:
        for item, size in saved.written():
            self._holders[item] -= 1
            if not self._holders[item]:
                del self._holders[item]
                self._used -= size
