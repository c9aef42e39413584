"""What the requests to one contract have touched of it, over all sandboxes, since the start."""

from mockserver.contract.operation import Contract, Operation
from mockserver.state.journal_entry import Entry
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
        if operation is not None:
            lookout = self._lookouts.get(operation.operation_id) or self._begin(operation)
            if entry.method in lookout.methods:
                lookout.look(entry)
                return
        # An entry that was refused with 405 names the operation of another method.
        self._record.stray(f"{entry.method} {entry.path[:_SHOWN]}")

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

    def _begin(self, operation: Operation) -> Lookout:
        touched = self._record.of(operation.operation_id)
        lookout = self._lookouts[operation.operation_id] = Lookout(self._contract, operation, touched)
        return lookout
