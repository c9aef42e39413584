"""The items of a table as TinyDB's readers and updaters see them: as copies."""

from collections.abc import Iterator, Mapping, MutableMapping

from mockserver.state.index import key_of
from mockserver.state.items import Item, copy_item, plain, stored


class Copies(Mapping[str, Item]):
    """The items as TinyDB's readers see them: each a copy."""

    def __init__(self, items: Mapping[str, Item]) -> None:
        self._items = items

    def __getitem__(self, item_id: str) -> Item:
        return copy_item(self._items[item_id])

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


class Draft(MutableMapping[str, Item]):
    """The items as TinyDB's updaters see them: what they touch is a copy, applied when they are done."""

    def __init__(self, items: Mapping[str, Item]) -> None:
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
