"""Who may call: the personas, and tokens for them."""

from dataclasses import replace
from datetime import UTC, datetime

from mockserver.control.steered import Steered
from mockserver.errors import MockServerError
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem
from mockserver.state.clock import write_time
from mockserver.state.personas import mint, read


@handles("listPersonas")
def list_personas(request: Request, mock: Steered) -> Response:
    shown = [
        {
            "name": persona.name,
            "description": persona.description,
            "claims": dict(persona.claims),
            "lifetime": persona.lifetime,
        }
        for persona in mock.personas
    ]
    return Response({"personas": shown})


@handles("mintToken")
def mint_token(request: Request, mock: Steered) -> Response:
    asked = request.body
    try:
        persona = mock.personas[asked["persona"]]
    except MockServerError as error:
        raise Problem(404, str(error)) from error
    changed = replace(
        persona,
        claims={**persona.claims, **asked.get("claims", {})},
        lifetime=asked.get("lifetime", persona.lifetime),
    )
    try:
        token = mint(changed, mock.world.clock)
    except (RecursionError, TypeError, ValueError) as error:
        raise Problem(409, f"No token can have these claims: {error}.") from error
    claims = read(token) or {}
    expires = write_time(datetime.fromtimestamp(claims["exp"], UTC))
    return Response({"token": token, "claims": dict(claims), "expires_at": expires}, 201)
