"""The rules of groups, as ``domain.md`` tells them."""

import re

import pytest

from tests.handlers.calls import (
    BRACKWATER,
    CHIDI,
    FOREIGN_GROUP,
    GROUP_CALLS,
    GROUPS,
    HALDEN_MOOR,
    NIGHT_SHIFT,
    SERVICE_DESK,
    VESPER_FINCH,
    bearer,
    each,
    remembered,
)

MANAGER = {"role": "tenant_admin", "roles": ["tenant_admin"], "permissions": ["admin:groups"]}


def listed(api, as_="super-admin", **params):
    return api.get(GROUPS, params=params, as_=as_).json()["data"]


def detail(api, group_id, as_="super-admin"):
    return api.get(f"{GROUPS}/{group_id}", as_=as_).json()["data"]


# Operations


@each(GROUP_CALLS)
def test_success_is_200_with_data_and_meta_whatever_the_method(api, call):
    answered = call.send(api, as_="super-admin")

    assert answered.status_code == 200
    assert tuple(answered.json()) == ("data", "meta")


def test_the_list_has_no_pages(api):
    plain = listed(api)

    assert len(plain) == len(api.mock.world.store["groups"])
    assert listed(api, page=2, per_page=1) == plain


# The group


def test_a_group_says_everything_that_is_known_of_it(api):
    found = detail(api, SERVICE_DESK)

    assert found.pop("members")[0] == {
        "user_id": "usr_t6ddolnn2lwr71n4",
        "email": "aaron.whitlock@brackwater.example",
        "display_name": "Aaron Whitlock",
        "status": "active",
        "inherited_role": "tenant_admin",
    }
    assert found == {
        "id": SERVICE_DESK,
        "tenant_id": BRACKWATER,
        "tenant_name": "Brackwater Logistics",
        "name": "IT service desk",
        "description": "First line support, may manage accounts",
        "role": "tenant_admin",
        "member_count": 3,
        "created_at": "2024-04-22T12:05:28.235852Z",
        "last_synced_at": None,
    }


def test_the_list_shows_the_same_groups_without_their_members(api):
    groups = listed(api)

    assert groups
    for group in groups:
        assert group == {**detail(api, group["id"]), "members": None}


def test_every_group_counts_its_members_and_lets_them_inherit_its_role(api):
    groups = [detail(api, group["id"]) for group in listed(api)]

    assert {group["role"] for group in groups} > {None, "tenant_admin"}
    for group in groups:
        assert re.fullmatch("grp_[a-z0-9]{16}", group["id"])
        assert len(group["members"]) == group["member_count"]
        assert {member["inherited_role"] for member in group["members"]} <= {group["role"]}


def test_a_group_without_members_has_an_empty_list_of_them(api):
    found = detail(api, NIGHT_SHIFT)

    assert (found["member_count"], found["members"]) == (0, [])


def test_a_suspended_member_is_shown_as_suspended(api):
    users = api.mock.world.store["users"]

    members = [member for group in listed(api) for member in detail(api, group["id"])["members"]]

    assert {member["status"] for member in members} == {"active", "suspended"}
    for member in members:
        user = users.get(member["user_id"])
        assert (member["status"], member["email"]) == (user["status"], user["email"])


def test_deleted_users_are_neither_shown_nor_counted(api):
    store = api.mock.world.store
    deleted = {user["id"] for user in store["users"] if user["deleted_at"] is not None}
    theirs = [group for group in store["groups"] if deleted & set(group["member_ids"])]

    shown = [detail(api, group["id"]) for group in theirs]

    assert theirs
    for group, stored in zip(shown, theirs, strict=True):
        assert group["member_count"] == len(set(stored["member_ids"]) - deleted)
        assert not deleted & {member["user_id"] for member in group["members"]}


