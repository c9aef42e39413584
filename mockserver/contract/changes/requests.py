"""What changed in what clients send: parameters and bodies."""

from collections.abc import Iterator, Mapping

from mockserver.contract.changes.media import compare_content, covering
from mockserver.contract.changes.places import Both, Written
from mockserver.contract.operation import STYLES, Contract, Operation, parameters_in
from mockserver.contract.pointers import escape

_Parameters = Mapping[tuple[str, str], Written]

# OpenAPI: header parameters with these names are ignored, since other keywords describe them.
_IGNORED = {"accept", "content-type", "authorization"}
_BODY = "request body"


def compare_parameters(both: Both) -> None:
    """Tell which parameters came, went, or are to be sent otherwise."""
    old, new = (_parameters(both, at) for at in (0, 1))
    definitions = both.definitions()
    for key, parameter in old.items():
        if key not in new and key[0] != "path":
            text = "the parameter is gone; it may be sent, and nothing says that it is read"
            both.tell("parameter-removed", text, _place(parameter), parameter.pointer, definitions[1].pointer)
        elif key in new:
            _compare_parameter(both, parameter, new[key])
    for key, parameter in new.items():
        if key not in old and key[0] != "path":  # a path says itself which it has
            is_required = parameter.said.get("required") is True
            how = "required" if is_required else "optional"
            text = f"a new parameter, {how}"
            place, at = _place(parameter), (definitions[0].pointer, parameter.pointer)
            both.tell(f"{how}-parameter-added", text, place, *at)


def compare_request_body(both: Both) -> None:
    """Tell whether a body is asked for, and what changed in it."""
    bodies = [_request_body(both, at, each) for at, each in enumerate(both.definitions())]
    old, new = bodies
    if old is None or new is None:
        at = tuple((body or both.definitions()[which]).pointer for which, body in enumerate(bodies))
        if new is not None:
            how = "required" if new.said.get("required") is True else "optional"
            both.tell(
                f"{how}-request-body-added", f"a body, {how}, where there was none", "request body", *at
            )
        elif old is not None:
            both.tell(
                "request-body-removed", "nothing says that a body is read any more", "request body", *at
            )
        return
    at = old.pointer, new.pointer
    was, now = old.said.get("required") is True, new.said.get("required") is True
    if now and not was:
        both.tell(
            "request-body-became-required", "the body was optional, and is required", "request body", *at
        )
    elif was and not now:
        both.tell(
            "request-body-became-optional", "the body was required, and is optional", "request body", *at
        )
    both.tell_wording("request-body-wording-changed", _BODY, old, new)
    pairs, lost, gained = compare_content(both, old, new, _BODY, "request")
    for name in lost:
        where = old.at(f"content/{escape(name)}"), new.at("content")
        if covering(name, new.said.get("content") or {}) is None:
            text = (
                f"{name} is taken no more; taken is {', '.join(new.said.get('content') or ()) or 'nothing'}"
            )
            both.tell("request-media-type-removed", text, _BODY, *where)
    for name in gained:
        where = old.at("content"), new.at(f"content/{escape(name)}")
        both.tell("request-media-type-added", f"{name} is taken too", _BODY, *where)
    for ours, theirs in pairs:
        if ours.said.get("encoding") != theirs.said.get("encoding"):
            text = "how parts of the body are encoded changed; whether that breaks anything cannot be told"
            both.tell("request-encoding-changed", text, _BODY, ours.pointer, theirs.pointer)


def _request_body(both: Both, which: int, definition: Written) -> Written | None:
    return both.written(which, definition.at("requestBody")) if definition.said.get("requestBody") else None


def _parameters(both: Both, which: int) -> _Parameters:
    """Give the parameters of an operation by place and name; those in the path by their number."""
    operation = both.operations[which]
    numbers = {name: str(number) for number, name in enumerate(parameters_in(operation.path))}
    found = {}
    for pointer in _pointers(both.contracts[which], operation, both):
        parameter = both.written(which, pointer)
        name, place = str(parameter.said.get("name")), str(parameter.said.get("in"))
        if place == "header":
            name = name.lower()
            if name in _IGNORED:
                continue
        if place == "path":
            if name not in numbers:
                continue
            name = numbers[name]
        found[(place, name)] = parameter
    return found


def _pointers(contract: Contract, operation: Operation, both: Both) -> Iterator[str]:
    """Give the pointers to the parameters of the path item, and after them to those of the operation."""
    item = operation.pointer.rpartition("/")[0].removesuffix("/additionalOperations")
    which = 0 if contract is both.contracts[0] else 1
    for owner in (item, operation.pointer):
        for index, _ in enumerate(both.written(which, owner).said.get("parameters") or ()):
            yield f"{owner}/parameters/{index}"


def _compare_parameter(both: Both, old: Written, new: Written) -> None:
    place, at = _place(new), (old.pointer, new.pointer)
    if old.said["in"] == "path" and old.said["name"] != new.said["name"]:
        text = f"the parameter was called {old.said['name']}; requests are the same"
        both.tell("parameter-renamed", text, place, *at)
    was, now = old.said.get("required") is True, new.said.get("required") is True
    if now and not was:
        both.tell("parameter-became-required", "the parameter was optional, and is required", place, *at)
    elif was and not now:
        both.tell("parameter-became-optional", "the parameter was required, and is optional", place, *at)
    was, now = (each.said.get("allowEmptyValue") is True for each in (old, new))
    if was and not now:
        both.tell("parameter-empty-value-refused", "it may be empty no more", place, *at)
    elif now and not was:
        both.tell("parameter-empty-value-allowed", "it may be empty", place, *at)
    was, now = (each.said.get("deprecated") is True for each in (old, new))
    if now and not was:
        both.tell("parameter-deprecated", "the parameter is deprecated now", place, *at)
    elif was and not now:
        both.tell("parameter-no-longer-deprecated", "the parameter is deprecated no more", place, *at)
    both.tell_wording("parameter-wording-changed", place, old, new)
    schemas = _schema_of(old), _schema_of(new)
    is_wide = both.schemas.allows_several(*schemas)
    styles = _style(old, is_wide), _style(new, is_wide)
    if styles[0] != styles[1]:
        both.tell(
            "parameter-style-changed", f"it was written as {styles[0]}, and is as {styles[1]}", place, *at
        )
    both.tell_schemas(place, *schemas, "request" if new.said.get("content") else "parameter")


def _place(parameter: Written) -> str:
    return f"{parameter.said['in']} parameter {parameter.said['name']}"


def _schema_of(parameter: Written) -> str | None:
    content = parameter.said.get("content")
    if not content:
        return parameter.schema
    name = next(iter(content))
    has_schema = isinstance(content[name], dict) and "schema" in content[name]
    return parameter.at(f"content/{escape(name)}/schema") if has_schema else None


def _style(parameter: Written, is_wide: bool) -> str:
    """Say how a value is written in a request; one that is no list and no object, in most styles alike."""
    if parameter.said.get("content"):
        return str(next(iter(parameter.said["content"])))
    style = parameter.said.get("style", STYLES[parameter.said["in"]][0])
    if not is_wide:
        return style if style in ("matrix", "label") else "plain text"
    explode = parameter.said.get("explode", style in ("form", "deepObject", "cookie")) is True
    return f"{style}, exploded" if explode else f"{style}, not exploded"
