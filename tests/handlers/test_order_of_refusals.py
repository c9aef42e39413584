"""The order in which a request is refused: 401, 403 of the caller, 422, 404, 403 of one's own role, 409."""

from dataclasses import replace

import pytest

from mockserver.state.personas import mint
from tests.handlers.calls import (
    AARONS_ROLE,
    BRACKWATER,
    CALLS,
    CHIDI,
    FOREIGN_GROUP,
    GROUPS,
    ROLES,
    SOFIAS_SECOND_ACCOUNT,
    Call,
    each,
    remembered,
)

UNKNOWN_ROLE = f"{ROLES}adr_0000000000000000"
UNKNOWN_GROUP = f"{GROUPS}/grp_0000000000000000"
FAR_AWAY = "2099-01-01T00:00:00Z"

# Each breaks the contract and asks for what is not there, where the operation lets it.
HOPELESS = (
    Call("listAdminRoles", "GET", f"{ROLES}?page=0"),
    Call("createAdminRole", "POST", ROLES, {"user_id": "usr_0", "role": "TENANT_ADMIN", "tenant_id": 5}),
    Call("listUserAdminRoles", "GET", f"{ROLES}user/%ff"),
    Call("getAdminRole", "GET", f"{ROLES}%ff"),
    Call("updateAdminRole", "PATCH", UNKNOWN_ROLE, {"is_active": "no"}),
    Call("deleteAdminRole", "DELETE", f"{UNKNOWN_ROLE}?cleanup_orphaned_user=maybe"),
    Call("listGroups", "GET", f"{GROUPS}?has_role=maybe"),
    Call("getGroup", "GET", f"{GROUPS}/%ff"),
    Call("assignGroupRole", "POST", f"{UNKNOWN_GROUP}/role", {"role": "owner"}),
    Call("revokeGroupRole", "DELETE", f"{GROUPS}/%ff/role"),
)
UNKNOWN = (
    Call("createAdminRole", "POST", ROLES, {"user_id": "usr_0", "role": "SUPER_ADMIN"}),
    Call("listUserAdminRoles", "GET", f"{ROLES}user/usr_0"),
    Call("getAdminRole", "GET", UNKNOWN_ROLE),
    Call("updateAdminRole", "PATCH", UNKNOWN_ROLE, {"is_active": True}),
    Call("deleteAdminRole", "DELETE", UNKNOWN_ROLE),
    Call("getGroup", "GET", UNKNOWN_GROUP),
    Call("assignGroupRole", "POST", f"{UNKNOWN_GROUP}/role", {"role": "tenant_admin"}),
    Call("revokeGroupRole", "DELETE", f"{UNKNOWN_GROUP}/role"),
)


@each(CALLS)
def test_401_comes_before_403_of_the_caller(api, call):
    short_lived_viewer = replace(api.mock.parts.personas["viewer"], lifetime=-1)
    header = {"Authorization": f"Bearer {mint(short_lived_viewer, api.mock.world.clock)}"}

    expired = call.send(api, headers=header)
    good = call.send(api, as_="viewer")

    assert (expired.status_code, good.status_code) == (401, 403)


@each(HOPELESS)
def test_401_and_403_of_the_caller_come_before_422(api, call):
    before = remembered(api)

    answers = [call.send(api), call.send(api, as_="viewer"), call.send(api, as_="super-admin")]

    assert [answer.status_code for answer in answers] == [401, 403, 422]
    assert remembered(api) == before


@each(UNKNOWN)
def test_401_and_403_of_the_caller_come_before_404(api, call):
    answers = [call.send(api), call.send(api, as_="viewer"), call.send(api, as_="super-admin")]

    assert [answer.status_code for answer in answers] == [401, 403, 404]


