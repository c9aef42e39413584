"""One world: its items, its clock, the names it gives, and what it began with."""

from collections.abc import Callable
from datetime import UTC, datetime

from mockserver.state.clock import Clock
from mockserver.state.faults import Faults
from mockserver.state.fixtures import Content
from mockserver.state.journal import RequestIds
from mockserver.state.store import Snapshot, Store

# After so many seconds a reset reads the fixtures again, so that "+3d" is three days from now.
_STALE = 60


class World:
    """
    What one mock remembers.

    ``read_fixtures`` gives the content that a new store begins with, for a given time.
    """

    def __init__(
        self, store: Store, clock: Clock, seed: int, read_fixtures: Callable[[datetime], Content]
    ) -> None:
        self.store = store
        self.clock = clock
        self.seed = seed
        self.request_ids = RequestIds(seed)
        self.faults = Faults(seed)
        self._read_fixtures = read_fixtures
        self._beginning: Snapshot | None = None
        self._began = 0.0
        content = read_fixtures(self._now())  # what a reset would read is refused now
        self.is_fresh = store.is_new()  # else it goes on from a state file
        if self.is_fresh:
            self._load(content)

    def begin_with(self, read_fixtures: Callable[[datetime], Content]) -> None:
        """Let the next reset read other fixtures; what there is stays."""
        self._read_fixtures = read_fixtures
        self._beginning = None

    def reset(self) -> None:
        """
        Put back the fixtures, the clock that was set, and the sequence that ids come from.

        Raises:
            MockServerError: the fixtures have to be read again and cannot be; everything stays as it is.
        """
        if self._beginning is None or self.clock.now() - self._began > _STALE:
            self._load(self._read_fixtures(self._now()))
        else:
            self.store.restore(self._beginning)
        self.clock.restart()
        self.request_ids.restart()
        self.faults.restart()

    def _load(self, content: Content) -> None:
        self.store.load(content)
        self._beginning = self.store.snapshot()
        self._began = self.clock.now()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)
