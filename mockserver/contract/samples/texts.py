"""Texts: of a format, of a meaning, like an example, or of a pattern, and of the length that is allowed."""

import base64
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.samples import meanings
from mockserver.contract.samples import words as w
from mockserver.contract.samples.chance import Chance
from mockserver.contract.samples.meanings import Asked
from mockserver.contract.samples.patterns import text_for
from mockserver.contract.samples.scene import words_of
from mockserver.contract.samples.shape import DeadEnd, Matches, Shape
from mockserver.contract.samples.words import listed

_LONGEST = 100_000


def text(shape: Shape, asked: Asked, like: Sequence[Any], matches: Matches, *, is_any: bool = False) -> str:
    """
    Give a text that fits a shape; ``like`` are examples, of which others are made.

    Where ``is_any``, one text is as good as another, and there are many.

    Raises:
        DeadEnd: none is found.
    """
    low, high = int(shape.limits.get("minLength", 0)), shape.limits.get("maxLength")
    high = None if high is None else int(high)
    candidates = _candidates(shape, asked, like)
    if is_any and shape.format not in _FORMATS:
        candidates = itertools.chain(_one_of_many(asked), candidates)
    for candidate in candidates:
        is_short = low <= len(candidate) and (high is None or len(candidate) <= high)
        if is_short and all(matches(each, candidate) for each in shape.patterns):
            return candidate
    if shape.patterns:
        found = text_for(shape.patterns, low, high, asked.chance, matches)
        if found is None:
            raise DeadEnd(f"no text is found for the pattern {' and '.join(shape.patterns)}")
        return found
    if shape.format in _LINKS and low > 0:
        start = "https://example.com/"
        rest = _of_length(max(0, low - len(start)), None if high is None else high - len(start), asked.chance)
        return f"{start}{rest.replace(' ', '-')}"
    return _of_length(low, high, asked.chance)


_LINKS = frozenset(listed("uri url iri uri-reference iri-reference"))


def _one_of_many(asked: Asked) -> Iterator[str]:
    term = asked.chance.pick(w.TERMS)
    yield f"{term}-{asked.chance.between(100, 9999)}"
    yield asked.chance.text(_LOWER, 5)


def _candidates(shape: Shape, asked: Asked, like: Sequence[Any]) -> Iterator[str]:
    examples = [each for each in like if isinstance(each, str)]
    known = _FORMATS.get(shape.format or "")
    if known is not None:
        yield from known(asked)
        yield from examples
        return
    if shape.notes.get("contentEncoding") in ("base64", "base64url"):
        yield from _base64(asked)
    if examples and _DATE.match(examples[0]):
        yield from _date_time(asked) if "T" in examples[0] else _date(asked)
    if examples and _MONTH.match(examples[0]) and {"date", "month", "year"} & set(asked.words):
        yield from (each[: len(examples[0])] for each in _date(asked))
    if examples and _CLOCK.match(examples[0]):
        yield from (each for each in _time(asked) if len(each) == len(examples[0]))
    yield from _kept_apart(asked, examples)
    yield from meanings.texts(asked)
    if shape.format:
        words = words_of(shape.format)
        yield from meanings.texts(Asked(words, asked.words, asked.scene, asked.chance))
    for example in examples:
        yield varied(example.strip(), asked.chance)
        yield example
    if _ADDRESS.search(str(shape.notes.get("description", "")).partition(". ")[0]):
        yield from meanings.url(asked)
    if set(asked.words) & _TIMES and not {"zone", "span"} & set(asked.words):
        if "date" not in asked.words and {"time", "hour", "hours"} & set(asked.words):
            yield from _time(asked) if set(asked.words) & (_OPENS | _CLOSES) else ()
        yield from _date_time(asked)
        yield from _date(asked)
        yield from _time(asked)
    yield from (each for each in shape.default if isinstance(each, str))
    if not shape.patterns:
        yield from meanings.plain(asked)


_TIMES = frozenset(
    listed("""
at date created updated modified time timestamp expires birthday deadline
""")
)


def _kept_apart(asked: Asked, examples: list[str]) -> Iterator[str]:
    """Give texts like an example where only that tells how they are written: an id, a code, a link."""
    for example in examples:
        if not set(asked.words[-1:]) & _OPAQUE:
            return
        other = varied(example.strip(), asked.chance)
        if other != example:
            yield other


