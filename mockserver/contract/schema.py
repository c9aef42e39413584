"""Compile JSON Schemas once and name every violation of a value; the only user of jsonschema_rs."""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, cast
from urllib.parse import quote

import jsonschema_rs

from mockserver.contract.lowering import ROOT, Direction, LoweredParts
from mockserver.contract.pointers import escape, pointer_of, resolve
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

    Where it ``is_lenient``, what makes a schema unusable is left out of it, and told in ``unusable``: JSON
    Pointers, each with a sentence.
    """

    def __init__(
        self, document: Mapping[str, Any], dialect: Literal["3.0", "3.1"], *, is_lenient: bool = False
    ) -> None:
        self.unusable: dict[str, str] = {}
        self._document = document
        self._is_lenient = is_lenient
        self._lowered: dict[Direction, LoweredParts] = {}
        self._dialect = dialect
        self._compiled: dict[tuple[str, Direction], Schema] = {}

    def at(self, pointer: str, direction: Direction = "stored") -> Schema:
        """
        Compile the schema at a JSON Pointer into the document, such as ``/components/schemas/Group``.

        Raises:
            MockServerError: the schema there is no valid JSON Schema.
        """
        found = self._compiled.get((pointer, direction))
        if found is None:
            home = self.behind(pointer)
            found = self._compiled.get((home, direction)) or self._compile(home, direction)
            self._compiled[(home, direction)] = self._compiled[(pointer, direction)] = found
        return found

    def behind(self, pointer: str) -> str:
        """Give where the schema stands that is meant by one which only refers to it."""
        seen, behind = set(), pointer
        while behind not in seen:
            seen.add(behind)
            try:
                schema = resolve(self._document, behind, follow=False)
            except (LookupError, ValueError, TypeError):
                return pointer  # compiling it tells of a reference to nothing
            pointer = behind
            reference = schema.get("$ref") if isinstance(schema, dict) else None
            if not isinstance(reference, str) or not reference.startswith("#/"):
                break
            if self._dialect != "3.0" and any(key not in _SAYING_NOTHING for key in schema):
                break
            behind = pointer_of(reference)
        return pointer

    def parts(self, direction: Direction) -> LoweredParts:
        """Give the schemas of the document as they are said in 2020-12."""
        if direction not in self._lowered:
            self._lowered[direction] = LoweredParts(self._document, self._dialect, direction)
        return self._lowered[direction]

    def part(self, definition: Any, direction: Direction) -> Schema:
        """
        Compile a schema that is a part of the lowered document, or is made of such parts; it is not kept.

        Raises:
            MockServerError: it is no valid JSON Schema.
        """
        try:
            return Schema(definition, _validator(self.parts(direction).needed_by(definition), definition))
        except _UNUSABLE as error:
            first_line = str(error).split("\n", 1)[0]
            raise MockServerError(f"not a usable JSON Schema: {first_line}") from error

    def _compile(self, pointer: str, direction: Direction) -> Schema:
        parts = self.parts(direction)
        for _ in range(_MENDED if self._is_lenient else 1):
            try:
                document, place = parts.around(pointer)
                # In a URI a pointer is percent-encoded (RFC 6901, section 6): paths have braces.
                reference = {"$ref": f"{ROOT}#{quote(place)}"}
                return Schema(resolve(self._document, pointer), _validator(document, reference))
            except _UNUSABLE as error:
                trouble = error
                if self._is_lenient and not self._leave_out(parts, error):
                    break
        first_line = str(trouble).split("\n", 1)[0]
        if not self._is_lenient:
            raise MockServerError(f"#{pointer}: not a usable JSON Schema: {first_line}") from trouble
        self.unusable[pointer] = f"is no usable JSON Schema, and allows anything: {first_line}."
        return Schema(True, jsonschema_rs.Draft202012Validator(True))

    def _leave_out(self, parts: LoweredParts, error: Exception) -> bool:
        """Leave what an error complains of out of its schema; tells whether that could be done."""
        place = getattr(error, "instance_path", None) or ()
        pointer = "".join(f"/{escape(str(step))}" for step in place)
        if not pointer or not parts.leave_out(pointer):
            return False
        first_line = str(error).split("\n", 1)[0]
        self.unusable[pointer] = f"is left out, since it makes its schema unusable: {first_line}."
        return True


_UNUSABLE = (
    jsonschema_rs.ValidationError,
    jsonschema_rs.ReferencingError,
    ValueError,
    LookupError,
    TypeError,
)
# Beside a reference these change nothing of what is valid.
_SAYING_NOTHING = frozenset({"$ref", "title", "description", "summary", "deprecated", "example", "examples"})
_BRANCHES = 8  # of how many alternatives it is said why none holds
_MENDED = 20  # how many keywords of one schema are left out, before it is given up


def _validator(document: Any, definition: Any) -> Any:
    registry = jsonschema_rs.Registry([(ROOT, document)])
    options: dict[str, Any] = {"registry": registry, "validate_formats": True, "offline": True}
    try:
        # The engine without look-around takes linear time, whatever the pattern and the text.
        return jsonschema_rs.Draft202012Validator(
            definition, pattern_options=jsonschema_rs.RegexOptions(), **options
        )
    except jsonschema_rs.ValidationError:
        return jsonschema_rs.Draft202012Validator(definition, **options)


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
    elif keyword == "not":
        yield Violation(
            location, keyword, None, value, _not_together(details["schema"], value) or error.message
        )
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
    names = [[error for error in branch if _is_name(error, keyword)] for branch in meant]
    meant = [branch for branch, wrong in zip(meant, names, strict=True) if not wrong] or meant
    if len(meant) == 1:
        yield from itertools.chain.from_iterable(_read(error) for error in meant[0])
        return
    shared = (
        set.intersection(*({tuple(e.instance_path) for e in wrong} for wrong in names)) if names else set()
    )
    if shared:
        yield _unknown_name([e for wrong in names for e in wrong if tuple(e.instance_path) in shared])
        return
    if meant:
        yield Violation(location, keyword, None, value, _none_holds(meant))
        return
    types = [name for branch in context for error in branch for name in error.kind.as_dict().get("types", ())]
    yield Violation(location, "type", tuple(dict.fromkeys(types)), value, message)


def _none_holds(branches: list[list[Any]]) -> str:
    """Say what is wrong with the value by each branch; of a long text, in which it stands, both ends."""
    texts = list(dict.fromkeys(branch[0].message for branch in branches))
    shown = [text if len(text) <= 200 else f"{text[:100]}…{text[-100:]}" for text in texts[:_BRANCHES]]
    more = [f"and {len(texts) - _BRANCHES} more"] if len(texts) > _BRANCHES else []
    return f"none of the alternatives holds: {'; '.join(shown + more)}"


def _not_together(schema: Any, value: Any) -> str:
    """Name the properties that a ``not`` forbids to stand together, where it is about nothing else."""
    branches = schema.get("anyOf", [schema]) if isinstance(schema, dict) else []
    for branch in branches:
        names = branch.get("required") if isinstance(branch, dict) and set(branch) == {"required"} else None
        if names and isinstance(value, dict) and all(name in value for name in names):
            what = " and ".join(f'"{name}"' for name in names)
            return f"{what} may not stand together" if len(names) > 1 else f"{what} is not allowed here"
    return ""


def _of_another_type(error: Any, location: tuple[str | int, ...]) -> bool:
    return error.kind.name == "type" and len(error.instance_path) <= len(location)


def _is_name(error: Any, keyword: str) -> bool:
    """Tell whether a branch refuses a property by which branches are told apart: it says so itself."""
    path = list(error.schema_path)[-5:]
    return path[:1] == [keyword] and path[2:3] == ["properties"] and path[-1] in ("enum", "const")


def _unknown_name(errors: list[Any]) -> Violation:
    """Say that no branch is named as the value names it, and how they are."""
    location = tuple(errors[0].instance_path)
    known: list[Any] = []
    for error in errors:
        if tuple(error.instance_path) == location:
            details = error.kind.as_dict()
            options = details["options"] if "options" in details else [details["expected_value"]]
            known += [each for each in options if each not in known]
    found, *options = (json.dumps(each, ensure_ascii=False) for each in [errors[0].instance, *known])
    text = f"{found} is not one of {', '.join(options)}"
    return Violation(location, "enum", known, errors[0].instance, text)


def _expected(keyword: str, details: Mapping[str, Any]) -> Any:
    if keyword == "type":
        return tuple(details["types"])
    return next(iter(details.values()), None)
