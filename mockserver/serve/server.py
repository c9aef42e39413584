"""Serve mocks over HTTP with uvicorn."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from mockserver.errors import MockServerError
from mockserver.serve.assembly import Mock, Setup, assemble, find_contract
from mockserver.serve.protocol import Protocol, on_lines
from mockserver.serve.reload import Current, follow
from mockserver.serve.several import Several, refuse_clashes
from mockserver.serve.sockets import listen, url_of


def run(
    setups: Sequence[Setup],
    listener: socket.socket,
    *,
    reload: bool,
    announce: Callable[[Sequence[Mock], str], None],
    say: Callable[[str], Any],
) -> None:
    """
    Serve one mock or several until somebody ends it (Ctrl-C, SIGTERM).

    ``announce`` is called once connections are accepted; ``say`` gets what a reload has to tell.

    Raises:
        MockServerError: what was asked for cannot be served.
    """
    # The contract that is found now is the one: a reload does not go looking for another.
    setups = [replace(setup, contract=find_contract(setup.contract)) for setup in setups]
    currents: list[Current] = []
    try:
        for setup in setups:
            currents.append(Current(assemble(setup)))
        refuse_clashes([current.mock for current in currents])
        _run(setups, currents, listener, reload=reload, announce=announce, say=say)
    finally:
        for current in currents:
            current.mock.close()


def _run(
    setups: Sequence[Setup],
    currents: Sequence[Current],
    listener: socket.socket,
    *,
    reload: bool,
    announce: Callable[[Sequence[Mock], str], None],
    say: Callable[[str], Any],
) -> None:
    # What was made so far stays: the garbage collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    app: ASGIApp = currents[0] if len(currents) == 1 else Several(currents, setups[0].control_token)

    def end_streams() -> None:
        for current in currents:
            current.mock.sandboxes.end_streams()

    server = _Server(
        _config(app), lambda: announce([each.mock for each in currents], url_of(listener)), end_streams
    )
    server.ending = [setup.upstream.backend.close for setup in setups if setup.upstream is not None]
    if reload:
        pairs = zip(currents, setups, strict=True)
        server.beside = [partial(follow, current, setup, say) for current, setup in pairs]
    server.run(sockets=[listener])


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
    server = _Server(_config(mock.app), started.set, mock.sandboxes.end_streams)
    server.ending = [setup.upstream.backend.close] if setup.upstream is not None else []
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
    def __init__(
        self, config: uvicorn.Config, started: Callable[[], object], end_streams: Callable[[], object]
    ) -> None:
        super().__init__(config)
        self.beside: Sequence[Callable[[], Any]] = ()
        self.ending: Sequence[Callable[[], Awaitable[None]]] = ()
        self._end_streams = end_streams
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            if self.beside:
                self._tasks = [asyncio.create_task(each()) for each in self.beside]
                await asyncio.sleep(0)  # they watch from now on, before anybody is told to go on
            self._started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._end_streams()  # a reader of a journal would go on for as long as it is let
        await super().shutdown(sockets=sockets)
        for end in self.ending:
            await end()

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


def _is_no_farewell(record: logging.LogRecord) -> bool:
    """Tell whether a record is more than a request that was cut off because the server was told to end."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


logging.getLogger("uvicorn.error").addFilter(_is_no_farewell)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        on_lines(app),
        interface="asgi3",
        http=Protocol,
        ws="none",  # else uvicorn takes upgrades where a library for web sockets happens to be installed
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=75,
    )
