"""What a schema and its encoding say of the fields of a form. Source: OpenAPI 3.1.1, "Encoding Object"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.contract.media.media_types import is_json
from mockserver.contract.parameters.values import Reader, parts_of
from mockserver.contract.pointers import escape, resolve


@dataclass(frozen=True, slots=True)
class Field:
    """
    One field: how its texts are typed, and how it is serialised.

    ``style`` is empty where nothing is said of it: an object is JSON then, and an array is several fields.
    """

    name: str
    reader: Reader
    style: str = ""
    explode: bool = True
    content_type: str = ""
    is_binary: bool = False
    is_nullable: bool = False

    @property
    def is_array(self) -> bool:
        return "array" in self.reader.shapes and not self.reader.untyped

    @property
    def is_json(self) -> bool:
        """Whether a text of it, or each where it is an array, is JSON."""
        if self.style or self.content_type:
            return is_json(self.content_type)
        reader = self.reader.items if self.reader.shapes == {"array"} else self.reader
        return reader is not None and not reader.untyped and reader.shapes == {"object"}


def fields_of(document: Mapping[str, Any], pointer: str | None, reader: Reader) -> dict[str, Field]:
    """Give the fields that the schema at a pointer declares; ``reader`` is the schema's."""
    if pointer is None:
        return {}
    encodings = encoding_at(document, pointer)
    places: dict[str, list[str]] = {name: [] for name in reader.properties}
    for place, schema in parts_of(document, pointer, ()):
        for name in schema.get("properties") or ():
            places[name].append(f"{place}/properties/{escape(name)}")
    return {
        name: _field(name, inner, encodings.get(name, {}), document, places[name])
        for name, inner in reader.properties.items()
    }


def encoding_at(document: Mapping[str, Any], pointer: str | None) -> Mapping[str, Mapping[str, Any]]:
    """Give how each field is encoded, as it is declared beside the schema at a pointer."""
    if pointer is None or not pointer.endswith("/schema"):
        return {}
    try:
        beside = resolve(document, pointer.removesuffix("/schema"))
    except LookupError:
        return {}
    found = beside.get("encoding") if isinstance(beside, dict) else None
    named = found.items() if isinstance(found, dict) else ()
    return {str(name): each for name, each in named if isinstance(each, dict)}


def _field(
    name: str, reader: Reader, encoding: Mapping[str, Any], document: Mapping[str, Any], places: list[str]
) -> Field:
    parts = [part for place in places for part in parts_of(document, place, ())]
    members = [
        part
        for place, schema in parts
        if isinstance(schema.get("items"), dict)
        for part in parts_of(document, f"{place}/items", ())
    ]
    is_styled = not encoding.keys().isdisjoint(("style", "explode", "allowReserved"))
    style = str(encoding.get("style", "form" if is_styled else ""))
    return Field(
        name,
        reader,
        style=style,
        explode=encoding.get("explode", style in ("", "form", "deepObject")) is True,
        content_type=str(encoding.get("contentType", "")),
        is_binary=any(_is_binary(schema) for _, schema in [*parts, *members]),
        is_nullable=any(_is_nullable(schema) for _, schema in parts),
    )


def _is_binary(schema: Mapping[str, Any]) -> bool:
    if "contentMediaType" in schema and "contentEncoding" not in schema:
        return not is_json(str(schema["contentMediaType"]))
    return schema.get("format") == "binary"


def _is_nullable(schema: Mapping[str, Any]) -> bool:
    types = schema.get("type")
    return schema.get("nullable") is True or "null" in (types if isinstance(types, list) else [types])
