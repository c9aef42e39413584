"""Objects: what they have to have, what they had better have, and more where they need more."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from mockserver.contract.samples.keywords import meant
from mockserver.contract.samples.meanings import singular
from mockserver.contract.samples.place import MANY, Place
from mockserver.contract.samples.scene import Scene, words_of
from mockserver.contract.samples.shape import DeadEnd, Node, Shape, type_of
from mockserver.contract.samples.shapes import Shapes
from mockserver.contract.samples.words import TERMS, listed

_MOST = 500
_WRAPPERS = frozenset(
    listed("""
self link links
response request body data list page result results items entry object base full simplified mini
create update new dto model schema payload input output read write detail details item paging
collection
""")
)


class Members:
    """Which properties an object of a shape has, and what is in them."""

    def __init__(
        self,
        shapes: Shapes,
        fits: Callable[[Node, Any], bool],
        hidden: str | None,
        make: Callable[[Node, Place], Any],
    ) -> None:
        self._shapes = shapes
        self._fits = fits
        self._hidden = hidden
        self._make = make
        self._visible: dict[tuple[int, str], bool] = {}

    def object(self, shape: Shape, place: Place, likes: tuple[Any, ...]) -> dict[str, Any]:
        """Make an object of a shape. Raises DeadEnd where a property that has to be cannot be."""
        return self.complete(shape, {}, place, likes)

    def complete(
        self, shape: Shape, given: dict[str, Any], place: Place, likes: tuple[Any, ...] = ()
    ) -> dict[str, Any]:
        """
        Add to an object what its shape requires, and what it had better have.

        An object deep within others that has something is given no more than it has to have.
        """
        is_sparse = bool(given) and depth_of(shape, place.depth) > 1
        shape, names = self._names(shape, given, replace(place, effort=2) if is_sparse else place)
        scene = Scene(place.chance, given, shape.properties)
        noun = noun_of(shape, place)
        value: dict[str, Any] = {}
        for name in [*names, *(each for each in given if each not in names)]:
            if name in given:
                value[name] = given[name]
                continue
            inner = place.member(name, noun, scene, tuple(_within(likes, name)), len(shape.properties))
            node = self._shapes.member(shape, name)
            if name in shape.fixed and self._fits(node, shape.fixed[name]):
                value[name] = shape.fixed[name]
                continue
            try:
                value[name] = self._make(node, inner)
            except DeadEnd:
                if name in shape.required:
                    raise
        self._extend(shape, value, place, scene, noun)
        return value

    def is_visible(self, shape: Shape, name: str) -> bool:
        """Tell whether the side that sends the object may send this property."""
        key = (id(shape), name)
        if key not in self._visible:
            node = self._shapes.member(shape, name)
            try:
                notes = self._shapes.of(node).notes
            except DeadEnd:
                notes = {"writeOnly": True, "readOnly": True}
            is_hidden = node is False or (self._hidden is not None and notes.get(self._hidden) is True)
            self._visible[key] = not is_hidden and name not in shape.banned
        return self._visible[key]

    def _names(self, shape: Shape, given: dict[str, Any], place: Place) -> tuple[Shape, list[str]]:
        """Choose the properties, in the order in which they are declared."""
        required = set(shape.required) | given.keys()
        names = [name for name in shape.properties if name in required or self._is_wanted(shape, name, place)]
        names += [name for name in shape.required if name not in shape.properties]
        highest = shape.limits.get("maxProperties")
        if highest is not None and len(names) > highest:
            optional = [each for each in names if each not in required]
            dropped = set(optional[len(optional) - min(len(optional), len(names) - int(highest)) :])
            names = [each for each in names if each not in dropped]
        for name, others in shape.dependents:
            if name in names:
                names += [each for each in others if each not in names]
        for name, node in shape.dependent_schemas:
            if name in names or name in given:
                rest = self._shapes.without_dependent(shape, name)
                return self._names(self._shapes.with_part(rest, node), given, place)
        return shape, names

    def _is_wanted(self, shape: Shape, name: str, place: Place) -> bool:
        if place.effort == 2 or not self.is_visible(shape, name):
            return False
        if shape.names and not all(self._fits(each, name) for each in shape.names):
            return False
        chance = place.chance.child(f"|{name}?")
        if place.effort == 1:
            return chance.happens(40)
        is_tight = place.budget.is_tight
        depth = depth_of(shape, place.depth)
        if depth < 2:
            return True
        inner = self._shapes.of(self._shapes.member(shape, name))
        is_large = bool(meant(inner) & {"object", "array"}) or bool(inner.choices)
        likely = {2: (100, 70), 3: (90, 40), 4: (70, 10), 5: (50, 0)}.get(depth, (30, 0))
        return chance.happens(0 if is_tight and is_large else likely[is_large])

    def _extend(self, shape: Shape, value: dict[str, Any], place: Place, scene: Scene, noun: str) -> None:
        """Add properties that have no name of their own, where the object is a map or has too few."""
        lowest = int(shape.limits.get("minProperties", 0))
        highest = int(shape.limits.get("maxProperties", _MOST))
        if lowest > _MOST:
            raise DeadEnd(f"an object of {lowest} properties is too large")
        wanted = max(lowest, min(highest, len(value) + self._usual(shape, value, place)))
        left = [each for each in shape.properties if each not in value and self.is_visible(shape, each)]
        keys = self._keys(shape, place)
        for attempt in range(wanted * 8):
            if len(value) >= wanted:
                return
            name = left.pop(0) if left else keys(attempt)
            node = self._shapes.member(shape, name) if name not in value else False
            if node is False:
                continue
            try:
                value[name] = self._make(node, place.member(name, noun, scene, (), len(shape.properties)))
            except DeadEnd:
                continue
        if len(value) < lowest:
            raise DeadEnd(f"it has to have {lowest} properties, and there are no names for them")

    def _usual(self, shape: Shape, value: dict[str, Any], place: Place) -> int:
        if value or place.effort == 2 or place.depth > 4 or shape.properties:
            return 0
        is_map = any(isinstance(each.schema, dict) and each.schema for each in shape.closures)
        return 2 if is_map or shape.pattern_properties else 0

    def _keys(self, shape: Shape, place: Place) -> Callable[[int], str]:
        """Give a function that gives names for properties."""
        chance = place.chance.child("|keys")
        node: Node = self._shapes.joined((*shape.names, self._shapes.keys(""))) if shape.names else None
        patterns = [pattern for pattern, each in shape.pattern_properties if each is not False]

        def key(attempt: int) -> str:
            if node is None and not patterns:
                return chance.pick(TERMS) if attempt < 60 else f"{chance.pick(TERMS)}_{attempt}"
            wanted = node
            if patterns:
                pattern = self._shapes.keys(patterns[attempt % len(patterns)])
                wanted = self._shapes.joined((node, pattern)) if node is not None else pattern
            inner = Place(chance.child(str(attempt)), place.scene, budget=place.budget)
            try:
                return str(self._make(wanted, inner))
            except DeadEnd:
                return ""

        return key


def depth_of(shape: Shape, depth: int) -> int:
    """Give how deep an object counts to be: within others, one of many properties is told of in short."""
    return depth + 1 if depth and len(shape.properties) > MANY else depth


def noun_of(shape: Shape, place: Place) -> str:
    """Give the name of the thing that an object is: of its schema, or of the property that holds it."""
    for name in (*(each.rpartition("/")[2] for each in shape.references), place.name):
        words = [each for each in words_of(name) if each not in _WRAPPERS and not each.isdigit()]
        if words:
            return "_".join([*words[:-1], singular(words[-1])])
    return place.noun


def _within(likes: tuple[Any, ...], name: str) -> Iterator[Any]:
    for like in likes:
        if type_of(like) == "object" and name in like:
            yield like[name]
