"""What contracts do in their own ways is answered from state too: small documents, each with one of them."""

import time
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.resources.roles import KEY, PARENTS
from mockserver.serve.assembly import Setup
from mockserver.state.settings import Settings
from tests.conftest import in_process
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


@pytest.mark.parametrize("depth", [205, 300, 450, 600, 900])
@pytest.mark.parametrize("requests", ["enforce", "off"])
def test_what_is_too_deep_to_be_kept_and_shown_is_refused(tmp_path, depth, requests):
    contract_of(tmp_path, PETS)
    deep = b'{"name":"Rex","tags":%s}' % (b'[{"a":' * (depth // 2) + b"1" + b"}]" * (depth // 2))
    sent = {"headers": {"Content-Type": "application/json"}, "content": deep}

    with in_process(
        Setup(contract=tmp_path / "openapi.json", auth="off", settings=Settings(requests=requests))
    ) as api:
        answer = api.post("/pets", **sent)

    assert answer.status_code == (201 if depth < 250 and requests == "off" else 422)
    assert answer.status_code == 201 or "nested more than 200 deep" in answer.text


def test_what_has_many_lists_and_is_not_deep_is_kept(tmp_path):
    tags = [[[]] * 300, "[" * 300, [{}] * 300]

    made = served(tmp_path, PETS).post("/pets", {"name": "Rex", "tags": tags})

    assert (made.status, made.body["tags"]) == (201, tags)


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


def test_what_is_made_below_an_item_and_is_no_item_says_back_what_was_sent(tmp_path):
    payment = thing("id", "amount", id=TEXT, amount={"type": "integer"}, currency=TEXT, petId=TEXT)
    pay = gives(payment, "200", takes=thing("amount", amount={"type": "integer"}, currency=TEXT))
    pay["responses"]["200"]["content"]["application/json"]["example"] = {"id": "pay-1", "amount": 5}
    api = served(tmp_path, {**PETS, "POST /pets/{petId}/payment": pay})

    paid = api.post("/pets/1/payment", {"amount": 12}).body

    assert (paid["id"], paid["amount"]) == ("pay-1", 12)


def test_what_lies_below_an_item_goes_with_it(tmp_path):
    note = thing("id", id={"type": "integer"}, text=TEXT)
    api = served(
        tmp_path,
        {
            "GET /pets/{petId}": gives(PET),
            "PUT /pets/{petId}": gives(PET, "201", takes=NEW_PET),
            "DELETE /pets/{petId}": gives(None, "204"),
            "GET /pets/{petId}/notes": gives(listed(note)),
            "POST /pets/{petId}/notes": gives(note, "201", takes=note),
            "GET /pets/{petId}/notes/{noteId}/lines": gives(listed(note)),
            "POST /pets/{petId}/notes/{noteId}/lines": gives(note, "201", takes=note),
        },
    )
    for pet in (7, 8):
        api.put(f"/pets/{pet}", {"name": "Rex"})
        api.post(f"/pets/{pet}/notes", {"id": 1, "text": "Bites."})
        api.post(f"/pets/{pet}/notes/1/lines", {"id": 1, "text": "Much."})

    api.delete("/pets/7")
    gone = api.get("/pets/7/notes").status
    api.put("/pets/7", {"name": "Max"})

    assert gone == 404
    assert api.get("/pets/7/notes").body == []
    assert api.get("/pets/7/notes/1/lines").status == 404
    assert len(api.get("/pets/8/notes").body) == len(api.get("/pets/8/notes/1/lines").body) == 1


def test_a_form_makes_an_item_too(tmp_path):
    create = gives(PET, "201")
    photo = thing("name", name=TEXT, tag=TEXT, photo={"type": "string", "format": "binary"})
    create["requestBody"] = {"content": {"multipart/form-data": {"schema": photo}}}
    api = served(tmp_path, {**PETS, "POST /pets": create})

    sent = api.api.request("POST", "/pets", data={"name": "Rex", "tag": "loud"}, files={"photo": b"\xff\x00"})

    made = sent.json()
    assert (sent.status_code, made["name"], made["tag"]) == (201, "Rex", "loud")
    assert api.get(f"/pets/{made['id']}").body == made


def test_fields_of_a_form_make_an_item_too(tmp_path):
    create = gives(PET, "201")
    create["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": NEW_PET}}}
    api = served(tmp_path, {**PETS, "POST /pets": create})

    made = api.post("/pets", {"name": "Rex", "tag": "loud"}).body

    assert (made["name"], made["tag"]) == ("Rex", "loud")
    assert api.get(f"/pets/{made['id']}").body == made


