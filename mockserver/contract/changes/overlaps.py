"""Whether a value can be allowed by two schemas at once."""

from collections.abc import Collection, Mapping
from itertools import combinations
from typing import Any

from mockserver.contract.changes.facets import KINDS_OF_VALUES, Facet, Pointers, allows
from mockserver.contract.changes.limits import LOWER_LIMITS, UPPER_LIMITS
from mockserver.contract.changes.views import Views


def overlap(branches: tuple[Pointers, ...], views: Views, kinds: Collection[str] = KINDS_OF_VALUES) -> bool:
    """
    Tell whether a value of some kinds may fit two of several schemas.

    What keeps them apart is seen if it is listed values, limits, formats, such a property that is always
    there, or one that the first asks for and the second refuses. Patterns and the like are not looked at.
    """
    pairs = combinations([views.of(each).kinds for each in branches], 2)
    return any(
        not _are_apart(one[kind], other[kind], views)
        for one, other in pairs
        for kind in one.keys() & other.keys() & {*kinds}
    )


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
    formats = [each.words.get("format", frozenset()) for each in (one, other)]
    if all(formats) and not formats[0] & formats[1]:
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
