"""What the requests to one contract have touched of it, over all sandboxes, since the start."""

from mockserver.contract.operation import Contract, Operation
from mockserver.state.journal import Entry
from mockserver.state.lookout import Lookout
from mockserver.state.touched import Record

# How much of an unknown path is said back.
_SHOWN = 200


class Coverage:
    """
    A counter that every request of every sandbox passes, and that forgets nothing.

    Journals keep their last entries only, and go away with their sandboxes.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._record = Record(contract.title)
        self._lookouts: dict[str, Lookout] = {}

    def take(self, entry: Entry) -> None:
        """Count one request that was answered, or was let go of."""
        operation = entry.operation
        lookout = None if operation is None else self._of(operation)
        if lookout is None or entry.method not in lookout.methods:  # 405 names another method's operation
            self._record.stray(f"{entry.method} {entry.path[:_SHOWN]}")
            return
        statuses, status = lookout.statuses, entry.status
        statuses[status] = statuses.get(status, 0) + 1
        lookout.look(entry)

    def record(self) -> Record:
        """Give a copy of what was touched so far."""
        record = Record()
        record.add(self._record)
        return record

    def clear(self) -> None:
        """Begin again with nothing."""
        self._record = Record(self._contract.title)
        self._lookouts.clear()

    def follow(self, contract: Contract) -> None:
        """Go on with a contract that was edited; what its operations had touched stays."""
        self._contract = contract
        self._record.contract = contract.title
        self._lookouts.clear()

    def _of(self, operation: Operation) -> Lookout:
        lookout = self._lookouts.get(operation.operation_id)
        if lookout is None:
            touched = self._record.of(operation.operation_id)
            lookout = self._lookouts[operation.operation_id] = Lookout(self._contract, operation, touched)
        return lookout
