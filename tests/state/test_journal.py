"""The journal: what it keeps, for how long, in how little memory, and who is told."""

import asyncio
import contextlib
import gc
import tracemalloc
import weakref
from typing import Any

import pytest

from mockserver.contract.violation import Violation
from mockserver.state.journal import Journal, JournalLimits, TooManyReaders
from mockserver.state.journal_entry import Entry
from tests.state.entries import NOON, asked

KILO = 1024
MEGA = 1024 * KILO


def test_entries_are_numbered_from_one_and_bear_the_sandbox_and_the_mock_s_time():
    journal = Journal(sandbox="mine", now=lambda: NOON)

    asked(journal)
    asked(journal)

    assert [(entry.id, entry.sandbox, entry.time) for entry in journal.entries()] == [
        (1, "mine", NOON),
        (2, "mine", NOON),
    ]


def test_two_journals_number_their_own():
    first, second = Journal(), Journal()

    asked(first)
    asked(second)

    assert first.find(1) is not second.find(1)


def test_the_oldest_go_when_there_are_too_many():
    journal = Journal(limits=JournalLimits(entries=3))

    for _ in range(5):
        asked(journal)

    assert [entry.id for entry in journal.entries()] == [3, 4, 5]
    assert journal.dropped == 2
    assert journal.find(2) is None


def test_the_oldest_go_when_the_bodies_are_too_large_together():
    journal = Journal(limits=JournalLimits(size=350 * KILO))

    for _ in range(5):
        asked(journal, answer=b"x" * 100 * KILO)

    assert [entry.id for entry in journal.entries()] == [3, 4, 5]
    assert journal.size <= 350 * KILO


def test_a_large_body_is_kept_up_to_a_limit_with_its_true_size():
    journal = Journal(limits=JournalLimits(body=10))

    entry = asked(journal, "POST", body=b"a" * 30, answer=b"b" * 20)

    assert (entry.request_body, entry.request_size) == (b"a" * 10, 30)
    assert (entry.response_body, entry.response_size) == (b"b" * 10, 20)


def test_an_answer_in_parts_is_joined_up_to_the_limit():
    journal = Journal(limits=JournalLimits(body=10))
    entry = journal.open(Entry("req_1", "GET", "/"))

    for part in (b"", b"abcd", b"efgh", b"ijkl", b"mnop"):
        entry.take_response_body(part, journal.limits.body)
    journal.close(entry)

    assert (entry.response_body, entry.response_size) == (b"abcdefghij", 16)


def test_entries_are_given_by_number_though_one_was_closed_late():
    journal = Journal()
    slow = journal.open(Entry("req_1", "GET", "/slow"))

    asked(journal)
    journal.close(slow)

    assert [entry.id for entry in journal.entries()] == [1, 2]


def test_a_journal_of_no_entries_keeps_nothing_and_still_counts_and_writes():
    lines: list[str] = []
    journal = Journal(lines.append, limits=JournalLimits(entries=0))

    asked(journal)
    entry = asked(journal)

    assert journal.entries() == []
    assert journal.size == 0
    assert entry.id == 2
    assert len(lines) == 2


def test_clearing_forgets_the_entries_and_goes_on_with_the_numbers():
    journal = Journal()
    asked(journal)

    forgotten = journal.clear()

    assert (forgotten, len(journal), journal.size) == (1, 0, 0)
    assert asked(journal).id == 2


def test_a_violation_is_kept_without_the_value_it_is_about():
    journal = Journal()
    violation = Violation(("body", "x"), "type", "string", {"a": "whole body"}, "x is no string")

    entry = asked(journal, violations=[violation])

    assert entry.violations == (Violation(("body", "x"), "type", None, None, "x is no string"),)


def test_of_the_caller_s_claims_only_the_subject_is_kept():
    entry = asked(Journal(), caller={"sub": "usr_1", "roles": ["x"] * 1000})

    assert entry.caller == {"sub": "usr_1"}


def test_of_a_great_many_violations_and_notes_the_first_are_kept():
    violation = Violation(("body",), "type", None, None, "it is wrong")

    entry = asked(Journal(), violations=[violation] * 100_000, notes=["let pass"] * 100_000)

    assert len(entry.violations) == len(entry.notes) == 1000


@pytest.mark.parametrize(
    "filled",
    [
        pytest.param({"answer": b"x" * 100_000}, id="bodies"),
        pytest.param({"notes": ["x" * 100_000]}, id="notes"),
        pytest.param({"headers": {"x": "y" * 60_000}}, id="request headers"),
        pytest.param({"response_headers": [(b"x", b"y" * 60_000)]}, id="response headers"),
        pytest.param({"target": "/" + "x" * 60_000}, id="targets"),
        pytest.param(
            {"violations": [Violation(("x" * 50_000,), "type", None, None, "y" * 50_000)]}, id="violations"
        ),
    ],
)
def test_its_memory_is_bounded_by_its_own_count(filled):
    journal = Journal(limits=JournalLimits(size=MEGA))

    for _ in range(100):
        asked(journal, **filled)

    assert journal.size <= MEGA
    assert len(journal) < 25


