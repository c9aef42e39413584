"""Compile JSON Schemas once and name every violation of a value; the only user of jsonschema_rs."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, cast
from urllib.parse import quote, unquote

import jsonschema_rs

from mockserver.contract.violation import Violation
from mockserver.errors import MockServerError

Direction = Literal["request", "response", "stored"]

# What stands under these is data, not schemas; and what stands under those are names, not keywords.
LITERAL = frozenset({"example", "examples", "default", "enum", "const", "x-mock"})
_SCHEMA_NAMES = {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas"}
_OTHER_NAMES = {"paths", "pathItems", "webhooks", "callbacks", "responses", "requestBodies", "parameters"}
NAMES = frozenset(_SCHEMA_NAMES | _OTHER_NAMES | {"headers", "content"})

_ROOT = "urn:contract"
_INTEGER_LIMITS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_DEPTH = 200
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

    def _compile(self, pointer: str, direction: Direction) -> Schema:
        # In a URI a pointer is percent-encoded (RFC 6901, section 6): paths have braces.
        try:
            validator = self._validator(pointer, direction)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            first_line = str(error).split("\n", 1)[0]
            raise MockServerError(f"#{pointer}: not a usable JSON Schema: {first_line}") from error
        return Schema(resolve(self._document, pointer), validator)

    def _validator(self, pointer: str, direction: Direction) -> Any:
        lowered, registry = self._registry(direction)
        reference = {"$ref": f"{_ROOT}#{quote(_moved(lowered, pointer))}"}
        options = {"registry": registry, "validate_formats": True, "offline": True}
        try:
            # The engine without look-around takes linear time, whatever the pattern and the text.
            return jsonschema_rs.Draft202012Validator(
                reference, pattern_options=jsonschema_rs.RegexOptions(), **options
            )
        except jsonschema_rs.ValidationError:
            return jsonschema_rs.Draft202012Validator(reference, **options)

    def _registry(self, direction: Direction) -> tuple[Any, Any]:
        """Give the document as it is said in 2020-12, and the registry that knows it."""
        if direction not in self._registries:
            lowered = _lower(self._document, self._document, self._dialect, direction)
            self._registries[direction] = lowered, jsonschema_rs.Registry([(_ROOT, lowered)])
        return self._registries[direction]


def escape(name: str) -> str:
    """Write a name as one step of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """Read the name that one step of a JSON Pointer writes."""
    return step.replace("~1", "/").replace("~0", "~")


def pointer_of(reference: str) -> str:
    """Give the JSON Pointer that a local reference (``#/components/…``) writes as a URI fragment."""
    return unquote(reference.removeprefix("#"))


def dereference(document: Any, value: Any) -> Any:
    """Give what a Reference Object leads to, and any other value as it is. Raises as ``resolve`` does."""
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        return resolve(document, pointer_of(value["$ref"]))
    return value


def resolve(document: Any, pointer: str, *, follow: bool = True) -> Any:
    """
    Give what stands at a JSON Pointer (RFC 6901), following ``$ref`` at its end unless told otherwise.

    Raises:
        LookupError: nothing stands there, or the references go round in a circle.
    """
    for _ in range(_DEPTH):
        value = document
        for part in pointer.split("/")[1:]:
            key = unescape(part)
            value = value[int(key)] if isinstance(value, list) else value[key]
        if not (follow and isinstance(value, dict) and isinstance(value.get("$ref"), str)):
            return value
        pointer = pointer_of(value["$ref"])
    raise LookupError(f"#{pointer} refers to itself")


def _lower(
    node: Any,
    document: Mapping[str, Any],
    dialect: str,
    direction: Direction,
    exempt: frozenset[str] = frozenset(),
) -> Any:
    """
    Rewrite a document so that JSON Schema 2020-12 reads its schemas as their own dialect means them.

    ``exempt`` are the properties that a schema around this one takes from ``required``.
    """
    if isinstance(node, list):
        return [_lower(item, document, dialect, direction, exempt) for item in node]
    if not isinstance(node, dict):
        return node
    if dialect == "3.0" and isinstance(node.get("$ref"), str):
        return {"$ref": _absolute(node["$ref"])}
    if "required" in node or "allOf" in node:
        exempt = exempt.union(_exempt(node, document, direction, ()))
    lowered = {
        key: value if key in LITERAL else _lower_under(key, value, document, dialect, direction, exempt)
        for key, value in node.items()
    }
    if isinstance(node.get("$ref"), str):
        lowered["$ref"] = _absolute(node["$ref"])
    if isinstance(node.get("required"), list):
        # What is no name stays, to be complained of.
        lowered["required"] = [n for n in node["required"] if not (isinstance(n, str) and n in exempt)]
    if lowered.get("additionalProperties") is False:
        lowered.setdefault("properties", {})  # else jsonschema_rs does not say which property it refuses
    _bound_integers(lowered)
    if dialect == "3.0":
        _read_as_3_0(lowered)
    return lowered


