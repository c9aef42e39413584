"""
What a collection holds, such that copies share it until they change it.

A lookup asks what is own, then what is shared. Where the own part outgrows an eighth of the shared one, it
takes everything in and shares no more, which keeps long-lived contents as quick as a plain dict; the next
copy turns all of it into a new shared part.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, filterfalse, islice
from operator import itemgetter
from typing import Any

from mockserver.state.index import Matching, Order, entry_of, read_order
from mockserver.state.items import Item, Row
from mockserver.state.shared import Shared, copies, make_order, remember

_SMALL = 512
_SHARE = 8
_FIRST = 200

ID = itemgetter(-1)
"""The id in an entry of an order."""


class Contents(Mapping[str, Item]):
    """
    Items by id, in the order of insertion; an item that changes keeps its place.

    ``own`` and ``below`` are there for quick readers: an item is what ``own`` has at its id (None: removed),
    or else what ``below`` has.
    """

    __slots__ = (
        "_first",
        "_hidden",
        "_is_lent",
        "_is_settled",
        "_matching",
        "_most_own",
        "_next_position",
        "_orders",
        "_places",
        "below",
        "own",
        "shared",
    )

    def __init__(self, items: dict[str, Item], positions: dict[str, int]) -> None:
        self.own: dict[str, Item | None] = items  # type: ignore[assignment]  # None comes with what is shared
        self._places = positions  # of what does not stand where the shared part has it
        self._hidden: set[str] = set()  # what the shared part has, and does not stand there
        self._first: list[Item] | None = None  # the first items since the last write, for their next reader
        self._is_lent = False  # whether the three above belong to a copy too
        self._is_settled = True
        self._next_position = max(positions.values(), default=-1) + 1
        self._matching: dict[str, Matching] = {}
        self._orders: dict[tuple[str, ...], Order] = {}
        self._share(Shared({}, {}))

    def copy(self) -> "Contents":
        """Give contents that may be changed by themselves; costs the same whatever the size."""
        twin = Contents({}, {})
        twin.take(self)
        return twin

    def take(self, other: "Contents") -> None:
        """Become a copy of others."""
        other._lend()
        self.own, self._places, self._hidden, self._is_lent = other.own, other._places, other._hidden, True
        self._first = None
        self._is_settled = True
        self._next_position = other._next_position
        self._matching, self._orders = copies(other._matching), copies(other._orders)
        self._share(other.shared)

    def __getitem__(self, item_id: str) -> Item:
        item = self.own.get(item_id, _NOT_OWN)
        if item is None:
            raise KeyError(item_id)
        return self.below[item_id] if item is _NOT_OWN else item

    def get(self, item_id: object, default: Any = None) -> Any:
        item = self.own.get(item_id, _NOT_OWN)  # type: ignore[call-overload]  # any other object is not there
        if item is _NOT_OWN:
            return self.below.get(item_id, default)  # type: ignore[call-overload]
        return default if item is None else item

    def __contains__(self, item_id: object) -> bool:
        if item_id in self.own:
            return self.own[item_id] is not None
        return item_id in self.below

    def __iter__(self) -> Iterator[str]:
        if not self.below:
            return iter(self.own)
        if not self._hidden:
            return chain(self.below, self._places)
        return chain(filterfalse(self._hidden.__contains__, self.below), self._places)

    def __len__(self) -> int:
        return len(self.below) - len(self._hidden) + len(self._places)

    def in_order(self) -> Iterator[Item]:
        """Give every item, quicker than one by one."""
        own, below = self.own, self.below
        if not own:
            return iter(below.values())
        if not below:
            return iter(self._own_items().values())
        if self._hidden:
            return self.of(self)
        return chain(map(own.get, below, below.values()), self.of(self._places))  # type: ignore[arg-type]  # no None

    def of(self, ids: Iterable[str]) -> Iterator[Item]:
        """Give the items that have some ids, which must be there."""
        own, below = self.own, self.below
        if not own:
            return map(below.__getitem__, ids)
        if not below:
            return map(self._own_items().__getitem__, ids)
        return (own[i] if i in own else below[i] for i in ids)  # type: ignore[misc]  # the ids are there

    def pick(self, ids: list[str]) -> list[Item]:
        """Give the items that have some ids, which must be there, quicker where all of them are wanted."""
        own, below = self.own, self.below
        if not below or not own:
            return list(self.of(ids))
        return [own[i] if i in own else below[i] for i in ids]  # type: ignore[misc]  # the ids are there

    def page(self, offset: int, stop: int | None) -> list[Item]:
        """Give the items from one place in the order of insertion up to another."""
        if not self.own or not self.below:
            return list(islice(self.in_order(), offset, stop))
        if stop is None or stop > _FIRST:
            if offset and self._hidden:
                return self.ranked((), offset, stop)
            return self.pick(list(islice(self, offset, stop)))
        if self._first is None or len(self._first) < stop:
            self._first = self.pick(list(islice(self, stop)))
        return self._first[offset:stop]

    def ranked(self, order: Sequence[str], offset: int, stop: int | None) -> list[Item]:
        """Give the items from one rank in an order up to another, without a walk to the first."""
        return self.pick(list(map(ID, self.order(order).entries.page(offset, stop))))

    def position(self, item_id: str) -> int | None:
        """Tell where an item stands in the order of insertion."""
        at = self._places.get(item_id)
        return self.shared.positions.get(item_id) if at is None and item_id not in self._hidden else at

    def sort(self, ids: Iterable[str], order: Sequence[str]) -> list[str]:
        """Put some ids in order; what is equal stands as it was inserted."""
        if order:
            fields, pairs = read_order(order), zip(ids := list(ids), self.of(ids), strict=True)
            return [e[-1] for e in sorted(entry_of(fields, i, self.position(i), item) for i, item in pairs)]
        if not self.below:
            return sorted(ids, key=self._places.__getitem__)
        ids, positions, places = list(ids), self.shared.positions, self._places
        if places and not places.keys().isdisjoint(ids):
            positions = dict(zip(ids, map(places.get, ids, map(positions.get, ids)), strict=True))  # type: ignore[arg-type]  # no None
        return sorted(ids, key=positions.__getitem__)

    def matching(self, field: str) -> Matching:
        """Give the index of a field."""
        found = self._matching.get(field)
        if found is None:
            if self.below:
                found = self.shared.matching(field)
                self._bring_up(found.change)
            else:
                found = Matching(field, self._own_items())
            self._matching[field] = found
        return found

    def order(self, order: Sequence[str]) -> Order:
        """Give the index of an order."""
        wanted = tuple(order)
        found = self._orders.get(wanted)
        if found is None:
            if self.below:
                found = self.shared.order(wanted)
                self._bring_up(found.change)
            else:
                found = make_order(wanted, self._own_items(), self._places)
            remember(self._orders, wanted, found)
        return found

    def differences(self, other: "Contents") -> list[str]:
        """
        Name the ids where the two do not hold the same item in the same place.

        Costs a look at what is own where both share the rest, else a look at everything.
        """
        ids: Iterable[str] = (
            {**self.own, **other.own}
            if self.shared is other.shared
            else chain(self, filterfalse(self.__contains__, other))
        )
        return [i for i in ids if self.get(i) is not other.get(i) or self.position(i) != other.position(i)]

    def put(self, item_id: str, position: int | None, item: Item | None) -> Row:
        """
        Put an item where its id says, or remove what is there where it is None; gives what was there.

        A new one stands at the end, or at the ``position`` that it had before: then ``settle`` must follow.
        """
        if self._is_lent:
            self._detach()
        self._first = None
        own, below, places = self.own, self.below, self._places
        old: Any = own.get(item_id, below)
        if old is below:
            old = below.get(item_id)
        had = places.get(item_id)
        if had is None and below and item_id not in self._hidden:
            had = self.shared.positions.get(item_id)
        at = had
        if item is not None:
            own[item_id] = item
            if had is None:
                at = self._place(item_id, position)
            if below and below.get(item_id) is item and item_id not in places:
                del own[item_id]  # it came back
        elif old is not None:
            if places.pop(item_id, None) is None:
                self._hidden.add(item_id)
            if item_id in below:
                own[item_id] = None
            else:
                del own[item_id]
        for matching in self._matching.values():
            matching.change(item_id, at, old, item)
        for order in self._orders.values():
            order.change(item_id, at, old, item)
        if below and len(own) > self._most_own:
            self._share_no_more()
        return item_id, had, old

    def settle(self) -> None:
        """Bring items that came back to where they stood."""
        self._first = None
        if self._is_settled:
            return
        self._is_settled = True
        if (
            self.below
            and self._places
            and min(self._places.values()) < next(reversed(self.shared.positions.values()))
        ):
            self._share_no_more()  # what is shared was shared only after the write that is taken back
        self._places = dict(sorted(self._places.items(), key=itemgetter(1)))
        if not self.below:
            self.own = {item_id: self.own[item_id] for item_id in self._places}

    def _place(self, item_id: str, position: int | None) -> int:
        if position is None:
            position = self._next_position
            self._next_position += 1
        elif self.shared.positions.get(item_id) == position:
            self._hidden.discard(item_id)
            return position
        else:
            self._is_settled = False
        self._places[item_id] = position
        return position

    def _lend(self) -> None:
        if not self.below and self.own:
            self._share_everything()
        self._is_lent = True

    def _share(self, shared: Shared) -> None:
        self.shared = shared
        self.below = shared.items
        self._most_own = len(self.below) // _SHARE if len(self.below) > _SMALL else 0

    def _share_everything(self) -> None:
        self._share(Shared(self._own_items(), self._places, copies(self._matching), copies(self._orders)))
        self.own, self._places = {}, {}

    def _share_no_more(self) -> None:
        if self._most_own == 0:  # nothing to be brought up but what was put just now; later it would cost all
            matching, orders = self.shared.indexes()
            for field in matching:
                self.matching(field)
            for wanted in orders:
                self.order(wanted)
        items, positions = self.below.copy(), self.shared.positions.copy()
        for item_id in self._hidden:
            del items[item_id], positions[item_id]
        for item_id, item in self.own.items():
            if item is not None and item_id not in self._places:
                items[item_id] = item
        for item_id, position in self._places.items():
            items[item_id], positions[item_id] = self[item_id], position
        self.own, self._places, self._hidden = dict(items), positions, set()
        self._share(Shared({}, {}))
        for one in self._matching.values():
            one.flatten()

    def _own_items(self) -> dict[str, Item]:
        return self.own  # type: ignore[return-value]  # where nothing is below, nothing is removed in it

    def _detach(self) -> None:
        self.own, self._places, self._hidden = self.own.copy(), self._places.copy(), self._hidden.copy()
        self._is_lent = False

    def _bring_up(self, change: Callable[[str, int | None, Item | None, Item | None], None]) -> None:
        """Tell an index over what is shared about what is own."""
        below, positions = self.below, self.shared.positions
        for item_id, item in self.own.items():
            before, at = below.get(item_id), positions.get(item_id)
            if before is not None and item_id in self._hidden:
                change(item_id, at, before, None)
                before = None
            change(item_id, self.position(item_id) if before is None else at, before, item)


_NOT_OWN: Item = {}
