"""
Pydantic's words for the ways in which a value breaks its schema.

Front ends that talk to FastAPI services parse these types and texts; the mock says the same ones.

Source: https://docs.pydantic.dev/latest/errors/validation_errors/
"""

from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.contract.violation import Violation

# By type: the name in Pydantic's error types, what it calls the thing, and what a string fails to become.
_TYPES: Mapping[str, tuple[str, str, str | None]] = {
    "integer": ("int", "a valid integer", "unable to parse string as an integer"),
    "number": ("float", "a valid number", "unable to parse string as a number"),
    "boolean": ("bool", "a valid boolean", "unable to interpret input"),
    "string": ("string", "a valid string", None),
    "array": ("list", "a valid list", None),
    "object": ("dict", "a valid dictionary", None),
}
# By keyword: the error's type, its text, and the name of the limit in ctx.
_LIMITS: Mapping[str, tuple[str, str, str]] = {
    "minimum": ("greater_than_equal", "Input should be greater than or equal to {limit}", "ge"),
    "maximum": ("less_than_equal", "Input should be less than or equal to {limit}", "le"),
    "exclusiveMinimum": ("greater_than", "Input should be greater than {limit}", "gt"),
    "exclusiveMaximum": ("less_than", "Input should be less than {limit}", "lt"),
    "multipleOf": ("multiple_of", "Input should be a multiple of {limit}", "multiple_of"),
    "pattern": ("string_pattern_mismatch", "String should match pattern '{limit}'", "pattern"),
    "minLength": ("string_too_short", "String should have at least {limit} character{s}", "min_length"),
    "maxLength": ("string_too_long", "String should have at most {limit} character{s}", "max_length"),
}
# By keyword: the error's type, its text, the name of the limit in ctx, and what is counted.
_LENGTHS: Mapping[str, tuple[str, str, str, str]] = {
    "minItems": ("too_short", "at least", "min_length", "List"),
    "maxItems": ("too_long", "at most", "max_length", "List"),
    "minProperties": ("too_short", "at least", "min_length", "Dictionary"),
    "maxProperties": ("too_long", "at most", "max_length", "Dictionary"),
}
# How much of a value is said, in characters.
_SHOWN = 1000
_FORMATS: Mapping[str, tuple[str, str]] = {
    "date-time": ("datetime_parsing", "Input should be a valid datetime"),
    "date": ("date_parsing", "Input should be a valid date in the format YYYY-MM-DD"),
    "time": ("time_parsing", "Input should be in a valid time format"),
    "duration": ("time_delta_parsing", "Input should be a valid timedelta"),
    "uuid": ("uuid_parsing", "Input should be a valid UUID"),
    "uri": ("url_parsing", "Input should be a valid URL"),
    "email": ("value_error", "value is not a valid email address"),
}


def describe(violation: Violation) -> dict[str, Any]:
    """
    Say a violation as Pydantic does.

    Returns ``type``, ``loc``, ``msg``, ``input`` and, where there is a limit to tell, ``ctx``.
    """
    kind, text, context = _words(violation)
    said = {
        "type": kind,
        "loc": list(violation.location),
        "msg": text,
        "input": {} if violation.keyword == "json" else _shown(violation.value),
    }
    return {**said, "ctx": context} if context else said


def _shown(value: Any) -> Any:
    """Cut what is endless: a body of a megabyte is not sent back once for each of its errors."""
    if isinstance(value, str):
        return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    if isinstance(value, (dict, list)):
        try:
            text = orjson.dumps(value).decode()
        except TypeError:  # an integer beyond 64 bits, from a parameter
            text = str(value)
        return value if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return value


def _words(violation: Violation) -> tuple[str, str, Mapping[str, Any]]:
    keyword, expected = violation.keyword, violation.expected
    if keyword in ("missing", "required"):
        return "missing", "Field required", {}
    if keyword == "type":
        return _type_words(violation)
    if keyword in _LIMITS:
        kind, text, name = _LIMITS[keyword]
        return kind, text.format(limit=expected, s="" if expected == 1 else "s"), {name: expected}
    if keyword in _LENGTHS:
        return _length_words(violation)
    if keyword in ("enum", "const"):
        options = _options(expected if keyword == "enum" else [expected])
        kind = "enum" if keyword == "enum" else "literal_error"
        return kind, f"Input should be {options}", {"expected": options}
    if keyword == "format":
        kind, text = _FORMATS.get(str(expected), ("value_error", f"Input should be a valid {expected}"))
        return kind, text, {}
    return _other_words(violation)


def _other_words(violation: Violation) -> tuple[str, str, Mapping[str, Any]]:
    match violation.keyword:
        case "additionalProperties" | "unevaluatedProperties" | "undeclared":
            return "extra_forbidden", "Extra inputs are not permitted", {}
        case "json":
            return "json_invalid", "JSON decode error", {"error": violation.message}
        case "unicode":
            text = "Input should be a valid string, unable to parse raw data as a unicode string"
            return "string_unicode", text, {}
    return "value_error", violation.message, {}


def _length_words(violation: Violation) -> tuple[str, str, Mapping[str, Any]]:
    kind, bound, name, counted = _LENGTHS[violation.keyword]
    limit, length = violation.expected, len(violation.value)
    text = f"{counted} should have {bound} {limit} item{'' if limit == 1 else 's'} after validation"
    context = {"field_type": counted, name: limit, "actual_length": length}
    return kind, f"{text}, not {length}", context


def _type_words(violation: Violation) -> tuple[str, str, Mapping[str, Any]]:
    if violation.expected is None:
        return "value_error", violation.message, {}
    wanted = [name for name in violation.expected if name != "null"]
    if not wanted:
        return "none_required", "Input should be None", {}
    name, thing, failure = _TYPES[wanted[0]]
    if isinstance(violation.value, str) and failure:
        return f"{name}_parsing", f"Input should be {thing}, {failure}", {}
    if name == "int" and isinstance(violation.value, float):
        return "int_from_float", f"Input should be {thing}, got a number with a fractional part", {}
    return f"{name}_type", f"Input should be {thing}", {}


def _options(options: Any) -> str:
    said = [repr(option) for option in options]
    return " or ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)
