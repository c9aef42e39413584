"""One page of a list: which items, and what an envelope or a header says of the others."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import listed, plain
from mockserver.contract.resources.roles import ListParameter, Meaning, Steps

_USUAL = 20
_FARTHEST = 10**12  # no list is so long, and no number of Python's own lists may be much higher
_CONTAINERS = listed(
    "meta metadata pagination paging page pageinfo links link cursors cursor responsemetadata pageable"
)


@dataclass(frozen=True)
class Asked:
    """What a query asks of the pages: how many items on each, from which on."""

    parameters: Sequence[ListParameter]
    query: Mapping[str, Any]
    first_page: int
    size: int | None
    offset: int
    path: str
    first_offset: int = 0

    def at(self, origin: str) -> "Asked":
        """Give the same with whole addresses."""
        return replace(self, path=f"{origin}{self.path}")

    def url(self, offset: int) -> str:
        """Give where the page that begins at an offset is."""
        query = dict(self.query)
        name, meaning = self._stepping()
        if name is not None:
            query[name] = self.written(offset, meaning)
        texts = {n: _text(v) for n, v in query.items()}
        return f"{self.path}?{urlencode(texts, doseq=True)}" if texts else self.path

    def written(self, offset: int, meaning: Meaning | None) -> Any:
        if meaning == "page":
            return self.first_page + offset // max(self.size or 1, 1)
        return token(offset) if meaning == "cursor" else offset + self.first_offset

    def _stepping(self) -> tuple[str | None, Meaning | None]:
        asked = [p for p in self.parameters if p.meaning in ("page", "offset", "cursor")]
        named = next((p for p in asked if p.name in self.query), asked[0] if asked else None)
        return (named.name, named.meaning) if named is not None else (None, None)


@dataclass(frozen=True)
class Page:
    """One page of ``total`` items."""

    asked: Asked
    total: int
    count: int

    @property
    def following(self) -> int | None:
        """Where the next page begins, ``None`` after the last."""
        end = self.asked.offset + self.count
        return end if self.asked.size is not None and self.count and end < self.total else None

    @property
    def previous(self) -> int | None:
        """Where the page before begins, ``None`` before the first; the last there is, from past the end."""
        offset, size = self.asked.offset, self.asked.size
        return min(max(0, offset - (size or offset)), self.last) if offset else None

    @property
    def last(self) -> int:
        size = self.asked.size or max(self.total, 1)
        return max(0, (self.total - 1) // size * size)

    @property
    def pages(self) -> int:
        size = self.asked.size or max(self.total, 1)
        return -(-self.total // size) if size else 0

    @property
    def number(self) -> int:
        size = self.asked.size or max(self.total, 1)
        return self.asked.first_page + (self.asked.offset // size if size else 0)

    def link(self) -> str:
        """Give the value of a ``Link`` header. Source: RFC 8288."""
        ways = {"first": 0, "prev": self.previous, "next": self.following, "last": self.last}
        return ", ".join(
            f'<{self.asked.url(at)}>; rel="{name}"' for name, at in ways.items() if at is not None
        )


def read_asked(
    parameters: Sequence[ListParameter],
    query: Mapping[str, Any],
    schemas: Mapping[str, Members],
    path: str,
    find: Callable[[str], int | None],
) -> Asked:
    """
    Read what a query asks of the pages.

    ``schemas`` are those of the parameters by name; ``find`` gives the place of the item with an id.
    """
    by = {p.meaning: p.name for p in reversed(parameters)}
    size = _size(by, query, schemas)
    first = 1
    if "page" in by and (schema := schemas.get(by["page"])) is not None:
        default = schema.says("default")
        first = 0 if (schema.says("minimum") if default is None else default) == 0 else 1
    first_offset = 0
    if "offset" in by and (schema := schemas.get(by["offset"])) is not None:
        # Some count items from 1, as SCIM does.
        first_offset = 1 if 1 in (schema.says("minimum"), schema.says("default")) else 0
    offset = 0
    if (page := _number_in(query.get(by.get("page", "")))) is not None:
        offset = max(0, page - first) * (size or 0)
    if (given := _number_in(query.get(by.get("offset", "")))) is not None:
        offset = max(0, given - first_offset)
    if (cursor := query.get(by.get("cursor", ""))) is not None and cursor != "":
        offset = _read_token(str(cursor), find)
    if (before := query.get(by.get("before", ""))) is not None and (end := find(str(before))) is not None:
        offset = max(0, end - (size or end))
    return Asked(parameters, query, first, size, min(offset, _FARTHEST), path, first_offset)


def _number_in(value: Any) -> int | None:
    """Give what a query has where a number is meant, ``None`` where it has none: its schema may allow any."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"o{offset}".encode()).decode().rstrip("=")


def _read_token(text: str, find: Callable[[str], int | None]) -> int:
    at = find(text)
    if at is not None:
        return at + 1
    try:
        read = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        read = ""
    if read[:1] == "o" and read[1:].isdecimal():
        return int(read[1:16])
    return int(text[:15]) if text.isascii() and text.isdecimal() else 0