@pytest.mark.parametrize(
    ("persona", "status"), [(None, 401), ("viewer", 403), ("super-admin", 422)], ids=["401", "403", "422"]
)
def test_a_body_that_is_no_json_is_looked_at_after_the_caller(api, persona, status):
    refused = api.patch(
        f"{ROLES}{AARONS_ROLE}", content=b"{", headers={"Content-Type": "application/json"}, as_=persona
    )

    assert refused.status_code == status


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(Call("", "PATCH", UNKNOWN_ROLE, {"is_active": None}), id="an unknown assignment"),
        pytest.param(
            Call("", "DELETE", f"{UNKNOWN_ROLE}?cleanup_orphaned_user="), id="an unknown assignment to delete"
        ),
        pytest.param(
            Call("", "POST", ROLES, {"user_id": "usr_0", "role": "PARTNER_ADMIN"}), id="an unknown user"
        ),
        pytest.param(Call("", "POST", f"{UNKNOWN_GROUP}/role", {}), id="an unknown group"),
        pytest.param(Call("", "POST", f"{GROUPS}/{FOREIGN_GROUP}/role", {}), id="a foreign group"),
    ],
)
def test_422_comes_before_404(api, call):
    persona = "group-manager" if call.path.startswith(GROUPS) else "super-admin"

    refused = call.send(api, as_=persona)

    assert refused.status_code == 422


@pytest.fixture
def own_role(api):
    """Give the path of the super admin's own SUPER_ADMIN assignment."""
    (own,) = api.mock.world.store["admin_roles"].find(user_id=api.sub("super-admin"), role="SUPER_ADMIN")
    return f"{ROLES}{own['id']}"


def test_422_comes_before_403_of_ones_own_role(api, own_role):
    before = remembered(api)

    updated = api.patch(own_role, json={"is_active": False, "expires_at": "soon"}, as_="super-admin")
    deleted = api.delete(f"{own_role}?cleanup_orphaned_user=maybe", as_="super-admin")

    assert (updated.status_code, deleted.status_code) == (422, 422)
    assert remembered(api) == before


def test_404_comes_before_403_of_ones_own_role(api, own_role):
    api.mock.world.store["admin_roles"].remove(own_role.removeprefix(ROLES))

    updated = api.patch(own_role, json={"is_active": False}, as_="super-admin")
    deleted = api.delete(own_role, as_="super-admin")

    assert (updated.status_code, deleted.status_code) == (404, 404)


def test_422_comes_before_409(api):
    body = {"user_id": CHIDI, "role": "TENANT_ADMIN", "tenant_id": BRACKWATER}
    api.post(ROLES, json=body, as_="super-admin")

    refused = api.post(ROLES, json={**body, "expires_at": "soon"}, as_="super-admin")

    assert refused.status_code == 422
    assert api.post(ROLES, json=body, as_="super-admin").status_code == 409


def test_404_comes_before_409(api):
    (held,) = api.mock.world.store["admin_roles"].find(user_id=SOFIAS_SECOND_ACCOUNT)
    body = {name: held[name] for name in ("user_id", "role", "partner_id", "tenant_id")}
    assert api.post(ROLES, json=body, as_="super-admin").status_code == 409
    api.mock.world.store["users"].update(SOFIAS_SECOND_ACCOUNT, {"deleted_at": FAR_AWAY})

    refused = api.post(ROLES, json=body, as_="super-admin")

    assert refused.status_code == 404


def test_403_of_ones_own_role_comes_before_409(api, own_role):
    api.patch(own_role, json={"is_active": False}, as_="other-super-admin")
    double = {"user_id": api.sub("super-admin"), "role": "SUPER_ADMIN"}
    assert api.post(ROLES, json=double, as_="other-super-admin").status_code == 201
    change = {"is_active": True, "expires_at": FAR_AWAY}

    own = api.patch(own_role, json=change, as_="super-admin")
    somebody_elses = api.patch(own_role, json=change, as_="other-super-admin")

    assert (own.status_code, somebody_elses.status_code) == (403, 409)
