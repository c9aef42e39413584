"""The shapes that OpenAPI gives to the parts of a document, and what is served where one has another."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.loading.keywords import LISTS_OF_SCHEMAS, SCHEMAS, SCHEMAS_BY_NAME, look_at
from mockserver.contract.operation import METHODS, STYLES
from mockserver.contract.pointers import Place, pointer_of, resolve, write_place

# By kind of object: its fields, and what each holds: a kind, a list of it, or a mapping of it by name.
_FIELDS: Mapping[str, Mapping[str, str]] = {
    "document": {
        "info": "info",
        "servers": "list of server",
        "security": "list of requirement",
        "paths": "mapping of path item",
        "components": "components",
        "tags": "list of tag",
    },
    "server": {"url": "url", "variables": "mapping of variable"},
    "components": {
        "schemas": "mapping of schema",
        "responses": "mapping of shared response",
        "parameters": "mapping of parameter",
        "requestBodies": "mapping of request body",
        "headers": "mapping of header",
        "examples": "mapping of example",
        "securitySchemes": "mapping of security scheme",
        "mediaTypes": "mapping of media type",
    },
    "path item": {
        "parameters": "list of parameter",
        "servers": "list of server",
        "additionalOperations": "mapping of operation",
        **dict.fromkeys(METHODS, "operation"),
    },
    "operation": {
        "operationId": "text",
        "tags": "list of text",
        "security": "list of requirement",
        "servers": "list of server",
        "parameters": "list of parameter",
        "requestBody": "request body",
        "responses": "mapping of response",
    },
    "parameter": {"schema": "schema", "content": "mapping of media type", "examples": "mapping of example"},
    "header": {"schema": "schema", "content": "mapping of media type", "examples": "mapping of example"},
    "request body": {"content": "mapping of media type"},
    "response": {
        "headers": "mapping of header",
        "content": "mapping of media type",
        "links": "mapping of link",
    },
    "media type": {
        "schema": "schema",
        "examples": "mapping of example",
        "encoding": "mapping of encoding",
    },
    "encoding": {"headers": "mapping of header"},
}
_FIELDS = {**_FIELDS, "shared response": _FIELDS["response"]}
_STATUS = re.compile(r"[1-5]([0-9]{2}|XX)|default", re.IGNORECASE)
_SHOWN = 60


def mend_shapes(data: dict[str, Any]) -> list[tuple[str, str]]:
    """
    Give everything that is not what OpenAPI says it is: a JSON Pointer, and a sentence.

    What cannot be read is taken out of the document, so that all that is left can be relied on.
    """
    look = _Look(data)
    look.at(data, ("",), "document")
    return list(dict.fromkeys(look.found))


class _Look:
    def __init__(self, data: dict[str, Any]) -> None:
        self.found: list[tuple[str, str]] = []
        self._data = data
        self._seen: dict[tuple[int, str], bool] = {}

    def at(self, value: Any, place: Place, kind: str) -> bool:
        """Look at a value of a kind, and mend what is in it; tells whether it can be read as one."""
        key = id(value), kind
        if isinstance(value, (dict, list)):
            if key in self._seen:
                return self._seen[key]
            self._seen[key] = True
        outer, _, inner = kind.rpartition(" of ")
        if outer and isinstance(value, list if outer == "list" else dict):
            self._each(value, place, inner)
            return True
        if kind == "schema" and isinstance(value, (dict, bool)):
            self._schemas(value, place)
            return True
        if isinstance(value, dict) and isinstance(value.get("$ref"), str) and kind != "text":
            return self._behind(value, place, kind)
        if (wrong := _complaint(value, outer or kind)) is not None:
            self.found.append((write_place(place), wrong))
            if isinstance(value, (dict, list)):
                self._seen[key] = False
            return False
        if isinstance(value, dict):
            self._fields(value, place, kind)
            fit = _CHECKS[kind](self, value, place) if kind in _CHECKS else True
            self._seen[key] = fit
            return fit
        return True

    def tell(self, place: Place, text: str) -> None:
        self.found.append((write_place(place), text))

    def tell_wrong(self, place: Place, value: Any, wanted: str) -> None:
        self.tell(place, f"is {_shown(value)}; it should be {wanted}.")

    def _fields(self, value: dict[str, Any], place: Place, kind: str) -> None:
        for name, inner in _FIELDS.get(kind, {}).items():
            if name in value:
                self._member(value, name, place, inner)

    def _member(self, owner: dict[str, Any], name: str, place: Place, kind: str) -> None:
        if self.at(owner[name], (place, name), kind):
            return
        if kind == "schema" or (owner[name] is None and kind in _EMPTY):
            owner[name] = {}
        else:
            del owner[name]

    def _each(self, value: Any, place: Place, kind: str) -> None:
        if isinstance(value, list) and kind == "requirement":
            read = [self._requirement(each, (place, at)) for at, each in enumerate(value)]
            value[:] = [each for each in read if each is not None]
            return
        if isinstance(value, list):
            value[:] = [each for at, each in enumerate(value) if self.at(each, (place, at), kind)]
            return
        for name in _names(value, kind):
            if kind == "response" and _STATUS.fullmatch(name) is None:
                text = "a status is a number such as 200, a range such as 4XX, or default."
                self.tell((place, name), text)
                self.at(value[name], (place, name), kind)
                del value[name]
            else:
                self._member(value, name, place, kind)

    def _requirement(self, value: Any, place: Place) -> dict[str, list[Any]] | None:
        """Read a security requirement: whoever left out a misshapen one would leave the operation open."""
        if self.at(value, place, "requirement"):
            return dict(value)
        if isinstance(value, str):
            return {value: []}
        if not isinstance(value, dict):
            return None
        return {name: scopes if isinstance(scopes, list) else [] for name, scopes in value.items()}

    def _behind(self, value: dict[str, Any], place: Place, kind: str) -> bool:
        try:
            target = resolve(self._data, pointer_of(value["$ref"]))
        except (LookupError, ValueError, TypeError):
            self.tell(place, f"{value['$ref']} refers to nothing.")
            return False
        if kind == "path item" and isinstance(target, dict) and any(name in value for name in _OF_ITEMS):
            # What stands beside the reference is said of this path too.
            own = {name: each for name, each in value.items() if name != "$ref"}
            value.clear()
            value.update({**target, **own})
            del self._seen[(id(value), kind)]
            return self.at(value, place, kind)
        return self.at(target, (pointer_of(value["$ref"]),), kind)

    def _schemas(self, value: Any, place: Place) -> None:
        """Look at a schema and all that are in it; what a reference leads to is looked at where it stands."""
        waiting = [(value, place)]
        while waiting:
            schema, place = waiting.pop()
            if not isinstance(schema, dict):
                continue
            if isinstance(schema.get("$ref"), str):
                self._refer(schema, place, waiting)
            was_items = look_at(schema, place, self.tell_wrong)
            for keyword in SCHEMAS_BY_NAME:
                for name, each in schema.get(keyword, _NOTHING).items():
                    self._schema_in(schema[keyword], name, each, ((place, keyword), name), waiting)
            for keyword in LISTS_OF_SCHEMAS:
                written = "items" if keyword == "prefixItems" and was_items else keyword
                for at, each in enumerate(schema.get(keyword, ())):
                    self._schema_in(schema[keyword], at, each, ((place, written), at), waiting)
            for keyword in SCHEMAS:
                if keyword in schema:
                    self._schema_in(schema, keyword, schema[keyword], (place, keyword), waiting)

    def _schema_in(
        self, owner: Any, key: Any, value: Any, place: Place, waiting: list[tuple[Any, Place]]
    ) -> None:
        if isinstance(value, dict):
            if (id(value), "schema") not in self._seen:
                self._seen[(id(value), "schema")] = True
                waiting.append((value, place))
        elif not isinstance(value, bool):
            self.tell_wrong(place, value, _WANTED["schema"][0])
            owner[key] = {}

    def _refer(self, schema: dict[str, Any], place: Place, waiting: list[tuple[Any, Place]]) -> None:
        pointer = pointer_of(schema["$ref"])
        if pointer.startswith("/components/schemas/") and pointer.count("/") == 3:
            return  # it is looked at with all the others
        try:
            target = resolve(self._data, pointer, follow=False)
        except (LookupError, ValueError, TypeError):
            return
        if not isinstance(target, (dict, bool)):
            self.tell(place, f"{schema['$ref']} refers to {_shown(target)}, which is no schema.")
            del schema["$ref"]
        elif isinstance(target, dict) and (id(target), "schema") not in self._seen:
            self._seen[(id(target), "schema")] = True
            waiting.append((target, (pointer,)))


# What is there, though nothing is said of it: YAML reads a key without a value as null.
_EMPTY = ("operation", "response", "shared response", "media type", "header", "request body", "components")
_NOTHING: Mapping[str, Any] = {}
_OF_ITEMS = (*METHODS, "parameters", "servers", "additionalOperations")


def _check_parameter(look: _Look, parameter: dict[str, Any], place: Place) -> bool:
    """Tell of a parameter that cannot be found in a request, and of a style that it cannot have."""
    where = parameter.get("in")
    if where == "querystring":
        look.tell(place, "in: querystring is not understood; the parameter is left out.")
        return False
    if not isinstance(parameter.get("name"), str) or not isinstance(where, str) or where not in STYLES:
        look.tell(place, 'a parameter has a name, and "in": path, query, header or cookie.')
        return False
    styles = STYLES[where]
    if parameter.get("style", styles[0]) not in styles:
        known = ", ".join(styles)
        text = f"style of {parameter['name']} is {_shown(parameter['style'])}; there it may be {known}."
        look.tell((place, "style"), text)
        del parameter["style"]
    return True


def _check_media_type(look: _Look, media_type: dict[str, Any], place: Place) -> bool:
    for keyword in ("itemSchema", "itemEncoding", "prefixEncoding"):
        if keyword in media_type:
            look.tell((place, keyword), f"{keyword} is not understood; it is ignored.")
    return True


def _check_scheme(look: _Look, scheme: dict[str, Any], place: Place) -> bool:
    kinds = ("apiKey", "http", "oauth2", "openIdConnect", "mutualTLS")
    kind = scheme.get("type")
    if not isinstance(kind, str) or kind.lower() not in map(str.lower, kinds):
        look.tell(
            place, f"type is {_shown(kind)}; it may be {', '.join(kinds)}. A bearer token is asked for."
        )
        scheme.update(type="http", scheme="bearer")
    elif kind.lower() == "apikey" and not (
        isinstance(scheme.get("name"), str) and scheme.get("in") in ("header", "query", "cookie")
    ):
        look.tell(
            place, 'an apiKey has a name, and "in": header, query or cookie. A bearer token is asked for.'
        )
        scheme.update(type="http", scheme="bearer")
    elif kind.lower() == "http" and not isinstance(scheme.get("scheme"), str):
        look.tell(place, "scheme is missing; it may be basic or bearer. A bearer token is asked for.")
        scheme["scheme"] = "bearer"
    return True


_CHECKS: Mapping[str, Callable[[_Look, dict[str, Any], Place], bool]] = {
    "parameter": _check_parameter,
    "media type": _check_media_type,
    "security scheme": _check_scheme,
}


def _names(value: Any, kind: str) -> Iterable[str]:
    # Of all these mappings, two may be extended with names of one's own.
    extensible = {"path item": "/", "response": ""}.get(kind)
    return [n for n in value if extensible is None or (n.startswith(extensible) and not n.startswith("x-"))]


def _complaint(value: Any, kind: str) -> str | None:
    wanted, is_fine = _WANTED.get(kind, _WANTED["mapping"])
    return None if is_fine(value) else f"is {_shown(value)}; it should be {wanted}."


def _is_url(value: Any) -> bool:
    try:
        return isinstance(value, str) and urlsplit(value) is not None
    except ValueError:  # an IPv6 address without its bracket, say
        return False


def _is_requirement(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(scopes, list) for scopes in value.values())


_WANTED: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "mapping": ("a mapping", lambda value: isinstance(value, dict)),
    "list": ("a list", lambda value: isinstance(value, list)),
    "text": ("a text", lambda value: isinstance(value, str)),
    "url": ("a URL", _is_url),
    "schema": ("a schema, which is a mapping", lambda value: isinstance(value, (dict, bool))),
    "requirement": ("a mapping of security schemes to lists of scopes", _is_requirement),
}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
