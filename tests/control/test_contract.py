"""The control API's own contract, and that its handlers and its client have just what it says."""

import re

import httpx
import pytest
from click.testing import CliRunner

from mockserver.cli.check import command
from mockserver.client import Control
from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from mockserver.control.addresses import PREFIX
from mockserver.respond.marks import collect
from tests.conftest import ROOT

CONTROL = ROOT / "mockserver" / "control" / "control.yaml"

PUBLIC = {
    "getHealth",
    "getVersion",
    "getContract",
    "getContractAsYaml",
    "getControlContract",
    "getControlContractAsYaml",
    "getKeySet",
}


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load(CONTROL)


def snake(operation_id: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", operation_id).lower()


def test_the_contract_has_no_defects():
    result = CliRunner().invoke(command, [str(CONTROL)])

    assert result.exit_code == 0, result.output


def test_every_operation_has_a_handler_and_every_handler_an_operation(contract):
    handlings = collect(contract, "mockserver.control.handlers")

    assert set(handlings) == set(contract.by_id)


def test_the_client_has_a_method_for_every_operation_and_no_other(contract):
    own = {name for name in vars(Control) if not name.startswith("_")}

    assert own - {"bound_to", "sandbox"} == {snake(each) for each in contract.by_id}


def test_the_operations_that_answer_everybody_are_marked(contract):
    marked = {
        definition["operationId"]
        for path in contract.data["paths"].values()
        for definition in path.values()
        if isinstance(definition, dict) and definition.get("x-public")
    }

    assert marked == PUBLIC


def test_what_speaks_of_one_world_takes_the_name_of_a_sandbox(contract):
    general = {"listSandboxes", "getSandbox", "deleteSandbox", "listSets", "listPersonas", "listScenarios"}
    general |= {"getCoverage", "clearCoverage"}

    for operation in contract.operations:
        takes = any(each.name == "Mock-Sandbox" for each in operation.parameters)

        assert takes != (operation.operation_id in general | PUBLIC), operation.operation_id


def test_every_refusal_is_a_problem(contract):
    for operation in contract.operations:
        for status, response in operation.responses.items():
            if status[0] in "45":
                assert list(response.content) == ["application/problem+json"], operation.operation_id


def test_bodies_of_requests_take_no_more_than_is_declared(contract):
    schemas = contract.data["components"]["schemas"]
    taken = [
        body["schema"]["$ref"].rpartition("/")[2]
        for path in contract.data["paths"].values()
        for definition in path.values()
        if isinstance(definition, dict) and "requestBody" in definition
        for body in definition["requestBody"]["content"].values()
    ]

    assert taken
    assert all(schemas[name].get("additionalProperties") is False for name in taken if name != "Item")


def test_the_contract_says_that_callers_on_the_own_machine_need_no_token(contract):
    scheme = contract.data["components"]["securitySchemes"]["controlToken"]

    assert "callers on the mock's own machine need none" in scheme["description"]
    assert "where none was set" not in scheme["description"]


def test_a_body_that_is_too_large_is_refused_as_the_example_says(address, contract):
    examples = contract.data["components"]["responses"]["TooLarge"]["content"]["application/problem+json"]

    refused = httpx.post(f"{address}{PREFIX}/assertions", content=b" " * (16 * 1024 * 1024 + 1))

    assert refused.status_code == 413
    assert refused.json()["detail"] == examples["examples"]["too_large"]["value"]["detail"]


def test_the_contract_is_served_as_it_was_written(default):
    assert default.get_control_contract_as_yaml() == CONTROL.read_text()
    assert default.get_control_contract() == load(CONTROL).data
    assert default.get_control_contract()["servers"][0]["url"] == PREFIX
