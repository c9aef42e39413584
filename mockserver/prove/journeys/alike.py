"""Whether two things that a server tells are the same, for all that it may write in another way."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_LONGEST = 60

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# What goes on by itself, or is made anew for every answer: whole words, since a name may have any inside.
_MOVING = re.compile(
    r"\b(updated|modified|changed|seen|accessed|expires|remaining|elapsed|e ?tag|version|revision|token"
    r"|url|uri|href|link|signature|secret|password|(updated|modified|changed|expires)(at|on)"
    r"|last ?(access|active|activity|at|change|check|contact|date|heartbeat|log ?in|log ?on|online|ping"
    r"|request|run|sign ?in|sync|synced|time|update|use|used|visit|visited)( ?(at|on))?)\b"
)


def differing(one: Mapping[str, Any], other: Mapping[str, Any], *, is_exact: bool = False) -> list[str]:
    """
    Give the plain properties that both have, and that differ.

    Where the first has ``null``, the other may have anything: it was not asked for, or is told elsewhere.
    Texts that differ in case, or in what stands around them, only differ where ``is_exact``.
    """
    return [
        name
        for name, value in one.items()
        if name in other
        and value is not None
        and not _moves(name)
        and not _is_same(value, other[name], is_exact=is_exact)
    ]


def short(value: Any) -> str:
    """Give a value as a sentence can have it."""
    text = str(value[0] if isinstance(value, list) and value else value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _moves(name: str) -> bool:
    return bool(_MOVING.search(" ".join(_WORD.findall(name)).lower()))


def _is_same(one: Any, other: Any, *, is_exact: bool) -> bool:
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return type(one) is type(other)
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9)
    if not (isinstance(one, str) and isinstance(other, str)):
        return str(one) == str(other)
    if one == other or (not is_exact and one.strip().casefold() == other.strip().casefold()):
        return True
    moments = [_moment(one), _moment(other)]
    return moments[0] is not None and moments[0] == moments[1]


def _moment(text: str) -> float | None:
    try:
        return round(datetime.fromisoformat(text).timestamp(), 3)
    except (ValueError, OverflowError):
        return None
