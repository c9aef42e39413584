"""What connexion is given: a skeleton of the contract, a resolver, our security, and our routing."""

from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import quote

from connexion.exceptions import ProblemException
from connexion.middleware import ConnexionMiddleware
from connexion.middleware.abstract import ROUTING_CONTEXT, RoutedAPI, RoutedMiddleware, SpecMiddleware
from connexion.resolver import Resolution, Resolver
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver.contract.operation import Contract
from mockserver.contract.paths import PathTree
from mockserver.respond.problems import Problem
from mockserver.serve.layers import ENTRY, send_empty
from mockserver.serve.security import Authenticator, Gate

__all__ = ["Binding", "ConnexionMiddleware", "Exchanges", "Routing", "Security", "problem_of"]


class Binding:
    """
    How one contract is bound to connexion.

    connexion reads OpenAPI 3.0 alone, so it is given a 3.0.3 skeleton as a dictionary (a file would be
    rendered as a Jinja template): paths, operationIds, and path parameters as strings. Security stays out
    of it: connexion tells a scheme nothing of the scopes that are required, and refuses a contract for the
    schemes that it does not know.
    """

    def __init__(
        self,
        contract: Contract,
        operations: Mapping[str, ASGIApp],
        authenticators: Mapping[str, Authenticator],
    ) -> None:
        self.contract = contract
        self._operations = operations
        self._gates = {each.operation_id: Gate(each, authenticators) for each in contract.operations}

    def add_to(self, app: ConnexionMiddleware) -> None:
        app.add_api(
            self.skeleton(),
            base_path=self.contract.base_path,
            resolver=_ById(self._operations),
            security_map=self._gates,
        )

    def skeleton(self) -> dict[str, Any]:
        paths: dict[str, dict[str, Any]] = {}
        for operation in self.contract.operations:
            paths.setdefault(operation.path, {})[operation.method] = {
                "operationId": operation.operation_id,
                "parameters": [
                    {"name": each.name, "in": "path", "required": True, "schema": {"type": "string"}}
                    for each in operation.parameters
                    if each.location == "path"
                ],
                "responses": {"default": {"description": "what the contract says"}},
            }
        return {
            "openapi": "3.0.3",
            "info": {"title": self.contract.title, "version": "skeleton"},
            "paths": paths,
        }


class _ById(Resolver):  # type: ignore[misc]  # connexion ships no types
    """Resolve operations to the applications made for them; pure, since connexion asks many times."""

    def __init__(self, operations: Mapping[str, ASGIApp]) -> None:
        super().__init__()
        self._operations = operations

    def resolve(self, operation: Any) -> Resolution:
        return Resolution(self._operations[operation.operation_id], operation.operation_id)


class Routing(SpecMiddleware):  # type: ignore[misc]  # connexion ships no types
    """
    Find the operation of a request, in connexion's stack and in place of its own routing.

    connexion decodes a path before it splits it (``%2F`` ends a segment), names in ``Allow`` the methods of
    one route alone, redirects to an absolute address, and walks through every path in turn.
    """

    def __init__(self, app: ASGIApp, contract: Contract) -> None:
        self._app = app
        self._base_path = contract.base_path
        self._paths = PathTree(contract.base_path + path for path in contract.by_path)
        self._operations = {
            contract.base_path + path: _with_implied_methods(methods)
            for path, methods in contract.by_path.items()
        }

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
        methods = self._operations[path]
        operation = methods.get(scope["method"])
        if operation is None:
            return await self._refuse_method(path, scope, send)
        entry = scope[ENTRY]
        entry.operation, entry.path_values = operation, values
        scope["extensions"] = {
            **scope.get("extensions", {}),
            ROUTING_CONTEXT: {"api_base_path": self._base_path, "operation_id": operation.operation_id},
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
        methods = self._operations[path]
        allow = ", ".join(sorted({*methods, "OPTIONS"}))
        if scope["method"] == "OPTIONS":
            return await send_empty(send, 204, {"allow": allow})
        # The problem is written as the other operations on this path write theirs.
        scope[ENTRY].operation = next(iter(methods.values()))
        raise Problem(405, f"{path} does not take {scope['method']}, but {allow}.", headers={"Allow": allow})


# How much of an unknown path is said back.
_SHOWN = 300


def _with_implied_methods(methods: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**methods, "HEAD": methods["GET"]} if "GET" in methods and "HEAD" not in methods else methods


def _raw_path(scope: Scope) -> str:
    raw = scope.get("raw_path")
    return quote(scope["path"]) if raw is None else raw.decode("latin-1")


class _SecurityApi(RoutedAPI[ASGIApp]):  # type: ignore[misc]  # connexion ships no types
    def __init__(self, *args: Any, security_map: Mapping[str, Gate], **options: Any) -> None:
        super().__init__(*args, **options)
        self._gates = security_map
        self.add_paths()

    def make_operation(self, operation: Any) -> ASGIApp:
        gate, next_app = self._gates[operation.operation_id], self.next_app
        if gate.is_open:
            application: ASGIApp = next_app
            return application

        def admit(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
            scope[ENTRY].caller = gate.admit(scope)
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
