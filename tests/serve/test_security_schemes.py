"""Who is calling, in contracts with other schemes than ours: several, optional ones, keys, passwords."""

from base64 import b64encode
from pathlib import Path

import pytest

from mockserver.serve.assembly import Setup
from mockserver.serve.operation import Rules
from mockserver.state.clock import Clock
from mockserver.state.personas import Persona, mint, verify
from tests.conftest import in_process

CONTRACT = """
openapi: 3.1.0
info: {title: Schemes, version: '1'}
paths:
  /who:
    get:
      operationId: who
      security: SECURITY
      responses:
        '200': {description: Who it is., content: {application/json: {schema: {}}}}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    password: {type: http, scheme: basic}
    key: {type: apiKey, in: query, name: api_key}
"""
HANDLER = """
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles


@handles("who")
def who(request, store):
    return Response(dict(request.caller))
"""
# {"sub": "ada"} and no signature worth the name: in the mode "present" it is believed.
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"
BASIC = b64encode(b"grace:secret").decode()


def served(folder: Path, security: str, **options):
    (folder / "openapi.yaml").write_text(CONTRACT.replace("SECURITY", security), encoding="utf-8")
    (folder / "handlers.py").write_text(HANDLER, encoding="utf-8")
    return served_as_it_is(folder, **options)


def test_of_two_schemes_together_the_claims_are_those_of_the_caller(tmp_path):
    with served(tmp_path, "[{token: [], key: []}]") as api:
        both = api.get("/who", params={"api_key": "k"}, headers={"Authorization": f"Bearer {TOKEN}"})
        one = api.get("/who", headers={"Authorization": f"Bearer {TOKEN}"})

    assert both.json() == {"sub": "ada"}
    assert one.status_code == 401


@pytest.mark.parametrize(
    "security", ["[{}, {token: []}]", "[{token: []}, {}]"], ids=["nobody first", "nobody last"]
)
def test_an_optional_scheme_tells_who_it_is_wherever_it_stands(tmp_path, security):
    with served(tmp_path, security) as api:
        known = api.get("/who", headers={"Authorization": f"Bearer {TOKEN}"})
        unknown = api.get("/who")

    assert known.json() == {"sub": "ada"}
    assert unknown.json() == {}


def test_a_requirement_that_names_no_scheme_asks_for_a_token_and_is_named_with_its_line(tmp_path):
    with served(tmp_path, "[{tokn: []}]") as api:
        refused = api.get("/who")
        answered = api.get("/who", headers={"Authorization": f"Bearer {TOKEN}"})

    (defect,) = api.mock.parts.contract.defects
    assert str(defect).startswith("openapi.yaml:8  ")
    assert "no security scheme tokn; there are: token" in defect.text
    assert [refused.status_code, answered.status_code] == [401, 200]


def test_a_key_in_the_query_is_no_unknown_parameter(tmp_path):
    lines = []

    with served(tmp_path, "[{key: []}]", rules=Rules(requests="strict"), write_line=lines.append) as api:
        answered = api.get("/who", params={"api_key": "k"})
        misspelt = api.get("/who", params={"api_key": "k", "api_kee": "k"})

    assert answered.status_code == 200
    assert misspelt.status_code == 422
    assert len(lines[0].splitlines()) == 1


@pytest.mark.parametrize(
    ("security", "challenge"),
    [("[{token: []}]", "Bearer"), ("[{password: []}]", 'Basic realm="mock"'), ("[{key: []}]", None)],
    ids=["a token", "a password", "a key"],
)
def test_the_challenge_is_that_of_the_scheme(tmp_path, security, challenge):
    with served(tmp_path, security) as api:
        refused = api.get("/who")

    assert refused.status_code == 401
    assert refused.headers.get("WWW-Authenticate") == challenge


def test_a_password_is_taken_as_it_comes_and_a_broken_one_is_told_its_form(tmp_path):
    with served(tmp_path, "[{password: []}]") as api:
        answered = api.get("/who", headers={"Authorization": f"Basic {BASIC}"})
        broken = api.get("/who", headers={"Authorization": "Basic a b"})

    assert answered.json() == {"sub": "grace"}
    assert broken.status_code == 401
    assert "Basic <user:password in base64>" in broken.json()["detail"]


def test_a_handler_cannot_change_the_claims_of_later_requests(tmp_path):
    token = mint(Persona("ada", "", {"sub": "ada"}), Clock())
    with served(tmp_path, "[{token: []}]"):
        (tmp_path / "handlers.py").write_text(
            HANDLER.replace("    return", "    request.caller['sub'] = 'eve'\n    return"), encoding="utf-8"
        )
    with served_as_it_is(tmp_path, auth="verify") as api:
        tried = api.get("/who", headers={"Authorization": f"Bearer {token}"})

    assert tried.status_code == 500
    assert verify(token, Clock())["sub"] == "ada"


def served_as_it_is(folder: Path, **options):
    return in_process(
        Setup(contract=folder / "openapi.yaml", handlers=str(folder / "handlers.py"), **options)
    )
