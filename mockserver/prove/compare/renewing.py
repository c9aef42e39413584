"""Bodies with other values than before, for what may be there only once."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

Path = tuple[str | int, ...]

_MOST = 60
_DAYS = 3000
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(T.*)?", re.DOTALL)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def renew(body: Any, number: int, fits: Callable[[Any], bool], *, ids: set[str], has_numbers: bool) -> Any:
    """
    Give a body whose texts and ids no other has, as far as it still ``fits``; ``number`` is what they have.

    The other numbers stay as they are, as long as they do not have to be others too (``has_numbers``).
    """
    for path, value in list(_leaves(body, ()))[:_MOST]:
        others: list[Any]
        if isinstance(value, str):
            others = [*_texts(value, number)]
        elif has_numbers or any(str(each) in ids for each in path[-1:]):
            others = [number, number % 10_000, number % 100, number % 7 + 1]
        else:
            continue
        tried = (_put(body, path, each) for each in others if each != value)
        body = next((each for each in tried if fits(each)), body)
    return body


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, (*path, name))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _leaves(each, (*path, at))
    elif isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
        yield path, value


def _put(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    step = path[0]
    if isinstance(value, list):
        return [_put(each, path[1:], new) if at == step else each for at, each in enumerate(value)]
    return {name: _put(each, path[1:], new) if name == step else each for name, each in value.items()}


def _texts(value: str, number: int) -> Iterator[str]:
    """Give other texts of the same look: with the same ends and of the same length, if that can be."""
    if _UUID.fullmatch(value):
        yield str(uuid.uuid5(uuid.NAMESPACE_OID, f"{number} {value}"))
        return
    day = _DATE.fullmatch(value)
    if day is not None:
        yield from _days(day[1], day[2] or "", number)
        return
    digits = str(number)
    if "://" in value:
        yield f"{value.rstrip('/')}/{digits}"
        return
    name, at, host = value.partition("@")
    middle, length = len(name) // 2, len(name) - len(digits)
    if length > 2:
        start = length // 2
        yield f"{name[:start]}{digits}{name[start + len(digits) :]}{at}{host}"
    yield f"{name[:middle]}{digits}{name[middle:]}{at}{host}"
    yield f"{name}{digits}{at}{host}"
    yield f"{digits[-len(name) :]}{at}{host}"


def _days(day: str, rest: str, number: int) -> Iterator[str]:
    try:
        yield f"{date.fromisoformat(day) + timedelta(days=number % _DAYS + 1)}{rest}"
    except (ValueError, OverflowError):
        return
