"""What a schema is made of: the properties and items of everything it refers to or combines, as one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockserver.contract.parameters.values import admitted
from mockserver.contract.pointers import escape, pointer_of, resolve

_ANNOTATIONS = frozenset(
    ("title", "description", "nullable", "readOnly", "writeOnly", "deprecated", "example", "examples", "xml")
)


@dataclass(frozen=True)
class Members:
    """
    One schema of a document, seen through its references and compositions.

    Where it offers a choice (``oneOf``, ``anyOf``) the properties of all branches are there. What is
    described in several places, as a wrapper and its use do it, has them all: ``pointer`` is the one that
    says most.
    """

    data: Mapping[str, Any]
    pointer: str
    others: tuple[str, ...] = ()

    @cached_property
    def identity(self) -> str:
        """Where the schema really stands: two with one identity are the same, whatever refers to them."""
        return identity(self.data, self.pointer)

    @cached_property
    def types(self) -> tuple[str, ...]:
        """The JSON types that it admits; none where it names none."""
        return admitted(self.data, self.pointer) or ()

    @property
    def is_object(self) -> bool:
        return "object" in self.types

    @property
    def is_array(self) -> bool:
        return "array" in self.types and "object" not in self.types

    @property
    def is_scalar(self) -> bool:
        return not {"object", "array"} & set(self.types) and self.types != ("null",)

    @property
    def is_nullable(self) -> bool:
        return "null" in self.types or any(part.get("nullable") is True for _, part in self._parts)

    @cached_property
    def properties(self) -> Mapping[str, "Members"]:
        found: dict[str, list[str]] = {}
        for pointer, part in self._parts:
            for name in part.get("properties") or ():
                found.setdefault(name, []).append(f"{pointer}/properties/{escape(name)}")
        return {name: _richest(self.data, pointers) for name, pointers in found.items()}

    @cached_property
    def required(self) -> frozenset[str]:
        """The properties that are required whatever branch is chosen."""
        parts = _parts(self.data, self.pointer, ("allOf",), ())
        return frozenset(
            name for _, part in parts if isinstance(part.get("required"), list) for name in part["required"]
        )

    @cached_property
    def items(self) -> "Members | None":
        pointers = [f"{p}/items" for p, part in self._parts if isinstance(part.get("items"), dict)]
        return _richest(self.data, pointers) if pointers else None

    @property
    def branches(self) -> "tuple[Members, ...]":
        """What it offers a choice of, without ``null``; nothing where it offers none."""
        schema = resolve(self.data, self.identity, follow=False)
        if not isinstance(schema, dict):
            return ()
        keyword = next((each for each in ("oneOf", "anyOf") if schema.get(each)), None)
        if keyword is None:
            return ()
        found = (Members(self.data, f"{self.identity}/{keyword}/{n}") for n in range(len(schema[keyword])))
        return tuple(each for each in found if each.types != ("null",))

    def says(self, keyword: str) -> Any:
        """Give what the schema, or the first of those it is made of that has it, says by a keyword."""
        return next((part[keyword] for _, part in self._parts if keyword in part), None)

    @cached_property
    def _parts(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        found: dict[str, Mapping[str, Any]] = {}
        for pointer in (self.pointer, *self.others):
            found.update(_parts(self.data, pointer, ("allOf", "anyOf", "oneOf", "then", "else"), ()))
        return tuple(found.items())


def _richest(data: Mapping[str, Any], pointers: list[str]) -> Members:
    if len(pointers) == 1:
        return Members(data, pointers[0])

    def telling(pointer: str) -> tuple[int, int]:
        one = Members(data, pointer)
        return len(one.properties) or len(one.items.properties if one.items else ()), len(one.types)

    best = max(pointers, key=telling)
    return Members(data, best, tuple(each for each in pointers if each != best))


def identity(data: Mapping[str, Any], pointer: str) -> str:
    """Follow references, and compositions of one, to where a schema really stands."""
    for _ in range(50):
        schema = resolve(data, pointer, follow=False)
        if not isinstance(schema, dict):
            break
        if isinstance(schema.get("$ref"), str):
            pointer = pointer_of(schema["$ref"])
            continue
        keyword = next((each for each in ("allOf", "anyOf", "oneOf") if schema.get(each)), None)
        if keyword is None or schema.keys() - {keyword} - _ANNOTATIONS:
            break
        branches = [i for i, each in enumerate(schema[keyword]) if each != {"type": "null"}]
        if len(branches) != 1:
            break
        pointer = f"{pointer}/{keyword}/{branches[0]}"
    return pointer


def _parts(
    data: Mapping[str, Any], pointer: str, keywords: tuple[str, ...], seen: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    schema = resolve(data, pointer, follow=False)
    if not isinstance(schema, dict) or pointer in seen:
        return
    seen = (*seen, pointer)
    yield pointer, schema
    if isinstance(schema.get("$ref"), str):
        yield from _parts(data, pointer_of(schema["$ref"]), keywords, seen)
    for keyword in keywords:
        found = schema.get(keyword) or ()
        if isinstance(found, dict):
            yield from _parts(data, f"{pointer}/{keyword}", keywords, seen)
        for index in range(len(found)) if isinstance(found, list) else ():
            yield from _parts(data, f"{pointer}/{keyword}/{index}", keywords, seen)
