"""Hold the branches of a schema to its discriminator. Source: OpenAPI 3.1.1, "Discriminator Object"."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.pointers import dereference, pointer_of, resolve

_DEEPEST = 30


def pinned(schema: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, list[tuple[str, ...]]]:
    """
    Give for ``oneOf`` and ``anyOf`` by which values of the discriminator each branch may be named.

    Of a branch that is no reference nothing is said, nor of one whose own allowed values are others, nor
    of any where a mapping leads to what is no branch: there the discriminator does not tell them apart.
    """
    discriminator = schema.get("discriminator")
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    if not isinstance(discriminator, dict) or not isinstance(name, str):
        return {}
    named = _mapped(discriminator.get("mapping"))
    found = {}
    for keyword in ("oneOf", "anyOf"):
        branches = schema.get(keyword)
        pointers = [_pointer(each) for each in branches] if isinstance(branches, list) else []
        if any(pointers) and named.keys() <= set(pointers):
            found[keyword] = [
                _values(pointer, named.get(pointer, ()), name, document) for pointer in pointers
            ]
    return found


def _mapped(mapping: Any) -> Mapping[str, tuple[str, ...]]:
    """Give the values of a mapping by the pointers to what they stand for."""
    found: dict[str, tuple[str, ...]] = {}
    for value, target in mapping.items() if isinstance(mapping, dict) else ():
        if isinstance(target, str):
            is_name = "/" not in target and "#" not in target
            pointer = f"/components/schemas/{target}" if is_name else pointer_of(target)
            found[pointer] = (*found.get(pointer, ()), value)
    return found


def _pointer(branch: Any) -> str:
    reference = branch.get("$ref") if isinstance(branch, dict) else None
    return pointer_of(reference) if isinstance(reference, str) and reference.startswith("#") else ""


def _values(pointer: str, mapped: tuple[str, ...], name: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    if not pointer:
        return ()
    schemas = list(_parts(document, pointer))
    if not mapped and any(not each.keys().isdisjoint(("oneOf", "anyOf")) for each in schemas):
        return ()  # its own branches have the names
    values = (*mapped, pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~"))
    for schema in schemas:
        allowed = _allowed(document, schema, name)
        if allowed is not None:
            values = tuple(each for each in values if each in allowed)
    return values


def _parts(document: Mapping[str, Any], pointer: str, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Give the schema at a pointer, and the parts of its ``allOf``."""
    try:
        schema = resolve(document, pointer)
    except (LookupError, ValueError, TypeError):
        return
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return
    yield schema
    parts = schema.get("allOf")
    for index, part in enumerate(parts if isinstance(parts, list) else ()):
        inner = _pointer(part) or f"{pointer}/allOf/{index}"
        yield from _parts(document, inner, depth + 1)


def _allowed(document: Mapping[str, Any], schema: Mapping[str, Any], name: str) -> list[Any] | None:
    properties = schema.get("properties")
    try:
        told = dereference(document, properties.get(name)) if isinstance(properties, dict) else None
    except (LookupError, ValueError, TypeError):
        return None
    if not isinstance(told, dict):
        return None
    if "const" in told:
        return [told["const"]]
    return told["enum"] if isinstance(told.get("enum"), list) else None
