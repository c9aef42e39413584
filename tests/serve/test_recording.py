"""What a proxy records can be served again, as a fixture set and as examples, and holds no secret."""

import json
import re
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from tests.conftest import SHIPPED, Api, in_process
from tests.serve.backends import backend
from tests.serve.test_upstream import NOTES, note, proxy

KEY = {"X-Key": "a-secret-key"}
TOKEN = "tok_a1b2c3d4"
OVERLAY = Path("examples", "overlay.json")


def notebook() -> Starlette:
    """Make a backend that lists its notes in brief, and keeps what is written."""
    notes = {number: note(number, access_token=TOKEN, owner={"api_key": "hidden"}) for number in (1, 2, 3)}

    def several(request: Request) -> Response:
        return JSONResponse([{"id": each["id"], "text": each["text"]} for each in notes.values()])

    async def create(request: Request) -> Response:
        made = {"id": 9, **await request.json()}
        notes[9] = made
        return JSONResponse(made, 201, headers={"Location": "/api/v1/notes/9"})

    def one(request: Request) -> Response:
        found = notes.get(int(request.path_params["id"]))
        return JSONResponse(
            found or {"error": f"none; you are {request.headers['x-key']}"}, 200 if found else 404
        )

    def delete(request: Request) -> Response:
        notes.pop(int(request.path_params["id"]))
        return Response(status_code=204)

    def comments(request: Request) -> Response:
        return JSONResponse([{"id": 1, "said": f"of {request.path_params['id']}"}])

    return Starlette(
        routes=[
            Route("/api/v1/notes", several),
            Route("/api/v1/notes", create, methods=["POST"]),
            Route("/api/v1/notes/{id}", one),
            Route("/api/v1/notes/{id}", delete, methods=["DELETE"]),
            Route("/api/v1/notes/{id}/comments", comments),
        ]
    )


def served(folder: Path, path: str, **more: Any) -> Any:
    with in_process(Setup(contract=NOTES, fixture_set=str(folder), **more)) as api:
        return api.get(f"/api/v1{path}", headers=KEY).json()


def test_what_was_recorded_is_answered_again(tmp_path):
    with backend(notebook()) as url, proxy(url, record=tmp_path) as made:
        listed = made.get("/notes").json()
        comments = [made.get(f"/notes/{number}/comments").json() for number in (1, 2)]

    assert served(tmp_path, "/notes") == listed
    assert [served(tmp_path, f"/notes/{number}/comments") for number in (1, 2)] == comments


def test_an_item_that_was_read_is_more_than_it_is_in_a_list(tmp_path):
    with backend(notebook()) as url, proxy(url, record=tmp_path) as made:
        made.get("/notes/2")
        made.get("/notes")

    assert served(tmp_path, "/notes/2")["owner"] == {"api_key": "masked-apikey"}


def test_what_was_made_is_there_and_what_was_deleted_is_not(tmp_path):
    with backend(notebook()) as url, proxy(url, record=tmp_path) as made:
        made.get("/notes")
        made.post("/notes", json={"text": "new"})
        made.client.delete("/api/v1/notes/1")

    assert [each["id"] for each in served(tmp_path, "/notes")] == [2, 3, 9]


HOURS = """
openapi: 3.1.0
info: {title: Hours, version: "1"}
servers: [{url: /api/v1}]
paths:
  /hours:
    get:
      operationId: listHours
      responses:
        "200":
          description: All
          content:
            application/json:
              schema:
                type: array
                items:
                  {type: object, required: [date], properties: {date: {type: string}, opens: {type: string}}}
"""


def test_items_without_an_id_are_recorded_once_each(tmp_path):
    contract, folder = tmp_path / "hours.yaml", tmp_path / "recorded"
    contract.write_text(HOURS)
    days = [{"date": "2026-05-01", "opens": "09:00"}, {"date": "2026-05-02", "opens": "10:00"}]
    app = Starlette(routes=[Route("/api/v1/hours", lambda _: JSONResponse(days))])

    for _ in range(2):
        with backend(app) as url, proxy(url, contract=contract, record=folder) as made:
            assert [made.get("/hours").json() for _ in range(2)] == [days, days]

    with in_process(Setup(contract=contract, fixture_set=str(folder))) as api:
        assert api.get("/api/v1/hours").json() == days


def test_a_second_run_adds_to_the_first(tmp_path):
    for number in (1, 2):
        with backend(notebook()) as url, proxy(url, record=tmp_path) as made:
            made.get(f"/notes/{number}")

    actions = json.loads((tmp_path / OVERLAY).read_text())["actions"]
    (examples,) = [action["update"]["examples"] for action in actions]
    assert [each["id"] for each in served(tmp_path, "/notes")] == [1, 2]
    assert {each["summary"] for each in examples.values()} == {"GET /api/v1/notes/1", "GET /api/v1/notes/2"}