# Who may call; every persona against every operation is in test_authentication.py


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"roles": ["super_admin"]}, id="a super admin"),
        pytest.param(
            {"roles": ["user", "super_admin"], "permissions": None}, id="a super admin among others"
        ),
        pytest.param({"permissions": ["admin:groups"]}, id="somebody with the permission"),
        pytest.param({"permissions": ["billing", "admin:groups"], "roles": []}, id="among other permissions"),
    ],
)
def test_super_admins_may_call_and_so_may_who_has_the_permission(api, claims):
    caller = bearer(api, sub=CHIDI, **claims)

    found = api.get(GROUPS, headers=caller)
    assigned = api.post(f"{GROUPS}/{NIGHT_SHIFT}/role", json={"role": "tenant_admin"}, headers=caller)

    assert (found.status_code, assigned.status_code) == (200, 200)
    assert len(found.json()["data"]) == len(api.mock.world.store["groups"])


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({}, id="no claims"),
        pytest.param({"role": "super_admin"}, id="one role as a string, which the other product reads"),
        pytest.param({"roles": "super_admin"}, id="a string in the place of the roles"),
        pytest.param({"roles": ["SUPER_ADMIN"]}, id="the role in upper case"),
        pytest.param({"roles": ["partner_admin", "tenant_admin"]}, id="other roles"),
        pytest.param({"permissions": "admin:groups"}, id="a string in the place of the permissions"),
        pytest.param({"permissions": ["admin:groups:read", "admin"]}, id="other permissions"),
        pytest.param({"scope": "admin:groups"}, id="a scope of that name"),
        pytest.param(
            {"token_type": "client_credentials", "platform_token": True, "scope": "admin:read admin:write"},
            id="a platform service, which the other product lets in",
        ),
    ],
)
@each(GROUP_CALLS)
def test_without_the_permission_the_caller_is_refused(api, call, claims):
    before = remembered(api)

    refused = call.send(api, headers=bearer(api, sub=CHIDI, **claims))

    assert refused.status_code == 403
    error = refused.json()["error"]
    assert (error["code"], error["message"]) == ("forbidden", "Permission admin:groups is required")
    assert remembered(api) == before


# What a tenant admin sees


def test_a_tenant_admin_sees_only_the_groups_of_their_own_tenant(api):
    seen = listed(api, as_="group-manager")

    assert seen == [group for group in listed(api) if group["tenant_id"] == BRACKWATER]
    assert 0 < len(seen) < len(listed(api))


def test_a_tenant_admin_changes_the_groups_of_their_own_tenant(api):
    path = f"{GROUPS}/{NIGHT_SHIFT}/role"

    assigned = api.post(path, json={"role": "tenant_admin"}, as_="group-manager")
    revoked = api.delete(path, as_="group-manager")

    assert (assigned.status_code, assigned.json()["data"]["role"]) == (200, "tenant_admin")
    assert (revoked.status_code, revoked.json()["data"]["role"]) == (200, None)


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [
        pytest.param("GET", "", None, id="to read"),
        pytest.param("POST", "/role", {"role": "tenant_admin"}, id="to assign"),
        pytest.param("DELETE", "/role", None, id="to revoke"),
    ],
)
def test_to_a_tenant_admin_a_foreign_group_is_as_unknown_as_one_that_is_not_there(api, method, rest, body):
    before = remembered(api)

    foreign = api.request(method, f"{GROUPS}/{FOREIGN_GROUP}{rest}", json=body, as_="group-manager")
    unknown = api.request(method, f"{GROUPS}/grp_0000000000000000{rest}", json=body, as_="group-manager")

    assert foreign.status_code == unknown.status_code == 404
    for refused in (foreign, unknown):
        error = refused.json()["error"]
        assert (error["code"], error["message"]) == ("not_found", "Group not found")
    assert remembered(api) == before


def test_a_tenant_admin_who_filters_by_a_foreign_tenant_finds_nothing(api):
    assert listed(api, tenant_id=VESPER_FINCH)

    found = listed(api, as_="group-manager", tenant_id=VESPER_FINCH)

    assert found == []


def test_a_tenant_admin_without_a_tenant_sees_no_group(api):
    found = api.get(GROUPS, headers=bearer(api, sub=CHIDI, **MANAGER))

    assert found.status_code == 200
    assert found.json()["data"] == []


def test_a_super_admin_who_is_a_tenant_admin_too_sees_every_group(api):
    claims = {**MANAGER, "roles": ["tenant_admin", "super_admin"], "tenant_id": BRACKWATER}

    found = api.get(GROUPS, headers=bearer(api, sub=CHIDI, **claims))

    assert found.json()["data"] == listed(api)


def test_only_a_tenant_admin_is_held_to_their_tenant(api):
    claims = {"roles": ["partner_admin"], "permissions": ["admin:groups"], "tenant_id": BRACKWATER}

    found = api.get(GROUPS, headers=bearer(api, sub=CHIDI, partner_id=HALDEN_MOOR, **claims))

    assert found.json()["data"] == listed(api)


# List


