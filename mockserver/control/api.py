"""What answers under ``/_mock``: health, the contract, the key set, reset and export."""

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.control.addresses import PREFIX
from mockserver.respond.exchange import Response
from mockserver.state import personas
from mockserver.state.sandboxes import Sandboxes
from mockserver.state.world import World


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that can be asked for: by whom, and what it answers."""

    answer: Callable[[World], Response]
    public: bool


Controls = Mapping[str, Mapping[str, Control]]
"""What can be asked for, by path and by method in upper case."""


def controls_of_all(served: Sequence[tuple[Contract, Sandboxes]]) -> Controls:
    """
    Give what can be asked for where several contracts are served: of the first one, and of all together.

    ``health`` tells of all, ``reset`` resets all, and what each has for itself is under its number.
    """
    first = controls(served[0][0])

    def health(world: World) -> Response:
        return Response(
            {**_health(served[0][0], world), "documents": documents}, media_type="application/json"
        )

    def reset(world: World) -> Response:
        for _, sandboxes in served:
            sandboxes.pick(world.name).reset()
        return Response(None, 204)

    found = {
        **first,
        f"{PREFIX}/health": {"GET": Control(health, True)},
        f"{PREFIX}/reset": {"POST": Control(reset, False)},
    }
    documents = []
    for number, (contract, _) in enumerate(served, 1):
        own = f"{PREFIX}/documents/{number}"
        documents.append(
            {
                "contract": contract.title,
                "name": contract.name,
                "base_path": contract.base_path,
                "openapi": f"{own}/openapi.json",
            }
        )
        for path, methods in controls(contract).items():
            if path != f"{PREFIX}/jwks.json":
                found[path.replace(PREFIX, own, 1)] = methods
    return found


def controls(contract: Contract) -> Controls:
    """Give what can be asked for where one contract is served."""

    # A contract that was written as JSON is JSON under both names: YAML holds all of JSON.
    @functools.cache
    def as_json() -> bytes:
        return json.dumps(_as_served(contract), ensure_ascii=False).encode()  # orjson knows 64 bits at most

    def as_written() -> bytes:
        return as_json() if contract.changes else contract.source

    def health(world: World) -> Response:
        return Response(_health(contract, world), media_type="application/json")

    def reset(world: World) -> Response:
        world.reset()
        return Response(None, 204)

    def export(world: World) -> Response:
        return Response(world.store.export(), media_type="application/json")

    return {
        f"{PREFIX}/health": {"GET": Control(health, True)},
        f"{PREFIX}/openapi.yaml": {
            "GET": Control(lambda _: Response(as_written(), media_type="application/yaml"), True)
        },
        f"{PREFIX}/openapi.json": {
            "GET": Control(lambda _: Response(as_json(), media_type="application/json"), True)
        },
        f"{PREFIX}/jwks.json": {
            "GET": Control(
                lambda _: Response(dict(personas.key_set()), media_type="application/jwk-set+json"), True
            )
        },
        f"{PREFIX}/reset": {"POST": Control(reset, False)},
        f"{PREFIX}/export": {"GET": Control(export, False)},
    }


def _health(contract: Contract, world: World) -> dict[str, Any]:
    counts = {name: len(world.store[name]) for name in world.store.names()}
    return {"status": "ok", "version": _version(), "contract": contract.title, "items": counts}


@functools.cache
def _version() -> str:
    try:
        return version("mockserver")
    except PackageNotFoundError:
        return "not installed"


def _as_served(contract: Contract) -> Mapping[str, Any]:
    """Give a contract whose first server is the mock, so that who reads it there asks the mock."""
    own, servers = contract.base_path or "/", contract.data.get("servers") or []
    if [each.get("url") for each in servers[:1]] == [own]:
        return contract.data
    return {**contract.data, "servers": [{"url": own, "description": "this mock"}, *servers]}
