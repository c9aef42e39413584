"""The values that keywords of schemas may have, and what is read where one has another."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.contract.pointers import Place

GONE: Any = object()
"""Stands for a keyword that is left out."""

_TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")
# What is often written for a type, and what is meant.
_MEANT = {
    **dict.fromkeys(("int", "int32", "int64", "long", "short"), "integer"),
    **dict.fromkeys(("float", "double", "decimal", "numeric"), "number"),
    **dict.fromkeys(("str", "text", "date", "datetime", "date-time", "uuid", "uri", "email"), "string"),
    **dict.fromkeys(("bool",), "boolean"),
    **dict.fromkeys(("list",), "array"),
    **dict.fromkeys(("map", "dict", "json"), "object"),
    **dict.fromkeys(("none", "nil"), "null"),
    **dict.fromkeys(("file", "binary"), "string"),
}

SCHEMAS_BY_NAME = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
LISTS_OF_SCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems")
SCHEMAS = (
    *("items", "not", "if", "then", "else", "contains", "additionalProperties", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties", "contentSchema"),
)


def look_at(schema: dict[str, Any], place: Place, tell: Callable[[Place, Any, str], None]) -> bool:
    """
    Tell of every keyword of one schema whose value is none that it may have, and read what is meant.

    Gives whether ``prefixItems`` was written as ``items``, as drafts before 2020-12 have it.
    """
    for keyword in [*schema]:
        known = _KEYWORDS.get(keyword)
        if known is None or known[1](schema[keyword]):
            continue
        wanted, _, mend = known
        tell((place, keyword), schema[keyword], wanted)
        mended = mend(schema[keyword])
        if mended is GONE:
            del schema[keyword]
        else:
            schema[keyword] = mended
    if isinstance(schema.get("items"), list):
        tell((place, "items"), schema["items"], "one schema; a list of them is prefixItems")
        schema["prefixItems"] = schema.pop("items")
        return True
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return _is_number(value) and value >= 0 and value == int(value)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_type(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(each in _TYPES for each in value if isinstance(each, str))
    return isinstance(value, str) and value in _TYPES


def _type(value: Any) -> Any:
    if isinstance(value, list):
        meant = [each for each in map(_type, value) if each is not GONE]
        return list(dict.fromkeys(meant)) or GONE
    if value is None:
        return "null"
    name = str(value).strip().lower()
    return name if name in _TYPES else _MEANT.get(name, GONE)


def _number(value: Any) -> Any:
    text = value.strip() if isinstance(value, str) else ""
    if re.fullmatch(r"[-+]?[0-9]{1,300}", text):
        return int(text)
    return float(text) if re.fullmatch(r"[-+]?[0-9]{1,300}\.[0-9]{1,300}", text) else GONE


def _size(value: Any) -> Any:
    number = _number(value)
    return number if number is not GONE and _is_size(number) else GONE


def _boolean(value: Any) -> Any:
    return {"true": True, "false": False}.get(value.lower(), GONE) if isinstance(value, str) else GONE


def _gone(_: Any) -> Any:
    return GONE


def _one_in_a_list(value: Any) -> Any:
    return GONE if value is None else [value]


_Known = tuple[str, Callable[[Any], bool], Callable[[Any], Any]]
_SIZE: _Known = ("a whole number", _is_size, _size)
_NUMBER: _Known = ("a number", _is_number, _number)
_LIMIT: _Known = ("a number", lambda value: isinstance(value, (int, float)), _number)  # in 3.0 a boolean
_TEXT: _Known = ("a text", lambda value: isinstance(value, str), _gone)
_BOOLEAN: _Known = ("true or false", lambda value: isinstance(value, bool), _boolean)
_LIST: _Known = ("a list", lambda value: isinstance(value, list), _gone)
_MAPPING: _Known = ("a mapping", lambda value: isinstance(value, dict), _gone)
_DISCRIMINATOR: _Known = (
    "a mapping with a propertyName",
    lambda value: isinstance(value, dict) and isinstance(value.get("propertyName"), str),
    lambda value: {"propertyName": value} if isinstance(value, str) else GONE,
)
_KEYWORDS: Mapping[str, _Known] = {
    "type": (f"one of {', '.join(_TYPES)}", _is_type, _type),
    "required": ("a list of names", _is_names, _gone),
    "enum": ("a list", lambda value: isinstance(value, list), _one_in_a_list),
    "discriminator": _DISCRIMINATOR,
    "examples": _LIST,
    "multipleOf": ("a number above 0", lambda value: _is_number(value) and value > 0, _gone),
    "dependentRequired": (
        "a mapping to lists of names",
        lambda value: isinstance(value, dict) and all(map(_is_names, value.values())),
        _gone,
    ),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _SIZE),
    **dict.fromkeys(("minProperties", "maxProperties", "minContains", "maxContains"), _SIZE),
    **dict.fromkeys(("minimum", "maximum"), _NUMBER),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _LIMIT),
    **dict.fromkeys(("pattern", "format", "title", "description", "$comment"), _TEXT),
    **dict.fromkeys(("contentEncoding", "contentMediaType"), _TEXT),
    **dict.fromkeys(("nullable", "readOnly", "writeOnly", "uniqueItems", "deprecated"), _BOOLEAN),
    **dict.fromkeys(SCHEMAS_BY_NAME, _MAPPING),
    **dict.fromkeys(
        LISTS_OF_SCHEMAS,
        ("a list with schemas", lambda value: isinstance(value, list) and bool(value), _gone),
    ),
}
