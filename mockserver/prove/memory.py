"""What a mock remembers during a run: it is put back, watched for changes, and not believed everything."""

from collections.abc import Sequence
from typing import Any

from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case

from mockserver.client import Control
from mockserver.client.shapes import Item
from mockserver.contract.operation import Operation
from mockserver.prove.exclusions import Exclusion


class Memory:
    """
    The state of the mock under test.

    ``observe`` is told of every answer, ``has_changed`` tells whether a request left the mock with another
    state than before it.
    """

    def __init__(self, control: Control, exclusions: Sequence[Exclusion]) -> None:
        self._control, self._exclusions = control, exclusions
        self._changed: set[str] = set()
        self._succeeded: set[str] = set()
        self._remembered: dict[str, list[Item]] = {}

    def reset(self) -> None:
        """Put the mock back to its start, and begin to watch anew what succeeds and what changes."""
        self._control.reset_sandbox()
        self._succeeded.clear()
        self._remembered = self._control.export_items()

    def observe(self, case: Case[Any], response: Response, operation: Operation | None) -> None:
        if not 200 <= response.status_code < 300:
            return
        if operation is not None:
            self._succeeded.add(operation.operation_id)
        if case.method in ("POST", "PUT", "PATCH", "DELETE"):
            remembered = self._control.export_items()
            if remembered != self._remembered or not remembered:
                self._changed.add(case.id)
            self._remembered = remembered

    def has_changed(self, case_id: str) -> bool:
        return case_id in self._changed

    def judge(self, failure: Failure, _case: Case[Any], operation: Operation) -> str | None:
        """Give the exclusion that holds for a failure, in words; ``None`` where none does."""
        for exclusion in self._exclusions:
            if exclusion.holds(operation.operation_id, failure.checks, self._succeeded):
                return str(exclusion)
        return None
