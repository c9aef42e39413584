"""``mockserver check``: every defect of a contract and of what belongs to it, with file and line."""

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mockserver.cli import main
from mockserver.contract.loading.document import parse_file
from mockserver.contract.loading.lint import lint
from tests.cli.test_serve import copy_of_shipped, edit, line_of, one_sentence, run
from tests.conftest import ROOT, SHIPPED

SCENARIOS = ("flaky-backend", "fresh-tenant", "roles-about-to-expire")


@pytest.fixture
def check(capsys):
    """Give what ``mockserver check`` prints, line by line, and its exit code."""

    def call(*arguments: str | Path) -> tuple[list[str], int]:
        with pytest.raises(SystemExit) as ended:
            main(["check", *map(str, arguments)])
        return capsys.readouterr().out.splitlines(), int(ended.value.code or 0)

    return call


# One line of this contract is replaced in each case below; it has no defect as it is.
SOUND = """\
openapi: 3.1.0
info: {title: Things, version: '1'}
tags: [{name: Things}]
security: [{token: []}]
x-mock: {collections: {things: Thing}}
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: limit, in: query, schema: {type: integer, maximum: 9, default: 5}, example: 7}
      responses:
        '200':
          description: All
          headers:
            X-Count: {schema: {type: integer}, example: 3}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}
              examples:
                one: {value: [{id: a, colour: red}]}
                two: {$ref: '#/components/examples/Two'}
          links:
            first: {operationId: getThing, parameters: {id: $response.body#/0/id}}
            again: {operationRef: '#/paths/~1things/get', parameters: {query.limit: '3'}}
  /things/{id}:
    get:
      operationId: getThing
      security: [{token: []}, {}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}, examples: {a: {value: a}}}
      responses:
        '200': {description: One, content: {text/csv: {schema: {type: object}, example: 'id,a'}}}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
  examples:
    Two: {value: [{id: b, colour: green}]}
  schemas:
    Thing:
      type: object
      required: [id, colour]
      properties:
        id: {type: string, minLength: 1, examples: [a, b]}
        colour: {enum: [red, green]}
      example: {id: a, colour: red}
"""
AS_3_0 = (
    SOUND.replace("3.1.0", "3.0.3")
    .replace("{type: string, minLength: 1, examples: [a, b]}", "{type: string, minLength: 1, example: a}")
    .replace("'3'", "3")
)


@pytest.mark.parametrize("text", [SOUND, AS_3_0], ids=["3.1", "3.0"])
def test_a_sound_contract_has_no_defect(tmp_path, check, text):
    contract = tmp_path / "openapi.yaml"
    contract.write_text(text)

    lines, code = check(contract)

    assert code == 0
    assert len(lines) == 1
    assert lines[0].startswith(f"{contract}: OpenAPI 3.")
    assert "2 operations, " in lines[0]
    assert "2 links" in lines[0]


