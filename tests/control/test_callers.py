"""Personas, and tokens for them."""

import pytest

from mockserver.client import ControlError

GROUPS = "/api/v1/admin/groups"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_personas_are_listed_with_their_claims(control):
    personas = {each["name"]: each for each in control.list_personas()}

    assert personas["super-admin"]["claims"]["role"] == "super_admin"
    assert personas["expired"]["lifetime"] < 0


def test_a_token_says_what_was_asked_for(control, call):
    token = control.mint_token("group-manager", claims={"permissions": []}, lifetime=60)

    assert token["claims"]["permissions"] == []
    assert token["claims"]["exp"] - token["claims"]["iat"] == 60
    assert call("GET", GROUPS, as_=None, headers=bearer(token["token"])).status_code == 403
    assert call("GET", GROUPS, as_="group-manager").status_code == 200


def test_a_token_may_expire_at_a_given_time(control):
    control.freeze_clock("2026-05-01T09:00:00Z")

    token = control.mint_token("viewer", claims={"exp": 1777629600})

    assert token["claims"]["exp"] == 1777629600
    assert token["expires_at"] == "2026-05-01T10:00:00.000000Z"


def test_there_is_no_token_for_an_unknown_persona(control):
    with pytest.raises(ControlError) as refused:
        control.mint_token("super-admn")

    assert refused.value.status == 404
    assert "super-admin" in refused.value.problem["detail"]
