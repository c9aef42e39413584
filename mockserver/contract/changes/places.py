"""Two versions of one operation, and what is written at the places of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.contract.changes.findings import Finding, Findings
from mockserver.contract.changes.kinds import Side
from mockserver.contract.changes.schemas import Schemas
from mockserver.contract.operation import Contract, Operation, follow

_WORDS = ("summary", "description", "example", "examples")


@dataclass(frozen=True, slots=True)
class Written:
    """An object of a document, once its references are followed, and the pointer to it."""

    said: Mapping[str, Any]
    pointer: str

    def at(self, key: str) -> str:
        return f"{self.pointer}/{key}"

    @property
    def schema(self) -> str | None:
        """The pointer to the schema of a parameter, a header or a media type, where it has one."""
        return self.at("schema") if "schema" in self.said else None


class Both:
    """An operation as two contracts have it, and the findings about it."""

    def __init__(
        self,
        contracts: tuple[Contract, Contract],
        operations: tuple[Operation, Operation],
        schemas: Schemas,
        findings: Findings,
    ) -> None:
        self.contracts = contracts
        self.operations = operations
        self.schemas = schemas
        self._findings = findings

    def written(self, which: int, pointer: str) -> Written:
        """Give what stands at a pointer in the old contract (0) or the new one (1)."""
        said, at = follow(self.contracts[which].data, pointer)
        return Written(said if isinstance(said, dict) else {}, at)

    def definitions(self) -> tuple[Written, Written]:
        old, new = (Written(*follow(self.contracts[at].data, self.operations[at].pointer)) for at in (0, 1))
        return old, new

    def tell(self, kind: str, text: str, place: str, old: str | None, new: str | None) -> None:
        """Add a finding; a place begins a sentence, so that the text is the rest of it."""
        self._findings.add(Finding(kind, text, old, new), self.operations[1], place)

    def tell_schemas(self, place: str, old: str | None, new: str | None, side: Side) -> None:
        """Add what changed in a schema of this place, and in all that it leads to."""
        for step, finding in self.schemas.compare(self.schemas.pair(old, new, side)):
            self._findings.add(finding, self.operations[1], place + step)

    def tell_wording(
        self, kind: str, place: str, old: Written, new: Written, keys: Iterable[str] = _WORDS
    ) -> None:
        """Add that words for people changed."""
        for key in keys:
            if old.said.get(key) != new.said.get(key):
                self.tell(kind, f"the {key} changed", place, old.pointer, new.pointer)
