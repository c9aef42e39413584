"""Read what one schema itself says, without the schemas that it refers to."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from mockserver.contract.lowering import ROOT
from mockserver.contract.samples.shape import TYPES, Choice, Closure, Node, Shape, type_of

_LIMITS = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)
_NOTES = (
    *("title", "description", "readOnly", "writeOnly", "deprecated", "contentEncoding", "contentMediaType"),
)


def own_shape(node: Mapping[str, Any]) -> Shape:
    """Read a schema's keywords, without those that bring other schemas in."""
    types, stated = _types(node)
    properties = _mapping(node.get("properties"))
    patterns = _mapping(node.get("patternProperties"))
    closures: tuple[Closure, ...] = ()
    if "additionalProperties" in node:
        closures = (Closure(frozenset(properties), tuple(patterns), node["additionalProperties"]),)
    enum: list[Any] | None = list_in(node["enum"]) if "enum" in node else None
    if "const" in node:
        enum = [node["const"]]
    examples = list_in(node.get("examples"))
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
        required=tuple(each for each in list_in(node.get("required")) if isinstance(each, str)),
        banned=frozenset(_banned(node.get("not"))),
        arrays=_arrays(node),
        contains=_contains(node),
        names=(node["propertyNames"],) if "propertyNames" in node else (),
        dependents=tuple(
            (name, tuple(each)) for name, each in _mapping(node.get("dependentRequired")).items()
        ),
        dependent_schemas=tuple(_mapping(node.get("dependentSchemas")).items()),
        choices=tuple(_choices(node)),
        conditions=((node["if"], node.get("then", True), node.get("else", True)),) if "if" in node else (),
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
        or _overlaps(node.get("oneOf")),
    )


def _choices(node: Mapping[str, Any]) -> Iterator[Choice]:
    discriminator = node.get("discriminator")
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    mapping = mapped(discriminator)
    for keyword in ("oneOf", "anyOf"):
        branches = node.get(keyword)
        if isinstance(branches, list) and branches:
            yield Choice(
                tuple(branches),
                keyword == "oneOf",
                name if isinstance(name, str) else None,
                {reference: value for value, reference in reversed(mapping.items())},
            )


def _overlaps(branches: Any) -> bool:
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


def mapped(discriminator: Any) -> dict[str, str]:
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    found = {}
    for value, reference in _mapping(mapping).items():
        if isinstance(reference, str):
            is_name = "/" not in reference and "#" not in reference
            found[value] = f"{ROOT}#/components/schemas/{reference}" if is_name else _absolute(reference)
    return found


def _absolute(reference: str) -> str:
    return f"{ROOT}{reference}" if reference.startswith("#") else reference


def plain_pointer(reference: str) -> str:
    """Give the pointer that a reference writes."""
    return unquote(reference.removeprefix(ROOT).removeprefix("#"))


def last_name(reference: str) -> str:
    return plain_pointer(reference).rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def only_required(branch: Node) -> set[str]:
    """Give what a branch requires, if that is all it says."""
    if isinstance(branch, dict) and branch.keys() <= {"required", "type", "title", "description"}:
        return {each for each in list_in(branch.get("required")) if isinstance(each, str)}
    return set()


def _banned(refused: Any) -> Iterator[str]:
    """Give a property for each way to be refused that consists in having properties."""
    if isinstance(refused, dict):
        required = only_required(refused)
        if required:
            yield sorted(required)[-1]
        elif refused.keys() == {"anyOf"}:
            for each in list_in(refused["anyOf"]):
                yield from _banned(each)


def _arrays(node: Mapping[str, Any]) -> tuple[tuple[tuple[Node, ...], Node], ...]:
    prefix, items = list_in(node.get("prefixItems")), node.get("items", True)
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


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def list_in(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
