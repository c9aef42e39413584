"""Who may pass: what a contract requires of a request's credentials, decided as OpenAPI says."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from mockserver.contract.operation import Operation
from mockserver.respond.problems import Problem
from mockserver.serve.credentials import (
    TOKEN,
    Malformed,
    Scope,
    api_key,
    authorization,
    user_of_basic,
    user_of_digest,
)
from mockserver.serve.sending import WORLD
from mockserver.state import personas
from mockserver.state.personas import Claims, Persona, TokenRefused
from mockserver.state.world import World

_PLACES = ("header", "query", "cookie")
# The claims in which tokens say what they are good for: RFC 8693 and RFC 9068; Microsoft's; many others'.
_SCOPE_CLAIMS = ("scope", "scp", "scopes")
# RFC 6749, section 3.3.
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


@dataclass(frozen=True, slots=True)
class Caller:
    """
    Who some credentials are of.

    ``scopes`` is what their token is good for, ``None`` where that cannot be known. Of several credentials
    those with the highest ``rank`` tell who it is.
    """

    claims: Claims
    rank: int = 0
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Authenticator:
    """
    One security scheme, ready to be held against requests.

    ``read`` gives ``None`` where a request has no credentials of this scheme, and is told whether there may
    be others beside them. ``header_scheme`` is what ``Authorization`` begins with, ``challenge`` what a 401
    asks with. ``has_scopes`` where a token's scopes have to cover those that are required.
    """

    read: Callable[[Scope, bool], Caller | None]
    challenge: str = ""
    header_scheme: str = ""
    has_scopes: bool = False


def authenticator(scheme: Mapping[str, Any], acting: Persona | None) -> Authenticator:
    """
    Make the authenticator of one security scheme.

    The settings of a request's sandbox say what it does: ``off`` takes everybody for the ``acting`` persona;
    ``present`` takes any well-formed credential, and reads the claims of a token without verifying it;
    ``verify`` verifies tokens by the clock of the sandbox, and can do no more than ``present`` for other
    credentials. A scheme that ``fault_of`` finds broken lets everybody pass, and so does ``mutualTLS``, of
    which the mock sees nothing.
    """
    acting_claims = acting.claims if acting else {}
    found = _authenticator(scheme, acting_claims)

    def read(scope: Scope, others: bool) -> Caller | None:
        world: World = scope[WORLD]
        return Caller(acting_claims) if world.settings.auth == "off" else found.read(scope, others)

    return replace(found, read=read)


def _authenticator(scheme: Mapping[str, Any], acting_claims: Claims) -> Authenticator:
    if fault_of(scheme) is not None:
        return Authenticator(lambda _scope, _others: Caller(acting_claims))
    kind, name = str(scheme["type"]).lower(), str(scheme.get("name", ""))
    if kind == "mutualtls":
        return Authenticator(lambda _scope, _others: Caller(acting_claims))
    if kind == "apikey":
        place = str(scheme["in"])
        return Authenticator(partial(_read_key, place, name, acting_claims), _key_challenge(place, name))
    http_scheme = str(scheme["scheme"]).lower() if kind == "http" else "bearer"
    if http_scheme == "bearer":
        read = partial(_read_bearer, acting_claims)
        return Authenticator(read, "Bearer", "bearer", has_scopes=kind != "http")
    challenge = _CHALLENGES.get(http_scheme, http_scheme.capitalize())
    return Authenticator(partial(_read_http, http_scheme, acting_claims), challenge, http_scheme)


def fault_of(scheme: Any) -> str | None:
    """Say why nothing can be asked of a request by a security scheme; ``None`` for a sound one."""
    if not isinstance(scheme, Mapping):
        return "is no object"
    kind = str(scheme.get("type")).lower()
    name, place, http_scheme = scheme.get("name"), scheme.get("in"), scheme.get("scheme")
    if kind not in ("apikey", "http", "mutualtls", "oauth2", "openidconnect"):
        return (
            f'has the type "{scheme.get("type")}"; there are apiKey, http, mutualTLS, oauth2, openIdConnect'
        )
    if kind == "http" and not (isinstance(http_scheme, str) and TOKEN.fullmatch(http_scheme)):
        return 'has no scheme, such as "bearer"'
    if kind == "apikey":
        if place not in _PLACES:
            return f'has its key in "{place}"; there are {", ".join(_PLACES)}'
        if not isinstance(name, str) or not name:
            return "has no name for its key"
        if place != "query" and not TOKEN.fullmatch(name):
            return f'has the name "{name}", which no {place} can have'
    return None


@dataclass(frozen=True, slots=True)
class _Alternative:
    """One requirement of an operation: every scheme that it names, with the scopes it asks for."""

    names: tuple[str, ...]
    demands: Sequence[tuple[Authenticator, tuple[str, ...]]]
    has_scopes: bool
    # Whether several schemes of ``Authorization`` are asked for at once.
    has_others: bool

    @classmethod
    def of(cls, demands: Mapping[str, tuple[Authenticator, tuple[str, ...]]]) -> "_Alternative":
        headers = {each.header_scheme for each, _ in demands.values() if each.header_scheme}
        has_scopes = any(each.has_scopes for each, _ in demands.values())
        return cls(tuple(demands), list(demands.values()), has_scopes, len(headers) > 1)

    def callers(self, scope: Scope) -> list[Caller]:
        """Give who the credentials of a request are of, fewer than are asked for where some are missing."""
        found = []
        for each, _ in self.demands:
            try:
                caller = each.read(scope, self.has_others)
            except (Malformed, TokenRefused) as refusal:
                raise _Refused(each, refusal) from refusal
            if caller is not None:
                found.append(caller)
        return found

    def lacking(self, callers: Iterable[Caller]) -> tuple[str, ...]:
        """Give the scopes that are required of the first token that lacks some of them."""
        for (each, scopes), caller in zip(self.demands, callers, strict=True):
            if each.has_scopes and caller.scopes is not None and not caller.scopes.issuperset(scopes):
                return scopes
        return ()


def _foremost(callers: Sequence[Caller]) -> Claims:
    return max(callers, key=lambda each: each.rank).claims if callers else {}


class _Refused(Exception):
    def __init__(self, by: Authenticator, reason: Exception) -> None:
        super().__init__(str(reason))
        self.by = by
        self.error = "invalid_token" if isinstance(reason, TokenRefused) else None


class Gate:
    """
    What one operation requires of its callers.

    One of its requirements has to be met, and within it every scheme (OpenAPI, "Security Requirement
    Object"). A scheme that the contract does not define is left out, and so is a requirement that names no
    other.
    """

    def __init__(self, operation: Operation, authenticators: Mapping[str, Authenticator]) -> None:
        known = [
            _Alternative.of({name: (authenticators[name], requirement[name]) for name in names})
            for requirement in operation.security
            for names in [[name for name in requirement if name in authenticators]]
            if names or not requirement
        ]
        # What nothing is asked of comes last: somebody who says who they are is known by it.
        self._alternatives = sorted(known, key=lambda each: not each.demands)
        self.is_open = not known

    def admit(self, scope: Scope) -> Claims:
        """
        Give the claims of the caller.

        Raises:
            Problem: 401 with a challenge for each scheme that would do, or 403 where a token that is good
                lacks a scope.
        """
        refused: _Refused | None = None
        lacking: tuple[str, ...] = ()
        for alternative in self._alternatives:
            try:
                callers = alternative.callers(scope)
            except _Refused as refusal:
                refused = refused or refusal
                continue
            if len(callers) < len(alternative.demands):
                continue
            lacks = alternative.lacking(callers) if alternative.has_scopes else ()
            if not lacks:
                return callers[0].claims if len(callers) == 1 else _foremost(callers)
            lacking = lacking or lacks
        if lacking:
            raise _forbidden(lacking)
        raise self._unauthorized(refused)

    def _unauthorized(self, refused: _Refused | None) -> Problem:
        challenges = dict.fromkeys(
            f'{each.challenge} error="{refused.error}"'
            if refused and refused.error and each.challenge == refused.by.challenge
            else each.challenge
            for alternative in self._alternatives
            for each, _ in alternative.demands
            if each.challenge
        )
        needed = " or ".join(" and ".join(each.names) for each in self._alternatives)
        detail = str(refused) if refused else f"Credentials are missing; needed here: {needed}."
        return Problem(401, detail, headers={"WWW-Authenticate": ", ".join(challenges)} if challenges else {})


def _forbidden(scopes: tuple[str, ...]) -> Problem:
    """Source: RFC 6750, section 3.1."""
    named = " ".join(scope for scope in scopes if _SCOPE.fullmatch(scope))
    return Problem(
        403,
        f"The token has not every scope that is needed here: {' '.join(scopes)}.",
        headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{named}"'},
    )


def _read_key(place: str, name: str, acting: Claims, scope: Scope, _others: bool) -> Caller | None:
    key = api_key(scope, place, name)
    return None if key is None else Caller(acting or {"sub": key})


def _read_http(http_scheme: str, acting: Claims, scope: Scope, others: bool) -> Caller | None:
    credentials = authorization(scope, http_scheme, among_others=others)
    if credentials is None:
        return None
    user_of = {"basic": user_of_basic, "digest": user_of_digest}.get(http_scheme)
    return Caller({"sub": user_of(credentials)}, 1) if user_of else Caller(acting)


def _read_bearer(acting: Claims, scope: Scope, others: bool) -> Caller | None:
    token = authorization(scope, "bearer", among_others=others)
    if token is None:
        return None
    world: World = scope[WORLD]
    verifies = world.settings.auth == "verify"
    claims = personas.verify(token, world.clock) if verifies else personas.read(token)
    return Caller(acting) if claims is None else Caller(claims, 2, _scopes_of(claims))


def _scopes_of(claims: Claims) -> frozenset[str]:
    found: list[str] = []
    for name in _SCOPE_CLAIMS:
        value = claims.get(name)
        if isinstance(value, str):
            found += value.split()
        elif isinstance(value, list):
            found += [str(each) for each in value]
    return frozenset(found)


# RFC 7616, section 3.3, asks for a nonce. It may be the same for all, since no digest is reckoned.
_CHALLENGES = {
    "basic": 'Basic realm="mock"',
    "digest": 'Digest realm="mock", qop="auth", algorithm=SHA-256, nonce="mock"',
}


def _key_challenge(place: str, name: str) -> str:
    """HTTP knows no challenge for an API key, and requires one of a 401 (RFC 9110, section 15.5.2)."""
    quoted = name.replace("\\", r"\\").replace('"', r"\"")
    return f'ApiKey in="{place}", name="{quoted}"' if quoted.isascii() and quoted.isprintable() else "ApiKey"
