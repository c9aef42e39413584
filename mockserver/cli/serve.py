"""The command ``serve``."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import click

from mockserver.cli import options
from mockserver.cli.addresses import first_items
from mockserver.cli.assigned import read_overlays, read_prefixes
from mockserver.cli.routes import describe_operations
from mockserver.cli.saying import leave_unread
from mockserver.cli.upstream import UpstreamOptions, upstream_options
from mockserver.contract.loading.files import Reach
from mockserver.contract.operation import declared_base_path
from mockserver.control.addresses import DOCS
from mockserver.errors import MockServerError
from mockserver.serve.assembly import Mock, Setup, find_contract
from mockserver.serve.server import run
from mockserver.serve.sockets import listen
from mockserver.serve.upstream import MockWhen
from mockserver.state.clock import write_time
from mockserver.state.coverage_file import add_to_file, check_file
from mockserver.state.journal import JournalLimits
from mockserver.state.sandboxes import SandboxLimits
from mockserver.state.settings import AuthMode, RequestMode, ResponseMode, Settings


@click.command()
@options.together(
    click.argument("contracts", metavar="[CONTRACT]...", nargs=-1, type=click.Path(path_type=Path)),
    options.prefixes,
    options.overlays,
    click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on."),
    click.option(
        "--port",
        type=int,
        default=8080,
        show_default=True,
        help="The port; 0 takes any free one.",
    ),
    options.fixtures,
    options.fixture_set,
    options.scenario,
    options.state,
    options.handlers,
    options.auth,
    options.strict,
    options.outside_refs,
    options.remote_refs,
    click.option(
        "--requests",
        type=click.Choice(["strict", "enforce", "report", "off"]),
        help="What breaks the contract: refuse it (strict: unknown query parameters too), "
        "note it and let it pass, or do not look. [default: enforce; with --upstream: report]",
    ),
    click.option(
        "--responses",
        type=click.Choice(["enforce", "report", "off"]),
        help="Answers that break the contract: answer 500 instead (502 with --upstream), note it, or do not "
        "look. [default: enforce; with --upstream: report]",
    ),
    click.option(
        "--max-body",
        type=click.IntRange(min=0),
        default=1024 * 1024,
        show_default=True,
        metavar="BYTES",
        help="The largest body that is taken; above it the answer is 413.",
    ),
    options.seed,
    options.clock,
    click.option("--reload", is_flag=True, help="Follow edits of the contract, fixtures and handlers."),
    click.option(
        "--max-sandboxes",
        type=click.IntRange(min=0),
        default=256,
        show_default=True,
        help="How many sandboxes there may be beside the default one.",
    ),
    click.option(
        "--sandbox-idle",
        type=click.FloatRange(min=1),
        default=1800.0,
        show_default=True,
        metavar="SECONDS",
        help="A sandbox that nobody used for so long is gone.",
    ),
    click.option(
        "--sandbox-size",
        type=click.IntRange(min=0),
        default=64,
        show_default=True,
        metavar="MB",
        help="How much may be written in one sandbox, but for the default one.",
    ),
    click.option(
        "--journal",
        "journal_entries",
        type=click.IntRange(min=0),
        default=1000,
        show_default=True,
        metavar="N",
        help="How many requests each sandbox remembers, at most 8 MB of them; 0: none.",
    ),
    options.coverage_file,
    click.option(
        "--control-token",
        metavar="TOKEN",
        envvar="MOCKSERVER_CONTROL_TOKEN",
        help="Who sends it as a bearer token may steer the mock from anywhere; else only this machine may.",
    ),
    click.option(
        "--quiet-headers",
        is_flag=True,
        help="Do not tell in every answer how it was made (Mock-Source, Mock-Journal).",
    ),
    click.option("--quiet", is_flag=True, help="Do not write a line for each request."),
    upstream_options,
)
def command(
    contracts: tuple[Path, ...],
    prefixes: tuple[str, ...],
    overlays: tuple[str, ...],
    host: str,
    port: int,
    fixtures: Path | None,
    fixture_set: str | None,
    scenario: str | None,
    state: Path | None,
    handlers: str | None,
    auth: AuthMode | None,
    is_strict: bool,
    allow_outside_refs: bool,
    allow_remote_refs: bool,
    requests: RequestMode | None,
    responses: ResponseMode | None,
    max_body: int,
    seed: int,
    clock: datetime | None,
    reload: bool,
    max_sandboxes: int,
    sandbox_idle: float,
    sandbox_size: int,
    journal_entries: int,
    coverage_file: Path | None,
    control_token: str | None,
    quiet_headers: bool,
    quiet: bool,
    upstream_url: str | None,
    upstream_timeout: float,
    is_insecure: bool,
    authorities: Path | None,
    mock_when: tuple[MockWhen, ...],
    record: Path | None,
    report_file: Path | None,
) -> None:
    """
    Serve CONTRACT as an API: ./openapi.yaml, else the contract that is shipped.

    \b
    mockserver serve
    mockserver serve --port 0 --set empty --auth off
    mockserver serve --scenario flaky-backend
    mockserver serve --state mock.db           what is written outlives a restart
    mockserver serve their-api.yaml --reload
    mockserver serve their-api.yaml --overlay corrections.yaml
    mockserver serve a.yaml b.yaml --prefix b.yaml=/b     each under its base path
    mockserver serve --upstream http://127.0.0.1:9000     in front of a backend
    """
    if len(contracts) > 1:
        _refuse_for_several(
            {
                "--fixtures": fixtures,
                "--set": fixture_set,
                "--scenario": scenario,
                "--state": state,
                "--handlers": handlers,
                "--upstream": upstream_url,
                "--coverage": coverage_file,
            }
        )
    if coverage_file is not None:
        check_file(coverage_file)
    behind = UpstreamOptions(
        upstream_url, upstream_timeout, mock_when, record, report_file, is_insecure, authorities
    )
    upstream = behind.read(find_contract(contracts[0] if contracts else None).name)
    usual: Literal["enforce", "report"] = "enforce" if upstream is None else "report"
    setup = Setup(
        fixtures=fixtures,
        fixture_set=fixture_set,
        scenario=scenario,
        state=state,
        handlers=handlers,
        auth=auth,
        settings=Settings(
            requests or usual, responses or usual, headers="quiet" if quiet_headers else "explain"
        ),
        body_limit=max_body,
        control_token=control_token or None,
        limits=SandboxLimits(max_sandboxes, sandbox_idle),
        sandbox_size=sandbox_size * 1024 * 1024,
        journal=JournalLimits(entries=journal_entries),
        seed=seed,
        set_to=clock,
        write_line=None if quiet else _say,
        reach=Reach(allow_outside_refs, allow_remote_refs),
        is_strict=is_strict,
        upstream=upstream,
    )
    prefix_of, overlays_of = read_prefixes(prefixes, contracts), read_overlays(overlays, contracts)
    setups = [
        replace(setup, contract=each, prefix=prefix_of.get(each), overlays=overlays_of.get(each, ()))
        for each in contracts or (None,)
    ]
    named_both = state is not None and fixture_set is not None

    served: list[Mock] = []

    def announce(mocks: Sequence[Mock], url: str) -> None:
        served.extend(mocks)
        _announce(mocks, url)
        if upstream is not None:
            _say(f"Backend        {upstream.backend.url}\n")
        if named_both and not mocks[0].world.is_fresh:
            _say(f"The items are those of {state}; the set {fixture_set} is for the next reset.\n")

    try:
        run(setups, listen(host, port), reload=reload, announce=announce, say=_say)
    finally:
        try:
            if coverage_file is not None and served:
                add_to_file(coverage_file, served[0].served.coverage.record())
        finally:
            if upstream is not None and served:
                behind.finish(upstream, _say)


def _refuse_for_several(given: Mapping[str, object]) -> None:
    for name, value in given.items():
        if value is not None:
            raise MockServerError(
                f"{name} is of one contract, and several are served; serve that one on its own. "
                "Fixtures and handlers beside each contract are found without it."
            )


def _announce(mocks: Sequence[Mock], url: str) -> None:
    for mock in mocks:
        options.warn(mock.parts.contract)
    lines = [f"mockserver is listening on {url}", ""]
    for number, mock in enumerate(mocks, 1):
        docs = f"{url}{DOCS}/" if len(mocks) == 1 else f"{url}{DOCS}/?document={number}"
        lines += [*_describe(mock, url, docs), ""]
    _say("\n".join([*lines[:-1], ""]))


def _describe(mock: Mock, url: str, docs: str) -> list[str]:
    lines = [f"{mock.parts.contract.title} ({mock.parts.path})"]
    declared = declared_base_path(mock.parts.contract.data)
    if declared != mock.parts.contract.base_path:
        lines.append(f"  Its base path {declared} is the mock's own, and is left out.")
    items = first_items(mock.parts.resources, mock.world.store)
    lines += [f"  {line}" for line in describe_operations(mock.parts, items, url)]
    lines += ["", f"Documentation  {docs}"]
    if mock.parts.personas:
        name = next(iter(mock.parts.personas)).name
        now = write_time(datetime.fromtimestamp(mock.world.clock.now(), UTC))
        is_other = mock.world.clock.is_frozen or mock.world.clock.offset
        when = f" --clock {now}" if is_other else ""
        lines.append(
            f"A token        mockserver token {name}{when}   (mockserver token --list shows who else)"
        )
    names = mock.world.store.names()
    if names:
        counts = ", ".join(f"{len(mock.world.store[name])} {name}" for name in names[:_COUNTED])
        more = f", and {len(names) - _COUNTED} collections more" if len(names) > _COUNTED else ""
        lines.append(f"Items          {counts}{more}")
    if mock.world.scenario is not None:
        lines.append(f"Scenario       {mock.world.scenario.name}: {mock.world.scenario.description}")
    return lines


_COUNTED = 12  # collections; more would hide the addresses


def _say(text: str) -> Any:
    try:
        print(text, flush=True)  # a line for each request: quicker than click's
    except BrokenPipeError:  # who read the lines has gone, such as `head`; who sends requests has not
        leave_unread()
