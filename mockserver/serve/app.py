"""The composition root: every layer that a request passes, in order."""

import contextlib
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockserver.contract.operation import METHODS, Contract, Operation
from mockserver.control.addresses import PREFIX
from mockserver.control.steered import Served, Steered
from mockserver.errors import MockServerError
from mockserver.respond.marks import Handling, collect
from mockserver.respond.problem_writer import ProblemWriter
from mockserver.respond.problems import Problem
from mockserver.respond.responder import Responder
from mockserver.respond.stateful.handlers import Stateful
from mockserver.serve.binding import (
    Binding,
    ConnexionMiddleware,
    Exchanges,
    Routing,
    Security,
    problem_of,
)
from mockserver.serve.control import Admission, ControlLayer, Elsewhere, Picking, control_contract_at
from mockserver.serve.faults import FaultLayer
from mockserver.serve.layers import Arrivals, CrossOrigin, Errors, Journals
from mockserver.serve.operation import Failure, OperationApp, View
from mockserver.serve.security import authenticator
from mockserver.serve.sending import ENTRY, WORLD
from mockserver.serve.upstream import Upstream, UpstreamLayer
from mockserver.state.clock import Clock
from mockserver.state.journal_entry import Entry
from mockserver.state.settings import Settings
from mockserver.state.world import DEFAULT, World

# The persona that everybody acts as when nobody has to say who they are.
ACTING = "super-admin"


def create_app(
    served: Served,
    handlings: Mapping[str, Handling],
    *,
    body_limit: int,
    control: Callable[[], ASGIApp],
    upstream: Upstream | None = None,
) -> ASGIApp:
    """
    Give the ASGI application that serves one contract.

    ``body_limit`` is in bytes. What an operation needs is compiled with its first request, so that starting
    takes no longer for a large contract. A schema that cannot be used is told of then. ``control`` makes the
    application under ``/_mock``. With an ``upstream`` requests go to a backend, before anybody is asked who
    they are, and what the contract lacks goes there too.
    """
    contract, resources, personas = served.contract, served.resources, served.personas

    def make(operation: Operation) -> OperationApp:
        return OperationApp(
            contract,
            operation,
            handlings.get(operation.operation_id),
            Responder(contract, operation, stateful),
            body_limit=body_limit,
        )

    stateful = Stateful(contract, resources) if resources.roles else None
    acting = personas[ACTING] if any(persona.name == ACTING for persona in personas) else None
    authenticators = {
        name: authenticator(scheme, acting) for name, scheme in contract.security_schemes.items()
    }
    operations = _Operations(contract, make, _print_error)
    binding = Binding(contract, operations, authenticators)
    errors = partial(Errors, writer=ProblemWriter(contract), translate=problem_of, report=_print_error)
    return _stacked(
        binding,
        [
            partial(Arrivals, sandboxes=served.sandboxes),
            partial(ControlLayer, control=control),
            partial(CrossOrigin, **_cross_origin(contract)),
            partial(Journals, now=served.sandboxes.now),
            errors,
            partial(Routing, contract=contract, refuses=upstream is None),
            partial(
                FaultLayer,
                contract=contract,
                fail=operations.fail,
                answering=errors,
                caller_of=binding.caller_of,
                name_of=personas.name_of,
            ),
            *([_handed_to(upstream, contract, body_limit)] if upstream is not None else []),
            Security,
            Exchanges,
        ],
    )


def _handed_to(upstream: Upstream, contract: Contract, body_limit: int) -> Callable[[ASGIApp], ASGIApp]:
    return partial(UpstreamLayer, contract=contract, upstream=upstream, body_limit=body_limit)


