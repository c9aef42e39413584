"""Which entries of the journal are meant: read from plain data, held against an entry."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import orjson

from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError, nearest
from mockserver.state.clock import read_time, write_time
from mockserver.state.journal_entry import Entry
from mockserver.state.parts import depth, differences, leaves, shown
from mockserver.state.path_patterns import PathPattern, read_path
from mockserver.state.personas import Personas

FILTERS = ("operation", "method", "path", "status", "persona", "since", "until")
FIELDS = (*FILTERS, "query", "headers", "body")

# A difference in what was asked for weighs more than one in what was said.
_OTHER_OPERATION = 8
_OTHER_METHOD = 4

# How deep a part of a body may be.
_DEEPEST = 100

# Times that can be written in UTC whatever their own offset.
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
_LATEST = datetime(9999, 12, 30, tzinfo=UTC)

_NOTHING_ASKED = object()


@dataclass(frozen=True, slots=True)
class Match:
    """
    What an entry must be like; all that is given must hold, and nothing given is every entry.

    ``subs`` are the subjects of tokens that ``persona`` may stand for, ``names`` the names of all personas by
    theirs. Times are seconds; ``since`` is the first that holds, ``until`` the first that does not.
    """

    operations: frozenset[str] = frozenset()
    method: str = ""
    path: PathPattern | None = None
    status: str = ""
    persona: str = ""
    since: float | None = None
    until: float | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = _NOTHING_ASKED
    subs: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)

    def holds(self, entry: Entry) -> bool:
        return next(self.differences(entry), None) is None

    def may_hold(self, entry: Entry) -> bool:
        """Tell whether all holds that can be known, of an entry whose body was cut."""
        if self.body is _NOTHING_ASKED or not entry.is_request_cut:
            return False
        return replace(self, body=_NOTHING_ASKED).holds(entry)

    def differences(self, entry: Entry) -> Iterator[tuple[int, str]]:
        """Give every way in which an entry is unlike, with its weight and in words: the cheap ones first."""
        yield from self._other_request(entry)
        yield from self._other_circumstances(entry)
        if self.query:
            found = parse_qs(entry.target.partition("?")[2], keep_blank_values=True)
            yield from _other_texts(self.query, found, "query")
        if self.headers:
            yield from _other_texts(self.headers, _texts_of(entry.request_headers), "headers")
        if self.body is not _NOTHING_ASKED:
            yield from _other_body(self.body, entry)

    def _other_request(self, entry: Entry) -> Iterator[tuple[int, str]]:
        if self.operations and entry.operation_id not in self.operations:
            asked = " or ".join(sorted(self.operations))
            yield _OTHER_OPERATION, f"operation is {entry.operation_id or 'none'}, not {asked}"
        if self.method and entry.method != self.method:
            yield _OTHER_METHOD, f"method is {entry.method}, not {self.method}"
        if self.path is not None:
            template = entry.operation.path if entry.operation else None
            if not self.path.holds(entry.path, template):
                yield _OTHER_OPERATION, f"path is {entry.path[:300]}, not {self.path.text}"

    def _other_circumstances(self, entry: Entry) -> Iterator[tuple[int, str]]:
        if self.status and self.status not in (str(entry.status), f"{entry.status // 100}XX"):
            yield 1, f"status is {entry.status or 'none'}, not {self.status}"
        if self.persona:
            sub = str(entry.caller.get("sub", "somebody")) if entry.caller else ""
            if sub not in self.subs:
                yield 1, f"persona is {self.names.get(sub, sub) or 'nobody'}, not {self.persona}"
        if self.since is not None and entry.time < self.since:
            yield 1, f"time is {written(entry.time)}, before {written(self.since)}"
        if self.until is not None and entry.time >= self.until:
            yield 1, f"time is {written(entry.time)}, not before {written(self.until)}"


def read_match(
    data: Any,
    contract: Contract,
    *,
    personas: Personas | None = None,
    now: float = 0.0,
    where: str = "match",
    fields: Iterable[str] = FIELDS,
) -> Match:
    """
    Read a match from plain data; ``fields`` are those that may be given.

    ``where`` is said of whatever is wrong, ``now`` is what times such as ``-5m`` count from, and with
    ``personas`` a caller may be called by a name as well as by the ``sub`` of the token.

    Raises:
        MockServerError: something in it is unknown, or is none of what can stand there.
    """
    reader = _Reader(where, tuple(fields))
    return reader.read(data, contract, personas, now)


def written(seconds: float) -> str:
    """Write a time of the mock's clock as it writes times."""
    return write_time(datetime.fromtimestamp(seconds, UTC))


