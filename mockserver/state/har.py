"""
The journal as an HTTP archive, which browsers and other tools read.

Source: HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote

from mockserver.contract.media.media_types import essence
from mockserver.state.journal_entry import Entry, Headers
from mockserver.state.journal_views import NameOf, body_of, headers_of, notes_of, summary, violation_of
from mockserver.state.masked_entries import masked
from mockserver.state.masks import Masks

_FORM = "application/x-www-form-urlencoded"

# What a URL may be written with; all else is percent-encoded.
_URL_SIGNS = "%/:?#[]@!$&'()*+,;=-._~|"


def archive(
    entries: Iterable[Entry], base_url: str, name_of: NameOf, version: str, masks: Masks | None = None
) -> dict[str, Any]:
    """
    Give entries as one HTTP archive, without the secrets that ``masks`` know.

    ``base_url`` goes before what each asked for. Their times are the machine's, not the mock's, so that a
    reader can draw them one after the other though the mock's clock stood still; the mock's own, and what
    else the archive has no place for, is in ``_mock``. A body that is no UTF-8 is in base64, and its
    ``encoding`` says so, of requests too, where HAR 1.2 has no such field.
    """
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "mockserver", "version": version},
            "entries": [
                _entry(masked(entry, masks) if masks is not None else entry, base_url.rstrip("/"), name_of)
                for entry in entries
            ],
        }
    }


def _entry(entry: Entry, base_url: str, name_of: NameOf) -> dict[str, Any]:
    milliseconds = round(entry.duration * 1000, 3)
    began = datetime.fromtimestamp(entry.began, UTC)
    return {
        "startedDateTime": began.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": milliseconds,
        "request": _request(entry, base_url),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "_mock": {
            **summary(entry, name_of),
            "notes": notes_of(entry),
            "violations": [violation_of(each) for each in entry.violations],
        },
    }


def _request(entry: Entry, base_url: str) -> dict[str, Any]:
    query = entry.target.partition("?")[2]
    shown = {
        "method": entry.method,
        "url": base_url + quote(entry.target.encode("latin-1", "replace"), safe=_URL_SIGNS),
        "httpVersion": "HTTP/1.1",
        "cookies": [
            {"name": name, "value": value}
            for header in _values(entry.request_headers, b"cookie")
            for name, value in _pairs(header)
        ],
        "headers": headers_of(entry.request_headers),
        "queryString": _fields(query),
        "headersSize": -1,
        "bodySize": entry.request_size,
    }
    if entry.request_body:
        shown["postData"] = _post_data(entry)
    return shown


def _post_data(entry: Entry) -> dict[str, Any]:
    media_type = next(_values(entry.request_headers, b"content-type"), "")
    body = body_of(entry.request_body, entry.request_size)
    shown = {"mimeType": media_type, "text": body["body"], **_remarks(body)}
    if essence(media_type) == _FORM and body["encoding"] == "utf-8":
        shown["params"] = _fields(body["body"])
    return shown


def _response(entry: Entry) -> dict[str, Any]:
    body = body_of(entry.response_body, entry.response_size)
    return {
        "status": entry.status,
        "statusText": _phrase(entry.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [_set_cookie(each) for each in _values(entry.response_headers, b"set-cookie")],
        "headers": headers_of(entry.response_headers),
        "content": {
            "size": entry.response_size,
            "mimeType": next(_values(entry.response_headers, b"content-type"), "x-unknown"),
            "text": body["body"],
            **_remarks(body),
        },
        "redirectURL": next(_values(entry.response_headers, b"location"), ""),
        "headersSize": -1,
        "bodySize": entry.response_size,
    }


def _remarks(body: dict[str, Any]) -> dict[str, str]:
    remarks = {"encoding": "base64"} if body["encoding"] == "base64" else {}
    if body["truncated"]:
        remarks["comment"] = f"It is {body['size']} bytes long; only the first of them are kept."
    return remarks


def _set_cookie(header: str) -> dict[str, Any]:
    (name, value), *attributes = _pairs(header)
    given = {key.lower(): text for key, text in attributes}
    shown: dict[str, Any] = {"name": name, "value": value}
    shown |= {key: given[key] for key in ("path", "domain") if key in given}
    return {**shown, "httpOnly": "httponly" in given, "secure": "secure" in given}


def _pairs(header: str) -> Iterator[tuple[str, str]]:
    for each in header.split(";"):
        name, _, value = each.partition("=")
        yield name.strip(), value.strip()


def _fields(text: str) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in parse_qsl(text, keep_blank_values=True)]


def _values(headers: Headers, wanted: bytes) -> Iterator[str]:
    return (value.decode("latin-1") for name, value in headers if name.lower() == wanted)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
