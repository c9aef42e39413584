"""The exchanges of a run as an HTTP Archive. Source: http://www.softwareishard.com/blog/har-12-spec/."""

import base64
import json
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mockserver.prove.exchange import Exchange, Headers
from mockserver.prove.report import Report


def as_har(report: Report) -> str:
    """Give the text of the file."""
    log = {
        "version": "1.2",
        "creator": {"name": "mockserver", "version": version("mockserver")},
        "pages": [],
        "entries": [_entry(each) for each in report.exchanges],
        "comment": f"{report.title}, {report.target}, seed {report.seed}",
    }
    return json.dumps({"log": log}, indent=1)


def _entry(exchange: Exchange) -> dict[str, Any]:
    milliseconds = round(exchange.seconds * 1000, 3)
    return {
        "startedDateTime": exchange.time,
        "time": milliseconds,
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(exchange.request_headers),
            "queryString": [
                {"name": name, "value": value}
                for name, value in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)
            ],
            **_post_data(exchange),
            "headersSize": -1,
            "bodySize": len(exchange.request_body),
        },
        "response": {
            "status": exchange.status,
            "statusText": exchange.reason,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(exchange.response_headers),
            "content": _content(exchange),
            "redirectURL": _find(exchange.response_headers, "location"),
            "headersSize": -1,
            "bodySize": len(exchange.response_body),
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": f"{exchange.operation_id}, {exchange.phase}",
    }


def _headers(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _post_data(exchange: Exchange) -> dict[str, Any]:
    if not exchange.request_body:
        return {}
    text, is_text = _read(exchange.request_body)
    mime_type = _find(exchange.request_headers, "content-type")
    encoded = {} if is_text else {"comment": "base64"}
    return {"postData": {"mimeType": mime_type, "params": [], "text": text, **encoded}}


def _content(exchange: Exchange) -> dict[str, Any]:
    mime_type = _find(exchange.response_headers, "content-type")
    text, is_text = _read(exchange.response_body)
    encoded = {} if is_text else {"encoding": "base64"}
    return {
        "size": len(exchange.response_body),
        "mimeType": mime_type or "application/octet-stream",
        "text": text,
        **encoded,
    }


def _read(body: bytes) -> tuple[str, bool]:
    try:
        return body.decode("utf-8"), True
    except UnicodeDecodeError:
        return base64.b64encode(body).decode("ascii"), False


def _find(headers: Headers, wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")
