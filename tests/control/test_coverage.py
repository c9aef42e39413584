"""What was touched, asked of a server that runs: in all sandboxes, those that are gone too."""

from collections.abc import Iterator

import httpx
import pytest

from mockserver.client import Control
from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from mockserver.state.journal import JournalLimits
from tests.conftest import SHIPPED, Api

GROUPS = "/api/v1/admin/groups"
ROLES = "/api/v1/admin/admin-roles/"


@pytest.fixture(scope="module")
def api_of_its_own() -> Iterator[Api]:
    setup = Setup(contract=SHIPPED, auth="off", journal=JournalLimits(entries=1))
    with running(setup) as (mock, url), Api(mock, url) as client:
        yield client


@pytest.fixture
def steered(api_of_its_own: Api) -> Control:
    control = Control(str(api_of_its_own.base_url))
    control.clear_coverage()
    return control


def test_every_sandbox_counts_and_one_that_is_gone_goes_on_counting(api_of_its_own, steered):
    with steered.sandbox("gone") as own:
        api_of_its_own.get(GROUPS, params={"q": "a"}, headers={"Mock-Sandbox": "gone"})
        own.clear_journal()
    api_of_its_own.get(GROUPS, params={"has_role": "maybe"}, headers={"Mock-Sandbox": "other"})
    api_of_its_own.get(f"/_mock/in/third{GROUPS}")
    api_of_its_own.post(ROLES, json={})
    api_of_its_own.get("/favicon.ico")

    found = steered.get_coverage()

    listed = found["operations"]["listGroups"]
    assert (listed["requests"], listed["statuses"]) == (3, {"200": 2, "422": 1})
    assert listed["parameters"] == ["query has_role", "query q"]
    assert listed["response_media_types"] == ["200 application/json", "422 application/json"]
    assert found["operations"]["createAdminRole"]["statuses"] == {"422": 1}
    assert set(found["operations"]) == {"listGroups", "createAdminRole"}
    assert found["elsewhere"] == {"requests": 1, "strays": ["GET /favicon.ico"]}


def test_examples_are_touched_by_being_sent_and_by_being_preferred(api_of_its_own, steered):
    operation = api_of_its_own.mock.parts.contract.by_id["createAdminRole"]
    assert operation.request_body
    name, example = next(iter(operation.request_body.content["application/json"].examples.items()))
    api_of_its_own.post(ROLES, json=example)
    api_of_its_own.get(GROUPS, headers={"Prefer": "example=none"})

    found = steered.get_coverage()["operations"]

    assert found["createAdminRole"]["examples"][0] == f"request application/json {name}"
    assert found["listGroups"]["examples"] == ["200 application/json none"]


def test_control_calls_and_questions_of_browsers_are_not_counted(api_of_its_own, steered):
    steered.list_entries()
    preflight = {"Origin": "http://page.test", "Access-Control-Request-Method": "GET"}
    httpx.options(f"{steered.url}{GROUPS}", headers=preflight)

    found = steered.get_coverage()

    assert found["operations"] == {}
    assert found["elsewhere"]["requests"] == 0


def test_a_reset_of_a_sandbox_keeps_what_was_touched(api_of_its_own, steered):
    api_of_its_own.get(GROUPS)

    steered.reset_sandbox()

    assert steered.get_coverage()["operations"]["listGroups"]["requests"] == 1
