"""The answer of a list: the items that a query asks for, in their envelope, with the headers about pages."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.resources import roles
from mockserver.contract.resources.fitting import Fitting
from mockserver.contract.resources.list_parameters import read_query, read_query_parts
from mockserver.contract.resources.members import Members
from mockserver.respond.exchange import Request, Response
from mockserver.respond.stateful.changing import merge
from mockserver.respond.stateful.listing import matcher, sorted_by
from mockserver.respond.stateful.paging import Page, envelope, header_value, read_asked
from mockserver.respond.stateful.showing import Showing
from mockserver.respond.stateful.surroundings import surround
from mockserver.state.collection import Collection
from mockserver.state.items import Item
from mockserver.state.keys import id_of
from mockserver.state.own_links import origin


class Lister:
    """Answers one operation that lists a collection."""

    def __init__(
        self,
        contract: Contract,
        operation: Operation,
        role: roles.Role,
        collection: roles.Collection,
        showing: Showing,
        fitting: Fitting,
    ) -> None:
        self._contract = contract
        self._operation = operation
        self._role = role
        self._inferred = collection
        self._showing = showing
        self._fitting = fitting
        self._parts = read_query_parts(contract.data, operation)
        self._schemas = {part.name: part.schema for part in self._parts if part.schema is not None}
        self._names = [
            n for pointer in collection.pointers for n in Members(contract.data, pointer).properties
        ]

    def matcher(
        self, request: Request, belongs: Callable[[Item], bool] | None = None
    ) -> Callable[[Item], bool] | None:
        """Give what tells whether a request speaks of an item, ``None`` if it does of all."""
        query = read_query(self._parts, request.query)
        return matcher(self._role.parameters, query, belongs, self._showing.readable)

    def page(self, request: Request, items: Collection, belongs: Callable[[Item], bool] | None) -> Response:
        """Answer with the page that was asked for, of the items that belong there."""
        role, answer = self._role, self._role.answer
        query = read_query(self._parts, request.query)
        where = self.matcher(request, belongs)

        def place_of(item_id: str) -> int | None:
            found = self._ordered(query, items, where)
            at = (n for n, item in enumerate(found) if str(id_of(self._inferred, item)) == item_id)
            return next(at, None)

        path = request.base_path + self._operation.path
        for name, value in request.path.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        asked = read_asked(role.parameters, query, self._schemas, path, place_of)
        if any(p.meaning in ("sort", "direction") and p.name in query for p in role.parameters):
            found = self._ordered(query, items, where)
            total = len(found)
            some = found[asked.offset : None if asked.size is None else asked.offset + asked.size]
        else:
            total = items.count(where)
            some = items.find(where, offset=asked.offset, limit=asked.size)
        page = Page(asked, total, len(some))
        shown = [self._showing.show(answer.item_pointer or "", item) for item in some]
        return Response(
            self._body(request, shown, page), answer.status, self._headers(page), answer.media_type
        )

    def _ordered(
        self, query: Mapping[str, Any], items: Collection, where: Callable[[Item], bool] | None
    ) -> list[Item]:
        return sorted_by(items.find(where), self._role.parameters, query, self._names)

    def _body(self, request: Request, shown: list[Any], page: Page) -> Any:
        pointer = self._role.answer.pointer or ""
        schema = self._fitting.schema(pointer)
        steps, status = self._role.answer.steps, self._role.answer.status
        around = surround(schema, steps, shown, status, request.id)
        body = merge(around, envelope(schema, steps, shown, page), lambda _name: True)
        is_valid = self._contract.schemas.at(pointer, "response").is_valid
        if not is_valid(body) and not page.asked.path.startswith("http"):
            # Some want whole addresses where others want paths.
            whole = Page(page.asked.at(origin(self._contract)), page.total, page.count)
            body = merge(around, envelope(schema, steps, shown, whole), lambda _name: True)
        return self._fitting.fit(pointer, body, self._operation.operation_id)

    def _headers(self, page: Page) -> Mapping[str, str]:
        response = self._operation.response(self._role.answer.status)
        found = {}
        for header in response.headers.values() if response is not None else ():
            value = header_value(header.name, page)
            if value is not None and (value or header.required):
                found[header.name] = value
        return found
