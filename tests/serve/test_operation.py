"""One operation: what its handler gets, what it may answer, and what is done where either is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from mockserver.state.settings import Settings
from tests.conftest import Api, in_process

CONTRACT = """
openapi: 3.1.0
info: {title: Things, version: '1'}
x-mock: {collections: {things: Thing}}
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: page-size, in: query, schema: {type: integer, maximum: 100, default: 20}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}, default: [all]}}
        - {name: active, in: query, schema: {type: boolean}}
        - {name: X-Level, in: header, schema: {type: number, default: 0.5}}
        - {name: colour, in: cookie, schema: {type: string, default: red}}
      responses:
        '200':
          description: The things.
          headers:
            X-Count: {schema: {type: integer}}
          content: {application/json: {schema: {type: object}}}
        default: {$ref: '#/components/responses/Wrong'}
    post:
      operationId: createThing
      parameters:
        - {name: dry, in: query, schema: {type: boolean}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses:
        '201':
          description: The thing.
          headers:
            Location: {required: true, schema: {type: string}}
            X-Request-ID: {required: true, schema: {type: string}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        4XX: {$ref: '#/components/responses/Wrong'}
        '500': {$ref: '#/components/responses/Wrong'}
  /things/{id}:
    get:
      operationId: getThing
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        '200':
          description: The thing.
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        4XX: {$ref: '#/components/responses/Wrong'}
    delete:
      operationId: deleteThing
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        '204': {description: It is gone.}
        '500': {$ref: '#/components/responses/Wrong'}
components:
  responses:
    Wrong:
      description: What is wrong.
      content:
        application/json:
          schema:
            type: object
            additionalProperties: false
            required: [wrong]
            properties: {wrong: {type: object, required: [message], properties: {message: {type: string}}}}
  schemas:
    Thing:
      type: object
      required: [id, name]
      properties: {id: {type: integer}, name: {type: string}, at: {type: string, format: date-time}}
"""

HANDLERS = """
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem

THING = {"id": 7, "name": "seven"}
"""

THING = {"id": 7, "name": "seven"}


@dataclass(frozen=True)
class Served:
    """A client, and the lines that its mock wrote."""

    api: Api
    lines: list[str]

    def things(self) -> list[Any]:
        return list(self.api.mock.world.store["things"])


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Give a function that serves a contract in process, with the handlers in a text."""
    clients = []

    def start(handlers: str = "", contract: str = CONTRACT, **rules: Any) -> Served:
        lines: list[str] = []
        client = in_process(prepared(tmp_path, handlers, contract, lines, **rules))
        clients.append(client)
        return Served(client, lines)

    yield start
    for client in clients:
        client.close()


def prepared(folder: Path, handlers: str, contract: str, lines: list[str], **rules: Any) -> Setup:
    (folder / "openapi.yaml").write_text(contract)
    (folder / "its_handlers.py").write_text(HANDLERS + handlers)
    return Setup(
        contract=folder / "openapi.yaml",
        handlers=str(folder / "its_handlers.py"),
        body_limit=rules.pop("body_limit", 1024 * 1024),
        settings=Settings(**rules),
        write_line=lines.append,
    )


def handler(operation_id: str, *body: str) -> str:
    """Write a handler."""
    lines = "".join(f"    {line}\n" for line in body)
    return f"\n@handles({operation_id!r})\ndef handler_of_{operation_id}(request, store):\n{lines}"


INSERT = 'store["things"].insert(dict(THING))'


# What a handler may answer with


def test_a_status_may_be_written_by_its_name(serve):
    served = serve(
        "\nfrom http import HTTPStatus\n"
        + handler("createThing", 'return Response(THING, HTTPStatus.CREATED, {"Location": "/things/7"})')
    )

    answer = served.api.post("/things", json=THING)

    assert (answer.status_code, answer.json()) == (201, THING)
    assert served.api.mock.world.journal.entries()[-1].status == 201


# What a handler gets


def test_a_handler_gets_typed_values_under_the_names_of_the_contract(serve):
    echo = "[dict(request.query), dict(request.headers), dict(request.cookies)]"
    served = serve(handler("listThings", f'return Response({{"given": {echo}}})'))

    answer = served.api.get(
        "/things?page-size=5&tags=a&tags=b&active=false", headers={"X-LEVEL": "2.5", "Cookie": "colour=blue"}
    )

    assert answer.json()["given"] == [
        {"page-size": 5, "tags": ["a", "b"], "active": False},
        {"X-Level": 2.5},
        {"colour": "blue"},
    ]


def test_a_handler_gets_the_defaults_of_what_was_not_sent_and_nothing_else(serve):
    echo = "[dict(request.query), dict(request.headers), dict(request.cookies), request.body]"
    served = serve(handler("listThings", f'return Response({{"given": {echo}}})'))

    answer = served.api.get("/things")

    assert answer.json()["given"] == [
        {"page-size": 20, "tags": ["all"]},
        {"X-Level": 0.5},
        {"colour": "red"},
        None,
    ]


def test_a_handler_that_changes_a_default_changes_it_for_its_own_request_only(serve):
    served = serve(
        handler(
            "listThings",
            'request.query["tags"].append("changed")',
            'return Response({"tags": request.query["tags"]})',
        )
    )

    first, second = served.api.get("/things").json(), served.api.get("/things").json()

    assert first == second == {"tags": ["all", "changed"]}


def test_a_handler_gets_path_body_id_and_a_time_that_moves_on(serve):
    served = serve(
        handler("getThing", 'return Response({"id": request.path["id"], "name": request.now})')
        + handler(
            "createThing",
            'return Response({**request.body, "name": request.id}, 201, {"Location": "/things/1"})',
        )
    )

    first, second = (served.api.get(f"/things/{number}").json() for number in (1, -2))
    created = served.api.post("/things", json={"id": 5, "name": "five", "more": [1]})

    assert (first["id"], second["id"]) == (1, -2)
    assert first["name"] < second["name"]
    assert created.json() == {"id": 5, "name": created.headers["x-request-id"], "more": [1]}
    assert created.headers["location"] == "/things/1"


# Answers that break the contract


@dataclass(frozen=True)
class Broken:
    """An answer that breaks the contract: the request that brings it about, and what the log says of it."""

    method: str
    path: str
    operation_id: str
    answer: str
    status: int
    note: str


BROKEN = [
    pytest.param(
        Broken("GET", "/things/7", "getThing", 'Response({"id": "7", "name": "x"})', 200, "body.id"),
        id="a value of the wrong type",
    ),
    pytest.param(
        Broken("GET", "/things/7", "getThing", 'Response({"id": 7})', 200, "body.name"), id="a missing value"
    ),
    pytest.param(
        Broken("GET", "/things/7", "getThing", 'Response({**THING, "at": "now"})', 200, "date-time"),
        id="a value of the wrong format",
    ),
    pytest.param(
        Broken("GET", "/things/7", "getThing", "Response()", 200, "null is not of type"), id="no body at all"
    ),
    pytest.param(
        Broken("GET", "/things/7", "getThing", 'Response(b"{}")', 200, "no JSON value"),
        id="bytes for a JSON value",
    ),
    pytest.param(
        Broken("GET", "/things/7", "getThing", "Response(THING, 299)", 299, "status 299 is not declared"),
        id="an undeclared status",
    ),
    pytest.param(
        Broken("DELETE", "/things/7", "deleteThing", "Response(THING, 204)", 204, "has no body"),
        id="a body where none is declared",
    ),
    pytest.param(
        Broken("POST", "/things", "createThing", "Response(THING, 201)", 201, "header Location is missing"),
        id="a required header is missing",
    ),
    pytest.param(
        Broken("GET", "/things", "listThings", 'Response({}, headers={"x-count": "many"})', 200, "X-Count"),
        id="a header that breaks its schema",
    ),
    pytest.param(
        Broken(
            "GET", "/things/7", "getThing", 'Response("seven", media_type="text/plain")', 200, "text/plain is"
        ),
        id="an undeclared media type",
    ),
]


def send(served: Served, broken: Broken) -> Any:
    return served.api.request(broken.method, broken.path, json=THING if broken.method == "POST" else None)


@pytest.mark.parametrize("broken", BROKEN)
def test_enforced_an_answer_that_breaks_the_contract_becomes_500_and_what_was_written_is_undone(
    serve, broken
):
    served = serve(handler(broken.operation_id, INSERT, f"return {broken.answer}"))

    answer = send(served, broken)

    assert answer.status_code == 500
    assert "breaks the contract" in answer.json()["wrong"]["message"]
    assert broken.note in served.lines[-1]
    assert served.things() == []


@pytest.mark.parametrize("broken", BROKEN)
def test_reported_an_answer_that_breaks_the_contract_is_sent_and_noted(serve, broken):
    served = serve(handler(broken.operation_id, INSERT, f"return {broken.answer}"), responses="report")

    answer = send(served, broken)

    assert answer.status_code == broken.status
    assert broken.note in served.lines[-1]
    assert served.things() == [THING]


@pytest.mark.parametrize("broken", BROKEN)
def test_switched_off_nobody_looks_at_an_answer(serve, broken):
    served = serve(handler(broken.operation_id, INSERT, f"return {broken.answer}"), responses="off")

    answer = send(served, broken)

    assert answer.status_code == broken.status
    assert "breaks the contract" not in served.lines[-1]
    assert served.things() == [THING]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param('Response({"id": 7, "name": "x", "more": None})', id="more than is declared"),
        pytest.param('Response(THING, media_type="application/json; charset=utf-8")', id="a parameter"),
        pytest.param('Response(THING, media_type="Application/JSON")', id="a media type in other letters"),
        pytest.param('Response(THING, headers={"X-Other": "1"})', id="a header that nobody declared"),
        pytest.param('Response({"wrong": {"message": "No."}}, 418)', id="a status within a range"),
    ],
)
def test_an_answer_that_keeps_the_contract_is_sent_as_it_is(serve, answer):
    served = serve(handler("getThing", f"return {answer}"))

    assert served.api.get("/things/7").status_code in (200, 418)
    assert "breaks" not in served.lines[-1]


