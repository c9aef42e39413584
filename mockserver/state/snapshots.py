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
    """There are as many snapshots as there may be; the text says what would help."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot with its name, and the sandbox's time when it was taken (ISO 8601)."""

    name: str
    time: str
    snapshot: Snapshot

    def counts(self) -> Mapping[str, int]:
        """Give how many items it holds, by collection."""
        return {name: len(contents) for name, contents in self.snapshot.contents.items()}


class Snapshots:
    """
    The snapshots of one sandbox, in the order in which they were first saved; items are shared, not copied.

    Each sandbox has its own: tests that run side by side may all call theirs ``before``.
    """

    def __init__(self) -> None:
        self._saved: dict[str, Saved] = {}

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
            TooManySnapshots: there is no room for another.
        """
        if saved.name not in self._saved and len(self._saved) >= _MOST:
            raise TooManySnapshots(f"There are {_MOST} snapshots, and there may be no more; delete some.")
        self._saved[saved.name] = saved

    def remove(self, name: str) -> None:
        """Forget a snapshot, or raise ``NoSuchSnapshot``."""
        self[name]
        del self._saved[name]
