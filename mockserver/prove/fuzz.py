"""Prove a mock with schemathesis: started for the purpose, every check, every phase, repeatable."""

import contextlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
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

from mockserver.client import Control
from mockserver.contract.operation import Contract, Operation
from mockserver.errors import MockServerError, nearest
from mockserver.prove.callers import find_callers
from mockserver.prove.document import as_it_is_meant
from mockserver.prove.exclusions import read_exclusions
from mockserver.prove.excuses import Excuses
from mockserver.prove.known import known_values
from mockserver.prove.repeatable import apart_from_this_process, steady
from mockserver.prove.report import Report
from mockserver.prove.witness import SAME_ID, Witness
from mockserver.serve.assembly import Mock, Setup
from mockserver.serve.server import running
from mockserver.state.clock import write_time

PHASES = ("examples", "coverage", "fuzzing", "stateful")

# When a run takes place, if nobody says otherwise.
CLOCK = datetime(2026, 5, 1, 9, tzinfo=UTC)

# How often a request takes an id that the mock knows, where it would take any text.
_KNOWN = 0.3

# What ends the path of a request.
_UNASKABLE = frozenset("#?")

# The fifteenth check measures time, which has no limit here.
_UNUSED = ("max_response_time",)


@dataclass(frozen=True)
class Plan:
    """What is to be proved, and as whom; ``None`` leaves it to the contract, no operations are all."""

    seed: int = 1
    max_examples: int = 100
    persona: str | None = None
    peer: str | None = None
    phases: tuple[str, ...] = PHASES
    operations: tuple[str, ...] = ()


def fuzz(setup: Setup, plan: Plan, say: Callable[[str], Any]) -> Report:
    """
    Serve what was asked for on a free port, send it thousands of requests, and report.

    The mock is in memory, its clock stands, its ids come from the plan's seed, and it is reset before each
    phase and before each scenario of the stateful one. So the same setup and plan send the same requests,
    byte for byte but for the port, in any process. ``say`` gets the progress, not always whole lines.

    Raises:
        MockServerError: what was asked for cannot be served, or is not in the contract.
    """
    served = replace(
        setup,
        state=None,
        write_line=None,
        seed=plan.seed,
        set_to=setup.set_to or CLOCK,
        auth=setup.auth or "verify",
    )
    last_words = io.StringIO()  # a bug of the mock shows its traceback at each of a hundred requests
    with (
        apart_from_this_process(),
        contextlib.redirect_stderr(last_words),
        running(served) as (mock, url),
    ):
        selected = _select(mock.parts.contract, plan.operations)
        witness = _witness(mock, url, plan, _token_options(setup))
        schema = _load(mock, url, plan, known_values(mock.parts.contract, witness.control.export_items()))
        askable = [each for each in selected if _is_askable(mock.parts.contract, each)]
        witness.report.notes += [
            f"Not asked: {each.operation_id}; no request can have its path as the document writes it."
            for each in selected
            if each not in askable
        ]
        _attach(schema, witness, askable)
        say(_heading(mock, witness.report))
        _follow(schema, plan, witness, say)
        witness.finish(askable)
    witness.report.tracebacks = _last_traceback(last_words.getvalue())
    return witness.report


def _check_names() -> list[str]:
    return [name for name in CHECKS.get_all_names() if name not in _UNUSED]


def _select(contract: Contract, operation_ids: tuple[str, ...]) -> list[Operation]:
    for each in operation_ids:
        if each not in contract.by_id:
            raise MockServerError(
                f'{contract.name} has no operation "{each}".{nearest(each, contract.by_id)}'
            )
    return [each for each in contract.operations if not operation_ids or each.operation_id in operation_ids]


def _is_askable(contract: Contract, operation: Operation) -> bool:
    """Tell whether a path is written as requests have it; the mock may have read it in another way."""
    return operation.path in contract.data.get("paths", {}) and not _UNASKABLE & {*operation.path}


def _witness(mock: Mock, url: str, plan: Plan, token_options: str) -> Witness:
    contract, control = mock.parts.contract, Control(url)
    exclusions = read_exclusions(contract, _check_names())
    callers = find_callers(mock, control, plan.persona, plan.peer)
    now = write_time(datetime.fromtimestamp(mock.world.clock.now(), UTC))
    names = [caller.name for caller in callers]
    report = Report(contract.title, plan.seed, plan.max_examples, now, names)
    excuses = Excuses(contract, mock.parts.handlings)
    return Witness(contract, report, control, url, callers, exclusions, excuses, token_options)


