"""Decode the parameters of a request: path, query, headers and cookies, typed and defaulted."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.operation import Parameter
from mockserver.contract.parameters.rules import ABSENT, Given, Rule, SpreadRule, compile_rule
from mockserver.contract.parameters.styles import split_cookies, split_query
from mockserver.contract.parameters.values import Readers
from mockserver.contract.schema import Schemas
from mockserver.contract.violation import Violation


@dataclass(slots=True)
class Decoded:
    """
    The declared parameters of one request by their contract name, typed and defaulted.

    A value that breaks the contract is left out and named in ``violations``, whose locations start with
    ``path``, ``query``, ``header`` or ``cookie`` and the name. ``undeclared`` are the keys of the query that
    the contract lacks.
    """

    path: dict[str, Any]
    query: dict[str, Any]
    headers: dict[str, Any]
    cookies: dict[str, Any]
    violations: list[Violation]
    undeclared: list[str]


class ParameterDecoder:
    """
    Decodes the parameters of one operation; compiled once, then cheap for each request.

    Raises:
        MockServerError: the schema of a parameter is no valid JSON Schema.
    """

    def __init__(
        self, parameters: Sequence[Parameter], schemas: Schemas, document: Mapping[str, Any]
    ) -> None:
        readers = Readers(schemas, document)
        rules = [compile_rule(parameter, schemas, readers, document) for parameter in parameters]
        self._path = _Place([rule for rule in rules if rule.location[0] == "path"])
        self._query = _Place([rule for rule in rules if rule.location[0] == "query"])
        self._headers = _Place([rule for rule in rules if rule.location[0] == "header"])
        self._cookies = _Place([rule for rule in rules if rule.location[0] == "cookie"])
        self._header_names = {rule.key.encode() for rule in self._headers.rules}
        if self._cookies.rules:
            self._header_names.add(b"cookie")

    def decode(
        self, path: Mapping[str, str], query_string: bytes, headers: Sequence[tuple[bytes, bytes]]
    ) -> Decoded:
        """
        Read the declared parameters out of the raw parts of a request.

        ``path`` has the segments by name, still percent-encoded; ``headers`` are ASGI's, with names in lower
        case. Header and cookie values are UTF-8 or else Latin-1, and are not percent-decoded. An empty text
        is a value. An array that is written as one text is empty where the text is.

        Names every violation found; an empty list means valid. Never raises for what a client sent.

        Source: OpenAPI 3.1.1, "Style Values"; RFC 6570; RFC 6265.
        """
        violations: list[Violation] = []
        undeclared: list[str] = []
        if path:
            in_path = self._path.take({name: [raw] for name, raw in path.items()}, violations)
        else:
            in_path = self._path.absent(violations)
        if query_string:
            given = split_query(query_string)
            query = self._query.take(given, violations)
            undeclared.extend(given)
        else:
            query = self._query.absent(violations)
        in_headers: dict[str, Any] = {}
        cookies: dict[str, Any] = {}
        if self._header_names:
            lines = self._lines(headers)
            cookie = lines.pop("cookie", ()) if self._cookies.rules else ()
            in_headers = self._headers.take(lines, violations) if lines else self._headers.absent(violations)
            cookies = self._cookies.take(split_cookies(";".join(cookie)), violations)
        return Decoded(in_path, query, in_headers, cookies, violations, undeclared)

    def _lines(self, headers: Sequence[tuple[bytes, bytes]]) -> Given:
        lines: Given = {}
        for name, value in headers:
            if name in self._header_names:
                lines.setdefault(name.decode(), []).append(_text(value))
        return lines


class _Place:
    """All parameters of one location."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        # A key with a parameter of its own never belongs to an exploded object; an open one takes the rest.
        self.rules = sorted(rules, key=_eagerness)
        self._missing = [rule.missing for rule in self.rules if rule.missing]
        absent = {rule.name: rule.default for rule in self.rules if not rule.missing}
        self._defaults = {name: default for name, default in absent.items() if default is not ABSENT}
        self._is_shared = any(isinstance(default, (list, dict)) for default in self._defaults.values())
        spread = [rule for rule in self.rules if isinstance(rule, SpreadRule) and rule.is_open]
        if len(spread) == 1:
            spread[0].takes_rest = spread[0].location[0] == "query"

    def take(self, given: Given, violations: list[Violation]) -> dict[str, Any]:
        values = {}
        for rule in self.rules:
            value = rule.take(given, violations)
            if value is not ABSENT:
                values[rule.name] = value
        return values

    def absent(self, violations: list[Violation]) -> dict[str, Any]:
        violations.extend(self._missing)
        return copy.deepcopy(self._defaults) if self._is_shared else self._defaults.copy()


def _eagerness(rule: Rule) -> int:
    return 1 + rule.is_open if isinstance(rule, SpreadRule) else 0


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
