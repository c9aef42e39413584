"""The command ``fuzz``."""

from datetime import datetime
from pathlib import Path

import click

from mockserver.cli import options, proving
from mockserver.cli.saying import say
from mockserver.contract.loading.files import Reach
from mockserver.prove.fuzz import Plan, fuzz
from mockserver.serve.assembly import Setup


@click.command()
@options.together(
    options.contract,
    proving.seed,
    proving.max_examples(100),
    click.option("--persona", metavar="NAME", help="Who calls. [default: the first whose token is good]"),
    click.option(
        "--peer",
        metavar="NAME",
        help="Who must not see what is the persona's. [default: the first who is shown something else]",
    ),
    proving.phases,
    proving.operations,
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        metavar="N",
        help="Run the phases in so many processes, each with a mock of its own; the same is sent and found.",
    ),
    options.fixtures,
    options.fixture_set,
    options.handlers,
    options.prefixes,
    options.overlays,
    options.strict,
    options.outside_refs,
    options.remote_refs,
    options.clock,
    proving.html,
    proving.junit,
    proving.har,
    proving.report,
)
def command(
    contract: Path | None,
    seed: int,
    max_examples: int,
    persona: str | None,
    peer: str | None,
    phases: tuple[str, ...],
    operations: tuple[str, ...],
    workers: int,
    fixtures: Path | None,
    fixture_set: str | None,
    handlers: str | None,
    prefixes: tuple[str, ...],
    overlays: tuple[str, ...],
    is_strict: bool,
    allow_outside_refs: bool,
    allow_remote_refs: bool,
    clock: datetime | None,
    html_file: Path | None,
    junit_file: Path | None,
    har_file: Path | None,
    report_file: Path | None,
) -> None:
    """
    Prove the mock of CONTRACT; exits with 1 if it failed, with 2 if it could not run.

    A mock is started for the purpose, on a free port and in memory, and asked thousands of things, right
    and wrong: by schemathesis as a persona (examples, coverage, fuzzing, stateful) and without credentials
    (nobody), and in journeys through its collections, whose pages, filters, orders and items have to agree
    (journeys). Each failure is shown with lines that repeat it.

    \b
    mockserver fuzz
    mockserver fuzz --max-examples 500 --seed 7 --workers 2
    mockserver fuzz --phases examples,fuzzing --operation getGroup
    mockserver fuzz their-api.yaml --html fuzz.html --junit fuzz.xml
    """
    files = proving.Files(junit_file, har_file, html_file, report_file)
    files.check()
    setup = Setup(
        contract=contract,
        fixtures=fixtures,
        fixture_set=fixture_set,
        handlers=handlers,
        set_to=clock,
        reach=Reach(allow_outside_refs, allow_remote_refs),
        is_strict=is_strict,
        **options.of_one(contract, prefixes, overlays),
    )
    keeps_all = har_file is not None
    plan = Plan(seed, max_examples, persona, peer, phases, operations, workers, keeps_all)
    proving.conclude(fuzz(setup, plan, say), files)
