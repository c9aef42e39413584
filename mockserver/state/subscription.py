"""What comes about from now on, for one reader who may be slow."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Subscription(Generic[T]):
    """
    An asynchronous iterator of what is ``put``, which waits for the next.

    It begins and ends with its ``with``: ``join`` is called at its beginning and gives what waits to be read
    already, ``leave`` is called once at its end. One that never begins leaves nothing behind. Where more than
    ``room`` wait to be read the oldest are lost, and ``take_lost`` tells how many. It belongs to the event
    loop that reads it.
    """

    def __init__(
        self,
        room: int,
        join: Callable[["Subscription[T]"], Iterable[T]],
        leave: Callable[["Subscription[T]"], object],
    ) -> None:
        self._waiting: deque[T] = deque(maxlen=room)
        self._lost = 0
        self._join = join
        self._leave = leave
        self._is_closed = True
        self._changed = asyncio.Event()

    def put(self, item: T) -> None:
        self._lost += len(self._waiting) == self._waiting.maxlen
        self._waiting.append(item)
        self._changed.set()

    def take_lost(self) -> int:
        """Give how many were lost since this was last asked."""
        lost, self._lost = self._lost, 0
        return lost

    async def wait(self, seconds: float) -> bool:
        """Wait until there is something to read, or the end; ``False``: neither came in that time."""
        if self._waiting or self._is_closed:
            return True
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def __aiter__(self) -> "Subscription[T]":
        return self

    async def __anext__(self) -> T:
        while not self._waiting:
            if self._is_closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()

    def close(self) -> None:
        """Let nothing more come; what waits can still be read."""
        if not self._is_closed:
            self._is_closed = True
            self._changed.set()
            self._leave(self)

    def __enter__(self) -> "Subscription[T]":
        self._is_closed = False
        for each in self._join(self):
            self.put(each)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