def test_no_secret_is_in_the_folder_and_the_schema_still_holds(tmp_path):
    with backend(notebook()) as url, proxy(url, record=tmp_path) as made:
        made.post("/notes", json={"text": "x", "password": "hunter22"})
        made.get("/notes/1?api_key=from-the-query")
        made.get("/notes/77")

    text = "".join(file.read_text() for file in tmp_path.rglob("*.json"))
    assert not [
        each for each in ("hunter22", TOKEN, "hidden", "a-secret-key", "from-the-query") if each in text
    ]
    assert "masked-password" in text
    assert "none; you are masked-credential" in text
    # What its schema would not have taken is of the same shape.
    assert re.fullmatch("tok_[a-z0-9]{8}", served(tmp_path, "/notes/1")["access_token"])


SESSIONS = """
openapi: 3.1.0
info: {title: Sessions, version: "1"}
paths:
  /sessions: {get: {operationId: listSessions, responses: {"200": {description: All, content: {
    application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Session"}}}}}}}}
  /sessions/{session_token}:
    parameters: [{name: session_token, in: path, required: true, schema: {type: string}}]
    get: {operationId: getSession, responses: {"200": {description: One, content: {
      application/json: {schema: {$ref: "#/components/schemas/Session"}}}}}}
  /sessions/{session_token}/uses:
    parameters: [{name: session_token, in: path, required: true, schema: {type: string}}]
    get: {operationId: listUses, responses: {"200": {description: Its, content: {
      application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Use"}}}}}}}
  /sessions/{session_token}/uses/{use_id}:
    parameters:
      - {name: session_token, in: path, required: true, schema: {type: string}}
      - {name: use_id, in: path, required: true, schema: {type: integer}}
    get: {operationId: getUse, responses: {"200": {description: One, content: {
      application/json: {schema: {$ref: "#/components/schemas/Use"}}}}}}
components:
  schemas:
    Session: {type: object, properties: {id: {type: string}, text: {type: string}}}
    Use: {type: object, required: [id], properties: {id: {type: integer}, text: {type: string}}}
"""


def test_a_secret_of_the_path_is_not_in_the_folder(tmp_path):
    contract, folder = tmp_path / "sessions.yaml", tmp_path / "recorded"
    contract.write_text(SESSIONS)
    said = {"text": "signed in by PATHSECRETTOKEN"}
    app = Starlette(
        routes=[
            Route("/sessions/{token}", lambda _: JSONResponse(said)),
            Route("/sessions/{token}/uses", lambda _: JSONResponse([{"id": 1, **said}])),
        ]
    )
    with backend(app) as url, proxy(url, record=folder, contract=contract) as made:
        for path in ("/sessions/PATHSECRETTOKEN", "/sessions/PATHSECRETTOKEN/uses"):
            assert made.client.get(path).status_code == 200

    texts = {file.name: file.read_text() for file in folder.rglob("*.json")}
    assert texts.keys() == {"overlay.json", "sessions.json", "sessions.uses.json"}
    assert not [name for name, text in texts.items() if "PATHSECRETTOKEN" in text]
    assert "GET /sessions/masked-sessiontoken/uses" in texts["overlay.json"]


def test_an_item_that_breaks_its_schema_is_mended_so_that_the_set_can_be_read(tmp_path):
    sent = [note(1), {"id": 2, "text": ["no text"]}]
    app = Starlette(routes=[Route("/api/v1/notes", lambda _: JSONResponse(sent))])
    with backend(app) as url, proxy(url, record=tmp_path) as made:
        made.get("/notes")

    first, second = served(tmp_path, "/notes")
    assert first == note(1)
    assert second["id"] == 2
    assert isinstance(second["text"], str)


def test_what_was_recorded_is_an_overlay_of_examples(tmp_path):
    with backend(notebook()) as url, proxy(url, record=tmp_path) as made:
        created = made.post("/notes", json={"text": "of the overlay"}).json()
        made.get("/notes/77")

    with in_process(Setup(contract=NOTES, overlays=(tmp_path / OVERLAY,))) as api:
        contract = api.mock.parts.contract
        listed = api.get("/api/v1/notes", headers=KEY).json()
        missing = contract.by_id["getNote"].responses["404"].content["application/json"].examples
        asked = contract.by_id["createNote"].request_body.content["application/json"].examples
        answered = contract.by_id["createNote"].responses["201"].content["application/json"].examples

    assert not contract.defects
    assert created in listed
    assert list(missing.values()) == [{"error": "none; you are masked-credential"}]
    assert asked == {name: {"text": "of the overlay"} for name in answered}


def test_what_is_stored_otherwise_than_it_is_shown_is_left_out_and_counted(tmp_path):
    with (
        running(Setup(contract=SHIPPED)) as (mock, url),
        proxy(url, record=tmp_path, contract=SHIPPED) as made,
    ):
        token = Api(mock, url).token("super-admin")
        groups = made.client.get("/api/v1/admin/groups", headers={"Authorization": f"Bearer {token}"}).json()
        recording = made.upstream.recording

    assert recording.left_out == {"groups": len(groups["data"])}
    assert json.loads((tmp_path / "groups.json").read_text()) == []


def test_nothing_else_in_the_folder_is_touched(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    with backend(notebook()) as url, proxy(url, record=tmp_path) as made:
        made.get("/notes")

    assert {each.name for each in tmp_path.iterdir()} == {"README.md", "notes.json", "examples"}
    assert (tmp_path / "README.md").read_text() == "mine"
