"""
Bare Starlette answering what was recorded: ``python -P tests/bench/bare.py RECORDING json|bytes``.

No token, no validation, no store: the routes of the contract, and handlers that know their answers. ``json``
writes each answer with ``JSONResponse``, as people do; ``bytes`` has its bytes ready.
"""

import json
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Handler = Callable[[Request], Awaitable[Response]]


def main() -> None:
    """Serve until somebody ends it; the first line on stdout has the address."""
    recording = json.loads(Path(sys.argv[1]).read_text())
    handlers = (_with_json if sys.argv[2] == "json" else _with_bytes)(recording["answers"])
    routes = [
        Route(each["path"], handlers.get(each["operation_id"], _nothing), methods=[each["method"]])
        for each in recording["operations"]
    ]
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    config = uvicorn.Config(
        Starlette(routes=routes),
        loop="uvloop",
        http="httptools",
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
    )
    uvicorn.Server(config).run(sockets=[listener])


def _with_json(answers: dict[str, Any]) -> dict[str, Handler]:
    page, role = json.loads(answers["list"]["body"]), json.loads(answers["item"]["body"])
    group, refusal = json.loads(answers["valid"]["body"]), json.loads(answers["invalid"]["body"])

    async def list_admin_roles(_: Request) -> Response:
        return JSONResponse(page)

    async def get_admin_role(_: Request) -> Response:
        return JSONResponse(role)

    async def assign_group_role(request: Request) -> Response:
        if (await request.json())["role"] not in ("super_admin", "partner_admin", "tenant_admin"):
            return JSONResponse(refusal, 422)
        return JSONResponse(group)

    return _by_operation(list_admin_roles, get_admin_role, assign_group_role)


def _with_bytes(answers: dict[str, Any]) -> dict[str, Handler]:
    page, role, group, refusal = (answers[name]["body"].encode() for name in answers)
    refused = answers["invalid"]["sent"].encode()

    async def list_admin_roles(_: Request) -> Response:
        return Response(page, media_type="application/json")

    async def get_admin_role(_: Request) -> Response:
        return Response(role, media_type="application/json")

    async def assign_group_role(request: Request) -> Response:
        if await request.body() == refused:
            return Response(refusal, 422, media_type="application/json")
        return Response(group, media_type="application/json")

    return _by_operation(list_admin_roles, get_admin_role, assign_group_role)


def _by_operation(*handlers: Handler) -> dict[str, Handler]:
    return dict(zip(("listAdminRoles", "getAdminRole", "assignGroupRole"), handlers, strict=True))


async def _nothing(_: Request) -> Response:
    return Response(status_code=501)


if __name__ == "__main__":
    main()
