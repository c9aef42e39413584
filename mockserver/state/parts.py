"""Is one JSON value a part of another, and where is it not."""

from collections.abc import Iterator
from typing import Any

import orjson

# How much of a value is shown.
_SHOWN = 80


def differences(part: Any, whole: Any, place: str) -> Iterator[str]:
    """
    Give every way in which a value is not what a part asks for, in words: ``body.role is "x", not "y"``.

    Of an object every given member must be there and fit; an array must be as long, and each item fit; all
    else must be equal as JSON has it, where 1 is 1.0 and not true.
    """
    if isinstance(part, dict) and isinstance(whole, dict):
        for name, inner in part.items():
            if name in whole:
                yield from differences(inner, whole[name], f"{place}.{name}")
            else:
                yield f"{place}.{name} is missing"
    elif isinstance(part, list) and isinstance(whole, list):
        if len(part) != len(whole):
            yield f"{place} has {_items(len(whole))}, not {len(part)}"
        else:
            for index, (inner, found) in enumerate(zip(part, whole, strict=True)):
                yield from differences(inner, found, f"{place}.{index}")
    elif isinstance(part, bool) is not isinstance(whole, bool) or part != whole:
        yield f"{place} is {shown(whole)}, not {shown(part)}"


def leaves(part: Any) -> int:
    """Count the values in a part that may be unlike: at least one."""
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return max(1, sum(map(leaves, inner)))


def depth(value: Any, most: int) -> int:
    """Tell how deep a value is; what is deeper than ``most`` is looked at no further."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((depth(each, most - 1) for each in inner), default=0) if most else 1


def shown(value: Any) -> str:
    """Write a value as JSON, and cut what is long."""
    try:
        text = orjson.dumps(value, default=str).decode()
    except TypeError:  # too deep, or a number beyond 64 bits
        text = "a value that is not shown"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
