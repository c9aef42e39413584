"""Who may call: personas, and the tokens that are minted for them and verified; the only user of PyJWT."""

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jwt
from jwt.algorithms import RSAAlgorithm

from mockserver.contract.loading.document import line_of
from mockserver.contract.pointers import escape
from mockserver.errors import MockServerError, nearest
from mockserver.state.clock import Clock
from mockserver.state.fixtures import read_file

Claims = Mapping[str, Any]

DEFAULT_LIFETIME = 3600
_FIELDS = ("description", "claims", "lifetime")
_LEEWAY = 60  # seconds that another machine's clock may be ahead of ours
_KEY = Path(__file__).with_name("development_key.pem").read_bytes()


class TokenRefused(Exception):
    """A token is malformed, expired or not signed by us; the text says which."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who calls: their claims, and for how many seconds a token of theirs is good."""

    name: str
    description: str
    claims: Claims
    lifetime: int = DEFAULT_LIFETIME


class Personas:
    """The personas by name, in the order of their file."""

    def __init__(self, personas: Mapping[str, Persona]) -> None:
        self._personas = personas

    def __iter__(self) -> Any:
        return iter(self._personas.values())

    def __bool__(self) -> bool:
        return bool(self._personas)

    def __getitem__(self, name: str) -> Persona:
        if name not in self._personas:
            known = ", ".join(self._personas) or "none"
            hint = nearest(name, self._personas)
            raise MockServerError(f'There is no persona "{name}"; there are: {known}.{hint}')
        return self._personas[name]

    def name_of(self, claims: Claims) -> str:
        """Give the name of the first persona whose ``sub`` this is, else the ``sub`` itself."""
        sub = str(claims.get("sub", "somebody"))
        for persona in self._personas.values():
            if persona.claims.get("sub") == sub:
                return persona.name
        return sub


def load_personas(path: Path) -> Personas:
    """
    Read a file of personas: by name, each with ``description``, ``claims`` and ``lifetime`` in seconds.

    Raises:
        MockServerError: the file cannot be read, or a persona cannot be used; every such persona is named.
    """
    found = read_file(path)
    if not isinstance(found, dict):
        raise MockServerError(f"{path}: should be a mapping of personas by name.")
    complaints = [
        f'{path}:{line_of(path.read_bytes(), f"/{escape(name)}")}, persona "{name}": {text}'
        for name, definition in found.items()
        for text in _wrong_with(definition)
    ]
    if complaints:
        raise MockServerError("\n".join(complaints))
    return Personas({name: _read_persona(name, definition) for name, definition in found.items()})


def _wrong_with(definition: Any) -> Iterator[str]:
    if not isinstance(definition, dict):
        yield f"should be a mapping of {', '.join(_FIELDS)}."
        return
    for field in definition:
        if field not in _FIELDS:
            yield f"{field} is unknown; known are {', '.join(_FIELDS)}.{nearest(field, _FIELDS)}"
    if not isinstance(definition.get("claims"), dict):
        yield "has no claims; they are a mapping."
    lifetime = definition.get("lifetime", DEFAULT_LIFETIME)
    if not isinstance(lifetime, int) or isinstance(lifetime, bool):
        yield f"lifetime is {json.dumps(lifetime)}; it is whole seconds."


def _read_persona(name: str, definition: Mapping[str, Any]) -> Persona:
    description = str(definition.get("description", ""))
    return Persona(name, description, definition["claims"], definition.get("lifetime", DEFAULT_LIFETIME))


def mint(persona: Persona, clock: Clock) -> str:
    """
    Sign a token (RS256) for a persona, good from the clock's now for the persona's lifetime.

    ``iat`` and ``exp`` are those of the claims where these have any.
    """
    now = int(clock.now())
    if persona.lifetime >= 0:
        issued, expires = now, now + persona.lifetime
    else:
        issued, expires = now + persona.lifetime - DEFAULT_LIFETIME, now + persona.lifetime
    claims = {"iat": issued, "exp": expires, **persona.claims}
    return jwt.encode(claims, _private_key(), algorithm="RS256", headers={"kid": _key_id()})


def verify(token: str, clock: Clock) -> Claims:
    """
    Give the claims of a token that we signed and that is good by our clock.

    Raises:
        TokenRefused: it is malformed, signed by another key, expired, or from the future.
    """
    claims = _signed_claims(token)
    now = clock.now()
    if not _is_time(claims.get("exp")):
        raise TokenRefused("The token has no expiry time.")
    if claims["exp"] <= now:
        raise TokenRefused("The token has expired.")
    for name in ("iat", "nbf"):
        if name in claims and not (_is_time(claims[name]) and claims[name] <= now + _LEEWAY):
            raise TokenRefused("The token is not valid yet.")
    return claims


def read(token: str) -> Claims | None:
    """Give the claims of anybody's token without holding its signature against a key; ``None``: not a JWT."""
    try:
        claims: Claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return None
    return claims


@functools.cache
def key_set() -> Mapping[str, Any]:
    """Give the public half of the development key as a JSON Web Key Set (RFC 7517)."""
    key = _private_key()
    public = key.public_key() if hasattr(key, "public_key") else key
    found = json.loads(RSAAlgorithm.to_jwk(public))
    return {"keys": [{**found, "kid": _key_id(), "alg": "RS256", "use": "sig"}]}


@functools.cache
def _key_id() -> str:
    return f"development-{hashlib.sha256(_KEY).hexdigest()[:8]}"


# Reading the key takes 35 ms: its numbers are tested each time.
@functools.cache
def _private_key() -> Any:
    return RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(_KEY)


@functools.cache
def _public_key() -> Any:
    return jwt.PyJWK(key_set()["keys"][0])


# A signature is checked once: 60 µs of arithmetic that cannot come out otherwise the next time.
@functools.lru_cache(maxsize=1024)
def _signed_claims(token: str) -> Claims:
    checks = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
    try:
        claims: Claims = jwt.decode(
            token,
            _public_key(),
            algorithms=["RS256"],
            options={**checks, "verify_sub": False},  # type: ignore[arg-type]  # PyJWT types its options by name
        )
    except jwt.InvalidSignatureError as error:
        raise TokenRefused("The token was not signed by this server.") from error
    except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
        raise TokenRefused("The token is malformed.") from error
    return MappingProxyType(claims)  # one for all requests with this token


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
