"""What belongs to no collection is compared too: as what it declares itself to be, with its parameters."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mockserver.prove.compare.comparing import compare
from mockserver.prove.compare.plan import Comparison
from mockserver.prove.report import Report
from mockserver.prove.told import describe
from mockserver.prove.verify import Backend
from mockserver.serve.assembly import Setup
from tests.prove.backend import serving

CONTRACT = """
openapi: 3.1.0
info: {title: Museum, version: "1"}
paths:
  /hours:
    get:
      operationId: listHours
      parameters: [{name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 30}}]
      responses:
        "200":
          description: The hours
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Day"}}}}
        "422": {description: Not so}
  /code:
    get:
      operationId: getCode
      responses: {"200": {description: A picture, content: {image/png: {schema: {type: string}}}}}
  /notes:
    get:
      operationId: listNotes
      responses:
        "200":
          description: All
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}
    post:
      operationId: addNote
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/NewNote"}}}}
      responses:
        "201":
          {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "422": {description: Not so}
  /notes/{id}/picture:
    get:
      operationId: getPicture
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: A picture, content: {image/png: {schema: {type: string}}}}}
components:
  schemas:
    Day:
      type: object
      required: [date]
      properties: {date: {type: string, format: date}}
    NewNote:
      {type: object, required: [text], properties: {text: {type: string, minLength: 1}}}
    Note:
      {type: object, required: [id, text], properties: {id: {type: integer}, text: {type: string}}}
"""


class Museum:
    """The routes of a backend that is right, but for what it is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.notes: list[dict[str, object]] = []
        self.most, self.picture, self.allows = 30, "image/png", "GET, POST"

    def app(self) -> Starlette:
        routes = [
            Route("/v1/hours", self.hours),
            Route("/v1/code", self.code),
            Route("/v1/notes/{id}/picture", self.code),
            Route("/v1/notes", self.noted, methods=["GET", "POST", "PUT", "PATCH"]),
        ]
        return Starlette(routes=routes)

    def see(self, request: Request) -> None:
        self.asked.append((request.url.path, request.url.query, request.headers["accept"]))

    async def hours(self, request: Request) -> Response:
        self.see(request)
        limit = request.query_params.get("limit", "10")
        if not limit.isdigit() or not 1 <= int(limit) <= self.most:
            return JSONResponse({"detail": "No such limit"}, 422)
        return JSONResponse([{"date": "2026-05-01"}])

    async def code(self, request: Request) -> Response:
        self.see(request)
        return Response(b"\x89PNG", media_type=self.picture)

    async def noted(self, request: Request) -> Response:
        if request.method in ("PUT", "PATCH"):
            return Response("Method Not Allowed", 405, {"Allow": self.allows}, "text/plain")
        if request.method in ("GET", "HEAD"):
            return JSONResponse(self.notes)
        try:
            text = json.loads(await request.body())["text"]
        except (ValueError, TypeError, KeyError):
            return JSONResponse({"detail": "That is no note"}, 422)
        self.notes.append({"id": len(self.notes) + 1, "text": text})
        return JSONResponse(self.notes[-1], 201)


@pytest.fixture
def museum() -> Museum:
    return Museum()


@pytest.fixture
def url(museum: Museum) -> Iterator[str]:
    with serving(museum.app()) as address:
        yield address


def ask(folder: Path, url: str, source: str = "examples") -> Report:
    contract = folder / "museum.yaml"
    contract.write_text(CONTRACT)
    return compare(Setup(contract=contract), Backend(url), Comparison(sources=(source,)), lambda _: None)


def differences(report: Report) -> set[tuple[str, str]]:
    return {(each.operation_id, each.check) for each in report.findings}


def test_what_is_no_json_is_asked_for_as_what_it_is(museum, url, tmp_path):
    report = ask(tmp_path, url)

    assert report.tallies["getCode"].answers == {200: 1}
    assert report.tallies["getPicture"].answers[200]
    assert ("/v1/code", "", "image/png") in museum.asked
    assert report.ok, "\n".join(describe(report))


def test_another_kind_of_picture_is_a_difference(museum, url, tmp_path):
    museum.picture = "image/gif"

    assert ("getCode", "same_media_type") in differences(ask(tmp_path, url))


def test_a_list_of_what_has_no_id_is_asked_at_its_limits(museum, url, tmp_path):
    ask(tmp_path, url, "generated")

    queries = {query for path, query, _ in museum.asked if path == "/v1/hours"}
    assert {"limit=1", "limit=30", "limit=0", "limit=31", "limit=nonsense"} <= queries


def test_another_limit_of_such_a_list_is_a_difference(museum, url, tmp_path):
    museum.most = 20

    assert ("listHours", "same_status") in differences(ask(tmp_path, url, "generated"))


def test_how_a_method_is_refused_that_no_contract_has_is_no_difference(url, tmp_path):
    report = ask(tmp_path, url)

    assert report.tallies["addNote"].answers[405] == 1
    assert report.ok, "\n".join(describe(report))


def test_which_methods_are_allowed_in_its_place_is_one(museum, url, tmp_path):
    museum.allows = "GET"

    assert differences(ask(tmp_path, url)) == {("addNote", "same_headers")}
