"""The command ``diff``."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from mockserver.cli import options
from mockserver.contract.changes.comparison import compare
from mockserver.contract.changes.findings import Change, Spot, Touched, counts
from mockserver.contract.changes.kinds import KINDS, SEVERITIES
from mockserver.contract.loading.document import load
from mockserver.contract.loading.files import Reach
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError, nearest
from mockserver.prove.belongings import no_longer_fit
from mockserver.serve.assembly import Setup, find_contract
from mockserver.state.whole_files import write_whole

_FAILING = {"breaking": ("breaking",), "may-break": ("breaking", "may-break"), "any": SEVERITIES, "none": ()}
_AUDIENCES = ("everybody", "writers", "readers")
_SPOKEN = {
    "breaking": "breaking",
    "may-break": "may break",
    "compatible": "compatible",
    "wording": "of wording",
}
_NAMED = 5  # operations that one change touches; the rest are counted
_MISFITS = 20  # that are listed in a text


@click.command()
@options.together(
    click.argument("old", type=click.Path(path_type=Path)),
    click.argument("new", type=click.Path(path_type=Path)),
    click.option(
        "--fail-on",
        type=click.Choice([*_FAILING]),
        default="breaking",
        show_default=True,
        help="End with 1 where there is a change as bad as this, or worse.",
    ),
    click.option("--all", "with_wording", is_flag=True, help="List what only changed in its wording, too."),
    click.option(
        "--as",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="What is printed.",
    ),
    click.option(
        "--json",
        "report",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Write the report into this file as JSON.",
    ),
    click.option(
        "--ignore",
        "ignored",
        metavar="ID",
        multiple=True,
        help="Leave out changes of this kind; may be repeated.",
    ),
    click.option(
        "--accept",
        "accepted",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Leave out the changes that an earlier report, of --json, has.",
    ),
    options.fixtures,
    options.handlers,
    options.outside_refs,
    options.remote_refs,
)
def command(
    old: Path,
    new: Path,
    fail_on: str,
    with_wording: bool,
    form: str,
    report: Path | None,
    ignored: tuple[str, ...],
    accepted: Path | None,
    fixtures: Path | None,
    handlers: str | None,
    allow_outside_refs: bool,
    allow_remote_refs: bool,
) -> None:
    """
    Say what changed between two versions of a contract, what breaks clients first.

    Readers are clients that read answers, writers are clients that send requests. The handlers and fixtures
    of NEW that fitted OLD and do not fit NEW are listed too; they do not change how this ends: with 1 if
    there is a breaking change, with 0 if there is none, and with 2 if that could not be found out.

    \b
    mockserver diff released.yaml openapi.yaml
    mockserver diff released.yaml openapi.yaml --fail-on may-break --json changes.json
    mockserver diff released.yaml openapi.yaml --ignore response-enum-value-added
    """
    for kind in ignored:
        if kind not in KINDS:
            raise MockServerError(f"--ignore {kind}: there is no such kind of change.{nearest(kind, KINDS)}")
    reach = Reach(allow_outside_refs, allow_remote_refs)
    contracts = _load(old, reach), _load(new, reach)
    left_out = _read_accepted(accepted) if accepted is not None else set()
    changes: list[Change] = []
    aside: list[Change] = []
    for change in compare(*contracts):
        is_aside = change.kind in ignored or _identity(_as_data(change)) in left_out
        (aside if is_aside else changes).append(change)
    told = [change for change in changes if with_wording or change.severity != "wording"]
    setup = Setup(contract=new, fixtures=fixtures, handlers=handlers, reach=reach)
    misfits = no_longer_fit(setup, new, *contracts)
    data = _report(contracts, (old, new), told, misfits)
    if report is not None:
        _write(report, data)
    if form == "json":
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for line in describe((old, new), told, misfits, len(changes) - len(told), aside):
            click.echo(line)
    if any(change.severity in _FAILING[fail_on] for change in told):
        sys.exit(1)


def describe(
    paths: tuple[Path, Path],
    changes: Iterable[Change],
    misfits: list[str],
    left_out: int = 0,
    aside: Iterable[Change] = (),
) -> Iterator[str]:
    """
    Give the lines of a report: changes by how bad they are and for whom, what does not fit, and counts.

    Counted alone are the changes of wording that are ``left_out``, and those that were put ``aside``.
    """
    ordered = sorted(changes, key=_order)
    for (severity, audience), group in groupby(ordered, key=lambda each: (each.severity, each.audience)):
        members = [*group]
        yield f"{_SPOKEN[severity].capitalize()}, for {audience} ({len(members)})"
        for change in members:
            yield from _describe(paths, change)
        yield ""
    if misfits:
        yield f"No longer fit {paths[1]} ({len(misfits)})"
        yield from (f"  {line}" for line in misfits[:_MISFITS])
        if len(misfits) > _MISFITS:
            yield f"  and {len(misfits) - _MISFITS} more; --as json lists all."
        yield ""
    told, known = _counted(ordered), _counted(aside)
    text = f"{told}." if told else "Nothing else changed." if known else "Nothing changed."
    text += f" {left_out} more changed only wording; --all lists them." if left_out else ""
    yield text + (f" Ignored or accepted: {known}." if known else "")


def _counted(changes: Iterable[Change]) -> str:
    return ", ".join(f"{count} {_SPOKEN[severity]}" for severity, count in counts(changes).items() if count)


def _order(change: Change) -> tuple[int, int]:
    return SEVERITIES.index(change.severity), _AUDIENCES.index(change.audience)


def _describe(paths: tuple[Path, Path], change: Change) -> Iterator[str]:
    place = change.touched[0].place if change.touched else ""
    yield f"  {place}{': ' if place else ''}{change.text}  [{change.kind}]"
    if change.touched:
        yield f"      {_operations(change.touched)}"
    spots = [_line(path, spot) for path, spot in zip(paths, (change.old, change.new), strict=True) if spot]
    yield f"      {' -> '.join(spots)}"


def _operations(touched: tuple[Touched, ...]) -> str:
    first, *others = {each.operation_id: each for each in touched}.values()
    address = f"{first.method} {first.path}"
    is_named = first.operation_id.lower() != address.lower()
    told = f"{first.operation_id}  {address}" if is_named else address
    if not others:
        return told
    names = ", ".join(each.operation_id for each in others[:_NAMED])
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    return f"{told}; also {names}{more}"


def _line(path: Path, spot: Spot) -> str:
    return f"{path.parent / spot.file}:{spot.line}"


def _load(path: Path, reach: Reach) -> Contract:
    contract = load(find_contract(path), reach)
    if contract.defects:
        count = f"{len(contract.defects)} {'defect' if len(contract.defects) == 1 else 'defects'}"
        click.echo(f"{path}: {count}; what they make meaningless is not compared.", err=True)
    return contract


def _report(
    contracts: tuple[Contract, Contract],
    paths: tuple[Path, Path],
    changes: list[Change],
    misfits: list[str],
) -> dict[str, Any]:
    old, new = (
        {"file": str(path), "title": each.title, "version": str(each.data.get("info", {}).get("version", ""))}
        for each, path in zip(contracts, paths, strict=True)
    )
    return {
        "old": old,
        "new": new,
        "counts": counts(changes),
        "changes": [_as_data(change) for change in changes],
        "no_longer_fit": misfits,
    }


def _as_data(change: Change) -> dict[str, Any]:
    return {
        "id": change.kind,
        "severity": change.severity,
        "for": change.audience,
        "text": change.text,
        "operations": [
            {"operation": each.operation_id, "method": each.method, "path": each.path, "place": each.place}
            for each in change.touched
        ],
        "old": _spot(change.old),
        "new": _spot(change.new),
    }


def _spot(spot: Spot | None) -> dict[str, Any] | None:
    return None if spot is None else {"file": spot.file, "line": spot.line, "pointer": spot.pointer}


def _identity(change: dict[str, Any]) -> str:
    """Say what a change is, wherever it is written."""
    return json.dumps([change["id"], change["text"], change["operations"]], sort_keys=True)


def _read_accepted(path: Path) -> set[str]:
    try:
        changes = json.loads(path.read_bytes())["changes"]
        return {_identity(change) for change in changes}
    except OSError as error:
        raise MockServerError(f"--accept {path}: cannot be read: {error.strerror}.") from error
    except (ValueError, LookupError, TypeError) as error:
        raise MockServerError(f"--accept {path}: is no report that --json wrote.") from error


def _write(path: Path, data: dict[str, Any]) -> None:
    try:
        write_whole(path, f"{json.dumps(data, ensure_ascii=False, indent=2)}\n".encode())
    except OSError as error:
        raise MockServerError(f"--json {path}: cannot be written: {error.strerror}.") from error
