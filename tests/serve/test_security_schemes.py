"""Who is calling, in contracts with other schemes than ours: several, optional ones, keys, passwords."""

import contextlib
import json
from base64 import b64encode
from pathlib import Path

import jwt
import pytest

from mockserver.contract.operation import read_operations
from mockserver.respond.problems import Problem
from mockserver.serve.assembly import Setup
from mockserver.serve.security import Gate, authenticator, fault_of
from mockserver.serve.sending import WORLD
from mockserver.state.beginnings import FixtureSets
from mockserver.state.clock import Clock
from mockserver.state.personas import Persona, mint, verify
from mockserver.state.settings import Settings
from mockserver.state.store import Store
from mockserver.state.world import World
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
    cookie: {type: apiKey, in: cookie, name: session}
    header: {type: apiKey, in: header, name: X-Key}
    other_header: {type: apiKey, in: header, name: X-Other-Key}
    digest: {type: http, scheme: digest}
    hoba: {type: http, scheme: HOBA}
    oauth: {type: oauth2, flows: {implicit: {authorizationUrl: 'http://a.test', scopes: {}}}}
    connect: {type: openIdConnect, openIdConnectUrl: http://a.test/openid}
    certificate: {type: mutualTLS}
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


DIGEST = 'Digest username="ada", realm="r", nonce="n", uri="/who", qop=auth, nc=1, cnonce="c", response="00"'


def token_with(**claims):
    return f"Bearer {jwt.encode({'sub': 'ada', **claims}, 'k' * 32)}"


def world() -> World:
    return World(Store.open({}), Clock(), 0, FixtureSets({}, lambda _name, _now: {}, list).first)


def served(folder: Path, security: str, of_the_whole: str = "[]", **options):
    text = f"{CONTRACT.replace('SECURITY', security)}security: {of_the_whole}"
    (folder / "openapi.yaml").write_text(text, encoding="utf-8")
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

    with served(
        tmp_path, "[{key: []}]", settings=Settings(requests="strict"), write_line=lines.append
    ) as api:
        answered = api.get("/who", params={"api_key": "k"})
        misspelt = api.get("/who", params={"api_key": "k", "api_kee": "k"})

    assert answered.status_code == 200
    assert misspelt.status_code == 422
    assert len(lines[0].splitlines()) == 1


@pytest.mark.parametrize(
    ("security", "challenge"),
    [
        ("[{token: []}]", "Bearer"),
        ("[{password: []}]", 'Basic realm="mock"'),
        ("[{key: []}]", 'ApiKey in="query", name="api_key"'),
    ],
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


GOOD = {
    "token": {"headers": {"Authorization": f"Bearer {TOKEN}"}},
    "password": {"headers": {"Authorization": f"Basic {BASIC}"}},
    "key": {"params": {"api_key": "k"}},
    "cookie": {"headers": {"Cookie": "theme=dark; session=s"}},
    "header": {"headers": {"x-key": "k"}},
    "digest": {"headers": {"Authorization": DIGEST}},
    "hoba": {"headers": {"Authorization": 'HOBA result="a.b.c.d"'}},
    "oauth": {"headers": {"Authorization": "Bearer opaque"}},
    "connect": {"headers": {"Authorization": "Bearer opaque"}},
}


@pytest.mark.parametrize("auth", ["present", "verify", "off"])
@pytest.mark.parametrize("scheme", GOOD)
def test_a_credential_of_the_scheme_lets_pass_and_none_does_not(tmp_path, scheme, auth):
    good = GOOD[scheme]
    if auth == "verify" and scheme in ("token", "oauth", "connect"):
        good = {"headers": {"Authorization": f"Bearer {mint(Persona('ada', '', {'sub': 'ada'}), Clock())}"}}

    with served(tmp_path, f"[{{{scheme}: []}}]", auth=auth) as api:
        passed = api.get("/who", **good)
        refused = api.get("/who")

    assert passed.status_code == 200
    assert refused.status_code == (200 if auth == "off" else 401)


@pytest.mark.parametrize(
    ("scheme", "sent", "sub"),
    [
        ("password", GOOD["password"], "grace"),
        ("digest", GOOD["digest"], "ada"),
        ("header", GOOD["header"], "k"),
        ("cookie", GOOD["cookie"], "s"),
    ],
)
def test_a_credential_tells_who_it_is(tmp_path, scheme, sent, sub):
    with served(tmp_path, f"[{{{scheme}: []}}]") as api:
        assert api.get("/who", **sent).json() == {"sub": sub}


@pytest.mark.parametrize(
    ("scheme", "sent"),
    [
        pytest.param("header", {"headers": {"X-Key": ""}}, id="an empty key"),
        pytest.param("key", {"params": {"api_key": ""}}, id="an empty key in the query"),
        pytest.param("cookie", {"headers": {"Cookie": "session="}}, id="an empty cookie"),
        pytest.param("header", {"params": {"X-Key": "k"}}, id="a key in another place"),
        pytest.param("password", {"headers": {"Authorization": "Basic !!!"}}, id="no base64"),
        pytest.param("password", {"headers": {"Authorization": "Basic Z3JhY2U="}}, id="no colon"),
        pytest.param("digest", {"headers": {"Authorization": 'Digest username="ada"'}}, id="half a digest"),
        pytest.param("digest", {"headers": {"Authorization": "Digest rubbish"}}, id="no digest"),
        pytest.param("hoba", {"headers": {"Authorization": "HOBA"}}, id="nothing after the scheme"),
        pytest.param("hoba", {"headers": {"Authorization": "Bearer x"}}, id="another scheme"),
    ],
)
def test_a_credential_that_is_not_well_formed_is_401(tmp_path, scheme, sent):
    with served(tmp_path, f"[{{{scheme}: []}}]") as api:
        assert api.get("/who", **sent).status_code == 401


def test_two_schemes_of_the_same_type_are_two(tmp_path):
    with served(tmp_path, "[{header: [], other_header: []}]") as api:
        one = api.get("/who", headers={"X-Key": "k"})
        both = api.get("/who", headers={"X-Key": "k", "X-Other-Key": "o"})

    assert one.status_code == 401
    assert both.status_code == 200


def test_schemes_that_share_a_header_are_met_with_a_header_each(tmp_path):
    password, token = ("Authorization", f"Basic {BASIC}"), ("Authorization", f"Bearer {TOKEN}")

    with served(tmp_path, "[{token: [], password: []}]") as api:
        one = api.get("/who", headers=[token])
        both = api.get("/who", headers=[password, token])
        three = api.get("/who", headers=[password, token, token])

    assert (one.status_code, both.status_code, three.status_code) == (401, 200, 401)
    assert both.json() == {"sub": "ada"}


@pytest.mark.parametrize(
    ("security", "sent", "status"),
    [
        ("[{token: []}, {key: []}]", ["token"], 200),
        ("[{token: []}, {key: []}]", ["key"], 200),
        ("[{token: []}, {key: []}]", [], 401),
        ("[{token: [], key: []}, {cookie: []}]", ["key"], 401),
        ("[{token: [], key: []}, {cookie: []}]", ["key", "token"], 200),
        ("[{token: [], key: []}, {cookie: []}]", ["cookie"], 200),
        ("[{token: [], key: [], header: []}]", ["key", "token"], 401),
        ("[{token: []}, {}]", [], 200),
        ("[]", [], 200),
        ("[{certificate: []}]", [], 200),
        ("[{certificate: [], key: []}]", [], 401),
        ("[{certificate: [], key: []}]", ["key"], 200),
    ],
)
def test_one_requirement_is_enough_and_within_it_every_scheme_counts(tmp_path, security, sent, status):
    headers = {name: value for each in sent for name, value in GOOD[each].get("headers", {}).items()}
    params = {name: value for each in sent for name, value in GOOD[each].get("params", {}).items()}

    with served(tmp_path, security) as api:
        assert api.get("/who", headers=headers, params=params).status_code == status


@pytest.mark.parametrize(
    ("security", "is_open", "sent", "passes"),
    [
        ([{"unknown": []}], True, None, True),
        ([{"unknown": [], "known": []}], False, None, False),
        ([{"unknown": [], "known": []}], False, b"k", True),
        ([{"unknown": []}, {"known": []}], False, None, False),
        ([{"unknown": []}, {}], False, None, True),
    ],
)
def test_a_scheme_that_is_not_defined_is_left_out(security, is_open, sent, passes):
    data = {"paths": {"/a": {"get": {"security": security, "responses": {}}}}}
    (operation,) = read_operations(data)
    known = authenticator({"type": "apiKey", "in": "header", "name": "X-Key"}, None)

    gate = Gate(operation, {"known": known})

    assert gate.is_open is is_open
    if not is_open:
        with contextlib.nullcontext() if passes else pytest.raises(Problem, match=r"needed here: known\."):
            gate.admit({"headers": [] if sent is None else [(b"x-key", sent)], WORLD: world()})


def test_security_of_the_whole_contract_is_switched_off_by_an_operation(tmp_path):
    with served(tmp_path, "[]", of_the_whole="[{key: []}]") as api:
        assert api.get("/who").status_code == 200


def test_a_bad_token_beside_a_good_key_is_no_obstacle(tmp_path):
    with served(tmp_path, "[{token: []}, {key: []}]", auth="verify") as api:
        passed = api.get("/who", headers={"Authorization": "Bearer bad"}, params={"api_key": "k"})

    assert passed.json() == {"sub": "k"}


def test_a_401_asks_for_every_scheme_that_would_do_and_says_what_was_wrong(tmp_path):
    with served(tmp_path, "[{token: []}, {password: [], oauth: []}, {digest: []}]", auth="verify") as api:
        absent = api.get("/who")
        bad = api.get("/who", headers={"Authorization": "Bearer bad"})

    rest = 'Basic realm="mock", Digest realm="mock", qop="auth", algorithm=SHA-256, nonce="mock"'
    assert absent.headers["WWW-Authenticate"] == f"Bearer, {rest}"
    assert absent.json()["detail"].endswith("needed here: token or password and oauth or digest.")
    assert bad.headers["WWW-Authenticate"] == f'Bearer error="invalid_token", {rest}'
    assert bad.json()["detail"] == "The token is malformed."


@pytest.mark.parametrize("scheme", ["oauth", "connect"])
@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param(token_with(scope="read write"), 200, id="scope"),
        pytest.param(token_with(scp=["write", "read"]), 200, id="scp"),
        pytest.param(token_with(scopes=["read", "write", "more"]), 200, id="scopes"),
        pytest.param(token_with(scope="read"), 403, id="one of two"),
        pytest.param(token_with(scope="readwrite"), 403, id="another word"),
        pytest.param(token_with(), 403, id="none"),
        pytest.param("Bearer opaque", 200, id="not to be known"),
    ],
)
def test_a_token_has_to_have_every_scope(tmp_path, scheme, token, status):
    with served(tmp_path, f"[{{{scheme}: [read, write]}}]") as api:
        answered = api.get("/who", headers={"Authorization": token})

    assert answered.status_code == status
    if status == 403:
        wanted = 'Bearer error="insufficient_scope", scope="read write"'
        assert answered.headers["WWW-Authenticate"] == wanted
        assert "read write" in answered.json()["detail"]


