"""The handler nobody wrote: it answers an operation from what the contract says of it."""

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
            return lambda _request, _store: Response(None, status)
        for media_type in response.content.values():
            if media_type.examples:
                return _example_of(media_type, status)

    def refuse(_request: Request, _store: Store) -> Response:
        text = f"{operation.operation_id} has neither a handler nor an example of success in the contract."
        raise Problem(501, text)

    return refuse


def _example_of(media_type: MediaType, status: int) -> Handler:
    example = next(iter(media_type.examples.values()))
    return lambda _request, _store: Response(example, status, media_type=media_type.name)


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
