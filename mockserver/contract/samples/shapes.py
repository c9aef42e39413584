"""Read the schemas of a lowered document as shapes, each once."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from mockserver.contract.lowering import ROOT
from mockserver.contract.pointers import resolve
from mockserver.contract.samples.keywords import (
    last_name,
    list_in,
    mapped,
    only_required,
    own_shape,
    plain_pointer,
)
from mockserver.contract.samples.shape import Choice, DeadEnd, Matches, Node, Shape, is_whole, type_of

_DEEPEST = 60


class Shapes:
    """The shapes of one document's schemas; what is given to it is kept, so that it is known again."""

    def __init__(self, lowered: Any, matches: Matches) -> None:
        self._lowered = lowered
        self.matches = matches
        self._known: dict[int, tuple[Node, Shape | DeadEnd]] = {}
        self._joined: dict[tuple[int, ...], Node] = {}
        self._branched: dict[tuple[Any, ...], tuple[Shape | DeadEnd, Node]] = {}
        self._patterns: dict[str, Node] = {}
        self._members: dict[tuple[int, str], Node] = {}
        self._heirs: dict[str, list[Node]] | None = None

    def of(self, node: Node) -> Shape:
        """Give the shape of a schema. Raises DeadEnd where nothing can fit it."""
        known = self._known.get(id(node))
        if known is None:
            try:
                shape: Shape | DeadEnd = self._read(node, ())
            except DeadEnd as dead:
                shape = dead
            known = self._known[id(node)] = (node, shape)
        if isinstance(known[1], DeadEnd):
            raise DeadEnd(str(known[1]))
        return known[1]

    def joined(self, nodes: tuple[Node, ...]) -> Node:
        """Give one schema which says all that these say: always the same object for the same ones."""
        nodes = tuple(each for each in nodes if each is not True and each != {})
        if any(each is False for each in nodes):
            return False
        if len(nodes) < 2:
            return nodes[0] if nodes else True
        key = tuple(map(id, nodes))
        if key not in self._joined:
            self._joined[key] = {"allOf": list(nodes)}
        return self._joined[key]

    def settled(self, shape: Shape, index: int) -> Shape:
        """Give a shape whose first choice is made. Raises DeadEnd where nothing fits the branch."""
        return self._derived((id(shape), index), lambda: self._settle(shape, index), None)

    def _settle(self, shape: Shape, index: int) -> Shape:
        choice, *others = shape.choices
        branch = choice.branches[index]
        rest = _replaced(shape, choices=tuple(others))
        settled = rest.and_(self.of(branch))
        # A branch that inherits from what it is a branch of has the same choice once more.
        same = [each for each in settled.choices if _branch_ids(each) == _branch_ids(choice)]
        if same:
            settled = _replaced(settled, choices=tuple(e for e in settled.choices if e not in same))
        if choice.exclusive:
            taken = set(settled.required)
            banned = [only_required(each) - taken for at, each in enumerate(choice.branches) if at != index]
            settled = _replaced(settled, banned=settled.banned.union(*(sorted(each)[:1] for each in banned)))
        reference = branch.get("$ref") if isinstance(branch, dict) else None
        if choice.discriminator is not None and isinstance(reference, str):
            value = choice.mapping.get(reference, last_name(reference))
            fixed = {**settled.fixed, choice.discriminator: value}
            settled = _replaced(settled, fixed=fixed)
        return settled

    def with_part(self, shape: Shape, node: Node) -> Shape:
        """Give a shape to which one more schema is added. Raises DeadEnd where nothing fits both."""
        return self._derived((id(shape), id(node), "with"), lambda: shape.and_(self.of(node)), node)

    def conditioned(self, shape: Shape, *, holds: bool) -> Callable[[], Shape]:
        """Give a function that settles the first condition of a shape: it holds, or it does not."""

        def settle() -> Shape:
            (condition, then, otherwise), *others = shape.conditions
            rest = _replaced(shape, conditions=tuple(others))
            if not holds:
                banned = rest.banned | only_required(condition) if only_required(condition) else rest.banned
                return _replaced(rest, banned=banned).and_(self.of(otherwise))
            return rest.and_(self.of(condition)).and_(self.of(then))

        return lambda: self._derived((id(shape), holds, "if"), settle, None)

    def without_dependent(self, shape: Shape, name: str) -> Shape:
        """Give a shape without what it says of objects that have a property."""
        left = tuple(each for each in shape.dependent_schemas if each[0] != name)
        return self._derived((id(shape), name, "-"), lambda: _replaced(shape, dependent_schemas=left), None)

    def _derived(self, key: tuple[Any, ...], make: Callable[[], Shape], node: Node) -> Shape:
        if key not in self._branched:
            try:
                # Kept together with the node, since both are known by their identity.
                self._branched[key] = make(), node
            except DeadEnd as dead:
                self._branched[key] = dead, node
        found = self._branched[key][0]
        if isinstance(found, DeadEnd):
            raise DeadEnd(str(found))
        return found

    def allows(self, shape: Shape, value: Any) -> bool:
        """Tell whether a plain value is within the limits of a shape, as far as a glance tells."""
        if isinstance(value, str):
            low, high = shape.limits.get("minLength", 0), shape.limits.get("maxLength", len(value))
            return bool(low <= len(value) <= high) and all(
                self.matches(each, value) for each in shape.patterns
            )
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return bool(shape.limits.get("minimum", value) <= value <= shape.limits.get("maximum", value))
        return True

    def keys(self, pattern: str) -> Node:
        """Give a schema of the names that match a pattern: the same object for the same pattern."""
        return self._patterns.setdefault(pattern, {"type": "string", "pattern": pattern})

    def member(self, shape: Shape, name: str) -> Node:
        """Give the schema of one property of an object of some shape; ``False`` where it may not be."""
        key = (id(shape), name)
        if key in self._members:
            return self._members[key]
        nodes = list(shape.properties.get(name, ()))
        nodes += [node for pattern, node in shape.pattern_properties if self.matches(pattern, name)]
        if not nodes and not shape.closures and shape.unevaluated is not None:
            nodes.append(shape.unevaluated)
        nodes += [closure.schema for closure in shape.closures if closure.covers(name, self.matches)]
        found = self.joined(tuple(nodes))
        if name in shape.properties or name in shape.required:
            self._members[key] = found
        return found

    def element(self, shape: Shape, index: int) -> Node:
        """Give the schema of one item of an array of some shape."""
        nodes = [prefix[index] if index < len(prefix) else rest for prefix, rest in shape.arrays]
        return self.joined(tuple(nodes))

    def target(self, reference: str) -> Node:
        """Give the schema that a reference leads to. Raises DeadEnd where there is none."""
        fragment = unquote(reference.removeprefix(ROOT).removeprefix("#"))
        try:
            return resolve(self._lowered, fragment, follow=False)
        except (LookupError, ValueError, TypeError):
            raise DeadEnd(f"{reference.removeprefix(ROOT)} refers to nothing") from None

    def heirs(self, reference: str) -> list[Node]:
        """Give the component schemas that inherit, by ``allOf``, from the one at a reference."""
        if self._heirs is None:
            self._heirs = {}
            schemas = self._lowered.get("components", {}).get("schemas", {})
            for name, schema in schemas.items():
                node = {
                    "$ref": f"{ROOT}#/components/schemas/{quote(name.replace('~', '~0').replace('/', '~1'))}"
                }
                for part in _parts(schema):
                    if isinstance(part.get("$ref"), str):
                        self._heirs.setdefault(plain_pointer(part["$ref"]), []).append(node)
        return self._heirs.get(plain_pointer(reference), [])

    def _read(self, node: Node, seen: tuple[str, ...]) -> Shape:
        if node is True:
            return Shape()
        if not isinstance(node, dict):
            raise DeadEnd("its schema is false, which nothing fits")
        if len(seen) > _DEEPEST:
            raise DeadEnd("its schema refers to itself")
        shape = own_shape(node)
        for keyword in ("$ref", "$dynamicRef"):
            reference = node.get(keyword)
            if isinstance(reference, str):
                if reference in seen:
                    continue  # says nothing that is not said already
                target = self.target(reference)
                inner = self._read(target, (*seen, reference))
                is_alias = isinstance(target, dict) and "$ref" in target
                identity = inner.identity if is_alias else plain_pointer(reference)
                references = (plain_pointer(reference), *shape.references, *inner.references)
                shape = _replaced(shape.and_(inner), references=references, identity=identity)
        parts = [self._read(part, seen) for part in list_in(node.get("allOf"))]
        for part in parts:
            shape = shape.and_(part)
        if len(parts) == 1 and not shape.identity and "properties" not in node:
            shape = _replaced(shape, identity=parts[0].identity)
        fixed = _inherited(shape)
        if fixed:
            shape = _replaced(shape, fixed={**shape.fixed, **fixed})
        return _enumerated(shape)


