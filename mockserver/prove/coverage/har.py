"""What the requests of an HTTP archive have touched, whoever recorded it."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.operation import Contract, Operation, shape_of
from mockserver.contract.paths import PathTree
from mockserver.control.addresses import MOUNTED, is_reserved
from mockserver.errors import MockServerError
from mockserver.state.coverage import Coverage
from mockserver.state.journal_entry import Entry, Headers
from mockserver.state.touched import Record


def read_har(data: Any, contract: Contract, where: str) -> Record:
    """
    Give what an archive's requests have touched of a contract.

    They are matched to operations by their paths, with the contract's base path before them or without one.

    Raises:
        MockServerError: it is no HTTP archive.
    """
    try:
        exchanges = list(data["log"]["entries"])
        routes = _Routes(contract)
        coverage = Coverage(contract)
        for each in exchanges:
            entry = _entry(each, routes)
            if entry is not None:
                coverage.take(entry)
    except (LookupError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise MockServerError(f"{where}: it is no HTTP archive that can be read ({error!r}).") from error
    return coverage.record()


class _Routes:
    """The operations of a contract by what requests ask for."""

    def __init__(self, contract: Contract) -> None:
        self._base_path = contract.base_path
        self._operations: dict[str, dict[str, Operation]] = {}
        own = {each for operation in contract.operations for each in operation.base_paths}
        firsts: dict[str, str] = {}
        for base_path in dict.fromkeys((contract.base_path, *sorted(own), "")):
            for operation in contract.operations:
                if base_path in (contract.base_path, "") or base_path in operation.base_paths:
                    path = base_path + operation.path
                    first = firsts.setdefault(shape_of(path), path)
                    by_method = self._operations.setdefault(first, {})
                    by_method.setdefault(operation.method.upper(), operation)
        self._paths = PathTree(self._operations)

    def find(self, method: str, path: str) -> Operation | None:
        found = self._paths.match(path)
        if found is None:
            return None
        operations = self._operations[found[0]]
        return operations.get(method) or (operations.get("GET") if method == "HEAD" else None)


def _entry(exchange: Mapping[str, Any], routes: _Routes) -> Entry | None:
    """Give an exchange as the journal has it; ``None`` for what steers a mock, or asks what may be asked."""
    request, response = exchange["request"], exchange["response"]
    url = urlsplit(request["url"])
    path = url.path or "/"
    if path.startswith(MOUNTED):
        path = f"/{path.removeprefix(MOUNTED).partition('/')[2]}"
    method = str(request["method"]).upper()
    operation = routes.find(method, path)
    if operation is None and (is_reserved(path) or method == "OPTIONS"):
        return None
    entry = Entry("", method, f"{path}?{url.query}" if url.query else path, _headers(request))
    entry.operation = operation
    entry.status = max(0, int(response.get("status") or 0))
    entry.source = str((exchange.get("_mock") or {}).get("source") or "")
    sent = request.get("postData") or {}
    entry.request_body = _body(sent)
    if entry.request_body and sent.get("mimeType"):
        entry.request_headers = _with_type(entry.request_headers, str(sent["mimeType"]))
    content = response.get("content") or {}
    entry.response_headers = _headers(response)
    if content.get("mimeType"):
        entry.response_headers = _with_type(entry.response_headers, str(content["mimeType"]))
    entry.response_body = _body(content) or b""
    return entry


def _headers(message: Mapping[str, Any]) -> Sequence[tuple[bytes, bytes]]:
    return [
        (str(each["name"]).lower().encode("utf-8"), str(each.get("value", "")).encode("utf-8"))
        for each in message.get("headers") or ()
    ]


def _with_type(headers: Headers, media_type: str) -> Headers:
    """Add the type of a body where its header is missing: some archives keep no headers."""
    if any(name == b"content-type" for name, _ in headers):
        return headers
    return [*headers, (b"content-type", media_type.encode("utf-8"))]


def _body(content: Mapping[str, Any]) -> bytes | None:
    text = content.get("text")
    if text is None:
        return b"?" if content.get("params") or content.get("size") else None  # there was one
    if content.get("encoding") == "base64":
        return base64.b64decode(text)
    return str(text).encode("utf-8", "surrogatepass")
