"""``--reload``: every edit of what belongs to a mock is seen; a broken one keeps the last good version."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.cli.test_serve import Served, edit, replace
from tests.serve.backends import backend

CONTRACT = """\
openapi: 3.1.0
info: {title: Things, version: '1'}
x-mock: {handlers: handlers, fixtures: fixtures, collections: {things: Thing}}
paths:
  /things:
    get:
      operationId: listThings
      responses:
        '200': {description: All, content: {application/json: {schema: {type: object}}}}
    post:
      operationId: createThing
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses:
        '201': {description: Made, content: {application/json: {schema: {type: object}}}}
components:
  schemas:
    Thing:
      type: object
      required: [id]
      properties:
        id: {type: string}
        colour: {enum: [red, green]}
"""
HANDLERS = """\
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles


@handles("listThings")
def list_things(request, store):
    return Response({"things": store["things"].find(), "made by": "the first version"})


@handles("createThing")
def create_thing(request, store):
    return Response(store["things"].insert(request.body), 201)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with a small contract, its handlers and its fixtures."""
    for name, text in {
        "openapi.yaml": CONTRACT,
        "handlers/things.py": HANDLERS,
        "fixtures/demo/things.yaml": "- {id: a, colour: red}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def serve(folder: Path, *options: str | Path) -> Served:
    return Served("--reload", "--quiet", *options, cwd=folder)


def ids(mock: Served) -> list[str]:
    return [thing["id"] for thing in mock.get("/things").json()["things"]]


def test_an_edit_of_the_contract_is_seen(folder):
    with serve(folder) as mock:
        before = mock.post("/things", json={"id": "b", "colour": "blue"})
        edit(folder / "openapi.yaml", "[red, green]", "[red, green, blue]")

        said = mock.lines_until("reloaded.")[-1]
        after = mock.post("/things", json={"id": "b", "colour": "blue"})

    assert said == "openapi.yaml changed; reloaded."
    assert (before.status_code, after.status_code) == (422, 201)


def test_an_edit_of_a_handler_is_seen(folder):
    with serve(folder) as mock:
        edit(folder / "handlers" / "things.py", "the first version", "another version")

        said = mock.lines_until("reloaded.")[-1]
        answered = mock.get("/things").json()

    assert said == "things.py changed; reloaded."
    assert answered["made by"] == "another version"


def test_a_handler_in_a_new_file_is_seen(folder):
    with serve(folder) as mock:
        edit(folder / "openapi.yaml", "components:", MORE_PATHS)
        mock.lines_until("reloaded.")
        replace(folder / "handlers" / "more.py", MORE_HANDLERS)
        mock.lines_until("more.py changed; reloaded.")

        answered = mock.get("/more").json()

    assert answered == {"more": True}


MORE_PATHS = """\
  /more:
    get:
      operationId: more
      responses:
        '200': {description: More, content: {application/json: {schema: {type: object}}}}
components:"""
MORE_HANDLERS = """\
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles


@handles("more")
def more(request, store):
    return Response({"more": True})
