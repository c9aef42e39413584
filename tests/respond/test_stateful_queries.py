"""What a query says is read alike by all operations on a collection, and none of it breaks an answer."""

from pathlib import Path
from typing import Any

import pytest

from tests.contract.compact import NEW_PET, PET, TEXT, contract_of, gives, listed, thing
from tests.respond.served import Served, serve

FILTER = {
    "name": "filter",
    "in": "query",
    "style": "deepObject",
    "explode": True,
    "schema": thing(tag=TEXT),
}


def pets(folder: Path, **more: Any) -> Served:
    operations = {
        "GET /pets": gives(listed(PET)),
        "POST /pets": gives(PET, "201", takes=NEW_PET),
        "GET /pets/{petId}": gives(PET),
        **more,
    }
    contract_of(folder, operations)
    return serve(folder / "openapi.json")


def test_lists_counts_and_removals_read_a_filter_alike(tmp_path):
    operations = {
        "GET /pets": gives(listed(PET)),
        "GET /pets/count": gives(thing("count", count={"type": "integer"})),
        "DELETE /pets": gives(None, "204"),
    }
    for each in operations.values():
        each["parameters"].append(FILTER)
    api = pets(tmp_path, **operations)
    before = api.get("/pets").body
    made = [api.post("/pets", {"name": name, "tag": "loud"}).body for name in ("Rex", "Max")]

    assert api.get("/pets?filter[tag]=loud").body == made
    assert api.get("/pets/count?filter[tag]=loud").body == {"count": 2}
    assert api.delete("/pets?filter[tag]=loud").status == 204
    assert api.get("/pets").body == before


@pytest.mark.parametrize("schema", [{}, {"anyOf": [{"type": "integer"}, TEXT]}])
@pytest.mark.parametrize("value", ["abc", "1e400", "NaN", "", "9" * 5000])
def test_a_page_that_is_no_number_means_no_page(tmp_path, schema, value):
    query = {"page": schema, "limit": schema, "offset": schema}
    api = pets(tmp_path, **{"GET /pets": gives(listed(PET), query=query)})

    for name in query:
        assert api.get(f"/pets?{name}={value}").status == 200
    assert api.get("/pets?page=abc&limit=abc").body == api.get("/pets").body


def test_an_item_lacks_the_same_wherever_it_is_shown(tmp_path):
    brief = thing("name", id=TEXT, name=TEXT, tag=TEXT)
    full = thing("id", "name", id=TEXT, name=TEXT, tag=TEXT, colour=TEXT)
    api = pets(
        tmp_path,
        **{
            "GET /cats": gives(listed(brief)),
            "GET /cats/{catId}": gives(full),
            "PUT /cats/{catId}": gives(full, takes=thing(tag=TEXT)),
        },
    )
    api.store["cats"].insert({"id": "lack"})
    api.store["pets"].insert({"id": 99})

    assert api.get("/pets/99").body in api.get("/pets").body
    name = api.get("/cats/lack").body["name"]
    assert {"id": "lack", "name": name} in api.get("/cats").body
    assert api.put("/cats/lack", {"tag": "loud"}).body["name"] == name


@pytest.mark.parametrize(
    ("accepted", "media_type"),
    [
        pytest.param("text/csv", "text/csv", id="CSV alone"),
        pytest.param("text/csv, application/json;q=0.1", "application/json", id="JSON too"),
        pytest.param("application/json", "application/json", id="JSON"),
        pytest.param("*/*", "application/json", id="anything"),
    ],
)
def test_what_state_cannot_write_comes_from_the_contract(tmp_path, accepted, media_type):
    show = gives(listed(PET))
    show["responses"]["200"]["content"]["text/csv"] = {"schema": TEXT}
    make = gives(PET, "201", takes=NEW_PET)
    make["responses"]["201"]["content"]["text/csv"] = {"schema": TEXT, "example": "id,name"}
    api = pets(tmp_path, **{"GET /pets": show, "POST /pets": make})

    made = api.post("/pets", {"name": "Rex"}, Accept=accepted)
    found = api.get("/pets", Accept=accepted)

    assert (made.status, found.status) == (201, 200)
    assert media_type in made.headers["Content-Type"]
    assert media_type in found.headers["Content-Type"]
    assert "Rex" in [each["name"] for each in api.get("/pets").body]


def test_a_search_finds_nothing_by_what_is_only_written(tmp_path):
    secret = {**TEXT, "writeOnly": True}
    user = thing("id", id=TEXT, name=TEXT, pin=secret, inner=thing(code=secret, note=TEXT))
    new = thing(name=TEXT, pin=secret, password=TEXT, inner=thing(code=secret, note=TEXT))
    api = pets(
        tmp_path,
        **{
            "GET /users": gives(listed(user), query={"q": TEXT}),
            "POST /users": gives(user, "201", takes=new),
            "GET /users/{userId}": gives(user),
        },
    )
    inner = {"code": "walnut", "note": "almond"}
    made = api.post("/users", {"name": "Ann", "pin": "sesame", "password": "hazel", "inner": inner}).body

    assert api.get("/users?q=almond").body == [made]
    for word in ("sesame", "walnut", "hazel"):
        assert api.get(f"/users?q={word}").body == []


def test_before_the_first_page_past_the_end_comes_the_last(tmp_path):
    query = {"page": {"type": "integer"}, "limit": {"type": "integer"}}
    api = pets(tmp_path, **{"GET /pets": gives(listed(PET), query=query, headers={"Link": TEXT})})

    link = api.get("/pets?page=99999999999999999999&limit=2").headers["Link"]

    assert '</pets?page=2&limit=2>; rel="prev"' in link
