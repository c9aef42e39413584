"""Collections are found from paths and schemas, whatever a document calls things."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.resources.finding import describe, find_resources
from mockserver.contract.resources.roles import Resources
from mockserver.errors import MockServerError
from tests.conftest import ROOT
from tests.contract.compact import NEW_PET, NUMBER, PET, TEXT, contract_of, gives, listed, thing

CONTRACTS = ROOT.parent / "shared" / "contracts"
PETS = {
    "GET /pets": gives(listed(PET)),
    "POST /pets": gives(PET, "201", takes=NEW_PET),
    "GET /pets/{petId}": gives(PET),
    "PUT /pets/{petId}": gives(PET, takes=NEW_PET),
    "PATCH /pets/{petId}": gives(PET, takes=NEW_PET),
    "DELETE /pets/{petId}": gives(None, "204"),
}


def actions(resources: Resources) -> dict[str, str]:
    return {name: f"{role.action} {role.collection}" for name, role in resources.roles.items()}


def found(folder: Path, operations: dict[str, Any], **schemas: Any) -> Resources:
    return find_resources(contract_of(folder, operations, **schemas))


def test_a_list_and_its_items_are_one_collection(tmp_path):
    resources = found(tmp_path, PETS)

    assert actions(resources) == {
        "GET /pets": "list pets",
        "POST /pets": "create pets",
        "GET /pets/{petId}": "read pets",
        "PUT /pets/{petId}": "replace pets",
        "PATCH /pets/{petId}": "change pets",
        "DELETE /pets/{petId}": "delete pets",
    }
    assert list(resources.collections) == ["pets"]
    assert resources.collections["pets"].id_field == "id"


def test_every_operation_has_reasons(tmp_path):
    resources = found(tmp_path, {**PETS, "POST /login": gives(thing(token=TEXT), takes=thing(name=TEXT))})

    assert set(resources.reasons) == {*PETS, "POST /login"}
    assert all(resources.reasons.values())
    assert "POST /login" not in resources.roles
    assert describe(resources, "POST /login")[0] == "no state"
    assert "the end of the parameter's name petId" in " ".join(describe(resources, "GET /pets/{petId}"))


@pytest.mark.parametrize(
    ("envelope", "steps"),
    [
        pytest.param(listed(PET), (), id="a bare array"),
        pytest.param(thing(data=listed(PET)), ("data",), id="data"),
        pytest.param(thing(items=listed(PET), total=NUMBER), ("items",), id="items beside a total"),
        pytest.param(thing(pets=listed(PET), meta=thing(page=NUMBER)), ("pets",), id="named as the path"),
        pytest.param(
            thing(matches=listed(PET), count=NUMBER), ("matches",), id="the only array beside totals"
        ),
        pytest.param(
            thing(data=thing(pets=listed(PET), page=NUMBER)), ("data", "pets"), id="two levels down"
        ),
        pytest.param(
            thing(_embedded=thing(pets=listed(PET)), _links=thing()), ("_embedded", "pets"), id="HAL"
        ),
        pytest.param(
            {"allOf": [thing(data=listed({}), links=thing()), thing(data=listed(PET))]},
            ("data",),
            id="a wrapper that is filled in",
        ),
        pytest.param(
            {"oneOf": [thing(results=listed(PET), next=TEXT), {"type": "null"}]}, ("results",), id="nullable"
        ),
    ],
)
def test_the_items_of_a_list_are_found_in_its_envelope(tmp_path, envelope, steps):
    resources = found(tmp_path, {**PETS, "GET /pets": gives(envelope)})

    role = resources.roles["GET /pets"]
    assert role.action == "list"
    assert role.answer.steps == steps


@pytest.mark.parametrize(
    ("body", "steps"),
    [
        pytest.param(PET, (), id="the whole body"),
        pytest.param(thing(data=PET), ("data",), id="data"),
        pytest.param(thing(pet=PET, links=thing()), ("pet",), id="named as the path"),
        pytest.param(
            thing(data=PET, meta=thing(request_id=TEXT)), ("data",), id="beside what tells about it"
        ),
        pytest.param(thing(success={"type": "boolean"}, result=PET), ("result",), id="beside a success"),
    ],
)
def test_an_item_is_found_in_its_envelope(tmp_path, body, steps):
    resources = found(tmp_path, {**PETS, "GET /pets/{petId}": gives(body)})

    assert resources.roles["GET /pets/{petId}"].answer.steps == steps


def test_an_object_with_a_list_in_it_is_no_page(tmp_path):
    order = thing("id", id=NUMBER, customer=TEXT, lines=listed(thing(sku=TEXT)))

    resources = found(tmp_path, {"GET /order": gives(order)})

    assert resources.roles == {}


@pytest.mark.parametrize(
    ("parameter", "properties", "steps"),
    [
        pytest.param("id", {"id": NUMBER, "name": TEXT}, ("id",), id="the same name"),
        pytest.param("widgetId", {"id": TEXT, "name": TEXT}, ("id",), id="the thing's name before it"),
        pytest.param("widget_id", {"widgetId": TEXT, "name": TEXT}, ("widgetId",), id="another spelling"),
        pytest.param("sku", {"id": TEXT, "sku": TEXT}, ("sku",), id="another property than id"),
        pytest.param("Sid", {"sid": TEXT, "account_sid": TEXT}, ("sid",), id="another case"),
        pytest.param(
            "widget", {"slug": TEXT, "title": TEXT}, ("slug",), id="a parameter called as the thing"
        ),
        pytest.param("name", {"metadata": thing(name=TEXT)}, ("metadata", "name"), id="within metadata"),
        pytest.param("code", {"title": TEXT, "size": NUMBER}, None, id="none of its own"),
    ],
)
def test_the_id_is_the_property_that_the_parameter_means(tmp_path, parameter, properties, steps):
    widget = thing(*properties, **properties)

    resources = found(
        tmp_path,
        {"GET /widgets": gives(listed(widget)), f"GET /widgets/{{{parameter}}}": gives(widget)},
    )

    assert resources.collections["widgets"].id_steps == steps


def test_items_that_lie_under_others_know_their_parents(tmp_path):
    post = thing("id", id=NUMBER, text=TEXT, user_id=TEXT)
    resources = found(
        tmp_path,
        {
            "GET /users/{userId}": gives(thing("id", id=TEXT, name=TEXT)),
            "GET /users": gives(listed(thing("id", id=TEXT, name=TEXT))),
            "GET /users/{userId}/posts": gives(listed(post)),
            "GET /users/{userId}/posts/{postId}": gives(post),
            "GET /users/{userId}/posts/{postId}/tags": gives(listed(thing(label=TEXT))),
        },
    )

    assert set(resources.collections) == {"users", "users.posts", "users.posts.tags"}
    (parent,) = resources.collections["users.posts"].parents
    assert (parent.parameter, parent.collection, parent.steps) == ("userId", "users", ("user_id",))
    above = resources.collections["users.posts.tags"].parents
    assert [(each.collection, each.steps) for each in above] == [("users", None), ("users.posts", None)]


def test_other_lists_of_the_same_items_are_views_of_their_collection(tmp_path):
    resources = found(
        tmp_path,
        {
            **PETS,
            "GET /pets/findByTag": gives(listed(PET), query={"tag": TEXT}),
            "GET /owners/{owner_id}/pets": gives(thing(data=listed(PET))),
            "POST /owners/{owner_id}/pets": gives(PET, "201", takes=NEW_PET),
            "POST /pets/createWithList": gives(listed(PET), takes=listed(PET)),
        },
    )

    assert list(resources.collections) == ["pets"]
    assert resources.roles["GET /pets/findByTag"].action == "list"
    (parent,) = resources.roles["GET /owners/{owner_id}/pets"].parents
    assert (parent.parameter, parent.steps) == ("owner_id", ("owner_id",))
    assert resources.roles["POST /owners/{owner_id}/pets"].action == "create"
    assert resources.roles["POST /pets/createWithList"].action == "create"


def test_what_is_read_and_written_in_one_place_is_a_singleton(tmp_path):
    settings = thing("theme", theme=TEXT)
    resources = found(
        tmp_path,
        {
            "GET /me/settings": gives(settings),
            "PUT /me/settings": gives(settings, takes=settings),
            "DELETE /me/settings": gives(None, "204"),
            "GET /stores/{store_id}/config": gives(settings),
            "PATCH /stores/{store_id}/config": gives(settings, takes=settings),
            "GET /status": gives(thing(uptime=NUMBER)),
        },
    )

    assert actions(resources) == {
        "GET /me/settings": "read settings",
        "PUT /me/settings": "replace settings",
        "DELETE /me/settings": "delete settings",
        "GET /stores/{store_id}/config": "read stores.config",
        "PATCH /stores/{store_id}/config": "change stores.config",
    }
    assert all(each.is_singleton for each in resources.collections.values())


def test_what_lies_below_an_item_needs_that_item(tmp_path):
    resources = found(
        tmp_path,
        {
            **PETS,
            "POST /pets/{petId}/cancel": gives(PET),
            "POST /pets/{petId}:copy": gives(thing(job=TEXT), "202"),
            "GET /pets/{petId}/photo": gives(None),
            "DELETE /pets/{petId}/tag": gives(PET),
        },
    )

    assert resources.roles["POST /pets/{petId}/cancel"].action == "act"
    assert resources.roles["POST /pets/{petId}:copy"].action == "act"
    assert resources.roles["GET /pets/{petId}/photo"].id_name == "petId"
    assert resources.roles["DELETE /pets/{petId}/tag"].action == "unset"
    assert resources.roles["DELETE /pets/{petId}/tag"].cleared == "tag"


def test_suffixes_and_trailing_slashes_make_no_other_collection(tmp_path):
    resources = found(
        tmp_path,
        {
            "GET /2010/Pets.json": gives(thing(pets=listed(PET), page=NUMBER)),
            "GET /2010/Pets/{Id}.json": gives(PET),
            "POST /2010/Pets/{Id}.json": gives(PET, takes=NEW_PET),
            "GET /dogs/": gives(listed(thing("id", id=NUMBER, name=TEXT))),
            "GET /dogs/{id}": gives(thing("id", id=NUMBER, name=TEXT)),
        },
    )

    assert actions(resources) == {
        "GET /2010/Pets.json": "list Pets",
        "GET /2010/Pets/{Id}.json": "read Pets",
        "POST /2010/Pets/{Id}.json": "change Pets",
        "GET /dogs/": "list dogs",
        "GET /dogs/{id}": "read dogs",
    }


def test_an_item_may_be_named_in_the_body_or_in_the_query(tmp_path):
    deleting = gives(None, "204")
    deleting["parameters"].append({"name": "id", "in": "query", "required": True, "schema": TEXT})
    resources = found(tmp_path, {**PETS, "PUT /pets": gives(PET, takes=PET), "DELETE /pets": deleting})

    assert resources.roles["PUT /pets"].id_place == "body"
    assert resources.roles["PUT /pets"].action == "replace"
    assert resources.roles["DELETE /pets"].id_place == "query"
    assert resources.roles["DELETE /pets"].action == "delete"


def test_only_a_collection_whose_ids_nobody_can_learn_is_open(tmp_path):
    secret = thing("id", id=TEXT, value=TEXT)
    resources = found(
        tmp_path, {**PETS, "GET /secrets/{id}": gives(secret), "DELETE /secrets/{id}": gives(None, "204")}
    )

    assert resources.collections["secrets"].is_open
    assert not resources.collections["pets"].is_open


@pytest.mark.parametrize(
    ("parameter", "properties", "field"),
    [
        pytest.param(TEXT, {"id": NUMBER, "full_name": TEXT, "name": TEXT}, "name", id="a name for a text"),
        pytest.param(TEXT, {"id": TEXT, "name": TEXT}, "id", id="an id that is a text"),
        pytest.param(NUMBER, {"id": NUMBER, "name": TEXT}, "id", id="an id that is a number"),
        pytest.param(NUMBER, {"key": TEXT, "name": TEXT}, None, id="no text for a number"),
        pytest.param(TEXT, {"id": NUMBER, "size": NUMBER}, "id", id="a number where nothing else names it"),
    ],
)
def test_the_id_is_of_the_type_that_its_path_asks_for(tmp_path, parameter, properties, field):
    asked = [{"name": name, "in": "path", "required": True} for name in ("owner", "repo")]
    read = gives(thing(**properties))
    read["parameters"] = [{**asked[0], "schema": TEXT}, {**asked[1], "schema": parameter}]

    resources = found(tmp_path, {"GET /repos/{owner}/{repo}": read})

    assert next(iter(resources.collections.values())).id_field == field


def test_query_parameters_are_known_by_their_meaning(tmp_path):
    query = {
        "page": NUMBER,
        "per_page": NUMBER,
        "q": TEXT,
        "sort": TEXT,
        "order": {"type": "string", "enum": ["asc", "desc"]},
        "tag": TEXT,
        "name_contains": TEXT,
        "min_id": NUMBER,
        "colour": TEXT,
    }
    resources = found(tmp_path, {**PETS, "GET /pets": gives(listed(PET), query=query)})

    meant = {
        each.name: (each.meaning, each.steps, each.operator)
        for each in resources.roles["GET /pets"].parameters
    }
    assert {name: each[0] for name, each in meant.items()} == {
        "page": "page",
        "per_page": "size",
        "q": "search",
        "sort": "sort",
        "order": "direction",
        "tag": "filter",
        "name_contains": "filter",
        "min_id": "filter",
    }
    assert meant["name_contains"][1:] == (("name",), "contains")
    assert meant["min_id"][1:] == (("id",), "gte")


MOMENT = {"type": "string", "format": "date-time"}


@pytest.mark.parametrize("name", ["direction", "dir", "orderDir", "sortDir", "sort_direction", "order_dir"])
def test_a_direction_is_known_however_it_is_spelled(tmp_path, name):
    query = {"orderBy": TEXT, name: {"type": "string", "enum": ["ASC", "DESC"]}}
    resources = found(tmp_path, {"GET /pets": gives(listed(PET), query=query)})

    assert [each.meaning for each in resources.roles["GET /pets"].parameters] == ["sort", "direction"]


@pytest.mark.parametrize(
    ("low", "high"), [("from", "to"), ("dateFrom", "dateTo"), ("start", "end"), ("since", "until")]
)
@pytest.mark.parametrize(
    ("moments", "field"),
    [
        pytest.param(("at", "created_at", "updated_at"), "at", id="the only one of its own"),
        pytest.param(("departs", "arrives", "createdOn"), "createdOn", id="else the creation"),
    ],
)
def test_a_range_of_time_is_one_of_the_moment_that_items_tell(tmp_path, low, high, moments, field):
    event = thing("id", id=NUMBER, **dict.fromkeys(moments, MOMENT))
    listing = gives(listed(event), query={low: MOMENT, high: MOMENT})

    parameters = found(tmp_path, {"GET /events": listing}).roles["GET /events"].parameters

    assert [(each.steps, each.operator) for each in parameters] == [((field,), "gte"), ((field,), "lte")]


def test_what_is_not_understood_is_told(tmp_path):
    resources = found(tmp_path, {"GET /pets": gives(listed(PET), query={"tag": TEXT, "colour": TEXT})})

    assert "colour is not understood and ignored." in resources.reasons["GET /pets"]
    assert not any("tag is not" in each for each in resources.reasons["GET /pets"])


def test_parameters_that_are_objects_are_known_by_their_members(tmp_path):
    pageable = thing(page={"type": "integer", "minimum": 0}, size=NUMBER, sort=listed(TEXT))
    resources = found(tmp_path, {**PETS, "GET /pets": gives(listed(PET), query={"pageable": pageable})})

    meant = {each.name: each.meaning for each in resources.roles["GET /pets"].parameters}
    assert meant == {"page": "page", "size": "size", "sort": "sort"}


def test_a_size_that_items_have_is_a_filter(tmp_path):
    shirt = thing("id", id=NUMBER, size=TEXT)
    resources = found(tmp_path, {"GET /shirts": gives(listed(shirt), query={"size": TEXT})})

    assert resources.roles["GET /shirts"].parameters[0].meaning == "filter"


def test_procedures_have_no_role(tmp_path):
    resources = found(
        tmp_path,
        {
            "POST /chat.postMessage": gives(thing(ok={"type": "boolean"}), takes=thing(text=TEXT)),
            "GET /ping": gives(TEXT),
            "GET /convert/{amount}": gives(NUMBER),
            "GET /names": gives(listed(TEXT)),
        },
    )

    assert resources.roles == {}


def test_what_the_document_says_of_a_collection_is_believed(tmp_path):
    odd = thing(left=listed(thing(id=NUMBER)), right=listed(PET))
    wish = {"collection": "pets", "action": "list", "items": "right"}

    resources = found(tmp_path, {**PETS, "GET /zoo": gives(odd, **{"x-mock-collection": wish})})

    role = resources.roles["GET /zoo"]
    assert (role.action, role.collection, role.answer.steps) == ("list", "pets", ("right",))
    assert resources.reasons["GET /zoo"] == ("x-mock-collection says so.",)


def test_an_operation_can_be_left_without_a_role(tmp_path):
    operations = {**PETS, "DELETE /pets/{petId}": gives(None, "204", **{"x-mock-collection": False})}

    resources = found(tmp_path, operations)

    assert "DELETE /pets/{petId}" not in resources.roles
    assert "GET /pets/{petId}" in resources.roles


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        pytest.param("pets", "should be false, or a mapping", id="a text"),
        pytest.param({"collektion": "pets"}, 'Did you mean "collection"', id="a misspelt field"),
        pytest.param({"collection": "pets", "action": "destroy"}, "an action is one of list", id="no action"),
        pytest.param({"collection": "pets", "items": "rigth"}, "there is no rigth", id="steps to nothing"),
        pytest.param({"collection": "pets", "items": "total"}, "is no array", id="steps to a number"),
        pytest.param({"collection": "pets", "id": "nope"}, "id: nope is neither", id="an id of nothing"),
    ],
)
def test_a_wish_that_cannot_be_meant_is_refused_with_its_line(tmp_path, wish, words):
    listing = gives(thing(right=listed(PET), total=NUMBER), **{"x-mock-collection": wish})

    with pytest.raises(MockServerError) as refused:
        found(tmp_path, {**PETS, "GET /pets": listing})

    assert words in str(refused.value)
    assert str(refused.value).startswith("openapi.json:")
    assert "paths./pets.get.x-mock-collection" in str(refused.value)


def roles_of(name: str) -> dict[str, str]:
    path = CONTRACTS / name
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    return actions(find_resources(load(path)))


def test_the_collections_of_museum_are_found():
    assert roles_of("Redocly__museum-openapi-example__openapi.yaml") == {
        "getMuseumHours": "list museum-hours",
        "listSpecialEvents": "list special-events",
        "createSpecialEvent": "create special-events",
        "getSpecialEvent": "read special-events",
        "deleteSpecialEvent": "delete special-events",
        "updateSpecialEvent": "change special-events",
        "buyMuseumTickets": "create tickets",
        "getTicketCode": "act tickets",
    }


def test_the_collections_of_train_travel_are_found():
    assert roles_of("bump-sh-examples__train-travel-api__openapi.yaml") == {
        "get-stations": "list stations",
        "get-trips": "list trips",
        "get-bookings": "list bookings",
        "create-booking": "create bookings",
        "get-booking": "read bookings",
        "delete-booking": "delete bookings",
        "create-booking-payment": "act bookings",
    }


def test_the_collections_of_petstore_are_found():
    roles = roles_of("swagger-api__swagger-petstore__openapi.yaml")

    assert roles == {
        "updatePet": "replace pet",
        "addPet": "create pet",
        "findPetsByStatus": "list pet",
        "findPetsByTags": "list pet",
        "getPetById": "read pet",
        "updatePetWithForm": "change pet",
        "deletePet": "delete pet",
        "uploadFile": "act pet",
        "placeOrder": "create order",
        "getOrderById": "read order",
        "deleteOrder": "delete order",
        "createUser": "create user",
        "createUsersWithListInput": "create user",
        "getUserByName": "read user",
        "updateUser": "replace user",
        "deleteUser": "delete user",
    }


def test_the_shipped_contract_has_a_role_for_every_operation():
    resources = find_resources(load(ROOT / "openapi.yaml"))

    assert set(resources.roles) == {each.operation_id for each in load(ROOT / "openapi.yaml").operations}


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("box__box-openapi__openapi.json", 200),
        ("discord__discord-api-spec__openapi.json", 150),
        ("sonallux__spotify-web-api__fixed-spotify-open-api.yml", 40),
        ("twilio__twilio-oai__twilio_api_v2010.json", 180),
    ],
)
def test_most_operations_of_large_documents_have_a_role(name, least):
    assert sum(not each.startswith("act ") for each in roles_of(name).values()) >= least
