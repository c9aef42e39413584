"""How much may be written to one store, in bytes of JSON."""

from collections.abc import Mapping, Sequence

import orjson

from mockserver.errors import MockServerError
from mockserver.state.items import Item, Row

Sizes = Mapping[tuple[str, str], int]
"""The bytes of JSON of each item that was written, by collection and id."""


class StoreFull(MockServerError):
    """A write would lead above what may be written to a store; it left everything untouched."""

    def __init__(self, limit: int, needed: int) -> None:
        super().__init__(
            f"There would be {needed:,} bytes of items beside those that it began with, and {limit:,} are"
            " allowed; remove some, or start with more --sandbox-size."
        )
        self.limit = limit
        self.needed = needed


class Allowance:
    """The bytes that may be written, and those that were; what a store began with costs nothing."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0
        self._sizes: dict[tuple[str, str], int] = {}

    def sizes(self) -> Sizes:
        """Remember what was written, for ``take``."""
        return self._sizes.copy()

    def take(self, sizes: Sizes) -> None:
        """Go on from what was written once."""
        self._sizes = dict(sizes)
        self.used = sum(sizes.values())

    def book(self, collection: str, rows: Sequence[Row]) -> list[tuple[str, int]]:
        """
        Count a write: what stands at some ids now. Gives what was counted there, for ``put_back``.

        Raises:
            StoreFull: it is too much, and not counted.
        """
        new = [(item_id, 0 if item is None else _size(item)) for item_id, _, item in rows]
        old = [(item_id, self._sizes.get((collection, item_id), 0)) for item_id, _ in new]
        growth = sum(size for _, size in new) - sum(size for _, size in old)
        if growth > 0 and self.used + growth > self.limit:
            raise StoreFull(self.limit, self.used + growth)
        self.put_back(collection, new)
        return old

    def put_back(self, collection: str, sizes: Sequence[tuple[str, int]]) -> None:
        """Count what ``book`` gave in the place of what is counted there."""
        for item_id, size in sizes:
            self.used += size - self._sizes.pop((collection, item_id), 0)
            if size:
                self._sizes[collection, item_id] = size


def _size(item: Item) -> int:
    try:
        return len(orjson.dumps(item))
    except TypeError:  # an integer beyond 64 bits, or half a character
        return len(repr(item))
