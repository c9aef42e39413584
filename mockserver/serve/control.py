"""The layer where ``/_mock`` leaves: the control API and the documentation page."""

import ipaddress
from collections.abc import Mapping
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path

import orjson
from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.control.addresses import DOCS, PREFIX, is_reserved
from mockserver.control.api import Control
from mockserver.errors import MockServerError
from mockserver.respond.exchange import Response
from mockserver.respond.problems import PROBLEM_JSON
from mockserver.serve.layers import WORLD, send_body, send_empty

_CONSOLE = Path(str(files("mockserver.control") / "console"))

_PAGE_HEADERS = {
    # The page takes everything from here and sends nothing elsewhere, least of all a token; no page of
    # another site can frame it. Swagger UI has icons in data URLs and writes styles into elements.
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    # Kept, but asked about each time: tomorrow another version may answer at this address.
    "cache-control": "no-cache",
}

# Names that the public DNS gives to nobody. Source: RFC 6761; RFC 2606, section 2.
_RESERVED_DOMAINS = ("localhost", "test", "example", "invalid")


class ControlLayer:
    """
    Answer what is under ``/_mock``, before CORS and the journal.

    What changes or shows the state answers callers on this machine only, and no page of another site.
    """

    def __init__(self, app: ASGIApp, controls: Mapping[str, Mapping[str, Control]]) -> None:
        self._app = app
        self._controls = controls
        self._pages = StaticFiles(directory=_CONSOLE)
        self._page_names = {
            file.relative_to(_CONSOLE).as_posix() for file in _CONSOLE.rglob("*") if file.is_file()
        }
        # What everybody may read, a page of another site may read too, whatever headers it sends.
        self._readable_elsewhere = CORSMiddleware(
            self._answer,
            allow_origin_regex=".*",
            allow_credentials=True,
            allow_private_network=True,
            allow_methods=["GET", "HEAD"],
            allow_headers=["*"],
            expose_headers=["Allow", "X-Request-ID"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        path: str = scope["path"]
        if not is_reserved(path):
            return await self._app(scope, receive, send)
        if path in (PREFIX, f"{PREFIX}/", DOCS):
            return await send_empty(send, 307, {"location": f"{DOCS}/"})
        if path.startswith(f"{DOCS}/"):
            return await self._page(path, scope, receive, send)
        methods = self._controls.get(path)
        if methods is None:
            known = ", ".join([f"{DOCS}/", *self._controls])
            return await _refuse(send, 404, f"There is no {path}; there are {known}.", scope)
        if any(control.public for control in methods.values()):
            return await self._readable_elsewhere(scope, receive, send)
        return await self._answer(scope, receive, send)

    async def _page(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        name = path.removeprefix(f"{DOCS}/") or "index.html"
        if name not in self._page_names:
            return await _refuse(send, 404, f"There is no page {path}.", scope)
        if scope["method"] not in ("GET", "HEAD"):
            return await _refuse(send, 405, f"{path} does not take {scope['method']}.", scope, "GET, HEAD")

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_PAGE_HEADERS)
            await send(message)

        return await self._pages({**scope, "path": f"/{name}", "root_path": ""}, receive, send_guarded)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        methods = self._controls[path]
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        control = methods.get(method)
        if control is None:
            allow = ", ".join([*methods, *(["HEAD"] if "GET" in methods else [])])
            text = f"{path} does not take {scope['method']}, but {allow}."
            return await _refuse(send, 405, text, scope, allow)
        if not control.public and (why := _reason_to_refuse(scope)):
            return await _refuse(send, 403, why, scope)
        try:
            response = control.answer(scope[WORLD])
        except MockServerError as error:
            return await _refuse(send, 409, str(error), scope)
        return await _send(send, response, {}, scope)


def _reason_to_refuse(scope: Scope) -> str | None:
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0]) if client else None
    except ValueError:
        address = None
    if address is None or not (getattr(address, "ipv4_mapped", None) or address).is_loopback:
        return "This answers callers on the mock's own machine only."
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    host = headers.get("host", "")
    if _is_public_name(host):
        return f"This answers under localhost or an address, not under {host}."
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != host:
        return f"This does not answer pages of another site ({origin})."
    if headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return "This does not answer pages of another site."
    return None


def _is_public_name(host: str) -> bool:
    """
    Tell whether a ``Host`` is a name that somebody can own.

    Its owner can let it lead to 127.0.0.1, and then their page is of the same origin as we are (DNS
    rebinding). An address leads nowhere else, and a name of one label or a reserved domain is nobody's.
    """
    if host.startswith("["):
        return False
    name = host.partition(":")[0].rstrip(".").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." in name and name.rpartition(".")[2] not in _RESERVED_DOMAINS
    return False


async def _refuse(send: Send, status: int, detail: str, scope: Scope, allow: str | None = None) -> None:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
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
