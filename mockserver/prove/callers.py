"""Who calls a mock during a run: personas with their tokens, or somebody made up where there are none."""

import http.client
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlencode, urlsplit

from mockserver.client import Control
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.prove.credentials import Caller, credentials_of, label_of
from mockserver.serve.assembly import Mock
from mockserver.state.personas import Persona, Personas, mint

MADE_UP = "somebody"
# What is sent where no token is asked for: the mock takes any.
_KEY = "fuzz"


def find_callers(mock: Mock, control: Control, persona: str | None, peer: str | None) -> list[Caller]:
    """
    Give the caller of a run, and the peer who must not see what is theirs.

    Left to itself it takes the first persona whose token is good, and as the peer the first one who is let
    in somewhere and is shown less than the caller wherever the caller is shown anything. Without personas
    somebody is made up; without anybody fit for a peer there is none.

    Raises:
        MockServerError: there is no such persona, or the peer is the caller.
    """
    personas = mock.parts.personas
    good = [each for each in personas if each.lifetime > 0]
    chosen = choose_persona(personas, persona)
    if chosen is not None:
        caller = _caller(mock, chosen)
    else:
        caller = _caller(mock, _somebody(mock.parts.contract), is_persona=False)
    if peer is not None:
        found = _caller(mock, _named(personas, "--peer", peer))
        if caller.is_persona and found.name == caller.name:
            raise MockServerError(f"--peer {peer}: that is who calls already; a peer is somebody else.")
        return [caller, found]
    others = [_caller(mock, each) for each in good if each.name != caller.name]
    return [caller, *_first_peer(mock.parts.contract, control, caller, others)]


def choose_persona(personas: Personas, name: str | None) -> Persona | None:
    """
    Give the persona of this name, else the first one whose token is good, if there is any.

    Raises:
        MockServerError: there is no such persona.
    """
    if name is not None:
        return _named(personas, "--persona", name)
    return next((each for each in personas if each.lifetime > 0), None)


def _named(personas: Personas, option: str, name: str) -> Persona:
    if not [*personas]:
        raise MockServerError(f"{option} {name}: there are no personas; without it somebody is made up.")
    return personas[name]


def _first_peer(
    contract: Contract, control: Control, caller: Caller, others: Sequence[Caller]
) -> Iterable[Caller]:
    seen = _view(contract, control, caller) if others else {}
    for other in others:
        view = _view(contract, control, other)
        if any(status < 300 for status, _ in view.values()) and _is_less(view, seen):
            yield other
            return


_View = Mapping[str, tuple[int, Counter[str]]]


def _view(contract: Contract, control: Control, caller: Caller) -> _View:
    """Give what somebody is shown of every list that can be read without knowing an id."""
    readable = [
        operation
        for operation in contract.operations
        if operation.method == "get" and "{" not in operation.path
    ]
    control.reset_sandbox()
    found = {}
    for operation in readable:
        status, body = _ask(control.url, contract.base_path + operation.path, caller.placed(operation))
        found[operation.operation_id] = (status, Counter(_items(body) if status < 300 else ()))
    return found


def _ask(url: str, path: str, sent: Mapping[str, Mapping[str, str]]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    headers = dict(sent["headers"])
    if sent["cookies"]:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in sent["cookies"].items())
    target = f"{path}?{urlencode(sent['query'])}" if sent["query"] else path
    try:
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def _is_less(view: _View, seen: _View) -> bool:
    """
    Tell whether of what the caller sees, a part is kept from the peer in every list, and nothing more shown.

    Who may see all of it would be taken for somebody who got past the authorization.
    """
    shown = [(items, view[name][1]) for name, (_, items) in seen.items() if items]
    return bool(shown) and all(
        not items <= theirs and theirs.total() <= items.total() for items, theirs in shown
    )


def _items(body: bytes) -> Iterator[str]:
    """Give every object that stands in a list, wherever in a body."""
    try:
        waiting = [json.loads(body)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    yield json.dumps(each, sort_keys=True)
                else:
                    waiting.append(each)


def _somebody(contract: Contract) -> Persona:
    """Make up a caller whose token is good for every scope that is asked for anywhere."""
    scopes = dict.fromkeys(
        scope
        for operation in contract.operations
        for requirement in operation.security
        for scopes in requirement.values()
        for scope in scopes
    )
    claims = {"sub": MADE_UP, "scopes": list(scopes)}
    return Persona(MADE_UP, "Made up where there are no personas", claims)


def _caller(mock: Mock, persona: Persona, *, is_persona: bool = True) -> Caller:
    token, contract = mint(persona, mock.world.clock), mock.parts.contract
    credentials = {
        label_of(each): credentials_of(contract, each, token, _KEY) for each in contract.operations
    }
    return Caller(persona.name, is_persona, token, credentials)
