"""Read fault rules out of plain data, and name everything that is wrong with them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mockserver.contract.operation import METHODS, Contract, Operation
from mockserver.contract.paths import PathTree
from mockserver.errors import MockServerError, nearest
from mockserver.state.clock import read_time
from mockserver.state.fault_rules import BREAKAGES, DROPS, FaultMatch, FaultRule, Limit
from mockserver.state.latency import RIGHT as RIGHT_LATENCY
from mockserver.state.latency import read_latency
from mockserver.state.parts import shown
from mockserver.state.path_patterns import read_path

_WHAT_IS_DONE = ("delay", "status", "limit", "drop", "slow", "body")
_KEYS = ("id", "match", "share", "skip", "count", "from", "until", *_WHAT_IS_DONE)
_MATCH_KEYS = ("operation", "method", "path", "persona")
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_SHOWN = 80


def read_rule(data: Any, contract: Contract, now: datetime | None = None) -> FaultRule:
    """
    Read a fault rule; where ``now`` is given, its times may be relative to it, such as ``+5m``.

    Raises:
        MockServerError: the rule cannot be meant so; everything that is wrong with it is named.
    """
    complaints = list(_wrong_with(data, contract, now or _EPOCH, is_relative=now is not None))
    if complaints:
        name = data.get("id") if isinstance(data, dict) else None
        where = f'fault "{name[:_SHOWN]}"' if isinstance(name, str) else "fault"
        raise MockServerError("\n".join(f"{where}: {complaint}" for complaint in complaints))
    limit, slow = data.get("limit"), data.get("slow")
    return FaultRule(
        id=data.get("id", ""),
        match=_read_match(data.get("match", {}), contract),
        share=data.get("share", 1),
        skip=int(data.get("skip", 0)),
        count=_whole(data.get("count")),
        begins=read_time(data["from"], now or _EPOCH) if "from" in data else None,
        ends=read_time(data["until"], now or _EPOCH) if "until" in data else None,
        delay=read_latency(data["delay"]) if "delay" in data else None,
        status=_whole(data.get("status")),
        limit=Limit(int(limit["requests"]), limit["seconds"]) if limit else None,
        drop=data.get("drop"),
        bytes_per_second=int(slow["bytes_per_second"]) if slow else None,
        body=data.get("body"),
    )


_EPOCH = datetime.fromtimestamp(0, UTC)


def _wrong_with(data: Any, contract: Contract, now: datetime, *, is_relative: bool) -> Iterator[str]:
    if not isinstance(data, dict):
        yield f"is {shown(data)}; it is a mapping of {', '.join(_KEYS)}."
        return
    yield from _unknown(data, _KEYS, "")
    for name, (is_right, right) in _CHECKS.items():
        if name in data and not is_right(data[name]):
            yield f"{name} is {shown(data[name])}; it is {right}.{_near(name, data[name])}"
    times = "a time such as 2026-05-01T09:00:00Z" + (" or +5m" if is_relative else "")
    moments = []
    for name in ("from", "until"):
        if name in data:
            moment = read_time(data[name], now) if isinstance(data[name], str) else None
            if moment is None or not (is_relative or data[name][:1].isdigit()):
                yield f"{name} is {shown(data[name])}; it is {times}."
            else:
                moments.append(moment)
    if len(moments) == 2 and moments[0] >= moments[1]:
        yield "until is not later than from."
    for name, of in (("limit", {"requests": _is_positive, "seconds": _is_span}), ("slow", _SLOW)):
        if name in data:
            yield from _wrong_with_parts(data[name], name, of)
    yield from _wrong_with_match(data.get("match", {}), contract)
    if not any(name in data for name in _WHAT_IS_DONE):
        yield f"nothing is to be done; give one or more of {', '.join(_WHAT_IS_DONE)}."
    elif _CHECKS["status"][0](data.get("status", 503)):
        yield from _wrong_status(data, contract)


def _wrong_with_parts(data: Any, name: str, of: Mapping[str, Callable[[Any], bool]]) -> Iterator[str]:
    if not isinstance(data, dict):
        yield f"{name} is {shown(data)}; it is a mapping of {', '.join(of)}."
        return
    yield from _unknown(data, tuple(of), f"{name}.")
    for key, is_right in of.items():
        if key not in data:
            yield f"{name}.{key} is missing; it is {_RIGHT[key]}."
        elif not is_right(data[key]):
            yield f"{name}.{key} is {shown(data[key])}; it is {_RIGHT[key]}."


def _wrong_with_match(data: Any, contract: Contract) -> Iterator[str]:
    if not isinstance(data, dict):
        yield f"match is {shown(data)}; it is a mapping of {', '.join(_MATCH_KEYS)}."
        return
    yield from _unknown(data, _MATCH_KEYS, "match.")
    if "operation" in data:
        names = _operations(data["operation"])
        if not names or not all(isinstance(name, str) for name in names):
            yield f"match.operation is {shown(data['operation'])}; it is an operationId, or a list of them."
        else:
            for name in names:
                if name not in contract.by_id:
                    hint = nearest(name, contract.by_id)
                    yield f'match.operation: the contract has no operation "{name[:_SHOWN]}".{hint}'
    method = data.get("method", "get")
    if not isinstance(method, str) or not (
        method.lower() in METHODS or any(method.lower() == each.method for each in contract.operations)
    ):
        hint = nearest(method.upper(), map(str.upper, METHODS)) if isinstance(method, str) else ""
        yield f"match.method is {shown(method)}; it is a method such as GET.{hint}"
    if "path" in data:
        yield from _wrong_path(data["path"], contract)
    if not _is_name(data.get("persona", "somebody")):
        yield f"match.persona is {shown(data['persona'])}; it is a persona's name, or the sub of a token."


def _wrong_path(path: Any, contract: Contract) -> Iterator[str]:
    if not isinstance(path, str) or not path.startswith(("/", "*")):
        yield f"match.path is {shown(path)}; it is a path such as /users/{{id}} or /users/*."
        return
    try:
        pattern = read_path(path, contract, "match.path")
    except MockServerError as error:
        yield str(error)
        return
    if pattern.template is None and "*" not in path and not _is_asked_for(path, contract):
        yield f'match.path: the contract has no path "{path[:_SHOWN]}".{nearest(path, contract.by_path)}'


def _is_asked_for(path: str, contract: Contract) -> bool:
    """Tell whether some operation is asked for under a path: what leads to none gets no fault."""
    bases = {contract.base_path, *(base for each in contract.operations for base in each.base_paths)}
    return (
        PathTree([base + each for base in sorted(bases) for each in contract.by_path]).match(path) is not None
    )


def _wrong_status(data: Mapping[str, Any], contract: Contract) -> Iterator[str]:
    """
    Say why a status is never answered, or why what stands beside it is never done.

    A status which is no error is answered only where it is declared: else nobody knows its body.
    """
    status, match = data.get("status"), data.get("match", {})
    if status is None or not isinstance(match, dict):
        return
    if status >= 400:
        for name in ("limit", "drop"):
            if name in data:
                yield f"{name} never comes to act beside status {status:g}; make a rule of its own of it."
        return
    if "operation" not in match:
        if not any(each.response(status) is not None for each in _reached(match, contract)):
            said = f"status is {status:g}, which no operation that matches declares"
            yield f"{said}; an error may be undeclared."
        return
    for name in _operations(match["operation"]):
        operation = contract.by_id.get(name) if isinstance(name, str) else None
        if operation is not None and operation.response(status) is None:
            known = ", ".join(operation.responses) or "none"
            yield (
                f"status is {status:g}, which is not declared for {name}; "
                f"declared are {known}, and an error may be undeclared."
            )


def _reached(match: Mapping[str, Any], contract: Contract) -> Iterator[Operation]:
    """Give the operations that the requests may be for, as far as method and template tell."""
    method, path = match.get("method"), match.get("path")
    wanted = method.lower() if isinstance(method, str) else None
    try:
        template = read_path(path, contract).template if isinstance(path, str) else None
    except MockServerError:  # which is told of already
        template = None
    for each in contract.operations:
        is_asked = wanted in (None, each.method) or (wanted == "head" and each.method == "get")
        if is_asked and template in (None, each.path):
            yield each


def _read_match(data: Mapping[str, Any], contract: Contract) -> FaultMatch:
    method, path = data.get("method"), data.get("path")
    return FaultMatch(
        operations=tuple(_operations(data.get("operation", []))),
        method=method.upper() if method else None,
        path=read_path(path, contract) if path else None,
        persona=data.get("persona"),
    )


def _operations(data: Any) -> Sequence[Any]:
    return data if isinstance(data, list) else [data]


def _unknown(data: Mapping[Any, Any], known: tuple[str, ...], prefix: str) -> Iterator[str]:
    for name in data:
        if name not in known:
            hint = nearest(str(name), known)
            yield f"{prefix}{str(name)[:_SHOWN]} is unknown; known are {', '.join(known)}.{hint}"


def _near(name: str, value: Any) -> str:
    options = {"drop": DROPS, "body": BREAKAGES}.get(name, ())
    return nearest(value, options) if isinstance(value, str) else ""


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()  # to JSON Schema 3.0 is a whole number
    return isinstance(value, int) and not isinstance(value, bool)


def _is_positive(value: Any) -> bool:
    return _is_whole(value) and value > 0


def _is_span(value: Any) -> bool:
    return _is_number(value) and 0 < value <= _LONGEST_SPAN


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


# A week: whoever waits longer for a limit to end has been refused for good.
_LONGEST_SPAN = 7 * 24 * 3600

_SLOW: Mapping[str, Callable[[Any], bool]] = {"bytes_per_second": _is_positive}

_RIGHT = {
    "requests": "a whole number above 0",
    "seconds": f"a number above 0, up to {_LONGEST_SPAN}",
    "bytes_per_second": "a whole number above 0",
}

# By key: what holds for a right value, and that in words.
_CHECKS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "id": (
        lambda value: isinstance(value, str) and _ID.fullmatch(value) is not None,
        "up to 64 of the signs A-Z a-z 0-9 . _ -",
    ),
    "share": (lambda value: _is_number(value) and 0 < value <= 1, "a number above 0, up to 1"),
    "skip": (lambda value: _is_whole(value) and value >= 0, "a whole number from 0"),
    "count": (_is_positive, "a whole number above 0"),
    "delay": (lambda value: read_latency(value) is not None, RIGHT_LATENCY),
    "status": (lambda value: _is_whole(value) and 200 <= value <= 599, "a status from 200 to 599"),
    "drop": (lambda value: value in DROPS, f"one of {', '.join(DROPS)}"),
    "body": (lambda value: value in BREAKAGES, f"one of {', '.join(BREAKAGES)}"),
}
