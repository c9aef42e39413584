"""Schemas seen by what they allow, whatever words they say it in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.contract.changes.facets import (
    ANY,
    KINDS_OF_VALUES,
    NOTHING,
    Facet,
    Pointers,
    both,
    either,
    key_of,
    kind_of,
    settled,
)
from mockserver.contract.changes.limits import is_finite
from mockserver.contract.loading.keywords import SCHEMAS_BY_NAME
from mockserver.contract.operation import Contract
from mockserver.contract.pointers import escape, pointer_of, resolve

_SIZES = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
_WORDS = {"string": ("pattern", "format"), "number": ("format",)}
_ENCODINGS = {"base64": "byte"}
# What is compared as it is written, without being looked into; an ``if`` has its branches with it.
_RULES: Mapping[str, tuple[str, ...]] = {
    "not": KINDS_OF_VALUES,
    "if": KINDS_OF_VALUES,
    **dict.fromkeys(("contains", "minContains", "maxContains", "unevaluatedItems"), ("array",)),
    **dict.fromkeys(("patternProperties", "propertyNames", "dependentRequired"), ("object",)),
    **dict.fromkeys(("dependentSchemas", "unevaluatedProperties"), ("object",)),
}
WORDING = ("title", "description", "example", "examples")
_NOTES = ("default", "deprecated", "discriminator", *WORDING)
_FLAGS = ("readOnly", "writeOnly")
_TELLING = {"type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf"}


@dataclass(frozen=True)
class View:
    """
    What schemas that hold together allow: of each kind of values that they allow at all, what is said of it.

    ``pointer`` leads to where the first of them stands. ``notes`` are what they say besides, each with its
    pointer; ``flags`` are ``readOnly`` and ``writeOnly``.
    """

    pointer: str
    kinds: Mapping[str, Facet]
    notes: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()

    @property
    def is_anything(self) -> bool:
        return len(self.kinds) == len(KINDS_OF_VALUES) and all(each == ANY for each in self.kinds.values())


class Views:
    """The schemas of one contract, each seen once."""

    def __init__(self, contract: Contract) -> None:
        self.data: Mapping[str, Any] = contract.data
        self._is_3_0 = contract.dialect == "3.0"
        self._seen: dict[str, View] = {}
        self._led: dict[str, str] = {}
        self._known: dict[Pointers, View] = {}
        self._busy: set[str] = set()
        self._cut: set[str] = set()

    def of(self, pointers: Pointers) -> View:
        """See what stands at pointers, all of which hold."""
        view = self._known.get(pointers)
        if view is None:
            view = View(pointers[0] if pointers else "", _anything())
            for index, pointer in enumerate(pointers):
                view = _both(view, self._at(pointer)) if index else self._at(pointer)
            self._known[pointers] = view
        return view

    def settle(self, pointers: Pointers) -> Pointers:
        """Give the pointers to what is written in full, where references say nothing of their own."""
        return tuple(dict.fromkeys(map(self.follow, pointers)))

    def follow(self, pointer: str) -> str:
        """Give where that stands to which a mere reference leads."""
        if pointer not in self._led:
            self._led[pointer] = self._follow(pointer)
        return self._led[pointer]

    def _follow(self, pointer: str) -> str:
        passed = set()
        while pointer not in passed:
            passed.add(pointer)
            schema = self._schema(pointer)
            if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
                break
            if len(schema) > 1 and not self._is_3_0:
                break
            pointer = pointer_of(schema["$ref"])
        return pointer

    def _schema(self, pointer: str) -> Any:
        try:
            return resolve(self.data, pointer, follow=False)
        except (LookupError, ValueError, TypeError):
            return True

    def _at(self, pointer: str) -> View:
        if pointer in self._seen:
            return self._seen[pointer]
        if pointer in self._busy:  # made of itself, which says nothing
            self._cut.add(pointer)
            return View(pointer, _anything())
        self._busy.add(pointer)
        try:
            view = self._see(self._schema(pointer), pointer)
        finally:
            self._busy.discard(pointer)
            self._cut.discard(pointer)
        if not self._cut:  # else what is being seen around it is missing in it
            self._seen[pointer] = view
        return view

    def _see(self, schema: Any, pointer: str) -> View:
        if not isinstance(schema, dict):
            return View(pointer, {} if schema is False else _anything())
        reference = schema.get("$ref")
        target = self._at(pointer_of(reference)) if isinstance(reference, str) else None
        if target is not None and self._is_3_0:
            return target
        view = self._own(schema, pointer)
        if target is not None:
            view = View(target.pointer, *_parts(_both(view, target)))
        for index, _ in enumerate(_list(schema.get("allOf"))):
            view = _both(view, self._at(f"{pointer}/allOf/{index}"))
        for keyword in ("anyOf", "oneOf"):
            branches = [f"{pointer}/{keyword}/{index}" for index, _ in enumerate(_list(schema.get(keyword)))]
            if branches:
                view = _both(view, self._one_of(keyword, branches))
        if schema.get("unevaluatedProperties") is False:
            view = _closed(view)
        if self._is_3_0 and schema.get("nullable") is True:
            view = View(view.pointer, {**view.kinds, "null": Facet()}, view.notes, view.flags)
        return view

    def _one_of(self, keyword: str, branches: list[str]) -> View:
        views = [(self.settle((each,)), self._at(each)) for each in branches]
        kinds = {}
        for kind in KINDS_OF_VALUES:
            having = [(pointers, view.kinds[kind]) for pointers, view in views if kind in view.kinds]
            if having and (facet := either(keyword, having)) != NOTHING:
                kinds[kind] = facet
        return View(branches[0], kinds)

    def _own(self, schema: Mapping[str, Any], pointer: str) -> View:
        kinds = {kind: _facet(schema, pointer, kind) for kind in _kinds(schema)}
        notes = {key: (schema[key], f"{pointer}/{key}") for key in _NOTES if key in schema}
        flags = frozenset(flag for flag in _FLAGS if schema.get(flag) is True)
        allowed = {kind: facet for kind, facet in kinds.items() if facet.values != {}}
        return View(pointer, allowed, notes, flags)


def _anything() -> dict[str, Facet]:
    return dict.fromkeys(KINDS_OF_VALUES, ANY)


def _parts(view: View) -> tuple[Mapping[str, Facet], Mapping[str, tuple[Any, str]], frozenset[str]]:
    return view.kinds, view.notes, view.flags


def _both(one: View, other: View) -> View:
    kinds = {kind: both(one.kinds[kind], other.kinds[kind]) for kind in one.kinds if kind in other.kinds}
    allowed = {kind: facet for kind, facet in kinds.items() if facet.values != {}}
    return View(one.pointer, allowed, {**other.notes, **one.notes}, one.flags | other.flags)


def _closed(view: View) -> View:
    """See a schema that refuses all properties of which no part of it speaks."""
    facet = view.kinds.get("object")
    if facet is None:
        return view
    rules = {key: rule for key, rule in facet.rules.items() if key != "unevaluatedProperties"}
    # Alternatives speak of more of them, of which nothing is known here.
    closed = facet if facet.groups else replace(facet, additional=None, rules=rules)
    return replace(view, kinds={**view.kinds, "object": closed})


def _kinds(schema: Mapping[str, Any]) -> Iterator[str]:
    """Give the kinds of values that a schema allows by itself."""
    types = schema.get("type")
    if types is None and not _TELLING & schema.keys():
        # Who leaves the type out means the one that the rest is about.
        if "properties" in schema:
            types = "object"
        elif "items" in schema:
            types = "array"
        elif {"contentEncoding", "contentMediaType"} & schema.keys():
            types = "string"
    if types is None:
        yield from KINDS_OF_VALUES
        return
    named = {types} if isinstance(types, str) else set(map(str, _list(types)))
    if "integer" in named:
        named.add("number")
    yield from (kind for kind in KINDS_OF_VALUES if kind in named)


def _facet(schema: Mapping[str, Any], pointer: str, kind: str) -> Facet:
    limits: dict[str, Any] = dict(_limits(schema, kind))
    words = dict(_words(schema, kind))
    rules = {key: (_rule(schema, key),) for key, of in _RULES.items() if key in schema and kind in of}
    said: dict[str, Any] = {"values": _values(schema, kind), "limits": limits, "words": words, "rules": rules}
    if kind == "number":
        types = schema.get("type")
        named = [types] if isinstance(types, str) else _list(types)
        said["is_whole"] = "integer" in named and "number" not in named
    elif kind == "array":
        said["items"] = (f"{pointer}/items",) if "items" in schema else ()
        said["prefix"] = tuple(
            (f"{pointer}/prefixItems/{index}",) for index, _ in enumerate(_list(schema.get("prefixItems")))
        )
    elif kind == "object":
        said |= _members(schema, pointer)
    where = {key: f"{pointer}/{key}" for key in schema if key not in SCHEMAS_BY_NAME}
    return settled(Facet(**said, where=where))


def _members(schema: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    additional = schema.get("additionalProperties")
    stated: Pointers | None = ()
    if additional is False:
        stated = None
    elif isinstance(additional, dict) and additional:
        stated = (f"{pointer}/additionalProperties",)
    return {
        "properties": {
            name: (f"{pointer}/properties/{escape(name)}",) for name in schema.get("properties") or ()
        },
        "required": frozenset(each for each in _list(schema.get("required")) if isinstance(each, str)),
        "additional": stated,
    }


def _values(schema: Mapping[str, Any], kind: str) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = None
    if isinstance(schema.get("enum"), list):
        found = {key_of(each): each for each in schema["enum"] if kind_of(each) == kind}
    if "const" in schema:
        key, is_of_kind = key_of(schema["const"]), kind_of(schema["const"]) == kind
        found = {key: schema["const"]} if is_of_kind and (found is None or key in found) else {}
    # Of null there is one value, and of a boolean there are two: to list all of them says nothing.
    return None if found and len(found) == {"null": 1, "boolean": 2}.get(kind) else found


def _limits(schema: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Any]]:
    for key in _SIZES.get(kind, ()):
        if isinstance(schema.get(key), (int, float)) and (schema[key] or key.startswith("max")):
            yield key, schema[key]
    if kind == "array" and schema.get("uniqueItems") is True:
        yield "uniqueItems", True
    if kind != "number":
        return
    for key, exclusive, sign in (("minimum", "exclusiveMinimum", 1), ("maximum", "exclusiveMaximum", -1)):
        inner, outer = _number(schema.get(key)), schema.get(exclusive)
        ends = [(inner, sign if outer is True else 0)] if inner is not None else []
        ends += [(number, sign) for number in [_number(outer)] if number is not None]
        if ends:
            yield key, max(ends) if sign > 0 else min(ends)
    step = _number(schema.get("multipleOf"))
    if step is not None and step > 0 and is_finite(step):
        yield "multipleOf", step


def _words(schema: Mapping[str, Any], kind: str) -> Iterator[tuple[str, frozenset[str]]]:
    for key in _WORDS.get(kind, ()):
        said = schema.get(key)
        if key == "format" and kind == "string":
            # 3.1 has other words for what two formats of 3.0 mean; a file has no form at all.
            said = said or _ENCODINGS.get(str(schema.get("contentEncoding")).lower())
            said = None if said == "binary" else said
        if isinstance(said, str) and said:
            yield key, frozenset({said})


def _rule(schema: Mapping[str, Any], key: str) -> Any:
    if key == "if":
        return {each: schema[each] for each in ("if", "then", "else") if each in schema}
    return schema[key]


def _number(value: Any) -> Any:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
