"""One mock is put together: what belongs to a contract is found, and what cannot be served is refused."""

from pathlib import Path

import pytest

from mockserver.errors import MockServerError
from mockserver.serve.assembly import Setup, assemble
from tests.conftest import in_process

CONTRACT = """
openapi: 3.0.3
info: {title: Things, version: '1'}
servers: [{url: SERVER}]
paths:
  /things:
    get:
      parameters:
        - name: size
          in: query
          style: deepObject
          schema:
            nullable: true
            allOf:
              - type: object
                properties: {width: {oneOf: [{type: string, maxLength: 1}, {type: integer, minimum: 100}]}}
      responses:
        '200':
          description: All of them.
          headers: {X-Total: {required: true, example: 2, schema: {type: integer}}}
          content: {application/json: {example: [a, b]}}
"""


def written(folder: Path, server: str, path: str = "/things") -> Setup:
    contract = folder / "openapi.yaml"
    contract.write_text(CONTRACT.replace("SERVER", server).replace("/things:", f"{path}:"), encoding="utf-8")
    return Setup(contract=contract)


@pytest.mark.parametrize(
    ("server", "path"),
    [
        ("https://api.example/v1/", "/v1/things"),
        ("v1", "/v1/things"),
        ("https://redoc.example/_mock/docs", "/things"),
    ],
    ids=["of an address", "of a relative one", "that is the mock's own"],
)
def test_the_base_path_of_the_first_server_stands_before_every_path(tmp_path, server, path):
    with in_process(written(tmp_path, server)) as api:
        answered = api.get(path)

    assert answered.status_code == 200


def test_a_path_that_is_the_mocks_own_is_refused_with_its_line(tmp_path):
    with pytest.raises(MockServerError, match=r"openapi\.yaml:6  paths\./_mock/health: what is under /_mock"):
        in_process(written(tmp_path, "/", "/_mock/health"))


def test_a_folder_of_fixtures_that_is_somebody_elses_is_left_alone(tmp_path):
    (tmp_path / "fixtures" / "theirs").mkdir(parents=True)

    with in_process(written(tmp_path, "/")) as api:
        answered = api.get("/things")

    assert answered.status_code == 200


HANDLER = """
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles


@handles("GET /things")
def things(request, store):
    return Response(["handled"], headers={"X-Total": "1"})
"""


@pytest.mark.parametrize("place", ["handlers.py", "handlers/things.py"])
def test_handlers_beside_a_contract_without_operation_ids_are_taken(tmp_path, place):
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text(HANDLER)

    with in_process(written(tmp_path, "/")) as api:
        assert api.get("/things").json() == ["handled"]


@pytest.mark.parametrize("place", ["handlers.py", "handlers/things.py"])
def test_handlers_beside_a_contract_that_are_somebody_elses_are_left_alone(tmp_path, place):
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("import a_framework_that_is_not_here")

    with in_process(written(tmp_path, "/")) as api:
        assert api.get("/things").json() == ["a", "b"]


def test_an_example_is_answered_with_the_examples_of_its_headers(tmp_path):
    with in_process(written(tmp_path, "/")) as api:
        answered = api.get("/things")

    assert answered.json() == ["a", "b"]
    assert answered.headers["X-Total"] == "2"


def test_a_nullable_combination_of_schemas_describes_a_parameter_too(tmp_path):
    with in_process(written(tmp_path, "/")) as api:
        letter = api.get("/things", params={"size[width]": "7"})
        number = api.get("/things", params={"size[width]": "700"})
        neither = api.get("/things", params={"size[width]": "77"})
        misshapen = api.get("/things", params={"size": "width"})

    assert [each.status_code for each in (letter, number, neither, misshapen)] == [200, 200, 422, 422]


def test_sandboxes_that_are_made_after_a_reload_are_as_a_restart_would_make_them(tmp_path):
    setup = written(tmp_path, "/")
    before = assemble(setup)
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "personas.yaml").write_text(PERSONAS)

    after = assemble(setup, kept=before.sandboxes, coverage=before.served.coverage)
    new, restarted = after.sandboxes.pick("new"), assemble(setup).sandboxes.pick("new")

    assert before.world.settings.auth == "present"
    assert new.settings == restarted.settings
    assert new.settings.auth == "verify"


PERSONAS = """
alice:
  description: Somebody.
  claims: {sub: usr_alice}
"""
