"""What cannot be told from text: whether a value as it is sent can still be the one that was meant."""

import re
from collections.abc import Mapping
from typing import Any

from mockserver.contract.operation import Contract, Operation, Parameter
from mockserver.contract.pointers import dereference, resolve, unescape

# Bodies in which every value is written as text.
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
TEXT_BODIES = (*FORMS, "text/plain")

_DEEPEST = 6
_FORMATS_OF_ANY_TEXT = ("binary", "password")
_BRANCH = re.compile(r"(/(allOf|anyOf|oneOf)/[0-9]+)+$")
_NESTED = re.compile(r"[{}\[\]]")


def takes_any_text(contract: Contract, schema: Any, depth: int = 0) -> bool:
    """
    Tell whether a schema takes every text, once it was decoded as its type asks.

    A text that was written for a number or a boolean is then as good as any other.
    """
    if schema is True or depth > _DEEPEST:
        return True
    if not isinstance(schema, dict):
        return False
    if isinstance(schema.get("$ref"), str):
        return takes_any_text(contract, dereference(contract.data, schema), depth + 1)
    if schema.keys() & {"enum", "const", "pattern", "not", "if"}:
        return False
    if schema.get("format", "binary") not in _FORMATS_OF_ANY_TEXT:
        return False

    def inner(value: Any) -> bool:
        return takes_any_text(contract, value, depth + 1)

    chosen = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    if (chosen and not any(map(inner, chosen))) or not all(map(inner, schema.get("allOf", ()))):
        return False
    wanted = schema.get("type")
    types = wanted if isinstance(wanted, list) else [wanted]
    if wanted is None or "string" in types:
        return True
    if "array" in types:
        return inner(schema.get("items", True))
    properties = [*schema.get("properties", {}).values(), schema.get("additionalProperties", True)]
    return "object" in types and all(inner(each) for each in properties if each is not False)


def schema_at(contract: Contract, pointer: str | None, inner: str) -> Any:
    """
    Give the schema at a pointer inside another, as far as that can be followed; references are.

    Of one that is a branch the whole is given, since a value may fit another branch.
    """
    schema = resolve(contract.data, pointer) if pointer is not None else True
    for token in _BRANCH.sub("", inner).split("/")[1:]:
        below = schema.get(unescape(token)) if isinstance(schema, dict) else None
        if below is None:
            break
        schema = dereference(contract.data, below)
    return schema


def is_empty(body: Any, inner: str) -> bool:
    """Tell whether what a pointer inside its schema finds in a body is empty: XML has one form for that."""
    steps = iter(inner.split("/")[1:])
    for step in steps:
        if step != "properties" or not isinstance(body, dict):
            return False
        body = body.get(unescape(next(steps, "")))
    return body in ("", [], {}) or body is None


def is_unwritable(contract: Contract, operation: Operation, sent: Mapping[str, Mapping[str, Any]]) -> bool:
    """
    Tell whether a parameter was sent as something that its style has no form for.

    Styles write lists and objects of plain values, and leave open what becomes of values inside those, and
    of separators in names and values (OpenAPI, "Style Values"; RFC 6570, section 2.4.2).
    """
    return any(
        _is_broken(contract, parameter, sent[parameter.location][parameter.name])
        for parameter in operation.parameters
        if parameter.media_type is None and parameter.name in sent.get(parameter.location, {})
    )


def has_unwritable_values(form: Any, media_type: str) -> bool:
    """
    Tell whether a form was meant to have what it has no form for.

    An empty list or object is not written at all. Of an object inside ``x-www-form-urlencoded``, by itself
    or in a list, it is open how it is written (OpenAPI, "Encoding Object").
    """
    if not isinstance(form, dict):
        return False
    return any(_is_unwritable(each, media_type != FORMS[0]) for each in form.values())


def _is_unwritable(value: Any, in_parts: bool) -> bool:
    if not isinstance(value, list | dict):
        return False
    if in_parts or not value:
        return not value
    return isinstance(value, dict) or any(isinstance(each, list | dict) for each in value)


def _is_broken(contract: Contract, parameter: Parameter, value: Any) -> bool:
    schema = schema_at(contract, parameter.pointer, "")
    kind = schema.get("type") if isinstance(schema, dict) else None
    if kind not in ("array", "object"):
        return False
    if isinstance(value, dict):
        return True  # schemathesis (4.32) knows no way to write it, and only its names are sent
    if isinstance(value, list):
        # Its members are written one by one, so that nothing stands for none of them, or for null.
        return not value or any(each is None or _NESTED.search(str(each)) for each in value)
    text = str(value)
    if _NESTED.search(text):
        return True
    if kind == "object" and parameter.style == "label" and parameter.explode:
        return any(part.count("=") != 1 for part in text.removeprefix(".").split("."))
    if kind == "array" or parameter.style not in ("simple", "form"):
        return False
    parts = text.split(",")
    if parameter.explode and parameter.style == "simple":
        return any(part.count("=") != 1 for part in parts)
    return not parameter.explode and len(parts) % 2 == 1
