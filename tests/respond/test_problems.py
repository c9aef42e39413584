"""A problem is written in the shape that the contract declares for it, whatever that shape is."""

import itertools
from typing import Any

import pytest

from mockserver.contract.operation import Contract, read_operations
from mockserver.contract.violation import Violation
from mockserver.respond.problem_writer import ProblemWriter, Written
from mockserver.respond.problems import Facts, Problem

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}

SENTENCE = "There is no such group."
NO_INTEGER = "Input should be a valid integer, unable to parse string as an integer"
NAME_IS_MISSING = Violation(("body", "name"), "required", "name", {}, '"name" is required')
PAGE_IS_NO_INTEGER = Violation(("query", "page"), "type", ("integer",), "x", '"x" is not an integer')
BOTH = (NAME_IS_MISSING, PAGE_IS_NO_INTEGER)


def thing(required: str = "", **properties: Any) -> dict[str, Any]:
    """Give the schema of an object without further properties."""
    names = required.split()
    return {"type": "object", "additionalProperties": False, "required": names, "properties": properties}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


FASTAPI = thing(
    detail=array(
        {
            "type": "object",
            "required": ["loc", "msg", "type"],
            "properties": {"loc": array({"anyOf": [TEXT, INTEGER]}), "msg": TEXT, "type": TEXT},
        }
    )
)


def contract(responses: dict[str, Any], dialect: Any = "3.1", **schemas: Any) -> Contract:
    data = {"paths": {"/groups": {"get": {"responses": responses}}}, "components": {"schemas": schemas}}
    return Contract("test.yaml", b"", data, dialect, "", tuple(read_operations(data)))


def declared(schema: Any = None, media_type: str = "application/json", **more: Any) -> dict[str, Any]:
    content = more if schema is None else {"schema": schema, **more}
    return {"description": "What is wrong.", "content": {media_type: content}}


def write(responses: dict[str, Any], problem: Problem, dialect: str = "3.1", **schemas: Any) -> Written:
    """Write a problem of an operation with these responses."""
    made = contract(responses, dialect, **schemas)
    return ProblemWriter(made).write(
        problem, made.operations[0], request_id="req_1", path="/groups/5", now="2026-01-01T00:00:00Z"
    )


def body(schema: Any, status: int = 404, violations: Any = (), **more: Any) -> Any:
    """Write a problem in a schema that is declared for its status, and give its body."""
    written = write({str(status): declared(schema)}, Problem(status, SENTENCE, violations=violations), **more)
    assert (written.media_type, written.declared) == ("application/json", True)
    return written.body


