"""Coverage as one page: no script, no style and no picture from anywhere else."""

from collections.abc import Iterator
from html import escape

from mockserver.prove.coverage.badge import colour_of
from mockserver.prove.coverage.reckoning import DIMENSIONS, Part, Reckoning, Row, Share
from mockserver.prove.coverage.table import headline, remarks, shown
from mockserver.prove.reports.skeleton import as_document

_STYLE = """
tr.never td:first-child { border-left: 4px solid var(--bad); }
tr.partly td:first-child { border-left: 4px solid var(--odd); }
tr.whole td:first-child { border-left: 4px solid var(--good); }
td small { display: block; opacity: .7; overflow-wrap: anywhere; }
td:first-child { min-width: 17rem; } td:nth-child(3) { min-width: 11rem; }
td:nth-child(n+4) { min-width: 6rem; } summary { margin-bottom: .3rem; }
td.number { white-space: nowrap; }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; }
.card { flex: 1 1 11rem; border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; }
.card b { display: block; font-size: 1.6rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.card.first { border-width: 2px; border-color: currentColor; }
.bar { height: 6px; border-radius: 3px; background: var(--line); margin-top: .4rem; }
.bar i { display: block; height: 100%; border-radius: 3px; }
.chip { display: inline-block; border: 1px solid var(--line); border-radius: .8rem; padding: 0 .55rem;
  margin: 0 .25rem .25rem 0; font-size: 13px; overflow-wrap: anywhere; vertical-align: bottom; }
.chip.yes { border-color: var(--good); background: #2e7d3222; }
.chip.no { border-style: dashed; opacity: .75; }
.chip.odd { border-color: var(--bad); background: #c6282822; }
li { overflow-wrap: anywhere; }
"""

_TITLES = {
    "statuses": "Statuses",
    "operations": "Operations",
    "parameters": "Parameters",
    "media-types": "Media types",
    "examples": "Examples",
}
# How many chips one cell has.
_CHIPS = 40


def as_page(coverage: Reckoning, by: str = "statuses") -> str:
    """Give the text of the page."""
    title = f"Coverage of {coverage.contract.title}"
    return as_document(
        title,
        _STYLE,
        [
            f"<header><h1>{escape(title)}</h1>",
            f'<p class="soft">{escape(headline(coverage, by))} · {coverage.requests:,} requests</p></header>',
            *_cards(coverage, by),
            *_operations(coverage),
            *_remarks(coverage),
        ],
    )


def _cards(coverage: Reckoning, by: str) -> Iterator[str]:
    yield '<div class="cards">'
    for name in (by, *(each for each in DIMENSIONS if each != by)):
        share = coverage.totals[name]
        percent = f"{share.percent:g}%" if share.declared else "-"
        yield (
            f'<div class="card{" first" if name == by else ""}"><b>{percent}</b>{_TITLES[name]} '
            f'<span class="soft">{share.touched} of {share.declared}</span>{_bar(share)}</div>'
        )
    yield "</div>"


def _bar(share: Share) -> str:
    style = f"width:{share.percent}%;background:{colour_of(share.percent)}" if share.declared else "width:0"
    return f'<div class="bar"><i style="{style}"></i></div>'


def _operations(coverage: Reckoning) -> Iterator[str]:
    yield '<h2>Operations</h2><div class="wide"><table><thead><tr><th>Operation</th>'
    yield '<th class="number">Requests</th><th>Statuses</th><th>Parameters</th><th>Media types</th>'
    yield "<th>Examples</th></tr></thead><tbody>"
    for row in coverage.rows:
        yield _row(row)
    yield "</tbody></table></div>"
    yield '<p class="soft"><span class="chip yes">touched</span><span class="chip no">not touched</span>'
    yield '<span class="chip odd">answered, but not declared</span></p>'


def _row(row: Row) -> str:
    share = row.parts["statuses"].share
    kind = "never" if not row.is_called else "whole" if share.touched == share.declared else "partly"
    operation = row.operation
    statuses = row.parts["statuses"]
    counted = Part(
        *(tuple(each for each in some if each != "called") for some in (statuses.touched, statuses.missing))
    )
    odd = "".join(_chip("odd", str(status)) for status in row.undeclared)
    others = (row.parts[name] for name in ("parameters", "media-types", "examples"))
    return (
        f'<tr class="{kind}"><td><b>{escape(operation.operation_id)}</b>'
        f"<small>{escape(operation.method.upper())} {escape(operation.path)}</small></td>"
        f'<td class="number">{row.requests:,}</td><td>{_chips(counted)}{odd}</td>'
        f"{''.join(f'<td>{_folded(each)}</td>' for each in others)}</tr>"
    )


def _folded(part: Part) -> str:
    if not part.share.declared:
        return '<span class="soft">-</span>'
    return f"<details><summary>{shown(part.share)}{_bar(part.share)}</summary>{_chips(part)}</details>"


def _chips(part: Part) -> str:
    chips = [_chip("yes", each) for each in part.touched] + [_chip("no", each) for each in part.missing]
    more = f'<span class="soft">and {len(chips) - _CHIPS} more</span>' if len(chips) > _CHIPS else ""
    return "".join(chips[:_CHIPS]) + more


def _chip(kind: str, text: str) -> str:
    return f'<span class="chip {kind}" title="{escape(text)}">{escape(text)}</span>'


def _remarks(coverage: Reckoning) -> Iterator[str]:
    found = remarks(coverage)
    if found:
        yield "<h2>Notes</h2><ul>"
        yield from (f"<li>{escape(each)}</li>" for each in found)
        yield "</ul>"
