"""Requests that make, read, list, change and delete items of one collection, of our own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.contract.resources.list_parameters import QueryPart, read_query_parts
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import plain, singular
from mockserver.contract.resources.roles import Action
from mockserver.prove.compare.script import ALLOWED, NOBODY, Script
from mockserver.prove.compare.steps import ABOVE, MADE, NOT_THERE, Step, Told, Walk
from mockserver.prove.compare.unknown import unknown_ids
from mockserver.prove.credentials import asks_who
from mockserver.prove.journeys.asking import PLAIN, Manner
from mockserver.prove.journeys.orders import undirected
from mockserver.prove.journeys.places import Place
from mockserver.prove.journeys.settable import Settable, odd_texts

_MADE = 3
_MOST = 100
_MOST_ORDERS = 4
_MOST_MEMBERS = 8
# Not DELETE: a backend that takes it after all would empty the collection.
_OTHER_METHODS = ("PUT", "PATCH")


class Journey:
    """Goes through one collection, with items of its own."""

    def __init__(self, script: Script, place: Place) -> None:
        self.script, self.place = script, place
        self.name = place.collection.name
        self.one = singular(self.name)
        self.parts: Mapping[str, QueryPart] = {}
        if "list" in place.ways:
            parts = read_query_parts(script.contract.data, place.ways["list"].operation)
            self.parts = {each.name: each for each in parts}

    def steps(self) -> Iterator[Step | Walk]:
        yield from self._listed("before anything is made")
        made = [] if self.script.is_safe or "create" not in self.place.ways else list(self._made())
        yield from made
        if made and made[0].body is not None:
            yield replace(self.create("1 again", "the same item again", made[0].body), kind="")
        items = [each.item for each in made]
        yield from self._read(items)
        yield from self._lists(made)
        yield from self._nobody(items)
        yield from self._unknown()
        if not self.script.is_safe:
            yield from self._other_methods()
            yield from self._changes(items)
            yield from self._members(items)
            yield from self._odd()
            yield from self._acts(items)
            yield from self._end(items)

    def create(self, name: str, about: str, body: Any) -> Step:
        """Give the step that makes an item, to be called by a name."""
        item = f"{self.one} {name}"
        operation = self.place.ways["create"].operation
        path, kind = self.above(), ALLOWED
        return Step(f"create {item}", operation, about, path, body=body, item=item, writes=body, kind=kind)

    def on_item(
        self, action: Action, item: str, about: str, body: Any = None, manner: Manner = PLAIN
    ) -> Step:
        operation = self.place.ways[action].operation
        writes = body if action in ("change", "replace") and not manner.is_nobody else None
        path = self.item_path(action, Told(MADE, (item,)))
        name = f"{about} {item}"
        kind = "" if writes is None else ALLOWED
        return Step(
            name, operation, about, path, body=body, manner=manner, item=item, writes=writes, kind=kind
        )

    def above(self) -> dict[str, Any]:
        return {name: Told(ABOVE, (self.name, name)) for name in self.place.above}

    def item_path(self, action: Action, item_id: Any) -> dict[str, Any]:
        return {**self.above(), str(self.place.ways[action].role.id_name): item_id}

    def _listed(self, about: str, query: Mapping[str, Any] | None = None, **more: Any) -> Iterator[Step]:
        way = self.place.ways.get("list")
        if way is None:
            return
        sized, size = self._size()
        asked = {**sized, **(query or {})}
        name = f"the list {about}"
        yield Step(name, way.operation, name, self.above(), asked, size=size, **more)

    def _size(self) -> tuple[dict[str, Any], int | None]:
        """Give how to ask for as many items as there may be on a page, and how many that are."""
        role = self.place.ways["list"].role
        found = next((each for each in role.parameters if each.meaning == "size"), None)
        if found is None or found.name not in self.parts:
            paged = any(each.meaning in ("page", "offset", "cursor") for each in role.parameters)
            return {}, 1 if paged else None
        schema = self.parts[found.name].schema
        most = schema.says("maximum") if schema is not None else None
        size = min(_MOST, int(most)) if isinstance(most, int | float) and most > 0 else _MOST
        return {found.name: size}, size

    def _made(self) -> Iterator[Step]:
        bodies, operation = self.script.bodies, self.place.ways["create"].operation
        seed = f"{self.script.seed} {self.name}"
        wanted: list[tuple[str, Any]] = [
            (f"the example {name}", bodies.refer(value)) for name, value in bodies.examples(operation)
        ][:_MADE]
        wanted += [
            ("a new item", bodies.sample(operation, f"{seed} {n}", n)) for n in range(_MADE - len(wanted))
        ]
        least = bodies.least(operation, f"{seed} least", _MADE)
        if least is not None:
            wanted.append(("a new item with what is required only", least))
        if operation.request_body is None:
            wanted = [("a new item", None)] * 2
        for number, (about, body) in enumerate(wanted, start=1):
            if body is not None or operation.request_body is None:
                yield self.create(str(number), about, body)

    def _read(self, items: Sequence[str]) -> Iterator[Step]:
        if "read" not in self.place.ways:
            return
        for item in items:
            yield self.on_item("read", item, "an item that was made")
        if "list" in self.place.ways:
            way, listing = self.place.ways["read"], self.place.ways["list"]
            steps: tuple[str | int, ...] = (
                "body",
                *listing.role.answer.steps,
                0,
                *(self.place.collection.id_steps or ()),
            )
            path = self.item_path("read", Told("the list before anything is made", steps))
            yield Step(f"the first {self.one}", way.operation, "the first item of the list", path)

    def _lists(self, made: Sequence[Step]) -> Iterator[Step | Walk]:
        if "list" not in self.place.ways:
            return
        way = self.place.ways["list"]
        yield from self._listed("of all")
        for parameter in way.role.parameters:
            if parameter.meaning == "filter" and parameter.operator == "eq" and len(parameter.steps) == 1:
                values = self._values(parameter.name, parameter.steps[0], made)
                for value in values[:2]:
                    about, query = f"with {parameter.name}={_short(value)}", {parameter.name: value}
                    kind = f"the list with {parameter.name}"
                    yield from self._listed(about, query, filtered_by=parameter.steps[0], kind=kind)
        sort = next((each for each in way.role.parameters if each.meaning == "sort"), None)
        if sort is not None and sort.name in self.parts:
            for choice in list(self.parts[sort.name].choices)[:_MOST_ORDERS]:
                by = self._property(undirected(str(choice)))
                query = {sort.name: choice}
                kind = f"the list with {sort.name}"
                yield from self._listed(f"with {sort.name}={choice}", query, sorted_by=by, kind=kind)
        yield Walk(self.name, way.operation)
        yield from self._listed("as HEAD", manner=Manner("HEAD"))

    def _values(self, parameter: str, name: str, made: Sequence[Step]) -> list[Any]:
        part = self.parts.get(parameter)
        sent = [each.body[name] for each in made if isinstance(each.body, dict) and name in each.body]
        found = [each for each in sent if isinstance(each, str | int | Told) and each != ""]
        found += part.choices if part is not None else []
        return [each for n, each in enumerate(found) if each not in found[:n]]

    def _property(self, wanted: str) -> str | None:
        for pointer in self.place.collection.pointers:
            schema = self.script.contract.schemas.behind(pointer)
            names = _properties_at(self.script.contract, schema)
            return next((each for each in names if plain(each) == plain(wanted)), None)
        return None

    def _nobody(self, items: Sequence[str]) -> Iterator[Step]:
        for action, way in self.place.ways.items():
            if not asks_who(self.script.contract, way.operation):
                continue
            about = "somebody who does not say who they are"
            if action == "list":
                yield Step(f"{about}, {action}", way.operation, about, self.above(), manner=NOBODY)
            elif action == "create" and not self.script.is_safe:
                body = self.script.bodies.sample(way.operation, f"{self.script.seed} nobody")
                item = f"{self.one} of nobody"
                yield Step(about, way.operation, about, self.above(), body=body, manner=NOBODY, item=item)
            elif action != "create" and items and (action == "read" or not self.script.is_safe):
                yield self.on_item(action, items[-1], about, self._body(action, "nobody"), NOBODY)

    def _unknown(self) -> Iterator[Step]:
        """Read what is not there; changing that is left to items of ours, since it may be there after all."""
        way = self.place.ways.get("read")
        if way is None:
            return
        paths = [self.item_path("read", each) for each in unknown_ids(self.script, self.place)]
        if paths:
            loose = self.place.collection.is_open
            yield Step(NOT_THERE, way.operation, NOT_THERE, paths[0], is_loose=loose, unlike=paths[1:])

    def _other_methods(self) -> Iterator[Step]:
        way = self.place.ways.get("list") or self.place.ways.get("create")
        if way is None:
            return
        taken = self.script.contract.by_path.get(way.operation.path, {})
        operation = self.place.ways["create"].operation if "create" in self.place.ways else way.operation
        method = next((each for each in _OTHER_METHODS if each not in taken), None)
        if method is not None:
            about = f"{method}, which is not declared for {way.operation.path}"
            yield Step(about, operation, about, self.above(), manner=Manner(method))

    def _changes(self, items: Sequence[str]) -> Iterator[Step]:
        bodies, seed = self.script.bodies, f"{self.script.seed} {self.name}"
        if not items:
            return
        way = self.place.ways.get("change")
        if way is not None:
            named = [(f"the example {n}", v) for n, v in bodies.examples(way.operation)][:2]
            wanted = named or [
                ("a change", bodies.sample(way.operation, f"{seed} change {n}")) for n in (1, 2)
            ]
            for about, body in wanted:
                yield self.on_item("change", items[0], about, body)
                yield from self._again(items[0], "after a change", "change")
        way = self.place.ways.get("replace")
        if way is not None:
            item = items[1 % len(items)]
            yield self.on_item(
                "replace", item, "a replacement", bodies.sample(way.operation, f"{seed} replace")
            )
            yield from self._again(item, "after a replacement", "replace")
            least = bodies.least(way.operation, f"{seed} replace less")
            if least is not None:
                about = "a replacement with what is required only"
                yield self.on_item("replace", item, about, least)
                yield from self._again(item, f"after {about}", "replace")

    def _members(self, items: Sequence[str]) -> Iterator[Step]:
        """Change one member after another, each alone: nothing else changes, and no other item."""
        way = self.place.ways.get("change")
        if way is None or not items:
            return
        settable, asker = Settable(self.script.asker, self.place), self.script.asker
        for name, schema in list(settable.members("change").items())[:_MOST_MEMBERS]:
            seed = f"{self.script.seed} {self.name} {name}"
            told = [values for _, values in settable.telling(name, schema, seed)]
            for value in (
                each for values in told or [[asker.sample(schema.pointer, seed)]] for each in values
            ):
                body: Any = {name: value}
                for outer in reversed(way.role.request_steps):
                    body = {outer: body}
                if f"body.{name}" not in self.script.known and asker.fits_body(way.operation, body):
                    yield self.on_item("change", items[0], f"a change of {name} alone", body)
                    yield from self._again(items[0], f"after a change of {name} alone", "change")
        if len(items) > 1:
            yield from self._again(items[1], "after another was changed", "change")

    def _odd(self) -> Iterator[Step]:
        """Make items with texts that are easily lost; after the lists, since who knows where those stand."""
        way = self.place.ways.get("create")
        whole = self.script.asker.body(way.operation, f"{self.script.seed} odd") if way else None
        if way is None or not isinstance(whole, dict) or way.role.request_steps:
            return
        members = Settable(self.script.asker, self.place).members("create")
        texts = {name: dict(odd_texts(name, schema)) for name, schema in members.items()}
        for about in dict.fromkeys(each for found in texts.values() for each in found):
            body = {**whole, **{name: found[about] for name, found in texts.items() if about in found}}
            if self.script.asker.fits_body(way.operation, body):
                step = self.create(about, f"a new item with texts {about}", self.script.bodies.refer(body))
                yield step
                yield from self._again(step.item, f"with texts {about}", "create")

    def _acts(self, items: Sequence[str]) -> Iterator[Step]:
        """Ask what lies under an item of ours and is no part of its life."""
        item_path = self.place.collection.item_path
        if not items or item_path is None:
            return
        own = {way.operation.operation_id for way in self.place.ways.values()}
        owned = {way.operation.operation_id for place in self.script.places for way in place.ways.values()}
        for operation in self.script.selected:
            name = operation.operation_id
            if name in own | owned or not operation.path.startswith(f"{item_path}/"):
                continue
            parameter = self.place.collection.id_parameter
            if parameter is None or operation.path.count("{") > 1 + len(self.place.above):
                continue
            body = self.script.bodies.sample(operation, f"{self.script.seed} {name}")
            path = {**self.above(), parameter: Told(MADE, (items[-1],))}
            yield Step(f"{name} on {items[-1]}", operation, "an item that was made", path, body=body)

    def _again(self, item: str, about: str, writer: Action | None = None) -> Iterator[Step]:
        if "read" in self.place.ways:
            operation = self.place.ways[writer].operation if writer is not None else None
            yield replace(self.on_item("read", item, f"an item {about}"), writer=operation)

    def _end(self, items: Sequence[str]) -> Iterator[Step]:
        if not items or "delete" not in self.place.ways:
            return
        yield self.on_item("delete", items[0], "an item that was made")
        yield from self._again(items[0], "that was deleted")
        yield from self._listed("after an item was deleted")
        for action in ("change", "replace", "delete"):
            if action in self.place.ways:
                body, about = self._body(action, "deleted"), "an item that was deleted already"
                yield replace(self.on_item(action, items[0], about, body), writes=None, kind="")
        body = self.script.bodies.sample(
            self.place.ways["create"].operation, f"{self.script.seed} {self.name} 0"
        )
        yield self.create("made after that", "a new item", body)

    def _body(self, action: Action, seed: str) -> Any:
        operation = self.place.ways[action].operation
        if operation.request_body is None:
            return None
        return self.script.bodies.sample(operation, f"{self.script.seed} {seed} {action}")


def _short(value: Any) -> str:
    if isinstance(value, Told):
        return "an id"
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _properties_at(contract: Contract, pointer: str) -> list[str]:
    return list(Members(contract.data, pointer).properties)
