"""How values, lists of them and limits are written in sentences about changes."""

import json
from collections.abc import Collection, Iterable
from typing import Any

_LONGEST = 80
_MOST = 12


def shown(value: Any) -> str:
    """Write a value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def listed(values: Iterable[Any]) -> str:
    """Write values as JSON, one after the other; of many, the first."""
    return joined([shown(each) for each in values])


def joined(texts: Collection[str], joint: str = ", ") -> str:
    """Join texts; of many, the first."""
    first = [*texts][:_MOST]
    more = f" and {len(texts) - _MOST} more" if len(texts) > _MOST else ""
    return joint.join(first) + more


def is_or_are(values: Collection[Any]) -> str:
    return "is" if len(values) == 1 else "are"
