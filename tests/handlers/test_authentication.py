"""Who may call: tokens that are refused, and what each persona may do."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mockserver.serve.assembly import Setup
from mockserver.state import personas
from mockserver.state.clock import Clock
from mockserver.state.personas import mint
from tests.conftest import SHIPPED, in_process
from tests.handlers.calls import (
    AARONS_ROLE,
    CALLS,
    CHIDI,
    GROUP_CALLS,
    GROUPS,
    ROLE_CALLS,
    ROLES,
    Call,
    each,
    remembered,
)

LIST_ROLES, LIST_GROUPS = ROLE_CALLS[0], GROUP_CALLS[0]
DEVELOPMENT_KEY = serialization.load_pem_private_key(
    Path(personas.__file__).with_name("development_key.pem").read_bytes(), None
)

MISSING = "Credentials are missing; needed here: bearerAuth."
MISWRITTEN = "The Authorization header should read: Bearer <token>."
TWICE = "There is more than one Authorization header."
MALFORMED = "The token is malformed."
EXPIRED = "The token has expired."
NOT_OURS = "The token was not signed by this server."
TOO_EARLY = "The token is not valid yet."

NOT_A_SUPER_ADMIN = {"detail": "Only accessible by Super Admins"}
WITHOUT_SCOPE = {"detail": "Platform token requires admin:read or admin:write scope"}


def claims_of(api, persona):
    """Give a persona's claims as a token of right now has them."""
    now = int(api.mock.world.clock.now())
    return {**api.mock.parts.personas[persona].claims, "iat": now, "exp": now + 3600}


def signed_by_us(api, **claims):
    return jwt.encode({**claims_of(api, "super-admin"), **claims}, DEVELOPMENT_KEY, algorithm="RS256")


def assert_refused(answered: httpx.Response, call: Call, detail: str):
    assert answered.status_code == 401
    assert answered.headers["WWW-Authenticate"].split()[0] == "Bearer"
    request_id = answered.headers["X-Request-ID"]
    assert answered.json() == (
        {"detail": detail}
        if call in ROLE_CALLS
        else {"error": {"code": "unauthorized", "message": detail, "request_id": request_id}}
    )


# Headers that hold no token


@each(CALLS)
def test_every_operation_wants_a_token(api, call):
    before = remembered(api)

    refused = call.send(api)

    assert_refused(refused, call, MISSING)
    assert remembered(api) == before


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        pytest.param("", MISSING, id="an empty header"),
        pytest.param("Basic aW5ncmlkOnNlY3JldA==", MISSING, id="Basic"),
        pytest.param("Token abc", MISSING, id="another scheme"),
        pytest.param("{token}", MISSING, id="the token without Bearer"),
        pytest.param("Bearer", MISWRITTEN, id="Bearer without a token"),
        pytest.param("Bearer {token} {token}", MISWRITTEN, id="two tokens in one header"),
        pytest.param("Bearer {token} x", MISWRITTEN, id="something after the token"),
        pytest.param("Bearer x", MALFORMED, id="rubbish"),
        pytest.param("Bearer a.b.c", MALFORMED, id="three parts of rubbish"),
        pytest.param("Bearer ....", MALFORMED, id="nothing but dots"),
        pytest.param("Bearer {token}.", MALFORMED, id="a fourth part"),
        pytest.param("Bearer \xe9\xff", MALFORMED, id="letters beyond ASCII"),
        pytest.param('Bearer "{token}"', MALFORMED, id="a token in quotation marks"),
        pytest.param(f"Bearer {'a' * 60_000}", MALFORMED, id="60,000 letters"),
        pytest.param(f"Bearer {'.' * 60_000}", MALFORMED, id="60,000 dots"),
    ],
)
@pytest.mark.parametrize("call", [LIST_ROLES, LIST_GROUPS], ids=["Admin roles", "Groups"])
def test_a_header_without_a_good_bearer_token_is_401(api, call, header, detail):
    text = header.replace("{token}", api.token("super-admin"))

    refused = call.send(api, headers={"Authorization": text.encode("latin-1")})

    assert_refused(refused, call, detail)


