"""Requests that keep the contract: parameters and bodies written as the contract says, with credentials."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from tests.real.judging import is_xml
from tests.real.reading import Document, Media, Operation, Parameter, Place
from tests.real.schemas import errors
from tests.real.values import candidates, make

_BOUNDARY = "a-boundary-that-nothing-contains"


@dataclass(frozen=True)
class Asked:
    """One request, ready to be sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    content: bytes | None
    excuse: str = ""  # why the request does not keep the contract: no value does, as far as the judge can see


def ask(
    document: Document,
    operation: Operation,
    path_values: Mapping[str, Any],
    *,
    full: bool = False,
    turn: int = 0,
    accept: str | None = None,
) -> Asked:
    """
    Build a request: ``full`` with the optional parameters too, ``turn`` choosing among bodies.

    Where no value keeps the contract the request is made nevertheless, with an excuse.
    """
    target, query, headers, cookies, excuse = document_path(document, operation), [], [], [], ""
    for parameter in operation.parameters:
        if not (parameter.required or (full and _is_innocent(parameter))):
            continue
        value = path_values.get(parameter.name) if parameter.place == "path" else None
        if value is None:
            values = candidates(_schema_of(parameter), document.version, parameter.examples)
            if not values and not parameter.required:
                continue
            values = sorted(values, key=_is_nothing)
            if not values:
                excuse = f"no value for {parameter.name} in {parameter.place} could be made"
            value = values[0] if values else "something"
        if parameter.place == "path":
            target = target.replace("{" + parameter.name + "}", _path_text(parameter, value))
        elif parameter.place == "query":
            query += _query_pairs(parameter, value)
        elif parameter.place == "querystring":
            query.append(urlencode(value, doseq=True) if isinstance(value, dict) else quote(str(value)))
        elif parameter.place == "header":
            headers.append((parameter.name, _joined(parameter, value)))
        else:
            cookies += [f"{parameter.name}={_joined(parameter, value)}"]
    content = None
    if operation.bodies and (operation.body_required or full or operation.method in ("post", "put", "patch")):
        media_type, content, keeps = _body(document, operation, turn, path_values)
        excuse = excuse or ("" if keeps else f"no body of {media_type} could be made")
        if content is not None:
            headers.append(("Content-Type", media_type))
    for place, name, value in _credentials(document, operation):
        if place == "query":
            query.append(f"{quote(name)}={quote(value)}")
        elif place == "cookie":
            cookies.append(f"{name}={value}")
        else:
            headers.append((name, value))
    if cookies:
        headers.append(("Cookie", "; ".join(cookies)))
    headers.append(("Accept", accept or "*/*"))
    # A parameter that only the path tells of is a string.
    target = re.sub(r"\{([^}]+)\}", lambda found: quote(str(path_values.get(found[1], "1")), safe=""), target)
    if query:
        target += "?" + "&".join(query)
    return Asked(operation.method.upper(), target, tuple(headers), content, excuse)


def document_path(document: Document, operation: Operation) -> str:
    """Give the path to ask for; a base path under ``/_mock`` is the mock's own, and is left out."""
    base = document.base_path
    return quote(("" if base.startswith("/_mock") else base) + operation.path, safe="/{}:.,;=@!$&'()*+~%")


def path_candidates(document: Document, parameter: Parameter) -> list[Any]:
    """Give the values for a path parameter that need no look at the server."""
    found = candidates(_schema_of(parameter), document.version, parameter.examples)
    return sorted(found, key=_is_nothing)


def fitting(document: Document, parameter: Parameter, value: Any) -> Any:
    """Give a value that a server told as the parameter takes it; ``None`` where it is something else."""
    schema = _schema_of(parameter)
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    for each in (value, number, str(value)):
        if not errors(schema, each, "request", document.version):
            return each
    return None


def _is_nothing(value: Any) -> bool:
    # What is written as nothing at all is no segment of a path.
    return value in ("", {}, [])


def _is_innocent(parameter: Parameter) -> bool:
    """Tell whether an optional parameter may be sent without asking for something else than the thing."""
    return parameter.place == "query" or (
        parameter.place == "header" and not parameter.name.lower().startswith(("if-", "prefer", "range"))
    )


