"""The least that may stand where a schema requires what nobody knows."""

from collections.abc import Mapping
from typing import Any

from mockserver.contract.pointers import dereference

# An error within an error within an error: deeper than this nobody looks.
DEEPEST = 4

_MOST = 1000

_FORMATS = {
    "date": "1970-01-01",
    "date-time": "1970-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "PT0S",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "nobody@example.com",
    "uri": "about:blank",
    "ipv4": "127.0.0.1",
}


def blank(data: Mapping[str, Any], definition: Any, depth: int = 0) -> Any:
    """Give a value for a schema: one that it names, ``null`` where it may be, else an empty or small one."""
    definition = merged(data, definition)
    options = [definition[key] for key in ("const", "default", "example") if key in definition]
    options += [each for key in ("enum", "examples") for each in definition.get(key) or ()]
    if options:
        return options[0]
    if is_nullable(data, definition):
        return None
    if (branches := branches_of(definition)) and depth < DEEPEST:
        return blank(data, branches[0], depth + 1)
    match kind_of(definition):
        case "object":
            properties = definition.get("properties") or {}
            names = definition.get("required") or () if depth <= DEEPEST else ()
            return {name: blank(data, properties.get(name), depth + 1) for name in names}
        case "array":
            wanted = _count(definition.get("minItems")) if depth <= DEEPEST else 0
            return [blank(data, definition.get("items"), depth + 1)] * wanted if wanted else []
        case "integer" | "number":
            return definition.get("minimum", 0)
        case "boolean":
            return False
    return _FORMATS.get(str(definition.get("format")), "-" * _count(definition.get("minLength")))


def _count(limit: Any) -> int:
    """Read a limit, which JSON may write as ``1.0``, and which nobody is helped by where it is huge."""
    return min(int(limit), _MOST) if isinstance(limit, (int, float)) else 0


def complete(data: Mapping[str, Any], definition: Any, value: Any, depth: int = 0) -> Any:
    """Give a value with everything that its schema requires and that it lacks, blank."""
    definition = merged(data, definition)
    branches = [merged(data, branch) for branch in branches_of(definition)]
    if branches and depth < DEEPEST:
        fitting = (each for each in branches if _fits(value, each))
        return complete(data, next(fitting, branches[0]), value, depth + 1)
    if isinstance(value, list):
        return [complete(data, definition.get("items"), each, depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    properties = definition.get("properties") or {}
    whole = {name: complete(data, properties.get(name), each, depth + 1) for name, each in value.items()}
    for name in definition.get("required") or ():
        if name not in whole:
            whole[name] = blank(data, properties.get(name))
    return whole


def _fits(value: Any, definition: Mapping[str, Any]) -> bool:
    if isinstance(value, dict):
        return value.keys() <= (definition.get("properties") or {}).keys()
    return (kind_of(definition) == "array") == isinstance(value, list)


def merged(data: Mapping[str, Any], definition: Any, depth: int = 0) -> Mapping[str, Any]:
    """Give a schema with its reference followed and the parts of its ``allOf`` as one."""
    definition = dereference(data, definition)
    if not isinstance(definition, dict):
        return {}
    if not definition.get("allOf") or depth > DEEPEST:
        return definition
    own = {key: value for key, value in definition.items() if key != "allOf"}
    whole: dict[str, Any] = {}
    for part in [*(merged(data, each, depth + 1) for each in definition["allOf"]), own]:
        properties = {**whole.get("properties", {}), **part.get("properties", {})}
        required = [*whole.get("required", ()), *part.get("required", ())]
        whole = {**whole, **part, "properties": properties, "required": required}
    return whole


def branches_of(definition: Mapping[str, Any]) -> list[Any]:
    """Give what a schema leaves to choose."""
    return [*(definition.get("oneOf") or ()), *(definition.get("anyOf") or ())]


def kind_of(definition: Mapping[str, Any]) -> str:
    """Give the one type that a schema is filled as; what says nothing of its type may be a string."""
    types = definition.get("type")
    if isinstance(types, list):
        types = next((each for each in types if each != "null"), "null")
    if isinstance(types, str):
        return types
    if definition.get("properties"):
        return "object"
    return "array" if "items" in definition else "string"


def is_nullable(data: Mapping[str, Any], definition: Mapping[str, Any]) -> bool:
    if definition.get("nullable") is True or "null" in (definition.get("type") or ()):
        return True
    return any(kind_of(merged(data, branch)) == "null" for branch in branches_of(definition))
