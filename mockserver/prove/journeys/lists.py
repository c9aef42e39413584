"""Journeys through a list: its pages, its filters and its order."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.operation import Operation
from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.list_parameters import QueryPart, read_query_parts
from mockserver.contract.resources.nouns import plain
from mockserver.contract.resources.roles import ListParameter, Role
from mockserver.prove.journeys.alike import short
from mockserver.prove.journeys.asking import Answer, Asker, id_in
from mockserver.prove.journeys.items import ItemJourney
from mockserver.prove.journeys.pages import Whole, cursor_in, total_in
from mockserver.prove.journeys.places import Place
from mockserver.prove.report import Finding
from mockserver.respond.stateful.listing import matcher, sorted_by

_BIGGEST = 100
_MOST_PAGES = 12
_MOST_FILTERS = 10
_MOST_VALUES = 3
_MOST_ORDERS = 4
_DIRECTION = re.compile(r"^[+-]|[:. _|-](asc|desc|ascending|descending)$|(?<=[a-z])(Asc|Desc)$")

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
        pages = self._size or self._meant("page") or self._meant("offset") or self._meant("cursor")
        is_entire = pages is None or (self._size is not None and len(items) < self._most)
        return Whole(answer, items, is_entire)

    def findings(self) -> Iterator[Finding]:
        whole = self.whole()
        if whole is None:
            return
        yield from self._total(whole)
        yield from self._pages(whole)
        yield from self._filters(whole)
        yield from self._orders(whole)
        yield from self._head(whole)
        if "read" in self._place.ways:
            yield from ItemJourney(self._asker, self._place).findings(whole)

    def counts(self, whole: Whole) -> Iterator[Finding]:
        """Look whether the list has as many items as it says, and as its pages have together."""
        yield from self._total(whole)
        yield from self._pages(whole)

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
        step = self._meant("page") or self._meant("offset") or self._meant("cursor")
        size = max(2 if len(whole.items) > 2 else 1, self._least)
        if step is None or self._size is None:
            return
        if len(whole.items) <= size:
            text = f"{self._operation.operation_id}: its pages were not seen, for too few items."
            return self._asker.note(text)
        check, is_all = "pages_join_to_the_whole", False
        seen, joined = [], list[dict[str, Any]]()
        position: Any = self._first(step)
        self._asker.looked(check, self._operation)
        for _ in range(_MOST_PAGES):
            query = {self._size.name: size} | ({step.name: position} if position is not None else {})
            answer = self._ask(query)
            seen.append(answer)
            items = answer.items(self._role)
            if items is None:
                return
            if len(items) > size:
                what = f"A page of {size} was asked for, and one of {len(items)} answered."
                yield self._found(check, "a page is larger than was asked for", what, answer)
                return
            joined += items
            before, position = position, self._after(step, position, size, answer)
            # Where no cursor can be read at all, nobody knows whether a full page is the last.
            is_all = len(items) < size or position is not None or before is not None
            if len(items) < size or position is None or len(joined) > len(whole.items):
                break
        yield from self._compare(check, whole, joined, seen, is_all=is_all)

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

    def _orders(self, whole: Whole) -> Iterator[Finding]:
        sort, direction = self._meant("sort"), self._meant("direction")
        if len(whole.items) < 2 or sort is None:
            return
        choices = self._parts[sort.name].choices if sort.name in self._parts else ()
        names = [plain(name) for name in whole.items[0]]
        wanted = list(choices) or [n for n, v in whole.items[0].items() if isinstance(v, str | int)]
        understood = [each for each in wanted if plain(_DIRECTION.sub("", str(each))) in names]
        asked: list[dict[str, Any]] = [{sort.name: each} for each in understood[:_MOST_ORDERS]]
        if direction is not None and direction.name in self._parts:
            ways = list(self._parts[direction.name].choices) or ["asc", "desc"]
            asked = [{**each, direction.name: way} for each in asked for way in ways]
        for query in asked:
            found = self._order(query)
            if found is not None:
                yield found
                return

    def _order(self, query: Mapping[str, Any]) -> Finding | None:
        answer = self._ask(query)
        items = answer.items(self._role)
        if items is None:
            return None
        self._asker.looked("order_holds", self._operation)
        names = list(dict.fromkeys(name for item in items for name in item))
        for as_compared in (_as_it_is, str.casefold, _letters):
            compared = [_compared(item, as_compared) for item in items]
            if sorted_by(compared, self._role.parameters, query, names) == compared:
                return None
        asked = ", ".join(f"{name}={value}" for name, value in query.items())
        what = f"{asked} was asked for, and the items come in another order."
        return self._found("order_holds", f"{', '.join(query)} does not order", what, answer)

    def _head(self, whole: Whole) -> Iterator[Finding]:
        answer = self._ask({}, "HEAD")
        if answer.status in (0, 405, 501):
            return
        self._asker.looked("head_answers_as_get", self._operation)
        if answer.status != whole.answer.status:
            what = f"GET is answered {whole.answer.status}, and HEAD {answer.status}."
            yield self._found("head_answers_as_get", "HEAD is answered otherwise", what, whole.answer, answer)


def _has(item: Any, steps: Sequence[str]) -> bool:
    for step in steps:
        if not isinstance(item, dict) or step not in item:
            return False
        item = item[step]
    return True


def _compared(item: Item, as_compared: Callable[[str], str]) -> dict[str, Any]:
    return {name: as_compared(v) if isinstance(v, str) else v for name, v in item.items()}


def _as_it_is(text: str) -> str:
    return text


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()
