"""A contract without fixtures and handlers remembers what was written, and answers only what it allows."""

import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from mockserver.respond.stateful.changing import MERGE_PATCH
from mockserver.serve.assembly import Setup
from mockserver.state.beginning import key_fields, settle, start_content
from mockserver.state.store import Store
from tests.conftest import ROOT, in_process
from tests.respond.served import Served, serve, serve_text, serve_without_settings

CONTRACTS = ROOT.parent / "shared" / "contracts"


@pytest.fixture
def library() -> Served:
    return serve(Path(__file__).parent / "library.yaml")


def real(name: str) -> Served:
    path = CONTRACTS / name
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    return serve(path)


def made(library: Served, **author: Any) -> dict[str, Any]:
    return library.post("/authors", {"name": "Ann", **author}).body["author"]


ROOMS = """
openapi: 3.1.0
info: {title: Rooms, version: "1"}
paths:
  /rooms:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses: {"201": {$ref: "#/components/responses/Room"}}
  /rooms/{room_id}:
    parameters: [{name: room_id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {$ref: "#/components/responses/Room"}}}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/New"}}}}
      responses: {"200": {$ref: "#/components/responses/Room"}}
components:
  responses:
    Room: {description: It, content: {application/json: {schema: {$ref: "#/components/schemas/Room"}}}}
  schemas:
    New:
      type: object
      required: [title]
      properties: {title: {type: string}, free: {type: boolean, default: false}}
    Room:
      type: object
      required: [id, title, free]
      properties: {id: {type: string}, title: {type: string}, free: {type: boolean}}
"""

# Items


def test_what_is_created_is_read_listed_changed_and_deleted(library):
    author = made(library)
    url = f"/authors/{author['id']}"

    assert library.get(url).body["author"] == author
    assert author["id"] in [each["id"] for each in library.get("/authors?per_page=9").body["authors"]]
    assert library.patch(url, {"name": "Bea"}).body["name"] == "Bea"
    assert library.get(url).body["author"]["name"] == "Bea"
    assert library.delete(url).status == 204
    assert library.get(url).status == 404
    assert library.patch(url, {"name": "Cleo"}).status == 404
    assert library.delete(url).status == 404


def test_a_new_item_has_an_id_and_times_and_nothing_that_nobody_said(library):
    author = made(library)

    assert author == {
        "id": 4,  # after the three samples
        "name": "Ann",
        "kind": "novelist",  # the default
        "created_at": "2026-11-22T08:00:00.000001Z",
        "updated_at": 1795334400,
    }


def test_an_id_that_is_read_only_is_the_servers(library):
    assert made(library, id=99)["id"] == 4


def test_an_id_is_never_given_twice(library):
    first = made(library)
    library.delete(f"/authors/{first['id']}")

    assert made(library)["id"] != first["id"]


def test_a_store_that_is_put_back_gives_the_same_ids_again(library):
    before = library.store.snapshot()
    first = [made(library)["id"], made(library)["id"]]

    library.store.restore(before)

    assert [made(library)["id"], made(library)["id"]] == first


def test_what_is_only_written_is_kept_and_never_shown(library):
    author = made(library, password="secret")

    assert "password" not in library.get(f"/authors/{author['id']}").body["author"]
    assert library.store["authors"].get(author["id"])["password"] == "secret"


def test_a_list_shows_items_in_brief(library):
    made(library, email="ann@example.com")

    listed = library.get("/authors?per_page=9").body["authors"]

    assert all(each.keys() == {"id", "name"} for each in listed)


def test_where_a_new_item_is_stands_in_its_header(library):
    answer = library.post("/authors", {"name": "Ann"})

    assert answer.headers["Location"] == "https://library.example/v1/authors/4"


def test_a_put_replaces_what_clients_may_say(library):
    author = made(library, email="ann@example.com", nickname="A")

    replaced = library.put(f"/authors/{author['id']}", {"name": "Bea", "kind": "poet"}).body

    assert replaced["created_at"] == author["created_at"]
    assert replaced["updated_at"] >= author["updated_at"]
    assert (replaced["name"], replaced["kind"]) == ("Bea", "poet")
    assert "email" not in replaced


def test_a_put_puts_defaults_in_the_place_of_what_it_leaves_out(tmp_path):
    rooms = serve_text(ROOMS, tmp_path)
    made = [rooms.post("/rooms", {"title": f"Room {number}", "free": True}).body for number in range(6)]

    replaced = [rooms.put(f"/rooms/{each['id']}", {"title": "Other"}).body for each in made]

    assert [each["free"] for each in replaced] == [False] * 6


