"""How a table finds items without scanning: by the value of a field, and in an order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, filterfalse, repeat
from operator import neg
from typing import Any

from mockserver.state.entries import Entries
from mockserver.state.items import Item

_SMALL = 512
_SHARE = 64


class Matching:
    """
    Which ids have which value in one field; a field that is missing counts as None.

    Copies share their buckets until one of them changes a bucket.
    """

    __slots__ = ("_below", "_field", "_is_mine", "_own")

    def __init__(self, field: str, items: Mapping[str, Item]) -> None:
        self._field = field
        self._own: dict[Any, Bucket] = {}
        self._below: dict[Any, Bucket] = self._own
        self._is_mine: set[Any] | None = None  # which buckets in ``_own``; None means all
        for item_id, item in items.items():
            self._own.setdefault(key_of(item.get(field)), {})[item_id] = None

    def bucket(self, value: Any) -> "Bucket":
        """Give the ids of the items that have a value, in no order; for reading only."""
        key = key_of(value)
        found = self._own.get(key)
        if found is None:
            return self._below.get(key, _NO_IDS)
        if isinstance(found, Changed) and self._is_mine and key in self._is_mine and found.is_worn():
            found = self._own[key] = dict.fromkeys(found)
        return found

    def copy(self) -> "Matching":
        """Give one that may be changed by itself; costs a pointer for each bucket that changed."""
        if self._below is self._own:
            self._own = {}
        self._is_mine = set()
        twin = Matching(self._field, {})
        twin._below, twin._own, twin._is_mine = self._below, self._own.copy(), set()
        return twin

    def flatten(self) -> None:
        """Have every bucket in one place again; costs a pointer for each, and changed large ones whole."""
        if self._below is self._own:
            return
        merged = {**self._below, **self._own}
        mine = self._is_mine or set()
        for key, bucket in self._own.items():
            if not bucket:
                del merged[key]
            elif bucket.__class__ is Changed:
                merged[key] = dict.fromkeys(bucket)
                mine.add(key)
        self._own = self._below = merged
        self._is_mine = mine

    def change(self, item_id: str, _position: int | None, old: Item | None, new: Item | None) -> None:
        had = None if old is None else (key_of(old.get(self._field)),)
        has = None if new is None else (key_of(new.get(self._field)),)
        if had == has:
            return
        everything_is_mine = self._is_mine is None
        if had is not None:
            bucket = self._own[had[0]] if everything_is_mine else self._changeable(had[0])
            del bucket[item_id]
            if not bucket and (self._below is self._own or had[0] not in self._below):
                del self._own[had[0]]
                if self._is_mine:
                    self._is_mine.discard(had[0])
        if has is not None:
            bucket = self._own.setdefault(has[0], {}) if everything_is_mine else self._changeable(has[0])
            bucket[item_id] = None

    def _changeable(self, key: Any) -> "Bucket":
        bucket = self._own.get(key)
        mine: set[Any] = self._is_mine  # type: ignore[assignment]  # asked only where not everything is
        if key in mine:
            if bucket is None:
                bucket = self._own[key] = {}
            return bucket
        if bucket is None:
            bucket = self._below.get(key, _NO_IDS)
        mine.add(key)
        small = bucket.__class__ is Changed or len(bucket) <= _SMALL
        bucket = self._own[key] = bucket.copy() if small else Changed(bucket)
        return bucket


class Changed:
    """A large bucket that is shared, with what was changed in it."""

    __slots__ = ("_added", "_below", "_removed", "_uses")

    def __init__(self, below: "Bucket") -> None:
        self._below = below
        self._added: dict[str, None] = {}
        self._removed: set[str] = set()
        self._uses = 0

    def __len__(self) -> int:
        return len(self._below) - len(self._removed) + len(self._added)

    def __iter__(self) -> Iterator[str]:
        return chain(filterfalse(self._removed.__contains__, self._below), self._added)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._added or (item_id in self._below and item_id not in self._removed)

    def __setitem__(self, item_id: str, _: None) -> None:
        if item_id in self._removed:
            self._removed.remove(item_id)
        else:
            self._added[item_id] = None

    def __delitem__(self, item_id: str) -> None:
        if item_id in self._added:
            del self._added[item_id]
        else:
            self._removed.add(item_id)

    def copy(self) -> "Changed":
        twin = Changed(self._below)
        twin._added, twin._removed = self._added.copy(), self._removed.copy()
        return twin

    def is_worn(self) -> bool:
        """Count a use; tell whether by now a plain dict would have been cheaper."""
        self._uses += 1
        return self._uses * _SHARE > len(self._below)

    def among(self, ids: Iterable[str]) -> Iterator[str]:
        """Give those of some ids that are in it."""
        below, added, removed = self._below, self._added, self._removed
        return (i for i in ids if (i in below and i not in removed) or i in added)


Bucket = dict[str, None] | Changed

_NO_IDS: dict[str, None] = {}


def among(bucket: Bucket, ids: Iterable[str]) -> Iterator[str]:
    """Give those of some ids that are in a bucket."""
    return bucket.among(ids) if isinstance(bucket, Changed) else filter(bucket.__contains__, ids)


class Order:
    """
    Every id in one order, such as ``("-created_at", "id")``; what is equal stands as it was inserted.

    An entry ends with the id. Copies share them until one is changed.
    """

    __slots__ = ("_fields", "entries")

    def __init__(self, fields: "Fields", entries: Entries) -> None:
        self._fields = fields
        self.entries = entries

    def copy(self) -> "Order":
        """Give one that may be changed by itself."""
        return Order(self._fields, self.entries.copy())

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


def entries_of(
    fields: Fields, items: Mapping[str, Item], positions: Mapping[str, int]
) -> Iterator[tuple[Any, ...]]:
    """Give what ``entry_of`` gives for each item, in less time."""
    columns: list[Iterable[Any]] = []
    for name, downwards in fields:
        values: list[Any] = [item.get(name) for item in items.values()]
        kinds = set(map(type, values))
        if kinds == {str}:
            columns += (repeat(-2), map(_downwards, values)) if downwards else (repeat(2), values)
        elif kinds == {int}:
            columns += (repeat(-1), map(neg, values)) if downwards else (repeat(1), values)
        else:
            ranked = list(map(_rank, values))
            columns.append([-rank if downwards else rank for rank, _ in ranked])
            columns.append([_downwards(value) if downwards else value for _, value in ranked])
    return zip(*columns, map(positions.__getitem__, items), items, strict=False)


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
