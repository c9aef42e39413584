"""Groups (ScaiControl): what the contract cannot say of them."""

from typing import Any

from mockserver.respond.exchange import Claims, Request, Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem
from mockserver.state.collection import ItemNotFound
from mockserver.state.items import Item
from mockserver.state.store import Store

_WITH_A_ROLE = ("true", "1", "yes")
_MEMBER_FIELDS = ("id", "email", "display_name", "status", "deleted_at")
_WITHOUT_A_ROLE = ("false", "0", "no")


def may_administer_groups(caller: Claims) -> None:
    if not (_is_super_admin(caller) or "admin:groups" in _names(caller, "permissions")):
        raise Problem(403, "Permission admin:groups is required")


@handles("listGroups", guard=may_administer_groups)
def list_groups(request: Request, store: Store) -> Response:
    query, caller = request.query, request.caller
    part = query.get("q", "").casefold()
    has_role = query.get("has_role")

    def matches(group: Item) -> bool:
        return (
            part in group["name"].casefold() and _has_role(group, has_role) and _is_visible_to(caller, group)
        )

    filters = {"tenant_id": query["tenant_id"]} if "tenant_id" in query else {}
    found = store["groups"].find(matches, order=("name", "id"), **filters)
    return _answer(request, [_shown(group, store, with_members=False) for group in found])


@handles("getGroup", guard=may_administer_groups)
def get_group(request: Request, store: Store) -> Response:
    return _answer(request, _shown(_group(request, store), store))


@handles("assignGroupRole", guard=may_administer_groups)
def assign_group_role(request: Request, store: Store) -> Response:
    group = _group(request, store)
    group = store["groups"].update(group["id"], {"role": request.body["role"]})
    return _answer(request, _shown(group, store))


@handles("revokeGroupRole", guard=may_administer_groups)
def revoke_group_role(request: Request, store: Store) -> Response:
    group = _group(request, store)
    group = store["groups"].update(group["id"], {"role": None})
    return _answer(request, _shown(group, store))


def _is_super_admin(caller: Claims) -> bool:
    return "super_admin" in _names(caller, "roles")


def _is_visible_to(caller: Claims, group: Item) -> bool:
    """A tenant admin sees the groups of their own tenant; everybody else who may call sees all."""
    if _is_super_admin(caller) or "tenant_admin" not in _names(caller, "roles"):
        return True
    return bool(group["tenant_id"] == caller.get("tenant_id"))


def _names(caller: Claims, claim: str) -> list[Any]:
    found = caller.get(claim)
    return found if isinstance(found, list) else []


def _has_role(group: Item, wanted: str | None) -> bool:
    if wanted is None:
        return True
    if wanted in _WITH_A_ROLE:
        return group["role"] is not None
    if wanted in _WITHOUT_A_ROLE:
        return group["role"] is None
    return bool(group["role"] == wanted)


def _group(request: Request, store: Store) -> Item:
    try:
        group = store["groups"].get(request.path["group_id"])
    except ItemNotFound:
        group = None
    if group is None or not _is_visible_to(request.caller, group):
        raise Problem(404, "Group not found")
    return group


def _shown(group: Item, store: Store, *, with_members: bool = True) -> Item:
    pick = store["users"].pick
    users = [pick(user_id, _MEMBER_FIELDS) for user_id in group.pop("member_ids")]
    members = [user for user in users if user["deleted_at"] is None]
    group["tenant_name"] = store["tenants"].pick(group["tenant_id"], ("name",))["name"]
    group["member_count"] = len(members)
    group["members"] = [_member(user, group) for user in members] if with_members else None
    return group


def _member(user: Item, group: Item) -> Item:
    return {
        "user_id": user["id"],
        "email": user["email"],
        "display_name": user["display_name"],
        "status": user["status"],
        "inherited_role": group["role"],
    }


def _answer(request: Request, data: Any) -> Response:
    return Response({"data": data, "meta": {"request_id": request.id}})
