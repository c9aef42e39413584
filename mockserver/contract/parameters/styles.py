"""Take the raw text of parameters apart, by style and explode, into decoded texts."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

# What was written for one parameter, before its types are known: a text, or texts in lists and objects.
Node = str | list[Any] | dict[str, Any]
Decode = Callable[[str], str]

# Nobody writes a filter deeper than this by hand; what reads it calls itself once a level.
_DEEPEST = 32

_COMMA = re.compile(",")
_ENCODED_COMMA = re.compile(",|%2C", re.IGNORECASE)
_DOT = re.compile(r"\.")
_SEPARATORS = {
    "simple": (_COMMA, _ENCODED_COMMA),
    "form": (_COMMA, _ENCODED_COMMA),
    "label": (_COMMA, _DOT, _ENCODED_COMMA),
    "matrix": (_COMMA, _ENCODED_COMMA),
    "spaceDelimited": (re.compile(r"%20|\+| "),),
    "pipeDelimited": (re.compile(r"\||%7C", re.IGNORECASE),),
}


class Garbled(str):
    """Text that was not UTF-8 once it was percent-decoded, with U+FFFD for what could not be read."""

    __slots__ = ()


def decode_path(raw: str) -> str:
    """Percent-decode text in which each character stands for one byte; ``Garbled`` if that is not UTF-8."""
    if "%" not in raw and raw.isascii():
        return raw
    octets = unquote_to_bytes(_octets(raw))
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return Garbled(octets.decode(errors="replace"))


def decode_query(raw: str) -> str:
    """Percent-decode text of a query, where ``+`` is a space."""
    return decode_path(raw.replace("+", " "))


def decode_header(raw: str) -> str:
    """Headers and cookies are not percent-decoded; space around the members of a list means nothing."""
    return raw.strip(" \t")


def split_query(query_string: bytes) -> dict[str, list[str]]:
    """Give the values of a query string by their decoded key, each still raw, in the order they came."""
    found: dict[str, list[str]] = {}
    for item in query_string.decode("latin-1").split("&"):
        if not item:
            continue
        key, _, raw = item.partition("=")
        key = str(decode_query(key))
        if key in found:
            found[key].append(raw)
        else:
            found[key] = [raw]
    return found


def split_cookies(header: str) -> dict[str, list[str]]:
    """Give the values of a ``Cookie`` header by name (RFC 6265), without the quotes around a value."""
    found: dict[str, list[str]] = {}
    for item in header.split(";"):
        name, is_pair, value = item.partition("=")
        if not is_pair:
            continue
        value = value.strip(" \t")
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        found.setdefault(name.strip(" \t"), []).append(value)
    return found


def readings(
    raw: str, name: str, style: str, explode: bool, shapes: Collection[str], decode: Decode
) -> Iterator[Node]:
    """
    Give every way to read one raw text, the standard's own first; none if it is not written in the style.

    ``shapes`` are those that the schema admits: ``scalar``, ``array``, ``object``. Delimiters are split
    before anything is decoded, so an encoded comma is data. Because many clients encode every comma, the
    reading in which it is a delimiter comes last: it counts where the first one breaks the schema. In the
    same way a ``label`` array may be separated by dots, as tables before OpenAPI 3.0.4 and 3.1.1 had it.

    Source: OpenAPI 3.1.1, "Style Values"; RFC 6570.
    """
    if style == "matrix":
        yield from _matrix(raw, name, explode, shapes, decode)
    elif style == "label":
        if raw.startswith("."):
            separators = (_DOT,) if explode else _SEPARATORS["label"]
            yield from _separated(raw[1:], separators, explode, shapes, decode)
    else:
        separators = _SEPARATORS.get(style, _SEPARATORS["simple"])
        if decode is decode_header:
            separators = separators[:1]
        yield from _separated(raw, separators, explode, shapes, decode)


def deep_object(given: dict[str, list[str]], name: str, decode: Decode) -> dict[str, Any] | None:
    """
    Take the keys of one ``deepObject`` out of a query: ``a[b]=1&a[c][d]=2`` is ``{b: ["1"], c: {d: ["2"]}}``.

    A key that cannot be placed stays: its brackets are broken or too deep, or another key has put a value
    where it needs an object. Gives ``None`` if there was none.
    """
    found: dict[str, Any] = {}
    for key in [key for key in given if key.startswith(f"{name}[")]:
        steps = key[len(name) + 1 : -1].split("][") if key.endswith("]") else []
        if 0 < len(steps) <= _DEEPEST and _place(found, steps, [decode(raw) for raw in given[key]]):
            del given[key]
    return found or None


def _octets(raw: str) -> bytes:
    try:
        return raw.encode("latin-1")
    except UnicodeEncodeError:
        return raw.encode("utf-8", "replace")


def _matrix(raw: str, name: str, explode: bool, shapes: Collection[str], decode: Decode) -> Iterator[Node]:
    pairs = [item.partition("=") for item in raw[1:].split(";")] if raw.startswith(";") else []
    own = [value for key, _, value in pairs if decode(key) == name]
    if len(own) == len(pairs) == 1 and ("scalar" in shapes or not explode):
        single = shapes if not explode else ("scalar",)
        yield from _separated(own[0], _SEPARATORS["matrix"], False, single, decode)
    if explode and "array" in shapes and len(own) == len(pairs) > 0:
        yield [decode(value) for value in own]
    if explode and "object" in shapes and pairs:
        yield {decode(key): decode(value) for key, _, value in pairs}


def _separated(
    text: str,
    separators: Sequence[re.Pattern[str]],
    explode: bool,
    shapes: Collection[str],
    decode: Decode,
) -> Iterator[Node]:
    several = separators[0].search(text) is not None
    if "scalar" in shapes and not (several and "array" in shapes):
        yield decode(text)
    for index, separator in enumerate(separators):
        if index and separator.search(text) is None:
            continue
        members = separator.split(text) if text else []
        if "array" in shapes:
            yield [decode(member) for member in members]
        if "object" in shapes:
            yield from _objects(members, explode, decode)
    if "array" in shapes and not text:
        yield [""]
    if "scalar" in shapes and several and "array" in shapes:
        yield decode(text)


def _objects(members: Sequence[str], explode: bool, decode: Decode) -> Iterator[Node]:
    if explode:
        pairs = [member.partition("=") for member in members]
        if all(is_pair for _, is_pair, _ in pairs):
            yield {decode(key): decode(value) for key, _, value in pairs}
    elif len(members) % 2 == 0:
        yield {decode(key): decode(value) for key, value in zip(members[::2], members[1::2], strict=True)}


def _place(found: dict[str, Any], steps: Sequence[str], texts: list[str]) -> bool:
    for step in steps[:-1]:
        found = found.setdefault(step, {})
        if not isinstance(found, dict):
            return False
    # Both "a[b]" and "a[b][]" may name the members of one array.
    if isinstance(found.get(steps[-1]), dict):
        return False
    found.setdefault(steps[-1], []).extend(texts)
    return True
