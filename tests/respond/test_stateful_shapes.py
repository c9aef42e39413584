"""What contracts do in their own ways is answered from state too: small documents, each with one of them."""

from pathlib import Path
from typing import Any

from tests.contract.compact import NEW_PET, PET, contract_of, gives, listed
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
