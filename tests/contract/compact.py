"""Contracts written short: what each operation takes and gives, by method and path."""

import json
import re
from pathlib import Path
from typing import Any

from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
PET = {"$ref": "#/components/schemas/Pet"}
NEW_PET = {"$ref": "#/components/schemas/NewPet"}

SCHEMAS = {
    "Pet": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": NUMBER, "name": TEXT, "tag": TEXT, "owner_id": TEXT},
    },
    "NewPet": {"type": "object", "required": ["name"], "properties": {"name": TEXT, "tag": TEXT}},
}


def listed(schema: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema}


def thing(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def gives(
    schema: Any = None,
    status: str = "200",
    *,
    takes: Any = None,
    query: Any = (),
    headers: Any = (),
    **more: Any,
) -> dict[str, Any]:
    """Write an operation: the schema it answers with (none: no body), and that of its body."""
    response: dict[str, Any] = {"description": "Success."}
    if schema is not None:
        response["content"] = {"application/json": {"schema": schema}}
    if headers:
        response["headers"] = {name: {"schema": each} for name, each in dict(headers).items()}
    operation: dict[str, Any] = {"responses": {status: response}, **more}
    operation["parameters"] = [
        {"name": name, "in": "query", "schema": each} for name, each in dict(query).items()
    ]
    if takes is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": takes}}}
    return operation


def contract_of(folder: Path, operations: dict[str, dict[str, Any]], **schemas: Any) -> Contract:
    """Load a contract whose operations are by ``METHOD /path``, which is what each is called too."""
    paths: dict[str, Any] = {}
    for name, operation in operations.items():
        method, _, path = name.partition(" ")
        given = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        operation["parameters"] += [
            {"name": each, "in": "path", "required": True, "schema": TEXT}
            for each in re.findall(r"\{([^}]+)\}", path)
            if each not in given
        ]
        paths.setdefault(path, {})[method.lower()] = {"operationId": name, **operation}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Compact", "version": "1"},
        "paths": paths,
        "components": {"schemas": {**SCHEMAS, **schemas}},
    }
    file = folder / "openapi.json"
    file.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return load(file)
