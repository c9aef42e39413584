"""``mockserver token``: signed tokens for the personas of a contract."""

import time
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest

from mockserver.cli import main
from mockserver.state.clock import Clock
from mockserver.state.personas import TokenRefused, key_set, load_personas, verify
from tests.cli.test_serve import Served, copy_of_shipped, edit, one_sentence, run
from tests.conftest import ROOT

PERSONAS = load_personas(ROOT / "fixtures" / "personas.yaml")


@pytest.fixture
def token(capsys):
    """Give what ``mockserver token`` prints."""

    def call(*arguments: str | Path) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["token", *map(str, arguments)])
        assert not ended.value.code
        return capsys.readouterr().out.rstrip("\n")

    return call


@pytest.mark.parametrize("persona", [each.name for each in PERSONAS])
def test_a_token_carries_the_claims_of_its_persona(token, persona):
    claims = jwt.decode(token(persona), options={"verify_signature": False})

    assert {name: claims[name] for name in PERSONAS[persona].claims} == PERSONAS[persona].claims


def test_a_token_is_one_line_that_anybody_can_verify_with_the_published_keys(token):
    printed = token("super-admin")

    key = jwt.PyJWKSet.from_dict(dict(key_set())).keys[0]
    header = jwt.get_unverified_header(printed)
    claims = jwt.decode(printed, key, algorithms=["RS256"], audience="scailabs-administration")
    assert "\n" not in printed
    assert (header["alg"], header["kid"]) == ("RS256", key.key_id)
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["iat"] - time.time()) < 60


def test_the_token_of_a_persona_with_a_lifetime_below_zero_is_expired_already(token):
    with pytest.raises(TokenRefused, match="expired"):
        verify(token("expired"), Clock())


def test_a_token_can_be_minted_at_another_time(token):
    printed = token("viewer", "--clock", "2026-05-01T09:00:00Z")

    then = Clock(datetime(2026, 5, 1, 9, tzinfo=UTC))
    assert verify(printed, then)["iat"] == int(datetime(2026, 5, 1, 9, tzinfo=UTC).timestamp())
    with pytest.raises(TokenRefused):
        verify(printed, Clock(datetime(2026, 5, 1, 11, tzinfo=UTC)))


def test_a_mock_takes_the_token(token):
    with Served("--quiet") as mock:
        printed = token("super-admin")

        with_token = mock.get("/api/v1/admin/groups", headers={"Authorization": f"Bearer {printed}"})
        without = mock.get("/api/v1/admin/groups")

    assert (with_token.status_code, without.status_code) == (200, 401)


def test_the_list_shows_every_persona_with_its_description(token):
    lines = token("--list").splitlines()

    assert [line.split()[0] for line in lines] == [each.name for each in PERSONAS]
    assert all(line.endswith(each.description) for line, each in zip(lines, PERSONAS, strict=True))


def test_the_personas_of_another_contract_are_taken(token, tmp_path):
    contract = copy_of_shipped(tmp_path)
    edit(tmp_path / "fixtures" / "personas.yaml", "\nviewer:", "\nonlooker:")

    by_contract = token("--list", "--contract", contract)
    by_folder = token("--list", "--fixtures", tmp_path / "fixtures")

    assert "onlooker" in by_contract
    assert by_folder == by_contract


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Whose token? mockserver token --list shows the personas."),
        (["super-admn"], 'There is no persona "super-admn"; there are: super-admin, '),
        (["super-admn"], 'Did you mean "super-admin"?'),
        (["viewer", "--clock", "soon"], "--clock soon: a time is written like"),
        (["viewer", "--contract", "nowhere.yaml"], "nowhere.yaml: there is no such file."),
        (["viewer", "--fixtures", "nowhere"], "--fixtures nowhere: there is no such folder."),
    ],
    ids=[
        "nobody",
        "an unknown persona",
        "a near one",
        "a wrong time",
        "an unknown contract",
        "an unknown folder",
    ],
)
def test_what_cannot_be_minted_is_refused_in_a_clear_sentence(arguments, said):
    assert said in one_sentence(run("token", *arguments))


def test_broken_personas_are_refused_with_file_and_line(tmp_path):
    contract = copy_of_shipped(tmp_path)
    personas = tmp_path / "fixtures" / "personas.yaml"
    personas.write_text("viewer:\n  description: Looks\n")

    refused = run("token", "viewer", "--contract", contract)

    assert one_sentence(refused) == (
        f'mockserver: {personas}:1, persona "viewer": has no claims; they are a mapping.\n'
    )
