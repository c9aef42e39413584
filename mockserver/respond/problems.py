"""
Problems, and how they are written in the contract's own error shape.

    Problem           the client gets it
    MockServerError   whoever runs the server gets it (``mockserver.errors``)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from mockserver.contract.operation import Contract, MediaType, Operation, ResponseType
from mockserver.contract.schema import Schema, dereference
from mockserver.contract.violation import Violation
from mockserver.respond.wording import describe

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):
    """
    An error for the client: a status, one sentence, and every violation where the request has some.

    It is written in the shape that the contract declares for the operation and the status.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        violations: Sequence[Violation] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.violations = tuple(violations)
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Written:
    """A problem as it is sent: a JSON value, its media type, and whether the contract declares it so."""

    body: Any
    media_type: str
    declared: bool


class ProblemWriter:
    """
    Write problems for one contract.

    The fields of a declared schema are filled by what their names mean (``detail``, ``message``, ``code``,
    ``status``, ``request_id``, ``errors``, …), on top of the declared example; the result is held
    against the schema. A status that the operation does not declare takes the shape of the nearest
    error that it does; without any, and on paths that the contract lacks, RFC 9457 speaks.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def write(
        self, problem: Problem, operation: Operation | None, *, request_id: str, path: str, now: str
    ) -> Written:
        facts = _Facts(problem, request_id, path, now)
        if operation is not None:
            declared = operation.response(problem.status)
            if declared is not None and not declared.content:
                return Written(None, "", True)
            for response in [declared] if declared else _error_shapes(operation, problem.status):
                for media_type in response.content.values():
                    body = self._fill(media_type, facts)
                    if body is not None:
                        return Written(body, media_type.name, declared is not None)
        return Written(facts.as_rfc_9457(), PROBLEM_JSON, False)

    def _fill(self, media_type: MediaType, facts: "_Facts") -> Any:
        """Give a valid body for a media type, or ``None`` where none could be made."""
        if "json" not in media_type.name.lower() or media_type.pointer is None:
            return None
        schema = self._contract.schemas.at(media_type.pointer, "response")
        examples = list(media_type.examples.values())
        filled = _Filler(self._contract.data, facts).fill(schema.definition)
        return _first_valid(schema, [filled, *(_overlay(each, filled) for each in examples), *examples])


class _Facts:
    """What is known of a problem, by what the names of fields may mean."""

    def __init__(self, problem: Problem, request_id: str, path: str, now: str) -> None:
        self.problem = problem
        self.title = _phrase(problem.status)
        self.code = _CODES.get(problem.status) or self.title.lower().replace(" ", "_").replace("'", "")
        self.general_code = "bad_request" if problem.status < 500 else "internal_error"
        self.request_id = request_id
        self.path = path
        self.now = now
        # A 422 that a handler decided has a sentence, but its shape may have no place but a list.
        self.told_as_violation = (
            [Violation(("body",), "value", None, None, problem.detail)] if problem.status == 422 else []
        )

    def as_rfc_9457(self) -> dict[str, Any]:
        problem = self.problem
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": problem.status,
            "detail": problem.detail,
            "instance": self.path,
            "request_id": self.request_id,
        }
        if problem.violations:
            body["errors"] = [describe(violation) for violation in problem.violations]
        return body


_CODES = {413: "payload_too_large", 500: "internal_error"}

# What a field's name means once case and punctuation are taken away.
_SENTENCE = {
    "detail",
    "details",
    "message",
    "msg",
    "description",
    "errormessage",
    "errordescription",
    "reason",
}
_LIST = {
    "detail",
    "details",
    "errors",
    "violations",
    "issues",
    "invalidparams",
    "fielderrors",
    "validationerrors",
}
_CODE = {"code", "errorcode", "errcode", "error", "type", "kind", "reason"}
_STATUS = {"status", "statuscode", "httpstatus", "httpcode", "code"}
_REQUEST_ID = {"requestid", "traceid", "correlationid", "xrequestid"}
_PLACE = {"field", "param", "parameter", "property", "name", "path", "location", "pointer", "source"}


class _Filler:
    def __init__(self, data: Mapping[str, Any], facts: _Facts) -> None:
        self._data = data
        self._facts = facts

    def fill(self, definition: Any, depth: int = 0) -> Any:
        """Fill an object schema's properties; what no fact is known for is left out."""
        definition = self._resolve(definition)
        if depth > 4 or not isinstance(definition, dict):
            return None
        for keyword in ("oneOf", "anyOf"):
            for branch in definition.get(keyword) or ():
                filled = self.fill(branch, depth + 1)
                if filled:
                    return filled
        properties = dict(definition.get("properties") or {})
        for part in definition.get("allOf") or ():
            properties.update(self._resolve(part).get("properties") or {})
        values = {name: self._value(name, each, depth) for name, each in properties.items()}
        return {name: value for name, value in values.items() if value is not None}

    def _value(self, name: str, definition: Any, depth: int) -> Any:
        definition = self._resolve(definition)
        plain = "".join(c for c in name.lower() if c.isalnum())
        if not isinstance(definition, dict):
            return None
        if "const" in definition:
            return definition["const"]
        kind = definition.get("type")
        if kind == "array":
            return self._list(definition.get("items")) if plain in _LIST else None
        if kind == "object" or "properties" in definition:
            return self.fill(definition, depth + 1)
        if kind == "integer" or kind == "number":
            return self._facts.problem.status if plain in _STATUS else None
        return self._string(plain, definition)

    def _string(self, plain: str, definition: Mapping[str, Any]) -> str | None:
        facts = self._facts
        if isinstance(definition.get("enum"), list):
            found: str | None = _fitting(definition["enum"], facts)
            return found
        if plain == "title":
            return facts.title
        if plain in ("instance", "path"):
            return facts.path
        if plain == "type" and str(definition.get("format", "")).startswith("uri"):
            return "about:blank"
        if plain in _REQUEST_ID:
            return facts.request_id
        if plain in ("timestamp", "time") or definition.get("format") == "date-time":
            return facts.now
        if plain in _SENTENCE:
            return facts.problem.detail
        if plain in _CODE:
            return facts.code
        return str(facts.problem.status) if plain in _STATUS else None

    def _list(self, items: Any) -> list[Any] | None:
        violations = self._facts.problem.violations or self._facts.told_as_violation
        if not violations:
            return None
        items = self._resolve(items)
        if isinstance(items, dict) and items.get("type") == "string":
            return [_sentence(violation) for violation in violations]
        properties = items.get("properties", {}) if isinstance(items, dict) else {}
        return [_violation_as(violation, properties) for violation in violations]

    def _resolve(self, definition: Any) -> Any:
        return dereference(self._data, definition)


