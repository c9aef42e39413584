"""What answers under ``/_mock``: health, the contract, the key set, reset and export."""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from mockserver.contract.operation import Contract
from mockserver.respond.exchange import Response
from mockserver.state import personas
from mockserver.state.world import World

PREFIX = "/_mock"
DOCS = f"{PREFIX}/docs"


def is_reserved(path: str) -> bool:
    """Tell whether a path belongs to the mock itself."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that can be asked for: by whom, and what it answers."""

    answer: Callable[[], Response]
    public: bool


def controls(contract: Contract, world: World) -> Mapping[str, Mapping[str, Control]]:
    """Give what can be asked for, by path and by method in upper case."""

    # A contract that was written as JSON is JSON under both names: YAML holds all of JSON.
    @functools.cache
    def as_json() -> bytes:
        return json.dumps(contract.data, ensure_ascii=False).encode()  # orjson knows 64 bits at most

    def health() -> Response:
        counts = {name: len(world.store[name]) for name in world.store.names()}
        body = {"status": "ok", "version": _version(), "contract": contract.title, "items": counts}
        return Response(body, media_type="application/json")

    def reset() -> Response:
        world.reset()
        return Response(None, 204)

    def export() -> Response:
        return Response(world.store.export(), media_type="application/json")

    return {
        f"{PREFIX}/health": {"GET": Control(health, True)},
        f"{PREFIX}/openapi.yaml": {
            "GET": Control(lambda: Response(contract.source, media_type="application/yaml"), True)
        },
        f"{PREFIX}/openapi.json": {
            "GET": Control(lambda: Response(as_json(), media_type="application/json"), True)
        },
        f"{PREFIX}/jwks.json": {
            "GET": Control(
                lambda: Response(dict(personas.key_set()), media_type="application/jwk-set+json"), True
            )
        },
        f"{PREFIX}/reset": {"POST": Control(reset, False)},
        f"{PREFIX}/export": {"GET": Control(export, False)},
    }


@functools.cache
def _version() -> str:
    try:
        return version("mockserver")
    except PackageNotFoundError:
        return "not installed"
