"""Values for a schema: what its author wrote, else small ones made here, each held against the schema."""

import base64
import itertools
import random
import re
from collections.abc import Iterator
from functools import cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from tests.real.reading import Place
from tests.real.schemas import errors

_FORMATS = {
    "date-time": "2026-03-01T10:00:00Z",
    "date": "2026-03-01",
    "time": "10:00:00Z",
    "duration": "P1D",
    "uuid": "6f1c0a1e-58a5-4f2b-9f57-3d3c1f6f2f10",
    "email": "someone@example.com",
    "uri": "https://example.com/a",
    "url": "https://example.com/a",
    "uri-reference": "/a",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": base64.b64encode(b"some bytes").decode(),
    "binary": "some bytes",
    "json-pointer": "/a",
    "regex": "a+",
}
_DEPTH = 6
_CONDITIONS = "if, then, else"


def candidates(
    schema: Place | None, version: str, examples: tuple[Any, ...] = (), limit: int = 6
) -> list[Any]:
    """Give values that a request may carry, the most believable first; empty if none could be made."""
    if schema is None or schema.value is None:
        return list(examples) or [{"name": "something"}]
    made = itertools.chain(
        examples,
        _written(schema),
        # Each turn has ids of its own, so that two requests do not ask for the same thing to be made.
        (_make(schema, turn % 2 == 1, turn) for turn in range(6)),
        (_make(schema, turn % 2 == 0, turn) for turn in range(4)),
        _told_apart(schema),
    )
    found: list[Any] = []
    for value in made:
        if value not in found and not errors(schema, value, "request", version):
            found.append(value)
        if len(found) == limit:
            break
    return found


def _told_apart(schema: Place) -> Iterator[Any]:
    """Make values of one branch of ``oneOf`` that break the others, which would take them as well."""
    schema = schema.resolved()
    branches = list(schema.at("oneOf"))
    for turn, branch in enumerate(branches):
        value = _make(branch, True, turn)
        named = _named(Place(schema.base, schema.get("oneOf")[turn]), schema)
        if isinstance(value, dict) and named is not None:
            value[named[0]] = named[1]
        names = {
            name
            for other in branches
            for name in _merged(other, 0).get("properties", {})
            if other is not branch
        }
        if isinstance(value, dict):
            for wrong in (12345, "wrong", []):
                yield {**dict.fromkeys(names, wrong), **value}


def make(schema: Place) -> Any:
    """Make a value that need not be valid."""
    return _make(schema, True, 0)


def _written(schema: Place) -> Iterator[Any]:
    schema = schema.resolved()
    for key in ("example", "x-example", "default"):
        if key in (schema.value if schema else ()):
            yield schema.get(key)
    if isinstance(schema.get("examples"), list):
        yield from schema.get("examples")


def _make(schema: Place, full: bool, turn: int, depth: int = 0) -> Any:
    """Make a value: only what is required, or ``full``; ``turn`` chooses among alternatives."""
    schema = _merged(schema.resolved(), turn)
    if not schema:
        return "something"
    if "const" in schema.value:
        return schema.get("const")
    if schema.get("enum"):
        return schema.get("enum")[turn % len(schema.get("enum"))]
    for written in _written(schema):
        if not isinstance(written, dict | list):
            return written
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if kind is None:
        kind = _kind_by_keywords(schema)
    if kind == "object":
        return _make_object(schema, full, turn, depth)
    if kind == "array":
        return _make_array(schema, full, turn, depth)
    if kind in ("integer", "number"):
        return _make_number(schema, kind, turn)
    if kind == "string":
        return _make_string(schema, turn)
    # A type that is none is taken by its sound: "int", "long", "float".
    return {"boolean": True, "bool": True, "null": None, "date": "2026-03-01"}.get(kind, 1)


def _kind_by_keywords(schema: Place) -> str:
    keys = schema.value.keys()
    if keys & {"properties", "required", "additionalProperties", "patternProperties", "minProperties"}:
        return "object"
    if keys & {"items", "prefixItems", "minItems"}:
        return "array"
    return "number" if keys & {"minimum", "maximum"} else "string"


