"""Hold what was touched against what a contract declares, and reckon the percentages."""

import math
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.operation import Contract, Operation
from mockserver.errors import MockServerError
from mockserver.state.declared import declared_by, declared_status
from mockserver.state.touched import Record, Touched

# What may be counted, the one that stands for all first.
DIMENSIONS = ("statuses", "operations", "parameters", "media-types", "examples")

# What is left out where nobody says otherwise: a test run brings about no failure of the server.
IGNORED = ("5XX",)

_STATUS = re.compile(r"[1-5](?:XX|[0-9]{2})|DEFAULT")


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some declared things were touched."""

    touched: int = 0
    declared: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.touched + other.touched, self.declared + other.declared)

    @property
    def percent(self) -> float:
        """Give it to one decimal, never rounded up: what shows 80.0 is at least 80. Of nothing it is 100."""
        if not self.declared:
            return 100.0
        return math.floor(1000 * self.touched / self.declared) / 10

    def reaches(self, percent: float) -> bool:
        return 100 * self.touched >= percent * self.declared

    def as_json(self) -> dict[str, Any]:
        return {"touched": self.touched, "declared": self.declared, "percent": self.percent}


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of things that an operation declares: those that were touched, and those that were not."""

    touched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def share(self) -> Share:
        return Share(len(self.touched), len(self.touched) + len(self.missing))


@dataclass(frozen=True, slots=True)
class Row:
    """
    One operation.

    ``parts`` has every dimension; ``seen`` counts the answers by status, ``undeclared`` names the statuses
    among them that the contract lacks, ``ignored`` the declared ones that are not reckoned.
    """

    operation: Operation
    requests: int
    parts: dict[str, Part]
    seen: dict[int, int]
    undeclared: tuple[int, ...]
    ignored: tuple[str, ...]

    @property
    def is_called(self) -> bool:
        return self.requests > 0


@dataclass(frozen=True)
class Reckoning:
    """
    What was touched of a contract.

    Operations that nobody called come first, then those of which the least was touched. ``unknown`` are
    operations that were called and that this contract lacks.
    """

    contract: Contract
    rows: tuple[Row, ...]
    ignored: tuple[str, ...]
    elsewhere: int
    strays: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    totals: dict[str, Share] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return sum(row.requests for row in self.rows)


def reckon(contract: Contract, record: Record, ignored: Sequence[str] = IGNORED) -> Reckoning:
    """Hold a record against a contract. ``ignored`` are statuses as ``read_ignored`` gives them."""
    rows = [
        _row(operation, record.operations.get(operation.operation_id) or Touched(), ignored)
        for operation in contract.operations
    ]
    totals = {name: sum((row.parts[name].share for row in rows), Share()) for name in DIMENSIONS}
    rows.sort(key=lambda row: (row.is_called, row.parts["statuses"].share.percent))
    return Reckoning(
        contract,
        tuple(rows),
        tuple(ignored),
        record.elsewhere,
        tuple(record.strays),
        tuple(sorted(record.operations.keys() - contract.by_id.keys())),
        totals,
    )


def read_ignored(texts: Iterable[str]) -> tuple[str, ...]:
    """
    Read statuses that are not to be reckoned: ``503``, ``5XX``, ``default``; ``none`` leaves out nothing.

    Raises:
        MockServerError: one of them is no status.
    """
    named = [each.strip() for text in texts for each in text.split(",") if each.strip()]
    if [each.lower() for each in named] == ["none"]:
        return ()
    for each in named:
        if _STATUS.fullmatch(each.upper()) is None:
            raise MockServerError(
                f'--ignore-status: "{each}" is no status; one is 503, 5XX or default, and none is none.'
            )
    return tuple("default" if each.lower() == "default" else each.upper() for each in named)


def _row(operation: Operation, touched: Touched, ignored: Collection[str]) -> Row:
    declared = declared_by(operation)
    answered = {status: declared_status(operation, status) for status in touched.statuses if status}
    counted = [each for each in declared.statuses if not _is_ignored(each, ignored)]
    left_out = {each for each in declared.statuses if each not in counted}
    is_called = touched.requests > 0
    called = ("called",)
    parts = {
        # Where no status is to be reckoned, that it is called stands for one.
        "statuses": _part(counted or called, {*answered.values(), *(called if is_called else ())}),
        "operations": _part(called, called if is_called else ()),
        "parameters": _part(declared.parameters, touched.parameters),
        "media-types": _media_types(operation, touched, left_out),
        "examples": _part(
            [each for each in declared.examples if each.split(" ")[0] not in left_out], touched.examples
        ),
    }
    return Row(
        operation,
        touched.requests,
        parts,
        {status: count for status, count in sorted(touched.statuses.items()) if status},
        tuple(sorted(status for status, found in answered.items() if found is None)),
        tuple(each for each in declared.statuses if each in left_out),
    )


def _media_types(operation: Operation, touched: Touched, left_out: Collection[str]) -> Part:
    declared = declared_by(operation)
    answers = [each for each in declared.response_media_types if each.split(" ")[0] not in left_out]
    names = [f"request {each}" for each in declared.request_media_types] + answers
    found = {f"request {each}" for each in touched.request_media_types} | touched.response_media_types
    return _part(names, found)


def _part(declared: Iterable[str], found: Collection[str | None]) -> Part:
    names = tuple(dict.fromkeys(declared))
    return Part(
        tuple(each for each in names if each in found), tuple(each for each in names if each not in found)
    )


def _is_ignored(status: str, ignored: Collection[str]) -> bool:
    return status in ignored or (status != "default" and f"{status[0]}XX" in ignored)