# Shapes of one sentence


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param(thing(detail=TEXT), {"detail": SENTENCE}, id="FastAPI's"),
        pytest.param(thing(message=TEXT), {"message": SENTENCE}, id="a message"),
        pytest.param(thing(error=TEXT), {"error": SENTENCE}, id="an error that is a text"),
        pytest.param(
            thing(error=TEXT, message=TEXT),
            {"error": "not_found", "message": SENTENCE},
            id="an error that is a code, beside a message",
        ),
        pytest.param(
            thing(error=TEXT, error_description=TEXT),
            {"error": "not_found", "error_description": SENTENCE},
            id="OAuth's",
        ),
        pytest.param(
            thing(message=TEXT, code=INTEGER),
            {"message": SENTENCE, "code": 404},
            id="a code that is a number",
        ),
        pytest.param(
            thing(message=TEXT, code=TEXT), {"message": SENTENCE, "code": "not_found"}, id="a code in words"
        ),
        pytest.param(
            thing(msg=TEXT, statusCode=TEXT),
            {"msg": SENTENCE, "statusCode": "404"},
            id="a status that is text",
        ),
        pytest.param(
            thing("error", error=thing("code message", code=TEXT, message=TEXT, request_id=TEXT)),
            {"error": {"code": "not_found", "message": SENTENCE, "request_id": "req_1"}},
            id="an envelope",
        ),
        pytest.param(
            thing(error=thing(error=thing(error=thing(message=TEXT)))),
            {"error": {"error": {"error": {"message": SENTENCE}}}},
            id="envelopes within envelopes",
        ),
        pytest.param(
            thing(
                type={"type": "string", "format": "uri-reference"},
                title=TEXT,
                status=INTEGER,
                detail=TEXT,
                instance={"type": "string", "format": "uri-reference"},
            ),
            {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "detail": SENTENCE,
                "instance": "/groups/5",
            },
            id="RFC 9457",
        ),
        pytest.param(
            thing(type={"type": "string", "format": "uri"}, instance={"type": "string", "format": "uri"}),
            {"type": "about:blank", "instance": "about:blank"},
            id="RFC 9457 with absolute addresses",
        ),
        pytest.param(
            thing(
                timestamp={"type": "string", "format": "date-time"},
                status=INTEGER,
                message=TEXT,
                path=TEXT,
                trace=TEXT,
            ),
            {"timestamp": "2026-01-01T00:00:00Z", "status": 404, "message": SENTENCE, "path": "/groups/5"},
            id="Spring's",
        ),
        pytest.param(
            thing("success message", success={"type": "boolean"}, message=TEXT),
            {"success": False, "message": SENTENCE},
            id="a verdict",
        ),
        pytest.param(
            thing("data error", data={"type": "null"}, error=thing(message=TEXT)),
            {"data": None, "error": {"message": SENTENCE}},
            id="no data",
        ),
        pytest.param(
            thing(errors=array(thing(status=TEXT, title=TEXT, detail=TEXT))),
            {"errors": [{"status": "404", "title": "Not Found", "detail": SENTENCE}]},
            id="JSON:API",
        ),
        pytest.param(thing(errors=array(TEXT)), {"errors": [SENTENCE]}, id="a list of texts"),
        pytest.param(array(TEXT), [SENTENCE], id="nothing but a list of texts"),
        pytest.param(TEXT, SENTENCE, id="nothing but a text"),
        pytest.param(
            thing(message=TEXT, errors=array(thing(field=TEXT, message=TEXT))),
            {"message": SENTENCE},
            id="a list for violations, of which there are none",
        ),
        pytest.param(thing(kind={"const": "gone"}), {"kind": "gone"}, id="a constant"),
        pytest.param(
            {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"code": INTEGER}}]},
            {"message": SENTENCE, "code": 404},
            id="allOf",
        ),
        pytest.param(
            thing(error={"allOf": [{"$ref": "#/components/schemas/Base"}]}),
            {"error": {"message": SENTENCE}},
            id="allOf inside",
        ),
        pytest.param(
            thing(message={"anyOf": [TEXT, {"type": "null"}]}, code={"type": ["integer", "null"]}),
            {"message": SENTENCE, "code": 404},
            id="what may be null",
        ),
        pytest.param(
            {
                "oneOf": [
                    thing("errors", errors=FASTAPI["properties"]["detail"]),
                    thing("message", message=TEXT),
                ]
            },
            {"message": SENTENCE},
            id="the branch that fits",
        ),
        pytest.param(
            {"anyOf": [thing(code=INTEGER), thing(code=INTEGER, message=TEXT)]},
            {"code": 404, "message": SENTENCE},
            id="the branch that tells most",
        ),
        pytest.param(
            thing(detail={"anyOf": [array(TEXT), TEXT]}), {"detail": SENTENCE}, id="a text or a list of texts"
        ),
        pytest.param({"$ref": "#/components/schemas/Base"}, {"message": SENTENCE}, id="a reference"),
    ],
)
def test_every_field_is_filled_by_what_its_name_means(schema, expected):
    assert body(schema, Base={"type": "object", "properties": {"message": TEXT}}) == expected


def test_openapi_3_0_says_nullable_in_its_own_way():
    schema = thing(
        "data",
        data={"type": "object", "nullable": True},
        error={"allOf": [{"$ref": "#/components/schemas/Base"}], "nullable": True},
    )

    found = body(schema, dialect="3.0", Base={"type": "object", "properties": {"message": TEXT}})

    assert found == {"data": None, "error": {"message": SENTENCE}}


@pytest.mark.parametrize(
    ("status", "options", "expected"),
    [
        (404, ["NOT_FOUND", "FORBIDDEN"], "NOT_FOUND"),
        (404, ["forbidden", "not_found"], "not_found"),
        (404, ["Forbidden", "NotFound"], "NotFound"),
        (404, ["forbidden", "not-found"], "not-found"),
        (404, ["Forbidden", "Not Found"], "Not Found"),
        (404, ["403", "404"], "404"),
        (422, ["forbidden", "bad_request"], "bad_request"),
        (503, ["bad_request", "internal_error"], "internal_error"),
        (413, ["payload_too_large", "bad_request"], "payload_too_large"),
        (404, ["oops", "ouch"], "oops"),
    ],
)
def test_of_the_codes_in_an_enum_the_one_that_means_the_status_is_taken(status, options, expected):
    assert body(thing(code={"type": "string", "enum": options}), status) == {"code": expected}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param({"type": "string", "pattern": "^[A-Z_]+$"}, "NOT_FOUND", id="capitals"),
        pytest.param({"type": "string", "pattern": "^[0-9]{3}$"}, "404", id="digits"),
        pytest.param({"type": "string", "pattern": "^[a-z-]+$"}, "not-found", id="dashes"),
    ],
)
def test_a_code_is_written_as_its_pattern_has_it(field, expected):
    assert body(thing("code", code=field)) == {"code": expected}