def _size(by: Mapping[Meaning, str], query: Mapping[str, Any], schemas: Mapping[str, Members]) -> int | None:
    name = by.get("size")
    if name is not None and (given := _number_in(query.get(name))) is not None:
        return min(max(0, given), _FARTHEST)
    if not by.keys() & {"size", "page", "offset", "cursor", "before"}:
        return None
    most = schemas[name].says("maximum") if name is not None and name in schemas else None
    return min(_USUAL, int(most)) if isinstance(most, (int, float)) and most > 0 else _USUAL


def envelope(body: Members, steps: Steps, items: list[Any], page: Page) -> Any:
    """Give the body of a list: the items where they belong, and what is said of the page around them."""
    if not steps:
        return items
    filled = _filled(body, page, 0, skip=steps[0])
    inner = body.properties.get(steps[0])
    filled[steps[0]] = envelope(inner, steps[1:], items, page) if inner is not None else items
    return filled


def _filled(schema: Members, page: Page, depth: int, skip: str = "", within: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    has_total = any(plain(name) in _TOTALS for name in schema.properties)
    for name, each in schema.properties.items():
        word = plain(name)
        if name == skip:
            continue
        if each.is_object and word in _CONTAINERS and depth < 3:
            inner = _filled(each, page, depth + 1, within=word)
            if inner:
                found[name] = inner
            continue
        value = _value(word, each, page, within, has_total)
        if value is not None:
            found[name] = value
        elif word in _ENDS and each.is_nullable:
            found[name] = None
    return found


_TOTALS = listed("total totalcount totalitems totalresults totalelements totalrecords totalsize")
_COUNTS = listed("count numberofelements pagecount returned")
_SIZES = listed("limit perpage pagesize size itemsperpage pagelength resultsperpage maxresults")
_PAGES = listed("pages totalpages pagecount lastpage numpages numberofpages")
_MORE = listed("hasmore hasnext hasnextpage more hasnextitems istruncated truncated")
_NEXT = listed(
    "next nextpage nextcursor nextpagetoken nexttoken nextpageuri nexturl nextpageurl nextmarker "
    "nextlink nextoffset after endcursor continue cursor nexturi nexthref"
)
_PREVIOUS = listed(
    "prev previous prevpage previouspage prevcursor previouscursor previouspageuri prevurl "
    "previousurl prevmarker previouslink prevlink previouspagetoken"
)
_FIRST = listed("first firstpage firstpageuri firsturl firstlink")
_LAST = listed("last lastpageuri lasturl lastlink")
_SELF = listed("self uri url href selflink current")
_ENDS = _NEXT | _PREVIOUS | _FIRST | _LAST


def _value(word: str, schema: Members, page: Page, within: str, has_total: bool) -> Any:
    """Give what goes by a name beside the items; ``None`` where nothing is known, or nothing is there."""
    if "integer" in schema.types or "number" in schema.types:
        number = _number(word, page, within, has_total)
        if number is not None or "string" not in schema.types:
            return number
    if "boolean" in schema.types:
        if word in _MORE:
            return page.following is not None
        if word in ("hasprevious", "haspreviouspage", "hasprev", "first"):
            return bool(page.asked.offset) if word != "first" else not page.asked.offset
        return page.following is None if word == "last" else None
    if not ("string" in schema.types or schema.is_object):
        return None
    at = _offset(word, page)
    if at is None:
        return None
    if schema.is_object:
        href = next((name for name in schema.properties if plain(name) in ("href", "url", "uri")), None)
        return {href: page.asked.url(at)} if href is not None else None
    is_token = any(part in word for part in ("cursor", "token", "marker")) or word in ("after", "continue")
    return token(at) if is_token or within in ("cursor", "cursors") else page.asked.url(at)


def _offset(word: str, page: Page) -> int | None:
    if word in _NEXT:
        return page.following
    if word in _PREVIOUS:
        return page.previous
    if word in _SELF:
        return page.asked.offset
    if word in _FIRST:
        return 0
    return page.last if word in _LAST else None


def _number(word: str, page: Page, within: str, has_total: bool) -> int | None:
    asked = page.asked
    if word in _TOTALS or (word == "count" and not has_total):
        return page.total
    if word in _SIZES:
        return asked.size if asked.size is not None else page.count
    if word in _PAGES and not (word == "pagecount" and has_total and within == ""):
        return page.pages
    if word in _COUNTS:
        return page.count
    if word in ("offset", "skip", "start", "startindex"):
        return asked.offset + asked.first_offset
    if word in ("page", "currentpage", "pagenumber", "pageindex", "number", "current"):
        return page.number
    if word == "end":
        return max(0, asked.offset + page.count - 1)
    if word in _NEXT:
        following = page.following
        if following is None:
            return None
        return following if "offset" in word else asked.written(following, "page")
    if word in _PREVIOUS and page.previous is not None:
        return int(asked.written(page.previous, "page"))
    return None


def header_value(name: str, page: Page) -> str | None:
    """Give the value of a declared header that tells of the page, ``None`` where it tells something else."""
    word = plain(name.lower().removeprefix("x-")).removeprefix("pagination")
    if word == "link":
        return page.link()
    number = _number(word, page, "", False)
    if number is not None and word not in _ENDS:
        return str(number)
    at = _offset(word, page)
    return page.asked.url(at) if at is not None and word in _ENDS else None


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return [_text(each) for each in value] if isinstance(value, list) else value
