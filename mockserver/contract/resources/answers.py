"""How an operation that works on a collection may answer: by status, with where the item sits."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.contract.media.media_types import is_json, sent_as
from mockserver.contract.operation import MediaType, Operation, ResponseType
from mockserver.contract.resources.envelopes import is_alike, locate_item, locate_list
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import Action, Envelope

# By action: the statuses that say it best, the best first.
_FITTING: Mapping[str, tuple[int, ...]] = {
    "create": (201, 200, 202, 204),
    "delete": (204, 200, 202),
    "clear": (204, 200, 202),
}
_USUAL = (200, 201, 204, 202)


def read_body(data: Mapping[str, Any], operation: Operation) -> Members | None:
    """Give the schema of the first success that has a JSON body, ``None`` where there is none."""
    for _, response in successes(operation):
        media_type = json_of(response)
        if media_type is not None and media_type.pointer is not None:
            return Members(data, media_type.pointer)
    return None


def read_request(data: Mapping[str, Any], operation: Operation) -> Members | None:
    """Give the schema of an operation's request body: that of JSON, else of a form."""
    content = operation.request_body.content if operation.request_body else {}
    media_types = sorted(content.values(), key=lambda each: not is_json(sent_as(each.name)))
    pointer = next((each.pointer for each in media_types if each.pointer is not None), None)
    return Members(data, pointer) if pointer is not None else None


def read_answers(
    data: Mapping[str, Any], operation: Operation, action: Action, noun: str, known: Sequence[Members]
) -> tuple[Envelope, ...]:
    """
    Give how an operation answers its success, by status, the likeliest first.

    A status whose body is not JSON is left out. Where a contract tells of nothing or of redirects only,
    there is no body.
    """
    order = _FITTING.get(action, _USUAL)
    if not successes(operation) and action not in ("list", "read", "act"):
        usual = 200 if action != "delete" else 204
        return (
            Envelope(
                next((int(s) for s in operation.responses if re.fullmatch("3[0-9]{2}", s)), usual), "none"
            ),
        )
    found = [_envelope(data, s, r, action, noun, known) for s, r in successes(operation, order[0])]
    answers = [each for each in found if each is not None]
    return tuple(
        sorted(answers, key=lambda a: (order.index(a.status) if a.status in order else len(order), a.status))
    )


def successes(operation: Operation, otherwise: int = 200) -> list[tuple[int, ResponseType]]:
    """Give what is declared for success by number; a ``default`` alone stands for ``otherwise``."""
    found = [
        (int(s), r) for s, r in operation.responses.items() if s.isdigit() and s[0] == "2" and s != "206"
    ]
    if not found and "2XX" in operation.responses:
        found = [(otherwise, operation.responses["2XX"])]
    default = operation.responses.get("default")
    if not found and default is not None:
        found = [(otherwise if default.content or otherwise != 204 else 204, default)]
    return sorted(found, key=lambda each: each[0])


def succeeds(operation: Operation) -> bool:
    """Tell whether an operation declares anything but refusals."""
    return any(status[0] in "23d" for status in operation.responses)


def json_of(response: ResponseType) -> MediaType | None:
    return next((each for each in response.content.values() if is_json(sent_as(each.name))), None)


def _envelope(
    data: Mapping[str, Any],
    status: int,
    response: ResponseType,
    action: Action,
    noun: str,
    known: Sequence[Members],
) -> Envelope | None:
    if not response.content or status in (204, 205):
        return Envelope(status, "none")
    media_type = json_of(response)
    if media_type is None:
        return None
    # What is declared first is sent where nothing else is said.
    name = None if media_type is next(iter(response.content.values())) else sent_as(media_type.name)
    if media_type.pointer is None:
        return Envelope(status, "other", None, media_type=name)
    body = Members(data, media_type.pointer)
    if action not in ("list", "count"):
        item = locate_item(body, noun, ("id",), known)
        if item is not None:
            return Envelope(status, "item", media_type.pointer, item[0], item[1].pointer, name)
    items = locate_list(body, noun, [each.identity for each in known])
    if items is not None and (action == "list" or any(is_alike(items[1], each) for each in known)):
        return Envelope(status, "list", media_type.pointer, items[0], items[1].pointer, name)
    return Envelope(status, "other", media_type.pointer, (), None, name)
