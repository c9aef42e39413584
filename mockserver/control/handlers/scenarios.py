"""The scenarios: worlds that are described in files."""

from mockserver.control.steered import Steered
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem


@handles("listScenarios")
def list_scenarios(request: Request, mock: Steered) -> Response:
    return Response({"scenarios": []})


@handles("startScenario")
def start_scenario(request: Request, mock: Steered) -> Response:
    raise Problem(404, f'There is no scenario "{request.path["scenario"]}".')
