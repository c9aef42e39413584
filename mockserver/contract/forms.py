"""The fields of forms, typed by their schema, both ways. Source: OpenAPI 3.1.1, "Encoding Object"."""

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

import orjson

from mockserver.contract.media_types import is_json, match
from mockserver.contract.multipart import Part, read_parts, write_parts
from mockserver.contract.pointers import dereference, resolve
from mockserver.contract.rules import ABSENT, Check
from mockserver.contract.styles import Node, decode_query, deep_object, readings, split_query
from mockserver.contract.values import UNFIT, Reader, parts_of
from mockserver.contract.violation import Violation

Given = dict[str, list[str]]

BOUNDARY = "mockserver-2c9f7f0e5b1d4a3c"
"""What stands between the parts of the forms that are written, so that the same form has the same bytes."""

_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}


class Form(dict[str, Any]):
    """
    The fields of a form, by name, typed.

    A file is a text, so that it can be kept and shown as JSON: its own where it is UTF-8, else Base64.
    ``parts`` has what came as ``multipart/form-data``, in order: bytes, file names and media types.
    """

    parts: tuple[Part, ...] = ()


class FormReader:
    """
    Reads forms that one schema describes.

    ``pointer`` leads to the schema, in a Media Type Object that may say of each field how it is encoded. An
    object is JSON in its field, and an array is several fields, unless the encoding says otherwise; what
    is written with brackets, ``address[city]=x`` or ``tags[]=x``, is read as well.
    """

    def __init__(
        self, reader: Reader, check: Check, document: Mapping[str, Any], pointer: str | None
    ) -> None:
        self._reader = reader
        self._check = check
        self._encoding = encoding_at(document, pointer)
        self._binary = _binary_fields(document, pointer) if pointer is not None else frozenset()

    def read_urlencoded(self, raw: bytes) -> tuple[Any, list[Violation]]:
        """Give the fields of ``application/x-www-form-urlencoded``, and all that is wrong with them."""
        if not self._reader.untyped and "object" not in self._reader.shapes:
            return self._whole(decode_query(raw.decode("latin-1")))
        violations: list[Violation] = []
        fields = self._fields(split_query(raw), decode_query, frozenset(), violations)
        return Form(fields), self._check.complete(fields, violations)

    def read_multipart(self, raw: bytes, boundary: str) -> tuple[Any, list[Violation]]:
        """
        Give the fields of ``multipart/form-data``, and all that is wrong with them.

        The lengths of a file are held against its schema in bytes.
        """
        if not raw.strip() and not boundary:
            return Form(), self._check.violations({})
        try:
            parts = read_parts(raw, boundary)
        except ValueError as error:
            return None, [Violation((), "multipart", None, None, f"it is no multipart/form-data: {error}")]
        violations: list[Violation] = []
        texts: Given = {}
        files: dict[str, list[bytes]] = {}
        for part in parts:
            if self._is_file(part):
                files.setdefault(part.name, []).append(part.content)
                violations += self._refused_type(part)
            else:
                texts.setdefault(part.name, []).append(part.content.decode("utf-8", "replace"))
                violations += _unless_utf_8(part)
        as_json = frozenset(each.name for each in parts if is_json(each.media_type or ""))
        fields = self._fields(texts, str, as_json, violations)
        octets = {name: [each.decode("latin-1") for each in many] for name, many in files.items()}
        held = fields | {name: self._one_or_many(name, each) for name, each in octets.items()}
        shown = {name: [_stand_in(each) for each in many] for name, many in files.items()}
        form = Form(fields | {name: self._one_or_many(name, each) for name, each in shown.items()})
        form.parts = tuple(parts)
        return form, self._check.complete(held, violations)

    def _whole(self, text: str) -> tuple[Any, list[Violation]]:
        violations: list[Violation] = []
        value = self._reader.read(text, (), violations)
        return value, self._check.complete(value, violations)

    def _fields(
        self, given: Given, decode: Callable[[str], str], as_json: frozenset[str], violations: list[Violation]
    ) -> dict[str, Any]:
        found = {}
        for name, reader in self._reader.properties.items():
            value = self._declared(name, reader, given, decode, as_json, violations)
            if value is not ABSENT:
                found[name] = value
        other = self._reader.others or Reader(None)
        for name, raws in given.items():
            found[name] = self._value(name, other, raws, decode, name in as_json, violations)
        return found

    def _declared(
        self,
        name: str,
        reader: Reader,
        given: Given,
        decode: Callable[[str], str],
        as_json: frozenset[str],
        violations: list[Violation],
    ) -> Any:
        raws = given.pop(name, None)
        if raws is not None:
            return self._value(name, reader, raws, decode, name in as_json, violations)
        if reader.shapes == {"scalar"} and not reader.untyped:
            return ABSENT
        node: Node | None = deep_object(given, name, decode)
        if node is None and self._style(name)[0] == "form" and "object" in reader.shapes:
            own = [each for each in reader.properties if each in given]
            node = {each: [decode(raw) for raw in given.pop(each)] for each in own} or None
        return ABSENT if node is None else reader.read(node, (name,), violations)

    def _value(
        self,
        name: str,
        reader: Reader,
        raws: list[str],
        decode: Callable[[str], str],
        as_json: bool,
        violations: list[Violation],
    ) -> Any:
        """Give what the texts of one field mean: the first reading without a fault, or else the first."""
        style, _ = self._style(name)
        content_type = self._content_type(name)
        as_json = as_json or is_json(content_type) or (not style and reader.shapes == {"object"})
        if as_json and len(raws) == 1 and "string" not in reader.types:
            return _json(decode(raws[0]), reader, name, violations)
        if not style and reader.items is not None and reader.items.shapes == {"object"}:
            if len(raws) == 1 and decode(raws[0]).lstrip().startswith("["):
                return _json(decode(raws[0]), reader, name, violations)
            return [
                _json(decode(raw), reader.items, name, violations, index) for index, raw in enumerate(raws)
            ]
        first: tuple[Any, list[Violation]] | None = None
        for node in self._readings(name, reader, raws, decode):
            wrong: list[Violation] = []
            value = reader.read(node, (name,), wrong)
            if not wrong:
                return value
            first = first or (value, wrong)
        texts = [decode(raw) for raw in raws]
        if first is None:
            return reader.read(texts if len(texts) > 1 else texts[0], (name,), violations)
        violations += first[1]
        return first[0]

    def _readings(
        self, name: str, reader: Reader, raws: list[str], decode: Callable[[str], str]
    ) -> Iterator[Node]:
        style, explode = self._style(name)
        texts: list[Node] = [decode(raw) for raw in raws]
        if "array" in reader.shapes and explode:
            yield texts
        elif reader.untyped:
            yield texts if len(texts) > 1 else texts[0]
        elif len(raws) == 1:
            yield from readings(raws[0], name, style or "form", explode, reader.shapes, decode)

    def _style(self, name: str) -> tuple[str, bool]:
        """Give how a field is serialised, an empty string where nothing is said of it, and if it explodes."""
        encoding = self._encoding.get(name, {})
        is_styled = not encoding.keys().isdisjoint(("style", "explode", "allowReserved"))
        style = str(encoding.get("style", "form" if is_styled else ""))
        return style, encoding.get("explode", style in ("", "form", "deepObject")) is True

    def _content_type(self, name: str) -> str:
        return str(self._encoding.get(name, {}).get("contentType", ""))

    def _is_file(self, part: Part) -> bool:
        if part.name in self._binary:
            return True
        reader = self._reader.properties.get(part.name)
        if reader is None:
            return part.filename is not None and not is_json(part.media_type or "")
        return reader.untyped and _is_garbled(part.content)

    def _refused_type(self, part: Part) -> list[Violation]:
        wanted = self._content_type(part.name)
        names = {each.strip().lower(): True for each in wanted.split(",")}
        if not wanted or part.media_type is None or match(names, part.media_type):
            return []
        text = f"it is {part.media_type}; the contract takes {wanted}"
        return [Violation((part.name,), "contentMediaType", wanted, part.media_type, text)]

    def _one_or_many(self, name: str, files: list[str]) -> Any:
        reader = self._reader.properties.get(name)
        is_array = reader is not None and "array" in reader.shapes
        return files if is_array or len(files) > 1 else files[0]


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


