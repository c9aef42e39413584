"""The layer that hands requests to a backend, and holds what goes both ways against the contract."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.contract.media.codings import decoded, is_readable
from mockserver.contract.operation import Contract, Operation
from mockserver.contract.paths import PathTree
from mockserver.contract.violation import Violation
from mockserver.errors import MockServerError
from mockserver.respond.problems import Problem
from mockserver.serve.backend import Answer, Backend, Unreachable
from mockserver.serve.faults import cut
from mockserver.serve.forwarding import Addresses, answer_headers, request_headers
from mockserver.serve.judge import Judge, is_passing, lacks
from mockserver.serve.layers import sensible_id
from mockserver.serve.passage import ANSWER, Passage
from mockserver.serve.sending import send_chunks
from mockserver.serve.verdicts import of_answer, sentence
from mockserver.state.findings import Findings
from mockserver.state.journal_entry import Entry
from mockserver.state.masks import Masks
from mockserver.state.recording import Exchange, Recording

MockWhen = Literal["unreachable", "undeclared", "never"]


@dataclass(frozen=True)
class Upstream:
    """
    The backend that requests are handed to, and what becomes of what is seen on the way.

    ``mock_when`` says when the mock answers in its place. What was found and recorded outlives a reload.
    """

    backend: Backend
    findings: Findings
    recording: Recording | None = None
    mock_when: frozenset[MockWhen] = frozenset()


class UpstreamLayer:
    """
    Hand each request to the backend; what it answers goes back as it is.

    Both are held against the contract: what breaks it is told by ``Mock-Violations``, by the journal's entry
    and by the findings, and refused only where the sandbox's settings want it. A body above the limit, and an
    answer that may never end, passes piece by piece and is not looked at. The layers below are the mock: it
    answers in the backend's place where that is wished.
    """

    def __init__(
        self,
        app: ASGIApp,
        contract: Contract,
        upstream: Upstream,
        body_limit: int,
        judge: Callable[[Contract, Operation], Judge] = Judge,
    ) -> None:
        self._app = app
        self._contract = contract
        self._upstream = upstream
        self._limit = body_limit
        self._make_judge = judge
        self._addresses = Addresses(upstream.backend, contract.base_path)
        self._paths = PathTree(contract.base_path + path for path in contract.by_path)
        self._masks = Masks(contract)
        self._judges: dict[str, Judge] = {}
        self._there: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        passage = Passage(scope, receive, send)
        status = 0
        try:
            if not await self._pass(passage):
                await self._fall_back(passage)
        except Problem as problem:
            status = problem.status
            raise
        finally:
            self._count(passage, status)

    def _count(self, passage: Passage, status: int) -> None:
        """Count a request, once; before its answer is sent, so that whoever has that can look."""
        if passage.is_counted:
            return
        passage.is_counted = True
        entry = passage.entry
        self._upstream.findings.take(
            entry,
            self._path_of(entry),
            passage.outcome,
            passage.of_request,
            passage.of_answer,
            status,
            self._masks,
            unknown=passage.unknown,
            failure=passage.failure,
            unseen=passage.unseen,
        )

    def _path_of(self, entry: Entry) -> str:
        """Give what counts a request that the contract lacks; its method may be all that is lacking."""
        known = None if entry.operation is not None else self._paths.match(entry.path)
        return known[0] if known is not None else entry.path

    async def _pass(self, passage: Passage) -> bool:
        """Ask the backend; tells whether it has answered, or the mock should."""
        scope, entry = passage.scope, passage.entry
        await passage.read_body(self._limit)
        judge = self._judge_request(passage)
        headers = request_headers(scope, entry.request_id, self._upstream.backend)
        headers += passage.length()
        answer: Answer | None = None
        try:
            answer = await self._upstream.backend.ask(
                scope["method"], self._addresses.target(scope), headers, passage.content()
            )
            is_streamed = judge is None or is_passing(answer)
            held = b"" if is_streamed else await passage.hold(answer, ANSWER * self._limit)
            if not self._is_answer(passage, judge, answer, held):
                return False
            self._tell(passage, answer)
            await self._answer(passage, answer, held)
        except Unreachable as error:
            passage.failure = str(error)
            if self._is_mocked("unreachable", passage):
                entry.notes.append(f"{error} The mock answers.")
                return False
            passage.outcome = "unreachable"
            raise Problem(error.status, str(error)) from error
        finally:
            if answer is not None:
                await answer.chunks.aclose()
        return True

    def _is_answer(self, passage: Passage, judge: Judge | None, answer: Answer, held: bytes) -> bool:
        """Tell whether an answer is the backend's own, and not one that the mock gives in its place."""
        entry, operation = passage.entry, passage.entry.operation
        if answer.status in (502, 503, 504) and self._is_mocked("unreachable", passage):
            passage.failure = f"The backend answered {answer.status}."
            entry.notes.append(f"{passage.failure} The mock answers.")
            return False
        if judge is None or operation is None:
            return True
        self._judge_answer(passage, judge, answer, held)
        is_there = operation.operation_id in self._there
        is_lacking = lacks(operation, answer, passage.of_answer, is_there=is_there)
        if is_lacking and self._is_mocked("undeclared", passage):
            entry.notes.append(f"The backend answered {answer.status}, and has no such operation yet.")
            return False
        if answer.status not in (404, 405, 501):
            self._there.add(operation.operation_id)
        return True

    def _judge_request(self, passage: Passage) -> Judge | None:
        scope, entry = passage.scope, passage.entry
        operation, mode = entry.operation, passage.world.settings.requests
        if operation is None:
            if scope["method"] != "OPTIONS" and mode != "off":
                passage.of_request = [_undeclared(scope["method"], entry.path)]
                entry.violations += tuple(passage.of_request)
                entry.notes += [each.message for each in passage.of_request]
            return None
        judge = self._judges.get(operation.operation_id)
        if judge is None:
            try:
                judge = self._make_judge(self._contract, operation)
            except MockServerError as error:
                entry.notes.append(f"{operation.operation_id} cannot be held against the contract: {error}")
                return None
            self._judges[operation.operation_id] = judge
        if mode != "off":
            body = passage.readable_body(self._limit)
            try:
                passage.decoded, passage.body, passage.unknown = judge.request(
                    scope, body, mode, passage.unreadable
                )
            except Problem as problem:
                passage.of_request, passage.outcome = list(problem.violations), "refused"
                raise
            passage.of_request = list(entry.violations)
        return judge

    def _judge_answer(self, passage: Passage, judge: Judge, answer: Answer, held: bytes) -> None:
        if passage.world.settings.responses == "off":
            return
        entry, raw, broken = passage.entry, None, []
        has_body = passage.scope["method"] != "HEAD" and answer.status not in (204, 304)
        if has_body and passage.is_whole:
            encoding = answer.header(b"content-encoding")
            try:
                raw = decoded(held, encoding, ANSWER * self._limit)
            except ValueError as error:
                broken = [Violation(("body",), "encoding", None, None, str(error))]
            else:
                # What it is in was not asked for: Accept-Encoding is cut down to what can be read.
                packed = "is too large" if is_readable(encoding) else f"is in Content-Encoding {encoding}"
                passage.unseen = f"the body {packed}" if raw is None else ""
        elif has_body:
            passage.unseen = "the body passed piece by piece"
        if passage.unseen:
            entry.notes.append(f"{passage.unseen}, and was not looked at")
        passage.value, found = judge.answer(answer, raw)
        passage.of_answer = [*found, *broken]

    def _tell(self, passage: Passage, answer: Answer) -> None:
        entry, recording = passage.entry, self._upstream.recording
        broken = of_answer(passage.of_answer)
        entry.violations += broken
        entry.notes += [f"the answer breaks the contract: {sentence(each)}" for each in passage.of_answer]
        if broken and passage.world.settings.responses == "enforce":
            raise Problem(502, f"The backend's answer breaks the contract: {sentence(broken[0])}.")
        operation = entry.operation
        if recording is None or operation is None:
            return
        try:
            self._record(recording, operation, passage, answer)
        except MockServerError as error:
            entry.notes.append(f"nothing was recorded: {error}")

    def _record(self, recording: Recording, operation: Operation, passage: Passage, answer: Answer) -> None:
        values = passage.decoded.path if passage.decoded is not None else {}
        if 200 <= answer.status < 300:
            recording.forget(operation, values)
        if passage.value is not None:
            entry = passage.entry
            exchange = Exchange(
                operation,
                entry.method,
                entry.target.removeprefix(entry.mount),
                values,
                passage.scope["headers"],
                passage.body if not passage.of_request else None,
                answer.status,
                (answer.header(b"content-type") or "").partition(";")[0].strip().lower(),
                passage.value,
                is_valid=not passage.of_answer,
            )
            recording.take(exchange)

    async def _answer(self, passage: Passage, answer: Answer, held: bytes) -> None:
        scope, entry, send = passage.scope, passage.entry, passage.send
        named = next((value for name, value in answer.headers if name == b"x-request-id"), None)
        entry.request_id = (sensible_id(named) if named is not None else None) or entry.request_id
        headers = answer_headers(answer.status, answer.headers, self._addresses, scope, entry.mount)
        if entry.violations and passage.world.settings.headers != "quiet":
            headers.append((b"mock-violations", summary(entry.violations).encode("ascii")))
        entry.source = passage.outcome = "upstream"
        self._count(passage, answer.status)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if passage.is_whole:
            await send({"type": "http.response.body", "body": held})
            return
        try:
            if held:
                await send({"type": "http.response.body", "body": held, "more_body": True})
            await send_chunks(answer.chunks, scope, passage.receive, send)
        except Unreachable as error:
            passage.failure = str(error)
            self._upstream.findings.add_failure(entry, self._path_of(entry), passage.failure)
            entry.notes.append(f"{error} The connection to the client was closed.")
            cut(scope, b"")

    async def _fall_back(self, passage: Passage) -> None:
        """Let the mock answer, as if nobody had been asked."""
        passage.outcome = "mock"
        passage.entry.violations = ()
        # Nobody gets to see what was wrong with the answer, nor is it counted.
        passage.of_answer, passage.unseen = [], ""
        await self._app(passage.scope, passage.again(), passage.send)

    def _is_mocked(self, when: MockWhen, passage: Passage) -> bool:
        is_able = passage.entry.operation is not None and passage.rest is None
        return is_able and when in self._upstream.mock_when


def summary(violations: Sequence[Violation]) -> str:
    """Give the value of ``Mock-Violations``: how many there are, and what and where the first ones are."""
    shown = [f"{'.'.join(map(str, each.location))}: {each.keyword}" for each in violations[:_SHOWN]]
    more = ["…"] if len(violations) > _SHOWN else []
    texts = [quote(text, safe=_PRINTABLE)[:_LONGEST] for text in shown] + ["..." for _ in more]
    return "; ".join([str(len(violations)), *texts])


_SHOWN = 5
_LONGEST = 120
_PRINTABLE = "".join(chr(each) for each in range(0x20, 0x7F) if chr(each) not in ";%")


def _undeclared(method: str, path: str) -> Violation:
    shown = path if len(path) <= 300 else f"{path[:300]}…"
    return Violation(("path",), "undeclared", None, None, f"the contract has no {method} {shown}")
