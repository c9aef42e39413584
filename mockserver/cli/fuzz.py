"""The command ``fuzz``."""

import json
import sys
from datetime import datetime
from pathlib import Path

import click

from mockserver.cli import options
from mockserver.contract.loading.files import Reach
from mockserver.errors import MockServerError, nearest
from mockserver.prove.fuzz import PHASES, Plan, fuzz
from mockserver.prove.told import describe
from mockserver.serve.assembly import Setup


@click.command()
@options.together(
    options.contract,
    click.option(
        "--seed", type=int, default=1, show_default=True, help="The same seed sends the same requests."
    ),
    click.option(
        "--max-examples",
        type=click.IntRange(min=1),
        default=100,
        show_default=True,
        help="How many requests of each operation, and how many scenarios, are made up.",
    ),
    click.option("--persona", metavar="NAME", help="Who calls. [default: the first whose token is good]"),
    click.option(
        "--peer",
        metavar="NAME",
        help="Who must not see what is the persona's. [default: the first who is shown something else]",
    ),
    click.option(
        "--phases",
        metavar="LIST",
        default=",".join(PHASES),
        show_default=True,
        callback=lambda _context, _option, value: _read_phases(value),
        help="Which phases, with commas between them.",
    ),
    click.option("--operation", "operations", multiple=True, metavar="ID", help="Only these operations."),
    options.fixtures,
    options.fixture_set,
    options.handlers,
    options.prefixes,
    options.overlays,
    options.strict,
    options.outside_refs,
    options.remote_refs,
    options.clock,
    click.option(
        "--report",
        "report_file",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write the report as JSON, too.",
    ),
)
def command(
    contract: Path | None,
    seed: int,
    max_examples: int,
    persona: str | None,
    peer: str | None,
    phases: tuple[str, ...],
    operations: tuple[str, ...],
    fixtures: Path | None,
    fixture_set: str | None,
    handlers: str | None,
    prefixes: tuple[str, ...],
    overlays: tuple[str, ...],
    is_strict: bool,
    allow_outside_refs: bool,
    allow_remote_refs: bool,
    clock: datetime | None,
    report_file: Path | None,
) -> None:
    """
    Prove the mock of CONTRACT with schemathesis; exits with 1 if it failed.

    A mock is started for the purpose, on a free port and in memory, and asked thousands of things, right
    and wrong. Each failure is shown with a line that repeats it.

    \b
    mockserver fuzz
    mockserver fuzz --max-examples 500 --seed 7
    mockserver fuzz --phases examples,fuzzing --operation getGroup
    mockserver fuzz their-api.yaml --report fuzz.json
    """
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
    plan = Plan(seed, max_examples, persona, peer, phases, operations)
    report = fuzz(setup, plan, lambda text: click.echo(text, nl=False))
    click.echo()
    for line in describe(report):
        click.echo(line)
    if report_file is not None:
        _write(report_file, json.dumps(report.as_json(), indent=2))
    if not report.ok:
        sys.exit(1)


def _read_phases(text: str) -> tuple[str, ...]:
    named = tuple(each.strip() for each in text.split(",") if each.strip())
    for each in named:
        if each not in PHASES:
            raise MockServerError(
                f'--phases: there is no phase "{each}"; there are {", ".join(PHASES)}.{nearest(each, PHASES)}'
            )
    return named


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise MockServerError(f"--report {path}: {error.strerror}.") from error