def _load(mock: Mock, url: str, plan: Plan, known: Mapping[str, Any]) -> OpenApiSchema:
    contract = mock.parts.contract
    config = schemathesis.Config.from_dict(
        {
            "seed": plan.seed,
            "base-url": url + contract.base_path,
            "workers": 1,
            "headers": {} if _declares_request_id(contract) else dict([SAME_ID]),
            "cache": {"enabled": False},
            "generation": {"max-examples": plan.max_examples, "database": "none"},
            "suppress-health-check": ["all"],
            "output": {"sanitization": {"enabled": False}},
            "phases": {name: {"enabled": name in plan.phases} for name in PHASES},
            "checks": {name: {"enabled": True} for name in _check_names()},
            "dictionaries": {place: {"values": list(values)} for place, values in known.items()},
            "parameters": {place: {"dictionary": place, "probability": _KNOWN} for place in known},
        }
    )
    try:
        return schemathesis.openapi.from_dict(as_it_is_meant(contract), config=config)
    except (LoaderError, ConfigError) as error:
        raise MockServerError(f"{contract.name}: schemathesis cannot read it: {error}") from error


def _declares_request_id(contract: Contract) -> bool:
    """Tell whether ids of requests are a parameter of the contract, whose values are to be made up then."""
    return any(
        parameter.location == "header" and parameter.name.lower() == SAME_ID[0].lower()
        for operation in contract.operations
        for parameter in operation.parameters
    )


def _attach(schema: OpenApiSchema, witness: Witness, selected: list[Operation]) -> None:
    """Let schemathesis ask the operations as the callers, and tell the witness of everything."""
    schema.filter_set = schema.filter_set.with_include(_among(selected))
    names = [caller.name for caller in witness.callers]
    peers = tuple(names) if len(names) > 1 else ()
    # Pinned: left to itself schemathesis would go on as somebody else after the first 403.
    schema.auth.providers.append(
        EscalatingAuthProvider([*witness.callers], names, peers=peers, pinned=names[0])
    )
    schema.hooks.register_hook_with_name(witness.after_call, "after_call")
    schema.hooks.register_hook_with_name(witness.filter_failure, "filter_failure")
    build = schema.build_state_machine

    def build_with_reset(*, feedback: FeedbackSources, **options: Any) -> type[APIStateMachine]:
        if isinstance(feedback.extra_data_source, OpenApiExtraDataSource):
            steady(feedback.extra_data_source)
        machine = build(feedback=feedback, **options)

        class Reset(machine):  # type: ignore[misc, valid-type]  # the class is made for each contract
            def __init__(self) -> None:
                witness.reset()
                super().__init__()

        return Reset

    schema.build_state_machine = build_with_reset  # type: ignore[method-assign]  # it has no hook for this


def _among(operations: list[Operation]) -> Callable[[Any], bool]:
    labels = {f"{each.method.upper()} {each.path}" for each in operations}
    return lambda context: context.operation.label in labels


def _follow(schema: OpenApiSchema, plan: Plan, witness: Witness, say: Callable[[str], Any]) -> None:
    """Run every phase, and tell of each: a dot an operation, or ten scenarios."""
    report, started, before = witness.report, monotonic(), 0
    for event in schemathesis.engine.from_schema(schema).execute():
        if isinstance(event, events.PhaseStarted) and event.phase.name.value in plan.phases:
            witness.reset()
            started, before = monotonic(), report.requests
            say(f"{event.phase.name.value:9} ")
        elif isinstance(event, events.ScenarioFinished):
            witness.scenario(event)
            if event.label is not None or report.scenarios % 10 == 0:
                say(".")
        elif isinstance(event, events.NonFatalError):
            witness.error(event)
        elif isinstance(event, events.PhaseFinished) and event.phase.name.value in plan.phases:
            sent, seconds = report.requests - before, monotonic() - started
            skipped = event.phase.skip_reason
            say(f" {skipped.display}\n" if skipped else f" {sent:,} requests, {seconds:.1f} s\n")
        elif isinstance(event, events.Interrupted):
            report.complaints.append("The run was interrupted.")
        elif isinstance(event, events.FatalError):
            raise event.exception


def _heading(mock: Mock, report: Report) -> str:
    peer = f", with {report.callers[1]} as the peer" if len(report.callers) > 1 else ""
    return (
        f"{report.title} ({mock.parts.path}), as {report.callers[0]}{peer}\n"
        f"seed {report.seed}, {report.max_examples} examples, at {report.clock}\n\n"
    )


def _token_options(setup: Setup) -> str:
    named: list[tuple[str, Path | None]] = [
        ("--contract", setup.contract),
        ("--fixtures", setup.fixtures),
    ]
    return "".join(f" {option} {value}" for option, value in named if value is not None)


def _last_traceback(text: str) -> str:
    """Give the last of the tracebacks that the mock wrote."""
    start = text.rfind("Traceback (most recent call last)")
    return text[start:] if start >= 0 else text
