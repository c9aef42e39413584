"""Name every defect of a contract; the only user of openapi-spec-validator, which is slow to import."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from jsonschema.validators import validator_for  # type: ignore[import-untyped]  # it ships no types
from jsonschema_path import SchemaPath
from openapi_spec_validator import (
    OpenAPIV2SpecValidator,
    OpenAPIV30SpecValidator,
    OpenAPIV31SpecValidator,
    OpenAPIV32SpecValidator,
)
from openapi_spec_validator.validation.exceptions import DuplicateOperationIDError, UnresolvableParameterError

from mockserver.contract.loading.bundle import Bundle, bundle
from mockserver.contract.loading.defects import ContractError, Defect, place_of
from mockserver.contract.loading.document import load
from mockserver.contract.loading.files import Reach
from mockserver.contract.lowering import Direction
from mockserver.contract.media.media_types import is_json
from mockserver.contract.operation import METHODS, Contract
from mockserver.contract.pointers import dereference, escape, pointer_of, resolve, unescape
from mockserver.contract.samples.satisfiable import unsatisfiable
from mockserver.contract.schema import Schema, Schemas
from mockserver.errors import MockServerError, nearest

_Found = Iterator[tuple[str, str]]
"""Defects as a look finds them: a JSON Pointer into the document, and a sentence."""

# What x-mock may hold, and of which type; what belongs to fuzzing is looked at by who fuzzes. What is
# ``volatile`` may differ between a mock and its backend: names of members, or dotted paths with ``*``.
SETTINGS = {"handlers": str, "fixtures": str, "collections": dict, "fuzz": dict, "volatile": list}
_TYPES: Mapping[type, str] = {str: "a string", dict: "a mapping", list: "a list"}
_RESOLVED = 4096  # how many references openapi-spec-validator remembers
_UNUSABLE = "not a usable JSON Schema: "  # how Schemas begins what it has to say
_STUMBLED = " stumbled over the document: "
_SHOWN = 300  # how much of a value is said, in characters


@dataclass(frozen=True)
class Findings:
    """
    What was found in a document.

    ``contract`` is ``None`` where it cannot be served; ``counts`` tells how much was looked at.
    """

    contract: Contract | None
    counts: Mapping[str, int]
    defects: list[Defect]


def lint(path: Path, reach: Reach | None = None, overlays: Sequence[Path] = ()) -> Findings:
    """
    Look through an OpenAPI document: its structure, schemas, examples, security, links, and ``x-mock``.

    The defects come in the order of their lines. A broken document never raises.

    Raises:
        MockServerError: the file cannot be read at all.
    """
    contract, known = _load(path, reach, overlays)
    try:
        written = bundle(path, reach or Reach(), overlays)
    except (ContractError, RecursionError):
        return Findings(None, {}, known)
    as_written = _Document(written.data, is_sound=contract is not None)
    as_served = _Document(contract.data, is_sound=True) if contract else as_written
    looks: list[_Found] = []
    if as_written.specification is not None:
        looks += [_structure(as_written), _keywords(as_written)]
    if as_served.dialect is not None:
        looks += [look(as_served) for look in (_schemas, _examples, _security, _links, _settings)]
    defects = list(known)
    for at, look in enumerate(looks):
        converted = contract if contract is not None and at > 1 else None
        defects += _defects(look, written, converted, {each.place for each in defects})
    if contract is not None:
        defects += _defects(unsatisfiable(contract), written, contract, {each.place for each in defects})
    # Who stumbles does so over what others have words for.
    told = [each for each in defects if _STUMBLED not in each.text] or defects
    order = [file.name for file in written.files]
    told.sort(key=lambda each: (order.index(each.file), each.line))
    return Findings(contract, as_served.counts, told)


def _load(path: Path, reach: Reach | None, overlays: Sequence[Path]) -> tuple[Contract | None, list[Defect]]:
    try:
        contract = load(path, reach, overlays)
        return contract, list(contract.defects)
    except ContractError as error:
        return None, error.defects
    except MockServerError:
        raise
    except Exception as error:
        return None, [Defect(path.name, 1, "document", _stumbled("mockserver", error))]


def _defects(
    look: _Found, written: Bundle, contract: Contract | None, told: Collection[str]
) -> Iterator[Defect]:
    """Give what one look finds, with its lines; what another has told of the same place stands."""
    try:
        found = dict.fromkeys(look)
    except RecursionError:
        found = {("", "values are nested too deeply to be looked through."): None}
    for pointer, text in found:
        defect = (contract or written).defect(pointer, text)
        if defect.place not in told:
            yield defect


def _stumbled(who: str, error: Exception) -> str:
    return f"{who}{_STUMBLED}{type(error).__name__}: {error}."


@dataclass(frozen=True, slots=True)
class _Node:
    """
    One object of a document.

    ``side`` tells who sends what it describes; ``is_outermost`` whether it stands in another kind of object.
    """

    kind: str
    pointer: str
    value: Mapping[str, Any]
    side: Direction
    is_outermost: bool


class _Document:
    """A document that may be broken in any way; one that ``is_sound`` could be loaded."""

    def __init__(self, data: Any, *, is_sound: bool) -> None:
        self.data = data
        self.is_sound = is_sound
        self.counts: Counter[str] = Counter()
        self._schemas = Schemas(data, self.dialect) if self.dialect else None

    @property
    def dialect(self) -> Literal["3.0", "3.1"] | None:
        return "3.0" if self._version == "3.0" else "3.1" if self._version in ("3.1", "3.2") else None

    @property
    def specification(self) -> Any:
        """What openapi-spec-validator has for the document's version, if it knows that."""
        return _SPECIFICATIONS.get(self._version)

    @property
    def _version(self) -> str:
        version = self.data.get("openapi", self.data.get("swagger")) if isinstance(self.data, dict) else ""
        return str(version)[:3]

    @cached_property
    def nodes(self) -> Sequence[_Node]:
        return list(_walk(self.data, "document", "", "stored", ""))

    def of(self, *kinds: str) -> Iterator[_Node]:
        return (node for node in self.nodes if node.kind in kinds)

    def compile(self, pointer: str, direction: Direction = "stored") -> Schema | Exception:
        assert self._schemas is not None
        try:
            return self._schemas.at(pointer, direction)
        except (MockServerError, LookupError, ValueError, TypeError) as error:
            return error

    def dereference(self, value: Any) -> Mapping[str, Any]:
        """Give what a reference leads to; nothing for one that is broken, which others complain of."""
        try:
            found = dereference(self.data, value)
        except (LookupError, ValueError, TypeError):
            return {}
        return found if isinstance(found, dict) else {}


