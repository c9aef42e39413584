"""The contract that is shipped: sound, complete, and honest about its sources."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockserver.contract.pointers import dereference, resolve
from tests.contract.shipped import (
    CONTRACT,
    DATA,
    HEADERS,
    OPERATIONS,
    PARAMETERS,
    PLACES,
    PUBLISHED_OPERATIONS,
    SCHEMAS,
    definition,
    each_operation,
    examples_of,
    parameters_of,
    response,
    responses,
    schema_name,
    walk,
)

EVERYWHERE = {"401", "403", "422", "500"}
ERRORS = {
    "listAdminRoles": EVERYWHERE,
    "createAdminRole": EVERYWHERE | {"404", "409", "413", "415"},
    "listUserAdminRoles": EVERYWHERE | {"404"},
    "getAdminRole": EVERYWHERE | {"404"},
    "updateAdminRole": EVERYWHERE | {"404", "409", "413", "415"},
    "deleteAdminRole": EVERYWHERE | {"404"},
    "listGroups": EVERYWHERE,
    "getGroup": EVERYWHERE | {"404"},
    "assignGroupRole": EVERYWHERE | {"404", "413", "415"},
    "revokeGroupRole": EVERYWHERE | {"404"},
}
BODIES = {
    "listAdminRoles": "AdminRolePage",
    "createAdminRole": "AdminRoleResponse",
    "listUserAdminRoles": "AdminRoleList",
    "getAdminRole": "AdminRoleResponse",
    "updateAdminRole": "AdminRoleResponse",
    "listGroups": "ApiResponse_list_GroupResponse__",
    "getGroup": "ApiResponse_GroupResponse_",
    "assignGroupRole": "ApiResponse_GroupResponse_",
    "revokeGroupRole": "ApiResponse_GroupResponse_",
}


# The document


def test_the_contract_has_no_error_in_the_eyes_of_openapi_spec_validator():
    assert [error.message for error in OpenAPIV31SpecValidator(copy.deepcopy(DATA)).iter_errors()] == []


def test_the_contract_is_openapi_3_1_and_calls_the_mock_itself():
    assert DATA["openapi"] == "3.1.0"
    assert [server["url"] for server in DATA["servers"]] == ["/"]


def test_the_contract_has_the_two_products_as_tags_with_their_real_hosts():
    hosts = {tag["name"]: tag["externalDocs"]["url"] for tag in DATA["tags"]}

    assert hosts == {
        "Admin roles": "https://scaikey.scailabs.ai",
        "Groups": "https://www.scailabs.ai/api/v1",
    }


def test_the_contract_has_the_published_operations_and_no_others():
    found = {
        operation.operation_id: (
            operation.method,
            operation.path,
            *operation.tags,
            next(status for status in operation.responses if status.startswith("2")),
        )
        for operation in CONTRACT.operations
    }

    assert found == PUBLISHED_OPERATIONS


def test_the_published_schemas_keep_their_names():
    assert {
        "HTTPValidationError",
        "ValidationError",
        "GroupResponse",
        "ApiResponse_GroupResponse_",
        "ApiResponse_list_GroupResponse__",
        "AssignRoleRequest",
    } <= DATA["components"]["schemas"].keys()
    assert schema_name(definition("assignGroupRole")["requestBody"]) == "AssignRoleRequest"


@pytest.mark.parametrize("operation_id", BODIES)
def test_success_has_the_schema_of_its_envelope(operation_id):
    success = PUBLISHED_OPERATIONS[operation_id][3]

    assert schema_name(response(operation_id, success)) == BODIES[operation_id]


@pytest.mark.parametrize(
    ("name", "envelope"),
    [
        ("AdminRolePage", ["data", "pagination", "meta"]),
        ("AdminRoleList", ["data", "meta"]),
        ("AdminRoleResponse", ["data", "meta"]),
        ("ApiResponse_GroupResponse_", ["data", "meta"]),
        ("ApiResponse_list_GroupResponse__", ["data", "meta"]),
        ("Pagination", ["page", "per_page", "total", "total_pages"]),
        ("Meta", ["request_id"]),
        (
            "AdminRole",
            [
                *("id", "user_id", "role", "partner_id", "tenant_id", "is_active"),
                *("expires_at", "created_at", "updated_at", "created_by", "user"),
            ],
        ),
        ("AdminRoleUser", ["id", "email", "display_name"]),
        (
            "GroupResponse",
            [
                *("id", "tenant_id", "tenant_name", "name", "description", "role"),
                *("member_count", "members", "created_at", "last_synced_at"),
            ],
        ),
        ("GroupMember", ["user_id", "email", "display_name", "status", "inherited_role"]),
    ],
)
def test_what_is_answered_has_these_properties_always_and_no_others(name, envelope):
    schema = DATA["components"]["schemas"][name]

    assert list(schema["properties"]) == envelope
    assert schema["required"] == envelope
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", ["HTTPValidationError", "ValidationError"])
def test_extra_keys_are_allowed_in_422_and_in_what_clients_send(name):
    assert "additionalProperties" not in DATA["components"]["schemas"][name]
    for sent in ("AdminRoleCreate", "AdminRoleUpdate", "AssignRoleRequest"):
        assert "additionalProperties" not in DATA["components"]["schemas"][sent]


# Statuses, headers and security


@each_operation
def test_every_operation_declares_every_error_that_it_can_answer_and_no_other(operation_id):
    declared = definition(operation_id)["responses"].keys()

    assert declared - {PUBLISHED_OPERATIONS[operation_id][3]} == ERRORS[operation_id]


@each_operation
def test_errors_have_the_shape_of_their_product_and_422_that_of_fastapi(operation_id):
    shape = "DetailError" if PUBLISHED_OPERATIONS[operation_id][2] == "Admin roles" else "ErrorEnvelope"

    for status in ERRORS[operation_id]:
        expected = "HTTPValidationError" if status == "422" else shape
        assert schema_name(response(operation_id, status)) == expected


def test_the_codes_of_groups_are_the_published_ones():
    code = DATA["components"]["schemas"]["ErrorEnvelope"]["properties"]["error"]["properties"]["code"]

    assert code["enum"] == [
        "bad_request",
        "unauthorized",
        "forbidden",
        "not_found",
        "conflict",
        "internal_error",
    ]


def test_every_answer_has_a_request_id_201_a_location_and_401_a_challenge():
    for operation_id, status, declared in responses():
        headers = {"X-Request-ID"}
        headers |= {"Location"} if status == "201" else set()
        headers |= {"WWW-Authenticate"} if status == "401" else set()
        assert declared["headers"].keys() == headers, (operation_id, status)
        for header in declared["headers"].values():
            assert dereference(DATA, header)["required"] is True


def test_only_204_has_no_body():
    without = [(name, status) for name, status, declared in responses() if "content" not in declared]

    assert without == [("deleteAdminRole", "204")]


@each_operation
def test_every_operation_wants_the_bearer_token(operation_id):
    assert OPERATIONS[operation_id].security == ({"bearerAuth": ()},)
    assert DATA["components"]["securitySchemes"]["bearerAuth"]["type"] == "http"
    assert DATA["components"]["securitySchemes"]["bearerAuth"]["scheme"] == "bearer"


def test_there_is_no_parameter_called_authorization_since_openapi_ignores_it():
    assert "authorization" not in {parameter["name"].lower() for parameter in PARAMETERS.values()}


@pytest.mark.parametrize(
    ("operation_id", "expected"),
    [
        ("listAdminRoles", {"page", "per_page", "role", "user_id", "is_active"}),
        ("createAdminRole", set()),
        ("listUserAdminRoles", {"user_id"}),
        ("getAdminRole", {"role_id"}),
        ("updateAdminRole", {"role_id"}),
        ("deleteAdminRole", {"role_id", "cleanup_orphaned_user"}),
        ("listGroups", {"q", "tenant_id", "has_role"}),
        ("getGroup", {"group_id"}),
        ("assignGroupRole", {"group_id"}),
        ("revokeGroupRole", {"group_id"}),
    ],
)
def test_the_parameters_are_the_published_ones(operation_id, expected):
    found = parameters_of(operation_id)

    assert {parameter["name"] for parameter in found} == expected
    assert all(parameter.get("required", False) is (parameter["in"] == "path") for parameter in found)


# Schemas


def test_every_integer_has_a_minimum_and_a_maximum():
    integers = {p: n for p, n in SCHEMAS.items() if n.get("type") in ("integer", "number")}

    assert len(integers) >= 7
    assert [p for p, n in integers.items() if not {"minimum", "maximum"} <= n.keys()] == []


def test_nullable_formats_are_written_as_any_of():
    formats = {p: n for p, n in SCHEMAS.items() if "format" in n}

    assert len(formats) >= 10
    assert [p for p, n in formats.items() if n.get("type") != "string"] == []


@pytest.mark.parametrize(
    ("parameter", "limits"),
    [
        ("Page", {"minimum": 1, "maximum": 1_000_000, "default": 1}),
        ("PerPage", {"minimum": 1, "maximum": 100, "default": 50}),
        ("CleanupOrphanedUser", {"type": "boolean", "default": True}),
        ("IsActiveFilter", {"type": "boolean"}),
    ],
)
def test_the_parameters_have_these_limits_and_defaults(parameter, limits):
    assert DATA["components"]["parameters"][parameter]["schema"].items() >= limits.items()


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ("AdminRoleType", ["SUPER_ADMIN", "PARTNER_ADMIN", "TENANT_ADMIN"]),
        ("GroupRole", ["super_admin", "partner_admin", "tenant_admin"]),
        (
            "HasRole",
            ["true", "1", "yes", "false", "0", "no", "super_admin", "partner_admin", "tenant_admin"],
        ),
    ],
)
def test_the_enums_have_these_values(schema, values):
    assert DATA["components"]["schemas"][schema]["type"] == "string"
    assert DATA["components"]["schemas"][schema]["enum"] == values


@each_operation
def test_no_id_that_a_client_sends_has_a_pattern(operation_id):
    sent = [parameter["schema"] for parameter in parameters_of(operation_id)]
    body = definition(operation_id).get("requestBody")
    sent += [dereference(DATA, body["content"]["application/json"]["schema"])] if body else []

    for schema in sent:
        for _, node in walk(schema):
            node = dereference(DATA, node)
            assert not {"pattern", "minLength", "maxLength"} & node.keys()


@pytest.mark.parametrize(
    ("body", "is_valid"),
    [
        pytest.param({"user_id": "u", "role": "SUPER_ADMIN"}, True, id="a super admin needs nothing more"),
        pytest.param({"user_id": "u", "role": "PARTNER_ADMIN"}, False, id="a partner admin needs a partner"),
        pytest.param({"user_id": "u", "role": "TENANT_ADMIN"}, False, id="a tenant admin needs a tenant"),
        pytest.param(
            {"user_id": "u", "role": "TENANT_ADMIN", "tenant_id": None}, False, id="null is no tenant"
        ),
        pytest.param(
            {"user_id": "u", "role": "TENANT_ADMIN", "tenant_id": "t", "x": 1}, True, id="more is ignored"
        ),
        pytest.param(
            {"user_id": "u", "role": "SUPER_ADMIN", "expires_at": "2000-01-01T00:00:00Z"},
            True,
            id="an end may be past",
        ),
        pytest.param(
            {"user_id": "u", "role": "SUPER_ADMIN", "expires_at": ""}, False, id="an empty text is no end"
        ),
    ],
)
def test_the_schema_says_what_a_role_requires(body, is_valid):
    schema = CONTRACT.schemas.at("/components/schemas/AdminRoleCreate", "request")

    assert schema.is_valid(body) is is_valid


# Texts and sources


def test_everything_that_a_reader_meets_has_a_description():
    silent = []
    for operation_id in OPERATIONS:
        silent += [operation_id] if not definition(operation_id).get("description") else []
        silent += [operation_id] if not definition(operation_id).get("summary") else []
    silent += [p for p, n in (PARAMETERS | HEADERS).items() if not n.get("description")]
    silent += [
        p
        for p, n in PLACES.items()
        if p.startswith("/components/links/") and p.count("/") == 3 and not n.get("description")
    ]
    silent += [f"{o} {s}" for o, s, declared in responses() if not declared.get("description")]
    silent += [
        o for o in OPERATIONS if not definition(o).get("requestBody", {"description": "-"}).get("description")
    ]
    silent += [tag["name"] for tag in DATA["tags"] if not tag.get("description")]

    assert silent == []


def test_every_schema_and_every_property_has_a_description():
    properties = {
        f"{pointer}/properties/{name}": schema
        for pointer, node in SCHEMAS.items()
        if pointer.rpartition("/")[2] not in ("if", "then")
        for name, schema in node.get("properties", {}).items()
    }
    named = {f"/components/schemas/{name}": node for name, node in DATA["components"]["schemas"].items()}

    assert len(properties) > 60
    for pointer, schema in (properties | named).items():
        assert schema.get("description") or dereference(DATA, schema).get("description"), pointer


def source_of(pointer: str) -> str | None:
    """Give the mark of a part of the document: its own, or that of the nearest part around it."""
    while pointer:
        if "x-source" in (node := resolve(DATA, pointer, follow=False)):
            return str(node["x-source"])
        pointer = pointer.rpartition("/")[0]
    return None


def test_x_source_is_published_or_decided_and_nothing_else():
    marks = [node["x-source"] for node in PLACES.values() if "x-source" in node]

    assert set(marks) == {"published", "decided"}


def test_every_operation_and_every_component_that_describes_the_api_has_a_source_of_its_own():
    components = DATA["components"]
    parts = {operation_id: definition(operation_id) for operation_id in OPERATIONS}
    for kind in ("parameters", "headers", "responses", "schemas", "securitySchemes"):
        parts |= {f"{kind}/{name}": part for name, part in components[kind].items()}

    assert [name for name, part in parts.items() if "x-source" not in part] == []


def test_the_published_text_of_a_refusal_is_marked_as_published():
    example = DATA["components"]["responses"]["AdminRolesForbidden"]["content"]["application/json"][
        "examples"
    ]

    assert example["scope_missing"]["x-source"] == "published"
    assert example["scope_missing"]["value"]["detail"] == (
        "Platform token requires admin:read or admin:write scope"
    )


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        *((f"parameters/{name}", "published") for name in DATA["components"]["parameters"]),
        *((f"headers/{name}", "decided") for name in DATA["components"]["headers"]),
        *(
            (f"responses/{name}", "published" if name.startswith("Invalid") else "decided")
            for name in DATA["components"]["responses"]
        ),
        ("parameters/Page/schema", "decided"),
        ("parameters/PerPage/schema", "decided"),
        *(
            (f"schemas/{name}", "published")
            for name in (
                *("HTTPValidationError", "ValidationError", "ErrorEnvelope", "AssignRoleRequest"),
                *("GroupResponse", "ApiResponse_GroupResponse_", "ApiResponse_list_GroupResponse__"),
                *("AdminRoleType", "AdminRoleCreate", "AdminRoleUpdate", "UserId"),
            )
        ),
        *(
            (f"schemas/{name}", "decided")
            for name in (
                *("AdminRole", "AdminRoleUser", "AdminRolePage", "AdminRoleList", "AdminRoleResponse"),
                *("Pagination", "Meta", "DetailError", "GroupMember", "HasRole", "AdminRoleId", "GroupId"),
            )
        ),
        *(
            (f"schemas/AdminRole/properties/{name}", "published")
            for name in ("user_id", "role", "partner_id", "tenant_id", "is_active", "expires_at")
        ),
        *(
            (f"schemas/AdminRole/properties/{name}", "decided")
            for name in ("id", "created_at", "updated_at", "created_by", "user")
        ),
        *((f"schemas/GroupResponse/properties/{name}", "published") for name in ("member_count", "members")),
        *(
            (f"schemas/GroupResponse/properties/{name}", "decided")
            for name in ("tenant_name", "name", "description", "created_at", "last_synced_at")
        ),
        ("schemas/GroupMember/properties/inherited_role", "published"),
        *((f"schemas/GroupMember/properties/{name}", "decided") for name in ("email", "status")),
        *((f"schemas/ValidationError/properties/{name}", "published") for name in ("loc", "msg", "type")),
        *((f"schemas/ValidationError/properties/{name}", "decided") for name in ("input", "ctx")),
        ("securitySchemes/bearerAuth", "published"),
    ],
    ids=lambda value: value if "/" in value else f"is {value}",
)
def test_each_part_says_whether_it_is_published_or_decided(part, expected):
    assert source_of(f"/components/{part}") == expected


@pytest.mark.parametrize(
    ("operation_id", "sentence"),
    [
        ("listAdminRoles", "newest come first"),
        ("listAdminRoles", "A page\npast the end is empty"),
        ("createAdminRole", "must exist, whatever the role"),
        ("createAdminRole", "is 409"),
        ("createAdminRole", "in the past is accepted"),
        ("createAdminRole", "suspended user may be assigned"),
        ("listUserAdminRoles", "has an empty list"),
        ("updateAdminRole", "means never"),
        ("updateAdminRole", "an empty object changes nothing"),
        ("updateAdminRole", "is 403"),
        ("updateAdminRole", "is 409"),
        ("deleteAdminRole", "all three must hold"),
        ("deleteAdminRole", "gone everywhere"),
        ("deleteAdminRole", "refused with 403"),
        ("listGroups", "by name"),
        ("listGroups", "`members` is null here"),
        ("assignGroupRole", "A second one replaces the first"),
        ("revokeGroupRole", "stays as it is"),
    ],
)
def test_what_an_operation_decides_follows_the_word_decided(operation_id, sentence):
    published, word, decided = definition(operation_id)["description"].partition("*Decided*")

    plain = " ".join(sentence.split())
    assert word
    assert plain in " ".join(decided.split())
    assert plain not in " ".join(published.split())


# Links


def links() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for operation_id, status, declared in responses():
        for link in declared.get("links", {}).values():
            yield operation_id, status, dereference(DATA, link)


def test_links_tie_the_operations_of_each_product_together():
    targets: dict[str, set[str]] = {}
    for operation_id, _, link in links():
        targets.setdefault(operation_id, set()).add(link["operationId"])

    for source in (
        "listAdminRoles",
        "createAdminRole",
        "listUserAdminRoles",
        "getAdminRole",
        "updateAdminRole",
    ):
        assert targets[source] >= {"updateAdminRole", "deleteAdminRole"}
    for source in ("listAdminRoles", "createAdminRole", "listUserAdminRoles", "updateAdminRole"):
        assert "getAdminRole" in targets[source]
    for source in ("createAdminRole", "getAdminRole"):
        assert targets[source] >= {"listAdminRoles", "listUserAdminRoles"}
    assert "createAdminRole" in targets["listUserAdminRoles"]
    for source in ("listGroups", "getGroup", "assignGroupRole", "revokeGroupRole"):
        assert targets[source] >= {"assignGroupRole", "revokeGroupRole"}
    for source in ("listGroups", "assignGroupRole", "revokeGroupRole"):
        assert "getGroup" in targets[source]
    for source in ("getGroup", "assignGroupRole", "revokeGroupRole"):
        assert "listGroups" in targets[source]
    assert targets["getGroup"] >= {"listUserAdminRoles", "createAdminRole"}


def test_every_link_leads_to_an_operation_with_all_that_it_requires():
    for operation_id, _, link in links():
        target = link["operationId"]
        assert target in OPERATIONS, operation_id
        known = {parameter["name"] for parameter in parameters_of(target)}
        required = {parameter["name"] for parameter in parameters_of(target) if parameter["in"] == "path"}
        given = link.get("parameters", {}).keys()
        assert required <= given <= known, (operation_id, target)
        assert ("requestBody" in definition(target)) or "requestBody" not in link


def evaluate(expression: Any, body: Any, path: dict[str, Any]) -> Any:
    """Give what a runtime expression of a link means, for one answer."""
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    if expression.startswith("$request.path."):
        return path[expression.removeprefix("$request.path.")]
    assert expression.startswith("$response.body#")
    return resolve(body, expression.removeprefix("$response.body#"))


def test_what_a_link_takes_from_an_answer_is_in_an_example_of_that_answer():
    for operation_id, status, link in links():
        examples = examples_of(response(operation_id, status)["content"]["application/json"])
        path = {p["name"]: next(iter(examples_of(p).values())) for p in parameters_of(operation_id)}
        wanted = {**link.get("parameters", {}), **link.get("requestBody", {})}

        found = []
        for body in examples.values():
            try:
                found.append({name: evaluate(each, body, path) for name, each in wanted.items()})
            except (LookupError, TypeError):
                continue

        assert found, (operation_id, link["operationId"])
        if "requestBody" in link:
            schema = CONTRACT.schemas.at("/components/schemas/AdminRoleCreate", "request")
            assert all(schema.is_valid(body) for body in found)
        else:
            assert all(isinstance(value, str) for values in found for value in values.values())


def test_every_link_is_used():
    used = {
        link["$ref"]
        for operation_id, status, declared in responses()
        for link in declared.get("links", {}).values()
    }

    assert used == {f"#/components/links/{name}" for name in DATA["components"]["links"]}
