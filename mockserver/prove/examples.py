"""Examples and defaults of a contract that break their own schema, found in a request."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.pointers import dereference, escape, pointer_of, resolve

_DEEPEST = 12


def is_broken_example(
    contract: Contract,
    operation: Operation,
    sent: Mapping[str, Mapping[str, Any]],
    media_type: str | None,
    body: Any,
) -> bool:
    """Tell whether a request brings a declared example or default that its own schema does not allow."""
    content = (
        operation.request_body.content.get((media_type or "").lower()) if operation.request_body else None
    )
    if content is not None and content.pointer is not None:
        if body in content.examples.values() and _breaks(contract, content.pointer, body):
            return True
        if _holds_one(contract, content.pointer, body, 0):
            return True
    for parameter in operation.parameters:
        if parameter.pointer is None or parameter.name not in sent[parameter.location]:
            continue
        owner = resolve(contract.data, parameter.pointer.rpartition("/")[0])
        declared = [
            *_declared(contract, owner),
            *_declared(contract, resolve(contract.data, parameter.pointer)),
        ]
        text = str(sent[parameter.location][parameter.name])
        if any(_text(each) == text and _breaks(contract, parameter.pointer, each) for each in declared):
            return True
    return False


def _holds_one(contract: Contract, pointer: str, value: Any, depth: int) -> bool:
    """Go down a value and its schema together, to where an example stands that breaks the schema there."""
    if depth > _DEEPEST:
        return False
    schema = resolve(contract.data, pointer, follow=False)
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        return _holds_one(contract, pointer_of(schema["$ref"]), value, depth + 1)
    if not isinstance(schema, dict):
        return False
    if value in list(_declared(contract, schema)) and _breaks(contract, pointer, value):
        return True
    for keyword in ("allOf", "oneOf", "anyOf"):
        for index, _ in enumerate(schema.get(keyword, ())):
            if _holds_one(contract, f"{pointer}/{keyword}/{index}", value, depth + 1):
                return True
    if isinstance(value, dict):
        return any(
            _holds_one(contract, f"{pointer}/properties/{escape(name)}", value[name], depth + 1)
            for name in schema.get("properties", {})
            if name in value
        )
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return any(_holds_one(contract, f"{pointer}/items", each, depth + 1) for each in value[:20])
    return False


def _declared(contract: Contract, owner: Any) -> Iterator[Any]:
    """Give the examples and the default of a schema, or of a parameter."""
    if not isinstance(owner, dict):
        return
    yield from (owner[name] for name in ("example", "default") if name in owner)
    examples = owner.get("examples")
    if isinstance(examples, list):
        yield from examples
    elif isinstance(examples, dict):
        for each in examples.values():
            example = dereference(contract.data, each)
            if isinstance(example, dict) and "value" in example:
                yield example["value"]


def _breaks(contract: Contract, pointer: str, value: Any) -> bool:
    return bool(contract.schemas.at(pointer, "request").violations(value))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
