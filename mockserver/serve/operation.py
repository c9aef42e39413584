"""One operation as an ASGI application: request in, handler, answer out, the contract held on both sides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive, Scope, Send

from mockserver.contract.media_types import is_json, match, sent_as
from mockserver.contract.operation import Contract, Operation, ResponseType
from mockserver.contract.parameters import ParameterDecoder
from mockserver.contract.schema import Schema
from mockserver.contract.violation import Violation
from mockserver.respond.exchange import Guard, Handler, Request, Response
from mockserver.respond.problems import Problem, check_headers
from mockserver.serve.body import BodyReader
from mockserver.serve.layers import ENTRY, send_body
from mockserver.state.collection import ItemExists, ItemNotFound
from mockserver.state.journal import Entry
from mockserver.state.world import World

RequestMode = Literal["strict", "enforce", "report", "off"]
ResponseMode = Literal["enforce", "report", "off"]


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What is done about a contract that is broken.

    Requests: ``enforce`` refuses them with every violation at once, ``strict`` refuses query parameters
    too that the contract lacks, ``report`` notes and lets pass what it can, ``off`` lets pass in silence;
    where a handler cannot do with what was let pass, both refuse after all.

    Responses: ``enforce`` answers 500 and undoes what was written, ``report`` notes, ``off`` does not look.
    """

    requests: RequestMode = "enforce"
    responses: ResponseMode = "enforce"
    body_limit: int = 1024 * 1024


