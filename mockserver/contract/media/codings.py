"""Bodies as they were before they were packed for the way."""

import zlib
from typing import Any

READABLE = ("gzip", "x-gzip", "deflate")
"""The codings of content that can be read."""


# How many pieces that were packed one after the other are read, and by how many bytes: what zlib has left of
# those it copies for each piece.
_PIECES = 1000
_STEP = 16 * 1024


def is_packed(encoding: str | None) -> bool:
    """Tell whether the value of ``Content-Encoding`` names a coding."""
    return encoding is not None and encoding.strip().lower() not in ("", "identity")


def is_readable(encoding: str | None) -> bool:
    """Tell whether what the value of ``Content-Encoding`` names can be read."""
    return encoding is None or not is_packed(encoding) or encoding.strip().lower() in READABLE


def decoded(raw: bytes, encoding: str | None, limit: int) -> bytes | None:
    """
    Give a body without its content coding; ``None`` where that is not known, or the body is beyond a limit.

    Raises:
        ValueError: it is not in that coding, or not whole.
    """
    if encoding is None or not is_packed(encoding):
        return raw
    if not is_readable(encoding):
        return None
    name = encoding.strip().lower()
    for bits in (47, -15) if name == "deflate" else (47,):  # gzip and zlib; the bare deflate that some send
        try:
            return _unpacked(raw, bits, limit)
        except zlib.error as error:
            why = str(error)
    raise ValueError(f"it is not {name}: {why}")


def _unpacked(raw: bytes, bits: int, limit: int) -> bytes | None:
    """Unpack all that was packed one after the other; what comes behind it is nobody's."""
    whole: list[bytes] = []
    size = at = 0
    while at < len(raw):
        if len(whole) >= _PIECES:
            return None
        reader: Any = zlib.decompressobj(bits)
        parts: list[bytes] = []
        try:
            while not reader.eof:
                if at >= len(raw):
                    raise zlib.error("it ends too early")
                part: bytes = reader.decompress(raw[at : at + _STEP], limit - size + 1)
                parts.append(part)
                size += len(part)
                if size > limit:
                    return None
                at += _STEP
        except zlib.error:
            if whole:
                break
            raise
        at = min(at, len(raw)) - len(reader.unused_data)
        whole.append(b"".join(parts))
    return b"".join(whole)
