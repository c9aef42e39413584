"""A contract with defects is served as well as it can be."""

from pathlib import Path

import pytest

from mockserver.contract.loading.document import ContractError
from mockserver.errors import MockServerError
from mockserver.serve.assembly import Setup, assemble
from tests.conftest import Api, in_process

HEAD = "openapi: 3.0.3\ninfo: {title: Things, version: '1'}\n"
OK = "{'200': {description: x, content: {application/json: {example: here}}}}"


def written(folder: Path, text: str, name: str = "openapi.yaml") -> Path:
    path = folder / name
    path.write_text(HEAD + text, encoding="utf-8")
    return path


def served(folder: Path, text: str, **options: object) -> Api:
    return in_process(Setup(contract=written(folder, text), auth="off", **options))


def defects(api: Api) -> list[str]:
    return [str(defect) for defect in api.mock.parts.contract.defects]


def test_paths_that_differ_in_a_name_are_one_path_with_the_methods_of_both(tmp_path):
    text = f"""paths:
  /a/{{id}}/b/{{n}}: {{get: {{responses: {OK}}}}}
  /a/{{name}}/b/{{m}}:
    parameters: [{{name: name, in: path, required: true, schema: {{type: integer}}}}]
    put: {{responses: {OK}}}
    get: {{responses: {OK}}}
"""

    with served(tmp_path, text) as api:
        statuses = [api.get("/a/x/b/1").status_code, api.put("/a/5/b/x").status_code]
        wrong = api.put("/a/x/b/1")
        allow = api.delete("/a/1/b/2").headers["Allow"]

    assert statuses == [200, 200]
    assert wrong.status_code == 422
    assert "name" in wrong.text
    assert allow == "GET, HEAD, OPTIONS, PUT"
    assert any("takes GET too, and comes first; this operation is left out" in each for each in defects(api))


def test_a_path_parameter_that_is_not_declared_is_a_text(tmp_path):
    with served(tmp_path, f"paths: {{'/a/{{id}}': {{get: {{responses: {OK}}}}}}}") as api:
        answered = api.get("/a/5")

    (parameter,) = api.mock.parts.contract.operations[0].parameters
    assert answered.status_code == 200
    assert (parameter.name, parameter.location, parameter.pointer) == ("id", "path", None)
    assert len(defects(api)) == 1


def test_a_taken_operation_id_is_replaced_by_method_and_path(tmp_path):
    operation = f"{{operationId: a, responses: {OK}}}"

    with served(tmp_path, f"paths: {{/a: {{get: {operation}, put: {operation}}}}}") as api:
        statuses = [api.get("/a").status_code, api.put("/a").status_code]

    assert list(api.mock.parts.contract.by_id) == ["a", "put /a"]
    assert statuses == [200, 200]


@pytest.mark.parametrize(
    "name", ["a.b", "a-b", "a/b", "a b", "{a}", "é", "0", "access-0", "a#b?c"], ids=lambda name: name
)
def test_an_operation_id_may_be_any_text(tmp_path, name):
    with served(tmp_path, f"paths: {{/a: {{get: {{operationId: '{name}', responses: {OK}}}}}}}") as api:
        assert api.get("/a").json() == "here"


@pytest.mark.parametrize(
    ("path", "request_path"),
    [
        ("/files/{id}:copy", "/files/1:copy"),
        ("/{a}.{b}", "/name.txt"),
        ("/{a}{b}", "/ab"),
        ("/a:b", "/a:b"),
        ("/a/{b", "/a/%7Bb"),
        ("/a/{}", "/a/%7B%7D"),
        ("/a/{id}/", "/a/1/"),
        ("/a b/{c d}", "/a%20b/1"),
        ("/a#fragment", "/a"),
        ("/a?b=c", "/a?b=c"),
        ("a", "/a"),
    ],
)
def test_a_path_may_be_written_in_many_ways(tmp_path, path, request_path):
    with served(tmp_path, f"paths: {{'{path}': {{get: {{responses: {OK}}}}}}}") as api:
        assert api.get(request_path).status_code == 200


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ("{type: int}", "5", "x"),
        ("{type: integer, minimum: '3'}", "5", "1"),
        ("{type: integer, required: true}", "5", "x"),
        ("{type: string, maxLength: '2'}", "ab", "abc"),
        ("{type: nonsense, enum: [a]}", "a", "b"),
        ("{type: string, enum: a}", "a", "b"),
        ("{type: string, maxLength: 2, pattern: '('}", "ab", "abc"),
        ("{type: string, maxLength: 2, title: 5, description: null, examples: {a: 1}}", "ab", "abc"),
        ("{allOf: [{$ref: '#/components/schemas/None'}, {type: integer}]}", "5", "x"),
        ("{anyOf: [], type: integer}", "5", "x"),
    ],
)
def test_a_keyword_that_cannot_be_read_does_not_spoil_the_others(tmp_path, schema, good, bad):
    parameters = f"[{{name: q, in: query, schema: {schema}}}]"
    text = f"paths: {{/a: {{get: {{parameters: {parameters}, responses: {OK}}}}}}}"

    with served(tmp_path, text) as api:
        statuses = [api.get("/a", params={"q": value}).status_code for value in (good, bad)]

    assert statuses == [200, 422]