@pytest.mark.parametrize(
    ("part", "names"),
    [
        pytest.param("Night shift", ["Night shift"], id="the whole name"),
        pytest.param("shift", ["Night shift"], id="a part"),
        pytest.param("NIGHT", ["Night shift"], id="upper case"),
        pytest.param("t s", ["IT service desk", "Night shift"], id="over words"),
        pytest.param("s & c", ["Rights & contracts"], id="signs"),
        pytest.param("nobody", [], id="nothing"),
        pytest.param(".*", [], id="no pattern"),
        pytest.param("First line support", [], id="not the description"),
    ],
)
def test_q_finds_a_part_of_the_name_in_any_case(api, part, names):
    found = listed(api, q=part)

    assert [group["name"] for group in found] == names


@pytest.mark.parametrize(
    ("name", "part"), [("Équipe de nuit", "éQUIPE"), ("Straßendienst", "STRASSEN")], ids=["É", "ß"]
)
def test_q_takes_every_letter_in_any_case(api, name, part):
    api.mock.world.store["groups"].update(NIGHT_SHIFT, {"name": name})

    found = listed(api, q=part)

    assert [group["id"] for group in found] == [NIGHT_SHIFT]


def test_an_empty_q_is_a_part_of_every_name(api):
    assert listed(api, q="") == listed(api)


@pytest.mark.parametrize(
    "tenant_id",
    [
        pytest.param("tnt_0000000000000000", id="an unknown tenant"),
        pytest.param(BRACKWATER[:-1], id="the beginning of an id"),
        pytest.param(BRACKWATER.upper(), id="an id in upper case"),
        pytest.param("", id="an empty id"),
    ],
)
def test_a_tenant_that_is_not_exactly_named_has_no_groups(api, tenant_id):
    assert listed(api, tenant_id=tenant_id) == []


def test_tenant_id_finds_the_groups_of_one_tenant(api):
    found = listed(api, tenant_id=BRACKWATER)

    assert found == [group for group in listed(api) if group["tenant_id"] == BRACKWATER]
    assert len(found) > 1


@pytest.mark.parametrize(
    ("has_role", "roles"),
    [
        *((word, {"super_admin", "partner_admin", "tenant_admin"}) for word in ("true", "1", "yes")),
        *((word, {None}) for word in ("false", "0", "no")),
        *((role, {role}) for role in ("super_admin", "partner_admin", "tenant_admin")),
    ],
)
def test_has_role_finds_groups_with_any_role_with_none_or_with_one(api, has_role, roles):
    found = listed(api, has_role=has_role)

    assert found == [group for group in listed(api) if group["role"] in roles]
    assert {group["role"] for group in found} == roles


@pytest.mark.parametrize("has_role", ["True", "YES", "on", "2", "", "TENANT_ADMIN", "owner", "null"])
def test_has_role_is_one_of_nine_strings_and_nothing_else(api, has_role):
    refused = api.get(GROUPS, params={"has_role": has_role}, as_="super-admin")

    assert refused.status_code == 422
    (error,) = refused.json()["detail"]
    assert (error["type"], error["loc"], error["input"]) == ("enum", ["query", "has_role"], has_role)


def test_a_group_is_listed_if_it_meets_every_filter(api):
    found = listed(api, q="S", tenant_id=BRACKWATER, has_role="tenant_admin")

    assert [group["name"] for group in found] == ["IT service desk"]


def test_groups_come_by_name_and_those_of_one_name_by_id(api):
    groups = listed(api)

    keys = [(group["name"], group["id"]) for group in groups]
    assert keys == sorted(keys)
    assert len({name for name, _ in keys}) < len(keys)


# Assign


@pytest.mark.parametrize("role", ["super_admin", "partner_admin", "tenant_admin"])
def test_an_assigned_role_is_the_groups_and_every_member_inherits_it(api, role):
    before = detail(api, SERVICE_DESK)

    assigned = api.post(f"{GROUPS}/{SERVICE_DESK}/role", json={"role": role}, as_="super-admin")

    after = assigned.json()["data"]
    assert assigned.status_code == 200
    assert after == {
        **before,
        "role": role,
        "members": [{**member, "inherited_role": role} for member in before["members"]],
    }
    assert detail(api, SERVICE_DESK) == after


