"""What a run found, and how it is told."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

_WIDTH = 100


@dataclass
class Tally:
    """What one operation was asked and answered, and how much of it did something."""

    operation_id: str
    answers: Counter[int] = field(default_factory=Counter)
    creates: int = 0
    changes: int = 0
    deletes: int = 0

    @property
    def requests(self) -> int:
        return self.answers.total()


@dataclass(frozen=True)
class Finding:
    """One failure: the check, where, what was wrong, and the lines that repeat it."""

    check: str
    operation_id: str
    phase: str
    what: str
    repeat: str


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
    and POST after which the mock remembered something else; of a mock that remembers nothing, all
    successes. ``notes`` tell what was left out of the run. ``digest`` stands for every request: two runs
    with the same one sent the same.
    """

    title: str
    seed: int
    max_examples: int
    clock: str
    callers: Sequence[str]
    tallies: dict[str, Tally] = field(default_factory=dict)
    scenarios: int = 0
    checks: Counter[str] = field(default_factory=Counter)
    requests_as: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    tracebacks: str = ""
    digest: str = ""

    @property
    def ok(self) -> bool:
        return not self.findings and not self.complaints

    @property
    def requests(self) -> int:
        return sum(tally.requests for tally in self.tallies.values())

    def total(self, kind: str) -> int:
        """Add up ``creates``, ``changes`` or ``deletes``."""
        return sum(getattr(tally, kind) for tally in self.tallies.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "requests": self.requests,
            **vars(self),
            "tallies": [vars(tally) for tally in self.tallies.values()],
            "findings": [vars(finding) for finding in self.findings],
            "excluded": [vars(excluded) for excluded in self.excluded],
        }


def describe(report: Report) -> Iterator[str]:
    """Give the report as lines of text: a table, then what was excluded, then every failure."""
    yield from _table(report)
    yield ""
    if report.scenarios:
        yield f"{report.scenarios} scenarios, each from a fresh start"
    yield from wrap(f"{len(report.checks)} checks: {', '.join(sorted(report.checks))}", _WIDTH)
    if len(report.callers) > 1:
        caller, peer = report.callers
        yield f"{report.requests_as[peer]} requests tried as {peer} to see what only {caller} may"
    else:
        yield "object_level_authorization had no peer: nobody else is let in and may see less"
    for excluded in report.excluded:
        named = f" ({', '.join(excluded.operations)})" if excluded.operations else ""
        yield from wrap(f"excluded ({excluded.times} times): {excluded.situation}{named}", _WIDTH)
    yield from (line for note in report.notes for line in wrap(note, _WIDTH))
    yield f"requests: {report.digest}"
    if report.tracebacks:
        yield from ("", "The mock failed; its last words:", "", report.tracebacks.rstrip())
    for number, finding in enumerate(report.findings, start=1):
        yield ""
        yield f"{number}. {finding.check}, {finding.operation_id}, {finding.phase}"
        yield from (f"   {line}" for line in finding.what.splitlines())
        yield from (f"   {line}" for line in finding.repeat.splitlines())
    yield ""
    yield from report.complaints
    if report.ok:
        yield "No failure."
    elif report.findings:
        yield f"Failures: {len(report.findings)}"


def _table(report: Report) -> Iterator[str]:
    tallies = [tally for tally in report.tallies.values() if tally.requests]
    width = max((len(tally.operation_id) for tally in tallies), default=0)
    width = max(width, len("operation"))
    yield f"{'operation':{width}}  requests  creates  changes  deletes  answers"
    for tally in tallies:
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(tally.answers.items()))
        yield _row(width, tally.operation_id, tally.requests, tally.creates, tally.changes, tally.deletes) + (
            f"  {answers}"
        )
    kinds = [report.total(kind) for kind in ("creates", "changes", "deletes")]
    yield _row(width, "", report.requests, *kinds)


def _row(width: int, name: str, requests: int, *kinds: int) -> str:
    shown = "".join(f"  {kind or '-':>7}" for kind in kinds)
    return f"{name:{width}}  {requests:8,}{shown}"
