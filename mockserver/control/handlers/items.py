"""The items of a sandbox, past the rules of the API, but never past their schemas."""

from urllib.parse import quote

from mockserver.control.refusals import refusals
from mockserver.control.steered import Steered
from mockserver.errors import nearest
from mockserver.respond.exchange import Request, Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem
from mockserver.state.arranging import ItemRefused, arrange
from mockserver.state.collection import Collection
from mockserver.state.keys import is_there


@handles("exportItems")
def export_items(request: Request, mock: Steered) -> Response:
    return Response(mock.world.store.export())


@handles("listCollections")
def list_collections(request: Request, mock: Steered) -> Response:
    store = mock.world.store
    shown = [
        {"name": name, "id_field": store[name].id_field, "count": store[name].count(is_there)}
        for name in store.names()
    ]
    return Response({"collections": shown})


@handles("listItems")
def list_items(request: Request, mock: Steered) -> Response:
    collection = _collection(request, mock)
    items = collection.find(is_there, offset=request.query["offset"], limit=request.query["limit"])
    return Response({"items": items, "total": collection.count(is_there)})


@handles("clearCollection")
def clear_collection(request: Request, mock: Steered) -> Response:
    collection = _collection(request, mock)
    with mock.world.store.transaction():
        for item in collection.find():
            collection.remove(item[collection.id_field])
    return Response(None, 204)


@handles("getItem")
def get_item(request: Request, mock: Steered) -> Response:
    collection, item_id = _collection(request, mock), request.path["item"]
    with refusals():
        item = collection.get(item_id)
    if not is_there(item):
        raise Problem(404, f'{collection.name} has no item "{item_id}".')
    return Response(item)


@handles("putItem")
def put_item(request: Request, mock: Steered) -> Response:
    collection, item_id = _collection(request, mock), request.path["item"]
    before = collection.get(item_id) if item_id in collection else None
    try:
        item = arrange(
            mock.contract, mock.served.resources, collection, item_id, request.body, before, mock.world.clock
        )
    except ItemRefused as error:
        raise Problem(409, str(error), violations=error.violations) from error
    if before is not None:
        return Response(collection.replace(item_id, item), 200 if is_there(before) else 201)
    path = (
        f"{request.base_path}/collections/{quote(collection.name, safe='')}/items/{quote(item_id, safe='')}"
    )
    return Response(collection.insert(item), 201, {"Location": path})


@handles("deleteItem")
def delete_item(request: Request, mock: Steered) -> Response:
    with refusals():
        _collection(request, mock).remove(request.path["item"])
    return Response(None, 204)


def _collection(request: Request, mock: Steered) -> Collection:
    name, store = request.path["collection"], mock.world.store
    if name not in store.names():
        known = ", ".join(store.names()) or "none"
        raise Problem(
            404, f'There is no collection "{name}"; there are: {known}.{nearest(name, store.names())}'
        )
    return store[name]
