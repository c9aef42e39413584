"""Fault rules: which requests get which fault, and how often."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from mockserver.contract.operation import Operation
from mockserver.state.clock import write_time
from mockserver.state.latency import Latency
from mockserver.state.path_patterns import PathPattern

Drop = Literal["before", "headers", "body"]
Breakage = Literal["truncated", "wrong-type", "empty"]

DROPS: tuple[Drop, ...] = get_args(Drop)
BREAKAGES: tuple[Breakage, ...] = get_args(Breakage)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds, and no more."""

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class FaultMatch:
    """
    Which requests a rule is for: those of which all holds that is given.

    ``persona`` is the name of one, or the ``sub`` of a token.
    """

    operations: tuple[str, ...] = ()
    method: str | None = None
    path: PathPattern | None = None
    persona: str | None = None


@dataclass(frozen=True, slots=True)
class FaultRule:
    """
    One standing fault: for which requests, how often, and what is done to them.

    ``id`` is empty until the rule is added, where none was given. ``delay`` draws milliseconds.
    """

    id: str = ""
    match: FaultMatch = field(default_factory=FaultMatch)
    share: float = 1
    skip: int = 0
    count: int | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    delay: Latency | None = None
    status: int | None = None
    limit: Limit | None = None
    drop: Drop | None = None
    bytes_per_second: int | None = None
    body: Breakage | None = None

    def as_json(self) -> dict[str, Any]:
        """Write the rule as plain JSON, which ``read_rule`` reads again; what has its default is left out."""
        match = self.match
        operations: Any = list(match.operations) if len(match.operations) != 1 else match.operations[0]
        matched = {
            "operation": operations or None,
            "method": match.method,
            "path": match.path.text if match.path else None,
            "persona": match.persona,
        }
        written = {
            "id": self.id or None,
            "match": {name: value for name, value in matched.items() if value is not None} or None,
            "share": self.share if self.share != 1 else None,
            "skip": self.skip or None,
            "count": self.count,
            "from": write_time(self.begins) if self.begins else None,
            "until": write_time(self.ends) if self.ends else None,
            "delay": self.delay.as_json() if self.delay else None,
            "status": self.status,
            "limit": {"requests": self.limit.requests, "seconds": self.limit.seconds} if self.limit else None,
            "drop": self.drop,
            "slow": {"bytes_per_second": self.bytes_per_second} if self.bytes_per_second else None,
            "body": self.body,
        }
        return {name: value for name, value in written.items() if value is not None}


def declares(operation: Operation | None, status: int) -> bool:
    """Tell whether an operation can be answered with a status: a declared one, or any error."""
    return status >= 400 or (operation is not None and operation.response(status) is not None)
