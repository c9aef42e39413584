"""What a run found."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mockserver.prove.exchange import Exchange

_FAILED = "The mock failed with a traceback, which no request should lead to."

_KINDS = ("creates", "changes", "deletes")


@dataclass
class Tally:
    """
    What one operation was asked and answered, and how much of it did something.

    ``checks`` tell how often each was applied to it, ``seconds`` how long its answers took.
    """

    operation_id: str
    answers: Counter[int] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    creates: int = 0
    changes: int = 0
    deletes: int = 0
    seconds: float = 0.0

    @property
    def requests(self) -> int:
        return self.answers.total()

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "seconds"}

    def add(self, other: "Tally") -> None:
        self.answers += other.answers
        self.checks += other.checks
        self.seconds += other.seconds
        for kind in _KINDS:
            setattr(self, kind, getattr(self, kind) + getattr(other, kind))


@dataclass(frozen=True)
class Finding:
    """
    One failure: the check, where, what was wrong in one paragraph, and the lines that repeat it.

    ``difference`` says what is wrong without any value that a seed has made up; ``detail`` has the values.
    ``mend`` says what would mend it, where that is known; ``compared`` is what the exchange was held against.
    """

    check: str
    operation_id: str
    phase: str
    what: str
    repeat: str
    difference: str = ""
    detail: str = ""
    exchange: Exchange | None = field(default=None, repr=False)
    mend: str = ""
    compared: Exchange | None = field(default=None, repr=False)

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.operation_id, self.check, self.difference

    @property
    def fingerprint(self) -> str:
        """Give what two runs call the same failure, whatever their seeds."""
        return hashlib.sha256("\0".join(self.identity).encode("utf-8", "replace")).hexdigest()[:12]

    def as_json(self) -> dict[str, Any]:
        names = ("fingerprint", "check", "operation_id", "phase", "difference", "what", "detail", "repeat")
        mend = {"mend": self.mend} if self.mend else {}
        return {name: getattr(self, name) for name in names} | mend


@dataclass
class Excluded:
    """A situation in which a check is not believed, how often it came up, and of which operations."""

    situation: str
    times: int = 0
    operations: list[str] = field(default_factory=list)


@dataclass
class Report:
    """
    Everything that a run found.

    ``scenarios`` are the chains of requests of the stateful phase. ``changes`` are successes of PUT, PATCH
    and POST; of a mock, those after which it remembered something else, unless it remembers nothing.
    ``able`` are the operations that should create, change and delete. ``notes`` tell what was left out of
    the run. ``digests`` stand for the requests of each phase: two runs with the same ones sent the same.
    ``compared_with`` is what the target was held against, if that is no contract but a server.
    ``accepted`` are failures that a baseline knows, ``fixed`` are those of it that are no more. What was
    ``interrupted`` says nothing of what it had not come to.
    """

    title: str
    target: str
    seed: int
    max_examples: int
    callers: Sequence[str]
    clock: str | None = None
    compared_with: str = ""
    tallies: dict[str, Tally] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    scenarios: int = 0
    checks: Counter[str] = field(default_factory=Counter)
    requests_as: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    accepted: list[Finding] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)
    able: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    interrupted: bool = False
    tracebacks: str = ""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.findings and not self.complaints and not self.interrupted

    @property
    def is_of_mock(self) -> bool:
        return self.clock is not None

    @property
    def requests(self) -> int:
        return sum(tally.requests for tally in self.tallies.values())

    @property
    def digest(self) -> str:
        return hashlib.sha256(" ".join(self.digests.values()).encode()).hexdigest()

    @property
    def missed(self) -> list[str]:
        """Say of what kind no request succeeded, though some should have."""
        return [
            f"No {kind[:-1]} succeeded, so the run proves little: {', '.join(able)} should have."
            for kind, able in self.able.items()
            if able and not self.total(kind)
        ]

    @property
    def complaints(self) -> list[str]:
        """What is wrong with a run in which nothing failed; of a backend nobody knows what it refuses."""
        missed = self.missed if self.is_of_mock and not self.interrupted else []
        return [*missed, *([_FAILED] if self.tracebacks else [])]

    def total(self, kind: str) -> int:
        """Add up ``creates``, ``changes`` or ``deletes``."""
        return sum(getattr(tally, kind) for tally in self.tallies.values())

    def find(self, finding: Finding) -> None:
        """Note a failure; of the same one again, the lines that repeat it if they are fewer."""
        for at, known in enumerate(self.findings):
            if known.identity == finding.identity:
                if len(finding.repeat) < len(known.repeat):
                    self.findings[at] = finding
                return
        self.findings.append(finding)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def excuse(self, situation: str, operation_id: str) -> None:
        excluded = self._excluded(situation)
        excluded.times += 1
        if operation_id not in excluded.operations:
            excluded.operations.append(operation_id)

    def add(self, other: "Report") -> None:
        """Take in what another part of the same run found, after this one."""
        for operation_id, tally in other.tallies.items():
            self.tallies.setdefault(operation_id, Tally(operation_id)).add(tally)
        for each in other.findings:
            self.find(each)
        for text in other.notes:
            self.note(text)
        for excluded in other.excluded:
            known = self._excluded(excluded.situation)
            known.times += excluded.times
            known.operations += [each for each in excluded.operations if each not in known.operations]
        self.seconds |= other.seconds
        self.digests |= other.digests
        self.scenarios += other.scenarios
        self.checks += other.checks
        self.requests_as += other.requests_as
        self.exchanges += other.exchanges
        self.interrupted |= other.interrupted
        self.tracebacks = other.tracebacks or self.tracebacks

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "title": self.title,
            "target": self.target,
            "seed": self.seed,
            "max_examples": self.max_examples,
            "clock": self.clock,
            "callers": list(self.callers),
            "requests": self.requests,
            "seconds": self.seconds,
            **({} if self.compared_with else {"scenarios": self.scenarios}),
            "checks": self.checks,
            "tallies": [tally.as_json() for tally in self.tallies.values()],
            "findings": [finding.as_json() for finding in self.findings],
            "accepted": [finding.as_json() for finding in self.accepted],
            "fixed": self.fixed,
            "excluded": [vars(excluded) for excluded in self.excluded],
            "notes": self.notes,
            "complaints": self.complaints,
            "interrupted": self.interrupted,
            "tracebacks": self.tracebacks,
            "digest": self.digest,
        }

    def _excluded(self, situation: str) -> Excluded:
        for each in self.excluded:
            if each.situation == situation:
                return each
        self.excluded.append(Excluded(situation))
        return self.excluded[-1]


def joined(reports: Iterable[Report]) -> Report:
    """Join the parts of one run, in their order."""
    first, *others = reports
    for other in others:
        first.add(other)
    return first
