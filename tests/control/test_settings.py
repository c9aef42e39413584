"""Settings that change while a mock is running."""

import pytest

from mockserver.client import ControlError

GROUPS = "/api/v1/admin/groups"


def test_settings_change_for_one_sandbox(control, default, call):
    before = call("GET", f"{GROUPS}?colour=red")

    changed = control.change_settings(requests="strict")
    after = call("GET", f"{GROUPS}?colour=red")

    assert (before.status_code, after.status_code) == (200, 422)
    assert changed == {**default.get_settings(), "requests": "strict"}
    assert control.get_settings() == changed


def test_nobody_is_asked_who_they_are_where_that_is_off(control, call):
    refused = call("GET", GROUPS, as_=None)

    control.change_settings(auth="off")

    assert refused.status_code == 401
    assert call("GET", GROUPS, as_=None).status_code == 200


def test_answers_explain_themselves_unless_they_are_to_be_quiet(control, call):
    explained = call("GET", GROUPS)

    control.change_settings(headers="quiet")
    quiet = call("GET", GROUPS)

    assert explained.headers["Mock-Journal"] == "1"
    assert "Mock-Journal" not in quiet.headers
    assert "Mock-Source" not in quiet.headers


def test_an_unknown_setting_is_refused(control):
    with pytest.raises(ControlError) as refused:
        control.change_settings(requests="sometimes")

    assert refused.value.status == 422
    assert control.get_settings()["requests"] == "enforce"