def write_urlencoded(value: Any, encoding: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Write an object as ``application/x-www-form-urlencoded``, and any other value as its text."""
    if not isinstance(value, dict):
        return _as_text(value).encode()
    pairs = [
        f"{quote_plus(key)}={quote_plus(text)}"
        for name, each in value.items()
        for key, text in _written(str(name), each, encoding.get(name, {}))
    ]
    return "&".join(pairs).encode()


def write_multipart(value: Any) -> bytes:
    """Write an object as ``multipart/form-data`` between ``BOUNDARY``; any other value as one field."""
    fields = value if isinstance(value, dict) else {"value": value}
    parts = []
    for name, many in fields.items():
        for each in many if isinstance(many, list) else [many]:
            if isinstance(each, bytes):
                parts.append(Part(str(name), each, str(name), "application/octet-stream"))
            else:
                kind = "application/json" if isinstance(each, (dict, list)) else None
                parts.append(Part(str(name), _as_text(each).encode(), media_type=kind))
    return write_parts(parts, BOUNDARY)


def _written(name: str, value: Any, encoding: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    style = encoding.get("style", "form")
    if isinstance(value, list):
        texts = [_as_text(each) for each in value]
        if encoding.get("explode", style == "form"):
            yield from ((name, text) for text in texts)
        else:
            yield name, _DELIMITERS.get(style, ",").join(texts)
    elif isinstance(value, dict) and style == "deepObject":
        yield from ((f"{name}[{key}]", _as_text(each)) for key, each in value.items())
    elif isinstance(value, dict) and "style" in encoding and encoding.get("explode", True):
        yield from ((str(key), _as_text(each)) for key, each in value.items())
    else:
        yield name, _as_text(value)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _json(text: str, reader: Reader, name: str, violations: list[Violation], index: int | None = None) -> Any:
    location = (name,) if index is None else (name, index)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        read = reader.read_text(text)
        if read is not UNFIT and not reader.shapes <= {"object", "array"}:
            return read  # a plain text where the contract takes one as well
        violations.append(Violation(location, "json", None, text, f"it is not JSON: {error.msg}"))
        return text


def _unless_utf_8(part: Part) -> list[Violation]:
    if not _is_garbled(part.content):
        return []
    return [Violation((part.name,), "unicode", None, None, "its bytes are not UTF-8")]


def _is_garbled(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False


def _stand_in(content: bytes) -> str:
    return base64.b64encode(content).decode() if _is_garbled(content) else content.decode()


def _binary_fields(document: Mapping[str, Any], pointer: str) -> frozenset[str]:
    return frozenset(
        name
        for _, schema in parts_of(document, pointer, ())
        for name, each in (schema.get("properties") or {}).items()
        if _is_binary(document, each)
    )


def _is_binary(document: Mapping[str, Any], definition: Any) -> bool:
    definition = dereference(document, definition)
    if not isinstance(definition, dict):
        return definition is True
    if definition.get("type") == "array":
        return _is_binary(document, definition.get("items", False))
    if "contentMediaType" in definition and "contentEncoding" not in definition:
        return not is_json(str(definition["contentMediaType"]))
    return definition.get("format") == "binary"