BROKEN = {
    "a field is misspelt": (
        "      operationId: getThing",
        "      operationId: getThing\n      sumary: Gets",
        'paths./things/{id}.get.sumary: sumary is not known here. Did you mean "summary"?',
    ),
    "a required field is missing": (
        "          description: All",
        "          summary: All",
        "paths./things.get.responses.200: description is missing.",
    ),
    "a value is of the wrong type": (
        "info: {title: Things, version: '1'}",
        "info: {title: Things, version: 1}",
        "info.version: is 1; it should be of type string.",
    ),
    "a parameter has no schema": (
        "in: query, schema: {type: integer, maximum: 9, default: 5}, example: 7}",
        "in: query}",
        "paths./things.get.parameters.0: schema or content is missing.",
    ),
    "a tag is declared twice": (
        "tags: [{name: Things}]",
        "tags: [{name: Things}, {name: Things, description: More}]",
        "tags: Duplicate tag name 'Things'.",
    ),
    "a default breaks its schema": (
        "default: 5",
        "default: 50",
        "paths./things.get.parameters.0.schema.default: 50 is greater than the maximum of 9.",
    ),
    "a schema is none": (
        "minLength: 1",
        "minLength: one",
        'components.schemas.Thing.properties.id.minLength: is "one"; it should be a whole number.',
    ),
    "a pattern is none": (
        "minLength: 1",
        "pattern: '('",
        "components.schemas.Thing.properties.id.pattern: ",
    ),
    "a parameter's example breaks its schema": (
        "example: 7",
        "example: 70",
        "paths./things.get.parameters.0.example: the example breaks its schema: 70 is greater than the"
        " maximum of 9.",
    ),
    "a parameter's named example breaks its schema": (
        "{a: {value: a}}",
        "{a: {value: 4}}",
        "paths./things/{id}.get.parameters.0.examples.a.value: the example breaks its schema: 4 is not of"
        ' type "string".',
    ),
    "a header's example breaks its schema": (
        "example: 3",
        "example: three",
        "paths./things.get.responses.200.headers.X-Count.example: the example breaks its schema: "
        '"three" is not of type "integer".',
    ),
    "a body's example breaks its schema": (
        "one: {value: [{id: a, colour: red}]}",
        "one: {value: [{id: a, colour: blue}]}",
        "paths./things.get.responses.200.content.application/json.examples.one.value.0.colour: the example "
        'breaks its schema: "blue" is not one of "red" or "green".',
    ),
    "an example that is referred to breaks the schema": (
        "Two: {value: [{id: b, colour: green}]}",
        "Two: {value: [{id: b}]}",
        'components.examples.Two.value.0.colour: the example breaks its schema: "colour" is required.',
    ),
    "an example refers to nothing": (
        "'#/components/examples/Two'",
        "'#/components/examples/Three'",
        "paths./things.get.responses.200.content.application/json.examples.two: "
        "#/components/examples/Three refers to nothing.",
    ),
    "a schema's example breaks it": (
        "      example: {id: a, colour: red}",
        "      example: {id: '', colour: red}",
        "components.schemas.Thing.example.id: the example breaks its schema: ",
    ),
    "a security requirement names no scheme": (
        "security: [{token: []}]",
        "security: [{tokne: []}]",
        "security.0: there is no security scheme",
    ),
    "an operation's security requirement names no scheme": (
        "security: [{token: []}, {}]",
        "security: [{}, {key: []}]",
        "paths./things/{id}.get.security.1: there is no security scheme",
    ),
    "a link leads to no operation": (
        "operationId: getThing, parameters",
        "operationId: getThnig, parameters",
        'paths./things.get.responses.200.links.first.operationId: there is no operation "getThnig".'
        ' Did you mean "getThing"?',
    ),
    "a link's reference leads to no operation": (
        "'#/paths/~1things/get'",
        "'#/paths/~1things/put'",
        "paths./things.get.responses.200.links.again.operationRef: #/paths/~1things/put leads to no"
        " operation.",
    ),
    "a link gives a parameter that the operation lacks": (
        "parameters: {id: ",
        "parameters: {ident: ",
        "paths./things.get.responses.200.links.first.parameters.ident: paths./things/{id}.get has no"
        ' parameter "ident"; it has: id.',
    ),
    "x-mock has an unknown setting": (
        "x-mock: {collections",
        "x-mock: {fixture: x, collections",
        "x-mock.fixture: is unknown; known are handlers, fixtures, collections, fuzz, volatile."
        ' Did you mean "fixtures"?',
    ),
    "x-mock has a setting of the wrong type": (
        "x-mock: {collections",
        "x-mock: {handlers: 5, collections",
        "x-mock.handlers: is 5; it should be a string.",
    ),
    "x-mock names a schema that there is not": (
        "{things: Thing}",
        "{things: Things}",
        'x-mock.collections.things: is "Things", which is not in components.schemas. Did you mean "Thing"?',
    ),
    "an operationId is taken": (
        "      operationId: getThing",
        "      operationId: listThings",
        'paths./things/{id}.get.operationId: operationId "listThings" is taken by paths./things.get.',
    ),
    "a path parameter is not declared": (
        "name: id, in: path",
        "name: ident, in: path",
        'paths./things/{id}.get: path parameter "id" is not declared; add it to parameters with in: path.',
    ),
}


