"""Answers from what the mock remembers, for operations whose role in a collection was found."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.contract import nouns
from mockserver.contract.answers import json_of
from mockserver.contract.envelopes import BESIDE
from mockserver.contract.fitting import Fitting
from mockserver.contract.item_ids import at, put
from mockserver.contract.operation import Contract, Operation
from mockserver.contract.path_tree import steps_of
from mockserver.contract.roles import DELETED, Collection, Envelope, Resources, Role
from mockserver.respond.changing import apply_patch, merge
from mockserver.respond.conditions import Conditions
from mockserver.respond.exchange import Handler, Request, Response
from mockserver.respond.making import Maker, Numbers
from mockserver.respond.problems import Problem
from mockserver.respond.showing import Showing
from mockserver.respond.stateful_list import Lister
from mockserver.respond.surroundings import surround
from mockserver.state.collection import ItemExists, ItemNotFound
from mockserver.state.items import Item
from mockserver.state.keys import (
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


class Stateful:
    """The handlers of all operations that have a role; they share what they know of each collection."""

    def __init__(self, contract: Contract, resources: Resources) -> None:
        self._contract = contract
        self._resources = resources
        self._numbers = Numbers()
        self._fitting = Fitting(contract)
        self._showings = {
            name: Showing(contract, collection, self._fitting)
            for name, collection in resources.collections.items()
        }

    def handler(self, operation: Operation, otherwise: Handler | None = None) -> Handler | None:
        """
        Give the handler of an operation, ``None`` if it has no role.

        What is done below an item, and does not answer with that item, is answered by ``otherwise`` once
        the item is known to be there.
        """
        role = self._resources.roles.get(operation.operation_id)
        if role is None:
            return None
        collection = self._resources.collections[role.collection]
        maker = Maker(self._contract, collection, role, self._numbers)
        answering = _Answering(
            self._contract,
            self._resources,
            operation,
            role,
            maker,
            self._showings[role.collection],
            self._fitting,
        )
        answering.otherwise = otherwise
        return answering.handlers[role.action]


class _Answering:
    """What answers one operation."""

    def __init__(
        self,
        contract: Contract,
        resources: Resources,
        operation: Operation,
        role: Role,
        maker: Maker,
        showing: Showing,
        fitting: Fitting,
    ) -> None:
        self._contract = contract
        self._resources = resources
        self._operation = operation
        self._role = role
        self._collection = resources.collections[role.collection]
        self._maker = maker
        self._showing = showing
        self._fitting = fitting
        self._conditions = Conditions(contract, operation)
        self._lister = Lister(contract, operation, role, self._collection, showing, fitting)
        noun = self._collection.name.rpartition(".")[2]
        self._id_names = {f"{one}id" for one in nouns.singulars(noun)}
        if self._collection.id_parameter is not None:
            self._id_names.add(nouns.plain(self._collection.id_parameter))
        self.otherwise: Handler | None = None
        self.handlers: Mapping[str, Handler] = {
            "list": self.show_list,
            "create": self.create,
            "fill": self.fill,
            "clear": self.clear,
            "read": self.read,
            "replace": self.write,
            "change": self.write,
            "delete": self.delete,
            "unset": self.unset,
            "act": self.act,
        }

    # Operations

    def show_list(self, request: Request, store: Store) -> Response:
        above, parents = self._above(request, store), self._role.parents
        belongs = (lambda item: is_under(item, parents, above)) if above else None
        return self._lister.page(request, store[self._collection.name], belongs)

    def create(self, request: Request, store: Store) -> Response:
        above = self._above(request, store)
        bodies = request.body if isinstance(request.body, list) else [request.body]
        item_id = request.path.get(self._role.id_name or "")
        made = [self._insert(request, store, body, above, item_id) for body in bodies]
        return self._answer_items(request, self._role.answer, made)

    def fill(self, request: Request, store: Store) -> Response:
        above = self._above(request, store)
        self._remove_all(store, above)
        bodies = request.body if isinstance(request.body, list) else []
        made = [self._insert(request, store, body, above, None) for body in bodies]
        return self._answer_items(request, self._role.answer, made)

    def clear(self, request: Request, store: Store) -> Response:
        above = self._above(request, store)
        self._remove_all(store, above)
        return self._answer_items(request, self._role.answer, [])

    def read(self, request: Request, store: Store) -> Response:
        item = self._find(request, store)
        if self._conditions.is_known(request, item):
            return Response(None, 304, self._conditions.headers(304, item))
        return self._answer_items(request, self._role.answer, [item])

    def write(self, request: Request, store: Store) -> Response:
        if isinstance(request.body, list) and self._role.id_place == "body":
            above = self._above(request, store)
            items = [self._change_one(request, store, each, above) for each in request.body]
            return self._answer_items(request, self._role.answer, items)
        above = self._above(request, store)
        item = self._existing(store, above, self._id(request, request.body))
        if item is None:
            return self._put_new(request, store, above)
        self._conditions.check(request, item)
        changed = self._save(store, item, self._changed(request, item, request.body))
        answers = [each for each in self._role.answers if each.status != 201] or [self._role.answer]
        return self._answer_items(request, answers[0], [changed])

    def delete(self, request: Request, store: Store) -> Response:
        item = self._find(request, store)
        self._conditions.check(request, item)
        self._remove(store, item)
        return self._answer_items(request, self._role.answer, [item])

    def unset(self, request: Request, store: Store) -> Response:
        item = self._find(request, store)
        self._conditions.check(request, item)
        name = self._role.cleared or ""
        changed = dict(item)
        changed.pop(name, None)
        if self._maker.keeps_null(name):
            changed[name] = None
        changed = self._save(store, item, self._maker.stamped(changed, request.now))
        return self._answer_items(request, self._role.answer, [changed])

    def act(self, request: Request, store: Store) -> Response:
        item = self._find(request, store)
        answer = self._role.answers[0] if self._role.answers else None
        if answer is None:
            if self.otherwise is not None:
                return self.otherwise(request, store)
            raise Problem(501, f"{self._operation.operation_id} is answered by nothing that is JSON.")
        if answer.shape == "item" and self._operation.method not in ("get", "delete"):
            known = {
                name: each
                for name, each in self._maker.given(request.body, self._role).items()
                if name in self._maker.properties and name != self._collection.id_field
            }
            item = self._save(store, item, self._maker.stamped({**item, **known}, request.now))
        return self._answer_items(request, answer, [item])

    # Items

    def _above(self, request: Request, store: Store) -> Sequence[Any]:
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
                raise ItemNotFound(owner.name, value)
            above.append(value)
        return above

    def _items(self, store: Store, above: Sequence[Any]) -> list[Item]:
        parents = self._role.parents
        return store[self._collection.name].find(
            lambda item: DELETED not in item and is_under(item, parents, above)
        )

    def _id(self, request: Request, body: Any) -> Any:
        name = self._role.id_name or ""
        match self._role.id_place:
            case "path":
                return request.path.get(name)
            case "query":
                return request.query.get(name)
        return at(body, (*self._role.request_steps, name)) if isinstance(body, dict) else None

    def _find(self, request: Request, store: Store) -> Item:
        item_id = self._id(request, request.body)
        item = self._existing(store, self._above(request, store), item_id)
        if item is None:
            raise self._missing(item_id)
        return item

    def _missing(self, item_id: Any) -> Exception:
        if self._role.id_place == "path" and not self._collection.is_singleton:
            return ItemNotFound(self._collection.name, item_id)
        text = f'{self._collection.name} has no item "{item_id}".'
        return Problem(404, "There is none here." if self._collection.is_singleton else text)

    def _existing(self, store: Store, above: Sequence[Any], item_id: Any) -> Item | None:
        collection = self._collection
        item = _get(store, collection, above, item_id)
        if item is None and _stands_open(store, collection, above, item_id):
            item = self._materialised(above, item_id)
        return item

    def _materialised(self, above: Sequence[Any], item_id: Any) -> Item:
        """Give what is there before anybody wrote it."""
        item: Item = {}
        if self._collection.is_singleton:
            item.update(self._beginning())
        else:
            self._put_id(item, item_id)
        self._put_above(item, above)
        key = key_for(self._collection, above, item_id)
        pointer = self._collection.pointers[0]
        seed = f"{self._collection.name}/{key}{'#0' if self._collection.is_singleton else ''}"
        full = self._contract.samples.complete(pointer, item, seed)
        if isinstance(full, dict):
            item = {**item, **full}
        with_key(self._collection, item)
        return item

    def _beginning(self) -> Item:
        """Give the example of a singleton, if its contract has one."""
        for operation_id, role in self._resources.roles.items():
            if role.collection != self._collection.name or role.action != "read":
                continue
            response = self._contract.by_id[operation_id].response(role.answer.status)
            media_type = json_of(response) if response is not None else None
            for example in media_type.examples.values() if media_type is not None else ():
                value = at(example, role.answer.steps) if role.answer.steps else example
                if isinstance(value, dict):
                    return dict(value)
        return {}

    def _insert(self, request: Request, store: Store, body: Any, above: Sequence[Any], item_id: Any) -> Item:
        collection = self._collection
        item = self._maker.given(body, self._role)
        given = item_id if item_id is not None else id_of(collection, item)
        if item_id is None and given is not None and self._gives_way(store, item, given):
            given = None
        if given is None or given == "" or isinstance(given, (bool, float, dict, list)):
            given = self._maker.new_id(store)
        if not collection.is_singleton:
            self._put_id(item, given)
        self._put_above(item, above)
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

    def _gives_way(self, store: Store, item: Item, item_id: Any) -> bool:
        """Tell whether an id that a client need not give is taken, in a contract that knows no conflict."""
        values = [value_of(parent, item) for parent in self._collection.parents]
        is_taken = _get(store, self._collection, values, item_id) is not None
        return is_taken and self._operation.response(409) is None and not self._maker.requires_id

    def _put_id(self, item: Item, item_id: Any) -> None:
        with_id(self._collection, item, self._typed(self._collection.id_steps, item_id))

    def _put_above(self, item: Item, above: Sequence[Any]) -> None:
        for parent, value in zip(self._role.parents, above, strict=True):
            own = value_of(parent, item)
            if own is None or str(own) != str(value):
                put_under(parent, item, self._typed(parent.steps, value))
        if len(self._collection.parents) != len(above):
            return
        for parent, value in zip(self._collection.parents, above, strict=True):
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

    def _put_new(self, request: Request, store: Store, above: Sequence[Any]) -> Response:
        """Make the item that a PUT names, where the contract says that it may."""
        created = next((each for each in self._role.answers if each.status == 201), None)
        may = created is not None or self._collection.is_singleton
        if self._operation.method != "put" and not (may and self._collection.is_singleton):
            may = False
        item_id = self._id(request, request.body)
        if not may or (item_id is None and not self._collection.is_singleton):
            raise self._missing(item_id)
        item = self._insert(request, store, request.body, above, item_id)
        return self._answer_items(request, created or self._role.answer, [item])

    def _change_one(self, request: Request, store: Store, body: Any, above: Sequence[Any]) -> Item:
        item_id = self._id(request, body)
        item = self._existing(store, above, item_id)
        if item is None:
            raise self._missing(item_id)
        return self._save(store, item, self._changed(request, item, body))

    def _changed(self, request: Request, item: Item, body: Any) -> Item:
        if isinstance(body, list):
            changed = apply_patch(item, body)
            if not isinstance(changed, dict):
                raise Problem(422, "The patch leaves no object.")
        elif self._role.action == "replace":
            changed = {**self._maker.kept_by_server(item), **self._maker.given(body, self._role)}
        else:
            given = self._maker.given(body, self._role)
            if self._operation.request_body is None:
                given = {n: v for n, v in request.query.items() if n in self._maker.properties}
            changed = merge(item, given, self._maker.keeps_null)
        if self._collection.id_steps and (kept := id_of(self._collection, item)) is not None:
            put(changed, self._collection.id_steps, kept)
        for parent in self._collection.parents:
            put_under(parent, changed, value_of(parent, item))
        return self._maker.stamped(changed, request.now)

    def _save(self, store: Store, item: Item, changed: Item) -> Item:
        collection = store[self._collection.name]
        with_key(self._collection, changed)
        key = str(changed[self._collection.key_field])
        if key in collection:
            return collection.replace(key, {**changed, collection.id_field: item[collection.id_field]})
        return collection.insert(changed)

    def _remove(self, store: Store, item: Item) -> None:
        collection = store[self._collection.name]
        key = str(item[self._collection.key_field])
        if not (self._collection.is_open or self._collection.is_singleton):
            collection.remove(key)
            return
        # There it was before anybody wrote it, so its absence is what has to be remembered.
        mark = {collection.id_field: item[collection.id_field], DELETED: True}
        if key in collection:
            collection.replace(key, mark)
        else:
            collection.insert(mark)

    def _remove_all(self, store: Store, above: Sequence[Any]) -> None:
        for item in self._items(store, above):
            self._remove(store, item)

    # Answers

    def _answer_items(self, request: Request, answer: Envelope, items: list[Item]) -> Response:
        item = items[-1] if items else None
        headers = self._conditions.headers(answer.status, item)
        if answer.status == 201 and item is not None:
            headers = {**headers, **self._location(request, item)}
        body = self._body(request, answer, items)
        return Response(body, answer.status, headers, answer.media_type)

    def _body(self, request: Request, answer: Envelope, items: list[Item]) -> Any:
        if answer.shape == "none":
            return None
        if answer.pointer is None:
            return self._showing.show(self._collection.pointers[0], items[-1]) if items else {}
        seed = self._operation.operation_id
        schema = self._fitting.schema(answer.pointer)

        def surrounded(value: Any) -> Any:
            return surround(schema, answer.steps, value, answer.status, request.id)

        if answer.shape == "list":
            shown = [self._showing.show(answer.item_pointer or "", item) for item in items]
            return self._fitting.fit(answer.pointer, surrounded(shown), seed)
        if not items:
            return self._told(answer, {}, seed)
        key = f"{seed}/{items[-1].get(self._collection.key_field)}"
        if answer.shape == "item":
            shown_item = self._showing.show(answer.item_pointer or "", items[-1])
            return self._fitting.fit(answer.pointer, surrounded(shown_item), key)
        return self._told(answer, items[-1], key)

    def _told(self, answer: Envelope, item: Item, seed: str) -> Any:
        """Give a body that is not the item: the example, if there is one, with what it has of the item."""
        response = self._operation.response(answer.status)
        media_type = json_of(response) if response is not None else None
        examples = list(media_type.examples.values()) if media_type is not None else []
        schema = self._fitting.schema(answer.pointer or "")
        if not schema.properties:
            value = examples[0] if examples else self._contract.samples.sample(schema.pointer, seed)
            return self._fitting.fit(schema.pointer, value, seed)
        told = dict(examples[0]) if examples and isinstance(examples[0], dict) else {}
        for name in schema.properties:
            if name in item and nouns.plain(name) not in BESIDE:
                told[name] = item[name]
            elif nouns.plain(name) in self._id_names and item:
                told[name] = id_of(self._collection, item)
        if examples:
            return self._fitting.fit(schema.pointer, told, seed)
        return self._contract.samples.complete(schema.pointer, told, seed)

    def _location(self, request: Request, item: Item) -> Mapping[str, str]:
        path = self._collection.item_path
        if path is None:
            return {}
        values = [value_of(parent, item) for parent in self._collection.parents]
        names = steps_of(path)[1]
        if len(names) != len(values) + 1:
            return {}
        for name, value in zip(names, [*values, id_of(self._collection, item)], strict=True):
            path = path.replace(f"{{{name}}}", str(value))
        return self._conditions.location(request, path)


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
