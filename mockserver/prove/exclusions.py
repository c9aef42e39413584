"""Where a check is wrong about a mock that remembers: one situation at a time, each with its reason."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError, nearest


@dataclass(frozen=True)
class Exclusion:
    """
    One check that is not believed about one operation, after another one succeeded.

    ``after`` is the operationId that has to have succeeded since the last reset; ``None`` is always.
    """

    operation_id: str
    check: str
    reason: str
    after: str | None = None

    def holds(self, operation_id: str, checks: Collection[str], succeeded: Collection[str]) -> bool:
        return (
            operation_id == self.operation_id
            and self.check in checks
            and (self.after is None or self.after in succeeded)
        )

    def __str__(self) -> str:
        after = f" after {self.after}" if self.after else ""
        return f"{self.check} of {self.operation_id}{after}: {self.reason}"


def read_exclusions(contract: Contract, checks: Collection[str]) -> list[Exclusion]:
    """
    Read ``x-mock: {fuzz: {exclude: [{operation, check, after, reason}]}}`` of a contract.

    Raises:
        MockServerError: an exclusion names an operation or a check that there is not, or gives no reason.
    """
    settings = contract.settings.get("fuzz") or {}
    written = settings.get("exclude") or [] if isinstance(settings, dict) else None
    if not isinstance(written, list):
        raise MockServerError(f"{contract.name}: x-mock.fuzz.exclude should be a list of exclusions.")
    return [
        _read_exclusion(contract, each, f"{contract.name}: x-mock.fuzz.exclude, item {number}", checks)
        for number, each in enumerate(written, start=1)
    ]


def _read_exclusion(contract: Contract, written: Any, place: str, checks: Collection[str]) -> Exclusion:
    if not isinstance(written, dict):
        raise MockServerError(f"{place}: should be a mapping with operation, check and reason.")
    operation_id, check, after, reason = (
        _text(written, key, place) for key in ("operation", "check", "after", "reason")
    )
    if operation_id is None or check is None:
        missing = "operation" if operation_id is None else "check"
        raise MockServerError(f"{place}: there is no {missing}; say of which operation which check is wrong.")
    for named in (operation_id, after):
        if named is not None and named not in contract.by_id:
            hint = nearest(named, contract.by_id)
            raise MockServerError(f'{place}: there is no operation "{named}".{hint}')
    if check not in checks:
        raise MockServerError(f'{place}: there is no check "{check}".{nearest(check, checks)}')
    if reason is None or not reason.strip():
        raise MockServerError(f"{place}: there is no reason; say why the check is wrong here.")
    return Exclusion(operation_id, check, " ".join(reason.split()), after)


def _text(written: Mapping[Any, Any], key: str, place: str) -> str | None:
    found = written.get(key)
    if found is not None and not isinstance(found, str):
        raise MockServerError(f"{place}: {key} is {found!r}, and should be text.")
    return found