# By kind of object: its fields, what each holds, and how: one, a list, a map, or a map of maps of them.
_FIELDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "document": {
        "paths": ("map", "path item"),
        "webhooks": ("map", "path item"),
        "components": ("one", "components"),
    },
    "components": {
        "schemas": ("map", "schema"),
        "responses": ("map", "response"),
        "parameters": ("map", "parameter"),
        "requestBodies": ("map", "request body"),
        "headers": ("map", "header"),
        "links": ("map", "link"),
        "callbacks": ("maps", "path item"),
        "pathItems": ("map", "path item"),
    },
    "path item": {"parameters": ("list", "parameter"), **dict.fromkeys(METHODS, ("one", "operation"))},
    "operation": {
        "parameters": ("list", "parameter"),
        "requestBody": ("one", "request body"),
        "responses": ("map", "response"),
        "callbacks": ("maps", "path item"),
    },
    "parameter": {"schema": ("one", "schema"), "content": ("map", "media type")},
    "header": {"schema": ("one", "schema"), "content": ("map", "media type")},
    "request body": {"content": ("map", "media type")},
    "response": {
        "headers": ("map", "header"),
        "content": ("map", "media type"),
        "links": ("map", "link"),
    },
    "media type": {"schema": ("one", "schema"), "encoding": ("map", "encoding")},
    "encoding": {"headers": ("map", "header")},
    "link": {},
    "schema": {
        **dict.fromkeys(("properties", "patternProperties", "dependentSchemas", "$defs"), ("map", "schema")),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), ("list", "schema")),
        **dict.fromkeys(("items", "not", "if", "then", "else", "contains"), ("one", "schema")),
        **dict.fromkeys(("additionalProperties", "propertyNames"), ("one", "schema")),
        **dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), ("one", "schema")),
    },
}
_SIDES: Mapping[str, Direction] = {
    "parameter": "request",
    "request body": "request",
    "response": "response",
    "header": "response",
}


