"""The responder: which of its ways an operation without a handler is answered in."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from mockserver.serve.assembly import Setup
from tests.conftest import Api, in_process

THING = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "colour": {"type": "string"}},
}
PROBLEM = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}


def answer(schema: Any, *, status: str = "200", **more: Any) -> dict[str, Any]:
    """Give the responses of an operation with one answer in JSON."""
    return {status: {"description": "An answer", "content": {"application/json": {"schema": schema, **more}}}}


def serve(folder: Path, operation: dict[str, Any], path: str = "/do", method: str = "get", **top: Any) -> Api:
    """Serve a contract of one operation, called ``act``."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Acts", "version": "1"},
        "paths": {path: {method: {"operationId": "act", **operation}}},
        **top,
    }
    file = folder / "openapi.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    lines: list[str] = []
    api = in_process(Setup(contract=file, write_line=lines.append))
    api.lines = lines  # type: ignore[attr-defined]  # what the journal wrote, for the tests of this module
    return api


def said(api: Api) -> str:
    return str(api.lines[-1])  # type: ignore[attr-defined]  # see above


CATS = {
    "tom": {"value": {"id": 1, "name": "Tom"}},
    "felix": {"value": {"id": 2, "name": "Felix"}},
}


@pytest.fixture
def cats(tmp_path: Path) -> Api:
    """Give an operation with two examples of success and two of errors."""
    responses = {
        **answer(THING, examples=CATS),
        **answer(PROBLEM, status="404", example={"message": "No such cat."}),
        **answer(PROBLEM, status="4XX"),
    }
    return serve(tmp_path, {"responses": responses})


def test_the_first_example_is_the_answer(cats):
    assert cats.get("/do").json() == {"id": 1, "name": "Tom"}
    assert 'from example "tom"' in said(cats)


@pytest.mark.parametrize(
    ("prefer", "status", "body"),
    [
        pytest.param("code=404", 404, {"message": "No such cat."}, id="a status"),
        pytest.param("example=felix", 200, {"id": 2, "name": "Felix"}, id="an example"),
        pytest.param("code=200, example=felix", 200, {"id": 2, "name": "Felix"}, id="both"),
    ],
)
def test_what_is_preferred_is_answered_and_said_to_be_applied(cats, prefer, status, body):
    by_header = cats.get("/do", headers={"Prefer": prefer})
    by_query = cats.get("/do", params={f"__{k}": v for k, v in (p.split("=") for p in prefer.split(", "))})

    for answered in (by_header, by_query):
        assert (answered.status_code, answered.json()) == (status, body)
        assert answered.headers["Preference-Applied"] == prefer
    assert "as preferred" in said(cats)


def test_a_status_within_a_declared_range_may_be_preferred(cats):
    answered = cats.get("/do", headers={"Prefer": "code=418"})

    assert answered.status_code == 418
    assert answered.headers["Preference-Applied"] == "code=418"
    assert answered.json() == {"message": "The request prefers 418."}


@pytest.mark.parametrize(
    ("prefer", "text"),
    [
        ("code=503", "code=503 is not declared for act; declared are 200, 404, 4XX."),
        ("example=garfield", "example=garfield is not declared for act; declared are tom, felix."),
        ("code=404, example=tom", "example=tom is not declared for act 404; declared are none."),
        ("code=none", "code=none is no status; it should be a number such as 404."),
    ],
)
def test_what_the_contract_does_not_declare_is_refused_in_words(cats, prefer, text):
    refused = cats.get("/do", headers={"Prefer": prefer})

    assert refused.status_code == 400
    assert refused.json()["message"] == f"Prefer: {text}"


def test_a_dynamic_answer_is_a_sample_and_the_same_for_the_same_seed(cats):
    seven, again, eight = (
        cats.get("/do", headers={"Prefer": f"dynamic=true, seed={seed}"}).json() for seed in (7, 7, 8)
    )

    assert seven == again
    assert seven not in ([each["value"] for each in CATS.values()])
    assert eight != seven


def test_dynamic_answers_without_a_seed_differ(cats):
    answers = [cats.get("/do", params={"__dynamic": "true"}).text for _ in range(5)]

    assert len(set(answers)) > 1


def test_a_preference_of_another_name_is_left_alone(cats):
    answered = cats.get("/do", headers={"Prefer": "respond-async"})

    assert answered.status_code == 200
    assert "Preference-Applied" not in answered.headers


def test_twins_in_the_query_are_no_undeclared_parameters(cats):
    cats.get("/do", params={"__code": "404"})

    assert "no query parameter" not in said(cats)


def test_a_handler_is_passed_by_when_something_of_the_contract_is_preferred(api):
    refused = api.get("/api/v1/admin/groups", as_="super-admin", headers={"Prefer": "code=403"})
    seeded = api.get("/api/v1/admin/groups", as_="super-admin", headers={"Prefer": "seed=1"})

    assert refused.status_code == 403
    assert seeded.status_code == 200
    assert "Preference-Applied" not in seeded.headers


def test_a_preference_does_not_open_what_credentials_close(api):
    assert api.get("/api/v1/admin/groups", headers={"Prefer": "code=200"}).status_code == 401


