"""A report as one page: no script, no style and no picture from anywhere else."""

import json
from collections.abc import Iterator, Sequence
from html import escape

from mockserver.prove.exchange import Exchange, Headers
from mockserver.prove.report import Finding, Report, Tally
from mockserver.prove.reports.skeleton import as_document

_LONGEST_BODY = 10_000

_STYLE = """
.verdict { display: inline-block; color: #fff; padding: .15rem .8rem; border-radius: 1rem; font-weight: 600; }
.bad { background: var(--bad); } .good { background: var(--good); } .odd { background: var(--odd); }
tr.failed td:first-child { border-left: 4px solid var(--bad); }
tr.passed td:first-child { border-left: 4px solid var(--good); }
.status { white-space: nowrap; margin-right: .6rem; }
article { border: 1px solid var(--line); border-left: 4px solid var(--bad); border-radius: 6px;
  padding: .8rem 1rem; margin: .8rem 0; }
article.accepted { border-left-color: var(--odd); }
pre { background: var(--soft); padding: .6rem .8rem; border-radius: 4px; overflow-x: auto; margin: .5rem 0;
  font-size: 13px; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


def as_page(report: Report) -> str:
    """Give the text of the page."""
    return as_document(
        report.title,
        _STYLE,
        [
            *_summary(report),
            *_operations(report),
            *_findings("Differences" if not report.is_of_mock else "Failures", report.findings, "failed"),
            *_findings("Accepted by the baseline", report.accepted, "accepted"),
            *_list("In the baseline, and found no more", report.fixed),
            *_list("Excluded", [f"{each.situation} ({each.times} times)" for each in report.excluded]),
            *_list("Notes", [*report.notes, *([] if report.is_of_mock else report.missed)]),
            *_phases(report),
        ],
    )


def _summary(report: Report) -> Iterator[str]:
    yield f"<header><h1>{escape(report.title)}</h1>"
    compared = f", compared with {report.compared_with}" if report.compared_with else ""
    yield f'<p class="soft">{escape(report.target + compared)}</p>'
    word, kind = _verdict(report)
    yield f'<p><span class="verdict {kind}">{escape(word)}</span></p>'
    callers = f" · as {escape(', '.join(report.callers))}" if report.callers else ""
    clock = f" · at {escape(report.clock)}" if report.clock else ""
    accepted = f" · {len(report.accepted)} accepted" if report.accepted else ""
    asked = sum(1 for each in report.tallies.values() if each.requests)
    yield (
        f"<p>{report.requests:,} requests to {asked} operations · {len(report.checks)} checks · "
        f"{sum(report.seconds.values()):.1f} s · seed {report.seed} · {report.max_examples} examples"
        f"{accepted}{callers}{clock}</p>"
    )
    yield from (f"<p>{escape(each)}</p>" for each in report.complaints)
    yield "</header>"


def _verdict(report: Report) -> tuple[str, str]:
    if report.interrupted:
        return "Interrupted", "odd"
    if report.findings:
        count = len(report.findings)
        word = "difference" if report.compared_with else "failure"
        return f"{count} {word if count == 1 else f'{word}s'}", "bad"
    if report.compared_with:
        return "No difference", "good"
    return ("No failure", "good") if report.ok else ("Too little was done", "bad")


def _operations(report: Report) -> Iterator[str]:
    yield '<h2>Operations</h2><div class="wide"><table><thead><tr><th>Operation</th>'
    yield '<th class="number">Requests</th><th>Answers</th><th class="number">Checks</th>'
    yield '<th class="number">Failures</th></tr></thead><tbody>'
    for tally in report.tallies.values():
        findings = [each for each in report.findings if each.operation_id == tally.operation_id]
        if tally.requests or findings:
            yield _row(tally, findings)
    yield "</tbody></table></div>"


def _row(tally: Tally, findings: Sequence[Finding]) -> str:
    answers = "".join(
        f'<span class="status"><b>{status or "none"}</b> × {count:,}</span> '
        for status, count in sorted(tally.answers.items())
    )
    name = escape(tally.operation_id)
    linked = f'<a href="#{findings[0].fingerprint}">{name}</a>' if findings else name
    return (
        f'<tr class="{"failed" if findings else "passed"}"><td>{linked}</td>'
        f'<td class="number">{tally.requests:,}</td><td>{answers}</td>'
        f'<td class="number">{len(tally.checks)}</td><td class="number">{len(findings) or ""}</td></tr>'
    )


def _findings(title: str, findings: Sequence[Finding], kind: str) -> Iterator[str]:
    if not findings:
        return
    yield f"<h2>{escape(title)}, by operation</h2>"
    for operation_id in dict.fromkeys(each.operation_id for each in findings):
        yield f"<section><h3>{escape(operation_id)}</h3>"
        for each in findings:
            if each.operation_id == operation_id:
                yield from _finding(each, kind)
        yield "</section>"


def _finding(finding: Finding, kind: str) -> Iterator[str]:
    yield f'<article class="{kind}" id="{finding.fingerprint}"><h3>{escape(finding.check)}</h3>'
    yield f"<p>{escape(finding.what)}</p>"
    if finding.mend:
        yield f"<p><b>To mend:</b> {escape(finding.mend)}</p>"
    yield f'<p class="soft">{escape(finding.difference)} · {finding.phase} · {finding.fingerprint}</p>'
    if finding.repeat:
        yield f"<pre>{escape(finding.repeat)}</pre>"
    if finding.compared is not None:
        yield from _exchange("Request and response of the mock", finding.compared)
    if finding.exchange is not None:
        where = " of the backend" if finding.compared is not None else ""
        yield from _exchange(f"Request and response{where}", finding.exchange)
    if finding.detail:
        yield f"<details><summary>Why</summary><pre>{escape(finding.detail)}</pre></details>"
    yield "</article>"


def _exchange(title: str, exchange: Exchange) -> Iterator[str]:
    yield f"<details><summary>{title}</summary><pre>{escape(_request(exchange))}</pre>"
    yield f"<pre>{escape(_response(exchange))}</pre></details>"


def _request(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.url}\n{_lines(exchange.request_headers, exchange.request_body)}"


def _response(exchange: Exchange) -> str:
    if not exchange.status:
        return f"no answer: {exchange.reason}"
    headers = _lines(exchange.response_headers, exchange.response_body)
    return f"{exchange.status} {exchange.reason}\n{headers}"


def _lines(headers: Headers, body: bytes) -> str:
    named = "".join(f"{name}: {value}\n" for name, value in headers)
    return f"{named}\n{_shown(body)}" if body else named


def _shown(body: bytes) -> str:
    try:
        text = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = body.decode("utf-8", "replace")
    return text if len(text) <= _LONGEST_BODY else f"{text[:_LONGEST_BODY]}\n… {len(text):,} characters"


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"<h2>{escape(title)}</h2><ul>"
        yield from (f"<li>{escape(each)}</li>" for each in lines)
        yield "</ul>"


def _phases(report: Report) -> Iterator[str]:
    yield "<h2>Phases</h2><table><tbody>"
    for phase, seconds in report.seconds.items():
        yield f'<tr><td>{escape(phase)}</td><td class="number">{seconds:.1f} s</td></tr>'
    yield "</tbody></table>"
