"""The settings of a sandbox, which may change while it is in use."""

from dataclasses import asdict, replace

from mockserver.control.steered import Steered
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles


@handles("getSettings")
def get_settings(request: Request, mock: Steered) -> Response:
    return Response(asdict(mock.world.settings))


@handles("changeSettings")
def change_settings(request: Request, mock: Steered) -> Response:
    mock.world.settings = replace(mock.world.settings, **request.body)
    return get_settings(request, mock)
