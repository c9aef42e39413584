"""Who is calling: the credentials of a request, held against the contract's security schemes."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal
from urllib.parse import parse_qsl

from mockserver.respond.problems import Problem
from mockserver.state import personas
from mockserver.state.clock import Clock
from mockserver.state.personas import Claims, Persona, TokenRefused

AuthMode = Literal["verify", "present", "off"]
Headers = Iterable[tuple[bytes, bytes]]
Authenticate = Callable[[Mapping[str, Any]], Claims | None]


def authenticator(
    scheme: Mapping[str, Any], mode: AuthMode, clock: Clock, acting: Persona | None
) -> Authenticate:
    """
    Give a function from an ASGI scope to the caller's claims, for one security scheme.

    The function returns ``None`` where the scope has no credentials of this scheme, and raises a 401 for
    those that are not good. ``off`` takes everybody for the ``acting`` persona; ``present`` takes any
    well-formed credential, and reads the claims of a token without verifying it; ``verify`` verifies
    tokens, and can do no more than ``present`` for other credentials.
    """
    acting_claims = acting.claims if acting else {}
    if mode == "off":
        return lambda _scope: acting_claims
    kind = str(scheme.get("type", "")).lower()
    if kind == "apikey":
        return lambda scope: acting_claims if _api_key(scheme, scope) else None
    if kind == "http" and str(scheme.get("scheme", "")).lower() == "basic":
        return lambda scope: _basic(scheme, scope)
    if kind == "mutualtls":
        return lambda _scope: acting_claims

    def bearer(scope: Mapping[str, Any]) -> Claims | None:
        token = _credentials(scheme, scope["headers"], "bearer")
        if token is None:
            return None
        if mode == "verify":
            try:
                return personas.verify(token, clock)
            except TokenRefused as refusal:
                raise unauthorized(str(refusal), scheme, "invalid_token") from refusal
        claims = personas.read(token)
        return acting_claims if claims is None else claims

    return bearer


def unauthorized(detail: str, scheme: Mapping[str, Any], error: str | None = None) -> Problem:
    """
    Make a 401 with the challenge of a security scheme; an API key has none that HTTP knows.

    Source: RFC 6750, section 3; RFC 7617, section 2.
    """
    kind, name = str(scheme.get("type", "")).lower(), str(scheme.get("scheme", "bearer"))
    if kind not in ("http", "oauth2", "openidconnect"):
        return Problem(401, detail)
    challenge = 'Basic realm="mock"' if name.lower() == "basic" else name.capitalize()
    return Problem(
        401, detail, headers={"WWW-Authenticate": f'{challenge} error="{error}"' if error else challenge}
    )


def _credentials(definition: Mapping[str, Any], headers: Headers, wanted: str) -> str | None:
    """Give what follows the wanted scheme in ``Authorization``; ``None`` where the header is of another."""
    values = [value for name, value in headers if name == b"authorization"]
    if not values:
        return None
    if len(values) > 1:
        raise unauthorized("There is more than one Authorization header.", definition)
    scheme, _, credentials = values[0].decode("latin-1").strip().partition(" ")
    if scheme.lower() != wanted:
        return None
    credentials = credentials.strip()
    if not credentials or " " in credentials:
        form = "Basic <user:password in base64>" if wanted == "basic" else "Bearer <token>"
        raise unauthorized(f"The Authorization header should read: {form}.", definition)
    return credentials


def _basic(scheme: Mapping[str, Any], scope: Mapping[str, Any]) -> Claims | None:
    credentials = _credentials(scheme, scope["headers"], "basic")
    if credentials is None:
        return None
    try:
        user, colon, _ = base64.b64decode(credentials, validate=True).decode("latin-1").partition(":")
    except (binascii.Error, ValueError):
        user, colon = "", ""
    if not colon:
        raise unauthorized("The Basic credentials should be base64 of user:password.", scheme)
    return {"sub": user}


def _api_key(scheme: Mapping[str, Any], scope: Mapping[str, Any]) -> str | None:
    name = str(scheme.get("name", ""))
    if scheme.get("in") == "query":
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        return next((value for key, value in query if key == name), None)
    headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    if scheme.get("in") == "cookie":
        cookies = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
        return next((value for key, _, value in cookies if key == name), None)
    return headers.get(name.lower())
