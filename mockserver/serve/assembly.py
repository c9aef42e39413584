"""Put one mock together: find the contract and what belongs to it, read it, and make the application."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from starlette.types import ASGIApp

from mockserver.contract.loading.document import ContractError, Reach, load
from mockserver.contract.operation import Contract
from mockserver.contract.pointers import escape
from mockserver.contract.resources.finding import find_resources
from mockserver.contract.resources.roles import NO_RESOURCES, Resources
from mockserver.control.addresses import PREFIX, is_reserved
from mockserver.control.steered import Served
from mockserver.errors import MockServerError
from mockserver.respond.marks import Handling, collect
from mockserver.serve.app import create_app, create_control
from mockserver.serve.upstream import Upstream
from mockserver.state.beginning import key_fields, settle, start_content
from mockserver.state.beginnings import Beginning, FixtureSets
from mockserver.state.clock import Clock
from mockserver.state.coverage import Coverage
from mockserver.state.fixtures import Content, check_items, collections_of, read_set, sets_in
from mockserver.state.journal import Journal, JournalLimits
from mockserver.state.masked_entries import for_a_line
from mockserver.state.masks import Masks
from mockserver.state.personas import Personas, load_personas
from mockserver.state.sandboxes import Sandboxes, SandboxLimits
from mockserver.state.scenario import Scenario
from mockserver.state.scenario_reader import Terms, read_scenario
from mockserver.state.scenarios import Scenarios
from mockserver.state.settings import AuthMode, Settings
from mockserver.state.store import Store
from mockserver.state.world import DEFAULT, World

DEFAULT_SET = "demo"
# Every contract has this set, unless it has one of its own that is called so.
EMPTY_SET = "empty"
_EMPTY_SETS = frozenset({EMPTY_SET, f"{EMPTY_SET}.json"})
_PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True)
class Setup:
    """
    What somebody asked to be served, as they asked for it; ``None`` leaves it to the contract.

    ``handlers`` is a module's name or a path, ``set_to`` the time at which the clock stands. ``prefix`` takes
    the place of the base path, ``overlays`` change the document, ``reach`` says which files may be read, and
    where it ``is_strict``, a contract with any defect is refused. ``settings`` are what each sandbox begins
    with, but for their ``auth``; ``scenario`` is the name or the file of the one that each begins with;
    ``body_limit`` is in bytes, and so is ``sandbox_size``, what may be written in each sandbox but the
    default one. With an ``upstream`` requests go to a backend. ``now`` counts the
    seconds after which a sandbox was idle for too long.
    """

    contract: Path | None = None
    prefix: str | None = None
    overlays: tuple[Path, ...] = ()
    reach: Reach = field(default_factory=Reach)
    is_strict: bool = False
    fixtures: Path | None = None
    fixture_set: str | None = None
    scenario: str | None = None
    state: Path | None = None
    handlers: str | None = None
    auth: AuthMode | None = None
    settings: Settings = field(default_factory=Settings)
    body_limit: int = 1024 * 1024
    limits: SandboxLimits = field(default_factory=SandboxLimits)
    sandbox_size: int = 64 * 1024 * 1024
    journal: JournalLimits = field(default_factory=JournalLimits)
    seed: int = 0
    set_to: datetime | None = None
    write_line: Callable[[str], Any] | None = None
    control_token: str | None = None
    upstream: Upstream | None = None
    now: Callable[[], float] = monotonic


@dataclass(frozen=True)
class Parts:
    """What one mock is made of, found and read."""

    path: Path
    contract: Contract
    fixtures: Path | None
    handlers: str | Path | None
    handlings: dict[str, Handling]
    personas: Personas
    resources: Resources


@dataclass(frozen=True)
class Mock:
    """A mock that is ready to be served."""

    parts: Parts
    served: Served
    app: ASGIApp

    @property
    def sandboxes(self) -> Sandboxes:
        return self.served.sandboxes

    @property
    def world(self) -> World:
        """What requests see that name no sandbox."""
        return self.sandboxes.default

    def close(self) -> None:
        self.sandboxes.close()


def find_contract(path: Path | None) -> Path:
    """
    Give the contract to serve: the one asked for, else ``./openapi.yaml``, else the one that is shipped.

    Raises:
        MockServerError: there is no such file.
    """
    if path is not None:
        if not path.is_file():
            raise MockServerError(f"{path}: there is no such file.")
        return path
    candidates = (
        Path("openapi.yaml"),
        _PACKAGE / "shipped" / "openapi.yaml",
        _PACKAGE.parent / "openapi.yaml",
    )
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise MockServerError("There is no openapi.yaml here; name a contract: mockserver serve PATH.")


def read_parts(setup: Setup) -> Parts:
    """
    Find and read the contract, its handlers and its personas.

    Raises:
        MockServerError: one of them is missing where it was asked for, or is broken.
    """
    path = find_contract(setup.contract)
    contract = load(path, setup.reach, setup.overlays)
    if setup.is_strict and contract.defects:
        raise ContractError(list(contract.defects))
    contract = _with_prefix(contract, setup.prefix)
    for operation in contract.operations:
        if is_reserved(contract.base_path + operation.path):
            text = f"what is under {PREFIX} is the mock's own."
            raise ContractError([contract.defect(f"/paths/{escape(operation.path)}", text)])
    fixtures = find_fixtures(setup, path, contract)
    handlers = find_handlers(setup, path, contract)
    handlings = dict(collect(contract, handlers)) if handlers is not None else {}
    personas_file = find_personas(fixtures)
    personas = load_personas(personas_file) if personas_file else Personas({})
    return Parts(path, contract, fixtures, handlers, handlings, personas, infer(contract, handlings))


def infer(contract: Contract, handlings: Mapping[str, Handling]) -> Resources:
    """
    Find the collections of the operations that have no handler.

    Raises:
        MockServerError: what the contract says of them itself cannot be meant.
    """
    if all(each.operation_id in handlings for each in contract.operations):
        return NO_RESOURCES
    return find_resources(contract).without(handlings, collections_of(contract))


def _with_prefix(contract: Contract, prefix: str | None) -> Contract:
    """Serve a contract under another base path than its own, which may be the mock's."""
    if prefix is not None:
        data = {**contract.data, "servers": [{"url": prefix or "/"}]}
        operations = tuple(replace(each, base_paths=()) for each in contract.operations)
        return replace(contract, data=data, base_path=prefix, operations=operations)
    if is_reserved(contract.base_path):
        return replace(contract, base_path="")
    return contract


