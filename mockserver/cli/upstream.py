"""The options of ``serve`` for a backend behind the mock, and what is told of it at the end."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mockserver.cli import options
from mockserver.errors import MockServerError
from mockserver.serve.backend import Backend
from mockserver.serve.upstream import MockWhen, Upstream
from mockserver.state.findings import Findings
from mockserver.state.fixture_files import check_writable, write_value
from mockserver.state.recording import EXAMPLES, Recording


@dataclass(frozen=True)
class UpstreamOptions:
    """What was said of a backend on the command line."""

    url: str | None
    timeout: float
    mock_when: tuple[MockWhen, ...]
    record: Path | None
    report: Path | None
    is_insecure: bool = False
    authorities: Path | None = None

    def read(self, contract: str) -> Upstream | None:
        """
        Give what is to be done with a backend, ``None`` where there is none.

        Raises:
            MockServerError: the address is none, what is to be written cannot be, or something is said of a
                backend that is not there.
        """
        if self.url is None:
            given = {
                "--mock-when": self.mock_when,
                "--record": self.record,
                "--report": self.report,
                "--insecure": self.is_insecure,
                "--ca": self.authorities,
            }
            for name, value in given.items():
                if value:
                    raise MockServerError(f"{name} is about a backend; name it by --upstream URL.")
            return None
        if "never" in self.mock_when and len(self.mock_when) > 1:
            raise MockServerError("--mock-when never cannot be given beside another.")
        backend = Backend(self.url, self.timeout, options.trusted(self.is_insecure, self.authorities))
        if self.record is not None:
            check_writable(self.record / EXAMPLES)
        if self.report is not None:
            check_writable(self.report)
        recording = Recording(self.record) if self.record is not None else None
        when = frozenset(each for each in self.mock_when if each != "never")
        return Upstream(backend, Findings(backend.url, contract), recording, when)

    def finish(self, upstream: Upstream, say: Callable[[str], Any]) -> None:
        """
        Say what was found and recorded, and write it where that was asked for.

        Raises:
            MockServerError: a file cannot be written.
        """
        say("\n".join(["", *upstream.findings.lines()]))
        try:
            if self.report is not None:
                write_value(self.report, upstream.findings.as_json())
                say(f"Report written to {self.report}")
        finally:
            if upstream.recording is not None:
                _finish(upstream.recording, say)


def _finish(recording: Recording, say: Callable[[str], Any]) -> None:
    recording.write()
    lines = [f"Recorded in {recording.folder}: {_counted(recording)}"]
    lines += [
        f"  left out of {name}: {count} that break the contract, and could not be completed"
        for name, count in sorted(recording.left_out.items())
        if count
    ]
    say("\n".join(lines))


def _counted(recording: Recording) -> str:
    counts = [f"{count} {name}" for name, count in recording.counts().items()]
    if recording.example_count:
        counts.append(f"{recording.example_count} examples in {EXAMPLES}")
    return ", ".join(counts) or "nothing"


upstream_options = options.together(
    click.option(
        "--upstream",
        "upstream_url",
        metavar="URL",
        help="Hand requests to this backend, and hold both sides against the contract. A path of the URL "
        "stands in the place of the contract's base path.",
    ),
    click.option(
        "--upstream-timeout",
        type=click.FloatRange(min=0.001),
        default=30.0,
        show_default=True,
        metavar="SECONDS",
        help="How long the backend may be silent.",
    ),
    options.insecure,
    options.authorities,
    click.option(
        "--mock-when",
        type=click.Choice(["unreachable", "undeclared", "never"]),
        multiple=True,
        help="When the mock answers in the backend's place: it cannot be reached (or answers 502, 503, 504); "
        "it has no such operation yet. May be given twice. [default: never]",
    ),
    click.option(
        "--record",
        metavar="DIR",
        type=click.Path(path_type=Path),
        help="Keep what the backend answers, secrets masked: a fixture set, and examples in "
        "examples/overlay.json.",
    ),
    click.option(
        "--report",
        "report_file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Write what was found of the backend as JSON, too, when the server ends.",
    ),
)
