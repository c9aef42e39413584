"""The command ``coverage``."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from mockserver.cli import options
from mockserver.client import Control
from mockserver.contract.loading.document import load
from mockserver.contract.loading.files import Reach
from mockserver.errors import MockServerError
from mockserver.prove.coverage.badge import as_badge
from mockserver.prove.coverage.page import as_page
from mockserver.prove.coverage.reckoning import DIMENSIONS, IGNORED, read_ignored, reckon
from mockserver.prove.coverage.sources import add_up, contract_of, sort_out
from mockserver.prove.coverage.table import as_json, describe
from mockserver.serve.assembly import find_contract
from mockserver.state.coverage_file import write_file
from mockserver.state.whole_files import write_whole

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@options.together(
    click.argument("paths", metavar="[CONTRACT] [FILES]...", nargs=-1, type=click.Path(path_type=Path)),
    click.option(
        "--url",
        "urls",
        multiple=True,
        metavar="URL",
        help="Ask the mock that runs there; without CONTRACT, for its contract too.",
    ),
    click.option(
        "--document",
        type=click.IntRange(min=1),
        metavar="N",
        help="Which contract of the mock, where it serves several.",
    ),
    click.option(
        "--control-token",
        metavar="TOKEN",
        envvar="MOCKSERVER_CONTROL_TOKEN",
        help="The token that the mock was started with.",
    ),
    click.option(
        "--har",
        "archives",
        multiple=True,
        metavar="FILE",
        type=_FILE,
        help="Take the requests of an HTTP archive; FILES may be some, too.",
    ),
    click.option("--json", "json_file", metavar="FILE", type=_FILE, help="Write the report as JSON, too."),
    click.option("--html", "page", metavar="FILE", type=_FILE, help="Write it as one page, too."),
    click.option("--badge", metavar="FILE", type=_FILE, help="Write the percentage as an SVG badge, too."),
    click.option(
        "--merge", "merged", metavar="OUT", type=_FILE, help="Write all together as one coverage file."
    ),
    click.option(
        "--fail-under",
        type=click.FloatRange(0, 100),
        metavar="N",
        help="Exit with 1 where the percentage is less.",
    ),
    click.option(
        "--by",
        type=click.Choice(DIMENSIONS),
        default=DIMENSIONS[0],
        show_default=True,
        help="What the percentage is of.",
    ),
    click.option(
        "--ignore-status",
        "ignored",
        multiple=True,
        metavar="STATUS",
        default=IGNORED,
        show_default=True,
        help="Declared statuses that do not count: 503, 5XX, default; several with commas. none: all count.",
    ),
    options.prefixes,
    options.overlays,
    options.outside_refs,
    options.remote_refs,
)
def command(
    paths: tuple[Path, ...],
    urls: tuple[str, ...],
    document: int | None,
    control_token: str | None,
    archives: tuple[Path, ...],
    json_file: Path | None,
    page: Path | None,
    badge: Path | None,
    merged: Path | None,
    fail_under: float | None,
    by: str,
    ignored: tuple[str, ...],
    prefixes: tuple[str, ...],
    overlays: tuple[str, ...],
    allow_outside_refs: bool,
    allow_remote_refs: bool,
) -> None:
    """
    Say how much of CONTRACT was touched by the requests to a mock, or by those of a test run.

    FILES are coverage files (`mockserver serve --coverage FILE`) and HTTP archives; all are added up.

    \b
    mockserver coverage --url http://127.0.0.1:8080
    mockserver coverage run-1.json run-2.json --fail-under 80
    mockserver coverage their-api.yaml tests.har --html coverage.html --badge coverage.svg

    The percentage is that of statuses: each operation counts once for every status that it declares, unless
    that is ignored; what counts once was touched if an answer with the status was sent. A range (4XX) and
    `default` are touched by any answer that is declared by them. An operation whose statuses are all ignored
    counts once, and is touched if it was called. Shares are never rounded up.

    \b
    operations    those that were called at least once, whatever was answered
    parameters    those that were sent at least once, valid or not
    media-types   of bodies that were sent, and of answers by status
    examples      of bodies that were sent, and of answers by status, as they stand in the contract

    Exits with 0, with 1 below --fail-under, with 2 where it could not run.
    """
    left_out = read_ignored(ignored)
    sources = sort_out(paths, archives)
    mocks = [Control(url, token=control_token, document=document) for url in urls]
    if not sources and not mocks:
        raise MockServerError(
            "Name what touched the contract: --url http://127.0.0.1:8080, a coverage file, or --har FILE."
        )
    if sources.contract is None and mocks:
        contract = contract_of(mocks[0])
    else:
        given = options.of_one(sources.contract, prefixes, overlays)
        reach = Reach(allow_outside_refs, allow_remote_refs)
        contract = load(find_contract(sources.contract), reach, given["overlays"])
        if given["prefix"] is not None:
            contract = replace(contract, base_path=given["prefix"])
    record = add_up(sources, contract, mocks)
    reckoning = reckon(contract, record, left_out)
    if json_file is not None:
        _write(json_file, json.dumps(as_json(reckoning, by), indent=2) + "\n")
    if page is not None:
        _write(page, as_page(reckoning, by))
    share = reckoning.totals[by]
    if badge is not None:
        _write(badge, as_badge(share.percent))
    if merged is not None:
        write_file(merged, record)
    for line in describe(reckoning, by):  # last: who reads it may have gone, such as `head`
        click.echo(line)
    if fail_under is not None and not share.reaches(fail_under):
        click.echo(f"\n{share.percent:g}% is less than {fail_under:g}%.", err=True)
        sys.exit(1)


def _write(path: Path, text: str) -> Any:
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise MockServerError(f"{path}: {error.strerror}.") from error