def _lower_under(
    key: str,
    value: Any,
    document: Mapping[str, Any],
    dialect: str,
    direction: Direction,
    exempt: frozenset[str],
) -> Any:
    if key in NAMES and isinstance(value, dict):
        return {name: _lower(child, document, dialect, direction) for name, child in value.items()}
    # The parts of an allOf speak of one object; whatever else is in a schema speaks of another.
    return _lower(value, document, dialect, direction, exempt if key == "allOf" else frozenset())


def _absolute(reference: str) -> str:
    return f"{_ROOT}{reference}" if reference.startswith("#") else reference


def _exempt(
    schema: Any, document: Mapping[str, Any], direction: Direction, seen: tuple[str, ...]
) -> Iterator[str]:
    """Give the properties of a schema, and of all its parts, that the other side alone may send."""
    flag = {"request": "readOnly", "response": "writeOnly", "stored": None}[direction]
    if flag is None or not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        yield from _exempt(_target(schema, document), document, direction, (*seen, reference))
    properties = schema.get("properties")
    for name, each in properties.items() if isinstance(properties, dict) else ():
        if isinstance(each, dict) and (each.get(flag) or _target(each, document).get(flag)) is True:
            yield name
    parts = schema.get("allOf")
    for part in parts if isinstance(parts, list) else ():
        yield from _exempt(part, document, direction, seen)


def _target(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what a schema refers to; nothing for one that refers to nothing."""
    try:
        found = dereference(document, schema)
    except (LookupError, ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _bound_integers(schema: dict[str, Any]) -> None:
    """Say ``int32`` and ``int64`` as bounds, since jsonschema_rs asserts no format of a number."""
    low, high = _INTEGER_LIMITS.get(_text(schema.get("format")), (None, None))
    types = schema.get("type")
    if low is None or high is None or "integer" not in (types if isinstance(types, list) else [types]):
        return
    if not isinstance(schema.get("minimum"), (int, float)) or schema["minimum"] < low:
        schema["minimum"] = low
    if not isinstance(schema.get("maximum"), (int, float)) or schema["maximum"] > high:
        schema["maximum"] = high


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _read_as_3_0(schema: dict[str, Any]) -> None:
    """Say in 2020-12 what OpenAPI 3.0 says with ``nullable`` and with boolean ``exclusiveMinimum``."""
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool):
            limit = schema.pop(inclusive, None) if schema[exclusive] else None
            del schema[exclusive]
            if limit is not None:
                schema[exclusive] = limit
    if schema.pop("nullable", False) is not True:
        return
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    # The other keywords take null as it is, and stay where pointers into the schema find them.
    refusing = {key: schema.pop(key) for key in ("allOf", "anyOf", "oneOf", "not") if key in schema}
    if refusing:
        schema["anyOf"] = [{"type": "null"}, refusing]


def _moved(lowered: Any, pointer: str) -> str:
    """Give where what a pointer of the document leads to stands after ``_read_as_3_0`` moved it."""
    moved, node = "", lowered
    for step in pointer.split("/")[1:]:
        key = unescape(step)
        if isinstance(node, dict) and key not in node and isinstance(node.get("anyOf"), list):
            moved, node = f"{moved}/anyOf/1", node["anyOf"][-1]
        elif isinstance(node, dict) and key == "anyOf" and node.get("anyOf", [])[:1] == [{"type": "null"}]:
            inner = node["anyOf"][1]
            if "anyOf" in inner:
                moved, node = f"{moved}/anyOf/1", inner
        try:
            node = node[int(key)] if isinstance(node, list) else node[key]
        except (LookupError, ValueError, TypeError):
            return pointer
        moved = f"{moved}/{step}"
    return moved


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
