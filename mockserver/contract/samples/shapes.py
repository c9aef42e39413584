"""Read the schemas of a lowered document as shapes, each once."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from mockserver.contract.lowering import ROOT
from mockserver.contract.pointers import resolve
from mockserver.contract.samples.shape import (
    TYPES,
    Choice,
    Closure,
    DeadEnd,
    Node,
    Shape,
    is_whole,
    matches,
    type_of,
)

_LIMITS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)
_NOTES = (
    *("title", "description", "readOnly", "writeOnly", "deprecated", "contentEncoding", "contentMediaType"),
)
_DEEPEST = 60


class Shapes:
    """The shapes of one document's schemas; what is given to it is kept, so that it is known again."""

    def __init__(self, lowered: Any) -> None:
        self._lowered = lowered
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
            raise DeadEnd(*known[1].args)
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
            banned = [_only_required(each) - taken for at, each in enumerate(choice.branches) if at != index]
            settled = _replaced(settled, banned=settled.banned.union(*(sorted(each)[:1] for each in banned)))
        reference = branch.get("$ref") if isinstance(branch, dict) else None
        if choice.discriminator is not None and isinstance(reference, str):
            value = choice.mapping.get(reference, _last_name(reference))
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
                banned = rest.banned | _only_required(condition) if _only_required(condition) else rest.banned
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
            raise DeadEnd(*found.args)
        return found

    def allows(self, shape: Shape, value: Any) -> bool:
        """Tell whether a plain value is within the limits of a shape, as far as a glance tells."""
        if isinstance(value, str):
            low, high = shape.limits.get("minLength", 0), shape.limits.get("maxLength", len(value))
            return bool(low <= len(value) <= high) and all(matches(each, value) for each in shape.patterns)
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
        nodes += [node for pattern, node in shape.pattern_properties if matches(pattern, name)]
        if not nodes and not shape.closures and shape.unevaluated is not None:
            nodes.append(shape.unevaluated)
        nodes += [closure.schema for closure in shape.closures if closure.covers(name)]
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
                        self._heirs.setdefault(_plain(part["$ref"]), []).append(node)
        return self._heirs.get(_plain(reference), [])

    def _read(self, node: Node, seen: tuple[str, ...]) -> Shape:
        if node is True:
            return Shape()
        if not isinstance(node, dict):
            raise DeadEnd("its schema is false, which nothing fits")
        if len(seen) > _DEEPEST:
            raise DeadEnd("its schema refers to itself")
        shape = self._own(node)
        for keyword in ("$ref", "$dynamicRef"):
            reference = node.get(keyword)
            if isinstance(reference, str):
                if reference in seen:
                    continue  # says nothing that is not said already
                target = self.target(reference)
                inner = self._read(target, (*seen, reference))
                is_alias = isinstance(target, dict) and "$ref" in target
                identity = inner.identity if is_alias else _plain(reference)
                references = (_plain(reference), *shape.references, *inner.references)
                shape = _replaced(shape.and_(inner), references=references, identity=identity)
        parts = [self._read(part, seen) for part in _list(node.get("allOf"))]
        for part in parts:
            shape = shape.and_(part)
        if len(parts) == 1 and not shape.identity and "properties" not in node:
            shape = _replaced(shape, identity=parts[0].identity)
        fixed = _inherited(shape)
        if fixed:
            shape = _replaced(shape, fixed={**shape.fixed, **fixed})
        return _enumerated(shape)

    def _own(self, node: Mapping[str, Any]) -> Shape:
        """Read a schema's keywords, without those that bring other schemas in."""
        types, stated = _types(node)
        properties = _mapping(node.get("properties"))
        patterns = _mapping(node.get("patternProperties"))
        closures: tuple[Closure, ...] = ()
        if "additionalProperties" in node:
            closures = (Closure(frozenset(properties), tuple(patterns), node["additionalProperties"]),)
        enum: list[Any] | None = _list(node["enum"]) if "enum" in node else None
        if "const" in node:
            enum = [node["const"]]
        examples = _list(node.get("examples"))
        unevaluated = node.get("unevaluatedProperties")
        return Shape(
            types=types,
            stated=stated,
            enum=None if enum is None else tuple(enum),
            limits={key: node[key] for key in _LIMITS if _is_number(node.get(key))},
            multiples=(node["multipleOf"],) if _is_number(node.get("multipleOf")) else (),
            patterns=(node["pattern"],) if isinstance(node.get("pattern"), str) else (),
            unique=node.get("uniqueItems") is True,
            properties={name: (each,) for name, each in properties.items()},
            pattern_properties=tuple(patterns.items()),
            closures=closures,
            unevaluated=unevaluated if isinstance(unevaluated, (dict, bool)) else None,
            required=tuple(each for each in _list(node.get("required")) if isinstance(each, str)),
            banned=frozenset(_banned(node.get("not"))),
            arrays=_arrays(node),
            contains=_contains(node),
            names=(node["propertyNames"],) if "propertyNames" in node else (),
            dependents=tuple(
                (name, tuple(each)) for name, each in _mapping(node.get("dependentRequired")).items()
            ),
            dependent_schemas=tuple(_mapping(node.get("dependentSchemas")).items()),
            choices=tuple(self._choices(node)),
            conditions=((node["if"], node.get("then", True), node.get("else", True)),)
            if "if" in node
            else (),
            nots=(node["not"],) if "not" in node else (),
            format=node["format"] if isinstance(node.get("format"), str) else None,
            examples=(node["example"], *examples) if "example" in node else tuple(examples),
            default=(node["default"],) if "default" in node else (),
            notes={
                **{key: node[key] for key in _NOTES if key in node},
                **({"discriminator": node["discriminator"]} if "discriminator" in node else {}),
            },
            tricky=not node.keys().isdisjoint(
                ("not", "if", "contains", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems")
            )
            or self._overlaps(node.get("oneOf")),
        )

    def _choices(self, node: Mapping[str, Any]) -> Iterator[Choice]:
        discriminator = node.get("discriminator")
        name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
        mapping = _mapped(discriminator)
        for keyword in ("oneOf", "anyOf"):
            branches = node.get(keyword)
            if isinstance(branches, list) and branches:
                yield Choice(
                    tuple(branches),
                    keyword == "oneOf",
                    name if isinstance(name, str) else None,
                    {reference: value for value, reference in reversed(mapping.items())},
                )

    def _overlaps(self, branches: Any) -> bool:
        """Tell whether one value may fit two of the branches, as far as their types say."""
        seen: set[str] = set()
        for branch in branches if isinstance(branches, list) else ():
            types = branch.get("type") if isinstance(branch, dict) else None
            if branch.get("$ref") if isinstance(branch, dict) else None:
                types = "object" if len(branches) == 2 and {"type": "null"} in branches else None
            if not isinstance(types, str) or types in seen:
                return True
            seen.add(types)
        return seen >= {"integer", "number"}


def _branch_ids(choice: Choice) -> tuple[int, ...]:
    return tuple(map(id, choice.branches))


def _replaced(shape: Shape, **changes: Any) -> Shape:
    values = {name: getattr(shape, name) for name in Shape.__dataclass_fields__}
    return Shape(**{**values, **changes})


def _types(node: Mapping[str, Any]) -> tuple[frozenset[str], bool]:
    types = node.get("type")
    if isinstance(types, str):
        types = [types]
    if isinstance(types, list):
        found = frozenset(each for each in types if isinstance(each, str)) & TYPES
        if "number" in found:
            found |= {"integer"}
        return found - _refused(node), True
    return TYPES - _refused(node), bool(_refused(node))


def _refused(node: Mapping[str, Any]) -> frozenset[str]:
    """Give the types that a schema refuses in so many words."""
    refused = node.get("not")
    if not isinstance(refused, dict) or refused.keys() != {"type"}:
        return frozenset()
    types = refused["type"] if isinstance(refused["type"], list) else [refused["type"]]
    return frozenset(types) | (frozenset({"integer"}) if "number" in types else frozenset())


def meant(node: Shape) -> frozenset[str]:
    """Give the types that a shape speaks of, where it does not state one."""
    if node.stated:
        return node.types
    kinds = set()
    if node.properties or node.required or node.closures or node.pattern_properties or node.names:
        kinds.add("object")
    if "minProperties" in node.limits or node.dependents or node.unevaluated is not None:
        kinds.add("object")
    if node.arrays or node.contains or node.unique or node.limits.keys() & {"minItems", "maxItems"}:
        kinds.add("array")
    if node.patterns or node.limits.keys() & {"minLength", "maxLength"} or node.format:
        kinds.add("string")
    if node.multiples or node.limits.keys() & {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}:
        kinds.add("number")
    if not kinds and node.examples:
        kinds = {type_of(node.examples[0])}
    if not kinds and node.default:
        kinds = {type_of(node.default[0])}
    return frozenset(kinds or {"string"}) & node.types or node.types


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
    values = [value for value, reference in _mapped(discriminator).items() if _plain(reference) == own]
    return {name: values[0] if values else _last_name(own)}


def _mapped(discriminator: Any) -> dict[str, str]:
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    found = {}
    for value, reference in _mapping(mapping).items():
        if isinstance(reference, str):
            is_name = "/" not in reference and "#" not in reference
            found[value] = f"{ROOT}#/components/schemas/{reference}" if is_name else _absolute(reference)
    return found


def _absolute(reference: str) -> str:
    return f"{ROOT}{reference}" if reference.startswith("#") else reference


def _plain(reference: str) -> str:
    """Give the pointer that a reference writes."""
    return unquote(reference.removeprefix(ROOT).removeprefix("#"))


def _last_name(reference: str) -> str:
    return _plain(reference).rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _only_required(branch: Node) -> set[str]:
    """Give what a branch requires, if that is all it says."""
    if isinstance(branch, dict) and branch.keys() <= {"required", "type", "title", "description"}:
        return {each for each in _list(branch.get("required")) if isinstance(each, str)}
    return set()


def _banned(refused: Any) -> Iterator[str]:
    """Give a property for each way to be refused that consists in having properties."""
    if isinstance(refused, dict):
        required = _only_required(refused)
        if required:
            yield sorted(required)[-1]
        elif refused.keys() == {"anyOf"}:
            for each in _list(refused["anyOf"]):
                yield from _banned(each)


def _arrays(node: Mapping[str, Any]) -> tuple[tuple[tuple[Node, ...], Node], ...]:
    prefix, items = _list(node.get("prefixItems")), node.get("items", True)
    if isinstance(items, list):  # as drafts before 2020-12 say it
        prefix, items = items, node.get("additionalItems", True)
    if "unevaluatedItems" in node and "items" not in node:
        items = node["unevaluatedItems"]
    return ((tuple(prefix), items),) if prefix or items is not True else ()


def _contains(node: Mapping[str, Any]) -> tuple[tuple[Node, int, int | None], ...]:
    if "contains" not in node:
        return ()
    least, most = node.get("minContains", 1), node.get("maxContains")
    return ((node["contains"], int(least), int(most) if most is not None else None),)


def _parts(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Give the parts of a schema's ``allOf``."""
    for each in _list(schema.get("allOf")) if isinstance(schema, dict) else ():
        if isinstance(each, dict):
            yield each


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
