"""One run of schemathesis, and of our own journeys, against a server that is there: mock or backend."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.config import ConfigError
from schemathesis.engine import events
from schemathesis.errors import LoaderError
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.stateful import APIStateMachine
from schemathesis.specs.openapi.extra_data_source import OpenApiExtraDataSource
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.wfc.escalation import EscalatingAuthProvider

from mockserver.contract.operation import Contract, Operation
from mockserver.errors import MockServerError, nearest
from mockserver.prove.credentials import Caller, asks_who, label_of
from mockserver.prove.document import as_it_is_meant
from mockserver.prove.journeys.all import travel
from mockserver.prove.journeys.asking import Traveller
from mockserver.prove.line import Line
from mockserver.prove.repeatable import steady
from mockserver.prove.threads import seen_through
from mockserver.prove.witness import Witness

_DRAWN = ("examples", "coverage", "fuzzing", "stateful")
# What of schemathesis is run without credentials, and how many requests of each operation at most.
_OF_NOBODY = ("examples", "fuzzing")
_MOST_OF_NOBODY = 10

_NOBODY = "nobody"
PHASES = (*_DRAWN, _NOBODY, "journeys")

# How often a request takes an id that is known, where it would take any text.
_KNOWN = 0.3

# What ends the path of a request.
_UNASKABLE = frozenset("#?")

# The fifteenth check measures time, which has no limit here.
_UNUSED = ("max_response_time",)
# They try credentials of their own.
_OF_SOMEBODY = ("ignored_auth", "object_level_authorization", "missing_required_header")
# It sends what may change something.
_UNSAFE = ("unsupported_method",)


@dataclass(frozen=True)
class Run:
    """
    What is asked of which server, as whom, and who watches.

    ``url`` is where the paths of the contract begin. ``restart`` is called before each phase and before each
    scenario of the stateful one. A run that ``is_safe`` sends nothing that may change anything.
    """

    contract: Contract
    url: str
    selected: Sequence[Operation]
    line: Line
    witness: Witness
    say: Callable[[str], Any]
    seed: int = 1
    max_examples: int = 100
    callers: Sequence[Caller] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)
    restart: Callable[[], None] = lambda: None
    is_safe: bool = False


def perform(run: Run, phases: Sequence[str]) -> Counter[int]:
    """
    Go through some phases, and tell of each: a dot an operation, or ten scenarios.

    Ctrl-C ends the run, which its report then says. Gives how often each status was answered to whoever
    calls, by operations that ask who that is.
    """
    report, answered = run.witness.report, Counter[int]()
    with run.line.taken():
        for phase in phases:
            run.witness.begin(phase)
            run.restart()
            started, before, known = monotonic(), report.requests, _answers_of_guarded(run)
            run.say(f"{phase:9} ")
            try:
                with seen_through():
                    why_not = _PHASES[phase](run, phase)
            except KeyboardInterrupt:
                report.interrupted, why_not = True, "interrupted"
            if phase != _NOBODY:
                answered += _answers_of_guarded(run) - known
            sent, seconds = report.requests - before, monotonic() - started
            run.witness.end(seconds)
            run.say(f" {why_not}\n" if why_not else f" {sent:,} requests, {seconds:.1f} s\n")
            if report.interrupted:
                break
    return answered


def check_names(*, is_safe: bool = False) -> list[str]:
    unused = (*_UNUSED, *_UNSAFE) if is_safe else _UNUSED
    return [name for name in CHECKS.get_all_names() if name not in unused]


def select(contract: Contract, operation_ids: Sequence[str]) -> list[Operation]:
    """
    Give the operations of these ids, all where there are none.

    Raises:
        MockServerError: the contract has no such operation.
    """
    for each in operation_ids:
        if each not in contract.by_id:
            raise MockServerError(
                f'{contract.name} has no operation "{each}".{nearest(each, contract.by_id)}'
            )
    return [each for each in contract.operations if not operation_ids or each.operation_id in operation_ids]


def askable(run_witness: Witness, selected: Sequence[Operation]) -> list[Operation]:
    """Give what can be asked; the mock may have read a path in another way than requests have it."""
    contract = run_witness.contract
    found = [
        each
        for each in selected
        if each.path in contract.data.get("paths", {}) and not _UNASKABLE & {*each.path}
    ]
    for each in selected:
        if each not in found:
            run_witness.report.note(
                f"Not asked: {each.operation_id}; no request can have its path as the document writes it."
            )
    return found


def _answers_of_guarded(run: Run) -> Counter[int]:
    tallies = run.witness.report.tallies
    guarded = {each.operation_id for each in run.selected if asks_who(run.contract, each)}
    return sum((tallies[name].answers for name in guarded & tallies.keys()), Counter[int]())


def _draw(run: Run, phase: str) -> str | None:
    schema = _load(run, (phase,), run.max_examples)
    names = [caller.name for caller in run.callers]
    if names:
        # Pinned: left to itself schemathesis would go on as somebody else after the first 403.
        peers = tuple(names) if len(names) > 1 else ()
        schema.auth.providers.append(
            EscalatingAuthProvider([*run.callers], names, peers=peers, pinned=names[0])
        )
    return _follow(run, schema, run.selected, (phase,), run.witness.scenario)


def _as_nobody(run: Run, _phase: str) -> str | None:
    guarded = [each for each in run.selected if asks_who(run.contract, each)]
    if not guarded:
        return "no operation asks who calls"
    schema = _load(run, _OF_NOBODY, min(run.max_examples, _MOST_OF_NOBODY), of_nobody=True)

    def watch(event: events.ScenarioFinished) -> None:
        run.witness.scenario(event)
        run.witness.unguarded(event)

    return _follow(run, schema, guarded, _OF_NOBODY, watch)


def _travel(run: Run, _phase: str) -> str | None:
    caller = run.callers[0] if run.callers else None
    traveller = Traveller(
        run.contract, run.url, run.line.session(), run.selected, caller, run.headers, run.seed, run.is_safe
    )
    return travel(traveller, run.witness, lambda: run.say("."))


_PHASES: Mapping[str, Callable[[Run, str], str | None]] = {
    **dict.fromkeys(_DRAWN, _draw),
    _NOBODY: _as_nobody,
    "journeys": _travel,
}


def _load(run: Run, phases: Sequence[str], max_examples: int, *, of_nobody: bool = False) -> OpenApiSchema:
    settings: dict[str, Any] = {name: {"enabled": name in phases} for name in _DRAWN}
    checks = [each for each in check_names(is_safe=run.is_safe) if not (of_nobody and each in _OF_SOMEBODY)]
    if run.is_safe:
        settings["coverage"]["unexpected-methods"] = []
    config = schemathesis.Config.from_dict(
        {
            "seed": run.seed,
            "base-url": run.url,
            "workers": 1,
            "headers": dict(run.headers),
            "request-timeout": run.line.timeout,
            # A failure that is known already must hide no other.
            "continue-on-failure": True,
            "cache": {"enabled": False},
            "generation": {
                "max-examples": max_examples,
                "database": "none",
                "with-security-parameters": not of_nobody,
            },
            "suppress-health-check": ["all"],
            "output": {"sanitization": {"enabled": False}},
            "phases": settings,
            "checks": {name: {"enabled": name in checks} for name in check_names()},
            "dictionaries": {place: {"values": list(values)} for place, values in run.known.items()},
            "parameters": {place: {"dictionary": place, "probability": _KNOWN} for place in run.known},
        }
    )
    try:
        return schemathesis.openapi.from_dict(as_it_is_meant(run.contract), config=config)
    except (LoaderError, ConfigError) as error:
        raise MockServerError(f"{run.contract.name}: schemathesis cannot read it: {error}") from error


def _follow(
    run: Run,
    schema: OpenApiSchema,
    asked: Sequence[Operation],
    phases: Sequence[str],
    watch: Callable[[events.ScenarioFinished], None],
) -> str | None:
    """Let schemathesis run, and give why it did nothing, if it did not."""
    labels, witness, report = {label_of(each) for each in asked}, run.witness, run.witness.report
    schema.filter_set = schema.filter_set.with_include(lambda context: context.operation.label in labels)
    schema.hooks.register_hook_with_name(witness.after_call, "after_call")
    schema.hooks.register_hook_with_name(witness.filter_failure, "filter_failure")
    _restart_each_scenario(schema, run.restart)
    why_not = None
    for event in schemathesis.engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            watch(event)
            if event.label is not None or report.scenarios % 10 == 0:
                run.say(".")
        elif isinstance(event, events.NonFatalError):
            witness.error(event)
        elif isinstance(event, events.PhaseFinished) and event.phase.name.value in phases:
            skipped = event.phase.skip_reason
            why_not = skipped.display if skipped else None
        elif isinstance(event, events.Interrupted):
            raise KeyboardInterrupt
        elif isinstance(event, events.FatalError):
            raise event.exception
    return why_not if len(phases) == 1 else None


def _restart_each_scenario(schema: OpenApiSchema, restart: Callable[[], None]) -> None:
    build = schema.build_state_machine

    def build_with_restart(*, feedback: FeedbackSources, **options: Any) -> type[APIStateMachine]:
        if isinstance(feedback.extra_data_source, OpenApiExtraDataSource):
            steady(feedback.extra_data_source)
        machine = build(feedback=feedback, **options)

        class Restarted(machine):  # type: ignore[misc, valid-type]  # the class is made for each contract
            def __init__(self) -> None:
                restart()
                super().__init__()

        return Restarted

    schema.build_state_machine = build_with_restart  # type: ignore[method-assign]  # it has no hook for this
