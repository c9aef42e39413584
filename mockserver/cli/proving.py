"""What the commands that prove something share: options, the files they write, and how they exit."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mockserver.errors import MockServerError, nearest
from mockserver.prove.report import Report
from mockserver.prove.reports.har import as_har
from mockserver.prove.reports.junit import as_junit
from mockserver.prove.reports.page import as_page
from mockserver.prove.run import PHASES
from mockserver.prove.told import describe

seed = click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed sends the same requests."
)
phases = click.option(
    "--phases",
    metavar="LIST",
    default=",".join(PHASES),
    show_default=True,
    callback=lambda _context, _option, value: _read_phases(value),
    help="Which phases, with commas between them.",
)
operations = click.option(
    "--operation", "operations", multiple=True, metavar="ID", help="Only these operations."
)


def max_examples(default: int) -> Callable[[Any], Any]:
    return click.option(
        "--max-examples",
        type=click.IntRange(min=1),
        default=default,
        show_default=True,
        help="How many requests of each operation, and how many scenarios, are made up.",
    )


def _file(name: str, target: str, text: str) -> Callable[[Any], Any]:
    return click.option(
        name, target, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help=text
    )


junit = _file("--junit", "junit_file", "Write JUnit XML, too: what CI servers show.")
har = _file("--har", "har_file", "Write every request and answer as an HTTP Archive, too.")
html = _file("--html", "html_file", "Write one page that a browser shows, too.")
report = _file("--report", "report_file", "Write the report as JSON, too.")


@dataclass(frozen=True)
class Files:
    """Where a report is written to, by the option that asked for it."""

    junit: Path | None
    har: Path | None
    html: Path | None
    json: Path | None

    def write(self, found: Report) -> None:
        if self.junit is not None:
            write("--junit", self.junit, as_junit(found))
        if self.har is not None:
            write("--har", self.har, as_har(found))
        if self.html is not None:
            write("--html", self.html, as_page(found))
        if self.json is not None:
            write("--report", self.json, json.dumps(found.as_json(), indent=2))

    def check(self) -> None:
        """Refuse what cannot be written before the run, not after it."""
        named = {"--junit": self.junit, "--har": self.har, "--html": self.html, "--report": self.json}
        for option, path in named.items():
            if path is not None and not path.absolute().parent.is_dir():
                raise MockServerError(f"{option} {path}: there is no folder {path.parent}.")


def conclude(found: Report, files: Files) -> None:
    """Tell a report, write it, and exit: 1 if anything failed, 2 if the run did not come to its end."""
    click.echo()
    for line in describe(found):
        click.echo(line)
    files.write(found)
    if found.interrupted:
        sys.exit(2)
    if not found.ok:
        sys.exit(1)


def say(text: str) -> None:
    click.echo(text, nl=False)


def write(option: str, path: Path, text: str) -> None:
    try:
        path.write_text(f"{text.rstrip()}\n", encoding="utf-8", errors="replace")
    except OSError as error:
        raise MockServerError(f"{option} {path}: {error.strerror}.") from error


def _read_phases(text: str) -> tuple[str, ...]:
    named = tuple(each.strip() for each in text.split(",") if each.strip())
    for each in named:
        if each not in PHASES:
            raise MockServerError(
                f'--phases: there is no phase "{each}"; there are {", ".join(PHASES)}.{nearest(each, PHASES)}'
            )
    return named
