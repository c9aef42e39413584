"""One world: its items, its clock, the names it gives, and what it began with."""

from collections.abc import Callable
from datetime import UTC, datetime

from mockserver.state.clock import Clock
from mockserver.state.fixtures import Content
from mockserver.state.journal import RequestIds
from mockserver.state.store import Snapshot, Store


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
        self.request_ids = RequestIds(seed)
        self._read_fixtures = read_fixtures
        self._beginning: Snapshot | None = None
        if store.is_new():
            self._load()

    def begin_with(self, read_fixtures: Callable[[datetime], Content]) -> None:
        """Let the next reset read other fixtures; what there is stays."""
        self._read_fixtures = read_fixtures
        self._beginning = None

    def reset(self) -> None:
        """Put back the fixtures, the clock that was set, and the sequence that ids come from."""
        self.clock.restart()
        self.request_ids.restart()
        if self._beginning is None:
            self._load()
        else:
            self.store.restore(self._beginning)

    def _load(self) -> None:
        self.store.load(self._read_fixtures(datetime.fromtimestamp(self.clock.now(), UTC)))
        self._beginning = self.store.snapshot()
