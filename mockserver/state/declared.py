"""What of an operation can be touched by requests, each thing as one text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.contract.media.media_types import essence, is_json
from mockserver.contract.operation import MediaType, Operation, Parameter


@dataclass(frozen=True, slots=True)
class Declared:
    """
    What an operation declares, in the document's order.

    A parameter is written ``query limit``, a media type of a response ``200 application/json``, an example
    ``request application/json created`` or ``200 application/json created``; it may have no name.
    """

    statuses: tuple[str, ...]
    parameters: tuple[str, ...]
    request_media_types: tuple[str, ...]
    response_media_types: tuple[str, ...]
    examples: tuple[str, ...]


def declared_by(operation: Operation) -> Declared:
    """Give what an operation declares; examples of requests only as far as one can be told by its value."""
    content = operation.request_body.content if operation.request_body else {}
    answers = {
        (status, name): media_type
        for status, response in operation.responses.items()
        for name, media_type in response.content.items()
    }
    examples = [
        example_called("request", name, each)
        for name, media_type in content.items()
        for each, value in media_type.examples.items()
        if is_tellable(name, value)
    ]
    examples += [
        example_called(status, name, each) for (status, name), m in answers.items() for each in m.examples
    ]
    return Declared(
        statuses=tuple(operation.responses),
        parameters=tuple(map(parameter_called, operation.parameters)),
        request_media_types=tuple(content),
        response_media_types=tuple(f"{status} {name}" for status, name in answers),
        examples=tuple(examples),
    )


def parameter_called(parameter: Parameter) -> str:
    return f"{parameter.location} {parameter.name}"


def example_called(where: str, media_type: str, name: str) -> str:
    return f"{where} {media_type} {name}".rstrip(" ")


def is_tellable(media_type: str, example: Any) -> bool:
    """Tell whether a body can be recognised as an example by its bytes alone: JSON can, and a text."""
    return is_json(media_type) or isinstance(example, str)


def declared_status(operation: Operation, status: int) -> str | None:
    """Give what a status is declared as: itself, its range or ``default``."""
    found = operation.response(status)
    return None if found is None else next(key for key, each in operation.responses.items() if each is found)


def declared_media_type(content: Mapping[str, MediaType], sent: str) -> str | None:
    """Give what a media type is declared as: itself, its range, or everything."""
    wanted = essence(sent)
    ranges = (wanted, f"{wanted.partition('/')[0]}/*", "*/*")
    return next((each for each in ranges if each in content), None)
