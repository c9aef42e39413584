"""What a backend keeps of others and of earlier runs is no difference, and what it always does is one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from mockserver.prove.compare.comparing import compare
from mockserver.prove.compare.plan import Comparison
from mockserver.prove.compare.renewing import renew
from mockserver.prove.report import Report
from mockserver.prove.told import describe
from mockserver.prove.verify import Backend
from mockserver.serve.assembly import Setup
from mockserver.serve.server import running

LIST = """
    get:
      operationId: listUsers
      responses:
        "200":
          {description: All, content: {application/json: {schema: {type: array, items: {$ref: "#/User"}}}}}
"""
CONTRACT = """
openapi: 3.1.0
info: {title: Users, version: "1"}
paths:
  /users:LIST
    post:
      operationId: addUser
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/NewUser"}, EXAMPLE}
      responses:
        "201": {description: One, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
        "409": {description: Taken}
        "422": {description: Not so}
  /users/{id}:
    get:
      operationId: getUser
      parameters: [{name: id, in: path, required: true, schema: {type: integer, format: int64}}]
      responses:
        "200": {description: It, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}
        "404": {description: None of that id}
        "422": {description: Not so}
components:
  schemas:
    NewUser:
      type: object
      required: [name]
      additionalProperties: false
      properties:
        name: {type: string, minLength: 3, maxLength: 40, example: ada}
        age: {type: integer, minimum: 0, maximum: 150, example: 36}
    User:
      type: object
      required: [id, name]
      properties: {id: {type: integer, format: int64}, name: {type: string}, age: {type: integer}}
"""
HANDLERS = """
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem

KIND = "%s"
USERS = {}


@handles("addUser")
def add(request, store):
    name = request.body["name"]
    taken = {each["name"].casefold() for each in USERS.values()}
    if KIND == "always" or (KIND == "unique" and name.casefold() in taken):
        raise Problem(409, "There is somebody of this name")
    user = {"id": len(USERS) + 1, **request.body}
    USERS[user["id"]] = user
    return Response(user, 201)


@handles("listUsers")
def all_of_them(request, store):
    return Response([*USERS.values()])


@handles("getUser")
def read(request, store):
    user_id = int(request.path["id"])
    if user_id not in USERS and KIND != "never 404":
        raise Problem(404, "There is nobody")
    return Response(USERS.get(user_id, {"id": user_id, "name": "Nobody"}))
"""


def contract_in(folder: Path, *, is_listed: bool = True, example: str = "") -> Path:
    path = folder / "users.yaml"
    listed = LIST.replace("#/User", "#/components/schemas/User") if is_listed else ""
    path.write_text(CONTRACT.replace("LIST", listed).replace("EXAMPLE", example))
    return path


@contextmanager
def backend(contract: Path, kind: str, users: int = 0) -> Iterator[str]:
    """Serve somebody's backend, with so many users of others."""
    handlers = contract.with_name("backend.py")  # not handlers.py, which the mock would have too
    text = HANDLERS % kind
    if "listUsers" not in contract.read_text():
        text = text.replace('@handles("listUsers")\n', "")
    handlers.write_text(text)
    with running(Setup(contract=contract, handlers=str(handlers), auth="off")) as (_, url):
        for number in range(users):
            requests.post(f"{url}/users", json={"name": f"user {number}"}, timeout=10)
        yield url


def ask(contract: Path, url: str, *sources: str, seed: int = 1) -> Report:
    plan = Comparison(seed, 30, sources or ("examples", "generated"))
    return compare(Setup(contract=contract), Backend(url), plan, lambda _: None)


def told(report: Report) -> str:
    return "\n".join(describe(report))


@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_a_backend_has_of_others_is_not_missing_on_the_mock(tmp_path, is_listed, seed):
    contract = contract_in(tmp_path, is_listed=is_listed)
    with backend(contract, "", users=100) as url:
        report = ask(contract, url, "examples", seed=seed)

    assert report.ok, told(report)


@pytest.mark.parametrize("is_listed", [True, False])
def test_a_backend_that_answers_for_what_is_not_there_is_found(tmp_path, is_listed):
    contract = contract_in(tmp_path, is_listed=is_listed)
    with backend(contract, "never 404", users=3) as url:
        report = ask(contract, url, "examples")

    assert "An item that is not there: the mock answers 404, the backend 200." in told(report)


@pytest.mark.parametrize("example", ["", "example: {name: Grace, age: 30}"])
def test_a_second_run_finds_what_the_first_did(tmp_path, example):
    contract = contract_in(tmp_path, example=example)
    with backend(contract, "unique") as url:
        first, *later = [ask(contract, url) for _ in range(3)]

    assert [each.difference for each in first.findings] == ["the same item again: 201, 409"], told(first)
    for each in later:
        assert {f.fingerprint for f in each.findings} == {f.fingerprint for f in first.findings}, told(each)
        assert any(re.match("addUser: taken already on one side, the backend", n) for n in each.notes)


def test_a_second_run_against_a_backend_that_keeps_what_was_made_is_no_difference(tmp_path):
    contract = contract_in(tmp_path)
    with backend(contract, "") as url:
        reports = [ask(contract, url) for _ in range(2)]

    assert all(each.ok for each in reports), told(reports[-1])


def test_a_backend_that_calls_everything_taken_is_found(tmp_path):
    contract = contract_in(tmp_path)
    with backend(contract, "always") as url:
        report = ask(contract, url)

    assert "addUser" in {each.operation_id for each in report.findings}
    assert "the mock answers 201, the backend 409" in told(report)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("a text that is long", "a tex12345678s long", id="a text keeps its length and ends"),
        pytest.param("ada", "a12345678da", id="a short one gets longer"),
        pytest.param("ada@a.test", "a12345678da@a.test", id="an address keeps its host"),
        pytest.param("https://a.test/", "https://a.test/12345678", id="so does a URL"),
        pytest.param("2026-01-31T09:00:00Z", "2027-12-11T09:00:00Z", id="a time keeps its hour"),
        pytest.param("", "", id="nothing stays nothing"),
        pytest.param(True, True, id="a choice of two stays"),
        pytest.param(4, 4, id="a number stays"),
    ],
)
def test_other_values_look_alike(value, expected):
    renewed = renew({"a": [value]}, 12345678, lambda _: True, ids={"id"}, has_numbers=False)

    assert renewed == {"a": [expected]}


def test_an_id_becomes_another_and_what_would_not_fit_stays():
    body = {"id": 4, "state": "open", "name": "ada"}

    renewed = renew(body, 12345678, lambda each: each["state"] == "open", ids={"id"}, has_numbers=False)

    assert renewed == {"id": 12345678, "state": "open", "name": "a12345678da"}
