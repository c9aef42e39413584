"""Typed views of a contract: its operations, parameters, request bodies and responses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

from mockserver.contract.media_types import essence
from mockserver.contract.pointers import escape, pointer_of, resolve
from mockserver.contract.samples.samples import Samples
from mockserver.contract.schema import Schemas

ParameterLocation = Literal["path", "query", "header", "cookie"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_STYLES: Mapping[str, str] = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}


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
    """One method on one path."""

    operation_id: str
    method: str
    path: str
    pointer: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    request_body: RequestBody | None
    responses: Mapping[str, ResponseType]
    security: tuple[Mapping[str, tuple[str, ...]], ...]

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
    ``base_path`` stands before every path, without a slash at its end.
    """

    name: str
    source: bytes
    data: Mapping[str, Any]
    dialect: Literal["3.0", "3.1"]
    base_path: str
    operations: tuple[Operation, ...]

    @cached_property
    def schemas(self) -> Schemas:
        return Schemas(self.data, self.dialect)

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
    servers = data.get("servers") or [{}]
    url = str(servers[0].get("url", "/"))
    for name, variable in (servers[0].get("variables") or {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    path = urlsplit(url).path.strip("/")
    return f"/{path}" if path else ""


def read_operations(data: Mapping[str, Any]) -> Iterator[Operation]:
    """
    Give every operation of a document that was found sound, in the document's order.

    An operation without an ``operationId`` is called by its method and path.
    """
    for path in data.get("paths") or {}:
        if not path.startswith("/"):
            continue
        pointer = f"/paths/{escape(path)}"
        item, pointer = _follow(data, pointer)
        for method in METHODS:
            if method in item:
                yield _read_operation(data, path, method, item, pointer)


def _read_operation(
    data: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any], item_pointer: str
) -> Operation:
    pointer = f"{item_pointer}/{method}"
    definition = item[method]
    body = definition.get("requestBody")
    security = definition.get("security", data.get("security", []))
    return Operation(
        operation_id=definition.get("operationId") or f"{method} {path}",
        method=method,
        path=path,
        pointer=pointer,
        tags=tuple(definition.get("tags", ())),
        parameters=_read_parameters(data, item, item_pointer, definition, pointer),
        request_body=_read_request_body(data, f"{pointer}/requestBody") if body else None,
        responses={
            str(status).upper() if str(status) != "default" else "default": _read_response(
                data, str(status), f"{pointer}/responses/{status}"
            )
            for status in definition.get("responses") or {}
            if not str(status).startswith("x-")
        },
        security=tuple({name: tuple(scopes) for name, scopes in each.items()} for each in security),
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
    definition, pointer = _follow(data, pointer)
    content = definition.get("content") or {}
    media_type = next(iter(content), None)
    schema_pointer = f"{pointer}/content/{escape(media_type)}/schema" if media_type else f"{pointer}/schema"
    has_schema = "schema" in (content[media_type] if media_type else definition)
    style = definition.get("style", _STYLES[definition["in"]])
    return Parameter(
        name=definition["name"],
        location=definition["in"],
        required=definition.get("required", False) is True,
        style=style,
        explode=definition.get("explode", style in ("form", "deepObject")) is True,
        allow_empty=definition.get("allowEmptyValue", False) is True,
        pointer=schema_pointer if has_schema else None,
        media_type=media_type,
    )


def _read_request_body(data: Mapping[str, Any], pointer: str) -> RequestBody:
    definition, pointer = _follow(data, pointer)
    return RequestBody(
        required=definition.get("required", False) is True,
        content=_read_content(data, definition, pointer),
    )


def _read_response(data: Mapping[str, Any], status: str, pointer: str) -> ResponseType:
    definition, pointer = _follow(data, pointer)
    headers = {}
    for name in definition.get("headers") or {}:
        header, header_pointer = _follow(data, f"{pointer}/headers/{escape(name)}")
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
    return {
        essence(name): MediaType(
            name=name,
            pointer=f"{pointer}/content/{escape(name)}/schema" if "schema" in media_type else None,
            examples=_read_examples(data, media_type, f"{pointer}/content/{escape(name)}"),
        )
        for name, media_type in (definition.get("content") or {}).items()
    }


def _read_examples(data: Mapping[str, Any], media_type: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
    """Give the examples of a media type by name; the nameless one is called by an empty string."""
    if "example" in media_type:
        return {"": media_type["example"]}
    examples = {}
    for name in media_type.get("examples") or {}:
        example, _ = _follow(data, f"{pointer}/examples/{escape(name)}")
        if "value" in example:
            examples[name] = example["value"]
    if not examples and "schema" in media_type:
        schema = resolve(data, f"{pointer}/schema")
        if isinstance(schema, dict) and "example" in schema:
            return {"": schema["example"]}
        if isinstance(schema, dict) and isinstance(schema.get("examples"), list) and schema["examples"]:
            return {"": schema["examples"][0]}
    return examples


def _follow(data: Mapping[str, Any], pointer: str) -> tuple[Any, str]:
    """Give what a pointer leads to, and where that really stands once its references are followed."""
    value = resolve(data, pointer, follow=False)
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        pointer = pointer_of(value["$ref"])
        value = resolve(data, pointer, follow=False)
    return value, pointer