def _walk(value: Any, kind: str, pointer: str, side: Direction, parent: str) -> Iterator[_Node]:
    """Give every object where it stands; what a reference leads to stands elsewhere."""
    if not isinstance(value, dict) or ("$ref" in value and kind not in ("schema", "path item")):
        return
    side = _SIDES.get(kind, side)
    yield _Node(kind, pointer, value, side, parent != kind)
    for field, (shape, inner_kind) in _FIELDS[kind].items():
        for inner_pointer, inner in _inside(value.get(field), f"{pointer}/{field}", shape):
            yield from _walk(inner, inner_kind, inner_pointer, side, kind)


def _inside(value: Any, pointer: str, shape: str) -> Iterator[tuple[str, Any]]:
    if shape == "one":
        yield pointer, value
    elif shape == "list" and isinstance(value, list):
        yield from ((f"{pointer}/{index}", each) for index, each in enumerate(value))
    elif shape in ("map", "maps") and isinstance(value, dict):
        for name, each in value.items():
            inner = f"{pointer}/{escape(name)}"
            yield from _inside(each, inner, "map" if shape == "maps" else "one")


def _structure(document: _Document) -> _Found:
    """Hold the document against OpenAPI's own schema for documents of its version."""
    quick = document.specification.schema_validator
    if quick.is_valid(document.data):
        return
    # The quick one says "not valid under any of the schemas"; this one knows why.
    for error in validator_for(quick.schema)(quick.schema).iter_errors(document.data):
        yield from _explain(error, "")


def _keywords(document: _Document) -> _Found:
    """Ask openapi-spec-validator for what no schema can say."""
    # Without handlers nothing is fetched from anywhere; without the cache it takes four times as long.
    path = SchemaPath.from_dict(document.data, handlers={}, resolved_cache_maxsize=_RESOLVED)
    try:
        for error in document.specification(path).root_validator(path):
            if not isinstance(error, _SAID_BY_LOADING):
                for pointer, text in _explain(error, _real(document, error.found_at)):
                    yield _real(document, map(unescape, pointer.split("/")[1:])), text
    except Exception as error:  # it raises even KeyError
        yield "", _stumbled("openapi-spec-validator", error)


_SAID_BY_LOADING = (DuplicateOperationIDError, UnresolvableParameterError)


def _explain(error: Any, base: str) -> _Found:
    """Give an error of jsonschema: the causes of one that has branches, and each unexpected property."""
    pointer = base + "".join(f"/{escape(str(part))}" for part in error.absolute_path)
    value, limit = error.instance, error.validator_value
    if error.validator in ("anyOf", "oneOf") and error.context:
        yield from _explain_branches(error, base, pointer)
    elif error.validator in ("additionalProperties", "unevaluatedProperties") and isinstance(value, dict):
        known = [name for name in (error.schema or {}).get("properties", ()) if name not in value]
        for name in value:
            if repr(name) in error.message:
                yield f"{pointer}/{escape(name)}", f"{name} is not known here.{nearest(name, known)}"
    elif error.validator == "required":
        yield pointer, f"{_missing(error)} is missing."
    elif error.validator == "enum":
        yield pointer, f"is {_shown(value)}; allowed are {', '.join(map(str, limit))}."
    elif error.validator == "type":
        wanted = " or ".join([limit] if isinstance(limit, str) else limit)
        yield pointer, f"is {_shown(value)}; it should be of type {wanted}."
    else:
        yield pointer, f"{_shown(error.message)}."


def _explain_branches(error: Any, base: str, pointer: str) -> _Found:
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.relative_schema_path[0], []).append(inner)
    meant = [each for each in branches.values() if not any(_is_beside_the_point(e, error) for e in each)]
    if len(meant) == 1:
        for inner in meant[0]:
            yield from _explain(inner, base)
    elif meant and all(inner.validator == "required" for branch in meant for inner in branch):
        yield pointer, f"{' or '.join(_missing(branch[0]) for branch in meant)} is missing."
    else:
        yield pointer, f"{_shown(error.message)}."


def _is_beside_the_point(inner: Any, error: Any) -> bool:
    """Tell whether a branch is for references, or for another type than the value's."""
    is_of_another_type = inner.validator == "type" and len(inner.path) == len(error.path)
    return is_of_another_type or (inner.validator == "required" and inner.validator_value == ["$ref"])


def _missing(error: Any) -> str:
    return re.sub(r"^'(.*)' is a required property$", r"\1", error.message)


