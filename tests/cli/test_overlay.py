"""``--overlay``: a document that is not ours is corrected by a file beside it."""

import pytest

from tests.cli.test_serve import Served, edit, one_sentence, run
from tests.cli.test_serve_any import written

# The herd has two lists of animals; nothing tells which one has those that are there.
ZOO = """\
openapi: 3.0.3
info: {title: Zoo, version: '1'}
paths:
  /animals:
    post:
      operationId: addAnimal
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}}
      responses:
        '201': {description: x, content: {application/json: {schema: {$ref: '#/components/schemas/Animal'}}}}
  /herd:
    get:
      operationId: readHerd
      responses:
        '200': {description: x, content: {application/json: {schema: {$ref: '#/components/schemas/Herd'}}}}
components:
  schemas:
    Animal:
      type: object
      required: [id, name]
      properties: {id: {type: integer, readOnly: true}, name: {type: string}}
    Herd:
      type: object
      required: [alive, dead]
      properties:
        alive: {type: array, items: {$ref: '#/components/schemas/Animal'}}
        dead: {type: array, items: {$ref: '#/components/schemas/Animal'}}
"""
CORRECTION = """\
overlay: 1.0.0
info: {title: Corrections, version: '1'}
actions:
  - target: $.paths['/animals'].post
    update: {x-mock-collection: {collection: animals, action: create}}
  - target: $.paths['/herd'].get
    update: {x-mock-collection: {collection: animals, action: list, items: alive}}
"""


@pytest.fixture
def zoo(tmp_path):
    written(tmp_path, CORRECTION, "fix.yaml")
    return written(tmp_path, ZOO, "zoo.yaml")


def alive(mock: Served) -> list[str]:
    return [each["name"] for each in mock.get("/herd").json()["alive"]]


def test_a_wrong_guess_is_corrected(zoo):
    with Served(zoo, "--quiet") as guessing:
        guessing.post("/animals", json={"name": "Nana"})
        guessed = alive(guessing)
    with Served(zoo, "--overlay", zoo.with_name("fix.yaml"), "--quiet") as mock:
        created = mock.post("/animals", json={"name": "Nana"})
        corrected = alive(mock)

    assert created.status_code == 201
    assert "Nana" not in guessed
    assert "Nana" in corrected


def test_an_edit_of_an_overlay_is_seen(zoo):
    overlay = zoo.with_name("fix.yaml")
    with Served(zoo, "--overlay", overlay, "--quiet", "--reload") as mock:
        edit(overlay, "title: Corrections", "title: Nothing else")

        said = mock.lines_until("reloaded.")[-1]

    assert said == "fix.yaml changed; reloaded."


def test_routes_explains_by_what_the_overlay_says(zoo):
    ended = run("routes", zoo, "--overlay", zoo.with_name("fix.yaml"), "--explain", "readHerd")

    assert "x-mock-collection says so." in ended.stdout


@pytest.mark.parametrize("command", ["check", "routes"])
def test_an_overlay_that_changes_nothing_is_named_with_its_line(zoo, command):
    edit(zoo.with_name("fix.yaml"), "$.paths['/herd'].get", "$.paths['/hird'].get")

    ended = run(command, zoo, "--overlay", zoo.with_name("fix.yaml"))

    said = "fix.yaml:6  actions.1.target: $.paths['/hird'].get selects nothing, so nothing is changed."
    assert said in ended.stdout + ended.stderr


def test_a_correction_that_cannot_be_meant_is_refused_with_the_line_in_the_overlay(zoo):
    edit(zoo.with_name("fix.yaml"), "items: alive", "items: alife")

    ended = run("routes", zoo, "--overlay", zoo.with_name("fix.yaml"))

    said = "mockserver: fix.yaml:7  actions.1.update.x-mock-collection: alife: there is no alife"
    assert one_sentence(ended).startswith(said)


def test_an_overlay_that_is_not_there_is_refused(zoo):
    ended = run("fuzz", zoo, "--overlay", "nowhere.yaml")

    assert one_sentence(ended) == "mockserver: --overlay nowhere.yaml: there is no such file.\n"


def test_routes_lists_what_a_prefix_has_served(zoo):
    ended = run("routes", zoo, "--prefix", "/zoo")

    assert "http://127.0.0.1:8080/zoo/herd" in ended.stdout
