"""Find the schemas of bodies and headers that no value fits, or none that could be made."""

from collections.abc import Iterator

from mockserver.contract.lowering import Direction
from mockserver.contract.operation import Contract


def unsatisfiable(contract: Contract) -> Iterator[tuple[str, str]]:
    """Give each schema that stands in the way of a body or a header: a JSON Pointer, and a sentence."""
    tried: set[tuple[str, Direction]] = set()
    told: set[str] = set()
    for pointer, direction in _exchanged(contract):
        home = contract.schemas.behind(pointer)
        if (home, direction) in tried:
            continue
        tried.add((home, direction))
        obstacle = contract.samples.obstacle(home, direction)
        if obstacle is not None and obstacle[0] not in told:
            told.add(obstacle[0])
            yield obstacle[0], f"no value could be made that fits it in a {direction}: {obstacle[1]}."


def _exchanged(contract: Contract) -> Iterator[tuple[str, Direction]]:
    for operation in contract.operations:
        for response in operation.responses.values():
            for media_type in response.content.values():
                if media_type.pointer is not None:
                    yield media_type.pointer, "response"
            for header in response.headers.values():
                if header.pointer is not None:
                    yield header.pointer, "response"
        if operation.request_body is not None:
            for media_type in operation.request_body.content.values():
                if media_type.pointer is not None:
                    yield media_type.pointer, "request"
