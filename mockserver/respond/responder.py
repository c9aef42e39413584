"""The handler nobody wrote: it answers an operation from what the contract says of it."""

import json
from collections.abc import Mapping

from mockserver.contract.operation import MediaType, Operation, ResponseType
from mockserver.respond.exchange import Handler, Request, Response
from mockserver.respond.problems import Problem
from mockserver.state.store import Store


def respond_to(operation: Operation) -> Handler:
    """
    Give a handler that answers with the operation's first example of success.

    State that is inferred from the document, and samples, will have their place here, before the example
    and after it; until then an operation without any example answers 501.
    """
    for status, response in _successes(operation):
        if not response.content:
            headers = _example_headers(response)
            return lambda _request, _store: Response(None, status, headers)
        for media_type in response.content.values():
            if media_type.examples:
                return _example_of(media_type, status, _example_headers(response))

    def refuse(_request: Request, _store: Store) -> Response:
        text = f"{operation.operation_id} has neither a handler nor an example of success in the contract."
        raise Problem(501, text)

    return refuse


def _example_of(media_type: MediaType, status: int, headers: Mapping[str, str]) -> Handler:
    example = next(iter(media_type.examples.values()))
    return lambda _request, _store: Response(example, status, headers, media_type.name)


def _example_headers(response: ResponseType) -> Mapping[str, str]:
    """Give the declared headers that have an example; the layers around every operation send the others."""
    return {
        header.name: header.example if isinstance(header.example, str) else json.dumps(header.example)
        for name, header in response.headers.items()
        if header.example is not None and name != "x-request-id"
    }


def _successes(operation: Operation) -> list[tuple[int, ResponseType]]:
    """Give what is declared for success, the most likely first: 2XX by number, ``default``, redirects."""
    numbered = [
        (int(status.replace("XX", "00")), response)
        for status, response in operation.responses.items()
        if status[0] in "23"
    ]
    default = operation.responses.get("default")
    successes = sorted((each for each in numbered if each[0] < 300), key=lambda each: each[0])
    redirects = sorted((each for each in numbered if each[0] >= 300), key=lambda each: each[0])
    return [*successes, *([(200, default)] if default and not successes else []), *redirects]
