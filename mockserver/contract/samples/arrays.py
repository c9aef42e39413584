"""Arrays: a few items, as many as have to be, each of its own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver.contract.samples.place import Place
from mockserver.contract.samples.shape import DeadEnd, Node, Shape, same
from mockserver.contract.samples.shapes import Shapes

_USUAL = 3
_SHALLOW = 3
_MOST = 2000
_TRIES = 12

Make = Callable[[Node, Place], Any]
Fits = Callable[[Node, Any], bool]


def array(
    shapes: Shapes, make: Make, fits: Fits, shape: Shape, place: Place, likes: tuple[Any, ...]
) -> list[Any]:
    """Give an array that fits a shape. Raises DeadEnd where an item that has to be cannot be."""
    examples = [item for like in likes if isinstance(like, list) for item in like]
    low, high = int(shape.limits.get("minItems", 0)), shape.limits.get("maxItems")
    wanted = _length(shape, place, low, None if high is None else int(high))
    items: list[Any] = []
    for node, least, _ in shape.contains:
        for _ in range(least):
            part = shapes.joined((node, shapes.element(shape, len(items))))
            items.append(_another(make, part, shape, place, items, ()))
    while len(items) < wanted:
        node = shapes.element(shape, len(items))
        hint = examples[len(items) % len(examples) :][:1] if examples else []
        try:
            items.append(_another(make, node, shape, place, items, tuple(hint)))
        except DeadEnd:
            if len(items) < low:
                raise
            break
    return items


def _length(shape: Shape, place: Place, low: int, high: int | None) -> int:
    if low > _MOST:
        raise DeadEnd(f"an array of {low} items is too long")
    if high is not None and high < low:
        raise DeadEnd("it has to have more items than it may have")
    prefix = max((len(each) for each, _ in shape.arrays), default=0)
    if place.effort == 2 or place.level > _SHALLOW or (place.budget.is_tight and place.level > 1):
        wanted = low
    elif prefix:
        wanted = max(low, prefix)
    else:
        wanted = max(low, place.chance.child("|length").between(1, 1 if place.level > 2 else _USUAL))
    return wanted if high is None else min(wanted, high)


def _another(
    make: Make, node: Node, shape: Shape, place: Place, items: list[Any], likes: tuple[Any, ...]
) -> Any:
    """Make one more item, which is none of those before where that matters."""
    for attempt in range(_TRIES):
        inner = place.element(len(items) + attempt * _MOST, likes if attempt < 3 else ())
        item = make(node, replace(inner, effort=2) if attempt > 5 else inner)
        if not any(same(item, each) for each in items):
            return item
        if not shape.unique and attempt > 2:
            return item
    raise DeadEnd("no items are found that differ from each other")
