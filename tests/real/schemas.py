"""
Values held against the schemas of a document by ``jsonschema``, in the document's own dialect.

2.0 and 3.0 are draft 4 with ``nullable``; 3.1 and 3.2 are 2020-12. In both, what is readOnly need not be in a
request, and what is writeOnly neither need nor may be in an answer.
"""

import base64
import binascii
import datetime
import ipaddress
import re
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft4Validator, Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from referencing import Anchor, Registry, Resource, Specification
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from tests.real.reading import Place, read

Direction = str  # "request" or "response"

FORMATS = FormatChecker(formats=())

_TYPES = {"null", "boolean", "integer", "number", "string", "array", "object"}


def errors(schema: Place, value: Any, direction: Direction, version: str) -> list[str]:
    """Give what is wrong with a value, in words; nothing where it is valid."""
    if schema.value is None or schema.value is True or schema.value == {}:
        return []
    validator = _validator(direction, version)
    built = validator(
        schema.value,
        format_checker=FORMATS,
        registry=_registry(version),
        _resolver=_registry(version).resolver(schema.base),
    )
    return sorted(
        (_say(error) for error in built.iter_errors(value)), key=lambda each: "writeOnly" not in each
    )


def _say(error: ValidationError) -> str:
    deepest = error
    while deepest.context:
        deepest = max(
            deepest.context, key=lambda each: ("writeOnly" in each.message, len(each.absolute_path))
        )
    where = "/".join(str(each) for each in deepest.absolute_path)
    within = f" (of {error.validator} at /{'/'.join(map(str, error.absolute_path))})" if error.context else ""
    return f"/{where}: {deepest.message[:160]}{within}"


@cache
def _registry(version: str) -> Registry:
    specification = _EMBEDDED if version >= "3.1" else _PLAIN
    return Registry(retrieve=cache(lambda uri: Resource(read(uri), specification)))


def _children(value: Any) -> Iterator[Any]:
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(each, dict | list):
            yield each


def _id_of(value: Any) -> str | None:
    found = value.get("$id") if isinstance(value, dict) else None
    return found if isinstance(found, str) else None


def _anchors(specification: Specification, value: Any) -> Iterator[Anchor]:
    if isinstance(value, dict) and isinstance(value.get("$anchor", value.get("$dynamicAnchor")), str):
        yield from DRAFT202012.anchors_in(value)


# A document is no schema, so the library's own specifications find no $id and no $anchor inside it.
_EMBEDDED: Specification[Any] = Specification(
    name="OpenAPI 3.1",
    id_of=_id_of,
    subresources_of=_children,
    maybe_in_subresource=lambda segments, resolver, subresource: resolver,
    anchors_in=_anchors,
)
_PLAIN: Specification[Any] = Specification(
    name="OpenAPI 3.0",
    id_of=lambda value: None,
    subresources_of=lambda value: (),
    maybe_in_subresource=lambda segments, resolver, subresource: resolver,
    anchors_in=lambda specification, value: (),
)


@cache
def _validator(direction: Direction, version: str) -> Any:
    old = version < "3.1"
    base = Draft4Validator if old else Draft202012Validator
    own: dict[str, Callable[..., Any]] = {
        "$ref": _reference(base.VALIDATORS["$ref"]),
        "type": _known_type(base.VALIDATORS["type"]),
        "required": _required(direction),
        "properties": _properties(direction, base.VALIDATORS["properties"]),
        "pattern": _pattern,
        "multipleOf": _multiple_of,
    }
    if old:
        own["type"] = _or_null(own["type"])
        own["enum"] = _or_null(base.VALIDATORS["enum"])
        # A null that is allowed by the schema itself is not asked for again in its alternatives.
        own |= {each: _or_null(base.VALIDATORS[each]) for each in ("allOf", "anyOf", "oneOf")}
    return extend(base, own)


