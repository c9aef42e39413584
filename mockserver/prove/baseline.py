"""Failures that somebody has accepted, in a file: only others count."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockserver.errors import MockServerError
from mockserver.prove.report import Finding, Report

_VERSION = 1

Identity = tuple[str, str, str]


@dataclass(frozen=True)
class Baseline:
    """What is accepted, by operation, check and difference; each may have a ``why`` beside it."""

    accepted: Mapping[Identity, Mapping[str, Any]]

    def hold_against(self, report: Report, asked: Collection[str]) -> None:
        """
        Take what is accepted out of a report's failures, and tell what is found no more.

        Of operations that were not ``asked`` nothing is told, nor of checks that were not made.
        """
        found = {each.identity for each in report.findings}
        report.accepted = [each for each in report.findings if each.identity in self.accepted]
        report.findings = [each for each in report.findings if each.identity not in self.accepted]
        report.fixed = [
            f"{check}, {operation_id}: {difference}"
            for operation_id, check, difference in self.accepted
            if (operation_id, check, difference) not in found
            and _is_looked_at(report, asked, operation_id, check)
        ]


def read_baseline(path: Path) -> Baseline:
    """
    Read a baseline.

    Raises:
        MockServerError: there is no such file, or it is no baseline.
    """
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MockServerError(f"--baseline {path}: {error.strerror}.") from error
    except ValueError as error:
        raise MockServerError(f"--baseline {path}: it is no JSON: {error}.") from error
    listed = written.get("accepted") if isinstance(written, dict) else None
    if not isinstance(listed, list) or written.get("version") != _VERSION:
        raise MockServerError(
            f'--baseline {path}: it should be {{"version": {_VERSION}, "accepted": [...]}}, as '
            "--write-baseline writes it."
        )
    accepted = {}
    for number, each in enumerate(listed, start=1):
        identity = _identity(each)
        if identity is None:
            raise MockServerError(
                f"--baseline {path}: accepted, item {number}: operation, check and difference are wanted."
            )
        accepted[identity] = each
    return Baseline(accepted)


def write_baseline(report: Report, before: Baseline | None, asked: Collection[str]) -> str:
    """
    Give the text of a baseline that accepts every failure of a report; what was said of them is kept.

    So is what was accepted before and could not be found: its operation was not ``asked``, or the check not
    made.
    """
    known = before.accepted if before is not None else {}
    found = {each.identity: _written(each) for each in [*report.findings, *report.accepted]}
    kept: dict[Identity, dict[str, str]] = {
        each: {} for each in known if not _is_looked_at(report, asked, *each[:2])
    }
    accepted = [{**known.get(each, {}), **written} for each, written in sorted({**kept, **found}.items())]
    return json.dumps({"version": _VERSION, "accepted": accepted}, indent=2, ensure_ascii=False)


def _is_looked_at(report: Report, asked: Collection[str], operation_id: str, check: str) -> bool:
    tally = report.tallies.get(operation_id)
    return operation_id in asked and tally is not None and bool(tally.checks[check])


def _written(finding: Finding) -> dict[str, str]:
    return {
        "fingerprint": finding.fingerprint,
        "operation": finding.operation_id,
        "check": finding.check,
        "difference": finding.difference,
    }


def _identity(written: Any) -> Identity | None:
    if not isinstance(written, dict):
        return None
    match written.get("operation"), written.get("check"), written.get("difference"):
        case str(operation_id), str(check), str(difference):
            return operation_id, check, difference
    return None
