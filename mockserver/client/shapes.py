"""What the control API takes and gives, as the python client has it."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

Item = dict[str, Any]


class Clock(TypedDict):
    """The time of a sandbox; ``offset`` is how many seconds it is ahead of the machine's own."""

    now: str
    frozen: bool
    offset: float


class Filters(TypedDict, total=False):
    """What entries of the journal are picked by; ``None`` is as if it were not given."""

    operation: str | None
    method: str | None
    path: str | None
    status: int | str | None
    persona: str | None
    since: str | None
    until: str | None


class Sandbox(TypedDict):
    """
    One world; ``items`` are counted by collection, ``entries`` are those of its journal.

    ``fault_counts`` has for each standing rule how many requests it ``matched``, and to how many it was
    ``given``; ``written`` is in bytes.
    """

    name: str
    set: str | None
    scenario: str | None
    seed: int
    items: dict[str, int]
    entries: int
    faults: int
    fault_counts: dict[str, dict[str, int]]
    written: int | None
    clock: Clock


class Collection(TypedDict):
    """A kind of items, with how many there are."""

    name: str
    id_field: str
    count: int


class ItemPage(TypedDict):
    """Some items of a collection; ``total`` counts those of all pages."""

    items: list[Item]
    total: int


class Snapshot(TypedDict):
    """A saved state; ``items`` are counted by collection."""

    name: str
    saved_at: str
    items: dict[str, int]


class ChangedItem(TypedDict):
    """What changed of an item: by field (``address.city``), its ``before`` and ``after`` where it had any."""

    id: str
    fields: dict[str, dict[str, Any]]


class Difference(TypedDict):
    """What became of the items of one collection."""

    added: list[Item]
    removed: list[Item]
    changed: list[ChangedItem]


class EntrySummary(TypedDict):
    """One request in short."""

    id: int
    sandbox: str
    time: str
    method: str
    target: str
    operation: str | None
    status: int | None
    source: str | None
    persona: str | None
    request_id: str
    duration_ms: float
    fault: str | None


class Header(TypedDict):
    """A line of a request or an answer."""

    name: str
    value: str


class Recorded(TypedDict):
    """A request or an answer as it came; the body is ``None`` where nobody read it."""

    headers: list[Header]
    body: str | None
    encoding: Literal["utf-8", "base64"]
    size: int
    truncated: bool


class Violation(TypedDict):
    """One way in which a request broke the contract."""

    location: list[str | int]
    keyword: str
    message: str


class Entry(EntrySummary):
    """One request, its answer, and why it was answered so."""

    request: Recorded
    response: Recorded
    notes: list[str]
    violations: list[Violation]


class EntryList(TypedDict):
    """Some entries; ``next`` is the ``after`` of those that follow, ``None`` where none do."""

    entries: list[EntrySummary]
    next: int | None


class Match(TypedDict, total=False):
    """Which entries are meant: all that is given must hold."""

    operation: str
    method: str
    path: str
    status: int | str
    persona: str
    since: str
    until: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


class AssertionResult(TypedDict):
    """The entries that match, by their numbers."""

    count: int
    entries: list[int]


# "from" cannot be written as the name of an attribute.
FaultRule = TypedDict(
    "FaultRule",
    {
        "id": str,
        "match": Mapping[str, Any],
        "share": float,
        "skip": int,
        "count": int,
        "from": str,
        "until": str,
        "delay": float | Mapping[str, Mapping[str, float]],
        "status": int,
        "limit": Mapping[str, float],
        "drop": Literal["before", "headers", "body"],
        "slow": Mapping[str, int],
        "body": Literal["truncated", "wrong-type", "empty"],
    },
    total=False,
)


class Persona(TypedDict):
    """Somebody who calls; ``lifetime`` is that of a token, in seconds."""

    name: str
    description: str
    claims: dict[str, Any]
    lifetime: int


class Token(TypedDict):
    """A signed token, and what it says."""

    token: str
    claims: dict[str, Any]
    expires_at: str


class Settings(TypedDict):
    """How a sandbox is served."""

    requests: Literal["strict", "enforce", "report", "off"]
    responses: Literal["enforce", "report", "off"]
    auth: Literal["verify", "present", "off"]
    headers: Literal["explain", "quiet"]
    log: bool


class Scenario(TypedDict):
    """A world that is described in a file."""

    name: str
    description: str


class Touched(TypedDict):
    """What requests have touched of one operation; a parameter is written ``query limit``."""

    requests: int
    statuses: dict[str, int]
    parameters: list[str]
    request_media_types: list[str]
    response_media_types: list[str]
    examples: list[str]


class Elsewhere(TypedDict):
    """The requests that no operation takes, the first of them by name."""

    requests: int
    strays: list[str]


class Coverage(TypedDict):
    """What requests have touched of the contract."""

    mockserver_coverage: int
    contract: str
    operations: dict[str, Touched]
    elsewhere: Elsewhere
