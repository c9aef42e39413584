"""A document is read by the rules of YAML 1.2, and every defect is named with its file and line."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.contract.loading.document import ContractError, line_of, load, parse, parse_file
from mockserver.errors import MockServerError
from mockserver.serve.assembly import Setup
from tests.conftest import in_process

HEAD = "openapi: 3.1.0\ninfo: {title: Things, version: '1'}\n"
EMPTY = "paths: there is no operation in them, so there is nothing to serve."
SOUND = f"""{HEAD}paths:
  /things/{{id}}:
    get:
      operationId: getThing
      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
      responses:
        200: {{description: The thing., content: {{application/json: {{example: {{name: on}}}}}}}}
"""


def written(folder: Path, text: str | bytes, name: str = "openapi.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def told(folder: Path, text: str | bytes, name: str = "openapi.yaml") -> list[str]:
    """Load a document that has defects, and give them as they are printed, whether it is served or not."""
    try:
        return [str(defect) for defect in load(written(folder, text, name)).defects]
    except ContractError as refused:
        return str(refused).splitlines()


# YAML


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, word) for word in ("on", "off", "yes", "no", "y", "n", "On", "NO", "tRUE", "none")),
        *((word, word) for word in ("2026-01-01", "2026-01-01T00:00:00Z", "12:30:00", "1:30", "=")),
        *((word, word) for word in ("0b11", "1_000", "0o8", "0xG", "--1", "1.2.3", "0x", ".", "+", "1e")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, None) for word in ("null", "Null", "NULL", "~", "")),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("+1", 1),
        ("-0", 0),
        ("12e03", 12000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", -math.inf),
        ("'on'", "on"),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ('"\\u00e9\\n"', "é\n"),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">\n  a\n  b\n", "a b\n"),
        ("[on, 1, null]", ["on", 1, None]),
    ],
    ids=str,
)
def test_a_plain_scalar_is_typed_by_the_core_schema_of_yaml_1_2(text, value):
    found = parse(f"a: {text}\n")

    assert found == {"a": value}
    assert type(found["a"]) is type(value)


def test_not_a_number_is_a_number():
    assert math.isnan(parse("a: .nan")["a"])


def test_a_key_is_always_a_string():
    assert list(parse("{200: a, 1.5: b, true: c, null: d, on: e, '': f, 0x1F: g}")) == [
        "200",
        "1.5",
        "true",
        "null",
        "on",
        "",
        "0x1F",
    ]


def test_an_anchor_may_be_used_again_and_merged():
    found = parse(
        """
one: &one {a: 1, b: [2]}
two: &two {b: 3, c: 4}
again: *one
merged: {<<: *one, b: 5}
both:
  <<: [*one, *two]
