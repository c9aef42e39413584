"""One operation as an ASGI application: request in, handler, answer out, the contract held on both sides."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from starlette.types import Receive, Scope, Send

from mockserver.contract.media.media_types import essence
from mockserver.contract.operation import Contract, Operation
from mockserver.contract.parameters.decoder import Decoded, ParameterDecoder
from mockserver.contract.samples.samples import Unsatisfiable
from mockserver.contract.violation import Violation
from mockserver.respond.exchange import Guard, Handler, Request, Response
from mockserver.respond.marks import Handling
from mockserver.respond.preferences import Preferences, read_preferences
from mockserver.respond.problems import Problem
from mockserver.respond.responder import Responder
from mockserver.serve.answers import Answers
from mockserver.serve.body import BodyReader
from mockserver.serve.layers import HEADERS
from mockserver.serve.sending import ENTRY, WORLD, send_body, send_stream
from mockserver.serve.verdicts import (
    hold_request,
    keys_in_query,
    of_answer,
    refusal,
    sentence,
    unknown_parameters,
)
from mockserver.state.allowance import StoreFull
from mockserver.state.clock import Clock
from mockserver.state.collection import ItemExists, ItemNotFound
from mockserver.state.journal_entry import Entry
from mockserver.state.settings import Settings
from mockserver.state.world import World


@dataclass(frozen=True, slots=True)
class View:
    """
    What an operation sees of the sandbox that a request names.

    ``subject`` is what its handlers get beside the request, of the world and the request's entry; ``now`` is
    the time of the request.
    """

    subject: Callable[[World, Entry], Any]
    now: Callable[[Clock], str]
    settings: Callable[[World], Settings]


# An operation of the API that is mocked: handlers get the store, and every request has a time of its own.
MOCKED = View(lambda world, _entry: world.store, Clock.tick, attrgetter("settings"))


@dataclass(frozen=True, slots=True)
class Failure:
    """A status that a fault wants, why, and the headers that come with it."""

    status: int
    reason: str
    headers: Mapping[str, str]


class OperationApp:
    """
    Answer the requests of one operation: by the handler written for it, else by the responder.

    The responder also gives what a request prefers, of every operation.
    """

    def __init__(
        self,
        contract: Contract,
        operation: Operation,
        handling: Handling | None,
        responder: Responder,
        *,
        body_limit: int,
        view: View = MOCKED,
    ) -> None:
        self._view = view
        self._operation = operation
        self._base_path = contract.base_path
        self._handler: Handler = handling.handler if handling else responder
        self._guard: Guard | None = handling.guard if handling else None
        self._source = "handler" if handling else ""
        self._responder = responder
        # Where nothing is remembered, a seed alone makes another answer.
        self._is_repeatable = handling is None and not responder.is_stateful
        self._decoder = ParameterDecoder(operation.parameters, contract.schemas, contract.data)
        declared, is_kept = operation.request_body, handling is not None or responder.is_stateful
        self._body = BodyReader(declared, contract, body_limit, is_kept=is_kept) if declared else None
        self._answers = Answers(contract, operation)
        self._keys = keys_in_query(contract)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        entry: Entry = scope[ENTRY]
        if self._guard is not None:
            self._guard(entry.caller)
        body, violations = await self._body.read(scope, receive) if self._body else (None, [])
        decoded = self._decoder.decode(entry.path_values, scope["query_string"], scope["headers"])
        accept, prefer, content_type = _wishes(scope)
        if accept is not None and not self._answers.accepts(accept):
            raise self._unacceptable(accept)
        query = scope["query_string"]
        is_preferring = prefer is not None or b"__" in query
        preferences = read_preferences(prefer, query) if is_preferring else None
        undeclared = unknown_parameters(decoded, self._keys, query) if decoded.undeclared else {}
        world: World = scope[WORLD]
        settings = self._view.settings(world)
        violations = hold_request(
            self._operation, [*decoded.violations, *violations], undeclared, entry, settings.requests
        )
        request = self._request(decoded, body, entry, world, accept, content_type)
        response, media_type, content = self._respond(request, world, entry, violations, preferences)
        entry.source = response.source or self._source
        if response.notes:
            entry.notes += response.notes
        if isinstance(content, bytes):
            await send_body(send, response.status, content, media_type, response.headers, scope["method"])
        else:
            await send_stream(content, response, media_type, scope, receive, send)

    async def fail(self, failure: Failure, scope: Scope, send: Send) -> None:
        """Answer as a fault wants it, with what is declared for its status; no handler is called."""
        entry: Entry = scope[ENTRY]
        entry.source = "fault"
        if self._operation.response(failure.status) is None:
            raise Problem(failure.status, failure.reason, headers=failure.headers)
        decoded = self._decoder.decode(entry.path_values, scope["query_string"], scope["headers"])
        accept, _, content_type = _wishes(scope)
        world: World = scope[WORLD]
        request = self._request(decoded, None, entry, world, accept, content_type)
        response, media_type, content = self._respond(request, world, entry, [], failure)
        entry.notes += response.notes
        assert isinstance(content, bytes)  # nobody's handler was called
        await send_body(send, response.status, content, media_type, response.headers, scope["method"])

    def _request(
        self,
        decoded: Decoded,
        body: Any,
        entry: Entry,
        world: World,
        accept: str | None,
        content_type: str,
    ) -> Request:
        return Request(
            self._operation,
            decoded.path,
            decoded.query,
            decoded.headers,
            decoded.cookies,
            body,
            entry.caller,
            self._view.now(world.clock),
            entry.request_id,
            self._base_path,
            accept,
            content_type,
            seed=world.seed,
        )

    def _respond(
        self,
        request: Request,
        world: World,
        entry: Entry,
        let_pass: list[Violation],
        wanted: Preferences | Failure | None,
    ) -> tuple[Response, str, bytes | AsyncIterator[bytes]]:
        """Call the handler, hold its answer against the contract; what fails leaves the store untouched."""
        responses = self._view.settings(world).responses
        try:
            with world.store.transaction():
                subject = self._view.subject(world, entry)
                if wanted is None:
                    response = self._handler(request, subject)
                else:
                    response = self._wanted(wanted, request, subject)
                plan = self._answers.plan(response, request.accept)
                if isinstance(response.body, AsyncIterator):
                    return response, plan.name, response.body
                broken = [] if responses == "off" else self._answers.violations(response, plan)
                if broken and responses == "enforce":
                    raise _BrokenAnswer(response.status, broken)
                media_type, content = self._answers.write(response, plan)
        except ItemNotFound as error:
            if str(error.id) not in map(str, request.path.values()):
                raise  # nobody asked for it: something that is stored refers to nothing
            raise Problem(404, str(error)) from error
        except StoreFull as error:
            raise Problem(507, str(error)) from error
        except ItemExists as error:
            raise Problem(409, str(error)) from error
        except Unsatisfiable as error:
            raise Problem(501, f"No sample fits {self._operation.operation_id}: {error}") from error
        except _BrokenAnswer as error:
            entry.notes += error.notes
            entry.violations += of_answer(error.violations)
            if not self._source:
                text = f"No answer could be made for {self._operation.operation_id} that keeps the contract"
                raise Problem(501, f"{text}: {error.first}.") from error
            raise Problem(500, "The mock's own answer breaks the contract; its log tells how.") from error
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            if let_pass:  # the handler was promised a request that keeps the contract
                raise refusal(self._operation, let_pass) from error
            raise
        if broken:
            entry.notes += [f"the answer breaks the contract: {sentence(violation)}" for violation in broken]
            entry.violations += of_answer(broken)
        return response, media_type, content

    def _unacceptable(self, accept: str | None) -> Problem:
        """Refuse before anything is changed. Source: RFC 9110, section 15.5.7."""
        successes = [each for status, each in self._operation.responses.items() if status[0] in "2d"]
        declared = ", ".join(dict.fromkeys(m.name for each in successes for m in each.content.values()))
        return Problem(
            406, f"Accept: {(accept or '')[:_SHOWN]} takes nothing of what is declared: {declared}."
        )

    def _wanted(self, wanted: Preferences | Failure, request: Request, subject: Any) -> Response:
        if isinstance(wanted, Failure):
            return self._failed(wanted, request)
        if wanted.is_choice or self._is_repeatable:
            return self._preferred(wanted, request)
        return self._handler(request, subject)

    def _failed(self, failure: Failure, request: Request) -> Response:
        try:
            response = self._responder.prefer(Preferences(code=failure.status), request)
        except Problem as problem:
            if problem.status != failure.status:
                raise
            headers = _overlaid(problem.headers, failure.headers)
            raise Problem(problem.status, failure.reason, headers=headers) from problem
        response.headers = _overlaid(response.headers, failure.headers)
        return response

    def _preferred(self, preferences: Preferences, request: Request) -> Response:
        """Answer as the request prefers, and say so."""
        applied = {"Preference-Applied": preferences.applied()}
        try:
            response = self._responder.prefer(preferences, request)
        except Problem as problem:
            if problem.status == preferences.code:
                problem.headers |= applied
            raise
        response.source = f"{response.source}, as preferred"
        response.headers = {**response.headers, **applied}
        return response


class _BrokenAnswer(Exception):
    def __init__(self, status: int, violations: list[Violation]) -> None:
        super().__init__(status)
        self.violations = violations
        self.first = sentence(violations[0])
        self.notes = [f"the answer {status} breaks the contract: {sentence(each)}" for each in violations]


def _wishes(scope: Scope) -> tuple[str | None, str | None, str]:
    """
    Give the headers ``Accept`` and ``Prefer``, and the media type of the body.

    Several of one name are one (RFC 9110, section 5.3).
    """
    by_name: Mapping[bytes, bytes] = scope[HEADERS]
    accept, prefer = by_name.get(b"accept"), by_name.get(b"prefer")
    if len(by_name) != len(scope["headers"]):  # some name is there more than once
        accept, prefer = _joined(scope, b"accept"), _joined(scope, b"prefer")
    content_type = by_name.get(b"content-type", b"").decode("latin-1")
    return (
        None if accept is None else accept.decode("latin-1"),
        None if prefer is None else prefer.decode("latin-1"),
        essence(content_type) if content_type else "",
    )


def _joined(scope: Scope, name: bytes) -> bytes | None:
    values = [value for key, value in scope["headers"] if key == name]
    return b", ".join(values) if values else None


# How much of a header is said back.
_SHOWN = 300


def _overlaid(headers: Mapping[str, str], over: Mapping[str, str]) -> dict[str, str]:
    """Give headers with others in the place of those of the same name."""
    names = {name.lower() for name in over}
    return {**{name: value for name, value in headers.items() if name.lower() not in names}, **over}
