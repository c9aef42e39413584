"""What is running here, and what it serves: what everybody may know."""

from typing import Any

from mockserver.control.steered import Steered
from mockserver.control.versions import mock_version
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles
from mockserver.state import personas


@handles("getHealth")
def get_health(request: Request, mock: Steered) -> Response:
    store = mock.sandboxes.default.store
    health: dict[str, Any] = {
        "status": "ok",
        "version": mock_version(),
        "contract": mock.contract.title,
        "items": {name: len(store[name]) for name in store.names()},
    }
    if mock.documents:
        health["documents"] = list(mock.documents)
    return Response(health)


@handles("getVersion")
def get_version(request: Request, mock: Steered) -> Response:
    info = mock.contract.data.get("info") or {}
    return Response(
        {
            "version": mock_version(),
            "contract": mock.contract.title,
            "contract_version": str(info.get("version", "")),
        }
    )


@handles("getContract")
def get_contract(request: Request, mock: Steered) -> Response:
    return Response(mock.contract_as_json(), media_type="application/json")


@handles("getContractAsYaml")
def get_contract_as_yaml(request: Request, mock: Steered) -> Response:
    # A contract that was written as JSON is JSON under both names: YAML holds all of JSON.
    written = mock.contract_as_json() if mock.contract.changes else mock.contract.source
    return Response(written, media_type="application/yaml")


@handles("getKeySet")
def get_key_set(request: Request, mock: Steered) -> Response:
    return Response(dict(personas.key_set()))