def test_the_roles_that_another_scheme_names_are_not_exchanged(tmp_path):
    with served(tmp_path, "[{token: [admin]}]") as api:
        assert api.get("/who", headers={"Authorization": token_with()}).status_code == 200


@pytest.mark.parametrize(
    ("security", "sent", "status"),
    [
        ("[{oauth: [write]}, {key: []}]", {}, 403),
        ("[{key: []}, {oauth: [write]}]", {}, 403),
        ("[{oauth: [write]}, {oauth: [read]}]", {}, 200),
        ("[{oauth: [write], key: []}]", {}, 401),
        ("[{oauth: [write], key: []}]", {"api_key": "k"}, 403),
        ("[{oauth: [write]}, {key: []}]", {"api_key": "k"}, 200),
        ("[{oauth: [write]}, {}]", {}, 200),
    ],
)
def test_a_missing_scope_is_403_where_nothing_else_would_do(tmp_path, security, sent, status):
    with served(tmp_path, security) as api:
        answered = api.get("/who", headers={"Authorization": token_with(scope="read")}, params=sent)

    assert answered.status_code == status


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (
            '{"type": "Bearer"}',
            'has the type "Bearer"; there are apiKey, http, mutualTLS, oauth2, openIdConnect',
        ),
        ('{"type": "http"}', 'has no scheme, such as "bearer"'),
        (
            '{"type": "apiKey", "in": "body", "name": "k"}',
            'has its key in "body"; there are header, query, cookie',
        ),
        ('{"type": "apiKey", "in": "header"}', "has no name for its key"),
        (
            '{"type": "apiKey", "in": "header", "name": "my key"}',
            'has the name "my key", which no header can have',
        ),
        ("{}", 'has the type "None"; there are'),
    ],
)
def test_a_broken_scheme_lets_everybody_pass_and_is_named(broken, told):
    scheme = json.loads(broken)

    fault = fault_of(scheme)

    assert fault is not None
    assert fault.startswith(told)
    assert authenticator(scheme, None).read({"headers": [], WORLD: world()}, False) is not None


def served_as_it_is(folder: Path, **options):
    return in_process(
        Setup(contract=folder / "openapi.yaml", handlers=str(folder / "handlers.py"), **options)
    )
