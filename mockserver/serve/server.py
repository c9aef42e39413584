"""Serve mocks over HTTP: sockets, uvicorn, the first lines on the screen, and reloading."""

import asyncio
import contextlib
import errno
import gc
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from watchfiles import awatch

from mockserver.errors import MockServerError
from mockserver.serve.assembly import Mock, Parts, Setup, assemble, read_content, read_parts
from mockserver.state.fixtures import check_items, collections_of


class Current:
    """The application that is served now; a reload puts another in its place."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.mock.app(scope, receive, send)


def listen(host: str, port: int) -> socket.socket:
    """
    Open the socket to serve on; port 0 takes any that is free.

    Raises:
        MockServerError: the port is taken, or the host is not one of this machine.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except socket.gaierror as error:
        raise MockServerError(f"--host {host}: there is no such host.") from error
    except OverflowError as error:
        raise MockServerError(f"--port {port}: a port is a number from 0 to 65535.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise MockServerError(
                f"Port {port} of {host} is taken; stop what listens there, or take another (0: any)."
            ) from error
        raise MockServerError(f"{host}:{port} cannot be listened on: {error.strerror}.") from error


def url_of(listener: socket.socket) -> str:
    """Give the address that a client on this machine reaches a socket by."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def run(
    setup: Setup,
    listener: socket.socket,
    *,
    reload: bool,
    announce: Callable[[Mock, str], None],
    say: Callable[[str], Any],
) -> None:
    """
    Serve until somebody ends it (Ctrl-C, SIGTERM).

    ``announce`` is called once connections are accepted; ``say`` gets what a reload has to tell.

    Raises:
        MockServerError: what was asked for cannot be served.
    """
    current = Current(assemble(setup))
    # What was made so far stays: the garbage collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    server = _Server(_config(current), lambda: announce(current.mock, url_of(listener)))
    if reload:
        server.beside = lambda: _reload(current, setup, say)
    try:
        server.run(sockets=[listener])
    finally:
        current.mock.close()


@contextlib.contextmanager
def running(setup: Setup) -> Iterator[tuple[Mock, str]]:
    """
    Serve a mock on a free port in a thread, for as long as the block lasts; gives it and its address.

    Raises:
        MockServerError: what was asked for cannot be served.
    """
    mock = assemble(setup)
    listener = listen("127.0.0.1", 0)
    started = threading.Event()
    server = _Server(_config(mock.app), started.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        if not started.wait(30):
            raise MockServerError("The mock did not start within 30 s.")
        yield mock, url_of(listener)
    finally:
        server.should_exit = True
        thread.join(30)
        mock.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], object]) -> None:
        super().__init__(config)
        self.beside: Callable[[], Any] | None = None
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            if self.beside is not None:
                self._task = asyncio.create_task(self.beside())
                await asyncio.sleep(0)  # it watches from now on, before anybody is told to go on
            self._started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again once it has shut down, and SIGTERM would end us as if killed.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


class _WholeAnswers:
    """A transport that writes an answer's head and body at once: uvicorn writes each on its own."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._held:
            held, self._held = self._held, []
            self._transport.write(b"".join(held))


class _Protocol(HttpToolsProtocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(_WholeAnswers(transport, self.loop))  # type: ignore[arg-type]  # all that is used


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",  # else uvicorn takes upgrades where a library for web sockets happens to be installed
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=75,
    )


async def _reload(current: Current, setup: Setup, say: Callable[[str], Any]) -> None:
    """Put a new mock in the place of the old one at every edit; a broken edit keeps the old one."""
    waiting: set[Path] = set()  # what changed since the last good version
    while True:
        folders = _folders(current.mock, setup)
        async for changes in awatch(*folders, recursive=False, step=50, debounce=400):
            changed = {
                path for path in map(Path, (each for _, each in changes)) if _belongs(path, current, setup)
            }
            if not changed:
                continue
            waiting |= changed
            names = ", ".join(sorted(path.name for path in changed))
            try:
                current.mock = _reassemble(current.mock, setup, waiting)
            except Exception as error:
                why = str(error) if isinstance(error, MockServerError) else traceback.format_exc()
                say(f"{names} changed, but cannot be used; the last good version goes on:\n{why}")
                continue
            waiting.clear()
            say(f"{names} changed; reloaded.")
            if _folders(current.mock, setup) != folders:
                break


def _sources(mock: Mock, setup: Setup) -> list[Path]:
    """Give the files and folders that a mock was made from."""
    parts = mock.parts
    sources = [parts.path, *_fixtures(parts, setup)]
    if isinstance(parts.handlers, Path):
        sources.append(parts.handlers)
    else:
        sources += sorted({handling.file.parent for handling in parts.handlings.values()})
    return [source.resolve() for source in sources]


def _fixtures(parts: Parts, setup: Setup) -> list[Path]:
    """Give the folder of fixtures, and the set that was asked for where it stands elsewhere."""
    asked_for = Path(setup.fixture_set) if setup.fixture_set else None
    return [each.resolve() for each in (parts.fixtures, asked_for) if each is not None and each.exists()]


def _folders(mock: Mock, setup: Setup) -> list[Path]:
    """Give the folders to watch; of a file the one around it, since editors put a new file in its place."""
    folders: set[Path] = set()
    for source in _sources(mock, setup):
        if source.is_dir():
            folders |= {source, *(each for each in source.rglob("*") if each.is_dir())}
        else:
            folders.add(source.parent)
    return sorted(folders)


def _belongs(path: Path, current: Current, setup: Setup) -> bool:
    if path.suffix not in (".yaml", ".yml", ".json", ".py"):
        return False
    return any(path.is_relative_to(source) for source in _sources(current.mock, setup))


def _reassemble(mock: Mock, setup: Setup, changed: Iterable[Path]) -> Mock:
    """Make the mock anew; what was written is kept, unless fixtures changed and there is no state file."""
    parts = read_parts(setup)
    same_collections = set(mock.world.store.names()) == set(collections_of(parts.contract))
    if not same_collections and setup.state is not None:
        raise MockServerError("The collections changed; start again to have them in the state file.")
    fixtures = _fixtures(parts, setup)
    begins_anew = any(
        path.is_relative_to(folder) and path.name != "personas.yaml"
        for path in changed
        for folder in fixtures
    )
    if same_collections and (setup.state is not None or not begins_anew):
        read_content(setup, parts, datetime.now(UTC))  # what a reset would read is refused now
        check_items(mock.world.store.export(), parts.contract, "what is stored")
        return assemble(setup, parts, mock.world)
    return assemble(setup, parts)
