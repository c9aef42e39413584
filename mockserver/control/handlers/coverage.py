"""What requests have touched of the contract."""

from mockserver.control.steered import Steered
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles


@handles("getCoverage")
def get_coverage(request: Request, mock: Steered) -> Response:
    return Response(mock.coverage.record().as_json())


@handles("clearCoverage")
def clear_coverage(request: Request, mock: Steered) -> Response:
    mock.coverage.clear()
    return Response(None, 204)