"""
    )

    assert found["again"] == found["one"]
    assert found["merged"] == {"a": 1, "b": 5}
    assert found["both"] == {"a": 1, "b": [2], "c": 4}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", 3, 'the key "a" stands twice', id="a key twice"),
        pytest.param("x:\n  200: a\n  '200': b\n", 3, 'the key "200" stands twice', id="a key in two forms"),
        pytest.param("a:\n  ? [b]\n  : c\n", 2, "a key is not a scalar", id="a list for a key"),
        pytest.param("a: [1, 2\n", 2, "expected ',' or ']'", id="a bracket that is never closed"),
        pytest.param("a: b: c\n", 1, "mapping values are not allowed", id="two colons"),
        pytest.param("a: 1\n\tb: 2\n", 2, "", id="a tab"),
        pytest.param("a: 1\nb: *c\n", 2, "undefined alias", id="an alias of nothing"),
        pytest.param("a: &a [*a]\n", 1, "recursive", id="a list that contains itself"),
        pytest.param("a: 1\nb: &b {c: *b}\n", 2, "recursive", id="a mapping that contains itself"),
        pytest.param("a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "constructor", id="code"),
        pytest.param("a: !!binary aGk=\n", 1, "constructor", id="bytes"),
        pytest.param("a: !!timestamp 2026-01-01\n", 1, "constructor", id="a date by its tag"),
        pytest.param("a: !!set {b, c}\n", 1, "constructor", id="a set"),
        pytest.param(f"a: 1\nb: {'9' * 5000}\n", 2, "more digits", id="5,000 digits"),
        pytest.param("a: 1\n---\nb: 2\n", 2, "another document", id="two documents"),
        pytest.param("a:\n  <<: 5\n", 2, "merging", id="a merge with a number"),
        pytest.param("a: \0\n", 1, "control characters", id="NUL"),
        pytest.param(b"a: \xff\n", 1, "UTF-8", id="a byte that is not UTF-8"),
    ],
)
def test_what_is_not_yaml_is_named_with_its_line(tmp_path, text, line, problem):
    (defect,) = told(tmp_path, text)

    assert defect.startswith(f"openapi.yaml:{line}  syntax: ")
    assert problem in defect


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_may_have_any_encoding_of_unicode(tmp_path, encoding):
    text = SOUND.replace("Things", "Dinge: 東京")

    assert load(written(tmp_path, text.replace("Dinge:", "Dinge").encode(encoding))).title == "Dinge 東京"


def test_parse_raises_what_yaml_raises():
    with pytest.raises(yaml.YAMLError):
        parse("a: [")


# Files


def test_json_is_read_as_json(tmp_path):
    data = parse(SOUND)

    contract = load(written(tmp_path, json.dumps(data), "openapi.json"))

    assert contract.data == data
    assert [operation.operation_id for operation in contract.operations] == ["getThing"]


def test_what_is_not_quite_json_is_read_as_yaml_or_named_with_its_line(tmp_path):
    text = json.dumps(parse(SOUND), indent=2)
    with_a_comma = text.replace('"3.1.0",', '"3.1.0", # a comment\n')

    assert load(written(tmp_path, with_a_comma, "lenient.json")).title == "Things"
    (defect,) = told(tmp_path, text.replace('"info": {', '"info" {'), "broken.json")
    assert re.match(r"broken\.json:[34]  syntax: ", defect)


def test_a_document_keeps_its_source_and_its_name(tmp_path):
    contract = load(written(tmp_path, SOUND))

    assert contract.source == SOUND.encode()
    assert contract.name == "openapi.yaml"


@pytest.mark.parametrize("read", [load, parse_file], ids=lambda read: read.__name__)
def test_a_file_that_cannot_be_read_is_named(tmp_path, read):
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(MockServerError, match=f"^{re.escape(str(path))}: cannot be read: "):
            read(path)


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", 1),
        ("/info", 2),
        ("/info/title", 2),
        ("/paths", 3),
        ("/paths/~1things~1{id}", 4),
        ("/paths/~1things~1{id}/get/parameters/0/name", 7),
        ("/paths/~1things~1{id}/get/responses/200", 9),
        ("/paths/~1things~1{id}/post", 4),
        ("/nothing", 1),
    ],
)
def test_a_pointer_has_the_line_of_the_nearest_thing_there_is(pointer, line):
    assert line_of(SOUND.encode(), pointer) == line


# Versions


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        ("swagger: '1.2'", "version 1.2 is not read; 2.0, 3.0.x, 3.1.x and 3.2.x are."),
        ("swagger: '3.0.0'", "version 3.0.0 is not read; 2.0, 3.0.x, 3.1.x and 3.2.x are."),
        ("openapi: 4.0.0", "version 4.0.0 is not read; 2.0, 3.0.x, 3.1.x and 3.2.x are."),
        ("openapi: three", "version three is not read; 2.0, 3.0.x, 3.1.x and 3.2.x are."),
        ("openapi: 3.10.0", "version 3.10.0 is not read; 2.0, 3.0.x, 3.1.x and 3.2.x are."),
        ("title: x", "the version is missing; it should be a string such as 3.1.0."),
        ("- a", "the document is not a mapping; it should begin with a line such as: openapi: 3.1.0."),
        ("", "the document is not a mapping; it should begin with a line such as: openapi: 3.1.0."),
        ("text", "the document is not a mapping; it should begin with a line such as: openapi: 3.1.0."),
    ],
)
def test_a_version_that_is_not_read_is_named(tmp_path, text, told_as):
    assert told(tmp_path, text) == [f"openapi.yaml:1  openapi: {told_as}"]


@pytest.mark.parametrize(
    ("version", "dialect"), [("3.0.0", "3.0"), ("3.0.4", "3.0"), ("3.1.1", "3.1"), ("3.2.0", "3.1")]
)
def test_3_0_and_later_are_read(tmp_path, version, dialect):
    assert load(written(tmp_path, SOUND.replace("3.1.0", version))).dialect == dialect


# Structure


@pytest.mark.parametrize(
    ("paths", "defects"),
    [
        pytest.param(
            "{}", ["openapi.yaml:3  paths: there are no paths, so there is nothing to serve."], id="no paths"
        ),
        pytest.param(
            "{things: {get: {}}}", ['openapi.yaml:3  paths.things: a path begins with "/".'], id="no slash"
        ),
        pytest.param(
            "[]",
            [
                "openapi.yaml:3  paths: is []; it should be a mapping.",
                "openapi.yaml:3  paths: there are no paths, so there is nothing to serve.",
            ],
            id="a list of paths",
        ),
        pytest.param(
            "{/a: [], /b: {get: {}}}",
            ["openapi.yaml:3  paths./a: is []; it should be a mapping."],
            id="a list for a path",
        ),
        pytest.param(
            "{/a: {get: text, put: {}}}",
            ['openapi.yaml:3  paths./a.get: is "text"; it should be a mapping.'],
            id="a text for an operation",
        ),
        pytest.param("{/a: {}}", [f"openapi.yaml:3  {EMPTY}"], id="no operation"),
        pytest.param(
            "\n  /a:\n    get: {operationId: [a], responses: {}}",
            ['openapi.yaml:5  paths./a.get.operationId: is ["a"]; it should be a text.'],
            id="a list for an operationId",
        ),
        pytest.param(
            "\n  /a:\n    get: {operationId: a, responses: {}}\n    put: {operationId: a, responses: {}}",
            ['openapi.yaml:6  paths./a.put.operationId: operationId "a" is taken by paths./a.get.'],
            id="an operationId twice",
        ),
        pytest.param(
            "\n  /a/{id}:\n    get: {responses: {}}",
            [
                'openapi.yaml:5  paths./a/{id}.get: path parameter "id" is not declared; add it to '
                "parameters with in: path."
            ],
            id="a path parameter that is not declared",
        ),
        pytest.param(
            "\n  /a:\n    get:\n      parameters: [{name: id, in: path}]\n      responses: {}",
            ['openapi.yaml:5  paths./a.get: path parameter "id" does not stand in the path /a.'],
            id="a path parameter that stands nowhere",
        ),
        pytest.param(
            "\n  /a:\n    get:\n      parameters: [{name: id, in: body}]\n      responses: {}",
            [
                "openapi.yaml:6  paths./a.get.parameters.0: a parameter has a name, and "
                '"in": path, query, header or cookie.'
            ],
            id="a parameter of 2.0",
        ),
        pytest.param(
            "\n  /a:\n    get:\n      parameters: [{in: query}]\n      responses: {}",
            [
                "openapi.yaml:6  paths./a.get.parameters.0: a parameter has a name, and "
                '"in": path, query, header or cookie.'
            ],
            id="a parameter without a name",
        ),
        pytest.param(
            "\n  /a/{id}: {parameters: [{name: id, in: path}], get: {}}\n"
            "  /a/{name}: {parameters: [{name: name, in: path}], put: {}}",
            ["openapi.yaml:5  paths./a/{name}: differs from /a/{id} only in a parameter's name."],
            id="two paths that mean the same",
        ),
        pytest.param(
            "\n  /a:\n    get: {responses: {20x: {description: x}}}",
            [
                "openapi.yaml:5  paths./a.get.responses.20x: a status is a number such as 200, a range such "
                "as 4XX, or default."
            ],
            id="a status that is none",
        ),
        pytest.param(
            "\n  /a:\n    get:\n      responses:\n        '200': {content: {application/json: [x]}}",
            [
                'openapi.yaml:7  paths./a.get.responses.200.content.application/json: is ["x"]; it should be '
                "a mapping."
            ],
            id="a list for a media type",
        ),
        pytest.param(
            "\n  /a:\n    get: {tags: a, responses: {}}\n    put: {parameters: {}, responses: {}}",
            [
                'openapi.yaml:5  paths./a.get.tags: is "a"; it should be a list.',
                "openapi.yaml:6  paths./a.put.parameters: is {}; it should be a list.",
            ],
            id="two defects",
        ),
        pytest.param(
            "\n  /a:\n    get: {security: [key], responses: {}}",
            [
                'openapi.yaml:5  paths./a.get.security.0: is "key"; it should be a mapping of security '
                "schemes to lists of scopes.",
                "openapi.yaml:5  paths./a.get.security.0: there is no security scheme key; there are: none. "
                "A bearer token is asked for.",
            ],
            id="a text for a security requirement",
        ),
        pytest.param(
            "\n  /a:\n    get: {responses: {'200': {$ref: '#/components/responses/None'}}}",
            ["openapi.yaml:5  paths./a.get.responses.200: #/components/responses/None refers to nothing."],
            id="a reference to nothing",
        ),
        pytest.param(
            "\n  /a:\n    get: {responses: {default: {$ref: '#/components/responses/None'}}}",
            [
                "openapi.yaml:5  paths./a.get.responses.default: #/components/responses/None "
                "refers to nothing."
            ],
            id="a reference to nothing under default",
        ),
        pytest.param(
            "\n  /a:\n    get: {responses: {'200': {$ref: '#/paths/~1a/get/responses/200'}}}",
            ["openapi.yaml:5  paths./a.get.responses.200: #/paths/~1a/get/responses/200 refers to itself."],
            id="a reference to itself",
        ),
        pytest.param(
            "\n  /a:\n    get: {responses: {'200': {$ref: 'other.yaml#/x'}}}",
            [
                "openapi.yaml:5  paths./a.get.responses.200: other.yaml#/x cannot be read: No such file or "
                "directory."
            ],
            id="a reference to a file that is not there",
        ),
        pytest.param(
            "\n  /a:\n    get:\n      responses:\n"
            "        200: {content: {text/plain: {examples: {a: {$ref: '#/no'}}}}}",
            [
                "openapi.yaml:7  paths./a.get.responses.200.content.text/plain.examples.a: #/no refers to "
                "nothing."
            ],
            id="an example that refers to nothing",
        ),
    ],
)
def test_every_structural_defect_is_named_with_its_line(tmp_path, paths, defects):
    assert told(tmp_path, f"{HEAD}paths: {paths}\n") == defects


@pytest.mark.parametrize(
    ("head", "defect"),
    [
        ("info: text", 'info: is "text"; it should be a mapping.'),
        ("info: {}\nservers: text", 'servers: is "text"; it should be a list.'),
        ("info: {}\nservers: [text]", 'servers.0: is "text"; it should be a mapping.'),
        ("info: {}\nservers: [{url: 5}]", "servers.0.url: is 5; it should be a URL."),
        ("info: {}\nservers: [{url: 'http://[::1'}]", 'servers.0.url: is "http://[::1"; it should be a URL.'),
        ("info: {}\nsecurity: {}", "security: is {}; it should be a list."),
        ("info: {}\ncomponents: []", "components: is []; it should be a mapping."),
        ("info: {}\ncomponents: {schemas: []}", "components.schemas: is []; it should be a mapping."),
        (
            "info: {}\ncomponents: {securitySchemes: {key: text}}",
            'components.securitySchemes.key: is "text"; it should be a mapping.',
        ),
        (
            "info: {}\ncomponents: {schemas: {A: text}}",
            'components.schemas.A: is "text"; it should be a schema, which is a mapping.',
        ),
    ],
)
def test_every_part_that_serving_relies_on_has_its_shape(tmp_path, head, defect):
    text = f"openapi: 3.1.0\n{head}\npaths: {{/a: {{get: {{responses: {{}}}}}}}}\n"

    (found,) = told(tmp_path, text)

    assert re.fullmatch(rf"openapi\.yaml:[23]  {re.escape(defect)}", found)


def test_what_is_found_is_cut_before_it_is_told(tmp_path):
    (defect, _) = told(tmp_path, f"{HEAD}paths: {'x' * 10_000}\n")

    assert len(defect) < 200


def test_what_is_an_example_is_not_looked_into(tmp_path):
    text = f"""{HEAD}paths:
  /a:
    get:
      responses:
        '200':
          description: x
          content:
            application/json:
              example: {{$ref: '#/nowhere'}}
              schema:
                default: {{$ref: '#/nowhere'}}
                enum: [{{$ref: '#/nowhere'}}]
                x-note: {{$ref: '#/nowhere'}}
