"""A world that is described as a whole, and how it goes on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mockserver.errors import MockServerError
from mockserver.state.beginnings import Beginning
from mockserver.state.changes import Changes
from mockserver.state.clock import Clock, TimeRefused, read_time
from mockserver.state.fault_rules import FaultRule
from mockserver.state.journal_entry import Entry
from mockserver.state.matches import Match

Rules = Callable[[datetime], Sequence[FaultRule]]
"""Gives the rules of faults for a time that theirs may be relative to."""


@dataclass(frozen=True, slots=True)
class ClockChange:
    """What happens to a clock, in this order: set ``at`` a time, moved on by seconds, frozen or let run."""

    at: str | None = None
    advance: float = 0
    is_frozen: bool | None = None

    def make(self, clock: Clock) -> None:
        """
        Change a clock.

        Raises:
            TimeRefused: it cannot be set to that.
        """
        if self.at is not None:
            moment = read_time(self.at, datetime.fromtimestamp(clock.now(), UTC))
            if moment is None:
                raise TimeRefused(f'"{self.at}" is no time that a clock can be set to.')
            clock.freeze(moment) if self.is_frozen else clock.set(moment)
        if self.advance:
            clock.advance(self.advance)
        if self.is_frozen is not None:
            clock.freeze() if self.is_frozen else clock.run()


@dataclass(frozen=True, slots=True)
class Step:
    """
    What happens once, ``seconds`` after the scenario began, or after so many ``calls`` that match.

    Faults are ``None`` where those that are there stay.
    """

    number: int
    seconds: float | None = None
    calls: int = 0
    match: Match = field(default_factory=Match)
    clock: ClockChange | None = None
    changes: Changes | None = None
    faults: Rules | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """
    What a sandbox is to be like, and what happens then.

    ``path`` is the file that describes it, ``beginning`` its items, with the changes made; ``settings`` are
    those that differ.
    """

    path: Path
    description: str
    beginning: Beginning
    clock: ClockChange = field(default_factory=ClockChange)
    faults: Rules = lambda _: ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    steps: Sequence[Step] = ()

    @property
    def name(self) -> str:
        return self.path.stem

    def time(self, first: float) -> float:
        """
        Give the time at which it begins on a clock that begins at ``first``, both in seconds since 1970.

        Raises:
            MockServerError: the clock cannot be set to that.
        """
        trial = Clock(datetime.fromtimestamp(first, UTC))
        try:
            self.clock.make(trial)
        except TimeRefused as error:
            raise MockServerError(f"scenario {self.name}: {error}") from error
        return trial.now()


class Course:
    """The steps of a scenario that are still to happen, counted from a time in seconds since 1970."""

    def __init__(self, steps: Sequence[Step], began: float) -> None:
        timed = [step for step in steps if step.seconds is not None]
        self._began = began
        self._timed = sorted(timed, key=lambda step: step.seconds or 0)
        self._counted = [_Counted(step) for step in steps if step.seconds is None]

    @property
    def is_over(self) -> bool:
        return not self._timed and not self._counted

    def arrived(self, now: float) -> list[Step]:
        """Give the steps that happen before a request is answered, since their time has come."""
        due = [step for step in self._timed if now - self._began >= (step.seconds or 0)]
        del self._timed[: len(due)]
        return due

    def answered(self, entry: Entry) -> list[Step]:
        """Count a request, and give the steps that happen after it."""
        due = []
        for each in self._counted:
            if each.step.match.holds(entry):
                each.count += 1
                if each.count == each.step.calls:
                    due.append(each.step)
        if due:
            self._counted = [each for each in self._counted if each.step not in due]
        return due


class _Counted:
    def __init__(self, step: Step) -> None:
        self.step = step
        self.count = 0
