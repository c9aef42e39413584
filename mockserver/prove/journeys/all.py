"""All journeys through a contract's collections, and which of what they find is believed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.prove.journeys.asking import Asker, Traveller
from mockserver.prove.journeys.lists import ListJourney
from mockserver.prove.journeys.lives import LifeJourney
from mockserver.prove.journeys.places import Place, places_in
from mockserver.prove.known import known_values
from mockserver.prove.report import Finding
from mockserver.prove.witness import Witness

# So many items make pages and orders to look at.
_MADE = 3


def travel(traveller: Traveller, witness: Witness, arrived: Callable[[], Any]) -> str | None:
    """
    Visit every collection: make items, look at the list, change and delete what was made.

    What is found is looked for once more, and only believed if it is found again: somebody else may change
    a backend at the same time. Gives why there was nowhere to go, if there was not.
    """
    asker = Asker(traveller, witness)
    places = list(places_in(traveller.contract, traveller.selected, asker))
    known = known_at(asker, places)
    for place in places:
        found = {each.identity: each for each in _visit(asker, place, known, 1)}
        if found:
            again = {each.identity for each in _visit(asker, place, known, 2)}
            for identity, finding in found.items():
                if identity in again:
                    witness.report.find(finding)
        arrived()
    return None if places else "no collection was found"


def look_for_ids(traveller: Traveller, witness: Witness) -> Mapping[str, Sequence[str | int]]:
    """Look at every list that can be read, and give ids by where a request takes them."""
    asker = Asker(traveller, witness)
    return known_at(asker, list(places_in(traveller.contract, traveller.contract.operations, asker)))


def known_at(asker: Asker, places: Sequence[Place]) -> Mapping[str, Sequence[str | int]]:
    """Look at every list of some places once, for ids that others refer to."""
    items: dict[str, Sequence[Mapping[str, Any]]] = {}
    for place in places:
        way = place.ways.get("list")
        if way is not None:
            items[place.collection.name] = asker.ask(way.operation, place.above).items(way.role) or []
    return known_values(asker.contract, items)


def _visit(
    asker: Asker, place: Place, known: Mapping[str, Sequence[str | int]], turn: int
) -> Iterator[Finding]:
    life = None
    if "create" in place.ways and not asker.is_safe:
        life = LifeJourney(asker, place, known, turn)
        yield from life.make(_MADE)
    if "list" in place.ways:
        yield from ListJourney(asker, place).findings()
    if life is not None:
        yield from life.live()
