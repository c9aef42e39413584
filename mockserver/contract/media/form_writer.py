"""Values as forms, by the encoding of their fields. Source: OpenAPI 3.1.1, "Encoding Object"."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

import orjson

from mockserver.contract.media.multipart import Part, write_parts

BOUNDARY = "mockserver-2c9f7f0e5b1d4a3c"
"""What stands between the parts of the forms that are written, so that the same form has the same bytes."""

_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}


def write_urlencoded(value: Any, encoding: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Write an object as ``application/x-www-form-urlencoded``, and any other value as its text."""
    if not isinstance(value, dict):
        return _as_text(value).encode()
    pairs = [
        f"{quote_plus(key)}={quote_plus(text)}"
        for name, each in value.items()
        for key, text in _written(str(name), each, encoding.get(name, {}))
    ]
    return "&".join(pairs).encode()


def write_multipart(value: Any) -> bytes:
    """Write an object as ``multipart/form-data`` between ``BOUNDARY``; any other value as one field."""
    fields = value if isinstance(value, dict) else {"value": value}
    parts = []
    for name, many in fields.items():
        for each in many if isinstance(many, list) else [many]:
            if isinstance(each, bytes):
                parts.append(Part(str(name), each, str(name), "application/octet-stream"))
            else:
                kind = "application/json" if isinstance(each, (dict, list)) else None
                parts.append(Part(str(name), _as_text(each).encode(), media_type=kind))
    return write_parts(parts, BOUNDARY)


def _written(name: str, value: Any, encoding: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    style = encoding.get("style", "form")
    if isinstance(value, list):
        texts = [_as_text(each) for each in value]
        if encoding.get("explode", style == "form"):
            yield from ((name, text) for text in texts)
        else:
            yield name, _DELIMITERS.get(style, ",").join(texts)
    elif isinstance(value, dict) and style == "deepObject":
        yield from ((f"{name}[{key}]", _as_text(each)) for key, each in value.items())
    elif isinstance(value, dict) and "style" in encoding and encoding.get("explode", True):
        yield from ((str(key), _as_text(each)) for key, each in value.items())
    else:
        yield name, _as_text(value)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
