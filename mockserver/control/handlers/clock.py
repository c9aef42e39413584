"""The clock of a sandbox: read, frozen, set, advanced, and run on."""

from datetime import UTC, datetime
from typing import Any

from mockserver.control.refusals import refusals
from mockserver.control.steered import Steered
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem
from mockserver.state.clock import Clock, read_length, read_time, write_time


@handles("getClock")
def get_clock(request: Request, mock: Steered) -> Response:
    return Response(as_json(mock.world.clock))


@handles("freezeClock")
def freeze_clock(request: Request, mock: Steered) -> Response:
    clock = mock.world.clock
    at = (request.body or {}).get("at")
    moment = None if at is None else _moment(at, clock)
    with refusals():
        clock.freeze(moment)
    return _moved(mock)


@handles("setClock")
def set_clock(request: Request, mock: Steered) -> Response:
    clock = mock.world.clock
    moment = _moment(request.body["to"], clock)
    with refusals():
        clock.set(moment)
    return _moved(mock)


@handles("advanceClock")
def advance_clock(request: Request, mock: Steered) -> Response:
    clock, by = mock.world.clock, request.body["by"]
    with refusals():
        clock.advance(_seconds(by))
    return _moved(mock)


@handles("runClock")
def run_clock(request: Request, mock: Steered) -> Response:
    mock.world.clock.run()
    return _moved(mock)


def as_json(clock: Clock) -> dict[str, Any]:
    now = write_time(datetime.fromtimestamp(clock.now(), UTC))
    return {"now": now, "frozen": clock.is_frozen, "offset": round(clock.offset, 3)}


def _moved(mock: Steered) -> Response:
    mock.world.elapse()
    return Response(as_json(mock.world.clock))


def _moment(text: str, clock: Clock) -> datetime:
    found = read_time(text, datetime.fromtimestamp(clock.now(), UTC))
    if found is None:
        raise Problem(409, f"{text} is no time that the clock can be set to.")
    return found


def _seconds(by: str | float) -> float:
    found = read_length(by)
    if found is None:
        raise Problem(409, f"{by} is no length of time.")
    return found
