"""How a report is told on a terminal."""

from collections.abc import Iterator
from textwrap import wrap

from mockserver.prove.report import Finding, Report

_WIDTH = 100
_LISTED = 10


def describe(report: Report) -> Iterator[str]:
    """Give the report as lines of text: a table, then what was excluded, then every failure."""
    yield from _table(report)
    yield ""
    if report.scenarios:
        yield f"{report.scenarios} scenarios" + (", each from a fresh start" if report.is_of_mock else "")
    yield from wrap(f"{len(report.checks)} checks: {', '.join(sorted(report.checks))}", _WIDTH)
    if len(report.callers) > 1:
        caller, peer = report.callers
        yield f"{report.requests_as[peer]} requests tried as {peer} to see what only {caller} may"
    elif report.is_of_mock:
        yield "object_level_authorization had no peer: nobody else is let in and may see less"
    for excluded in report.excluded:
        named = f" ({', '.join(excluded.operations)})" if excluded.operations else ""
        yield from wrap(f"excluded ({excluded.times} times): {excluded.situation}{named}", _WIDTH)
    yield from (line for note in report.notes for line in wrap(note, _WIDTH))
    if not report.is_of_mock:
        yield from (line for text in report.missed for line in wrap(text, _WIDTH))
    else:
        yield f"requests: {report.digest}"
    if report.tracebacks:
        yield from ("", "The mock failed; its last words:", "", report.tracebacks.rstrip())
    for number, finding in enumerate(report.findings, start=1):
        yield from _finding(number, finding)
    yield ""
    yield from _baseline(report)
    yield from report.complaints
    yield _verdict(report)


def _finding(number: int, finding: Finding) -> Iterator[str]:
    yield ""
    yield f"{number}. {finding.check}, {finding.operation_id}, {finding.phase} [{finding.fingerprint}]"
    yield from (f"   {line}" for line in wrap(finding.what, _WIDTH - 3, break_on_hyphens=False))
    if finding.mend:
        yield from (f"   {line}" for line in wrap(f"To mend: {finding.mend}", _WIDTH - 3))
    yield from (f"   {line}" for line in finding.repeat.splitlines())


def _baseline(report: Report) -> Iterator[str]:
    if report.accepted:
        yield f"Accepted by the baseline: {len(report.accepted)}"
        yield from _some(
            [f"{each.check}, {each.operation_id}: {each.difference}" for each in report.accepted]
        )
    if report.fixed:
        yield f"In the baseline and found no more: {len(report.fixed)}; it can be written anew."
        yield from _some(report.fixed)


def _some(lines: list[str]) -> Iterator[str]:
    yield from (f"   {line}" for line in lines[:_LISTED])
    if len(lines) > _LISTED:
        yield f"   … and {len(lines) - _LISTED} more"


def _verdict(report: Report) -> str:
    if report.interrupted:
        return f"Interrupted; failures so far: {len(report.findings)}"
    if report.compared_with:
        new = " that the baseline does not know" if report.accepted or report.fixed else ""
        return f"Differences{new}: {len(report.findings)}" if report.findings else "No difference."
    if not report.findings:
        return "No failure." if report.ok else "Nothing failed, but too little was done."
    new = " that the baseline does not know" if report.accepted or report.fixed else ""
    return f"Failures{new}: {len(report.findings)}"


def _table(report: Report) -> Iterator[str]:
    tallies = [tally for tally in report.tallies.values() if tally.requests]
    width = max((len(tally.operation_id) for tally in tallies), default=0)
    width = max(width, len("operation"))
    yield f"{'operation':{width}}  requests  creates  changes  deletes  answers"
    for tally in tallies:
        answers = ", ".join(f"{status or 'none'}: {count}" for status, count in sorted(tally.answers.items()))
        yield _row(width, tally.operation_id, tally.requests, tally.creates, tally.changes, tally.deletes) + (
            f"  {answers}"
        )
    kinds = [report.total(kind) for kind in ("creates", "changes", "deletes")]
    yield _row(width, "", report.requests, *kinds)


def _row(width: int, name: str, requests: int, *kinds: int) -> str:
    shown = "".join(f"  {kind or '-':>7}" for kind in kinds)
    return f"{name:{width}}  {requests:8,}{shown}"