# By case: how many lines below the edited one the defect is told at, where it is not the same line.
ELSEWHERE = {
    "a field is misspelt": 1,  # the line that was put in
    "a required field is missing": -1,  # what should have it
    "a path parameter is not declared": -4,  # the operation
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_defect_is_named_with_its_line(tmp_path, check, case):
    old, new, said = BROKEN[case]
    contract = tmp_path / "openapi.yaml"
    contract.write_text(SOUND)
    line = next(n for n, each in enumerate(SOUND.splitlines(), 1) if old.splitlines()[0] in each)
    edit(contract, old, new)

    lines, code = check(contract)

    found = [each for each in lines if each.startswith("openapi.yaml:") and said in each]
    assert code == 1
    assert len(found) == 1, lines
    assert found[0].startswith(f"openapi.yaml:{line + ELSEWHERE.get(case, 0)}  ")


def test_all_defects_are_named_at_once_and_in_the_order_of_their_lines(tmp_path, check):
    contract = tmp_path / "openapi.yaml"
    contract.write_text(SOUND)
    for old, new in [
        ("default: 5", "default: 50"),
        ("example: 3", "example: x"),
        ("minLength: 1", "minLength: x"),
    ]:
        edit(contract, old, new)
    edit(contract, "security: [{token: []}]", "security: [{other: []}]")

    lines, _ = check(contract)

    numbers = [int(line.split(":")[1].split(" ")[0]) for line in lines if line.startswith("openapi.yaml:")]
    assert numbers == sorted(numbers)
    assert numbers == [4, 11, 16, 44]
    assert lines[-1].startswith("4 defects")


def test_what_belongs_to_a_contract_that_cannot_be_served_is_said_to_be_left_out(tmp_path, check):
    contract = copy_of_shipped(tmp_path)
    edit(contract, "openapi: 3.1.0", "openapi: 4.0.0")

    lines, code = check(contract)

    assert code == 1
    assert lines[-1] == ("1 defect; what belongs to the contract is looked at once that can be served.")


def test_an_example_in_another_media_type_may_be_a_text(tmp_path, check):
    contract = tmp_path / "openapi.yaml"
    contract.write_text(SOUND.replace("text/csv", "application/json"))

    lines, code = check(contract)

    assert code == 1
    assert '"id,a" is not of type "object"' in lines[0]


def test_the_shipped_contract_and_all_that_belongs_to_it_has_no_defect(check):
    lines, code = check(SHIPPED)

    assert code == 0
    assert [line.split(":")[0] for line in lines] == [
        str(SHIPPED),
        "mockserver.handlers",
        str(ROOT / "fixtures" / "personas.yaml"),
        str(ROOT / "fixtures" / "demo"),
        str(ROOT / "fixtures" / "empty"),
        *(str(ROOT / "fixtures" / "scenarios" / f"{name}.yaml") for name in SCENARIOS),
    ]
    assert "10 operations" in lines[0]
    assert lines[1] == "mockserver.handlers: handlers for 10 operations."


def test_every_broken_item_of_every_set_is_named(tmp_path, check):
    contract = copy_of_shipped(tmp_path)
    demo, empty = tmp_path / "fixtures" / "demo", tmp_path / "fixtures" / "empty"
    edit(demo / "users.yaml", "status: active", "status: happy")
    edit(demo / "users.yaml", "deleted_at: null", "deleted_at: never")
    edit(demo / "groups.yaml", "    - usr_t6ddolnn2lwr71n4", "    - 5")
    edit(empty / "tenants.yaml", "  partner_id:", "  partner:")

    lines, code = check(contract)

    assert code == 1
    assert lines == [
        f"{demo}/groups.yaml:{line_of(demo / 'groups.yaml', '- 5')}, item 1: member_ids.0 is 5; "
        "the contract wants string.",
        f"{demo}/users.yaml:{line_of(demo / 'users.yaml', 'happy')}, item 1: "
        'status is "happy"; the contract allows active, suspended.',
        f"{demo}/users.yaml:{line_of(demo / 'users.yaml', 'never')}, item 1: "
        'deleted_at is "never"; the contract wants format date-time.',
        f"{empty}/tenants.yaml:{line_of(empty / 'tenants.yaml', '- id:')}, item 1: partner_id is missing.",
        f"{empty}/tenants.yaml:{line_of(empty / 'tenants.yaml', 'partner:')}, item 1: "
        "partner is not in the contract.",
        "5 defects.",
    ]


def test_every_defect_of_every_scenario_is_named(tmp_path, check):
    contract = copy_of_shipped(tmp_path)
    scenarios = tmp_path / "fixtures" / "scenarios"
    edit(scenarios / "fresh-tenant.yaml", "status: active", "status: happy")
    edit(scenarios / "flaky-backend.yaml", "share: 0.33", "share: 33")
    edit(scenarios / "roles-about-to-expire.yaml", "time: 10m", "time: soon")

    lines, code = check(contract)

    assert code == 1
    assert lines == [
        f"{scenarios}/flaky-backend.yaml:6  faults, item 2: "
        'fault "unavailable": share is 33; it is a number above 0, up to 1.',
        f"{scenarios}/fresh-tenant.yaml:{line_of(scenarios / 'fresh-tenant.yaml', 'happy')}  "
        'changes.users.put, item 1, status: users "usr_b7n2x5k9c1f4j8p3": '
        'status is "happy"; the contract allows active, suspended.',
        f"{scenarios}/roles-about-to-expire.yaml:"
        f"{line_of(scenarios / 'roles-about-to-expire.yaml', 'time: soon')}  "
        'then, item 1, after.time: is "soon"; it is a length of time such as 10m (units s, m, h, d, w).',
        "3 defects.",
    ]


def test_only_the_set_that_was_asked_for_is_looked_at(tmp_path, check):
    contract = copy_of_shipped(tmp_path)
    edit(tmp_path / "fixtures" / "empty" / "tenants.yaml", "  partner_id:", "  partner:")

    one, code = check(contract, "--set", "demo")
    _, code_of_all = check(contract)

    assert code == 0
    assert not any("empty" in line for line in one)
    assert code_of_all == 1


def test_every_broken_persona_is_named(tmp_path, check):
    contract = copy_of_shipped(tmp_path)
    personas = tmp_path / "fixtures" / "personas.yaml"
    edit(personas, "lifetime: 3600", "lifetime: an hour")
    edit(personas, "\nviewer:\n  description:", "\nviewer:\n  desciption:")

    lines, code = check(contract)

    first, viewer = line_of(personas, "super-admin:"), line_of(personas, "viewer:")
    assert code == 1
    assert lines == [
        f'{personas}:{first}, persona "super-admin": lifetime is "an hour"; it is whole seconds.',
        f'{personas}:{viewer}, persona "viewer": desciption is unknown; known are description, claims, '
        'lifetime. Did you mean "description"?',
        "2 defects.",
    ]


def test_every_broken_module_of_handlers_is_named(tmp_path, check):
    (tmp_path / "openapi.yaml").write_text(SOUND)
    marks = "from mockserver.respond.marks import handles\n\n\n"
    handlers = {
        "first.py": marks + "@handles('listThing')\ndef first(request, store): ...\n",
        "second.py": "raise ValueError('no luck')\n",
        "third.py": marks + "@handles('getThing')\ndef third(request, store): ...\n",
    }
    (tmp_path / "handlers").mkdir()
    for name, text in handlers.items():
        (tmp_path / "handlers" / name).write_text(text)

    lines, code = check(tmp_path / "openapi.yaml")

    assert code == 1
    assert len(lines) == 3
    assert 'handles "listThing"' in lines[0]
    assert 'Did you mean "listThings"?' in lines[0]
    assert "ValueError: no luck" in lines[1]
    assert f"{tmp_path}/handlers/second.py:1" in lines[1]


def test_two_modules_that_handle_the_same_operation_are_named(tmp_path, check):
    (tmp_path / "openapi.yaml").write_text(SOUND)
    (tmp_path / "handlers").mkdir()
    for name in ("one", "two"):
        (tmp_path / "handlers" / f"{name}.py").write_text(
            "from mockserver.respond.marks import handles\n\n\n"
            f"@handles('getThing')\ndef {name}(request, store): ...\n"
        )

    lines, code = check(tmp_path / "openapi.yaml")

    assert code == 1
    assert '"getThing" is handled by' in lines[0]


def test_a_folder_of_fixtures_that_the_contract_names_and_that_is_not_there_is_named(tmp_path, check):
    contract = tmp_path / "openapi.yaml"
    contract.write_text(SOUND.replace("x-mock: {", "x-mock: {fixtures: data, "))

    lines, code = check(contract)

    assert code == 1
    assert lines[0] == f"openapi.yaml:5  x-mock.fixtures: is data; there is no folder {tmp_path / 'data'}."


def test_what_serving_refuses_although_no_part_has_a_defect_is_named(tmp_path, check):
    contract = tmp_path / "openapi.yaml"
    contract.write_text(
        SOUND.replace("  /things:\n", "  /_mock/things:\n").replace("~1things", "~1_mock~1things")
    )

    lines, code = check(contract)

    assert code == 1
    assert lines[0].startswith("openapi.yaml:7  paths./_mock/things: ")
    assert lines[1:] == ["1 defect."]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.yaml"], "nowhere.yaml: there is no such file."),
        (["--fixtures", "nowhere"], "--fixtures nowhere: there is no such folder."),
        (["--set", "demmo"], 'there is no fixture set "demmo"'),
    ],
    ids=["a contract", "a folder", "a set"],
)
def test_what_was_asked_for_and_is_not_there_is_refused(arguments, said):
    assert said in one_sentence(run("check", *arguments))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "just a text",
        "openapi: 3.1.0",
        "openapi: [3]",
        "openapi: 3.1.0\npaths: 5\ncomponents: 7",
        "openapi: 3.1.0\npaths: {/a: 5, /b: {get: 7}, 5: {}}\ncomponents: {schemas: [], examples: 4}",
        "openapi: 3.1.0\nx-mock: 5\npaths: {/a: {get: {responses: {200: []}, parameters: 5}}}\nsecurity: 5",
        "openapi: 3.1.0\npaths: &a {/a: *a}",
        "a: [",
        "swagger: '2.0'",
        "\x00",
        '{"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {"200": {"$ref": 5}}}}}}',
        "openapi: 3.1.0\ninfo: {title: x, version: 1" + "0" * 400 + "}\npaths: {}",
    ],
    ids=lambda text: repr(text[:40]),
)
def test_a_broken_document_has_a_defect_and_never_a_traceback(tmp_path, check, text):
    contract = tmp_path / "openapi.yaml"
    contract.write_bytes(text.encode())

    lines, code = check(contract)

    assert code == 1
    assert lines[0].startswith("openapi.yaml:")