def test_its_memory_is_bounded_by_the_interpreter_s_count():
    journal = Journal()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]

    for number in range(5000):
        asked(journal, "POST", body=number.to_bytes(100_000, "big"), answer=number.to_bytes(100_000, "big"))
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert journal.size <= journal.limits.size
    assert kept <= 1.2 * journal.limits.size
    assert len(journal) >= 35


def test_small_entries_take_no_more_than_the_journal_counts():
    journal = Journal()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]

    for number in range(1000):
        headers = {f"x-header-{each}": f"{number} {each}" for each in range(12)}
        asked(journal, "POST", f"/things/{number}", body=b"%d" % number, headers=headers)
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    assert kept <= journal.size


def test_an_entry_that_falls_out_is_freed_without_the_collector():
    journal = Journal(limits=JournalLimits(entries=1))
    gc.collect()
    gc.disable()
    try:
        asked(journal, target="/first")
        asked(journal, target="/second")
        left = [each for each in gc.get_objects() if isinstance(each, Entry) and each.target == "/first"]
    finally:
        gc.enable()

    assert left == []


def run(coroutine: Any) -> Any:
    return asyncio.run(asyncio.wait_for(coroutine, 10))


def test_a_reader_gets_what_is_closed_from_now_on_in_its_order():
    async def reading() -> list[int]:
        journal = Journal()
        asked(journal)
        with journal.subscribe() as entries:
            slow = journal.open(Entry("req_1", "GET", "/slow"))
            asked(journal)
            journal.close(slow)
            return [(await anext(entries)).id for _ in range(2)]

    assert run(reading()) == [3, 2]


def test_a_reader_that_waits_is_woken():
    async def reading() -> int:
        journal = Journal()
        with journal.subscribe() as entries:
            waiting = asyncio.create_task(entries.__anext__())
            await asyncio.sleep(0)  # the task begins to wait
            assert not waiting.done()
            asked(journal)
            return (await waiting).id

    assert run(reading()) == 1


def test_a_slow_reader_loses_the_oldest_and_is_told_how_many():
    async def reading() -> tuple[int, int, int]:
        journal = Journal()
        with journal.subscribe(room=2) as entries:
            for _ in range(5):
                asked(journal)
            return entries.take_lost(), entries.take_lost(), (await anext(entries)).id

    assert run(reading()) == (3, 0, 4)


def test_a_reader_who_comes_back_gets_what_was_closed_since():
    async def reading() -> list[int]:
        journal = Journal()
        slow = journal.open(Entry("req_1", "GET", "/slow"))
        asked(journal)
        asked(journal)
        journal.close(slow)
        with journal.subscribe(after=2) as entries:
            return [(await anext(entries)).id for _ in range(2)]

    assert run(reading()) == [3, 1]


def test_a_reader_who_comes_back_too_late_gets_what_is_still_kept():
    async def reading() -> list[int]:
        journal = Journal(limits=JournalLimits(entries=2))
        for _ in range(5):
            asked(journal)
        with journal.subscribe(after=1) as entries:
            return [(await anext(entries)).id for _ in range(2)]

    assert run(reading()) == [4, 5]


def test_a_reader_who_leaves_leaves_nothing_behind():
    async def reading() -> tuple[Journal, list[weakref.ref[object]]]:
        journal = Journal()
        left = []
        for _ in range(100):
            with journal.subscribe() as entries:
                asked(journal)
            left.append(weakref.ref(entries))
        return journal, left

    journal, left = run(reading())

    gc.collect()
    assert len(journal) == 100
    assert [each() for each in left] == [None] * 100


def test_a_reader_who_never_began_leaves_nothing_behind():
    journal = Journal()

    never = [weakref.ref(journal.subscribe()), weakref.ref(journal.subscribe(after=1))]

    gc.collect()
    assert [each() for each in never] == [None, None]
    asked(journal)


def test_the_end_of_a_journal_lets_its_readers_read_what_waits_and_stop():
    async def reading() -> list[int]:
        journal = Journal()
        with journal.subscribe() as entries:
            asked(journal)
            journal.end()
            asked(journal)
            return [entry.id async for entry in entries]

    assert run(reading()) == [1]


def test_what_is_told_of_faults_counts_for_the_size():
    quiet, loud = Journal(), Journal()

    quiet.close(quiet.open(Entry("req_1", "GET", "/")))
    loud.close(loud.open(Entry("req_1", "GET", "/", fault="x" * 2000)))

    assert loud.size - quiet.size == 2000


def test_a_reader_who_comes_back_loses_nothing_of_a_large_journal():
    journal = Journal(limits=JournalLimits(entries=3000))
    for number in range(2500):
        journal.close(journal.open(Entry(f"req_{number}", "GET", "/")))

    with journal.subscribe(after=0) as subscription:
        assert subscription.take_lost() == 0


def test_only_so_many_follow_one_journal():
    journal = Journal()
    with contextlib.ExitStack() as readers:
        for _ in range(100):
            readers.enter_context(journal.subscribe())

        with pytest.raises(TooManyReaders, match="100 follow this journal already"):
            journal.subscribe()

    with journal.subscribe():
        pass
