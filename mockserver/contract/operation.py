"""Typed views of a contract: its operations, parameters, request bodies and responses."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

from mockserver.contract.loading.defects import Defect, place_of
from mockserver.contract.loading.files import Change, SourceFile, defect_at, file_of
from mockserver.contract.loading.lines import line_of
from mockserver.contract.loading.swagger2 import written_at
from mockserver.contract.media.media_types import essence
from mockserver.contract.pointers import escape, pointer_of, resolve
from mockserver.contract.samples.samples import Samples
from mockserver.contract.schema import Schemas

ParameterLocation = Literal["path", "query", "header", "cookie"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

# By where a parameter is: the styles it may have, the default first. Source: OpenAPI 3.2.0, "Style Values".
STYLES: Mapping[str, tuple[str, ...]] = {
    "path": ("simple", "matrix", "label"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    One declared parameter.

    ``pointer`` leads to its schema in the document. ``media_type`` is set where the value is serialised
    as ``content`` (JSON in a query, say) instead of by ``style`` and ``explode``.
    """

    name: str
    location: ParameterLocation
    required: bool
    style: str
    explode: bool
    allow_empty: bool
    pointer: str | None
    media_type: str | None


@dataclass(frozen=True, slots=True)
class MediaType:
    """One representation of a body: where its schema stands, and the examples by name, in order."""

    name: str
    pointer: str | None
    examples: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RequestBody:
    """What an operation takes; ``content`` is by media type, without parameters and in lower case."""

    required: bool
    content: Mapping[str, MediaType]


@dataclass(frozen=True, slots=True)
class Header:
    """One declared header of a response."""

    name: str
    required: bool
    pointer: str | None
    example: Any


@dataclass(frozen=True, slots=True)
class ResponseType:
    """What an operation answers under one status, a range such as ``4XX``, or ``default``."""

    status: str
    content: Mapping[str, MediaType]
    headers: Mapping[str, Header]


@dataclass(frozen=True)
class Operation:
    """
    One method on one path.

    ``base_paths`` are those of servers that it has for itself; it is served there too.
    """

    operation_id: str
    method: str
    path: str
    pointer: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    request_body: RequestBody | None
    responses: Mapping[str, ResponseType]
    security: tuple[Mapping[str, tuple[str, ...]], ...]
    base_paths: tuple[str, ...] = ()

    def response(self, status: int) -> ResponseType | None:
        """Find what is declared for a status: itself, its range or ``default``; ``None`` where nothing is."""
        return (
            self.responses.get(str(status))
            or self.responses.get(f"{status // 100}XX")
            or self.responses.get("default")
        )