def test_a_put_makes_an_item_where_the_contract_says_so(library):
    answer = library.put("/authors/50", {"name": "Zoe"})

    assert answer.status == 201
    assert library.get("/authors/50").body["author"] == answer.body


def test_null_is_kept_where_it_is_a_value_and_takes_away_where_not(library):
    author = made(library, email="ann@example.com", nickname="A")
    patch = {"nickname": None, "email": None}

    changed = library.patch(f"/authors/{author['id']}", patch, Content_Type="application/json").body

    assert changed["nickname"] is None
    assert "email" not in changed


def test_null_takes_away_in_a_merge_patch(library):
    author = made(library, email="ann@example.com", nickname="A")
    patch = {"nickname": None, "email": None}

    changed = library.patch(f"/authors/{author['id']}", patch, Content_Type=MERGE_PATCH).body

    assert not {"nickname", "email"} & changed.keys()
    assert changed["name"] == "Ann"


def test_a_patch_may_be_a_list_of_operations(library):
    url = f"/authors/{made(library)['id']}"

    changed = library.patch(url, [{"op": "replace", "path": "/name", "value": "Bea"}])
    refused = library.patch(url, [{"op": "test", "path": "/name", "value": "Ann"}])
    broken = library.patch(url, [{"op": "remove", "path": "/hat"}])

    assert changed.body["name"] == "Bea"
    assert (refused.status, broken.status) == (409, 422)
    assert library.get(url).body["author"]["name"] == "Bea"


def test_tags_make_requests_depend_on_how_an_item_is(library):
    author = made(library)
    url = f"/authors/{author['id']}"
    tag = library.get(url).headers["ETag"]

    assert library.get(url, If_None_Match=tag).status == 304
    assert library.put(url, {"name": "Bea"}, If_Match='"other"').status == 412
    assert library.put(url, {"name": "Bea"}, If_Match=tag).status == 200
    assert library.get(url).headers["ETag"] != tag
    assert library.get(url, If_None_Match=tag).status == 200


# Lists


def test_a_list_is_paged_with_totals_and_links(library):
    first = library.get("/authors")
    second = library.get("/authors?page=2")

    assert first.body["pagination"] == {
        "total": 3,
        "page": 1,
        "pages": 2,
        "next": "https://library.example/v1/authors?page=2&per_page=2",
    }
    assert first.headers["X-Total-Count"] == "3"
    assert '</v1/authors?page=2&per_page=2>; rel="next"' in first.headers["Link"]
    assert first.body["meta"] == {"request_id": first.headers["X-Request-ID"]}
    assert [len(each.body["authors"]) for each in (first, second)] == [2, 1]
    assert 'rel="next"' not in second.headers["Link"]


def test_a_page_past_the_end_is_empty(library):
    answer = library.get("/authors?page=9")

    assert answer.body["authors"] == []
    assert answer.body["pagination"]["total"] == 3


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        pytest.param("q=BEA", ["Bea"], id="a word in any text"),
        pytest.param(
            "kind=poet&created_after=2026-11-01T00:00:00Z", ["Bea", "Cleo"], id="a property and a time"
        ),
        pytest.param("kind=poet,novelist&q=ann", ["Ann"], id="one of several"),
        pytest.param(
            "created_after=2026-11-01T00:00:00Z&sort=-name", ["Cleo", "Bea", "Ann"], id="descending"
        ),
        pytest.param(
            "created_after=2026-11-01T00:00:00Z&sort=name:desc", ["Cleo", "Bea", "Ann"], id="in words"
        ),
        pytest.param(
            "created_after=2026-11-01T00:00:00Z&sort=kind,-name", ["Ann", "Cleo", "Bea"], id="by two"
        ),
        pytest.param("created_after=2026-12-01T00:00:00Z", [], id="none"),
    ],
)
def test_declared_query_parameters_filter_and_sort(library, asked, names):
    for name, kind in (("Ann", "novelist"), ("Bea", "poet"), ("Cleo", "poet")):
        made(library, name=name, kind=kind)

    listed = library.get(f"/authors?per_page=9&{asked}").body["authors"]

    assert [each["name"] for each in listed] == names


def test_a_cursor_leads_to_the_next_page(library):
    url = f"/authors/{made(library)['id']}/books"
    titles = [library.post(url, {"title": title}).body["title"] for title in "ABC"]

    first = library.get(f"{url}?limit=2").body
    second = library.get(f"{url}?limit=2&cursor={first['next_cursor']}").body

    assert first["has_more"] is True
    assert second["has_more"] is False
    assert second["next_cursor"] is None
    assert [each["title"] for each in first["data"] + second["data"]] == titles