@pytest.mark.parametrize("call", [LIST_ROLES, LIST_GROUPS], ids=["Admin roles", "Groups"])
@pytest.mark.parametrize(
    "schemes",
    [
        pytest.param(("Bearer", "Bearer"), id="the same twice"),
        pytest.param(("Basic", "Bearer"), id="Basic before Bearer"),
        pytest.param(("Bearer", "Basic"), id="Bearer before Basic"),
    ],
)
def test_two_authorization_headers_are_401_even_if_both_are_good(api, call, schemes):
    headers = [("Authorization", f"{scheme} {api.token('super-admin')}") for scheme in schemes]

    refused = call.send(api, headers=headers)

    assert_refused(refused, call, TWICE)


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        pytest.param(b"Bearer a\x00b", MALFORMED, id="a NUL"),
        pytest.param(b"Bearer   ", MISWRITTEN, id="Bearer and spaces"),
        pytest.param(b"Bearer a\r\nb", MALFORMED, id="a line break"),
    ],
)
def test_a_header_that_is_no_http_is_401_where_it_arrives_at_all(header, detail):
    # Only in process: clients do not send such a header, and web servers do not take it.
    with in_process(Setup(contract=SHIPPED)) as api:
        refused = LIST_ROLES.send(api, headers={"Authorization": header})

        assert_refused(refused, LIST_ROLES, detail)


def test_a_token_of_more_than_64_kib_is_431(api):
    refused = api.get(ROLES, headers={"Authorization": f"Bearer {'a' * 70_000}"})

    assert refused.status_code == 431
    assert refused.headers["X-Request-ID"] == refused.json()["request_id"]


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_the_name_of_the_scheme_may_be_in_any_case(api, scheme):
    answered = api.get(ROLES, headers={"Authorization": f"{scheme} {api.token('super-admin')}"})

    assert answered.status_code == 200


# Tokens


@pytest.fixture(scope="module")
def somebody_elses_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _part(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _expired(api, _):
    return api.token("expired")


def _expired_just_now(api, _):
    return signed_by_us(api, exp=int(api.mock.world.clock.now()) - 1)


def _of_another_key(api, key):
    return jwt.encode(claims_of(api, "super-admin"), key, algorithm="RS256")


def _of_another_key_under_our_name(api, key):
    name = jwt.get_unverified_header(api.token("super-admin"))["kid"]
    return jwt.encode(claims_of(api, "super-admin"), key, algorithm="RS256", headers={"kid": name})


def _with_another_persona_s_claims(api, _):
    header, _, signature = api.token("viewer").split(".")
    return f"{header}.{_part(claims_of(api, 'super-admin'))}.{signature}"


def _with_another_signature(api, _):
    head, _, _ = api.token("super-admin").rpartition(".")
    return f"{head}.{_part(b'x' * 256)}"


def _without_its_signature(api, _):
    head, _, _ = api.token("super-admin").rpartition(".")
    return f"{head}."


def _cut_short(api, _):
    return api.token("super-admin")[:-41]  # no Base64 has this length


def _of_alg_none(api, _):
    return jwt.encode(claims_of(api, "super-admin"), None, algorithm="none")


def _of_alg_none_with_a_good_signature(api, _):
    _, _, signature = api.token("super-admin").split(".")
    return f"{_part({'alg': 'none'})}.{_part(claims_of(api, 'super-admin'))}.{signature}"


def _signed_with_our_public_key_as_a_secret(api, _):
    secret = DEVELOPMENT_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims_of(api, 'super-admin'))}"
    return f"{signed}.{_part(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def _of_another_algorithm(api, _):
    key = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(claims_of(api, "super-admin"), key, algorithm="ES256")