class OperationApp:
    """Answer the requests of one operation."""

    def __init__(
        self,
        contract: Contract,
        operation: Operation,
        handler: Handler,
        *,
        guard: Guard | None,
        source: str,
        world: World,
        rules: Rules,
    ) -> None:
        self._operation = operation
        self._base_path = contract.base_path
        self._handler = handler
        self._guard = guard
        self._source = source
        self._world = world
        self._rules = rules
        self._decoder = ParameterDecoder(operation.parameters, contract.schemas, contract.data)
        self._body = (
            BodyReader(operation.request_body, contract.schemas, rules.body_limit)
            if operation.request_body
            else None
        )
        self._answers = _Answers(contract, operation)
        schemes = contract.security_schemes.values()
        self._keys = {each.get("name") for each in schemes if each.get("in") == "query"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        entry: Entry = scope[ENTRY]
        caller = entry.caller
        if self._guard is not None:
            self._guard(caller)
        body, violations = await self._body.read(scope, receive) if self._body else (None, [])
        decoded = self._decoder.decode(entry.path_values, scope["query_string"], scope["headers"])
        unknown = [name for name in decoded.undeclared if name not in self._keys]
        undeclared = _texts(unknown, scope["query_string"])
        violations = self._broken([*decoded.violations, *violations], undeclared, entry)
        world = self._world
        request = Request(
            self._operation,
            decoded.path,
            decoded.query,
            decoded.headers,
            decoded.cookies,
            body,
            caller,
            world.clock.tick(),
            entry.request_id,
            self._base_path,
        )
        entry.source = self._source
        response, media_type, content = self._respond(request, entry, violations)
        await send_body(send, response.status, content, media_type, response.headers, scope["method"])

    def _broken(
        self, violations: list[Violation], undeclared: Mapping[str, str], entry: Entry
    ) -> list[Violation]:
        """Raise what is wrong with a request, or note it, as the rules have it; gives what was let pass."""
        mode = self._rules.requests
        if undeclared and mode != "off":
            notes = [f"the contract has no query parameter {name}" for name in undeclared]
            entry.notes += notes[:_NOTED]
            if mode == "strict":
                violations += [
                    Violation(("query", name), "undeclared", None, text, note)
                    for (name, text), note in zip(undeclared.items(), notes, strict=True)
                ]
        if not violations or mode == "off":
            return violations
        if mode == "report":
            entry.notes += [f"let pass: {_sentence(violation)}" for violation in violations]
            return violations
        raise self._refusal(violations)

    def _respond(
        self, request: Request, entry: Entry, let_pass: list[Violation]
    ) -> tuple[Response, str, bytes]:
        """Call the handler, hold its answer against the contract; what fails leaves the store untouched."""
        store = self._world.store
        try:
            with store.transaction():
                response = self._handler(request, store)
                broken = [] if self._rules.responses == "off" else self._answers.violations(response)
                if broken and self._rules.responses == "enforce":
                    raise _BrokenAnswer(response.status, broken)
                media_type, content = self._answers.write(response)
        except ItemNotFound as error:
            if str(error.id) not in map(str, request.path.values()):
                raise  # nobody asked for it: something that is stored refers to nothing
            raise Problem(404, str(error)) from error
        except ItemExists as error:
            raise Problem(409, str(error)) from error
        except _BrokenAnswer as error:
            entry.notes += error.notes
            if self._source == "example":
                text = f"The contract's example for {self._operation.operation_id} breaks the contract"
                raise Problem(501, f"{text}: {error.first}.") from error
            raise Problem(500, "The mock's own answer breaks the contract; its log tells how.") from error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if let_pass:  # the handler was promised a request that keeps the contract
                raise self._refusal(let_pass) from error
            raise
        entry.notes += [f"the answer breaks the contract: {_sentence(violation)}" for violation in broken]
        return response, media_type, content

    def _refusal(self, violations: list[Violation]) -> Problem:
        """Refuse with 422, or with 400 in a contract that knows only that."""
        declared = self._operation.responses
        status = 400 if "400" in declared and "422" not in declared else 422
        sentence = "; ".join(_sentence(violation) for violation in violations[:10])
        return Problem(status, sentence, violations=violations[:_NAMED])


class _BrokenAnswer(Exception):
    def __init__(self, status: int, violations: list[Violation]) -> None:
        super().__init__(status)
        self.first = _sentence(violations[0])
        self.notes = [f"the answer {status} breaks the contract: {_sentence(each)}" for each in violations]


class _Answers:
    """What one operation may answer, compiled."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._operation = operation
        self._schemas: dict[str, Schema] = {}
        for response in operation.responses.values():
            pointers = [each.pointer for each in response.content.values()]
            pointers += [each.pointer for each in response.headers.values()]
            for pointer in pointers:
                if pointer is not None:
                    self._schemas[pointer] = contract.schemas.at(pointer, "response")

    def violations(self, response: Response) -> list[Violation]:
        declared = self._operation.response(response.status)
        if declared is None:
            known = ", ".join(self._operation.responses)
            text = f"status {response.status} is not declared; declared are {known}"
            return [Violation(("status",), "undeclared", known, response.status, text)]
        violations = self._header_violations(declared, response.headers)
        if not declared.content:
            if response.body is not None:
                text = f"status {response.status} has no body"
                violations.append(Violation(("body",), "undeclared", None, None, text))
            return violations
        media_type = self._media_type(declared, response)
        content = match(declared.content, media_type)
        if content is None:
            known = ", ".join(declared.content)
            text = f"media type {media_type} is not declared; declared are {known}"
            return [*violations, Violation(("body",), "undeclared", known, media_type, text)]
        if content.pointer is not None and is_json(media_type):
            found = self._schemas[content.pointer].violations(response.body)
            violations += [each.within("body") for each in found]
        return violations

    def write(self, response: Response) -> tuple[str, bytes]:
        """
        Give the media type and the bytes of an answer's body; none for an answer without one.

        Raises:
            TypeError, ValueError: the body is no JSON value, or a header is not a line of text.
        """
        check_headers(response.headers)
        declared = self._operation.response(response.status)
        if response.body is None and (declared is None or not declared.content):
            return "", b""
        media_type = self._media_type(declared, response) if declared else response.media_type
        media_type = media_type or "application/json"
        if isinstance(response.body, bytes):
            return media_type, response.body
        if isinstance(response.body, str) and not is_json(media_type):
            return media_type, response.body.encode("utf-8")
        return media_type, orjson.dumps(response.body)

    def _media_type(self, declared: ResponseType, response: Response) -> str:
        return sent_as(response.media_type or next((each.name for each in declared.content.values()), "*/*"))

    def _header_violations(self, declared: ResponseType, headers: Mapping[str, str]) -> list[Violation]:
        if not declared.headers:
            return []
        sent = {name.lower(): value for name, value in headers.items()}
        violations = []
        for name, header in declared.headers.items():
            if name in _FROM_LAYERS:
                continue
            if name not in sent:
                if header.required:
                    text = f"header {header.name} is missing"
                    violations.append(Violation(("header", header.name), "missing", None, None, text))
            elif header.pointer is not None:
                found = _header_value(self._schemas[header.pointer], sent[name])
                violations += [each.within("header", header.name) for each in found]
        return violations


# Declared headers that the layers around the operation send, so that no handler needs to.
_FROM_LAYERS = frozenset({"x-request-id", "content-type", "content-length"})


def _header_value(schema: Schema, text: str) -> list[Violation]:
    """Hold a header's text against its schema: as text, or as the number or boolean that it writes."""
    if schema.is_valid(text):
        return []
    try:
        value: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = text
    return schema.violations(value)


# How many of the parameters that the contract lacks are noted.
_NOTED = 20

# Every violation is named, but for those of a body that is nothing else.
_NAMED = 1000


def _sentence(violation: Violation) -> str:
    message = violation.message if len(violation.message) <= 200 else f"{violation.message[:200]}…"
    return f"{'.'.join(map(str, violation.location))}: {message}"


def _texts(names: list[str], query_string: bytes) -> Mapping[str, str]:
    """Give what was written for each of some keys of a query."""
    if not names:
        return {}
    texts = dict(parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True))
    return {name: texts.get(name, "") for name in names}
