"""Send the same requests to a mock and to its backend, and tell what the answers differ in."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.resources.finding import find_resources
from mockserver.errors import MockServerError
from mockserver.prove.callers import choose_persona
from mockserver.prove.compare.answers import Comparer
from mockserver.prove.compare.bodies import Bodies
from mockserver.prove.compare.differences import ANSWERS, BY_ACTION, Difference, of_pages
from mockserver.prove.compare.examples import steps_of_examples
from mockserver.prove.compare.generated import steps_generated
from mockserver.prove.compare.pair import Pair, meet
from mockserver.prove.compare.plan import EXAMPLES, GENERATED, Comparison
from mockserver.prove.compare.recorded import steps_recorded
from mockserver.prove.compare.script import Script
from mockserver.prove.compare.shapes import Ignored, Shapes
from mockserver.prove.compare.sides import Untold
from mockserver.prove.compare.steps import MADE, Step, Walk
from mockserver.prove.compare.twice import Twice
from mockserver.prove.exchange import curl
from mockserver.prove.fuzz import token_options
from mockserver.prove.journeys.asking import Answer
from mockserver.prove.journeys.lists import ListJourney
from mockserver.prove.line import Line
from mockserver.prove.probing import refuse_nothing
from mockserver.prove.report import Finding, Report
from mockserver.prove.verify import Backend, Connection, choose, connect, is_there
from mockserver.serve.assembly import Setup
from mockserver.serve.server import running

_MOST_REFUSED = 5
_LONGEST = 30  # seconds that the mock may take


def compare(setup: Setup, backend: Backend, plan: Comparison, say: Callable[[str], Any]) -> Report:
    """
    Start the mock of a contract, ask it and a backend the same things, and report.

    What is made at the backend is deleted at the end where it can be. ``say`` gets the progress, not always
    whole lines.

    Raises:
        MockServerError: the mock cannot be served, or the backend cannot be asked.
    """
    served = replace(setup, state=None, write_line=None, seed=plan.seed, auth=setup.auth or "verify")
    with running(served) as (mock, url), contextlib.closing(Line(timeout=_LONGEST)) as here:
        contract = mock.parts.contract
        selected = choose(contract, plan.chosen)
        choose_persona(mock.parts.personas, plan.persona)  # before the backend is asked anything
        connection = connect(contract, backend, selected, is_safe=plan.chosen.is_safe)
        with contextlib.closing(connection.line):
            sides = meet(mock, url, here, connection, selected, plan, token_options(setup))
            run = _Run(contract, connection, sides, selected, plan)
            say(f"{contract.title} ({contract.name}): the mock and {connection.url}\n")
            say(f"seed {plan.seed}, {len(selected)} operations\n\n")
            try:
                run.go_through(say)
            finally:
                run.clean_up()
            return run.conclude()


class _Run:
    """One comparison, from the first request to the report."""

    def __init__(
        self,
        contract: Contract,
        connection: Connection,
        sides: Pair,
        selected: Sequence[Operation],
        plan: Comparison,
    ) -> None:
        self._contract, self._connection, self._plan, self._selected = contract, connection, plan, selected
        self._mock, self._backend, self._witnesses = sides.mock, sides.backend, sides.witnesses
        self._seen = self._witnesses[1].report
        callers = self._witnesses[0].report.callers
        self.report = Report(
            contract.title, connection.url, plan.seed, plan.max_examples, callers, compared_with="the mock"
        )
        self._resources = find_resources(contract)
        volatile = contract.settings.get("volatile")
        declared = [str(each) for each in volatile] if isinstance(volatile, list) else []
        ignored = Ignored((*declared, *plan.ignored))
        self._shapes = Shapes(contract, ignored)
        self._comparer = Comparer(contract, self._resources, self._shapes, ignored)
        self._last: dict[tuple[str, int], tuple[Answer, Answer]] = {}
        self._written: dict[str, tuple[Answer, Answer]] = {}
        self._twice = Twice(self._resources, self._mock, self._backend)
        self._phase = ""
        self._refused: int | None = 0
        self._too_many = self._compared = 0

    def go_through(self, say: Callable[[str], Any]) -> None:
        """Send the requests of all sources to both sides; Ctrl-C ends that, which the report then says."""
        for source in self._plan.sources:
            self._phase = source if source in (EXAMPLES, GENERATED) else Path(source).name
            started, before = monotonic(), self._seen.requests
            self._witnesses[1].begin(self._phase)
            say(f"{self._phase} ")
            try:
                self._send(source, say)
            except KeyboardInterrupt:
                self.report.interrupted = True
            seconds = monotonic() - started
            self._witnesses[1].end(seconds)
            say(f" {self._seen.requests - before:,} requests to each, {seconds:.1f} s\n")
            if self.report.interrupted:
                return

    def _send(self, source: str, say: Callable[[str], Any]) -> None:
        for number, step in enumerate(self._steps(source)):
            if isinstance(step, Walk):
                self._walk(step)
            else:
                self._take(step)
            if number % 10 == 0:
                say(".")

    def clean_up(self) -> None:
        """Delete what was made and is still there."""
        left = 0
        for name in reversed(self._backend.left()):
            collection, item_id = self._backend.made[name]
            place = self._backend.places.get(collection)
            if place is None or "delete" not in place.ways:
                left += 1
                continue
            way = place.ways["delete"]
            answer = self._backend.asker.ask(way.operation, place.item_path("delete", item_id))
            left += not answer.ok and answer.status not in (404, 410)
        if left:
            self.report.note(f"Of what was made at the backend, {left} could not be deleted and stays.")

    def conclude(self) -> Report:
        """
        Tell what only the whole run shows, count, and give the report.

        Raises:
            MockServerError: the backend served nothing, so nothing was compared.
        """
        refuse_nothing(self._seen)
        if self._too_many:
            self.report.note(
                f"The backend refused {self._too_many:,} requests as too many (429), which are not compared; "
                "--rate would help."
            )
            if not self._compared:
                raise MockServerError(" ".join(self.report.notes[-1:]))
        self._phase = "all"
        for operation_id, status, difference in self._shapes.differences():
            seen = self._last.get((operation_id, status))
            self._find(self._contract.by_id[operation_id], difference, seen)
        self.report.tallies, self.report.exchanges = self._seen.tallies, self._seen.exchanges
        self.report.seconds, self.report.digests = self._seen.seconds, self._seen.digests
        for name, checks in self._checks().items():
            self.report.tallies[name].checks.update(checks)
            self.report.checks.update(checks)
        order = list(self._contract.by_id)
        self.report.findings.sort(key=lambda each: order.index(each.operation_id))
        for text in (*self._seen.notes, *self._twice.notes()):
            self.report.note(text)
        if not self.report.interrupted and not is_there(self._connection):
            self.report.interrupted = True
            self.report.note(f"{self._connection.url} stopped answering.")
        return self.report

    def _checks(self) -> dict[str, list[str]]:
        """Give what was looked at, by operation."""
        found: dict[str, list[str]] = {}
        for name, tally in self._seen.tallies.items():
            if tally.requests and name in self._contract.by_id:
                role = self._resources.roles.get(name)
                found[name] = [*ANSWERS, *(BY_ACTION.get(role.action, ()) if role is not None else ())]
        for finding in self.report.findings:
            names = found.setdefault(finding.operation_id, [])
            if finding.check not in names:
                names.append(finding.check)
        return found

    def _steps(self, source: str) -> Iterable[Step | Walk]:
        both = [each for each in self._backend.places if each in self._mock.places]
        known = {
            name: values
            for name, values in self._backend.known.items()
            if self._mock.known.get(name) and values
        }
        asker = self._backend.asker
        script = Script(
            self._contract,
            asker,
            Bodies(asker, known),
            [self._backend.places[each] for each in both],
            self._selected,
            known,
            self._plan.seed,
            self._plan.chosen.is_safe,
        )
        if source == EXAMPLES:
            return steps_of_examples(script)
        if source == GENERATED:
            return steps_generated(script, self._plan.max_examples)
        return steps_recorded(Path(source), script, self._resources, self.report.note)

    def _take(self, step: Step) -> None:
        try:
            # Both first: a request that one of them cannot be sent is sent to none.
            for side in (self._mock, self._backend):
                side.resolve([step.path, step.query, step.body, step.manner.headers])
        except Untold as untold:
            if untold.args == (MADE,):
                return  # it was refused on one side, which is told, or on both
            self.report.note(f"Not asked of both: {step.operation.operation_id}, {step.about}.")
            return
        asked = self._twice.ask(step)
        if asked is None:
            return
        step, (ours, theirs) = asked
        self._look_for_refusal(step, ours, theirs)
        if theirs.status == 429 and ours.status != 429:
            self._too_many += 1
            return
        self._compared += not step.manner.is_nobody
        self._last[(step.operation.operation_id, theirs.status)] = (ours, theirs)
        if step.writes is not None:
            self._written[step.item] = (ours, theirs)
        before = self._written.get(step.item) if step.writer is not None else None
        for difference in self._comparer.differences(step, ours, theirs, self._mock, self._backend):
            self._find(step.operation, difference, (ours, theirs), before)

    def _look_for_refusal(self, step: Step, ours: Answer, theirs: Answer) -> None:
        """
        Give up where the backend refuses whoever calls: nothing could be compared.

        Raises:
            MockServerError: it refused the first few requests, and the mock none of them.
        """
        if self._refused is None or step.manner.is_nobody:
            return
        if theirs.status != 401 or ours.status == 401:
            self._refused = None
            return
        self._refused += 1
        if self._refused == _MOST_REFUSED:
            who = "whoever has this token" if self._connection.caller else "somebody without a token"
            raise MockServerError(f"{self._connection.url} refuses {who}: 401 to all that was asked.")

    def _walk(self, walk: Walk) -> None:
        found: list[dict[tuple[str, str], Finding]] = []
        for side in (self._mock, self._backend):
            place = side.places.get(walk.collection)
            if place is None or "list" not in place.ways:
                return
            journey = ListJourney(side.asker, place)
            whole = journey.whole() if not journey.is_narrowed else None
            if whole is None:
                return
            side.see(place.collection, whole.items)
            found.append({(each.check, each.difference): each for each in journey.counts(whole)})
        ours, theirs = found
        for (check, kind), each in {**ours, **theirs}.items():
            at_the_backend = (check, kind) not in ours
            if (check, kind) in ours and (check, kind) in theirs:
                continue
            difference = of_pages(check, kind, each.what, at_the_backend=at_the_backend)
            self._report(walk.operation, difference, each.repeat, each)

    def _find(
        self,
        operation: Operation,
        difference: Difference,
        seen: tuple[Answer, Answer] | None,
        before: tuple[Answer, Answer] | None = None,
    ) -> None:
        """Report a difference, with the lines that show it, of the mock and then of the backend."""
        lines, exchanges = [], []
        for number, witness in enumerate(self._witnesses):
            answers = [pair[number] for pair in (before, seen) if pair is not None]
            lines += [witness.shown.curl(curl(each.exchange)) for each in answers]
            exchanges += [witness.shown.exchange(each.exchange) for each in answers[-1:]]
        compared, exchange = exchanges or (None, None)
        finding = Finding(
            difference.check,
            difference.operation_id or operation.operation_id,
            self._phase,
            self._witnesses[1].shown.text(difference.what),
            "\n".join(lines),
            difference.kind,
            exchange=exchange,
            mend=difference.mend,
            compared=compared,
        )
        self.report.find(finding)

    def _report(self, operation: Operation, difference: Difference, repeat: str, seen: Finding) -> None:
        self.report.find(
            Finding(
                difference.check,
                operation.operation_id,
                self._phase,
                difference.what,
                repeat,
                difference.kind,
                exchange=seen.exchange,
                mend=difference.mend,
            )
        )