def _issued_in_the_future(api, _):
    later = datetime.fromtimestamp(api.mock.world.clock.now(), UTC) + timedelta(hours=2)
    return mint(api.mock.parts.personas["super-admin"], Clock(later))


def _not_before_the_future(api, _):
    return signed_by_us(api, nbf=int(api.mock.world.clock.now()) + 7200)


def _issued_at_a_word(api, _):
    return signed_by_us(api, nbf="now")


def _without_an_end(api, _):
    claims = {name: value for name, value in claims_of(api, "super-admin").items() if name != "exp"}
    return jwt.encode(claims, DEVELOPMENT_KEY, algorithm="RS256")


def _of_claims_that_are_a_list(api, _):
    head = f"{_part({'alg': 'RS256'})}.{_part([1, 2])}"
    sign = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign
    signature = sign(head.encode(), DEVELOPMENT_KEY)
    return f"{head}.{_part(signature)}"


def _with_a_nul_in_its_header(api, _):
    _, body, signature = api.token("super-admin").split(".")
    return f"{_part({'alg': chr(0)})}.{body}.{signature}"


def _with_a_header_that_is_endlessly_deep(api, _):
    _, body, signature = api.token("super-admin").split(".")
    return f"{_part(b'[' * 20_000)}.{body}.{signature}"


@pytest.mark.parametrize(
    ("make_token", "detail"),
    [
        pytest.param(_expired, EXPIRED, id="expired an hour ago"),
        pytest.param(_expired_just_now, EXPIRED, id="expired a second ago"),
        pytest.param(_of_another_key, NOT_OURS, id="signed with a fresh key"),
        pytest.param(
            _of_another_key_under_our_name, NOT_OURS, id="signed with a fresh key that bears our name"
        ),
        pytest.param(_with_another_persona_s_claims, NOT_OURS, id="with claims put in place of others"),
        pytest.param(_with_another_signature, NOT_OURS, id="with another signature"),
        pytest.param(_without_its_signature, NOT_OURS, id="without its signature"),
        pytest.param(_cut_short, MALFORMED, id="cut short"),
        pytest.param(_of_alg_none, MALFORMED, id="with the algorithm none"),
        pytest.param(
            _of_alg_none_with_a_good_signature, MALFORMED, id="with the algorithm none and a signature"
        ),
        pytest.param(_signed_with_our_public_key_as_a_secret, MALFORMED, id="signed with our public key"),
        pytest.param(_of_another_algorithm, MALFORMED, id="of another algorithm"),
        pytest.param(_issued_in_the_future, TOO_EARLY, id="issued in the future"),
        pytest.param(_not_before_the_future, TOO_EARLY, id="not good before the future"),
        pytest.param(_issued_at_a_word, TOO_EARLY, id="good from a time that is none"),
        pytest.param(_without_an_end, "The token has no expiry time.", id="without an end"),
        pytest.param(_of_claims_that_are_a_list, MALFORMED, id="of claims that are a list"),
        pytest.param(_with_a_nul_in_its_header, MALFORMED, id="with a NUL in its header"),
        pytest.param(
            _with_a_header_that_is_endlessly_deep, MALFORMED, id="with a header that is endlessly deep"
        ),
    ],
)
@pytest.mark.parametrize("call", [LIST_ROLES, LIST_GROUPS], ids=["Admin roles", "Groups"])
def test_a_token_that_is_not_good_is_401(api, call, make_token, detail, somebody_elses_key):
    token = make_token(api, somebody_elses_key)

    refused = call.send(api, headers={"Authorization": f"Bearer {token}"})

    assert_refused(refused, call, detail)


def test_a_token_that_we_signed_ourselves_is_good(api):
    answered = api.get(ROLES, headers={"Authorization": f"Bearer {signed_by_us(api)}"})

    assert answered.status_code == 200


def test_another_machines_clock_may_be_a_little_ahead(api):
    token = signed_by_us(api, iat=int(api.mock.world.clock.now()) + 30)

    answered = api.get(ROLES, headers={"Authorization": f"Bearer {token}"})

    assert answered.status_code == 200


