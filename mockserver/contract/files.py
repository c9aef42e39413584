"""Files of the usual media types: the least that is one, and files that were kept as text."""

import base64
import binascii
from collections.abc import Mapping

from mockserver.contract.media_types import essence


def as_file(text: str, media_type: str) -> bytes:
    """
    Give the bytes of a file that is known as a text.

    Where the text is Base64 of a file of that media type, as an upload is kept, it is that file. Any other
    text cannot be what the media type says: of the types that are known here it is the least there is, a
    picture of one pixel or an empty page. Of the others it is the text itself.
    """
    blank = _BLANK.get(essence(media_type))
    if blank is None:
        return text.encode("utf-8", "replace")
    signature = blank[:_SIGNED]
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if content.startswith(signature):
        return content
    return text.encode() if text.startswith(signature.decode("latin-1")) else blank


# How many bytes at its start tell what a file is.
_SIGNED = 4

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
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_ZIP = b"PK\x05\x06" + bytes(18)
_BLANK: Mapping[str, bytes] = {
    "application/pdf": _PDF,
    "application/zip": _ZIP,
    "image/gif": _GIF,
    "image/jpeg": _JPEG,
    "image/jpg": _JPEG,
    "image/png": _PNG,
    "image/svg+xml": b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
}
