"""Who calls during a run: personas with their tokens, or somebody made up where the contract has none."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.prove.control import Control
from mockserver.serve.assembly import Mock
from mockserver.state.personas import Persona, mint

# By what they are called in a security scheme: where a request of schemathesis has them.
_PLACES = {"header": "headers", "query": "query", "cookie": "cookies"}

_NOBODY = Persona("somebody", "Made up where there are no personas", {"sub": "somebody"})


@dataclass(frozen=True)
class Caller:
    """
    Somebody who calls, with what they send: (place, name, value).

    ``name`` is a persona's, unless the caller was made up.
    """

    name: str
    is_persona: bool
    token: str
    credentials: tuple[tuple[str, str, str], ...]

    def get(self, _case: Any, _context: Any) -> tuple[tuple[str, str, str], ...]:
        """Give the credentials; with ``set`` this is what schemathesis asks of a provider."""
        return self.credentials

    def set(self, case: Any, data: tuple[tuple[str, str, str], ...], _context: Any) -> None:
        for place, name, value in data:
            getattr(case, place)[name] = value

    @property
    def headers(self) -> Mapping[str, str]:
        return {name: value for place, name, value in self.credentials if place == "headers"}


def find_callers(mock: Mock, control: Control, persona: str | None, peer: str | None) -> list[Caller]:
    """
    Give the caller of a run, and the peer who must not see what is theirs.

    Left to itself it takes the first persona whose token is good, and as the peer the first one who is let
    in somewhere and is shown something else there. Without personas somebody is made up; without anybody
    fit for a peer there is none.

    Raises:
        MockServerError: there is no such persona.
    """
    personas = mock.parts.personas
    good = [each for each in personas if each.lifetime > 0]
    chosen = personas[persona] if persona is not None else next(iter(good), _NOBODY)
    caller = _caller(mock, chosen)
    if peer is not None:
        return [caller, _caller(mock, personas[peer])]
    others = [_caller(mock, each) for each in good if each.name != chosen.name]
    return [caller, *_first_peer(mock.parts.contract, control, caller, others)]


def _first_peer(
    contract: Contract, control: Control, caller: Caller, others: Sequence[Caller]
) -> Iterable[Caller]:
    seen = _view(contract, control, caller) if others else {}
    for other in others:
        view = _view(contract, control, other)
        if view != seen and any(status < 300 for status, _ in view.values()):
            yield other
            return


def _view(contract: Contract, control: Control, caller: Caller) -> Mapping[str, tuple[int, bytes]]:
    """Give what somebody is shown of everything that can be read without knowing an id."""
    readable = [
        operation
        for operation in contract.operations
        if operation.method == "get" and "{" not in operation.path
    ]
    control.reset()
    # With names of their own the answers would all differ.
    headers = {**caller.headers, "X-Request-ID": "view"}
    return {
        operation.operation_id: control.get(contract.base_path + operation.path, headers)
        for operation in readable
    }


def _caller(mock: Mock, persona: Persona) -> Caller:
    token = mint(persona, mock.world.clock)
    schemes = mock.parts.contract.security_schemes.values()
    credentials = dict.fromkeys(_credential(scheme, token) for scheme in schemes)
    named = persona is not _NOBODY
    return Caller(persona.name, named, token, tuple(each for each in credentials if each is not None))


def _credential(scheme: Mapping[str, Any], token: str) -> tuple[str, str, str] | None:
    kind = str(scheme.get("type", "")).lower()
    if kind == "apikey":
        return _PLACES.get(str(scheme.get("in")), "headers"), str(scheme.get("name", "")), "fuzz"
    if kind == "http" and str(scheme.get("scheme", "")).lower() == "basic":
        return "headers", "Authorization", f"Basic {base64.b64encode(b'fuzz:fuzz').decode()}"
    if kind in ("http", "oauth2", "openidconnect"):
        return "headers", "Authorization", f"Bearer {token}"
    return None