def _schema_of(parameter: Parameter) -> Place:
    if parameter.schema and parameter.schema.get("in") == parameter.place:
        # 2.0 writes a parameter's schema beside its name, where "required" means another thing.
        own = {
            key: each for key, each in parameter.schema.value.items() if key not in ("required", "name", "in")
        }
        return Place(parameter.schema.base, own)
    return parameter.schema


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _flat(parameter: Parameter, value: Any, separator: str, between: str) -> str:
    if isinstance(value, dict):
        return separator.join(f"{name}{between}{_text(each)}" for name, each in value.items())
    return separator.join(_text(each) for each in value) if isinstance(value, list) else _text(value)


def _joined(parameter: Parameter, value: Any) -> str:
    if parameter.media_type is not None:
        return json.dumps(value)
    return _flat(parameter, value, parameter.separator, "=" if parameter.explode else ",")


def _path_text(parameter: Parameter, value: Any) -> str:
    if parameter.media_type is not None:
        return quote(json.dumps(value), safe="")
    between = "=" if parameter.explode else ","

    def escaped(each: Any) -> Any:
        if isinstance(each, dict):
            return {quote(name, safe=""): escaped(inner) for name, inner in each.items()}
        if isinstance(each, list):
            return [escaped(inner) for inner in each]
        return quote(_text(each), safe="")

    value = escaped(value)
    if parameter.style == "label":
        return "." + _flat(parameter, value, "." if parameter.explode else ",", between)
    if parameter.style == "matrix":
        name = quote(parameter.name, safe="")
        if isinstance(value, dict) and parameter.explode:
            return "".join(f";{key}={each}" for key, each in value.items())
        if isinstance(value, list) and parameter.explode:
            return "".join(f";{name}={each}" for each in value)
        return f";{name}={_flat(parameter, value, ',', ',')}"
    return _flat(parameter, value, parameter.separator, between)


def _query_pairs(parameter: Parameter, value: Any) -> list[str]:
    name = quote(parameter.name, safe="[]")
    if parameter.media_type is not None:
        return [f"{name}={quote(json.dumps(value), safe='')}"]
    if isinstance(value, dict) and parameter.style == "deepObject":
        return [f"{name}{each}" for each in _deep("", value)]
    if isinstance(value, dict) and parameter.explode:
        return [f"{quote(key, safe='')}={quote(_text(each), safe='')}" for key, each in value.items()]
    if isinstance(value, dict):
        flat = [part for key, each in value.items() for part in (key, _text(each))]
        return [f"{name}={quote(parameter.separator).join(quote(each, safe='') for each in flat)}"]
    if isinstance(value, list) and parameter.explode:
        return [f"{name}={quote(_text(each), safe='')}" for each in value]
    if isinstance(value, list):
        separator = parameter.separator if parameter.separator == "," else quote(parameter.separator)
        return [f"{name}={separator.join(quote(_text(each), safe='') for each in value)}"]
    return [f"{name}={quote(_text(value), safe='')}"]


