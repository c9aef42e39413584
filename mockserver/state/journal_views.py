"""How an entry of the journal is shown as JSON: in a line of a list, or whole."""

import base64
import codecs
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.contract.violation import Violation
from mockserver.state.journal_entry import Entry, Headers
from mockserver.state.matches import written

NameOf = Callable[[Mapping[str, Any]], str]


def summary(entry: Entry, name_of: NameOf) -> dict[str, Any]:
    """Give what a list shows of an entry. What it does not have is ``null``: no answer has no status."""
    return {
        "id": entry.id,
        "sandbox": entry.sandbox,
        "time": written(entry.time),
        "method": entry.method,
        "target": entry.target,
        "operation": entry.operation_id or None,
        "status": entry.status or None,
        "source": entry.source or ("contract" if entry.status else None),
        "persona": _writable(name_of(entry.caller)) if entry.caller else None,
        "request_id": entry.request_id,
        "duration_ms": round(entry.duration * 1000, 3),
        "fault": entry.fault or None,
    }


def whole(entry: Entry, name_of: NameOf) -> dict[str, Any]:
    """
    Give everything about an entry.

    ``Authorization`` and cookies are shown as they came: a mock's tokens open nothing but the mock, and they
    are what one looks for when it answers 401. A body that nobody read is ``null``.
    """
    return {
        **summary(entry, name_of),
        "request": {
            "headers": headers_of(entry.request_headers),
            **body_of(entry.request_body, entry.request_size),
        },
        "response": {
            "headers": headers_of(entry.response_headers),
            **body_of(entry.response_body, entry.response_size),
        },
        "notes": notes_of(entry),
        "violations": [violation_of(each) for each in entry.violations],
    }


def headers_of(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name.decode("latin-1"), "value": value.decode("latin-1")} for name, value in headers]


def body_of(raw: bytes | None, size: int) -> dict[str, Any]:
    """Give a body as text, or in base64 where it is no UTF-8; ``size`` is that of the whole one, in bytes."""
    is_cut = raw is not None and len(raw) < size
    text, encoding = None if raw is None else _decoded(raw, is_cut), "utf-8"
    if raw is not None and text is None:
        text, encoding = base64.b64encode(raw).decode("ascii"), "base64"
    return {"body": text, "encoding": encoding, "size": size, "truncated": is_cut}


def notes_of(entry: Entry) -> list[str]:
    return [_writable(note) for note in entry.notes]


def violation_of(violation: Violation) -> dict[str, Any]:
    return {
        "location": [_writable(step) if isinstance(step, str) else step for step in violation.location],
        "keyword": violation.keyword,
        "message": _writable(violation.message),
    }


def _decoded(raw: bytes, is_cut: bool) -> str | None:
    """Give the text that some bytes are; the last character of what was cut may be a part of one."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(raw, final=not is_cut)
    except UnicodeDecodeError:
        return None


def _writable(text: str) -> str:
    """Give a text without what JSON has no bytes for: a token's claims may hold one half of a character."""
    return text.encode("utf-8", "replace").decode()
