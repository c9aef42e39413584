"""One digest for everything that was sent: two runs with the same one sent the same requests."""

import hashlib
from collections.abc import Iterable

from schemathesis.engine.recorder import Request

# Schemathesis names each test case at random, for its reader alone.
_CASE_ID = "x-schemathesis-testcaseid"


class Digest:
    """
    Takes method, address, headers and body of each request, byte for byte.

    Left out is what differs by nature: the port, the name of the test case, and the boundary of a
    multipart body, which is drawn from the system's randomness.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._sum = hashlib.sha256()

    def add(self, request: Request) -> None:
        headers = [(name, _text(value)) for name, values in request.headers.items() for value in values]
        self.add_parts(request.method, request.uri, headers, request.body or b"")

    def add_parts(self, method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        kept = sorted((name.lower(), value) for name, value in headers if name.lower() != _CASE_ID)
        target = url.removeprefix(self._url)
        written = repr((method, target, kept)).encode("utf-8", "surrogatepass")
        content_type = dict(kept).get("content-type", "")
        boundary = content_type.partition("boundary=")[2].partition(";")[0].strip('"').encode()
        if boundary:
            written, body = (each.replace(boundary, b"boundary") for each in (written, body))
        self._sum.update(b"%d %d\n" % (len(written), len(body)) + written + body)

    def __str__(self) -> str:
        return self._sum.hexdigest()


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
