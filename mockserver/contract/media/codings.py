"""Bodies as they were before they were packed for the way."""

import zlib
from typing import Any

READABLE = ("gzip", "x-gzip", "deflate")
"""The codings of content that can be read."""


def is_packed(encoding: str | None) -> bool:
    """Tell whether the value of ``Content-Encoding`` names a coding."""
    return encoding is not None and encoding.strip().lower() not in ("", "identity")


def is_readable(encoding: str | None) -> bool:
    """Tell whether what the value of ``Content-Encoding`` names can be read."""
    return encoding is None or not is_packed(encoding) or encoding.strip().lower() in READABLE


def decoded(raw: bytes, encoding: str | None, limit: int) -> bytes | None:
    """Give a body without its content coding; ``None`` where it cannot be read, or is beyond a limit."""
    if not is_packed(encoding):
        return raw
    if not is_readable(encoding):
        return None
    for bits in (47, -15):  # gzip and zlib; and the bare deflate that some send
        reader: Any = zlib.decompressobj(bits)
        try:
            found: bytes = reader.decompress(raw, limit)
        except zlib.error:
            continue
        return found if reader.eof and not reader.unused_data else None
    return None
