"""The items of a list, one by one: each can be read, as it is listed, and no others."""

from collections.abc import Iterator

from mockserver.prove.journeys.alike import differing, short
from mockserver.prove.journeys.asking import Asker, id_in
from mockserver.prove.journeys.pages import Whole
from mockserver.prove.journeys.places import Place
from mockserver.prove.report import Finding

_MOST_READ = 3


class ItemJourney:
    """Reads what a list shows."""

    def __init__(self, asker: Asker, place: Place) -> None:
        self._asker, self._place = asker, place
        self._listing = place.ways["list"].operation.operation_id

    def findings(self, whole: Whole) -> Iterator[Finding]:
        yield from self._each(whole)
        yield from self._unknown(whole)

    def _each(self, whole: Whole) -> Iterator[Finding]:
        way, check = self._place.ways["read"], "listed_item_can_be_read"
        for item in whole.items[:_MOST_READ]:
            item_id = id_in(self._place.collection, item)
            if item_id is None:
                continue
            answer = self._asker.ask(way.operation, self._place.item_path("read", item_id))
            if answer.status in (401, 403, 429, 0) or answer.status >= 500:
                return
            self._asker.looked(check, way.operation)
            if not answer.ok:
                what = f"{item_id!r} is listed by {self._listing}, and answered {answer.status}."
                yield self._asker.found(
                    check, way.operation, f"what is listed is {answer.status}", what, whole.answer, answer
                )
                return
            read = answer.item(way.role) or {}
            if id_in(self._place.collection, read) not in (None, item_id):
                what = f"{item_id!r} was asked for, and {id_in(self._place.collection, read)!r} answered."
                yield self._asker.found(check, way.operation, "another item is answered", what, answer)
                return
            lists = {
                n: each for n, each in read.items() if isinstance(each, list) and item.get(n) is not None
            }
            names = differing(item, read) or differing(lists, item)
            if names:
                one, other = short(item[names[0]]), short(read[names[0]])
                what = f"{names[0]} of {item_id!r} is {one} in the list, and {other} here."
                yield self._asker.found(
                    check, way.operation, f"{names[0]} is not as listed", what, whole.answer, answer
                )
                return

    def _unknown(self, whole: Whole) -> Iterator[Finding]:
        way, check = self._place.ways["read"], "unknown_item_is_not_there"
        pointer = next(
            (
                p.pointer
                for p in way.operation.parameters
                if p.location == "path" and p.name == way.role.id_name
            ),
            None,
        )
        if pointer is None or self._place.collection.is_open or not whole.is_entire:
            return
        ids = {str(id_in(self._place.collection, each)) for each in whole.items}
        samples = (self._asker.sample(pointer, f"unknown {number}") for number in range(5))
        unknown = next((each for each in samples if each is not None and str(each) not in ids), None)
        if unknown is None:
            return
        answer = self._asker.ask(way.operation, self._place.item_path("read", unknown))
        self._asker.looked(check, way.operation)
        if answer.ok:
            what = f"{unknown!r} is in no list, and answered {answer.status}; 404 would be right."
            yield self._asker.found(
                check, way.operation, f"an unknown id is answered {answer.status}", what, answer
            )
