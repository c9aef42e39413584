"""The examples of a parameter, as a contract writes them."""

from collections.abc import Mapping
from typing import Any

from mockserver.contract.operation import Contract, Parameter
from mockserver.contract.pointers import dereference, resolve


def named_examples(contract: Contract, parameter: Parameter) -> Mapping[str, Any]:
    """Give the examples of a parameter by name; the nameless one is called by an empty string."""
    definition = _definition(contract, parameter)
    if "example" in definition:
        return {"": definition["example"]}
    listed = definition.get("examples")
    found = {}
    for name, each in listed.items() if isinstance(listed, dict) else ():
        example = dereference(contract.data, each)
        if isinstance(example, dict) and "value" in example:
            found[name] = example["value"]
    return found


def known_values(contract: Contract, parameter: Parameter) -> list[Any]:
    """Give values that a parameter is known to take: its examples, else its schema's, else its default."""
    named = list(named_examples(contract, parameter).values())
    if named or parameter.pointer is None:
        return named
    schema = resolve(contract.data, parameter.pointer)
    if not isinstance(schema, dict):
        return []
    if "example" in schema:
        return [schema["example"]]
    for keyword in ("examples", "enum"):
        if isinstance(schema.get(keyword), list) and schema[keyword]:
            return list(schema[keyword])
    return [schema["default"]] if schema.get("default") is not None else []


def _definition(contract: Contract, parameter: Parameter) -> Mapping[str, Any]:
    if parameter.pointer is None:
        return {}
    found = resolve(contract.data, parameter.pointer.rpartition("/schema")[0], follow=False)
    return found if isinstance(found, dict) else {}
