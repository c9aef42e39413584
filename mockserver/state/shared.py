"""What several contents have in common and nobody changes: items, and the indexes over them."""

from collections.abc import Mapping
from typing import TypeVar

from mockserver.state.entries import Entries
from mockserver.state.index import Matching, Order, entries_of, read_order
from mockserver.state.items import Item

Name = TypeVar("Name")
Index = TypeVar("Index", Matching, Order)

_MOST_ORDERS = 16


class Shared:
    """Items in the order of insertion that several contents have in common, and indexes over them."""

    __slots__ = ("_matching", "_orders", "items", "positions")

    def __init__(
        self,
        items: dict[str, Item],
        positions: dict[str, int],
        matching: dict[str, Matching] | None = None,
        orders: dict[tuple[str, ...], Order] | None = None,
    ) -> None:
        self.items = items
        self.positions = positions
        self._matching = matching or {}
        self._orders = orders or {}

    def matching(self, field: str) -> Matching:
        """Give a copy of an index, made when it is first asked for."""
        found = self._matching.get(field)
        if found is None:
            found = self._matching[field] = Matching(field, self.items)
        return found.copy()

    def order(self, wanted: tuple[str, ...]) -> Order:
        """Give a copy of an index, made when it is first asked for."""
        found = self._orders.get(wanted)
        if found is None:
            found = make_order(wanted, self.items, self.positions)
            remember(self._orders, wanted, found)
        return found.copy()

    def indexes(self) -> tuple[dict[str, Matching], dict[tuple[str, ...], Order]]:
        """Give copies of all the indexes that were ever asked for."""
        return copies(self._matching), copies(self._orders)


def make_order(wanted: tuple[str, ...], items: Mapping[str, Item], positions: Mapping[str, int]) -> Order:
    fields = read_order(wanted)
    return Order(fields, Entries(entries_of(fields, items, positions)))


def remember(orders: dict[tuple[str, ...], Order], wanted: tuple[str, ...], made: Order) -> None:
    if len(orders) >= _MOST_ORDERS:
        del orders[next(iter(orders))]
    orders[wanted] = made


def copies(indexes: Mapping[Name, Index]) -> dict[Name, Index]:
    return {name: index.copy() for name, index in indexes.items()}
