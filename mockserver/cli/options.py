"""The options that several commands take, each written once."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from mockserver.cli.assigned import read_overlays, read_prefixes
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.state.clock import Clock, TimeRefused, read_time

_LISTED = 20  # defects; more would hide that the mock is ready

_F = TypeVar("_F", bound=Callable[..., Any])

contract = click.argument("contract", required=False, type=click.Path(path_type=Path))
strict = click.option(
    "--strict", "is_strict", is_flag=True, help="Refuse a contract that has any defect, instead of naming it."
)
outside_refs = click.option(
    "--allow-outside-refs", is_flag=True, help="Read files outside the contract's folder that it refers to."
)
remote_refs = click.option(
    "--allow-remote-refs", is_flag=True, help="Fetch what the contract refers to over http(s)."
)
insecure = click.option(
    "--insecure", "is_insecure", is_flag=True, help="Do not check the backend's certificate."
)
authorities = click.option(
    "--ca",
    "authorities",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True),
    help="The certificates that are trusted.",
)
prefixes = click.option(
    "--prefix",
    "prefixes",
    multiple=True,
    metavar="[CONTRACT=]/PATH",
    help="The base path to serve a contract under, in place of its own.",
)
overlays = click.option(
    "--overlay",
    "overlays",
    multiple=True,
    metavar="[CONTRACT=]FILE",
    help="Change the contract by an OpenAPI Overlay before it is read; may be given several times.",
)
fixtures = click.option(
    "--fixtures", metavar="DIR", type=click.Path(path_type=Path), help="The folder of fixture sets."
)
fixture_set = click.option(
    "--set",
    "fixture_set",
    metavar="NAME",
    help="The fixture set to begin with: a folder, or a TinyDB file. [default: demo]",
)
scenario = click.option(
    "--scenario",
    metavar="NAME",
    help="The scenario to begin with: one in the fixtures' folder scenarios, or a file.",
)
handlers = click.option(
    "--handlers", metavar="MODULE", help="Where handlers are: a module's name, a file or a folder."
)
state = click.option(
    "--state",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Keep what is written in this file, across restarts.",
)
seed = click.option("--seed", type=int, default=0, show_default=True, help="What ids are made from.")
clock = click.option(
    "--clock",
    metavar="TIME",
    callback=lambda _context, _option, value: _read_clock(value),
    help="Stop the clock at a time: 2026-05-01T09:00:00Z, +3d, -2h.",
)
coverage_file = click.option(
    "--coverage",
    "coverage_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="At the end, add what requests touched of the contract to this file (mockserver coverage).",
)
auth = click.option(
    "--auth",
    type=click.Choice(["verify", "present", "off"]),
    help="Tokens: verify their signature and time, take any that is present, or ask for none "
    "(everybody acts as super-admin). [default: verify where there are personas, else present]",
)


def of_one(path: Path | None, prefixes: Sequence[str], overlays: Sequence[str]) -> dict[str, Any]:
    """Give what is said of the only contract of a command, by the names that ``Setup`` has for it."""
    known = [path] if path is not None else []
    return {
        "prefix": read_prefixes(prefixes, known).get(path),
        "overlays": read_overlays(overlays, known).get(path, ()),
    }


def trusted(is_insecure: bool, authorities: Path | None) -> bool | str:
    """Give whether a backend's certificate is checked, or the file of those that are trusted."""
    return False if is_insecure else str(authorities) if authorities is not None else True


def warn(contract: Contract) -> None:
    """List on stderr what is wrong with a contract that is served all the same."""
    defects = contract.defects
    for defect in defects[:_LISTED]:
        click.echo(str(defect), err=True)
    if defects:
        count = f"{len(defects)} {'defect' if len(defects) == 1 else 'defects'}"
        more = "; mockserver check lists all" if len(defects) > _LISTED else ""
        click.echo(f"{contract.name}: {count}; all that can be served is served{more}.", err=True)


def together(*options: Callable[[_F], _F]) -> Callable[[_F], _F]:
    """Join several options into one decorator; they are shown in this order."""

    def decorate(function: _F) -> _F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _read_clock(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = read_time(value, datetime.now(UTC))
    if moment is None:
        raise MockServerError(f"--clock {value}: a time is written like 2026-05-01T09:00:00Z, +3d or -2h.")
    try:
        Clock().set(moment)
    except TimeRefused as error:
        raise MockServerError(f"--clock {value}: {error}") from error
    return moment
