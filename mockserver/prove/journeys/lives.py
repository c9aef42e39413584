"""The life of an item: made, read, listed, changed, replaced, deleted, and gone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import Action
from mockserver.prove.journeys.alike import differing, short
from mockserver.prove.journeys.asking import Answer, Asker, id_in
from mockserver.prove.journeys.changes import ChangeJourney
from mockserver.prove.journeys.deleting import DeleteJourney
from mockserver.prove.journeys.lists import whole_of
from mockserver.prove.journeys.making import GONE, Made, MakingJourney
from mockserver.prove.journeys.pages import Whole
from mockserver.prove.journeys.places import Place
from mockserver.prove.journeys.replacing import ReplaceJourney
from mockserver.prove.journeys.settable import Settable, texts_for
from mockserver.prove.report import Finding

_ATTEMPTS = 4
_UNTELLING = (0, 401, 403, 429)


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
        before = whole_of(self._asker, self._place)
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
        yield from DeleteJourney(self._asker, self._place, self._new_body).findings(first, others)
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

    def _there(self, made: Made, before: Whole | None) -> Iterator[Finding]:
        yield from self._kept("create", made.sent, made.answer, made.answer)
        if "read" in self._place.ways:
            check = "created_item_can_be_read"
            answer = self._on_item("read", made.id)
            self._looked(check, "create")
            if answer.status in GONE:
                what = f"{made.id!r} was made, and reading it is answered {answer.status}."
                yield self._found("create", check, "what was made is not there", what, made.answer, answer)
                return
            yield from self._kept("create", made.sent, made.answer, answer)
        whole = whole_of(self._asker, self._place)
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
            written = items[0][1] or {}
            # That one item gives way to another may be meant; that both are the same after it is not.
            copied = [each for each in names if new and written.get(each) == new[each]]
            if copied and old and new:
                name = copied[0]
                what = (
                    f"{made.id!r} was written, and {name} of {others[0].id!r} is {short(new[name])}, too, "
                    f"which was {short(old[name])}."
                )
                seen = (before[1], after[1])
                yield self._found(action, "another_item_stays", "another item changes, too", what, *seen)

    def _change(self, made: Made) -> Iterator[Finding]:
        if "change" in self._place.ways:
            yield from self._write("change", made, self._new_body("change"))
            journey = ChangeJourney(self._asker, self._place, self._settable, f"{self._turn}", self._refer)
            yield from journey.findings(made.id)

    def _replace(self, made: Made) -> Iterator[Finding]:
        if "replace" in self._place.ways:
            bodies = [self._new_body("replace", f"{number}") for number in range(_ATTEMPTS)]
            yield from self._write("replace", made, bodies[0])
            yield from ReplaceJourney(self._asker, self._place, self._settable).findings(made, bodies)

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
