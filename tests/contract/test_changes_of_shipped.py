"""Changes made to the shipped contract: each, and its inverse, is told by its name, for whom and where."""

import json
import random
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mockserver.contract.changes.comparison import compare
from mockserver.contract.changes.findings import Change
from mockserver.contract.loading.document import load, parse_file
from mockserver.contract.operation import Contract
from tests.conftest import SHIPPED

DATA = parse_file(SHIPPED)
ROLES, GROUPS = "/api/v1/admin/admin-roles/", "/api/v1/admin/groups"
Mutation = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def shipped() -> Contract:
    return load(SHIPPED)


@pytest.fixture
def mutated(tmp_path) -> Callable[[Mutation], Contract]:
    """Give a function that loads the shipped contract with a change."""

    def make(mutate: Mutation) -> Contract:
        data = deepcopy(DATA)
        mutate(data)
        path = Path(tmp_path, "mutated.json")
        path.write_text(json.dumps(data), encoding="utf-8")
        return load(path)

    return make


def schema(data: dict[str, Any], name: str) -> Any:
    return data["components"]["schemas"][name]


def properties(data: dict[str, Any], name: str) -> Any:
    return schema(data, name)["properties"]


def parameter(data: dict[str, Any], name: str) -> Any:
    return data["components"]["parameters"][name]


def remove_response(data: dict[str, Any], path: str, method: str, status: str) -> None:
    del data["paths"][path][method]["responses"][status]


def rename_path(data: dict[str, Any], old: str, new: str) -> None:
    data["paths"] = {new if path == old else path: item for path, item in data["paths"].items()}


def replace_by_inline(data: dict[str, Any]) -> None:
    properties(data, "AdminRoleCreate")["role"] = deepcopy(schema(data, "AdminRoleType"))


def rename_component(data: dict[str, Any]) -> None:
    text = json.dumps(data).replace("#/components/schemas/Meta", "#/components/schemas/About")
    data.clear()
    data.update(json.loads(text))
    data["components"]["schemas"]["About"] = data["components"]["schemas"].pop("Meta")


def drop_from(names: list[Any], *gone: Any) -> None:
    names[:] = [name for name in names if name not in gone]


def of(data: dict[str, Any], path: str, method: str) -> Any:
    return data["paths"][path][method]


class Case(NamedTuple):
    """A change, the kinds of it and of its inverse, and one place that each of them touches."""

    mutate: Mutation
    kinds: list[str]
    inverse: list[str]
    operation: str
    place: str = ""
    operations: int | None = None


