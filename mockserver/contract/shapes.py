"""The shapes that OpenAPI gives to those parts of a document which serving relies on."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.operation import METHODS
from mockserver.contract.pointers import escape, pointer_of, resolve

# By kind of object: its fields, and what each holds: a kind, a list of it, or a mapping of it by name.
_FIELDS: Mapping[str, Mapping[str, str]] = {
    "document": {
        "info": "info",
        "servers": "list of server",
        "security": "list of requirement",
        "paths": "mapping of path item",
        "components": "components",
    },
    "server": {"url": "url", "variables": "mapping of variable"},
    "components": {"schemas": "mapping of schema", "securitySchemes": "mapping of security scheme"},
    "path item": {"parameters": "list of parameter", **dict.fromkeys(METHODS, "operation")},
    "operation": {
        "operationId": "text",
        "tags": "list of text",
        "security": "list of requirement",
        "parameters": "list of parameter",
        "requestBody": "request body",
        "responses": "mapping of response",
    },
    "parameter": {"name": "text", "in": "text", "content": "mapping of media type"},
    "request body": {"content": "mapping of media type"},
    "response": {"headers": "mapping of header", "content": "mapping of media type"},
    "media type": {"examples": "mapping of example"},
}
_STATUS = re.compile(r"[1-5]([0-9]{2}|XX)|default", re.IGNORECASE)
_SHOWN = 60


def misshapen(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give everything that is not what OpenAPI says it is: a JSON Pointer, and a sentence."""
    return _look(data, "", "document", set())


def _look(data: Any, pointer: str, kind: str, seen: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    if (pointer, kind) in seen:
        return
    seen.add((pointer, kind))
    value = resolve(data, pointer, follow=False)
    outer, _, inner = kind.rpartition(" of ")
    if outer and isinstance(value, list if outer == "list" else dict):
        for name in _names(value, inner):
            at = f"{pointer}/{escape(name)}"
            if inner == "response" and _STATUS.fullmatch(name) is None:
                yield at, "a status is a number such as 200, a range such as 4XX, or default."
            yield from _look(data, at, inner, seen)
    elif isinstance(value, dict) and isinstance(value.get("$ref"), str) and kind not in ("schema", "text"):
        yield from _look_behind(data, pointer, value["$ref"], kind, seen)
    elif (wrong := _complaint(value, outer or kind)) is not None:
        yield pointer, wrong
    else:
        for name, inner in _FIELDS.get(kind, {}).items():
            if name in value:
                yield from _look(data, f"{pointer}/{name}", inner, seen)


def _look_behind(
    data: Any, pointer: str, reference: str, kind: str, seen: set[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    try:
        resolve(data, pointer_of(reference))
    except (LookupError, ValueError, TypeError):
        yield pointer, f"{reference} refers to nothing."
        return
    yield from _look(data, pointer_of(reference), kind, seen)


def _names(value: Any, kind: str) -> Iterable[str]:
    if isinstance(value, list):
        return map(str, range(len(value)))
    # Of all these mappings, two may be extended with names of one's own.
    extensible = {"path item": "/", "response": ""}.get(kind)
    return [n for n in value if extensible is None or (n.startswith(extensible) and not n.startswith("x-"))]


def _complaint(value: Any, kind: str) -> str | None:
    wanted, is_fine = _WANTED.get(kind, _WANTED["mapping"])
    return None if is_fine(value) else f"is {_shown(value)}; it should be {wanted}."


def _is_url(value: Any) -> bool:
    try:
        return isinstance(value, str) and urlsplit(value) is not None
    except ValueError:  # an IPv6 address without its bracket, say
        return False


def _is_requirement(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(scopes, list) for scopes in value.values())


_WANTED: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "mapping": ("a mapping", lambda value: isinstance(value, dict)),
    "list": ("a list", lambda value: isinstance(value, list)),
    "text": ("a text", lambda value: isinstance(value, str)),
    "url": ("a URL", _is_url),
    "schema": ("a schema, which is a mapping", lambda value: isinstance(value, (dict, bool))),
    "requirement": ("a mapping of security schemes to lists of scopes", _is_requirement),
}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