def test_a_schema_that_cannot_be_compiled_is_told_with_its_line_at_the_first_request(tmp_path, capsys):
    schema = "{type: string, pattern: '('}"
    text = f"paths:\n  /a:\n    get:\n      parameters:\n        - {{name: q, in: query, schema: {schema}}}\n"
    lines: list[str] = []

    with served(tmp_path, f"{text}      responses: {OK}\n", write_line=lines.append) as api:
        api.get("/a")
        api.get("/a")

    told = capsys.readouterr().err
    assert told.count("openapi.yaml:7  paths./a.get.parameters.0.schema") == 1
    assert "openapi.yaml:7" in lines[0]


def test_an_operation_that_is_none_is_left_out_and_the_others_are_served(tmp_path):
    with served(tmp_path, f"paths: {{/a: {{get: text, put: {{responses: {OK}}}}}}}") as api:
        statuses = [api.get("/a").status_code, api.put("/a").status_code]

    assert statuses == [405, 200]
    assert defects(api) == ['openapi.yaml:3  paths./a.get: is "text"; it should be a mapping.']


def test_a_requirement_that_is_misshapen_leaves_nothing_open(tmp_path):
    scheme = "components: {securitySchemes: {token: {type: http, scheme: bearer}}}\n"
    text = f"{scheme}paths: {{/a: {{get: {{security: [token], responses: {OK}}}}}}}"

    with in_process(Setup(contract=written(tmp_path, text))) as api:
        refused = api.get("/a")

    assert refused.status_code == 401


def test_servers_of_one_operation_are_honoured(tmp_path):
    servers = "[{url: 'https://upload.example/{v}/up', variables: {v: {default: two}}}]"
    text = f"servers: [{{url: /v1}}]\npaths: {{/a: {{servers: {servers}, get: {{responses: {OK}}}}}}}"

    with served(tmp_path, text) as api:
        assert [api.get(path).status_code for path in ("/v1/a", "/two/up/a", "/a")] == [200, 200, 404]


def test_additional_methods_of_3_2_are_served(tmp_path):
    text = (
        f"paths: {{/a: {{query: {{responses: {OK}}}, additionalOperations: {{LINK: {{responses: {OK}}}}}}}}}"
    )
    path = written(tmp_path, text)
    path.write_text(path.read_text().replace("3.0.3", "3.2.0"))

    with in_process(Setup(contract=path)) as api:
        statuses = [api.request(method, "/a").status_code for method in ("QUERY", "LINK", "GET")]

    assert statuses == [200, 200, 405]


def test_what_is_not_understood_of_3_2_is_named(tmp_path):
    parameters = "[{name: q, in: querystring, content: {text/plain: {}}}]"
    content = "{application/jsonl: {itemSchema: {type: string}}}"
    text = (
        f"paths: {{/a: {{get: {{parameters: {parameters}, responses: {{'200': {{content: {content}}}}}}}}}}}"
    )
    path = written(tmp_path, text)
    path.write_text(path.read_text().replace("3.0.3", "3.2.0"))

    with in_process(Setup(contract=path)) as api:
        told = " ".join(defects(api))

    assert "in: querystring is not understood" in told
    assert "itemSchema is not understood" in told


def test_a_strict_mock_refuses_what_another_names(tmp_path):
    path = written(tmp_path, f"paths: {{'/a/{{id}}': {{get: {{responses: {OK}}}}}}}")

    with pytest.raises(ContractError, match='path parameter "id" is not declared'):
        assemble(Setup(contract=path, is_strict=True))


def test_a_document_with_webhooks_alone_is_refused_in_words(tmp_path):
    path = written(tmp_path, "webhooks: {new: {post: {responses: {}}}}")

    with pytest.raises(MockServerError, match="nothing to serve; its webhooks are sent by the API"):
        assemble(Setup(contract=path))


@pytest.mark.parametrize(("prefix", "path"), [("/v2", "/v2/a"), ("", "/a")])
def test_a_prefix_takes_the_place_of_the_base_path(tmp_path, prefix, path):
    text = f"servers: [{{url: https://api.example/v1}}]\npaths: {{/a: {{get: {{responses: {OK}}}}}}}"

    with served(tmp_path, text, prefix=prefix) as api:
        assert [api.get(path).status_code, api.get("/v1/a").status_code] == [200, 404]
