"""Entries of a journal without the secrets that they hold, for whoever may not have them."""

import contextlib
import json
import re
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

import orjson

from mockserver.contract.media.codings import decoded, is_packed
from mockserver.contract.media.media_types import essence
from mockserver.state.journal_entry import Entry, Headers
from mockserver.state.mask_texts import is_count, mask_written
from mockserver.state.masks import Masks, mask_plainly, without

_FORM = "application/x-www-form-urlencoded"
_UNPACKED = 16 * 1024 * 1024
_LEFT_OUT = b"(left out: it is packed, and may hold secrets)"
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*\s+(?=\S)")
# What is told of a value may be cut; so many letters of a secret are enough to know it by.
_KNOWN = 32


def masked(entry: Entry, masks: Masks) -> Entry:
    """
    Give an entry with its secrets masked wherever they are: in its address, its headers and bodies, in what
    was noted, and in the name of the caller, who may be known by an API key alone.

    A packed body is given unpacked, and left out where it cannot be read. Sizes are those of what is given.
    """
    path = entry.operation.path if entry.operation else ""
    veil = _Veil(masks, entry, path)
    shown = copy(entry)
    shown.target = veil.target(entry.target, path)
    shown.caller = veil.caller(entry.caller)
    shown.request_headers = veil.headers(entry.request_headers)
    shown.response_headers = veil.headers(entry.response_headers)
    if entry.request_body is not None:
        shown.request_body, shown.request_size = veil.body(
            entry.request_body, entry.request_size, entry.request_headers
        )
    shown.response_body, shown.response_size = veil.body(
        entry.response_body, entry.response_size, entry.response_headers
    )
    shown.notes = [veil.told(each) for each in entry.notes]
    shown.violations = tuple(replace(each, message=veil.told(each.message)) for each in entry.violations)
    return shown


# How many bytes of a body are looked through for one line; to do it takes a while, and everybody waits.
_LOOKED_AT = 64 * 1024


def for_a_line(entry: Entry, masks: Masks) -> Entry:
    """Give an entry as its line may be shown: address, caller and notes without secrets."""
    path = entry.operation.path if entry.operation else ""
    caller = str(entry.caller.get("sub", ""))
    if not entry.notes and masks.is_plain(entry.target, path, entry.request_headers, caller):
        return entry
    shown = copy(entry)
    veil = _Veil(masks, entry, path)
    shown.target = veil.target(entry.target, path)
    shown.caller = veil.caller(entry.caller)
    if entry.notes:
        if entry.request_body and entry.request_size <= _LOOKED_AT:  # a note may say again what was sent
            veil.body(entry.request_body, entry.request_size, entry.request_headers)
        shown.notes = [veil.told(each) for each in entry.notes]
    return shown


class _Veil:
    """Masks the parts of one entry, and knows afterwards which secrets there were."""

    def __init__(self, masks: Masks, entry: Entry, path: str) -> None:
        self._masks = masks
        self._credentials = masks.credentials(entry.request_headers, entry.target, path)
        for each in _cookies(entry.response_headers):
            self._credentials |= masks.cookies_of(each)
        self._secrets = {*self._credentials, *(value for _, value in masks.secrets_of(entry.target, path))}

    def __call__(self, name: str, value: Any) -> Any:
        self._secrets.update((str(value), json.dumps(value, ensure_ascii=False).strip('"')))
        return mask_plainly(name, value)

    def target(self, target: str, path: str) -> str:
        return self._masks.target(target, path, self._credentials, self)

    def caller(self, caller: Mapping[str, Any]) -> Mapping[str, Any]:
        is_known = str(caller.get("sub", "")) in self._credentials
        return {**caller, "sub": mask_plainly("caller", "")} if is_known else caller

    def headers(self, headers: Headers) -> Headers:
        return [(name, self._header(name.decode("latin-1").lower(), value)) for name, value in headers]

    def _header(self, name: str, value: bytes) -> bytes:
        text = value.decode("latin-1")
        if name in ("cookie", "set-cookie"):
            first, *rest = text.split(";")
            parts = [self._cookie(first), *(map(self._cookie, rest) if name == "cookie" else rest)]
            text = ";".join(parts)
        elif name.endswith("authorization"):
            scheme = _SCHEME.match(text)
            start = scheme[0] if scheme else ""
            text = f"{start}{self(name, text[len(start) :])}"
        elif self._masks.is_secret_header(name) and not is_count(name, text):
            text = self(name, text)
        else:
            text = self._masks.walk(text, self._credentials, self)
        return text.encode("latin-1", "replace")

    def _cookie(self, pair: str) -> str:
        name, sign, value = pair.partition("=")
        return f"{name}{sign}{self('cookie', value)}" if value else pair

    def body(self, raw: bytes, size: int, headers: Headers) -> tuple[bytes, int]:
        """Give a body without secrets, and its size; it is cut still if it was."""
        is_whole = len(raw) >= size
        encoding = _header(headers, b"content-encoding")
        if raw and is_packed(encoding):
            unpacked = None
            if is_whole:
                with contextlib.suppress(ValueError):
                    unpacked = decoded(raw, encoding, _UNPACKED)
            raw, is_whole = (unpacked, True) if unpacked is not None else (_LEFT_OUT, True)
        shown = self._body(raw, essence(_header(headers, b"content-type")))
        return shown, len(shown) if is_whole else max(size, len(shown) + 1)

    def _body(self, raw: bytes, media_type: str) -> bytes:
        try:
            text, encoding = raw.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            text, encoding = raw.decode("latin-1"), "latin-1"
        if media_type == _FORM:
            for name, value in self._masks.secrets_of(f"?{text}"):
                self(name, value)
            return self._masks.target(f"?{text}")[1:].encode(encoding, "replace")
        try:
            value = orjson.loads(raw)
            masked = self._masks.walk(value, self._credentials, self)
            is_value = isinstance(value, dict | list)
            if masked != value:
                return orjson.dumps(masked)
        except (ValueError, TypeError, RecursionError):  # it is no JSON, or deeper than anybody reads
            is_value = False
        is_multipart = media_type.startswith("multipart/")
        found = mask_written(text, self._masks.is_secret, self, is_value=is_value, is_multipart=is_multipart)
        if not is_value:
            found = self._masks.walk(found, self._credentials, self)
        return found.encode(encoding, "replace")

    def told(self, text: str) -> str:
        """Give what was said of a request without the secrets that were in it."""
        text = without(text, self._secrets)
        for each in self._secrets:
            if len(each) > _KNOWN and each[:_KNOWN] in text:
                text = re.sub(rf"{re.escape(each[:_KNOWN])}[^\s\"]*", "masked", text)
        return text


def _header(headers: Headers, wanted: bytes) -> str:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == wanted), "")


def _cookies(headers: Headers) -> list[str]:
    lines = (value.decode("latin-1") for name, value in headers if name.lower() == b"set-cookie")
    return [each.partition(";")[0] for each in lines]