_OPAQUE = frozenset(
    listed("""
id ids uid uuid sid key code number ref reference token hash etag sha cursor uri url href link
isrc ean upc version phone sku revision state zip
""")
)
_ADDRESS = re.compile(r"\bUR[LI]s?\b")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d.*)?$")
_MONTH = re.compile(r"(19|20)\d\d(-[01]\d)?$")
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?Z?$")
_TOKEN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=[A-Za-z]*\d)[A-Za-z\d]{6,}|\d{3,}|\d+$")


def varied(example: str, chance: Chance) -> str:
    """Give a text that looks like an example: its long numbers and opaque tokens are others."""
    if _DATE.match(example):
        return example
    return _TOKEN.sub(lambda found: _other(found[0], chance), example)


def _other(token: str, chance: Chance) -> str:
    if len(token) == 36 and token.count("-") == 4:
        return meanings.uuid_of(chance)
    is_hex = re.fullmatch(r"[0-9a-f]+", token) is not None and not token.isdigit()
    letters = []
    for at, sign in enumerate(token):
        if sign.isdigit():
            letters.append(sign if sign == "0" and at == 0 else str(chance.between(int(at == 0), 9)))
        elif is_hex:
            letters.append(chance.pick("abcdef"))
        else:
            letters.append(chance.pick(_UPPER if sign.isupper() else _LOWER))
    return "".join(letters)


_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()


def _of_length(low: int, high: int | None, chance: Chance) -> str:
    """Give words, cut to what is allowed."""
    if low > _LONGEST or (high is not None and high < low):
        raise DeadEnd(f"no text of at least {low} characters is made, or none may be that long")
    found = chance.pick(w.TERMS)
    while len(found) < low:
        found = f"{found} {chance.pick(w.TERMS)}"
    if high is not None:
        found = found[:high]
    # A text that ends with a space looks cut.
    return f"{found[:-1]}s" if found.endswith(" ") else found


def _date_time(asked: Asked) -> Sequence[str]:
    return (asked.scene.moment(asked.words, asked.chance).strftime("%Y-%m-%dT%H:%M:%SZ"),)


def _date(asked: Asked) -> Sequence[str]:
    return (asked.scene.moment(asked.words, asked.chance, is_date=True).date().isoformat(),)


def _time(asked: Asked) -> Sequence[str]:
    words = set(asked.words)
    first = 9 if words & _OPENS else 16 if words & _CLOSES else 12
    found = f"{first + asked.chance.below(3):02}:{asked.chance.pick(('00', '15', '30', '45'))}"
    return f"{found}:00Z", f"{found}:00", found


_OPENS = frozenset(listed("start starts from open opens opening begin begins"))
_CLOSES = frozenset(listed("end ends to close closes closing until"))


def _base64(asked: Asked) -> Sequence[str]:
    written = asked.chance.pick(w.TITLES)
    return *(base64.b64encode(each.encode()).decode() for each in (written, written[:3])), ""


def _uri_reference(asked: Asked) -> Sequence[str]:
    return *meanings.url(asked), "/", ""


def _duration(asked: Asked) -> Sequence[str]:
    return f"PT{asked.chance.between(1, 12) * 5}M", "P1D"


def _fixed(*options: str) -> Callable[[Asked], Sequence[str]]:
    return lambda asked: options


def _host(asked: Asked) -> Sequence[str]:
    return f"{asked.chance.pick(w.TERMS)}.example.com", "example.com", "a.b"


_FORMATS: Mapping[str, Callable[[Asked], Sequence[str]]] = {
    "date-time": _date_time,
    "datetime": _date_time,
    "date": _date,
    "time": _time,
    "duration": _duration,
    "email": meanings.email,
    "idn-email": meanings.email,
    "hostname": _host,
    "idn-hostname": _host,
    "ipv4": lambda asked: (f"192.0.2.{asked.chance.between(1, 254)}",),
    "ipv6": lambda asked: (f"2001:db8::{asked.chance.text('123456789abcdef', 4)}",),
    "uri": meanings.url,
    "url": meanings.url,
    "iri": meanings.url,
    "uri-reference": _uri_reference,
    "iri-reference": _uri_reference,
    "uri-template": lambda asked: ("/items/{id}",),
    "uuid": meanings.uuid,
    "json-pointer": _fixed("/items/0"),
    "relative-json-pointer": _fixed("1/items"),
    "regex": _fixed("^[a-z]+$"),
    "byte": _base64,
    "base64": _base64,
    "binary": lambda asked: (asked.chance.pick(w.SENTENCES), asked.chance.pick(w.TITLES), ""),
}
