"""What is answered with items: the body that the contract wants of them, and the headers about them."""

from collections.abc import Mapping
from typing import Any

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.resources import nouns
from mockserver.contract.resources.answers import json_of
from mockserver.contract.resources.envelopes import BESIDE, count_name
from mockserver.contract.resources.fitting import Fitting
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import Collection, Envelope
from mockserver.respond.exchange import Request, Response
from mockserver.respond.stateful.conditions import Conditions
from mockserver.respond.stateful.showing import Showing
from mockserver.respond.stateful.surroundings import surround
from mockserver.state.items import Item
from mockserver.state.keys import id_of
from mockserver.state.own_links import path_of


class Bodies:
    """Writes the answers of one operation."""

    def __init__(
        self,
        contract: Contract,
        operation: Operation,
        collection: Collection,
        conditions: Conditions,
        showing: Showing,
        fitting: Fitting,
    ) -> None:
        self._contract = contract
        self._operation = operation
        self._collection = collection
        self._conditions = conditions
        self._showing = showing
        self._fitting = fitting
        self._known = {name for pointer in collection.pointers for name in fitting.schema(pointer).properties}
        self._id_names = {f"{one}id" for one in nouns.singulars(collection.name.rpartition(".")[2])}
        if collection.id_parameter is not None:
            self._id_names.add(nouns.plain(collection.id_parameter))

    def answer(self, request: Request, answer: Envelope, items: list[Item], turn: int = 0) -> Response:
        """
        Answer with some items; with the last of them where the contract wants one.

        What has to be made up for an item is another for each ``turn``.
        """
        item = items[-1] if items else None
        headers = self._conditions.headers(answer.status, item)
        path = path_of(self._collection, item) if item is not None else None
        if path is not None:
            headers = {**headers, **self._conditions.location(request, answer.status, path)}
        body = self._body(request, answer, items, turn)
        return Response(body, answer.status, headers, answer.media_type)

    def tell(self, request: Request, answer: Envelope, count: int) -> Response:
        """Answer with how many items there are."""
        schema = self._fitting.schema(answer.pointer or "")
        name = count_name(schema)
        body = count if name is None else surround(schema, (name,), count, answer.status, request.id)
        fitted = self._fitting.fit(schema.pointer, body, self._operation.operation_id)
        return Response(fitted, answer.status, {}, answer.media_type)

    def _body(self, request: Request, answer: Envelope, items: list[Item], turn: int) -> Any:
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
            return self._told(request, answer, {}, seed)
        key = f"{seed}/{items[-1].get(self._collection.key_field)}{f'#{turn}' if turn else ''}"
        if answer.shape == "item":
            shown_item = self._showing.show(answer.item_pointer or "", items[-1])
            return self._fitting.fit(answer.pointer, surrounded(shown_item), key)
        return self._told(request, answer, items[-1], key)

    def _told(self, request: Request, answer: Envelope, item: Item, seed: str) -> Any:
        """
        Give a body that is not the item: the example, if there is one, with what it has of the item.

        What is of another kind than the item says back what the request has of it.
        """
        response = self._operation.response(answer.status)
        media_type = json_of(response) if response is not None else None
        examples = list(media_type.examples.values()) if media_type is not None else []
        if request.example is not None:
            examples = [request.example]
        schema = self._fitting.schema(answer.pointer or "")
        if not schema.properties:
            own = id_of(self._collection, item) if schema.is_scalar and item else None
            if own is not None and self._contract.schemas.at(schema.pointer, "response").is_valid(own):
                return own
            value = examples[0] if examples else self._contract.samples.sample(schema.pointer, seed)
            return self._fitting.fit(schema.pointer, value, seed)
        told = dict(examples[0]) if examples and isinstance(examples[0], dict) else {}
        is_of_item = self._is_of_item(schema)
        for name in schema.properties:
            if is_of_item and name in item and nouns.plain(name) not in BESIDE:
                told[name] = item[name]
            elif nouns.plain(name) in self._id_names and item:
                told[name] = id_of(self._collection, item)
        if examples:
            told = self._fitting.fit(schema.pointer, told, seed)
        else:
            told = self._contract.samples.complete(schema.pointer, told, seed)
        is_saying_back = not is_of_item and request.example is None and isinstance(request.body, dict)
        return self._saying_back(schema, told, request.body) if is_saying_back else told

    def _is_of_item(self, schema: Members) -> bool:
        """Tell what is said of an item from another thing that is made below it."""
        if self._operation.method != "post" or self._operation.request_body is None:
            return True
        names = schema.properties.keys() - {self._collection.id_field}
        return 2 * len(self._known & names) >= len(names)

    def _saying_back(self, schema: Members, told: Any, body: Mapping[str, Any]) -> Any:
        is_valid = self._contract.schemas.at(schema.pointer, "response").is_valid
        for name, value in self._fitting.shown(schema.pointer, dict(body)).items():
            declared = schema.properties.get(name)
            if declared is not None and declared.says("readOnly") is not True:
                tried = {**told, name: value}
                told = tried if is_valid(tried) else told
        return told
