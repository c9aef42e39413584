"""What only the server says, inside the properties of an item."""

from typing import Any

from mockserver.contract.resources.members import Members


def leave_out(schema: Members | None, value: Any) -> Any:
    """Give a value of a client without what its schema says is only read, at any depth."""
    if schema is not None and isinstance(value, list) and schema.items is not None:
        return [leave_out(schema.items, each) for each in value]
    if schema is None or not isinstance(value, dict):
        return value
    known = schema.properties
    return {
        name: leave_out(known.get(name), each) for name, each in value.items() if not _is_one(known.get(name))
    }


def put_back(schema: Members | None, value: Any, before: Any) -> Any:
    """Give a value with what only the server says in its objects, as it was before."""
    if schema is None or not isinstance(value, dict) or not isinstance(before, dict):
        return value
    whole = leave_out(schema, value)
    for name, inner in schema.properties.items():
        if _is_one(inner) and name in before:
            whole[name] = before[name]
        elif name in whole:
            whole[name] = put_back(inner, whole[name], before.get(name))
    return whole


def _is_one(schema: Members | None) -> bool:
    return schema is not None and schema.says("readOnly") is True
