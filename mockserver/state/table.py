"""
A TinyDB table that finds items by id, by field and in order without scanning, and never changes one in place.

It leans on four things inside TinyDB 4.9, which ``tests/state/test_table.py`` holds against the installed
one: every reader goes through ``_read_table``, every mutator through ``_update_table``, new ids come from
``_get_next_id`` and are counted in ``_next_id``, and a ``Document`` brings its own id.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any

from tinydb.storages import Storage
from tinydb.table import Table
from tinydb.utils import LRUCache

from mockserver.state.index import Matching, Order, entry_of, key_of, read_order
from mockserver.state.items import Item, Row, copy_item, plain, stored

Where = Callable[[Item], bool]

_MOST_ORDERS = 16


@dataclass(frozen=True, slots=True)
class Contents:
    """What a table holds at one moment: items by id and where each stands; nobody changes it."""

    items: dict[str, Item]
    positions: dict[str, int]
    next_position: int


class IndexedTable(Table):
    """
    The items of one collection, in the order of their insertion.

    Every public method of TinyDB's table works, with string ids; what it returns is a copy, and an update
    that raises leaves nothing behind. ``find`` and ``tally`` are the quick ways beside them. ``items`` is for
    reading only: an update puts a new dict there, so that a shallow copy of it is a snapshot.

    ``written`` learns after each write what stood there before, and may refuse it by raising. Without it the
    table keeps the promise of TinyDB's own and writes itself to the storage as a whole, which is slow.
    """

    _next_id: int | None  # type: ignore[assignment]  # TinyDB types it as None
    document_id_class = str  # type: ignore[assignment]  # TinyDB documents it as a class, and types it as int

    def __init__(
        self,
        storage: Storage,
        name: str,
        cache_size: int = 0,
        persist_empty: bool = False,
        *,
        rows: Iterable[tuple[str, int, Item]] | None = None,
        written: Callable[["IndexedTable", Sequence[Row]], None] | None = None,
    ) -> None:
        if rows is None:
            found = (storage.read() or {}).get(name, {})
            rows = ((str(item_id), at, plain(item)) for at, (item_id, item) in enumerate(found.items()))
        self.items: dict[str, Item] = {}
        self._positions: dict[str, int] = {}
        for item_id, position, item in rows:
            self.items[item_id] = stored(item)
            self._positions[item_id] = position
        self._next_position = max(self._positions.values(), default=-1) + 1
        self._written = written or IndexedTable._write_whole
        self._matching: dict[str, Matching] = {}
        self._orders: dict[tuple[str, ...], Order] = {}
        self._settled = True
        super().__init__(storage, name, cache_size, persist_empty)
        self._query_cache = _Forgetful()

    def write(self, changes: Mapping[str, Item | None]) -> None:
        """Put each item where its id says, or remove what is there where it is None; all, or nothing."""
        before = self._apply((item_id, None, item) for item_id, item in changes.items())
        try:
            self._written(self, before)
        except BaseException:
            self.undo(before)
            self.settle()
            raise

    def undo(self, before: Sequence[Row]) -> None:
        """Take one write back; ``settle`` must follow the last one, before anybody reads."""
        self._apply(reversed(before))

    def settle(self) -> None:
        """Bring items that came back to where they stood."""
        if not self._settled:
            self._positions = dict(sorted(self._positions.items(), key=itemgetter(1)))
            self.items = {item_id: self.items[item_id] for item_id in self._positions}
            self._settled = True

    def rows(self, ids: Iterable[str]) -> list[Row]:
        """Give what stands at some ids now."""
        return [(item_id, self._positions.get(item_id), self.items.get(item_id)) for item_id in ids]

    def differences(self, contents: Contents) -> list[str]:
        """Name the ids where the table and other contents do not hold the same item in the same place."""
        items, positions = contents.items, contents.positions
        changed = [
            item_id
            for item_id, item in self.items.items()
            if items.get(item_id) is not item or positions[item_id] != self._positions[item_id]
        ]
        return changed + [item_id for item_id in items if item_id not in self.items]

    def contents(self) -> Contents:
        """Give what the table holds now; costs a shallow copy."""
        return Contents(self.items.copy(), self._positions.copy(), self._next_position)

    def take(self, contents: Contents) -> None:
        """Hold other contents, without telling ``written``."""
        self.items = contents.items.copy()
        self._positions = contents.positions.copy()
        self._next_position = contents.next_position
        self._next_id = None
        self._matching.clear()
        self._orders.clear()
        self._settled = True

    def find(
        self,
        where: Where | None,
        order: Sequence[str],
        offset: int,
        limit: int | None,
        equals: Mapping[str, Any],
    ) -> list[Item]:
        """Give the stored items themselves; the caller copies them and never changes them."""
        stop = None if limit is None else offset + limit
        if equals or where is not None:
            return list(islice(self._matches(where, order, stop, equals), offset, stop))
        if not order:
            return list(islice(self.items.values(), offset, stop))
        items = self.items
        return [items[entry[-1]] for entry in self._order(order).entries[offset:stop]]

    def tally(self, where: Where | None, equals: Mapping[str, Any]) -> int:
        """Count the items that match, without a scan where one field or none decides."""
        if where is not None or len(equals) > 1:
            return sum(1 for _ in self._matches(where, (), None, equals))
        return len(self._bucket(*next(iter(equals.items())))) if equals else len(self.items)

    def _matches(
        self, where: Where | None, order: Sequence[str], stop: int | None, equals: Mapping[str, Any]
    ) -> Iterator[Item]:
        items = self.items
        buckets = sorted((self._bucket(field, value) for field, value in equals.items()), key=len)
        walk = not buckets or self._walking_is_cheaper(len(buckets[0]), order, None if where else stop)
        ids: Iterable[str] = self._walk(order) if walk else buckets.pop(0)
        for bucket in buckets:
            ids = filter(bucket.__contains__, ids)
        if where is not None:
            ids = (item_id for item_id in ids if where(items[item_id]))
        if not walk:
            ids = self._sort(ids, order)
        return map(items.__getitem__, ids)

    def _walking_is_cheaper(self, matching: int, order: Sequence[str], stop: int | None) -> bool:
        # To sort an item costs some eight times as much as to meet it along an order that is there.
        walked = len(self.items) if stop is None else len(self.items) * min(1, stop / max(1, matching))
        return walked < matching * (8 if order else 1)

    def _walk(self, order: Sequence[str]) -> Iterable[str]:
        return map(itemgetter(-1), self._order(order).entries) if order else self.items

    def _sort(self, ids: Iterable[str], order: Sequence[str]) -> list[str]:
        if not order:
            return sorted(ids, key=self._positions.__getitem__)
        fields = read_order(order)
        return [e[-1] for e in sorted(entry_of(fields, i, self._positions[i], self.items[i]) for i in ids)]

    def _bucket(self, field: str, value: Any) -> Mapping[str, None]:
        matching = self._matching.get(field)
        if matching is None:
            matching = self._matching[field] = Matching(field)
            for item_id, item in self.items.items():
                matching.change(item_id, 0, None, item)
        return matching.buckets.get(key_of(value)) or {}

    def _order(self, order: Sequence[str]) -> "Order":
        wanted = tuple(order)
        found = self._orders.get(wanted)
        if found is None:
            if len(self._orders) >= _MOST_ORDERS:
                del self._orders[next(iter(self._orders))]
            found = self._orders[wanted] = Order(read_order(wanted), self.items, self._positions)
        return found

    def _apply(self, rows: Iterable[Row]) -> list[Row]:
        before: list[Row] = []
        for item_id, position, item in rows:
            old, at = self.items.get(item_id), self._positions.get(item_id)
            before.append((item_id, at, old))
            if item is None:
                self.items.pop(item_id, None)
                self._positions.pop(item_id, None)
            else:
                if at is None:
                    at = self._place(item_id, position)
                self.items[item_id] = item
            for matching in self._matching.values():
                matching.change(item_id, at, old, item)
            for order in self._orders.values():
                order.change(item_id, at, old, item)
        return before

    def _place(self, item_id: str, position: int | None) -> int:
        if position is None:
            position = self._next_position
            self._next_position += 1
        else:
            self._settled = False
        self._positions[item_id] = position
        return position

    def _read_table(self) -> "_Copies":  # type: ignore[override]  # a mapping, which is all that readers need
        return _Copies(self.items)

    def _update_table(self, updater: Callable[["_Draft"], None]) -> None:  # type: ignore[override]  # ids are str
        draft = _Draft(self.items)
        updater(draft)
        self.write(draft.changes())

    def _get_next_id(self) -> str:
        number = self._next_id
        if number is None:
            number = max((int(item_id) for item_id in self.items if item_id.isdecimal()), default=0) + 1
        self._next_id = number + 1
        return str(number)

    def _write_whole(self, _before: Sequence[Row]) -> None:
        tables = self._storage.read() or {}
        tables[self.name] = self.items.copy()
        self._storage.write(tables)


class _Copies(Mapping[str, Item]):
    """The items as TinyDB's readers see them: each a copy."""

    def __init__(self, items: dict[str, Item]) -> None:
        self._items = items

    def __getitem__(self, item_id: str) -> Item:
        return copy_item(self._items[item_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


class _Draft(MutableMapping[str, Item]):
    """The items as TinyDB's updaters see them: what they touch is a copy, applied when they are done."""

    def __init__(self, items: dict[str, Item]) -> None:
        self._items = items
        self._touched: dict[str, Item | None] = {}

    def changes(self) -> dict[str, Item | None]:
        """Give what really differs, detached from whatever the updater put in."""
        changes: dict[str, Item | None] = {}
        for item_id, touched in self._touched.items():
            new = plain(touched)
            old = self._items.get(item_id)
            if new is None or old is None or key_of(new) != key_of(old):
                changes[str(item_id)] = None if new is None else stored(new)
        return changes

    def __getitem__(self, item_id: str) -> Item:
        if item_id not in self._touched:
            self._touched[item_id] = copy_item(self._items[item_id])
        item = self._touched[item_id]
        if item is None:
            raise KeyError(item_id)
        return item

    def __setitem__(self, item_id: str, item: Item) -> None:
        self._touched[item_id] = item

    def __delitem__(self, item_id: str) -> None:
        if item_id not in self:
            raise KeyError(item_id)
        self._touched[item_id] = None

    def __contains__(self, item_id: object) -> bool:
        return self._touched[item_id] is not None if item_id in self._touched else item_id in self._items

    def __iter__(self) -> Iterator[str]:
        yield from (item_id for item_id in self._items if item_id in self)
        yield from [item_id for item_id in self._touched if item_id not in self._items and item_id in self]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def clear(self) -> None:
        self._touched = dict.fromkeys(self._items)


class _Forgetful(LRUCache[Any, Any]):
    """TinyDB's query cache without a memory: what it remembers would be shared with callers."""

    def get(self, key: Any, default: Any = None) -> Any:
        return default

    def set(self, key: Any, value: Any) -> None:
        pass