def _schemas(document: _Document) -> _Found:
    """Compile every schema as the mock does."""
    for node in document.of("schema"):
        document.counts["schemas"] += node.is_outermost
        if node.is_outermost and isinstance(document.compile(node.pointer), Exception):
            inside = (each for each in document.of("schema") if each.pointer.startswith(f"{node.pointer}/"))
            for each in (node, *inside):
                trouble = document.compile(each.pointer)
                if isinstance(trouble, Exception):
                    yield from _uncompiled(document, each, trouble)


def _uncompiled(document: _Document, node: _Node, trouble: Exception) -> _Found:
    # jsonschema_rs says where in the document the trouble is, perhaps in a schema that is referred to.
    parts = getattr(trouble.__cause__, "instance_path", None) or ()
    pointer = "".join(f"/{escape(str(part))}" for part in parts)
    if pointer or document.is_sound:  # else it is a reference to nothing, which is known already
        yield (
            pointer or node.pointer,
            f"is no usable JSON Schema: {_shown(str(trouble).rpartition(_UNUSABLE)[2])}.",
        )


def _examples(document: _Document) -> _Found:
    """Hold every example against its schema."""
    for node in document.of("media type", "parameter", "header", "schema"):
        is_schema = node.kind == "schema"
        schema = node.pointer if is_schema else f"{node.pointer}/schema"
        directions: tuple[Direction, ...] = ("stored", "request", "response") if is_schema else (node.side,)
        yield from _broken_references(document, node)
        if not is_schema and "schema" not in node.value:
            continue
        for pointer, value in _written_examples(document, node):
            document.counts["examples"] += 1
            if not (node.kind == "media type" and isinstance(value, str) and not _is_json_at(node.pointer)):
                yield from _invalid(document, schema, directions, pointer, value)


def _broken_references(document: _Document, node: _Node) -> _Found:
    named = node.value.get("examples") if node.kind != "schema" else None
    for pointer, example in _inside(named, f"{node.pointer}/examples", "map"):
        if isinstance(example, dict) and "$ref" in example and not document.dereference(example):
            yield pointer, f"{example['$ref']} refers to nothing."


def _written_examples(document: _Document, node: _Node) -> Iterator[tuple[str, Any]]:
    """Give the examples of an object, each with where it stands."""
    if "example" in node.value:
        yield f"{node.pointer}/example", node.value["example"]
    examples = node.value.get("examples")
    if node.kind == "schema":
        if isinstance(examples, list) and document.dialect == "3.1":
            yield from _inside(examples, f"{node.pointer}/examples", "list")
        return
    for pointer, example in _inside(examples, f"{node.pointer}/examples", "map"):
        found = document.dereference(example)
        if "value" in found:
            reference = example.get("$ref")
            yield f"{pointer_of(reference) if reference else pointer}/value", found["value"]


def _invalid(
    document: _Document, schema: str, directions: Iterable[Direction], pointer: str, value: Any
) -> _Found:
    violations = []
    for direction in directions:
        compiled = document.compile(schema, direction)
        if isinstance(compiled, Exception):
            return  # the schema is complained of already
        violations = compiled.violations(value)
        if not violations:
            return
    for violation in violations:
        at = "".join(f"/{escape(str(part))}" for part in violation.location)
        yield f"{pointer}{at}", f"the example breaks its schema: {_shown(violation.message)}."


def _is_json_at(pointer: str) -> bool:
    return is_json(unescape(pointer.rpartition("/")[2]))


def _security(document: _Document) -> _Found:
    """Find requirements that name no scheme."""
    components = document.dereference(document.data.get("components"))
    schemes = document.dereference(components.get("securitySchemes"))
    document.counts["security schemes"] = len(schemes)
    for node in document.of("document", "operation"):
        for pointer, requirement in _inside(node.value.get("security"), f"{node.pointer}/security", "list"):
            for name in requirement if isinstance(requirement, dict) else ():
                if name not in schemes:
                    known = ", ".join(schemes) or "none"
                    hint = nearest(name, schemes)
                    yield pointer, f'there is no security scheme "{name}"; there are: {known}.{hint}'