def test_a_request_with_the_values_of_an_example_gets_the_answer_of_that_name(tmp_path):
    body = {"content": {"application/json": {"schema": {"type": "object"}, "examples": {
        "good": {"value": {"name": "Tom"}}, "rude": {"value": {"name": "!"}},
    }}}}  # fmt: skip
    responses = {
        **answer(THING, status="201", examples={"good": {"value": {"id": 1, "name": "Tom"}}}),
        **answer(PROBLEM, status="409", examples={"rude": {"value": {"message": "Mind your words."}}}),
    }
    api = serve(tmp_path, {"requestBody": body, "responses": responses}, method="post")

    good, rude = api.post("/do", json={"name": "Tom"}), api.post("/do", json={"name": "!"})

    assert (good.status_code, good.json()["id"]) == (201, 1)
    assert (rude.status_code, rude.json()) == (409, {"message": "Mind your words."})
    assert "since the request has the values of rude" in said(api)


@pytest.mark.parametrize(
    ("wanted", "status", "name"), [("2", 200, "Felix"), ("1", 200, "Tom"), ("99", 404, None)]
)
def test_a_value_in_the_path_that_an_example_has_picks_it(tmp_path, wanted, status, name):
    parameter = {
        "name": "catId", "in": "path", "required": True, "schema": {"type": "integer"},
        "examples": {"gone": {"value": 99}},
    }  # fmt: skip
    responses = {
        **answer(THING, examples=CATS),
        **answer(PROBLEM, status="404", examples={"gone": {"value": {"message": "Gone."}}}),
    }
    api = serve(tmp_path, {"parameters": [parameter], "responses": responses}, path="/say/{catId}/hello")

    answered = api.get(f"/say/{wanted}/hello")

    assert (answered.status_code, answered.json().get("name")) == (status, name)


def test_a_sample_says_back_what_the_request_names(tmp_path):
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    api = serve(
        tmp_path,
        {"parameters": [parameter], "requestBody": body, "responses": answer(THING)},
        path="/say/{id}/hello",
        method="post",
    )

    answered = api.post("/say/5/hello", json={"name": "Tom", "secret": 1})

    assert (answered.json()["id"], answered.json()["name"]) == (5, "Tom")
    assert "secret" not in answered.json()
    assert "from sample" in said(api)


def test_an_example_that_breaks_its_schema_is_mended_and_that_is_noted(tmp_path):
    api = serve(tmp_path, {"responses": answer(THING, example={"id": "one", "name": "Tom"})})

    answered = api.get("/do")

    assert answered.status_code == 200
    assert isinstance(answered.json()["id"], int)
    assert answered.json()["name"] == "Tom"
    assert "the contract's example breaks its schema; a sample mends it" in said(api)


def test_a_schema_that_nothing_satisfies_is_told_in_words(tmp_path):
    api = serve(tmp_path, {"responses": answer({"type": "string", "minLength": 3, "maxLength": 2})})

    refused = api.get("/do")

    assert refused.status_code == 501
    assert "No sample fits act" in refused.text


def test_declared_headers_are_sent_with_their_examples_or_samples(tmp_path):
    responses = answer({"type": "object"})
    responses["200"]["headers"] = {
        "X-Rate-Limit": {"schema": {"type": "integer", "minimum": 5, "maximum": 5}},
        "X-Named": {"schema": {"type": "string"}, "example": "a name"},
        "X-List": {"schema": {"type": "array", "items": {"type": "integer"}}, "example": [1, 2]},
    }
    api = serve(tmp_path, {"responses": responses})

    headers = api.get("/do").headers

    assert (headers["X-Rate-Limit"], headers["X-Named"], headers["X-List"]) == ("5", "a name", "1,2")


def test_an_answer_without_a_body_has_none(tmp_path):
    api = serve(tmp_path, {"responses": {"204": {"description": "Done"}}}, method="delete")

    answered = api.delete("/do")

    assert (answered.status_code, answered.content) == (204, b"")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/json"),
        ("text/plain", "text/plain"),
        ("application/json;q=0.5, text/plain", "text/plain"),
        ("text/*;q=0.1, */*;q=0.5", "application/json"),
    ],
)
def test_the_media_type_is_the_one_that_is_accepted_best(tmp_path, accept, media_type):
    content = {
        "application/json": {"schema": THING},
        "text/plain": {"schema": {"type": "string"}, "example": "Tom"},
    }
    api = serve(tmp_path, {"responses": {"200": {"description": "Both", "content": content}}})
    # httpx sends an Accept of its own, unless it is given one.
    answered = api.send(
        httpx.Request("GET", "http://mock.test/do", headers={"Accept": accept} if accept else {})
    )

    assert answered.headers["Content-Type"].partition(";")[0] == media_type


def test_where_nothing_is_accepted_that_is_declared_406_says_what_is(tmp_path):
    api = serve(tmp_path, {"responses": answer(THING)})

    refused = api.get("/do", headers={"Accept": "image/png"})

    assert refused.status_code == 406
    assert "application/json" in refused.text


def test_a_stored_item_whose_schema_nothing_satisfies_is_told_in_words(tmp_path):
    thing = {"type": "object", "required": ["id", "n"], "properties": {
        "id": {"type": "integer"}, "n": {"type": "integer", "minimum": 5, "maximum": 4},
    }}  # fmt: skip
    body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    api = serve(tmp_path, {"requestBody": body, "responses": answer(thing, status="201")}, "/bad", "post")

    refused = api.post("/bad", json={})

    assert refused.status_code == 501
    assert "No sample fits act" in refused.text
