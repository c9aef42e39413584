"""Write problems in the contract's own error shape."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.operation import Contract, MediaType, Operation, ResponseType
from mockserver.contract.schema import Schema
from mockserver.respond.error_fields import compile_fields
from mockserver.respond.problems import PROBLEM_JSON, Facts, Problem


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
        self._shapes: dict[str, Callable[[Facts], Any]] = {}

    def write(
        self, problem: Problem, operation: Operation | None, *, request_id: str, path: str, now: str
    ) -> Written:
        facts = Facts(problem, request_id, path, now)
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

    def _fill(self, media_type: MediaType, facts: Facts) -> Any:
        """Give a valid body for a media type, or ``None`` where none could be made."""
        if "json" not in media_type.name.lower() or media_type.pointer is None:
            return None
        fields = self._shapes.get(media_type.pointer)
        schema = self._contract.schemas.at(media_type.pointer, "response")
        if fields is None:
            fields = compile_fields(self._contract.data, schema.definition)
            self._shapes[media_type.pointer] = fields
        filled = fields(facts)
        if schema.is_valid(filled):
            return filled
        examples = list(media_type.examples.values())
        return _first_valid(schema, [*(_overlay(each, filled) for each in examples), *examples])


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
