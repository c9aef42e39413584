"""Bodies of every media type: bytes into values that are held against their schema, and values into bytes."""

from functools import cached_property
from typing import Any

import orjson

from mockserver.contract.lowering import Direction
from mockserver.contract.media.file_contents import as_file
from mockserver.contract.media.form_fields import encoding_at
from mockserver.contract.media.form_writer import BOUNDARY, write_multipart, write_urlencoded
from mockserver.contract.media.forms import FormReader
from mockserver.contract.media.media_types import Kind, essence, kind_of, parameters
from mockserver.contract.media.texts import (
    as_text,
    decode,
    read_csv,
    read_lines,
    write_csv,
    write_events,
    write_html,
    write_lines,
)
from mockserver.contract.media.xml import Shape, Shapes, read_xml, write_xml
from mockserver.contract.operation import Contract
from mockserver.contract.parameters.rules import Check
from mockserver.contract.parameters.values import Reader, Readers
from mockserver.contract.schema import Schema
from mockserver.contract.violation import Violation


class Codec:
    """
    Reads and writes the bodies of one media type by one schema.

    ``name`` is a media type that can be sent, no range. Locations of violations are relative to the body.
    """

    def __init__(self, name: str, pointer: str | None, contract: Contract, direction: Direction) -> None:
        self.kind: Kind = kind_of(name)
        self.schema: Schema | None = contract.schemas.at(pointer, direction) if pointer else None
        self._name = name
        self._pointer = pointer
        self._contract = contract

    def read(self, raw: bytes, content_type: str) -> tuple[Any, list[Violation]]:
        """
        Give the value of a body, and every way in which it breaks its schema.

        ``content_type`` is what was sent, with its parameters. What is binary, of a kind that nobody here
        knows, or YAML that is not JSON, is given as the bytes that it is. Never raises for what is sent.
        """
        match self.kind:
            case "json":
                return self._read_json(raw)
            case "form":
                return self._form.read_urlencoded(raw)
            case "multipart":
                # No bytes at all are a form without fields, which needs no boundary.
                return self._form.read_multipart(
                    raw, parameters(content_type).get("boundary", "") if raw else ""
                )
            case "xml":
                value, unread = read_xml(raw, self._shape, parameters(content_type).get("charset"))
                return value, unread if value is None and unread else self._check.complete(value, unread)
            case "lines":
                items, unread = read_lines(raw)
                return items, unread or self.violations(items)
            case "yaml":
                value, wrong = self._read_json(raw)
                is_json = not any(each.keyword in ("json", "unicode") for each in wrong)
                return (value, wrong) if is_json else (raw, [])
            case "binary":
                return raw, self._wrong_length(raw)
        return self._read_text(raw, content_type)

    def violations(self, value: Any) -> list[Violation]:
        """
        Name every way in which a value to be written breaks its schema.

        Bytes are let pass; a text that its schema does not take is held against it as what it writes, which
        is never a form of parts.
        """
        if self.schema is None or (isinstance(value, bytes) and self.kind != "json"):
            return []
        if self._is_valid(value):
            return []
        if isinstance(value, str) and self.kind not in ("json", "multipart"):
            read, wrong = self.read(value.encode("utf-8", "replace"), "")
            return self.schema.violations(value) if isinstance(read, bytes) else wrong
        if isinstance(value, list) and self.kind in ("lines", "events") and not self._takes_array:
            found = enumerate(self.schema.violations(each) for each in value)
            return [violation.within(index) for index, many in found for violation in many]
        return self.schema.violations(value)

    def write(self, value: Any) -> bytes:
        """
        Give the bytes of a value: bytes as they are, a text too where its media type is not JSON's.

        A text that is to be a picture, or another file that no text can be, is what ``as_file`` makes of it;
        one that is to be a form of parts is a field of it, since its own boundary would not be announced.

        Raises:
            TypeError, ValueError: it is no JSON value.
        """
        if isinstance(value, bytes):
            return value
        match self.kind:
            case "json":
                return orjson.dumps(value)
            case "xml":
                return write_xml(value, self._shape)
            case "html":
                return write_html(value)
            case "multipart":
                return write_multipart(value)
        if isinstance(value, str):
            return as_file(value, self._name) if self.kind == "binary" else value.encode("utf-8", "replace")
        match self.kind:
            case "form":
                return write_urlencoded(value, encoding_at(self._contract.data, self._pointer))
            case "csv":
                return write_csv(value)
            case "events":
                return write_events(value)
            case "lines":
                is_sequence = essence(self._name) == "application/json-seq"
                return write_lines(value, separator="\x1e" if is_sequence else "")
        return as_text(value).encode()

    def sent_as(self, name: str) -> str:
        """Give a media type with what its body needs to be read: the boundary of its parts."""
        return f"{essence(name)}; boundary={BOUNDARY}" if self.kind == "multipart" else name

    def _read_json(self, raw: bytes) -> tuple[Any, list[Violation]]:
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            if not _is_utf8(raw):
                return None, [Violation((), "unicode", None, None, "its text is not UTF-8")]
            return None, [Violation((error.pos,), "json", None, None, error.msg)]
        if self.schema is None or self.schema.is_valid(value):
            return value, []
        return value, self.schema.violations(value)

    def _read_text(self, raw: bytes, content_type: str) -> tuple[Any, list[Violation]]:
        try:
            text = decode(raw, parameters(content_type).get("charset", "utf-8"))
        except (LookupError, ValueError) as error:
            return None, [Violation((), "unicode", None, None, f"its text cannot be read: {error}")]
        if self.schema is None or self._reader.untyped:
            return text, self._check.violations(text)
        if self.kind == "csv" and self._takes_array:
            value, unread = read_csv(text, self._reader)
            return value, unread if value is None else self._check.complete(value, unread)
        if "scalar" not in self._reader.shapes:
            return self._read_json(raw)
        violations: list[Violation] = []
        value = self._reader.read(text, (), violations)
        return value, self._check.complete(value, violations)

    def _wrong_length(self, raw: bytes) -> list[Violation]:
        """Hold bytes against what a schema can say of them: how many there are."""
        if self.schema is None or not isinstance(self.schema.definition, dict):
            return []
        if self.schema.definition.keys().isdisjoint(("minLength", "maxLength")):
            return []
        found = self.schema.violations(raw.decode("latin-1"))
        return [each for each in found if each.keyword in ("minLength", "maxLength")]

    def _is_valid(self, value: Any) -> bool:
        assert self.schema is not None
        try:
            return bool(self.schema.is_valid(value))
        except ValueError:  # what is wrong with it has a name only where all is named
            return False

    @property
    def _takes_array(self) -> bool:
        return not self._reader.untyped and "array" in self._reader.shapes

    @cached_property
    def _readers(self) -> Readers:
        return Readers(self._contract.schemas, self._contract.data)

    @cached_property
    def _reader(self) -> Reader:
        return self._readers.at(self._pointer) if self._pointer else Reader(None)

    @cached_property
    def _check(self) -> Check:
        return Check(self.schema)

    @cached_property
    def _form(self) -> FormReader:
        return FormReader(self._reader, self._check, self._contract.data, self._pointer)

    @cached_property
    def _shape(self) -> Shape:
        shapes = Shapes(self._contract.data, self._readers)
        return shapes.at(self._pointer) if self._pointer else shapes.plain


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
