"""What a request means for the items of a collection: which ones it speaks of, and how they are kept."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.resources.answers import json_of
from mockserver.contract.resources.item_ids import at, put
from mockserver.contract.resources.roles import DELETED, Collection, Resources, Role
from mockserver.respond.exchange import Request
from mockserver.respond.problems import Problem
from mockserver.respond.stateful.changing import MERGE_PATCH, apply_patch, merge
from mockserver.respond.stateful.making import Maker
from mockserver.respond.stateful.read_only import put_back
from mockserver.state.collection import ItemExists
from mockserver.state.items import Item
from mockserver.state.keys import (
    find_under,
    id_of,
    is_there,
    is_under,
    key_for,
    put_under,
    value_of,
    with_id,
    with_key,
)
from mockserver.state.store import Store


class Keeper:
    """Finds, makes, changes and removes the items that one operation works on."""

    def __init__(
        self, contract: Contract, resources: Resources, operation: Operation, role: Role, maker: Maker
    ) -> None:
        self._contract = contract
        self._resources = resources
        self._operation = operation
        self._role = role
        self.collection = resources.collections[role.collection]
        self._maker = maker
        # What lies below the items of this one, with as many of its parents as lead here.
        self._below = [
            (child, child.parents[: depth + 1])
            for child in resources.collections.values()
            for depth, parent in enumerate(child.parents)
            if parent.collection == role.collection and depth == len(self.collection.parents)
        ]

    def above(self, request: Request, store: Store) -> Sequence[Any]:
        """Give the values that the items lie under; each has to be there, if the mock has its collection."""
        above: list[Any] = []
        for parent in self._role.parents:
            value = request.path[parent.parameter]
            owner = self._resources.collections.get(parent.collection or "")
            if (
                owner is not None
                and _get(store, owner, above, value) is None
                and not _stands_open(store, owner, above, value)
            ):
                raise _no(owner, value)
            above.append(value)
        return above

    def items(self, store: Store, above: Sequence[Any]) -> list[Item]:
        parents = self._role.parents
        return store[self.collection.name].find(
            lambda item: DELETED not in item and is_under(item, parents, above)
        )

    def id_in(self, request: Request, body: Any) -> Any:
        name = self._role.id_name or ""
        match self._role.id_place:
            case "path":
                return request.path.get(name)
            case "query":
                return request.query.get(name)
        return at(body, (*self._role.request_steps, name)) if isinstance(body, dict) else None

    def find(self, request: Request, store: Store) -> Item:
        item_id = self.id_in(request, request.body)
        item = self.existing(store, self.above(request, store), item_id)
        if item is None:
            raise self.missing(item_id)
        return item

    def missing(self, item_id: Any) -> Problem:
        return (
            Problem(404, "There is none here.")
            if self.collection.is_singleton
            else _no(self.collection, item_id)
        )

    def existing(self, store: Store, above: Sequence[Any], item_id: Any) -> Item | None:
        collection = self.collection
        item = _get(store, collection, above, item_id)
        if item is None and _stands_open(store, collection, above, item_id):
            item = self._materialised(above, item_id)
        return item

    def _materialised(self, above: Sequence[Any], item_id: Any) -> Item:
        """Give what is there before anybody wrote it."""
        item: Item = {}
        if self.collection.is_singleton:
            item.update(self._beginning())
        else:
            self._put_id(item, item_id)
        self._put_above(item, above)
        key = key_for(self.collection, above, item_id)
        pointer = self.collection.pointers[0]
        seed = f"{self.collection.name}/{key}{'#0' if self.collection.is_singleton else ''}"
        full = self._contract.samples.complete(pointer, item, seed)
        if isinstance(full, dict):
            item = {**item, **full}
        with_key(self.collection, item)
        return item

    def _beginning(self) -> Item:
        """Give the example of a singleton, if its contract has one."""
        for operation_id, role in self._resources.roles.items():
            if role.collection != self.collection.name or role.action != "read":
                continue
            response = self._contract.by_id[operation_id].response(role.answer.status)
            media_type = json_of(response) if response is not None else None
            for example in media_type.examples.values() if media_type is not None else ():
                value = at(example, role.answer.steps) if role.answer.steps else example
                if isinstance(value, dict):
                    return dict(value)
        return {}

    def insert(self, request: Request, store: Store, body: Any, above: Sequence[Any], item_id: Any) -> Item:
        collection = self.collection
        said = self._maker.given(body, self._role)
        item = {**said, **self._exemplary(request)}
        self._put_above(item, above)
        given = item_id if item_id is not None else id_of(collection, item)
        is_own = id_of(collection, said) is not None
        if item_id is None and given is not None and self._gives_way(store, item, given, is_own=is_own):
            given = None
        if given is None or given == "" or isinstance(given, (bool, float, dict, list)):
            given = self._maker.new_id(store)
        if not collection.is_singleton:
            self._put_id(item, given)
        key = key_for(collection, [value_of(parent, item) for parent in collection.parents], given)
        if is_there(_get(store, collection, [value_of(p, item) for p in collection.parents], given)):
            raise ItemExists(collection.name, given)
        item = self._maker.filled(item, request.now, f"{collection.name}/{key}")
        if not collection.is_singleton:
            self._put_id(item, given)
        self._put_above(item, above)
        with_key(collection, item)
        found = store[collection.name]
        return found.replace(key, item) if key in found else found.insert(item)

    def _exemplary(self, request: Request) -> Item:
        """Give the item in the example of the answer to just this request, if there is one."""
        steps = self._role.answer.steps
        example = at(request.example, steps) if steps else request.example
        return dict(example) if isinstance(example, dict) and self._role.answer.shape == "item" else {}

    def _gives_way(self, store: Store, item: Item, item_id: Any, *, is_own: bool) -> bool:
        """
        Tell whether an id is taken that need not be this one.

        The client did not give it, or need not have, in a contract that knows no conflict.
        """
        values = [value_of(parent, item) for parent in self.collection.parents]
        is_taken = _get(store, self.collection, values, item_id) is not None
        may_conflict = self._operation.response(409) is not None or self._maker.requires_id
        return is_taken and not (is_own and may_conflict)

    def _put_id(self, item: Item, item_id: Any) -> None:
        with_id(self.collection, item, self._typed(self.collection.id_steps, item_id))

    def _put_above(self, item: Item, above: Sequence[Any]) -> None:
        for parent, value in zip(self._role.parents, above, strict=True):
            own = value_of(parent, item)
            if own is None or str(own) != str(value):
                put_under(parent, item, self._typed(parent.steps, value))
        if len(self.collection.parents) != len(above):
            return
        for parent, value in zip(self.collection.parents, above, strict=True):
            if value_of(parent, item) is None:
                put_under(parent, item, self._typed(parent.steps, value))

    def _typed(self, steps: Sequence[str] | None, value: Any) -> Any:
        """Give a value of a path as the item's property has it: a number, or a text."""
        schema = self._maker.properties.get(steps[0]) if steps else None
        for step in (steps or ())[1:]:
            schema = schema.properties.get(step) if schema is not None else None
        if schema is None or not schema.types:
            return value
        if isinstance(value, str) and "string" not in schema.types and value.lstrip("-").isdecimal():
            return int(value)
        return str(value) if isinstance(value, int) and schema.types == ("string",) else value

    def changed(self, request: Request, item: Item, body: Any) -> Item:
        if isinstance(body, list):
            changed = apply_patch(item, body)
            if not isinstance(changed, dict):
                raise Problem(422, "The patch leaves no object.")
            said = {name: each for name, each in changed.items() if not self._maker.is_servers(name)}
            changed = {**self._inside(said, item), **self._maker.kept_by_server(item)}
            if (broken := self._maker.newly_broken(item, changed)) is not None:
                where = ".".join(map(str, broken.location))
                raise Problem(422, f"The patch leaves no valid item: {where}: {broken.message}.")
        elif self._role.action == "replace":
            given = self._inside(self._maker.given(body, self._role), item)
            changed = {**self._maker.kept_by_server(item), **self._maker.defaults(), **given}
        else:
            given = self._maker.given(body, self._role)
            if self._operation.request_body is None:
                given = {n: v for n, v in request.query.items() if n in self._maker.properties}
            is_merge_patch = request.content_type == MERGE_PATCH
            changed = merge(item, given, partial(self._maker.keeps_null, is_merge_patch=is_merge_patch))
        if self.collection.id_steps and (kept := id_of(self.collection, item)) is not None:
            put(changed, self.collection.id_steps, kept)
        for parent in self.collection.parents:
            put_under(parent, changed, value_of(parent, item))
        return self._maker.stamped(changed, request.now)

    def _inside(self, given: Item, item: Item) -> Item:
        """Give what a client puts in the place of an item, with what only the server says inside of it."""
        known = self._maker.properties
        return {name: put_back(known.get(name), each, item.get(name)) for name, each in given.items()}

    def save(self, store: Store, item: Item, changed: Item) -> Item:
        collection = store[self.collection.name]
        with_key(self.collection, changed)
        key = str(changed[self.collection.key_field])
        if key in collection:
            return collection.replace(key, {**changed, collection.id_field: item[collection.id_field]})
        return collection.insert(changed)

    def remove(self, store: Store, item: Item) -> None:
        """Remove an item, and what lies below it."""
        self._remove(store, [item])

    def remove_all(
        self, store: Store, above: Sequence[Any], where: Callable[[Item], bool] | None = None
    ) -> None:
        self._remove(store, [item for item in self.items(store, above) if where is None or where(item)])

    def _remove(self, store: Store, items: Sequence[Item]) -> None:
        values = [
            [*(value_of(parent, item) for parent in self.collection.parents), id_of(self.collection, item)]
            for item in items
        ]
        for child, parents in self._below if items else ():
            for each in find_under(store[child.name], parents, values):
                store[child.name].remove(str(each[child.key_field]))
        for item in items:
            self._take_away(store, item)

    def _take_away(self, store: Store, item: Item) -> None:
        collection = store[self.collection.name]
        key = str(item[self.collection.key_field])
        if not (self.collection.is_open or self.collection.is_singleton):
            collection.remove(key)
            return
        # There it was before anybody wrote it, so its absence is what has to be remembered.
        mark = {collection.id_field: item[collection.id_field], DELETED: True}
        if key in collection:
            collection.replace(key, mark)
        else:
            collection.insert(mark)


def _no(collection: Collection, item_id: Any) -> Problem:
    return Problem(404, f'{collection.name} has no item "{item_id}".')


def _get(store: Store, collection: Collection, above: Sequence[Any], item_id: Any) -> Item | None:
    """Give an item that is stored and there, by what it lies under and its id."""
    if item_id is None and not collection.is_singleton:
        return None
    items = store[collection.name]
    if len(collection.parents) not in (0, len(above)):
        # It is known by another path here, which says less of what it lies under.
        found = items.find(lambda each: is_there(each) and str(id_of(collection, each)) == str(item_id))
        return found[0] if found else None
    key = key_for(collection, above if collection.parents else (), item_id)
    item = items.get(key) if key in items else None
    return item if is_there(item) else None


def _stands_open(store: Store, collection: Collection, above: Sequence[Any], item_id: Any) -> bool:
    """Tell whether an item is there without being stored: nobody deleted it."""
    if not (collection.is_open or collection.is_singleton):
        return False
    return key_for(collection, above if collection.parents else (), item_id) not in store[collection.name]
