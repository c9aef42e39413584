"""What one operation may answer: held against the contract, and written as its media type has it."""

from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.contract.media_types import is_json, match, sent_as
from mockserver.contract.operation import Contract, Operation, ResponseType
from mockserver.contract.schema import Schema
from mockserver.contract.violation import Violation
from mockserver.respond.exchange import Response
from mockserver.respond.problems import check_headers


class Answers:
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
