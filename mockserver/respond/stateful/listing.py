"""Which items a list shows, and in which order: filters, search and sorting, as query parameters ask."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mockserver.contract.resources import nouns
from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.roles import HIDDEN, ListParameter, Operator
from mockserver.state.items import Item

_DESCENDING = ("desc", "descending", "dsc", "-1", "d")
_ASCENDING = ("asc", "ascending", "1", "a")


def matcher(
    parameters: Sequence[ListParameter],
    query: Mapping[str, Any],
    belongs: Callable[[Item], bool] | None = None,
    readable: Callable[[Item], Item] = lambda item: item,
) -> Callable[[Item], bool] | None:
    """
    Give a function that tells whether an item meets every filter of a query, ``None`` if all do.

    What is searched is what ``readable`` gives of an item.
    """
    filters = [(p, query[p.name]) for p in parameters if p.meaning == "filter" and p.name in query]
    words = [
        word
        for p in parameters
        if p.meaning == "search" and isinstance(query.get(p.name), str)
        for word in query[p.name].casefold().split()
    ]
    if not filters and not words:
        return belongs

    def matches(item: Item) -> bool:
        if belongs is not None and not belongs(item):
            return False
        if not all(_meets(at(item, p.steps), p.operator, value) for p, value in filters):
            return False
        if not words:
            return True
        texts = " ".join(_texts(readable(item), 0)).casefold()
        return all(word in texts for word in words)

    return matches


def sorted_by(
    items: list[Item], parameters: Sequence[ListParameter], query: Mapping[str, Any], names: Iterable[str]
) -> list[Item]:
    """Give items in the order that a query asks for; what it names that they do not have is ignored."""
    names = list(names)
    turned = False
    wanted: list[tuple[str, bool]] = []
    for parameter in parameters:
        value = query.get(parameter.name)
        if value is None or parameter.meaning not in ("sort", "direction"):
            continue
        texts = value if isinstance(value, list) else str(value).split(",")
        for text in map(str, texts):
            if text.lower() in _DESCENDING + _ASCENDING:
                turned = text.lower() in _DESCENDING
            elif parameter.meaning == "sort" and (found := _sort_field(text, names)) is not None:
                wanted.append(found)
    if not wanted:
        return items[::-1] if turned else items
    for name, is_descending in reversed(wanted):
        there = [each for each in items if each.get(name) is not None]
        there.sort(key=_ranking(name), reverse=is_descending != turned)
        items = [*there, *(each for each in items if each.get(name) is None)]
    return items


def _sort_field(text: str, names: Sequence[str]) -> tuple[str, bool] | None:
    text = text.strip()
    is_descending = text.startswith("-")
    text = text.lstrip("+-")
    if (whole := nouns.find(text, names)) is not None:
        return whole, is_descending
    for mark in (":", " ", ".", "_", "-", "|"):
        name, _, direction = text.rpartition(mark)
        if direction.lower() in _DESCENDING + _ASCENDING and (found := nouns.find(name, names)) is not None:
            return found, direction.lower() in _DESCENDING
    for direction in ("Desc", "Asc"):
        if text.endswith(direction) and (found := nouns.find(text.removesuffix(direction), names)):
            return found, direction == "Desc"
    return None


def _ranking(name: str) -> Callable[[Item], tuple[int, Any]]:
    return lambda item: _rank(item[name])


def _rank(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 0, value
    if isinstance(value, (int, float)):
        return 1, value
    return (2, value) if isinstance(value, str) else (3, str(value))


def _meets(value: Any, operator: Operator, wanted: Any) -> bool:
    if operator == "eq":
        return _is_any_of(value, wanted)
    if operator == "ne":
        return not _is_any_of(value, wanted)
    if operator == "contains":
        return value is not None and str(wanted).casefold() in str(value).casefold()
    return _compares(value, operator, wanted)


def _is_any_of(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, list):
        return not wanted or any(_is_any_of(value, each) for each in wanted)
    if isinstance(value, list):
        return any(_is_any_of(each, wanted) for each in value)
    if isinstance(value, dict):
        return any(_is_same(each, wanted) for each in value.values())
    if _is_same(value, wanted):
        return True
    return isinstance(wanted, str) and "," in wanted and any(_is_same(value, e) for e in wanted.split(","))


def _is_same(value: Any, wanted: Any) -> bool:
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted or (isinstance(wanted, str) and str(value).lower() == wanted.lower())
    if value is None or isinstance(value, (dict, list)):
        return bool(value == wanted)
    if isinstance(value, str) and isinstance(wanted, str):
        is_day = len(wanted) == 10 and value[10:11] in ("T", " ") and wanted[4:5] == "-"
        return bool((value[:10] if is_day else value) == wanted)
    return bool(value == wanted or str(value) == str(wanted))


def _compares(value: Any, operator: Operator, wanted: Any) -> bool:
    if isinstance(value, str) and isinstance(wanted, str):
        if len(wanted) == 10 and wanted[4:5] == "-":
            value = value[:10]
    else:
        try:
            value, wanted = float(value), float(wanted)
        except (TypeError, ValueError, OverflowError):
            return False
    match operator:
        case "gt":
            return bool(value > wanted)
        case "gte":
            return bool(value >= wanted)
        case "lt":
            return bool(value < wanted)
    return bool(value <= wanted)


def _texts(value: Any, depth: int) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [str(value)]
    if depth > 2:
        return []
    if isinstance(value, dict):
        inner = [each for name, each in value.items() if not name.startswith(HIDDEN)]
    else:
        inner = value if isinstance(value, list) else []
    return [text for each in inner for text in _texts(each, depth + 1)]
