"""Values as lines of JSON, as CSV, as events and as a page of HTML."""

import codecs
import csv
import html
import io
import re
from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.contract.parameters.values import UNFIT, Reader
from mockserver.contract.violation import Violation

# What Python calls the charsets of texts; it has codecs of other kinds too, "unicode_escape" and "undefined".
_CHARSETS = re.compile(
    r"utf-(8|16|32)(-[bl]e|-sig)?|ascii|iso8859-\d+|cp(125\d|437|85\d|866|874|932|949|950)|koi8-[ru]|mac-roman"
    r"|gb2312|gbk|gb18030|big5(hkscs)?|shift_jis|euc_(jp|kr)|iso2022_(jp|kr)|tis-620"
)


def decode(raw: bytes, charset: str) -> str:
    """
    Give the text that some bytes are.

    Raises:
        LookupError, ValueError: nobody writes texts in that charset, or these bytes are none in it.
    """
    if not _CHARSETS.fullmatch(codecs.lookup(charset).name):
        raise LookupError(f"unknown encoding: {charset}")
    return raw.decode(charset)


def as_text(value: Any) -> str:
    """Give a text as it is, and any other value as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def write_lines(value: Any, *, separator: str = "") -> bytes:
    """Write one line an item; ``separator`` goes before each, as RFC 7464 has it."""
    items = value if isinstance(value, list) else [value]
    return b"".join(separator.encode() + orjson.dumps(each) + b"\n" for each in items)


def read_lines(raw: bytes) -> tuple[list[Any], list[Violation]]:
    """Give the item of each line, and every line that is not JSON."""
    items: list[Any] = []
    violations = []
    for line in raw.replace(b"\x1e", b"\n").split(b"\n"):
        if line.strip():
            try:
                items.append(orjson.loads(line))
            except orjson.JSONDecodeError as error:
                location = (len(items),)
                violations.append(Violation(location, "json", None, None, f"it is not JSON: {error.msg}"))
                items.append(None)
    return items, violations


def write_events(value: Any) -> bytes:
    """Write one event an item. Source: HTML, "Server-sent events"."""
    events = value if isinstance(value, list) else [value]
    lines = [as_text(each).splitlines() or [""] for each in events]
    return "".join("".join(f"data: {line}\n" for line in each) + "\n" for each in lines).encode()


def write_csv(value: Any) -> bytes:
    """
    Write an array of objects as a table, whose columns are all their properties in order of appearance.

    An array of arrays is a table without a head. Source: RFC 4180.
    """
    rows = value if isinstance(value, list) else [value]
    target = io.StringIO()
    writer = csv.writer(target)
    if any(isinstance(row, Mapping) for row in rows):
        columns = list(dict.fromkeys(name for row in rows if isinstance(row, Mapping) for name in row))
        writer.writerow(columns)
        rows = [[row.get(name) for name in columns] if isinstance(row, Mapping) else [row] for row in rows]
    for row in rows:
        cells = row if isinstance(row, list) else [row]
        writer.writerow(["" if cell is None else as_text(cell) for cell in cells])
    return target.getvalue().encode()


def read_csv(text: str, reader: Reader) -> tuple[Any, list[Violation]]:
    """Give the rows of a table as objects, typed; an empty cell is left out where no string may stand."""
    violations: list[Violation] = []
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        return None, [Violation((), "csv", None, None, f"it is no CSV: {error}")]
    head, *body = rows or [[]]
    item = reader.items or Reader(None)
    items = []
    for index, row in enumerate(each for each in body if each):
        found: dict[str, Any] = {}
        for name, cell in zip(head, row, strict=False):
            cell_reader = item.properties.get(name) or item.others or Reader(None)
            value = cell_reader.read_text(cell)
            if value is UNFIT and cell:
                violations.append(cell_reader.refuse(cell, (index, name)))
            if cell or value is not UNFIT:
                found[name] = cell if value is UNFIT else value
        items.append(found)
    return items, violations


def write_html(value: Any) -> bytes:
    """Write a page that shows a value; a text with a tag in it is a page already."""
    if isinstance(value, str) and "<" in value:
        return value.encode()
    tag, text = ("p", value) if isinstance(value, str) else ("pre", as_text(value))
    return f"<!doctype html>\n<title>Mock</title>\n<{tag}>{html.escape(text)}</{tag}>\n".encode()
