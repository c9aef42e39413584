"""The rules of admin roles, as ``domain.md`` tells them."""

import re

import pytest

from tests.handlers.calls import (
    AARONS_ROLE,
    BRACKWATER,
    CHIDI,
    ELENA,
    ELENAS_ROLE,
    GARETH,
    HALDEN_MOOR,
    LUMEN_HARBOUR,
    ORCHARD_LANE,
    OWENS_DELETED_ACCOUNT,
    ROLE_CALLS,
    ROLES,
    SERVICE_DESK,
    SOFIA,
    SOFIAS_SECOND_ACCOUNT,
    SOFIAS_SECOND_ROLE,
    bearer,
    each,
    remembered,
)

SERVICE = {"token_type": "client_credentials", "platform_token": True}
FOR_A_TENANT = {"user_id": CHIDI, "role": "TENANT_ADMIN", "tenant_id": BRACKWATER}
FOR_A_PARTNER = {"user_id": CHIDI, "role": "PARTNER_ADMIN", "partner_id": HALDEN_MOOR}
FOR_THE_PLATFORM = {"user_id": CHIDI, "role": "SUPER_ADMIN"}
LONG_AGO = "2020-01-01T00:00:00.000000Z"
FAR_AWAY = "2099-01-01T00:00:00.000000Z"

OWN_WEAKENED = "Cannot deactivate or expire your own Super Admin role"


def create(api, body, as_="super-admin"):
    created = api.post(ROLES, json=body, as_=as_)
    assert created.status_code == 201, created.text
    return created.json()["data"]


def listed(api, **params):
    return api.get(ROLES, params={"per_page": 100, **params}, as_="super-admin").json()["data"]


def total(api):
    return api.get(ROLES, as_="super-admin").json()["pagination"]["total"]


def own_super_admin(api, persona):
    (own,) = listed(api, user_id=api.sub(persona), role="SUPER_ADMIN")
    return own


# Operations


@each(ROLE_CALLS)
def test_success_has_the_status_and_the_envelope_of_the_operation(api, call):
    answered = call.send(api, as_="super-admin")

    assert answered.status_code == call.status
    assert tuple(answered.json() if answered.content else ()) == call.envelope


def test_lists_hold_assignments_and_the_others_hold_one(api):
    page = api.get(ROLES, params={"per_page": 100}, as_="super-admin").json()["data"]
    of_a_user = api.get(f"{ROLES}user/{ELENA}", as_="super-admin").json()["data"]
    one = api.get(f"{ROLES}{ELENAS_ROLE}", as_="super-admin").json()["data"]

    assert one in page
    assert one in of_a_user


def test_a_created_assignment_is_where_its_location_says(api):
    created = api.post(ROLES, json=FOR_A_TENANT, as_="super-admin")

    assert created.headers["Location"] == f"{ROLES}{created.json()['data']['id']}"
    found = api.get(created.headers["Location"], as_="super-admin")
    assert found.json()["data"] == created.json()["data"]


def test_the_path_of_a_users_list_without_an_id_reads_user_as_the_id_of_an_assignment(api):
    found = api.get(f"{ROLES}user", as_="super-admin")

    assert found.status_code == 404
    assert found.json() == {"detail": "Admin role not found"}


# The assignment


def test_an_assignment_says_everything_that_a_list_has_to_show(api):
    found = api.get(f"{ROLES}{ELENAS_ROLE}", as_="super-admin")

    assert found.json()["data"] == {
        "id": ELENAS_ROLE,
        "user_id": ELENA,
        "role": "PARTNER_ADMIN",
        "partner_id": HALDEN_MOOR,
        "tenant_id": None,
        "is_active": True,
        "expires_at": None,
        "created_at": "2024-03-18T09:54:09.036614Z",
        "updated_at": "2024-03-18T09:54:09.036614Z",
        "created_by": api.sub("super-admin"),
        "user": {
            "id": ELENA,
            "email": "elena.brandt@haldenmoor.example",
            "display_name": "Elena Brandt",
        },
    }


def test_every_listed_assignment_shows_its_user(api):
    users = {user["id"]: user for user in api.mock.world.store["users"]}

    roles = listed(api)

    assert roles
    for role in roles:
        user = users[role["user_id"]]
        assert role["user"] == {name: user[name] for name in ("id", "email", "display_name")}


