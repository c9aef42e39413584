"""Who calls during a run, and what they send where the contract asks who they are."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.operation import Contract, Operation
from mockserver.serve.security import fault_of

# By what they are called in a security scheme: where a request of schemathesis has them.
_PLACES = {"header": "headers", "query": "query", "cookie": "cookies"}

_DIGEST = 'username="fuzz", realm="mock", nonce="mock", uri="/", response="00000000000000000000000000000000"'

Credentials = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Caller:
    """
    Somebody who calls, with what they send to each operation, by its method and path: (place, name, value).

    ``name`` is a persona's, unless the caller was made up.
    """

    name: str
    is_persona: bool
    token: str
    credentials: Mapping[str, Credentials] = field(repr=False)

    def get(self, case: Any, _context: Any) -> Credentials:
        """Give the credentials; with ``set`` this is what schemathesis asks of a provider."""
        return self.credentials.get(f"{case.method} {case.operation.path}", ())

    def set(self, case: Any, data: Credentials, _context: Any) -> None:
        for place, name, value in data:
            getattr(case, place)[name] = value

    def sent(self, operation: Operation) -> Credentials:
        return self.credentials.get(label_of(operation), ())

    def placed(self, operation: Operation) -> Mapping[str, Mapping[str, str]]:
        """Give what is sent to an operation as its ``headers``, ``query`` and ``cookies``."""
        found: dict[str, dict[str, str]] = {place: {} for place in _PLACES.values()}
        for place, name, value in self.sent(operation):
            found[place][name] = value
        return found


def label_of(operation: Operation) -> str:
    """Give what schemathesis calls an operation."""
    return f"{operation.method.upper()} {operation.path}"


def asks_who(contract: Contract, operation: Operation) -> bool:
    """Tell whether every request has to say who calls, in a way that a request can show."""
    schemes = contract.security_schemes
    return bool(operation.security) and all(
        any(_is_shown(schemes.get(name)) for name in requirement) for requirement in operation.security
    )


def credentials_of(
    contract: Contract, operation: Operation, token: str, key: str | None = None
) -> Credentials:
    """
    Give what meets the first requirement that asks for anything, but for a second ``Authorization``.

    ``key`` is sent where no token is asked for; without one, the token is.
    """
    for requirement in operation.security:
        schemes = [contract.security_schemes.get(name) for name in requirement]
        made = [_credential(scheme, token, key) for scheme in schemes if fault_of(scheme) is None]
        found = {(place, name): value for place, name, value in filter(None, made)}
        if found:
            return tuple((place, name, value) for (place, name), value in found.items())
    return ()


def names_of_credentials(contract: Contract) -> Iterator[str]:
    """Give the headers that say who calls, in lower case."""
    yield "authorization"
    for scheme in contract.security_schemes.values():
        if fault_of(scheme) is None and str(scheme["type"]).lower() == "apikey":
            if scheme["in"] == "header":
                yield str(scheme["name"]).lower()
            elif scheme["in"] == "cookie":
                yield "cookie"


def as_credentials(header: str, value: str) -> Credentials:
    """
    Give what a header that says who calls is as credentials.

    The cookies in one are cookies, each by itself: so one of them can be left out or spoilt, and others that
    a request has are sent beside them.
    """
    if header.lower() != "cookie":
        return (("headers", header, value),)
    pairs = (each.strip().partition("=") for each in value.split(";") if each.strip())
    return tuple(("cookies", name, text) for name, _, text in pairs)


def _is_shown(scheme: Any) -> bool:
    return fault_of(scheme) is None and str(scheme["type"]).lower() != "mutualtls"


def _credential(scheme: Any, token: str, key: str | None) -> tuple[str, str, str] | None:
    kind, http_scheme = str(scheme["type"]).lower(), str(scheme.get("scheme", "bearer")).lower()
    if kind == "apikey":
        return _PLACES[str(scheme["in"])], str(scheme["name"]), key or token
    if kind == "mutualtls":
        return None
    if kind != "http" or http_scheme == "bearer":
        return "headers", "Authorization", f"Bearer {token}"
    if key is None:
        return "headers", "Authorization", f"{scheme['scheme'].capitalize()} {token}"
    password = b64encode(f"{key}:{key}".encode()).decode()
    written = {"basic": password, "digest": _DIGEST}.get(http_scheme, key)
    return "headers", "Authorization", f"{scheme['scheme'].capitalize()} {written}"
