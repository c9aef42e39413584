"""What is malformed is refused, in the declared shape if it reaches the application; the mock lives on."""

import http.client
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import orjson
import pytest

from mockserver.contract.schema import Schema
from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from tests.conftest import SHIPPED, Api

CONTRACT = """
openapi: 3.1.0
info: {title: Things, version: '1'}
paths:
  /things:
    x-mock-collection: false
    get:
      operationId: listThings
      parameters:
        - {name: page, in: query, schema: {type: integer}}
        - {name: name, in: query, schema: {type: string}}
        - {name: pages, in: query, schema: {type: array, items: {type: integer}}}
        - {name: X-Level, in: header, schema: {type: integer}}
        - {name: level, in: cookie, schema: {type: integer}}
      responses: {'200': {$ref: '#/components/responses/Fine'}, 4XX: {$ref: '#/components/responses/Refused'}}
    post:
      operationId: createThing
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses: {'201': {$ref: '#/components/responses/Fine'}, 4XX: {$ref: '#/components/responses/Refused'}}
  /things/{number}:
    x-mock-collection: false
    get:
      operationId: getThing
      parameters: [{name: number, in: path, required: true, schema: {type: integer}}]
      responses: {'200': {$ref: '#/components/responses/Fine'}, 4XX: {$ref: '#/components/responses/Refused'}}
  /measures/{measure}:
    get:
      operationId: getMeasure
      parameters: [{name: measure, in: path, required: true, schema: {type: number}}]
      responses: {'200': {$ref: '#/components/responses/Fine'}, 4XX: {$ref: '#/components/responses/Refused'}}
  /texts/{text}:
    get:
      operationId: getText
      parameters: [{name: text, in: path, required: true, schema: {type: string}}]
      responses: {'200': {$ref: '#/components/responses/Fine'}, 4XX: {$ref: '#/components/responses/Refused'}}
components:
  responses:
    Fine:
      description: What was asked for.
      content: {application/json: {schema: {type: object}, example: {fine: true}}}
    Refused:
      description: What is wrong.
      content: {application/json: {schema: {$ref: '#/components/schemas/Refusal'}}}
  schemas:
    Refusal:
      type: object
      additionalProperties: false
      required: [message, status]
      properties:
        message: {type: string, minLength: 1}
        status: {type: integer}
        errors:
          type: array
          items:
            type: object
            required: [field, message]
            properties: {field: {type: string}, message: {type: string}}
    Thing:
      type: object
      required: [name]
      properties:
        name: {type: string}
        count: {type: integer}
        next: {$ref: '#/components/schemas/Thing'}
"""

JSON = b"Content-Type: application/json\r\n"
GOOD = b'{"name":"x"}'
DIGITS = b"9" * 5000
MIB = 1024 * 1024
ONE_MORE_MIB = b"%x\r\n%s\r\n" % (MIB, b" " * MIB)


