"""What a run asks of its own mock outside of what is proved: a reset, a look at what it remembers."""

import http.client
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.control.addresses import PREFIX
from mockserver.errors import MockServerError


class Control:
    """One running mock, asked over HTTP like by anybody else."""

    def __init__(self, url: str) -> None:
        self._host = urlsplit(url).netloc

    def reset(self) -> None:
        """Put the fixtures, the clock and the sequence of ids back."""
        status, body = self._ask("POST", f"{PREFIX}/reset", {})
        if status != 204:
            raise MockServerError(f"The mock was not reset: {status} {body[:200].decode(errors='replace')}")

    def export(self) -> bytes:
        """Give everything that is remembered, as JSON."""
        return self._ask("GET", f"{PREFIX}/export", {})[1]

    def items(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        found: Mapping[str, Sequence[Mapping[str, Any]]] = orjson.loads(self.export())
        return found

    def get(self, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        return self._ask("GET", path, headers)

    def _ask(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        try:
            connection.request(method, path, headers=dict(headers))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
