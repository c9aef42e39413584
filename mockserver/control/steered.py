"""What the handlers of the control API steer."""

from dataclasses import dataclass

from mockserver.contract.operation import Contract
from mockserver.contract.resources.roles import Resources
from mockserver.state.coverage import Coverage
from mockserver.state.personas import Personas
from mockserver.state.sandboxes import Sandboxes
from mockserver.state.world import DEFAULT, World


@dataclass(frozen=True, slots=True)
class Served:
    """One contract as it is served: what belongs to it, its sandboxes, and what they touched of it."""

    contract: Contract
    resources: Resources
    personas: Personas
    sandboxes: Sandboxes
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Steered:
    """
    What a control handler gets in the place of a store.

    ``world`` is the sandbox that the request names, ``control`` the contract of the control API. ``others``
    are the further contracts that the server has; where there are some, the first one speaks for all of them
    when sandboxes are made, put back and deleted. ``named`` is the name of the sandbox, which need not be
    there where the operation makes one.
    """

    served: Served
    world: World
    control: Contract
    others: tuple[Served, ...] = ()
    named: str = DEFAULT

    @property
    def everywhere(self) -> tuple[Sandboxes, ...]:
        """The sandboxes of all contracts for which this one speaks, its own first."""
        return (self.sandboxes, *(each.sandboxes for each in self.others))

    @property
    def contract(self) -> Contract:
        return self.served.contract

    @property
    def personas(self) -> Personas:
        return self.served.personas

    @property
    def sandboxes(self) -> Sandboxes:
        return self.served.sandboxes

    @property
    def coverage(self) -> Coverage:
        return self.served.coverage
