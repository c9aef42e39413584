"""A sorted list that is copied at once: copies share its chunks until one of them changes a chunk."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, islice
from typing import Any

Entry = tuple[Any, ...]

_CHUNK = 512


class Entries:
    """Different entries in ascending order; a page, an addition, a removal cost the same anywhere."""

    __slots__ = ("_chunks", "_ends", "_is_mine", "_lasts")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        ordered = sorted(entries)
        self._chunks = [ordered[at : at + _CHUNK] for at in range(0, len(ordered), _CHUNK)]
        self._lasts = [chunk[-1] for chunk in self._chunks]
        self._is_mine = [True] * len(self._chunks)
        self._ends: list[int] | None = None

    def __iter__(self) -> Iterator[Entry]:
        return chain.from_iterable(self._chunks)

    def __len__(self) -> int:
        return sum(map(len, self._chunks))

    def shared_with(self, other: "Entries") -> int:
        """Count the chunks that both have in common, and that take memory only once."""
        return len(set(map(id, self._chunks)) & set(map(id, other._chunks)))

    def copy(self) -> "Entries":
        """Give one that may be changed by itself; costs a pointer for each chunk."""
        self._is_mine = [False] * len(self._chunks)
        twin = Entries.__new__(Entries)
        twin._chunks = self._chunks.copy()
        twin._lasts = self._lasts.copy()
        twin._is_mine = self._is_mine.copy()
        twin._ends = self._ends
        return twin

    def page(self, offset: int, stop: int | None) -> list[Entry]:
        """Give the entries from one rank up to another."""
        chunks = self._chunks
        if len(chunks) < 2:
            return chunks[0][offset:stop] if chunks else []
        if self._ends is None:
            self._ends = list(accumulate(map(len, chunks)))
        ends = self._ends
        first = bisect_right(ends, offset)
        before = ends[first - 1] if first else 0
        end = ends[-1] if stop is None else min(stop, ends[-1])
        last = bisect_left(ends, end)
        if first == last:
            return chunks[first][offset - before : end - before]
        return list(
            islice(chain.from_iterable(chunks[first : last + 1]), offset - before, max(0, end - before))
        )

    def add(self, entry: Entry) -> None:
        """Put an entry where it belongs."""
        at = bisect_left(self._lasts, entry)
        if at < len(self._lasts):
            chunk = self._chunks[at] if self._is_mine[at] else self._own(at)
            insort(chunk, entry)
        elif at:
            at -= 1
            chunk = self._chunks[at] if self._is_mine[at] else self._own(at)
            chunk.append(entry)
            self._lasts[at] = entry
        else:
            chunk = [entry]
            self._insert(0, chunk)
        if len(chunk) > 2 * _CHUNK:
            self._insert(at + 1, chunk[_CHUNK:])
            del chunk[_CHUNK:]
            self._lasts[at] = chunk[-1]
        self._ends = None

    def remove(self, entry: Entry) -> None:
        """Take out an entry that is there."""
        at = bisect_left(self._lasts, entry)
        chunk = self._chunks[at] if self._is_mine[at] else self._own(at)
        place = bisect_left(chunk, entry)
        if chunk[place] != entry:
            raise ValueError(f"{entry!r} is not among the entries.")
        del chunk[place]
        if not chunk:
            del self._chunks[at], self._lasts[at], self._is_mine[at]
        elif place == len(chunk):
            self._lasts[at] = chunk[-1]
        self._ends = None

    def _own(self, at: int) -> list[Entry]:
        chunk = self._chunks[at] = self._chunks[at].copy()
        self._is_mine[at] = True
        return chunk

    def _insert(self, at: int, chunk: list[Entry]) -> None:
        self._chunks.insert(at, chunk)
        self._lasts.insert(at, chunk[-1])
        self._is_mine.insert(at, True)
