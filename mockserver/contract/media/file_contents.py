"""Files of the usual media types: the least that is one, and files that were kept as text."""

import base64
import binascii
from collections.abc import Mapping

from mockserver.contract.media.media_types import essence


def as_file(text: str, media_type: str) -> bytes:
    """
    Give the bytes of a file that is known as a text.

    Where the text is Base64 of a file of that media type, as an upload is kept, it is that file. Any other
    text cannot be what the media type says: of the types that are known here it is the least there is, a
    picture of one pixel or an empty page. Of the others it is the text itself.
    """
    known = _KNOWN.get(essence(media_type))
    if known is None:
        return text.encode("utf-8", "replace")
    signature, blank = known
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if content.startswith(signature):
        return content
    return text.encode("utf-8", "replace") if text.startswith(signature.decode("latin-1")) else blank


_PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
)
_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
    "AQEBAQEBAQEBAQEBAQH/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAI"
    "AQEAAD8AP//Z"
)
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_ZIP = b"PK\x05\x06" + bytes(18)
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'

# By media type: what its files begin with, and the least there is.
_KNOWN: Mapping[str, tuple[bytes, bytes]] = {
    "application/pdf": (b"%PDF", _PDF),
    "application/zip": (b"PK", _ZIP),
    "image/gif": (b"GIF8", _GIF),
    "image/jpeg": (b"\xff\xd8\xff", _JPEG),
    "image/jpg": (b"\xff\xd8\xff", _JPEG),
    "image/png": (b"\x89PNG", _PNG),
    "image/svg+xml": (b"<", _SVG),
}
