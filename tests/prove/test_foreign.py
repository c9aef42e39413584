"""The prover on other contracts than ours: whoever is asked for, and whatever the document leaves out."""

from pathlib import Path

import pytest

from mockserver.prove.fuzz import Plan, fuzz
from mockserver.prove.report import Report
from mockserver.prove.told import describe
from mockserver.serve.assembly import Setup

CONTRACT = """
openapi: 3.1.0
info: {title: Foreign, version: "1"}
servers: [{url: "https://{host}.test/{version}/api", variables: {host: {default: a}, version: {default: v1}}}]
paths:
  /things/{thing_id}:
    get:
      SECURITY
      parameters: [{name: thing_id, in: path, required: true, schema: {type: integer, maximum: 1000}}]
      responses:
        "200": {description: It, content: {application/json: {schema: {type: string}, example: a thing}}}
        "422": {description: Not so}
        "401": {description: Who are you}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    password: {type: http, scheme: basic}
    digest: {type: http, scheme: digest}
    hoba: {type: http, scheme: HOBA}
    header: {type: apiKey, in: header, name: X-Key}
    other_header: {type: apiKey, in: header, name: X-Other-Key}
    query: {type: apiKey, in: query, name: key}
    cookie: {type: apiKey, in: cookie, name: session}
    oauth: {type: oauth2, flows: {implicit: {authorizationUrl: "http://a.test", scopes: {}}}}
    connect: {type: openIdConnect, openIdConnectUrl: "http://a.test/openid"}
    certificate: {type: mutualTLS}
"""

POST = """
openapi: 3.1.0
info: {title: Posts, version: "1"}
paths:
  /posts:
    post:
      operationId: post
      requestBody:
        required: true
        content: {MEDIA_TYPE: {schema: SCHEMA}}
      responses: RESPONSES
"""
OK = '{"200": {description: Done}}'
BOTH = '{"200": {description: Done}, "422": {description: Not so}, "415": {description: What is it}}'


def prove(folder: Path, text: str, handlers: str | None = None, **plan) -> Report:
    contract = folder / "foreign.yaml"
    contract.write_text(text, encoding="utf-8")
    return fuzz(Setup(contract=contract, handlers=handlers), Plan(max_examples=4, **plan), lambda _: None)


def posts(schema: str, responses: str = OK, media_type: str = "application/json") -> str:
    return POST.replace("MEDIA_TYPE", media_type).replace("SCHEMA", schema).replace("RESPONSES", responses)


@pytest.mark.parametrize(
    "security",
    [
        "[]",
        "[{}]",
        "[{token: []}]",
        "[{}, {token: []}]",
        "[{password: []}]",
        "[{digest: []}]",
        "[{hoba: []}]",
        "[{header: []}]",
        "[{query: []}]",
        "[{cookie: []}]",
        "[{header: [], other_header: []}]",
        "[{oauth: [read, write]}]",
        "[{connect: [read]}]",
        "[{certificate: []}]",
        "[{token: [], query: []}, {cookie: []}]",
        "[{query: []}, {oauth: [write]}]",
    ],
)
def test_whoever_is_asked_for_is_made_up(tmp_path, security):
    report = prove(tmp_path, CONTRACT.replace("SECURITY", f"security: {security}"))

    tally = report.tallies["get /things/{thing_id}"]
    assert report.ok, "\n".join(describe(report))
    assert tally.answers[200] > 0
    assert 403 not in tally.answers


def test_a_contract_that_says_nothing_of_security_is_asked_without(tmp_path):
    report = prove(tmp_path, CONTRACT.replace("SECURITY", "summary: Get it"))

    assert report.ok, "\n".join(describe(report))


def test_schemes_that_share_a_header_are_each_sent_where_they_are_asked_for(tmp_path):
    one = CONTRACT.replace("SECURITY", "security: [{token: []}]")
    path, end = one.index("  /things"), one.index("components:")
    other = one[path:end].replace("/things", "/others").replace("token: []", "password: []")

    report = prove(tmp_path, one[:end] + other + one[end:])

    assert report.ok, "\n".join(describe(report))
    assert all(report.tallies[f"get /{name}/{{thing_id}}"].answers[200] > 0 for name in ("things", "others"))