"""

    contract = load(written(tmp_path, text))

    (media_type,) = contract.operations[0].responses["200"].content.values()
    assert media_type.examples == {"": {"$ref": "#/nowhere"}}


def test_a_property_may_be_called_like_a_keyword(tmp_path):
    properties = "{example: {$ref: '#/nowhere'}}"
    text = f"{HEAD}paths: {{/a: {{get: {{responses: {{}}}}}}}}\ncomponents: {{schemas: {{A: {{properties: "

    (defect,) = told(tmp_path, f"{text}{properties}}}}}}}\n")

    assert defect.endswith("components.schemas.A.properties.example: #/nowhere refers to nothing.")


def test_names_of_ones_own_are_no_defects(tmp_path):
    text = SOUND.replace("paths:\n", "x-own: [1]\npaths:\n  x-own: text\n").replace(
        "responses:\n", "responses:\n        x-own: text\n"
    )

    contract = load(written(tmp_path, text))

    assert list(contract.operations[0].responses) == ["200"]


def test_an_operation_of_3_1_may_leave_out_what_3_1_lets_it_leave_out(tmp_path):
    contract = load(written(tmp_path, f"{HEAD}paths: {{/a: {{get: {{}}}}}}\n"))

    (operation,) = contract.operations
    assert (operation.operation_id, dict(operation.responses)) == ("get /a", {})


# What is read


def operations(folder: Path, text: str) -> Any:
    return load(written(folder, text)).by_id


def test_integer_keys_are_statuses(tmp_path):
    assert list(operations(tmp_path, SOUND)["getThing"].responses) == ["200"]


def test_a_range_may_be_written_in_either_case(tmp_path):
    found = operations(tmp_path, SOUND.replace("200:", "2xx:"))["getThing"]

    assert found.response(204) is found.responses["2XX"]
    assert found.response(404) is None


def test_a_path_item_may_stand_elsewhere(tmp_path):
    text = f"""{HEAD}paths:
  /things/{{id}}: {{$ref: '#/components/pathItems/Thing'}}
