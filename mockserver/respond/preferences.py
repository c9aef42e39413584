"""What a request prefers of its answer: the ``Prefer`` header, and its twins in the query."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from mockserver.respond.problems import Problem

NAMES = ("code", "example", "dynamic", "seed")

# One preference: a token, and perhaps a value, which is a token or a quoted string.
_PREFERENCE = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^",;]*))?')
_QUOTED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Preferences:
    """
    What was asked for, with Prism's names; ``None`` where nothing was.

    ``code`` is a status, ``example`` the name of an example, ``dynamic`` asks for a sample in the place of
    what is declared or stored, ``seed`` is what samples are made from.
    """

    code: int | None = None
    example: str | None = None
    dynamic: bool | None = None
    seed: str | None = None

    @property
    def is_choice(self) -> bool:
        """Tell whether an answer is wanted that the contract has, whatever is stored."""
        return self.code is not None or self.example is not None or self.dynamic is True

    def applied(self) -> str:
        """Write the preferences as ``Preference-Applied`` does. Source: RFC 7240, section 3."""
        dynamic = None if self.dynamic is None else str(self.dynamic).lower()
        values = {"code": self.code, "example": self.example, "dynamic": dynamic, "seed": self.seed}
        return ", ".join(f"{name}={_written(str(v))}" for name, v in values.items() if v is not None)


def read_preferences(header: str | None, query_string: bytes) -> Preferences | None:
    """
    Give the preferences of a request, ``None`` without any; the header wins over its twins in the query.

    Preferences of other names are left alone, and of several with one name the first counts.

    Raises:
        Problem: 400 for a value that the preference cannot have.

    Source: RFC 7240; Prism, "Response generation".
    """
    given: dict[str, str] = {}
    for key, value in _items(header) if header is not None else ():
        given.setdefault(key, value)
    if b"__" in query_string:
        for key, value in _twins(query_string):
            given.setdefault(key, value)
    if not given:
        return None
    return Preferences(
        _code(given.get("code")), given.get("example"), _dynamic(given.get("dynamic")), given.get("seed")
    )


def is_twin(name: str) -> bool:
    """Tell whether a key of a query is a preference."""
    return name.startswith("__") and name[2:] in NAMES


def _items(line: str) -> Iterator[tuple[str, str]]:
    """Give the preferences of a header that have a name of ours; a semicolon separates as a comma does."""
    at = 0
    while at < len(line):
        found = _PREFERENCE.match(line, at)
        if found is None:
            at += 1
            continue
        name, value = found[1].lower(), (found[2] or "").strip()
        if name in NAMES:
            yield name, _QUOTED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
        at = max(found.end(), at + 1)


def _twins(query_string: bytes) -> Iterator[tuple[str, str]]:
    for part in query_string.decode("latin-1").split("&"):
        key, _, value = part.partition("=")
        if is_twin(key):
            yield key[2:], unquote_plus(value)


def _code(text: str | None) -> int | None:
    if text is None:
        return None
    if re.fullmatch(r"[2-5][0-9]{2}", text, re.ASCII) is None:  # what is below 200 is no answer yet
        raise Problem(400, f"Prefer: code={text[:_SHOWN]} is no status; it should be a number such as 404.")
    return int(text)


def _dynamic(text: str | None) -> bool | None:
    if text is None:
        return None
    found = _BOOLEANS.get(text.lower())
    if found is None:
        raise Problem(400, f"Prefer: dynamic={text[:_SHOWN]} is neither true nor false.")
    return found


_BOOLEANS: Mapping[str, bool] = {"true": True, "": True, "1": True, "false": False, "0": False}
_SHOWN = 60


def _written(value: str) -> str:
    """Write a value as a token, or quoted; what no header can hold is left out."""
    if re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", value):
        return value
    kept = "".join(c for c in value if c.isascii() and c.isprintable())
    escaped = kept.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
