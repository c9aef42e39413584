"""Read typed values out of decoded texts, by the types that a schema admits."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.parameters.styles import Garbled, Node
from mockserver.contract.pointers import escape, pointer_of, resolve
from mockserver.contract.schema import Schemas
from mockserver.contract.violation import Location, Violation

# Stands for "this text is no such value", since every JSON value may be a value.
UNFIT: Any = object()

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# Python refuses to read more than 4,300 digits, because the time grows with their square.
_DIGITS = 4000
_SHOWN = 60


class Reader:
    """
    Reads what was written for one schema.

    ``types`` are the admitted ones without ``null``, which no text can mean; where the schema names no
    type, every text is a string. ``shapes`` are ``scalar``, ``array``, ``object``. An admitted string stays
    one, even if it looks like a number: ``anyOf: [integer, string]`` gives ``"5"``. Only where the schema
    refuses the string and takes the other value, as in ``enum: ["all", 5]``, the other value is meant.
    """

    __slots__ = (
        "_parsers",
        "_valid",
        "items",
        "others",
        "prefix",
        "properties",
        "shapes",
        "types",
        "untyped",
    )

    def __init__(self, types: Sequence[str] | None, valid: Sequence[Callable[[Any], bool]] = ()) -> None:
        self.untyped = not types
        self.types = tuple(types or ("string",))
        self.shapes = frozenset(t if t in ("array", "object") else "scalar" for t in self.types)
        self._parsers = tuple(parse for name, parse in _PARSERS if name in self.types)
        self._valid = valid
        self.properties: Mapping[str, Reader] = {}
        self.prefix: Sequence[Reader] = ()
        self.items: Reader | None = None
        self.others: Reader | None = None

    def read(self, node: Node, location: Location, violations: list[Violation]) -> Any:
        """Give the typed value; whatever does not fit stays as it is and is added to ``violations``."""
        if isinstance(node, str):
            value = self.read_text(node)
        elif isinstance(node, list):
            value = self._read_list(node, location, violations)
        else:
            value = self._read_object(node, location, violations)
        if value is not UNFIT:
            return value
        violations.append(self.refuse(node, location))
        return _plain(node)

    def read_text(self, text: str) -> Any:
        """Give the value that a text means, or ``UNFIT``."""
        if text.__class__ is Garbled:
            return UNFIT
        if "string" not in self.types:
            for parse in self._parsers:
                value = parse(text)
                if value is not UNFIT:
                    return value
            return UNFIT
        if not self._parsers or self._is_valid(text):
            return text
        for parse in self._parsers:
            value = parse(text)
            if value is not UNFIT and self._is_valid(value):
                return value
        return text

    def refuse(self, node: Node, location: Location) -> Violation:
        """Say that a text, or several, cannot be what the schema wants."""
        if isinstance(node, Garbled):
            return Violation(location, "unicode", None, str(node), "the percent-encoded bytes are not UTF-8")
        shown = f'"{node[:_SHOWN]}{"…" if len(node) > _SHOWN else ""}"' if isinstance(node, str) else "this"
        wanted = " or ".join(f"{'an' if name[0] in 'aio' else 'a'} {name}" for name in self.types)
        return Violation(location, "type", self.types, _plain(node), f"{shown} is not {wanted}")

    def _is_valid(self, value: Any) -> bool:
        return not self._valid or any(is_valid(value) for is_valid in self._valid)

    def _read_list(self, nodes: Sequence[Node], location: Location, violations: list[Violation]) -> Any:
        if "array" in self.types or (self.untyped and len(nodes) > 1):
            return [self._member(i).read(node, (*location, i), violations) for i, node in enumerate(nodes)]
        # A key of a query gives a list of texts, whatever its schema.
        return self.read(nodes[0], location, violations) if len(nodes) == 1 else UNFIT

    def _member(self, index: int) -> "Reader":
        return self.prefix[index] if index < len(self.prefix) else self.items or _UNTYPED

    def _read_object(self, node: Mapping[str, Node], location: Location, violations: list[Violation]) -> Any:
        if self.untyped or "object" in self.types:
            return {
                str(name): (self.properties.get(name) or self.others or _UNTYPED).read(
                    inner, (*location, name), violations
                )
                for name, inner in node.items()
            }
        if "array" in self.types and (ordered := _numbered(node)) is not None:
            return self._read_list(ordered, location, violations)
        return UNFIT


class Readers:
    """The readers of one document, each built once; a schema that contains itself has a reader that does."""

    def __init__(self, schemas: Schemas, document: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._document = document
        self._built: dict[tuple[str, ...], Reader] = {}

    def at(self, *pointers: str) -> Reader:
        """Give the reader for a schema, or for a value that may be described by any of several."""
        if pointers in self._built:
            return self._built[pointers]
        types = _either([admitted(self._document, pointer) for pointer in pointers])
        known = None if types is None else (tuple(t for t in types if t != "null") or types)
        ambiguous = known is not None and "string" in known and len(known) > 1
        valid = [self._schemas.at(pointer, "request").is_valid for pointer in pointers] if ambiguous else ()
        self._built[pointers] = reader = Reader(known, valid)
        parts = [part for pointer in pointers for part in parts_of(self._document, pointer, ())]
        self._describe_members(reader, parts)
        return reader

    def _describe_members(self, reader: Reader, parts: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        names = dict.fromkeys(name for _, schema in parts for name in schema.get("properties", ()))
        reader.properties = {
            name: self.at(
                *(f"{p}/properties/{escape(name)}" for p, s in parts if name in s.get("properties", ()))
            )
            for name in names
        }
        items = [f"{p}/items" for p, s in parts if isinstance(s.get("items"), dict)]
        reader.items = self.at(*items) if items else None
        longest = max((len(s.get("prefixItems", ())) for _, s in parts), default=0)
        reader.prefix = [
            self.at(*(f"{p}/prefixItems/{index}" for p, s in parts if index < len(s.get("prefixItems", ()))))
            for index in range(longest)
        ]
        others = [
            f"{p}/additionalProperties" for p, s in parts if s.get("additionalProperties", False) is not False
        ]
        others += [
            f"{p}/patternProperties/{escape(n)}" for p, s in parts for n in s.get("patternProperties", ())
        ]
        reader.others = self.at(*others) if others else None


def admitted(document: Mapping[str, Any], pointer: str, seen: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """Give the JSON types that the schema at a pointer admits, in its order; ``None`` if it names none."""
    schema = resolve(document, pointer, follow=False)
    if not isinstance(schema, dict) or pointer in seen:
        return None
    seen = (*seen, pointer)
    types = _both(_named(schema), _valued(schema))
    if isinstance(schema.get("$ref"), str):
        types = _both(types, admitted(document, pointer_of(schema["$ref"]), seen))
    for index, _ in enumerate(schema.get("allOf", ())):
        types = _both(types, admitted(document, f"{pointer}/allOf/{index}", seen))
    for keyword in ("anyOf", "oneOf"):
        if schema.get(keyword):
            branches = (f"{pointer}/{keyword}/{index}" for index, _ in enumerate(schema[keyword]))
            types = _both(types, _either([admitted(document, branch, seen) for branch in branches]))
    if types is None and not schema.keys().isdisjoint(
        ("properties", "additionalProperties", "patternProperties")
    ):
        return ("object",)
    if types is None and not schema.keys().isdisjoint(("items", "prefixItems")):
        return ("array",)
    return types


def parts_of(
    document: Mapping[str, Any], pointer: str, seen: tuple[str, ...]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give a schema and all that it refers to or combines: the places where its members are described."""
    schema = resolve(document, pointer, follow=False)
    if not isinstance(schema, dict) or pointer in seen:
        return
    seen = (*seen, pointer)
    yield pointer, schema
    if isinstance(schema.get("$ref"), str):
        yield from parts_of(document, pointer_of(schema["$ref"]), seen)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index, _ in enumerate(schema.get(keyword, ())):
            yield from parts_of(document, f"{pointer}/{keyword}/{index}", seen)


