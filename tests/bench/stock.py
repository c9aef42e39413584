"""
Stock connexion answering what was recorded: ``python -P tests/bench/stock.py RECORDING``.

The same contract, request and response validation on, the token verified. connexion reads no OpenAPI 3.1, so
it gets a twin of the contract in 3.0.3 that says less: no ``if``/``then``, no siblings of ``$ref``.
"""

import json
import logging
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import jwt
import uvicorn
from connexion import AsyncApp
from connexion.resolver import Resolver

from mockserver.contract.loading.document import load
from mockserver.contract.pointers import dereference

_recording = json.loads(Path(sys.argv[1]).read_text())
_key = jwt.PyJWK(_recording["key"])


def main() -> None:
    """Serve until somebody ends it; the first line on stdout has the address."""
    logging.disable()  # it would write a line for each refusal
    app = AsyncApp(__name__)
    app.add_api(
        as_3_0(load(Path(_recording["contract"])).data),
        resolver=Resolver(_handlers(_recording["answers"]).__getitem__),
        validate_responses=True,
    )
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
    )
    uvicorn.Server(config).run(sockets=[listener])


def decode(token: str) -> dict[str, Any] | None:
    """Give the claims of a token, for connexion to find by the name in ``x-bearerInfoFunc``."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token, _key, algorithms=["RS256"], audience="scailabs-administration"
        )
    except jwt.InvalidTokenError:
        return None
    return claims


def _handlers(answers: dict[str, Any]) -> dict[str, Callable[..., Awaitable[Any]]]:
    page, role, group = (json.loads(answers[name]["body"]) for name in ("list", "item", "valid"))
    headers = {"X-Request-ID": page["meta"]["request_id"]}

    async def list_admin_roles(**_: Any) -> Any:
        return page, 200, headers

    async def get_admin_role(**_: Any) -> Any:
        return role, 200, headers

    async def assign_group_role(**_: Any) -> Any:
        return group, 200, headers

    async def nothing(**_: Any) -> Any:
        return None, 501

    handlers = dict.fromkeys((each["operation_id"] for each in _recording["operations"]), nothing)
    return {
        **handlers,
        "listAdminRoles": list_admin_roles,
        "getAdminRole": get_admin_role,
        "assignGroupRole": assign_group_role,
    }


def as_3_0(document: Mapping[str, Any]) -> dict[str, Any]:
    """Rewrite a 3.1 contract as connexion's 3.0.3; as much of it as our own contract needs."""
    twin: dict[str, Any] = {
        key: _lower(value, document) for key, value in document.items() if key[:2] != "x-"
    }
    twin["openapi"] = "3.0.3"
    twin["info"].pop("summary", None)
    for scheme in twin["components"]["securitySchemes"].values():
        scheme["x-bearerInfoFunc"] = "__main__.decode"
    return twin


_LEFT_OUT = ("if", "then", "else", "example", "examples", "links")


def _lower(node: Any, document: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_lower(each, document) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": node["$ref"]}
    node = _without_null(node, document)
    lowered = {
        key: {name: _lower(each, document) for name, each in value.items()}
        if key == "properties"
        else _lower(value, document)
        for key, value in node.items()
        if key not in _LEFT_OUT and not key.startswith("x-")
    }
    if "const" in lowered:
        lowered["enum"] = [lowered.pop("const")]
    if "allOf" in lowered:
        lowered["allOf"] = [each for each in lowered["allOf"] if each]
        if not lowered["allOf"]:
            del lowered["allOf"]
    return lowered


def _without_null(schema: dict[str, Any], document: Mapping[str, Any]) -> dict[str, Any]:
    """Say ``nullable`` where 3.1 has a type of null; beside ``type``, the only place connexion sees it in."""
    kinds, branches = schema.get("type"), schema.get("anyOf")
    if isinstance(kinds, list) and "null" in kinds:
        [kind] = [each for each in kinds if each != "null"]
        return {**schema, "type": kind, "nullable": True}
    if isinstance(branches, list) and {"type": "null"} in branches:
        [branch] = [each for each in branches if each != {"type": "null"}]
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return {**dereference(document, branch), **rest, "nullable": True}
    return schema


if __name__ == "__main__":
    main()