def test_items_say_where_they_are(tmp_path):
    linked = thing("id", "links", id=TEXT, name=TEXT, links=thing("self", self={**TEXT, "format": "uri"}))
    api = served(
        tmp_path,
        {
            "GET /pets": gives(listed(linked)),
            "POST /pets": gives(linked, "202", takes=NEW_PET, headers={"Location": TEXT}),
            "GET /pets/{petId}": gives(linked),
        },
    )

    made = api.post("/pets", {"name": "Rex"})

    for pet in api.get("/pets").body:
        assert pet["links"]["self"] == f"http://localhost/pets/{pet['id']}"
    assert made.body["links"]["self"] == f"http://localhost/pets/{made.body['id']}"
    assert made.headers["Location"] == f"/pets/{made.body['id']}"


def test_every_value_of_a_filter_finds_something_in_the_beginning(tmp_path):
    states = {"type": "string", "enum": ["idle", "busy", "ill", "away"]}
    item = thing("id", "state", id=TEXT, state=states)
    api = served(tmp_path, {"GET /nurses": gives(listed(item), query={"state": states})})

    found = {state: api.get(f"/nurses?state={state}").body for state in states["enum"]}

    assert all(each["state"] == state for state, some in found.items() for each in some)
    assert all(found.values())


def test_a_list_of_all_items_shows_some_below_another_thing_too(tmp_path):
    comment = {"$ref": "#/components/schemas/Comment"}
    api = served(
        tmp_path,
        {
            **PETS,
            "GET /pets/{petId}/comments": gives(listed(comment)),
            "GET /comments": gives(listed(comment)),
            "GET /comments/{commentId}": gives(comment),
        },
        Comment=thing("id", id=TEXT, text=TEXT),
    )
    comments = api.get("/comments").body

    below = api.get(f"/pets/{api.get('/pets').body[0]['id']}/comments").body

    assert below
    assert all(each in comments for each in below)


def test_items_begin_where_a_path_can_name_them(tmp_path):
    field = thing("id", "scope", id=TEXT, scope={"type": "string", "example": "team_17"})
    scope = {"name": "scope", "in": "path", "required": True, "schema": {"enum": ["global", "team"]}}
    operations = {
        "GET /fields/{scope}": gives(listed(field)),
        "GET /fields/{scope}/{fieldId}": gives(field),
    }
    for each in operations.values():
        each["parameters"].append(scope)
    api = served(tmp_path, operations)

    assert [*api.get("/fields/global").body, *api.get("/fields/team").body]


def test_what_is_made_below_an_item_that_shows_such_things_is_shown_in_it(tmp_path):
    card = thing("id", "title", id=TEXT, title=TEXT)
    board = thing("id", "name", "cards", id=TEXT, name=TEXT, cards=listed(card))
    api = served(
        tmp_path,
        {
            "GET /boards": gives(listed(board)),
            "GET /boards/{boardId}": gives(board),
            "POST /boards/{boardId}/cards": gives(card, "201", takes=thing("title", title=TEXT)),
        },
    )
    url = f"/boards/{api.get('/boards').body[0]['id']}"
    before = api.get(url).body["cards"]

    first, second = (api.post(f"{url}/cards", {"title": "Paint the fence"}).body for _ in range(2))

    assert first["id"] != second["id"]
    assert api.get(url).body["cards"] == [*before, first, second]


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


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        pytest.param({"type": "integer"}, 4, id="a number"),
        pytest.param(thing("count", count={"type": "integer"}), {"count": 4}, id="an object with a number"),
    ],
)
def test_items_are_counted(tmp_path, schema, told):
    api = served(tmp_path, {**PETS, "GET /pets/count": gives(schema, query={"tag": TEXT})})

    api.post("/pets", {"name": "Rex", "tag": "loud"})

    assert api.get("/pets/count").body == told
    assert api.get("/pets/count?tag=loud").body in (1, {"count": 1})