def _branch_ids(choice: Choice) -> tuple[int, ...]:
    return tuple(map(id, choice.branches))


def _replaced(shape: Shape, **changes: Any) -> Shape:
    values = {name: getattr(shape, name) for name in Shape.__dataclass_fields__}
    return Shape(**{**values, **changes})


def _enumerated(shape: Shape) -> Shape:
    """Leave only those allowed values that are of an allowed type."""
    if shape.enum is None:
        return shape
    left = tuple(each for each in shape.enum if type_of(each) in shape.types or is_whole(each, shape.types))
    if not left:
        raise DeadEnd("none of its allowed values is of an allowed type")
    return _replaced(shape, enum=left)


def _inherited(shape: Shape) -> Mapping[str, str]:
    """Give what an heir says of itself in the property that its ancestor tells heirs apart by."""
    discriminator = shape.notes.get("discriminator")
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    own = shape.identity
    if not isinstance(name, str) or own is None or shape.choices:
        return {}
    values = [value for value, reference in mapped(discriminator).items() if plain_pointer(reference) == own]
    return {name: values[0] if values else last_name(own)}


def _parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Give the parts of a schema's ``allOf``."""
    for each in list_in(schema.get("allOf")) if isinstance(schema, dict) else ():
        if isinstance(each, dict):
            yield each
