"""Journeys find what a change does to single members, what is left out, and what lies elsewhere."""

from pathlib import Path

import pytest

from mockserver.prove.fuzz import Plan, fuzz
from mockserver.prove.report import Report
from mockserver.prove.told import describe
from mockserver.serve.assembly import Setup
from mockserver.state.settings import Settings

CONTRACT = """
openapi: 3.1.0
info: {title: Rooms, version: "1"}
paths:
  /rooms:
    get:
      operationId: listRooms
      responses: {"200": {$ref: "#/components/responses/Rooms"}}
  /rooms/{room_id}/desks:
    parameters: [{name: room_id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: listDesks
      responses: {"200": {$ref: "#/components/responses/Desks"}}
    post:
      operationId: createDesk
      requestBody: {$ref: "#/components/requestBodies/NewDesk"}
      responses: {"201": {$ref: "#/components/responses/Desk"}}
  /rooms/{room_id}/desks/{desk_id}:
    parameters:
      - {name: room_id, in: path, required: true, schema: {type: string}}
      - {name: desk_id, in: path, required: true, schema: {type: string}}
    get:
      operationId: getDesk
      responses: {"200": {$ref: "#/components/responses/Desk"}, "404": {description: No}}
    patch:
      operationId: changeDesk
      requestBody: {$ref: "#/components/requestBodies/DeskChange"}
      responses: {"200": {$ref: "#/components/responses/Desk"}, "404": {description: No}}
    put:
      operationId: replaceDesk
      requestBody: {$ref: "#/components/requestBodies/NewDesk"}
      responses: {"200": {$ref: "#/components/responses/Desk"}, "404": {description: No}}
    delete:
      operationId: deleteDesk
      responses: {"204": {description: Gone}, "404": {description: No}}
components:
  requestBodies:
    NewDesk:
      required: true
      content: {application/json: {schema: {$ref: "#/components/schemas/NewDesk"}}}
    DeskChange:
      required: true
      content: {application/json: {schema: {$ref: "#/components/schemas/DeskChange"}}}
  responses:
    Rooms: {description: All, content: {application/json: {schema: {$ref: "#/components/schemas/Rooms"}}}}
    Desks: {description: All, content: {application/json: {schema: {$ref: "#/components/schemas/Desks"}}}}
    Desk: {description: It, content: {application/json: {schema: {$ref: "#/components/schemas/Desk"}}}}
  schemas:
    Rooms: {type: array, items: {type: object, required: [id], properties: {id: {type: string}}}}
    Desks: {type: array, items: {$ref: "#/components/schemas/Desk"}}
    NewDesk:
      type: object
      required: [title]
      properties:
        title: {type: string, minLength: 1, maxLength: 80}
        free: {type: boolean, default: true}
        labels: {type: array, items: {type: string, minLength: 1}}
    DeskChange:
      type: object
      minProperties: 1
      properties:
        title: {type: string, minLength: 1, maxLength: 80}
        free: {type: boolean}
        labels: {type: array, items: {type: string, minLength: 1}}
    Desk:
      type: object
      required: [id, room_id, title, free, labels]
      properties:
        id: {type: string}
        room_id: {type: string}
        title: {type: string}
        free: {type: boolean}
        labels: {type: array, items: {type: string}}
"""

HANDLERS = """
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem

DEVIATION = "%s"
DESKS = {}
NEW = {"free": True, "labels": []}


def found(request):
    desk = DESKS.get(request.path["desk_id"])
    is_elsewhere = desk is not None and desk["room_id"] != request.path["room_id"]
    if desk is None or (is_elsewhere and DEVIATION != "another parent"):
        raise Problem(404, "There is no such desk")
    return desk


@handles("listRooms")
def rooms(request, store):
    return Response([{"id": "r1"}, {"id": "r2"}])


@handles("listDesks")
def desks(request, store):
    found = [each for each in DESKS.values() if each["room_id"] == request.path["room_id"]]
    return Response([{**each, "labels": []} for each in found] if DEVIATION == "fewer listed" else found)


@handles("createDesk")
def create(request, store):
    room = "r9" if DEVIATION == "a parent of its own" else request.path["room_id"]
    new = {**NEW, "free": False} if DEVIATION == "another default" else NEW
    desk = {"id": f"d{store.new_id('n')}", "room_id": request.path["room_id"], **new, **request.body}
    DESKS[desk["id"]] = desk
    return Response({**desk, "room_id": room}, 201)


@handles("getDesk")
def read(request, store):
    return Response(found(request))


@handles("replaceDesk")
def replace(request, store):
    desk = found(request)
    desk.update({**NEW, **({"free": False} if DEVIATION == "another default on PUT" else {}), **request.body})
    return Response(desk)


@handles("changeDesk")
def change(request, store):
    desk, body = found(request), dict(request.body)
    if DEVIATION == "no false":
        body = {name: each for name, each in body.items() if each is not False}
    if DEVIATION == "longer lists" and "labels" in body:
        body["labels"] = [*desk["labels"], *body["labels"]]
    if DEVIATION == "one member with another" and "free" in body:
        body.setdefault("labels", ["taken"])
    desk.update(body)
    return Response(desk)


@handles("deleteDesk")
def delete(request, store):
    del DESKS[found(request)["id"]]
    return Response(None, 204)
"""


def travel(folder: Path, deviation: str, seed: int = 1) -> Report:
    contract, handlers = folder / "rooms.yaml", folder / "handlers.py"
    contract.write_text(CONTRACT)
    handlers.write_text(HANDLERS % deviation)
    setup = Setup(
        contract=contract, handlers=str(handlers), settings=Settings(requests="off", responses="off")
    )
    return fuzz(setup, Plan(seed=seed, phases=("journeys",)), lambda _: None)


@pytest.mark.parametrize(
    ("deviation", "check", "operation_id"),
    [
        pytest.param("no false", "what_was_sent_is_kept", "changeDesk", id="false is not stored"),
        pytest.param("longer lists", "what_was_sent_is_kept", "changeDesk", id="a list is added to"),
        pytest.param("another default", "defaults_are_applied", "createDesk", id="a default of its own"),
        pytest.param("another default on PUT", "defaults_are_applied", "replaceDesk", id="and on PUT"),
        pytest.param("a parent of its own", "item_is_of_its_parent", "createDesk", id="of another parent"),
        pytest.param("another parent", "item_is_of_its_parent", "getDesk", id="there under another parent"),
        pytest.param("fewer listed", "listed_item_can_be_read", "getDesk", id="listed with less"),
    ],
)
def test_a_deviation_is_found_in_its_operation(tmp_path, deviation, check, operation_id):
    report = travel(tmp_path, deviation)

    found = {(finding.check, finding.operation_id) for finding in report.findings}
    assert (check, operation_id) in found, "\n".join(describe(report))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("deviation", ["", "one member with another"])
def test_what_may_be_meant_is_not_reported(tmp_path, deviation, seed):
    report = travel(tmp_path, deviation, seed)

    assert report.ok, "\n".join(describe(report))
    assert report.checks["item_is_of_its_parent"] > 0
    assert report.checks["change_leaves_the_rest"] > 0
