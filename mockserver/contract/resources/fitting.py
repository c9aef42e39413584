"""Values that state has, made to fit a schema with as little as possible added."""

from typing import Any

from mockserver.contract.operation import Contract
from mockserver.contract.resources.members import Members


class Fitting:
    """Makes values fit the schemas of the answers of one contract."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self._schemas: dict[str, Members] = {}
        self._secrets: dict[str, bool] = {}

    def schema(self, pointer: str) -> Members:
        """Give the schema at a pointer; what was found out of it is remembered."""
        if pointer not in self._schemas:
            self._schemas[pointer] = Members(self.contract.data, pointer)
        return self._schemas[pointer]

    def fit(self, pointer: str, value: Any, seed: str) -> Any:
        """
        Give a value that is valid in a response: the given one if it is, else completed from the seed.

        What is only written is left out. What a schema declares and does not require is not made up: a client
        left it out, or took it away.

        Raises:
            Unsatisfiable: the schema has no value at all.
        """
        schema, value = self.schema(pointer), self.shown(pointer, value)
        is_valid = self.contract.schemas.at(pointer, "response").is_valid
        if is_valid(value):
            return value
        # One schema makes the same of it, whatever refers to it.
        full = self.contract.samples.complete(self.contract.schemas.behind(pointer), value, seed)
        if not isinstance(full, dict) or not isinstance(value, dict):
            return full
        sparse = {name: each for name, each in full.items() if name in value or name in schema.required}
        return sparse if is_valid(sparse) else full

    def shown(self, pointer: str, value: Any) -> Any:
        """Give a value without what its schema says is only written, at any depth."""
        schema = self.schema(pointer)
        return self._without_secrets(schema, value) if self._has_secrets(schema) else value

    def _has_secrets(self, schema: Members) -> bool:
        found = self._secrets.get(schema.identity)
        if found is None:
            self._secrets[schema.identity] = False  # until it is known, for schemas that contain themselves
            parts = [*schema.properties.values(), *([schema.items] if schema.items is not None else ())]
            found = any(each.says("writeOnly") is True or self._has_secrets(each) for each in parts)
            self._secrets[schema.identity] = found
        return found

    def _without_secrets(self, schema: Members, value: Any) -> Any:
        if isinstance(value, list) and schema.items is not None:
            return [self._without_secrets(schema.items, each) for each in value]
        if not isinstance(value, dict):
            return value
        shown = {}
        for name, each in value.items():
            inner = schema.properties.get(name)
            if inner is None:
                shown[name] = each
            elif inner.says("writeOnly") is not True:
                shown[name] = self._without_secrets(inner, each)
        return shown