WRONG: list[Any] = [
    None,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    [None],
    {"$ref": "#/nope"},
    {"$ref": 5},
    True,
    ["x"],
    10**30,
]


@pytest.mark.parametrize("seed", range(25))
def test_whatever_is_broken_in_a_document_is_told_and_never_raised(tmp_path, seed):
    chance = random.Random(seed)
    document = deepcopy(parse_file(SHIPPED))
    for _ in range(chance.choice([1, 2, 4])):
        holder, key = chance.choice(list(places_in(document)))
        if chance.random() < 0.4:
            del holder[key]
        else:
            holder[key] = deepcopy(chance.choice(WRONG))
    contract = tmp_path / "openapi.json"
    contract.write_text(json.dumps(document))

    findings = lint(contract)

    assert findings.contract is not None or findings.defects


BOXES = """\
openapi: 3.1.0
info: {title: Boxes, version: '1'}
paths:
  /boxes:
    get:
      operationId: listBoxes
      responses:
        '200': {description: All, content: {application/json: {schema: {$ref: '#/components/schemas/Boxes'}}}}
    post:
      operationId: addBox
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}}
      responses:
        '201':
          description: Made
          headers: {X-Size: {schema: {type: string, minLength: 5, maxLength: 2}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Box'}}}
components:
  schemas:
    Boxes: {type: array, items: {$ref: '#/components/schemas/Box'}}
    Box:
      type: object
      required: [id, size]
      properties: {id: {type: string}, size: {type: integer, minimum: 1}}
"""


