"""What replacing an item does with what is left out: it is gone, or has its default."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import Action
from mockserver.prove.journeys.alike import differing, is_kept, short
from mockserver.prove.journeys.asking import Answer, Asker
from mockserver.prove.journeys.making import Made
from mockserver.prove.journeys.places import Place
from mockserver.prove.journeys.settable import Settable
from mockserver.prove.report import Finding


@dataclass(frozen=True)
class _Stayed:
    """What an item was ``sent`` and then replaced without, and what of that is still there."""

    sent: Mapping[str, Any]
    values: Mapping[str, Any]
    seen: tuple[Answer, ...]


class ReplaceJourney:
    """Replaces an item that was made here, several times."""

    def __init__(self, asker: Asker, place: Place, settable: Settable) -> None:
        self._asker, self._place, self._settable = asker, place, settable
        self._way = place.ways["replace"]

    def findings(self, made: Made, bodies: Sequence[Any]) -> Iterator[Finding]:
        stayed = [found for each in bodies if (found := self._left_out(made, each)) is not None]
        if not stayed:
            return
        yield from self._defaulted(stayed[-1])
        self._asker.looked("replace_replaces", self._way.operation)
        last = stayed[-1]
        for name, value in last.values.items():
            # What stays whatever it was is kept; what is the same every time may be a default.
            values = [each.values.get(name) for each in stayed if name in each.sent]
            if None not in values and any(each != value for each in values):
                what = f"It was replaced by something without {name}, which still is {short(value)}."
                yield self._found("replace_replaces", "what is left out stays", what, *last.seen)
                return

    def _defaulted(self, stayed: _Stayed) -> Iterator[Finding]:
        item = stayed.seen[-1].item(self._place.ways["read"].role) or {}
        for name, value in self._settable.defaults("replace").items():
            if name not in stayed.sent or name not in item:
                continue
            self._asker.looked("defaults_are_applied", self._way.operation)
            if not is_kept(name, value, item):
                what = f"{name} was left out; its default is {short(value)}, and it is {short(item[name])}."
                seen = stayed.seen
                yield self._found("defaults_are_applied", f"{name} has not its default", what, *seen)
                return

    def _left_out(self, made: Made, body: Any) -> _Stayed | None:
        """Replace an item by all there is, then by what is required, and give what stayed of the first."""
        way = self._way
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

    def _on_item(self, action: Action, item_id: Any, body: Any = None) -> Answer:
        path = self._place.item_path(action, item_id)
        return self._asker.ask(self._place.ways[action].operation, path, body=body)

    def _found(self, check: str, difference: str, what: str, *seen: Answer) -> Finding:
        return self._asker.found(check, self._way.operation, difference, what, *seen)
