"""Answers from what the mock remembers, for operations whose role in a collection was found."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.resources.fitting import Fitting
from mockserver.contract.resources.path_tree import steps_of
from mockserver.contract.resources.roles import Resources, Role
from mockserver.respond.exchange import Handler, Request, Response
from mockserver.respond.problems import Problem
from mockserver.respond.stateful.bodies import Bodies
from mockserver.respond.stateful.conditions import Conditions
from mockserver.respond.stateful.keeping import Keeper
from mockserver.respond.stateful.lists import Lister
from mockserver.respond.stateful.making import Maker
from mockserver.respond.stateful.showing import Showing
from mockserver.state.items import Item
from mockserver.state.keys import is_under
from mockserver.state.store import Store


class Stateful:
    """The handlers of all operations that have a role; they share what they know of each collection."""

    def __init__(self, contract: Contract, resources: Resources) -> None:
        self._contract = contract
        self._resources = resources
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
        showing = self._showings[role.collection]
        maker = Maker(self._contract, collection, role)
        conditions = Conditions(self._contract, operation)
        answering = _Answering(
            operation,
            role,
            maker,
            Keeper(self._contract, self._resources, operation, role, maker),
            Bodies(self._contract, operation, collection, conditions, showing, self._fitting),
            conditions,
            Lister(self._contract, operation, role, collection, showing, self._fitting),
            otherwise,
        )
        return answering.handlers[role.action]


class _Answering:
    """What answers one operation: one method for each action."""

    def __init__(
        self,
        operation: Operation,
        role: Role,
        maker: Maker,
        keeper: Keeper,
        bodies: Bodies,
        conditions: Conditions,
        lister: Lister,
        otherwise: Handler | None,
    ) -> None:
        self._operation = operation
        self._role = role
        self._maker = maker
        self._keeper = keeper
        self._bodies = bodies
        self._conditions = conditions
        self._lister = lister
        self._otherwise = otherwise
        # What is made at /boards/{id}/cards is one of the cards of that board.
        self._inside = maker.array_named(steps_of(operation.path)[0][-1:])
        self.handlers: Mapping[str, Handler] = {
            "list": self.show_list,
            "count": self.count,
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

    def show_list(self, request: Request, store: Store) -> Response:
        above, parents = self._keeper.above(request, store), self._role.parents
        belongs = (lambda item: is_under(item, parents, above)) if above else None
        # A list of the one item that its path names.
        ids = self._keeper.collection.id_steps
        if parents and ids and parents[-1].steps == ids and not self._keeper.items(store, above):
            raise self._keeper.missing(above[-1])
        return self._lister.page(request, store[self._role.collection], belongs)

    def count(self, request: Request, store: Store) -> Response:
        above, parents = self._keeper.above(request, store), self._role.parents
        where = self._lister.matcher(request, lambda item: is_under(item, parents, above))
        return self._bodies.tell(request, self._role.answer, store[self._role.collection].count(where))

    def create(self, request: Request, store: Store) -> Response:
        above = self._keeper.above(request, store)
        bodies = request.body if isinstance(request.body, list) else [request.body]
        item_id = request.path.get(self._role.id_name or "")
        made = [self._keeper.insert(request, store, body, above, item_id) for body in bodies]
        return self._bodies.answer(request, self._role.answer, made)

    def fill(self, request: Request, store: Store) -> Response:
        above = self._keeper.above(request, store)
        self._keeper.remove_all(store, above)
        bodies = request.body if isinstance(request.body, list) else []
        made = [self._keeper.insert(request, store, body, above, None) for body in bodies]
        return self._bodies.answer(request, self._role.answer, made)

    def clear(self, request: Request, store: Store) -> Response:
        above = self._keeper.above(request, store)
        self._keeper.remove_all(store, above, self._lister.matcher(request))
        return self._bodies.answer(request, self._role.answer, [])

    def read(self, request: Request, store: Store) -> Response:
        item = self._keeper.find(request, store)
        if self._conditions.is_known(request, item):
            return Response(None, 304, self._conditions.headers(304, item))
        return self._bodies.answer(request, self._role.answer, [item])

    def write(self, request: Request, store: Store) -> Response:
        if isinstance(request.body, list) and self._role.id_place == "body":
            above = self._keeper.above(request, store)
            items = [self._change_one(request, store, each, above) for each in request.body]
            return self._bodies.answer(request, self._role.answer, items)
        above = self._keeper.above(request, store)
        item = self._keeper.existing(store, above, self._keeper.id_in(request, request.body))
        if item is None:
            return self._put_new(request, store, above)
        self._conditions.check(request, item)
        changed = self._keeper.save(store, item, self._keeper.changed(request, item, request.body))
        answers = [each for each in self._role.answers if each.status != 201] or [self._role.answer]
        return self._bodies.answer(request, answers[0], [changed])

    def delete(self, request: Request, store: Store) -> Response:
        item = self._keeper.find(request, store)
        self._conditions.check(request, item)
        self._keeper.remove(store, item)
        return self._bodies.answer(request, self._role.answer, [item])

    def unset(self, request: Request, store: Store) -> Response:
        item = self._keeper.find(request, store)
        self._conditions.check(request, item)
        name = self._role.cleared or ""
        changed = dict(item)
        changed.pop(name, None)
        if self._maker.keeps_null((name,)):
            changed[name] = None
        changed = self._keeper.save(store, item, self._maker.stamped(changed, request.now))
        return self._bodies.answer(request, self._role.answer, [changed])

    def act(self, request: Request, store: Store) -> Response:
        item = self._keeper.find(request, store)
        answer = self._role.answers[0] if self._role.answers else None
        if answer is None:
            if self._otherwise is not None:
                return self._otherwise(request, store)
            raise Problem(501, f"{self._operation.operation_id} is answered by nothing that is JSON.")
        if answer.shape == "item" and self._operation.method not in ("get", "delete"):
            known = {
                name: each
                for name, each in self._maker.given(request.body, self._role).items()
                if name in self._maker.properties and name != self._keeper.collection.id_field
            }
            item = self._keeper.save(store, item, self._maker.stamped({**item, **known}, request.now))
        name = self._inside if self._operation.method == "post" and answer.shape == "other" else None
        if name is None:
            return self._bodies.answer(request, answer, [item])
        held = item.get(name)
        some: list[Any] = held if isinstance(held, list) else []
        response = self._bodies.answer(request, answer, [item], turn=len(some) + 1)
        changed = [*some, response.body]
        if self._maker.may_be(name, changed):
            self._keeper.save(store, item, self._maker.stamped({**item, name: changed}, request.now))
        return response

    def _put_new(self, request: Request, store: Store, above: Sequence[Any]) -> Response:
        """Make the item that a PUT names, where the contract says that it may."""
        created = next((each for each in self._role.answers if each.status == 201), None)
        may = created is not None or self._keeper.collection.is_singleton
        if self._operation.method != "put" and not (may and self._keeper.collection.is_singleton):
            may = False
        item_id = self._keeper.id_in(request, request.body)
        if not may or (item_id is None and not self._keeper.collection.is_singleton):
            raise self._keeper.missing(item_id)
        item = self._keeper.insert(request, store, request.body, above, item_id)
        return self._bodies.answer(request, created or self._role.answer, [item])

    def _change_one(self, request: Request, store: Store, body: Any, above: Sequence[Any]) -> Item:
        item_id = self._keeper.id_in(request, body)
        item = self._keeper.existing(store, above, item_id)
        if item is None:
            raise self._keeper.missing(item_id)
        return self._keeper.save(store, item, self._keeper.changed(request, item, body))
