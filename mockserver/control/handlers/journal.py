"""The journal of a sandbox: what was asked, what was answered, and whether that was expected."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from mockserver.control.refusals import refusals
from mockserver.control.steered import Steered
from mockserver.control.versions import mock_version
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import PROBLEM_JSON, Problem
from mockserver.state.assertions import check, read_expectation
from mockserver.state.har import archive
from mockserver.state.journal_entry import Entry
from mockserver.state.journal_events import MEDIA_TYPE, events
from mockserver.state.journal_views import NameOf, summary, whole
from mockserver.state.masks import Masks
from mockserver.state.matches import FILTERS, read_match
from mockserver.state.subscription import Subscription


@handles("listEntries")
def list_entries(request: Request, mock: Steered) -> Response:
    after, limit = request.query["after"], request.query["limit"]
    found = [entry for entry in _matching(request.query, mock) if entry.id > after]
    page = found[:limit]
    shown = [summary(entry, mock.personas.name_of) for entry in page]
    return Response({"entries": shown, "next": page[-1].id if len(found) > limit else None})


@handles("countEntries")
def count_entries(request: Request, mock: Steered) -> Response:
    return Response({"count": len(_matching(request.query, mock)), "dropped": mock.world.journal.dropped})


@handles("getEntry")
def get_entry(request: Request, mock: Steered) -> Response:
    journal, number = mock.world.journal, request.path["entry"]
    entry = journal.find(number)
    if entry is None:
        raise Problem(
            404, f"The journal has no entry {number}, or no longer; it keeps {journal.limits.entries}."
        )
    return Response(whole(entry, mock.personas.name_of))


@handles("clearJournal")
def clear_journal(request: Request, mock: Steered) -> Response:
    mock.world.journal.clear()
    return Response(None, 204)


@handles("streamEntries")
def stream_entries(request: Request, mock: Steered) -> Response:
    world = mock.world
    with refusals():
        subscription = world.journal.subscribe(request.headers.get("Last-Event-ID"))
    stream = _stream(mock.sandboxes.using(world), subscription, mock.personas.name_of)
    return Response(stream, media_type=MEDIA_TYPE)


@handles("exportHar")
def export_har(request: Request, mock: Steered) -> Response:
    entries = mock.world.journal.entries()
    hosts = (value for entry in entries for name, value in entry.request_headers if name == b"host")
    base_url = f"http://{next(hosts, b'localhost').decode('latin-1')}"
    masks = Masks(mock.contract) if request.query["secrets"] == "masked" else None
    return Response(archive(entries, base_url, mock.personas.name_of, mock_version(), masks))


@handles("assertCalls")
def assert_calls(request: Request, mock: Steered) -> Response:
    world = mock.world
    with refusals():
        expectation = read_expectation(
            request.body, mock.contract, personas=mock.personas, now=world.clock.now()
        )
    outcome = check(world.journal.entries(), expectation, world.journal.dropped)
    if outcome.ok:
        return Response({"count": outcome.count, "entries": list(outcome.entries)})
    entries = "1 entry matches" if outcome.count == 1 else f"{outcome.count} entries match"
    unknown = f" There may be more: {outcome.unknown}." if outcome.unknown else ""
    problem = {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": f"{entries}; expected was {outcome.expected}.{unknown}",
        "count": outcome.count,
        "entries": list(outcome.entries),
        "expected": outcome.expected,
        "nearest": [{"entry": miss.entry, "differences": list(miss.differences)} for miss in outcome.nearest],
    }
    return Response(problem, 409, media_type=PROBLEM_JSON)


def _matching(query: Mapping[str, Any], mock: Steered) -> list[Entry]:
    world = mock.world
    given = {name: query[name] for name in FILTERS if query.get(name) is not None}
    with refusals():
        match = read_match(
            given, mock.contract, personas=mock.personas, now=world.clock.now(), where="query", fields=FILTERS
        )
    return [entry for entry in world.journal.entries() if match.holds(entry)]


async def _stream(
    using: AbstractContextManager[None], subscription: Subscription[Entry], name_of: NameOf
) -> AsyncIterator[bytes]:
    with using, subscription:
        async for event in events(subscription, name_of):
            yield event
