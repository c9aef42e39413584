"""Ids that nobody has, as far as a contract lets one think of such."""

import hashlib
from typing import Any

from mockserver.contract.operation import Parameter
from mockserver.contract.resources.members import Members
from mockserver.prove.compare.script import Script
from mockserver.prove.journeys.places import Place

_TRIED = 8
# Near the end of what 32 bits hold: counting seldom gets there, and who keeps fewer than 64 can read it.
_END = 2_147_483_000
_STEP = 90_001
_FAR = 3


def unknown_ids(script: Script, place: Place) -> list[Any]:
    """Give ids that are likely to be in no collection, the least likely first; all are unlike each other."""
    way = place.ways["read"]
    parameter = next(
        (p for p in way.operation.parameters if p.name == way.role.id_name and p.location == "path"), None
    )
    if parameter is None or parameter.pointer is None:
        return []
    seeds = [f"unknown {place.collection.name} {number}" for number in range(_TRIED)]
    made = [script.asker.sample(parameter.pointer, seed) for seed in seeds]
    made = sorted((each for each in made if each is not None), key=lambda each: -len(str(each)))
    known = [str(each) for each in script.known.get(f"path.{parameter.name}", ())]
    found: dict[str, Any] = {}
    for each in (*_far(script, parameter, seeds[0]), *made):
        if str(each) not in known:
            found.setdefault(str(each), each)
    return list(found.values())


def _far(script: Script, parameter: Parameter, seed: str) -> list[int]:
    """Give numbers far from where counting begins, where the id is one."""
    pointer = str(parameter.pointer)
    schema = Members(script.contract.data, pointer)
    if "integer" not in schema.types:
        return []
    most = schema.says("maximum")
    end = min(_END, int(most)) if isinstance(most, int | float) else _END
    start = hashlib.blake2b(f"{script.seed} {seed}".encode(), digest_size=8).digest()
    off = int.from_bytes(start, "big") % _STEP if end == _END else 0
    numbers = [end - off - n * (_STEP if end == _END else 1) for n in range(_FAR)]
    holds = script.contract.schemas.at(pointer, "request").is_valid
    return [each for each in numbers if holds(each)]
