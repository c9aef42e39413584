"""What is to be compared."""

from dataclasses import dataclass, field

from mockserver.prove.verify import Chosen

EXAMPLES, GENERATED = "examples", "generated"


@dataclass(frozen=True)
class Comparison:
    """
    What is to be compared, and how.

    ``sources`` are where the requests come from: ``examples``, ``generated``, or files that were recorded.
    ``ignored`` are members that may differ, besides those that the contract calls volatile; ``persona`` is
    who calls the mock.
    """

    seed: int = 1
    max_examples: int = 50
    sources: tuple[str, ...] = (EXAMPLES,)
    chosen: Chosen = field(default_factory=Chosen)
    ignored: tuple[str, ...] = ()
    persona: str | None = None
    keeps_all: bool = False
