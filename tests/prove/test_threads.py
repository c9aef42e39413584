"""What a thread did not catch is not lost."""

import sys
import threading

import pytest

from mockserver.prove.threads import seen_through


def run_in_a_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def test_an_exception_in_a_thread_ends_the_block_with_it():
    def fail() -> None:
        raise LookupError("in a thread")

    before = threading.excepthook
    with pytest.raises(LookupError, match="in a thread"), seen_through():
        run_in_a_thread(fail)

    assert threading.excepthook is before


def test_a_thread_that_ends_is_nothing():
    done = []

    with seen_through():
        run_in_a_thread(lambda: done.append(True))
        run_in_a_thread(lambda: sys.exit(0))

    assert done