@pytest.mark.parametrize(
    ("body", "partner_id", "tenant_id"),
    [
        pytest.param(FOR_THE_PLATFORM, None, None, id="a super admin has neither"),
        pytest.param(FOR_A_PARTNER, HALDEN_MOOR, None, id="a partner admin has a partner"),
        pytest.param(FOR_A_TENANT, None, BRACKWATER, id="a tenant admin has a tenant"),
        pytest.param(
            {**FOR_A_TENANT, "partner_id": LUMEN_HARBOUR}, LUMEN_HARBOUR, BRACKWATER, id="both are kept"
        ),
    ],
)
def test_a_created_assignment_has_the_partner_and_the_tenant_it_was_given(api, body, partner_id, tenant_id):
    created = create(api, body)

    assert (created["role"], created["user_id"]) == (body["role"], CHIDI)
    assert (created["partner_id"], created["tenant_id"]) == (partner_id, tenant_id)


def test_a_created_assignment_is_active_has_no_end_and_was_never_changed(api):
    created = create(api, FOR_A_TENANT)

    assert created["is_active"] is True
    assert created["expires_at"] is None
    assert created["updated_at"] == created["created_at"]
    assert re.fullmatch("adr_[a-z0-9]{16}", created["id"])


def test_created_by_is_the_caller(api):
    created = create(api, FOR_A_TENANT, as_="other-super-admin")

    assert created["created_by"] == api.sub("other-super-admin")


def test_created_by_is_null_for_a_service(api):
    created = create(api, FOR_A_TENANT, as_="service-writer")

    assert created["created_by"] is None


# Who may call; every persona against every operation is in test_authentication.py


def test_the_claim_role_alone_makes_a_super_admin(api):
    caller = bearer(api, sub=CHIDI, role="super_admin")

    assert api.get(ROLES, headers=caller).status_code == 200
    assert api.post(ROLES, json=FOR_A_TENANT, headers=caller).status_code == 201


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({}, id="no claims"),
        pytest.param({"roles": ["super_admin"]}, id="the role in an array, which the other product reads"),
        pytest.param({"role": "SUPER_ADMIN"}, id="the role in upper case"),
        pytest.param({"role": ["super_admin"]}, id="an array in the place of the role"),
        pytest.param({"permissions": ["admin:groups"]}, id="the permission of the other product"),
        pytest.param({"scope": "admin:read admin:write"}, id="the scopes without a service token"),
        pytest.param(
            {"token_type": "client_credentials", "scope": "admin:read admin:write"},
            id="a service token that is no platform token",
        ),
        pytest.param(
            {"platform_token": True, "token_type": "access", "scope": "admin:read admin:write"},
            id="a platform token of a person",
        ),
    ],
)
@pytest.mark.parametrize("call", [ROLE_CALLS[0], ROLE_CALLS[1]], ids=["listAdminRoles", "createAdminRole"])
def test_who_is_no_super_admin_and_no_platform_service_is_refused(api, call, claims):
    before = remembered(api)

    refused = call.send(api, headers=bearer(api, sub="svc-x", **claims))

    assert refused.status_code == 403
    assert refused.json() == {"detail": "Only accessible by Super Admins"}
    assert remembered(api) == before


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [
        pytest.param("admin:read", 200, 403, id="the read scope reads"),
        pytest.param("admin:write", 403, 201, id="the write scope writes"),
        pytest.param("admin:read admin:write", 200, 201, id="both do both"),
        pytest.param("usage:write admin:read openid", 200, 403, id="a scope among others counts"),
        pytest.param("admin:reader xadmin:write", 403, 403, id="a longer word is another scope"),
        pytest.param("", 403, 403, id="an empty scope is none"),
        pytest.param(None, 403, 403, id="a null scope is none"),
    ],
)
def test_a_platform_service_reads_and_writes_by_its_scopes(api, scope, reads, writes):
    caller = bearer(api, sub="svc-x", scope=scope, **SERVICE)

    read = api.get(ROLES, headers=caller)
    wrote = api.post(ROLES, json=FOR_A_TENANT, headers=caller)

    assert (read.status_code, wrote.status_code) == (reads, writes)
    for answer in (read, wrote):
        if answer.status_code == 403:
            assert answer.json() == {"detail": "Platform token requires admin:read or admin:write scope"}


def test_a_platform_service_without_any_scope_claim_is_told_which_it_needs(api):
    refused = api.get(ROLES, headers=bearer(api, sub="svc-x", **SERVICE))

    assert refused.status_code == 403
    assert refused.json() == {"detail": "Platform token requires admin:read or admin:write scope"}


def test_authority_comes_from_the_token_and_not_from_the_assignments(api):
    own = own_super_admin(api, "super-admin")
    revoked = api.delete(f"{ROLES}{own['id']}", as_="other-super-admin")

    assert revoked.status_code == 204
    assert api.get(ROLES, as_="super-admin").status_code == 200
    create(api, FOR_THE_PLATFORM)
    assert api.get(ROLES, headers=bearer(api, sub=CHIDI, role="user")).status_code == 403


