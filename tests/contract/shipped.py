"""The contract that is shipped, taken apart for the tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.pointers import dereference, resolve
from tests.conftest import SHIPPED

CONTRACT = load(SHIPPED)
DATA = CONTRACT.data
OPERATIONS = {operation.operation_id: operation for operation in CONTRACT.operations}

ROLES, GROUPS = "/api/v1/admin/admin-roles/", "/api/v1/admin/groups"
PUBLISHED_OPERATIONS = {
    "listAdminRoles": ("get", ROLES, "Admin roles", "200"),
    "createAdminRole": ("post", ROLES, "Admin roles", "201"),
    "listUserAdminRoles": ("get", f"{ROLES}user/{{user_id}}", "Admin roles", "200"),
    "getAdminRole": ("get", f"{ROLES}{{role_id}}", "Admin roles", "200"),
    "updateAdminRole": ("patch", f"{ROLES}{{role_id}}", "Admin roles", "200"),
    "deleteAdminRole": ("delete", f"{ROLES}{{role_id}}", "Admin roles", "204"),
    "listGroups": ("get", GROUPS, "Groups", "200"),
    "getGroup": ("get", f"{GROUPS}/{{group_id}}", "Groups", "200"),
    "assignGroupRole": ("post", f"{GROUPS}/{{group_id}}/role", "Groups", "200"),
    "revokeGroupRole": ("delete", f"{GROUPS}/{{group_id}}/role", "Groups", "200"),
}


def each_operation(function):
    return pytest.mark.parametrize("operation_id", OPERATIONS)(function)


def walk(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Give every mapping of the document with its JSON Pointer; examples and settings are no part of it."""
    if isinstance(node, dict):
        yield pointer, node
        for key, value in node.items():
            if key not in ("example", "examples", "default", "enum", "const", "x-mock"):
                yield from walk(value, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{pointer}/{index}")


PLACES = dict(walk(DATA))
MEDIA_TYPES = {p: n for p, n in PLACES.items() if p.rpartition("/")[0].endswith("/content")}
PARAMETERS = {p: n for p, n in PLACES.items() if "in" in n and "name" in n and "schema" in n}
HEADERS = {p: n for p, n in PLACES.items() if p.startswith("/components/headers/") and p.count("/") == 3}


def is_schema(pointer: str) -> bool:
    parts = pointer.split("/")
    return "schema" in parts or (parts[1:3] == ["components", "schemas"] and len(parts) > 3)


SCHEMAS = {p: n for p, n in PLACES.items() if is_schema(p) and not p.endswith(("/properties", "/schemas"))}


def definition(operation_id: str) -> dict[str, Any]:
    return resolve(DATA, OPERATIONS[operation_id].pointer)


def response(operation_id: str, status: str) -> dict[str, Any]:
    return dereference(DATA, definition(operation_id)["responses"][status])


def responses() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for operation_id in OPERATIONS:
        for status in definition(operation_id)["responses"]:
            yield operation_id, status, response(operation_id, status)


def parameters_of(operation_id: str) -> list[dict[str, Any]]:
    names = {(each.location, each.name) for each in OPERATIONS[operation_id].parameters}
    item = DATA["paths"][OPERATIONS[operation_id].path]
    found = {}
    for each in [*item.get("parameters", []), *definition(operation_id).get("parameters", [])]:
        each = dereference(DATA, each)
        found[(each["in"], each["name"])] = each
    assert found.keys() == names
    return list(found.values())


def examples_of(owner: dict[str, Any]) -> dict[str, Any]:
    """Give the values of what a parameter, a header or a media type has as examples, by name."""
    found = {"": owner["example"]} if "example" in owner else {}
    for name, example in owner.get("examples", {}).items():
        found[name] = dereference(DATA, example)["value"]
    return found


def schema_name(media_type_owner: dict[str, Any]) -> str:
    return media_type_owner["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