def create_control(
    served: Served, *, base_path: str = PREFIX, token: str | None = None, others: Sequence[Served] = ()
) -> ASGIApp:
    """
    Give the ASGI application that serves the control API of one contract, to stand in its ``ControlLayer``.

    ``others`` are the further contracts of the server, for which this one speaks too. Whoever sends the
    ``token`` may call from anywhere.
    """
    contract = control_contract_at(base_path)
    handlings = collect(contract, "mockserver.control.handlers")
    # However a sandbox has settled it for its API: the control API holds to its contract.
    view = View(
        lambda world, entry: Steered(served, world, contract, tuple(others), entry.sandbox or DEFAULT),
        Clock.read,
        lambda _: Settings(),
    )

    def make(operation: Operation) -> OperationApp:
        responder = Responder(contract, operation)
        handling = handlings[operation.operation_id]
        return OperationApp(contract, operation, handling, responder, body_limit=_CONTROL_BODY, view=view)

    writer = ProblemWriter(contract)
    return _stacked(
        Binding(contract, _Operations(contract, make, _print_error), {}),
        [
            partial(Elsewhere, contract=contract, token=token),
            partial(Errors, writer=writer, translate=problem_of, report=_print_error, now=Clock.read),
            partial(Routing, contract=contract),
            partial(Admission, contract=contract, token=token),
            partial(Picking, sandboxes=served.sandboxes),
            Steps,
            Security,
            Exchanges,
        ],
    )


class Steps:
    """
    Let happen, before somebody looks at a sandbox, what its scenario has for a time that has come.

    That cannot wait for the handler: what one refuses is taken back, and a step happens once.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http":
            world: World = scope[WORLD]
            world.elapse()
        return self._app(scope, receive, send)


# In bytes: an item that is arranged for a test may be larger than one that comes through the API.
_CONTROL_BODY = 16 * 1024 * 1024


def _stacked(binding: Binding, layers: Sequence[Any]) -> ASGIApp:
    app: ASGIApp = ConnexionMiddleware(_nothing, middlewares=layers)
    binding.add_to(app)
    _build(app)
    return app


class _Operations:
    """The applications of all operations, each made when it is first asked for."""

    def __init__(
        self,
        contract: Contract,
        make: Callable[[Operation], OperationApp],
        report: Callable[[str], Any],
    ) -> None:
        self._contract = contract
        self._make = make
        self._report = report
        self._made: dict[str, OperationApp] = {}
        self._told: set[str] = set()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return self._of(scope[ENTRY])(scope, receive, send)

    def fail(self, failure: Failure, scope: Scope, _receive: Receive, send: Send) -> Awaitable[None]:
        """Answer as a fault wants it, in the place of the operation."""
        return self._of(scope[ENTRY]).fail(failure, scope, send)

    def _of(self, entry: Entry) -> OperationApp:
        operation = entry.operation
        assert operation is not None  # routing found it
        made = self._made.get(operation.operation_id)
        if made is None:
            made = self._made[operation.operation_id] = self._make_one(operation, entry)
        return made

    def _make_one(self, operation: Operation, entry: Entry) -> OperationApp:
        try:
            made = self._make(operation)
        except MockServerError as error:
            raise Problem(501, f"{operation.operation_id} cannot be served: {error}") from error
        for pointer, text in self._contract.schemas.unusable.items():
            if pointer not in self._told:
                self._told.add(pointer)
                defect = str(self._contract.defect(pointer, text))
                self._report(f"{defect}\n")
                entry.notes.append(defect)
        return made


def _cross_origin(contract: Contract) -> Mapping[str, Any]:
    """
    Let a page of any origin call everything, with credentials, and read the headers of our answers.

    With credentials no ``*`` is allowed (Fetch standard), so the headers are named.
    """
    declared = {
        header.name
        for operation in contract.operations
        for response in operation.responses.values()
        for header in response.headers.values()
    }
    always = {
        *(
            "Allow",
            "Link",
            "Location",
            "Preference-Applied",
            "Retry-After",
            "WWW-Authenticate",
            "X-Request-ID",
        ),
        *("Mock-Fault", "Mock-Journal", "Mock-Source", "Mock-Violations"),
    }
    return {
        "allow_origin_regex": ".*",
        "allow_credentials": True,
        "allow_private_network": True,
        "allow_methods": [method.upper() for method in METHODS],
        "allow_headers": ["*"],
        "expose_headers": sorted(declared | always, key=str.lower),
    }


def _print_error(text: str) -> None:
    """Write to what is the standard error stream now: test runners put others in its place."""
    sys.stderr.write(text)


def _build(app: ConnexionMiddleware) -> None:
    """Let connexion build its stack now: it would with the first request, which would wait for it."""

    async def receive() -> Message:
        return {"type": "lifespan.shutdown"}

    async def send(_: Message) -> None:
        pass

    with contextlib.suppress(StopIteration):
        app({"type": "lifespan"}, receive, send).send(None)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand at the end of the stack, where only the lifespan arrives."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