class _Reader:
    def __init__(self, where: str, fields: tuple[str, ...]) -> None:
        self._where = where
        self._fields = fields

    def read(self, data: Any, contract: Contract, personas: Personas | None, now: float) -> Match:
        if not isinstance(data, Mapping):
            raise MockServerError(f"{self._where}: is {shown(data)}; it should be an object.")
        for name in map(str, data):
            if name not in self._fields:
                known = ", ".join(self._fields)
                hint = nearest(name, self._fields)
                raise MockServerError(f'{self._where}: "{name}" is unknown; known are {known}.{hint}')
        path, body = data.get("path"), data.get("body", _NOTHING_ASKED)
        if body is not _NOTHING_ASKED and depth(body, _DEEPEST) > _DEEPEST:
            raise MockServerError(f"{self._where}.body: is deeper than {_DEEPEST} levels.")
        persona = self._text(data, "persona")
        known_callers = list(personas) if personas is not None else []
        subs = {str(each.claims.get("sub")) for each in known_callers if each.name == persona}
        return Match(
            operations=self._operations(data.get("operation"), contract),
            method=self._text(data, "method").upper(),
            path=None
            if path is None
            else read_path(self._text(data, "path"), contract, f"{self._where}.path"),
            status=self._status(data.get("status")),
            persona=persona,
            since=self._time(data.get("since"), "since", now),
            until=self._time(data.get("until"), "until", now),
            query=self._texts(data, "query"),
            headers={name.lower(): value for name, value in self._texts(data, "headers").items()},
            body=body,
            subs=frozenset({persona, *subs}),
            names={str(each.claims.get("sub")): each.name for each in reversed(known_callers)},
        )

    def _operations(self, given: Any, contract: Contract) -> frozenset[str]:
        if given is None:
            return frozenset()
        operations = given if isinstance(given, list) else [given]
        for each in operations:
            if not isinstance(each, str) or each not in contract.by_id:
                hint = nearest(str(each), contract.by_id)
                raise MockServerError(
                    f"{self._where}.operation: {contract.name} has no operation {shown(each)}.{hint}"
                )
        return frozenset(operations)

    def _text(self, data: Mapping[str, Any], name: str) -> str:
        given = data.get(name)
        if given is None:
            return ""
        if not isinstance(given, str) or not given:
            raise self._wrong(name, given, "a text that is not empty")
        return given

    def _status(self, given: Any) -> str:
        if given is None:
            return ""
        is_whole = isinstance(given, float) and given.is_integer()  # JSON Schema takes 404.0 for 404
        text = str(int(given) if is_whole else given).upper()
        is_range = len(text) == 3 and text[0] in "12345" and text[1:] == "XX"
        is_status = text.isascii() and text.isdigit() and len(text) == 3
        if isinstance(given, bool) or not (is_range or is_status):
            raise self._wrong("status", given, 'a status, such as 404, or a range, such as "4XX"')
        return text

    def _time(self, given: Any, name: str, now: float) -> float | None:
        if given is None:
            return None
        found = read_time(given, datetime.fromtimestamp(now, UTC)) if isinstance(given, str) else None
        if found is None or not _EARLIEST <= found <= _LATEST:
            raise self._wrong(
                name, given, 'a time of the years 1 to 9999, such as 2026-05-01T09:00:00Z or "-5m"'
            )
        return found.timestamp()

    def _texts(self, data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """Read an object of texts, where numbers and booleans are taken as they are written in JSON."""
        given = data.get(name)
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            raise self._wrong(name, given, "an object of texts by name")
        found = {}
        for key, value in given.items():
            several = value if isinstance(value, list) else [value]
            if not all(isinstance(each, str | int | float) for each in several):
                raise self._wrong(f"{name}.{key}", value, "a text, or a list of texts")
            texts = [each if isinstance(each, str) else orjson.dumps(each).decode() for each in several]
            found[str(key)] = texts if isinstance(value, list) else texts[0]
        return found

    def _wrong(self, name: str, given: Any, right: str) -> MockServerError:
        return MockServerError(f"{self._where}.{name}: is {shown(given)}; it should be {right}.")


def _texts_of(headers: Iterable[tuple[bytes, bytes]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _other_texts(
    asked: Mapping[str, str | list[str]], found: Mapping[str, list[str]], place: str
) -> Iterator[tuple[int, str]]:
    for name, wanted in asked.items():
        texts = found.get(name)
        if texts is None:
            yield 1, f"{place}.{name} is missing"
        elif wanted not in texts and wanted != texts:
            what = texts[0] if len(texts) == 1 else texts
            yield 1, f"{place}.{name} is {shown(what)}, not {shown(wanted)}"


def _other_body(part: Any, entry: Entry) -> Iterator[tuple[int, str]]:
    raw = entry.request_body or b""
    if entry.is_request_cut:
        yield 1, f"body is {entry.request_size} bytes long, and only {len(raw)} of them are kept"
        return
    if not raw:
        yield leaves(part), "body is missing"
        return
    for text in differences(part, _value_of(raw, entry), "body"):
        yield 1, text


def _value_of(raw: bytes, entry: Entry) -> Any:
    """Give a body as JSON, the fields of a form by name, or a text."""
    content_type = next((value for name, value in entry.request_headers if name == b"content-type"), b"")
    if content_type.lower().startswith(b"application/x-www-form-urlencoded"):
        fields = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: texts[0] if len(texts) == 1 else texts for name, texts in fields.items()}
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw.decode("utf-8", "replace")