# Below others


def test_items_lie_under_their_parents(library):
    ann, bea = made(library), made(library)

    book = library.post(f"/authors/{ann['id']}/books", {"title": "A"}).body

    assert book["author_id"] == ann["id"]
    assert uuid.UUID(book["id"])
    assert library.get(f"/authors/{ann['id']}/books").body["data"] == [book]
    assert library.get(f"/authors/{bea['id']}/books").body["data"] == []
    assert library.get(f"/books/{book['id']}").body == book


def test_below_a_parent_that_is_not_there_is_nothing(library):
    assert library.get("/authors/777/books").status == 404
    assert library.post("/authors/777/books", {"title": "A"}).status == 404
    assert library.get("/authors/777/settings").status == 404


def test_two_parents_may_have_children_of_one_id(library):
    ann, bea = made(library)["id"], made(library)["id"]

    library.put(f"/authors/{ann}/labels/red", {"text": "warm"})
    library.put(f"/authors/{bea}/labels/red", {"text": "angry"})
    changed = library.put(f"/authors/{bea}/labels/red", {"text": "calm"})

    assert changed.status == 204
    assert library.get(f"/authors/{ann}/labels").body == [{"slug": "red", "text": "warm"}]
    assert library.get(f"/authors/{bea}/labels").body == [{"slug": "red", "text": "calm"}]
    assert library.delete(f"/authors/{bea}/labels/red").status == 204
    assert library.get(f"/authors/{ann}/labels").body == [{"slug": "red", "text": "warm"}]


def test_a_singleton_is_there_from_the_beginning_until_it_is_deleted(library):
    url = f"/authors/{made(library)['id']}/settings"

    assert library.get(url).status == 200
    assert library.get(url).body == library.get(url).body
    assert library.put(url, {"theme": "dark"}).body == {"theme": "dark"}
    assert library.get(url).body == {"theme": "dark"}
    assert library.delete(url).status == 204
    assert library.get(url).status == 404
    assert library.put(url, {"theme": "light"}).status == 200
    assert library.get(url).body == {"theme": "light"}


def test_paths_that_differ_in_a_name_only_are_one_place():
    tools = serve(ROOT / "tests" / "real" / "documents" / "untidy.yaml")
    users = "/intranet/tools/users"
    tools.api.post(users, json={"id": "a", "name": "Ann"})

    answers = [
        tools.api.request(method, f"{users}/a").status_code for method in ("GET", "DELETE", "GET", "DELETE")
    ]

    assert answers == [200, 200, 404, 404]


def test_an_action_answers_for_an_item_that_is_there(library):
    answer = library.post("/authors/1/retire")

    assert (answer.status, answer.body["authorId"]) == (202, 1)
    assert library.post("/authors/777/retire").status == 404


def test_where_nobody_can_learn_ids_each_is_there_until_it_is_deleted(library):
    first = library.get("/vaults/any").body

    assert first["id"] == "any"
    assert library.get("/vaults/any").body == first
    assert library.patch("/vaults/any", {"name": "Mine"}).body == {"id": "any", "name": "Mine"}
    assert library.get("/vaults/any").body["name"] == "Mine"
    assert library.delete("/vaults/any").status == 204
    assert library.get("/vaults/any").status == 404


# The beginning


def test_children_begin_below_parents_that_exist(library):
    authors = {each["id"] for each in library.store["authors"]}

    assert authors
    assert {each["author_id"] for each in library.store["books"]} <= authors


def test_the_beginning_is_the_same_for_the_same_seed(library):
    contract, resources = library.contract, library.resources

    assert start_content(contract, resources, 1) == start_content(contract, resources, 1)
    assert start_content(contract, resources, 1) != start_content(contract, resources, 2)


def test_plain_items_of_a_fixture_file_are_taken_in(library):
    content = {
        "authors": [{"id": 7, "name": "Ann", "kind": "poet", "created_at": "2026-01-01T00:00:00Z"}],
        "authors.labels": [{"slug": "red", "text": "warm"}],
    }
    library.store.load(settle(library.resources, content))

    assert library.get("/authors/7/labels").body == [{"slug": "red", "text": "warm"}]
    assert library.get("/authors/7").body["author"]["name"] == "Ann"
    assert "updated_at" in library.get("/authors/7").body["author"]


