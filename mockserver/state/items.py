"""What a store holds: items, and how they are copied, so that nothing handed out is what is stored."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

Item = dict[str, Any]
Row = tuple[str, int | None, Item | None]
"""An id, its position in the order of insertion, and the item: both None where there is none."""

_NESTED = frozenset((dict, list))
_is_flat = _NESTED.isdisjoint


class NestedItem(Item):
    """A stored item that has lists or objects in it; the others are plain dicts, and cheaper to copy."""

    __slots__ = ()


def stored(item: Item) -> Item:
    """Give an item as it is to be stored: ``copy_item`` and ``pick_from`` rely on it."""
    return item if _is_flat(map(type, item.values())) else NestedItem(item)


def copy_item(item: Item) -> Item:
    """Copy a stored item with everything in it."""
    copy = item.copy()
    return copy if item.__class__ is dict else _detach(copy)


def pick_from(item: Item, fields: Iterable[str]) -> Item:
    """Copy some fields of a stored item with everything in them."""
    picked = {field: item[field] for field in fields}
    return picked if item.__class__ is dict else _detach(picked)


def _detach(item: Item) -> Item:
    """Put copies in the place of the nested values of a dict that is itself a copy; gives it back."""
    for name, value in item.items():
        if value.__class__ in _NESTED:
            item[name] = _copy(value)
    return item


def _copy(value: Any) -> Any:
    if value.__class__ is dict:
        return _detach(value.copy())
    return [_copy(inner) if inner.__class__ in _NESTED else inner for inner in value]


def plain(value: Any) -> Any:
    """
    Copy a value from outside into what JSON knows: str, int, float, bool, None, dict and list.

    Raises:
        TypeError: something in it is none of these, nor a mapping, tuple or kind of string.
        ValueError: a number is not finite.
    """
    kind = value.__class__
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is float and math.isfinite(value):
        return value
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {str.__str__(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, str):
        return str.__str__(value)
    if kind is float:
        raise ValueError(f"{value} cannot be stored: JSON has finite numbers only.")
    raise TypeError(f"{value!r} is a {kind.__name__} and cannot be stored: items hold JSON values only.")
