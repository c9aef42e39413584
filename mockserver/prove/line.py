"""The line to the server under test: its pace, its token, what it trusts and what it refuses to send."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from schemathesis.core.transport import Response
from schemathesis.engine import context
from schemathesis.specs.openapi import examples
from schemathesis.transport import requests as transport

from mockserver.errors import MockServerError
from mockserver.prove.reading import is_stream, read_whole

_Session = TypeVar("_Session", bound=requests.Session)

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

_PERIODS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_LONGEST_COMMAND = 60
# A server may refuse a good token again and again; the command is not run more often than this.
_SECONDS_BETWEEN_COMMANDS = 10.0


class Pace:
    """
    At most so many requests in a time, evenly.

    Raises:
        MockServerError: ``text`` is not written like ``5/s``, ``90/m`` or ``1000/h``.
    """

    def __init__(
        self,
        text: str,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        found = re.fullmatch(r"([0-9]+)\s*/\s*([smh])", text.strip())
        if found is None or found[1].strip("0") == "":
            raise MockServerError(
                f"--rate {text}: a rate is a whole number and a time, like 5/s, 90/m or 1000/h."
            )
        self._interval = _PERIODS[found[2]] / int(found[1])
        self._now, self._sleep = now, sleep
        self._next = 0.0

    def wait(self) -> None:
        now = self._now()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._interval


class Token:
    """
    A token that somebody gave, or that a command prints: again when it is refused, and every so often.

    Requests are made with ``first``; what is sent instead is the newest. ``made`` are all that there were.
    """

    def __init__(
        self, text: str | None = None, command: str | None = None, minutes: float | None = None
    ) -> None:
        self._command, self._every = command, minutes * 60 if minutes else None
        self.first = _sendable("--token", text) if text is not None else self._run()
        self._newest = self.first
        self.made = [self.first]
        self._made = time.monotonic()
        self._refused = -_SECONDS_BETWEEN_COMMANDS

    @property
    def newest(self) -> str:
        if self._command and self._every and time.monotonic() - self._made >= self._every:
            self._renew()
        return self._newest

    def renewed(self) -> bool:
        """Tell whether there is another token, after the newest was refused."""
        now = time.monotonic()
        if not self._command or now - self._refused < _SECONDS_BETWEEN_COMMANDS:
            return False
        before, self._refused = self._newest, now
        self._renew()
        return self._newest != before

    def is_in(self, request: requests.PreparedRequest) -> bool:
        values = [str(value) for value in request.headers.values()]
        return any(self._newest in value for value in [*values, request.url or ""])

    def put_in(self, request: requests.PreparedRequest) -> None:
        """Send the newest in the place of the first."""
        _replace(request, self.first, self.newest)

    def take_out(self, request: requests.PreparedRequest) -> None:
        """Let what is recorded of a request have the first again, which reports know how to hide."""
        _replace(request, self._newest, self.first)

    def _renew(self) -> None:
        self._newest = self._run()
        self.made.append(self._newest)
        self._made = time.monotonic()

    def _run(self) -> str:
        option = "--token-command"  # what it is may hold a password, and so may what it says
        try:
            ran = subprocess.run(
                self._command or "",
                shell=True,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_LONGEST_COMMAND,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise MockServerError(f"{option}: it took over {_LONGEST_COMMAND} s.") from error
        printed = ran.stdout.strip()
        if ran.returncode or not printed:
            said = ran.stderr.strip().splitlines()
            why = f"it ended with {ran.returncode}" if ran.returncode else "it printed nothing"
            raise MockServerError(f"{option}: {why}{f': {said[-1]}' if said else ''}.")
        return _sendable(option, printed.splitlines()[-1].strip())


class Line(HTTPAdapter):
    """
    What every request of a run goes through, those of schemathesis and our own.

    ``verify`` is whether certificates are checked, or the file of those that are trusted. A line that
    ``is_safe`` lets nothing pass that could change anything.
    """

    def __init__(
        self,
        *,
        pace: Pace | None = None,
        token: Token | None = None,
        timeout: float = 10.0,
        verify: bool | str = True,
        is_safe: bool = False,
    ) -> None:
        super().__init__(max_retries=0)
        if verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # it was asked for
        self.timeout = timeout
        self._pace, self._token, self._trusts = pace, token, verify
        self._is_safe = is_safe

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        if self._is_safe and (request.method or "").upper() not in SAFE_METHODS:
            raise requests.exceptions.InvalidSchema(f"--safe: {request.method} is not sent.", request=request)
        options |= {"timeout": self.timeout, "verify": self._trusts, "proxies": _proxies(request.url or "")}
        token = self._token
        if token is None:
            return self._send(request, *args, **options)
        token.put_in(request)
        try:
            response = self._send(request, *args, **options)
            is_refused = response.status_code == 401 and token.is_in(request)
            token.take_out(request)
            if is_refused and token.renewed():
                response.close()
                token.put_in(request)
                response = self._send(request, *args, **options)
        finally:
            token.take_out(request)
        return response

    def _send(
        self, request: requests.PreparedRequest, stream: bool = False, **options: Any
    ) -> requests.Response:
        if self._pace is not None:
            self._pace.wait()
        started = time.monotonic()
        response = super().send(request, stream, **options)
        if not (stream and is_stream(response)):  # schemathesis ends those itself
            read_whole(response, self.timeout, started)
        return response

    def session(self) -> requests.Session:
        return self._through(requests.Session())

    def _through(self, session: _Session) -> _Session:
        session.trust_env = False  # a password in ~/.netrc would be sent where none is meant to be
        # A redirect is an answer, whoever asked; schemathesis follows some of them, to the same host.
        session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]  # of one session only
        for scheme in ("http://", "https://"):
            session.mount(scheme, self)
        return session

    @contextmanager
    def taken(self) -> Iterator[None]:
        """
        Let schemathesis send through this line; it has no setting for that (4.32).

        Most goes through a session that it makes for a run; for a request without credentials, or with
        something left out, checks let the transport make one. Examples that lie at other addresses
        (``externalValue``) are not fetched: who runs this has named one server. What nests too deep is read
        as no JSON, which is a finding, where schemathesis would end the phase with a traceback.
        """
        make_session, fetch = context.make_session, examples.load_external_example
        transient, read = transport.SameHostRedirectsSession, Response.json

        def make(*arguments: Any, **options: Any) -> requests.Session:
            return self._through(make_session(*arguments, **options))

        def make_transient() -> requests.Session:
            return self._through(_Transient())

        def read_json(response: Response) -> Any:
            try:
                return read(response)
            except RecursionError as error:
                raise json.JSONDecodeError("It nests too deep to be read", "", 0) from error

        def leave(url: str) -> bytes:
            raise requests.RequestException(f"{url} is not fetched.")

        context.make_session = make
        examples.load_external_example = leave  # type: ignore[assignment]  # theirs has a cache
        transport.SameHostRedirectsSession = make_transient  # type: ignore[assignment,misc]  # it is only called
        Response.json = read_json  # type: ignore[assignment,method-assign]  # for as long as a run lasts
        try:
            yield
        finally:
            context.make_session = make_session
            examples.load_external_example = fetch
            transport.SameHostRedirectsSession = transient  # type: ignore[misc]  # the class that it was
            Response.json = read  # type: ignore[method-assign]  # the method that it was


class _Transient(transport.SameHostRedirectsSession):
    """A session for one request; closed, it leaves the line open for others."""

    def close(self) -> None:
        pass


def _sendable(option: str, token: str) -> str:
    """Give a token that a header can have; what it is instead is not told, for most of it may be one."""
    if not token.isascii() or not token.isprintable():
        raise MockServerError(
            f"{option}: a token is printable ASCII in one line; this has a line break or other characters."
        )
    return token


def _replace(request: requests.PreparedRequest, old: str, new: str) -> None:
    if old == new:
        return
    for name, value in request.headers.items():
        if old in str(value):
            request.headers[name] = str(value).replace(old, new)
    request.url = (request.url or "").replace(old, new)


def _proxies(url: str) -> dict[str, str]:
    is_here = urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
    return {} if is_here else dict(get_environ_proxies(url))