def test_a_sentence_is_cut_where_the_schema_has_no_room_for_it():
    assert body(thing(message={"type": "string", "maxLength": 8})) == {"message": "There is"}


# Shapes of violations


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        pytest.param(
            FASTAPI,
            {
                "detail": [
                    {"type": "missing", "loc": ["body", "name"], "msg": "Field required", "input": {}},
                    {
                        "type": "int_parsing",
                        "loc": ["query", "page"],
                        "msg": NO_INTEGER,
                        "input": "x",
                    },
                ]
            },
            id="FastAPI's",
        ),
        pytest.param(
            thing(message=TEXT, errors=array(thing(field=TEXT, code=TEXT))),
            {
                "message": SENTENCE,
                "errors": [{"field": "name", "code": "missing"}, {"field": "page", "code": "int_parsing"}],
            },
            id="fields and codes",
        ),
        pytest.param(
            thing(errors=array(thing("field in", field=TEXT, **{"in": {"enum": ["body", "query"]}}))),
            {"errors": [{"field": "name", "in": "body"}, {"field": "page", "in": "query"}]},
            id="fields and where they are",
        ),
        pytest.param(
            thing(violations=array(thing(path=array(TEXT), rejectedValue={}))),
            {
                "violations": [
                    {"path": ["name"], "rejectedValue": {}},
                    {"path": ["page"], "rejectedValue": "x"},
                ]
            },
            id="paths and values",
        ),
        pytest.param(
            thing(errors=array(thing(status=TEXT, source=thing(pointer=TEXT)))),
            {
                "errors": [
                    {"status": "422", "source": {"pointer": "/name"}},
                    {"status": "422", "source": {"pointer": "/page"}},
                ]
            },
            id="JSON:API",
        ),
        pytest.param(
            thing(error=thing(details=array(thing("message help", message=TEXT, help=TEXT)))),
            {
                "error": {
                    "details": [
                        {"message": "Field required", "help": ""},
                        {
                            "message": NO_INTEGER,
                            "help": "",
                        },
                    ]
                }
            },
            id="in an envelope, with a field that nobody knows",
        ),
        pytest.param(
            thing(errors=array(TEXT)),
            {
                "errors": [
                    "body.name: Field required",
                    f"query.page: {NO_INTEGER}",
                ]
            },
            id="texts",
        ),
        pytest.param(
            array(thing(field=TEXT)), [{"field": "name"}, {"field": "page"}], id="nothing but a list"
        ),
        pytest.param(thing(message=TEXT), {"message": SENTENCE}, id="no place for more than a sentence"),
        pytest.param(
            {"oneOf": [thing("message", message=TEXT), thing("errors", errors=array(thing(field=TEXT)))]},
            {"errors": [{"field": "name"}, {"field": "page"}]},
            id="the branch that tells most",
        ),
        pytest.param(
            thing(detail={"anyOf": [TEXT, array(thing(field=TEXT))]}),
            {"detail": [{"field": "name"}, {"field": "page"}]},
            id="a text or a list",
        ),
    ],
)
def test_every_violation_is_told_where_the_shape_has_a_place_for_it(schema, expected):
    found = body(schema, 422, BOTH)

    if schema is FASTAPI:
        for error in found["detail"]:
            error.pop("ctx", None)
    assert found == expected


def test_a_422_of_a_handler_is_told_in_the_list_if_there_is_no_other_place():
    found = body(FASTAPI, 422)

    assert [(error["loc"], error["msg"]) for error in found["detail"]] == [(["body"], SENTENCE)]


# What cannot be filled


@pytest.mark.parametrize(
    "unknown",
    [
        TEXT,
        INTEGER,
        {"type": "number", "minimum": 5},
        {"type": "boolean"},
        {"type": "array", "items": TEXT, "minItems": 2},
        {"type": "array", "items": TEXT},
        {"type": "string", "format": "uuid"},
        {"type": "string", "format": "date"},
        {"type": "string", "format": "email"},
        {"type": "string", "minLength": 5},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "string", "default": "x", "pattern": "x"},
        {"type": ["object", "null"]},
        {"oneOf": [INTEGER, TEXT]},
        {"$ref": "#/components/schemas/Deep"},
        {"allOf": [{"$ref": "#/components/schemas/Deep"}]},
        {},
        True,
    ],
    ids=str,
)
def test_what_is_required_and_unknown_is_left_as_blank_as_it_may_be(unknown):
    deep = thing("a", a=thing("b", b=thing("c", c=INTEGER)))

    found = body(thing("message xyz", message=TEXT, xyz=unknown), Deep=deep)

    assert found["message"] == SENTENCE
    assert "xyz" in found


