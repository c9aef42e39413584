"""Threads that somebody else starts: an exception in one ends the run, and not only the thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def seen_through() -> Iterator[None]:
    """
    Raise, at the end of the block, the first exception that a thread did not catch within it.

    Left to itself Python prints such a one among what is told, and goes on as if nothing had been found.
    """
    failed: list[Exception] = []
    before = threading.excepthook

    def keep(told: threading.ExceptHookArgs) -> None:
        if isinstance(told.exc_value, Exception):  # a thread may end itself with SystemExit
            failed.append(told.exc_value)

    threading.excepthook = keep
    try:
        yield
    finally:
        threading.excepthook = before
    if failed:
        raise failed[0]
