"""How a table finds items without scanning: by the value of a field, and in an order."""

from collections.abc import Mapping, Sequence
from typing import Any

from sortedcontainers import SortedList

from mockserver.state.items import Item


class Matching:
    """Which ids have which value in one field; a field that is missing counts as None."""

    def __init__(self, field: str) -> None:
        self._field = field
        self.buckets: dict[Any, dict[str, None]] = {}

    def change(self, item_id: str, _position: int | None, old: Item | None, new: Item | None) -> None:
        had = None if old is None else (key_of(old.get(self._field)),)
        has = None if new is None else (key_of(new.get(self._field)),)
        if had == has:
            return
        if had is not None:
            bucket = self.buckets[had[0]]
            del bucket[item_id]
            if not bucket:
                del self.buckets[had[0]]
        if has is not None:
            self.buckets.setdefault(has[0], {})[item_id] = None


class Order:
    """Every id in one order, such as ``("-created_at", "id")``; what is equal stands as it was inserted."""

    def __init__(self, fields: "Fields", items: Mapping[str, Item], positions: Mapping[str, int]) -> None:
        self._fields = fields
        self.entries = SortedList(entry_of(fields, i, positions[i], item) for i, item in items.items())

    def change(self, item_id: str, position: int | None, old: Item | None, new: Item | None) -> None:
        had = None if old is None else entry_of(self._fields, item_id, position, old)
        has = None if new is None else entry_of(self._fields, item_id, position, new)
        if had == has:
            return
        if had is not None:
            self.entries.remove(had)
        if has is not None:
            self.entries.add(has)


Fields = tuple[tuple[str, bool], ...]


def read_order(order: Sequence[str]) -> Fields:
    return tuple((name.removeprefix("-"), name.startswith("-")) for name in order)


def entry_of(fields: Fields, item_id: str, position: int | None, item: Item) -> tuple[Any, ...]:
    parts: list[Any] = []
    for name, downwards in fields:
        rank, value = _rank(item.get(name))
        parts += (-rank, _downwards(value)) if downwards else (rank, value)
    return (*parts, position, item_id)


def _rank(value: Any) -> tuple[int, Any]:
    # Values of one rank compare with each other; None comes last.
    kind = value.__class__
    if kind is str:
        return 2, value
    if kind is int or kind is float:
        return 1, value
    if kind is bool:
        return 0, value
    return (4, 0) if value is None else (3, repr(value))


def _downwards(value: Any) -> Any:
    # UTF-8 sorts as its code points do. No byte of it is above F4, so that the end, FF, stands above all.
    if value.__class__ is str:
        return value.encode("utf-8", "surrogatepass").translate(_COMPLEMENT) + b"\xff"
    return -value


_COMPLEMENT = bytes(0xFE - byte if byte < 0xF5 else byte for byte in range(256))


def key_of(value: Any) -> Any:
    # Hashable, and equal only where JSON is: Python thinks that True == 1.
    if value is True or value is False:
        return (bool, value)
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return (dict, frozenset((name, key_of(inner)) for name, inner in value.items()))
    if isinstance(value, list | tuple):
        return (list, *map(key_of, value))
    return (value.__class__, repr(value))
