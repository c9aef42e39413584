"""
OpenAPI documents as the independent judge reads them: files, references, operations.

Nothing here is shared with ``mockserver``: two readers that agree prove more than one that is asked twice.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.request import url2pathname

import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_COLLECTIONS = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML by the core rules of 1.2: ``on`` and dates are strings."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("merge", r"^<<$", "<"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))
_Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node)))


@cache
def read(uri: str) -> Any:
    """Read the JSON or YAML file at a file: URI."""
    content = Path(url2pathname(urlsplit(uri).path)).read_bytes()
    try:
        return _with_string_keys(json.loads(content))
    except ValueError:
        return _with_string_keys(yaml.load(content, _Loader))


def _with_string_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _with_string_keys(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_string_keys(each) for each in value]
    return value


@dataclass(frozen=True)
class Place:
    """A value and the file it was found in, which its references start from."""

    base: str
    value: Any

    def __bool__(self) -> bool:
        return isinstance(self.value, dict)

    def get(self, key: str, default: Any = None) -> Any:
        return self.value.get(key, default) if isinstance(self.value, dict) else default

    def at(self, key: str) -> "Place":
        """Give what is under a key, with references followed; falsy where there is nothing."""
        return Place(self.base, self.get(key)).resolved()

    def items(self) -> Iterator[tuple[str, "Place"]]:
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, Place(self.base, value).resolved()

    def __iter__(self) -> Iterator["Place"]:
        for value in self.value if isinstance(self.value, list) else []:
            yield Place(self.base, value).resolved()

    def resolved(self) -> "Place":
        place = self
        for _ in range(50):
            reference = place.get("$ref")
            if not isinstance(reference, str):
                return place
            place = place.follow(reference)
        return Place(self.base, None)

    def follow(self, reference: str) -> "Place":
        uri, pointer = urldefrag(urljoin(self.base, reference))
        try:
            value = read(uri)
            for token in unquote(pointer).split("/")[1:]:
                token = token.replace("~1", "/").replace("~0", "~")
                value = value[int(token)] if isinstance(value, list) else value[token]
        except (OSError, LookupError, TypeError, ValueError):
            return Place(uri, None)  # what refers to nothing is nothing
        return Place(uri, value)


@dataclass(frozen=True)
class Parameter:
    """One parameter as its own dialect declares it, its schema not yet looked into."""

    name: str
    place: str
    required: bool
    schema: Place
    style: str
    explode: bool
    separator: str = ","
    media_type: str | None = None
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Media:
    """One media type of a body."""

    media_type: str
    schema: Place | None
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Answer:
    """One declared response."""

    media: tuple[Media, ...]
    headers: dict[str, tuple[bool, Place]]
    any_media: bool = False


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    method: str
    path: str
    name: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[Media, ...]
    body_required: bool
    answers: dict[str, Answer]
    security: tuple[dict[str, list[str]], ...]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def answer(self, status: int) -> Answer | None:
        """Give what is declared for a status: itself, its range, ``default``."""
        for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if key in self.answers:
                return self.answers[key]
        return None

    @property
    def promises_success(self) -> bool:
        return any(key[:1] in "123" or key == "default" for key in self.answers)


@dataclass(frozen=True)
class Document:
    """A whole document, read for asking and for judging."""

    path: Path
    root: Place = field(init=False)

    def __post_init__(self) -> None:
        uri = self.path.resolve().as_uri()
        object.__setattr__(self, "root", Place(uri, read(uri)))

    @property
    def version(self) -> str:
        return str(self.root.get("swagger") or self.root.get("openapi"))[:3]

    @property
    def base_path(self) -> str:
        if self.version == "2.0":
            return str(self.root.get("basePath") or "").rstrip("/")
        server = next(iter(self.root.at("servers")), Place("", {}))
        url = server.get("url") or ""
        for name, variable in server.at("variables").items():
            url = url.replace("{" + name + "}", str(variable.get("default")))
        path = re.sub(r"^[^/]*//[^/]*", "", url).split("?")[0].strip("/")
        return f"/{path}" if path else ""

    @property
    def schemes(self) -> dict[str, Place]:
        found = self.root.at("components").at("securitySchemes") or self.root.at("securityDefinitions")
        return dict(found.items())

    @cached_property
    def operations(self) -> list[Operation]:
        found = []
        for path, item in self.root.at("paths").items():
            for method in METHODS:
                # A fragment is never sent, so a path with one cannot be asked for.
                if item.get(method) is not None and path.startswith("/") and "#" not in path:
                    found.append(self._operation(path, method, item))
        return found

    def _operation(self, path: str, method: str, item: Place) -> Operation:
        operation = item.at(method)
        declared = {}
        for each in (*item.at("parameters"), *operation.at("parameters")):
            declared[each.get("in"), each.get("name")] = each
        names = re.findall(r"\{([^}]+)\}", path)
        places = [each for (place, name), each in declared.items() if place != "path" or name in names]
        security = operation.get("security", self.root.get("security")) or []
        old = self.version == "2.0"
        return Operation(
            method=method,
            path=path,
            name=str(operation.get("operationId") or f"{method} {path}"),
            parameters=tuple(
                self._parameter(each) for each in places if each.get("in") in (*_STYLES, "querystring")
            ),
            bodies=tuple(self._old_bodies(operation, places) if old else _media(operation.at("requestBody"))),
            body_required=any(each.get("in") == "body" and each.get("required") for each in places)
            or any(each.get("in") == "formData" and each.get("required") for each in places)
            or bool(operation.at("requestBody").get("required")),
            answers={
                key: self._old_answer(operation, each) if old else _answer(each)
                for key, each in operation.at("responses").items()
                if not key.startswith("x-")
            },
            security=tuple(security),
        )

    def _parameter(self, declared: Place) -> Parameter:
        place = declared.get("in")
        if self.version == "2.0":
            collection = declared.get("collectionFormat") or "csv"
            schema, media_type, style = declared, None, _STYLES.get(place, "form")
            explode, separator = collection == "multi", _COLLECTIONS.get(collection, ",")
        else:
            content = next(declared.at("content").items(), None)
            schema = content[1].at("schema") if content else Place(declared.base, declared.get("schema"))
            media_type = content[0] if content else None
            style = declared.get("style") or _STYLES.get(place, "form")
            explode = declared.get("explode", style in ("form", "cookie"))
            separator = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",")
        return Parameter(
            name=declared.get("name"),
            place=place,
            required=bool(declared.get("required")) or place == "path",
            schema=schema,
            style=style,
            explode=explode,
            separator=separator,
            media_type=media_type,
            examples=_examples(declared),
        )

    def _old_bodies(self, operation: Place, parameters: list[Place]) -> Iterator[Media]:
        consumes = operation.get("consumes", self.root.get("consumes")) or []
        for each in parameters:
            if each.get("in") == "body":
                for media_type in consumes or ["application/json"]:
                    yield Media(media_type, Place(each.base, each.get("schema")))
        form = [each for each in parameters if each.get("in") == "formData"]
        if form:
            files = any(each.get("type") == "file" for each in form)
            default = "multipart/form-data" if files else "application/x-www-form-urlencoded"
            # What a form consumes can be left out, or be left over from a JSON API's root.
            types = [each for each in consumes if "form" in each] or [default]
            schema = {
                "type": "object",
                "properties": {each.get("name"): each.value for each in form},
                "required": [each.get("name") for each in form if each.get("required")],
            }
            yield from (Media(each, Place(operation.base, schema)) for each in types)

    def _old_answer(self, operation: Place, answer: Place) -> Answer:
        produces = operation.get("produces", self.root.get("produces")) or []
        schema = Place(answer.base, answer.get("schema"))
        media: list[Media] = []
        if schema:
            examples = answer.get("examples") or {}
            media = [
                Media(each, schema, (examples[each],) if each in examples else ())
                for each in (produces or ["*/*"])
            ]
        headers = {name.lower(): (False, each) for name, each in answer.at("headers").items()}
        return Answer(tuple(media), headers)


def _media(holder: Place) -> Iterator[Media]:
    for media_type, declared in holder.at("content").items():
        schema = declared.get("schema")
        if schema is None:
            schema = (
                {"type": "array", "items": declared.get("itemSchema")} if declared.get("itemSchema") else None
            )
        yield Media(media_type, None if schema is None else Place(declared.base, schema), _examples(declared))


def _answer(declared: Place) -> Answer:
    headers = {}
    for name, header in declared.at("headers").items():
        headers[name.lower()] = (bool(header.get("required")), Place(header.base, header.get("schema")))
    return Answer(tuple(_media(declared)), headers)


def _examples(declared: Place) -> tuple[Any, ...]:
    found = [declared.value[key] for key in ("example", "x-example") if key in declared.value]
    examples = declared.at("examples")
    if isinstance(examples.value, list):
        found += examples.value
    else:
        for _, example in examples.items():
            found += [
                example.value[key] for key in ("value", "dataValue") if example and key in example.value
            ]
    return tuple(found)
