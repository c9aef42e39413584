"""The layer where ``/_mock`` leaves: the control API and the documentation page."""

import ipaddress
from collections.abc import Mapping
from importlib.resources import files

import orjson
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.control.api import DOCS, PREFIX, Control
from mockserver.respond.exchange import Response
from mockserver.respond.problems import PROBLEM_JSON
from mockserver.serve.layers import send_body, send_empty

_CONSOLE = str(files("mockserver.control") / "console")


class ControlLayer:
    """
    Answer what is under ``/_mock``, before CORS and the journal.

    What changes or shows the state answers callers on this machine only, and no page of another site.
    """

    def __init__(self, app: ASGIApp, controls: Mapping[str, Mapping[str, Control]]) -> None:
        self._app = app
        self._controls = controls
        self._pages = StaticFiles(directory=_CONSOLE, html=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        path: str = scope["path"]
        if path != PREFIX and not path.startswith(f"{PREFIX}/"):
            return await self._app(scope, receive, send)
        if path in (PREFIX, f"{PREFIX}/", DOCS):
            return await send_empty(send, 307, {"location": f"{DOCS}/"})
        if path.startswith(f"{DOCS}/"):
            return await self._page(path, scope, receive, send)
        return await self._control(path, scope, send)

    async def _page(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        name = path.removeprefix(f"{DOCS}/") or "index.html"
        found, _ = self._pages.lookup_path(name) if _is_plain(name) else ("", None)
        if not found:
            return await _refuse(send, 404, f"There is no page {path}.", scope)
        if scope["method"] not in ("GET", "HEAD"):
            return await _refuse(send, 405, f"{path} does not take {scope['method']}.", scope, "GET, HEAD")
        return await self._pages({**scope, "path": f"/{name}", "root_path": ""}, receive, send)

    async def _control(self, path: str, scope: Scope, send: Send) -> None:
        methods = self._controls.get(path)
        if methods is None:
            known = ", ".join([f"{DOCS}/", *self._controls])
            return await _refuse(send, 404, f"There is no {path}; there are {known}.", scope)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        control = methods.get(method)
        if control is None:
            allow = ", ".join([*methods, *(["HEAD"] if "GET" in methods else [])])
            text = f"{path} does not take {scope['method']}, but {allow}."
            return await _refuse(send, 405, text, scope, allow)
        if not control.public and (why := _reason_to_refuse(scope)):
            return await _refuse(send, 403, why, scope)
        response = control.answer()
        # What everybody may read, a page of another site may read too.
        headers = {"access-control-allow-origin": "*"} if control.public else {}
        return await _send(send, response, headers, scope)


def _is_plain(name: str) -> bool:
    return "\x00" not in name and len(name) < 200


def _reason_to_refuse(scope: Scope) -> str | None:
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0]) if client else None
    except ValueError:
        address = None
    if address is None or not (getattr(address, "ipv4_mapped", None) or address).is_loopback:
        return "This answers callers on the mock's own machine only."
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != headers.get("host"):
        return f"This does not answer pages of another site ({origin})."
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return "This does not answer pages of another site."
    return None


async def _refuse(send: Send, status: int, detail: str, scope: Scope, allow: str | None = None) -> None:
    body = {"type": "about:blank", "title": detail.split(";")[0], "status": status, "detail": detail}
    headers = {"allow": allow} if allow else {}
    await _send(send, Response(body, status, media_type=PROBLEM_JSON), headers, scope)


async def _send(send: Send, response: Response, headers: Mapping[str, str], scope: Scope) -> None:
    content = response.body
    if content is None:
        content = b""
    elif not isinstance(content, bytes):
        content = orjson.dumps(content)
    media_type = response.media_type or "application/json"
    await send_body(send, response.status, content, media_type, headers, scope["method"])
