"""One request and its answer, as they went over the wire, and the line that sends it again."""

import html
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote

from mockserver.state.masks import SHORTEST

Headers = tuple[tuple[str, str], ...]

# What curl writes itself, or what only the sender's library adds.
_ADDED = frozenset(
    {"content-length", "connection", "accept-encoding", "user-agent", "host", "transfer-encoding"}
)
_TOKEN = "$TOKEN"
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

    ``secrets`` are by themselves and replaced wherever they stand, as they are or as an address, JSON, HTML
    or a shell writes them; ``lines`` are parts of curl lines. ``tokens`` are secrets that may become more.
    """

    secrets: Mapping[str, str]
    lines: Sequence[tuple[str, str]] = ()
    tokens: Sequence[str] = ()

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
        for written, shown in self._hidden():
            text = re.sub(written, shown, text)
        return text

    def curl(self, lines: str) -> str:
        """Give lines that send requests again, whoever wrote them."""
        for written, shown in self.lines:
            lines = lines.replace(written, shown)
        lines = _HEAD.sub("curl --head ", lines)
        lines = self.text(_FILE.sub(" --data-raw ", lines))
        return _QUOTED.sub(lambda found: self._filled_in(found[0]), lines)

    def _filled_in(self, quoted: str) -> str:
        """Let a shell put in what it has a name for, which it does not between single quotes."""
        if quoted.startswith("'"):
            for shown in {each for _, each in self._hidden() if each.startswith("$")}:
                quoted = quoted.replace(shown, f"'\"{shown}\"'")
        return quoted

    def _headers(self, headers: Headers) -> Headers:
        return tuple((name, self.text(value)) for name, value in headers if name.lower() != _NAME_OF_A_CASE)

    def _bytes(self, body: bytes) -> bytes:
        for written, shown in self._hidden():
            body = re.sub(written.encode(), shown.encode(), body)
        return body

    def _hidden(self) -> list[tuple[str, str]]:
        """Give patterns and what stands in their places, of the longest secret first."""
        found = {**dict.fromkeys(self.tokens, _TOKEN), **self.secrets}
        secrets = sorted(filter(None, found), key=len, reverse=True)
        return [(_written(each), found[each].replace("\\", r"\\")) for each in secrets]


def curl(exchange: Exchange) -> str:
    """Write the line that sends a request again."""
    is_head = exchange.method == "HEAD" and not exchange.request_body
    parts = ["curl", "--head"] if is_head else ["curl", "-X", exchange.method]
    for name, value in exchange.request_headers:
        if (
            name.lower() not in _ADDED
            and name.lower() != _NAME_OF_A_CASE
            and (name, value) != ("Accept", "*/*")
        ):
            parts += ["-H", shlex.quote(f"{name}: {value}")]
    if exchange.request_body:
        parts += ["--data-raw", shlex.quote(exchange.request_body.decode("utf-8", "replace"))]
    return " ".join([*parts, shlex.quote(exchange.url)])


# Lines of schemathesis: -X HEAD waits for a body that never comes, and -d @x reads a file.
_HEAD = re.compile(r"curl -X HEAD (?!.* -d )")
_FILE = re.compile(r" -d (?='?@)")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'""")

# What is as short as a word stands for itself wherever no header, query or cookie has it.
_BEFORE = r"(?:\A|(?<=[Bb]earer )|(?<=[Bb]asic )|(?<=[\w-]: )|(?<==))"
_AFTER = r"(?=['\"&;,\s\\]|\Z)"


@lru_cache(maxsize=1000)
def _written(secret: str) -> str:
    """Give a pattern of all the ways in which a secret may be written."""
    written = "".join(_sign(each) for each in secret)
    return written if len(secret) >= SHORTEST else f"{_BEFORE}{written}{_AFTER}"


def _sign(sign: str) -> str:
    if sign.isascii() and (sign.isalnum() or sign in "-._~"):
        return re.escape(sign)
    units = sign.encode("utf-16-be")
    escaped = "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))  # as JSON has it
    forms = {quote(sign, safe=""), escaped, f"&#{ord(sign)};", f"&#x{ord(sign):x};"}
    ours = {sign, html.escape(sign)}
    ours |= {f"\\{sign}"} if sign in '"\\/' else set()
    ours |= {"+"} if sign == " " else {"'\"'\"'"} if sign == "'" else set()
    return f"(?:(?i:{_one_of(forms)})|{_one_of(ours)})"


def _one_of(forms: set[str]) -> str:
    return "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
