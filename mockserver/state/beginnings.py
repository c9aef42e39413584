"""What sandboxes begin with: fixture sets, each read once for all of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from mockserver.state.clock import Present
from mockserver.state.fixtures import Content
from mockserver.state.store import Snapshot, Store

Read = Callable[[str | None, datetime], Content]


class Beginning:
    """
    What a sandbox begins with, and a reset brings back: a snapshot, which may have to be made first.

    ``make`` makes it for a time. Where nothing in it is relative to that, it does not grow old: sandboxes
    share it until it is forgotten.
    """

    def __init__(self, name: str | None, make: Callable[[Present], Snapshot]) -> None:
        self.name = name
        self._make = make
        self._snapshot: Snapshot | None = None
        self._made_for = Present.fromtimestamp(0, UTC)

    @classmethod
    def of(cls, snapshot: Snapshot, name: str | None = None) -> "Beginning":
        """Begin with what was saved."""
        return cls(name, lambda _: snapshot)

    def snapshot(self, now: float, at_most_old: float) -> Snapshot:
        """
        Give the items as they are for a time that is at most so many seconds from ``now`` (since 1970).

        Raises:
            MockServerError: they have to be read, and cannot be.
        """
        made_for = self._made_for
        is_old = made_for.is_relied_on and abs(now - made_for.timestamp()) > at_most_old
        if self._snapshot is None or is_old:
            present = Present.fromtimestamp(now, UTC)
            self._snapshot = self._make(present)
            self._made_for = present
        return self._snapshot

    def forget(self) -> None:
        """Make the snapshot anew when it is asked for the next time."""
        self._snapshot = None


class FixtureSets:
    """
    The fixture sets by name, and the ``first``, which the mock was started with.

    ``read`` gives the items of a set (``None``: the first) for a given time, ``names`` those that there are;
    ``collections`` are those of the stores, with their id fields.
    """

    def __init__(
        self, collections: Mapping[str, str], read: Read, names: Callable[[], Sequence[str]]
    ) -> None:
        self.collections = collections
        self._read = read
        self._names = names
        self._beginnings: dict[str, Beginning] = {}
        self.first = Beginning(None, lambda now: self.load(None, now).snapshot())

    def names(self) -> Sequence[str]:
        return self._names()

    def __getitem__(self, name: str) -> Beginning:
        """Give the beginning that a set is; that there is none such is told when it is read."""
        found = self._beginnings.get(name)
        if found is None:
            found = self._beginnings[name] = Beginning(name, lambda now: self.load(name, now).snapshot())
        return found

    def replace(self, read: Read, names: Callable[[], Sequence[str]]) -> None:
        """Read the sets from elsewhere from now on; what was begun with them goes on."""
        self._read, self._names = read, names
        for beginning in (self.first, *self._beginnings.values()):
            beginning.forget()

    def open(self) -> Store:
        """Give a store that has nothing in it yet."""
        return Store.open(self.collections)

    def load(self, name: str | None, now: datetime) -> Store:
        """
        Give a store with the items of a set (``None``: the first) for a time.

        Raises:
            MockServerError: the set cannot be read.
        """
        store = self.open()
        store.load(self._read(name, now))
        return store
