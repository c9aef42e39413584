"""The items of one kind, as handlers get, find, insert, update and remove them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tinydb.table import Document

from mockserver.state.items import Item, copy_item, pick_from
from mockserver.state.table import IndexedTable


class ItemNotFound(LookupError):
    """A collection has no item with this id."""

    def __init__(self, collection: str, id: str | int) -> None:
        super().__init__(f'{collection} has no item "{id}".')
        self.collection = collection
        self.id = id


class ItemExists(ValueError):
    """A collection has an item with this id already."""

    def __init__(self, collection: str, id: str | int) -> None:
        super().__init__(f'{collection} has an item "{id}" already.')
        self.collection = collection
        self.id = id


class Collection:
    """
    The items of one kind, each known by its id, a string or an integer: ``5`` and ``"5"`` are the same id.

    What goes in and what comes out are copies, nested values too. Items hold JSON values only: a
    ``TypeError`` or ``ValueError`` names what is not. Each write is complete and kept when it returns, unless
    it stands in a transaction.
    """

    __slots__ = ("_items", "_table", "id_field", "name")

    def __init__(self, table: IndexedTable, id_field: str) -> None:
        self._table = table
        self._items = table.items
        self.name = table.name
        self.id_field = id_field

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item_id: object) -> bool:
        return str(item_id) in self._items

    def __iter__(self) -> Iterator[Item]:
        return map(copy_item, list(self._items.in_order()))

    def get(self, item_id: str | int) -> Item:
        """Give one item, or raise ``ItemNotFound``."""
        items = self._items
        below = items.below
        item = items.own.get(item_id, below)  # type: ignore[arg-type]  # an integer finds nothing
        if item is below:
            item = below.get(item_id)  # type: ignore[arg-type]
        if item is None:
            item = self._stored(item_id)
        return copy_item(item)

    def pick(self, item_id: str | int, fields: Sequence[str]) -> Item:
        """Give some fields of one item, which costs less than all of it; raises as ``get`` does."""
        items = self._items
        below = items.below
        item = items.own.get(item_id, below)  # type: ignore[arg-type]  # an integer finds nothing
        if item is below:
            item = below.get(item_id)  # type: ignore[arg-type]
        if item is None:
            item = self._stored(item_id)
        return pick_from(item, fields)

    def find(
        self,
        where: Callable[[Item], bool] | None = None,
        *,
        order: Sequence[str] = (),
        offset: int = 0,
        limit: int | None = None,
        **equals: Any,
    ) -> list[Item]:
        """
        Give the items that match, in order, as one page.

        ``where`` sees the stored items themselves and must not change them. ``equals`` compares fields as
        JSON does: ``True`` is not ``1``; a missing field is null. A field named like a parameter here is
        compared in ``where``.

        ``order`` names fields, such as ``("-created_at", "id")``; a minus sign turns one around. Strings go
        by code point, numbers by value, booleans before numbers before strings before the rest, null last.
        Items that are equal in all of them, and without an order all, come as they were inserted.
        """
        return [copy_item(item) for item in self._table.find(where, order, offset, limit, equals)]

    def count(self, where: Callable[[Item], bool] | None = None, **equals: Any) -> int:
        """Count the items that ``find`` would give without a page."""
        return self._table.tally(where, equals)

    def insert(self, item: Mapping[str, Any]) -> Item:
        """Add an item with an id of its own; raises ``ItemExists`` where the id is taken."""
        key = self.key_of(item)
        if key in self._items:
            raise ItemExists(self.name, key)
        self._table.insert(Document(item, key))  # type: ignore[arg-type]  # our ids are strings
        return copy_item(self._items[key])

    def update(self, item_id: str | int, changes: Mapping[str, Any]) -> Item:
        """Set some fields of an item, or raise ``ItemNotFound``; its id stays."""
        key = self._existing(item_id, changes)
        self._table.update(changes, doc_ids=[key])  # type: ignore[list-item]  # our ids are strings
        return copy_item(self._items[key])

    def replace(self, item_id: str | int, item: Mapping[str, Any]) -> Item:
        """Put an item in the place of another, or raise ``ItemNotFound``; its id may be left out."""
        key = self._existing(item_id, item)
        replacement = {self.id_field: self._items[key][self.id_field], **item}

        def put(stored: Any) -> None:
            stored.clear()
            stored.update(replacement)

        self._table.update(put, doc_ids=[key])  # type: ignore[list-item]  # our ids are strings
        return copy_item(self._items[key])

    def remove(self, item_id: str | int) -> Item:
        """Remove an item and give it back, or raise ``ItemNotFound``."""
        item = self.get(item_id)
        self._table.remove(doc_ids=[str(item_id)])  # type: ignore[list-item]  # our ids are strings
        return item

    def key_of(self, item: Mapping[str, Any]) -> str:
        value = item.get(self.id_field)
        if value.__class__ is bool or not isinstance(value, str | int) or value == "":
            raise ValueError(
                f"{self.id_field} is {value!r}; every item of {self.name} needs a string or an integer there."
            )
        return str(value)

    def _stored(self, item_id: str | int) -> Item:
        item: Item | None = self._items.get(str(item_id))
        if item is None:
            raise ItemNotFound(self.name, item_id)
        return item

    def _existing(self, item_id: str | int, changes: Mapping[str, Any]) -> str:
        key = str(item_id)
        stored = self._stored(item_id)
        if changes.get(self.id_field, stored[self.id_field]) != stored[self.id_field]:
            raise ValueError(
                f'{self.name} "{key}": {self.id_field} cannot become {changes[self.id_field]!r}; an id stays.'
            )
        return key
