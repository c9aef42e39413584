"""One sandbox: its items, its clock, what was asked of it, and what it began with."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from mockserver.errors import MockServerError
from mockserver.state.beginnings import Beginning
from mockserver.state.clock import Clock, TimeRefused
from mockserver.state.fault_rules import FaultRule
from mockserver.state.faults import Faults
from mockserver.state.journal import Journal, RequestIds
from mockserver.state.journal_entry import Entry
from mockserver.state.scenario import Course, Scenario, Step
from mockserver.state.settings import Settings
from mockserver.state.snapshots import Snapshots
from mockserver.state.store import Store

# After so many seconds a reset reads the fixtures again that have times such as "+3d", so that this is three
# days from now.
_STALE = 60

# A new sandbox takes what was read for another up to so many seconds ago: it is made with somebody's first
# request, and a large set takes seconds to read.
_OLD = 3600

DEFAULT = "default"


class World:
    """
    What one sandbox remembers, apart from all others.

    ``settings`` may be replaced at any time, and hold from the next request on. With a ``scenario`` it begins
    as that has it; while steps of it are still to happen, there is a ``course``, which wants to be told of
    every request: ``arrived`` and ``answered``.
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
        scenario: Scenario | None = None,
    ) -> None:
        self.name = name
        self.store = store
        self.clock = clock
        self.seed = seed
        self.beginning = beginning
        self.settings = settings or Settings()
        self.journal = Journal() if journal is None else journal
        self.snapshots = Snapshots(store.limit)
        self.request_ids = RequestIds(seed)
        self.faults = Faults(seed)
        self.used_at = 0.0
        self.open = 0  # what is in use of it now: requests, and readers of its journal
        self._first_settings = self.settings
        self.scenario: Scenario | None = None
        self.course: Course | None = None
        self._own_faults: list[FaultRule] = []
        self._untold: list[str] = []  # of steps that happened, for the next entry
        self.is_fresh = store.is_new()  # else it goes on from a state file
        if scenario is not None:
            self._start(scenario, _OLD)
            return
        content = beginning.snapshot(clock.now(), _OLD)  # what a reset would read is refused now
        if self.is_fresh:
            store.restore(content)

    def begin(self, beginning: Beginning) -> None:
        """
        Put the items of another beginning in the place of all there are; a reset brings them back.

        A scenario ends with that: its faults go, and clock and settings are as they were in the beginning.

        Raises:
            MockServerError: it has to be read and cannot be; everything stays as it is.
        """
        ends = self.scenario is not None
        now = self.clock.first() if ends else self.clock.now()
        self.store.restore(beginning.snapshot(now, _STALE))
        self.beginning = beginning
        self.scenario = self.course = None
        self._put_faults(())
        if ends:
            self.clock.restart()
            self.settings = self._first_settings

    def start(self, scenario: Scenario) -> None:
        """
        Make the sandbox what a scenario describes, in all; a reset begins the scenario again.

        The journal and the snapshots stay.

        Raises:
            MockServerError: something of it has to be read and cannot be; everything stays as it is.
        """
        self._start(scenario, _STALE)

    def reset(self) -> None:
        """
        Put back what the sandbox began with: items, clock, settings, and the sequences that names come from.

        The journal stays; standing faults are taken away. A scenario begins again, with its faults.

        Raises:
            MockServerError: the fixtures have to be read again and cannot be; everything stays as it is.
        """
        if self.scenario is not None:
            self._start(self.scenario, _STALE)
            return
        self.store.restore(self.beginning.snapshot(self.clock.first(), _STALE))
        self._restart()

    def elapse(self) -> None:
        """
        Let happen what the scenario has for a time that has come, before somebody looks at the sandbox.

        The next request's entry tells of it.
        """
        if self.course is not None:
            self._make_all(self.course.arrived(self.clock.now()))

    def prepare_reset(self) -> None:
        """
        Read what a reset puts back, so that the reset after it is not refused.

        Raises:
            MockServerError: it cannot be read.
        """
        if self.scenario is None:
            self.beginning.snapshot(self.clock.first(), _STALE)
            return
        now = self.scenario.time(self.clock.first())
        self.scenario.beginning.snapshot(now, _STALE)
        self.scenario.faults(datetime.fromtimestamp(now, UTC))

    def arrived(self, entry: Entry) -> None:
        """Let happen what the scenario has for a time that has come; the entry is of the next request."""
        if self.course is not None:
            self._make_all(self.course.arrived(self.clock.now()))
            self._tell(self.course, entry)

    def answered(self, entry: Entry) -> None:
        """Let happen what the scenario has for after this request."""
        if self.course is not None:
            self._make_all(self.course.answered(entry))
            self._tell(self.course, entry)

    def _start(self, scenario: Scenario, at_most_old: float) -> None:
        # What can be refused comes first.
        now = scenario.time(self.clock.first())
        content = scenario.beginning.snapshot(now, at_most_old)
        faults = scenario.faults(datetime.fromtimestamp(now, UTC))
        self.store.restore(content)
        self.beginning, self.scenario = scenario.beginning, scenario
        self._restart()
        scenario.clock.make(self.clock)
        self._put_faults(faults)
        self.settings = replace(self.settings, **scenario.settings)
        self.course = Course(scenario.steps, self.clock.now()) if scenario.steps else None
        self._untold.clear()

    def _restart(self) -> None:
        self.clock.restart()
        self.request_ids.restart()
        self.faults.restart()
        self.settings = self._first_settings

    def _make_all(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self._untold.append(f"step {step.number} of the scenario happened")
            self._untold += [f"step {step.number}: {text}" for text in self._make(step)]

    def _tell(self, course: Course, entry: Entry) -> None:
        entry.notes += self._untold
        self._untold.clear()
        if course.is_over:
            self.course = None

    def _make(self, step: Step) -> list[str]:
        """Let a step happen as far as it can in what has become of the world; gives what cannot."""
        failed: list[str] = []
        for part in (self._move_clock, self._change_items, self._replace_faults):
            try:
                failed += part(step)
            except (MockServerError, TimeRefused) as error:
                failed.append(str(error))
        self.settings = replace(self.settings, **step.settings)
        return failed

    def _move_clock(self, step: Step) -> Sequence[str]:
        if step.clock is not None:
            step.clock.make(self.clock)
        return ()

    def _change_items(self, step: Step) -> Sequence[str]:
        wrong = step.changes.apply(self.store, self._present()) if step.changes is not None else ()
        return [each.text for each in wrong]

    def _replace_faults(self, step: Step) -> Sequence[str]:
        if step.faults is not None:
            self._put_faults(step.faults(self._present()))
        return ()

    def _present(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def _put_faults(self, rules: Iterable[FaultRule]) -> None:
        """Put these in the place of the scenario's faults; others stay, but for those of the same ids."""
        for rule in self._own_faults:
            # Another may stand there by now: one that somebody put in its place has the same id.
            if rule.id in self.faults and self.faults.get(rule.id) is rule:
                self.faults.remove(rule.id)
        self._own_faults = []
        for rule in rules:
            if rule.id in self.faults:
                self.faults.remove(rule.id)
            self._own_faults.append(self.faults.add(rule))