def _merged(schema: Place, turn: int) -> Place:
    """Fold ``allOf``, and one branch of each choice, into a schema of their keywords."""
    merged: dict[str, Any] = {}
    base = schema.base

    def fold(place: Place, depth: int) -> None:
        nonlocal base
        place = place.resolved()
        if not place or depth > _DEPTH:
            return
        for key, value in place.value.items():
            if key == "properties" and isinstance(value, dict):
                merged.setdefault("properties", {}).update(
                    {name: _absolute(Place(place.base, each)) for name, each in value.items()}
                )
            elif key == "required" and isinstance(value, list):
                merged["required"] = [*merged.get("required", []), *value]
            elif key in ("items", "additionalProperties") and isinstance(value, dict):
                merged[key] = _absolute(Place(place.base, value))
            elif key == "prefixItems":
                merged[key] = [_absolute(Place(place.base, each)) for each in value]
            elif key == "if":
                merged.setdefault(_CONDITIONS, []).append(place)
            elif key not in ("allOf", "oneOf", "anyOf", "$ref"):
                merged[key] = value
        for each in place.at("allOf"):
            fold(each, depth + 1)
        for choice in ("oneOf", "anyOf"):
            raw = place.get(choice) if isinstance(place.get(choice), list) else ()
            branches = [Place(place.base, each) for each in raw if each != {"type": "null"}]
            if branches:
                fold(branches[turn % len(branches)], depth + 1)
                _choose_by_discriminator(merged, branches[turn % len(branches)], schema)

    fold(schema, 0)
    return Place(base, merged)


def _choose_by_discriminator(merged: dict[str, Any], branch: Place, schema: Place) -> None:
    named = _named(branch, schema.resolved())
    if named is not None:
        merged.setdefault("properties", {})[named[0]] = {"enum": [named[1]]}
        merged["required"] = [*merged.get("required", []), named[0]]


def _named(branch: Place, schema: Place) -> tuple[str, str] | None:
    """Give the property that tells branches apart, and what it says of one, if the contract has that."""
    told = schema.get("discriminator")
    reference = branch.get("$ref")
    if not isinstance(told, dict) or not isinstance(reference, str):
        return None
    last = reference.rpartition("/")[2]
    mapping = told.get("mapping") or {}
    value = next((name for name, target in mapping.items() if target in (reference, last)), last)
    return str(told.get("propertyName")), value


def _absolute(place: Place) -> Any:
    """Give a schema whose own reference no longer depends on the file it stands in."""
    reference = place.get("$ref")
    if not isinstance(reference, str):
        return _Based(place.value, place.base) if isinstance(place.value, dict) else place.value
    found = place.follow(reference)
    return _Based(found.value, found.base) if isinstance(found.value, dict) else found.value


class _Based(dict[str, Any]):
    """A schema that remembers its file."""

    def __init__(self, value: dict[str, Any], base: str) -> None:
        super().__init__(value)
        self.base = base


def _place(value: Any, base: str) -> Place:
    return Place(value.base if isinstance(value, _Based) else base, value)


