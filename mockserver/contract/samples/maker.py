"""Make values for schemas, from the top down."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mockserver.contract.samples.arrays import array
from mockserver.contract.samples.keywords import meant
from mockserver.contract.samples.meanings import Asked
from mockserver.contract.samples.objects import Members
from mockserver.contract.samples.place import Place
from mockserver.contract.samples.quantities import number
from mockserver.contract.samples.scene import words_of
from mockserver.contract.samples.shape import DeadEnd, Node, Shape, same, type_of
from mockserver.contract.samples.shapes import Shapes
from mockserver.contract.samples.texts import text

_TRIES = 7
_SHALLOW = 3
_MOST_BRANCHES = 8
_MOST_READ = 200


class Maker:
    """Makes values for the schemas of one lowered document; ``fits`` is the last word on one of them."""

    def __init__(self, shapes: Shapes, fits: Callable[[Node, Any], bool], hidden: str | None) -> None:
        self.shapes = shapes
        self.fits = fits
        self.members = Members(shapes, fits, hidden, self.make)

    def make(self, node: Node, place: Place) -> Any:
        """Give a value for a schema. Raises DeadEnd where there is none, or none at this place."""
        try:
            place.budget.spend()
            shape = self.shapes.of(node)
            return self._make_valid(node, shape, place) if shape.tricky else self._choose(shape, place)
        except DeadEnd as dead:
            dead.nodes.append(node)
            raise

    def _make_valid(self, node: Node, shape: Shape, place: Place) -> Any:
        """Try again and again, since there is no telling what all parts of a schema allow."""
        dead = DeadEnd("nothing was found that all its parts allow")
        value = None
        for attempt in range(_TRIES):
            try:
                value = self._choose(shape, place.again(attempt))
            except DeadEnd as error:
                dead = error
                continue
            if self.fits(node, value):
                return value
        for spoiled in self._spoiled(shape, value):
            if self.fits(node, spoiled):
                return spoiled
        raise dead

    def _spoiled(self, shape: Shape, value: Any) -> Iterator[Any]:
        """
        Give an object with one property more, of a type that one branch refuses.

        Where several of ``oneOf`` allow what any of them describes, only that makes it fit exactly one.
        """
        if not isinstance(value, dict):
            return
        branches = [branch for choice in shape.choices if choice.exclusive for branch in choice.branches]
        for branch in branches[:_MOST_BRANCHES]:
            try:
                inner = self.shapes.of(branch)
            except DeadEnd:
                continue
            for name in inner.properties:
                node = self.shapes.member(inner, name)
                if name not in value:
                    yield from ({**value, name: each} for each in ("-", 0) if not self.fits(node, each))

    def _choose(self, shape: Shape, place: Place) -> Any:
        """Settle what a shape leaves to choose, going back where a choice leads nowhere."""
        if not shape.choices and not shape.conditions:
            return self._descend(shape, place)
        dead = DeadEnd("none of its branches can be taken")
        for settle in self._ways(shape, place):
            try:
                return self._choose(settle(), place)
            except DeadEnd as error:
                dead = error
        raise dead

    def _ways(self, shape: Shape, place: Place) -> Iterator[Callable[[], Shape]]:
        shapes = self.shapes
        if shape.choices:
            for index in self._branches(shape, place):
                yield lambda index=index: shapes.settled(shape, index)  # type: ignore[misc]  # mypy: defaults
            return
        ways = [shapes.conditioned(shape, holds=holds) for holds in (True, False)]
        first = place.chance.child("|if").below(2)
        yield ways[first]
        yield ways[1 - first]

    def _branches(self, shape: Shape, place: Place) -> list[int]:
        branches = shape.choices[0].branches
        chance = place.chance.child(f"|branch{len(shape.choices)}")
        order = list(range(len(branches)))
        if not place.is_first and place.effort < 2:
            order = chance.shuffled(order)
        is_deep = place.depth > _SHALLOW or place.effort == 2
        null_first = is_deep or (not place.is_first and chance.happens(10))
        order.sort(key=lambda index: _is_null(branches[index]) != null_first)
        if is_deep:
            order.sort(key=lambda index: self._weight(branches[index]))
        return order

    def _weight(self, branch: Node) -> int:
        """Tell how much a branch brings with it: what is deep is to end soon."""
        try:
            shape = self.shapes.of(branch)
        except DeadEnd:
            return 100
        kinds = meant(shape)
        if shape.enum is not None or not kinds & {"object", "array"}:
            return 0
        return 1 if "array" in kinds and not shape.limits.get("minItems") else 2 + len(shape.required)

    def _descend(self, shape: Shape, place: Place) -> Any:
        """Sample what inherits from a schema instead of the schema that tells its heirs apart."""
        for heir in self.heirs(shape, place):
            try:
                return self.make(heir, place)
            except DeadEnd:
                continue
        return self._fill(shape, place)

    def heirs(self, shape: Shape, place: Place) -> list[Node]:
        if "discriminator" not in shape.notes or shape.identity is None or place.depth > _SHALLOW:
            return []
        heirs = self.shapes.heirs(shape.identity)
        return place.chance.child("|heir").shuffled(heirs)[:3] if heirs else []

    def _fill(self, shape: Shape, place: Place) -> Any:
        if shape.enum is not None:
            return _one_allowed(shape, place)
        likes = (*place.likes, *shape.examples)
        if place.is_first:
            written = [*likes, *shape.default]
            if written and _is_plain(written[0]) and self._could_be(shape, written[0]):
                return written[0]
        dead = DeadEnd("no type is left that all its parts allow")
        for kind in self._kinds(shape, place):
            try:
                return self._of_kind(kind, shape, place, likes)
            except DeadEnd as error:
                dead = error
        raise dead

    def _could_be(self, shape: Shape, value: Any) -> bool:
        return (type_of(value) in shape.types) and self.shapes.allows(shape, value)

    def _kinds(self, shape: Shape, place: Place) -> list[str]:
        kinds = meant(shape)
        order = [each for each in _ORDER if each in kinds and each != "null"]
        if "number" in order and "integer" in order:
            order.remove("integer")
        if len(order) > 1:
            order = place.chance.child("|type").shuffled(order)
        if place.effort == 2 or place.depth > _SHALLOW:
            order.sort(key=lambda each: each in ("object", "array"))
        if "null" in kinds:
            is_null = place.effort == 2 or (not place.is_first and place.chance.child("|null").happens(8))
            order.insert(0 if is_null else len(order), "null")
        return order

    def _of_kind(self, kind: str, shape: Shape, place: Place, likes: tuple[Any, ...]) -> Any:
        if kind == "null":
            return None
        if kind == "boolean":
            return place.chance.happens(60)
        if kind in ("integer", "number"):
            like = next((each for each in likes if type_of(each) in ("integer", "number")), None)
            moment = place.scene.moment(place.words, place.chance)
            is_any = place.effort == 2
            return number(shape, kind == "integer", place.words, moment, place.chance, like, is_any=is_any)
        if kind == "string":
            description = str(shape.notes.get("description", "")).lower()[:_MOST_READ]
            asked = Asked(place.words, words_of(place.noun), place.scene, place.chance, description)
            return text(shape, asked, likes, self.shapes.matches, is_any=place.effort == 2)
        if kind == "array":
            return array(self.shapes, self.make, self.fits, shape, place, likes)
        return self.members.object(shape, place, likes)


_ORDER = ("object", "array", "string", "number", "integer", "boolean", "null")


def _is_null(branch: Node) -> bool:
    return isinstance(branch, Mapping) and branch.get("type") in ("null", ["null"])


def _is_plain(value: Any) -> bool:
    return not isinstance(value, (dict, list))


def _one_allowed(shape: Shape, place: Place) -> Any:
    allowed = [each for each in shape.enum or () if each is not None] or [None]
    if place.is_first:
        for each in (*place.likes, *shape.examples, *shape.default):
            if any(same(each, one) for one in allowed):
                return each
        return allowed[0]
    return place.chance.pick(allowed)
