"""What contracts do in their own ways is answered from state too: small documents, each with one of them."""

from pathlib import Path
from typing import Any

from tests.contract.compact import NEW_PET, PET, TEXT, contract_of, gives, listed, thing
from tests.respond.served import Served, serve

PETS = {
    "GET /pets": gives(listed(PET)),
    "POST /pets": gives(PET, "201", takes=NEW_PET),
    "GET /pets/{petId}": gives(PET),
}


def served(folder: Path, operations: dict[str, Any], **schemas: Any) -> Served:
    contract_of(folder, operations, **schemas)
    return serve(folder / "openapi.json")


def test_paths_that_differ_in_the_name_of_a_parameter_are_one(tmp_path):
    api = served(tmp_path, {**PETS, "DELETE /pets/{pet}": gives(None, "204")})
    url = f"/pets/{api.post('/pets', {'name': 'Rex'}).body['id']}"

    assert api.delete(url).status == 204
    assert (api.get(url).status, api.delete(url).status) == (404, 404)


def test_children_are_found_whatever_a_path_calls_their_parent(tmp_path):
    note = {"type": "object", "properties": {"id": {"type": "integer"}, "text": {"type": "string"}}}
    api = served(
        tmp_path,
        {
            **PETS,
            "GET /pets/{id}/notes": gives(listed(note)),
            "POST /pets/{petId}/notes": gives(note, "201", takes=note),
        },
    )
    pet = api.post("/pets", {"name": "Rex"}).body["id"]

    made = api.post(f"/pets/{pet}/notes", {"text": "Bites."}).body

    assert api.get(f"/pets/{pet}/notes").body == [made]


def test_what_declares_refusals_only_is_no_part_of_a_collection(tmp_path):
    api = served(tmp_path, {**PETS, "DELETE /pets/{petId}": gives(None, "404")})
    url = f"/pets/{api.post('/pets', {'name': 'Rex'}).body['id']}"

    assert api.delete(url).status == 404
    assert api.get(url).status == 200
    assert "declares no success" in api.resources.reasons["DELETE /pets/{petId}"][0]


def test_a_list_of_the_one_item_that_is_asked_for_has_it_or_is_not_there(tmp_path):
    api = served(tmp_path, {**PETS, "GET /pets/{petId}": gives(listed(PET))})
    made = api.post("/pets", {"name": "Rex"}).body

    assert api.get(f"/pets/{made['id']}").body == [made]
    assert api.get("/pets/999").status == 404


def test_a_declared_request_makes_the_declared_item(tmp_path):
    create = gives(PET, "201", takes=NEW_PET)
    create["requestBody"]["content"]["application/json"]["examples"] = {
        "cat": {"value": {"name": "Tom"}},
        "dog": {"value": {"name": "Rex"}},
    }
    create["responses"]["201"]["content"]["application/json"]["examples"] = {
        "cat": {"value": {"id": 90, "name": "Tom", "tag": "lazy"}},
        "dog": {"value": {"id": 91, "name": "Rex", "tag": "loud", "owner_id": "o-1"}},
    }
    api = served(tmp_path, {**PETS, "POST /pets": create, "DELETE /pets/{petId}": gives(None, "204")})
    dog = {"id": 91, "name": "Rex", "tag": "loud", "owner_id": "o-1"}

    again = api.post("/pets", {"name": "Rex"}).body  # the example is there from the beginning
    api.delete("/pets/91")
    made = api.post("/pets", {"name": "Rex"}).body
    other = api.post("/pets", {"name": "Max"}).body

    assert again == {**dog, "id": again["id"]} != dog
    assert made == api.get("/pets/91").body == dog
    assert "tag" not in other


def test_what_is_only_written_is_not_in_examples_either(tmp_path):
    signer = thing(email=TEXT, password={**TEXT, "writeOnly": True})
    sign = gives(thing("signers", signers=listed(signer)), "200", takes=thing(signers=listed(signer)))
    sign["responses"]["200"]["content"]["application/json"]["example"] = {
        "signers": [{"email": "ann@example.com", "password": "secret"}]
    }
    api = served(tmp_path, {"POST /sign": sign})

    assert api.post("/sign", {}).body == {"signers": [{"email": "ann@example.com"}]}


def test_what_is_only_written_under_a_condition_is_not_shown_either(tmp_path):
    locked = {"properties": {"pin": {**TEXT, "writeOnly": True}}}
    door = {**thing(id=TEXT, kind=TEXT), "if": {"properties": {"kind": {"const": "lock"}}}, "then": locked}
    api = served(
        tmp_path, {"POST /doors": gives(door, "201", takes=door), "GET /doors/{id}": gives(door, "200")}
    )

    made = api.post("/doors", {"kind": "lock", "pin": "1234"})

    assert made.status == 201
    assert "pin" not in made.body
    assert made.body["kind"] == "lock"