CASES = {
    "an operation is removed": Case(
        lambda data: data["paths"][GROUPS].pop("get"),
        ["operation-removed"],
        ["operation-added"],
        "listGroups",
        operations=1,
    ),
    "a whole path is removed": Case(
        lambda data: data["paths"].pop(f"{GROUPS}/{{group_id}}/role"),
        ["operation-removed"],
        ["operation-added"],
        "assignGroupRole",
        operations=2,
    ),
    "an operation is deprecated": Case(
        lambda data: of(data, GROUPS, "get").update(deprecated=True),
        ["operation-deprecated"],
        ["operation-no-longer-deprecated"],
        "listGroups",
    ),
    "an operation is called otherwise": Case(
        lambda data: of(data, GROUPS, "get").update(operationId="allGroups"),
        ["operation-id-changed"],
        ["operation-id-changed"],
        "allGroups",
    ),
    "a path is moved": Case(
        lambda data: rename_path(data, GROUPS, "/api/v2/admin/groups"),
        ["operation-moved"],
        ["operation-moved"],
        "listGroups",
    ),
    "the base path changes": Case(
        lambda data: data.update(servers=[{"url": "/v2"}]),
        ["base-path-changed", "server-removed", "server-added"],
        ["base-path-changed", "server-removed", "server-added"],
        "",
    ),
    "a required query parameter is added": Case(
        lambda data: of(data, GROUPS, "get")["parameters"].append(
            {"name": "region", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        ["required-parameter-added"],
        ["parameter-removed"],
        "listGroups",
        "query parameter region",
    ),
    "an optional query parameter is added": Case(
        lambda data: of(data, GROUPS, "get")["parameters"].append(
            {"name": "region", "in": "query", "schema": {"type": "string"}}
        ),
        ["optional-parameter-added"],
        ["parameter-removed"],
        "listGroups",
        "query parameter region",
    ),
    "a query parameter becomes required": Case(
        lambda data: parameter(data, "TenantIdFilter").update(required=True),
        ["parameter-became-required"],
        ["parameter-became-optional"],
        "listGroups",
        "query parameter tenant_id",
    ),
    "a limit of a parameter is tightened": Case(
        lambda data: parameter(data, "PerPage")["schema"].update(maximum=60),
        ["request-limit-tightened"],
        ["request-limit-loosened"],
        "listAdminRoles",
        "query parameter per_page",
    ),
    "the default of a parameter changes": Case(
        lambda data: parameter(data, "PerPage")["schema"].update(default=20),
        ["request-default-changed"],
        ["request-default-changed"],
        "listAdminRoles",
        "query parameter per_page",
    ),
    "a parameter gets a pattern": Case(
        lambda data: parameter(data, "GroupId")["schema"].update(pattern="^grp_"),
        ["request-pattern-added"],
        ["request-pattern-removed"],
        "getGroup",
        "path parameter group_id",
        operations=3,
    ),
    "a parameter is of another type": Case(
        lambda data: parameter(data, "IsActiveFilter")["schema"].update(type="integer"),
        ["request-type-changed"],
        ["request-type-changed"],
        "listAdminRoles",
        "query parameter is_active",
    ),
    "a property of a body becomes required": Case(
        lambda data: schema(data, "AdminRoleCreate")["required"].append("tenant_id"),
        ["request-property-became-required"],
        ["request-property-became-optional"],
        "createAdminRole",
        "request body.tenant_id",
    ),
    "a required property is added to a body": Case(
        lambda data: (
            properties(data, "AssignRoleRequest").update(reason={"type": "string"}),
            schema(data, "AssignRoleRequest")["required"].append("reason"),
        ),
        ["request-required-property-added"],
        ["request-property-removed"],
        "assignGroupRole",
        "request body.reason",
    ),
    "a body is closed to other properties": Case(
        lambda data: schema(data, "AssignRoleRequest").update(additionalProperties=False),
        ["request-additional-properties-refused"],
        ["request-additional-properties-allowed"],
        "assignGroupRole",
        "request body",
    ),
    "a property of a body is null no more": Case(
        lambda data: properties(data, "AdminRoleCreate")["partner_id"].update(type="string"),
        ["request-became-not-nullable"],
        ["request-became-nullable"],
        "createAdminRole",
        "request body.partner_id",
    ),
    "a body becomes optional": Case(
        lambda data: of(data, ROLES, "post")["requestBody"].pop("required"),
        ["request-body-became-optional"],
        ["request-body-became-required"],
        "createAdminRole",
        "request body",
    ),
    "a body is taken in another media type only": Case(
        lambda data: of(data, ROLES, "post")["requestBody"].update(
            content={"application/xml": of(data, ROLES, "post")["requestBody"]["content"]["application/json"]}
        ),
        ["request-media-type-removed", "request-media-type-added"],
        ["request-media-type-removed", "request-media-type-added"],
        "createAdminRole",
        "request body",
    ),
    "a required property of answers is removed": Case(
        lambda data: (
            properties(data, "GroupMember").pop("status"),
            drop_from(schema(data, "GroupMember")["required"], "status"),
        ),
        ["response-property-removed"],
        ["response-property-added-to-closed-object"],
        "getGroup",
        "response 200 body.data.members[].status",
        operations=3,
    ),
    "a property of answers becomes optional": Case(
        lambda data: drop_from(schema(data, "GroupMember")["required"], "status"),
        ["response-property-became-optional"],
        ["response-property-became-required"],
        "getGroup",  # in a list of groups, members are null
        "response 200 body.data.members[].status",
        operations=3,
    ),
    "a property is added to answers that are open": Case(
        lambda data: properties(data, "HTTPValidationError").update(hint={"type": "string"}),
        ["response-property-added"],
        ["response-optional-property-removed"],
        "createAdminRole",
        "response 422 body.hint",
        operations=10,
    ),
    "a property of answers may be null": Case(
        lambda data: properties(data, "AdminRoleUser")["display_name"].update(type=["string", "null"]),
        ["response-became-nullable"],
        ["response-became-not-nullable"],
        "listAdminRoles",
        "response 200 body.data[].user.display_name",
        operations=5,
    ),
    "an answer has one value more": Case(
        lambda data: schema(data, "UserStatus")["enum"].append("invited"),
        ["response-enum-value-added"],
        ["response-enum-value-removed"],
        "getGroup",
        "response 200 body.data.members[].status",
        operations=3,
    ),
    "a value of requests and answers goes": Case(
        lambda data: drop_from(schema(data, "AdminRoleType")["enum"], "PARTNER_ADMIN"),
        ["request-enum-value-removed", "response-enum-value-removed"],
        ["request-enum-value-added", "response-enum-value-added"],
        "listAdminRoles",
        "query parameter role",
    ),
    "a limit of answers is loosened": Case(
        lambda data: properties(data, "Meta")["request_id"].update(maxLength=256),
        ["response-limit-loosened"],
        ["response-limit-tightened"],
        "listGroups",
        "response 200 body.meta.request_id",
        operations=9,
    ),
    "an answer is of a wider type": Case(
        lambda data: properties(data, "GroupResponse")["member_count"].update(type="number"),
        ["response-type-widened"],
        ["response-type-narrowed"],
        "getGroup",
        "response 200 body.data.member_count",
        operations=4,
    ),
    "a header of answers is removed": Case(
        lambda data: of(data, ROLES, "post")["responses"]["201"]["headers"].pop("Location"),
        ["response-header-removed"],
        ["response-header-added"],
        "createAdminRole",
        "response 201 header Location",
    ),
    "a header of all answers becomes optional": Case(
        lambda data: data["components"]["headers"]["X-Request-ID"].pop("required"),
        ["response-header-became-optional"],
        ["response-header-became-required"],
        "deleteAdminRole",
        "response 204 header X-Request-ID",
        operations=10,
    ),
    "an answer is of another status": Case(
        lambda data: of(data, ROLES, "post")["responses"].update(
            {"200": of(data, ROLES, "post")["responses"].pop("201")}
        ),
        ["response-success-status-removed", "response-success-status-added"],
        ["response-success-status-removed", "response-success-status-added"],
        "createAdminRole",
    ),
    "an error is declared no more": Case(
        lambda data: remove_response(data, ROLES, "post", "409"),
        ["response-error-status-removed"],
        ["response-error-status-added"],
        "createAdminRole",
        "response 409",
    ),
    "an operation is open to everybody": Case(
        lambda data: of(data, GROUPS, "get").update(security=[]),
        ["security-removed"],
        ["security-added"],
        "listGroups",
        "security",
        operations=1,
    ),
    "another credential is asked for": Case(
        lambda data: data["components"]["securitySchemes"].update(
            bearerAuth={"type": "apiKey", "in": "header", "name": "X-Key"}
        ),
        ["security-scheme-changed"],
        ["security-scheme-changed"],
        "listGroups",
        "security",
        operations=10,
    ),
    "a scope is asked for": Case(
        lambda data: data.update(security=[{"bearerAuth": ["admin:read"]}]),
        ["security-scope-added"],
        ["security-scope-removed"],
        "getGroup",
        "security",
        operations=10,
    ),
    "a key is enough too": Case(
        lambda data: (
            data["components"]["securitySchemes"].update(
                key={"type": "apiKey", "in": "header", "name": "X-Key"}
            ),
            data["security"].append({"key": []}),
        ),
        ["security-alternative-added"],
        ["security-alternative-removed"],
        "getGroup",
        "security",
        operations=10,
    ),
    "a parameter of a path is called otherwise": Case(
        lambda data: (
            rename_path(data, f"{GROUPS}/{{group_id}}", f"{GROUPS}/{{id}}"),
            data["paths"][f"{GROUPS}/{{id}}"].update(
                parameters=[{**parameter(data, "GroupId"), "name": "id"}]
            ),
        ),
        ["parameter-renamed"],
        ["parameter-renamed"],
        "getGroup",
        operations=1,
    ),
}


VERDICTS = {
    ("breaking", "everybody"): {"operation-removed", "operation-moved", "base-path-changed"},
    ("breaking", "writers"): {
        *("required-parameter-added", "parameter-became-required", "request-body-became-required"),
        *("request-limit-tightened", "request-pattern-added", "request-type-changed"),
        *("request-property-became-required", "request-required-property-added"),
        *("request-additional-properties-refused", "request-became-not-nullable"),
        *("request-media-type-removed", "request-enum-value-removed", "security-added"),
        *("security-scheme-changed", "security-scope-added", "security-alternative-removed"),
    },
    ("breaking", "readers"): {
        *("response-property-removed", "response-property-became-optional", "response-became-nullable"),
        *("response-limit-loosened", "response-type-widened", "response-header-removed"),
        *("response-header-became-optional", "response-success-status-removed"),
    },
    ("may-break", "everybody"): {"server-removed"},
    ("may-break", "writers"): {
        *("parameter-removed", "request-property-removed", "request-default-changed"),
    },
    ("may-break", "readers"): {
        *("response-property-added-to-closed-object", "response-optional-property-removed"),
        *("response-enum-value-added", "response-success-status-added"),
    },
    ("compatible", "everybody"): {
        *("operation-added", "operation-deprecated", "operation-no-longer-deprecated"),
        *("operation-id-changed", "server-added"),
    },
    ("compatible", "writers"): {
        *("optional-parameter-added", "parameter-became-optional", "request-limit-loosened"),
        *("request-pattern-removed", "request-property-became-optional", "request-became-nullable"),
        *("request-additional-properties-allowed", "request-body-became-optional"),
        *("request-media-type-added", "request-enum-value-added", "security-removed"),
        *("security-scope-removed", "security-alternative-added", "parameter-renamed"),
    },
    ("compatible", "readers"): {
        *("response-property-became-required", "response-property-added", "response-type-narrowed"),
        *("response-became-not-nullable", "response-enum-value-removed", "response-limit-tightened"),
        *("response-header-added", "response-header-became-required"),
        *("response-error-status-removed", "response-error-status-added"),
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_change_is_told_by_its_name_where_it_is(case, shipped, mutated):
    changes = compare(shipped, mutated(case.mutate))

    check(changes, case, case.kinds)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_inverse_of_a_change_has_the_inverse_verdict(case, shipped, mutated):
    changes = compare(mutated(case.mutate), shipped)

    check(changes, case, case.inverse)


def check(changes: list[Change], case: Case, kinds: list[str]) -> None:
    found = [change for change in changes if change.severity != "wording"]
    assert sorted({change.kind for change in found}) == sorted(kinds)
    for change in found:
        assert change.kind in VERDICTS[(change.severity, change.audience)]
        assert change.old or change.new
    operations = {touched.operation_id for change in found for touched in change.touched}
    assert {case.operation} - {""} <= operations or case.operation == "allGroups"
    if case.operations is not None:
        assert len(operations) == case.operations
    if case.place:
        assert case.place in {touched.place for change in found for touched in change.touched}


SAME = {
    "a reference is written out": replace_by_inline,
    "a component is called otherwise": rename_component,
    "a schema is wrapped in an allOf": lambda data: properties(data, "AdminRoleCreate").update(
        role={"allOf": [{"$ref": "#/components/schemas/AdminRoleType"}]}
    ),
    "null is said in a list of types": lambda data: properties(data, "AdminRoleCreate").update(
        expires_at={"type": ["string", "null"], "format": "date-time"}
    ),
    "enum and required are in another order": lambda data: (
        schema(data, "AdminRoleType")["enum"].reverse(),
        schema(data, "AdminRoleCreate")["required"].reverse(),
    ),
    "the security is written beside each operation": lambda data: [
        operation.setdefault("security", data["security"])
        for item in data["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    ],
    "a part of the paths goes into the base path": lambda data: data.update(
        servers=[{"url": "/api/v1", "description": data["servers"][0]["description"]}],
        paths={path.removeprefix("/api/v1"): item for path, item in data["paths"].items()},
    ),
    "a security scheme is called otherwise": lambda data: (
        data["components"]["securitySchemes"].update(
            token=data["components"]["securitySchemes"].pop("bearerAuth")
        ),
        data.update(security=[{"token": []}]),
    ),
}


@pytest.mark.parametrize("mutate", SAME.values(), ids=SAME)
def test_what_means_the_same_breaks_nobody(mutate, shipped, mutated):
    other = mutated(mutate)

    for changes in (compare(shipped, other), compare(other, shipped)):
        assert {change.kind for change in changes} <= {
            *("server-added", "server-removed", "request-value-wording-changed")
        }


def test_words_for_people_break_nobody_and_are_told_apart(shipped, mutated):
    changes = compare(shipped, mutated(lambda data: schema(data, "UserStatus").update(description="Other")))

    assert {(change.kind, change.severity) for change in changes} == {
        ("response-value-wording-changed", "wording")
    }


def test_a_change_of_a_shared_schema_is_told_once_with_all_that_it_touches(shipped, mutated):
    case = CASES["a limit of answers is loosened"]

    (change,) = compare(shipped, mutated(case.mutate))

    assert len({touched.operation_id for touched in change.touched}) == 9
    assert change.old is not None
    assert "maxLength: 128" in SHIPPED.read_text(encoding="utf-8").splitlines()[change.old.line - 1]


# By the word in a kind: the one in the kind of the inverse change, of those that are made at random below.
INVERSE = {
    "-became-required": "-became-optional",
    "-became-optional": "-became-required",
    "-limit-tightened": "-limit-loosened",
    "-became-nullable": "-became-not-nullable",
    "-type-narrowed": "-type-widened",
    "-type-changed": "-type-changed",
    "-property-removed": "-property-added",
    "-property-added": "-property-removed",
}


def mutate_at_random(data: dict[str, Any], seed: int) -> None:
    chance = random.Random(seed)
    used = [name for name in data["components"]["schemas"] if not name.startswith("Stored")]
    name = chance.choice([each for each in used if schema(data, each).get("properties")])
    key = chance.choice([*properties(data, name)])
    required = schema(data, name).setdefault("required", [])
    action = chance.choice(["required", "remove", "limit", "type"])
    if action == "required" and key in required:
        required.remove(key)
    elif action == "required":
        required.append(key)
    elif action == "remove":
        del properties(data, name)[key]
        drop_from(required, key)
    elif action == "limit":
        properties(data, name)[key] = {"type": "string", "maxLength": chance.randint(1, 9)}
    else:
        properties(data, name)[key] = {"type": chance.choice(["string", "boolean", "integer", "array"])}


@pytest.mark.parametrize("seed", range(25))
def test_a_random_change_touches_the_same_places_both_ways(seed, shipped, mutated):
    other = mutated(lambda data: mutate_at_random(data, seed))

    there, back = compare(shipped, other), compare(other, shipped)

    assert bool(there) == bool(back)
    assert operations_in(there) == operations_in(back)
    for one, way in ((there, back), (back, there)):
        for change in one:
            inverse = next((INVERSE[each] for each in INVERSE if each in change.kind), "")
            assert any(inverse in other.kind for other in way)


def operations_in(changes: list[Change]) -> set[str]:
    return {touched.operation_id for change in changes for touched in change.touched}