def _deep(prefix: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _deep(f"{prefix}[{quote(key, safe='')}]", each)
    elif isinstance(value, list):
        for each in value:
            yield f"{prefix}={quote(_text(each), safe='')}"
    else:
        yield f"{prefix}={quote(_text(value), safe='')}"


def _body(
    document: Document, operation: Operation, turn: int, path_values: Mapping[str, Any]
) -> tuple[str, bytes | None, bool]:
    media = sorted(operation.bodies, key=lambda each: "json" not in each.media_type)
    # Every fifth turn takes the next media type, each turn the next value.
    chosen = media[turn // 4 % len(media)]
    values = candidates(chosen.schema, document.version, chosen.examples)
    media_type = "application/octet-stream" if chosen.media_type == "*/*" else chosen.media_type
    if "json" not in media_type and not values:
        values = ["something"]
    if not values and not operation.body_required:
        return media_type, None, True
    keeps = bool(values)
    values = values or [make(chosen.schema or Place("", {}))]
    value = values[turn % len(values)]
    named = _named_as_the_path(operation, value, path_values)
    if keeps and not errors(chosen.schema or Place("", {}), named, "request", document.version):
        value = named
    written, content = _written(media_type, value, chosen)
    return written, content, keeps


def _named_as_the_path(operation: Operation, value: Any, path_values: Mapping[str, Any]) -> Any:
    """Give a body the id that the path names, as a client that knows what it changes would."""
    names = re.findall(r"\{([^}]+)\}$", operation.path)
    if not isinstance(value, dict) or not names or names[0] not in path_values:
        return value
    found = {key: path_values[names[0]] for key in ("id", names[0]) if key in value}
    if isinstance(value.get("data"), dict):
        found["data"] = _named_as_the_path(operation, value["data"], path_values)
    return {**value, **found}


def _written(media_type: str, value: Any, media: Media) -> tuple[str, bytes]:
    if "json" in media_type:
        return media_type, json.dumps(value).encode()
    if media_type == "application/x-www-form-urlencoded" and isinstance(value, dict):
        plain = {
            key: json.dumps(each)
            if isinstance(each, dict)
            else each
            if isinstance(each, list)
            else _text(each)
            for key, each in value.items()
        }
        return media_type, urlencode(plain, doseq=True).encode()
    if media_type.startswith("multipart/") and isinstance(value, dict):
        return f"{media_type}; boundary={_BOUNDARY}", _multipart(value, media.schema)
    if is_xml(media_type):
        schema = media.schema or Place("", {})
        name = (schema.get("xml") or {}).get("name") or _reference_name(schema) or "root"
        return media_type, ElementTree.tostring(_element(name, value, schema))
    return media_type.replace("*", "plain"), _text(value).encode()


def _multipart(value: dict[str, Any], schema: Place | None) -> bytes:
    parts = []
    properties = schema.resolved().at("properties") if schema else Place("", {})
    for name, each in value.items():
        declared = properties.at(name)
        for one in each if isinstance(each, list) else [each]:
            inner = declared.at("items") if isinstance(each, list) else declared
            is_file = inner.get("format") in ("binary", "base64") or inner.get("type") == "file"
            is_file = is_file or inner.get("contentMediaType") is not None
            head = f'Content-Disposition: form-data; name="{name}"' + (
                '; filename="a.bin"' if is_file else ""
            )
            kind = ""
            if is_file:
                kind = f"\r\nContent-Type: {inner.get('contentMediaType') or 'application/octet-stream'}"
            elif isinstance(one, dict):
                kind = "\r\nContent-Type: application/json"
            parts.append(f"--{_BOUNDARY}\r\n{head}{kind}\r\n\r\n{_text(one)}\r\n")
    return "".join([*parts, f"--{_BOUNDARY}--\r\n"]).encode()


def _reference_name(schema: Place) -> str | None:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return None
    found = schema.resolved()
    return (found.get("xml") or {}).get("name") or reference.rpartition("/")[2]


def _element(name: str, value: Any, schema: Place) -> ElementTree.Element:
    element = ElementTree.Element(name)
    schema = schema.resolved()
    if isinstance(value, dict):
        for key, each in value.items():
            declared = schema.at("properties").at(key)
            told = declared.get("xml") or {}
            if told.get("attribute"):
                element.set(told.get("name") or key, _text(each))
            elif isinstance(each, list):
                item = declared.at("items")
                inside = (item.get("xml") or {}).get("name") or (
                    told.get("name") if not told.get("wrapped") else None
                )
                holder = element
                if told.get("wrapped"):
                    holder = ElementTree.SubElement(element, told.get("name") or key)
                holder.extend(_element(inside or key, one, item) for one in each)
            else:
                element.append(_element(told.get("name") or key, each, declared))
    elif isinstance(value, list):
        item = schema.at("items")
        element.extend(_element((item.get("xml") or {}).get("name") or name, one, item) for one in value)
    else:
        element.text = _text(value)
    return element


def _credentials(document: Document, operation: Operation) -> Iterator[tuple[str, str, str]]:
    requirement = next((each for each in operation.security if each), {})
    for name in requirement:
        scheme = document.schemes.get(name, Place("", {}))
        kind = scheme.get("type")
        if kind == "apiKey":
            yield scheme.get("in"), scheme.get("name"), "a-key-of-mine-0123456789"
        elif kind == "basic" or (kind == "http" and str(scheme.get("scheme")).lower() == "basic"):
            yield "header", "Authorization", "Basic " + base64.b64encode(b"someone:secret").decode()
        elif kind == "http" and str(scheme.get("scheme")).lower() != "bearer":
            yield "header", "Authorization", f"{scheme.get('scheme')} abcdef0123456789"
        elif kind in ("http", "oauth2", "openIdConnect"):
            yield "header", "Authorization", "Bearer abcdef0123456789"
