"""What changed in the types, values, limits and formats that a schema allows."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.contract.changes.facets import ANY, Facet, allows, is_whole
from mockserver.contract.changes.formats import Step, compare_formats
from mockserver.contract.changes.limits import LOWER_LIMITS, is_multiple
from mockserver.contract.changes.wording import is_or_are, joined, listed, shown


@dataclass(frozen=True, slots=True)
class Told:
    """What changed: a kind without its side, a sentence, and the keyword that says it."""

    aspect: str
    text: str
    keyword: str


def compare_kinds(
    old: Mapping[str, Facet], new: Mapping[str, Facet], *, are_texts: bool = False
) -> Iterator[Told]:
    """
    Tell which kinds of values are allowed no more, and which now; null on its own.

    Where all values ``are_texts``, any text is any number too.
    """
    lost, gained = old.keys() - new.keys(), new.keys() - old.keys()
    was, now = describe_kinds(old), describe_kinds(new)
    if old.keys() & new.keys() - {"null"}:
        if "null" in lost:
            yield Told("became-not-nullable", f"null is allowed no more; only {now} is", "type")
        if "null" in gained:
            yield Told("became-nullable", f"null is allowed too, beside {was}", "type")
        lost, gained = lost - {"null"}, gained - {"null"}
    numbers = [each["number"] for each in (old, new) if "number" in each]
    if len(numbers) == 2 and all(each.values is None for each in numbers):
        if numbers[1].is_whole and not numbers[0].is_whole:
            lost = lost | {"number"}
        elif numbers[0].is_whole and not numbers[1].is_whole:
            gained = gained | {"number"}
    if are_texts:
        lost, gained = lost - _covered(new), gained - _covered(old)
    if not lost and not gained:
        return
    aspect = "type-changed" if lost and gained else "type-narrowed" if lost else "type-widened"
    yield Told(aspect, f"the type was {was}, and is {now}", "type")


def _covered(kinds: Mapping[str, Facet]) -> frozenset[str]:
    return frozenset({"number", "boolean"}) if kinds.get("string") == ANY else frozenset()


def describe_kinds(kinds: Mapping[str, Facet]) -> str:
    names = ["integer" if kind == "number" and _is_integer(facet) else kind for kind, facet in kinds.items()]
    return "anything" if len(names) == 6 else joined(names, " or ") or "nothing at all"


def _is_integer(facet: Facet) -> bool:
    return facet.is_whole or (facet.values is not None and all(map(is_whole, facet.values.values())))


def compare_values(old: Facet, new: Facet) -> Iterator[Told]:
    """Tell which of listed values are allowed no more, and which now."""
    if old.values is None:
        if new.values is not None:
            text = f"any value was allowed; now only {listed(new.values.values())} {is_or_are(new.values)}"
            yield Told("enum-introduced", text, _listing(new))
            beyond = [value for value in new.values.values() if not allows(old, value)]
            if beyond:
                text = f"{listed(beyond)} {is_or_are(beyond)} allowed too, beyond the limits of before"
                yield Told("limit-loosened", text, _listing(new))
        return
    if new.values is None:
        text = f"only {listed(old.values.values())} {_was_or_were(old.values)} allowed; now any value is"
        yield Told("enum-dropped", text, _listing(old))
        beyond = [value for value in old.values.values() if not allows(new, value)]
        if beyond:
            text = f"{listed(beyond)} {is_or_are(beyond)} allowed no more, being beyond the limits"
            yield Told("limit-tightened", text, _listing(old))
        return
    lost = [value for key, value in old.values.items() if key not in new.values]
    gained = [value for key, value in new.values.items() if key not in old.values]
    if lost:
        left = f"; left {is_or_are(new.values)} {listed(new.values.values())}"
        text = f"{listed(lost)} {is_or_are(lost)} allowed no more{left}"
        yield Told("enum-value-removed", text, _listing(old))
    if gained:
        text = f"{listed(gained)} {is_or_are(gained)} allowed too, beside {listed(old.values.values())}"
        yield Told("enum-value-added", text, _listing(new))


def compare_limits(old: Facet, new: Facet) -> Iterator[Told]:
    """Tell which limits were set, moved or taken away; those of listed values are seen in the list."""
    if old.values is not None or new.values is not None:
        return
    for keyword in {**old.limits, **new.limits}:
        was, now = old.limits.get(keyword), new.limits.get(keyword)
        if was == now:
            continue
        texts = [_limit(keyword, each) for each in (was, now)]
        yield Told(
            _moved(keyword, was, now),
            f"{keyword} was {texts[0]}, and is {texts[1]}",
            _said(keyword, old, new),
        )


def compare_words(old: Facet, new: Facet) -> Iterator[Told]:
    """Tell which patterns and formats were set, exchanged or taken away."""
    for keyword in {**old.words, **new.words}:
        was, now = old.words.get(keyword, frozenset()), new.words.get(keyword, frozenset())
        if was == now:
            continue
        texts = [joined([*map(shown, sorted(each))]) or "none" for each in (was, now)]
        text = f"the {keyword} was {texts[0]}, and is {texts[1]}"
        step = compare_formats(was, now) if keyword == "format" else _compare_sets(was, now)
        if step == "hint":
            yield Told("value-wording-changed", f"{text}; that refuses nothing", keyword)
        elif step == "changed":
            yield Told(f"{keyword}-changed", f"{text}; whether that breaks anything cannot be told", keyword)
        else:
            yield Told(f"{keyword}-{step}", text, keyword)


def _compare_sets(was: frozenset[str], now: frozenset[str]) -> Step:
    if was < now:
        return "added"
    return "removed" if was > now else "changed"


def _moved(keyword: str, was: Any, now: Any) -> str:
    if was is None or now is None:
        return "limit-tightened" if was is None else "limit-loosened"
    if keyword == "multipleOf":
        if is_multiple(now, was):
            return "limit-tightened"
        return "limit-loosened" if is_multiple(was, now) else "limit-changed"
    grew = now > was
    return "limit-tightened" if grew == (keyword in LOWER_LIMITS) else "limit-loosened"


def _limit(keyword: str, value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, tuple):
        number, exclusive = value
        return f"{shown(number)} (itself left out)" if exclusive else shown(number)
    return shown(value)


def _said(keyword: str, old: Facet, new: Facet) -> str:
    """Give the keyword that states a limit: ``exclusiveMinimum`` is a ``minimum`` too."""
    exclusive = f"exclusive{keyword.capitalize()}"
    return exclusive if keyword not in {**old.where, **new.where} else keyword


def _listing(facet: Facet) -> str:
    return "const" if "const" in facet.where and "enum" not in facet.where else "enum"


def _was_or_were(values: Collection[Any]) -> str:
    return "was" if len(values) == 1 else "were"