def assemble(
    setup: Setup,
    parts: Parts | None = None,
    kept: Sandboxes | None = None,
    coverage: Coverage | None = None,
) -> Mock:
    """
    Make the mock that was asked for: of parts that were read already, around sandboxes that are there.

    Sandboxes that are kept go on counting into the ``coverage`` that they had.

    Raises:
        MockServerError: the contract, the fixtures, the handlers or the state file cannot be used.
    """
    parts = parts or read_parts(setup)
    if setup.scenario is not None and setup.state is not None:
        text = "A scenario begins anew with every start, and what is kept in a state file does not"
        raise MockServerError(f"{text}; leave out --scenario or --state.")
    sets, scenarios = read_beginnings(setup, parts)
    coverage = coverage or Coverage(parts.contract)
    sandboxes = kept if kept is not None else _make_sandboxes(setup, parts, sets, scenarios, coverage)
    try:
        served = Served(parts.contract, parts.resources, parts.personas, sandboxes, coverage)
        control = partial(create_control, served, token=setup.control_token)
        if setup.upstream is not None and setup.upstream.recording is not None:
            setup.upstream.recording.bind(parts.contract, parts.resources)
        app = create_app(
            served,
            parts.handlings,
            body_limit=setup.body_limit,
            control=control,
            upstream=setup.upstream,
        )
    except BaseException:
        if kept is None:
            sandboxes.close()
        raise
    if kept is not None:
        kept.follow(_maker(setup, parts, kept.sets, coverage), scenarios)
        kept.sets.replace(partial(_read_named, setup, parts), partial(sets_in, parts.fixtures))
    coverage.follow(parts.contract)
    return Mock(parts, served, app)


def read_content(setup: Setup, parts: Parts, now: datetime) -> Content:
    """
    Read the fixture set that was asked for.

    Where nobody asked for one, an inferred collection that the default set says nothing of begins with the
    contract's examples, or samples; a declared one is empty.

    Raises:
        MockServerError: there is no such set, or it breaks the contract.
    """
    contract, resources = parts.contract, parts.resources
    declared = collections_of(contract)
    if setup.fixture_set == EMPTY_SET and _EMPTY_SETS.isdisjoint(sets_in(parts.fixtures)):
        return {name: [] for name in (*declared, *resources.collections)}
    if setup.fixture_set is not None:
        content = read_set(parts.fixtures, setup.fixture_set, contract, now, resources)
        return settle(resources, content)
    content = {name: [] for name in declared}
    if parts.fixtures is not None and (declared or DEFAULT_SET in sets_in(parts.fixtures)):
        content = settle(resources, read_set(parts.fixtures, DEFAULT_SET, contract, now, resources))
    lacking = [name for name in resources.collections if name not in declared and not content.get(name)]
    made = start_content(contract, resources, setup.seed) if lacking else {}
    return {**content, **{name: made[name] for name in lacking}}