def boxes(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in BOXES
    contract = folder / "openapi.yaml"
    contract.write_text(BOXES.replace(old, new) if old else BOXES)
    return contract


def test_a_schema_that_no_sample_can_fit_is_named_once(check, tmp_path):
    contract = boxes(tmp_path, "minimum: 1", "minimum: 5, maximum: 2")

    lines, code = check(contract)

    assert code == 1
    assert [line.partition(": ")[0] for line in lines] == [
        f"openapi.yaml:{line_of(contract, 'X-Size')}  paths./boxes.post.responses.201.headers.X-Size.schema",
        f"openapi.yaml:{line_of(contract, 'size: {')}  components.schemas.Box.properties.size",
        "2 defects.",
    ]
    assert "no value could be made that fits it in a response: " in lines[1]


def test_every_collection_that_cannot_be_meant_is_named(check, tmp_path):
    wish = "x-mock-collection: {collection: boxes, action: nothing}"
    contract = boxes(tmp_path, "operationId: listBoxes", f"operationId: listBoxes\n      {wish}")
    edit(contract, "operationId: addBox", f"operationId: addBox\n      {wish}")

    lines, _ = check(contract)

    assert [line.partition(": ")[0].split()[-1] for line in lines if "x-mock" in line] == [
        "paths./boxes.get.x-mock-collection",
        "paths./boxes.post.x-mock-collection",
    ]


def test_a_fixture_of_an_inferred_collection_is_held_against_its_schema(check, tmp_path):
    contract = boxes(tmp_path, "minLength: 5, ")
    (tmp_path / "fixtures" / "big").mkdir(parents=True)
    (tmp_path / "fixtures" / "big" / "boxes.yaml").write_text("- {id: a, size: 0}\n")

    lines, code = check(contract)

    assert code == 1
    assert "boxes.yaml" in lines[0]
    assert "size" in lines[0]


def test_every_mend_of_a_document_that_nobody_linted_is_told(check):
    lines, _ = check(ROOT / "tests" / "real" / "documents" / "untidy.yaml")

    for place, told in [
        ("components.schemas.User.properties.name.required", "it should be a list of names"),
        ("components.schemas.User.properties.age.type", "it should be one of string"),
        ("components.schemas.User.properties.boss", "refers to nothing"),
        ("paths./tickets/.get.operationId", "is empty"),
        ("paths./users/{name}/rename.post.operationId", "is taken by"),
        ("paths./users/{id}.get", "is not declared"),
    ]:
        assert any(f"  {place}: " in line and told in line for line in lines), (place, lines)


def places_in(node: Any) -> Any:
    """Give everything in a document that can be replaced: what holds it, and under which key."""
    for key, inner in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(inner, dict | list):
            yield from places_in(inner)
