"""Values of the headers that a response declares, as text. Source: OpenAPI 3.1.1, "Header Object"."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

import orjson

from mockserver.contract.operation import Contract, Header, Parameter
from mockserver.contract.parameters.rules import Rule, compile_rule
from mockserver.contract.parameters.values import Readers
from mockserver.contract.pointers import resolve
from mockserver.contract.violation import Violation

# Every sign that a header may have as it is.
_PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


class HeaderText:
    """Writes and reads the values of one declared header, in style ``simple``."""

    def __init__(self, header: Header, contract: Contract) -> None:
        self._header = header
        self._contract = contract
        self._explode = _explodes(contract.data, header.pointer)

    def write(self, value: Any) -> str:
        """Give the text of a value; signs that a header cannot have are percent-encoded."""
        if isinstance(value, list):
            text = ",".join(_scalar(each) for each in value)
        elif isinstance(value, Mapping):
            between = "=" if self._explode else ","
            text = ",".join(f"{name}{between}{_scalar(each)}" for name, each in value.items())
        else:
            text = _scalar(value)
        return quote(text, safe=_PRINTABLE)

    def violations(self, text: str) -> list[Violation]:
        """Name every way in which a text breaks the schema of its header; locations begin with its name."""
        violations: list[Violation] = []
        self._rule.take({self._header.name.lower(): [text]}, violations)
        return violations

    @cached_property
    def _rule(self) -> Rule:
        header, contract = self._header, self._contract
        parameter = Parameter(
            header.name, "header", header.required, "simple", self._explode, False, header.pointer, None
        )
        readers = Readers(contract.schemas, contract.data)
        return compile_rule(parameter, contract.schemas, readers, contract.data)


def _explodes(document: Mapping[str, Any], pointer: str | None) -> bool:
    if pointer is None:
        return False
    definition = resolve(document, pointer.removesuffix("/schema"))
    return isinstance(definition, dict) and definition.get("explode") is True


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
