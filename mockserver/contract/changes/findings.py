"""Findings of one comparison, gathered: each is told once, with every place that it touches."""

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.contract.changes.kinds import KINDS, SEVERITIES, Audience, Severity
from mockserver.contract.operation import Contract, Operation


@dataclass(frozen=True, slots=True)
class Finding:
    """What changed, as a sentence, and the pointers to it in both documents, where it is in them."""

    kind: str
    text: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Touched:
    """One place of one operation: ``response 200 body.data[].role``."""

    operation_id: str
    method: str
    path: str
    place: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is written."""

    file: str
    line: int
    pointer: str


@dataclass(frozen=True, slots=True)
class Change:
    """
    One change of a contract.

    ``kind`` is its name in ``KINDS``; ``touched`` is empty for what is said of the contract as a whole.
    """

    kind: str
    severity: Severity
    audience: Audience
    text: str
    touched: tuple[Touched, ...]
    old: Spot | None
    new: Spot | None


class Findings:
    """What was found so far. A finding that comes again, at another place, is the same one."""

    def __init__(self) -> None:
        self._touched: dict[Finding, dict[Touched, None]] = {}

    def add(self, finding: Finding, operation: Operation | None = None, place: str = "") -> None:
        touched = self._touched.setdefault(finding, {})
        if operation is not None:
            touched[Touched(operation.operation_id, operation.method.upper(), operation.path, place)] = None

    def changes(self, old: Contract, new: Contract) -> list[Change]:
        """Give all that was found, the worst first, then in the order in which it was found."""
        found = [
            Change(
                finding.kind,
                KINDS[finding.kind].severity,
                KINDS[finding.kind].audience,
                finding.text,
                tuple(touched),
                _spot(old, finding.old),
                _spot(new, finding.new),
            )
            for finding, touched in self._touched.items()
        ]
        return sorted(found, key=lambda change: SEVERITIES.index(change.severity))


def counts(changes: Iterable[Change]) -> dict[Severity, int]:
    """Count changes by how bad they are."""
    found = dict.fromkeys(SEVERITIES, 0)
    for change in changes:
        found[change.severity] += 1
    return found


def _spot(contract: Contract, pointer: str | None) -> Spot | None:
    if pointer is None:
        return None
    at = contract.defect(pointer, "")
    return Spot(at.file, at.line, pointer)
