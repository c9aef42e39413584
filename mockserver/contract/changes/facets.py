"""What a schema says of the values of one kind, so that two schemas can be told apart by what they allow."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.contract.changes.limits import keeps, of_integers, tightest

Pointers = tuple[str, ...]
"""Schemas that hold together: a value keeps all that stand at these pointers. None: anything."""

KINDS_OF_VALUES = ("string", "number", "boolean", "array", "object", "null")


@dataclass(frozen=True)
class Group:
    """Alternatives that have values of the same kind, so that they stay apart."""

    keyword: str
    branches: tuple[Pointers, ...]


@dataclass(frozen=True)
class Facet:
    """
    What is said of the values of one kind; nothing, as it is made.

    ``values`` are the allowed ones, by their JSON. ``limits`` are numbers, or for ``minimum`` and ``maximum``
    pairs of a number and whether it is left out itself. ``additional`` is ``None`` where an object has no
    other properties. ``rules`` hold what is not looked into, by keyword. ``where`` has pointers by keyword.
    ``branch`` is the only alternative that all of it is from, if there is one.
    """

    values: Mapping[str, Any] | None = None
    is_whole: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    properties: Mapping[str, Pointers] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    additional: Pointers | None = ()
    items: Pointers = ()
    prefix: tuple[Pointers, ...] = ()
    groups: tuple[Group, ...] = ()
    rules: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict, compare=False)
    branch: Pointers = field(default=(), compare=False)


ANY = Facet()
NOTHING = Facet(values={})


def both(one: Facet, other: Facet) -> Facet:
    """Give what is said where both are said."""
    if one == ANY:
        return other
    if other == ANY:
        return one
    closed = one.additional is None or other.additional is None
    required = one.required | other.required
    if any(_property(each, name) is None for each in (one, other) for name in required):
        return NOTHING  # what one asks for, the other refuses
    found = Facet(
        values=_common(one.values, other.values),
        is_whole=one.is_whole or other.is_whole,
        limits=tightest(one.limits, other.limits),
        words={
            key: one.words.get(key, frozenset()) | other.words.get(key, frozenset())
            for key in {**one.words, **other.words}
        },
        properties=dict(_properties_of_both(one, other)),
        required=required,
        additional=None if closed else together(one.additional or (), other.additional or ()),
        items=together(one.items, other.items),
        prefix=tuple(
            together(_at(one.prefix, index), _at(other.prefix, index))
            for index in range(max(len(one.prefix), len(other.prefix)))
        ),
        groups=tuple(dict.fromkeys(one.groups + other.groups)),
        rules={
            key: (*one.rules.get(key, ()), *other.rules.get(key, ())) for key in {**one.rules, **other.rules}
        },
        where={**other.where, **one.where},
    )
    return settled(found)


def settled(facet: Facet) -> Facet:
    """Give the same said in one way: of listed values only those that keep the limits, and no limits."""
    if facet.values is not None:
        values = {key: value for key, value in facet.values.items() if allows(facet, value)}
        return replace(facet, values=values, limits={}, is_whole=False)
    if facet.is_whole or is_whole(facet.limits.get("multipleOf")):
        return replace(facet, limits=of_integers(facet.limits), is_whole=True)
    return facet


def allows(facet: Facet, value: Any) -> bool:
    """Tell whether a value is one of the listed, and within the limits; nothing else is looked at."""
    if facet.values is not None and key_of(value) not in facet.values:
        return False
    return (is_whole(value) or not facet.is_whole) and keeps(facet.limits, value)


def is_whole(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def either(keyword: str, branches: list[tuple[Pointers, Facet]]) -> Facet:
    """Give what is said where one of several is said: as one where that can be, else as a group of them."""
    (pointers, first), *rest = branches
    if not rest:
        return replace(first, branch=first.branch or pointers)
    if all(facet == first for _, facet in rest):
        return first if keyword == "anyOf" else NOTHING  # what fits all fits more than one
    if keyword == "anyOf" and any(facet == ANY for _, facet in branches):
        return ANY
    if all(facet.values is not None and replace(facet, values=None) == ANY for _, facet in branches):
        listed = [(key, value) for _, facet in branches for key, value in (facet.values or {}).items()]
        times = Counter(key for key, _ in listed)
        values = {key: value for key, value in listed if keyword == "anyOf" or times[key] == 1}
        return Facet(values=values, where=first.where)
    return Facet(groups=(Group(keyword, tuple(pointers for pointers, _ in branches)),))


def together(one: Pointers, other: Pointers) -> Pointers:
    return tuple(dict.fromkeys(one + other))


def kind_of(value: Any) -> str:
    """Give the kind that a JSON value is of."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, list):
        return "array"
    return "object" if isinstance(value, dict) else "string"


def key_of(value: Any) -> str:
    """Write a value so that equal ones are written alike; 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _properties_of_both(one: Facet, other: Facet) -> Iterator[tuple[str, Pointers]]:
    for name in {**one.properties, **other.properties}:
        ours, theirs = _property(one, name), _property(other, name)
        if ours is not None and theirs is not None:
            yield name, together(ours, theirs)


def _property(facet: Facet, name: str) -> Pointers | None:
    """Give what is said of a property; ``None`` where it is refused."""
    is_unknown = name not in facet.properties and "patternProperties" in facet.rules
    return () if is_unknown else facet.properties.get(name, facet.additional)


def _common(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if one is None or other is None:
        return other if one is None else one
    return {key: value for key, value in one.items() if key in other}


def _at(prefix: tuple[Pointers, ...], index: int) -> Pointers:
    return prefix[index] if index < len(prefix) else ()
