"""Say an OpenAPI 2.0 document in OpenAPI 3.0. Source: OpenAPI 2.0; OpenAPI 3.0.4."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.loading.files import KEY
from mockserver.contract.loading.moved import follow_moved, targets_of
from mockserver.contract.lowering import LITERAL, NAMES
from mockserver.contract.pointers import escape, pointer_of, resolve

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_MOVED = {
    "definitions": "components/schemas",
    "parameters": "components/parameters",
    "responses": "components/responses",
    "securityDefinitions": "components/securitySchemes",
}
# What a parameter, an item of one, or a header of 2.0 says that a schema says in 3.0.
_OF_SCHEMAS = (
    *("type", "format", "items", "default", "enum", "pattern", "multipleOf", "uniqueItems"),
    *("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength"),
    *("maxItems", "minItems", "nullable", "x-nullable"),
)
_STYLES = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
_FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}


def convert(
    data: dict[str, Any], references: Iterable[str] = ()
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """
    Give a document of 2.0 as one of 3.0, and what could not be said there: pointers into 3.0, and sentences.

    The parts of the given document are used, and changed, since none is needed any more. What is not of the
    type that it should be is kept as it is: whoever reads 3.0 complains of it. ``references`` are all those
    in the document.
    """
    targets = targets_of(data, references)
    converted, found = _Conversion(data).run()
    return converted, found + follow_moved(converted, _rewrite(converted, targets), targets)


def written_at(pointer: str) -> str:
    """Give about where in 2.0 that was written which stands at a pointer in 3.0."""
    for old, new in _MOVED.items():
        if pointer == f"/{new}" or pointer.startswith(f"/{new}/"):
            pointer = f"/{old}{pointer[len(new) + 1 :]}"
    steps = pointer.split("/")
    if "requestBody" in steps:
        return "/".join([*steps[: steps.index("requestBody")], "parameters"])
    if "content" in steps:
        at = steps.index("content")
        return "/".join([*steps[:at], *steps[at + 2 :]])
    if steps[1:2] == ["servers"]:
        return "/basePath"
    if "parameters" in steps or "headers" in steps:
        return "/".join(step for step in steps if step != "schema")
    return pointer


class _Conversion:
    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        self._found: list[tuple[str, str]] = []
        self._consumes = _names(data.get("consumes")) or ["application/json"]
        self._produces = _names(data.get("produces")) or ["application/json"]

    def run(self) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        data = self._data
        converted: dict[str, Any] = {"openapi": "3.0.3", "info": data.get("info", {})}
        if "host" in data or "basePath" in data:
            converted["servers"] = list(self._servers())
        for key, value in data.items():
            if key in ("security", "tags", "externalDocs", KEY) or key.startswith("x-"):
                converted[key] = value
        if "paths" in data:
            converted["paths"] = data["paths"]
            for path, item in _items(data["paths"]):
                self._convert_item(item, f"/paths/{escape(path)}")
        for item in self._items_elsewhere():
            self._convert_item(item, "")
        converted["components"] = self._components()
        return converted, self._found

    def _servers(self) -> Iterator[dict[str, str]]:
        host, path = self._data.get("host"), str(self._data.get("basePath") or "/")
        schemes = _names(self._data.get("schemes")) or ["https"]
        if not isinstance(host, str):
            yield {"url": path}
            return
        yield from ({"url": f"{scheme}://{host}/{path.lstrip('/')}"} for scheme in schemes)

    def _components(self) -> dict[str, Any]:
        data, components = self._data, {}
        if "definitions" in data:
            components["schemas"] = data["definitions"]
        parameters = data.get("parameters")
        if isinstance(parameters, dict):
            components["parameters"] = {
                name: self._parameter(each)
                for name, each in parameters.items()
                if not _is_of_body(self._behind(each))
            }
        responses = data.get("responses")
        if isinstance(responses, dict):
            components["responses"] = {
                name: self._response(each, self._produces) for name, each in responses.items()
            }
        if "securityDefinitions" in data:
            definitions = data["securityDefinitions"]
            components["securitySchemes"] = (
                {name: _scheme(each) for name, each in definitions.items()}
                if isinstance(definitions, dict)
                else definitions
            )
        return components

    def _items_elsewhere(self) -> Iterator[dict[str, Any]]:
        """Give the path items of other files that a path refers to."""
        seen = set()
        for _, item in _items(self._data.get("paths")):
            target = self._behind(item)
            if target is not item and isinstance(target, dict) and id(target) not in seen:
                seen.add(id(target))
                yield target

    def _convert_item(self, item: Any, pointer: str) -> None:
        if not isinstance(item, dict):
            return
        shared = _each(item.get("parameters"))
        bodies = [each for each in shared if _is_of_body(self._behind(each))]
        if "parameters" in item and isinstance(item["parameters"], list):
            item["parameters"] = [self._parameter(each) for each in shared if each not in bodies]
        for method in _METHODS:
            if isinstance(item.get(method), dict):
                self._convert_operation(item[method], bodies, f"{pointer}/{method}")

    def _convert_operation(self, operation: dict[str, Any], shared: Sequence[Any], pointer: str) -> None:
        consumes = _names(operation.pop("consumes", None)) or self._consumes
        produces = _names(operation.pop("produces", None)) or self._produces
        operation.pop("schemes", None)
        own = _each(operation.get("parameters"))
        if isinstance(operation.get("parameters"), list):
            operation["parameters"] = [
                self._parameter(each) for each in own if not _is_of_body(self._behind(each))
            ]
        given = {
            (each.get("in"), each.get("name")): each
            for each in map(self._behind, [*shared, *own])
            if _is_of_body(each)
        }
        in_body = [each for (place, _), each in given.items() if place == "body"]
        in_form = [each for (place, _), each in given.items() if place == "formData"]
        if in_body and in_form:
            text = "there is a parameter in body and others in formData; those in formData are left out."
            self._found.append((f"{pointer}/requestBody", text))
        if in_body:
            operation["requestBody"] = _body(in_body[-1], consumes)
        elif in_form:
            operation["requestBody"] = self._form(in_form, consumes)
        responses = operation.get("responses")
        if isinstance(responses, dict):
            operation["responses"] = {
                status: each if status.startswith("x-") else self._response(self._behind(each), produces)
                for status, each in responses.items()
            }

    def _behind(self, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            try:
                return resolve(self._data, pointer_of(value["$ref"]))
            except (LookupError, ValueError, TypeError):
                return value
        return value

    def _parameter(self, definition: Any) -> Any:
        """Give a parameter that is in no body; what it refers to in another file is converted there."""
        if not isinstance(definition, dict):
            return definition
        if isinstance(definition.get("$ref"), str):
            if not definition["$ref"].startswith("#/parameters/"):
                target = self._behind(definition)
                if isinstance(target, dict) and "schema" not in target and target is not definition:
                    converted = self._parameter(target)
                    target.clear()
                    target.update(converted)
            return definition
        converted = {key: value for key, value in definition.items() if key not in _OF_SCHEMAS}
        written = converted.pop("collectionFormat", None)
        if "schema" not in definition:
            converted["schema"] = _schema_of(definition)
        if definition.get("type") == "array":
            style, explode = _STYLES.get(str(written or "csv"), ("form", False))
            if definition.get("in") in ("path", "header") and style != "tabDelimited":
                style, explode = "simple", False
            converted.update(style=style, explode=explode)
        return converted

    def _response(self, definition: Any, produces: Sequence[str]) -> Any:
        if not isinstance(definition, dict) or isinstance(definition.get("$ref"), str):
            return definition
        if "content" in definition:  # it was converted for another operation that refers to it
            return definition
        converted = {key: value for key, value in definition.items() if key not in ("schema", "examples")}
        examples = definition.get("examples")
        examples = examples if isinstance(examples, dict) else {}
        schema = definition.get("schema")
        if isinstance(definition.get("headers"), dict):
            converted["headers"] = {name: _header(each) for name, each in definition["headers"].items()}
        if schema is None and not examples:
            return converted
        if isinstance(schema, dict) and schema.get("type") == "file":
            produces = [each for each in produces if each != "application/json"] or [
                "application/octet-stream"
            ]
        types = [*produces, *(name for name in examples if "/" in name and name not in produces)]
        converted["content"] = {
            name: {
                **({} if schema is None else {"schema": schema}),
                **({"example": examples[name]} if name in examples else {}),
            }
            for name in types
        }
        return converted

    def _form(self, parameters: Sequence[dict[str, Any]], consumes: Sequence[str]) -> dict[str, Any]:
        properties, encoding = {}, {}
        for each in parameters:
            name = str(each.get("name"))
            properties[name] = _schema_of(each)
            if isinstance(each.get("description"), str):
                properties[name]["description"] = each["description"]
            if each.get("type") == "array":
                style, explode = _STYLES.get(str(each.get("collectionFormat") or "csv"), ("form", False))
                encoding[name] = {"style": style, "explode": explode}
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        required = [str(each.get("name")) for each in parameters if each.get("required") is True]
        if required:
            schema["required"] = required
        has_file = any(each.get("type") == "file" for each in parameters)
        forms = [each for each in consumes if each.partition(";")[0].strip().lower() in _FORMS]
        types = forms or ["multipart/form-data" if has_file else _FORMS[0]]
        media_type = {"schema": schema, **({"encoding": encoding} if encoding else {})}
        return {"content": dict.fromkeys(types, media_type), "required": bool(required)}


def _body(parameter: Mapping[str, Any], consumes: Sequence[str]) -> dict[str, Any]:
    types = [each for each in consumes if each.partition(";")[0].strip().lower() not in _FORMS]
    media_type = {"schema": parameter["schema"]} if "schema" in parameter else {}
    body: dict[str, Any] = {"content": dict.fromkeys(types or consumes, media_type)}
    for key in ("description", "required"):
        if key in parameter:
            body[key] = parameter[key]
    return body


def _header(definition: Any) -> Any:
    if not isinstance(definition, dict):
        return definition
    kept = {
        key: value
        for key, value in definition.items()
        if key not in _OF_SCHEMAS and key != "collectionFormat"
    }
    return {**kept, "schema": _schema_of(definition)}


def _schema_of(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {key: definition[key] for key in _OF_SCHEMAS if key in definition}


def _scheme(definition: Any) -> Any:
    if not isinstance(definition, dict):
        return definition
    kept = {key: value for key, value in definition.items() if key == "description" or key.startswith("x-")}
    if definition.get("type") == "basic":
        return {"type": "http", "scheme": "basic", **kept}
    if definition.get("type") != "oauth2":
        return definition
    flow = {key: definition[key] for key in ("authorizationUrl", "tokenUrl") if key in definition}
    flow["scopes"] = definition.get("scopes") or {}
    name = str(definition.get("flow"))
    return {"type": "oauth2", "flows": {_FLOWS.get(name, name): flow}, **kept}


def _rewrite(converted: dict[str, Any], targets: Container[str]) -> list[tuple[dict[str, Any], str]]:
    """
    Let references lead to where things stand now, and say in each schema what 3.0 says otherwise.

    Gives each node that has a reference to one of the targets, and that reference.
    """
    used: list[tuple[dict[str, Any], str]] = []
    seen: set[int] = set()
    waiting: list[tuple[Any, bool]] = [(converted, False)]
    while waiting:
        node, are_names = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, list):
            waiting += [(each, False) for each in node if isinstance(each, (dict, list))]
            continue
        if not are_names:
            if isinstance(node.get("$ref"), str) and node["$ref"] in targets:
                used.append((node, node["$ref"]))
            _rewrite_one(node)
        for key, value in node.items():
            if isinstance(value, (dict, list)) and (
                are_names or key == KEY or (key not in LITERAL and not key.startswith("x-"))
            ):
                waiting.append((value, (key in NAMES or key == KEY) and not are_names))
    return used


def _rewrite_one(node: dict[str, Any]) -> None:
    reference = node.get("$ref")
    if isinstance(reference, str):
        first, slash, rest = reference.removeprefix("#/").partition("/")
        if reference.startswith("#/") and first in _MOVED:
            node["$ref"] = f"#/{_MOVED[first]}{slash}{rest}"
    if isinstance(node.get("discriminator"), str):
        node["discriminator"] = {"propertyName": node["discriminator"]}
    if isinstance(node.get("x-nullable"), bool):
        node.setdefault("nullable", node.pop("x-nullable"))
    if node.get("type") == "file":
        node.update(type="string", format="binary")


def _is_of_body(parameter: Any) -> bool:
    return isinstance(parameter, dict) and parameter.get("in") in ("body", "formData")


def _items(paths: Any) -> Iterator[tuple[str, Any]]:
    return iter(paths.items()) if isinstance(paths, dict) else iter(())


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else []


def _names(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
