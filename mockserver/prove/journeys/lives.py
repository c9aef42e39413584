"""The life of an item: made, read, listed, changed, replaced, deleted, and gone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import Action
from mockserver.prove.journeys.alike import differing, short
from mockserver.prove.journeys.asking import Answer, Asker, id_in
from mockserver.prove.journeys.lists import ListJourney
from mockserver.prove.journeys.places import Place
from mockserver.prove.report import Finding

_ATTEMPTS = 4
_GONE = (404, 410)
_UNTELLING = (0, 401, 403, 429)


@dataclass(frozen=True)
class Made:
    """An item that was made here: its id, what was sent, and what came back."""

    id: Any
    sent: Mapping[str, Any]
    answer: Answer


@dataclass(frozen=True)
class _Stayed:
    """What an item was ``sent`` and then replaced without, and what of that is still there."""

    sent: Mapping[str, Any]
    values: Mapping[str, Any]
    seen: tuple[Answer, ...]


class LifeJourney:
    """
    Makes items of one collection, and watches them until they are deleted.

    ``known`` are ids by the name of the property that takes them: what refers to something refers to
    something that is there.
    """

    def __init__(
        self, asker: Asker, place: Place, known: Mapping[str, Sequence[str | int]], turn: int
    ) -> None:
        self._asker, self._place, self._known, self._turn = asker, place, known, turn
        self._alive: list[Made] = []

    def make(self, count: int) -> Iterator[Finding]:
        """Make some items, and look whether they are there."""
        for number in range(count):
            made = self._create(f"{self._turn} {number}", number)
            if made is None:
                return
            yield from self._identity(made)
            self._alive.append(made)
            if number == 0:
                yield from self._there(made)

    def live(self) -> Iterator[Finding]:
        """Change, replace and delete what was made; what cannot be deleted is left."""
        if not self._alive:
            return
        first, *others = self._alive
        yield from self._change(first)
        yield from self._replace(first)
        if "delete" not in self._place.ways:
            return
        yield from self._delete(first, others)
        self._alive.remove(first)
        again = self._create(f"{self._turn} again", _ATTEMPTS)
        if again is not None:
            yield from self._reused(first, again)
            self._alive.append(again)
        for each in self._alive:
            self._on_item("delete", each.id)

    def _create(self, seed: str, number: int) -> Made | None:
        way = self._place.ways["create"]
        for attempt in range(_ATTEMPTS):
            body = self._asker.body(way.operation, f"{seed} {attempt}")
            if way.operation.request_body is not None and body is None:
                self._asker.note(f"{way.operation.operation_id}: not visited, no JSON body was found for it.")
                return None
            body = self._refer(body, number + attempt)
            answer = self._asker.ask(way.operation, self._place.above, body=body)
            item = answer.item(way.role)
            if item is not None and (item_id := id_in(self._place.collection, item)) is not None:
                sent = at(body, way.role.request_steps) if way.role.request_steps else body
                return Made(item_id, sent if isinstance(sent, dict) else {}, answer)
            if answer.ok or answer.status in _UNTELLING:
                break
        self._asker.note(
            f"{way.operation.operation_id}: nothing was made that could be watched ({answer.status})."
        )
        return None

    def _refer(self, body: Any, number: int = 0) -> Any:
        """Put ids that are there in the place of those that were made up, others for each number."""
        if not isinstance(body, dict):
            return body
        known = {name: self._known.get(f"body.{name}") for name in body}
        return {
            name: ids[number % len(ids)] if (ids := known[name]) else value for name, value in body.items()
        }

    def _on_item(self, action: Action, item_id: Any, body: Any = None) -> Answer:
        path = self._place.item_path(action, item_id)
        return self._asker.ask(self._place.ways[action].operation, path, body=body)

    def _found(self, action: Action, check: str, difference: str, what: str, *seen: Answer) -> Finding:
        return self._asker.found(check, self._place.ways[action].operation, difference, what, *seen)

    def _looked(self, check: str, action: Action) -> None:
        self._asker.looked(check, self._place.ways[action].operation)

    def _identity(self, made: Made) -> Iterator[Finding]:
        id_field = self._place.collection.id_field
        if id_field is not None and id_field in made.sent:
            return
        self._looked("new_item_has_an_id_of_its_own", "create")
        other = next((each for each in self._alive if each.id == made.id), None)
        if other is not None:
            yield self._found(
                "create",
                "new_item_has_an_id_of_its_own",
                "two items have one id",
                f"Two items were made, and both are {made.id!r}.",
                other.answer,
                made.answer,
            )

    def _reused(self, deleted: Made, made: Made) -> Iterator[Finding]:
        id_field = self._place.collection.id_field
        if id_field is not None and id_field in made.sent:
            return
        self._looked("ids_are_not_reused", "create")
        if made.id == deleted.id:
            what = f"{made.id!r} was deleted, and the next item that was made has that id again."
            yield self._found("create", "ids_are_not_reused", "an id is used again", what, made.answer)

    def _there(self, made: Made) -> Iterator[Finding]:
        yield from self._kept("create", made.sent, made.answer, made.answer)
        if "read" in self._place.ways:
            check = "created_item_can_be_read"
            answer = self._on_item("read", made.id)
            self._looked(check, "create")
            if answer.status in _GONE:
                what = f"{made.id!r} was made, and reading it is answered {answer.status}."
                yield self._found("create", check, "what was made is not there", what, made.answer, answer)
                return
            yield from self._kept("create", made.sent, made.answer, answer)
        if "list" in self._place.ways:
            yield from self._listed(made)

    def _listed(self, made: Made) -> Iterator[Finding]:
        journey = ListJourney(self._asker, self._place)
        whole = journey.whole() if not journey.is_narrowed else None
        if whole is None:
            return
        check = "created_item_is_listed"
        self._looked(check, "list")
        ids = [id_in(self._place.collection, each) for each in whole.items]
        if whole.is_entire and made.id not in ids and None not in ids:
            name = self._place.ways["create"].operation.operation_id
            what = f"{name} made {made.id!r}, which the list lacks."
            yield self._found("list", check, "what was made is not listed", what, made.answer, whole.answer)

    def _kept(self, action: Action, sent: Mapping[str, Any], told: Answer, read: Answer) -> Iterator[Finding]:
        """Compare what was sent with what is there afterwards."""
        way = self._place.ways["read" if read is not told else action]
        item = read.item(way.role)
        if item is None:
            return
        check = "what_was_sent_is_kept"
        self._looked(check, action)
        names = differing(self._own(action, sent), item)
        if names:
            name, afterwards = names[0], "read afterwards" if read is not told else "in the answer"
            what = f"{name} was sent as {short(sent[name])}, and is {short(item[name])} {afterwards}."
            seen = [told, read] if read is not told else [told]
            yield self._found(action, check, f"{name} is not kept", what, *seen)

    def _own(self, action: Action, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Leave out what the server gives, or what the path says: ids and what is read-only."""
        pointer, collection = self._place.ways[action].role.request_pointer, self._place.collection
        schema = Members(self._asker.contract.data, pointer) if pointer is not None else None
        properties = schema.properties if schema is not None else {}
        given = {"id", *(collection.id_steps or ())[:1], *map(str, self._place.above)}
        for parent in collection.parents:
            given |= set((parent.steps or ())[:1])
        return {
            name: value
            for name, value in sent.items()
            if name not in given
            and not (name in properties and properties[name].says("readOnly") is True)
            and self._can_be_shown(name, value)
        }

    def _can_be_shown(self, name: str, value: Any) -> bool:
        """Tell whether an item may have a value as it was sent, and is not shown in another form."""
        contract = self._asker.contract
        for pointer in self._place.collection.pointers:
            shown = Members(contract.data, pointer).properties.get(name)
            if shown is not None and not contract.schemas.at(shown.pointer, "response").is_valid(value):
                return False
        return True

    def _change(self, made: Made) -> Iterator[Finding]:
        if "change" in self._place.ways:
            yield from self._write("change", made, self._new_body("change"))

    def _replace(self, made: Made) -> Iterator[Finding]:
        if "replace" not in self._place.ways:
            return
        bodies = [self._new_body("replace", f"{number}") for number in range(_ATTEMPTS)]
        yield from self._write("replace", made, bodies[0])
        stayed = [found for each in bodies if (found := self._left_out(made, each)) is not None]
        if not stayed:
            return
        self._looked("replace_replaces", "replace")
        last = stayed[-1]
        for name, value in last.values.items():
            # What stays whatever it was is kept; what is the same every time may be a default.
            values = [each.values.get(name) for each in stayed if name in each.sent]
            if None not in values and any(each != value for each in values):
                what = f"It was replaced by something without {name}, which still is {short(value)}."
                yield self._found("replace", "replace_replaces", "what is left out stays", what, *last.seen)
                return

    def _left_out(self, made: Made, body: Any) -> _Stayed | None:
        """Replace an item by all there is, then by what is required, and give what stayed of the first."""
        way = self._place.ways["replace"]
        pointer = way.role.request_pointer
        if "read" not in self._place.ways or pointer is None or way.role.request_steps or not body:
            return None
        required = Members(self._asker.contract.data, pointer).required
        less = {name: value for name, value in body.items() if name in required}
        if less == body or not self._asker.fits_body(way.operation, less):
            return None
        whole = self._on_item("replace", made.id, body)
        answer = self._on_item("replace", made.id, less)
        read = self._on_item("read", made.id)
        item = read.item(self._place.ways["read"].role)
        if not (whole.ok and answer.ok) or item is None:
            return None
        left_out = {name: value for name, value in body.items() if name not in less and name in item}
        moved = differing(left_out, item)
        values = {
            name: value
            for name, value in left_out.items()
            if name not in moved and isinstance(value, str | int | float)
        }
        return _Stayed(left_out, values, (whole, answer, read))

    def _new_body(self, action: Action, seed: str = "") -> Any:
        operation = self._place.ways[action].operation
        return self._refer(self._asker.body(operation, f"{self._turn} {action} {seed}"))

    def _write(self, action: Action, made: Made, body: Any) -> Iterator[Finding]:
        way = self._place.ways[action]
        if not isinstance(body, dict):
            return
        answer = self._on_item(action, made.id, body)
        if not answer.ok:
            self._asker.note(f"{way.operation.operation_id}: no success was seen ({answer.status}).")
            return
        sent = at(body, way.role.request_steps) if way.role.request_steps else body
        if isinstance(sent, dict) and "read" in self._place.ways:
            yield from self._kept(action, sent, answer, self._on_item("read", made.id))

    def _delete(self, made: Made, others: Sequence[Made]) -> Iterator[Finding]:
        answer = self._on_item("delete", made.id)
        if not answer.ok or answer.status == 202:
            name = self._place.ways["delete"].operation.operation_id
            return self._asker.note(f"{name}: no success was seen ({answer.status}).")
        check = "deleted_item_is_gone"
        self._looked(check, "delete")
        if "read" in self._place.ways:
            read = self._on_item("read", made.id)
            item = read.item(self._place.ways["read"].role)
            if read.ok and not _is_marked(item or {}):
                what = f"{made.id!r} was deleted ({answer.status}), and reading it is answered {read.status}."
                yield self._found("delete", check, "what was deleted can be read", what, answer, read)
                return
            for other in others:
                left = self._on_item("read", other.id)
                if left.status in _GONE:
                    what = f"{made.id!r} was deleted, and {other.id!r} is gone with it."
                    yield self._found("delete", check, "another item is gone, too", what, answer, left)
        whole = ListJourney(self._asker, self._place).whole() if "list" in self._place.ways else None
        listed = [e for e in whole.items if id_in(self._place.collection, e) == made.id] if whole else []
        if whole is not None and listed and not _is_marked(listed[0]):
            name = self._place.ways["list"].operation.operation_id
            what = f"{made.id!r} was deleted ({answer.status}), and {name} still lists it."
            yield self._found("delete", check, "what was deleted is listed", what, answer, whole.answer)


def _is_marked(item: Mapping[str, Any]) -> bool:
    """Tell whether an item says of itself that it was deleted."""
    texts = [str(value).lower() for name, value in item.items() if name.lower() in ("status", "state")]
    marks = [value for name, value in item.items() if "delet" in name.lower() or "archiv" in name.lower()]
    return any(marks) or any(text in ("deleted", "archived", "inactive", "removed") for text in texts)
