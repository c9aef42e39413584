"""What is patched step by step stays an item: of its schema, of a size, and with what is the server's."""

from typing import Any

import pytest

from tests.contract.compact import TEXT, contract_of, gives, listed, thing
from tests.respond.served import Served, serve

PATCH = "application/json-patch+json"
NUMBER = {"type": "integer"}
DOOR = thing(
    "id",
    "name",
    "pin",
    id={**TEXT, "readOnly": True},
    name=TEXT,
    width=NUMBER,
    pin={**TEXT, "writeOnly": True},
    made_by={**TEXT, "readOnly": True},
)


@pytest.fixture
def doors(tmp_path) -> Served:
    patch = gives(DOOR)
    patch["requestBody"] = {"content": {PATCH: {"schema": listed({"type": "object"})}}}
    contract_of(
        tmp_path,
        {
            "GET /doors": gives(listed(DOOR)),
            "POST /doors": gives(DOOR, "201", takes=DOOR),
            "GET /doors/{doorId}": gives(DOOR),
            "PATCH /doors/{doorId}": patch,
        },
    )
    return serve(tmp_path / "openapi.json")


def made(doors: Served) -> tuple[str, Any]:
    door = doors.post("/doors", {"name": "Front", "pin": "1234"}).body
    return f"/doors/{door['id']}", door


def test_a_patch_adds_nothing_that_is_the_servers(doors):
    url, door = made(doors)

    answers = [
        doors.patch(url, [{"op": "add", "path": path, "value": value}])
        for path, value in (("/x-mock-deleted", True), ("/x-mock-key", "zz"), ("/made_by", "me"))
    ]

    assert [each.body for each in answers] == [door, door, door]
    assert doors.get(url).body == door
    assert door in doors.get("/doors").body


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param({"op": "remove", "path": "/name"}, id="without what is required"),
        pytest.param({"op": "remove", "path": "/pin"}, id="without what is required and only written"),
        pytest.param({"op": "replace", "path": "/name", "value": {"a": 1}}, id="of another type"),
        pytest.param({"op": "add", "path": "/width", "value": "wide"}, id="a property of another type"),
    ],
)
def test_a_patch_that_breaks_the_schema_of_an_item_is_refused(doors, operation):
    url, door = made(doors)

    refused = doors.patch(url, [operation])

    assert refused.status == 422
    assert operation["path"][1:] in refused.body["detail"]
    assert doors.get(url).body == door


def test_a_patch_may_leave_as_it_was_what_broke_the_schema_before(doors):
    doors.store["doors"].insert({"id": "odd", "name": 5})

    changed = doors.patch("/doors/odd", [{"op": "add", "path": "/width", "value": 90}])

    assert (changed.status, changed.body["width"]) == (200, 90)
