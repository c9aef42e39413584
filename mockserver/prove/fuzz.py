"""Prove a mock: started for the purpose, every check, every phase, repeatable."""

import contextlib
import io
import shlex
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

from mockserver.client import Control
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.prove.callers import MADE_UP, choose_persona, find_callers
from mockserver.prove.credentials import Caller
from mockserver.prove.exchange import Shown
from mockserver.prove.exclusions import read_exclusions
from mockserver.prove.excuses import Excuses
from mockserver.prove.known import known_values
from mockserver.prove.line import Line
from mockserver.prove.memory import Memory
from mockserver.prove.repeatable import apart_from_this_process
from mockserver.prove.report import Excluded, Report, joined
from mockserver.prove.run import PHASES, Run, askable, check_names, perform, select
from mockserver.prove.witness import Witness
from mockserver.serve.assembly import Mock, Setup, read_parts
from mockserver.serve.server import running
from mockserver.state.clock import write_time

# When a run takes place, if nobody says otherwise.
CLOCK = datetime(2026, 5, 1, 9, tzinfo=UTC)

# Where `mockserver serve` listens, which the lines that repeat a failure are written for.
_SERVED = "http://127.0.0.1:8080"

# Every request has this name, which the mock echoes: object_level_authorization compares what two callers
# were answered, and would never find two answers the same that each carry a name of their own.
_SAME_ID = ("X-Request-ID", "fuzz")

_MOST_WORDS = 64 * 1024
_KILLED = (
    "A process that proved a phase was ended from outside, perhaps for want of memory: "
    "with fewer --workers less is needed."
)


@dataclass(frozen=True)
class Plan:
    """
    What is to be proved, and as whom; ``None`` leaves it to the contract, no operations are all.

    With several ``workers`` the phases are run in processes, each with a mock of its own. The same requests
    are sent, and the same is found, however many there are.
    """

    seed: int = 1
    max_examples: int = 100
    persona: str | None = None
    peer: str | None = None
    phases: tuple[str, ...] = PHASES
    operations: tuple[str, ...] = ()
    workers: int = 1
    keeps_all: bool = False


def fuzz(setup: Setup, plan: Plan, say: Callable[[str], Any]) -> Report:
    """
    Serve what was asked for on a free port, send it thousands of requests, and report.

    The mock is in memory, its clock stands, its ids come from the plan's seed, and it is reset before each
    phase and before each scenario of the stateful one. So the same setup and plan send the same requests,
    byte for byte but for the port, in any process. ``say`` gets the progress, not always whole lines.

    Raises:
        MockServerError: what was asked for cannot be served, or is not in the contract.
    """
    if plan.workers == 1 or len(plan.phases) < 2:
        return _prove(setup, plan, say)
    return _prove_apart(setup, plan, say)


_Proved = tuple[str, list[str], Report | None]


def _prove_apart(setup: Setup, plan: Plan, say: Callable[[str], Any]) -> Report:
    """Prove each phase in a process, and join their reports in the order of the phases."""
    parts = [
        (replace(setup, write_line=None), replace(plan, phases=(phase,), workers=1)) for phase in plan.phases
    ]
    others = active_children()
    pool = ProcessPoolExecutor(min(plan.workers, len(parts)), get_context("spawn"), _leave_ctrl_c)
    running_parts: list[Future[_Proved]] = []
    reports: list[Report] = []
    try:
        running_parts += [pool.submit(_prove_quietly, part) for part in parts]
        for each in running_parts:
            refused, told, report = each.result()
            if report is None:
                raise MockServerError(refused)
            reports.append(report)
            say("".join(told if each is running_parts[0] else told[1:]))
    except (KeyboardInterrupt, BrokenProcessPool) as error:
        reports += _of_those_that_ended(running_parts[len(reports) :])
        if not reports:
            reports.append(_begun(setup, plan))
        reports[0].interrupted = True
        if isinstance(error, BrokenProcessPool):
            reports[0].note(_KILLED)
    finally:
        if not all(each.done() for each in running_parts):
            for child in active_children():
                if child not in others:
                    child.terminate()
        pool.shutdown(cancel_futures=True)
    return joined(reports)


def _of_those_that_ended(parts: Sequence[Future[_Proved]]) -> list[Report]:
    ended = [each for each in parts if each.done() and not each.cancelled() and each.exception() is None]
    return [report for each in ended if (report := each.result()[2]) is not None]


def _begun(setup: Setup, plan: Plan) -> Report:
    """Give the report of a run of which nothing is proved yet."""
    parts = read_parts(setup)
    chosen = choose_persona(parts.personas, plan.persona)
    callers = [chosen.name if chosen is not None else MADE_UP, *filter(None, [plan.peer])]
    clock = write_time(setup.set_to or CLOCK)
    title, path = parts.contract.title, str(parts.path)
    return Report(title, path, plan.seed, plan.max_examples, callers, clock)