def test_what_a_schema_names_but_does_not_require_is_left_out():
    assert body(thing(message=TEXT, help=TEXT, retries=INTEGER)) == {"message": SENTENCE}


def test_an_example_fills_what_the_facts_do_not():
    schema = thing("message vendor", message=TEXT, vendor={"type": "string", "pattern": "^acme-[0-9]$"})
    example = {"message": "Whatever.", "vendor": "acme-7"}

    written = write({"404": declared(schema, example=example)}, Problem(404, SENTENCE))

    assert written == Written({"message": SENTENCE, "vendor": "acme-7"}, "application/json", True)


def test_an_example_is_sent_as_it_is_if_no_fact_fits_the_shape():
    schema = {"type": "object", "required": ["vendor"], "properties": {"vendor": {"pattern": "^acme-[0-9]$"}}}

    written = write({"404": declared(schema, example={"vendor": "acme-7"})}, Problem(404, SENTENCE))

    assert written == Written({"vendor": "acme-7"}, "application/json", True)


def test_an_example_without_a_schema_shows_the_shape():
    example = {"ok": False, "error": {"code": 1, "message": "Whatever.", "hints": ["try"]}}

    written = write({"404": declared(example=example)}, Problem(404, SENTENCE))

    error = {"code": 404, "message": SENTENCE, "hints": ["try"]}
    assert written == Written({"ok": False, "error": error}, "application/json", True)


@pytest.mark.parametrize("schema", [None, {}, True, {"type": "object"}], ids=str)
def test_rfc_9457_fills_a_shape_that_nobody_described(schema):
    written = write({"404": declared(schema)}, Problem(404, SENTENCE))

    assert (written.media_type, written.declared) == ("application/json", True)
    assert (written.body["status"], written.body["detail"]) == (404, SENTENCE)


def test_a_schema_that_nothing_satisfies_gives_way_to_rfc_9457():
    written = write({"404": declared(thing("a", a=False))}, Problem(404, SENTENCE))

    assert (written.media_type, written.declared) == ("application/problem+json", False)
    assert written.body["detail"] == SENTENCE


def test_a_shape_that_contains_itself_comes_to_an_end():
    node = thing("message", message=TEXT, error={"$ref": "#/components/schemas/Node"})
    node["properties"]["errors"] = array({"$ref": "#/components/schemas/Node"})

    found = body({"$ref": "#/components/schemas/Node"}, 422, BOTH, Node=node)

    assert found["message"] == found["error"]["message"] == SENTENCE


# Media types


def test_a_status_without_content_has_no_body():
    written = write({"404": {"description": "No."}}, Problem(404, SENTENCE))

    assert (written.body, written.content(), written.declared) == (None, b"", True)


@pytest.mark.parametrize(
    ("media_type", "sent_as", "content"),
    [
        ("text/plain", "text/plain", b"<b> & <i>"),
        ("text/plain; charset=utf-8", "text/plain; charset=utf-8", b"<b> & <i>"),
        ("text/*", "text/plain", b"<b> & <i>"),
        ("text/html", "text/html", b"<p>&lt;b&gt; &amp; &lt;i&gt;</p>"),
    ],
)
def test_a_text_is_the_sentence_which_no_browser_takes_for_markup(media_type, sent_as, content):
    written = write({"404": declared(TEXT, media_type)}, Problem(404, "<b> & <i>"))

    assert (written.media_type, written.content(), written.declared) == (sent_as, content, True)