def _make_object(schema: Place, full: bool, turn: int, depth: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    properties = schema.get("properties") or {}
    required = list(dict.fromkeys(schema.get("required") or []))
    # What a chosen example of the whole says comes first.
    written = next((each for each in _written(schema) if isinstance(each, dict)), {})
    wanted = [*required, *(properties if full and depth < 3 else ())]
    for name in dict.fromkeys(wanted):
        declared = _place(properties.get(name), schema.base)
        if declared.resolved().get("readOnly") is True or declared.value is False or depth > _DEPTH:
            continue
        made[name] = written[name] if name in written else _make(declared, full, turn, depth + 1)
    for condition in schema.get(_CONDITIONS) or ():
        holds = not errors(condition.at("if"), made, "request", "3.1")
        branch = condition.at("then" if holds else "else")
        for name in branch.get("required") or ():
            made.setdefault(name, _make(branch.at("properties").at(name), full, turn, depth + 1))
    extra = schema.get("additionalProperties")
    least = schema.get("minProperties") or (1 if full and not properties and extra is not False else 0)
    for number in range(len(made), least):
        made[f"key{number}"] = _make(_place(extra, schema.base), full, turn, depth + 1)
    return made


def _make_array(schema: Place, full: bool, turn: int, depth: int) -> list[Any]:
    written = next((each for each in _written(schema) if isinstance(each, list)), None)
    if written is not None:
        return written
    made = [
        _make(_place(each, schema.base), full, turn, depth + 1) for each in schema.get("prefixItems") or ()
    ]
    least = schema.get("minItems") or (1 if depth < _DEPTH and schema.get("maxItems") != 0 else 0)
    items = _place(schema.get("items"), schema.base)
    for number in range(len(made), least):
        one = _make(items, full, turn + number, depth + 1)
        if schema.get("uniqueItems") and one in made:
            one = (
                f"{one[:-1]}{number}"
                if isinstance(one, str)
                else one + number
                if isinstance(one, int)
                else one
            )
        made.append(one)
    return made


def _make_number(schema: Place, kind: str, turn: int) -> int | float:
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(schema.get("exclusiveMinimum"), int | float):
        low = schema.get("exclusiveMinimum")
    if isinstance(schema.get("exclusiveMaximum"), int | float):
        high = schema.get("exclusiveMaximum")
    step = schema.get("multipleOf") or 1
    # A bound as it stands may be excluded; a step inside it is not.
    value = low if low is not None else (high - step if high is not None and high < step else step)
    value = -(-value // step) * step
    if schema.get("exclusiveMinimum") and value == low:
        value += step
    if high is None or value + turn * step < high:
        value += turn * step
    if high is not None and value > high and low is not None:
        value = (low + high) / 2
    return int(value) if kind == "integer" or value == int(value) else value


def _make_string(schema: Place, turn: int) -> str:
    given = schema.get("format") or ""
    made = _FORMATS.get(given, "something")
    if turn and made == "something":
        made += str(turn)
    elif given == "uuid":
        made = f"{made[:-1]}{turn}"
    if schema.get("pattern"):
        made = from_pattern(schema.get("pattern"), turn) or made
    elif len(made) < (schema.get("minLength") or 0):
        made = (made * schema.get("minLength"))[: schema.get("minLength")]
    most = schema.get("maxLength")
    return made if most is None or schema.get("pattern") else made[:most]


def from_pattern(pattern: str, turn: int = 0) -> str | None:
    """Make a string that a pattern matches; ``None`` for one that Python cannot read."""
    try:
        return _from_parsed(parser.parse(pattern), random.Random(f"{turn} {pattern}"))
    except (re.error, NotImplementedError):
        return None


def _from_parsed(parsed: Any, chance: random.Random) -> str:
    return "".join(_from_token(code, value, chance) for code, value in parsed)


def _from_token(code: Any, value: Any, chance: random.Random) -> str:
    if code is codes.LITERAL:
        return chr(value)
    if code is codes.ANY:
        return "a"
    if code is codes.NOT_LITERAL:
        return "a" if chr(value) != "a" else "b"
    if code is codes.IN:
        return chance.choice(_allowed(tuple(value)) or _unknown(value))
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        least, most, inner = value
        count = least if least else min(1, most)
        return "".join(_from_parsed(inner, chance) for _ in range(count))
    if code is codes.SUBPATTERN:
        return _from_parsed(value[3], chance)
    if code is codes.BRANCH:
        return _from_parsed(value[1][0], chance)
    if code in (codes.AT, codes.ASSERT, codes.ASSERT_NOT):
        return ""
    raise NotImplementedError(code)


_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. /:+=@#,;!$%&'()*<>[]{}|~^?\"\\"
_CATEGORIES = {
    codes.CATEGORY_DIGIT: str.isdigit,
    codes.CATEGORY_WORD: lambda each: each.isalnum() or each == "_",
    codes.CATEGORY_SPACE: str.isspace,
    codes.CATEGORY_NOT_DIGIT: lambda each: not each.isdigit(),
    codes.CATEGORY_NOT_WORD: lambda each: not each.isalnum() and each != "_",
    codes.CATEGORY_NOT_SPACE: lambda each: not each.isspace(),
}


@cache
def _allowed(members: tuple[Any, ...]) -> list[str]:
    return [each for each in _ALPHABET if _within(each, members)]


def _unknown(members: Any) -> list[str]:
    raise NotImplementedError(members)


def _within(letter: str, members: Any) -> bool:
    negated = members[0][0] is codes.NEGATE
    found = any(
        (code is codes.LITERAL and ord(letter) == value)
        or (code is codes.RANGE and value[0] <= ord(letter) <= value[1])
        or (code is codes.CATEGORY and _CATEGORIES[value](letter))
        for code, value in members
    )
    return found is not negated
