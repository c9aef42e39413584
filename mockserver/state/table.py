"""
A TinyDB table that finds items by id, by field and in order without scanning, and never changes one in place.

It leans on four things inside TinyDB 4.9, which ``tests/state/test_table.py`` holds against the installed
one: every reader goes through ``_read_table``, every mutator through ``_update_table``, new ids come from
``_get_next_id`` and are counted in ``_next_id``, and a ``Document`` brings its own id.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from tinydb.storages import Storage
from tinydb.table import Table
from tinydb.utils import LRUCache

from mockserver.state.contents import ID, Contents
from mockserver.state.drafts import Copies, Draft
from mockserver.state.index import Bucket, among
from mockserver.state.items import Item, Row, plain, stored

Where = Callable[[Item], bool]


class IndexedTable(Table):
    """
    The items of one collection, in the order of their insertion.

    Every public method of TinyDB's table works, with string ids; what it returns is a copy, and an update
    that raises leaves nothing behind. ``find`` and ``tally`` are the quick ways beside them. ``items`` is for
    reading only: an update puts a new dict there, so that a copy of ``items`` is a snapshot.

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
        items: dict[str, Item] = {}
        positions: dict[str, int] = {}
        for item_id, position, item in rows:
            items[item_id] = stored(item)
            positions[item_id] = position
        self.items = Contents(items, positions)
        self._written = written or IndexedTable._write_whole
        super().__init__(storage, name, cache_size, persist_empty)
        self._query_cache = _Forgetful()

    def write(self, changes: Mapping[str, Item | None]) -> None:
        """Put each item where its id says, or remove what is there where it is None; all, or nothing."""
        before = [self.items.put(item_id, None, item) for item_id, item in changes.items()]
        try:
            self._written(self, before)
        except BaseException:
            self.undo(before)
            self.settle()
            raise

    def undo(self, before: Sequence[Row]) -> None:
        """Take one write back; ``settle`` must follow the last one, before anybody reads."""
        for item_id, position, item in reversed(before):
            self.items.put(item_id, position, item)

    def settle(self) -> None:
        """Bring items that came back to where they stood."""
        self.items.settle()

    def rows(self, ids: Iterable[str]) -> list[Row]:
        """Give what stands at some ids now."""
        return [(item_id, self.items.position(item_id), self.items.get(item_id)) for item_id in ids]

    def take(self, contents: Contents) -> None:
        """Hold a copy of other contents, without telling ``written``."""
        self.items.take(contents)
        self._next_id = None

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
            return self._matches(where, order, offset, stop, equals)
        return self.items.ranked(order, offset, stop) if order else self.items.page(offset, stop)

    def tally(self, where: Where | None, equals: Mapping[str, Any]) -> int:
        """Count the items that match, without a scan where one field or none decides."""
        if where is not None or len(equals) > 1:
            return len(self._matches(where, (), 0, None, equals))
        return len(self._bucket(*next(iter(equals.items())))) if equals else len(self.items)

    def _matches(
        self,
        where: Where | None,
        order: Sequence[str],
        offset: int,
        stop: int | None,
        equals: Mapping[str, Any],
    ) -> list[Item]:
        items = self.items
        buckets = sorted((self._bucket(field, value) for field, value in equals.items()), key=len)
        if not buckets or self._walking_is_cheaper(len(buckets[0]), order, None if where else stop):
            found = self._walk(order, buckets)
            return list(islice(found if where is None else filter(where, found), offset, stop))
        ids: Iterable[str] = buckets.pop(0)
        for bucket in buckets:
            ids = among(bucket, ids)
        if where is not None:
            ids = list(ids)
            ids = [item_id for item_id, item in zip(ids, items.of(ids), strict=True) if where(item)]
        return items.pick(items.sort(ids, order)[offset:stop])

    def _walk(self, order: Sequence[str], buckets: Iterable[Bucket]) -> Iterator[Item]:
        if not order and not buckets:
            return self.items.in_order()
        ids: Iterable[str] = map(ID, self.items.order(order).entries) if order else self.items
        for bucket in buckets:
            ids = among(bucket, ids)
        return self.items.of(ids)

    def _walking_is_cheaper(self, matching: int, order: Sequence[str], stop: int | None) -> bool:
        # To sort an item costs some eight times as much as to meet it along an order that is there.
        walked = len(self.items) if stop is None else len(self.items) * min(1, stop / max(1, matching))
        return walked < matching * (8 if order else 1)

    def _bucket(self, field: str, value: Any) -> Bucket:
        return self.items.matching(field).bucket(value)

    def _read_table(self) -> Copies:  # type: ignore[override]  # a mapping, which is all that readers need
        return Copies(self.items)

    def _update_table(self, updater: Callable[[Draft], None]) -> None:  # type: ignore[override]  # ids are str
        draft = Draft(self.items)
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
        tables[self.name] = dict(self.items)
        self._storage.write(tables)


class _Forgetful(LRUCache[Any, Any]):
    """TinyDB's query cache without a memory: what it remembers would be shared with callers."""

    def get(self, key: Any, default: Any = None) -> Any:
        return default

    def set(self, key: Any, value: Any) -> None:
        pass
