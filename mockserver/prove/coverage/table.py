"""Coverage as text: for a terminal, and for programs."""

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.prove.coverage.reckoning import DIMENSIONS, Reckoning, Row, Share

_WORDS = {
    "statuses": "statuses of operations",
    "operations": "operations",
    "parameters": "parameters",
    "media-types": "media types",
    "examples": "examples",
}
# What tells a report from other files that hold JSON.
REPORT_KEYS = frozenset({"percent", "totals", "ignored_statuses"})

# How many things that are missing are named of one kind.
_NAMED = 8


def describe(coverage: Reckoning, by: str = "statuses") -> list[str]:
    """Give the lines of a report; the percentage of one dimension stands first."""
    return [
        headline(coverage, by),
        "",
        *_totals(coverage),
        *_never_called(coverage),
        *_called(coverage),
        *_remarks(coverage),
    ]


def headline(coverage: Reckoning, by: str) -> str:
    share = coverage.totals[by]
    count = f"{share.touched} of {share.declared} {_WORDS[by]}"
    return f"{coverage.contract.title}: {share.percent:g}% covered ({count})"


def as_json(coverage: Reckoning, by: str = "statuses") -> dict[str, Any]:
    """Give everything that a program may want to know."""
    return {
        "contract": coverage.contract.title,
        "percent": coverage.totals[by].percent,
        "by": by,
        "ignored_statuses": list(coverage.ignored),
        "requests": coverage.requests,
        "totals": {name: coverage.totals[name].as_json() for name in DIMENSIONS},
        "operations": [_row_as_json(row) for row in coverage.rows],
        "elsewhere": {"requests": coverage.elsewhere, "strays": list(coverage.strays)},
        "unknown_operations": list(coverage.unknown),
    }


def shown(share: Share) -> str:
    """Give a share as ``3/5``, and a dash where there is nothing to touch."""
    return f"{share.touched}/{share.declared}" if share.declared else "-"


def remarks(coverage: Reckoning) -> list[str]:
    """Give what is to be known beside the numbers."""
    found = []
    if coverage.ignored:
        found.append(f"Not reckoned: statuses {', '.join(coverage.ignored)}.")
    for row in coverage.rows:
        if row.undeclared:
            statuses = ", ".join(map(str, row.undeclared))
            found.append(f"{row.operation.operation_id} answered {statuses}, which it does not declare.")
    if coverage.elsewhere:
        requests = "1 request" if coverage.elsewhere == 1 else f"{coverage.elsewhere} requests"
        others = len(coverage.strays) > 5 or coverage.elsewhere > len(coverage.strays)
        named = ", ".join(coverage.strays[:5])
        found.append(f"{requests} meant no operation{', such as' if others else ':'} {named}.")
    if coverage.unknown:
        found.append(f"This contract has no operation {', '.join(coverage.unknown)}, which were called.")
    return found


def _totals(coverage: Reckoning) -> Iterator[str]:
    for name in DIMENSIONS:
        share = coverage.totals[name]
        percent = f"{share.percent:>5}%" if share.declared else "     -"
        yield f"  {_WORDS[name]:24}{share.touched:>6} of {share.declared:<6}{percent}"


def _never_called(coverage: Reckoning) -> Iterator[str]:
    rows = [row for row in coverage.rows if not row.is_called]
    if rows:
        yield from ("", f"Never called ({len(rows)})")
        yield from _columns(
            [
                (row.operation.operation_id, f"{row.operation.method.upper()} {row.operation.path}")
                for row in rows
            ]
        )


def _called(coverage: Reckoning) -> Iterator[str]:
    rows = [row for row in coverage.rows if row.is_called]
    if not rows:
        return
    yield from ("", f"Called ({len(rows)})")
    head = ("", "requests", "statuses", "parameters", "media types", "examples")
    cells = [head, *map(_cells, rows)]
    lines = _columns(cells)
    yield next(lines)
    for row, line in zip(rows, lines, strict=True):
        yield line
        yield from (f"      {each}" for each in _details(row))


def _details(row: Row) -> Iterator[str]:
    """Say what was answered, and what was not touched; of answers that never came, nothing more is said."""
    if row.seen:
        answered = ", ".join(f"{status} ({count:,})" for status, count in row.seen.items())
        never = row.parts["statuses"].missing
        yield f"answered {answered}{f'; never {_listed(never)}' if never else ''}"
    parts = {
        "never sent": row.parts["parameters"].missing,
        "media types never seen": _of_what_came(row, "media-types"),
        "examples never seen": _of_what_came(row, "examples"),
    }
    yield from (f"{said}: {_listed(missing)}" for said, missing in parts.items() if missing)


def _of_what_came(row: Row, name: str) -> list[str]:
    came = {"request", *row.parts["statuses"].touched}
    return [_without_json(each) for each in row.parts[name].missing if each.split(" ")[0] in came]


def _without_json(name: str) -> str:
    """Leave out the media type that nearly all examples have."""
    where, media_type, *called = name.split(" ", 2)
    return " ".join([where, *called]) if called and media_type == "application/json" else name


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _cells(row: Row) -> tuple[str, ...]:
    kinds = ("statuses", "parameters", "media-types", "examples")
    return (
        row.operation.operation_id,
        f"{row.requests:,}",
        *(shown(row.parts[each].share) for each in kinds),
    )


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield ("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()


def _remarks(coverage: Reckoning) -> Iterator[str]:
    found = remarks(coverage)
    if found:
        yield ""
        yield from found


def _row_as_json(row: Row) -> dict[str, Any]:
    operation = row.operation
    return {
        "operation": operation.operation_id,
        "method": operation.method.upper(),
        "path": operation.path,
        "requests": row.requests,
        "answers": {str(status): count for status, count in row.seen.items()},
        "undeclared_statuses": list(row.undeclared),
        "ignored_statuses": list(row.ignored),
        **{
            name.replace("-", "_"): {
                **part.share.as_json(),
                "touched_names": list(part.touched),
                "missing": list(part.missing),
            }
            for name, part in row.parts.items()
            if name != "operations"
        },
    }
