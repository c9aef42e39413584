"""Whether a value can be allowed by two schemas at once."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from mockserver.contract.changes.facets import Facet, Pointers, allows
from mockserver.contract.changes.formats import are_apart
from mockserver.contract.changes.limits import LOWER_LIMITS, UPPER_LIMITS
from mockserver.contract.changes.views import Views


def overlap(branches: tuple[Pointers, ...], views: Views) -> bool:
    """
    Tell whether a value may fit two of several schemas.

    What keeps them apart is seen if it is listed values, limits, formats, such a property that is always
    there, or one that the first asks for and the second refuses. Patterns and the like are not looked at.
    """
    return any(not _are_apart(one, other, views) for _, one, other in _pairs(branches, views))


def overlap_as_described(branches: tuple[Pointers, ...], views: Views) -> bool:
    """
    Tell the same of texts, numbers, and objects of which one has no property that the other lacks.

    Open objects nearly always have some value in common; with properties of their own, nobody means that.
    """
    return any(
        not _are_apart(one, other, views)
        for kind, one, other in _pairs(branches, views)
        if kind in ("string", "number") or (kind == "object" and _is_within(one, other))
    )


def _pairs(branches: tuple[Pointers, ...], views: Views) -> Iterator[tuple[str, Facet, Facet]]:
    for one, other in combinations([views.of(each).kinds for each in branches], 2):
        yield from ((kind, one[kind], other[kind]) for kind in one.keys() & other.keys())


def _is_within(one: Facet, other: Facet) -> bool:
    names = one.properties.keys(), other.properties.keys()
    is_told = all(names) and not one.groups and not other.groups
    return is_told and (names[0] <= names[1] or names[1] <= names[0])


def _are_apart(one: Facet, other: Facet, views: Views) -> bool:
    if _is_said_apart(one, other) or _refuses(one, other) or _refuses(other, one):
        return True
    for name in one.required | other.required:
        ours, theirs = one.properties.get(name), other.properties.get(name)
        if ours is None or theirs is None:
            continue
        left, right = views.of(ours).kinds, views.of(theirs).kinds
        if all(_is_said_apart(left[kind], right[kind]) for kind in left.keys() & right.keys()):
            return True
    return False


def _is_said_apart(one: Facet, other: Facet) -> bool:
    if one.values is not None:
        return not any(allows(other, value) for value in one.values.values())
    if other.values is not None:
        return not any(allows(one, value) for value in other.values.values())
    if are_apart(*(each.words.get("format", frozenset()) for each in (one, other))):
        return True
    return _is_above(one.limits, other.limits) or _is_above(other.limits, one.limits)


def _is_above(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return any(
        lower in one and upper in other and one[lower] > other[upper]
        for lower, upper in zip(LOWER_LIMITS, UPPER_LIMITS, strict=True)
    )


def _refuses(closed: Facet, other: Facet) -> bool:
    if closed.additional is not None or "patternProperties" in closed.rules:
        return False
    return bool(other.required - closed.properties.keys())
