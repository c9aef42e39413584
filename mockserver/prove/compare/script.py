"""What the requests of a comparison are made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.operation import Contract, Operation
from mockserver.prove.compare.bodies import Bodies
from mockserver.prove.journeys.asking import Asker, Manner
from mockserver.prove.journeys.places import Place

# Several requests of one kind differ for one reason.
ALLOWED = "what the contract allows"
NOBODY = Manner(is_nobody=True)


@dataclass(frozen=True)
class Script:
    """What the steps are made from; ``known`` are the places for which both sides know ids."""

    contract: Contract
    asker: Asker
    bodies: Bodies
    places: Sequence[Place]
    selected: Sequence[Operation]
    known: Mapping[str, Sequence[Any]]
    seed: int
    is_safe: bool
