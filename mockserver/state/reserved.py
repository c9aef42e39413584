"""The ids that a store gives to nothing new, such that copies share most of them."""

from collections.abc import Iterable, Iterator
from itertools import chain

_SMALL = 512
_SHARE = 8


class Reserved:
    """Ids that were seen, and may be gone by now."""

    __slots__ = ("_own", "_shared")

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._shared = frozenset(ids)
        self._own: set[str] = set()

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._own or item_id in self._shared

    def __iter__(self) -> Iterator[str]:
        return chain(self._shared, self._own)

    def add(self, item_id: str) -> None:
        """Keep one more."""
        if item_id not in self._shared:
            self._own.add(item_id)

    def copy(self) -> "Reserved":
        """Give one that may be added to by itself; costs what was added of late, not all there is."""
        if len(self._own) > max(_SMALL, len(self._shared) // _SHARE):
            self._shared |= self._own
            self._own = set()
        twin = Reserved()
        twin._shared, twin._own = self._shared, self._own.copy()
        return twin
