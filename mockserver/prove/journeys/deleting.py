"""What deleting an item does: it is gone, it alone, and cannot be written any more."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.resources.roles import Action
from mockserver.prove.journeys.asking import Answer, Asker, id_in
from mockserver.prove.journeys.lists import ListJourney, whole_of
from mockserver.prove.journeys.making import GONE, Made
from mockserver.prove.journeys.pages import Whole
from mockserver.prove.journeys.places import Place
from mockserver.prove.report import Finding


class DeleteJourney:
    """Deletes an item that was made here; ``new_body`` makes up what an action is sent."""

    def __init__(self, asker: Asker, place: Place, new_body: Callable[[Action, str], Any]) -> None:
        self._asker, self._place, self._new_body = asker, place, new_body

    def findings(self, made: Made, others: Sequence[Made]) -> Iterator[Finding]:
        before = whole_of(self._asker, self._place)
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
                if left.status in GONE:
                    what = f"{made.id!r} was deleted, and {other.id!r} is gone with it."
                    yield self._found("delete", check, "another item is gone, too", what, answer, left)
            if read.status in GONE:
                yield from self._not_there(made, answer)
        whole = ListJourney(self._asker, self._place).whole() if "list" in self._place.ways else None
        if before is not None and whole is not None:
            yield from self._others(made, before, whole)
        listed = [e for e in whole.items if id_in(self._place.collection, e) == made.id] if whole else []
        if whole is not None and listed and not _is_marked(listed[0]):
            name = self._place.ways["list"].operation.operation_id
            what = f"{made.id!r} was deleted ({answer.status}), and {name} still lists it."
            yield self._found("delete", check, "what was deleted is listed", what, answer, whole.answer)

    def _others(self, made: Made, before: Whole, after: Whole) -> Iterator[Finding]:
        """Look whether the list lacks more than what was deleted."""
        if not (before.is_entire and after.is_entire):
            return
        ids = [[id_in(self._place.collection, each) for each in some.items] for some in (before, after)]
        lost = [each for each in ids[0] if each not in ids[1] and each not in (made.id, None)]
        if lost and None not in ids[1]:
            check, what = "deleted_item_is_gone", f"{made.id!r} was deleted, and {lost[0]!r} is gone with it."
            seen = (before.answer, after.answer)
            yield self._found("delete", check, "another item is gone, too", what, *seen)

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

    def _on_item(self, action: Action, item_id: Any, body: Any = None) -> Answer:
        path = self._place.item_path(action, item_id)
        return self._asker.ask(self._place.ways[action].operation, path, body=body)

    def _found(self, action: Action, check: str, difference: str, what: str, *seen: Answer) -> Finding:
        return self._asker.found(check, self._place.ways[action].operation, difference, what, *seen)

    def _looked(self, check: str, action: Action) -> None:
        self._asker.looked(check, self._place.ways[action].operation)


def _is_marked(item: Mapping[str, Any]) -> bool:
    """Tell whether an item says of itself that it was deleted."""
    texts = [str(value).lower() for name, value in item.items() if name.lower() in ("status", "state")]
    marks = [value for name, value in item.items() if "delet" in name.lower() or "archiv" in name.lower()]
    return any(marks) or any(text in ("deleted", "archived", "inactive", "removed") for text in texts)
