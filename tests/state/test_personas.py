"""Who may call: the file of personas, and the tokens that are minted and verified."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest

from mockserver.errors import MockServerError
from mockserver.state import personas
from mockserver.state.clock import Clock
from mockserver.state.personas import Persona, Personas, TokenRefused, load_personas, mint, read, verify
from tests.conftest import ROOT

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
VIEWER = Persona("viewer", "Looks", {"sub": "usr_1", "role": "viewer"}, 600)


def at(**later: int) -> Clock:
    """Give a clock that stands some time after ``NOW``."""
    return Clock(NOW + timedelta(**later))


def write(folder: Path, text: str) -> Path:
    (folder / "personas.yaml").write_text(text)
    return folder / "personas.yaml"


def test_the_personas_come_in_the_order_of_their_file(tmp_path):
    loaded = load_personas(
        write(
            tmp_path,
            "zoe:\n  description: Does it all\n  lifetime: 60\n  claims: {sub: z}\n"
            "adam:\n  claims: {sub: a, on: no}\n",
        )
    )

    assert list(loaded) == [
        Persona("zoe", "Does it all", {"sub": "z"}, 60),
        Persona("adam", "", {"sub": "a", "on": "no"}, 3600),
    ]
    assert loaded["adam"].claims["sub"] == "a"


def test_the_shipped_personas_are_those_that_the_contract_speaks_of():
    loaded = load_personas(ROOT / "fixtures" / "personas.yaml")

    assert [each.name for each in loaded] == [
        "super-admin",
        "other-super-admin",
        "partner-admin",
        "tenant-admin",
        "group-manager",
        "viewer",
        "service-reader",
        "service-writer",
        "service-without-scope",
        "expired",
    ]


def test_an_unknown_persona_is_refused_with_those_that_there_are():
    known = Personas({"viewer": VIEWER})

    with pytest.raises(MockServerError) as refused:
        known["viewr"]

    assert str(refused.value) == ('There is no persona "viewr"; there are: viewer. Did you mean "viewer"?')
    assert not Personas({})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- viewer\n", ": should be a mapping of personas by name."),
        ("", ": should be a mapping of personas by name."),
        ("a: {claims: {}}\nb: 5\n", ':2, persona "b": should be a mapping of description, claims, lifetime.'),
        ("b: {description: x}\n", ':1, persona "b": has no claims; they are a mapping.'),
        ("b: {claims: [sub]}\n", ':1, persona "b": has no claims; they are a mapping.'),
        ("b: {claims: {}, lifetime: 1h}\n", ':1, persona "b": lifetime is "1h"; it is whole seconds.'),
        ("b: {claims: {}, lifetime: true}\n", ':1, persona "b": lifetime is true; it is whole seconds.'),
        (
            "b: {claims: {}, lifetme: 5}\n",
            ':1, persona "b": lifetme is unknown; known are description, claims, lifetime.'
            ' Did you mean "lifetime"?',
        ),
        ("a/b: {}\n", ':1, persona "a/b": has no claims; they are a mapping.'),
    ],
    ids=[
        "a list",
        "nothing",
        "a number",
        "no claims",
        "a list of claims",
        "a text",
        "a boolean",
        "unknown",
        "slash",
    ],
)
def test_a_broken_persona_is_named_with_file_and_line(tmp_path, text, said):
    path = write(tmp_path, text)

    with pytest.raises(MockServerError) as refused:
        load_personas(path)

    assert str(refused.value) == f"{path}{said}"


def test_every_broken_persona_is_named_at_once(tmp_path):
    path = write(tmp_path, "a: {}\nb: {claims: {}, lifetime: x, extra: 1}\n")

    with pytest.raises(MockServerError) as refused:
        load_personas(path)

    assert [line.split(": ")[0] for line in str(refused.value).splitlines()] == [
        f'{path}:1, persona "a"',
        f'{path}:2, persona "b"',
        f'{path}:2, persona "b"',
    ]


def test_personas_that_are_no_yaml_are_refused_with_the_whole_path_and_the_line(tmp_path):
    path = write(tmp_path, "a: {claims: {}}\nb: [\n")

    with pytest.raises(MockServerError) as refused:
        load_personas(path)

    assert str(refused.value).startswith(f"{path}:3  syntax: ")


def test_a_token_is_good_until_its_lifetime_is_over():
    token = mint(VIEWER, at())

    assert verify(token, at())["sub"] == "usr_1"
    assert verify(token, at(seconds=599))["exp"] == int(NOW.timestamp()) + 600
    with pytest.raises(TokenRefused, match="expired"):
        verify(token, at(seconds=600))


def test_a_token_of_the_future_is_refused_but_for_a_minute():
    token = mint(VIEWER, at(minutes=5))

    assert verify(mint(VIEWER, at(seconds=59)), at())["sub"] == "usr_1"
    with pytest.raises(TokenRefused, match="not valid yet"):
        verify(token, at())


def test_a_lifetime_below_zero_makes_a_token_that_has_expired():
    token = mint(Persona("late", "", {"sub": "x"}, -60), at())

    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] == int(NOW.timestamp()) - 60
    assert claims["iat"] < claims["exp"]
    with pytest.raises(TokenRefused, match="expired"):
        verify(token, at())


def test_the_same_clock_mints_the_same_token():
    assert mint(VIEWER, at()) == mint(VIEWER, at())
    assert mint(VIEWER, at()) != mint(VIEWER, at(seconds=1))


def test_what_a_caller_does_with_their_claims_changes_nobody_elses():
    token = mint(VIEWER, at())

    with pytest.raises((TypeError, AttributeError)):
        verify(token, at())["role"] = "super_admin"  # type: ignore[index]

    assert verify(token, at())["role"] == "viewer"


def test_the_published_keys_verify_a_token_and_hold_no_secret():
    keys = personas.key_set()["keys"]

    key = jwt.PyJWK(dict(keys[0]))
    claims = jwt.decode(mint(VIEWER, Clock()), key, algorithms=["RS256"])
    assert claims["sub"] == "usr_1"
    assert len(keys) == 1
    assert set(keys[0]) <= {"kty", "n", "e", "kid", "alg", "use", "key_ops"}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b.c",
        "é.é.é",
        "." * 1000,
        "a" * 100_000,
        jwt.encode({"sub": "x", "exp": 9_999_999_999}, "s" * 32, algorithm="HS256"),
        jwt.encode({"sub": "x", "exp": 9_999_999_999}, None, algorithm="none"),
    ],
    ids=["nothing", "no base 64", "no ASCII", "dots", "endless", "another algorithm", "no signature"],
)
def test_a_token_that_we_did_not_sign_is_refused(token):
    with pytest.raises(TokenRefused):
        verify(token, at())


def test_a_token_that_was_changed_is_refused():
    head, _, signature = mint(VIEWER, at()).split(".")
    _, claims, _ = mint(Persona("root", "", {"sub": "usr_1", "role": "super_admin"}, 600), at()).split(".")

    with pytest.raises(TokenRefused, match="not signed by this server"):
        verify(f"{head}.{claims}.{signature}", at())


def test_anybodys_token_can_be_read_without_believing_it():
    token = jwt.encode({"sub": "x"}, "s" * 32, algorithm="HS256")

    assert dict(read(token) or {}) == {"sub": "x"}
    assert read("a.b.c") is None


def test_a_caller_goes_by_the_name_of_the_persona_whose_claims_they_have():
    known = Personas({"viewer": VIEWER})

    assert known.name_of({"sub": "usr_1", "role": "viewer", "iat": 1}) == "viewer"
    assert known.name_of({"sub": "usr_2", "role": "viewer"}) == "usr_2"
    assert known.name_of({}) == "somebody"
