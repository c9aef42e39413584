"""The examples of the contract that is shipped: valid, and what the mock really takes and answers."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from mockserver.serve.assembly import Setup
from mockserver.state.settings import Settings
from tests.conftest import SHIPPED, in_process
from tests.contract.shipped import (
    CONTRACT,
    DATA,
    GROUPS,
    HEADERS,
    MEDIA_TYPES,
    OPERATIONS,
    PARAMETERS,
    PUBLISHED_OPERATIONS,
    ROLES,
    definition,
    examples_of,
    parameters_of,
    response,
)

# Examples


def _every_example() -> Iterator[Any]:
    for pointer, owner in (MEDIA_TYPES | PARAMETERS | HEADERS).items():
        for name, value in examples_of(owner).items():
            yield pytest.param(pointer, value, id=f"{pointer.removeprefix('/components')} {name}".strip())


@pytest.mark.parametrize(("pointer", "value"), list(_every_example()))
def test_every_example_is_valid(pointer, value):
    schema = CONTRACT.schemas.at(f"{pointer}/schema")

    assert [violation.message for violation in schema.violations(value)] == []


def test_an_example_with_a_broken_format_would_not_be_valid():
    schema = CONTRACT.schemas.at("/components/schemas/AdminRoleResponse")
    example = copy.deepcopy(DATA["components"]["examples"]["PartnerAdmin"]["value"])

    for name, broken in (("created_at", "yesterday"), ("expires_at", ""), ("id", "adr_1")):
        value = {**example, "data": {**example["data"], name: broken}}
        assert not schema.is_valid(value)
    assert schema.is_valid(example)


def test_every_body_every_parameter_and_every_header_has_an_example():
    owners = MEDIA_TYPES | PARAMETERS | HEADERS

    assert len(owners) > 40
    assert [pointer for pointer, owner in owners.items() if not examples_of(owner)] == []


def test_every_example_is_used():
    used = {
        node["$ref"]
        for owner in MEDIA_TYPES.values()
        for node in owner.get("examples", {}).values()
        if "$ref" in node
    }

    assert used == {f"#/components/examples/{name}" for name in DATA["components"]["examples"]}


# What the mock really answers


def sent(api, operation_id, path=None, query=None, body=None):
    """Send the first examples of an operation, or others in their place, as the super admin."""
    operation = OPERATIONS[operation_id]
    url = operation.path
    for parameter in parameters_of(operation_id):
        if parameter["in"] == "path":
            first = next(iter(examples_of(parameter).values()))
            url = url.replace(f"{{{parameter['name']}}}", (path or {}).get(parameter["name"], first))
    if body is None and operation.request_body:
        body = next(
            iter(examples_of(definition(operation_id)["requestBody"]["content"]["application/json"]).values())
        )
    return api.request(operation.method.upper(), url, params=query, json=body, as_="super-admin")


def _every_example_of_a_request() -> Iterator[Any]:
    for operation_id in OPERATIONS:
        for parameter in parameters_of(operation_id):
            for name, value in examples_of(parameter).items():
                yield pytest.param(
                    operation_id, parameter["in"], parameter["name"], value, id=f"{operation_id} {name}"
                )
        if OPERATIONS[operation_id].request_body:
            content = definition(operation_id)["requestBody"]["content"]["application/json"]
            for name, value in examples_of(content).items():
                yield pytest.param(operation_id, "body", "", value, id=f"{operation_id} {name}")


@pytest.mark.parametrize(("operation_id", "place", "name", "value"), list(_every_example_of_a_request()))
def test_every_example_of_a_request_can_be_sent_as_it_stands(api, operation_id, place, name, value):
    text = json.dumps(value) if place == "query" and not isinstance(value, str) else value
    options = {place: value if place == "body" else {name: text}}

    answered = sent(api, operation_id, **options)

    assert answered.status_code == int(PUBLISHED_OPERATIONS[operation_id][3]), answered.text


@pytest.mark.parametrize("operation_id", ["getAdminRole", "getGroup"])
def test_the_examples_of_one_item_are_items_of_the_demo(api, operation_id):
    content = response(operation_id, "200")["content"]["application/json"]
    parameter = "role_id" if operation_id == "getAdminRole" else "group_id"

    for example in examples_of(content).values():
        answered = sent(api, operation_id, path={parameter: example["data"]["id"]})

        assert answered.json()["data"] == example["data"]


def test_the_example_of_a_page_is_the_last_page_of_the_demo(api):
    example = DATA["components"]["examples"]["AdminRolePageFull"]["value"]
    asked = {name: example["pagination"][name] for name in ("page", "per_page")}

    answered = sent(api, "listAdminRoles", query=asked).json()

    assert answered["data"] == example["data"]
    assert answered["pagination"] == example["pagination"]


def test_the_examples_of_lists_are_in_the_lists_of_the_demo(api):
    groups = sent(api, "listGroups").json()["data"]
    roles = sent(api, "listUserAdminRoles").json()["data"]

    for group in DATA["components"]["examples"]["GroupList"]["value"]["data"]:
        assert group in groups
    content = response("listUserAdminRoles", "200")["content"]["application/json"]
    for role in examples_of(content)["several"]["data"]:
        assert role in roles


# The request that leads to each example of an error. X is put in the place of what does not matter.
JSON = {"Content-Type": "application/json"}
TOO_LARGE = {"content": b'"' + b"a" * 1024 * 1024, "headers": JSON, "as_": "super-admin"}
NOT_JSON = {"content": b"x", "headers": {"Content-Type": "text/plain"}, "as_": "super-admin"}
ONE_ROLE, ONE_GROUP = f"{ROLES}adr_k4rdq7pf3t4gw6tq", f"{GROUPS}/grp_jm4ibq0s8drwqf09"
UNKNOWN = "x_0000000000000000"
CHIDI = "usr_le54mfshg9d7ywhm"
ELENAS = {"user_id": "usr_pil7576291n7w0pt", "role": "PARTNER_ADMIN", "partner_id": "prt_7py3lebcd7r2kfga"}
BY_SUPER_ADMIN = {"as_": "super-admin"}


def _create(**body):
    return ("POST", ROLES, {"json": body, **BY_SUPER_ADMIN})


REQUESTS = {
    "AdminRolesUnauthorized": {
        "missing": ("GET", ROLES, {}),
        "expired": ("GET", ROLES, {"as_": "expired"}),
        "invalid": ("GET", ROLES, {"as_": "a stranger"}),
    },
    "GroupsUnauthorized": {
        "missing": ("GET", GROUPS, {}),
        "expired": ("GET", GROUPS, {"as_": "expired"}),
        "invalid": ("GET", GROUPS, {"as_": "a stranger"}),
    },
    "AdminRolesForbidden": {
        "not_a_super_admin": ("GET", ROLES, {"as_": "viewer"}),
        "scope_missing": ("GET", ROLES, {"as_": "service-without-scope"}),
    },
    "AdminRolesForbiddenOrOwn": {
        "not_a_super_admin": ("DELETE", ONE_ROLE, {"as_": "partner-admin"}),
        "scope_missing": ("DELETE", ONE_ROLE, {"as_": "service-reader"}),
        "own_role": ("DELETE", f"{ROLES}adr_k2uzoyvo9efa3hnv", BY_SUPER_ADMIN),
        "own_role_switched_off": (
            "PATCH",
            f"{ROLES}adr_k2uzoyvo9efa3hnv",
            {"json": {"is_active": False}, **BY_SUPER_ADMIN},
        ),
    },
    "GroupsForbidden": {"permission_missing": ("GET", GROUPS, {"as_": "tenant-admin"})},
    "AdminRoleNotFound": {"admin_role": ("GET", f"{ROLES}{UNKNOWN}", BY_SUPER_ADMIN)},
    "UserNotFound": {"user": ("GET", f"{ROLES}user/{UNKNOWN}", BY_SUPER_ADMIN)},
    "AssignmentPartNotFound": {
        "user": _create(user_id=UNKNOWN, role="SUPER_ADMIN"),
        "partner": _create(user_id=CHIDI, role="PARTNER_ADMIN", partner_id=UNKNOWN),
        "tenant": _create(user_id=CHIDI, role="TENANT_ADMIN", tenant_id=UNKNOWN),
    },
    "GroupNotFound": {"group": ("GET", f"{GROUPS}/{UNKNOWN}", BY_SUPER_ADMIN)},
    "AdminRoleConflict": {"duplicate": _create(**ELENAS)},
    "AdminRolesBodyTooLarge": {"too_large": ("POST", ROLES, TOO_LARGE)},
    "GroupsBodyTooLarge": {"too_large": ("POST", f"{ONE_GROUP}/role", TOO_LARGE)},
    "AdminRolesMediaTypeRefused": {"not_json": ("PATCH", ONE_ROLE, NOT_JSON)},
    "GroupsMediaTypeRefused": {"not_json": ("POST", f"{ONE_GROUP}/role", NOT_JSON)},
    "InvalidAdminRoleQuery": {
        "several_errors": ("GET", f"{ROLES}?page=0&per_page=many", BY_SUPER_ADMIN),
        "not_a_boolean": ("GET", f"{ROLES}?is_active=", BY_SUPER_ADMIN),
        "unknown_role": ("GET", f"{ROLES}?role=super_admin", BY_SUPER_ADMIN),
    },
    "InvalidAdminRoleCreate": {
        "several_errors": _create(role="PARTNER_ADMIN"),
        "null_tenant": _create(user_id=CHIDI, role="TENANT_ADMIN", tenant_id=None),
        "not_json": ("POST", ROLES, {"content": b'{"user_id": }', "headers": JSON, **BY_SUPER_ADMIN}),
    },
    "InvalidAdminRoleUpdate": {
        "not_a_boolean": ("PATCH", ONE_ROLE, {"json": {"is_active": None}, **BY_SUPER_ADMIN}),
        "body_missing": ("PATCH", ONE_ROLE, BY_SUPER_ADMIN),
    },
    "InvalidCleanupFlag": {
        "not_a_boolean": ("DELETE", f"{ONE_ROLE}?cleanup_orphaned_user=maybe", BY_SUPER_ADMIN)
    },
    "InvalidGroupQuery": {"unknown_role": ("GET", f"{GROUPS}?has_role=TENANT_ADMIN", BY_SUPER_ADMIN)},
    "InvalidAssignRole": {
        "unknown_role": ("POST", f"{ONE_GROUP}/role", {"json": {"role": "owner"}, **BY_SUPER_ADMIN}),
        "missing": ("POST", f"{ONE_GROUP}/role", {"json": {}, **BY_SUPER_ADMIN}),
    },
    "InvalidRequest": {"unknown_parameter": ("GET", f"{ONE_ROLE}?verbose=1", BY_SUPER_ADMIN)},
}
# Nothing that a client sends leads to these; the texts are those of the two products.
ONLY_AS_A_FAULT = {"AdminRolesServerError", "GroupsServerError"}


def error_examples(name: str) -> dict[str, Any]:
    return examples_of(DATA["components"]["responses"][name]["content"]["application/json"])


def test_each_example_of_an_error_has_a_request_below():
    declared = {name: set(error_examples(name)) for name in DATA["components"]["responses"]}

    assert declared.keys() - REQUESTS.keys() == ONLY_AS_A_FAULT
    assert {name: set(requests) for name, requests in REQUESTS.items()} == {
        name: examples for name, examples in declared.items() if name not in ONLY_AS_A_FAULT
    }


@pytest.fixture(scope="module")
def strict():
    with in_process(Setup(contract=SHIPPED, settings=Settings(requests="strict"))) as api:
        yield api


@pytest.fixture(scope="module")
def strangers_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.mark.parametrize(
    ("name", "example"), [(name, example) for name, examples in REQUESTS.items() for example in examples]
)
def test_the_mock_answers_what_the_example_of_an_error_says(api, strict, strangers_key, name, example):
    method, url, options = REQUESTS[name][example]
    if options.get("as_") == "a stranger":
        claims = dict(api.mock.parts.personas["super-admin"].claims)
        token = jwt.encode(claims, strangers_key, algorithm="RS256")
        options = {"headers": {"Authorization": f"Bearer {token}"}}

    answered = (strict if name == "InvalidRequest" else api).request(method, url, **options)

    expected = copy.deepcopy(error_examples(name)[example])
    if "error" in expected:
        expected["error"]["request_id"] = answered.headers["X-Request-ID"]
    assert answered.json() == expected
    statuses = {
        status
        for operation_id in OPERATIONS
        for status, declared in definition(operation_id)["responses"].items()
        if declared.get("$ref") == f"#/components/responses/{name}"
    }
    assert statuses == {str(answered.status_code)}