def test_a_second_role_replaces_the_first(api):
    path = f"{GROUPS}/{NIGHT_SHIFT}/role"
    api.post(path, json={"role": "tenant_admin"}, as_="super-admin")

    api.post(path, json={"role": "partner_admin"}, as_="super-admin")

    assert detail(api, NIGHT_SHIFT)["role"] == "partner_admin"


def test_the_same_role_again_is_200_and_changes_nothing(api):
    before = remembered(api)

    again = api.post(f"{GROUPS}/{SERVICE_DESK}/role", json={"role": "tenant_admin"}, as_="super-admin")

    assert again.status_code == 200
    assert again.json()["data"]["role"] == "tenant_admin"
    assert remembered(api) == before


@pytest.mark.parametrize(
    ("body", "type_", "loc"),
    [
        pytest.param({"role": "owner"}, "enum", ["body", "role"], id="an unknown role"),
        pytest.param({"role": "TENANT_ADMIN"}, "enum", ["body", "role"], id="a role in upper case"),
        pytest.param({"role": ""}, "enum", ["body", "role"], id="an empty role"),
        pytest.param({"role": None}, "enum", ["body", "role"], id="null"),
        pytest.param({}, "missing", ["body", "role"], id="no role"),
        pytest.param("tenant_admin", "dict_type", ["body"], id="no object"),
    ],
)
def test_what_is_no_role_cannot_be_assigned(api, body, type_, loc):
    before = remembered(api)

    refused = api.post(f"{GROUPS}/{SERVICE_DESK}/role", json=body, as_="super-admin")

    assert refused.status_code == 422
    assert [(error["type"], error["loc"]) for error in refused.json()["detail"]] == [(type_, loc)]
    assert remembered(api) == before


def test_unknown_keys_are_ignored_when_a_role_is_assigned(api):
    before = detail(api, NIGHT_SHIFT)

    assigned = api.post(
        f"{GROUPS}/{NIGHT_SHIFT}/role", json={"role": "tenant_admin", "name": "Day shift"}, as_="super-admin"
    )

    assert assigned.json()["data"] == {**before, "role": "tenant_admin"}


def test_a_role_of_a_group_is_no_assignment_of_its_members(api):
    before = remembered(api)["admin_roles"]

    api.post(f"{GROUPS}/{SERVICE_DESK}/role", json={"role": "super_admin"}, as_="super-admin")

    assert remembered(api)["admin_roles"] == before


# Revoke


def test_a_revoked_role_is_gone_from_the_group_and_from_its_members(api):
    before = detail(api, SERVICE_DESK)

    revoked = api.delete(f"{GROUPS}/{SERVICE_DESK}/role", as_="super-admin")

    after = revoked.json()["data"]
    assert revoked.status_code == 200
    assert after == {
        **before,
        "role": None,
        "members": [{**member, "inherited_role": None} for member in before["members"]],
    }
    assert detail(api, SERVICE_DESK) == after


def test_revoking_without_a_role_is_200_and_changes_nothing(api):
    before = remembered(api)

    revoked = api.delete(f"{GROUPS}/{NIGHT_SHIFT}/role", as_="super-admin")

    assert revoked.status_code == 200
    assert revoked.json()["data"]["role"] is None
    assert remembered(api) == before


def test_a_change_to_one_group_leaves_the_others(api):
    before = {group["id"]: group for group in remembered(api)["groups"]}

    api.delete(f"{GROUPS}/{SERVICE_DESK}/role", as_="super-admin")

    after = {group["id"]: group for group in remembered(api)["groups"]}
    assert [group_id for group_id in before if after[group_id] != before[group_id]] == [SERVICE_DESK]


# Errors


@pytest.mark.parametrize(
    ("path", "persona", "status", "code", "message"),
    [
        pytest.param(
            GROUPS,
            None,
            401,
            "unauthorized",
            "Credentials are missing; needed here: bearerAuth.",
            id="401 unauthorized",
        ),
        pytest.param(
            GROUPS, "viewer", 403, "forbidden", "Permission admin:groups is required", id="403 forbidden"
        ),
        pytest.param(
            f"{GROUPS}/grp_0", "super-admin", 404, "not_found", "Group not found", id="404 not found"
        ),
    ],
)
def test_an_error_has_a_code_a_message_and_the_request_id(api, path, persona, status, code, message):
    refused = api.get(path, as_=persona)

    assert refused.status_code == status
    assert refused.json() == {
        "error": {"code": code, "message": message, "request_id": refused.headers["X-Request-ID"]}
    }
    assert refused.headers["Content-Type"] == "application/json"
