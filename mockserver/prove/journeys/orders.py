"""The order that a list is asked for: it holds on one page, and from one page to the next."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.resources.list_parameters import QueryPart
from mockserver.contract.resources.nouns import plain
from mockserver.contract.resources.roles import ListParameter
from mockserver.prove.journeys.asking import Answer, Asker
from mockserver.prove.journeys.pages import Walked, Whole
from mockserver.prove.journeys.places import Place
from mockserver.prove.report import Finding
from mockserver.respond.stateful.listing import sorted_by

_MOST_ORDERS = 4
_MOST_PAGES = 4
_DIRECTION = re.compile(r"^[+-]|[:. _|-](asc|desc|ascending|descending)$|(?<=[a-z])(Asc|Desc)$")

Item = Mapping[str, Any]
Ask = Callable[[Mapping[str, Any]], Answer]
Walk = Callable[[Mapping[str, Any], int, int], Walked | None]


class OrderJourney:
    """Asks for one list in orders; ``ask`` asks for all of it, ``walk`` for its pages, one after another."""

    def __init__(
        self, asker: Asker, place: Place, parts: Mapping[str, QueryPart], ask: Ask, walk: Walk
    ) -> None:
        self._asker, self._place, self._parts = asker, place, parts
        self._ask, self._walk = ask, walk
        self._operation, self._role = place.ways["list"].operation, place.ways["list"].role

    def findings(self, whole: Whole) -> Iterator[Finding]:
        for query, name in self._asked(whole):
            found = self._order(query, name)
            if found is not None:
                yield found
                return
        for query, name in self._asked(whole)[:2]:
            found = self._on_pages(query, name, whole)
            if found is not None:
                yield found
                return

    def _asked(self, whole: Whole) -> list[tuple[dict[str, Any], str]]:
        """Give queries that ask for an order, each with the plain name of the property that it goes by."""
        sort, direction = self._meant("sort"), self._meant("direction")
        if len(whole.items) < 2 or sort is None:
            return []
        choices = self._parts[sort.name].choices if sort.name in self._parts else ()
        names = [plain(name) for name in whole.items[0]]
        wanted = list(choices) or [n for n, v in whole.items[0].items() if isinstance(v, str | int)]
        by = [(each, plain(undirected(str(each)))) for each in wanted]
        asked: list[tuple[dict[str, Any], str]] = [
            ({sort.name: each}, name) for each, name in by if name in names
        ][:_MOST_ORDERS]
        if direction is not None and direction.name in self._parts:
            ways = list(self._parts[direction.name].choices) or ["asc", "desc"]
            asked = [({**each, direction.name: way}, name) for each, name in asked for way in ways]
        return asked

    def _meant(self, meaning: str) -> ListParameter | None:
        return next((each for each in self._role.parameters if each.meaning == meaning), None)

    def _order(self, query: Mapping[str, Any], name: str) -> Finding | None:
        answer = self._ask(query)
        items = answer.items(self._role)
        if items is None:
            return None
        self._asker.looked("order_holds", self._operation)
        if self._is_ordered(items, query, name):
            return None
        what = f"{_told(query)} was asked for, and the items come in another order."
        return self._found(f"{', '.join(query)} does not order", what, answer)

    def _on_pages(self, query: Mapping[str, Any], name: str, whole: Whole) -> Finding | None:
        size = max(2, -(-len(whole.items) // _MOST_PAGES))
        walked = self._walk(query, size, len(whole.items)) if len(whole.items) > size else None
        if walked is None or self._is_ordered(walked.items, query, name):
            return None
        what = f"{_told(query)} was asked for, and each page is in that order, but not one after another."
        return self._found(f"{', '.join(query)} orders each page by itself", what, *walked.seen[:3])

    def _is_ordered(self, items: Sequence[Item], query: Mapping[str, Any], by: str) -> bool:
        """Tell whether items are in order, however texts are compared; some letters nobody can place."""
        items = [each for each in items if all(_is_plain(v) for n, v in each.items() if plain(n) == by)]
        names = list(dict.fromkeys(name for item in items for name in item))
        for as_compared in (_as_it_is, str.casefold, _letters):
            compared = [_compared(item, as_compared) for item in items]
            if sorted_by(compared, self._role.parameters, query, names) == compared:
                return True
        return False

    def _found(self, difference: str, what: str, *seen: Answer) -> Finding:
        return self._asker.found("order_holds", self._operation, difference, what, *seen)


def undirected(choice: str) -> str:
    """Give the property that an order goes by, without its direction."""
    return _DIRECTION.sub("", choice)


def _told(query: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in query.items())


def _is_plain(value: Any) -> bool:
    return value is not None and (not isinstance(value, str) or value.isascii())


def _compared(item: Item, as_compared: Callable[[str], str]) -> dict[str, Any]:
    return {name: as_compared(v) if isinstance(v, str) else v for name, v in item.items()}


def _as_it_is(text: str) -> str:
    return text


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).casefold()