@pytest.mark.parametrize(
    "answer", ["return Response({}, headers=headers)", 'raise Problem(409, "No.", headers=headers)']
)
@pytest.mark.parametrize("mode", ["enforce", "report", "off"])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-Other": "a\r\nSet-Cookie: stolen=1"}, id="two lines"),
        pytest.param({"X-Other": "a\nb"}, id="a line break"),
        pytest.param({"X-Other": "a\0b"}, id="NUL"),
        pytest.param({"X-Other": "→"}, id="a sign beyond ASCII"),
        pytest.param({"X-Other\r\nSet-Cookie: stolen=1": "a"}, id="two lines in a name"),
    ],
)
def test_a_header_that_is_not_one_line_of_ascii_is_never_sent(serve, capsys, mode, headers, answer):
    served = serve(handler("listThings", INSERT, f"headers = {headers!r}", answer), responses=mode)

    answer = served.api.get("/things")

    assert answer.status_code == 500
    assert "set-cookie" not in answer.headers
    assert served.things() == []
    assert "one line of printable ASCII" in capsys.readouterr().err


# Requests that break the contract

BAD_QUERY = "/things?page-size=500&active=maybe&pagesize=5&page-size-max=1"


def echo_query() -> str:
    return handler("listThings", INSERT, 'return Response({"query": dict(request.query)})')


