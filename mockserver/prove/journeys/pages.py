"""A list as one page shows it, and what that says of the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.resources.nouns import listed, plain
from mockserver.prove.journeys.asking import Answer

_TOTALS = listed("total totalcount totalitems totalresults totalelements totalrecords totalsize")
_NEXT = listed("next nextcursor nextpagetoken nexttoken nextmarker after endcursor continue cursor")


@dataclass(frozen=True)
class Whole:
    """A list as it is without filters: ``is_entire`` where there are no more items than these."""

    answer: Answer
    items: Sequence[dict[str, Any]]
    is_entire: bool


@dataclass(frozen=True)
class Walked:
    """The pages of a list, one after another, and what they have together: ``is_all`` where none is left."""

    seen: Sequence[Answer]
    items: Sequence[dict[str, Any]]
    is_all: bool


def total_in(body: Any, depth: int = 0) -> int | None:
    """Find what a body says of how many items there are."""
    if not isinstance(body, dict) or depth > 2:
        return None
    for name, value in body.items():
        if plain(name) in _TOTALS and isinstance(value, int) and not isinstance(value, bool):
            return value
    inner = (total_in(each, depth + 1) for each in body.values())
    return next((each for each in inner if each is not None), None)


def cursor_in(body: Any, depth: int = 0) -> str | None:
    """Find what a body gives to ask for the next page with, but for addresses."""
    if not isinstance(body, dict) or depth > 2:
        return None
    for name, value in body.items():
        if plain(name) in _NEXT and isinstance(value, str) and value and "/" not in value:
            return value
    inner = (cursor_in(each, depth + 1) for each in body.values())
    return next((each for each in inner if each is not None), None)