def _links(document: _Document) -> _Found:
    """Find links that lead to no operation, or give parameters that the operation lacks."""
    operations = {node.pointer: node.value for node in document.of("operation")}
    by_id = {
        value["operationId"]: pointer
        for pointer, value in operations.items()
        if isinstance(value.get("operationId"), str)
    }
    for node in document.of("link"):
        document.counts["links"] += 1
        name, reference = node.value.get("operationId"), node.value.get("operationRef")
        if isinstance(name, str):
            if name not in by_id:
                hint = nearest(name, by_id)
                yield f"{node.pointer}/operationId", f'there is no operation "{name}".{hint}'
            else:
                yield from _link_parameters(document, node, by_id[name])
        elif isinstance(reference, str) and reference.startswith("#"):
            if pointer_of(reference) not in operations:
                yield f"{node.pointer}/operationRef", f"{reference} leads to no operation."
            else:
                yield from _link_parameters(document, node, pointer_of(reference))


def _link_parameters(document: _Document, link: _Node, operation: str) -> _Found:
    known = []
    for pointer in (operation.rpartition("/")[0], operation):
        declared = resolve(document.data, pointer).get("parameters")
        for _, each in _inside(declared, "", "list"):
            found = document.dereference(each)
            known += [str(found.get("name")), f"{found.get('in')}.{found.get('name')}"]
    for pointer, _ in _inside(link.value.get("parameters"), f"{link.pointer}/parameters", "map"):
        name = unescape(pointer.rpartition("/")[2])
        if name not in known:
            has = ", ".join(known[::2]) or "none"
            text = f'{place_of(operation)} has no parameter "{name}"; it has: {has}.{nearest(name, known)}'
            yield pointer, text


def _settings(document: _Document) -> _Found:
    """Look at what the document says of its own mock."""
    if "x-mock" not in document.data:
        return
    settings = document.data["x-mock"]
    if not isinstance(settings, dict):
        yield "/x-mock", f"should be a mapping of {', '.join(SETTINGS)}."
        return
    for name, value in settings.items():
        pointer = f"/x-mock/{escape(name)}"
        if name not in SETTINGS:
            yield pointer, f"is unknown; known are {', '.join(SETTINGS)}.{nearest(name, SETTINGS)}"
        elif not isinstance(value, SETTINGS[name]):
            wanted = _TYPES[SETTINGS[name]]
            yield pointer, f"is {_shown(value)}; it should be {wanted}."
        elif name == "collections":
            yield from _collections(document, value)


def _collections(document: _Document, collections: Mapping[str, Any]) -> _Found:
    components = document.dereference(document.data.get("components"))
    schemas = document.dereference(components.get("schemas"))
    document.counts["collections"] = len(collections)
    for collection, name in collections.items():
        if not isinstance(name, str) or name not in schemas:
            hint = nearest(str(name), schemas)
            yield (
                f"/x-mock/collections/{escape(collection)}",
                f'is "{name}", which is not in components.schemas.{hint}',
            )


def _locating(name: str, validator: type) -> type:
    """Let a validator of one kind of object say, with each error, where the object stands."""

    def call(self: Any, *values: Any, **options: Any) -> Iterator[Any]:
        at = next((value.parts for value in values if isinstance(value, SchemaPath)), ())
        at = (*at, "default") if name == "default" else at  # that one looks at a schema and its default
        for error in validator.__call__(self, *values, **options):
            if not hasattr(error, "found_at"):
                error.found_at = at
            yield error

    return type(validator.__name__, (validator,), {"__call__": call})


def _locate_all(validator: Any) -> Any:
    keywords = {name: _locating(name, each) for name, each in validator.keyword_validators.items()}
    return type(validator.__name__, (validator,), {"keyword_validators": keywords})


_SPECIFICATIONS: Mapping[str, Any] = {
    "2.0": _locate_all(OpenAPIV2SpecValidator),
    "3.0": _locate_all(OpenAPIV30SpecValidator),
    "3.1": _locate_all(OpenAPIV31SpecValidator),
    "3.2": _locate_all(OpenAPIV32SpecValidator),
}


def _real(document: _Document, parts: Iterable[Any]) -> str:
    """Give the pointer to where something stands, of a way that went through references."""
    pointer = ""
    for part in parts:
        value = resolve(document.data, pointer, follow=False)
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            pointer = pointer_of(value["$ref"])
            value = resolve(document.data, pointer, follow=False)
        pointer += f"/{escape(str(part))}"
    return pointer


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = text.rstrip(".")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
