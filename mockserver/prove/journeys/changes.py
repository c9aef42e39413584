"""Single members of an item, changed one at a time: each is stored, and nothing else is touched."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.contract.resources.members import Members
from mockserver.prove.journeys.alike import differing, is_kept, short
from mockserver.prove.journeys.asking import Answer, Asker
from mockserver.prove.journeys.places import Place
from mockserver.prove.journeys.settable import Settable, is_free
from mockserver.prove.report import Finding

_MOST_MEMBERS = 8
_MOST_ALONE = 3
_ENOUGH = 2


class ChangeJourney:
    """
    Changes an item that was made here.

    ``seed`` is what values are made up from; ``refer`` puts ids that are there into a body.
    """

    def __init__(
        self, asker: Asker, place: Place, settable: Settable, seed: str, refer: Callable[[Any], Any]
    ) -> None:
        self._asker, self._place, self._settable, self._seed = asker, place, settable, seed
        self._refer = refer
        self._way = place.ways["change"]
        self._members = settable.members("change")

    def findings(self, item_id: Any) -> Iterator[Finding]:
        if "read" not in self._place.ways:
            return
        for name, schema in list(self._members.items())[:_MOST_MEMBERS]:
            for _, values in self._settable.telling(name, schema, f"{self._seed} {name}"):
                found = self._value(item_id, name, values)
                if found is not None:
                    yield found
                    break
        yield from self._rest(item_id)

    def _value(self, item_id: Any, name: str, values: list[Any]) -> Finding | None:
        """Set one member to some values, one after another, and look whether the last one is there."""
        seen: list[Answer] = []
        for value in values:
            answer = self._set(item_id, name, value) if self._settable.can_be_shown(name, value) else None
            if answer is None or not _is_done(answer):
                return None
            seen.append(answer)
        read = self._read(item_id)
        item, value = read.item(self._place.ways["read"].role), values[-1]
        if item is None or (name not in item and value is not None):
            return None
        check = "what_was_sent_is_kept"
        self._asker.looked(check, self._way.operation)
        if not is_kept(name, value, item):
            what = f"{name} was sent as {_told(value)}, and is {_told(item[name])} read afterwards."
            return self._found(check, f"{name} is not kept", what, seen[-1], read)
        if len(values) > 1 and isinstance(value, list) and isinstance(item[name], list):
            old = [each for each in values[0] if each in item[name] and each not in value]
            if old:
                what = f"{name} was sent as {value}, and still has {old[0]!r}, which was there before."
                return self._found(check, f"{name} is not replaced", what, *seen, read)
        return None

    def _rest(self, item_id: Any) -> Iterator[Finding]:
        """
        Change one member, and then another: the rest has to stay as it was.

        What one member does to another may be meant; that each of several does something to others is not.
        """
        check, lost, seen = "change_leaves_the_rest", "", tuple[Answer, ...]()
        count = 0
        for number, name in enumerate(self._candidates()):
            whole = self._refer(self._asker.body(self._way.operation, f"{self._seed} rest {number}"))
            body = self._inner(whole)
            if body is None or name not in body or not _is_done(self._ask(item_id, whole)):
                continue
            before = self._read(item_id)
            other = (
                self._inner(
                    self._refer(self._asker.body(self._way.operation, f"{self._seed} alone {number}"))
                )
                or {}
            )
            answer = self._set(item_id, name, other.get(name, body[name]))
            if answer is None or not _is_done(answer):
                continue
            after = self._read(item_id)
            role = self._place.ways["read"].role
            items = before.item(role), after.item(role)
            if items[0] is None or items[1] is None:
                return
            self._asker.looked(check, self._way.operation)
            changed = differing(self._watched(items[0], name), items[1])
            if not changed:
                return
            count, seen = count + 1, (before, answer, after)
            one, now = _told(items[0][changed[0]]), _told(items[1][changed[0]])
            lost = f"Only {name} was changed, and {changed[0]}, which was {one}, is {now} afterwards."
            if count == _MOST_ALONE:
                break
        if count >= _ENOUGH:
            yield self._found(check, "what was not sent changes, too", lost, *seen)

    def _candidates(self) -> list[str]:
        """Give the members that can be sent alone, and least likely mean something to others, first."""

        def rank(name: str, schema: Members) -> int:
            return 0 if is_free(name, schema) else 1 if schema.is_scalar and not schema.says("enum") else 2

        return sorted(self._members, key=lambda name: rank(name, self._members[name]))

    def _watched(self, item: Mapping[str, Any], name: str) -> dict[str, Any]:
        """Leave what the server may set by itself: what no change can set, and what has a default."""
        return {
            each: value
            for each, value in item.items()
            if each != name and each in self._members and self._members[each].says("default") is None
        }

    def _inner(self, body: Any) -> dict[str, Any] | None:
        for step in self._way.role.request_steps:
            body = body.get(step) if isinstance(body, dict) else None
        return body if isinstance(body, dict) else None

    def _set(self, item_id: Any, name: str, value: Any) -> Answer | None:
        """Send one member alone; ``None`` where the contract does not let it."""
        body: Any = {name: value}
        for step in reversed(self._way.role.request_steps):
            body = {step: body}
        return self._ask(item_id, body) if self._asker.fits_body(self._way.operation, body) else None

    def _ask(self, item_id: Any, body: Any) -> Answer:
        return self._asker.ask(self._way.operation, self._place.item_path("change", item_id), body=body)

    def _read(self, item_id: Any) -> Answer:
        way = self._place.ways["read"]
        return self._asker.ask(way.operation, self._place.item_path("read", item_id))

    def _found(self, check: str, difference: str, what: str, *seen: Answer) -> Finding:
        return self._asker.found(check, self._way.operation, difference, what, *seen)


def _is_done(answer: Answer) -> bool:
    return answer.ok and answer.status != 202


def _told(value: Any) -> str:
    return str(value) if isinstance(value, list) else short(value)
