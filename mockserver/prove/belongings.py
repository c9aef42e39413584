"""What belongs to a contract, its handlers, fixture sets and scenarios, held against it."""

import importlib.util
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from mockserver.contract.operation import Contract
from mockserver.contract.resources.roles import NO_RESOURCES, Resources
from mockserver.errors import MockServerError
from mockserver.respond.marks import Handling, collect, import_modules
from mockserver.serve.assembly import Parts, Setup, find_fixtures, find_handlers, infer, read_beginnings
from mockserver.state.fixtures import collections_of, find_set, read_set, sets_in
from mockserver.state.scenarios import Scenarios


@dataclass(frozen=True)
class Result:
    """One thing that was checked: what to say of it if it is sound, what is wrong, and what was left out."""

    checked: str
    defects: list[str]
    left_out: str = ""


def check_handlers(contract: Contract, source: str | Path) -> Result:
    """Collect the handlers, and where that fails those of each module, since each may have a defect."""
    whole = result_of(partial(_tell_handlers, contract, source))
    if not whole.defects:
        return whole
    alone = [result_of(partial(_tell_handlers, contract, part)) for part in _modules(source)]
    defects = [defect for result in alone for defect in result.defects]
    return Result("", list(dict.fromkeys(defects)) or whole.defects)


def check_sets(
    contract: Contract, resources: Resources, fixtures: Path | None, fixture_set: str | None = None
) -> Iterator[Result]:
    """Read one fixture set of a folder, or each of them."""
    try:
        collections_of(contract, resources)
    except MockServerError:
        return  # the contract's own defects tell why
    names = [fixture_set] if fixture_set else sets_in(fixtures) if fixtures else []
    for name in names:
        yield result_of(partial(_tell_set, contract, resources, fixtures, name))


def check_scenarios(setup: Setup, parts: Parts) -> Iterator[Result]:
    """Read each scenario beside the fixture sets."""
    try:
        _, scenarios = read_beginnings(setup, parts)
    except MockServerError:
        return  # the contract's own defects tell why
    for name in scenarios.names():
        yield result_of(partial(_tell_scenario, scenarios, name))


def result_of(tell: Callable[[], str]) -> Result:
    """Give what is told, or the defects that stood in its way."""
    try:
        return Result(tell(), [])
    except MockServerError as error:
        return Result("", str(error).splitlines())


def no_longer_fit(setup: Setup, path: Path, old: Contract, new: Contract) -> list[str]:
    """
    Tell which handlers and fixtures of a contract, at a path, fitted its old version and do not fit the new.

    Raises:
        MockServerError: what was asked for by name is not there, or cannot be imported.
    """
    handlers = find_handlers(setup, path, new)
    if handlers is not None and setup.handlers is not None:
        list(import_modules(handlers))  # else they would fit neither version, and nothing would be told
    try:
        fixtures = find_fixtures(setup, path, new)
    except MockServerError:
        if setup.fixtures is not None:
            raise
        fixtures = None  # a copy of a contract stands where its fixtures do not
    before = {line.replace(old.name, new.name) for line in _misfits(old, handlers, fixtures)}
    return [line for line in dict.fromkeys(_misfits(new, handlers, fixtures)) if line not in before]


def _misfits(contract: Contract, handlers: str | Path | None, fixtures: Path | None) -> Iterator[str]:
    handlings: dict[str, Handling] = {}
    if handlers is not None:
        result = check_handlers(contract, handlers)
        yield from result.defects
        handlings = {} if result.defects else dict(collect(contract, handlers))
    if not sets_in(fixtures):
        return
    resources = NO_RESOURCES
    try:
        collections_of(contract)
        resources = infer(contract, handlings)
    except MockServerError as error:
        yield from str(error).splitlines()
    for result in check_sets(contract, resources, fixtures):
        yield from result.defects


def _tell_handlers(contract: Contract, source: str | Path) -> str:
    return f"{source}: handlers for {len(collect(contract, source))} operations."


def _modules(source: str | Path) -> list[str | Path]:
    if isinstance(source, Path):
        return [*sorted(source.glob("*.py"))]
    try:
        found = importlib.util.find_spec(source)
    except Exception:  # whatever a package raises that cannot be imported, which is told already
        return []
    folders = found.submodule_search_locations if found else None
    return [f"{source}.{info.name}" for info in pkgutil.iter_modules(folders or [])]


def _tell_set(contract: Contract, resources: Resources, fixtures: Path | None, name: str) -> str:
    content = read_set(fixtures, name, contract, datetime.now(UTC), resources)
    counts = ", ".join(f"{len(items)} {collection}" for collection, items in content.items())
    return f"{find_set(fixtures, name)}: {counts or 'nothing'}."


def _tell_scenario(scenarios: Scenarios, name: str) -> str:
    scenario = scenarios.read(name)
    steps = f"{len(scenario.steps)} {'step' if len(scenario.steps) == 1 else 'steps'}"
    return f"{scenario.path}: {steps}."