# List


def test_a_list_begins_at_page_1_with_50_a_page(api):
    plain = api.get(ROLES, as_="super-admin").json()
    said = api.get(ROLES, params={"page": 1, "per_page": 50}, as_="super-admin").json()

    assert plain["data"] == said["data"]
    assert len(plain["data"]) == 50
    assert plain["pagination"] == {
        "page": 1,
        "per_page": 50,
        "total": len(api.mock.world.store["admin_roles"]),
        "total_pages": 2,
    }


@pytest.mark.parametrize("per_page", [1, 7, 29, 58, 100])
def test_the_pages_together_are_the_whole_list_once(api, per_page):
    whole = listed(api)
    first = api.get(ROLES, params={"per_page": per_page}, as_="super-admin").json()["pagination"]

    pages = [
        api.get(ROLES, params={"per_page": per_page, "page": page}, as_="super-admin").json()
        for page in range(1, first["total_pages"] + 1)
    ]

    assert first["total_pages"] == -(-len(whole) // per_page)
    assert [role for page in pages for role in page["data"]] == whole
    assert all(page["pagination"] == {**first, "page": i} for i, page in enumerate(pages, start=1))


@pytest.mark.parametrize("page", [3, 1_000_000], ids=["the next", "the last that may be asked for"])
def test_a_page_past_the_end_is_empty(api, page):
    past = api.get(ROLES, params={"page": page}, as_="super-admin")

    assert past.status_code == 200
    assert past.json()["data"] == []
    assert past.json()["pagination"] == {
        "page": page,
        "per_page": 50,
        "total": len(api.mock.world.store["admin_roles"]),
        "total_pages": 2,
    }


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("page=1", 200),
        ("page=1000000", 200),
        ("page=0", 422),
        ("page=-1", 422),
        ("page=1000001", 422),
        ("per_page=1", 200),
        ("per_page=100", 200),
        ("per_page=0", 422),
        ("per_page=101", 422),
    ],
)
def test_pages_are_1_to_1000000_and_hold_1_to_100(api, query, status):
    answered = api.get(f"{ROLES}?{query}", as_="super-admin")

    assert answered.status_code == status


def test_the_newest_come_first_and_then_the_smaller_id(api):
    roles = api.mock.world.store["admin_roles"]
    for name in "bca":
        same_moment = {"id": f"adr_{name * 16}", "created_at": "2099-01-01T00:00:00.000000Z"}
        roles.insert({**roles.get(AARONS_ROLE), **same_moment})

    found = listed(api)

    assert [role["id"][4] for role in found[:3]] == ["a", "b", "c"]
    times = [role["created_at"] for role in found]
    assert times == sorted(times, reverse=True)


def test_what_was_created_last_is_listed_first(api):
    made = [create(api, {**FOR_THE_PLATFORM, "tenant_id": tenant}) for tenant in (BRACKWATER, ORCHARD_LANE)]

    found = listed(api)

    assert found[:2] == made[::-1]


@pytest.mark.parametrize(
    "filters",
    [
        pytest.param({"role": "SUPER_ADMIN"}, id="by role"),
        pytest.param({"user_id": ELENA}, id="by user"),
        pytest.param({"is_active": True}, id="active"),
        pytest.param({"is_active": False}, id="inactive"),
        pytest.param({"role": "TENANT_ADMIN", "user_id": ELENA}, id="by role and user"),
        pytest.param({"role": "PARTNER_ADMIN", "is_active": False}, id="by role and activity"),
        pytest.param({"role": "TENANT_ADMIN", "user_id": ELENA, "is_active": False}, id="by all three"),
    ],
)
def test_an_assignment_is_listed_if_it_meets_every_filter(api, filters):
    whole = listed(api)
    params = {
        name: str(value).lower() if value in (True, False) else value for name, value in filters.items()
    }

    found = api.get(ROLES, params={"per_page": 100, **params}, as_="super-admin").json()

    wanted = [role for role in whole if all(role[name] == value for name, value in filters.items())]
    assert 0 < len(wanted) < len(whole)
    assert found["data"] == wanted
    assert found["pagination"]["total"] == len(wanted)


@pytest.mark.parametrize("user_id", ["usr_0000000000000000", "nobody", ""], ids=["unknown", "odd", "empty"])
def test_a_filter_that_nothing_meets_gives_no_pages(api, user_id):
    found = api.get(ROLES, params={"user_id": user_id}, as_="super-admin")

    assert found.status_code == 200
    assert found.json()["data"] == []
    assert found.json()["pagination"] == {"page": 1, "per_page": 50, "total": 0, "total_pages": 0}