def test_a_token_ends_when_the_clock_of_the_mock_says_so():
    then = datetime(2031, 5, 1, tzinfo=UTC)
    with in_process(Setup(contract=SHIPPED, set_to=then)) as api:
        persona = api.mock.parts.personas["super-admin"]
        of_then = {"Authorization": f"Bearer {mint(persona, Clock(then))}"}
        of_the_day_before = {"Authorization": f"Bearer {mint(persona, Clock(then - timedelta(days=1)))}"}

        answered = api.get(ROLES, headers=of_then)
        refused = api.get(ROLES, headers=of_the_day_before)

        assert answered.status_code == 200
        assert_refused(refused, LIST_ROLES, EXPIRED)


# Personas


ALL = dict.fromkeys((call.operation_id for call in CALLS), "allowed")
READS = ("listAdminRoles", "listUserAdminRoles", "getAdminRole")
ROLES_REFUSED = dict.fromkeys((call.operation_id for call in ROLE_CALLS), "no super admin")
ROLES_WITHOUT_SCOPE = dict.fromkeys((call.operation_id for call in ROLE_CALLS), "no scope")
ROLES_ALLOWED = dict.fromkeys((call.operation_id for call in ROLE_CALLS), "allowed")
GROUPS_REFUSED = dict.fromkeys((call.operation_id for call in GROUP_CALLS), "no permission")
GROUPS_ALLOWED = dict.fromkeys((call.operation_id for call in GROUP_CALLS), "allowed")

MAY = {
    "super-admin": ALL,
    "other-super-admin": ALL,
    "partner-admin": ROLES_REFUSED | GROUPS_REFUSED,
    "tenant-admin": ROLES_REFUSED | GROUPS_REFUSED,
    "group-manager": ROLES_REFUSED | GROUPS_ALLOWED,
    "viewer": ROLES_REFUSED | GROUPS_REFUSED,
    "service-reader": ROLES_WITHOUT_SCOPE | dict.fromkeys(READS, "allowed") | GROUPS_REFUSED,
    "service-writer": ROLES_ALLOWED | GROUPS_REFUSED,
    "service-without-scope": ROLES_WITHOUT_SCOPE | GROUPS_REFUSED,
    "expired": dict.fromkeys(ALL, "expired"),
}


def test_the_table_below_has_every_persona(api):
    assert [persona.name for persona in api.mock.parts.personas] == list(MAY)


@pytest.mark.parametrize("persona", MAY)
@each(CALLS)
def test_each_persona_may_do_what_the_table_says(api, call, persona):
    before = remembered(api)

    answered = call.send(api, as_=persona)

    expected = MAY[persona][call.operation_id]
    if expected == "allowed":
        assert answered.status_code == call.status
        return
    assert remembered(api) == before
    if expected == "expired":
        assert_refused(answered, call, EXPIRED)
        return
    assert answered.status_code == 403
    assert (
        answered.json()
        == {
            "no super admin": NOT_A_SUPER_ADMIN,
            "no scope": WITHOUT_SCOPE,
            "no permission": {
                "error": {
                    "code": "forbidden",
                    "message": "Permission admin:groups is required",
                    "request_id": answered.headers["X-Request-ID"],
                }
            },
        }[expected]
    )


# Other ways to authenticate: --auth present, --auth off


@pytest.fixture(scope="module")
def _mocks_by_auth():
    with (
        in_process(Setup(contract=SHIPPED, auth="present")) as present,
        in_process(Setup(contract=SHIPPED, auth="off")) as off,
    ):
        yield {"present": present, "off": off}


@pytest.fixture
def present(_mocks_by_auth):
    _mocks_by_auth["present"].mock.world.reset()
    return _mocks_by_auth["present"]


@pytest.fixture
def off(_mocks_by_auth):
    _mocks_by_auth["off"].mock.world.reset()
    return _mocks_by_auth["off"]


