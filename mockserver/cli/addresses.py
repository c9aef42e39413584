"""Addresses to paste: an operation's path with values that lead to something."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.parameters.examples import known_values
from mockserver.contract.resources.roles import Collection, Resources
from mockserver.state.items import Item
from mockserver.state.keys import id_of, is_there, value_of
from mockserver.state.store import Store


class Addresses:
    """
    Give the paths of operations with values in the place of their parameters.

    They are those of an item that is there, else the examples of the parameters; a parameter of which nothing
    is known stays as it is written in the path.
    """

    def __init__(self, contract: Contract, resources: Resources, items: Mapping[str, Item]) -> None:
        self._contract = contract
        self._resources = resources
        self._items = items

    def of(self, operation: Operation) -> str:
        path = self._contract.base_path + operation.path
        stored = self._stored(operation)
        for parameter in operation.parameters:
            if parameter.location == "path":
                value = stored.get(parameter.name)
                if value is None:
                    value = next(iter(known_values(self._contract, parameter)), None)
                if value is not None:
                    path = path.replace(f"{{{parameter.name}}}", quote(str(value), safe=""))
        return path

    def _stored(self, operation: Operation) -> Mapping[str, Any]:
        """Give the values of path parameters that lead to an item that is there."""
        role = self._resources.roles.get(operation.operation_id)
        if role is None:
            return {}
        collection = self._resources.collections[role.collection]
        item = self._items.get(collection.name)
        if item is None:
            return {}
        values = {parent.parameter: value_of(parent, item) for parent in collection.parents}
        if role.id_name is not None and role.id_place == "path":
            values[role.id_name] = id_of(collection, item)
        return values


def first_items(resources: Resources, store: Store) -> Mapping[str, Item]:
    """Give an item of each inferred collection that has any."""
    return {
        name: each for name in resources.collections for each in _first(resources.collections[name], store)
    }


def _first(collection: Collection, store: Store) -> list[Item]:
    return store[collection.name].find(is_there, limit=1)