def test_an_expired_assignment_may_still_be_active(api):
    expired = create(api, {**FOR_A_TENANT, "expires_at": LONG_AGO})

    assert expired in listed(api, is_active="true")
    assert expired not in listed(api, is_active="false")


# Create


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        pytest.param({"role": "SUPER_ADMIN"}, ["user_id"], id="the user"),
        pytest.param({"user_id": CHIDI}, ["role"], id="the role"),
        pytest.param({}, ["user_id", "role"], id="both"),
        pytest.param({"user_id": CHIDI, "role": "PARTNER_ADMIN"}, ["partner_id"], id="the partner"),
        pytest.param({"user_id": CHIDI, "role": "TENANT_ADMIN"}, ["tenant_id"], id="the tenant"),
        pytest.param(
            {**FOR_A_PARTNER, "role": "TENANT_ADMIN"},
            ["tenant_id"],
            id="the tenant, though there is a partner",
        ),
    ],
)
def test_a_user_a_role_and_what_the_role_is_for_are_required(api, body, missing):
    before = remembered(api)

    refused = api.post(ROLES, json=body, as_="super-admin")

    assert refused.status_code == 422
    assert [(error["loc"], error["type"]) for error in refused.json()["detail"]] == [
        (["body", name], "missing") for name in missing
    ]
    assert remembered(api) == before


@pytest.mark.parametrize(
    ("body", "name"),
    [
        pytest.param({**FOR_A_PARTNER, "partner_id": None}, "partner_id", id="the partner"),
        pytest.param({**FOR_A_TENANT, "tenant_id": None}, "tenant_id", id="the tenant"),
    ],
)
def test_what_the_role_requires_must_not_be_null(api, body, name):
    before = remembered(api)

    refused = api.post(ROLES, json=body, as_="super-admin")

    assert refused.status_code == 422
    assert refused.json()["detail"] == [
        {"type": "string_type", "loc": ["body", name], "msg": "Input should be a valid string", "input": None}
    ]
    assert remembered(api) == before


def test_what_the_role_does_not_require_may_be_null(api):
    created = create(api, {**FOR_THE_PLATFORM, "partner_id": None, "tenant_id": None, "expires_at": None})

    assert (created["partner_id"], created["tenant_id"], created["expires_at"]) == (None, None, None)


@pytest.mark.parametrize("role", ["super_admin", "Tenant_Admin", "OWNER", ""])
def test_roles_are_the_three_in_upper_case(api, role):
    before = remembered(api)

    refused = api.post(ROLES, json={"user_id": CHIDI, "role": role}, as_="super-admin")

    assert refused.status_code == 422
    assert [error["type"] for error in refused.json()["detail"]] == ["enum"]
    assert remembered(api) == before


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        pytest.param({**FOR_A_TENANT, "user_id": "usr_0000000000000000"}, "User not found", id="the user"),
        pytest.param(
            {**FOR_A_TENANT, "user_id": OWENS_DELETED_ACCOUNT}, "User not found", id="a deleted user"
        ),
        pytest.param(
            {**FOR_A_PARTNER, "partner_id": "prt_0000000000000000"}, "Partner not found", id="the partner"
        ),
        pytest.param(
            {**FOR_A_TENANT, "tenant_id": "tnt_0000000000000000"}, "Tenant not found", id="the tenant"
        ),
        pytest.param(
            {**FOR_THE_PLATFORM, "tenant_id": "tnt_0000000000000000"},
            "Tenant not found",
            id="the tenant, though the role needs none",
        ),
        pytest.param({**FOR_A_PARTNER, "partner_id": ""}, "Partner not found", id="an empty id"),
        pytest.param(
            {**FOR_A_TENANT, "tenant_id": BRACKWATER.upper()}, "Tenant not found", id="another case"
        ),
        pytest.param({**FOR_A_TENANT, "user_id": "a\x00b"}, "User not found", id="an id with a NUL in it"),
    ],
)
def test_what_is_unknown_is_404_and_named(api, body, detail):
    before = remembered(api)

    refused = api.post(ROLES, json=body, as_="super-admin")

    assert refused.status_code == 404
    assert refused.json() == {"detail": detail}
    assert remembered(api) == before


def test_an_end_in_the_past_is_accepted(api):
    created = create(api, {**FOR_A_TENANT, "expires_at": LONG_AGO})

    assert created["expires_at"] == LONG_AGO
    assert created["is_active"] is True


