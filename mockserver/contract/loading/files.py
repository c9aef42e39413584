"""The files of one document: which may be read, where each of their parts stands, and on which line."""

import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from mockserver.contract.loading.defects import Defect, place_of
from mockserver.contract.loading.lines import line_of
from mockserver.contract.pointers import escape, resolve

# Under this name the other files of a document stand at the root of the first one.
KEY = "x-mock-files"

_PATIENCE = 10  # seconds
_LARGEST = 16 * 1024 * 1024  # bytes that are read from another machine


class NotReadable(Exception):
    """A file that a document refers to cannot be read, or may not be; the text says why."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the references of a document may lead, besides the files in its own folder and below."""

    outside: bool = False
    remote: bool = False


@dataclass(frozen=True, slots=True)
class SourceFile:
    """
    One file of a document.

    ``name`` is its path from the document's folder, or its address; ``pointer`` leads to it in the whole.
    """

    name: str
    path: Path | None
    source: bytes
    pointer: str

    def line_of(self, pointer: str) -> int:
        """Give the line of a pointer into the whole document that leads into this file."""
        return line_of(self.source, pointer[len(self.pointer) :])


@dataclass(frozen=True, slots=True)
class Change:
    """
    What an overlay says of a place of the document.

    ``value`` was put in at ``pointer``; ``written`` is the pointer to it in the overlay.
    """

    pointer: str
    value: Any
    written: str

    def written_at(self, pointer: str) -> str | None:
        """Give where what a pointer leads to was written, if it was put in by this change."""
        inside = pointer.removeprefix(self.pointer)
        if inside == pointer or not inside.startswith("/"):
            return None
        try:
            resolve(self.value, inside, follow=False)
        except (LookupError, ValueError, TypeError):
            return None
        return self.written + inside


def pointer_to(name: str) -> str:
    return f"/{KEY}/{escape(name)}"


def file_of(files: Sequence[SourceFile], pointer: str) -> SourceFile:
    """Give the file in which a pointer into the whole document leads; the first has all that no other has."""
    for file in files[1:]:
        if pointer == file.pointer or pointer.startswith(f"{file.pointer}/"):
            return file
    return files[0]


def defect_at(files: Sequence[SourceFile], changes: Sequence[Change], pointer: str, text: str) -> Defect:
    """Say something of what stands at a pointer into the whole document, with the file and line of it."""
    found = (change.written_at(pointer) for change in reversed(changes))
    at = next((each for each in found if each is not None), pointer)
    file = file_of(files, at)
    return Defect(file.name, file.line_of(at), place_of(at[len(file.pointer) :]), text)


def path_of(address: str) -> Path | None:
    """Give the path that a ``file:`` address names; ``None`` for other addresses."""
    parts = urlsplit(address)
    return Path(unquote(parts.path)) if parts.scheme == "file" and not parts.netloc else None


def fetch(address: str, folder: Path, reach: Reach) -> bytes:
    """
    Read what a reference leads to, if that is allowed; ``folder`` is where the document stands.

    Raises:
        NotReadable: there is nothing, or it may not be read.
    """
    path = path_of(address)
    if path is None:
        return _fetch_remote(address, reach)
    # Links are followed first: one that leads out of the folder is outside.
    if not reach.outside and not path.resolve().is_relative_to(folder.resolve()):
        raise NotReadable("stands outside the document's folder; --allow-outside-refs has it read")
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise NotReadable(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _fetch_remote(address: str, reach: Reach) -> bytes:
    if urlsplit(address).scheme not in ("http", "https"):
        raise NotReadable("is no address of a file that is read; write a path, or http(s)")
    if not reach.remote:
        raise NotReadable("stands on another machine; --allow-remote-refs has it fetched")
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        _HttpRedirects,
    ):
        opener.add_handler(handler())
    try:
        with opener.open(address, timeout=_PATIENCE) as answer:
            content: bytes = answer.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise NotReadable(f"cannot be fetched: {getattr(error, 'reason', None) or error}") from error
    if len(content) > _LARGEST:
        raise NotReadable(f"is larger than {_LARGEST} bytes")
    return content


class _HttpRedirects(urllib.request.HTTPRedirectHandler):
    """Redirects that stay with http(s): an address on the network never leads to a file of this machine."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]  # as it is
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise urllib.error.HTTPError(newurl, code, "leads away from http", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
