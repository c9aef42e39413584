"""What a mock remembers: collections of items that handlers get, find, insert, update and remove."""

import base64
import hashlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from tinydb.storages import MemoryStorage

from mockserver.errors import MockServerError, nearest
from mockserver.state.allowance import Allowance, Sizes
from mockserver.state.collection import Collection
from mockserver.state.contents import Contents
from mockserver.state.items import Item, Row, plain, stored
from mockserver.state.reserved import Reserved
from mockserver.state.storage import SQLiteStorage
from mockserver.state.table import IndexedTable

_RECENT = 1024
_NOTHING = Contents({}, {})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a store held at one moment; any store may be brought to it, and nobody changes it."""

    contents: Mapping[str, Contents]
    sequence: int
    reserved: Reserved
    numbers: Mapping[str, int] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=dict)


class _Write(NamedTuple):
    table: IndexedTable
    before: Sequence[Row]
    sizes: Sequence[tuple[str, int]]


class _Restoring(NamedTuple):
    before: Snapshot


class Store:
    """
    The collections of one mock, in memory, and in a state file where one is asked for.

    Used by one thread at a time.
    """

    def __init__(
        self,
        collections: Mapping[str, str],
        seed: int,
        storage: SQLiteStorage | None,
        limit: int | None = None,
    ) -> None:
        self._seed = seed
        self._allowance = None if limit is None else Allowance(limit)
        self._storage = storage
        rows = storage.rows() if storage else {}
        kept = storage.meta() if storage else {}
        self._collections: dict[str, Collection] = {}
        self._tables: dict[str, IndexedTable] = {}
        for name, id_field in collections.items():
            table = IndexedTable(
                storage or MemoryStorage(),  # type: ignore[no-untyped-call]  # TinyDB left it untyped
                name,
                rows=rows.get(name, ()),
                written=self._written,
            )
            self._tables[name] = table
            self._collections[name] = Collection(table, id_field)
        self._saved_sequence: int | None = kept.get("sequence")
        self._sequence = self._saved_sequence or 0
        self._numbers: dict[str, int] = dict(kept.get("numbers", {}))
        self._saved_numbers = dict(self._numbers)
        self._given: deque[str] = deque(maxlen=_RECENT)
        self._reserved = Reserved(kept.get("reserved", ()))
        self._reserved_is_saved = True
        self._is_new = self._saved_sequence is None
        self._transaction = Transaction(self)
        self._marks: list[int] = []
        self._undo: list[_Write | _Restoring] = []

    @classmethod
    def open(
        cls,
        collections: Mapping[str, str],
        *,
        seed: int = 0,
        path: Path | None = None,
        read_only: bool = False,
        limit: int | None = None,
    ) -> "Store":
        """
        Open a store with some collections, each with the name of its id field.

        With a ``path`` it goes on from that state file, made if need be. What the file has of other
        collections stays there untouched and unseen.

        With a ``limit`` the items that are written take at most so many bytes of JSON: a write that leads
        above raises ``StoreFull`` and leaves everything untouched. What is loaded or restored costs nothing,
        except what was written to another store with a limit, before it made the snapshot.

        Raises:
            MockServerError: the state file cannot be used; the text says why.
        """
        storage = SQLiteStorage(path, read_only=read_only) if path else None
        try:
            return cls(collections, seed, storage, limit)
        except BaseException:
            if storage:
                storage.close()
            raise

    def __getitem__(self, name: str) -> Collection:
        try:
            return self._collections[name]
        except KeyError:
            raise MockServerError(
                f'There is no collection "{name}".{nearest(name, self._collections)}'
                f" There are: {', '.join(self._collections) or 'none'}."
            ) from None

    @property
    def sequence(self) -> int:
        """How many ids were made since everything was loaded; a reset turns it back."""
        return self._sequence

    def names(self) -> tuple[str, ...]:
        """Name the collections, as they were given."""
        return tuple(self._collections)

    @property
    def limit(self) -> int | None:
        """How many bytes of items may be written, if there is a limit."""
        return self._allowance.limit if self._allowance else None

    @property
    def written(self) -> int | None:
        """How many bytes of items were written, beside what it began with; known where there is a limit."""
        return self._allowance.used if self._allowance else None

    def is_new(self) -> bool:
        """Tell whether nothing was ever loaded or written, so that there is a start to be made."""
        return self._is_new and not any(table.items for table in self._tables.values())

    def load(self, content: Mapping[str, Sequence[Item]]) -> None:
        """
        Put these items in the place of all there are, and start the sequence of ids again.

        Raises:
            MockServerError: a collection is unknown, or an item lacks an id or has one that is taken.
        """
        given = {name: self._contents(self[name], items) for name, items in content.items()}
        reserved = Reserved(
            item_id for contents in given.values() for item_id in contents if _looks_made(item_id)
        )
        self.restore(Snapshot(given, 0, reserved))

    def export(self) -> dict[str, list[Item]]:
        """Give every item of every collection, as ``load`` takes them."""
        return {name: list(collection) for name, collection in self._collections.items()}

    def snapshot(self) -> Snapshot:
        """Remember everything, the sequence of ids too; costs the same whatever the size."""
        contents = {name: table.items.copy() for name, table in self._tables.items()}
        sizes = self._allowance.sizes() if self._allowance else {}
        return Snapshot(contents, self._sequence, self._reserved.copy(), dict(self._numbers), sizes)

    def restore(self, snapshot: Snapshot) -> None:
        """
        Bring everything to where it was, in this store or in the one that made the snapshot.

        A collection that the snapshot lacks becomes empty; one that this store lacks is left out.
        """
        with self._transaction:
            self._undo.append(_Restoring(self.snapshot()))
            self._take(snapshot)
        self._is_new = False

    def new_id(self, prefix: str) -> str:
        """
        Make an id such as ``grp_7k2m4qa5xz3bnw6c``: with one seed, the same ones in the same order.

        It never gives an id that is in this store, or was since it was loaded. The place in the sequence is
        kept in the state file by the next write or ``close``; a transaction that fails does not turn it back.
        """
        while True:
            self._sequence += 1
            source = f"{self._seed}\0{prefix}\0{self._sequence}".encode()
            digest = hashlib.blake2b(source, digest_size=10).digest()
            item_id = f"{prefix}_{base64.b32encode(digest).decode().lower()}"
            if item_id not in self._reserved and not any(item_id in t.items for t in self._tables.values()):
                self._given.appendleft(item_id)
                return item_id

    def next_number(self, name: str, highest: Callable[[], int]) -> int:
        """Give the next number for ids of a collection; the first goes on from the ``highest``."""
        known = self._numbers.get(name)
        self._numbers[name] = 1 + (highest() if known is None else known)
        return self._numbers[name]

    def transaction(self) -> "Transaction":
        """
        Keep the writes of a ``with`` block together: all of them, or after an exception none.

        One inside another is a part of it: kept when the outer one is, taken back alone when only it fails.
        """
        return self._transaction

    def close(self) -> None:
        """Let go of the state file; a second call does nothing."""
        if self._storage is None:
            return
        try:
            has_given = self._sequence != (self._saved_sequence or 0) or self._numbers != self._saved_numbers
            if has_given and not self._storage.read_only:
                self._save([])
        finally:
            self._storage.close()
            self._storage = None

    def dissolve(self) -> None:
        """
        Let go of everything at once: nobody uses this store any more.

        It refers to itself through its tables, and would stay until the garbage collector comes by.
        """
        self.close()
        self._tables.clear()
        self._collections.clear()
        self._undo.clear()
        del self._transaction

    def begin(self) -> None:
        """Start what ``end`` ends; ``transaction`` calls both."""
        self._marks.append(len(self._undo))

    def end(self, keep: bool) -> None:
        """Keep what was written since ``begin``, or take it back."""
        mark = self._marks.pop()
        if (keep and self._marks) or not self._undo:
            return
        if keep:
            try:
                self._save(self._undo)
            except BaseException:
                self._roll_back(0)
                raise
            self._undo.clear()
        else:
            self._roll_back(mark)

    def _roll_back(self, mark: int) -> None:
        while len(self._undo) > mark:
            undone = self._undo.pop()
            if isinstance(undone, _Restoring):
                self._take(undone.before)
            else:
                undone.table.undo(undone.before)
                self._put_back(undone)
        for table in self._tables.values():
            table.settle()

    def _book(self, table: IndexedTable, before: Sequence[Row]) -> Sequence[tuple[str, int]]:
        if self._allowance is None:
            return ()
        return self._allowance.book(table.name, table.rows(item_id for item_id, _, _ in before))

    def _put_back(self, write: _Write) -> None:
        if self._allowance:
            self._allowance.put_back(write.table.name, write.sizes)

    def _take(self, snapshot: Snapshot) -> None:
        for name, table in self._tables.items():
            table.take(snapshot.contents.get(name, _NOTHING))
        if self._allowance:
            self._allowance.take(snapshot.sizes)
        self._sequence = snapshot.sequence
        self._numbers = dict(snapshot.numbers)
        self._given.clear()
        self._reserved = snapshot.reserved.copy()
        self._reserved_is_saved = False

    def _written(self, table: IndexedTable, before: Sequence[Row]) -> None:
        sizes = self._book(table, before) if self._allowance else ()
        for item_id, position, _ in before:
            if position is None and _looks_made(item_id) and item_id not in self._given:
                # Made elsewhere, perhaps by an earlier run: our sequence may come to it after its removal.
                self._reserved.add(item_id)
                self._reserved_is_saved = False
        if self._marks:
            self._undo.append(_Write(table, before, sizes))
        elif before and self._storage:
            write = _Write(table, before, sizes)
            try:
                self._save([write])
            except BaseException:
                self._put_back(write)
                raise

    def _save(self, written: Sequence[_Write | _Restoring]) -> None:
        if self._storage is None:
            return
        changed: dict[str, dict[str, None]] = {}
        for entry in written:
            if isinstance(entry, _Restoring):
                for name, table in self._tables.items():
                    changed.setdefault(name, {}).update(
                        dict.fromkeys(table.items.differences(entry.before.contents[name]))
                    )
            else:
                changed.setdefault(entry.table.name, {}).update((i, None) for i, _, _ in entry.before)
        meta: dict[str, Any] = {}
        if self._sequence != self._saved_sequence:
            meta["sequence"] = self._sequence
        if self._numbers != self._saved_numbers:
            meta["numbers"] = self._numbers
        if not self._reserved_is_saved:
            meta["reserved"] = sorted(self._reserved)
        self._storage.write_rows({name: self._tables[name].rows(ids) for name, ids in changed.items()}, meta)
        self._saved_sequence = self._sequence
        self._saved_numbers = dict(self._numbers)
        self._reserved_is_saved = True

    def _contents(self, collection: Collection, items: Sequence[Item]) -> Contents:
        found: dict[str, Item] = {}
        for number, item in enumerate(items, start=1):
            try:
                key = collection.key_of(item)
                found_already = key in found
                found[key] = stored(plain(item))
            except (ValueError, TypeError) as error:
                raise MockServerError(f"{collection.name}, item {number}: {error}") from error
            if found_already:
                raise MockServerError(
                    f'{collection.name}, item {number}: {collection.id_field} "{key}" is that of an earlier'
                    " item; give every item its own."
                )
        return Contents(found, {item_id: at for at, item_id in enumerate(found)})


class Transaction:
    """A ``with`` block whose writes are kept together; it has no state, so that one serves a whole store."""

    __slots__ = ("_store",)

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> None:
        self._store.begin()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.end(kind is None)


def _looks_made(item_id: str) -> bool:
    return item_id[-17:-16] == "_"
