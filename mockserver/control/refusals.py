"""What the state refuses, as the problems of the control API."""

from collections.abc import Iterator
from contextlib import contextmanager

from mockserver.errors import MockServerError
from mockserver.respond.problems import Problem
from mockserver.state.allowance import StoreFull
from mockserver.state.clock import TimeRefused
from mockserver.state.collection import ItemNotFound
from mockserver.state.faults import FaultExists, NoSuchFault
from mockserver.state.journal import TooManyReaders
from mockserver.state.sandboxes import NoSuchSandbox, SandboxExists, SandboxRefused, TooManySandboxes
from mockserver.state.scenarios import NoSuchScenario
from mockserver.state.snapshots import NoSuchSnapshot, TooManySnapshots

_STATUSES: tuple[tuple[int, tuple[type[Exception], ...]], ...] = (
    (404, (ItemNotFound, NoSuchFault, NoSuchSandbox, NoSuchScenario, NoSuchSnapshot)),
    (507, (StoreFull, TooManyReaders, TooManySandboxes, TooManySnapshots)),
    (409, (FaultExists, SandboxExists, SandboxRefused, TimeRefused, MockServerError)),
)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a ``with`` block raises into a problem: what is not there is 404, a lack of room 507."""
    try:
        yield
    except Exception as error:
        for status, kinds in _STATUSES:
            if isinstance(error, kinds):
                raise Problem(status, str(error)) from error
        raise