@pytest.mark.parametrize(
    "body", [FOR_THE_PLATFORM, FOR_A_PARTNER, FOR_A_TENANT], ids=["platform", "partner", "tenant"]
)
@pytest.mark.parametrize(
    ("first_end", "second_end"),
    [
        pytest.param(None, None, id="both without an end"),
        pytest.param(None, FAR_AWAY, id="the second with an end"),
        pytest.param(LONG_AGO, None, id="the first is expired"),
        pytest.param(LONG_AGO, LONG_AGO, id="both expired"),
    ],
)
def test_an_active_double_is_409_whatever_the_ends(api, body, first_end, second_end):
    create(api, {**body, "expires_at": first_end})
    before = remembered(api)

    refused = api.post(ROLES, json={**body, "expires_at": second_end}, as_="super-admin")

    assert refused.status_code == 409
    assert refused.json() == {"detail": "User already has this admin role"}
    assert remembered(api) == before


@pytest.mark.parametrize(
    "different",
    [
        pytest.param({"user_id": ELENA, "tenant_id": "tnt_ceh4u9v2hajkgvgb"}, id="another user"),
        pytest.param({"tenant_id": ORCHARD_LANE}, id="another tenant"),
        pytest.param({"partner_id": HALDEN_MOOR}, id="a partner besides"),
        pytest.param({"role": "SUPER_ADMIN"}, id="another role"),
    ],
)
def test_what_differs_in_user_role_partner_or_tenant_is_no_double(api, different):
    create(api, FOR_A_TENANT)
    before = total(api)

    create(api, {**FOR_A_TENANT, **different})

    assert total(api) == before + 1


def test_an_inactive_assignment_may_be_made_again(api):
    first = create(api, FOR_A_TENANT)
    api.patch(f"{ROLES}{first['id']}", json={"is_active": False}, as_="super-admin")

    second = create(api, FOR_A_TENANT)

    assert second["id"] != first["id"]
    assert [role["is_active"] for role in listed(api, user_id=CHIDI)] == [True, False]


def test_a_deleted_assignment_may_be_made_again_under_a_new_id(api):
    first = create(api, FOR_A_TENANT)
    api.delete(f"{ROLES}{first['id']}", as_="super-admin")

    second = create(api, FOR_A_TENANT)

    assert second["id"] != first["id"]


def test_unknown_keys_are_ignored(api):
    created = create(api, {**FOR_A_TENANT, "is_active": False, "id": AARONS_ROLE, "colour": {"deep": []}})

    assert created["is_active"] is True
    assert created["id"] != AARONS_ROLE
    assert "colour" not in created


def test_a_suspended_user_may_be_assigned(api):
    assert api.mock.world.store["users"].get(GARETH)["status"] == "suspended"

    created = create(api, {**FOR_THE_PLATFORM, "user_id": GARETH})

    assert created["user_id"] == GARETH


# A user's list


def test_a_users_list_has_all_of_theirs_the_newest_first_and_no_others(api):
    found = api.get(f"{ROLES}user/{ELENA}", as_="super-admin").json()["data"]

    assert len(found) > 2
    assert found == [role for role in listed(api) if role["user_id"] == ELENA]


def test_a_user_without_assignments_has_an_empty_list(api):
    found = api.get(f"{ROLES}user/{CHIDI}", as_="super-admin")

    assert found.status_code == 200
    assert found.json()["data"] == []


@pytest.mark.parametrize(
    "user_id",
    [
        pytest.param("usr_0000000000000000", id="an unknown user"),
        pytest.param(OWENS_DELETED_ACCOUNT, id="a deleted user"),
        pytest.param("svc-access-report", id="a service"),
    ],
)
def test_the_list_of_somebody_who_is_no_user_is_404(api, user_id):
    refused = api.get(f"{ROLES}user/{user_id}", as_="super-admin")

    assert refused.status_code == 404
    assert refused.json() == {"detail": "User not found"}


# Update


