"""``mockserver serve`` with contracts that have defects, or several files, or are several."""

from pathlib import Path

import pytest

from tests.cli.test_serve import Served, one_sentence, replace, run

HEAD = "openapi: 3.1.0\ninfo: {title: Things, version: '1'}\n"
OK = "{'200': {description: x, content: {application/json: {example: here}}}}"
SOUND = f"{HEAD}paths: {{/a: {{get: {{operationId: getA, responses: {OK}}}}}}}\n"
BROKEN = SOUND.replace("/a:", "'/a/{id}':")
SAID = 'openapi.yaml:3  paths./a/{id}.get: path parameter "id" is not declared'


def written(folder: Path, text: str, name: str = "openapi.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_defects_are_named_on_stderr_and_all_that_can_be_served_is_served(tmp_path):
    with Served(written(tmp_path, BROKEN)) as mock:
        answered = mock.get("/a/1")
        assert mock.process.stderr
        told = [mock.process.stderr.readline(), mock.process.stderr.readline()]

    assert answered.json() == "here"
    assert told[0].startswith(SAID)
    assert told[1] == "openapi.yaml: 1 defect; all that can be served is served.\n"


@pytest.mark.parametrize("command", ["serve", "routes", "fuzz"])
def test_a_contract_with_defects_is_refused_where_somebody_is_strict(tmp_path, command):
    options = ["--port", "0"] if command == "serve" else []

    ended = run(command, written(tmp_path, BROKEN), "--strict", *options)

    assert one_sentence(ended).startswith(f"mockserver: {SAID}")


def test_routes_names_the_defects_beside_the_operations(tmp_path):
    ended = run("routes", written(tmp_path, BROKEN))

    assert ended.returncode == 0
    assert "getA" in ended.stdout
    assert ended.stderr.startswith(SAID)


def test_many_defects_are_not_all_named_at_the_start(tmp_path):
    paths = "".join(f"  /a{n}/{{id}}: {{get: {{}}}}\n" for n in range(30))

    ended = run("routes", written(tmp_path, f"{HEAD}paths:\n{paths}"))

    assert len(ended.stderr.splitlines()) == 21
    assert ended.stderr.splitlines()[-1] == (
        "openapi.yaml: 30 defects; all that can be served is served; mockserver check lists all."
    )


def test_check_lists_the_defects_of_every_file(tmp_path):
    written(tmp_path, "type: object\nproperties: {a: {type: int}}\n", "schema.yaml")
    contract = written(tmp_path, SOUND.replace("example: here", "schema: {$ref: schema.yaml}"))

    ended = run("check", contract)

    assert ended.returncode == 1
    assert ended.stdout.startswith('schema.yaml:2  properties.a.type: is "int"; it should be one of')


HANDLERS = """\
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles
from names import NAME


@handles("getA")
def get_a(request, store):
    return Response(NAME)
"""


def test_each_of_several_contracts_has_the_handlers_beside_it(tmp_path):
    contracts = []
    for name in ("one", "two"):
        (tmp_path / name / "handlers").mkdir(parents=True)
        written(tmp_path / name / "handlers", HANDLERS, "things.py")
        written(tmp_path / name / "handlers", f"NAME = '{name}'\n", "names.py")
        contracts.append(written(tmp_path / name, SOUND, f"{name}.yaml"))

    with Served(*contracts, "--prefix", "two.yaml=/two") as mock:
        answers = [mock.get(path).json() for path in ("/a", "/two/a")]

    assert answers == ["one", "two"]


def test_several_contracts_are_served_each_under_its_base_path(tmp_path):
    one = written(tmp_path, SOUND, "one.yaml")
    two = written(tmp_path, SOUND.replace("here", "there"), "two.yaml")

    with Served(one, two, "--prefix", "two.yaml=/two") as mock:
        answers = [mock.get(path).json() for path in ("/a", "/two/a")]
        lines = "\n".join(mock.lines_until("document=2"))

    assert answers == ["here", "there"]
    assert f"{mock.url}/two/a" in lines


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "are both served under /; put one of them elsewhere, such as --prefix "),
        (["--prefix", "/v2"], "--prefix /v2: several contracts are served; write --prefix "),
        (
            ["--prefix", "none.yaml=/v2"],
            "--prefix none.yaml=/v2: there is no contract none.yaml; there are: ",
        ),
        (["--prefix", "two.yaml=v2"], "--prefix two.yaml=v2: a base path is written like /v2"),
        (["--prefix", "two.yaml=/_mock"], "and /_mock is taken."),
        (["--state", "mock.db"], "--state is of one contract, and several are served"),
    ],
    ids=["a clash", "no name", "an unknown name", "no path", "the mock's own", "a state file"],
)
def test_what_several_contracts_cannot_have_is_refused(tmp_path, options, said):
    one, two = written(tmp_path, SOUND, "one.yaml"), written(tmp_path, SOUND, "two.yaml")

    assert said in one_sentence(run("serve", "--port", "0", one, two, *options))


def test_an_edit_of_another_file_of_the_contract_is_followed(tmp_path):
    schema = written(tmp_path, "example: old\n", "schema.yaml")
    contract = written(tmp_path, SOUND.replace("example: here", "schema: {$ref: schema.yaml}"))

    with Served(contract, "--reload", "--quiet") as mock:
        before = mock.get("/a").json()
        replace(schema, "example: new\n")
        mock.lines_until("schema.yaml changed; reloaded.")
        after = mock.get("/a").json()

    assert (before, after) == ("old", "new")
