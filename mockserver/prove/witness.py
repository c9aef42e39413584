"""What schemathesis asked and was answered during a run, and which of its failures are believed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis.errors import Unsatisfiable
from schemathesis.core.errors import NoLinksFound
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import events
from schemathesis.engine.recorder import Interaction
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from mockserver.client import Control
from mockserver.client.shapes import Item
from mockserver.contract.operation import Contract, Operation
from mockserver.prove.callers import Caller
from mockserver.prove.digest import Digest
from mockserver.prove.exclusions import Exclusion
from mockserver.prove.excuses import Excuses, declares_success
from mockserver.prove.report import Excluded, Finding, Report, Tally

# Where `mockserver serve` listens, which the lines that repeat a failure are written for.
_SERVED = "http://127.0.0.1:8080"

# Every request has this name, which the mock echoes: object_level_authorization compares what two callers
# were answered, and would never find two answers the same that each carry a name of their own.
SAME_ID = ("X-Request-ID", "fuzz")

_OTHER_METHODS = "(other methods)"
_MOST_LINES = 12

_NO_LINKS = "The stateful phase had nothing to do: no answer of these operations leads to another of them."


@dataclass
class Witness:
    """
    Watches one run and writes its report.

    ``after_call`` and ``filter_failure`` are hooks of schemathesis, and are called in its thread, one call
    at a time; ``scenario`` is called with each scenario when it is over.
    """

    contract: Contract
    report: Report
    control: Control
    url: str
    callers: Sequence[Caller]
    exclusions: Sequence[Exclusion]
    excuses: Excuses
    token_options: str = ""
    _changed: set[str] = field(default_factory=set)
    _succeeded: set[str] = field(default_factory=set)
    _remembered: dict[str, list[Item]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._digest = Digest(self.url)
        self._operations = {
            f"{operation.method.upper()} {operation.path}": operation
            for operation in self.contract.operations
        }
        self._excluded = {each: Excluded(str(each)) for each in self.exclusions}
        self._excused: dict[str, Excluded] = {}
        self._seen: dict[tuple[str, Failure], int] = {}
        for operation in self.contract.operations:
            self.report.tallies[operation.operation_id] = Tally(operation.operation_id)
        self.report.tallies[_OTHER_METHODS] = Tally(_OTHER_METHODS)

    def reset(self) -> None:
        """Put the mock back to its start, and begin to watch anew what succeeds and what changes."""
        self.control.reset_sandbox()
        self._succeeded.clear()
        self._remembered = self.control.export_items()

    def after_call(self, _context: HookContext, case: Case[Any], response: Response) -> None:
        if not 200 <= response.status_code < 300:
            return
        operation = self._operation(case)
        if operation is not None:
            self._succeeded.add(operation.operation_id)
        if case.method in ("POST", "PUT", "PATCH", "DELETE"):
            remembered = self.control.export_items()
            if remembered != self._remembered or not remembered:
                self._changed.add(case.id)
            self._remembered = remembered

    def filter_failure(
        self, _context: HookContext, failure: Failure, case: Case[Any], _response: Response
    ) -> bool:
        """Tell whether a failure is to be believed."""
        operation = self._operation(case)
        if operation is None:
            return True
        for exclusion in self.exclusions:
            if exclusion.holds(operation.operation_id, failure.checks, self._succeeded):
                self._excluded[exclusion].times += 1
                return False
        situation = self.excuses.find(failure, case, operation)
        if situation is None:
            return True
        excused = self._excused.setdefault(situation, Excluded(situation))
        excused.times += 1
        if operation.operation_id not in excused.operations:
            excused.operations.append(operation.operation_id)
        return False

    def scenario(self, event: events.ScenarioFinished) -> None:
        recorder = event.recorder
        self.report.scenarios += event.label is None
        for case_id, interaction in recorder.interactions.items():
            case = recorder.cases[case_id].value
            self._digest.add(interaction.request)
            self._tally(case, interaction)
            if case.auth_identity is not None:
                self.report.requests_as[case.auth_identity] += 1
        for checks in recorder.checks.values():
            for check in checks:
                self.report.checks[check.name] += 1
                if check.failure_info is not None:
                    info = check.failure_info
                    self._find(check.name, info.failure, event.phase.value, info.code_sample)

    def error(self, event: events.NonFatalError) -> None:
        """Note what schemathesis could not do; that there is nothing to do is no failure."""
        if isinstance(event.value, NoLinksFound):
            self.report.notes.append(_NO_LINKS)
            return
        if isinstance(event.value, Unsatisfiable):
            why = event.info.message.splitlines()[0]
            note = f"{self._name(event.label)}: a schema that no value fits, or none was found: {why}."
            if note not in self.report.notes:
                self.report.notes.append(note)
            return
        phase = event.phase.value if event.phase else "start"
        what = _shortened(f"{event.info.title}: {event.info.message}")
        self.report.findings.append(Finding("not tested", self._name(event.label), phase, what, ""))

    def finish(self, selected: Collection[Operation]) -> None:
        """Complete the report: the digest, the exclusions, and what never succeeded."""
        self.report.digest = str(self._digest)
        self.report.excluded = [*self._excluded.values(), *self._excused.values()]
        for kind, can in _KINDS.items():
            able = [each.operation_id for each in selected if can(each) and declares_success(each)]
            if able and not self.report.total(kind):
                self.report.complaints.append(
                    f"No {kind[:-1]} succeeded, so the run proves little: {', '.join(able)} should have."
                )

    def _operation(self, case: Case[Any]) -> Operation | None:
        """Give the operation that a request is for; ``None`` where the contract lacks its method."""
        return self._operations.get(f"{case.method} {case.operation.path}")

    def _name(self, label: str) -> str:
        operation = self._operations.get(label)
        return operation.operation_id if operation else label

    def _tally(self, case: Case[Any], interaction: Interaction) -> None:
        operation = self._operation(case)
        tally = self.report.tallies[operation.operation_id if operation else _OTHER_METHODS]
        status = interaction.response.status_code if interaction.response else 0
        tally.answers[status] += 1
        if not 200 <= status < 300:
            return
        if status == 201:
            tally.creates += 1
        elif case.method == "DELETE":
            tally.deletes += 1
        elif case.id in self._changed:
            tally.changes += 1

    def _find(self, check: str, failure: Failure, phase: str, code_sample: str) -> None:
        """Note a failure; of the same one again, the lines that repeat it if they are fewer."""
        repeat = self._repeatable(code_sample)
        operation_id = self._name(failure.operation or "")
        what = _shortened(f"{failure.title}\n{failure.message}")
        finding = Finding(check, operation_id, phase, what, repeat)
        at = self._seen.setdefault((check, failure), len(self.report.findings))
        if at == len(self.report.findings):
            self.report.findings.append(finding)
        elif len(repeat) < len(self.report.findings[at].repeat):
            self.report.findings[at] = finding

    def _repeatable(self, code_sample: str) -> str:
        """Write curl lines for a mock that listens where it always does, with tokens that are minted then."""
        code_sample = code_sample.replace(f" -H '{': '.join(SAME_ID)}'", "")
        for caller in self.callers:
            minted = f"$(mockserver token {caller.name}{self.token_options})"
            written = minted if caller.is_persona else caller.name  # without personas any token will do
            code_sample = code_sample.replace(
                f"'Authorization: Bearer {caller.token}'", f'"Authorization: Bearer {written}"'
            )
        return code_sample.replace(self.url, _SERVED)


def _can_create(operation: Operation) -> bool:
    return operation.method in ("post", "put") and "201" in operation.responses


def _can_change(operation: Operation) -> bool:
    """A POST without 201 may be a search: its changes are counted, and not missed."""
    successes = {status for status in operation.responses if status.startswith("2")}
    return operation.method in ("put", "patch") and bool(successes - {"201"})


def _can_delete(operation: Operation) -> bool:
    return operation.method == "delete"


_KINDS = {"creates": _can_create, "changes": _can_change, "deletes": _can_delete}


def _shortened(text: str) -> str:
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    more = [f"… ({len(lines) - _MOST_LINES} more lines)"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *more])