def test_an_item_that_lacks_something_is_completed_the_same_each_time(library):
    library.store.load(settle(library.resources, {"authors": [{"id": 7, "name": "Ann"}]}))

    answers = [library.get("/authors/7").body["author"] for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert answers[0]["kind"] in ("poet", "novelist")


# Documents that others wrote


def test_petstore_expanded_keeps_pets():
    store = real("OAI__learn.openapis.org__petstore-expanded.yaml")

    pet = store.post("/pets", {"name": "Rex", "tag": "dog"}).body

    assert {"name": "Rex", "tag": "dog"}.items() <= pet.items()
    assert store.get(f"/pets/{pet['id']}").body == pet
    assert pet in store.get("/pets?limit=50").body
    assert store.get("/pets?tags=dog").body == [pet]
    assert store.delete(f"/pets/{pet['id']}").status == 204
    assert store.get(f"/pets/{pet['id']}").status == 404


def test_petstore_keeps_pets_orders_and_users():
    store = real("swagger-api__swagger-petstore__openapi.yaml")

    pet = store.post(
        "/pet", {"name": "Rex", "photoUrls": [], "status": "sold", "tags": [{"name": "big"}]}
    ).body
    assert pet in store.get("/pet/findByStatus?status=sold").body
    assert store.get("/pet/findByTags?tags=big").body == [pet]
    assert store.put("/pet", {**pet, "name": "Max"}).body["name"] == "Max"
    assert store.post(f"/pet/{pet['id']}?name=Moritz").body["name"] == "Moritz"
    assert store.get(f"/pet/{pet['id']}").body["name"] == "Moritz"
    assert store.delete(f"/pet/{pet['id']}").status == 200
    assert store.get(f"/pet/{pet['id']}").status == 404

    order = store.post("/store/order", {"petId": 1, "quantity": 2}).body
    assert store.get(f"/store/order/{order['id']}").body == order

    store.post("/user/createWithList", [{"username": "ann"}, {"username": "bea"}])
    assert store.get("/user/bea").body["username"] == "bea"
    assert store.post("/user", {"username": "ann"}).status == 409
    store.put("/user/ann", {"username": "ann", "email": "ann@example.com"})
    assert store.get("/user/ann").body["email"] == "ann@example.com"
    store.delete("/user/ann")
    assert store.get("/user/ann").status == 404


def test_museum_keeps_its_special_events():
    museum = real("Redocly__museum-openapi-example__openapi.yaml")
    event = {
        "name": "Mermaid Treasure",
        "location": "Under the seaaa",
        "eventDescription": "Look at it.",
        "dates": ["2026-09-05"],
        "price": 0,
    }

    created = museum.post("/special-events", event).body
    url = f"/special-events/{created['eventId']}"

    assert created == {**event, "eventId": created["eventId"]}
    assert created in museum.get("/special-events?limit=30").body
    assert museum.get(url).body == created
    assert museum.patch(url, {"price": 15}).body["price"] == 15
    assert museum.get(url).body["price"] == 15
    assert museum.delete(url).status == 204
    assert museum.get(url).status == 404
    assert "Sasquatch Ballet" in [each["name"] for each in museum.get("/special-events").body]


def test_train_travel_keeps_its_bookings():
    trains = real("bump-sh-examples__train-travel-api__openapi.yaml")
    trip = trains.store["trips"].find()[0]["id"]

    booking = trains.post("/bookings", {"trip_id": trip, "passenger_name": "Ada"}).body
    url = f"/bookings/{booking['id']}"

    assert trains.get(url).body["passenger_name"] == "Ada"
    assert booking["id"] in [each["id"] for each in trains.get("/bookings").body["data"]]
    assert trains.delete(url).status == 204
    assert trains.get(url).status == 404
    assert trains.post(f"{url}/payment", {}).status == 404
    assert [each["name"] for each in trains.get("/stations?limit=1").body["data"]] == ["Berlin Hauptbahnhof"]


def test_box_keeps_folders_comments_and_collaborations():
    box = real("box__box-openapi__openapi.json")

    folder = box.post("/folders", {"name": "Plans", "parent": {"id": "0"}}).body
    url = f"/folders/{folder['id']}"
    assert box.get(url).body["name"] == "Plans"
    assert box.put(url, {"name": "Old plans"}).body["name"] == "Old plans"
    assert box.get(url).body["name"] == "Old plans"

    item = {"item": {"id": folder["id"], "type": "folder"}, "accessible_by": {"type": "user", "id": "7"}}
    shared = box.post("/collaborations", {**item, "role": "editor"}).body
    assert box.get(f"/collaborations/{shared['id']}").body["role"] == "editor"
    assert [e["id"] for e in box.get(f"{url}/collaborations").body["entries"]] == [shared["id"]]
    box.delete(f"/collaborations/{shared['id']}")
    assert box.get(f"{url}/collaborations").body["entries"] == []

    assert box.delete(url).status == 204
    assert box.get(url).status == 404

    comment = box.post("/comments", {"message": "Fine", "item": {"id": "12345", "type": "file"}}).body
    assert comment["id"] in [e["id"] for e in box.get("/files/12345/comments").body["entries"]]


def test_the_shipped_contract_needs_no_handlers_to_be_sensible(tmp_path):
    admin = serve_without_settings(ROOT / "openapi.yaml", tmp_path)
    roles, groups = "/api/v1/admin/admin-roles/", "/api/v1/admin/groups"

    made = admin.post(roles, {"user_id": "usr_203sfxdeio5vlq26", "role": "SUPER_ADMIN"}).body["data"]
    assert re.fullmatch(r"adr_\w{16}", made["id"])
    assert made["user"]["id"] == "usr_203sfxdeio5vlq26"
    assert admin.get(f"{roles}user/usr_203sfxdeio5vlq26").body["data"] == [made]
    assert made in admin.get(f"{roles}?role=SUPER_ADMIN&per_page=100").body["data"]
    assert admin.patch(roles + made["id"], {"is_active": False}).body["data"]["is_active"] is False
    assert admin.get(roles + made["id"]).body["data"]["is_active"] is False
    assert admin.delete(roles + made["id"]).status == 204
    assert admin.get(roles + made["id"]).status == 404

    group = admin.get(groups).body["data"][0]
    url = f"{groups}/{group['id']}"
    assert admin.get(f"{groups}?q={group['name'][:5]}").body["data"] == [group]
    assert admin.post(f"{url}/role", {"role": "partner_admin"}).body["data"]["role"] == "partner_admin"
    assert admin.get(url).body["data"]["role"] == "partner_admin"
    assert admin.delete(f"{url}/role").body["data"]["role"] is None
    assert admin.get(url).body["data"]["role"] is None


def test_a_store_opens_with_every_collection(library):
    store = Store.open(key_fields(library.resources))

    assert set(store.names()) == {"authors", "books", "authors.labels", "authors.settings", "vaults"}


NAMELESS = """
openapi: 3.1.0
info: {title: Notes, version: '1'}
paths:
  /notes:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses: {'201': {description: Made, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
  /notes/{number}:
    get:
      parameters: [{name: number, in: path, required: true, schema: {type: integer, maximum: 100000}}]
      responses: {'200': {description: It, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}}
components: {schemas: {Note: {type: object, properties: {text: {type: string}}}}}
"""  # noqa: E501  # a line for each response


def test_items_without_an_id_of_their_own_are_numbered_and_none_is_refused(tmp_path):
    notes = serve_text(NAMELESS, tmp_path)

    made = [notes.post("/notes", {"text": "again"}).status for _ in range(200)]

    assert set(made) == {201}


REPORTED = """
openapi: 3.1.0
info: {title: Notes, version: '1'}
paths:
  /notes:
    get:
      responses:
        '200':
          description: All
          content:
            text/csv: {schema: {type: string}, example: "id,text\\n1,Hi\\n"}
            application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses: {'201': {description: Made}}
components:
  schemas: {Note: {type: object, required: [id], properties: {id: {type: integer}, text: {type: string}}}}
"""


def test_an_item_with_the_last_number_there_is_ends_no_counting(tmp_path):
    notes = serve_text(
        REPORTED.replace("required: [id], ", "").replace("integer", "integer, format: int64"), tmp_path
    )
    notes.post("/notes", {"id": 2**63 - 1})

    made = [notes.post("/notes", {}).status for _ in range(2)]

    assert made == [201, 201]
    assert [each["id"] for each in notes.get("/notes").body] == [1, 2, 3, 2**63 - 1, 4, 5]


def test_a_list_is_json_unless_somebody_takes_nothing_but_another_media_type(tmp_path):
    notes = serve_text(REPORTED, tmp_path)

    by_default, report = notes.get("/notes"), notes.get("/notes", Accept="text/csv")

    assert [each["id"] for each in by_default.body] == [1, 2, 3]
    assert (report.status, report.body) == (200, b"id,text\n1,Hi\n")
    assert notes.get("/notes", Accept="text/csv, application/json;q=0.1").body == by_default.body
    assert notes.get("/notes", Accept="image/png").status == 406


def test_every_contract_has_an_empty_set(tmp_path):
    (tmp_path / "openapi.yaml").write_text(REPORTED)

    with in_process(Setup(contract=tmp_path / "openapi.yaml", fixture_set="empty")) as api:
        assert api.get("/notes").json() == []
