"""The life of an item: made, read, listed, changed, replaced, deleted, and gone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import Action
from mockserver.prove.journeys.alike import differing, is_kept, short
from mockserver.prove.journeys.asking import Answer, Asker, id_in
from mockserver.prove.journeys.changes import ChangeJourney
from mockserver.prove.journeys.lists import ListJourney
from mockserver.prove.journeys.making import Made, MakingJourney
from mockserver.prove.journeys.pages import Whole
from mockserver.prove.journeys.places import Place
from mockserver.prove.journeys.settable import Settable, texts_for
from mockserver.prove.report import Finding

_ATTEMPTS = 4
_GONE = (404, 410)
_UNTELLING = (0, 401, 403, 429)


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
        self._settable = Settable(asker, place)
        self._making = MakingJourney(asker, place, self._settable)

    def make(self, count: int) -> Iterator[Finding]:
        """Make some items, and look whether they are there."""
        before = self._whole()
        for number in range(count):
            made = self._create(f"{self._turn} {number}", number)
            if made is None:
                return
            yield from self._identity(made)
            self._alive.append(made)
            if number == 0:
                yield from self._there(made, before)
                yield from self._making.findings(made)

    def live(self) -> Iterator[Finding]:
        """Change, replace and delete what was made; what cannot be deleted is left."""
        if not self._alive:
            return
        first, *others = self._alive
        yield from self._beside("change", first, others, self._change(first))
        yield from self._beside("replace", first, others, self._replace(first))
        if "delete" not in self._place.ways:
            return
        yield from self._odd()
        yield from self._delete(first, others)
        self._alive.remove(first)
        again = self._create(f"{self._turn} again", _ATTEMPTS)
        if again is not None:
            yield from self._reused(first, again)
            self._alive.append(again)
        for each in self._alive:
            self._on_item("delete", each.id)

    def _odd(self) -> Iterator[Finding]:
        """Make items that lists had better not show: with as little as there may be, and with odd texts."""
        way, wishes = self._place.ways["create"], (self._least, self._with_texts(0), self._with_texts(-1))
        for number, wish in enumerate(wishes):
            made = self._create(f"{self._turn} odd {number}", number, wish)
            if made is None:
                continue
            self._alive.append(made)
            read = self._on_item("read", made.id) if "read" in self._place.ways else made.answer
            item = read.item(self._place.ways["read"].role if read is not made.answer else way.role)
            yield from self._kept("create", made.sent, made.answer, read)
            if item is not None:
                yield from self._making.defaults(made, item, read)

    def _create(self, seed: str, number: int, wish: Callable[[Any], Any] | None = None) -> Made | None:
        """Make an item; one that is made as somebody wishes is tried once, and no note if it is refused."""
        way = self._place.ways["create"]
        for attempt in range(_ATTEMPTS if wish is None else 1):
            body = self._asker.body(way.operation, f"{seed} {attempt}")
            if wish is not None and (body := wish(body)) is None:
                return None
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
        if wish is not None:
            return None
        self._asker.note(
            f"{way.operation.operation_id}: nothing was made that could be watched ({answer.status})."
        )
        return None

    def _least(self, body: Any) -> Any:
        """Leave of a body what is required, ``None`` where that is all of it, or is not enough."""
        way = self._place.ways["create"]
        if not isinstance(body, dict) or way.role.request_pointer is None or way.role.request_steps:
            return None
        required = Members(self._asker.contract.data, way.role.request_pointer).required
        less = {name: value for name, value in body.items() if name in required}
        return less if less != body and self._asker.fits_body(way.operation, less) else None

    def _with_texts(self, number: int) -> Callable[[Any], Any]:
        """Put texts that are easily lost in the place of those that may be any."""

        def wish(body: Any) -> Any:
            way = self._place.ways["create"]
            if not isinstance(body, dict) or way.role.request_steps:
                return None
            texts = {
                name: found[number][1]
                for name, schema in self._settable.members("create").items()
                if name in body and (found := list(texts_for(name, schema)))
            }
            changed = {**body, **texts}
            return changed if texts and self._asker.fits_body(way.operation, changed) else None

        return wish

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

    def _whole(self) -> Whole | None:
        if "list" not in self._place.ways:
            return None
        journey = ListJourney(self._asker, self._place)
        return journey.whole() if not journey.is_narrowed else None

    def _there(self, made: Made, before: Whole | None) -> Iterator[Finding]:
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
        whole = self._whole()
        if whole is not None and before is not None:
            yield from self._making.alone(made, before, whole)
        if whole is not None:
            yield from self._listed(made, whole)

    def _listed(self, made: Made, whole: Whole) -> Iterator[Finding]:
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
        names = differing(self._settable.own(action, sent), item)
        if names:
            name, afterwards = names[0], "read afterwards" if read is not told else "in the answer"
            what = f"{name} was sent as {short(sent[name])}, and is {short(item[name])} {afterwards}."
            seen = [told, read] if read is not told else [told]
            yield self._found(action, check, f"{name} is not kept", what, *seen)

    def _beside(
        self, action: Action, made: Made, others: Sequence[Made], findings: Iterator[Finding]
    ) -> Iterator[Finding]:
        """Write an item, and look whether another one, and what must not change, stay as they were."""
        ways = self._place.ways
        if action not in ways or "read" not in ways:
            return (yield from findings)
        watched = (made, *others[:1])
        before = [self._on_item("read", each.id) for each in watched]
        yield from findings
        after = [self._on_item("read", each.id) for each in watched]
        items = [
            (one.item(ways["read"].role), two.item(ways["read"].role))
            for one, two in zip(before, after, strict=True)
        ]
        check, (old, new) = "creation_time_stays", items[0]
        if old is not None and new is not None and (beginning := self._settable.beginning(old)):
            self._looked(check, action)
            names = differing(beginning, new)
            if names:
                name = names[0]
                what = f"{name} was {short(old[name])}, and is {short(new[name])} after a {action}."
                yield self._found(action, check, f"{name} does not stay", what, before[0], after[0])
        for old, new in items[1:]:
            self._looked("another_item_stays", action)
            names = differing(self._settable.own(action, old), new) if old and new else []
            if names and old and new:
                name = names[0]
                what = (
                    f"{made.id!r} was written, and {name} of {others[0].id!r} is {short(new[name])}, "
                    f"which was {short(old[name])}."
                )
                yield self._found(
                    action, "another_item_stays", "another item changes, too", what, before[1], after[1]
                )

    def _change(self, made: Made) -> Iterator[Finding]:
        if "change" in self._place.ways:
            yield from self._write("change", made, self._new_body("change"))
            journey = ChangeJourney(self._asker, self._place, self._settable, f"{self._turn}", self._refer)
            yield from journey.findings(made.id)

    def _replace(self, made: Made) -> Iterator[Finding]:
        if "replace" not in self._place.ways:
            return
        bodies = [self._new_body("replace", f"{number}") for number in range(_ATTEMPTS)]
        yield from self._write("replace", made, bodies[0])
        stayed = [found for each in bodies if (found := self._left_out(made, each)) is not None]
        if not stayed:
            return
        yield from self._defaulted(stayed[-1])
        self._looked("replace_replaces", "replace")
        last = stayed[-1]
        for name, value in last.values.items():
            # What stays whatever it was is kept; what is the same every time may be a default.
            values = [each.values.get(name) for each in stayed if name in each.sent]
            if None not in values and any(each != value for each in values):
                what = f"It was replaced by something without {name}, which still is {short(value)}."
                yield self._found("replace", "replace_replaces", "what is left out stays", what, *last.seen)
                return

    def _defaulted(self, stayed: _Stayed) -> Iterator[Finding]:
        item = stayed.seen[-1].item(self._place.ways["read"].role) or {}
        for name, value in self._settable.defaults("replace").items():
            if name not in stayed.sent or name not in item:
                continue
            self._looked("defaults_are_applied", "replace")
            if not is_kept(name, value, item):
                what = f"{name} was left out; its default is {short(value)}, and it is {short(item[name])}."
                yield self._found(
                    "replace", "defaults_are_applied", f"{name} has not its default", what, *stayed.seen
                )
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
        if not isinstance(sent, dict):
            return
        if answer.status != 202:
            yield from self._kept(action, sent, answer, answer)
        if "read" in self._place.ways:
            yield from self._kept(action, sent, answer, self._on_item("read", made.id))

    def _delete(self, made: Made, others: Sequence[Made]) -> Iterator[Finding]:
        before = self._whole()
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
            if read.status in _GONE:
                yield from self._not_there(made, answer)
        whole = ListJourney(self._asker, self._place).whole() if "list" in self._place.ways else None
        if before is not None and whole is not None and before.is_entire and whole.is_entire:
            ids = [[id_in(self._place.collection, each) for each in some.items] for some in (before, whole)]
            lost = [each for each in ids[0] if each not in ids[1] and each not in (made.id, None)]
            if lost and None not in ids[1]:
                what = f"{made.id!r} was deleted, and {lost[0]!r} is gone with it."
                yield self._found("delete", check, "another item is gone, too", what, answer, whole.answer)
        listed = [e for e in whole.items if id_in(self._place.collection, e) == made.id] if whole else []
        if whole is not None and listed and not _is_marked(listed[0]):
            name = self._place.ways["list"].operation.operation_id
            what = f"{made.id!r} was deleted ({answer.status}), and {name} still lists it."
            yield self._found("delete", check, "what was deleted is listed", what, answer, whole.answer)

    def _not_there(self, made: Made, deleted: Answer) -> Iterator[Finding]:
        """Write what was deleted: that is to be refused where the contract says with which status."""
        check = "unknown_item_is_not_there"
        for action in ("replace", "change"):
            way = self._place.ways.get(action)
            declared = way.operation.responses if way is not None else {}
            body = self._new_body(action, "gone") if way is not None else None
            if way is None or body is None or "404" not in declared or "201" in declared:
                continue
            answer = self._on_item(action, made.id, body)
            self._looked(check, action)
            if answer.ok and answer.status != 202 and not self._place.collection.is_open:
                what = f"{made.id!r} was deleted, and is answered {answer.status}; 404 would be right."
                yield self._found(
                    action, check, f"an unknown id is answered {answer.status}", what, deleted, answer
                )
                self._on_item("delete", made.id)


def _is_marked(item: Mapping[str, Any]) -> bool:
    """Tell whether an item says of itself that it was deleted."""
    texts = [str(value).lower() for name, value in item.items() if name.lower() in ("status", "state")]
    marks = [value for name, value in item.items() if "delet" in name.lower() or "archiv" in name.lower()]
    return any(marks) or any(text in ("deleted", "archived", "inactive", "removed") for text in texts)