def _violation_as(violation: Violation, properties: Mapping[str, Any]) -> dict[str, Any]:
    said = describe(violation)
    if {"loc", "msg"} <= properties.keys():
        return said
    values: dict[str, Any] = {}
    for name in properties:
        plain = "".join(c for c in name.lower() if c.isalnum())
        if plain in _PLACE:
            values[name] = ".".join(map(str, violation.location[1:])) or str(violation.location[0])
        elif plain in ("in", "loc"):
            values[name] = str(violation.location[0])
        elif plain in _SENTENCE or plain == "title":
            values[name] = said["msg"]
        elif plain in _CODE or plain in ("keyword", "rule"):
            values[name] = said["type"]
        elif plain in ("value", "input", "rejectedvalue"):
            values[name] = violation.value
    return values


def _sentence(violation: Violation) -> str:
    return f"{'.'.join(map(str, violation.location))}: {describe(violation)['msg']}"


def _fitting(options: Sequence[Any], facts: _Facts) -> Any:
    for wanted in (facts.code, facts.title, str(facts.problem.status), facts.general_code):
        for option in options:
            if isinstance(option, str) and option.lower() == wanted.lower():
                return option
    return options[0] if options else None


def _overlay(example: Any, filled: Any) -> Any:
    if not isinstance(example, dict) or not isinstance(filled, dict):
        return example
    return {**example, **{k: _overlay(example.get(k), v) if k in example else v for k, v in filled.items()}}


def _first_valid(schema: Schema, candidates: Sequence[Any]) -> Any:
    for candidate in candidates:
        if candidate is not None and schema.is_valid(candidate):
            return candidate
    return None


def _error_shapes(operation: Operation, status: int) -> list[ResponseType]:
    """Give an operation's declared errors, those nearest to a status first; validation errors last."""
    errors = [(int(s.replace("XX", "00")), r) for s, r in operation.responses.items() if s[0] in "45"]
    errors.sort(key=lambda each: (each[0] == 422, each[0] // 100 != status // 100, abs(each[0] - status)))
    return [response for _, response in errors]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
