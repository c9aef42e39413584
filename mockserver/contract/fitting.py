"""Values that state has, made to fit a schema with as little as possible added."""

from typing import Any

from mockserver.contract.members import Members
from mockserver.contract.operation import Contract


def fit(contract: Contract, pointer: str, value: Any, seed: str) -> Any:
    """
    Give a value that is valid in a response: the given one if it is, else completed from the seed.

    What a schema declares and does not require is not made up: a client left it out, or took it away.

    Raises:
        Unsatisfiable: the schema has no value at all.
    """
    schema = contract.schemas.at(pointer, "response")
    if schema.is_valid(value):
        return value
    full = contract.samples.complete(pointer, value, seed)
    if not isinstance(full, dict) or not isinstance(value, dict):
        return full
    required = Members(contract.data, pointer).required
    sparse = {name: each for name, each in full.items() if name in value or name in required}
    return sparse if schema.is_valid(sparse) else full