def _named(schema: Mapping[str, Any]) -> tuple[str, ...] | None:
    types = schema.get("type")
    if types is None:
        return None
    return (types,) if isinstance(types, str) else tuple(types)


def _valued(schema: Mapping[str, Any]) -> tuple[str, ...] | None:
    if "const" in schema:
        return (_type_of(schema["const"]),)
    if isinstance(schema.get("enum"), list):
        return tuple(dict.fromkeys(_type_of(value) for value in schema["enum"]))
    return None


def _type_of(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return "integer"
    return _TYPES.get(type(value), "null")


_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def _both(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return one if other is None else other
    wide = "number" in one and "integer" in other and "integer" not in one
    return tuple(
        "integer" if name == "number" and wide and "number" not in other else name
        for name in one
        if name in other or (name == "integer" and "number" in other) or (name == "number" and wide)
    )


def _either(several: Sequence[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    if None in several:
        return None
    return tuple(dict.fromkeys(name for types in several for name in types or ()))


def _numbered(node: Mapping[str, Node]) -> list[Node] | None:
    """Give the members of an array that was written with indices, ``a[0]=x&a[1]=y``, or with ``a[]=x``."""
    if list(node) == [""]:
        members = node[""]
        return members if isinstance(members, list) else [members]
    if not all(key.isascii() and key.isdigit() and len(key) < 10 for key in node):
        return None
    return [node[key] for key in sorted(node, key=int)]


def _plain(node: Node) -> Any:
    """Give a node without our own class of text, which neither orjson nor jsonschema_rs knows."""
    if isinstance(node, str):
        return str(node)
    return [_plain(n) for n in node] if isinstance(node, list) else {k: _plain(n) for k, n in node.items()}


def _integer(text: str) -> Any:
    return int(text) if len(text) <= _DIGITS and _INTEGER.fullmatch(text) else UNFIT


def _number(text: str) -> Any:
    found = _NUMBER.fullmatch(text)
    if found is None:
        return UNFIT
    if found[2] is None and found[3] is None:
        return _integer(text)
    value = float(text)
    return value if abs(value) != float("inf") else UNFIT


def _boolean(text: str) -> Any:
    return text == "true" if text in ("true", "false") else UNFIT


_PARSERS: tuple[tuple[str, Callable[[str], Any]], ...] = (
    ("integer", _integer),
    ("number", _number),
    ("boolean", _boolean),
)
_UNTYPED = Reader(None)
