"""The parts of a ``multipart/form-data`` body, both ways; the only user of python_multipart."""

from collections.abc import Sequence
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header


@dataclass(frozen=True, slots=True)
class Part:
    """One part as it was sent: its bytes, and the file's name and media type where they were told."""

    name: str
    content: bytes
    filename: str | None = None
    media_type: str | None = None


def read_parts(raw: bytes, boundary: str) -> list[Part]:
    """
    Take a body apart. Source: RFC 7578.

    Raises:
        ValueError: it is not written as such a body is, or ends before its end.
    """
    if not boundary:
        raise ValueError("its Content-Type has no boundary")
    collector = _Collector()
    try:
        parser = MultipartParser(
            boundary.encode("latin-1"),
            {
                "on_part_begin": collector.begin,
                "on_part_data": collector.data,
                "on_part_end": collector.end,
                "on_header_field": collector.field,
                "on_header_value": collector.value,
                "on_header_end": collector.header,
                "on_end": collector.finish,
            },
        )
        parser.write(raw)
        parser.finalize()
    except (FormParserError, UnicodeError) as error:
        raise ValueError(str(error)) from error
    if not collector.is_whole:
        raise ValueError("the last boundary is missing")
    return collector.parts


def write_parts(parts: Sequence[Part], boundary: str) -> bytes:
    """Write a body of parts; ``boundary`` must stand in none of them."""
    lines: list[bytes] = []
    for part in parts:
        head = f'Content-Disposition: form-data; name="{_quoted(part.name)}"'
        if part.filename is not None:
            head += f'; filename="{_quoted(part.filename)}"'
        if part.media_type is not None:
            head += f"\r\nContent-Type: {part.media_type}"
        lines += [f"--{boundary}\r\n{head}\r\n\r\n".encode(), part.content, b"\r\n"]
    return b"".join([*lines, f"--{boundary}--\r\n".encode()])


def _quoted(name: str) -> str:
    """Write a name as browsers do, which leave no way out of the quotes or the line."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


class _Collector:
    """Puts together what the parser gives in pieces."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.is_whole = False
        self._headers: dict[str, str] = {}
        self._content: list[bytes] = []
        self._field = b""
        self._value = b""

    def begin(self) -> None:
        self._headers, self._content = {}, []

    def data(self, data: bytes, start: int, end: int) -> None:
        self._content.append(data[start:end])

    def field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header(self) -> None:
        self._headers[self._field.decode("latin-1").lower()] = self._value.decode("latin-1")
        self._field = self._value = b""

    def end(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition"))
        if b"name" not in options:
            raise ValueError("a part has no name")
        filename = options.get(b"filename")
        self.parts.append(
            Part(
                _text(options[b"name"]),
                b"".join(self._content),
                None if filename is None else _text(filename),
                self._headers.get("content-type"),
            )
        )

    def finish(self) -> None:
        self.is_whole = True


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace")
