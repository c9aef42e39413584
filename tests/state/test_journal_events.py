"""The journal as a stream of server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from mockserver.state.journal import Journal
from mockserver.state.journal_entry import Entry
from mockserver.state.journal_events import event, events, last_event_id
from mockserver.state.journal_views import summary
from tests.state.entries import asked
from tests.state.test_matches import PERSONAS, creating


def run(coroutine: Any) -> Any:
    return asyncio.run(asyncio.wait_for(coroutine, 10))


async def first(count: int, stream: AsyncIterator[bytes]) -> list[bytes]:
    return [await anext(stream) for _ in range(count)]


def test_an_event_has_an_id_a_name_and_one_line_of_data():
    entry = creating(notes=["two\nlines"])

    lines = event(entry, PERSONAS.name_of).decode().split("\n")

    assert lines[:2] == ["id: 1", "event: entry"]
    assert orjson.loads(lines[2].removeprefix("data: ")) == summary(entry, PERSONAS.name_of)
    assert lines[3:] == ["", ""]


def test_entries_come_as_they_are_closed():
    async def reading() -> list[bytes]:
        journal = Journal()
        with journal.subscribe() as subscription:
            stream = events(subscription, PERSONAS.name_of)
            greeting = await anext(stream)
            asked(journal)
            asked(journal)
            return [greeting, *await first(2, stream)]

    greeting, one, two = run(reading())

    assert greeting.startswith(b":")
    assert one.startswith(b"id: 1\nevent: entry\n")
    assert two.startswith(b"id: 2\nevent: entry\n")


def test_a_comment_keeps_a_stream_alive_on_which_nothing_comes():
    async def reading() -> list[bytes]:
        journal = Journal()
        with journal.subscribe() as subscription:
            asked(journal)
            return await first(4, events(subscription, PERSONAS.name_of, keep_alive=0))

    _, one, *comments = run(reading())

    assert one.startswith(b"id: 1\n")
    assert comments == [b": nothing new\n\n"] * 2


def test_a_slow_reader_is_told_what_is_missing_before_what_follows():
    async def reading() -> list[bytes]:
        journal = Journal()
        with journal.subscribe(room=1) as subscription:
            for _ in range(4):
                asked(journal)
            return await first(3, events(subscription, PERSONAS.name_of))

    _, lost, entry = run(reading())

    assert lost == b'event: lost\ndata: {"count":3}\n\n'
    assert entry.startswith(b"id: 4\n")


def test_a_stream_ends_with_its_journal():
    async def reading() -> list[bytes]:
        journal = Journal()
        with journal.subscribe() as subscription:
            asked(journal)
            journal.end()
            return [chunk async for chunk in events(subscription, PERSONAS.name_of)]

    assert len(run(reading())) == 2


def test_a_stream_that_waits_ends_with_its_journal():
    async def reading() -> list[Entry]:
        journal = Journal()
        with journal.subscribe() as subscription:
            stream = events(subscription, PERSONAS.name_of)
            await anext(stream)
            waiting = asyncio.create_task(stream.__anext__())
            await asyncio.sleep(0)
            await asyncio.sleep(0)  # the stream waits
            journal.end()
            with pytest.raises(StopAsyncIteration):
                await waiting
            asked(journal)
            return [entry async for entry in subscription]

    assert run(reading()) == []


@pytest.mark.parametrize(
    ("header", "id"),
    [(None, None), ("", None), ("17", 17), ("-1", None), ("x", None), ("9" * 30, None), ("²", None)],
)
def test_the_last_event_s_id_is_read_from_its_header(header, id):
    assert last_event_id(header) == id
