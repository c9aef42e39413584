"""Pages are cut and described as the usual parameters and envelopes have it."""

import pytest

from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import ListParameter
from mockserver.respond.stateful.paging import Page, envelope, header_value, read_asked, token
from tests.contract.compact import NUMBER, TEXT, listed, thing

SIZE = ListParameter("limit", "size")
BOOLEAN = {"type": "boolean"}
URL = {"type": "string", "format": "uri"}


def page(*parameters: ListParameter, total: int = 10, schemas=None, **query) -> Page:
    found = {name: Members({"s": each}, "/s") for name, each in (schemas or {}).items()}
    asked = read_asked(parameters, query, found, "/pets", lambda text: {"five": 5}.get(text))
    size = total if asked.size is None else asked.size
    return Page(asked, total, max(0, min(size, total - asked.offset)))


@pytest.mark.parametrize(
    ("parameters", "query", "schemas", "offset", "size"),
    [
        pytest.param((), {}, {}, 0, None, id="without pages"),
        pytest.param((SIZE,), {"limit": 3}, {}, 0, 3, id="a size"),
        pytest.param((SIZE,), {}, {}, 0, 20, id="no size said"),
        pytest.param(
            (SIZE,), {}, {"limit": {"type": "integer", "maximum": 5}}, 0, 5, id="no more than the most"
        ),
        pytest.param((SIZE, ListParameter("page", "page")), {"limit": 3, "page": 2}, {}, 3, 3, id="a page"),
        pytest.param(
            (SIZE, ListParameter("page", "page")),
            {"limit": 3, "page": 2},
            {"page": {"type": "integer", "minimum": 0}},
            6,
            3,
            id="pages from 0",
        ),
        pytest.param(
            (SIZE, ListParameter("skip", "offset")), {"limit": 3, "skip": 4}, {}, 4, 3, id="an offset"
        ),
        pytest.param(
            (SIZE, ListParameter("startIndex", "offset")),
            {"limit": 3, "startIndex": 4},
            {"startIndex": {"type": "integer", "minimum": 1}},
            3,
            3,
            id="an offset from 1",
        ),
        pytest.param(
            (SIZE, ListParameter("c", "cursor")), {"limit": 3, "c": token(6)}, {}, 6, 3, id="a cursor"
        ),
        pytest.param(
            (SIZE, ListParameter("after", "cursor")), {"limit": 3, "after": "five"}, {}, 6, 3, id="an id"
        ),
        pytest.param(
            (SIZE, ListParameter("b", "before")), {"limit": 3, "b": "five"}, {}, 2, 3, id="before an id"
        ),
        pytest.param((SIZE, ListParameter("c", "cursor")), {"limit": 3, "c": "?"}, {}, 0, 3, id="rubbish"),
        pytest.param(
            (SIZE, ListParameter("skip", "offset")), {"skip": 10**30}, {}, 10**12, 20, id="far away"
        ),
    ],
)
def test_a_query_says_which_page_is_meant(parameters, query, schemas, offset, size):
    asked = page(*parameters, schemas=schemas, **query).asked

    assert (asked.offset, asked.size) == (offset, size)


@pytest.mark.parametrize(
    ("around", "said"),
    [
        pytest.param({"total": NUMBER, "count": NUMBER}, {"total": 10, "count": 3}, id="total and count"),
        pytest.param({"count": NUMBER}, {"count": 10}, id="count alone is the total"),
        pytest.param({"totalPages": NUMBER, "size": NUMBER}, {"totalPages": 4, "size": 3}, id="pages"),
        pytest.param(
            {"has_more": BOOLEAN, "next_cursor": TEXT},
            {"has_more": True, "next_cursor": token(6)},
            id="cursor",
        ),
        pytest.param({"next": URL}, {"next": "/pets?limit=3&page=3"}, id="a link"),
        pytest.param(
            {"next_page": NUMBER, "prev_page": NUMBER}, {"next_page": 3, "prev_page": 1}, id="numbers"
        ),
        pytest.param(
            {"meta": thing(pagination=thing(current_page=NUMBER, per_page=NUMBER))},
            {"meta": {"pagination": {"current_page": 2, "per_page": 3}}},
            id="nested",
        ),
        pytest.param(
            {"_links": thing(next=thing(href=TEXT))},
            {"_links": {"next": {"href": "/pets?limit=3&page=3"}}},
            id="HAL",
        ),
        pytest.param({"colour": TEXT, "requested_at": TEXT}, {}, id="something else"),
    ],
)
def test_an_envelope_tells_of_the_page(around, said):
    schema = Members({"s": thing(data=listed(thing()), **around)}, "/s")
    second = page(SIZE, ListParameter("page", "page"), limit=3, page=2)

    assert envelope(schema, ("data",), [1, 2, 3], second) == {**said, "data": [1, 2, 3]}


def test_the_last_page_has_no_next():
    schema = Members(
        {"s": thing(data=listed(thing()), next={"type": ["string", "null"]}, next_page=NUMBER)}, "/s"
    )
    last = page(SIZE, ListParameter("page", "page"), limit=3, page=4)

    assert envelope(schema, ("data",), [1], last) == {"next": None, "data": [1]}
    assert 'rel="next"' not in last.link()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Total-Count", "10"),
        ("X-Total", "10"),
        ("X-Per-Page", "3"),
        ("X-Page", "2"),
        ("X-Total-Pages", "4"),
        ("x-next", "/pets?limit=3&page=3"),
        ("X-Rate-Limit-Remaining", None),
    ],
)
def test_headers_tell_of_the_page(name, value):
    assert header_value(name, page(SIZE, ListParameter("page", "page"), limit=3, page=2)) == value
