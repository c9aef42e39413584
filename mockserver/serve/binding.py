"""What connexion is given: a skeleton of the contract, a resolver, our security, and our routing."""

from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import quote

from connexion.exceptions import ProblemException
from connexion.middleware import ConnexionMiddleware
from connexion.middleware.abstract import ROUTING_CONTEXT, RoutedAPI, RoutedMiddleware, SpecMiddleware
from connexion.resolver import Resolution, Resolver
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.contract.operation import Contract, Operation, parameters_in, shape_of
from mockserver.contract.paths import PathTree
from mockserver.respond.exchange import Claims
from mockserver.respond.problems import Problem
from mockserver.serve.security import Authenticator, Gate
from mockserver.serve.sending import ENTRY, send_empty

__all__ = ["Binding", "ConnexionMiddleware", "Exchanges", "Routing", "Security", "problem_of"]


class Binding:
    """
    How one contract is bound to connexion.

    connexion reads OpenAPI 3.0 alone, so it is given a 3.0.3 skeleton as a dictionary (a file would be
    rendered as a Jinja template). It takes milliseconds to add an operation to it, so the skeleton has one
    that stands for all: our routing finds the operation, the journal's entry names it, and ``application``
    serves it. Security stays out of the skeleton: connexion tells a scheme nothing of the scopes that are
    required, and refuses a contract for the schemes that it does not know.
    """

    def __init__(
        self,
        contract: Contract,
        application: ASGIApp,
        authenticators: Mapping[str, Authenticator],
    ) -> None:
        self.contract = contract
        self._application = application
        self._gates = _Gates(authenticators)

    def add_to(self, app: ConnexionMiddleware) -> None:
        app.add_api(
            self.skeleton(),
            base_path=self.contract.base_path,
            resolver=_Always(self._application),
            gates=self._gates,
        )

    def caller_of(self, scope: Scope) -> Claims:
        """Give the claims of whoever calls an operation, of nobody where they would be refused."""
        gate = self._gates.of(scope[ENTRY].operation)
        try:
            return {} if gate.is_open else gate.admit(scope)
        except Problem:
            return {}

    def skeleton(self) -> dict[str, Any]:
        operation = {"operationId": _ANY, "responses": {"default": {"description": "what the contract says"}}}
        return {
            "openapi": "3.0.3",
            "info": {"title": self.contract.title, "version": "skeleton"},
            "paths": {f"/{_ANY}": {"get": operation}},
        }


# What the one operation of the skeleton is called.
_ANY = "operation"


class _Gates:
    """The gates of all operations, each made when it is first asked for."""

    def __init__(self, authenticators: Mapping[str, Authenticator]) -> None:
        self._authenticators = authenticators
        self._made: dict[str, Gate] = {}

    def of(self, operation: Operation) -> Gate:
        gate = self._made.get(operation.operation_id)
        if gate is None:
            gate = self._made[operation.operation_id] = Gate(operation, self._authenticators)
        return gate


class _Always(Resolver):  # type: ignore[misc]  # connexion ships no types
    """Resolve every operation to one application; pure, since connexion asks many times."""

    def __init__(self, application: ASGIApp) -> None:
        super().__init__()
        self._application = application

    def resolve(self, operation: Any) -> Resolution:
        return Resolution(self._application, operation.operation_id)


class Routing(SpecMiddleware):  # type: ignore[misc]  # connexion ships no types
    """
    Find the operation of a request, in connexion's stack and in place of its own routing.

    connexion decodes a path before it splits it (``%2F`` ends a segment), names in ``Allow`` the methods of
    one route alone, redirects to an absolute address, and walks through every path in turn.

    Where it is not to refuse, what the contract lacks goes on without an operation.
    """

    def __init__(self, app: ASGIApp, contract: Contract, *, refuses: bool = True) -> None:
        self._app = app
        self._refuses = refuses
        self._base_path = contract.base_path
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
            if not self._refuses:
                return await self._app(scope, receive, send)
            return await self._redirect(raw_path, scope, send)
        path, values = match
        target = self._targets[path].get(scope["method"])
        if target is None:
            if not self._refuses:
                return await self._app(scope, receive, send)
            return await self._refuse_method(path, scope, send)
        operation, names = target
        if names is not None:
            values = dict(zip(names, values.values(), strict=False))
        entry = scope[ENTRY]
        entry.operation, entry.path_values = operation, values
        scope["extensions"] = {
            **scope.get("extensions", {}),
            ROUTING_CONTEXT: {"api_base_path": self._base_path, "operation_id": _ANY},
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


class _SecurityApi(RoutedAPI[ASGIApp]):  # type: ignore[misc]  # connexion ships no types
    def __init__(self, *args: Any, gates: _Gates, **options: Any) -> None:
        super().__init__(*args, **options)
        self._gates = gates
        self.add_paths()

    def make_operation(self, operation: Any) -> ASGIApp:
        gates, next_app = self._gates, self.next_app

        def admit(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            entry = scope[ENTRY]
            gate = gates.of(entry.operation)
            if not gate.is_open:
                entry.caller = gate.admit(scope)
            passed: Awaitable[None] = next_app(scope, receive, send)
            return passed

        return admit


class Security(RoutedMiddleware[_SecurityApi]):  # type: ignore[misc]  # connexion ships no types
    """Let nobody pass to an operation but by its gate, in connexion's stack and in place of its own."""

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


def problem_of(error: Exception) -> Problem | None:
    """Give what connexion itself refused as a problem; ``None`` for other errors."""
    if not isinstance(error, ProblemException):
        return None
    return Problem(error.status, str(error.detail or error.title or "Refused."))
