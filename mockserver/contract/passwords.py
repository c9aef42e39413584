"""The names of members and parameters that a contract calls secret, by ``format: password``."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.pointers import resolve

# How deep a password may lie under references, lists and alternatives.
_DEPTH = 5


def password_names(data: Mapping[str, Any]) -> frozenset[str]:
    """Give the names, as they are spelled."""
    found: set[str] = set()
    waiting: list[Any] = [data]
    seen: set[int] = set()  # what stands in several places of a document may be one thing, even in itself
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            found.update(name for name, schema in _named(node) if _is_password(schema, data, _DEPTH))
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return frozenset(found)


def _named(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    properties, name = node.get("properties"), node.get("name")
    if isinstance(properties, Mapping):
        yield from ((str(each), schema) for each, schema in properties.items())
    if isinstance(name, str) and "in" in node:
        yield name, node.get("schema")


def _is_password(schema: Any, data: Mapping[str, Any], depth: int) -> bool:
    if not isinstance(schema, Mapping) or depth == 0:
        return False
    if schema.get("format") == "password":
        return True
    below = [schema.get("items")]
    for keyword in ("allOf", "anyOf", "oneOf"):
        parts = schema.get(keyword)
        below += parts if isinstance(parts, list) else []
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        with contextlib.suppress(LookupError, TypeError, ValueError):  # it may lead nowhere
            below.append(resolve(data, reference[1:]))
    return any(_is_password(each, data, depth - 1) for each in below)
