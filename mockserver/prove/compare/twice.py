"""Ask both sides, and once more where one pair of answers proves nothing."""

import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mockserver.contract.resources.roles import Resources
from mockserver.prove.compare.renewing import renew
from mockserver.prove.compare.sides import Side
from mockserver.prove.compare.steps import Step
from mockserver.prove.journeys.asking import Answer

_TAKEN = 409
Pair = tuple[Answer, Answer]


class Twice:
    """
    Sends steps to the mock and the backend.

    What one side alone has already, of an earlier run or by chance, is no difference between the two: an item
    that is only there is asked for by another id, and what is only there taken is sent with other values,
    which are new in each run. Nothing else is, so that the same seed sends the same.
    """

    def __init__(self, resources: Resources, mock: Side, backend: Side) -> None:
        self._resources, self._mock, self._backend = resources, mock, backend
        self._first = self._number = 10_000_000 + secrets.randbelow(80_000_000)
        self._renewed: dict[tuple[str, str], Any] = {}
        self._accepted: set[tuple[str, str]] = set()
        self._taken: Counter[tuple[str, str]] = Counter()

    def ask(self, step: Step) -> tuple[Step, Pair] | None:
        """
        Give what was sent at last, with its answers; ``None`` where it showed nothing.

        Raises:
            Untold: a side was not told what the step needs.
        """
        if step.unlike:
            return self._ask_for_nobody(step)
        said = (step.operation.operation_id, repr(step.body))
        step = _with(step, self._renewed.get(said, step.body))
        seen = self._send(step)
        # Where both took the same before, what is taken is taken since then.
        if _is_taken(seen) and said not in self._accepted:
            return self._renew(step, seen)
        self._accept(said, seen)
        return step, seen

    def notes(self) -> Iterator[str]:
        """Tell what was taken."""
        for (name, where), times in self._taken.items():
            yield (
                f"{name}: taken already on one side, {where}, of an earlier run or of others (409, {times} "
                f"{'time' if times == 1 else 'times'}); asked again with values that have a number from "
                f"{self._first + 1} on."
            )

    def _send(self, step: Step) -> Pair:
        return self._mock.send(step), self._backend.send(step)

    def _ask_for_nobody(self, step: Step) -> tuple[Step, Pair] | None:
        role = self._resources.roles[step.operation.operation_id]
        name = str(role.id_name)
        paths = [
            path
            for path in (step.path, *step.unlike)
            if not any(side.has_listed(role.collection, path[name]) for side in (self._mock, self._backend))
        ]
        if not paths:
            return None
        first = replace(step, path=paths[0])
        seen = self._send(first)
        if seen[0].status == seen[1].status:
            return first, seen
        if len(paths) == 1:
            return None
        second = replace(step, path=paths[1])
        again = self._send(second)
        statuses = [each.status for each in again]
        is_told = len({*statuses}) == 1 or statuses == [each.status for each in seen]
        return (second, again) if is_told else None

    def _renew(self, step: Step, seen: Pair) -> tuple[Step, Pair] | None:
        """Ask with other values; with others still, numbers too, where those are taken as well."""
        said = (step.operation.operation_id, repr(step.body))
        where = "the mock" if seen[0].status == _TAKEN else "the backend"
        for has_numbers in (False, True):
            body = self._other(step, has_numbers=has_numbers)
            if body == step.body:
                continue
            next(side for side, each in zip((self._mock, self._backend), seen, strict=True) if each.ok).forgo(
                step
            )
            step = _with(step, body)
            seen = self._send(step)
            if not _is_taken(seen):
                self._renewed[said] = body
                self._accept(said, seen)
                self._taken[(step.operation.operation_id, where)] += 1
                return (step, seen) if seen[0].ok and seen[1].ok else None
        return step, seen

    def _accept(self, said: tuple[str, str], seen: Pair) -> None:
        if seen[0].ok and seen[1].ok:
            self._accepted.add(said)

    def _other(self, step: Step, *, has_numbers: bool) -> Any:
        asker, operation = self._mock.asker, step.operation
        if not asker.fits_body(operation, self._mock.resolve(step.body)):
            return step.body
        role = self._resources.roles.get(operation.operation_id)
        collection = self._resources.collections.get(role.collection) if role is not None else None
        ids = {"id", *(collection.id_steps or () if collection is not None else ())[-1:]}
        self._number += 1
        return renew(
            step.body,
            self._number,
            lambda body: asker.fits_body(operation, self._mock.resolve(body)),
            ids=ids,
            has_numbers=has_numbers,
        )


def _with(step: Step, body: Any) -> Step:
    return replace(step, body=body, writes=body if step.writes is not None else None)


def _is_taken(seen: Pair) -> bool:
    return any(one.status == _TAKEN and other.ok for one, other in (seen, seen[::-1]))
