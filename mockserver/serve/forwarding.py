"""What a request and its answer become on their way through a proxy. Source: RFC 9110, section 7.6."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.types import Scope

from mockserver.contract.media.codings import READABLE
from mockserver.serve.backend import Backend, Headers

# They are about one connection, and end with it.
_HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
# What is said anew of the request that is sent on.
_SAID_ANEW = frozenset(
    (
        b"host",
        b"content-length",
        b"expect",
        b"accept-encoding",
        b"x-request-id",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
    )
)
# What we say of the answer ourselves, and of a mock behind us would say twice; uvicorn adds the date.
_OURS = frozenset((b"date", b"mock-source", b"mock-journal", b"mock-violations", b"x-request-id"))

_PATH = re.compile(r"(;\s*path\s*=\s*)([^;]*)", re.IGNORECASE)
_DOMAIN = re.compile(r";\s*domain\s*=\s*\.?([^;]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Addresses:
    """
    Addresses of ours and of the backend's, each for the other.

    Paths are the same on both sides, unless the backend's address has one of its own, which then stands in
    the place of the contract's base path.
    """

    backend: Backend
    base_path: str

    def target(self, scope: Scope) -> bytes:
        """Give what to ask the backend for: the path as it was written, and the query."""
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        if self.backend.path:
            path = self.backend.path.encode() + _after(path.decode("latin-1"), self.base_path).encode(
                "latin-1"
            )
        query: bytes = scope["query_string"]
        return path + b"?" + query if query else path

    def location(self, location: str, scope: Scope, mount: str) -> str:
        """
        Give where a redirect leads to by our own address, if it leads to the backend.

        ``mount`` is what names the sandbox, which a path alone is given by the layer that took it off.
        """
        try:
            parts = urlsplit(location)
        except ValueError:  # it is no address; the client shall see what the backend said
            return location
        if parts.netloc:
            if parts.netloc.lower() != self.backend.host.lower():
                return location
            origin = f"{scope.get('scheme', 'http')}://{_host(scope) or self.backend.host}"
            return parts._replace(
                scheme="", netloc="", path=origin + mount + self._our_path(parts.path)
            ).geturl()
        if not location.startswith("/"):
            return location
        return parts._replace(path=self._our_path(parts.path)).geturl()

    def cookie(self, line: str, mount: str) -> str:
        """Give a cookie for our own host and paths."""
        name = urlsplit(self.backend.origin).hostname or ""
        line = _DOMAIN.sub(lambda found: "" if _covers(found[1].strip().lower(), name) else found[0], line)
        return _PATH.sub(lambda found: found[1] + self._cookie_path(found[2].strip(), mount), line)

    def _cookie_path(self, path: str, mount: str) -> str:
        return (mount + self._our_path(path) if path != "/" else path) or "/"

    def _our_path(self, path: str) -> str:
        theirs = self.backend.path
        if not theirs or not (path == theirs or path.startswith(f"{theirs}/")):
            return path
        return self.base_path + path.removeprefix(theirs)


def request_headers(scope: Scope, request_id: str, backend: Backend) -> list[tuple[bytes, bytes]]:
    """Give the headers of a request as the backend gets them, but for its length and its host."""
    dropped = _HOP_BY_HOP | _SAID_ANEW | _named_by_connection(scope["headers"])
    # Spaces around a value are no part of it, and some servers give them all the same.
    lines = [(name, value.strip(b" \t")) for name, value in scope["headers"] if name not in dropped]
    accepted = _joined(scope["headers"], b"accept-encoding")
    if accepted is not None:
        lines.append((b"accept-encoding", _readable(accepted).encode("latin-1")))
    client = (scope.get("client") or ("unknown",))[0]
    before = _joined(scope["headers"], b"x-forwarded-for")
    host = _joined(scope["headers"], b"x-forwarded-host") or _host(scope)
    scheme = _joined(scope["headers"], b"x-forwarded-proto") or scope.get("scheme", "http")
    lines.append((b"x-forwarded-for", (f"{before}, {client}" if before else client).encode("latin-1")))
    if host:
        lines.append((b"x-forwarded-host", host.encode("latin-1")))
    lines += [(b"x-forwarded-proto", scheme.encode("latin-1")), (b"x-request-id", request_id.encode("ascii"))]
    return lines


def answer_headers(
    status: int, headers: Headers, addresses: Addresses, scope: Scope, mount: str
) -> list[tuple[bytes, bytes]]:
    """Give the headers of an answer as our client gets them."""
    dropped = _HOP_BY_HOP | _OURS | _named_by_connection(headers)
    if status in (204, 304):
        dropped |= {b"content-length"}  # it is of a body that does not come
    lines = []
    for name, value in headers:
        if name in dropped:
            continue
        if name == b"location":
            value = addresses.location(value.decode("latin-1"), scope, mount).encode("latin-1")
        elif name == b"set-cookie":
            value = addresses.cookie(value.decode("latin-1"), mount).encode("latin-1")
        lines.append((name, value))
    return lines


def _covers(domain: str, name: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _after(path: str, base_path: str) -> str:
    is_below = path == base_path or path.startswith(f"{base_path}/")
    return path[len(base_path) :] if is_below else path


def _named_by_connection(headers: Headers) -> set[bytes]:
    return {
        each.strip().lower() for name, value in headers if name == b"connection" for each in value.split(b",")
    }


def _joined(headers: Headers, wanted: bytes) -> str | None:
    found = [value.decode("latin-1") for name, value in headers if name == wanted]
    return ", ".join(found) if found else None


def _host(scope: Scope) -> str:
    return _joined(scope["headers"], b"host") or ""


def _readable(accepted: str) -> str:
    """Leave of an ``Accept-Encoding`` what can be read here."""
    return ", ".join(_readable_parts(accepted)) or "identity"


def _readable_parts(accepted: str) -> Iterator[str]:
    for part in accepted.split(","):
        name = part.partition(";")[0].strip().lower()
        if name == "*":
            yield part.strip().replace("*", "gzip", 1)
        elif name in (*READABLE, "identity"):
            yield part.strip()
