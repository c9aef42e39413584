"""Whether a value can be allowed by two schemas at once."""

from itertools import combinations

from mockserver.contract.changes.facets import Facet, Pointers
from mockserver.contract.changes.views import View, Views


def overlap(branches: tuple[Pointers, ...], views: Views) -> bool:
    """
    Tell whether a value may fit two of several schemas; what tells them apart may not be seen here.

    Seen are values of their own, properties that are always there and have such values, and properties that
    one asks for and the other refuses.
    """
    pairs = combinations([views.of(each) for each in branches], 2)
    return any(not _are_apart(one, other, views) for one, other in pairs)


def _are_apart(one: View, other: View, views: Views) -> bool:
    shared = one.kinds.keys() & other.kinds.keys()
    return all(_facets_are_apart(one.kinds[kind], other.kinds[kind], views) for kind in shared)


def _facets_are_apart(one: Facet, other: Facet, views: Views) -> bool:
    if _values_are_apart(one, other) or _refuses(one, other) or _refuses(other, one):
        return True
    for name in one.required | other.required:
        ours, theirs = one.properties.get(name), other.properties.get(name)
        if ours is None or theirs is None:
            continue
        left, right = views.of(ours).kinds, views.of(theirs).kinds
        if all(_values_are_apart(left[kind], right[kind]) for kind in left.keys() & right.keys()):
            return True
    return False


def _values_are_apart(one: Facet, other: Facet) -> bool:
    return one.values is not None and other.values is not None and not one.values.keys() & other.values.keys()


def _refuses(closed: Facet, other: Facet) -> bool:
    if closed.additional is not None or "patternProperties" in closed.rules:
        return False
    return bool(other.required - closed.properties.keys())
