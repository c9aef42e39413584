"""What the paths, operations and names of a document say that does not fit together."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.loading.defects import place_of
from mockserver.contract.operation import definitions_in, follow, parameters_in, requested, shape_of
from mockserver.contract.pointers import dereference, escape

_Found = Iterator[tuple[str, str]]
_TAKEN_FOR = "A bearer token is asked for."


def mend_consistency(data: dict[str, Any]) -> _Found:
    """
    Give what contradicts itself in a document whose shapes were mended: a JSON Pointer, and a sentence.

    Only what ``read_operations`` cannot decide alone is changed: paths without a slash get one, and a scheme
    that requirements name in vain is taken for a bearer token.
    """
    paths = data.get("paths", {})
    yield from _begin_with_slashes(paths)
    yield from _unknown_schemes(data)
    ids: dict[str, str] = {}
    served: dict[str, dict[str, str]] = {}
    for path in paths:
        if path.startswith("/"):
            yield from _clashes(data, path, served)
            yield from _path_defects(data, path, ids)


def _begin_with_slashes(paths: dict[str, Any]) -> _Found:
    for path in [*paths]:
        if path.startswith(("/", "x-")):
            if path.startswith("/") and requested(path) != path:
                text = f"a path has no query and no fragment; it is read as {requested(path)}."
                yield f"/paths/{escape(path)}", text
            continue
        yield f"/paths/{escape(path)}", 'a path begins with "/".'
        item = paths.pop(path)
        if isinstance(item, dict):
            paths.setdefault(f"/{path}", item)


def _unknown_schemes(data: dict[str, Any]) -> _Found:
    """Find requirements that name no scheme: whoever left them out would leave the operation open."""
    known = data.get("components", {}).get("securitySchemes", {})
    among = ", ".join(known) or "none"
    places: list[tuple[str, Mapping[str, Any]]] = [("", data)]
    for path, item in data.get("paths", {}).items():
        if path.startswith("/"):
            _, pointer = follow(data, f"/paths/{escape(path)}")
            item = dereference(data, item)
            places += [(pointer + steps, definition) for _, steps, definition in definitions_in(item)]
    made = {}
    for pointer, definition in places:
        for index, requirement in enumerate(definition.get("security", ())):
            for name in requirement:
                if name not in known:
                    text = f"there is no security scheme {name}; there are: {among}. {_TAKEN_FOR}"
                    yield f"{pointer}/security/{index}", text
                    made[name] = {"type": "http", "scheme": "bearer"}
    if made:
        data.setdefault("components", {}).setdefault("securitySchemes", {}).update(made)


def _clashes(data: Mapping[str, Any], path: str, served: dict[str, dict[str, str]]) -> _Found:
    item = dereference(data, data["paths"][path])
    methods = served.setdefault(shape_of(path), {})
    others = {other for other in methods.values() if requested(other) != requested(path)}
    if others:
        yield f"/paths/{escape(path)}", f"differs from {min(others)} only in a parameter's name."
    for method, steps, _ in definitions_in(item):
        other = methods.setdefault(method, path)
        if other != path:
            text = f"{other} takes {method.upper()} too, and comes first; this operation is left out."
            yield f"/paths/{escape(path)}{steps}", text


def _path_defects(data: Mapping[str, Any], path: str, ids: dict[str, str]) -> _Found:
    item, pointer = follow(data, f"/paths/{escape(path)}")
    for _, steps, definition in definitions_in(item):
        at = f"{pointer}{steps}"
        operation_id = definition.get("operationId")
        if operation_id == "":
            yield f"{at}/operationId", "is empty; the operation is called by its method and path."
        # Two paths may refer to one path item, which has one operationId for both.
        if operation_id and ids.setdefault(operation_id, at) != at:
            text = f'operationId "{operation_id}" is taken by {place_of(ids[operation_id])}.'
            yield f"{at}/operationId", text
        if not definition.get("responses") and str(data.get("openapi", "")).startswith("3.0."):
            yield at, "responses are missing; an operation has at least one."
        yield from _parameter_defects(data, path, at, item, definition)


def _parameter_defects(
    data: Mapping[str, Any], path: str, at: str, item: Mapping[str, Any], definition: Mapping[str, Any]
) -> _Found:
    parameters = [*item.get("parameters", ()), *definition.get("parameters", ())]
    found = [dereference(data, each) for each in parameters]
    declared = {each["name"] for each in found if each["in"] == "path"}
    for name in dict.fromkeys(parameters_in(path)):
        if name not in declared:
            yield at, f'path parameter "{name}" is not declared; add it to parameters with in: path.'
        declared.discard(name)
    for name in sorted(declared):
        yield at, f'path parameter "{name}" does not stand in the path {path}.'
