"""What requests have touched of a contract, as it is kept in a file and added up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.errors import MockServerError

# The version of the file; it stands under this name in it.
MARK = "mockserver_coverage"
_VERSION = 1

# How many of the requests that no operation takes are named.
_NAMED = 20

_SETS = ("parameters", "request_media_types", "response_media_types", "examples")


@dataclass(slots=True)
class Touched:
    """
    What requests have touched of one operation.

    ``statuses`` counts the answers by status; a request that was never answered counts under 0. The sets hold
    what is declared, written as ``Declared`` has it.
    """

    statuses: dict[int, int] = field(default_factory=dict)
    parameters: set[str] = field(default_factory=set)
    request_media_types: set[str] = field(default_factory=set)
    response_media_types: set[str] = field(default_factory=set)
    examples: set[str] = field(default_factory=set)

    @property
    def requests(self) -> int:
        return sum(self.statuses.values())

    def add(self, other: "Touched") -> None:
        for status, count in other.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + count
        for name in _SETS:
            getattr(self, name).update(getattr(other, name))

    def as_json(self) -> dict[str, Any]:
        statuses = {str(status): count for status, count in sorted(self.statuses.items()) if status}
        sets = {name: sorted(getattr(self, name)) for name in _SETS}
        return {"requests": self.requests, "statuses": statuses, **sets}


@dataclass(slots=True)
class Record:
    """
    What requests have touched, by operation.

    ``elsewhere`` counts the requests that no operation takes, and ``strays`` names the first of them.
    """

    contract: str = ""
    operations: dict[str, Touched] = field(default_factory=dict)
    elsewhere: int = 0
    strays: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        return sum(each.requests for each in self.operations.values()) + self.elsewhere

    def of(self, operation_id: str) -> Touched:
        """Give what was touched of an operation, nothing so far where it is new."""
        return self.operations.setdefault(operation_id, Touched())

    def stray(self, name: str) -> None:
        """Count a request that no operation takes."""
        self.elsewhere += 1
        self._name(name)

    def add(self, other: "Record") -> None:
        """Add what another run has touched."""
        self.contract = self.contract or other.contract
        for operation_id, touched in other.operations.items():
            self.of(operation_id).add(touched)
        self.elsewhere += other.elsewhere
        for name in other.strays:
            self._name(name)

    def as_json(self) -> dict[str, Any]:
        return {
            MARK: _VERSION,
            "contract": self.contract,
            "operations": {name: each.as_json() for name, each in sorted(self.operations.items())},
            "elsewhere": {"requests": self.elsewhere, "strays": list(self.strays)},
        }

    def _name(self, name: str) -> None:
        if len(self.strays) < _NAMED and name not in self.strays:
            self.strays.append(name)


def read_record(data: Any, where: str) -> Record:
    """
    Read what ``Record.as_json`` has written.

    Raises:
        MockServerError: it is something else, or of a later version.
    """
    if not isinstance(data, dict) or MARK not in data:
        raise MockServerError(f"{where}: it is no coverage file; one begins with {MARK}.")
    if data[MARK] != _VERSION:
        raise MockServerError(f"{where}: it is of version {data[MARK]}; version {_VERSION} is read.")
    try:
        elsewhere = data["elsewhere"]
        return Record(
            str(data["contract"]),
            {str(name): _read_touched(each) for name, each in data["operations"].items()},
            int(elsewhere["requests"]),
            list(map(str, elsewhere["strays"]))[:_NAMED],
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise MockServerError(f"{where}: the coverage file is broken ({error!r}).") from error


def _read_touched(data: Mapping[str, Any]) -> Touched:
    statuses = {int(status): int(count) for status, count in data["statuses"].items()}
    unanswered = int(data["requests"]) - sum(statuses.values())
    if unanswered > 0:
        statuses[0] = unanswered
    return Touched(statuses, *(_texts(data[name]) for name in _SETS))


def _texts(data: Sequence[Any]) -> set[str]:
    if not isinstance(data, list):
        raise TypeError(f"{data!r} is no list")
    return set(map(str, data))