def test_strictly_a_query_parameter_that_the_contract_lacks_is_refused_with_everything_else(serve):
    served = serve(echo_query(), requests="strict")

    answer = served.api.get(BAD_QUERY)
    message = answer.json()["wrong"]["message"]

    assert answer.status_code == 422
    assert all(name in message for name in ("page-size", "active", "pagesize", "page-size-max"))
    assert served.api.get("/things?pagesize=5").status_code == 422
    assert served.api.get("/things?page-size=5").status_code == 200
    assert served.things() == [THING]


def test_enforced_a_query_parameter_that_the_contract_lacks_is_noted_and_everything_else_refused(serve):
    served = serve(echo_query(), requests="enforce")

    refused = served.api.get(BAD_QUERY)
    note = served.lines[-1]
    taken = served.api.get("/things?pagesize=5")

    assert (refused.status_code, taken.status_code) == (422, 200)
    assert "page-size: 500" in refused.json()["wrong"]["message"]
    assert "pagesize" not in refused.json()["wrong"]["message"]
    assert "the contract has no query parameter pagesize" in note
    assert "the contract has no query parameter pagesize" in served.lines[-1]


def test_reported_everything_passes_and_is_noted(serve):
    served = serve(echo_query(), requests="report")

    answer = served.api.get(BAD_QUERY)

    assert answer.json() == {"query": {"tags": ["all"]}}
    assert "let pass: query.page-size" in served.lines[-1]
    assert "let pass: query.active" in served.lines[-1]
    assert "no query parameter pagesize" in served.lines[-1]