def _or_null(keyword: Callable[..., Any]) -> Callable[..., Any]:
    def check(validator: Any, stated: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if instance is None and (schema.get("nullable") is True or schema.get("x-nullable") is True):
            return
        yield from keyword(validator, stated, instance, schema) or ()

    return check


def _known_type(keyword: Callable[..., Any]) -> Callable[..., Any]:
    def check(validator: Any, stated: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        # "file" of 2.0, and "int" or "date" of who mistook the word, say nothing that can be judged.
        if set(stated if isinstance(stated, list) else [stated]) <= _TYPES:
            yield from keyword(validator, stated, instance, schema) or ()

    return check


def _reference(keyword: Callable[..., Any]) -> Callable[..., Any]:
    def check(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        try:
            validator._resolver.lookup(reference)
        except Unresolvable:
            return  # what refers to nothing allows anything
        yield from keyword(validator, reference, instance, schema) or ()

    return check


def _flagged(validator: Any, schema: Any, flag: str) -> bool:
    for _ in range(20):
        if not isinstance(schema, dict):
            return False
        if schema.get(flag) is True:
            return True
        if "$ref" not in schema:
            return any(_flagged(validator, each, flag) for each in schema.get("allOf", ()))
        try:
            schema = validator._resolver.lookup(schema["$ref"]).contents
        except Unresolvable:
            return False
    return False


def _required(direction: Direction) -> Callable[..., Any]:
    flag = "writeOnly" if direction == "response" else "readOnly"

    def check(validator: Any, required: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if not isinstance(instance, dict) or not isinstance(required, list):
            return
        properties = schema.get("properties") or {}
        for name in required:
            if name not in instance and not _flagged(validator, properties.get(name), flag):
                yield ValidationError(f"{name!r} is a required property")

    return check


def _properties(direction: Direction, keyword: Callable[..., Any]) -> Callable[..., Any]:
    def check(validator: Any, properties: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        yield from keyword(validator, properties, instance, schema) or ()
        if direction == "response" and isinstance(instance, dict):
            for name in properties.keys() & instance.keys():
                if _flagged(validator, properties[name], "writeOnly"):
                    yield ValidationError(f"{name!r} is writeOnly and is shown")

    return check


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(re.sub(r"(?<!\\)\$(?=$|\||\))", r"\\Z", pattern))
    except re.error:
        return None  # what only ECMA 262 knows cannot be judged here


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    compiled = _compiled(pattern) if isinstance(instance, str) else None
    if compiled is not None and compiled.search(instance) is None:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _multiple_of(validator: Any, divisor: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, int | float) and not isinstance(instance, bool):
        # By decimals: 19.99 is a multiple of 0.01, whatever binary fractions say.
        remainder = Decimal(repr(instance)) % Decimal(repr(divisor))
        if remainder != 0:
            yield ValidationError(f"{instance!r} is not a multiple of {divisor!r}")


def _formatted(name: str, raises: tuple[type[Exception], ...] = (ValueError,)) -> Callable[..., Any]:
    def mark(function: Callable[[str], object]) -> Callable[[str], object]:
        FORMATS.checks(name, raises)(lambda value: not isinstance(value, str) or bool(function(value)))
        return function

    return mark


@_formatted("date-time")
def _is_date_time(value: str) -> bool:
    found = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", value, re.ASCII
    )
    if found is None:
        return False
    datetime.datetime.fromisoformat(f"{found[1]}T{found[2]}")
    return int(found[3]) <= 60


@_formatted("date")
def _is_date(value: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) and datetime.date.fromisoformat(value))


@_formatted("time")
def _is_time(value: str) -> bool:
    return bool(
        re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", value, re.ASCII)
    )


@_formatted("duration")
def _is_duration(value: str) -> bool:
    return bool(
        re.fullmatch(r"P(?=.)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?)", value, re.ASCII)
    )


@_formatted("uuid")
def _is_uuid(value: str) -> bool:
    return len(value) == 36 and bool(uuid.UUID(value))


@_formatted("email")
def _is_email(value: str) -> bool:
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+", value))


@_formatted("uri")
def _is_uri(value: str) -> bool:
    return bool(urlsplit(value).scheme) and not re.search(r"[\s<>\"{}|\\^`]", value)


@_formatted("uri-reference")
def _is_uri_reference(value: str) -> bool:
    urlsplit(value)
    return not re.search(r"[\s<>\"{}|\\^`]", value)


@_formatted("hostname")
def _is_hostname(value: str) -> bool:
    label = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
    return len(value) <= 253 and bool(re.fullmatch(rf"{label}(\.{label})*", value))


@_formatted("ipv4")
def _is_ipv4(value: str) -> object:
    return ipaddress.IPv4Address(value)


@_formatted("ipv6")
def _is_ipv6(value: str) -> object:
    return ipaddress.IPv6Address(value)


@_formatted("byte", (ValueError, binascii.Error))
def _is_byte(value: str) -> bool:
    base64.b64decode(value, validate=True)
    return True


@_formatted("regex", (re.error,))
def _is_regex(value: str) -> object:
    return re.compile(value)


@_formatted("json-pointer")
def _is_json_pointer(value: str) -> bool:
    return bool(re.fullmatch(r"(/([^~/]|~[01])*)*", value))


for _name, _bits in (("int32", 31), ("int64", 63)):
    FORMATS.checks(_name)(
        lambda value, bits=_bits: (
            not isinstance(value, int) or isinstance(value, bool) or -(2**bits) <= value < 2**bits
        )
    )
