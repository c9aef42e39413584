"""What the commands that prove something share: options, the files they write, and how they exit."""

import json
import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mockserver.cli import options
from mockserver.cli.saying import say
from mockserver.errors import MockServerError, nearest
from mockserver.prove.baseline import Baseline, write_baseline
from mockserver.prove.report import Report
from mockserver.prove.reports.har import as_har
from mockserver.prove.reports.junit import as_junit
from mockserver.prove.reports.page import as_page
from mockserver.prove.run import PHASES
from mockserver.prove.told import describe
from mockserver.prove.verify import Backend, Chosen
from mockserver.state.whole_files import write_whole

# RFC 9110, "Tokens".
_NAME_OF_A_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LONGEST_TIME = 3600


def _read_time(_context: Any, _option: Any, value: float | None) -> float | None:
    """Refuse what is no number or too much of it: "nan" and "inf" are read as numbers, too."""
    if value is not None and not 0 < value <= _LONGEST_TIME:
        raise click.BadParameter(f"{value} is not more than 0 and at most {_LONGEST_TIME}.")
    return value


seed = click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed sends the same requests."
)
phases = click.option(
    "--phases",
    metavar="LIST",
    default=",".join(PHASES),
    show_default=True,
    callback=lambda _context, _option, value: _read_phases(value),
    help="Which phases, with commas between them. However few examples are wanted, coverage sends every kind "
    "of right and wrong request: at a slow server that takes most of the time.",
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
        help="How many requests of each operation, and how many scenarios, are made up. "
        "What coverage and journeys send besides depends on the contract alone.",
    )


def _file(name: str, target: str, text: str) -> Callable[[Any], Any]:
    return click.option(
        name, target, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help=text
    )


junit = _file("--junit", "junit_file", "Write JUnit XML, too: what CI servers show.")
har = _file("--har", "har_file", "Write every request and answer as an HTTP Archive, too.")
html = _file("--html", "html_file", "Write one page that a browser shows, too.")
report = _file("--report", "report_file", "Write the report as JSON, too.")
files = options.together(html, junit, har, report)

backend = options.together(
    click.option(
        "--url",
        required=True,
        metavar="URL",
        help="Where the paths of the contract begin: the base path is in it.",
    ),
    click.option(
        "-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="Sent with requests."
    ),
    click.option(
        "--token",
        metavar="TOKEN",
        envvar="MOCKSERVER_TOKEN",
        help="Sent where the contract asks who calls. [env: MOCKSERVER_TOKEN]",
    ),
    click.option(
        "--token-command",
        metavar="COMMAND",
        help="Prints the token; run again when that is refused (401).",
    ),
    click.option(
        "--token-minutes",
        type=float,
        callback=_read_time,
        metavar="N",
        help="Run the token's command again after so many minutes, too.",
    ),
    click.option("--rate", metavar="N/s", help="At most so many requests: 5/s, 90/m, 1000/h, whole numbers."),
    click.option(
        "--timeout",
        type=float,
        callback=_read_time,
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help="How long an answer may take, to its end.",
    ),
    options.insecure,
    options.authorities,
    click.option("--safe", "is_safe", is_flag=True, help="Send nothing but GET, HEAD and OPTIONS."),
    click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only operations with this tag."),
    click.option(
        "--path", "paths", multiple=True, metavar="GLOB", help="Only these paths: '/users/*' (* is any text)."
    ),
    operations,
)
baselines = options.together(
    click.option(
        "--baseline",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Failures that are accepted: only others fail.",
    ),
    click.option(
        "--write-baseline",
        "written",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write what failed as a baseline, and exit with 0.",
    ),
)


@dataclass(frozen=True)
class Files:
    """Where a report is written to, by the option that asked for it, and where a baseline is."""

    junit: Path | None
    har: Path | None
    html: Path | None
    json: Path | None
    baseline: Path | None = None

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
        for option, path in {**named, "--write-baseline": self.baseline}.items():
            if path is None:
                continue
            if not path.absolute().parent.is_dir():
                raise MockServerError(f"{option} {path}: there is no folder {path.parent}.")
            if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
                raise MockServerError(f"{option} {path}: cannot be written.")


