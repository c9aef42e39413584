"""The requests of a comparison, with what each side fills in for itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.operation import Operation
from mockserver.prove.journeys.asking import PLAIN, Manner

NOT_THERE = "an item that is not there"

ABOVE, KNOWN, MADE = "above", "known", "made"
"""What a side knows besides its answers: parents by collection, ids by place, and the items made here."""


@dataclass(frozen=True)
class Told:
    """
    A value that one side was told, and the other perhaps another: the id of an item made in an earlier step.

    ``source`` is the step whose answer has it, or one of the names above; ``steps`` lead to it there, through
    ``body`` or ``headers`` of an answer. Of a list that is shorter on one side, the first item is taken.
    ``text`` is what it stands in, with ``{}`` in its place.
    """

    source: str
    steps: tuple[str | int, ...]
    text: str = ""


@dataclass(frozen=True)
class Step:
    """
    One request for both sides, and what its answers are looked at for.

    ``about`` says in words what is asked, ``kind`` the same without any value that a seed made up.

    ``item`` is the item that it makes or is about, as the comparison calls it, ``writes`` what its body says
    of that item, ``writer`` what wrote the item that is read. What ``is_loose`` names something that one side
    may have and the other not: an id that an example has. ``size`` is how many items a list may have,
    ``sorted_by`` and ``filtered_by`` the properties that it is to be ordered and narrowed by. ``unlike`` are
    other paths to what is not there.
    """

    name: str
    operation: Operation
    about: str
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    manner: Manner = PLAIN
    item: str = ""
    writes: Mapping[str, Any] | None = None
    is_loose: bool = False
    size: int | None = None
    filtered_by: str | None = None
    kind: str = ""
    writer: Operation | None = None
    sorted_by: str | None = None
    unlike: Sequence[Mapping[str, Any]] = ()

    @property
    def method(self) -> str:
        return self.manner.method or self.operation.method.upper()


@dataclass(frozen=True)
class Walk:
    """Go through all pages of a list, each side through its own, and count."""

    collection: str
    operation: Operation
