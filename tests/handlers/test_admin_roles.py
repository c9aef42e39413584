"""The rules of admin roles, as ``domain.md`` tells them."""

ROLES = "/api/v1/admin/admin-roles/"


def test_a_super_admin_cannot_delete_their_own_role(api):
    own = api.get(ROLES, as_="super-admin", params={"user_id": api.sub("super-admin")}).json()["data"][0]

    refused = api.delete(f"{ROLES}{own['id']}", as_="super-admin")

    assert refused.status_code == 403
    assert refused.json() == {"detail": "Cannot delete your own Super Admin role"}
    assert api.get(f"{ROLES}{own['id']}", as_="super-admin").status_code == 200
