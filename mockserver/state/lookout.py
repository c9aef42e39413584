"""What of one operation was not touched so far, looked for in each of its requests."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.contract.media.media_types import is_json
from mockserver.contract.operation import Contract, MediaType, Operation, Parameter
from mockserver.contract.parameters.styles import split_cookies, split_query
from mockserver.contract.parameters.values import Readers
from mockserver.state.declared import (
    declared_media_type,
    declared_status,
    example_called,
    is_tellable,
    parameter_called,
)
from mockserver.state.journal_entry import Entry, Headers
from mockserver.state.touched import Touched

# How many targets, and different sets of query keys, are remembered; a run that makes them up has no end of
# them.
_REMEMBERED = 1000

_EXAMPLE = re.compile(r'example(?: "(.*)")?(?:, as preferred)?', re.DOTALL)

# Where answers come from that are no examples.
_MADE = frozenset({"handler", "state", "sample"})

# What is written in JSON as it is, whoever writes it.
_PLAIN = re.compile(r"[A-Za-z0-9 ._:@-]+", re.ASCII)


class Lookout:
    """
    Count the requests of an operation, and look for what is still untouched of it.

    What was seen once costs nothing any more, so that most requests of a long run are only counted. What was
    found stands in ``touched``.
    """

    def __init__(self, contract: Contract, operation: Operation, touched: Touched) -> None:
        self._operation = operation
        method = operation.method.upper()
        self.methods = (method, "HEAD") if method == "GET" else (method,)
        self._touched = touched
        self._statuses = touched.statuses
        in_query = [each for each in operation.parameters if each.location == "query"]
        self._query = {parameter_called(each): _keys_of(contract, each) for each in in_query}
        self._headers = _named_in(operation, "header")
        self._cookies = _named_in(operation, "cookie")
        self._seen_targets: set[str] = set()
        self._seen_keys: set[tuple[str, ...]] = set()
        content = operation.request_body.content if operation.request_body else {}
        self._content = content
        self._media_types = dict(content)
        self._examples = [
            each
            for name, media_type in content.items()
            for each in _wanted("request", name, media_type)
            if is_tellable(name, each.value) and each.called not in touched.examples
        ]
        self._answers: dict[int, _Answers | None] = {}
        self._forget_touched()

    def look(self, entry: Entry) -> None:
        """Take one more request of the operation, and its answer. Every request costs this."""
        status, statuses = entry.status, self._statuses
        statuses[status] = statuses.get(status, 0) + 1
        if self._query and "?" in entry.target:
            self._look_at_query(entry.target)
        if self._headers or self._cookies:
            self._look_at_headers(entry.request_headers)
        body = entry.request_body
        if body:
            if self._media_types:
                self._look_at_media_type(entry.request_headers)
            for each in self._examples:
                if each.needle in body and each.is_in(body):
                    self._touched.examples.add(each.called)
                    self._examples = [other for other in self._examples if other is not each]
        try:
            answers = self._answers[status]
        except KeyError:
            answers = self._answers[status] = self._answers_of(status)
        if answers is not None and (answers.media_types or entry.source not in _MADE) and answers.look(entry):
            self._answers[status] = None

    def _forget_touched(self) -> None:
        """Look for nothing that was touched before a reload, nor for what no request is without."""
        parameters = self._touched.parameters
        parameters.update(parameter_called(p) for p in self._operation.parameters if p.location == "path")
        for name in parameters:
            self._query.pop(name, None)
            self._headers.pop(name, None)
            self._cookies.pop(name, None)
        for name in self._touched.request_media_types:
            self._media_types.pop(name, None)

    def _look_at_query(self, target: str) -> None:
        if target in self._seen_targets:
            return
        if len(self._seen_targets) < _REMEMBERED:
            self._seen_targets.add(target)
        query = target.partition("?")[2]
        if "%" not in query:
            for written in self._query.values():
                if written.may_be_in(query):
                    break
            else:
                return
        keys = tuple([item.partition("=")[0] for item in query.split("&")])
        if keys in self._seen_keys:
            return
        if len(self._seen_keys) < _REMEMBERED:
            self._seen_keys.add(keys)
        given = split_query(query.encode("latin-1", "replace"))
        for called in [called for called, written in self._query.items() if written.are_in(given)]:
            self._touched.parameters.add(called)
            del self._query[called]

    def _look_at_headers(self, headers: Headers) -> None:
        given = {name for name, _ in headers}
        for called in [called for called, name in self._headers.items() if name.lower() in given]:
            self._touched.parameters.add(called)
            del self._headers[called]
        if self._cookies and b"cookie" in given:
            lines = [value.decode("latin-1") for name, value in headers if name == b"cookie"]
            cookies = {name.encode() for name in split_cookies(";".join(lines))}
            for called in [called for called, name in self._cookies.items() if name in cookies]:
                self._touched.parameters.add(called)
                del self._cookies[called]

    def _look_at_media_type(self, headers: Headers) -> None:
        found = declared_media_type(self._content, _content_type(headers))
        if found in self._media_types:
            self._touched.request_media_types.add(found)
            del self._media_types[found]

    def _answers_of(self, status: int) -> "_Answers | None":
        declared = declared_status(self._operation, status)
        if declared is None:
            return None
        answers = _Answers(declared, self._operation.responses[declared].content, self._touched)
        return None if answers.is_done else answers


class _Answers:
    """What is still untouched of the answers with one status."""

    def __init__(self, status: str, content: Mapping[str, MediaType], touched: Touched) -> None:
        self._status = status
        self._content = content
        self._touched = touched
        self.media_types = {
            name: each
            for name, each in content.items()
            if f"{status} {name}" not in touched.response_media_types
        }
        self._examples = [
            each
            for name, media_type in content.items()
            for each in _wanted(status, name, media_type)
            if each.called not in touched.examples
        ]

    @property
    def is_done(self) -> bool:
        return not self.media_types and not self._examples

    def look(self, entry: Entry) -> bool:
        """Take one more answer; tells whether nothing is left to look for."""
        if self.media_types:
            found = declared_media_type(self._content, _content_type(entry.response_headers))
            if found in self.media_types:
                self._touched.response_media_types.add(f"{self._status} {found}")
                del self.media_types[found]
        source = entry.source
        if not source:
            body = entry.response_body
            for each in self._examples:
                if each.needle in body and each.is_in(body):
                    self._take(each.called)
        elif source.startswith("example"):
            self._look_at_source(source, entry.response_headers)
        return not (self.media_types or self._examples)

    def _look_at_source(self, source: str, headers: Headers) -> None:
        named = _EXAMPLE.fullmatch(source)
        media_type = declared_media_type(self._content, _content_type(headers))
        if named is not None and media_type is not None:
            self._take(example_called(self._status, media_type, named[1] or ""))

    def _take(self, called: str) -> None:
        if any(each.called == called for each in self._examples):
            self._touched.examples.add(called)
            self._examples = [each for each in self._examples if each.called != called]


class _Wanted:
    """An example that nobody has sent so far; ``needle`` is a part of it that no way of writing changes."""

    __slots__ = ("called", "is_json", "needle", "value")

    def __init__(self, called: str, value: Any, is_json: bool) -> None:
        self.called = called
        self.value = value
        self.is_json = is_json
        self.needle = _needle(value) if is_json else b""

    def is_in(self, raw: bytes) -> bool:
        """Tell whether a body is the example."""
        if not self.is_json:
            text = raw.decode("utf-8", "replace")
            return isinstance(self.value, str) and text.strip() == self.value.strip()
        try:
            return bool(orjson.loads(raw) == self.value)
        except orjson.JSONDecodeError:
            return False


def _wanted(where: str, name: str, media_type: MediaType) -> list[_Wanted]:
    return [
        _Wanted(example_called(where, name, each), value, is_json(name))
        for each, value in media_type.examples.items()
    ]


def _needle(value: Any) -> bytes:
    """Give the longest text in a value that every writer of JSON writes alike; empty where there is none."""
    found, left = "", [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            left += each.values()
        elif isinstance(each, list):
            left += each
        elif isinstance(each, str) and len(each) > len(found) and _PLAIN.fullmatch(each):
            found = each
    return found.encode("ascii")


class _Keys:
    """How a parameter may be written in a query: under some keys, or as properties of one."""

    __slots__ = ("_anywhere", "_names", "_prefix")

    def __init__(self, names: frozenset[str], prefix: str) -> None:
        self._names = names
        self._prefix = prefix
        self._anywhere = re.compile("|".join(map(re.escape, names))).search

    def may_be_in(self, query: str) -> bool:
        """Tell whether one of the keys stands somewhere in a query without percent signs."""
        return self._anywhere(query) is not None

    def are_in(self, given: Mapping[str, Any]) -> bool:
        if not self._names.isdisjoint(given):
            return True
        return bool(self._prefix) and any(key.startswith(self._prefix) for key in given)


def _keys_of(contract: Contract, parameter: Parameter) -> _Keys:
    names = {parameter.name}
    if parameter.style == "deepObject":
        return _Keys(frozenset(names), f"{parameter.name}[")
    if parameter.pointer is not None and parameter.explode and parameter.media_type is None:
        reader = Readers(contract.schemas, contract.data).at(parameter.pointer)
        if "object" in reader.shapes:
            names |= set(reader.properties)
    return _Keys(frozenset(names), "")


def _named_in(operation: Operation, location: str) -> dict[str, bytes]:
    return {
        parameter_called(each): each.name.encode()
        for each in operation.parameters
        if each.location == location
    }


def _content_type(headers: Headers) -> str:
    for name, value in headers:
        if name == b"content-type":
            return value.decode("latin-1")
    return ""