@pytest.mark.parametrize(
    ("change", "is_active", "expires_at"),
    [
        pytest.param({"is_active": False}, False, FAR_AWAY, id="switch off"),
        pytest.param({"expires_at": LONG_AGO}, True, LONG_AGO, id="end in the past"),
        pytest.param({"expires_at": None}, True, None, id="never end"),
        pytest.param({"is_active": False, "expires_at": None}, False, None, id="both"),
    ],
)
def test_an_update_changes_what_it_names_and_nothing_else(api, change, is_active, expires_at):
    before = create(api, {**FOR_A_TENANT, "expires_at": FAR_AWAY})

    updated = api.patch(f"{ROLES}{before['id']}", json=change, as_="other-super-admin")

    assert updated.status_code == 200
    after = updated.json()["data"]
    assert after["updated_at"] > before["updated_at"]
    assert after == {
        **before,
        "is_active": is_active,
        "expires_at": expires_at,
        "updated_at": after["updated_at"],
    }
    assert api.get(f"{ROLES}{before['id']}", as_="super-admin").json()["data"] == after


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="an empty object"),
        pytest.param(
            {"role": "SUPER_ADMIN", "user_id": CHIDI, "tenant_id": None, "id": "adr_x"},
            id="keys that cannot be changed",
        ),
        pytest.param({"colour": "red"}, id="unknown keys"),
    ],
)
def test_an_update_without_anything_to_change_changes_nothing(api, change):
    before = remembered(api)

    updated = api.patch(f"{ROLES}{AARONS_ROLE}", json=change, as_="super-admin")

    assert updated.status_code == 200
    assert updated.json()["data"]["id"] == AARONS_ROLE
    assert remembered(api) == before


def test_reactivating_into_a_double_is_409(api):
    first = create(api, FOR_A_TENANT)
    api.patch(f"{ROLES}{first['id']}", json={"is_active": False}, as_="super-admin")
    create(api, FOR_A_TENANT)
    before = remembered(api)

    refused = api.patch(
        f"{ROLES}{first['id']}", json={"is_active": True, "expires_at": FAR_AWAY}, as_="super-admin"
    )

    assert refused.status_code == 409
    assert refused.json() == {"detail": "User already has this admin role"}
    assert remembered(api) == before


def test_activating_what_is_active_is_no_double_of_itself(api):
    updated = api.patch(f"{ROLES}{AARONS_ROLE}", json={"is_active": True}, as_="super-admin")

    assert updated.status_code == 200
    assert updated.json()["data"]["is_active"] is True


def test_an_inactive_double_may_get_another_end(api):
    first = create(api, FOR_A_TENANT)
    api.patch(f"{ROLES}{first['id']}", json={"is_active": False}, as_="super-admin")
    create(api, FOR_A_TENANT)

    updated = api.patch(f"{ROLES}{first['id']}", json={"expires_at": FAR_AWAY}, as_="super-admin")

    assert updated.status_code == 200
    assert updated.json()["data"]["expires_at"] == FAR_AWAY
    assert updated.json()["data"]["is_active"] is False


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"is_active": False}, id="switched off"),
        pytest.param({"expires_at": FAR_AWAY}, id="given an end far away"),
        pytest.param({"expires_at": LONG_AGO}, id="given an end in the past"),
        pytest.param({"is_active": True, "expires_at": FAR_AWAY}, id="left on but given an end"),
        pytest.param({"is_active": False, "expires_at": None}, id="switched off without an end"),
    ],
)
def test_ones_own_super_admin_role_cannot_be_switched_off_or_given_an_end(api, change):
    own = own_super_admin(api, "super-admin")
    before = remembered(api)

    refused = api.patch(f"{ROLES}{own['id']}", json=change, as_="super-admin")

    assert refused.status_code == 403
    assert refused.json() == {"detail": OWN_WEAKENED}
    assert remembered(api) == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="changed in nothing"),
        pytest.param({"is_active": True}, id="switched on"),
        pytest.param({"expires_at": None}, id="without an end"),
    ],
)
def test_ones_own_super_admin_role_may_be_strengthened(api, change):
    own = own_super_admin(api, "super-admin")

    updated = api.patch(f"{ROLES}{own['id']}", json=change, as_="super-admin")

    assert updated.status_code == 200
    assert updated.json()["data"]["is_active"] is True
    assert updated.json()["data"]["expires_at"] is None


@pytest.mark.parametrize("persona", ["other-super-admin", "service-writer"])
def test_somebody_elses_super_admin_role_may_be_switched_off(api, persona):
    theirs = own_super_admin(api, "super-admin")

    updated = api.patch(f"{ROLES}{theirs['id']}", json={"is_active": False}, as_=persona)

    assert updated.status_code == 200
    assert updated.json()["data"]["is_active"] is False


def test_ones_own_role_of_another_kind_may_be_switched_off_and_deleted(api):
    (own,) = listed(api, user_id=api.sub("other-super-admin"), role="PARTNER_ADMIN")

    updated = api.patch(
        f"{ROLES}{own['id']}", json={"is_active": False, "expires_at": LONG_AGO}, as_="other-super-admin"
    )
    deleted = api.delete(f"{ROLES}{own['id']}", as_="other-super-admin")

    assert updated.json()["data"]["is_active"] is False
    assert deleted.status_code == 204
    assert own_super_admin(api, "other-super-admin")


# Delete


