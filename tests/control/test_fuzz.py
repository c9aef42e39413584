"""The control API keeps its own contract, whatever it is asked."""

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.engine import events

from mockserver.client import Control
from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from tests.conftest import SHIPPED

# An answer that does not end cannot be waited for.
_ENDLESS = "streamEntries"

# A sandbox has to be made first, and then to be the one that is asked about.
_RARELY_REACHED = {"DELETE /sandboxes/{sandbox}"}


@pytest.fixture(scope="module")
def own_address() -> Iterator[str]:
    """Give a server that nobody else steers: among all that is asked is the end of its sandboxes."""
    with running(Setup(contract=SHIPPED)) as (_, url):
        yield url


def test_every_answer_keeps_the_contract_of_the_control_api(own_address):
    control = Control(own_address)
    contract = control.get_control_contract()
    httpx.get(f"{own_address}/api/v1/admin/groups")  # the journal has something to tell of
    control.save_snapshot("before-the-order")  # as the contract's examples call it
    config = schemathesis.Config.from_dict(
        {
            "seed": 1,
            "base-url": f"{own_address}/_mock",
            "cache": {"enabled": False},
            "generation": {"max-examples": 4, "database": "none"},
            "suppress-health-check": ["all"],
            "checks": {
                name: {"enabled": True} for name in CHECKS.get_all_names() if name != "max_response_time"
            },
        }
    )
    schema = schemathesis.openapi.from_dict(contract, config=config).exclude(operation_id=_ENDLESS)
    failures: list[str] = []
    succeeded: Counter[str] = Counter()

    for event in schemathesis.engine.from_schema(schema).execute():
        if not isinstance(event, events.ScenarioFinished):
            continue
        recorder = event.recorder
        for case_id, interaction in recorder.interactions.items():
            case = recorder.cases[case_id].value
            if interaction.response is not None and interaction.response.status_code < 300:
                succeeded[f"{case.method} {case.operation.path}"] += 1
        for checks in recorder.checks.values():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info
                    failures.append(f"{check.name}: {failure.failure}\n{failure.code_sample}")

    assert not failures, failures[:3]
    asked = {
        f"{method.upper()} {path}"
        for path, methods in contract["paths"].items()
        for method, definition in methods.items()
        if method != "parameters" and definition["operationId"] != _ENDLESS
    }
    assert asked - set(succeeded) <= _RARELY_REACHED
