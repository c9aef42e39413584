"""What was asked and answered during a run, and which failures are believed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis.errors import Unsatisfiable
from requests.exceptions import ChunkedEncodingError
from schemathesis.core.errors import NoLinksFound
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import events
from schemathesis.engine.recorder import Interaction
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from mockserver.contract.operation import Contract, Operation
from mockserver.prove.credentials import label_of
from mockserver.prove.digest import Digest
from mockserver.prove.exchange import Exchange, Shown
from mockserver.prove.excuses import declares_success
from mockserver.prove.failures import detail_of, difference_of, paragraph_of
from mockserver.prove.report import Finding, Report, Tally

OTHER_METHODS = "(other methods)"

_NO_LINKS = "The stateful phase had nothing to do: no answer of these operations leads to another of them."
_NOT_REFUSED = "refuses_nobody"

Judge = Callable[[Failure, Case[Any], Operation], str | None]
"""Gives the situation in which a failure is not believed, in words; ``None`` where it is."""

Observer = Callable[[Case[Any], Response, Operation | None], None]


@dataclass
class Witness:
    """
    Watches one run and writes its report.

    ``after_call`` and ``filter_failure`` are hooks of schemathesis, and are called in its thread, one call
    at a time; ``scenario`` is called with each scenario when it is over. ``is_change`` tells whether a
    request that succeeded changed anything, ``keeps_all`` whether every exchange is kept for a report.
    """

    contract: Contract
    report: Report
    url: str
    shown: Shown
    judges: Sequence[Judge]
    observer: Observer | None = None
    is_change: Callable[[str], bool] = lambda _case_id: True
    keeps_all: bool = False
    phase: str = ""
    _digest: Digest = field(init=False)
    _operations: Mapping[str, Operation] = field(init=False)

    def __post_init__(self) -> None:
        self._digest = Digest(self.url)
        self._operations = {label_of(each): each for each in self.contract.operations}
        for operation in self.contract.operations:
            self.report.tallies[operation.operation_id] = Tally(operation.operation_id)
        self.report.tallies[OTHER_METHODS] = Tally(OTHER_METHODS)

    def begin(self, phase: str) -> None:
        """Begin to watch another phase."""
        self.phase, self._digest = phase, Digest(self.url)

    def end(self, seconds: float) -> None:
        self.report.digests[self.phase] = str(self._digest)
        self.report.seconds[self.phase] = round(seconds, 3)

    def after_call(self, _context: HookContext, case: Case[Any], response: Response) -> None:
        if self.observer is not None:
            self.observer(case, response, self._operation(case))

    def filter_failure(
        self, _context: HookContext, failure: Failure, case: Case[Any], _response: Response
    ) -> bool:
        """Tell whether a failure is to be believed."""
        operation = self._operation(case)
        if operation is None:
            return True
        for judge in self.judges:
            situation = judge(failure, case, operation)
            if situation is not None:
                self.report.excuse(situation, operation.operation_id)
                return False
        return True

    def scenario(self, event: events.ScenarioFinished) -> None:
        recorder = event.recorder
        self.report.scenarios += event.label is None
        for case_id, interaction in recorder.interactions.items():
            case = recorder.cases[case_id].value
            self._digest.add(interaction.request)
            self._tally(case, interaction)
            if self.keeps_all:
                self.report.exchanges.append(self._exchange(case, interaction))
            if case.auth_identity is not None:
                self.report.requests_as[case.auth_identity] += 1
        for case_id, checks in recorder.checks.items():
            case, interaction_ = recorder.cases[case_id].value, recorder.interactions.get(case_id)
            for check in checks:
                self._count(check.name, case)
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    failed_id = failure.case_id if failure.case_id in recorder.interactions else case_id
                    failed, interaction_ = (
                        recorder.cases[failed_id].value,
                        recorder.interactions.get(failed_id),
                    )
                    self._find(check.name, failure, failed, interaction_, check.failure_info.code_sample)

    def unguarded(self, event: events.ScenarioFinished) -> None:
        """Find what was answered to somebody who did not say who they are."""
        recorder = event.recorder
        for case_id, interaction in recorder.interactions.items():
            case, response = recorder.cases[case_id].value, interaction.response
            operation = self._operation(case)
            if operation is None or response is None:
                continue
            self._count(_NOT_REFUSED, case)
            if response.status_code < 400:
                what = (
                    f"Nobody may call this without saying who they are, but it was answered "
                    f"{response.status_code} without any credentials."
                )
                repeat = self.shown.curl(case.as_curl_command(headers=_flat(interaction)))
                self.report.find(
                    Finding(
                        _NOT_REFUSED,
                        operation.operation_id,
                        self.phase,
                        what,
                        repeat,
                        "answered without credentials",
                        exchange=self.shown.exchange(self._exchange(case, interaction)),
                    )
                )

    def asked(self, exchange: Exchange) -> None:
        """Take in a request of our own."""
        self._digest.add_parts(exchange.method, exchange.url, exchange.request_headers, exchange.request_body)
        operation = self.contract.by_id.get(exchange.operation_id)
        self._tally_status(
            operation, exchange.method, exchange.status, is_change=True, seconds=exchange.seconds
        )
        if self.keeps_all:
            self.report.exchanges.append(self.shown.exchange(exchange))

    def error(self, event: events.NonFatalError) -> None:
        """Note what schemathesis could not do; that there is nothing to do is no failure."""
        if isinstance(event.value, NoLinksFound):
            self.report.note(_NO_LINKS)
            return
        if isinstance(event.value, Unsatisfiable):
            why = event.info.message.splitlines()[0]
            self.report.note(
                f"{self._name(event.label)}: a schema that no value fits, or none was found: {why}."
            )
            return
        is_broken = isinstance(event.value, ChunkedEncodingError)
        said = f"the answer breaks off: {event.value}" if is_broken else event.info.message
        what = " ".join(f"{event.info.title}: {said}".split())[:400]
        finding = Finding(
            "not tested", self._name(event.label), self.phase, self.shown.text(what), "", event.info.title
        )
        self.report.find(finding)

    def finish(self, selected: Collection[Operation]) -> None:
        """Complete the report with what should have succeeded."""
        for kind, can in _KINDS.items():
            self.report.able[kind] = [
                each.operation_id for each in selected if can(each) and declares_success(each)
            ]

    def count(self, check: str, operation_id: str) -> None:
        self.report.checks[check] += 1
        self.report.tallies[operation_id].checks[check] += 1

    def _count(self, check: str, case: Case[Any]) -> None:
        operation = self._operation(case)
        self.count(check, operation.operation_id if operation else OTHER_METHODS)

    def _operation(self, case: Case[Any]) -> Operation | None:
        """Give the operation that a request is for; ``None`` where the contract lacks its method."""
        return self._operations.get(f"{case.method} {case.operation.path}")

    def _name(self, label: str) -> str:
        operation = self._operations.get(label)
        return operation.operation_id if operation else label

    def _tally(self, case: Case[Any], interaction: Interaction) -> None:
        status = interaction.response.status_code if interaction.response else 0
        seconds = interaction.response.elapsed if interaction.response else 0.0
        self._tally_status(
            self._operation(case), case.method, status, is_change=self.is_change(case.id), seconds=seconds
        )

    def _tally_status(
        self, operation: Operation | None, method: str, status: int, *, is_change: bool, seconds: float
    ) -> None:
        tally = self.report.tallies[operation.operation_id if operation else OTHER_METHODS]
        tally.answers[status] += 1
        tally.seconds += seconds
        if not 200 <= status < 300:
            return
        if status == 201:
            tally.creates += 1
        elif method == "DELETE":
            tally.deletes += 1
        elif method in ("POST", "PUT", "PATCH") and is_change:
            tally.changes += 1

    def _find(
        self,
        check: str,
        failure: Failure,
        case: Case[Any],
        interaction: Interaction | None,
        code_sample: str,
    ) -> None:
        status = interaction.response.status_code if interaction and interaction.response else 0
        self.report.find(
            Finding(
                check,
                self._name(failure.operation or ""),
                self.phase,
                self.shown.text(paragraph_of(failure, status)),
                self.shown.curl(code_sample),
                self.shown.text(difference_of(failure, case, status)),
                self.shown.text(detail_of(failure)),
                self._exchange(case, interaction) if interaction else None,
            )
        )

    def _exchange(self, case: Case[Any], interaction: Interaction) -> Exchange:
        operation, request, response = self._operation(case), interaction.request, interaction.response
        return self.shown.exchange(
            Exchange(
                operation_id=operation.operation_id if operation else f"{case.method} {case.operation.path}",
                phase=self.phase,
                method=request.method,
                url=request.uri,
                request_headers=_listed(request.headers),
                request_body=request.body or b"",
                status=response.status_code if response else 0,
                reason=response.message if response else "",
                response_headers=_listed(response.headers) if response else (),
                response_body=response.content if response else b"",
                started=interaction.timestamp,
                seconds=response.elapsed if response else 0.0,
            )
        )


def _listed(headers: Mapping[str, Sequence[str | bytes]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _text(value)) for name, values in headers.items() for value in values)


def _flat(interaction: Interaction) -> dict[str, str]:
    return dict(_listed(interaction.request.headers))


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _can_create(operation: Operation) -> bool:
    return operation.method in ("post", "put") and "201" in operation.responses


def _can_change(operation: Operation) -> bool:
    """A POST without 201 may be a search: its changes are counted, and not missed."""
    successes = {status for status in operation.responses if status.startswith("2")}
    return operation.method in ("put", "patch") and bool(successes - {"201"})


def _can_delete(operation: Operation) -> bool:
    return operation.method == "delete"


_KINDS = {"creates": _can_create, "changes": _can_change, "deletes": _can_delete}