def test_a_number_that_a_client_took_is_given_to_nobody_else(tmp_path):
    note = thing(id={"type": "integer"}, text=TEXT)
    make = gives(note, "201", takes=note)
    make["responses"]["409"] = {"description": "Taken."}
    api = served(
        tmp_path,
        {
            **PETS,
            "GET /pets/{petId}/notes": gives(listed(note)),
            "POST /pets/{petId}/notes": make,
            "GET /pets/{petId}/notes/{noteId}": gives(note),
        },
    )
    url = "/pets/1/notes"

    first = api.post(url, {"text": "Bites."}).body["id"]
    taken = api.post(url, {"text": "Much.", "id": first + 1}).body["id"]
    others = [api.post(url, {"text": "Still."}) for _ in range(2)]

    assert taken == first + 1
    assert [(each.status, each.body["id"]) for each in others] == [(201, first + 2), (201, first + 3)]


def test_what_an_item_is_made_of_is_not_what_it_lies_under(tmp_path):
    one = thing("id", id={"type": "integer"})
    made_of = {"lines": listed(one), "product": one, "owner": one, "first_user": one, "users": listed(one)}
    order = {"$ref": "#/components/schemas/Order"}
    api = served(
        tmp_path,
        {
            "GET /users": gives(listed(one)),
            "GET /users/{userId}": gives(one),
            "GET /users/{userId}/orders": gives(listed(order)),
            "GET /orders": gives(listed(order)),
            "POST /orders": gives(order, "201", takes=order),
            "GET /orders/{orderId}": gives(order),
        },
        Order=thing(id={"type": "integer"}, **made_of),
    )
    api.store["users"].insert({"id": 77})
    found = {}
    for name, schema in made_of.items():
        order_id = api.post("/orders", {name: {"id": 77} if schema is one else [{"id": 77}]}).body["id"]
        found[name] = order_id in [each["id"] for each in api.get("/users/77/orders").body]

    assert [name for name, is_there in found.items() if is_there] == ["owner", "first_user", "users"]


def test_what_it_begins_with_is_no_deleted_thing(tmp_path):
    thing_ = thing("id", "name", id=TEXT, name=TEXT)
    gone = thing("id", "deleted", id=TEXT, deleted={"type": "boolean", "enum": [True]})
    either = {"anyOf": [{"$ref": "#/components/schemas/Gone"}, {"$ref": "#/components/schemas/Thing"}]}
    api = served(
        tmp_path,
        {
            "GET /things": gives(thing("data", data=listed({"$ref": "#/components/schemas/Thing"}))),
            "GET /things/{id}": gives(either),
        },
        Thing=thing_,
        Gone=gone,
    )

    items = api.get("/things").body["data"]

    assert len(items) == 3
    assert all(api.get(f"/things/{each['id']}").body == each and each["name"] for each in items)
    assert all("deleted" not in api.get(f"/things/{each['id']}").body for each in items)


@pytest.mark.parametrize("declared", [["NEW", "PAID"], None], ids=["an enum", "any text"])
def test_a_filter_for_all_hides_nothing_and_others_find_some(tmp_path, declared):
    status = {"type": "string", **({"enum": declared} if declared else {})}
    order = thing("id", "status", id={"type": "integer"}, status=status)
    asked = {"type": "string", "enum": ["NEW", "PAID", "ANY"], "default": "ANY"}
    api = served(tmp_path, {"GET /orders": gives(listed(order), query={"status": asked})})

    assert len(api.get("/orders").body) == len(api.get("/orders?status=ANY").body) == 3
    assert {each["status"] for each in api.get("/orders?status=NEW").body} == {"NEW"}
    assert {each["status"] for each in api.get("/orders?status=PAID").body} == {"PAID"}


