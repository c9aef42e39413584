"""``mockserver routes``: every operation, how it is answered, and an address to paste."""

from pathlib import Path

import pytest

from mockserver.cli import main
from tests.cli.test_serve import one_sentence, run
from tests.conftest import SHIPPED


@pytest.fixture
def routes(capsys):
    """Give the lines that ``mockserver routes`` prints, each in its columns."""

    def call(*arguments: str | Path) -> list[list[str]]:
        with pytest.raises(SystemExit) as ended:
            main(["routes", *map(str, arguments)])
        assert not ended.value.code
        return [line.split() for line in capsys.readouterr().out.splitlines()]

    return call


def test_every_operation_has_a_line_with_method_address_source_and_name(routes):
    lines = routes(SHIPPED)

    assert [line[3] for line in lines] == [
        "listAdminRoles",
        "createAdminRole",
        "listUserAdminRoles",
        "getAdminRole",
        "deleteAdminRole",
        "updateAdminRole",
        "listGroups",
        "getGroup",
        "assignGroupRole",
        "revokeGroupRole",
    ]
    assert lines[0] == [
        "GET",
        "http://127.0.0.1:8080/api/v1/admin/admin-roles/",
        "handler",
        "listAdminRoles",
    ]
    assert {line[2] for line in lines} == {"handler"}
    assert not any("{" in line[1] for line in lines)


def test_an_address_begins_as_was_asked_for(routes):
    lines = routes(SHIPPED, "--url", "http://localhost:4010/")

    assert all(line[1].startswith("http://localhost:4010/api/v1/admin/") for line in lines)


PETS = """\
openapi: 3.0.3
info: {title: Pets, version: '1'}
servers: [{url: 'https://pets.example/v2/'}]
paths:
  /pets/{id}/{kind}/{other}/{unknown}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}, example: 7}
      - {name: kind, in: path, required: true, schema: {type: string}, examples: {a: {value: a b/c}}}
      - {name: other, in: path, required: true, schema: {type: string, example: in the schema}}
      - {name: unknown, in: path, required: true, schema: {type: string}}
    get:
      operationId: getPet
      responses: {'200': {description: One}}
    put:
      responses: {'200': {description: One}}
"""
HANDLERS = """\
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles


@handles("getPet")
def get_pet(request, store):
    return Response({})
"""


def test_an_address_has_the_base_path_and_the_examples_of_its_parameters(routes, tmp_path):
    (tmp_path / "openapi.yaml").write_text(PETS)

    lines = routes(tmp_path / "openapi.yaml")

    assert lines[0][1] == "http://127.0.0.1:8080/v2/pets/7/a%20b%2Fc/in%20the%20schema/{unknown}"


def test_an_operation_without_a_name_is_called_by_method_and_path(routes, tmp_path):
    (tmp_path / "openapi.yaml").write_text(PETS)

    lines = routes(tmp_path / "openapi.yaml")

    assert lines[1][3:] == ["put", "/pets/{id}/{kind}/{other}/{unknown}"]


def test_only_what_has_a_handler_is_said_to_be_answered_by_one(routes, tmp_path):
    (tmp_path / "openapi.yaml").write_text(PETS)
    (tmp_path / "pets.py").write_text(HANDLERS)

    lines = routes(tmp_path / "openapi.yaml", "--handlers", tmp_path / "pets.py")

    assert [line[2] for line in lines] == ["handler", "sample"]


def test_handlers_are_looked_for_in_this_folder(tmp_path):
    (tmp_path / "openapi.yaml").write_text(PETS)
    (tmp_path / "our_handlers.py").write_text(HANDLERS)

    listed = run("routes", "--handlers", "our_handlers", cwd=tmp_path)

    assert listed.returncode == 0, listed.stderr
    assert "handler  getPet" in listed.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.yaml"], "nowhere.yaml: there is no such file."),
        (["--handlers", "nowhere"], "handlers nowhere: cannot be imported"),
    ],
    ids=["an unknown contract", "unknown handlers"],
)
def test_what_cannot_be_listed_is_refused_in_a_clear_sentence(arguments, said):
    assert said in one_sentence(run("routes", *arguments))
