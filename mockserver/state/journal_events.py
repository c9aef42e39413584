"""The journal as server-sent events. Source: HTML, "Server-sent events"."""

from collections.abc import AsyncIterator

import orjson

from mockserver.state.journal_entry import Entry
from mockserver.state.journal_views import NameOf, summary
from mockserver.state.subscription import Subscription

MEDIA_TYPE = "text/event-stream"

# After so many seconds without a request a comment is sent: what stands between us and the reader can give up
# a connection on which nothing comes.
KEEP_ALIVE = 15.0


async def events(
    subscription: Subscription[Entry], name_of: NameOf, *, keep_alive: float = KEEP_ALIVE
) -> AsyncIterator[bytes]:
    """
    Write each entry as an event ``entry`` with its summary, its number the event's id.

    An event ``lost`` with ``{"count": 3}`` tells a reader who was too slow how many are missing before what
    follows. It ends with the subscription, which whoever made it has to end.
    """
    yield b": the journal\n\n"  # so that the reader learns at once that it is connected
    while True:
        if not await subscription.wait(keep_alive):
            yield b": nothing new\n\n"
            continue
        lost = subscription.take_lost()
        if lost:
            yield b'event: lost\ndata: {"count":%d}\n\n' % lost
        try:
            entry = await anext(subscription)
        except StopAsyncIteration:
            return
        yield event(entry, name_of)


def event(entry: Entry, name_of: NameOf) -> bytes:
    """Write one entry as an event."""
    return b"id: %d\nevent: entry\ndata: %b\n\n" % (entry.id, orjson.dumps(summary(entry, name_of)))


def last_event_id(header: str | None) -> int | None:
    """Read the header ``Last-Event-ID``; ``None`` for one that no event of ours has."""
    return int(header) if header and header.isascii() and header.isdigit() and len(header) < 16 else None
