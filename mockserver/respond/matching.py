"""Find the declared example that belongs to a request: by an example's name, or by its values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.parameters.examples import named_examples
from mockserver.respond.exchange import Request


@dataclass(frozen=True, slots=True)
class Match:
    """
    A declared example of a response, and in words why it is the one that belongs to a request.

    It ``is_of_body`` where the request's body is the example of that name.
    """

    status: str
    media_type: str
    name: str
    value: Any
    why: str
    is_of_body: bool = False

    @property
    def is_refusal(self) -> bool:
        return self.status[0] in "45"


class Matching:
    """
    The declared examples of one operation, by what in a request leads to each.

    A request that has the values of the declared examples called ``broke`` (its body's, its parameters') gets
    the response example called ``broke``: one of success, where several have that name. A path or query
    value that stands in an example of success, under its own name, picks that example.
    """

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._answers = list(_answers(operation))
        self._named = _request_examples(contract, operation)
        path = [p.name for p in operation.parameters if p.location == "path"]
        query = [p.name for p in operation.parameters if p.location == "query"]
        self._fields = {name: _spellings(name, is_last=name == path[-1]) for name in path}
        self._fields |= {name: _spellings(name, is_last=False) for name in query if name not in path}
        successes = [each for each in self._answers if each.status[0] == "2" and isinstance(each.value, dict)]
        self._valued = successes if len(successes) > 1 else []
        self._named = {n: v for n, v in self._named.items() if any(each.name == n for each in self._answers)}

    def find(self, request: Request) -> Match | None:
        """Give the example that belongs to a request, or ``None``."""
        if self._named:
            for name, wanted in self._named.items():
                if all(_same(_given(request, place), value) for place, value in wanted.items()):
                    found = next(each for each in self._answers if each.name == name)
                    why = f"the request has the values of {name}"
                    return replace(found, why=why, is_of_body=("body", "") in wanted)
        return self._by_value(request) if self._valued else None

    def _by_value(self, request: Request) -> Match | None:
        values = {**request.query, **request.path}
        best: tuple[int, Match] | None = None
        for each in self._valued:
            said = [
                f"{name} is {values[name]}"
                for name, spellings in self._fields.items()
                if name in values and _holds(each.value, spellings, values[name])
            ]
            if said and (best is None or len(said) > best[0]):
                best = (len(said), replace(each, why=" and ".join(said)))
        return best[1] if best else None


def _answers(operation: Operation) -> list[Match]:
    """Give every declared example of a response, those of success first."""
    found = [
        Match(status, media_type.name, name, value, "")
        for status, response in operation.responses.items()
        for media_type in response.content.values()
        for name, value in media_type.examples.items()
    ]
    return sorted(found, key=lambda each: each.status[0] != "2")


def _request_examples(contract: Contract, operation: Operation) -> dict[str, dict[tuple[str, str], Any]]:
    """Give the named examples of a request: for each name, the value at each place (location and name)."""
    named: dict[str, dict[tuple[str, str], Any]] = {}
    for parameter in operation.parameters:
        for name, value in named_examples(contract, parameter).items():
            if name:
                named.setdefault(name, {})[(parameter.location, parameter.name)] = value
    if operation.request_body is not None:
        for media_type in operation.request_body.content.values():
            for name, value in media_type.examples.items():
                if name:
                    named.setdefault(name, {}).setdefault(("body", ""), value)
    return named


def _given(request: Request, place: tuple[str, str]) -> Any:
    location, name = place
    if location == "body":
        return request.body
    values: Mapping[str, Mapping[str, Any]] = {
        "path": request.path,
        "query": request.query,
        "header": request.headers,
        "cookie": request.cookies,
    }
    return values[location].get(name)


def _same(given: Any, wanted: Any) -> bool:
    """Tell whether two values are the same in JSON, where ``true`` is not 1."""
    return given == wanted and _as_json(given) == _as_json(wanted)


def _as_json(value: Any) -> bytes | None:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return None


def _spellings(name: str, *, is_last: bool) -> frozenset[str]:
    """Give the properties that a parameter may stand for: ``petId`` is ``petId``, or ``id`` of a pet."""
    plain = name.replace("_", "").replace("-", "").lower()
    return frozenset({plain, "id"} if is_last and plain.endswith("id") else {plain})


def _holds(example: Any, spellings: Iterable[str], value: Any) -> bool:
    """Tell whether an example has a value under one of some names, or one that it envelops has."""
    return any(
        _is_named(key, spellings, found, value)
        or (isinstance(found, dict) and any(_is_named(k, spellings, v, value) for k, v in found.items()))
        for key, found in example.items()
    )


def _is_named(key: str, spellings: Iterable[str], found: Any, value: Any) -> bool:
    plain = key.replace("_", "").replace("-", "").lower()
    return plain in spellings and not isinstance(found, (dict, list)) and str(found) == str(value)