@pytest.mark.parametrize(
    ("media_type", "sent_as"),
    [
        ("application/problem+json", "application/problem+json"),
        ("application/vnd.api+json", "application/vnd.api+json"),
        ("application/json; charset=utf-8", "application/json; charset=utf-8"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
    ],
)
def test_every_media_type_of_json_is_filled(media_type, sent_as):
    written = write({"404": declared(thing(message=TEXT), media_type)}, Problem(404, SENTENCE))

    assert written == Written({"message": SENTENCE}, sent_as, True)


def test_json_is_preferred_where_there_is_a_choice():
    response = declared(TEXT, "text/plain")
    response["content"] |= declared(thing(message=TEXT), "application/problem+json")["content"]

    written = write({"404": response}, Problem(404, SENTENCE))

    assert written == Written({"message": SENTENCE}, "application/problem+json", True)


@pytest.mark.parametrize("media_type", ["application/xml", "image/png", "application/octet-stream"])
def test_a_media_type_that_we_cannot_write_gives_way_to_rfc_9457(media_type):
    written = write({"404": declared(TEXT, media_type)}, Problem(404, SENTENCE))

    assert (written.media_type, written.declared) == ("application/problem+json", False)


# Statuses that are not declared


@pytest.mark.parametrize(
    ("status", "nearest"),
    [
        pytest.param(404, "403", id="below"),
        pytest.param(407, "409", id="as near as can be"),
        pytest.param(418, "409", id="above"),
        pytest.param(503, "500", id="an error of the server"),
        pytest.param(429, "409", id="validation errors come last"),
    ],
)
def test_a_status_that_is_not_declared_takes_the_nearest_shape(status, nearest):
    shapes = {each: declared(thing(error={"const": each})) for each in ("500", "403", "409", "422")}
    shapes["200"] = declared(thing(error={"const": "200"}))

    written = write(shapes, Problem(status, SENTENCE))

    assert written == Written({"error": nearest}, "application/json", False)


def test_a_range_and_the_default_declare_their_statuses():
    shapes = {"4XX": declared(thing(detail=TEXT)), "default": declared(thing(message=TEXT))}

    assert write(shapes, Problem(404, SENTENCE)) == Written({"detail": SENTENCE}, "application/json", True)
    assert write(shapes, Problem(503, SENTENCE)) == Written({"message": SENTENCE}, "application/json", True)


def test_a_list_of_violations_is_no_shape_for_a_problem_that_has_none():
    written = write({"422": declared(FASTAPI)}, Problem(404, SENTENCE))

    assert (written.media_type, written.body["detail"]) == ("application/problem+json", SENTENCE)


def test_a_path_that_the_contract_lacks_speaks_rfc_9457():
    writer = ProblemWriter(contract({"404": declared(thing(message=TEXT))}))

    written = writer.write(Problem(404, SENTENCE), None, request_id="req_1", path="/x", now="")

    assert written.media_type == "application/problem+json"
    assert written.body == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": SENTENCE,
        "instance": "/x",
        "request_id": "req_1",
    }


def test_rfc_9457_has_the_violations_too():
    written = write({"200": {"description": "Yes."}}, Problem(422, SENTENCE, violations=BOTH))

    assert [error["loc"] for error in written.body["errors"]] == [["body", "name"], ["query", "page"]]


@pytest.mark.parametrize("status", [299, 499, 599, 799])
def test_a_status_that_http_does_not_know_has_a_title_all_the_same(status):
    assert write({}, Problem(status, SENTENCE)).body["title"] == "Error"


def test_whatever_is_declared_what_is_written_keeps_it():
    fields = [
        TEXT,
        INTEGER,
        {"type": "boolean"},
        array(TEXT),
        thing(message=TEXT),
        {"anyOf": [INTEGER, TEXT]},
    ]
    names = ["message", "error", "errors", "status", "code", "other"]
    problems = [Problem(404, SENTENCE), Problem(422, SENTENCE, violations=BOTH), Problem(500, "")]

    for name, field, other, problem in itertools.product(names, fields, fields, problems):
        schema = thing(f"{name} data", **{name: field, "data": other})
        made = contract({"default": declared(schema)})
        written = ProblemWriter(made).write(
            problem, made.operations[0], request_id="req_1", path="/groups", now="2026-01-01T00:00:00Z"
        )
        pointer = made.operations[0].responses["default"].content["application/json"].pointer

        assert written.declared, (schema, problem)
        assert made.schemas.at(pointer or "", "response").violations(written.body) == []


@pytest.mark.parametrize(
    ("path", "written"),
    [
        pytest.param("/groups/a:b@c,d", "/groups/a:b@c,d", id="as it is"),
        pytest.param("/groups/a b", "/groups/a%20b", id="a space"),
        pytest.param("/groups/\xe9\x00?#%", "/groups/%C3%A9%00%3F%23%25", id="what no path may have"),
    ],
)
def test_the_path_of_a_problem_is_a_uri_reference(path, written):
    body = Facts(Problem(404, SENTENCE), "req_1", path, "").as_rfc_9457()

    assert body["instance"] == written
