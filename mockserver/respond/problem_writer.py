"""Write problems in the contract's own error shape."""

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.contract.media.media_types import is_json, sent_as
from mockserver.contract.operation import Contract, MediaType, Operation, ResponseType
from mockserver.respond.blank import blank, complete
from mockserver.respond.error_fields import compile_fields, definition_of
from mockserver.respond.problems import PROBLEM_JSON, Facts, Problem


@dataclass(frozen=True, slots=True)
class Written:
    """A problem as it is sent: its body, the media type, and whether the contract declares it so."""

    body: Any
    media_type: str
    declared: bool

    def content(self) -> bytes:
        """Give the bytes of the body: JSON, or a text as it is."""
        if self.body is None:
            return b""
        return orjson.dumps(self.body) if is_json(self.media_type) else str(self.body).encode()


class ProblemWriter:
    """
    Write problems for one contract.

    The fields of a declared schema are filled by what their names mean (``detail``, ``message``, ``code``,
    ``status``, ``request_id``, ``errors``, …), the gaps by the declared example; the result is held
    against the schema. A status that the operation does not declare takes the shape of the nearest
    error that it does; without any, and on paths that the contract lacks, RFC 9457 speaks.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._shapes: dict[str, Callable[[Facts], Sequence[Any]]] = {}

    def write(
        self,
        problem: Problem,
        operation: Operation | None,
        *,
        request_id: str,
        path: str,
        now: str,
        instance: str = "",
    ) -> Written:
        """Write a problem; ``instance`` is where more is told of it, its path where nothing is."""
        facts = Facts(problem, request_id, path, now, instance)
        if operation is not None:
            declared = operation.response(problem.status)
            if declared is not None and not declared.content:
                return Written(None, "", True)
            for response in [declared] if declared else _error_shapes(operation, problem.status):
                for media_type in _json_first(response):
                    body = self._fill(media_type, facts, is_declared=declared is not None)
                    if body is not None:
                        return Written(body, sent_as(media_type.name), declared is not None)
        return Written(facts.as_rfc_9457(), PROBLEM_JSON, False)

    def _fill(self, media_type: MediaType, facts: Facts, *, is_declared: bool) -> Any:
        """Give a valid body for a media type, or ``None`` where none could be made."""
        if not is_json(sent_as(media_type.name)):
            return _as_text(media_type.name, facts.problem.detail)
        examples = list(media_type.examples.values())
        if media_type.pointer is None:
            shape = compile_fields({}, definition_of(examples[0])) if examples else _nothing
            whole = [_overlay(examples[0], each) for each in shape(facts)]
            return next(iter([*whole, *examples, *([facts.as_rfc_9457()] if is_declared else [])]), None)
        schema = self._contract.schemas.at(media_type.pointer, "response")
        filled = self._shape(media_type.pointer, schema.definition)(facts)
        for each in filled:
            if schema.is_valid(each):
                return each
        data = self._contract.data
        candidates = [_overlay(example, each) for example in examples for each in filled]
        candidates += [complete(data, schema.definition, each) for each in filled]
        if is_declared:
            candidates += [*examples, facts.as_rfc_9457(), blank(data, schema.definition)]
        return next((each for each in candidates if each is not None and schema.is_valid(each)), None)

    def _shape(self, pointer: str, definition: Any) -> Callable[[Facts], Sequence[Any]]:
        shape = self._shapes.get(pointer)
        if shape is None:
            shape = self._shapes[pointer] = compile_fields(self._contract.data, definition)
        return shape


def _nothing(_facts: Facts) -> Sequence[Any]:
    return ()


def _json_first(response: ResponseType) -> Iterable[MediaType]:
    if len(response.content) == 1:
        return response.content.values()
    return sorted(response.content.values(), key=lambda each: not is_json(sent_as(each.name)))


def _as_text(media_type: str, sentence: str) -> str | None:
    essence = media_type.partition(";")[0].strip().lower()
    if essence == "text/html":
        return f"<p>{html.escape(sentence)}</p>"
    return sentence if essence in ("text/plain", "text/*") else None


def _overlay(example: Any, filled: Any) -> Any:
    if not isinstance(example, dict) or not isinstance(filled, dict):
        return filled
    return {**example, **{k: _overlay(example.get(k), v) if k in example else v for k, v in filled.items()}}


def _error_shapes(operation: Operation, status: int) -> list[ResponseType]:
    """Give an operation's declared errors, those nearest to a status first; validation errors last."""
    errors = [(int(s.replace("XX", "00")), r) for s, r in operation.responses.items() if s[0] in "45"]
    errors.sort(key=lambda each: (each[0] == 422, each[0] // 100 != status // 100, abs(each[0] - status)))
    return [response for _, response in errors]
