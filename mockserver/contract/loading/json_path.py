"""The part of JSONPath that overlays are written in: names, indices, wildcards, descendants, comparisons."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

Steps = tuple[Any, ...]
_Selector = Callable[[Any], Iterator[Any]]

_NAME = re.compile(r"(?:[A-Za-z_$-]|[^\x00-\x7f])(?:[\w$-]|[^\x00-\x7f])*")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_COMPARISON = re.compile(r"\?\s*\(?\s*@(?P<path>[^=!<>()]*?)\s*(?:(?P<sign>==|!=)\s*(?P<value>.+?))?\s*\)?")


class BadPath(ValueError):
    """A text is no JSONPath, or one of the kinds that are not read."""


def select(document: Any, path: str) -> list[Steps]:
    """
    Give the places that a JSONPath selects, in the document's order, each once.

    Raises:
        BadPath: it cannot be read; the text says where.

    Source: RFC 9535. Slices, functions and filters of more than one comparison are not read.
    """
    if not path.startswith("$"):
        raise BadPath('it does not begin with "$"')
    places: list[Steps] = [()]
    for is_deep, selector in _segments(path, 1):
        found: dict[Steps, None] = {}
        for steps in places:
            starts = _descendants(document, steps) if is_deep else iter([steps])
            for start in starts:
                value = _at(document, start)
                found.update(((*start, key), None) for key in selector(value))
        places = list(found)
    return places


def _segments(path: str, at: int) -> Iterator[tuple[bool, _Selector]]:
    while at < len(path):
        is_deep = path.startswith("..", at)
        if is_deep or path[at] == ".":
            at += 2 if is_deep else 1
            if path.startswith("*", at):
                yield is_deep, _every
                at += 1
                continue
            if (named := _NAME.match(path, at)) is not None:
                yield is_deep, _named([named[0]])
                at = named.end()
                continue
            if not (is_deep and path.startswith("[", at)):
                raise BadPath(f"there should be a name at character {at + 1}")
        if not path.startswith("[", at):
            raise BadPath(f"character {at + 1} is {path[at]!r}, where a dot or a bracket should be")
        end = _closing(path, at)
        yield is_deep, _bracketed(path[at + 1 : end].strip())
        at = end + 1


def _closing(path: str, at: int) -> int:
    depth, index = 0, at
    while index < len(path):
        if (quoted := _QUOTED.match(path, index)) is not None:
            index = quoted.end()
            continue
        depth += {"[": 1, "]": -1}.get(path[index], 0)
        if depth == 0:
            return index
        index += 1
    raise BadPath(f"the bracket at character {at + 1} is never closed")


def _bracketed(text: str) -> _Selector:
    if text == "*":
        return _every
    if text.startswith("?"):
        return _filter(text)
    if re.fullmatch(r"-?\d+", text):
        return _index(int(text))
    names: list[str] = []
    at = 0
    while at < len(text):
        quoted = _QUOTED.match(text, at)
        if quoted is None:
            raise BadPath(f"[{text}] is not read; a name in quotes, a number, * or a comparison is")
        names.append(_unquote(quoted))
        rest = re.compile(r"\s*,?\s*").match(text, quoted.end())
        at = rest.end() if rest is not None else quoted.end()
    return _named(names)


def _filter(text: str) -> _Selector:
    found = _COMPARISON.fullmatch(text)
    if found is None:
        raise BadPath(f"[{text}] is not read; a comparison such as [?@.name == 'x'] is")
    inner, sign = f"${found['path']}", found["sign"]
    wanted = _literal(found["value"]) if sign else None
    list(_segments(inner, 1))  # so that what cannot be read is said before anything is looked at

    def chosen(value: Any) -> Iterator[Any]:
        for key in _every(value):
            member = value[key]
            values = [_at(member, steps) for steps in select(member, inner)]
            if sign is None:
                is_chosen = bool(values)
            else:
                is_equal = any(each == wanted and type(each) is type(wanted) for each in values)
                is_chosen = is_equal == (sign == "==")
            if is_chosen:
                yield key

    return chosen


def _literal(text: str) -> Any:
    if (quoted := _QUOTED.fullmatch(text)) is not None:
        return _unquote(quoted)
    try:
        return json.loads(text)
    except ValueError:
        raise BadPath(f"{text} is no value to compare with") from None


def _unquote(quoted: re.Match[str]) -> str:
    return re.sub(r"\\(.)", r"\1", quoted[1] if quoted[1] is not None else quoted[2])


def _every(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
    elif isinstance(value, list):
        yield from range(len(value))


def _named(names: list[str]) -> _Selector:
    return lambda value: (name for name in names if isinstance(value, dict) and name in value)


def _index(at: int) -> _Selector:
    def chosen(value: Any) -> Iterator[Any]:
        if isinstance(value, list) and -len(value) <= at < len(value):
            yield at % len(value)

    return chosen


def _descendants(document: Any, steps: Steps) -> Iterator[Steps]:
    waiting = [steps]
    while waiting:
        place = waiting.pop()
        yield place
        waiting += [(*place, key) for key in reversed(list(_every(_at(document, place))))]


def _at(document: Any, steps: Steps) -> Any:
    for step in steps:
        document = document[step]
    return document
