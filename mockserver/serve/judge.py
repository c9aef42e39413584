"""What a backend is asked and answers, held against one operation of the contract."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.types import Scope

from mockserver.contract.media.media_types import kind_of
from mockserver.contract.operation import Contract, Operation
from mockserver.contract.parameters.decoder import Decoded, ParameterDecoder
from mockserver.contract.violation import Violation
from mockserver.respond.exchange import Response
from mockserver.respond.problems import Problem
from mockserver.serve.answers import Answers
from mockserver.serve.backend import Answer
from mockserver.serve.body import BodyReader
from mockserver.serve.sending import ENTRY
from mockserver.serve.verdicts import hold_request, keys_in_query, undeclared_parameters, unknown_parameters
from mockserver.state.settings import RequestMode

# Headers that describe a body whatever a contract says of them.
_ABOUT_BODIES = frozenset(("content-type", "content-length"))

# They may go on for ever, or be large, so nobody waits for the end of them.
_PASSING = frozenset(("events", "lines", "binary"))


class Judge:
    """Holds requests and answers of one operation against the contract; compiled once."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._operation = operation
        self._decoder = ParameterDecoder(operation.parameters, contract.schemas, contract.data)
        declared = operation.request_body
        self._body = BodyReader(declared, contract, 0) if declared else None
        self._answers = Answers(contract, operation, _ABOUT_BODIES)
        self._keys = keys_in_query(contract)

    def request(
        self, scope: Scope, body: bytes | None, mode: RequestMode, unreadable: Sequence[Violation] = ()
    ) -> tuple[Decoded, Any, list[Violation]]:
        """
        Give the parameters and the body of a request, and note in the journal's entry what is wrong.

        The parameters of its query that the contract lacks come third; only ``strict`` takes them for wrong.

        A body of ``None`` could not be read, and is not looked at; ``unreadable`` says what is wrong with it.

        Raises:
            Problem: it is to be refused.
        """
        entry, query = scope[ENTRY], scope["query_string"]
        decoded = self._decoder.decode(entry.path_values, query, scope["headers"])
        value, broken = self._read(scope, body) if self._body and body is not None else (None, [])
        undeclared = unknown_parameters(decoded, self._keys, query) if decoded.undeclared else {}
        hold_request(self._operation, [*decoded.violations, *unreadable, *broken], undeclared, entry, mode)
        return decoded, value, undeclared_parameters(undeclared)

    def answer(self, answer: Answer, raw: bytes | None) -> tuple[Any, list[Violation]]:
        """Give the value of an answer's body, and every way in which the answer breaks the contract."""
        if answer.status == 304 and self._operation.response(304) is None:
            return None, []  # HTTP has it for whoever asks with a condition
        headers = {name.decode("latin-1"): "" for name, _ in answer.headers}
        headers = {name: answer.header(name.encode("latin-1")) or "" for name in headers}
        media_type = answer.header(b"content-type")
        value, found = self._answers.read(Response(None, answer.status, headers, media_type), raw)
        return value, [_at_body(each, raw or b"") for each in found]

    def _read(self, scope: Scope, body: bytes) -> tuple[Any, list[Violation]]:
        assert self._body is not None
        content_type = _header(scope, b"content-type")
        try:
            value, found = self._body.understand(body, content_type)
        except Problem as problem:  # the media type is not declared
            return None, [Violation(("body",), "undeclared", None, content_type, problem.detail)]
        return value, [_at_body(each, body) for each in found]


def is_passing(answer: Answer) -> bool:
    """Tell whether an answer has a body that may never end, or of which a contract says next to nothing."""
    media_type = answer.header(b"content-type")
    return media_type is not None and kind_of(media_type) in _PASSING


def lacks(operation: Operation, answer: Answer, violations: list[Violation], *, is_there: bool) -> bool:
    """
    Tell whether an answer says that a backend does not have an operation, or not yet as the contract has it.

    A status that the contract does not declare says so, but for a failure (5XX), and so do 405 and 501,
    unless they are declared by number. So does a 404 where the path has no parameter, or where its body is
    not what is declared: it is the server's own, and not about an item. Of what ``is_there``, since it was
    answered otherwise before, no 404 says so.
    """
    status = answer.status
    if operation.responses and operation.response(status) is None:
        return status == 501 or (status < 500 and status != 304)
    if status in (405, 501):
        return str(status) not in operation.responses
    if status != 404 or is_there:
        return False
    is_strange = any(each.location[0] in ("status", "body") for each in violations)
    return is_strange or ("{" not in operation.path and "404" not in operation.responses)


def _at_body(violation: Violation, raw: bytes) -> Violation:
    """Say of a body that is no JSON what it is; a place in its bytes is none in a value."""
    location = violation.location
    if violation.keyword != "json" or len(location) != 2 or not isinstance(location[1], int):
        return violation
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:  # as codecs say it of other bodies
        return replace(violation, location=location[:1], keyword="unicode", message="its text is not UTF-8")
    text = f"it is not JSON: {violation.message} (byte {location[1]})"
    return replace(violation, location=location[:1], message=text)


def _header(scope: Scope, wanted: bytes) -> str:
    headers: Mapping[bytes, bytes] = dict(scope["headers"])
    return headers.get(wanted, b"").decode("latin-1")
