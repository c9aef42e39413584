"""What stands around an item or a list in a body: whether all went well, and which request it was."""

from collections.abc import Sequence
from typing import Any

from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import listed, plain

_REQUEST_IDS = listed("requestid traceid correlationid xrequestid")
_WELL = listed("success ok succeeded issuccess successful")
_BADLY = listed("error errors failed iserror haserrors")
_ABOUT = listed("meta metadata info responsemetadata context")


def surround(schema: Members, steps: Sequence[str], value: Any, status: int, request_id: str) -> Any:
    """Give a body with a value at some steps, and around it what is known of the answer itself."""
    if not steps:
        return value
    inner = schema.properties.get(steps[0])
    body = _about(schema, status, request_id, 0)
    known = body.get(steps[0])
    if inner is not None:
        value = surround(inner, steps[1:], value, status, request_id)
    body[steps[0]] = {**known, **value} if isinstance(known, dict) and isinstance(value, dict) else value
    return body


def _about(schema: Members, status: int, request_id: str, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, each in schema.properties.items():
        word, types = plain(name), each.types
        if word in _REQUEST_IDS and "string" in types:
            found[name] = request_id
        elif word in _WELL and "boolean" in types:
            found[name] = True
        elif word in _BADLY and "boolean" in types:
            found[name] = False
        elif word in _BADLY and each.is_nullable:
            found[name] = None
        elif word in ("code", "status", "statuscode") and "integer" in types:
            found[name] = status
        elif word in _ABOUT and each.is_object and depth == 0:
            inner = _about(each, status, request_id, depth + 1)
            if inner:
                found[name] = inner
    return found
