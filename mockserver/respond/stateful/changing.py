"""Changes that a client asks for: merged (RFC 7396), or step by step (RFC 6902)."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.contract.pointers import unescape
from mockserver.contract.resources.roles import Steps
from mockserver.respond.problems import Problem

MERGE_PATCH = "application/merge-patch+json"
# What a patch may make of an item: a few operations that copy could fill the memory, or nest without end.
_MOST_COPIED = 1_000_000
_DEEPEST = 200


def merge(
    value: Any, patch: Any, keeps_null: Callable[[Steps], bool] = lambda _steps: False, steps: Steps = ()
) -> Any:
    """
    Apply a merge patch: what it has replaces what was there, and ``null`` takes it away.

    ``keeps_null`` tells of the property at some steps that ``null`` is a value of its own, which is kept.

    Source: RFC 7396, section 2.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(value) if isinstance(value, dict) else {}
    for name, each in patch.items():
        inner = (*steps, name)
        if each is None and not keeps_null(inner):
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), each, keeps_null, inner)
    return merged


def apply_patch(value: Any, operations: Sequence[Mapping[str, Any]]) -> Any:
    """
    Apply a JSON Patch to a copy of a value.

    Raises:
        Problem: 409 where a test fails, 422 where an operation cannot be applied.

    Source: RFC 6902.
    """
    value = copy.deepcopy(value)
    copied = 0
    for number, operation in enumerate(operations):
        try:
            if operation.get("op") == "copy":
                copied += _measure(_get(value, operation["from"]))[0]
                if copied > _MOST_COPIED:
                    raise ValueError("too much is copied")
            value = _apply(value, operation)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            raise Problem(422, f"Operation {number} of the patch cannot be applied: {error}.") from error
    return value


def _apply(value: Any, operation: Mapping[str, Any]) -> Any:
    path = operation["path"]
    match operation.get("op"):
        case "add":
            return _add(value, path, operation["value"])
        case "remove":
            return _remove(value, path)[0]
        case "replace":
            return _add(_remove(value, path)[0], path, operation["value"]) if path else operation["value"]
        case "move":
            value, moved = _remove(value, operation["from"])
            return _add(value, path, moved)
        case "copy":
            return _add(value, path, copy.deepcopy(_get(value, operation["from"])))
        case "test":
            if _get(value, path) != operation["value"]:
                raise Problem(409, f"The test of the patch fails at {path or 'the whole'}.")
            return value
    raise ValueError(f"there is no operation {operation.get('op')!r}")


def _steps(path: str) -> list[str]:
    if path and not path.startswith("/"):
        raise ValueError(f"{path!r} is no JSON Pointer")
    return [unescape(step) for step in path.split("/")[1:]]


def _get(value: Any, path: str) -> Any:
    for step in _steps(path):
        value = value[_index(step)] if isinstance(value, list) else value[step]
    return value


def _add(value: Any, path: str, new: Any) -> Any:
    if len(_steps(path)) + _measure(new)[1] > _DEEPEST:
        raise ValueError(f"it has more than {_DEEPEST} levels")
    if not path:
        return new
    outer, last = _get(value, path.rpartition("/")[0]), _steps(path)[-1]
    if isinstance(outer, list):
        at = len(outer) if last == "-" else _index(last)
        if at > len(outer):
            raise IndexError(f"{path} is past the end")
        outer.insert(at, new)
    else:
        outer[last] = new
    return value


def _remove(value: Any, path: str) -> tuple[Any, Any]:
    if not path:
        return None, value
    outer, last = _get(value, path.rpartition("/")[0]), _steps(path)[-1]
    return value, outer.pop(_index(last) if isinstance(outer, list) else last)


def _measure(value: Any) -> tuple[int, int]:
    """Give about how many characters a value takes when it is written, and how many levels it has."""
    size, levels, level = 0, 0, [value]
    while level and levels <= _DEEPEST:
        levels += 1
        size += sum(len(each) if isinstance(each, str) else 4 for each in level)
        some = [each for each in level if isinstance(each, (dict, list))]
        size += sum(len(name) for each in some if isinstance(each, dict) for name in each)
        level = [inner for each in some for inner in (each.values() if isinstance(each, dict) else each)]
    return size, levels


def _index(step: str) -> int:
    if not step.isdecimal():
        raise ValueError(f"{step!r} is no place in a list")
    return int(step)