def test_switched_off_everything_passes_and_nothing_is_noted(serve):
    served = serve(echo_query(), requests="off")

    answer = served.api.get(BAD_QUERY)

    assert answer.json() == {"query": {"tags": ["all"]}}
    assert "\n" not in served.lines[-1]


@pytest.mark.parametrize("mode", ["report", "off"])
def test_a_body_that_breaks_its_schema_reaches_the_handler_as_it_is(serve, mode):
    served = serve(
        handler(
            "createThing", 'return Response({"id": 1, "name": str(request.body)}, 201, {"Location": "/"})'
        ),
        requests=mode,
    )

    answer = served.api.post("/things", json={"id": "x"})

    assert answer.json()["name"] == "{'id': 'x'}"


@pytest.mark.parametrize("mode", ["report", "off"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"{", id="broken JSON"),
        pytest.param(b"{}", id="no name"),
        pytest.param(b"", id="no body"),
    ],
)
def test_a_handler_that_stumbles_over_what_was_let_pass_makes_a_422_and_no_500(serve, mode, content):
    served = serve(
        handler("createThing", INSERT, 'return Response(request.body["name"], 201)'), requests=mode
    )

    answer = served.api.post("/things", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422
    assert served.things() == []


@pytest.mark.parametrize("mode", ["strict", "enforce", "report", "off"])
def test_a_body_that_is_too_large_is_refused_in_every_mode(serve, mode):
    served = serve(handler("createThing", "return Response(THING, 201)"), requests=mode, body_limit=10)

    answer = served.api.post("/things", json=THING)

    assert answer.status_code == 413
    assert "10 bytes" in answer.json()["wrong"]["message"]


def test_a_request_names_every_violation_wherever_it_stands(serve):
    served = serve()

    answer = served.api.post("/things?dry=perhaps", json={"id": "x"})

    message = answer.json()["wrong"]["message"]
    assert all(part in message for part in ("query.dry", "body.id", "body.name"))


# Handlers that fail


@pytest.mark.parametrize(
    "failing",
    [
        pytest.param('raise RuntimeError("the secret")', id="an exception that nobody knows"),
        pytest.param('raise KeyError("the secret")', id="a key that is not there"),
        pytest.param('raise ValueError("the secret")', id="a value error"),
        pytest.param("return None  # the secret", id="nothing is returned"),
        pytest.param("return THING  # the secret", id="no Response is returned"),
        pytest.param('return Response({"the secret": {1, 2}})', id="what JSON has no word for"),
        pytest.param("import the_secret", id="an import that fails"),
    ],
)
def test_a_handler_that_fails_makes_a_500_with_its_traceback_in_the_log_alone(serve, capsys, failing):
    served = serve(handler("listThings", INSERT, failing))

    answer = served.api.get("/things")

    told = capsys.readouterr().err
    assert answer.status_code == 500
    assert list(answer.json()) == ["wrong"]
    assert "secret" not in answer.text
    assert "Traceback" in told
    assert "its_handlers.py" in told or "operation.py" in told
    assert "a bug: " in served.lines[-1]
    assert served.things() == []


def test_an_item_that_is_not_there_is_404_and_one_that_is_there_already_409(serve):
    served = serve(
        handler("getThing", 'return Response(store["things"].get(request.path["id"]))')
        + handler(
            "createThing",
            'return Response(store["things"].insert(request.body), 201, {"Location": "/things/7"})',
        )
    )

    missing = served.api.get("/things/7")
    created = served.api.post("/things", json=THING)
    again = served.api.post("/things", json={**THING, "name": "another"})

    assert (missing.status_code, created.status_code, again.status_code) == (404, 201, 409)
    assert "7" in missing.json()["wrong"]["message"]
    assert "already" in again.json()["wrong"]["message"]
    assert served.api.get("/things/7").json() == THING


def test_a_problem_undoes_what_its_handler_wrote_and_brings_its_headers(serve):
    served = serve(
        handler("createThing", INSERT, 'raise Problem(429, "Slower.", headers={"Retry-After": "5"})')
    )

    answer = served.api.post("/things", json=THING)

    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "5"
    assert answer.json() == {"wrong": {"message": "Slower."}}
    assert served.things() == []


def test_a_problem_of_a_status_that_is_not_declared_takes_the_nearest_shape_and_is_noted(serve):
    served = serve(handler("createThing", 'raise Problem(503, "Later.")'))

    answer = served.api.post("/things", json=THING)

    assert answer.status_code == 503
    assert answer.json() == {"wrong": {"message": "Later."}}
    assert "503 is not declared for createThing" in served.lines[-1]


# Guards

GUARDED = """
def refuse(caller):
    raise Problem(403, "Not you.")

@handles("createThing", guard=refuse)
def create(request, store):
    raise AssertionError
"""


@pytest.mark.parametrize(
    ("query", "content_type", "content"),
    [
        pytest.param("", "application/json", b'{"id": 7, "name": "x"}', id="a good request"),
        pytest.param("?dry=perhaps", "application/json", b'{"id": 7, "name": "x"}', id="a bad query"),
        pytest.param("", "application/json", b"{", id="a broken body"),
        pytest.param("", "text/plain", b"", id="another media type"),
        pytest.param("", "application/json", b" " * 2_000_000, id="a body that is too large"),
    ],
)
def test_a_guard_refuses_the_caller_before_anything_else_is_looked_at(serve, query, content_type, content):
    served = serve(GUARDED)

    answer = served.api.post(f"/things{query}", content=content, headers={"Content-Type": content_type})

    assert answer.status_code == 403
    assert answer.json() == {"wrong": {"message": "Not you."}}


def test_a_guard_is_given_the_claims_of_the_token(tmp_path, serve):
    secured = CONTRACT.replace(
        "components:\n", "components:\n  securitySchemes: {key: {type: http, scheme: bearer}}\n"
    )
    secured = secured.replace("paths:\n", "security: [{key: []}]\npaths:\n", 1)
    (tmp_path / "fixtures" / "demo").mkdir(parents=True)
    (tmp_path / "fixtures" / "personas.yaml").write_text(
        "anna: {claims: {sub: a}}\nbert: {claims: {sub: b}}\n"
    )
    served = serve(
        """
def only_anna(caller):
    if caller["sub"] != "a":
        raise Problem(403, "You are " + caller["sub"])

@handles("listThings", guard=only_anna)
def list_things(request, store):
    return Response({"caller": request.caller["sub"]})
""",
        secured,
    )

    nobody, anna, bert = (served.api.get("/things", as_=persona) for persona in (None, "anna", "bert"))

    assert (nobody.status_code, anna.status_code, bert.status_code) == (401, 200, 403)
    assert anna.json() == {"caller": "a"}
    assert bert.json() == {"wrong": {"message": "You are b"}}


# Operations without a handler

UNHANDLED = """
openapi: 3.1.0
info: {title: Unhandled, version: '1'}
paths:
  /example:
    get:
      operationId: getExample
      responses:
        '404': {description: No., content: {application/json: {example: {no: true}}}}
        '200':
          description: Yes.
          content: {application/json: {examples: {first: {value: {yes: 1}}, second: {value: {yes: 2}}}}}
  /of-schema:
    get:
      operationId: getExampleOfSchema
      responses:
        2XX: {description: Yes., content: {application/json: {schema: {type: object, example: {yes: 3}}}}}
  /by-default:
    get:
      operationId: getDefault
      responses: {default: {description: Yes., content: {application/json: {example: {yes: 4}}}}}
  /empty:
    delete:
      operationId: deleteEmpty
      responses: {'204': {description: Gone., content: {application/json: {example: {never: sent}}}}}
  /nothing:
    get:
      operationId: getNothing
      responses:
        '200': {description: Yes., content: {application/json: {schema: {type: object}}}}
        '500': {description: No., content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
  /undeclared:
    get: {operationId: getUndeclared}
  /impossible:
    get:
      operationId: getImpossible
      responses:
        '200': {description: Yes., content: {application/json: {schema: {type: integer, enum: [a]}}}}
        '500': {description: No., content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}
  /anything:
    get:
      operationId: getAnything
      responses: {'200': {description: Yes., content: {'*/*': {schema: {type: object}, example: {yes: 5}}}}}
  /text:
    get:
      operationId: getText
      responses: {'200': {description: Yes., content: {'text/*': {example: yes}}}}
  /moved:
    get:
      operationId: getMoved
      responses: {'302': {description: Elsewhere.}}
components:
  schemas:
    Error: {type: object, required: [error], properties: {error: {type: string}}}
"""


@pytest.mark.parametrize(
    ("method", "path", "status", "media_type", "content"),
    [
        pytest.param("GET", "/example", 200, "application/json", b'{"yes":1}', id="the first of success"),
        pytest.param("GET", "/of-schema", 200, "application/json", b'{"yes":3}', id="that of the schema"),
        pytest.param("GET", "/by-default", 200, "application/json", b'{"yes":4}', id="that of the default"),
        pytest.param("DELETE", "/empty", 204, None, b"", id="204, which has no body whatever is written"),
        pytest.param("GET", "/anything", 200, "application/json", b'{"yes":5}', id="any media type"),
        pytest.param("GET", "/text", 200, "text/plain", b"yes", id="any text"),
        pytest.param("GET", "/moved", 302, None, b"", id="a redirect where there is no success"),
    ],
)
def test_an_operation_without_a_handler_answers_with_the_example(
    serve, method, path, status, media_type, content
):
    served = serve(contract=UNHANDLED)

    answer = served.api.request(method, path)

    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers.get("content-type") == media_type
    assert "from example" in served.lines[-1] or (content == b"" and "from contract" in served.lines[-1])


def test_the_log_says_whether_a_handler_or_an_example_answered_in_process_and_over_http(tmp_path):
    lines: list[str] = []
    handlers = handler("getNothing", "return Response({})")
    setup = prepared(tmp_path, handlers, UNHANDLED, lines)

    with in_process(setup) as api:
        api.get("/example")
        api.get("/nothing")
    with running(setup) as (mock, url), Api(mock, url) as api:
        api.get("/example")
        api.get("/nothing")

    told = [line.split("  ")[1:4] for line in lines]
    by_example = ["GET /example -> 200", "getExample", 'from example "first"']
    by_handler = ["GET /nothing -> 200", "getNothing", "from handler"]
    assert told == [by_example, by_handler, by_example, by_handler]


def test_an_operation_without_handler_and_example_answers_with_a_sample(serve):
    served = serve(contract=UNHANDLED)

    answer = served.api.get("/nothing")

    assert (answer.status_code, type(answer.json())) == (200, dict)
    assert "from sample" in served.lines[-1]


def test_an_operation_that_declares_no_response_has_one_without_a_body(serve):
    served = serve(contract=UNHANDLED)

    answer = served.api.get("/undeclared")

    assert (answer.status_code, answer.content) == (204, b"")
    assert "the contract declares no response" in served.lines[-1]


def test_501_has_the_shape_of_the_nearest_error_that_is_declared(serve):
    served = serve(contract=UNHANDLED)

    answer = served.api.get("/impossible")

    assert answer.status_code == 501
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]


def test_an_answer_without_a_body_leaves_the_connection_as_it_should_be(tmp_path):
    with running(prepared(tmp_path, "", UNHANDLED, [])) as (mock, url), Api(mock, url) as api:
        answers = [api.delete("/empty"), api.get("/moved"), api.delete("/empty"), api.get("/example")]

    assert [answer.status_code for answer in answers] == [204, 302, 204, 200]
    assert "content-length" not in answers[0].headers
    assert answers[-1].json() == {"yes": 1}
