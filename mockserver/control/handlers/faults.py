"""The standing faults of a sandbox: what goes wrong on purpose."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mockserver.control.refusals import refusals
from mockserver.control.steered import Steered
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem
from mockserver.state.fault_reader import read_rule
from mockserver.state.fault_rules import FaultRule
from mockserver.state.faults import Faults

# More of them than anybody can oversee, and each is looked at for every request.
_MOST = 1000


@handles("listFaults")
def list_faults(request: Request, mock: Steered) -> Response:
    return Response({"faults": [rule.as_json() for rule in mock.world.faults]})


@handles("addFault")
def add_fault(request: Request, mock: Steered) -> Response:
    rule = _read(request.body, mock)
    _hold_room(mock.world.faults)
    with refusals():
        added = mock.world.faults.add(rule)
    return _made(added, request)


@handles("replaceFaults")
def replace_faults(request: Request, mock: Steered) -> Response:
    with refusals():
        mock.world.faults.replace_all([_read(each, mock) for each in request.body["faults"]])
    return list_faults(request, mock)


@handles("clearFaults")
def clear_faults(request: Request, mock: Steered) -> Response:
    mock.world.faults.clear()
    return Response(None, 204)


@handles("getFault")
def get_fault(request: Request, mock: Steered) -> Response:
    with refusals():
        return Response(mock.world.faults.get(request.path["fault"]).as_json())


@handles("putFault")
def put_fault(request: Request, mock: Steered) -> Response:
    faults, rule_id = mock.world.faults, request.path["fault"]
    given = request.body.get("id", rule_id)
    if given != rule_id:
        raise Problem(
            409, f'The body\'s id is "{given}", and the path\'s "{rule_id}"; they are to be the same.'
        )
    rule = replace(_read(request.body, mock), id=rule_id)
    if rule_id in faults:
        faults.replace(rule)
        return Response(rule.as_json())
    _hold_room(faults)
    return _made(faults.add(rule), request)


@handles("deleteFault")
def delete_fault(request: Request, mock: Steered) -> Response:
    with refusals():
        mock.world.faults.remove(request.path["fault"])
    return Response(None, 204)


def _read(body: Any, mock: Steered) -> FaultRule:
    now = datetime.fromtimestamp(mock.world.clock.now(), UTC)
    with refusals():
        return read_rule(body, mock.contract, now)


def _hold_room(faults: Faults) -> None:
    if len(faults) >= _MOST:
        raise Problem(507, f"There are {_MOST} faults already; delete some.")


def _made(rule: FaultRule, request: Request) -> Response:
    return Response(rule.as_json(), 201, {"Location": f"{request.base_path}/faults/{rule.id}"})