def test_a_deleted_assignment_is_gone_and_the_others_stay(api):
    before = listed(api)

    deleted = api.delete(f"{ROLES}{AARONS_ROLE}", as_="super-admin")

    assert deleted.status_code == 204
    assert deleted.content == b""
    assert "Content-Type" not in deleted.headers
    assert listed(api) == [role for role in before if role["id"] != AARONS_ROLE]
    for again in (
        api.get(f"{ROLES}{AARONS_ROLE}", as_="super-admin"),
        api.patch(f"{ROLES}{AARONS_ROLE}", json={}, as_="super-admin"),
        api.delete(f"{ROLES}{AARONS_ROLE}", as_="super-admin"),
    ):
        assert again.status_code == 404
        assert again.json() == {"detail": "Admin role not found"}


def test_a_super_admin_cannot_delete_their_own_role(api):
    own = api.get(ROLES, as_="super-admin", params={"user_id": api.sub("super-admin")}).json()["data"][0]

    refused = api.delete(f"{ROLES}{own['id']}", as_="super-admin")

    assert refused.status_code == 403
    assert refused.json() == {"detail": "Cannot delete your own Super Admin role"}
    assert api.get(f"{ROLES}{own['id']}", as_="super-admin").status_code == 200


def test_not_even_an_inactive_super_admin_role_of_ones_own_can_be_deleted(api):
    own = own_super_admin(api, "super-admin")
    api.patch(f"{ROLES}{own['id']}", json={"is_active": False}, as_="other-super-admin")

    refused = api.delete(f"{ROLES}{own['id']}", as_="super-admin")

    assert refused.status_code == 403
    assert own_super_admin(api, "super-admin")["is_active"] is False


@pytest.mark.parametrize("persona", ["other-super-admin", "service-writer"])
def test_somebody_elses_super_admin_role_can_be_deleted(api, persona):
    theirs = own_super_admin(api, "super-admin")

    deleted = api.delete(f"{ROLES}{theirs['id']}", as_=persona)

    assert deleted.status_code == 204
    assert listed(api, user_id=api.sub("super-admin"), role="SUPER_ADMIN") == []


# Deleting the orphaned user too


@pytest.mark.parametrize("query", ["", "?cleanup_orphaned_user=true"], ids=["by default", "as asked for"])
def test_an_orphaned_user_is_soft_deleted_with_their_last_assignment(api, query):
    users = api.mock.world.store["users"]
    before = users.get(SOFIAS_SECOND_ACCOUNT)

    deleted = api.delete(f"{ROLES}{SOFIAS_SECOND_ROLE}{query}", as_="super-admin")

    assert deleted.status_code == 204
    after = users.get(SOFIAS_SECOND_ACCOUNT)
    assert before["deleted_at"] is None
    assert after["deleted_at"] is not None
    assert after == {**before, "deleted_at": after["deleted_at"]}


def test_an_orphaned_user_stays_if_no_clean_up_is_asked_for(api):
    deleted = api.delete(f"{ROLES}{SOFIAS_SECOND_ROLE}?cleanup_orphaned_user=false", as_="super-admin")

    assert deleted.status_code == 204
    assert api.get(f"{ROLES}{SOFIAS_SECOND_ROLE}", as_="super-admin").status_code == 404
    assert api.get(f"{ROLES}user/{SOFIAS_SECOND_ACCOUNT}", as_="super-admin").json()["data"] == []


def _another_assignment(api):
    create(api, {**FOR_THE_PLATFORM, "user_id": SOFIAS_SECOND_ACCOUNT})


def _another_inactive_assignment(api):
    role = create(api, {**FOR_THE_PLATFORM, "user_id": SOFIAS_SECOND_ACCOUNT})
    api.patch(f"{ROLES}{role['id']}", json={"is_active": False}, as_="super-admin")


def _another_expired_assignment(api):
    create(api, {**FOR_THE_PLATFORM, "user_id": SOFIAS_SECOND_ACCOUNT, "expires_at": LONG_AGO})


def _a_log_in(api):
    api.mock.world.store["users"].update(SOFIAS_SECOND_ACCOUNT, {"last_login_at": LONG_AGO})


def _another_e_mail(api):
    email = {"email": "sofia.alone@haldenmoor.example"}
    api.mock.world.store["users"].update(SOFIAS_SECOND_ACCOUNT, email)


def _the_same_tenant(api):
    users = api.mock.world.store["users"]
    first = next(
        user for user in users.find(email="sofia.lindqvist@haldenmoor.example", order=("created_at",))
    )
    users.update(SOFIAS_SECOND_ACCOUNT, {"tenant_id": first["tenant_id"]})


