"""Entries of a journal, made without a server."""

import json
from typing import Any

from mockserver.state.journal import Journal
from mockserver.state.journal_entry import Entry

NOON = 1_777_636_800.0  # 2026-05-01T12:00:00Z


def asked(
    journal: Journal,
    method: str = "GET",
    target: str = "/things",
    *,
    json_body: Any = None,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    status: int = 200,
    answer: bytes = b"{}",
    **filled: Any,
) -> Entry:
    """Open an entry, fill it and close it."""
    lines = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    entry = journal.open(Entry("req_1", method, target, lines))
    raw = json.dumps(json_body).encode() if json_body is not None else body
    if raw is not None:
        entry.take_request_body(raw, len(raw))
    entry.status = status
    entry.response_headers = [(b"content-type", b"application/json")]
    entry.take_response_body(answer, journal.limits.body)
    for name, value in filled.items():
        setattr(entry, name, value)
    journal.close(entry)
    return journal.find(entry.id) or entry
