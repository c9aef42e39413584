"""Decode the value of one declared parameter, by its style, its types and its schema."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from mockserver.contract.media.media_types import is_json
from mockserver.contract.operation import Parameter
from mockserver.contract.parameters.styles import (
    Decode,
    Garbled,
    Node,
    decode_header,
    decode_path,
    decode_query,
    deep_object,
    readings,
)
from mockserver.contract.parameters.values import UNFIT, Reader, Readers
from mockserver.contract.pointers import pointer_of, resolve
from mockserver.contract.schema import Schema, Schemas
from mockserver.contract.violation import Location, Violation

Given = dict[str, list[str]]

# Stands for "nothing was given and there is no default", since ``None`` may be a default.
ABSENT: Any = object()

_BIGGEST = 2**64
_DECODE: Mapping[str, Decode] = {
    "path": decode_path,
    "query": decode_query,
    "header": decode_header,
    "cookie": decode_header,
}


def compile_rule(
    parameter: Parameter, schemas: Schemas, readers: Readers, document: Mapping[str, Any]
) -> "Rule":
    """Prepare the decoding of one parameter, given by style or as JSON."""
    if parameter.pointer is None:
        return Rule(parameter, Reader(None), Check(None), ABSENT)
    check = Check(schemas.at(parameter.pointer, "request"))
    reader = readers.at(parameter.pointer)
    default = _default(document, parameter.pointer)
    if parameter.media_type is not None and is_json(parameter.media_type):
        return _ContentRule(parameter, reader, check, default)
    if parameter.style == "deepObject":
        return _DeepRule(parameter, reader, check, default)
    if parameter.location in ("query", "cookie") and parameter.explode and "object" in reader.shapes:
        return SpreadRule(parameter, reader, check, default)
    return Rule(parameter, reader, check, default)


class Rule:
    """What is known of one parameter that is given under its own name."""

    def __init__(self, parameter: Parameter, reader: Reader, check: "Check", default: Any) -> None:
        self.name = parameter.name
        self.key = parameter.name.lower() if parameter.location == "header" else parameter.name
        self.location: Location = (parameter.location, parameter.name)
        self.default = default
        self.missing: Violation | None = None
        if parameter.required:
            message = f'the {parameter.location} parameter "{parameter.name}" is required'
            self.missing = Violation(self.location, "missing", None, None, message)
        self._parameter = parameter
        self._reader = reader
        self._check = check
        self._decode = _DECODE[parameter.location]
        self._is_plain = reader.shapes == {"scalar"} and parameter.style in ("form", "simple")
        self._is_repeatable = (
            parameter.location in ("query", "cookie")
            and ("array" in reader.shapes or reader.untyped)
            and parameter.style != "deepObject"
            and parameter.explode
        )

    def take(self, given: Given, violations: list[Violation]) -> Any:
        raws = given.pop(self.key, None)
        if raws is None:
            return self.absent(violations)
        if self._is_plain and len(raws) == 1:
            text = self._decode(raws[0])
            value = self._reader.read_text(text)
            if value is not UNFIT and self._check.is_valid(value):
                return value
        return self.judge(self._readings(raws), raws, violations)

    def absent(self, violations: list[Violation]) -> Any:
        if self.missing is None:
            return copy.deepcopy(self.default) if isinstance(self.default, (list, dict)) else self.default
        violations.append(self.missing)
        return ABSENT

    def _need_nothing(self) -> None:
        """Take what is not given for an object without properties, which is not written at all."""
        if self.missing is not None and self._check.is_valid({}):
            self.missing, self.default = None, {}

    def judge(self, nodes: Iterator[Node], raws: Sequence[str], violations: list[Violation]) -> Any:
        """Give the value of the first reading that is valid, or else name what is wrong with the first."""
        first: list[Violation] | None = None
        for node in nodes:
            wrong: list[Violation] = []
            value = self._reader.read(node, (), wrong)
            wrong = self._check.complete(value, wrong)
            if not wrong:
                return value
            first = first or [_as_written(violation, node) for violation in wrong]
        if self._parameter.allow_empty and list(raws) == [""]:
            return ""
        violations.extend(violation.within(*self.location) for violation in first or [self._misshapen(raws)])
        return ABSENT

    def _readings(self, raws: list[str]) -> Iterator[Node]:
        p, shapes, decode = self._parameter, self._reader.shapes, self._decode
        if p.location == "header" and shapes != {"scalar"}:
            raws = [", ".join(raws)]
        if self._is_repeatable:
            if len(raws) == 1 and "scalar" in shapes:
                yield decode(raws[0])
            if not self._reader.untyped:
                yield from self._repeated(raws)
            elif len(raws) > 1:
                yield [decode(raw) for raw in raws]
        elif len(raws) == 1:
            yield from readings(raws[0], p.name, p.style, p.explode, shapes, decode)

    def _repeated(self, raws: Sequence[str]) -> Iterator[Node]:
        texts: list[Node] = [self._decode(raw) for raw in raws]
        # A cookie has one value (RFC 6265), so commas separate there as well.
        if self._parameter.location == "cookie" and any("," in raw for raw in raws):
            yield [member for raw in raws for member in raw.split(",")]
        yield texts

    def _misshapen(self, raws: Sequence[str]) -> Violation:
        texts = [str(self._decode(raw)) for raw in raws]
        if len(texts) == 1:
            refused = self._reader.refuse(texts[0], ())
            message = f"{refused.message}, written in style {self._parameter.style}"
            return Violation((), "type", self._reader.types, texts[0], message)
        message = f"it is given {len(texts)} times; the contract takes it once"
        return Violation((), "type", self._reader.types, texts, message)


class SpreadRule(Rule):
    """An exploded object in style ``form``: its properties are keys of their own."""

    def __init__(self, parameter: Parameter, reader: Reader, check: "Check", default: Any) -> None:
        super().__init__(parameter, reader, check, default)
        self.takes_rest = False
        if reader.shapes == {"object"}:
            self._need_nothing()
        # Where nothing is said of further properties, a key that no property has is a misspelt one.
        self.is_open = reader.others is not None or not reader.properties

    def take(self, given: Given, violations: list[Violation]) -> Any:
        if self.key in given and self.key not in self._reader.properties and self._takes_own_key():
            return super().take(given, violations)
        names = [name for name in (given if self.takes_rest else self._reader.properties) if name in given]
        if not names:
            return self.absent(violations)
        node = {name: [self._decode(raw) for raw in given.pop(name)] for name in names}
        return self.judge(iter([node]), (), violations)

    def _takes_own_key(self) -> bool:
        return self._reader.shapes != {"object"} or self._parameter.location == "cookie"


class _DeepRule(Rule):
    """An object in style ``deepObject``: ``name[property]=value``."""

    def __init__(self, parameter: Parameter, reader: Reader, check: "Check", default: Any) -> None:
        super().__init__(parameter, reader, check, default)
        self._need_nothing()

    def take(self, given: Given, violations: list[Violation]) -> Any:
        node = deep_object(given, self.key, self._decode)
        if node is None:
            raws = given.pop(self.key, None)
            if raws is None:
                return self.absent(violations)
            violations.append(self._misshapen(raws).within(*self.location))
            return ABSENT
        return self.judge(iter([node]), (), violations)


class _ContentRule(Rule):
    """A value that is serialised as JSON instead of by style."""

    def take(self, given: Given, violations: list[Violation]) -> Any:
        raws = given.pop(self.key, None)
        if raws is None:
            return self.absent(violations)
        text = self._decode(raws[0])
        if len(raws) > 1:
            wrong = [self._misshapen(raws)]
        elif isinstance(text, Garbled):
            wrong = [self._reader.refuse(text, ())]
        else:
            try:
                value = orjson.loads(text)
            except orjson.JSONDecodeError as error:
                wrong = [Violation((), "json", None, text, str(error))]
            else:
                wrong = self._check.violations(value)
                if not wrong:
                    return value
        violations.extend(violation.within(*self.location) for violation in wrong)
        return ABSENT


class Check:
    """What the schema itself says of a value that has been read."""

    def __init__(self, schema: Schema | None) -> None:
        self.is_valid: Callable[[Any], bool] = schema.is_valid if schema else _accept
        self.violations: Callable[[Any], list[Violation]] = schema.violations if schema else _name_nothing

    def complete(self, value: Any, unread: list[Violation]) -> list[Violation]:
        """Add what the schema refuses to what could not be read, but name each cause once."""
        known = {violation.location for violation in unread}
        around = {location[:depth] for location in known for depth in range(len(location) + 1)}
        news = [
            replace(violation, value=_sendable(violation.value))
            for violation in self.violations(value)
            if not any(violation.location[:depth] in known for depth in range(len(violation.location) + 1))
            and not (violation.keyword in _BRANCHING and violation.location in around)
        ]
        return [*unread, *news]


# These refuse a whole because of one part of it, which has been named already.
_BRANCHING = frozenset({"anyOf", "oneOf", "contains", "type"})


def _default(document: Mapping[str, Any], pointer: str) -> Any:
    """Give the default of a schema: its own, or that of what it refers to."""
    schema = resolve(document, pointer, follow=False)
    while isinstance(schema, dict):
        if "default" in schema:
            return schema["default"]
        if not isinstance(schema.get("$ref"), str):
            break
        schema = resolve(document, pointer_of(schema["$ref"]), follow=False)
    return ABSENT


def _accept(value: Any) -> bool:
    return True


def _name_nothing(value: Any) -> list[Violation]:
    return []


def _as_written(violation: Violation, node: Node) -> Violation:
    """Tell a value as the client wrote it: the text, even where a number was read out of it."""
    for part in violation.location:
        if not isinstance(node, (list, dict)):
            return violation
        try:
            node = node[part]  # type: ignore[index]  # whatever does not fit is caught
        except (LookupError, TypeError):
            return violation
    if isinstance(node, list) and len(node) == 1 and not isinstance(violation.value, list):
        node = node[0]
    return replace(violation, value=str(node)) if isinstance(node, str) else violation


def _sendable(value: Any) -> Any:
    """Give integers beyond 64 bits as text, since orjson, which writes the problem, refuses them."""
    if isinstance(value, int):
        return value if -_BIGGEST // 2 <= value < _BIGGEST else str(value)
    if isinstance(value, list):
        return [_sendable(item) for item in value]
    return {name: _sendable(item) for name, item in value.items()} if isinstance(value, dict) else value
