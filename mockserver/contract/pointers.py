"""JSON Pointers into a document, and the references that lead along them. Source: RFC 6901; RFC 3986."""

from typing import Any
from urllib.parse import unquote

_DEPTH = 200

Place = tuple[Any, ...]
"""``(pointer,)``, or ``(place, step)``: cheap to make for each of many nodes, and written for few."""


def escape(name: str) -> str:
    """Write a name as one step of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """Read the name that one step of a JSON Pointer writes."""
    return step.replace("~1", "/").replace("~0", "~")


def write_place(place: Place) -> str:
    """Write a place that a walk has kept as steps, each in a pair with what it leads on from."""
    steps = []
    while len(place) == 2:
        place, key = place
        steps.append(f"/{escape(str(key))}")
    return str(place[0]) + "".join(reversed(steps))


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
            key = unescape(part) if "~" in part else part
            value = value[int(key)] if isinstance(value, list) else value[key]
        if not (follow and isinstance(value, dict) and isinstance(value.get("$ref"), str)):
            return value
        pointer = pointer_of(value["$ref"])
    raise LookupError(f"#{pointer} refers to itself")
