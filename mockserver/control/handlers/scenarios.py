"""The scenarios: worlds that are described in files."""

from mockserver.control.refusals import refusals
from mockserver.control.steered import Steered
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles


@handles("listScenarios")
def list_scenarios(request: Request, mock: Steered) -> Response:
    described = mock.sandboxes.scenarios.described()
    return Response(
        {"scenarios": [{"name": each.name, "description": each.description} for each in described]}
    )


@handles("startScenario")
def start_scenario(request: Request, mock: Steered) -> Response:
    with refusals():
        mock.world.start(mock.sandboxes.scenarios.read(request.path["scenario"]))
    return Response(None, 204)
