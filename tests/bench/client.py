"""
A small load client for where wrk is missing: ``python -P tests/bench/client.py URL SECONDS REQUEST``.

Some connections, each asking again as soon as it was answered. It is slower than wrk, and may be the one that
is measured where the server is fast.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httptools

try:
    from uvloop import run
except ImportError:
    from asyncio import run  # type: ignore[assignment]  # the same, for a plain coroutine

CONNECTIONS = 16


def main() -> None:
    """Print, as wrk's script does, requests, microseconds, answers above 399 and broken connections."""
    url, seconds, request = (
        urlsplit(sys.argv[1]),
        float(sys.argv[2]),
        json.loads(Path(sys.argv[3]).read_text()),
    )
    sent = request["body"].encode()
    headers = {"Host": url.netloc, **request["headers"]}
    if sent:
        headers["Content-Length"] = str(len(sent))
    lines = [f"{request['method']} {request['target']} HTTP/1.1", *map(": ".join, headers.items())]
    head = "\r\n".join([*lines, "", ""]).encode()
    print(*run(_load(url.hostname, url.port, head + sent, seconds)))


async def _load(host: Any, port: Any, request: bytes, seconds: float) -> tuple[int, int, int, int]:
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    connections = [
        (await loop.create_connection(lambda: _Connection(request, started + seconds), host, port))[1]
        for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(each.ended for each in connections))
    elapsed = int((time.perf_counter() - started) * 1e6)
    requests = sum(each.answers for each in connections)
    return (
        requests,
        elapsed,
        sum(each.refusals for each in connections),
        sum(each.broken for each in connections),
    )


class _Connection(asyncio.Protocol):
    def __init__(self, request: bytes, deadline: float) -> None:
        self.answers = self.refusals = self.broken = 0
        self.ended = asyncio.get_running_loop().create_future()
        self._request = request
        self._deadline = deadline
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.answers += 1
        self.refusals += self._parser.get_status_code() > 399
        if time.perf_counter() < self._deadline:
            self._transport.write(self._request)
        else:
            self._transport.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self.broken += time.perf_counter() < self._deadline
        self.ended.set_result(None)


if __name__ == "__main__":
    main()