@dataclass(frozen=True)
class Contract:
    """
    One OpenAPI document, loaded, checked and resolved.

    ``source`` is the document as it was written; ``data`` is the same with nothing lost but its comments.
    ``base_path`` stands before every path, without a slash at its end. ``found`` is what is wrong with the
    document though it can be served: JSON Pointers, and sentences. ``files`` are all that it was read from,
    the first one first, and ``changes`` what overlays put in.
    """

    name: str
    source: bytes
    data: Mapping[str, Any]
    dialect: Literal["3.0", "3.1"]
    base_path: str
    operations: tuple[Operation, ...]
    files: tuple[SourceFile, ...] = ()
    changes: tuple[Change, ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    is_converted: bool = False

    @cached_property
    def schemas(self) -> Schemas:
        return Schemas(self.data, self.dialect, is_lenient=True)

    @cached_property
    def defects(self) -> tuple[Defect, ...]:
        """What is wrong with the document; the lines are looked for when this is first asked for."""
        defects = [self.defect(pointer, text) for pointer, text in self.found]
        order = {file.name: at for at, file in enumerate(self.files)}
        return tuple(sorted(defects, key=lambda each: (order.get(each.file, 0), each.line)))

    def defect(self, pointer: str, text: str) -> Defect:
        """Say something of what stands at a pointer into ``data``, with the file and line of it."""
        if not self.files:
            return Defect(self.name, line_of(self.source, pointer), place_of(pointer), text)
        if self.is_converted and file_of(self.files, pointer) is self.files[0]:
            pointer = written_at(pointer)
        return defect_at(self.files, self.changes, pointer, text)

    @cached_property
    def samples(self) -> Samples:
        return Samples(self.schemas)

    @cached_property
    def by_id(self) -> Mapping[str, Operation]:
        return {operation.operation_id: operation for operation in self.operations}

    @cached_property
    def by_path(self) -> Mapping[str, Mapping[str, Operation]]:
        """Every path with its operations by method, in upper case."""
        paths: dict[str, dict[str, Operation]] = {}
        for operation in self.operations:
            paths.setdefault(operation.path, {})[operation.method.upper()] = operation
        return paths

    @property
    def title(self) -> str:
        return str(self.data.get("info", {}).get("title", self.name))

    @property
    def security_schemes(self) -> Mapping[str, Mapping[str, Any]]:
        schemes = self.data.get("components", {}).get("securitySchemes", {})
        return {name: resolve(self.data, f"/components/securitySchemes/{escape(name)}") for name in schemes}

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the document says of its own mock, under ``x-mock`` at its root."""
        found = self.data.get("x-mock")
        return found if isinstance(found, dict) else {}


def declared_base_path(data: Mapping[str, Any]) -> str:
    """Give the path of the first server, with a slash before and none after it; its variables' defaults."""
    return next(iter(_base_paths(data)), "")


def _base_paths(owner: Mapping[str, Any]) -> Iterator[str]:
    yield from dict.fromkeys(map(_base_path, owner.get("servers") or ()))


def _base_path(server: Mapping[str, Any]) -> str:
    url = str(server.get("url", "/"))
    for name, variable in (server.get("variables") or {}).items():
        if isinstance(variable, dict):
            url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    path = urlsplit(url).path.strip("/")
    return f"/{path}" if path else ""


def requested(path: str) -> str:
    """Give a path as requests have it: without the fragment, or the query, that tells it from another."""
    return re.split(r"[?#]", path, maxsplit=1)[0]


def parameters_in(path: str) -> list[str]:
    """Give the names of the parameters that stand in a path, in their order."""
    return re.findall(r"\{([^{}/]+)\}", path)


def shape_of(path: str) -> str:
    """Give a path without its parameters' names: two of the same shape match the same requests."""
    return re.sub(r"\{[^{}/]+\}", "{}", requested(path))


def definitions_in(item: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Give the operations of a path item: the method, in lower case, the steps to it, and its definition."""
    for method in METHODS:
        if method in item:
            yield method, f"/{method}", item[method]
    for method, definition in item.get("additionalOperations", {}).items():
        yield method.lower(), f"/additionalOperations/{escape(method)}", definition


def read_operations(data: Mapping[str, Any]) -> Iterator[Operation]:
    """
    Give every operation of a document that was mended, in the document's order.

    An operation without an ``operationId``, or with one that is taken, is called by its method and path. Of
    two with one method, on paths that match the same requests, the first is given.
    """
    taken: set[str] = set()
    served: set[tuple[str, str]] = set()
    for path in data.get("paths") or {}:
        if not path.startswith("/"):
            continue
        item, pointer = follow(data, f"/paths/{escape(path)}")
        for method, steps, definition in definitions_in(item):
            if (method, shape_of(path)) in served:
                continue
            served.add((method, shape_of(path)))
            name = definition.get("operationId")
            operation_id = name if name and name not in taken else f"{method} {path}"
            taken.add(operation_id)
            yield _read_operation(
                data, requested(path), method, item, pointer, f"{pointer}{steps}", operation_id
            )


def fit_to_path(operation: Operation) -> Operation:
    """Leave out the path parameters that the path lacks, and take those for texts that are not declared."""
    names = dict.fromkeys(parameters_in(operation.path))
    declared = {each.name for each in operation.parameters if each.location == "path"}
    if declared == names.keys():
        return operation
    kept = [each for each in operation.parameters if each.location != "path" or each.name in names]
    kept += [
        Parameter(name, "path", True, "simple", False, False, None, None)
        for name in names
        if name not in declared
    ]
    return replace(operation, parameters=tuple(kept))


def _read_operation(
    data: Mapping[str, Any],
    path: str,
    method: str,
    item: Mapping[str, Any],
    item_pointer: str,
    pointer: str,
    operation_id: str,
) -> Operation:
    definition = resolve(data, pointer, follow=False)
    body = definition.get("requestBody")
    security = definition.get("security", data.get("security", []))
    return Operation(
        operation_id=operation_id,
        method=method,
        path=path,
        pointer=pointer,
        tags=tuple(definition.get("tags", ())),
        parameters=_read_parameters(data, item, item_pointer, definition, pointer),
        request_body=_read_request_body(data, f"{pointer}/requestBody") if body else None,
        responses={
            status.lower() if status.lower() == "default" else status.upper(): _read_response(
                data, status, f"{pointer}/responses/{status}"
            )
            for status in map(str, definition.get("responses") or {})
            if not status.startswith("x-")
        },
        security=tuple({name: tuple(scopes) for name, scopes in each.items()} for each in security),
        base_paths=tuple(_base_paths(definition if definition.get("servers") else item)),
    )


def _read_parameters(
    data: Mapping[str, Any],
    item: Mapping[str, Any],
    item_pointer: str,
    definition: Mapping[str, Any],
    pointer: str,
) -> tuple[Parameter, ...]:
    """An operation's own parameters replace those of its path item with the same name and place."""
    found: dict[tuple[str, str], Parameter] = {}
    for owner, owner_pointer in ((item, item_pointer), (definition, pointer)):
        for index, _ in enumerate(owner.get("parameters", ())):
            parameter = _read_parameter(data, f"{owner_pointer}/parameters/{index}")
            found[(parameter.name, parameter.location)] = parameter
    # OpenAPI: header parameters with these three names are ignored, since other keywords describe them.
    ignored = {"accept", "content-type", "authorization"}
    return tuple(p for p in found.values() if not (p.location == "header" and p.name.lower() in ignored))


def _read_parameter(data: Mapping[str, Any], pointer: str) -> Parameter:
    definition, pointer = follow(data, pointer)
    content = definition.get("content") or {}
    media_type = next(iter(content), None)
    schema_pointer = f"{pointer}/content/{escape(media_type)}/schema" if media_type else f"{pointer}/schema"
    has_schema = "schema" in (content[media_type] if media_type else definition)
    style = definition.get("style", STYLES[definition["in"]][0])
    return Parameter(
        name=definition["name"],
        location=definition["in"],
        required=definition.get("required", False) is True,
        style="form" if style == "cookie" else style,
        explode=definition.get("explode", style in ("form", "deepObject", "cookie")) is True,
        allow_empty=definition.get("allowEmptyValue", False) is True,
        pointer=schema_pointer if has_schema else None,
        media_type=media_type,
    )


def _read_request_body(data: Mapping[str, Any], pointer: str) -> RequestBody:
    definition, pointer = follow(data, pointer)
    return RequestBody(
        required=definition.get("required", False) is True,
        content=_read_content(data, definition, pointer),
    )


def _read_response(data: Mapping[str, Any], status: str, pointer: str) -> ResponseType:
    definition, pointer = follow(data, pointer)
    headers = {}
    for name in definition.get("headers") or {}:
        header, header_pointer = follow(data, f"{pointer}/headers/{escape(name)}")
        headers[name.lower()] = Header(
            name=name,
            required=header.get("required", False) is True,
            pointer=f"{header_pointer}/schema" if "schema" in header else None,
            example=next(iter(_read_examples(data, header, header_pointer).values()), None),
        )
    return ResponseType(
        status=status,
        content=_read_content(data, definition, pointer),
        headers=headers,
    )


def _read_content(
    data: Mapping[str, Any], definition: Mapping[str, Any], pointer: str
) -> Mapping[str, MediaType]:
    content = {}
    for name in definition.get("content") or {}:
        media_type, at = follow(data, f"{pointer}/content/{escape(name)}")
        content[essence(name)] = MediaType(
            name=name,
            pointer=f"{at}/schema" if "schema" in media_type else None,
            examples=_read_examples(data, media_type, at),
        )
    return content


def _read_examples(data: Mapping[str, Any], media_type: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """Give the examples of a media type by name; the nameless one is called by an empty string."""
    if "example" in media_type:
        return {"": media_type["example"]}
    examples = {}
    for name in media_type.get("examples") or {}:
        example, _ = follow(data, f"{pointer}/examples/{escape(name)}")
        for key in ("value", "dataValue"):
            if key in example:
                examples[name] = example[key]
    if not examples and "schema" in media_type:
        schema = resolve(data, f"{pointer}/schema")
        if isinstance(schema, dict) and "example" in schema:
            return {"": schema["example"]}
        if isinstance(schema, dict) and isinstance(schema.get("examples"), list) and schema["examples"]:
            return {"": schema["examples"][0]}
    return examples


def follow(data: Mapping[str, Any], pointer: str) -> tuple[Any, str]:
    """Give what a pointer leads to, and where that really stands once its references are followed."""
    value = resolve(data, pointer, follow=False)
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        pointer = pointer_of(value["$ref"])
        value = resolve(data, pointer, follow=False)
    return value, pointer
