"""The layer where ``/_mock`` leaves: the documentation pages, and the control API by its own contract."""

import functools
import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.contract.loading.document import load
from mockserver.contract.operation import METHODS, Contract, Operation
from mockserver.contract.pointers import resolve
from mockserver.control.addresses import DOCS, PREFIX, is_reserved
from mockserver.respond.problem_writer import ProblemWriter
from mockserver.respond.problems import Problem
from mockserver.serve.sending import ENTRY, WORLD, send_empty, send_problem
from mockserver.state.clock import Clock
from mockserver.state.journal_entry import Entry
from mockserver.state.sandboxes import Sandboxes, SandboxRefused, TooManySandboxes

_CONSOLE = Path(str(files("mockserver.control") / "console"))
_CONTRACT = Path(str(files("mockserver.control") / "control.yaml"))

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


@functools.cache
def control_contract() -> Contract:
    """Give the contract of the control API, read once."""
    return load(_CONTRACT)


def control_contract_at(base_path: str) -> Contract:
    """Give the contract of the control API as it is served under a path."""
    return replace(control_contract(), base_path=base_path)


class ControlLayer:
    """
    Answer what is under ``/_mock``, before CORS and the journal.

    ``control`` makes the application that answers for the control API, with the first request that is for it.
    """

    def __init__(self, app: ASGIApp, control: Callable[[], ASGIApp]) -> None:
        self._app = app
        self._make = control
        self._control: ASGIApp | None = None
        self._pages = StaticFiles(directory=_CONSOLE)
        self._page_names = {
            file.relative_to(_CONSOLE).as_posix() for file in _CONSOLE.rglob("*") if file.is_file()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_reserved(scope["path"]):
            return await self._app(scope, receive, send)
        path: str = scope["path"]
        if path in (PREFIX, f"{PREFIX}/", DOCS):
            return await send_empty(send, 307, {"location": f"{DOCS}/"})
        if path.startswith(f"{DOCS}/"):
            return await self._page(path, scope, receive, send)
        if self._control is None:
            self._control = self._make()
        return await self._control(scope, receive, send)

    async def _page(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        name = path.removeprefix(f"{DOCS}/") or "index.html"
        if name not in self._page_names:
            return await _refuse(Problem(404, f"There is no page {path}."), scope, send)
        if scope["method"] not in ("GET", "HEAD"):
            text = f"{path} does not take {scope['method']}."
            return await _refuse(Problem(405, text, headers={"Allow": "GET, HEAD"}), scope, send)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_PAGE_HEADERS)
            await send(message)

        return await self._pages({**scope, "path": f"/{name}", "root_path": ""}, receive, send_guarded)


async def _refuse(problem: Problem, scope: Scope, send: Send) -> None:
    await send_problem(ProblemWriter(control_contract()), problem, scope, send, now=Clock.read)


class Elsewhere:
    """
    Let pages of other sites read what everybody may read, and do the rest where a control token is set.

    The browser asks first, and cannot send the token with that question.
    """

    def __init__(self, app: ASGIApp, contract: Contract, token: str | None) -> None:
        self._app = app
        public = public_operations(contract)
        self._public = {
            contract.base_path + each.path for each in contract.operations if each.operation_id in public
        }
        self._reading = _cross_origin(app, ["GET", "HEAD"])
        self._all = _cross_origin(app, [method.upper() for method in METHODS]) if token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in self._public:
            return await self._reading(scope, receive, send)
        return await (self._all or self._app)(scope, receive, send)


def _cross_origin(app: ASGIApp, methods: list[str]) -> CORSMiddleware:
    return CORSMiddleware(
        app,
        allow_origin_regex=".*",
        allow_credentials=True,
        allow_private_network=True,
        allow_methods=methods,
        allow_headers=["*"],
        expose_headers=["Allow", "Location", "X-Request-ID"],
    )


class Admission:
    """
    Let callers on this machine pass, pages of no other site, and whoever sends the control token.

    What the contract of the control API marks as public answers everybody.
    """

    def __init__(self, app: ASGIApp, contract: Contract, token: str | None) -> None:
        self._app = app
        self._public = public_operations(contract)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            entry: Entry = scope[ENTRY]
            is_public = entry.operation is not None and entry.operation.operation_id in self._public
            if not is_public and not self._is_known(scope) and (why := _reason_to_refuse(scope)):
                hint = " Send the control token: Authorization: Bearer <token>." if self._token else ""
                raise Problem(403, why + hint)
        await self._app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        if self._token is None:
            return False
        wanted = self._token.encode()
        for name, value in scope["headers"]:
            scheme, _, token = value.partition(b" ")
            is_bearer = name == b"authorization" and scheme.lower() == b"bearer"  # RFC 9110, 11.1
            if is_bearer and hmac.compare_digest(token.strip(), wanted):
                return True
        return False


class Picking:
    """
    Find the sandbox that a call speaks of, made if need be, for the operations that speak of one.

    Those are the ones that declare its header, but for the one that makes sandboxes itself.
    """

    def __init__(self, app: ASGIApp, sandboxes: Sandboxes) -> None:
        self._app = app
        self._sandboxes = sandboxes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            entry: Entry = scope[ENTRY]
            if entry.sandbox and entry.operation is not None and _speaks_of_one(entry.operation):
                try:
                    scope[WORLD] = self._sandboxes.pick(entry.sandbox)
                except SandboxRefused as error:
                    raise Problem(400, str(error)) from error
                except TooManySandboxes as error:
                    raise Problem(507, str(error)) from error
        await self._app(scope, receive, send)


def _speaks_of_one(operation: Operation) -> bool:
    is_named = any(each.name == "Mock-Sandbox" for each in operation.parameters)
    return is_named and operation.operation_id != "createSandbox"


def public_operations(contract: Contract) -> frozenset[str]:
    """Name the operations that answer everybody."""
    return frozenset(
        each.operation_id
        for each in contract.operations
        if resolve(contract.data, each.pointer).get("x-public") is True
    )


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
    if "forwarded" in headers or "x-forwarded-for" in headers:
        return "This does not answer what a proxy hands on: its caller may be anywhere."
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
