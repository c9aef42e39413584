"""What connexion is given: a skeleton of the contract, a resolver, a security map, and our routing."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from connexion.exceptions import ProblemException
from connexion.middleware import ConnexionMiddleware
from connexion.middleware.abstract import ROUTING_CONTEXT, RoutedAPI, RoutedMiddleware, SpecMiddleware
from connexion.middleware.security import SecurityAPI, SecurityMiddleware, SecurityOperation
from connexion.resolver import Resolution, Resolver
from connexion.security import NO_VALUE
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.contract.operation import Contract, Operation, parameters_in, shape_of
from mockserver.contract.paths import PathTree
from mockserver.respond.problems import Problem
from mockserver.serve.layers import ENTRY, send_empty
from mockserver.serve.security import Authenticate, unauthorized

__all__ = ["Binding", "ConnexionMiddleware", "Exchanges", "Routing", "Security", "problem_of"]


class Binding:
    """
    How one contract is bound to connexion.

    connexion reads OpenAPI 3.0 alone, so it is given a 3.0.3 skeleton as a dictionary (a file would be
    rendered as a Jinja template). All that it does for an operation is to hold its security requirements, so
    the skeleton has one operation for all that require the same, whatever their ids and paths are: it takes
    milliseconds to add another. ``application`` serves the operation that the journal's entry names. Each
    security scheme goes by a name of ours, so that ours is the code that checks it.
    """

    def __init__(
        self,
        contract: Contract,
        application: ASGIApp,
        authenticators: Mapping[str, Authenticate],
    ) -> None:
        self.contract = contract
        self._application = application
        self._authenticators = authenticators
        self._scheme_keys = {name: f"mock-{index}" for index, name in enumerate(authenticators)}

    def add_to(self, app: ConnexionMiddleware) -> None:
        app.add_api(
            self.skeleton(),
            base_path=self.contract.base_path,
            resolver=_Always(self._application),
            security_map={
                self._scheme_keys[name]: _scheme(each) for name, each in self._authenticators.items()
            },
        )

    def skeleton(self) -> dict[str, Any]:
        paths = {
            f"/{key}": {
                "get": {
                    "operationId": key,
                    # The empty requirement last: connexion takes the first that is met, and it always is.
                    "security": [
                        {name: [] for name in requirement}
                        for requirement in sorted(security, key=lambda each: not each)
                    ],
                    "responses": {"default": {"description": "what the contract says"}},
                }
            }
            for key, security in _accesses(self.contract).values()
        }
        schemes = {name: {"type": "http", "scheme": key} for name, key in self._scheme_keys.items()}
        return {
            "openapi": "3.0.3",
            "info": {"title": self.contract.title, "version": "skeleton"},
            "paths": paths,
            "components": {"securitySchemes": schemes},
        }


_Security = tuple[Mapping[str, tuple[str, ...]], ...]


def _accesses(contract: Contract) -> Mapping[Any, tuple[str, _Security]]:
    """Give each way in which operations are secured, under a key that is made of it, and with a name."""
    found: dict[Any, tuple[str, _Security]] = {}
    for operation in contract.operations:
        found.setdefault(_key_of(operation), (f"access-{len(found)}", operation.security))
    return found


def _key_of(operation: Operation) -> Any:
    return tuple(tuple(requirement.items()) for requirement in operation.security)


class _Always(Resolver):  # type: ignore[misc]  # connexion ships no types
    """Resolve every operation to one application; pure, since connexion asks many times."""

    def __init__(self, application: ASGIApp) -> None:
        super().__init__()
        self._application = application

    def resolve(self, operation: Any) -> Resolution:
        return Resolution(self._application, operation.operation_id)


def _scheme(authenticate: Authenticate) -> Callable[[], Any]:
    """Make what connexion calls a security handler: a class with ``get_fn``."""

    class Handler:
        def get_fn(self, _scheme: Any, _scopes: Any) -> Callable[[Any], Any]:
            return check

    def check(request: Any) -> Any:
        claims = authenticate(request.scope)
        if claims is None:
            return NO_VALUE
        entry = request.scope[ENTRY]
        entry.caller = {**entry.caller, **claims} if entry.caller else claims
        return claims

    return Handler


class Routing(SpecMiddleware):  # type: ignore[misc]  # connexion ships no types
    """
    Find the operation of a request, in connexion's stack and in place of its own routing.

    connexion decodes a path before it splits it (``%2F`` ends a segment), names in ``Allow`` the methods of
    one route alone, redirects to an absolute address, and walks through every path in turn.
    """

    def __init__(self, app: ASGIApp, contract: Contract) -> None:
        self._app = app
        self._base_path = contract.base_path
        accesses = _accesses(contract)
        self._access = {each.operation_id: accesses[_key_of(each)][0] for each in contract.operations}
        self._targets = _targets(contract)
        self._paths = PathTree(self._targets)

    def add_api(self, _specification: Any, **_options: Any) -> None:
        """Take no notice: the contract itself came with the constructor."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        raw_path = _raw_path(scope)
        match = self._paths.match(raw_path)
        if match is None:
            return await self._redirect(raw_path, scope, send)
        path, values = match
        target = self._targets[path].get(scope["method"])
        if target is None:
            return await self._refuse_method(path, scope, send)
        operation, names = target
        if names is not None:
            values = dict(zip(names, values.values(), strict=False))
        entry = scope[ENTRY]
        entry.operation, entry.path_values = operation, values
        access = self._access[operation.operation_id]
        scope["extensions"] = {
            **scope.get("extensions", {}),
            ROUTING_CONTEXT: {"api_base_path": self._base_path, "operation_id": access},
        }
        return await self._app(scope, receive, send)

    async def _redirect(self, raw_path: str, scope: Scope, send: Send) -> None:
        other = self._paths.other_slash_form(raw_path)
        if other is None:
            raise Problem(404, f"The contract has no path {raw_path[:_SHOWN]}.")
        other = other.replace("\\", "%5C")  # a browser reads "/\\host" as another host's address
        query = scope["query_string"].decode("latin-1")
        await send_empty(send, 307, {"location": f"{other}?{query}" if query else other})

    async def _refuse_method(self, path: str, scope: Scope, send: Send) -> None:
        methods = self._targets[path]
        allow = ", ".join(sorted({*methods, "OPTIONS"}))
        if scope["method"] == "OPTIONS":
            return await send_empty(send, 204, {"allow": allow})
        # The problem is written as the other operations on this path write theirs.
        scope[ENTRY].operation = next(iter(methods.values()))[0]
        raise Problem(405, f"{path} does not take {scope['method']}, but {allow}.", headers={"Allow": allow})


