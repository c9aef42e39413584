"""Where a journey goes: one collection, with the operations on it and the items it lies under."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.resources.finding import find_resources
from mockserver.contract.resources.roles import Action, Collection, Resources, Role
from mockserver.prove.journeys.asking import Asker, id_in

_VISITED: tuple[Action, ...] = ("list", "create", "read", "replace", "change", "delete")


@dataclass(frozen=True)
class Way:
    """One operation on a collection, and what it does."""

    operation: Operation
    role: Role


@dataclass(frozen=True)
class Place:
    """
    One collection, and its operations by what they do: those that were chosen, and have a plain form.

    ``above`` are the values of the path's parameters that stand before the item's own, ``beside`` the same
    with another parent, where there is one.
    """

    collection: Collection
    ways: Mapping[Action, Way]
    above: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Any] | None = None

    def item_path(self, action: Action, item_id: Any) -> dict[str, Any]:
        return {**self.above, str(self.ways[action].role.id_name): item_id}


def places_in(contract: Contract, selected: Sequence[Operation], asker: Asker) -> Iterator[Place]:
    """Give the collections that can be visited; an item of a parent is looked for where there is one."""
    resources, chosen = find_resources(contract), {each.operation_id for each in selected}
    for collection in resources.collections.values():
        if collection.is_singleton or collection.id_steps is None:
            continue
        ways = _ways(contract, resources, collection, chosen)
        if not ways:
            continue
        above = _above(contract, resources, collection, asker)
        if above is None:
            asker.note(f"{collection.name}: not visited, since no item is known that they lie under.")
            continue
        yield Place(collection, ways, *above)


def _ways(
    contract: Contract, resources: Resources, collection: Collection, chosen: set[str]
) -> dict[Action, Way]:
    found: dict[Action, Way] = {}
    for operation in contract.operations:
        role = resources.roles.get(operation.operation_id)
        if role is None or role.collection != collection.name or operation.operation_id not in chosen:
            continue
        on_whole = role.action in ("list", "create")
        path = collection.path if on_whole else collection.item_path
        if operation.path != path or role.action not in _VISITED or role.action in found:
            continue
        if on_whole or (role.id_place == "path" and role.id_name is not None):
            found[role.action] = Way(operation, role)
    return found


def _above(
    contract: Contract, resources: Resources, collection: Collection, asker: Asker
) -> tuple[dict[str, Any], dict[str, Any] | None] | None:
    above: dict[str, Any] = {}
    beside: dict[str, Any] | None = None
    for parent in collection.parents:
        owner = resources.collections.get(parent.collection or "")
        lister = _lister(contract, resources, owner) if owner is not None else None
        if owner is None or lister is None:
            return None
        answer = asker.ask(lister.operation, above)
        items = answer.items(lister.role) or []
        ids = [found for item in items if (found := id_in(owner, item)) is not None]
        if not ids:
            return None
        beside = {**above, parent.parameter: ids[-1]} if ids[-1] != ids[0] else None
        above[parent.parameter] = ids[0]
    return above, beside


def _lister(contract: Contract, resources: Resources, collection: Collection) -> Way | None:
    for operation in contract.operations:
        role = resources.roles.get(operation.operation_id)
        if role is not None and role.collection == collection.name and role.action == "list":
            return Way(operation, role) if operation.path == collection.path else None
    return None
