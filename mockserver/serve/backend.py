"""The backend behind the mock: requests to it over connections that are kept, and what comes back."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from mockserver.errors import MockServerError

Headers = Sequence[tuple[bytes, bytes]]

# For how many seconds a connection is kept that nobody uses; most servers keep it for five or longer.
_KEPT = 4.0

# So many connections are kept.
_LINES = 100

# What may be asked again when a kept connection turns out to be closed: nothing was changed by it.
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


class Unreachable(Exception):
    """
    No answer came, or none that is whole: ``status`` is what a gateway says then.

    It is 502 or 504, and 400 for a request that is none.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """
    What a backend answers: the status, the headers as they came, and the body's bytes as they come.

    Whoever iterates ``chunks`` gets ``Unreachable`` where the body breaks off; they have to be closed.
    """

    status: int
    headers: Headers
    chunks: "Body"

    def header(self, name: bytes) -> str | None:
        """Give the value of a header, several of one name as one."""
        found = [value.decode("latin-1") for key, value in self.headers if key == name]
        return ", ".join(found) if found else None


class Backend:
    """
    One backend, at the address of an HTTP server, which may have a path.

    It follows no redirect, keeps no cookie, decodes nothing, and asks no proxy of the environment. ``verify``
    is whether its certificate is checked, or the file of those that are trusted.

    Raises:
        MockServerError: the address is none, or the file has no certificate.
    """

    def __init__(self, url: str, timeout: float = 30.0, verify: bool | str = True) -> None:
        self.url = _checked(url)
        parts = urlsplit(self.url)
        self.host = parts.netloc
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.path = parts.path
        self.timeout = timeout
        self._address = httpx.URL(self.origin)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._idle: list[httpx.AsyncHTTPTransport] = []
        self._trusted = _trusted(verify) if parts.scheme == "https" else False

    async def ask(
        self, method: str, target: bytes, headers: Headers, content: bytes | AsyncIterator[bytes]
    ) -> Answer:
        """
        Send a request, its target as it is; gives the answer once its headers are there.

        Raises:
            Unreachable: none came.
        """
        extensions = {"target": target, "timeout": dict.fromkeys(_TIMEOUTS, self.timeout)}
        is_repeatable = method in _SAFE and isinstance(content, bytes)
        while True:
            request = httpx.Request(
                method, self._address, headers=list(headers), content=content or None, extensions=extensions
            )
            line = self._line()
            try:
                response = await line.handle_async_request(request)
            except BaseException as error:
                await self.give_back(line)
                if not isinstance(error, httpx.TransportError):
                    raise
                if is_repeatable and not isinstance(error, (httpx.TimeoutException, httpx.ConnectError)):
                    is_repeatable = False
                    continue
                raise self.explained(error) from error
            if not 100 <= response.status_code <= 599:
                await line.aclose()
                text = f"The backend {self.url} answered {response.status_code}, which is no status of HTTP."
                raise Unreachable(502, text)
            lines = [(name.lower(), value) for name, value in response.headers.raw]
            return Answer(response.status_code, lines, Body(self, response, line))

    async def close(self) -> None:
        """Close every connection."""
        if self._loop is asyncio.get_running_loop():
            while self._idle:
                await self._idle.pop().aclose()

    async def give_back(self, line: httpx.AsyncHTTPTransport) -> None:
        """Keep what is no longer in use for another request."""
        if len(self._idle) < _LINES and self._loop is asyncio.get_running_loop():
            self._idle.append(line)
        else:
            await line.aclose()

    def _line(self) -> httpx.AsyncHTTPTransport:
        """
        Give what has one connection at most and is not in use, the last used first.

        A single transport with all connections would look at each of them with every request.
        """
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # connections belong to one event loop
            self._loop = loop
            self._idle = []
        if self._idle:
            return self._idle.pop()
        limits = httpx.Limits(max_connections=1, keepalive_expiry=_KEPT)
        return httpx.AsyncHTTPTransport(verify=self._trusted, trust_env=False, limits=limits)

    def explained(self, error: httpx.TransportError) -> Unreachable:
        """Say why there is no answer."""
        if isinstance(error, httpx.TimeoutException):
            what = "take a connection" if isinstance(error, httpx.ConnectTimeout) else "answer"
            return Unreachable(504, f"The backend {self.url} did not {what} within {self.timeout:g} s.")
        if isinstance(error, httpx.LocalProtocolError):
            return Unreachable(400, f"The request cannot be sent on: {error}.")
        if isinstance(error, httpx.ConnectError):
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                way_out = "--ca FILE names the certificates that are trusted, --insecure checks none"
                return Unreachable(502, f"The backend {self.url} is not trusted: {error}; {way_out}.")
            return Unreachable(502, f"The backend {self.url} cannot be reached: {error}.")
        why = str(error).rstrip(".") or type(error).__name__
        return Unreachable(502, f"The backend {self.url} gave no whole answer: {why}.")


class Body:
    """The bytes of one answer as they come; its connection is free for another request once it is closed."""

    def __init__(self, backend: Backend, response: httpx.Response, line: httpx.AsyncHTTPTransport) -> None:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._backend = backend
        self._line: httpx.AsyncHTTPTransport | None = line
        self._response = response
        self._pieces = aiter(response.stream)

    def __aiter__(self) -> "Body":
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._pieces)
        except StopAsyncIteration:
            await self.aclose()
            raise
        except httpx.TransportError as error:
            await self.aclose()
            raise self._backend.explained(error) from error

    async def aclose(self) -> None:
        """Let go of what was not read; more than once does no harm."""
        line, self._line = self._line, None
        if line is not None:
            with contextlib.suppress(httpx.TransportError):
                await self._response.aclose()
            await self._backend.give_back(line)


_TIMEOUTS = ("connect", "read", "write", "pool")


def _trusted(verify: bool | str) -> ssl.SSLContext:
    if not isinstance(verify, str):
        return httpx.create_ssl_context(verify, trust_env=False)
    try:
        return ssl.create_default_context(cafile=verify)
    except OSError as error:  # what OpenSSL says of a file that is no certificate is one, too
        raise MockServerError(f"--ca {verify}: no certificate can be read from it: {error}.") from error


def _checked(url: str) -> str:
    if "@" in url.partition("//")[2].partition("/")[0] or "?" in url or "#" in url:
        raise MockServerError(f"--upstream: {_NO_MORE}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        why = _NO_MORE if "@" in url else f"{url} is no address: {error}."
        raise MockServerError(f"--upstream: {why}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        shown = "--upstream" if "@" in url else f"--upstream {url}"
        raise MockServerError(f"{shown}: an address is written like http://127.0.0.1:9000.")
    return url.rstrip("/")


# The address is not said again then: a password may be in it.
_NO_MORE = "only a host, a port and a path are taken; who calls is said by the requests themselves."
