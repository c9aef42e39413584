"""What is wrong with a document: where, what was found, and what would be right."""

from dataclasses import dataclass

from mockserver.contract.pointers import unescape
from mockserver.errors import MockServerError


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong with a document: where, what was found, and what would be right."""

    file: str
    line: int
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}  {self.place}: {self.text}"


class ContractError(MockServerError):
    """A document cannot be served; ``defects`` holds the reasons, in the document's order."""

    def __init__(self, defects: list[Defect]) -> None:
        super().__init__("\n".join(str(defect) for defect in defects))
        self.defects = defects


def place_of(pointer: str) -> str:
    """Write a pointer as people do: ``paths./groups.get`` for ``/paths/~1groups/get``."""
    return ".".join(unescape(p) for p in pointer.split("/")[1:]) or "document"
