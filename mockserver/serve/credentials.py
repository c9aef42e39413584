"""Read a request's credentials, as one security scheme has them: present and well-formed, or refused."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

Scope = Mapping[str, Any]

# RFC 9110, section 5.6.2: what the name of a scheme of HTTP, or of a header, is written in.
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_DIGEST_PART = re.compile(r'([A-Za-z-]+\*?)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)\s*', re.ASCII)

_FORMS = {
    "basic": "Basic <user:password in base64>",
    "bearer": "Bearer <token>",
    "digest": 'Digest username="…", realm="…", nonce="…", uri="…", response="…"',
}


class Malformed(Exception):
    """There are credentials of this scheme, and they are not well-formed; the text says what would be."""


def authorization(scope: Scope, scheme: str, *, among_others: bool = False) -> str | None:
    """
    Give what follows a scheme (in lower case) in ``Authorization``; ``None`` where the header is of another.

    There is one such header in a request, but ``among_others``, where several schemes are asked for at once.

    Raises:
        Malformed: there are several headers, or nothing follows, or more than one credential.
    """
    values: list[str] = [
        value.decode("latin-1").strip() for name, value in scope["headers"] if name == b"authorization"
    ]
    if among_others:
        values = [value for value in values if _scheme_of(value) == scheme]
    if not values:
        return None
    if len(values) > 1:
        raise Malformed("There is more than one Authorization header.")
    if _scheme_of(values[0]) != scheme:
        return None
    credentials = values[0].partition(" ")[2].strip()
    is_one_word = scheme in ("basic", "bearer")
    if not credentials or (is_one_word and " " in credentials):
        form = _FORMS.get(scheme, f"{scheme.capitalize()} <credentials>")
        raise Malformed(f"The Authorization header should read: {form}.")
    return credentials


def user_of_basic(credentials: str) -> str:
    """
    Give who ``Basic`` credentials are of (RFC 7617).

    Raises:
        Malformed: they are not base64 of a name, a colon and a password.
    """
    try:
        user, colon, _ = base64.b64decode(credentials, validate=True).decode("latin-1").partition(":")
    except (binascii.Error, ValueError):
        user, colon = "", ""
    if not colon:
        raise Malformed("The Basic credentials should be base64 of user:password.")
    return user


def user_of_digest(credentials: str) -> str:
    """
    Give who ``Digest`` credentials are of (RFC 7616); the digest itself is not reckoned.

    Raises:
        Malformed: they are not parts with commas between them, or a part is missing.
    """
    parts, end = {}, 0
    for part in _DIGEST_PART.finditer(credentials):
        if part.start() != end:
            break
        parts[part[1].lower().removesuffix("*")] = part[2] if part[2] is not None else part[3]
        end = part.end()
    if end != len(credentials) or not {"username", "realm", "nonce", "uri", "response"} <= parts.keys():
        raise Malformed(f"The Authorization header should read: {_FORMS['digest']}.")
    return parts["username"]


def api_key(scope: Scope, place: str, name: str) -> str | None:
    """Give the key that a request has in a header, query or cookie; ``None`` for none or an empty one."""
    if place == "query":
        query = parse_qsl(scope["query_string"].decode("latin-1"))
        return next((value for key, value in query if key == name), None)
    wanted = b"cookie" if place == "cookie" else name.lower().encode("latin-1")
    values = [value.decode("latin-1").strip() for key, value in scope["headers"] if key == wanted]
    if place == "cookie":
        parts = (part.strip().partition("=") for value in values for part in value.split(";"))
        values = [value.strip('"') for key, _, value in parts if key == name]
    return next((value for value in values if value), None)


def _scheme_of(value: str) -> str:
    return value.partition(" ")[0].lower()
