"""One request and its answer, as they went over the wire, and the line that sends it again."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

Headers = tuple[tuple[str, str], ...]

# What curl writes itself, or what only the sender's library adds.
_ADDED = frozenset(
    {"content-length", "connection", "accept-encoding", "user-agent", "host", "transfer-encoding"}
)
_NAME_OF_A_CASE = "x-schemathesis-testcaseid"


@dataclass(frozen=True)
class Exchange:
    """
    What was asked and answered; a ``status`` of 0 is no answer at all.

    ``started`` is in seconds since 1970, ``seconds`` how long the answer took.
    """

    operation_id: str
    phase: str
    method: str
    url: str
    request_headers: Headers
    request_body: bytes
    status: int
    reason: str
    response_headers: Headers
    response_body: bytes
    started: float
    seconds: float

    @property
    def time(self) -> str:
        return datetime.fromtimestamp(self.started, UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Shown:
    """
    How what was sent is shown: no secret, and the address that a reader can use.

    ``secrets`` are by themselves and replaced wherever they stand; ``lines`` are parts of curl lines.
    """

    secrets: Mapping[str, str]
    lines: Sequence[tuple[str, str]] = ()

    def exchange(self, exchange: Exchange) -> Exchange:
        return replace(
            exchange,
            url=self.text(exchange.url),
            request_headers=self._headers(exchange.request_headers),
            request_body=self._bytes(exchange.request_body),
            response_headers=self._headers(exchange.response_headers),
            response_body=self._bytes(exchange.response_body),
        )

    def text(self, text: str) -> str:
        for secret, shown in self.secrets.items():
            text = text.replace(secret, shown)
        return text

    def curl(self, lines: str) -> str:
        for written, shown in self.lines:
            lines = lines.replace(written, shown)
        return self.text(lines)

    def _headers(self, headers: Headers) -> Headers:
        return tuple((name, self.text(value)) for name, value in headers if name.lower() != _NAME_OF_A_CASE)

    def _bytes(self, body: bytes) -> bytes:
        for secret, shown in self.secrets.items():
            body = body.replace(secret.encode(), shown.encode())
        return body


def curl(exchange: Exchange) -> str:
    """Write the line that sends a request again."""
    parts = ["curl", "-X", exchange.method]
    for name, value in exchange.request_headers:
        if (
            name.lower() not in _ADDED
            and name.lower() != _NAME_OF_A_CASE
            and (name, value) != ("Accept", "*/*")
        ):
            parts += ["-H", shlex.quote(f"{name}: {value}")]
    if exchange.request_body:
        parts += ["-d", shlex.quote(exchange.request_body.decode("utf-8", "replace"))]
    return " ".join([*parts, shlex.quote(exchange.url)])
