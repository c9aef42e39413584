"""What is running here, and what it serves: what everybody may know."""

import json
from collections.abc import Mapping
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.control.addresses import PREFIX
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
    if mock.others:
        health["documents"] = [
            {
                "contract": served.contract.title,
                "name": served.contract.name,
                "base_path": served.contract.base_path,
                "openapi": f"{PREFIX}/documents/{number}/openapi.json",
            }
            for number, served in enumerate((mock.served, *mock.others), 1)
        ]
    return Response(health)


@handles("getVersion")
def get_version(request: Request, mock: Steered) -> Response:
    info = mock.contract.data.get("info") or {}
    versions = {
        "version": mock_version(),
        "contract": mock.contract.title,
        "contract_version": str(info.get("version", "")),
    }
    return Response(versions)


@handles("getContract")
def get_contract(request: Request, mock: Steered) -> Response:
    return _as_json(mock.contract)


@handles("getContractAsYaml")
def get_contract_as_yaml(request: Request, mock: Steered) -> Response:
    return _as_written(mock.contract)


@handles("getControlContract")
def get_control_contract(request: Request, mock: Steered) -> Response:
    return Response(dict(mock.control.data))


@handles("getControlContractAsYaml")
def get_control_contract_as_yaml(request: Request, mock: Steered) -> Response:
    return Response(mock.control.source)


@handles("getKeySet")
def get_key_set(request: Request, mock: Steered) -> Response:
    return Response(dict(personas.key_set()))


def _as_json(contract: Contract) -> Response:
    content = json.dumps(_as_served(contract), ensure_ascii=False).encode()  # orjson knows 64 bits at most
    return Response(content, media_type="application/json")


def _as_written(contract: Contract) -> Response:
    """Give a contract as it was written: one that is JSON too, under both names; YAML holds all of JSON."""
    if contract.changes:
        return Response(_as_json(contract).body, media_type="application/yaml")
    return Response(contract.source, media_type="application/yaml")


def _as_served(contract: Contract) -> Mapping[str, Any]:
    """Give a contract whose first server is the mock, so that who reads it there asks the mock."""
    own, servers = contract.base_path or "/", contract.data.get("servers") or []
    if [each.get("url") for each in servers[:1]] == [own]:
        return contract.data
    return {**contract.data, "servers": [{"url": own, "description": "this mock"}, *servers]}
