"""
Our own server without what can steer it: one sandbox, no journal, no faults, no headers that explain.

``http.py`` starts it beside the whole server, to see what these layers cost. Names of requests, CORS,
errors, routing, security and the validation of both sides are what they are there.
"""

import sys
from collections.abc import Awaitable
from functools import partial
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.serve import app
from mockserver.serve.assembly import Setup
from mockserver.serve.layers import HEADERS
from mockserver.serve.sending import ENTRY, WORLD
from mockserver.serve.server import run
from mockserver.serve.sockets import listen
from mockserver.state.journal_entry import Entry
from mockserver.state.sandboxes import Sandboxes


class OneWorld:
    """Name every request; all see the default sandbox."""

    def __init__(self, next_app: ASGIApp, sandboxes: Sandboxes) -> None:
        self._app = next_app
        self._world = sandboxes.default

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        sent = next((value for name, value in scope["headers"] if name == b"x-request-id"), None)
        request_id = self._world.request_ids.next() if sent is None else sent.decode("latin-1")
        scope[ENTRY] = Entry(request_id, scope["method"], scope["path"])
        scope[HEADERS] = dict(scope["headers"])
        scope[WORLD] = self._world
        header = (b"x-request-id", request_id.encode("ascii"))

        def send_named(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], header]
            return send(message)

        return self._app(scope, receive, send_named)


def nothing(next_app: ASGIApp, **_: Any) -> ASGIApp:
    """Stand for a layer that is left out."""
    return next_app


if __name__ == "__main__":
    app.Arrivals = OneWorld  # type: ignore[misc,assignment]
    app.Journals = app.FaultLayer = nothing  # type: ignore[misc,assignment]
    run(
        [Setup()],
        listen("127.0.0.1", 0),
        reload=False,
        announce=lambda _, url: print(f"mockserver is listening on {url}", flush=True),
        say=partial(print, file=sys.stderr),
    )
