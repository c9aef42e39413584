"""The mock and the backend of a comparison, each with who calls it and who watches."""

from collections.abc import Sequence
from dataclasses import dataclass

from mockserver.client import Control
from mockserver.contract.operation import Operation
from mockserver.contract.resources.finding import find_resources
from mockserver.prove.callers import find_callers
from mockserver.prove.compare.plan import Comparison
from mockserver.prove.compare.sides import Side
from mockserver.prove.fuzz import shown
from mockserver.prove.journeys.all import known_at
from mockserver.prove.journeys.asking import Asker, Traveller
from mockserver.prove.journeys.places import places_in
from mockserver.prove.line import Line
from mockserver.prove.report import Report
from mockserver.prove.verify import Connection
from mockserver.prove.witness import Witness
from mockserver.serve.assembly import Mock


@dataclass(frozen=True)
class Pair:
    """The mock and the backend, and who watches each."""

    mock: Side
    backend: Side
    witnesses: tuple[Witness, Witness]


def meet(
    mock: Mock,
    url: str,
    here: Line,
    connection: Connection,
    selected: Sequence[Operation],
    plan: Comparison,
    options: str,
) -> Pair:
    """
    Give both sides, each with what it shows in its lists before anything is made.

    Raises:
        MockServerError: there is no such persona.
    """
    contract, is_safe = mock.parts.contract, plan.chosen.is_safe
    persona = find_callers(mock, Control(url), plan.persona, None)[0]
    reports = [
        Report(contract.title, each, plan.seed, plan.max_examples, [persona.name])
        for each in (url, connection.url)
    ]
    ours = Witness(contract, reports[0], url, shown([persona], url, options), [])
    theirs = Witness(contract, reports[1], connection.url, connection.shown, [], keeps_all=plan.keeps_all)
    base, session = url + contract.base_path, connection.line.session()
    one = Traveller(contract, base, here.session(), selected, persona, {}, plan.seed, is_safe)
    other = Traveller(
        contract, connection.url, session, selected, connection.caller, connection.headers, plan.seed, is_safe
    )
    return Pair(_side(one, ours), _side(other, theirs), (ours, theirs))


def _side(traveller: Traveller, witness: Witness) -> Side:
    asker = Asker(traveller, witness)
    places = list(places_in(traveller.contract, traveller.selected, asker))
    return Side(asker, find_resources(traveller.contract), places, known_at(asker, places))
