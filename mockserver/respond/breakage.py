"""Bodies that are broken on purpose, in the same way for the same seed."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from mockserver.contract.media.media_types import is_json
from mockserver.contract.samples.chance import Chance
from mockserver.state.fault_rules import Breakage

# How many values of a body may be replaced, and how many of them are tried for one that the schema refuses.
_PLACES = 10_000
_TRIED = 50

_Path = tuple[str | int, ...]


def break_body(
    body: bytes, media_type: str, how: Breakage, seed: str, is_valid: Callable[[Any], bool] | None = None
) -> bytes:
    """
    Give a body broken as a fault wants it.

    ``truncated`` JSON does not parse; of other media types the second half is missing. ``wrong-type`` JSON
    has one value of another type, at a place where ``is_valid`` refuses the whole for it, if there is one;
    other media types have no types, and are truncated. What is broken is always another body than before,
    unless there was none.
    """
    if how == "empty":
        return b""
    if not is_json(media_type):
        return body[: len(body) // 2]
    if how == "truncated":
        return _truncated(body)
    try:
        broken = _with_wrong_type(orjson.loads(body), Chance.seeded("body", seed), is_valid or _refuses)
        return orjson.dumps(broken)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # it is none, or too deep to be written again
        return _truncated(body)


def _truncated(body: bytes) -> bytes:
    """Cut JSON in its middle; half a number would be one, too, and is left out."""
    half = body[: len(body.rstrip()) // 2]
    try:
        orjson.loads(half)
    except orjson.JSONDecodeError:
        return half
    return b""


def _refuses(_value: Any) -> bool:
    return False


def _with_wrong_type(value: Any, chance: Chance, is_valid: Callable[[Any], bool]) -> Any:
    places = [path for path, _ in zip(_places(value), range(_PLACES), strict=False)]
    # The whole comes last: who reads an object is to find one, and stumble over what is in it.
    within = [path for path in places if path]
    tried = [*(chance.pick(within) for _ in range(_TRIED if within else 0)), ()]
    first = None
    for path in tried:
        found = _at(value, path)
        for other in _OTHERS[type(found)]:
            broken = _replaced(value, path, other(found))
            if not is_valid(broken):
                return broken
            first = broken if first is None else first
    return first


def _places(value: Any) -> Iterator[_Path]:
    """Give the way to each value, the nearest first."""
    level: list[tuple[_Path, Any]] = [((), value)]
    while level:
        deeper: list[tuple[_Path, Any]] = []
        for path, each in level:
            yield path
            if isinstance(each, dict):
                deeper += [((*path, name), inner) for name, inner in each.items()]
            elif isinstance(each, list):
                deeper += [((*path, index), inner) for index, inner in enumerate(each)]
        level = deeper


def _at(value: Any, path: _Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _replaced(value: Any, path: _Path, other: Any) -> Any:
    if not path:
        return other
    step, rest = path[0], path[1:]
    copied = value.copy()
    copied[step] = _replaced(value[step], rest, other)
    return copied


# By type: what may stand in a value's place, the likeliest mistake first.
_OTHERS: dict[type, tuple[Callable[[Any], Any], ...]] = {
    str: (lambda text: len(text), lambda text: [text], lambda text: {"value": text}),
    int: (str, lambda number: [number], lambda _: True),
    float: (str, lambda number: [number], lambda _: True),
    bool: (lambda flag: str(flag).lower(), int, lambda flag: [flag]),
    type(None): (lambda _: {}, lambda _: 0, lambda _: [None], lambda _: ""),
    list: (lambda items: items[0] if items else {}, str, lambda _: 0),
    dict: (lambda members: list(members.values()), lambda _: "", lambda _: 0),
}