@pytest.mark.parametrize("has_own", [True, False])
def test_many_items_are_removed_with_what_lies_below_them_in_one_pass(tmp_path, has_own):
    own = {"petId": {"type": "integer"}} if has_own else {}
    note = thing(id={"type": "integer"}, text=TEXT, **own)
    api = served(
        tmp_path,
        {
            **PETS,
            "DELETE /pets": gives(None, "204", query={"tag": TEXT}),
            "GET /pets/{petId}/notes": gives(listed(note)),
            "PUT /pets/{petId}/notes/{noteId}": gives(note, takes=note),
            "GET /pets/{petId}/notes/{noteId}/lines": gives(listed(note)),
        },
    )
    pets = [{"id": n, "name": "Rex", "tag": "odd" if n % 2 else "even"} for n in range(3000)]
    above = [{"petId": n} if has_own else {PARENTS: {"petId": n}} for n in range(3000)]
    notes = [{"id": 1, KEY: f"{n}/1", **each} for n, each in enumerate(above)]
    api.store.load({"pets": pets, "pets.notes": notes})

    before = time.process_time()
    assert api.delete("/pets?tag=odd").status == 204
    took = time.process_time() - before

    assert len(api.store["pets"]) == len(api.store["pets.notes"]) == 1500
    assert api.get("/pets/2/notes").body[0]["id"] == 1
    assert took < 2


def test_a_document_may_name_the_property_that_a_path_asks_for(tmp_path):
    repo = thing("id", "label", id={"type": "integer"}, label=TEXT)
    wish = {"collection": "repos", "id": "label"}
    api = served(
        tmp_path,
        {
            "GET /repos": gives(listed(repo)),
            "GET /repos/{repo}": gives(repo, **{"x-mock-collection": wish}),
            "DELETE /repos/{repo}": gives(None, "204"),
        },
    )
    first, *others = api.get("/repos").body

    assert api.get(f"/repos/{first['label']}").body == first
    assert api.get(f"/repos/{first['id']}").status == 404
    assert api.delete(f"/repos/{first['label']}").status == 204
    assert api.get("/repos").body == others


def test_filters_reach_the_attributes_of_json_api(tmp_path):
    status = {"type": "string", "enum": ["lead", "customer"]}
    attributes = thing("name", "status", name=TEXT, status=status, company=TEXT)
    contact = thing("id", "attributes", id=TEXT, attributes=attributes)
    listing = gives(thing("data", data=listed(contact)), query={"filter[status]": status})
    members = thing(company=TEXT)
    listing["parameters"].append({"name": "filter", "in": "query", "style": "deepObject", "schema": members})
    api = served(tmp_path, {"GET /contacts": listing})
    everyone = api.get("/contacts").body["data"]
    company = everyone[0]["attributes"]["company"]

    leads = api.get("/contacts?filter[status]=lead").body["data"]
    colleagues = api.get(f"/contacts?filter[company]={company}").body["data"]

    assert leads == [each for each in everyone if each["attributes"]["status"] == "lead"] != []
    assert colleagues == [each for each in everyone if each["attributes"]["company"] == company]


def test_a_number_is_not_given_again_after_a_restart(tmp_path):
    contract_of(tmp_path, {**PETS, "DELETE /pets/{petId}": gives(None, "204")})
    setup = Setup(contract=tmp_path / "openapi.json", auth="off", state=tmp_path / "state.db")
    given = []
    for _ in range(2):
        api = in_process(setup)
        given.append(api.request("POST", "/pets", json={"name": "Rex"}).json()["id"])
        assert api.request("DELETE", f"/pets/{given[-1]}").status_code == 204
        api.mock.world.store.close()

    assert given[1] == given[0] + 1


def test_what_is_only_read_inside_a_property_is_the_servers_too(tmp_path):
    uid = {"type": "string", "readOnly": True}
    whole = thing("id", "meta", id=TEXT, meta=thing("uid", uid=uid, label=TEXT))
    asked = thing(meta=thing(label=TEXT, uid=uid))
    api = served(
        tmp_path,
        {
            "GET /things": gives(listed(whole)),
            "POST /things": gives(whole, "201", takes=asked),
            "GET /things/{id}": gives(whole),
            "PUT /things/{id}": gives(whole, takes=asked),
            "PATCH /things/{id}": gives(whole, takes=asked),
        },
    )

    made = api.post("/things", {"meta": {"uid": "mine", "label": "a"}}).body
    url = f"/things/{made['id']}"
    patched = api.patch(url, {"meta": {"uid": "mine", "label": "b"}}).body
    replaced = api.put(url, {"meta": {"uid": "mine", "label": "c"}}).body

    assert made["meta"]["uid"] != "mine"
    assert [each["meta"]["label"] for each in (made, patched, replaced)] == ["a", "b", "c"]
    assert {each["meta"]["uid"] for each in (patched, replaced, api.get(url).body)} == {made["meta"]["uid"]}
