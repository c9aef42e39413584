"""What an operation may answer: the media type that the client likes best, held and written."""

import pytest

from mockserver.contract.operation import Contract, read_operations
from mockserver.respond.exchange import Response
from mockserver.serve.answers import Answers

THING = {
    "type": "object",
    "properties": {"id": {"type": "integer"}},
    "required": ["id"],
    "xml": {"name": "thing"},
}


def answers(responses):
    document = {"paths": {"/it": {"get": {"responses": responses}}}}
    (operation,) = read_operations(document)
    return Answers(Contract("a test", b"", document, "3.1", "", (operation,)), operation)


def content(*names, schema=None):
    return {"description": "It.", "content": {name: {"schema": schema or {}} for name in names}}


IT = answers(
    {
        "200": content("application/xml", "application/json; charset=utf-8", "image/*", schema=THING),
        "204": {"description": "Nothing."},
        "4XX": content("application/problem+json"),
    }
)


@pytest.mark.parametrize(
    ("status", "accept", "chosen"),
    [
        (200, None, "application/xml"),
        (200, "*/*", "application/json; charset=utf-8"),
        (200, "image/webp", "image/webp"),
        (200, "text/html", None),
        (204, "text/html", ""),
        (404, "text/html", None),
        (404, "*/*", "application/problem+json"),
        (500, None, ""),
    ],
)
def test_the_media_type_is_chosen_for_a_status(status, accept, chosen):
    assert IT.choose(status, accept) == chosen
    assert IT.choose(status, accept) == chosen


@pytest.mark.parametrize(
    ("responses", "accept", "is_taken"),
    [
        ({"200": content("application/json")}, "application/json", True),
        ({"200": content("application/json")}, "text/html", False),
        ({"200": content("application/json"), "202": content("text/html")}, "text/html", True),
        ({"200": content("application/json"), "404": content("text/html")}, "text/html", False),
        ({"204": {"description": "Nothing."}}, "text/html", True),
        ({"2XX": content("application/json")}, "text/html", False),
        ({"default": content("application/json")}, "text/html", False),
        ({"404": content("application/json")}, "text/html", True),
    ],
    ids=[
        "what is there",
        "not there",
        "another success",
        "an error",
        "no body",
        "a range",
        "default",
        "no success",
    ],
)
def test_a_client_is_refused_only_where_it_takes_no_success(responses, accept, is_taken):
    assert answers(responses).accepts(accept) is is_taken


@pytest.mark.parametrize(
    ("response", "chosen", "written"),
    [
        (Response({"id": 1}), None, ("application/xml", b"<thing><id>1</id></thing>")),
        (
            Response({"id": 1}),
            "application/json; charset=utf-8",
            ("application/json; charset=utf-8", b'{"id":1}'),
        ),
        (
            Response({"id": 1}, media_type="application/json"),
            "application/xml",
            ("application/json", b'{"id":1}'),
        ),
        (Response(b"\xff", media_type="image/webp"), None, ("image/webp", b"\xff")),
        (Response(None, 204), "", ("", b"")),
        (Response({"a": 1}, 404), None, ("application/problem+json", b'{"a":1}')),
    ],
    ids=["the first", "the chosen", "the handler's own", "bytes", "no body", "an error"],
)
def test_an_answer_is_written_in_its_media_type(response, chosen, written):
    media_type, body = IT.write(response, IT.plan(response, chosen))

    assert (media_type, body.rpartition(b"?>\n")[2]) == written


@pytest.mark.parametrize(
    ("response", "chosen", "violations"),
    [
        (Response({"id": 1}), None, []),
        (Response({}), "application/json", [("body", "id")]),
        (Response({}), "application/xml", [("body", "id")]),
        (Response("<thing/>"), "application/xml", [("body", "id")]),
        (Response(b"<thing/>"), "application/xml", []),
        (Response({"id": 1}, media_type="text/plain"), None, [("body",)]),
        (Response({"id": 1}, 204), "", [("body",)]),
        (Response({"id": 1}, 500), "", [("status",)]),
    ],
)
def test_an_answer_is_held_against_its_schema_in_any_media_type(response, chosen, violations):
    assert [each.location for each in IT.violations(response, IT.plan(response, chosen))] == violations


def test_choices_of_endless_clients_are_not_all_remembered():
    for number in range(2000):
        IT.choose(200, f"application/xml;q=0.{number}")
        IT.plan(Response(b""), f"image/{number}")

    assert IT.choose(200, "application/xml") == "application/xml"