class _LastWords(io.StringIO):
    """The end of what is written, long enough for a traceback."""

    def write(self, text: str) -> int:
        written = super().write(text)
        if self.tell() > 2 * _MOST_WORDS:
            kept = self.getvalue()[-_MOST_WORDS:]
            self.seek(0)
            self.truncate()
            super().write(kept)
        return written


def _leave_ctrl_c() -> None:
    """Let the process that started this one be the only one that Ctrl-C ends; it ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _prove_quietly(part: tuple[Setup, Plan]) -> _Proved:
    said: list[str] = []
    try:
        return "", said, _prove(*part, said.append)
    except MockServerError as error:
        return str(error), said, None


def _prove(setup: Setup, plan: Plan, say: Callable[[str], Any]) -> Report:
    served = replace(
        setup,
        state=None,
        write_line=None,
        seed=plan.seed,
        set_to=setup.set_to or CLOCK,
        auth=setup.auth or "verify",
    )
    last_words = _LastWords()  # a bug of the mock shows its traceback at each of a hundred requests
    with (
        apart_from_this_process(),
        contextlib.redirect_stderr(last_words),
        running(served) as (mock, url),
    ):
        run = _run(mock, url, plan, say, token_options(setup))
        say(_heading(mock, run.witness.report))
        with contextlib.closing(run.line):
            perform(run, plan.phases)
        run.witness.finish(run.selected)
    run.witness.report.tracebacks = _last_traceback(last_words.getvalue())
    return run.witness.report


def _run(mock: Mock, url: str, plan: Plan, say: Callable[[str], Any], options: str) -> Run:
    contract, control = mock.parts.contract, Control(url)
    selected = select(contract, plan.operations)
    exclusions = read_exclusions(contract, check_names())
    callers = find_callers(mock, control, plan.persona, plan.peer)
    memory = Memory(control, exclusions)
    report = Report(
        contract.title,
        str(mock.parts.path),
        plan.seed,
        plan.max_examples,
        [caller.name for caller in callers],
        write_time(datetime.fromtimestamp(mock.world.clock.now(), UTC)),
        excluded=[Excluded(str(each)) for each in exclusions],
    )
    witness = Witness(
        contract,
        report,
        url,
        shown(callers, url, options),
        [memory.judge, Excuses(contract, mock.parts.handlings).judge_mock],
        memory.observe,
        memory.has_changed,
        plan.keeps_all,
    )
    return Run(
        contract=contract,
        url=url + contract.base_path,
        selected=askable(witness, selected),
        line=Line(timeout=30),
        witness=witness,
        say=say,
        seed=plan.seed,
        max_examples=plan.max_examples,
        callers=callers,
        headers={} if _declares_request_id(contract) else dict([_SAME_ID]),
        known=known_values(contract, control.export_items()),
        restart=memory.reset,
    )


def shown(callers: Sequence[Caller], url: str, options: str) -> Shown:
    """Show tokens as the commands that mint them, and the mock where `mockserver serve` listens."""
    lines = [(f" -H '{': '.join(_SAME_ID)}'", ""), (url, _SERVED)]
    secrets = {}
    for caller in callers:
        minted = f"$(mockserver token {shlex.quote(caller.name)}{options})"
        written = minted if caller.is_persona else caller.name  # without personas any token will do
        lines.append((f"'Authorization: Bearer {caller.token}'", f'"Authorization: Bearer {written}"'))
        secrets[caller.token] = written
    return Shown(secrets, lines)


def _declares_request_id(contract: Contract) -> bool:
    """Tell whether ids of requests are a parameter of the contract, whose values are to be made up then."""
    return any(
        parameter.location == "header" and parameter.name.lower() == _SAME_ID[0].lower()
        for operation in contract.operations
        for parameter in operation.parameters
    )


def _heading(mock: Mock, report: Report) -> str:
    peer = f", with {report.callers[1]} as the peer" if len(report.callers) > 1 else ""
    return (
        f"{report.title} ({mock.parts.path}), as {report.callers[0]}{peer}\n"
        f"seed {report.seed}, {report.max_examples} examples, at {report.clock}\n\n"
    )


def token_options(setup: Setup) -> str:
    """Give what the command that mints a token has to be told, for a shell: where the personas are."""
    named: Sequence[tuple[str, Path | None]] = [
        ("--contract", setup.contract),
        ("--fixtures", setup.fixtures),
    ]
    return "".join(f" {option} {shlex.quote(str(value))}" for option, value in named if value is not None)


def _last_traceback(text: str) -> str:
    """Give the last of the tracebacks that the mock wrote; what it wrote besides is no failure."""
    start = text.rfind("Traceback (most recent call last)")
    return text[start:] if start >= 0 else ""
