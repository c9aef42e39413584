"""Make an item fit a schema: what it has is kept, what it lacks is sampled."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver.contract.samples.maker import Maker
from mockserver.contract.samples.objects import depth_of, noun_of
from mockserver.contract.samples.place import Place, depth_within
from mockserver.contract.samples.scene import Scene
from mockserver.contract.samples.shape import DeadEnd, Node, Shape, type_of

_MARK = "x-mock"
_DEEPEST = 60
_MOST_OVERLAID = 200


class Completer:
    """Completes values for the schemas of one document in one direction."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self._shapes = maker.shapes
        self._members = maker.members
        self._plans: dict[int, tuple[Shape, frozenset[str], tuple[str, ...]]] = {}

    def lacks(self, node: Node, value: Any, depth: int = 0) -> bool:
        """Tell whether there is anything to fill: what is asked of every item, most of which lack nothing."""
        if not isinstance(value, (dict, list)) or depth > _DEEPEST:
            return False
        shape = self._settled(node, value)
        if isinstance(value, list):
            element = self._shapes.element
            return any(self.lacks(element(shape, index), each, depth) for index, each in enumerate(value))
        names, nested = self._plan(shape)
        if value.keys() != names and self._lacks_names(shape, value, names, depth):
            return True
        member, within = self._shapes.member, depth_within(depth, len(shape.properties))
        return any(self.lacks(member(shape, name), value[name], within) for name in nested if value.get(name))

    def _lacks_names(self, shape: Shape, value: dict[str, Any], names: frozenset[str], depth: int) -> bool:
        wanted = names if depth_of(shape, depth) < 2 else shape.required
        return any(name not in value for name in wanted) or any(
            name.startswith(_MARK) or (name in shape.properties and name not in names) for name in value
        )

    def fill(self, node: Node, value: Any, place: Place) -> Any:
        """Add what a value lacks, and leave out what its sender may not send; the rest is not looked at."""
        if not isinstance(value, (dict, list)) or place.level > _DEEPEST:
            return value
        shape = self._settled(node, value)
        if isinstance(value, list):
            return [
                self.fill(self._shapes.element(shape, index), each, place.element(index, ()))
                for index, each in enumerate(value)
            ]
        names, nested = self._plan(shape)
        kept = {
            name: each
            for name, each in value.items()
            if not name.startswith(_MARK) and (name not in shape.properties or name in names)
        }
        if self._lacks_names(shape, kept, names, place.depth):
            kept = self._members.complete(shape, kept, place)
        noun = noun_of(shape, place)
        for name in nested:
            if value.get(name):
                inner = place.member(name, noun, place.scene, (), len(shape.properties))
                kept[name] = self.fill(self._shapes.member(shape, name), value[name], inner)
        return kept

    def _plan(self, shape: Shape) -> tuple[frozenset[str], tuple[str, ...]]:
        """Give the properties that an object of a shape had better have, and those that may lack some."""
        found = self._plans.get(id(shape))
        if found is None:
            names = [each for each in shape.properties if self._members.is_visible(shape, each)]
            names += [each for each in shape.required if each not in names]
            nested = [each for each in names if self._may_lack(self._shapes.member(shape, each))]
            found = self._plans[id(shape)] = shape, frozenset(names), tuple(nested)
        return found[1], found[2]

    def _may_lack(self, node: Node) -> bool:
        try:
            shape = self._shapes.of(node)
        except DeadEnd:
            return False
        return bool(shape.types & {"object", "array"}) and bool(
            shape.properties or shape.arrays or shape.choices or shape.required or shape.closures
        )

    def _settled(self, node: Node, value: Any) -> Shape:
        """Give the shape of a schema with those branches taken that fit a value best."""
        shape = self._shapes.of(node)
        heir = self._heir(shape, value)
        if heir is not None:
            shape = self._shapes.of(heir)
        while shape.choices:
            branches = shape.choices[0].branches
            order = sorted(range(len(branches)), key=lambda at: self._misfit(shape, at, value))
            shape = self._first(shape, order)
        while shape.conditions:
            holds = self._maker.fits(shape.conditions[0][0], value)
            shape = self._shapes.conditioned(shape, holds=holds)()
        return shape

    def _first(self, shape: Shape, order: list[int]) -> Shape:
        for index in order:
            try:
                return self._shapes.settled(shape, index)
            except DeadEnd:
                continue
        raise DeadEnd("none of its branches can be taken")

    def _misfit(self, shape: Shape, index: int, value: Any) -> float:
        """Tell how badly a value fits a branch: not at all, or by what it lacks and has too much."""
        branch = shape.choices[0].branches[index]
        if self._maker.fits(branch, value):
            return 0 if not isinstance(value, dict) else self._foreign(branch, value) / 1000
        try:
            settled = self._shapes.settled(shape, index)
        except DeadEnd:
            return 1e9
        if type_of(value) not in settled.types:
            return 1e6
        if not isinstance(value, dict):
            return 1
        other: int = sum(value.get(name) != wanted for name, wanted in settled.fixed.items() if name in value)
        lacks: int = sum(name not in value for name in settled.required)
        return 1 + 1000 * other + lacks + self._foreign(branch, value)

    def _foreign(self, branch: Node, value: dict[str, Any]) -> int:
        try:
            return sum(name not in self._shapes.of(branch).properties for name in value)
        except DeadEnd:
            return len(value)

    def _heir(self, shape: Shape, value: Any) -> Node | None:
        """Find what a value says to be, where a schema's heirs are told apart by a property."""
        if "discriminator" not in shape.notes or shape.identity is None or not isinstance(value, dict):
            return None
        for heir in self._shapes.heirs(shape.identity):
            try:
                fixed = self._shapes.of(heir).fixed
            except DeadEnd:
                continue
            if fixed and all(value.get(name) == wanted for name, wanted in fixed.items()):
                return heir
        return None

    def mend(self, node: Node, value: Any, place: Place) -> Any:
        """Give a value that fits, with as much as can be kept. Raises DeadEnd where nothing fits."""
        if node is False:
            raise DeadEnd("its schema is false, which nothing fits")
        if place.depth > _DEEPEST:
            return value
        fits = self._maker.fits
        if fits(node, value):
            filled = self.fill(node, value, place) if place.effort == 0 else value
            if fits(node, filled):
                return filled
            if place.effort == 0:
                return value
        if isinstance(value, dict):
            mended: Any = self._mend_object(node, value, place)
        elif isinstance(value, list):
            mended = self._mend_items(node, value, place)
        else:
            mended = next((each for each in _read_otherwise(value) if fits(node, each)), None)
        if mended is not None and fits(node, mended):
            return mended
        return self._maker.make(node, place)

    def _mend_object(self, node: Node, value: dict[str, Any], place: Place) -> Any:
        shape = self._settled(node, value)
        if "object" not in shape.types:
            return None
        noun, kept = noun_of(shape, place), {}
        scene = Scene(place.chance, value, shape.properties)
        for name, each in value.items():
            inner = self._shapes.member(shape, name)
            if name.startswith(_MARK) or inner is False or name in shape.banned:
                continue
            is_declared = name in shape.properties and name not in shape.required
            if is_declared and not self._members.is_visible(shape, name):
                continue
            if name in shape.fixed and each != shape.fixed[name] and not self._maker.fits(inner, each):
                continue
            try:
                kept[name] = self.mend(
                    inner, each, place.member(name, noun, scene, (), len(shape.properties))
                )
            except DeadEnd:
                continue
        for effort in range(place.effort, 3):
            try:
                completed = self._members.complete(shape, kept, replace(place, effort=effort))
            except DeadEnd:
                continue
            if self._maker.fits(node, completed):
                return completed
        return self._fewer(node, shape, kept)

    def _fewer(self, node: Node, shape: Shape, kept: dict[str, Any]) -> Any:
        """Leave out, one after another, what is not required, from the last to the first."""
        left = dict(kept)
        for name in reversed([*kept]):
            if self._maker.fits(node, left):
                break
            if name not in shape.required:
                del left[name]
        return left

    def _mend_items(self, node: Node, value: list[Any], place: Place) -> Any:
        shape = self._settled(node, value)
        if "array" not in shape.types:
            return None
        items: list[Any] = []
        for index, each in enumerate(value):
            inner = self._shapes.element(shape, len(items))
            try:
                item = self.mend(inner, each, place.element(index, ()))
            except DeadEnd:
                continue
            if not shape.unique or item not in items:
                items.append(item)
        if (highest := shape.limits.get("maxItems")) is not None:
            items = items[: int(highest)]
        for index in range(len(items), int(shape.limits.get("minItems", 0))):
            items.append(
                self._maker.make(self._shapes.element(shape, index), place.element(1000 + index, ()))
            )
        return items

    def overlaid(self, is_valid: Callable[[Any], bool], sample: Any, value: Any) -> Any:
        """Give a sample with as many properties of a value as it takes, one after another."""
        if isinstance(sample, dict) and isinstance(value, dict):
            for name, each in [*value.items()][:_MOST_OVERLAID]:
                candidate = {**sample, name: each}
                if not name.startswith(_MARK) and is_valid(candidate):
                    sample = candidate
        return sample


def _read_otherwise(value: Any) -> list[Any]:
    """Give what else a plain value may be written as: a number as a text, or the other way round."""
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, (int, float)):
        whole = [int(value)] if isinstance(value, float) and value.is_integer() else []
        return [*whole, str(value)]
    if isinstance(value, str) and len(value) < 20:
        try:
            return [int(value)]
        except ValueError:
            return []
    return []
