"""Admin roles (ScaiKey): what the contract cannot say of them."""

from dataclasses import replace
from typing import Any

from mockserver.respond.exchange import Claims, Request, Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem
from mockserver.state.clock import normalise_time
from mockserver.state.collection import ItemNotFound
from mockserver.state.items import Item
from mockserver.state.store import Store

_NEWEST_FIRST = ("-created_at", "id")


def may_read(caller: Claims) -> None:
    _require(caller, "admin:read")


def may_write(caller: Claims) -> None:
    _require(caller, "admin:write")


@handles("listAdminRoles", guard=may_read)
def list_admin_roles(request: Request, store: Store) -> Response:
    query = request.query
    filters = {name: query[name] for name in ("role", "user_id", "is_active") if name in query}
    page, per_page = query["page"], query["per_page"]
    roles = store["admin_roles"]
    total = roles.count(**filters)
    found = roles.find(order=_NEWEST_FIRST, offset=(page - 1) * per_page, limit=per_page, **filters)
    pagination = {
        "page": page,
        "per_page": per_page,
        "total": total,
        "total_pages": -(-total // per_page),
    }
    return _answer(request, _with_users(found, store), pagination=pagination)


@handles("createAdminRole", guard=may_write)
def create_admin_role(request: Request, store: Store) -> Response:
    body = request.body
    assignment = {
        "user_id": body["user_id"],
        "role": body["role"],
        "partner_id": body.get("partner_id"),
        "tenant_id": body.get("tenant_id"),
    }
    _living_user(assignment["user_id"], store)
    for name, collection in (("partner", "partners"), ("tenant", "tenants")):
        wanted = assignment[f"{name}_id"]
        if wanted is not None and wanted not in store[collection]:
            raise Problem(404, f"{name.capitalize()} not found")
    _refuse_duplicate(assignment, store)
    role = store["admin_roles"].insert(
        {
            "id": store.new_id("adr"),
            **assignment,
            "is_active": True,
            "expires_at": _normalised(body.get("expires_at")),
            "created_at": request.now,
            "updated_at": request.now,
            "created_by": _creator(request.caller, store),
        }
    )
    created = _answer(request, _with_user(role, store))
    location = f"{request.base_path}{request.operation.path}{role['id']}"
    return replace(created, status=201, headers={"Location": location})


@handles("listUserAdminRoles", guard=may_read)
def list_user_admin_roles(request: Request, store: Store) -> Response:
    user = _living_user(request.path["user_id"], store)
    found = store["admin_roles"].find(order=_NEWEST_FIRST, user_id=user["id"])
    return _answer(request, _with_users(found, store))


@handles("getAdminRole", guard=may_read)
def get_admin_role(request: Request, store: Store) -> Response:
    return _answer(request, _with_user(_role(request, store), store))


@handles("updateAdminRole", guard=may_write)
def update_admin_role(request: Request, store: Store) -> Response:
    role = _role(request, store)
    changes = {name: request.body[name] for name in ("is_active", "expires_at") if name in request.body}
    if changes.get("expires_at") is not None:
        changes["expires_at"] = _normalised(changes["expires_at"])
    weakens = changes.get("is_active") is False or changes.get("expires_at") is not None
    if weakens and _is_own_super_admin(role, request.caller):
        raise Problem(403, "Cannot deactivate or expire your own Super Admin role")
    if changes.get("is_active") is True and not role["is_active"]:
        _refuse_duplicate(role, store)
    if changes:
        role = store["admin_roles"].update(role["id"], {**changes, "updated_at": request.now})
    return _answer(request, _with_user(role, store))


@handles("deleteAdminRole", guard=may_write)
def delete_admin_role(request: Request, store: Store) -> Response:
    role = _role(request, store)
    if _is_own_super_admin(role, request.caller):
        raise Problem(403, "Cannot delete your own Super Admin role")
    store["admin_roles"].remove(role["id"])
    if request.query["cleanup_orphaned_user"] and _is_orphaned(role["user_id"], store):
        store["users"].update(role["user_id"], {"deleted_at": request.now})
    return Response(None, 204)


def _require(caller: Claims, scope: str) -> None:
    if caller.get("role") == "super_admin":
        return
    if not _is_service(caller):
        raise Problem(403, "Only accessible by Super Admins")
    if scope not in str(caller.get("scope", "")).split():
        raise Problem(403, "Platform token requires admin:read or admin:write scope")


def _is_service(caller: Claims) -> bool:
    return caller.get("token_type") == "client_credentials" and caller.get("platform_token") is True


def _creator(caller: Claims, store: Store) -> str | None:
    """Give the user behind a caller: none behind a service, and none that another issuer's token names."""
    sub = caller.get("sub")
    return sub if isinstance(sub, str) and sub in store["users"] and not _is_service(caller) else None


def _role(request: Request, store: Store) -> Item:
    try:
        return store["admin_roles"].get(request.path["role_id"])
    except ItemNotFound:
        raise Problem(404, "Admin role not found") from None


def _living_user(user_id: str, store: Store) -> Item:
    """Give a user who is known and was not soft-deleted, or refuse with 404."""
    try:
        user = store["users"].get(user_id)
    except ItemNotFound:
        user = None
    if user is None or user["deleted_at"] is not None:
        raise Problem(404, "User not found")
    return user


def _refuse_duplicate(assignment: Item, store: Store) -> None:
    same = {name: assignment[name] for name in ("user_id", "role", "partner_id", "tenant_id")}
    if store["admin_roles"].count(is_active=True, **same):
        raise Problem(409, "User already has this admin role")


def _is_own_super_admin(role: Item, caller: Claims) -> bool:
    return bool(role["role"] == "SUPER_ADMIN" and role["user_id"] == caller.get("sub"))


def _is_orphaned(user_id: str, store: Store) -> bool:
    """Tell whether nothing is left of a user but a duplicate that was made to hold an admin role."""
    if store["admin_roles"].count(user_id=user_id):
        return False
    user = store["users"].get(user_id)
    same_email = store["users"].find(email=user["email"], deleted_at=None)
    return user["last_login_at"] is None and len({each["tenant_id"] for each in same_email}) > 1


def _normalised(expires_at: str | None) -> str | None:
    return None if expires_at is None else normalise_time(expires_at)


def _with_user(role: Item, store: Store) -> Item:
    return _with_users([role], store)[0]


def _with_users(roles: list[Item], store: Store) -> list[Item]:
    pick = store["users"].pick
    for role in roles:
        role["user"] = pick(role["user_id"], ("id", "email", "display_name"))
    return roles


def _answer(request: Request, data: Any, **envelope: Any) -> Response:
    return Response({"data": data, **envelope, "meta": {"request_id": request.id}})