# How much of an unknown path is said back.
_SHOWN = 300


_Target = tuple[Operation, list[str] | None]


def _targets(contract: Contract) -> Mapping[str, Mapping[str, _Target]]:
    """
    Give the operations by path and method, each with the names of its parameters where they are its own.

    Paths of one shape are one path, called as the first of them. After all operations have their place, those
    with servers for themselves have another, unless it is taken.
    """
    shapes: dict[str, str] = {}
    targets: dict[str, dict[str, _Target]] = {}

    def add(path: str, operation: Operation) -> None:
        first = shapes.setdefault(shape_of(path), path)
        names = parameters_in(path)
        own = None if names == parameters_in(first) else names
        targets.setdefault(first, {}).setdefault(operation.method.upper(), (operation, own))

    for operation in contract.operations:
        add(contract.base_path + operation.path, operation)
    for operation in contract.operations:
        for base_path in operation.base_paths:
            add(base_path + operation.path, operation)
    return {path: _with_implied_methods(methods) for path, methods in targets.items()}


def _with_implied_methods(methods: Mapping[str, _Target]) -> Mapping[str, _Target]:
    return {**methods, "HEAD": methods["GET"]} if "GET" in methods and "HEAD" not in methods else methods


def _raw_path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    return quote(scope["path"]) if raw is None else raw.decode("latin-1")


class _SecurityOperation(SecurityOperation):  # type: ignore[misc]  # connexion ships no types
    """connexion's check of one operation, on the scope alone: a whole request object is not needed for it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.security:
            await self.verification_fn(_Credentials(scope))
        await self.next_app(scope, receive, send)


class _Credentials:
    """What connexion and our schemes look at in a request: its scope, and where the claims are put."""

    __slots__ = ("context", "scope")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.context: dict[str, Any] = scope["extensions"].setdefault("connexion_context", {})


class _SecurityApi(SecurityAPI):  # type: ignore[misc]  # connexion ships no types
    def make_operation(self, operation: Any) -> _SecurityOperation:
        made: _SecurityOperation = _SecurityOperation.from_operation(
            operation, next_app=self.next_app, security_handler_factory=self.security_handler_factory
        )
        return made


class Security(SecurityMiddleware):  # type: ignore[misc]  # connexion ships no types
    """connexion's security, whose checks are given the scope."""

    api_cls = _SecurityApi


class _Api(RoutedAPI[ASGIApp]):  # type: ignore[misc]  # connexion ships no types
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.add_paths()

    def make_operation(self, operation: Any) -> ASGIApp:
        application: ASGIApp = operation.function
        return application


class Exchanges(RoutedMiddleware[_Api]):  # type: ignore[misc]  # connexion ships no types
    """Call the application that was made for the operation; the last layer of connexion's stack."""

    api_cls = _Api


def problem_of(contract: Contract, error: Exception, operation: Operation | None) -> Problem | None:
    """Give what connexion itself refused (no credentials, say) as a problem; ``None`` for other errors."""
    if not isinstance(error, ProblemException):
        return None
    if error.status == 401:
        wanted = operation.security if operation else ()
        names = [name for requirement in wanted for name in requirement]
        schemes = " or ".join(" and ".join(requirement) for requirement in wanted if requirement)
        definition = contract.security_schemes[names[0]] if names else {}
        return unauthorized(f"Credentials are missing; needed here: {schemes}.", definition)
    return Problem(error.status, str(error.detail or error.title or "Refused."))
