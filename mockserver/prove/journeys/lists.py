"""Journeys through a list: its pages, its filters and its order."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.operation import Operation
from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.list_parameters import QueryPart, read_query_parts
from mockserver.contract.resources.roles import ListParameter, Role
from mockserver.prove.journeys.alike import short
from mockserver.prove.journeys.asking import Answer, Asker, id_in
from mockserver.prove.journeys.items import ItemJourney
from mockserver.prove.journeys.orders import OrderJourney
from mockserver.prove.journeys.pages import Walked, Whole, cursor_in, total_in
from mockserver.prove.journeys.places import Place
from mockserver.prove.report import Finding
from mockserver.respond.stateful.listing import matcher

_BIGGEST = 100
_MOST_PAGES = 12
_MOST_FILTERS = 10
_MOST_VALUES = 3

Item = Mapping[str, Any]


class ListJourney:
    """Looks at one list from all sides, without changing anything."""

    def __init__(self, asker: Asker, place: Place) -> None:
        self._asker, self._place = asker, place
        way = place.ways["list"]
        self._operation: Operation = way.operation
        self._role: Role = way.role
        parts = read_query_parts(asker.contract.data, way.operation)
        self._parts: Mapping[str, QueryPart] = {part.name: part for part in parts}
        self._size = self._meant("size")
        self._step = self._meant("page") or self._meant("offset") or self._meant("cursor")
        schema = self._parts[self._size.name].schema if self._size else None
        most = schema.says("maximum") if schema is not None else None
        self._most = min(_BIGGEST, int(most)) if isinstance(most, int | float) and most > 0 else _BIGGEST
        least = schema.says("minimum") if schema is not None else None
        self._least = int(least) if isinstance(least, int | float) else 1

    @property
    def is_narrowed(self) -> bool:
        """Tell whether a request has to say what is listed."""
        return any(each.required and each.location != "path" for each in self._operation.parameters)

    def whole(self) -> Whole | None:
        answer = self._ask({})
        items = answer.items(self._role)
        if items is None:
            self._asker.note(f"{self._operation.operation_id}: its list was not seen: {answer.status}.")
            return None
        pages = self._size or self._step
        is_entire = pages is None or (self._size is not None and len(items) < self._most)
        return Whole(answer, items, is_entire)

    def findings(self) -> Iterator[Finding]:
        whole = self.whole()
        if whole is None:
            return
        yield from self.counts(whole)
        yield from self._filters(whole)
        yield from OrderJourney(self._asker, self._place, self._parts, self._ask, self._walk).findings(whole)
        yield from self._head(whole)
        if "read" in self._place.ways:
            yield from ItemJourney(self._asker, self._place).findings(whole)

    def counts(self, whole: Whole) -> Iterator[Finding]:
        """Look whether the list has as many items as it says, and as its pages have together."""
        yield from self._total(whole)
        yield from self._pages(whole)
        yield from self._default(whole)

    def _ask(self, query: Mapping[str, Any], method: str | None = None) -> Answer:
        sized = {self._size.name: self._most} if self._size is not None else {}
        return self._asker.ask(self._operation, self._place.above, {**sized, **query}, method=method)

    def _meant(self, meaning: str) -> ListParameter | None:
        return next((each for each in self._role.parameters if each.meaning == meaning), None)

    def _found(self, check: str, difference: str, what: str, *seen: Answer) -> Finding:
        return self._asker.found(check, self._operation, difference, what, *seen)

    def _total(self, whole: Whole) -> Iterator[Finding]:
        total = total_in(whole.answer.body)
        if total is None or not whole.is_entire:
            return
        self._asker.looked("total_is_right", self._operation)
        if total != len(whole.items):
            what = f"It says that there are {total}, and lists {len(whole.items)}."
            yield self._found("total_is_right", "the total is not what is listed", what, whole.answer)

    def _pages(self, whole: Whole) -> Iterator[Finding]:
        size = max(2 if len(whole.items) > 2 else 1, self._least)
        if self._step is None or self._size is None:
            return
        if len(whole.items) <= size:
            text = f"{self._operation.operation_id}: its pages were not seen, for too few items."
            return self._asker.note(text)
        check = "pages_join_to_the_whole"
        self._asker.looked(check, self._operation)
        walked = self._walk({}, size, len(whole.items))
        if walked is None:
            return
        last = walked.seen[-1]
        items = last.items(self._role) or []
        if len(items) > size:
            what = f"A page of {size} was asked for, and one of {len(items)} answered."
            yield self._found(check, "a page is larger than was asked for", what, last)
            return
        yield from self._compare(check, whole, walked.items, walked.seen, is_all=walked.is_all)
        yield from self._totals(whole, walked.seen)

    def _totals(self, whole: Whole, seen: Sequence[Answer]) -> Iterator[Finding]:
        """Look whether each page says the same of how many items there are."""
        total = total_in(whole.answer.body)
        if not whole.is_entire or total != len(whole.items):
            return
        for each in seen:
            other = total_in(each.body)
            if other is not None and other != total and each.items(self._role):
                what = f"There are {total}, and a page says that there are {other}."
                yield self._found("total_is_right", "a page has another total", what, whole.answer, each)
                return

    def _walk(self, query: Mapping[str, Any], size: int, most: int) -> Walked | None:
        """Go through the pages, as far as ``most`` items; ``None`` where one of them is none."""
        step, seen, joined, is_all = self._step, list[Answer](), list[dict[str, Any]](), False
        if step is None or self._size is None:
            return None
        position: Any = self._first(step)
        for _ in range(_MOST_PAGES):
            placed = {step.name: position} if position is not None else {}
            answer = self._ask({**query, self._size.name: size, **placed})
            seen.append(answer)
            items = answer.items(self._role)
            if items is None:
                return None
            joined += items
            before, position = position, self._after(step, position, size, answer)
            # Where no cursor can be read at all, nobody knows whether a full page is the last.
            is_all = len(items) < size or position is not None or before is not None
            if len(items) != size or position is None or len(joined) > most:
                break
        return Walked(seen, joined, is_all)

    def _default(self, whole: Whole) -> Iterator[Finding]:
        """Look whether a page has as many items as the contract says where nobody says how many."""
        size = self._size
        schema = self._parts[size.name].schema if size is not None and size.name in self._parts else None
        default = schema.says("default") if schema is not None else None
        if size is None or type(default) is not int or not 1 <= default <= self._most:
            return
        if any(each.required and each.name == size.name for each in self._operation.parameters):
            return
        if not whole.is_entire and len(whole.items) < default:
            return
        answer = self._asker.ask(self._operation, self._place.above)
        items, expected = answer.items(self._role), min(default, len(whole.items))
        if items is None:
            return
        self._asker.looked("defaults_are_applied", self._operation)
        # Pages behind a cursor may be shorter than they could be.
        is_short = len(items) < expected and self._meant("cursor") is None
        if is_short or len(items) > expected:
            there = f"there are {len(whole.items)}"
            what = f"The default of {size.name} is {default}, {there}, and {len(items)} are answered."
            difference = f"{size.name} has not its default"
            yield self._found("defaults_are_applied", difference, what, whole.answer, answer)

    def _compare(
        self, check: str, whole: Whole, joined: Sequence[Item], seen: Sequence[Answer], *, is_all: bool
    ) -> Iterator[Finding]:
        ids = [id_in(self._place.collection, each) for each in joined]
        there = [id_in(self._place.collection, each) for each in whole.items]
        if None in ids or None in there:
            return
        repeated = [each for at_, each in enumerate(ids) if each in ids[:at_]]
        if repeated:
            what = f"Its pages, one after another, show {repeated[0]!r} twice."
            yield self._found(check, "pages repeat items", what, *seen[:3])
            return
        is_cut = len(seen) == _MOST_PAGES and len(joined) < len(there)
        if not whole.is_entire or not is_all or is_cut:
            return
        missing = [each for each in there if each not in ids]
        if missing:
            what = f"Its pages, one after another, lack {len(missing)} of {len(there)}: {missing[0]!r}, say."
            yield self._found(check, "pages lack items", what, whole.answer, *seen[:3])

    def _first(self, step: ListParameter) -> int | None:
        schema = self._parts[step.name].schema
        default, least = (schema.says("default"), schema.says("minimum")) if schema else (None, None)
        if step.meaning == "page":
            return 0 if (least if default is None else default) == 0 else 1
        return (1 if 1 in (least, default) else 0) if step.meaning == "offset" else None

    def _after(self, step: ListParameter, position: Any, size: int, answer: Answer) -> Any:
        if step.meaning == "page":
            return position + 1
        return position + size if step.meaning == "offset" else cursor_in(answer.body)

    def _filters(self, whole: Whole) -> Iterator[Finding]:
        filters = [p for p in self._role.parameters if p.meaning == "filter" and p.name in self._parts]
        for parameter in filters[:_MOST_FILTERS]:
            for value in self._values(parameter, whole.items)[:_MOST_VALUES]:
                found = self._filter(parameter, value, whole)
                if found is not None:
                    yield found
                    break

    def _values(self, parameter: ListParameter, items: Sequence[Item]) -> list[Any]:
        part = self._parts[parameter.name]
        found = [at(item, parameter.steps) for item in items if _has(item, parameter.steps)]
        plain_ones = [each for each in found if isinstance(each, str | int | float)]
        candidates = [*dict.fromkeys(plain_ones), *part.choices]
        if part.member is not None or part.schema is None:
            return []
        if part.schema.is_array:
            candidates = [[each] for each in candidates]
        schema = self._asker.contract.schemas.at(part.schema.pointer, "request")
        valid = [each for each in candidates if each not in ("", [""]) and schema.is_valid(each)]
        return [each for n, each in enumerate(valid) if each not in valid[:n]]

    def _filter(self, parameter: ListParameter, value: Any, whole: Whole) -> Finding | None:
        check, name = "filter_holds", ".".join(parameter.steps)
        matches = matcher([parameter], {parameter.name: value})
        answer = self._ask({parameter.name: value})
        items = answer.items(self._role)
        if matches is None or items is None:
            return None
        self._asker.looked(check, self._operation)
        wrong = next((each for each in items if _has(each, parameter.steps) and not matches(each)), None)
        if wrong is not None:
            what = (
                f"{parameter.name}={short(value)} was asked for, and there is an item whose {name} is "
                f"{at(wrong, parameter.steps)!r}."
            )
            return self._found(check, f"{parameter.name} does not filter", what, answer)
        ids = [id_in(self._place.collection, each) for each in items]
        if not whole.is_entire or len(items) >= self._most:
            return None
        total = total_in(answer.body)
        if total not in (None, len(items)) and total_in(whole.answer.body) == len(whole.items):
            asked = f"{parameter.name}={short(value)}"
            what = f"With {asked} it says that there are {total}, and lists {len(items)}."
            return self._found("total_is_right", "the total is not what is filtered", what, answer)
        for each in whole.items:
            if matches(each) and id_in(self._place.collection, each) not in ids:
                what = (
                    f"{parameter.name}={short(value)} leaves out "
                    f"{id_in(self._place.collection, each)!r}, whose {name} is that."
                )
                return self._found(
                    check, f"{parameter.name} leaves out what fits", what, whole.answer, answer
                )
        return None

    def _head(self, whole: Whole) -> Iterator[Finding]:
        answer = self._ask({}, "HEAD")
        if answer.status in (0, 405, 501):
            return
        self._asker.looked("head_answers_as_get", self._operation)
        if answer.status != whole.answer.status:
            what = f"GET is answered {whole.answer.status}, and HEAD {answer.status}."
            yield self._found("head_answers_as_get", "HEAD is answered otherwise", what, whole.answer, answer)


def whole_of(asker: Asker, place: Place) -> Whole | None:
    """Give the whole of a list; ``None`` where there is none, or a request has to say what is listed."""
    journey = ListJourney(asker, place) if "list" in place.ways else None
    return journey.whole() if journey is not None and not journey.is_narrowed else None


def _has(item: Any, steps: Sequence[str]) -> bool:
    for step in steps:
        if not isinstance(item, dict) or step not in item:
            return False
        item = item[step]
    return True