def test_a_refusal_that_the_contract_does_not_declare_is_its_gap(tmp_path):
    report = prove(tmp_path, posts("{type: object, required: [a], properties: {a: {type: integer}}}"))

    told = "\n".join(describe(report))
    assert report.ok, told
    assert "status_code_conformance of 422, which has to be answered and is not declared" in told
    assert ["post"] in [excluded.operations for excluded in report.excluded]


def test_of_an_operation_with_a_handler_every_status_is_to_be_declared(tmp_path):
    handlers = tmp_path / "handlers.py"
    handlers.write_text(
        "from mockserver.respond.exchange import Response\n"
        "from mockserver.respond.marks import handles\n"
        '@handles("post")\n'
        "def post(request, store):\n"
        "    return Response(None)\n"
    )

    report = prove(tmp_path, posts("{type: object, required: [a]}"), str(handlers))

    assert {finding.check for finding in report.findings} == {"status_code_conformance"}


def test_400_for_a_declared_422_is_no_gap(tmp_path):
    handlers = tmp_path / "handlers.py"
    handlers.write_text(
        "from mockserver.respond.marks import handles\n"
        "from mockserver.respond.problems import Problem\n"
        '@handles("post")\n'
        "def post(request, store):\n"
        "    raise Problem(400, 'no')\n"
    )

    report = prove(tmp_path, posts("{type: object}", BOTH), str(handlers))

    assert "status_code_conformance" in {finding.check for finding in report.findings}


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param("{type: object, properties: {n: {type: integer, example: many}}}", id="of a property"),
        pytest.param("{type: object, required: [n], example: {m: 1}}", id="of the whole"),
        pytest.param(
            "{type: object, required: [n], properties: {n: {allOf: [{type: string, examples: [3]}]}}}",
            id="inside allOf",
        ),
        pytest.param("{type: object, properties: {n: {type: integer, default: none}}}", id="a default"),
    ],
)
def test_an_example_that_breaks_its_schema_is_not_held_against_the_mock(tmp_path, schema):
    report = prove(tmp_path, posts(schema, BOTH))

    told = "\n".join(describe(report))
    assert report.ok, told


def test_a_schema_that_no_value_fits_is_told_and_no_failure(tmp_path):
    report = prove(tmp_path, posts("{allOf: [{type: string}, {type: integer}]}", BOTH), phases=("fuzzing",))

    assert not report.findings
    assert "a schema that no value fits" in report.notes[0]


def test_a_header_parameter_that_openapi_ignores_is_not_insisted_on(tmp_path):
    text = posts("{type: object}", BOTH).replace(
        "operationId: post",
        "operationId: post\n"
        "      parameters: [{name: Authorization, in: header, required: true, schema: {type: string}}]",
    )

    assert prove(tmp_path, text).ok


def test_nullable_says_nothing_in_3_1_but_may_be_a_name(tmp_path):
    schema = "{type: object, required: [nullable], properties: {nullable: {type: integer, nullable: true}}}"

    report = prove(tmp_path, posts(schema, BOTH))

    assert report.ok, "\n".join(describe(report))


def test_a_path_that_cannot_be_asked_for_is_left_out_in_words(tmp_path):
    report = prove(tmp_path, posts("{type: object}", BOTH).replace("  /posts:", '  "/posts#fast":'))

    assert report.requests == 0
    assert report.notes == ["Not asked: post; no request can have its path as the document writes it."]


def test_a_form_does_not_show_that_a_text_was_meant_as_another_type(tmp_path):
    schema = "{type: object, required: [n], properties: {n: {type: array, items: {type: string}}}}"

    report = prove(tmp_path, posts(schema, BOTH, "application/x-www-form-urlencoded"), phases=("coverage",))

    assert any("where everything is text" in excluded.situation for excluded in report.excluded)
    assert "Incorrect type" not in "\n".join(describe(report))


def test_an_operation_that_declares_no_success_is_not_expected_to_succeed(tmp_path):
    text = posts("{type: object}", '{"422": {description: Not so}, "409": {description: Taken}}')

    report = prove(tmp_path, text.replace("    post:", "    delete:"), phases=("fuzzing",))

    assert "positive_data_acceptance" not in {finding.check for finding in report.findings}
    assert report.complaints == []


def test_an_empty_list_in_a_form_cannot_be_told_from_none(tmp_path):
    schema = "{type: object, required: [n], properties: {n: {type: array, maxItems: 0}}}"

    report = prove(tmp_path, posts(schema, BOTH, "application/x-www-form-urlencoded"))

    assert "positive_data_acceptance" not in {finding.check for finding in report.findings}
