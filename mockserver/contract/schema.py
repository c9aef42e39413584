"""Compile JSON Schemas once and name every violation of a value; the only user of jsonschema_rs."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, cast
from urllib.parse import quote

import jsonschema_rs

from mockserver.contract.lowering import ROOT, Direction, lower, moved
from mockserver.contract.pointers import resolve
from mockserver.contract.violation import Violation
from mockserver.errors import MockServerError

_HEAVY = 500_000
_DEEP = 200


class Schema:
    """
    One compiled schema.

    Values must have come from orjson or be equally tame: jsonschema_rs ends the process on values that
    are nested tens of thousands deep, and orjson refuses more than 1,024 levels.
    """

    __slots__ = ("_validator", "definition", "is_valid")

    def __init__(self, definition: Any, validator: Any) -> None:
        self.definition = definition
        self._validator = validator
        self.is_valid = validator.is_valid

    def violations(self, value: Any) -> list[Violation]:
        """
        Name every way in which a value breaks the schema; an empty list means valid. Never raises.

        Locations are relative to the value. Of a value that is very deep, or deep and large, one is named.
        """
        try:
            if self.is_valid(value):
                return []
            found = [violation for error in self._errors(value) for violation in _read(error)]
        except UnicodeEncodeError:
            return [Violation((), "type", None, None, "a text in it holds half a surrogate pair")]
        except ValueError as error:
            # jsonschema_rs copies what it refuses, and cannot where it is some 300 deep.
            is_deep = "Recursion" in str(error)
            text = "it is nested too deeply to be checked" if is_deep else f"it is no JSON value: {error}"
            return [Violation((), "type", None, None, text)]
        return _each_cause_once(found)

    def _errors(self, value: Any) -> Iterable[Any]:
        # Each error comes with a copy of all that is below it: 1 MiB at the bottom of 300 levels that all
        # are wrong was 7 GB and 30 s.
        if not _is_heavy(value):
            return cast("Iterable[Any]", self._validator.iter_errors(value))
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return [error]
        return []


class Schemas:
    """
    Every schema of one document, compiled when it is first asked for.

    ``direction`` matters for ``readOnly`` and ``writeOnly``: a property that is readOnly is not required in
    a request, one that is writeOnly is not required in a response.
    """

    def __init__(self, document: Mapping[str, Any], dialect: Literal["3.0", "3.1"]) -> None:
        self._document = document
        self._dialect = dialect
        self._registries: dict[Direction, tuple[Any, Any]] = {}
        self._compiled: dict[tuple[str, Direction], Schema] = {}

    def at(self, pointer: str, direction: Direction = "stored") -> Schema:
        """
        Compile the schema at a JSON Pointer into the document, such as ``/components/schemas/Group``.

        Raises:
            MockServerError: the schema there is no valid JSON Schema.
        """
        found = self._compiled.get((pointer, direction))
        if found is None:
            found = self._compile(pointer, direction)
            self._compiled[(pointer, direction)] = found
        return found

    def lowered(self, direction: Direction) -> Any:
        """Give the whole document with its schemas said in 2020-12."""
        return self._registry(direction)[0]

    def part(self, definition: Any, direction: Direction) -> Schema:
        """
        Compile a schema that is a part of the lowered document, or is made of such parts; it is not kept.

        Raises:
            MockServerError: it is no valid JSON Schema.
        """
        try:
            return Schema(definition, self._validator_of(definition, direction))
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            first_line = str(error).split("\n", 1)[0]
            raise MockServerError(f"not a usable JSON Schema: {first_line}") from error

    def _compile(self, pointer: str, direction: Direction) -> Schema:
        # In a URI a pointer is percent-encoded (RFC 6901, section 6): paths have braces.
        try:
            validator = self._validator(pointer, direction)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            first_line = str(error).split("\n", 1)[0]
            raise MockServerError(f"#{pointer}: not a usable JSON Schema: {first_line}") from error
        return Schema(resolve(self._document, pointer), validator)

    def _validator(self, pointer: str, direction: Direction) -> Any:
        lowered, _ = self._registry(direction)
        return self._validator_of({"$ref": f"{ROOT}#{quote(moved(lowered, pointer))}"}, direction)

    def _validator_of(self, definition: Any, direction: Direction) -> Any:
        _, registry = self._registry(direction)
        options = {"registry": registry, "validate_formats": True, "offline": True}
        try:
            # The engine without look-around takes linear time, whatever the pattern and the text.
            return jsonschema_rs.Draft202012Validator(
                definition, pattern_options=jsonschema_rs.RegexOptions(), **options
            )
        except jsonschema_rs.ValidationError:
            return jsonschema_rs.Draft202012Validator(definition, **options)

    def _registry(self, direction: Direction) -> tuple[Any, Any]:
        """Give the document as it is said in 2020-12, and the registry that knows it."""
        if direction not in self._registries:
            lowered = lower(self._document, self._document, self._dialect, direction)
            self._registries[direction] = lowered, jsonschema_rs.Registry([(ROOT, lowered)])
        return self._registries[direction]


def _is_heavy(value: Any) -> bool:
    """Tell whether a value takes long to copy, once for each container together with all that is in it."""
    level, weight, depth = [value], 0, 0
    while level and weight < _HEAVY and depth < _DEEP:
        depth += 1
        weight += depth * len(level)
        level = [
            member
            for each in level
            if isinstance(each, (dict, list))
            for member in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level) or weight >= _HEAVY


def _each_cause_once(violations: list[Violation]) -> list[Violation]:
    """Leave out that a value is of the wrong type where its allowed values, or another branch, say so."""
    told = {each.location for each in violations if each.keyword in ("enum", "const")}
    kept = []
    for violation in violations:
        if violation.keyword == "type":
            if violation.location in told:
                continue
            told.add(violation.location)
        kept.append(violation)
    return kept


_KEYWORDS = {"oneOfNotValid": "oneOf", "oneOfMultipleValid": "oneOf", "falseSchema": "false"}


def _read(error: Any) -> Iterator[Violation]:
    """Turn one error of jsonschema_rs into violations: one for each missing or unexpected property."""
    location = tuple(error.instance_path)
    kind, value = error.kind, error.instance
    keyword = _KEYWORDS.get(kind.name, kind.name)
    details = kind.as_dict()
    if keyword == "required":
        name = details["property"]
        yield Violation((*location, name), "required", name, value, f'"{name}" is required')
    elif "unexpected" in details:
        for name in details["unexpected"]:
            inner = value.get(name) if isinstance(value, dict) else value
            yield Violation((*location, name), keyword, False, inner, f'"{name}" is not allowed here')
    elif keyword in ("anyOf", "oneOf") and details.get("context"):
        yield from _read_branches(location, keyword, value, details["context"], error.message)
    else:
        yield Violation(location, keyword, _expected(keyword, details), value, error.message)


def _read_branches(
    location: tuple[str | int, ...], keyword: str, value: Any, context: list[list[Any]], message: str
) -> Iterator[Violation]:
    """Name what is wrong with the one branch that was meant: the one whose type the value has."""
    if not all(context):  # a branch without errors: more than one holds
        yield Violation(location, keyword, None, value, message)
        return
    meant = [
        branch for branch in context if branch and not any(_of_another_type(e, location) for e in branch)
    ]
    if len(meant) == 1:
        yield from itertools.chain.from_iterable(_read(error) for error in meant[0])
        return
    if meant:
        yield Violation(location, keyword, None, value, message)
        return
    types = [name for branch in context for error in branch for name in error.kind.as_dict().get("types", ())]
    yield Violation(location, "type", tuple(dict.fromkeys(types)), value, message)


def _of_another_type(error: Any, location: tuple[str | int, ...]) -> bool:
    return error.kind.name == "type" and len(error.instance_path) <= len(location)


def _expected(keyword: str, details: Mapping[str, Any]) -> Any:
    if keyword == "type":
        return tuple(details["types"])
    return next(iter(details.values()), None)