"""


def test_an_edit_of_the_fixtures_is_seen_and_begins_anew(folder):
    with serve(folder) as mock:
        mock.post("/things", json={"id": "written"})
        replace(folder / "fixtures" / "demo" / "things.yaml", "- {id: z, colour: green}\n")

        said = mock.lines_until("reloaded.")[-1]
        after = ids(mock)

    assert said == "things.yaml changed; reloaded."
    assert after == ["z"]


def test_an_edit_of_a_set_that_stands_elsewhere_is_seen(folder):
    elsewhere = folder / "elsewhere" / "mine"
    elsewhere.mkdir(parents=True)
    replace(elsewhere / "things.yaml", "- {id: there}\n")
    with serve(folder, "--set", elsewhere) as mock:
        replace(elsewhere / "things.yaml", "- {id: there}\n- {id: too}\n")
        mock.lines_until("reloaded.")

        after = ids(mock)

    assert after == ["there", "too"]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("openapi.yaml", "title: Things", "title: Other things"),
        ("handlers/things.py", "the first version", "another version"),
    ],
    ids=["the contract", "the handlers"],
)
def test_what_was_written_is_kept_when_something_else_than_the_fixtures_changes(folder, file, old, new):
    with serve(folder) as mock:
        mock.post("/things", json={"id": "written"})
        edit(folder / file, old, new)
        mock.lines_until("reloaded.")

        after = ids(mock)
        mock.post("/_mock/reset")
        anew = ids(mock)

    assert after == ["a", "written"]
    assert anew == ["a"]


def test_what_was_written_to_a_state_file_is_kept_whatever_changes(folder):
    with serve(folder, "--state", folder / "mock.db") as mock:
        mock.post("/things", json={"id": "written"})
        replace(folder / "fixtures" / "demo" / "things.yaml", "- {id: z}\n")
        mock.lines_until("reloaded.")

        after = ids(mock)
        mock.post("/_mock/reset")
        anew = ids(mock)

    assert after == ["a", "written"]
    assert anew == ["z"]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "openapi.yaml",
            "openapi: ",
            "openapi: 9.",
            "openapi.yaml:1  openapi: version 9.",
        ),
        ("openapi.yaml", "paths:", "paths: [", "openapi.yaml:"),
        ("handlers/things.py", "def list_things(request, store):", "def list_things(request", "SyntaxError"),
        (
            "handlers/things.py",
            '@handles("listThings")',
            '@handles("listThing")',
            'Did you mean "listThings"?',
        ),
        (
            "fixtures/demo/things.yaml",
            "colour: red",
            "colour: blue",
            'things.yaml:1, item 1: colour is "blue"; the contract allows red, green.',
        ),
        ("fixtures/demo/things.yaml", "colour: red", "colour: red}, {", "things.yaml:1  syntax: "),
    ],
    ids=[
        "a version that is not read",
        "a contract that is no YAML",
        "handlers that are no Python",
        "a handler of an unknown operation",
        "an item that breaks its schema",
        "fixtures that are no YAML",
    ],
)
def test_a_broken_edit_keeps_the_last_good_version_until_it_is_mended(folder, file, old, new, said):
    with serve(folder) as mock:
        mock.post("/things", json={"id": "written"})
        good = mock.get("/things").json()
        edit(folder / file, old, new)
        complaint = [mock.lines_until("the last good version goes on:")[-1], mock.line()]
        meanwhile = mock.get("/things").json()
        edit(folder / file, new, old)
        mock.lines_until("reloaded.")

        mended = mock.get("/things")

    assert complaint[0].startswith(f"{Path(file).name} changed, but cannot be used")
    assert said in complaint[1]
    assert meanwhile == good
    assert mended.status_code == 200


def test_an_edit_that_could_not_be_used_is_seen_once_another_mends_it(folder):
    things = folder / "fixtures" / "demo" / "things.yaml"
    with serve(folder) as mock:
        edit(things, "colour: red", "colour: blue")
        mock.lines_until("the last good version goes on:")
        edit(folder / "openapi.yaml", "[red, green]", "[red, green, blue]")
        mock.lines_until("openapi.yaml changed; reloaded.")

        after = mock.get("/things").json()["things"]

    assert after == [{"id": "a", "colour": "blue"}]


def test_an_edit_of_something_else_is_left_alone(folder):
    with serve(folder) as mock:
        (folder / "notes.txt").write_text("nothing of ours")
        (folder / "other.yaml").write_text("nothing: of ours")
        edit(folder / "openapi.yaml", "title: Things", "title: Other things")

        said = mock.lines_until("changed")[-1]

    assert said == "openapi.yaml changed; reloaded."


def test_a_contract_that_is_away_for_a_moment_is_not_replaced_by_another(folder):
    with serve(folder) as mock:
        (folder / "openapi.yaml").rename(folder / "away")
        mock.lines_until("the last good version goes on")
        meanwhile = mock.get("/things")
        (folder / "away").rename(folder / "openapi.yaml")
        mock.lines_until("openapi.yaml changed; reloaded.")
        edit(folder / "openapi.yaml", "[red, green]", "[red, green, blue]")
        mock.lines_until("openapi.yaml changed; reloaded.")

        after = mock.post("/things", json={"id": "b", "colour": "blue"})

    assert meanwhile.json()["made by"] == "the first version"
    assert after.status_code == 201


@pytest.mark.parametrize("name", ["fixtures", "handlers"])
def test_a_folder_that_goes_away_and_comes_back_is_followed_again(folder, name):
    with serve(folder) as mock:
        (folder / name).rename(folder / "away")
        mock.lines_until("the last good version goes on")
        (folder / "away").rename(folder / name)
        mock.lines_until("changed; reloaded.")
        edit(folder / "handlers" / "things.py", "the first version", "another version")
        mock.lines_until("things.py changed; reloaded.")
        edit(folder / "fixtures" / "demo" / "things.yaml", "id: a", "id: z")
        mock.lines_until("things.yaml changed; reloaded.")

        answered = mock.get("/things").json()

    assert answered == {"things": [{"id": "z", "colour": "red"}], "made by": "another version"}


def test_every_edit_in_front_of_a_backend_is_followed_and_requests_go_on(folder):
    contract = folder / "openapi.yaml"
    app = Starlette(routes=[Route("/things", lambda _: JSONResponse({"things": []}))])
    with backend(app) as url, serve(folder, "--upstream", url) as mock:
        statuses = []
        for number in range(20):
            edit(contract, f"title: Things{' again' * number}", f"title: Things{' again' * (number + 1)}")
            statuses.append(mock.get("/things").status_code)
            mock.lines_until("openapi.yaml changed; reloaded.")
            statuses.append(mock.get("/things").status_code)

        entries = mock.get("/_mock/journal/count").json()

    assert statuses == [200] * 40
    assert entries["count"] == 40


PUTS_B = "description: Ours.\nchanges: {things: {put: [{id: b, colour: red}]}}\n"


def test_a_scenario_goes_on_over_an_edit_of_the_contract_and_is_held_against_it_then(folder):
    scenario = folder / "ours.yaml"
    replace(scenario, PUTS_B)
    with serve(folder, "--scenario", scenario) as mock:
        mock.post("/things", json={"id": "written"})
        edit(folder / "openapi.yaml", "[red, green]", "[red, green, blue]")
        mock.lines_until("reloaded.")
        kept = ids(mock)
        mock.post("/_mock/reset")
        anew = ids(mock)
        edit(folder / "openapi.yaml", "[red, green, blue]", "[green]")
        edit(folder / "fixtures" / "demo" / "things.yaml", "red", "green")
        said = "\n".join(mock.lines_until('colour is "red"'))

        still = ids(mock)

    assert (kept, anew, still) == (["a", "b", "written"], ["a", "b"], ["a", "b"])
    assert f"{scenario}:2  changes.things.put, item 1, colour" in said


def test_an_edit_of_a_scenario_is_seen_and_begins_anew(folder):
    scenario = folder / "ours.yaml"
    replace(scenario, PUTS_B)
    with serve(folder, "--scenario", scenario) as mock:
        edit(scenario, "id: b", "id: c")
        mock.lines_until("reloaded.")

        after = ids(mock)

    assert after == ["a", "c"]


def test_whoever_reads_the_journal_is_told_of_a_reload_that_begins_anew(folder):
    with serve(folder) as mock, httpx.stream("GET", f"{mock.url}/_mock/journal/stream", timeout=30) as stream:
        pieces = stream.iter_raw()
        greeting = next(pieces)
        replace(folder / "fixtures" / "demo" / "things.yaml", "- {id: z, colour: green}\n")

        rest = next(pieces, b"the end")

        assert greeting.startswith(b":")
        assert rest == b"the end"


def test_a_reload_that_begins_anew_tells_of_the_sandboxes_that_are_gone(folder):
    with serve(folder) as mock:
        mock.get("/things", headers={"Mock-Sandbox": "one"})
        replace(folder / "fixtures" / "demo" / "things.yaml", "- {id: z, colour: green}\n")

        said = mock.lines_until("reloaded.")[-1]

    assert said.endswith("reloaded. What was written is gone, and a sandbox with it.")


def test_an_edit_of_a_scenario_that_nobody_began_with_keeps_what_was_written(folder):
    scenario = folder / "fixtures" / "scenarios" / "ours.yaml"
    scenario.parent.mkdir()
    replace(scenario, PUTS_B)
    with serve(folder) as mock:
        mock.post("/things", json={"id": "written"}, headers={"Mock-Sandbox": "one"})
        edit(scenario, "id: b", "id: c")
        mock.lines_until("reloaded.")

        kept = mock.get("/things", headers={"Mock-Sandbox": "one"}).json()["things"]
        mock.post("/_mock/scenarios/ours/start")
        begun = ids(mock)

    assert [each["id"] for each in kept] == ["a", "written"]
    assert begun == ["a", "c"]
