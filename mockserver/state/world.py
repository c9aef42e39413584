"""One sandbox: its items, its clock, what was asked of it, and what it began with."""

from mockserver.state.beginnings import Beginning
from mockserver.state.clock import Clock
from mockserver.state.faults import Faults
from mockserver.state.journal import Journal, RequestIds
from mockserver.state.settings import Settings
from mockserver.state.snapshots import Snapshots
from mockserver.state.store import Store

# After so many seconds a reset reads the fixtures again, so that "+3d" is three days from now.
_STALE = 60

# A new sandbox takes what was read for another up to so many seconds ago: it is made with somebody's first
# request, and a large set takes seconds to read.
_OLD = 3600

DEFAULT = "default"


class World:
    """
    What one sandbox remembers, apart from all others.

    ``settings`` may be replaced at any time, and hold from the next request on.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        seed: int,
        beginning: Beginning,
        *,
        name: str = DEFAULT,
        settings: Settings | None = None,
        journal: Journal | None = None,
    ) -> None:
        self.name = name
        self.store = store
        self.clock = clock
        self.seed = seed
        self.beginning = beginning
        self.settings = settings or Settings()
        self.journal = Journal() if journal is None else journal
        self.snapshots = Snapshots()
        self.request_ids = RequestIds(seed)
        self.faults = Faults(seed)
        self.used_at = 0.0
        self._first_settings = self.settings
        content = beginning.snapshot(clock.now(), _OLD)  # what a reset would read is refused now
        self.is_fresh = store.is_new()  # else it goes on from a state file
        if self.is_fresh:
            store.restore(content)

    def begin(self, beginning: Beginning) -> None:
        """
        Put the items of another beginning in the place of all there are; a reset brings them back.

        Raises:
            MockServerError: it has to be read and cannot be; everything stays as it is.
        """
        self.store.restore(beginning.snapshot(self.clock.now(), _STALE))
        self.beginning = beginning

    def reset(self) -> None:
        """
        Put back what the sandbox began with: items, clock, settings, and the sequences that names come from.

        The journal stays, and so do the standing faults, which count anew.

        Raises:
            MockServerError: the fixtures have to be read again and cannot be; everything stays as it is.
        """
        self.store.restore(self.beginning.snapshot(self.clock.first(), _STALE))
        self.clock.restart()
        self.request_ids.restart()
        self.faults.restart()
        self.settings = self._first_settings
