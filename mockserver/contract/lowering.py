"""Say the schemas of OpenAPI 3.0 and 3.1, for requests and for responses, in JSON Schema 2020-12."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from mockserver.contract.discriminators import pinned
from mockserver.contract.pointers import dereference, pointer_of, resolve, unescape

Direction = Literal["request", "response", "stored"]

ROOT = "urn:contract"
"""What a lowered document is called, so that its references find it."""

# What stands under these is data, not schemas; and what stands under those are names, not keywords.
LITERAL = frozenset({"example", "examples", "default", "enum", "const", "x-mock"})
_SCHEMA_NAMES = {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "schemas"}
_OTHER_NAMES = {"paths", "pathItems", "webhooks", "callbacks", "responses", "requestBodies", "parameters"}
NAMES = frozenset(_SCHEMA_NAMES | _OTHER_NAMES | {"headers", "content"})

# All references are pointers into the whole document, whatever a schema calls itself.
_IDENTITIES = frozenset({"$id", "$anchor", "$dynamicAnchor", "$schema", "$vocabulary"})

_INTEGER_LIMITS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


class LoweredParts:
    """The parts of a document that schemas need, each said in 2020-12 when a schema first needs it."""

    def __init__(self, document: Mapping[str, Any], dialect: str, direction: Direction) -> None:
        self._document = document
        self._dialect = dialect
        self._direction = direction
        # By pointer: a part, and the pointers that it refers to.
        self._parts: dict[str, tuple[Any, tuple[str, ...]]] = {}

    def around(self, pointer: str) -> tuple[Any, str]:
        """
        Give a document with what the schema at a pointer needs, and the pointer to it there.

        Raises:
            LookupError, ValueError, TypeError: nothing stands at the pointer.
        """
        document = self.gathered([_home(pointer)])
        return document, moved(document, pointer)

    def place(self, pointer: str) -> str:
        """
        Give where what a pointer leads to stands once it is said in 2020-12; raises as ``around`` does.
        """
        home = _home(pointer)
        return home + moved(self._part(home)[0], pointer[len(home) :])

    def at(self, place: str) -> Any:
        """
        Give what stands at a pointer, said in 2020-12: always the same object.

        Raises:
            LookupError, ValueError, TypeError: nothing stands there.
        """
        home = _home(place)
        part, steps = self._part(home)[0], place[len(home) :]
        try:
            return resolve(part, steps, follow=False)
        except (LookupError, ValueError, TypeError):
            return resolve(part, moved(part, steps), follow=False)

    def components(self) -> Iterator[tuple[str, Any]]:
        """Give the component schemas by name, as they are written."""
        yield from ((self._document.get("components") or {}).get("schemas") or {}).items()

    def read(self) -> Iterator[tuple[str, Any]]:
        """Give the parts that were needed so far, by pointer."""
        yield from ((home, part) for home, (part, _) in self._parts.items())

    def needed_by(self, node: Any) -> Any:
        """Give a document with all that a lowered schema refers to."""
        return self.gathered(list(_homes_in(node)))

    def gathered(self, waiting: list[str]) -> Any:
        """Give a document with some parts, and all that they refer to."""
        needed: dict[str, None] = {}
        while waiting:
            home = waiting.pop()
            if home not in needed:
                needed[home] = None
                waiting += self._part(home)[1]
        document: dict[str, Any] = {}
        placed: set[str] = set()
        for home in sorted(needed, key=len):
            if not _is_inside(home, placed):
                if not home:
                    document = self._part(home)[0]
                else:
                    _put(document, home, self._part(home)[0])
                placed.add(home)
        return document

    def leave_out(self, pointer: str) -> bool:
        """Take the keyword at a pointer out of its part; tells whether there was one."""
        home = _home(pointer)
        part = self._parts.get(home, (None, ()))[0]
        steps = pointer[len(home) :].split("/")[1:]
        try:
            for step in steps[:-1]:
                part = part[int(step)] if isinstance(part, list) else part[unescape(step)]
            if isinstance(part, dict) and steps:
                del part[unescape(steps[-1])]
                return True
        except (LookupError, ValueError, TypeError):
            pass
        return False

    def _part(self, home: str) -> tuple[Any, tuple[str, ...]]:
        found = self._parts.get(home)
        if found is None:
            value = resolve(self._document, home, follow=False)
            part = lower(value, self._document, self._dialect, self._direction)
            found = part, tuple(dict.fromkeys(_homes_in(part)))
            self._parts[home] = found
        return found


def _home(pointer: str) -> str:
    """Give the pointer to the outermost schema around what a pointer leads to."""
    steps = pointer.split("/")
    if steps[1:3] == ["components", "schemas"]:
        return "/".join(steps[:4])
    return "/".join(steps[: steps.index("schema") + 1]) if "schema" in steps else pointer


def _is_inside(pointer: str, placed: Collection[str]) -> bool:
    while pointer:
        pointer = pointer.rpartition("/")[0]
        if pointer in placed:
            return True
    return False


def _put(document: dict[str, Any], pointer: str, part: Any) -> None:
    *steps, last = [unescape(step) for step in pointer.split("/")[1:]]
    for step in steps:
        document = document.setdefault(step, {})
    document[last] = part


def _homes_in(part: Any) -> Iterator[str]:
    """Give the pointers to all that a lowered part refers to."""
    waiting = [part]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str) and reference.startswith(f"{ROOT}#"):
                yield _home(pointer_of(reference[len(ROOT) :]))
            waiting += [each for key, each in node.items() if key not in LITERAL or isinstance(each, dict)]


def lower(
    node: Any,
    document: Mapping[str, Any],
    dialect: str,
    direction: Direction,
    exempt: frozenset[str] = frozenset(),
) -> Any:
    """
    Rewrite a document so that JSON Schema 2020-12 reads its schemas as their own dialect means them.

    ``exempt`` are the properties that a schema around this one takes from ``required``.
    """
    if isinstance(node, list):
        return [lower(item, document, dialect, direction, exempt) for item in node]
    if not isinstance(node, dict):
        return node
    if dialect == "3.0" and isinstance(node.get("$ref"), str):
        return {"$ref": _absolute(node["$ref"])}
    if "required" in node or "allOf" in node:
        exempt = exempt.union(_exempt(node, document, direction, ()))
    lowered = {
        key: value if key in LITERAL else _lower_under(key, value, document, dialect, direction, exempt)
        for key, value in node.items()
        if key not in _IDENTITIES
    }
    if isinstance(node.get("$ref"), str):
        lowered["$ref"] = _absolute(node["$ref"])
    if isinstance(node.get("required"), list):
        # What is no name stays, to be complained of.
        lowered["required"] = [n for n in node["required"] if not (isinstance(n, str) and n in exempt)]
    if lowered.get("additionalProperties") is False:
        lowered.setdefault("properties", {})  # else jsonschema_rs does not say which property it refuses
    if direction == "request" and "discriminator" in node:
        _pin_branches(lowered, node, document)
    _bound_integers(lowered)
    if dialect == "3.0":
        _read_as_3_0(lowered)
    return lowered


def _lower_under(
    key: str,
    value: Any,
    document: Mapping[str, Any],
    dialect: str,
    direction: Direction,
    exempt: frozenset[str],
) -> Any:
    if key in NAMES and isinstance(value, dict):
        return {name: lower(child, document, dialect, direction) for name, child in value.items()}
    # The parts of an allOf speak of one object; whatever else is in a schema speaks of another.
    return lower(value, document, dialect, direction, exempt if key == "allOf" else frozenset())


def _absolute(reference: str) -> str:
    return f"{ROOT}{reference}" if reference.startswith("#") else reference


def _exempt(
    schema: Any, document: Mapping[str, Any], direction: Direction, seen: tuple[str, ...]
) -> Iterator[str]:
    """Give the properties of a schema, and of all its parts, that the other side alone may send."""
    flag = {"request": "readOnly", "response": "writeOnly", "stored": None}[direction]
    if flag is None or not isinstance(schema, dict):
        return
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        yield from _exempt(_target(schema, document), document, direction, (*seen, reference))
    properties = schema.get("properties")
    for name, each in properties.items() if isinstance(properties, dict) else ():
        if isinstance(each, dict) and (each.get(flag) or _target(each, document).get(flag)) is True:
            yield name
    parts = schema.get("allOf")
    for part in parts if isinstance(parts, list) else ():
        yield from _exempt(part, document, direction, seen)


def _target(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what a schema refers to; nothing for one that refers to nothing."""
    try:
        found = dereference(document, schema)
    except (LookupError, ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _pin_branches(lowered: dict[str, Any], schema: Mapping[str, Any], document: Mapping[str, Any]) -> None:
    """
    Let the discriminator of a request choose the branch; where the value lacks it, the branches are plain.

    Of answers it says nothing: others who judge those read plain JSON Schema.
    """
    for keyword, values in pinned(schema, document).items():
        name = schema["discriminator"]["propertyName"]
        for branch, allowed in zip(lowered[keyword], values, strict=True):
            if allowed:
                branch["properties"] = {name: {"enum": list(allowed)}, **branch.get("properties", {})}


def _bound_integers(schema: dict[str, Any]) -> None:
    """Say ``int32`` and ``int64`` as bounds, since jsonschema_rs asserts no format of a number."""
    low, high = _INTEGER_LIMITS.get(_text(schema.get("format")), (None, None))
    types = schema.get("type")
    if low is None or high is None or "integer" not in (types if isinstance(types, list) else [types]):
        return
    if not isinstance(schema.get("minimum"), (int, float)) or schema["minimum"] < low:
        schema["minimum"] = low
    if not isinstance(schema.get("maximum"), (int, float)) or schema["maximum"] > high:
        schema["maximum"] = high


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _read_as_3_0(schema: dict[str, Any]) -> None:
    """Say in 2020-12 what OpenAPI 3.0 says with ``nullable`` and with boolean ``exclusiveMinimum``."""
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool):
            limit = schema.pop(inclusive, None) if schema[exclusive] else None
            del schema[exclusive]
            if limit is not None:
                schema[exclusive] = limit
    if schema.pop("nullable", False) is not True:
        return
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    # The other keywords take null as it is, and stay where pointers into the schema find them.
    refusing = {key: schema.pop(key) for key in ("allOf", "anyOf", "oneOf", "not") if key in schema}
    if refusing:
        schema["anyOf"] = [{"type": "null"}, refusing]


def moved(lowered: Any, pointer: str) -> str:
    """Give where what a pointer of the document leads to stands after ``_read_as_3_0`` moved it."""
    moved, node = "", lowered
    for step in pointer.split("/")[1:]:
        key = unescape(step)
        if isinstance(node, dict) and key not in node and isinstance(node.get("anyOf"), list):
            moved, node = f"{moved}/anyOf/1", node["anyOf"][-1]
        elif isinstance(node, dict) and key == "anyOf" and node.get("anyOf", [])[:1] == [{"type": "null"}]:
            inner = node["anyOf"][1]
            if "anyOf" in inner:
                moved, node = f"{moved}/anyOf/1", inner
        try:
            node = node[int(key)] if isinstance(node, list) else node[key]
        except (LookupError, ValueError, TypeError):
            return pointer
        moved = f"{moved}/{step}"
    return moved
