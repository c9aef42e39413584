"""Whether alternatives exclude each other: no value can fit two of them."""

from collections.abc import Sequence
from itertools import combinations

from mockserver.contract.changes.facets import Facet, Pointers
from mockserver.contract.changes.views import Views

_DEEPEST = 3


def exclude_each_other(views: Views, branches: Sequence[Pointers]) -> bool:
    """Tell whether it can be seen that no value fits two of some alternatives."""
    return all(_exclude(views, one, other, 0) for one, other in combinations(branches, 2))


def _exclude(views: Views, one: Pointers, other: Pointers, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    ours, theirs = views.of(one).kinds, views.of(other).kinds
    return all(_differ(views, ours[kind], theirs[kind], depth) for kind in ours.keys() & theirs.keys())


def _differ(views: Views, one: Facet, other: Facet, depth: int) -> bool:
    if one.values is not None and other.values is not None and not one.values.keys() & other.values.keys():
        return True
    for closed, another in ((one, other), (other, one)):
        is_closed = closed.additional is None and "patternProperties" not in closed.rules
        if is_closed and another.required - closed.properties.keys():
            return True
    return any(
        _exclude(views, one.properties[name], other.properties[name], depth + 1)
        for name in one.required | other.required
        if name in one.properties and name in other.properties
    )