@pytest.mark.parametrize(
    "make_token",
    [_of_another_key, _of_alg_none, _expired, _issued_in_the_future, _without_its_signature],
    ids=["signed by another server", "not signed", "expired", "from the future", "without its signature"],
)
def test_with_auth_present_a_token_is_read_and_not_verified(present, make_token, somebody_elses_key):
    token = make_token(present, somebody_elses_key)

    answered = present.get(ROLES, headers={"Authorization": f"Bearer {token}"})

    assert answered.status_code == 200


def test_with_auth_present_the_claims_of_a_foreign_token_still_count(present, somebody_elses_key):
    token = jwt.encode(claims_of(present, "viewer"), somebody_elses_key, algorithm="RS256")

    refused = present.get(ROLES, headers={"Authorization": f"Bearer {token}"})

    assert refused.status_code == 403
    assert refused.json() == NOT_A_SUPER_ADMIN


def test_with_auth_present_what_is_no_jwt_acts_as_the_super_admin(present):
    created = present.post(
        ROLES, json={"user_id": CHIDI, "role": "SUPER_ADMIN"}, headers={"Authorization": "Bearer opaque"}
    )

    assert created.status_code == 201
    assert created.json()["data"]["created_by"] == present.sub("super-admin")


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        pytest.param([], MISSING, id="no header"),
        pytest.param([("Authorization", "Basic aTpz")], MISSING, id="Basic"),
        pytest.param([("Authorization", "Bearer ")], MISWRITTEN, id="Bearer without a token"),
        pytest.param([("Authorization", "Bearer x"), ("Authorization", "Bearer x")], TWICE, id="two headers"),
    ],
)
def test_with_auth_present_a_token_still_has_to_be_there(present, headers, detail):
    refused = present.get(ROLES, headers=headers)

    assert_refused(refused, LIST_ROLES, detail)


@each(CALLS)
def test_with_auth_off_everybody_may_call_everything(off, call):
    answered = call.send(off)

    assert answered.status_code == call.status


@pytest.mark.parametrize(
    "header",
    [None, "Bearer rubbish", "Basic aTpz", "{viewer}", "{expired}"],
    ids=["no header", "rubbish", "Basic", "the token of another persona", "an expired token"],
)
def test_with_auth_off_everybody_is_the_super_admin_whatever_they_send(off, header):
    tokens = {f"{{{name}}}": f"Bearer {off.token(name)}" for name in ("viewer", "expired")}
    headers = {} if header is None else {"Authorization": tokens.get(header, header)}

    created = off.post(ROLES, json={"user_id": CHIDI, "role": "SUPER_ADMIN"}, headers=headers)

    assert created.status_code == 201
    assert created.json()["data"]["created_by"] == off.sub("super-admin")


def test_with_auth_off_the_own_role_of_the_super_admin_is_still_kept(off):
    own = off.get(ROLES, params={"user_id": off.sub("super-admin"), "role": "SUPER_ADMIN"}).json()["data"][0]

    refused = off.delete(f"{ROLES}{own['id']}")

    assert refused.status_code == 403
    assert off.get(f"{ROLES}{own['id']}").json()["data"] == own


def test_a_refused_caller_learns_nothing_of_what_there_is(api):
    there = api.get(f"{ROLES}{AARONS_ROLE}", as_="viewer")
    not_there = api.get(f"{ROLES}adr_0000000000000000", as_="viewer")

    assert there.status_code == not_there.status_code == 403
    assert there.json() == not_there.json()


def test_a_persona_may_be_given_another_lifetime(api):
    short = replace(api.mock.parts.personas["super-admin"], lifetime=-1)

    refused = api.get(GROUPS, headers={"Authorization": f"Bearer {mint(short, api.mock.world.clock)}"})

    assert_refused(refused, LIST_GROUPS, EXPIRED)
    assert api.get(GROUPS, as_="super-admin").status_code == 200
