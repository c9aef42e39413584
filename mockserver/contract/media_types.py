"""What the names of media types mean. Source: RFC 9110, section 8.3.1; RFC 6839, section 3.1."""

from collections.abc import Mapping
from typing import TypeVar

_T = TypeVar("_T")


def essence(name: str) -> str:
    """Give a media type without its parameters, in lower case: ``text/html`` for ``Text/HTML; charset=x``."""
    return name.partition(";")[0].strip().lower()


def is_json(name: str) -> bool:
    """Tell whether a media type is JSON, or another that is written in it (``+json``)."""
    name = essence(name)
    return name == "application/json" or name.endswith("+json")


def is_range(name: str) -> bool:
    return "*" in name


def sent_as(name: str) -> str:
    """Give a media type that can be sent where a range of them is declared; any other as it is."""
    if not is_range(name):
        return name
    return {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain"}.get(
        essence(name), "application/octet-stream"
    )


def match(declared: Mapping[str, _T], name: str) -> _T | None:
    """
    Find what is declared for a media type: itself, its range, or everything.

    The keys of ``declared`` are essences.
    """
    wanted = essence(name)
    for key in (wanted, f"{wanted.partition('/')[0]}/*", "*/*"):
        if key in declared:
            return declared[key]
    return None