def read_backend(given: Mapping[str, Any]) -> Backend:
    """Give the backend that the options say is to be asked."""
    token = given["token"].strip() if given["token"] else None
    if token and given["token_command"] is not None:
        raise MockServerError("--token and --token-command: one of them is enough.")
    if given["token_minutes"] is not None and given["token_command"] is None:
        raise MockServerError("--token-minutes is about a token's command; name it by --token-command.")
    return Backend(
        url=given["url"],
        headers=_read_headers(given["headers"]),
        token=token or None,
        token_command=given["token_command"],
        token_minutes=given["token_minutes"],
        rate=given["rate"],
        timeout=given["timeout"],
        verify=options.trusted(given["is_insecure"], given["authorities"]),
    )


def read_chosen(given: Mapping[str, Any]) -> Chosen:
    return Chosen(given["operations"], given["tags"], given["paths"], given["is_safe"])


def read_files(given: Mapping[str, Any]) -> Files:
    return Files(
        given["junit_file"], given["har_file"], given["html_file"], given["report_file"], given["written"]
    )


def hold(found: Report, accepted: Baseline | None, files: Files, asked: Collection[str]) -> str:
    """Hold a report against the baseline that is there, and give the text of the one that is wanted."""
    if accepted is not None:
        accepted.hold_against(found, asked)
    if files.baseline is None or found.interrupted:
        return ""
    text = write_baseline(found, accepted, asked)
    found.accepted, found.findings = [*found.accepted, *found.findings], []
    return text


def conclude(found: Report, files: Files, baseline: str = "") -> None:
    """
    Write a report, tell it, and exit: 1 if anything failed, 2 if the run did not come to its end.

    The text of a ``baseline`` comes last: nobody is to accept what they were not told.
    """
    try:
        files.write(found)
    finally:
        say("\n".join(["", *describe(found), ""]))
    if files.baseline is not None and baseline:
        write("--write-baseline", files.baseline, baseline)
    if found.interrupted:
        sys.exit(2)
    if not found.ok:
        sys.exit(1)


def write(option: str, path: Path, text: str) -> None:
    try:
        write_whole(path, f"{text.rstrip()}\n".encode(errors="replace"))
    except OSError as error:
        raise MockServerError(f"{option} {path}: {error.strerror}.") from error


def _read_phases(text: str) -> tuple[str, ...]:
    named = tuple(each.strip() for each in text.split(",") if each.strip())
    for each in named:
        if each not in PHASES:
            raise MockServerError(
                f'--phases: there is no phase "{each}"; there are {", ".join(PHASES)}.{nearest(each, PHASES)}'
            )
    if not named:
        raise MockServerError(f"--phases: name at least one of {', '.join(PHASES)}.")
    return named


def _read_headers(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Read headers, each of which can be sent once: two of one name are one with a comma in between."""
    found: dict[str, tuple[str, str]] = {}
    for text in texts:
        name, value = _read_header(text)
        if name.lower() in found:
            raise MockServerError(f"--header {name}: is given twice; write its values as one, with commas.")
        found[name.lower()] = name, value
    return [*found.values()]


def _read_header(text: str) -> tuple[str, str]:
    """Read one header; neither a refused one nor its value is told, which may be a secret."""
    name, is_pair, value = (each.strip() for each in text.partition(":"))
    if not is_pair or not _NAME_OF_A_HEADER.fullmatch(name):
        raise MockServerError('--header: a header is written like "X-Tenant: acme".')
    if any((sign < " " and sign != "\t") or not "\x7f" != sign <= "\xff" for sign in value):
        raise MockServerError(
            f"--header {name}: its value has a line break, or another character that no header can have."
        )
    return name, value
