"""The fields of a form that somebody sent, typed by their schema. Source: OpenAPI 3.1.1; RFC 7578."""

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from mockserver.contract.media.form_fields import Field, fields_of
from mockserver.contract.media.media_types import is_json, match
from mockserver.contract.media.multipart import Part, read_parts
from mockserver.contract.parameters.rules import ABSENT, Check
from mockserver.contract.parameters.styles import Node, decode_query, deep_object, readings, split_query
from mockserver.contract.parameters.values import UNFIT, Reader
from mockserver.contract.violation import Violation

_Given = dict[str, list[str]]
_Decode = Callable[[str], str]


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
    is written with brackets, ``address[city]=x`` or ``tags[]=x``, is read as well. An empty text is null
    where the schema takes that and no text.
    """

    def __init__(
        self, reader: Reader, check: Check, document: Mapping[str, Any], pointer: str | None
    ) -> None:
        self._reader = reader
        self._check = check
        self._fields = fields_of(document, pointer, reader)

    def read_urlencoded(self, raw: bytes) -> tuple[Any, list[Violation]]:
        """Give the fields of ``application/x-www-form-urlencoded``, and all that is wrong with them."""
        violations: list[Violation] = []
        if not self._reader.untyped and "object" not in self._reader.shapes:
            value = self._reader.read(decode_query(raw.decode("latin-1")), (), violations)
            return value, self._check.complete(value, violations)
        fields = self._read(split_query(raw), decode_query, frozenset(), violations)
        return Form(fields), self._check.complete(fields, violations)

    def read_multipart(self, raw: bytes, boundary: str) -> tuple[Any, list[Violation]]:
        """
        Give the fields of ``multipart/form-data``, and all that is wrong with them.

        The lengths of a file are held against its schema in bytes.
        """
        if not raw and not boundary:
            return Form(), self._check.violations({})
        try:
            parts = read_parts(raw, boundary)
        except ValueError as error:
            return None, [Violation((), "multipart", None, None, f"it is no multipart/form-data: {error}")]
        violations: list[Violation] = []
        texts: _Given = {}
        files: dict[str, list[bytes]] = {}
        for part in parts:
            if self._is_file(part):
                files.setdefault(part.name, []).append(part.content)
                violations += self._refused_type(part)
            else:
                texts.setdefault(part.name, []).append(part.content.decode("utf-8", "replace"))
                violations += _unless_utf_8(part)
        as_json = frozenset(each.name for each in parts if is_json(each.media_type or ""))
        fields = self._read(texts, str, as_json, violations)
        held, form = dict(fields), Form(fields)
        for name, many in files.items():
            held[name] = self._one_or_many(name, [each.decode("latin-1") for each in many])
            form[name] = self._one_or_many(name, [_stand_in(each) for each in many])
        form.parts = tuple(parts)
        return form, self._check.complete(held, violations)

    def _read(
        self, given: _Given, decode: _Decode, as_json: frozenset[str], violations: list[Violation]
    ) -> dict[str, Any]:
        """Give every field of some raw texts by name; ``as_json`` are those that were sent as JSON."""
        found = {}
        for name, field in self._fields.items():
            raws = given.pop(name, None)
            if raws is None:
                value = _scattered(field, given, decode, violations)
            else:
                value = _value(field, raws, decode, name in as_json, violations)
            if value is not ABSENT:
                found[name] = value
        other = self._reader.others or Reader(None)
        for name, raws in given.items():
            found[name] = _value(Field(name, other), raws, decode, name in as_json, violations)
        return found

    def _is_file(self, part: Part) -> bool:
        field = self._fields.get(part.name)
        if field is None:
            return part.filename is not None and not is_json(part.media_type or "")
        return field.is_binary or (field.reader.untyped and _is_garbled(part.content))

    def _refused_type(self, part: Part) -> list[Violation]:
        field = self._fields.get(part.name)
        if field is None or not field.content_type or part.media_type is None:
            return []
        wanted = field.content_type
        if match({each.strip().lower(): True for each in wanted.split(",")}, part.media_type):
            return []
        text = f"it is {part.media_type}; the contract takes {wanted}"
        return [Violation((part.name,), "contentMediaType", wanted, part.media_type, text)]

    def _one_or_many(self, name: str, files: list[str]) -> Any:
        field = self._fields.get(name)
        return files if len(files) > 1 or (field is not None and field.is_array) else files[0]


def _scattered(field: Field, given: _Given, decode: _Decode, violations: list[Violation]) -> Any:
    """Give what is written in several fields: with brackets, or each property under its own name."""
    if field.reader.shapes == {"scalar"} and not field.reader.untyped:
        return ABSENT
    node: Node | None = deep_object(given, field.name, decode)
    if node is None and field.style == "form" and field.explode and "object" in field.reader.shapes:
        own = [each for each in field.reader.properties if each in given]
        node = {each: [decode(raw) for raw in given.pop(each)] for each in own} or None
    return ABSENT if node is None else field.reader.read(node, (field.name,), violations)


def _value(
    field: Field, raws: list[str], decode: _Decode, is_sent_as_json: bool, violations: list[Violation]
) -> Any:
    """Give what the texts of one field mean: the first reading without a fault, or else the first."""
    texts = [decode(raw) for raw in raws]
    is_text = "string" in field.reader.types and not field.reader.untyped
    if texts == [""] and field.is_nullable and not is_text:
        return None
    if (is_sent_as_json or field.is_json) and not is_text:
        return _json_value(field, texts, violations)
    first: tuple[Any, list[Violation]] | None = None
    for node in _readings(field, raws, decode):
        wrong: list[Violation] = []
        value = field.reader.read(node, (field.name,), wrong)
        if not wrong:
            return value
        first = first or (value, wrong)
    if first is None:
        return field.reader.read(texts if len(texts) > 1 else texts[0], (field.name,), violations)
    violations += first[1]
    return first[0]


def _readings(field: Field, raws: list[str], decode: _Decode) -> Iterator[Node]:
    texts: list[Node] = [decode(raw) for raw in raws]
    if field.is_array and field.explode:
        yield texts
    elif field.reader.untyped:
        yield texts if len(texts) > 1 else texts[0]
    elif len(raws) == 1:
        style = field.style or "form"
        yield from readings(raws[0], field.name, style, field.explode, field.reader.shapes, decode)


def _json_value(field: Field, texts: list[str], violations: list[Violation]) -> Any:
    """Give what is written as JSON: one value, or the members of an array, each in a text or all in one."""
    if len(texts) == 1 and (field.reader.shapes != {"array"} or texts[0].lstrip().startswith("[")):
        return _json(texts[0], (field.name,), field.reader, violations)
    member = field.reader.items or Reader(None)
    return [_json(text, (field.name, index), member, violations) for index, text in enumerate(texts)]


def _json(text: str, location: tuple[str | int, ...], reader: Reader, violations: list[Violation]) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        read = reader.read_text(text)
        if read is not UNFIT and "scalar" in reader.shapes:
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