@dataclass(frozen=True)
class Answer:
    """One answer as it came over the wire."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Server:
    """A mock that listens, and the lines it has written."""

    address: tuple[str, int]
    refusal: Schema
    lines: list[str]

    def send(self, raw: bytes, answers: int = 1) -> list[Answer]:
        """Send bytes over a connection of their own, and read as many answers."""
        with socket.create_connection(self.address, timeout=10) as connection:
            connection.sendall(raw)
            with connection.makefile("rb") as stream:
                return [read_answer(stream) for _ in range(answers)]

    def is_alive(self) -> bool:
        (answer,) = self.send(post(GOOD))
        return answer.status == 201 and answer.body == b'{"fine":true}'


def read_answer(stream: BinaryIO) -> Answer:
    status = int(stream.readline().split()[1])
    headers = http.client.parse_headers(stream)
    if status < 200:  # 100 Continue comes before the answer
        return read_answer(stream)
    return Answer(status, headers, stream.read(int(headers.get("content-length", 0))))


def get(target: bytes, headers: bytes = b"", method: bytes = b"GET", version: bytes = b"HTTP/1.1") -> bytes:
    return b"%s %s %s\r\nHost: things.example\r\n%s\r\n" % (method, target, version, headers)


def post(body: bytes, content_type: bytes = JSON, headers: bytes = b"") -> bytes:
    return get(b"/things", b"%s%sContent-Length: %d\r\n" % (content_type, headers, len(body)), b"POST") + body


def chunked(chunks: bytes) -> bytes:
    return get(b"/things", JSON + b"Transfer-Encoding: chunked\r\n", b"POST") + chunks


def typed(content_type: str) -> bytes:
    return b"Content-Type: %s\r\n" % content_type.encode("latin-1")


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    path = tmp_path_factory.mktemp("malformed") / "things.yaml"
    path.write_text(CONTRACT)
    lines: list[str] = []
    with running(Setup(contract=path, write_line=lines.append)) as (mock, url):
        host, port = url.removeprefix("http://").split(":")
        refusal = mock.parts.contract.schemas.at("/components/schemas/Refusal")
        yield Server((host, int(port)), refusal, lines)


@pytest.mark.parametrize(
    ("raw", "status", "told"),
    [
        pytest.param(post(b'{"name":"\xff"}'), 422, "JSON", id="a body that is not UTF-8"),
        pytest.param(post('{"name":"x"}'.encode("utf-16")), 422, "JSON", id="a body in UTF-16"),
        pytest.param(post(b"\xef\xbb\xbf" + GOOD), 422, "JSON", id="a byte order mark"),
        pytest.param(post(b'{"name":"\\ud800"}'), 422, "JSON", id="half a surrogate pair, escaped"),
        pytest.param(post(b'{"name":"\xed\xa0\x80"}'), 422, "JSON", id="half a surrogate pair, encoded"),
        pytest.param(post(b'{"name":"a\x00b"}'), 422, "JSON", id="a raw NUL in a string"),
        pytest.param(post(b'{"name":"x","count":NaN}'), 422, "JSON", id="NaN"),
        pytest.param(post(b'{"name":"x","count":-Infinity}'), 422, "JSON", id="Infinity"),
        pytest.param(post(b'{"name":"x","count":1e999}'), 422, "JSON", id="1e999"),
        pytest.param(post(b'{"name":"x","count":%s}' % DIGITS), 422, "JSON", id="5,000 digits in a body"),
        pytest.param(post(b'{"name":"x"}{}'), 422, "JSON", id="two documents in a body"),
        pytest.param(post(b"[" * 100_000), 422, "JSON", id="100,000 arrays deep and never closed"),
        pytest.param(post(b"[" * 100_000 + b"]" * 100_000), 422, "JSON", id="100,000 arrays deep"),
        pytest.param(
            post(b'{"next":' * 100_000 + b"1" + b"}" * 100_000), 422, "JSON", id="100,000 objects deep"
        ),
        pytest.param(
            post(b'{"next":' * 900 + b"1" + b"}" * 900), 422, "nested too deeply", id="900 objects deep"
        ),
        pytest.param(post(b"null"), 422, "dictionary", id="null for an object"),
        pytest.param(post(b""), 422, "required", id="an empty body"),
        pytest.param(get(b"/things", JSON, b"POST"), 422, "required", id="no body and no length"),
        pytest.param(post(b"{}", b""), 422, "required", id="a bad body without Content-Type"),
        pytest.param(post(b"{}", typed("Application/JSON")), 422, "required", id="Application/JSON"),
        pytest.param(post(b"{}", typed("application/json ; charset=utf-8")), 422, "required", id="a space"),
        pytest.param(
            post(b'{"name":"\xe9"}', typed("application/json;charset=latin-1")), 422, "JSON", id="latin-1"
        ),
        pytest.param(post(GOOD, typed("text/plain")), 415, "text/plain", id="another media type"),
        pytest.param(post(GOOD, typed("application/\xff")), 415, "not taken", id="a garbled media type"),
        pytest.param(post(GOOD, typed("json")), 415, "not taken", id="no media type at all"),
        pytest.param(chunked(b"2\r\n{}\r\n0\r\n\r\n"), 422, "required", id="a bad body in chunks"),
        pytest.param(chunked(b"0\r\n\r\n"), 422, "required", id="no chunk but the last"),
        pytest.param(get(b"/things?page=" + DIGITS), 422, "integer", id="5,000 digits in a query"),
        pytest.param(get(b"/things/" + DIGITS), 422, "integer", id="5,000 digits in a path"),
        pytest.param(get(b"/things", b"X-Level: %s\r\n" % DIGITS), 422, "integer", id="5,000 in a header"),
        pytest.param(
            get(b"/things", b"Cookie: level=%s\r\n" % DIGITS), 422, "integer", id="5,000 in a cookie"
        ),
        pytest.param(get(b"/things?page=1&page=2"), 422, "integer", id="a key twice"),
        pytest.param(get(b"/things?page=%D9%A3"), 422, "integer", id="an Arabic digit"),
        pytest.param(get(b"/things?page=1_0"), 422, "integer", id="an underscore between digits"),
        pytest.param(get(b"/things?page="), 422, "integer", id="an empty integer"),
        pytest.param(get(b"/things?pages="), 422, "integer", id="an empty member of a list"),
        pytest.param(get(b"/things?name=%ff"), 422, "unicode", id="%ff in a query"),
        pytest.param(get(b"/texts/%ff"), 422, "unicode", id="%ff in a path"),
        pytest.param(get(b"/texts/%c0%af"), 422, "unicode", id="an overlong slash in a path"),
        pytest.param(get(b"/texts/%ed%a0%80"), 422, "unicode", id="half a surrogate pair in a path"),
        pytest.param(get(b"/things/abc"), 422, "integer", id="letters for an integer in a path"),
        pytest.param(get(b"/things/1%2F2"), 422, "integer", id="an encoded slash in an integer"),
        pytest.param(get(b"/things/1%0A"), 422, "integer", id="an encoded newline after an integer"),
        pytest.param(get(b"/measures/."), 422, "number", id="a point for a number"),
        pytest.param(get(b"/measures/-"), 422, "number", id="a dash for a number"),
        pytest.param(get(b"/measures/NaN"), 422, "number", id="NaN for a number"),
        pytest.param(get(b"/measures/1e999"), 422, "number", id="1e999 for a number"),
        pytest.param(get(b"/things", "X-Level: é\r\n".encode()), 422, "integer", id="a header beyond ASCII"),
        pytest.param(get(b"/things", b"X-Level: \xff\r\n"), 422, "integer", id="a header that is not UTF-8"),
        pytest.param(get(b"/things", b"X-Level: 1\r\nX-Level: 2\r\n"), 422, "integer", id="a header twice"),
        pytest.param(get(b"/things", method=b"PROPFIND"), 405, "PROPFIND", id="a method of WebDAV"),
        pytest.param(get(b"/things", method=b"TRACE"), 405, "TRACE", id="TRACE"),
        pytest.param(post(b" " * (MIB + 1)), 413, "larger", id="a byte too many"),
        pytest.param(post(b" " * (3 * MIB)), 413, "larger", id="2 MiB too many"),
        pytest.param(chunked(ONE_MORE_MIB * 2 + b"0\r\n\r\n"), 413, "larger", id="1 MiB too many in chunks"),
    ],
)
def test_what_breaks_the_contract_is_refused_in_the_declared_shape(server, raw, status, told):
    (answer,) = server.send(raw)

    assert answer.status == status
    assert answer.headers["content-type"] == "application/json"
    assert server.refusal.violations(orjson.loads(answer.body)) == []
    assert orjson.loads(answer.body)["status"] == status
    assert told.encode() in answer.body
    assert server.is_alive()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        pytest.param(post(GOOD), 201, id="a plain body"),
        pytest.param(post(b" " * (MIB - len(GOOD)) + GOOD), 201, id="a body of just 1 MiB"),
        pytest.param(post(GOOD, typed("Application/JSON")), 201, id="Application/JSON"),
        pytest.param(post(GOOD, typed("application/json;charset=bogus")), 201, id="a charset nobody knows"),
        pytest.param(
            post(GOOD, typed("application/json;charset=latin-1")), 201, id="a charset of another age"
        ),
        pytest.param(post(GOOD, typed("application/json ; charset=utf-8")), 201, id="a space before charset"),
        pytest.param(post(GOOD, b""), 201, id="no Content-Type"),
        pytest.param(post(GOOD, b"Content-Type:\r\n"), 201, id="an empty Content-Type"),
        pytest.param(post(b'{"name":"a\\u0000b"}'), 201, id="an escaped NUL"),
        pytest.param(post(b'{"name":1,"name":"x"}'), 201, id="a key twice in a body, the last one good"),
        pytest.param(post(b'{"name":"x","next":' * 900 + GOOD + b"}" * 900), 201, id="900 objects deep"),
        pytest.param(chunked(b'5\r\n{"nam\r\n7\r\ne":"x"}\r\n0\r\n\r\n'), 201, id="chunks"),
        pytest.param(chunked(b"c;a=b\r\n%s\r\n0\r\nX-T: 1\r\n\r\n" % GOOD), 201, id="chunks with trailers"),
        pytest.param(post(GOOD, headers=b"Expect: 100-continue\r\n"), 201, id="Expect: 100-continue"),
        pytest.param(get(b"/things", b"Content-Length: 5\r\n") + b'{"a":', 200, id="a body on GET"),
        pytest.param(get(b"http://elsewhere.example/things?page=2"), 200, id="an absolute target"),
        pytest.param(get(b"/things", version=b"HTTP/1.0"), 200, id="HTTP/1.0"),
        pytest.param(b"GET /things HTTP/1.0\r\n\r\n", 200, id="no Host"),
        pytest.param(get(b"/texts/a%2Fb"), 200, id="an encoded slash in a path"),
        pytest.param(get(b"/texts/a%0Ab"), 200, id="an encoded newline in a path"),
        pytest.param(get(b"/texts/%0A"), 200, id="nothing but an encoded newline in a path"),
        pytest.param(get(b"/texts/%00"), 200, id="an encoded NUL in a path"),
        pytest.param(get(b"/texts/%"), 200, id="a lonely percent sign in a path"),
        pytest.param(get(b"/texts/%zz"), 200, id="a percent sign that encodes nothing"),
        pytest.param(get(b"/texts/.."), 200, id="two points in a path"),
        pytest.param(get(b"/things?name=a%2Fb"), 200, id="an encoded slash in a query"),
        pytest.param(get(b"/things?name=a%0Ab"), 200, id="an encoded newline in a query"),
        pytest.param(get(b"/things?name=%00"), 200, id="an encoded NUL in a query"),
        pytest.param(get(b"/things?%ff=1"), 200, id="an unknown key that is not UTF-8"),
        pytest.param(get(b"/things?&&=&=1&name"), 200, id="a query of rubbish"),
        pytest.param(get(b"/things?pages=1&pages=2"), 200, id="a key of a list twice"),
        pytest.param(get(b"/things", b"X-Other: \xff\xfe\r\n"), 200, id="bytes in a header nobody reads"),
        pytest.param(get(b"/things", b"X-Other: %s\r\n" % (b"a" * 60_000)), 200, id="60,000 bytes of header"),
        pytest.param(get(b"/things", b"Cookie: ;;=;a;level=1;\xff=\xff\r\n"), 200, id="a cookie of rubbish"),
        pytest.param(
            get(b"/things", b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"),
            200,
            id="an upgrade to a web socket",
        ),
    ],
)
def test_what_keeps_the_contract_is_served_however_odd_it_looks(server, raw, status):
    (answer,) = server.send(raw)

    assert answer.status == status
    assert answer.body == b'{"fine":true}'
    assert server.is_alive()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(chunked(b"zz\r\nabc\r\n0\r\n\r\n"), id="a chunk whose size is no number"),
        pytest.param(chunked(b"5\r\nabc\r\n0\r\n\r\n"), id="a chunk shorter than its size"),
        pytest.param(get(b"/things", b"X-Other: a\x00b\r\n"), id="NUL in a header"),
        pytest.param(get(b"/things", b"X\x00Other: a\r\n"), id="NUL in a header's name"),
        pytest.param(get(b"/things", b"Authorization: Bearer \x01\r\n"), id="a control character in a token"),
        pytest.param(post(GOOD, headers=b"Content-Length: 3\r\n"), id="two lengths"),
        pytest.param(post(GOOD, headers=b"Transfer-Encoding: chunked\r\n"), id="a length and chunks"),
        pytest.param(get(b"/things", JSON + b"Content-Length: -1\r\n", b"POST"), id="a length below nothing"),
        pytest.param(get(b"/texts/a b"), id="a space in a path"),
        pytest.param(get(b"/texts/\xff"), id="a byte beyond ASCII in a path"),
        pytest.param(get(b"things"), id="a path without its slash"),
        pytest.param(get(b"/texts/" + b"a" * 70_000), id="a path of 70,000 bytes"),
        pytest.param(get(b"/things", version=b"HTTP/9.9"), id="a version of HTTP that is to come"),
        pytest.param(get(b"/things", method=b"BREW"), id="a method that nobody knows"),
        pytest.param(get(b"/things", method=b"get"), id="a method in lower case"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", id="the beginning of TLS"),
        pytest.param(b"hello there\r\n\r\n", id="prose"),
    ],
)
def test_what_is_not_http_gets_400_and_no_more(server, raw):
    (answer,) = server.send(raw)

    assert answer.status == 400
    assert server.is_alive()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(b"X-Other: %s\r\n" % (b"a" * 65 * 1024), id="one of 65 KiB"),
        pytest.param(b"X-Other: %s\r\n" % (b"a" * MIB), id="one of 1 MiB"),
        pytest.param(
            b"X-Other: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 2000, id="two thousand small ones"
        ),
        pytest.param(b"Cookie: %s\r\n" % (b"a=b; " * 14_000), id="a cookie"),
    ],
)
def test_headers_above_64_kib_are_431(server, headers):
    (answer,) = server.send(get(b"/things", headers))

    assert answer.status == 431
    assert answer.headers["content-type"] == "application/problem+json"
    assert orjson.loads(answer.body)["status"] == 431
    assert server.is_alive()


def test_a_client_that_waits_is_told_to_go_on(server):
    raw = post(GOOD, headers=b"Expect: 100-continue\r\n").removesuffix(GOOD)

    with socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(raw)
        with connection.makefile("rb") as stream:
            told = stream.readline()
            stream.readline()
            connection.sendall(GOOD)
            answer = read_answer(stream)

    assert told == b"HTTP/1.1 100 Continue\r\n"
    assert answer.status == 201


def test_requests_in_one_go_are_answered_one_by_one_in_their_order(server):
    raw = get(b"/things?page=1") + post(b"{}") + post(GOOD) + get(b"/things?page=x") + get(b"/nothing")

    answers = server.send(raw, answers=5)

    assert [answer.status for answer in answers] == [200, 422, 201, 422, 404]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 5


def test_a_connection_goes_on_after_a_body_that_was_too_large(server):
    raw = post(b" " * (3 * MIB)) + get(b"/things")

    refused, served = server.send(raw, answers=2)

    assert (refused.status, served.status) == (413, 200)


def test_a_client_that_leaves_in_the_middle_of_its_body_does_no_harm(server):
    raw = get(b"/things", JSON + b"Content-Length: 1000\r\n", b"POST") + b'{"name":'

    with socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(raw)

    assert server.is_alive()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(get(b"/things", method=b"HEAD"), id="success"),
        pytest.param(get(b"/things?page=x", method=b"HEAD"), id="refusal"),
        pytest.param(get(b"/nothing", method=b"HEAD"), id="unknown path"),
    ],
)
def test_an_answer_to_head_leaves_no_byte_of_a_body_on_the_connection(server, raw):
    with socket.create_connection(server.address, timeout=10) as connection:
        connection.sendall(raw + get(b"/things", b"Connection: close\r\n"))
        with connection.makefile("rb") as stream:
            received = stream.read()

    first, _, rest = received.partition(b"\r\n\r\n")

    assert re.search(rb"content-length: [1-9]", first)
    assert rest.startswith(b"HTTP/1.1 200")


def test_a_huge_value_that_is_refused_is_not_sent_back_whole(server):
    (answer,) = server.send(post(b'{"name":[%s]}' % b",".join([b'"' + b"a" * 1000 + b'"'] * 900)))

    assert answer.status == 422
    assert len(answer.body) < 10_000


def test_a_query_that_is_wrong_in_five_thousand_places_is_answered_with_a_thousand(server):
    (answer,) = server.send(get(b"/things?" + b"&".join([b"pages=x"] * 5000)))

    assert answer.status == 422
    assert len(orjson.loads(answer.body)["errors"]) == 1000


def test_a_body_that_is_large_and_wrong_on_every_one_of_many_levels_does_not_exhaust_the_mock(server):
    inner = b'{"count":[%s]}' % b",".join([b"1"] * 400_000)

    (answer,) = server.send(post(b'{"next":' * 250 + inner + b"}" * 250))

    assert answer.status == 422
    assert server.is_alive()


def test_nothing_that_a_client_sends_steers_the_terminal_of_whoever_reads_the_log(server):
    server.send(get(b"/texts/%1b%5b31m", b"X-Request-ID: \x9b31m\r\n"))
    server.send(get(b"/things?\xff=%0a"))
    server.send(post(b'{"name":"x"}', typed("text/\x9b31m")))

    assert all(character.isprintable() for line in server.lines for character in line.replace("\n", ""))


# Who is calling, over the shipped contract


@pytest.fixture(scope="module")
def shipped() -> Iterator[Api]:
    with running(Setup(contract=SHIPPED)) as (mock, url), Api(mock, url) as client:
        yield client


def send_to(api: Api, target: str, *headers: bytes) -> Answer:
    host, port = api.base_url.host, api.base_url.port
    lines = b"".join(b"%s\r\n" % header for header in headers)
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(get(target.encode(), lines))
        with connection.makefile("rb") as stream:
            return read_answer(stream)


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"Bearer", id="a scheme alone"),
        pytest.param(b"Bearer ", id="a scheme and a space"),
        pytest.param(b"Bearer a b", id="two words"),
        pytest.param(b"Bearer \xff\xfe", id="bytes beyond ASCII"),
        pytest.param("Bearer é.é.é".encode(), id="letters beyond ASCII"),
        pytest.param(b"Bearer ..", id="two points"),
        pytest.param(b"Bearer e30.e30.e30", id="empty objects"),
        pytest.param(b"Bearer eyJhbGciOiJub25lIn0.e30.", id="the algorithm none"),
        pytest.param(b"Bearer " + b"a" * 50_000, id="50,000 letters"),
        pytest.param(b"Bearer W1tbW1tbW1tb" + b"W1tb" * 10_000 + b".e30.e30", id="a header nested deeply"),
        pytest.param(b"Basic dXNlcjpwYXNzd29yZA==", id="another scheme"),
        pytest.param(b"Negotiate \x80", id="a scheme that nobody declared"),
    ],
)
def test_rubbish_for_a_token_is_401_in_the_shape_of_the_operation(shipped, authorization):
    answer = send_to(shipped, "/api/v1/admin/groups", b"Authorization: " + authorization)

    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert orjson.loads(answer.body)["error"]["code"] == "unauthorized"


def test_two_authorization_headers_are_401_even_if_both_are_good(shipped):
    header = f"Authorization: Bearer {shipped.token('super-admin')}".encode()

    once = send_to(shipped, "/api/v1/admin/groups", header)
    twice = send_to(shipped, "/api/v1/admin/groups", header, header)

    assert (once.status, twice.status) == (200, 401)
    assert "more than one" in orjson.loads(twice.body)["error"]["message"]


def test_a_connection_goes_on_after_a_body_that_nobody_read(shipped):
    body = b" " * (3 * MIB)
    head = get(b"/api/v1/admin/admin-roles/", JSON + b"Content-Length: %d\r\n" % len(body), b"POST")

    with socket.create_connection((shipped.base_url.host, shipped.base_url.port), timeout=10) as connection:
        connection.sendall(head + body + get(b"/nothing"))
        with connection.makefile("rb") as stream:
            refused, next_one = read_answer(stream), read_answer(stream)

    assert (refused.status, next_one.status) == (401, 404)


def test_broken_json_is_told_with_its_offset_in_the_shape_of_fastapi(api):
    headers = {"Content-Type": "application/json"}

    refused = api.post(
        "/api/v1/admin/admin-roles/", as_="super-admin", headers=headers, content=b'{"role": NaN}'
    )

    (error,) = refused.json()["detail"]
    assert refused.status_code == 422
    assert (error["type"], error["loc"], error["input"]) == ("json_invalid", ["body", 9], {})
