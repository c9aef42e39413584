"""What a request prefers of its answer: the ``Prefer`` header, and its twins in the query."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from mockserver.errors import nearest
from mockserver.respond.problems import Problem
from mockserver.state.fault_rules import DROPS, Drop
from mockserver.state.latency import LONGEST

NAMES = ("code", "example", "dynamic", "seed")
FAULTS = ("delay", "drop", "status")

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


@dataclass(frozen=True, slots=True)
class FaultPreferences:
    """
    The faults that a request asks for itself; ``None`` where it does not.

    ``delay`` is in milliseconds. A ``status`` is answered in the place of the operation, and stores nothing;
    with the others it does what it does.
    """

    delay: float | None = None
    drop: Drop | None = None
    status: int | None = None

    def applied(self) -> str:
        """Write the preferences as ``Preference-Applied`` does."""
        delay = None if self.delay is None else f"{self.delay:.15g}"
        values = {"delay": delay, "drop": self.drop, "status": self.status}
        return ", ".join(f"{name}={value}" for name, value in values.items() if value is not None)


def read_preferences(header: str | None, query_string: bytes) -> Preferences | None:
    """
    Give the preferences of a request, ``None`` without any; the header wins over its twins in the query.

    Preferences of other names are left alone, and of several with one name the first counts.

    Raises:
        Problem: 400 for a value that the preference cannot have.

    Source: RFC 7240; Prism, "Response generation".
    """
    given = _given(header, query_string, NAMES)
    if not given:
        return None
    return Preferences(
        _status(given, "code"), given.get("example"), _dynamic(given.get("dynamic")), given.get("seed")
    )


def read_fault_preferences(header: str | None, query_string: bytes) -> FaultPreferences | None:
    """
    Give the faults that a request prefers, in the same way.

    Raises:
        Problem: 400 for a value that the preference cannot have.
    """
    given = _given(header, query_string, FAULTS)
    if not given:
        return None
    return FaultPreferences(_delay(given.get("delay")), _drop(given.get("drop")), _status(given, "status"))


def is_twin(name: str) -> bool:
    """Tell whether a key of a query is a preference."""
    return name.startswith("__") and (name[2:] in NAMES or name[2:] in FAULTS)


def _given(header: str | None, query_string: bytes, names: tuple[str, ...]) -> dict[str, str]:
    given: dict[str, str] = {}
    for key, value in _items(header) if header is not None else ():
        if key in names:
            given.setdefault(key, value)
    if b"__" in query_string:
        for key, value in _twins(query_string):
            if key in names:
                given.setdefault(key, value)
    return given


def _items(line: str) -> Iterator[tuple[str, str]]:
    """Give the preferences of a header; a semicolon separates as a comma does."""
    at = 0
    while at < len(line):
        found = _PREFERENCE.match(line, at)
        if found is None:
            at += 1
            continue
        name, value = found[1].lower(), (found[2] or "").strip()
        yield name, _QUOTED.sub(r"\1", value[1:-1]) if value.startswith('"') else value
        at = max(found.end(), at + 1)


def _twins(query_string: bytes) -> Iterator[tuple[str, str]]:
    for part in query_string.decode("latin-1").split("&"):
        key, _, value = part.partition("=")
        if is_twin(key):
            yield key[2:], unquote_plus(value)


def _status(given: Mapping[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if re.fullmatch(r"[2-5][0-9]{2}", text, re.ASCII) is None:  # what is below 200 is no answer yet
        raise Problem(400, f"Prefer: {name}={text[:_SHOWN]} is no status; it should be a number such as 404.")
    return int(text)


def _delay(text: str | None) -> float | None:
    if text is None:
        return None
    found = _DELAY.fullmatch(text)
    milliseconds = float(found[1]) * (1000 if found[2] == "s" else 1) if found else math.inf
    if milliseconds > LONGEST:
        right = f"such as 250, 250ms or 1.5s, up to {LONGEST} milliseconds"
        raise Problem(400, f"Prefer: delay={text[:_SHOWN]} is no delay; it should be a time {right}.")
    return milliseconds


_DELAY = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s)?", re.ASCII)


def _drop(text: str | None) -> Drop | None:
    if text is None:
        return None
    found = next((each for each in DROPS if each == (text or "before")), None)
    if found is None:
        hint = nearest(text, DROPS)
        raise Problem(400, f"Prefer: drop={text[:_SHOWN]} is none of {', '.join(DROPS)}.{hint}")
    return found


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
