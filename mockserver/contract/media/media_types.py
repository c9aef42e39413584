"""What the names of media types mean. Source: RFC 9110, section 8.3.1; RFC 6839, section 3.1."""

from collections.abc import Mapping
from typing import Literal, TypeVar

_T = TypeVar("_T")

Kind = Literal["json", "yaml", "lines", "events", "xml", "form", "multipart", "csv", "html", "text", "binary"]


def essence(name: str) -> str:
    """Give a media type without its parameters, in lower case: ``text/html`` for ``Text/HTML; charset=x``."""
    return name.partition(";")[0].strip().lower()


def parameters(name: str) -> dict[str, str]:
    """Give the parameters of a media type, their names in lower case: ``{"charset": "x"}``."""
    found = {}
    for each in name.split(";")[1:]:
        key, is_pair, value = each.partition("=")
        if is_pair:
            found[key.strip().lower()] = value.strip().strip('"')
    return found


def is_json(name: str) -> bool:
    """Tell whether a media type is JSON, or another that is written in it (``+json``)."""
    name = essence(name)
    return name == "application/json" or name.endswith("+json")


def kind_of(name: str) -> Kind:
    """Give the way in which a media type writes a value; ``binary`` for one that is not known."""
    if is_json(name):
        return "json"
    name = essence(name)
    if name in _KINDS:
        return _KINDS[name]
    if name.endswith("+xml") and not name.startswith("image/"):
        return "xml"
    if name.endswith("+yaml"):
        return "yaml"
    return "text" if name.startswith("text/") else "binary"


_KINDS: Mapping[str, Kind] = {
    "application/json-seq": "lines",
    "application/jsonl": "lines",
    "application/ndjson": "lines",
    "application/x-jsonlines": "lines",
    "application/x-ndjson": "lines",
    "application/x-yaml": "yaml",
    "application/xml": "xml",
    "application/yaml": "yaml",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
    "text/csv": "csv",
    "text/event-stream": "events",
    "text/html": "html",
    "text/x-yaml": "yaml",
    "text/xml": "xml",
    "text/yaml": "yaml",
}


def is_range(name: str) -> bool:
    return "*" in name


def sent_as(name: str) -> str:
    """Give a media type that can be sent where a range of them is declared; any other as it is."""
    if not is_range(name):
        return name
    return _LIKELIEST.get(essence(name), "application/octet-stream")


_LIKELIEST: Mapping[str, str] = {
    "*/*": "application/json",
    "application/*": "application/json",
    "audio/*": "audio/mpeg",
    "font/*": "font/woff2",
    "image/*": "image/png",
    "multipart/*": "multipart/form-data",
    "text/*": "text/plain",
    "video/*": "video/mp4",
}


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
