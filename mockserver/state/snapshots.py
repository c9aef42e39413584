"""The saved states of one sandbox, by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mockserver.errors import MockServerError, nearest
from mockserver.state.store import Snapshot

# A snapshot shares its items with the store, and costs what is changed after it was saved.
MOST = 100


class NoSuchSnapshot(LookupError):
    """There is no snapshot of this name."""


class TooManySnapshots(MockServerError):
    """There are as many snapshots as there may be; the text says what would help."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot with its name, and the time of the sandbox when it was saved."""

    name: str
    saved_at: str
    snapshot: Snapshot

    def counts(self) -> Mapping[str, int]:
        """Give how many items it holds, by collection."""
        return {name: len(contents) for name, contents in self.snapshot.contents.items()}


class Snapshots:
    """The snapshots of one sandbox, the oldest first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._saved: dict[str, Saved] = {}

    def __len__(self) -> int:
        return len(self._saved)

    def __iter__(self) -> Iterator[Saved]:
        return iter(list(self._saved.values()))

    def __contains__(self, name: object) -> bool:
        return name in self._saved

    def __getitem__(self, name: str) -> Saved:
        """Give a snapshot, or raise ``NoSuchSnapshot``."""
        if name not in self._saved:
            raise NoSuchSnapshot(f'There is no snapshot "{name}".{nearest(name, self._saved)}')
        return self._saved[name]

    def save(self, name: str, saved_at: str, snapshot: Snapshot) -> Saved:
        """
        Keep a snapshot, in the place of the one of this name where there is one.

        Raises:
            TooManySnapshots: there is none of this name, and no room for another.
        """
        if name not in self._saved and len(self._saved) >= self._most:
            raise TooManySnapshots(f"There are {self._most} snapshots already; delete some.")
        self._saved.pop(name, None)  # the newest is the last one
        saved = self._saved[name] = Saved(name, saved_at, snapshot)
        return saved

    def remove(self, name: str) -> None:
        """Forget a snapshot, or raise ``NoSuchSnapshot``."""
        del self._saved[self[name].name]
