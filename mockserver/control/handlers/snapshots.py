"""The snapshots of a sandbox: saved, restored, compared."""

from typing import Any

from mockserver.control.refusals import refusals
from mockserver.control.steered import Steered
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles
from mockserver.state.comparing import FieldChange, compare
from mockserver.state.snapshots import Saved


@handles("listSnapshots")
def list_snapshots(request: Request, mock: Steered) -> Response:
    return Response({"snapshots": [_as_json(saved) for saved in mock.world.snapshots]})


@handles("saveSnapshot")
def save_snapshot(request: Request, mock: Steered) -> Response:
    world, name = mock.world, request.path["snapshot"]
    is_new = name not in world.snapshots
    saved = Saved(name, request.now, world.store.snapshot())
    with refusals():
        world.snapshots.save(saved)
    if is_new:
        return Response(_as_json(saved), 201, {"Location": f"{request.base_path}/snapshots/{name}"})
    return Response(_as_json(saved))


@handles("getSnapshot")
def get_snapshot(request: Request, mock: Steered) -> Response:
    return Response(_as_json(_saved(request, mock)))


@handles("deleteSnapshot")
def delete_snapshot(request: Request, mock: Steered) -> Response:
    with refusals():
        mock.world.snapshots.remove(request.path["snapshot"])
    return Response(None, 204)


@handles("restoreSnapshot")
def restore_snapshot(request: Request, mock: Steered) -> Response:
    mock.world.store.restore(_saved(request, mock).snapshot)
    return Response(None, 204)


@handles("compareSnapshots")
def compare_snapshots(request: Request, mock: Steered) -> Response:
    before = _saved(request, mock).snapshot
    other = request.query.get("with")
    with refusals():
        after = mock.world.store.snapshot() if other is None else mock.world.snapshots[other].snapshot
    shown = {}
    for name, found in compare(before, after).items():
        shown[name] = {
            "added": [after.contents[name][item_id] for item_id in found.added],
            "removed": [before.contents[name][item_id] for item_id in found.removed],
            "changed": [
                {"id": item_id, "fields": {change.path: _sides(change) for change in changes}}
                for item_id, changes in found.changed.items()
            ],
        }
    return Response({"collections": shown})


def _sides(change: FieldChange) -> dict[str, Any]:
    return {name: value for name, value in change.as_json().items() if name != "path"}


def _saved(request: Request, mock: Steered) -> Saved:
    with refusals():
        return mock.world.snapshots[request.path["snapshot"]]


def _as_json(saved: Saved) -> dict[str, Any]:
    return {"name": saved.name, "saved_at": saved.time, "items": dict(saved.counts())}