def find_fixtures(setup: Setup, path: Path, contract: Contract) -> Path | None:
    """
    Give the folder of fixture sets, if there is one.

    Raises:
        MockServerError: there is none where one was asked for.
    """
    if setup.fixtures is not None:
        if not setup.fixtures.is_dir():
            raise MockServerError(f"--fixtures {setup.fixtures}: there is no such folder.")
        return setup.fixtures
    named = contract.settings.get("fixtures")
    folder = path.parent / str(named or "fixtures")
    if named is not None and not folder.is_dir():
        text = f"is {named}; there is no folder {folder}."
        raise MockServerError(str(contract.defect("/x-mock/fixtures", text)))
    return folder if folder.is_dir() else None


def find_personas(fixtures: Path | None) -> Path | None:
    """Give the file of personas in a folder of fixtures, if there is one."""
    file = fixtures / "personas.yaml" if fixtures is not None else None
    return file if file is not None and file.is_file() else None


def find_handlers(setup: Setup, path: Path, contract: Contract) -> str | Path | None:
    """
    Give where handlers are, if anywhere: a module's name, a file or a folder, which need not exist.

    Nobody asked for what lies beside the contract: it is taken if it speaks of us.
    """
    named = setup.handlers
    if named is not None:
        return Path(named) if named.endswith(".py") or os.sep in named or Path(named).is_dir() else named
    settled = contract.settings.get("handlers")
    if settled is not None:
        beside = path.parent / str(settled)
        return beside if str(settled).endswith(".py") or beside.is_dir() else str(settled)
    folder, file = path.parent / "handlers", path.parent / "handlers.py"
    if any(map(_marks_handlers, folder.glob("*.py"))):
        return folder
    return file if file.is_file() and _marks_handlers(file) else None


def _marks_handlers(file: Path) -> bool:
    try:
        return b"mockserver" in file.read_bytes()
    except OSError:
        return False


def read_beginnings(setup: Setup, parts: Parts) -> tuple[FixtureSets, Scenarios]:
    """
    Give what sandboxes can begin with: fixture sets and scenarios, each read when it is asked for.

    The one scenario that ``setup`` names is read now.

    Raises:
        MockServerError: there is no such scenario, or something is wrong with it.
    """
    collections = {**key_fields(parts.resources), **dict.fromkeys(collections_of(parts.contract), "id")}
    sets = FixtureSets(collections, partial(_read_named, setup, parts), partial(sets_in, parts.fixtures))
    terms = Terms(parts.contract, parts.resources, parts.personas, sets)
    first = Clock(setup.set_to).first
    scenarios = Scenarios(parts.fixtures, lambda path: read_scenario(path, terms, first()))
    if setup.scenario is not None:
        scenarios.first = scenarios.find(setup.scenario)
    return sets, scenarios


def _make_sandboxes(
    setup: Setup, parts: Parts, sets: FixtureSets, scenarios: Scenarios, coverage: Coverage
) -> Sandboxes:
    make = _maker(setup, parts, sets, coverage)
    store = Store.open(sets.collections, seed=setup.seed, path=setup.state)
    try:
        if not store.is_new():
            check_items(store.export(), parts.contract, str(setup.state))
        default = make(DEFAULT, setup.seed, sets.first, scenarios.first, store)
        return Sandboxes(default, make, sets, scenarios, setup.limits, setup.now)
    except BaseException:
        store.close()
        raise


def _maker(setup: Setup, parts: Parts, sets: FixtureSets, coverage: Coverage) -> Callable[..., World]:
    """Give what makes a sandbox of a name, a seed, a beginning and a scenario, perhaps around a store."""
    # In front of a backend, tokens are the backend's.
    is_ours = bool(parts.personas) and setup.upstream is None
    auth = setup.auth or ("verify" if is_ours else "present")
    settings = replace(setup.settings, auth=auth)
    veil = partial(for_a_line, masks=Masks(parts.contract)) if setup.write_line is not None else None

    def make(
        name: str, seed: int, beginning: Beginning, scenario: Scenario | None, store: Store | None = None
    ) -> World:
        clock = Clock(setup.set_to)
        return World(
            store or Store.open(sets.collections, seed=seed, limit=setup.sandbox_size),
            clock,
            seed,
            beginning,
            name=name,
            settings=settings,
            journal=Journal(
                setup.write_line,
                parts.personas.name_of,
                sandbox=name,
                now=clock.now,
                limits=setup.journal,
                count=coverage.take,
                veil=veil,
            ),
            scenario=scenario,
        )

    return make


def _read_named(setup: Setup, parts: Parts, name: str | None, now: datetime) -> Content:
    return read_content(setup if name is None else replace(setup, fixture_set=name), parts, now)