def _a_deleted_double(api):
    users = api.mock.world.store["users"]
    first = next(
        user for user in users.find(email="sofia.lindqvist@haldenmoor.example", order=("created_at",))
    )
    users.update(first["id"], {"deleted_at": LONG_AGO})


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(_another_assignment, id="another assignment remains"),
        pytest.param(_another_inactive_assignment, id="an inactive assignment remains"),
        pytest.param(_another_expired_assignment, id="an expired assignment remains"),
        pytest.param(_a_log_in, id="they have logged in"),
        pytest.param(_another_e_mail, id="no other user has their e-mail"),
        pytest.param(_the_same_tenant, id="the same e-mail is in one tenant only"),
        pytest.param(_a_deleted_double, id="the other user with their e-mail is deleted"),
    ],
)
def test_a_user_of_whom_not_all_three_hold_is_not_deleted(api, given):
    given(api)
    before = api.mock.world.store["users"].get(SOFIAS_SECOND_ACCOUNT)

    deleted = api.delete(f"{ROLES}{SOFIAS_SECOND_ROLE}", as_="super-admin")

    assert deleted.status_code == 204
    assert api.mock.world.store["users"].get(SOFIAS_SECOND_ACCOUNT) == before
    assert api.get(f"{ROLES}user/{SOFIAS_SECOND_ACCOUNT}", as_="super-admin").status_code == 200


def test_a_refused_deletion_deletes_no_user(api):
    own = own_super_admin(api, "super-admin")
    before = remembered(api)

    refused = api.delete(f"{ROLES}{own['id']}?cleanup_orphaned_user=true", as_="super-admin")

    assert refused.status_code == 403
    assert remembered(api) == before


def test_a_soft_deleted_user_is_gone_everywhere(api):
    group = f"/api/v1/admin/groups/{SERVICE_DESK}"
    groups = api.mock.world.store["groups"]
    members = [SOFIAS_SECOND_ACCOUNT, *groups.get(SERVICE_DESK)["member_ids"]]
    groups.update(SERVICE_DESK, {"member_ids": members})
    counted = api.get(group, as_="super-admin").json()["data"]["member_count"]

    api.delete(f"{ROLES}{SOFIAS_SECOND_ROLE}", as_="super-admin")

    refused = api.post(ROLES, json={**FOR_A_TENANT, "user_id": SOFIAS_SECOND_ACCOUNT}, as_="super-admin")
    assert (refused.status_code, refused.json()) == (404, {"detail": "User not found"})
    their_list = api.get(f"{ROLES}user/{SOFIAS_SECOND_ACCOUNT}", as_="super-admin")
    assert (their_list.status_code, their_list.json()) == (404, {"detail": "User not found"})
    assert listed(api, user_id=SOFIAS_SECOND_ACCOUNT) == []
    shown = api.get(group, as_="super-admin").json()["data"]
    assert shown["member_count"] == counted - 1 == len(shown["members"])
    assert SOFIAS_SECOND_ACCOUNT not in [member["user_id"] for member in shown["members"]]
    in_list = api.get("/api/v1/admin/groups", as_="super-admin").json()["data"]
    assert next(g["member_count"] for g in in_list if g["id"] == SERVICE_DESK) == counted - 1


def test_the_other_user_with_the_same_e_mail_stays(api):
    users = api.mock.world.store["users"]
    before = users.get(SOFIA)

    api.delete(f"{ROLES}{SOFIAS_SECOND_ROLE}", as_="super-admin")

    assert before["email"] == users.get(SOFIAS_SECOND_ACCOUNT)["email"]
    assert users.get(SOFIA) == before
    assert api.get(f"{ROLES}user/{SOFIA}", as_="super-admin").json()["data"] != []


# Errors


def _make_twice(api):
    create(api, FOR_A_TENANT)
    return api.post(ROLES, json=FOR_A_TENANT, as_="super-admin")


@pytest.mark.parametrize(
    ("call", "status"),
    [
        pytest.param(lambda api: api.get(ROLES), 401, id="401"),
        pytest.param(lambda api: api.get(ROLES, as_="viewer"), 403, id="403"),
        pytest.param(lambda api: api.get(f"{ROLES}x", as_="super-admin"), 404, id="404"),
        pytest.param(
            lambda api: [api.post(ROLES, json=FOR_A_TENANT, as_="super-admin") for _ in "12"][1],
            409,
            id="409",
        ),
    ],
)
def test_an_error_is_one_sentence_under_detail(api, call, status):
    refused = call(api)

    assert refused.status_code == status
    assert list(refused.json()) == ["detail"]
    assert isinstance(refused.json()["detail"], str)
    assert refused.headers["Content-Type"] == "application/json"
