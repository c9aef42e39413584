"""The sandboxes, and the fixture sets that they begin with."""

from typing import Any

from mockserver.control.handlers import clock
from mockserver.control.refusals import refusals
from mockserver.control.steered import Steered
from mockserver.errors import nearest
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem
from mockserver.state.beginnings import Beginning
from mockserver.state.faults import Counts
from mockserver.state.sandboxes import Sandboxes, SandboxExists
from mockserver.state.world import World


@handles("listSandboxes")
def list_sandboxes(request: Request, mock: Steered) -> Response:
    return Response({"sandboxes": [_as_json(world) for world in mock.sandboxes]})


@handles("createSandbox")
def create_sandbox(request: Request, mock: Steered) -> Response:
    asked = request.body
    name = asked.get("name") or _free_name(mock)
    with refusals():
        if any(name in each for each in mock.everywhere):
            raise SandboxExists(f'There is a sandbox "{name}" already.')
        scenario = mock.sandboxes.scenarios.read(asked["scenario"]) if "scenario" in asked else None
        beginning, seed = _beginning(asked, mock), asked.get("seed")
        made: list[Sandboxes] = []
        try:
            world = mock.sandboxes.add(name, seed=seed, beginning=beginning, scenario=scenario)
            made.append(mock.sandboxes)
            for other in mock.everywhere[1:]:
                # A set that it has, too, is meant; a snapshot or a scenario is of the first alone.
                is_set = "set" in asked and asked["set"] in other.sets.names()
                other.add(name, seed=seed, beginning=other.sets[asked["set"]] if is_set else None)
                made.append(other)
        except BaseException:
            for each in made:
                each.remove(name)
            raise
    return Response(_as_json(world), 201, {"Location": f"{request.base_path}/sandboxes/{name}"})


@handles("getSandbox")
def get_sandbox(request: Request, mock: Steered) -> Response:
    with refusals():
        return Response(_as_json(mock.sandboxes.get(request.path["sandbox"])))


@handles("deleteSandbox")
def delete_sandbox(request: Request, mock: Steered) -> Response:
    with refusals():
        name = request.path["sandbox"]
        if not any(name in each for each in mock.everywhere):
            mock.sandboxes.get(name)  # which refuses
        for each in mock.everywhere:
            if name in each:
                each.remove(name)
    return Response(None, 204)


@handles("resetSandbox")
def reset_sandbox(request: Request, mock: Steered) -> Response:
    with refusals():
        name = mock.world.name
        worlds = [mock.world, *(each.get(name) for each in mock.everywhere[1:] if name in each)]
        for world in worlds:
            world.prepare_reset()
        for world in worlds:
            world.reset()
    return Response(None, 204)


@handles("listSets")
def list_sets(request: Request, mock: Steered) -> Response:
    return Response({"sets": [{"name": name} for name in mock.sandboxes.sets.names()]})


@handles("loadSet")
def load_set(request: Request, mock: Steered) -> Response:
    with refusals():
        mock.world.begin(_set(request.path["set"], mock))
    return Response(None, 204)


def _beginning(asked: dict[str, Any], mock: Steered) -> Beginning | None:
    if "set" in asked:
        return _set(asked["set"], mock)
    if "snapshot" in asked:
        return Beginning.of(mock.sandboxes.get(mock.named).snapshots[asked["snapshot"]].snapshot)
    return None


def _set(name: str, mock: Steered) -> Beginning:
    """Give a set by a name that is listed: as a path, a name could lead to anything on this machine."""
    names = mock.sandboxes.sets.names()
    if name not in names and f"{name}.json" not in names:
        known = ", ".join(names) or "none"
        raise Problem(404, f'There is no fixture set "{name}"; there are: {known}.{nearest(name, names)}')
    return mock.sandboxes.sets[name]


def _free_name(mock: Steered) -> str:
    """Give a name that no sandbox of any contract has, nor one that was made without a name had."""
    return next(
        name for name in mock.sandboxes.new_names if not any(name in each for each in mock.everywhere)
    )


def _counts(found: Counts) -> dict[str, int]:
    return {"matched": found.matched, "given": found.given}


def _as_json(world: World) -> dict[str, Any]:
    store = world.store
    return {
        "name": world.name,
        "set": world.beginning.name,
        "scenario": world.scenario.name if world.scenario is not None else None,
        "seed": world.seed,
        "items": {name: len(store[name]) for name in store.names()},
        "entries": len(world.journal),
        "faults": len(world.faults),
        "fault_counts": {rule.id: _counts(world.faults.counts(rule.id)) for rule in world.faults},
        "written": store.written,
        "clock": clock.as_json(world.clock),
    }
