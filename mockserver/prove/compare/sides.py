"""One of the two servers that are compared: what it was sent, what it told, and what was made there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.contract.media.media_types import is_json
from mockserver.contract.operation import Operation
from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.roles import Collection, Resources
from mockserver.prove.compare.steps import ABOVE, KNOWN, MADE, Step, Told
from mockserver.prove.journeys.asking import Answer, Asker, id_in
from mockserver.prove.journeys.places import Place


class Untold(LookupError):
    """This side was not told what a request needs."""


class Whole(dict[str, Any]):
    """What was said of an item by making or replacing it: whatever it does not name is gone."""


class Side:
    """
    The mock or the backend.

    ``places`` are by collection, ``made`` has the ids of what was made here by what the comparison calls it,
    with the collection; ``sent`` what was said of each item, newest last, ``seen`` how each was first shown.
    """

    def __init__(
        self,
        asker: Asker,
        resources: Resources,
        places: Sequence[Place],
        known: Mapping[str, Sequence[str | int]],
    ) -> None:
        self.asker, self.known = asker, known
        self.places = {place.collection.name: place for place in places}
        self.made: dict[str, tuple[str, Any]] = {}
        self.sent: dict[str, list[Mapping[str, Any]]] = {}
        self.gone: set[str] = set()
        self.seen: dict[str, dict[str, Any]] = {}
        self._resources = resources
        self._listed: set[tuple[str, str]] = set()
        self._told: dict[str, Any] = {
            ABOVE: {place.collection.name: dict(place.above) for place in places},
            KNOWN: known,
            MADE: {},
        }

    def send(self, step: Step) -> Answer:
        """
        Send a request with this side's own ids, and learn from the answer.

        Raises:
            Untold: it needs something that this side never told.
        """
        path, query, body = (self.resolve(each) for each in (step.path, step.query, step.body))
        headers = {**_wanted(step.operation), **self.resolve(step.manner.headers)}
        manner = replace(step.manner, headers=headers)
        answer = self.asker.ask(step.operation, path, query, body, manner=manner)
        answered = {name.lower(): value for name, value in answer.exchange.response_headers}
        self._told[step.name] = {"body": answer.body, "headers": answered}
        if answer.ok and step.method == step.operation.method.upper():
            self._learn(step, answer)
        return answer

    def resolve(self, value: Any) -> Any:
        if isinstance(value, Told):
            found = _follow(self._told.get(value.source), value.steps)
            if found is None or isinstance(found, dict | list):
                raise Untold(value.source)
            return value.text.replace("{}", str(found)) if value.text else found
        if isinstance(value, Mapping):
            return {name: self.resolve(each) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.resolve(each) for each in value]
        return value

    def names_of(self, collection: str, items: Sequence[Mapping[str, Any]]) -> list[str]:
        """Give what the comparison calls those of some items that were made here, in their order."""
        place = self.places.get(collection)
        if place is None:
            return []
        names = {item_id: name for name, (of, item_id) in self.made.items() if of == collection}
        ids = [id_in(place.collection, each) for each in items]
        return [names[each] for each in ids if each in names]

    def left(self) -> list[str]:
        """Give what was made here and is still there."""
        return [name for name in self.made if name not in self.gone]

    def forget(self, name: str) -> None:
        self.gone.add(name)

    def forgo(self, step: Step) -> None:
        """Count what a request made or wrote as nothing that is compared: it is sent with other values."""
        name = step.item or step.name
        role = self._resources.roles.get(step.operation.operation_id)
        if role is not None and role.action == "create" and name in self.made:
            collection, item_id = self.made.pop(name)
            self._told[MADE].pop(name, None)
            self.made[f"{name}, forgone as {item_id}"] = (collection, item_id)
        if step.writes is not None and self.sent.get(step.item):
            self.sent[step.item].pop()

    def has_listed(self, collection: str, item_id: Any) -> bool:
        """Tell whether one of this side's lists has shown an id."""
        return (collection, str(item_id)) in self._listed

    def see(self, collection: Collection, items: Sequence[Mapping[str, Any]]) -> None:
        """Learn which ids a list has."""
        self._listed |= {(collection.name, str(id_in(collection, each))) for each in items}

    def _learn(self, step: Step, answer: Answer) -> None:
        role = self._resources.roles.get(step.operation.operation_id)
        collection = self._resources.collections.get(role.collection) if role is not None else None
        if role is None or collection is None:
            return
        if role.action == "list":
            self.see(collection, answer.items(role) or ())
        if role.action == "create":
            item = answer.item(role)
            item_id = id_in(collection, item) if item is not None and collection.id_steps else None
            if item_id is not None:
                self.made[step.item or step.name] = (collection.name, item_id)
                self._told[MADE][step.item or step.name] = item_id
        if role.action == "delete" and step.item:
            self.gone.add(step.item)
        if step.writes is not None and step.item:
            written = self.resolve(step.writes)
            inner = at(written, role.request_steps) if role.request_steps else written
            said = inner if isinstance(inner, dict) else {}
            self.sent.setdefault(step.item, []).append(said if role.action == "change" else Whole(said))


def _wanted(operation: Operation) -> Mapping[str, str]:
    """Ask for what is declared, where that is no JSON."""
    good = [each for status, each in operation.responses.items() if status.startswith("2")]
    declared = [name for each in good for name in each.content]
    if not declared or any(is_json(name) or name == "*/*" for name in declared):
        return {}
    return {"Accept": ", ".join(dict.fromkeys(declared))}


def _follow(value: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        if isinstance(value, list) and isinstance(step, int):
            value = value[step if step < len(value) else 0] if value else None
        elif isinstance(value, tuple) and isinstance(step, int):
            value = value[step % len(value)] if value else None
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            return None
    return value
