"""The command ``check``."""

import gc
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from mockserver.cli import options
from mockserver.contract.loading.files import Reach
from mockserver.contract.loading.lint import Findings, lint
from mockserver.contract.resources.roles import NO_RESOURCES
from mockserver.errors import MockServerError
from mockserver.prove.belongings import Result, check_handlers, check_scenarios, check_sets, result_of
from mockserver.respond.marks import Handling, collect
from mockserver.serve.assembly import (
    Parts,
    Setup,
    assemble,
    find_contract,
    find_fixtures,
    find_handlers,
    find_personas,
    infer,
    read_parts,
)
from mockserver.state.fixtures import find_set, sets_in
from mockserver.state.personas import Personas, load_personas


@click.command()
@options.together(
    options.contract,
    options.fixtures,
    click.option(
        "--set", "fixture_set", metavar="NAME", help="Look at this fixture set only. [default: all of them]"
    ),
    options.handlers,
    options.prefixes,
    options.overlays,
    options.outside_refs,
    options.remote_refs,
)
def command(
    contract: Path | None,
    fixtures: Path | None,
    fixture_set: str | None,
    handlers: str | None,
    prefixes: tuple[str, ...],
    overlays: tuple[str, ...],
    allow_outside_refs: bool,
    allow_remote_refs: bool,
) -> None:
    """
    Name every defect of CONTRACT and of what belongs to it: its examples, handlers, personas, fixtures and
    scenarios.

    Ends with 0 if there is none, and with 1 if there is any.

    \b
    mockserver check
    mockserver check their-api.yaml --fixtures their-fixtures
    mockserver check --set demo
    """
    reach = Reach(allow_outside_refs, allow_remote_refs)
    setup = Setup(
        contract=contract,
        fixtures=fixtures,
        fixture_set=fixture_set,
        handlers=handlers,
        reach=reach,
        **options.of_one(contract, prefixes, overlays),
    )
    gc.disable()  # little becomes garbage, and looking for it takes half the time
    try:
        results = list(check(setup))
    finally:
        gc.enable()
    # What stands in the way of several things is told by each of them.
    defects = list(dict.fromkeys(defect for result in results for defect in result.defects))
    for line in defects or [result.checked for result in results if result.checked]:
        click.echo(line)
    if defects:
        told = f"{len(defects)} {'defect' if len(defects) == 1 else 'defects'}"
        click.echo("; ".join([told, *(result.left_out for result in results if result.left_out)]) + ".")
        sys.exit(1)


def check(setup: Setup) -> Iterator[Result]:
    """
    Check a contract and what belongs to it, one thing after the other, and what has no defect as a whole.

    Raises:
        MockServerError: what was asked for is not there, so that nothing can be said of it.
    """
    is_sound = True
    for result in _check_parts(setup):
        yield result
        is_sound = is_sound and not result.defects
    if is_sound:
        yield result_of(partial(_put_together, setup))


def _check_parts(setup: Setup) -> Iterator[Result]:
    path = find_contract(setup.contract)
    findings = lint(path, setup.reach, setup.overlays)
    contract = findings.contract
    left_out = "" if contract else "what belongs to the contract is looked at once that can be served"
    yield Result(_tell(path, findings), list(map(str, findings.defects)), left_out)
    if contract is None:
        return
    handlings: dict[str, Handling] = {}
    handlers = find_handlers(setup, path, contract)
    if handlers is not None:
        result = check_handlers(contract, handlers)
        yield result
        handlings = {} if result.defects else dict(collect(contract, handlers))
    resources = NO_RESOURCES
    try:
        resources = infer(contract, handlings)
    except MockServerError as error:
        yield Result("", str(error).splitlines())
    try:
        fixtures = find_fixtures(setup, path, contract)
    except MockServerError as error:
        if setup.fixtures is not None:
            raise
        yield Result("", [str(error)])
        return
    if setup.fixture_set is not None:
        find_set(fixtures, setup.fixture_set)
    personas = find_personas(fixtures)
    known = Personas({})
    if personas is not None:
        told = result_of(lambda: f"{personas}: {len(list(load_personas(personas)))} personas.")
        yield told
        known = Personas({}) if told.defects else load_personas(personas)
    yield from check_sets(contract, resources, fixtures, setup.fixture_set)
    if setup.fixture_set is None:
        parts = Parts(path, contract, fixtures, handlers, handlings, known, resources)
        yield from check_scenarios(setup, parts)


def _tell(path: Path, findings: Findings) -> str:
    if findings.contract is None:
        return ""
    counts = {"operations": len(findings.contract.operations), **findings.counts}
    told = ", ".join(f"{n} {what if n != 1 else what.removesuffix('s')}" for what, n in counts.items())
    version = "2.0" if findings.contract.is_converted else findings.contract.data["openapi"]
    return f"{path}: OpenAPI {version}, {told}."


def _put_together(setup: Setup) -> str:
    """Make a mock of what has no defect in its parts: serving may still refuse the whole."""
    fixtures = read_parts(setup).fixtures
    names = sets_in(fixtures) if fixtures else []
    assemble(replace(setup, fixture_set=setup.fixture_set or next(iter(names), None))).close()
    return ""