components:
  pathItems:
    Thing:
      parameters: [{{name: id, in: path, required: true}}]
      get: {{operationId: getThing, responses: {{}}}}
"""

    found = operations(tmp_path, text)["getThing"]

    assert [parameter.name for parameter in found.parameters] == ["id"]


def test_an_operations_parameter_replaces_that_of_its_path(tmp_path):
    text = f"""{HEAD}paths:
  /things:
    parameters:
      - {{name: page, in: query, required: true}}
      - {{name: page, in: header}}
    get:
      operationId: listThings
      parameters: [{{name: page, in: query, required: false}}, {{name: Accept, in: header}}]
"""

    found = operations(tmp_path, text)["listThings"].parameters

    assert [(each.name, each.location, each.required) for each in found] == [
        ("page", "query", False),
        ("page", "header", False),
    ]


def test_a_document_is_data_and_no_template(tmp_path):
    text = SOUND.replace("name: on", "name: '{{ 6*7 }}'")

    with in_process(Setup(contract=written(tmp_path, text))) as api:
        assert api.get("/things/1").json() == {"name": "{{ 6*7 }}"}


def test_a_word_of_yaml_1_1_reaches_the_client_as_it_was_written(tmp_path):
    with in_process(Setup(contract=written(tmp_path, SOUND))) as api:
        assert api.get("/things/1").json() == {"name": "on"}
