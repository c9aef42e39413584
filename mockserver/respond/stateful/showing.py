"""Items as a schema wants them: in full or in brief, without what is never shown."""

from collections.abc import Mapping
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.contract.resources.fitting import Fitting
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import Collection
from mockserver.contract.samples.samples import Unsatisfiable
from mockserver.state.items import Item
from mockserver.state.keys import shown

_MOST = 20_000


class Showing:
    """
    The items of one collection as the schemas of its operations want them.

    One that did not change is made to fit once for each schema; what is given must not be changed.
    """

    def __init__(self, contract: Contract, collection: Collection, fitting: Fitting) -> None:
        self._collection = collection
        self._fitting = fitting
        pointers = [
            *collection.pointers,
            *([collection.created_pointer] if collection.created_pointer else ()),
        ]
        self._declared = {
            name: each.says("writeOnly") is True
            for pointer in reversed(pointers)
            for name, each in Members(contract.data, pointer).properties.items()
        }
        seen = {n for each in collection.pointers for n in Members(contract.data, each).properties}
        self._unread = {n for n, is_secret in self._declared.items() if is_secret or n not in seen}
        self._left_out: dict[str, frozenset[str]] = {}
        self._orders: dict[str, tuple[str, ...]] = {}
        self._cache: dict[tuple[str, str], tuple[Item, Item]] = {}

    def show(self, pointer: str, item: Item) -> Item:
        """Give an item as the schema at a pointer wants it."""
        key = (pointer, str(item.get(self._collection.key_field)))
        cached = self._cache.get(key)
        if cached is not None and cached[0] == item:
            return cached[1]
        left_out, seed = self._names_left_out(pointer), f"{self._collection.name}/{key[1]}"
        full = self._with_required(shown(item), seed)
        brief = {name: value for name, value in full.items() if name not in left_out}
        made: Item = self._fitting.fit(pointer, brief, seed)
        made = {**{name: made[name] for name in self._order(pointer) if name in made}, **made}
        if len(self._cache) >= _MOST:
            self._cache.clear()
        self._cache[key] = item, made
        return made

    def readable(self, item: Item) -> Item:
        """Give what any client may read of an item: what is only written is left out."""
        seen = {name: value for name, value in item.items() if name not in self._unread}
        readable: Item = self._fitting.shown(self._collection.pointers[0], seen)
        return readable

    def _with_required(self, item: Item, seed: str) -> Item:
        """Give an item with what its fullest schema requires, so that what it lacks is the same in all."""
        pointer = self._collection.pointers[0]
        lacking = [
            name
            for name in self._fitting.schema(pointer).required
            if name not in item and not self._declared.get(name)
        ]
        if not lacking:
            return item
        try:
            full = self._fitting.fit(pointer, item, seed)
        except Unsatisfiable:
            return item
        return {**item, **{name: full[name] for name in lacking if name in full}}

    def _order(self, pointer: str) -> tuple[str, ...]:
        if pointer not in self._orders:
            self._orders[pointer] = tuple(self._fitting.schema(pointer).properties)
        return self._orders[pointer]

    def _names_left_out(self, pointer: str) -> frozenset[str]:
        """Name what other schemas of the item declare and this one does not, and what is only written."""
        if pointer not in self._left_out:
            declared: Mapping[str, Any] = self._fitting.schema(pointer).properties
            self._left_out[pointer] = frozenset(
                name for name, is_secret in self._declared.items() if is_secret or name not in declared
            )
            if not declared:
                self._left_out[pointer] = frozenset(n for n, is_secret in self._declared.items() if is_secret)
        return self._left_out[pointer]
