"""One digest for everything that was sent: two runs with the same one sent the same requests."""

import hashlib

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
        headers = sorted(
            (name.lower(), _text(value))
            for name, values in request.headers.items()
            for value in values
            if name.lower() != _CASE_ID
        )
        target = request.uri.removeprefix(self._url)
        written = repr((request.method, target, headers)).encode("utf-8", "surrogatepass")
        body = request.body or b""
        content_type = dict(headers).get("content-type", "")
        boundary = content_type.partition("boundary=")[2].partition(";")[0].strip('"').encode()
        if boundary:
            written, body = (each.replace(boundary, b"boundary") for each in (written, body))
        self._sum.update(b"%d %d\n" % (len(written), len(body)) + written + body)

    def __str__(self) -> str:
        return self._sum.hexdigest()


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
