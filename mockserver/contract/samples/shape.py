"""One schema with all that it refers to, and all its parts, merged into one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Node = Any
"""A schema as it stands in the lowered document: a mapping or a boolean."""

Matches = Callable[[str, str], bool]
"""Tells whether a text has a match of a pattern: the pattern first."""

TYPES = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})


class DeadEnd(Exception):
    """
    Nothing can be made for a schema, or not here; the nodes around it may do without.

    ``nodes`` are the schemas for which nothing could be made, from the inside out.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.nodes: list[Node] = []


@dataclass(frozen=True, eq=False)
class Choice:
    """Branches of which one is to be taken; ``mapping`` gives a discriminator's value by reference."""

    branches: tuple[Node, ...]
    exclusive: bool
    discriminator: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Closure:
    """One schema's word on the properties that it does not name."""

    names: frozenset[str]
    patterns: tuple[str, ...]
    schema: Node

    def covers(self, name: str, matches: Matches) -> bool:
        return name not in self.names and not any(matches(each, name) for each in self.patterns)


@dataclass(frozen=True, eq=False)
class Shape:
    """
    All keywords that hold for one value, merged.

    ``identity`` is the pointer of the schema that this is, whatever refers to it; what it inherits from is
    in ``references`` only. Sub-schemas stay as they are, and are merged when they are asked for: schemas may
    contain themselves.
    """

    types: frozenset[str] = TYPES
    stated: bool = False
    enum: tuple[Any, ...] | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    multiples: tuple[Any, ...] = ()
    patterns: tuple[str, ...] = ()
    unique: bool = False
    properties: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    pattern_properties: tuple[tuple[str, Node], ...] = ()
    closures: tuple[Closure, ...] = ()
    unevaluated: Node = None
    required: tuple[str, ...] = ()
    banned: frozenset[str] = frozenset()
    arrays: tuple[tuple[tuple[Node, ...], Node], ...] = ()
    contains: tuple[tuple[Node, int, int | None], ...] = ()
    names: tuple[Node, ...] = ()
    dependents: tuple[tuple[str, tuple[str, ...]], ...] = ()
    dependent_schemas: tuple[tuple[str, Node], ...] = ()
    choices: tuple[Choice, ...] = ()
    conditions: tuple[tuple[Node, Node, Node], ...] = ()
    nots: tuple[Node, ...] = ()
    # What is no assertion: how the value is meant.
    format: str | None = None
    examples: tuple[Any, ...] = ()
    default: tuple[Any, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    identity: str | None = None
    tricky: bool = False

    def and_(self, other: "Shape") -> "Shape":
        """Give the shape of what fits both."""
        types = self.types & other.types
        if "number" in self.types and "integer" in other.types:
            types |= {"integer"}
        if "integer" in self.types and "number" in other.types:
            types |= {"integer"}
        if not types:
            raise DeadEnd("no type is left that all its parts allow")
        enum = self.enum if other.enum is None else other.enum
        if self.enum is not None and other.enum is not None:
            enum = tuple(each for each in self.enum if any(same(each, one) for one in other.enum))
        if enum is not None:
            enum = tuple(each for each in enum if type_of(each) in types or is_whole(each, types))
            if not enum:
                raise DeadEnd("no value is left that all its parts allow")
        properties = dict(self.properties)
        for name, nodes in other.properties.items():
            properties[name] = (*properties.get(name, ()), *nodes)
        return replace(
            self,
            types=types,
            stated=self.stated or other.stated,
            enum=enum,
            limits=_tightest(self.limits, other.limits),
            multiples=self.multiples + other.multiples,
            patterns=self.patterns + other.patterns,
            unique=self.unique or other.unique,
            properties=properties,
            pattern_properties=self.pattern_properties + other.pattern_properties,
            closures=self.closures + other.closures,
            unevaluated=other.unevaluated if self.unevaluated is None else self.unevaluated,
            required=tuple(dict.fromkeys(self.required + other.required)),
            banned=self.banned | other.banned,
            arrays=self.arrays + other.arrays,
            contains=self.contains + other.contains,
            names=self.names + other.names,
            dependents=self.dependents + other.dependents,
            dependent_schemas=self.dependent_schemas + other.dependent_schemas,
            choices=self.choices + other.choices,
            conditions=self.conditions + other.conditions,
            nots=self.nots + other.nots,
            format=self.format or other.format,
            examples=self.examples + other.examples,
            default=self.default or other.default,
            fixed={**other.fixed, **self.fixed},
            notes={**other.notes, **self.notes},
            references=self.references + other.references,
            tricky=self.tricky or other.tricky,
        )


_LARGER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")


def _tightest(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    limits = dict(one)
    for key, limit in other.items():
        if key in limits:
            limit = max(limits[key], limit) if key in _LARGER else min(limits[key], limit)
        limits[key] = limit
    return limits


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal; ``true`` is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def is_whole(value: Any, types: frozenset[str]) -> bool:
    return isinstance(value, float) and value.is_integer() and "integer" in types


def type_of(value: Any) -> str:
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    return "null"


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)
