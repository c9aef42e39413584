"""What a handler receives, and what it returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.contract.operation import Operation

Claims = Mapping[str, Any]


@dataclass(slots=True)
class Request:
    """
    One request that keeps the contract.

    ``path``, ``query``, ``headers``, ``cookies`` and ``body`` are spelled as in the contract, typed and
    defaulted: a handler never checks what the contract says. ``caller`` holds the claims of the token,
    ``now`` the mock's time (ISO 8601, UTC, microseconds, later than that of every request before), and
    ``id`` what the answer carries as ``X-Request-ID``. ``base_path`` stands before every path. ``accept`` is
    the header of that name; media types are negotiated outside. ``content_type`` is the media type of the
    body, without parameters and in small letters, ``""`` where none was sent. ``example`` is the declared
    answer to a declared example of a body, where the body is that. ``seed`` is what samples are made from.
    """

    operation: Operation
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, Any]
    cookies: Mapping[str, Any]
    body: Any
    caller: Claims
    now: str
    id: str
    base_path: str
    accept: str | None = None
    content_type: str = ""
    example: Any = None
    seed: int = 0


@dataclass(slots=True)
class Response:
    """
    One answer: a JSON value (or text, or bytes, as its media type asks), a status and headers.

    A body that is an asynchronous iterator of bytes is sent piece by piece, for as long as the client
    listens; it is not held against the contract. Without ``media_type`` the one is used that the contract
    declares for the status and the client accepts best. ``source`` and ``notes`` tell the journal how the
    answer was made.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None
    source: str = ""
    notes: tuple[str, ...] = ()


# The second is the store; handlers of the control API get what they steer in its place.
Handler = Callable[[Request, Any], Response]
Guard = Callable[[Claims], None]
