"""What is known of an operation that works on a collection: plain values, which say why they are so."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Literal

Steps = tuple[str, ...]
"""Where a value sits in another: the names of properties, from the outside in; empty is the whole."""

Action = Literal[
    "list", "count", "create", "fill", "clear", "read", "replace", "change", "delete", "unset", "act"
]
Shape = Literal["list", "item", "other", "none"]
Meaning = Literal["page", "size", "offset", "cursor", "before", "sort", "direction", "search", "filter"]
Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "contains"]

HIDDEN = "x-mock-"
"""How the names of properties begin that are stored with an item and never shown."""
KEY = f"{HIDDEN}key"
"""Where an item is known by more than one property of its own: all of that as one text."""
ID = f"{HIDDEN}id"
"""The id of an item that has no property for it."""
PARENTS = f"{HIDDEN}parents"
"""The values of path parameters that an item lies under and has no property for, by parameter."""
DELETED = f"{HIDDEN}deleted"
"""Marks what was deleted from a collection in which every id is there until then."""


@dataclass(frozen=True, slots=True)
class Parent:
    """
    A path parameter that stands before the item's own.

    ``collection`` is where its item is looked for, ``None`` where the mock has no such collection;
    ``steps`` lead to the property of the child that holds its value, ``None`` where that is kept beside it:
    as ``kept_as``, whatever one operation of several on a path calls the parameter.
    """

    parameter: str
    collection: str | None
    steps: Steps | None
    kept_as: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """
    Items of one kind, found in the paths of a contract.

    ``pointers`` are the schemas of an item, the fullest first; ``created_pointer`` is the schema of what
    makes one, ``id_pointer`` that of the path parameter which names one. ``id_steps`` lead to the id,
    ``None`` where an item has none of its own. A store knows the items by the property ``key_field``, which
    is ``KEY`` where no single one of their own will do. In an ``is_open`` collection nobody can learn which
    ids there are, so each is there until it is deleted.
    """

    name: str
    path: str
    item_path: str | None
    id_parameter: str | None
    id_steps: Steps | None
    pointers: tuple[str, ...]
    created_pointer: str | None = None
    id_pointer: str | None = None
    parents: tuple[Parent, ...] = ()
    is_singleton: bool = False
    is_open: bool = False

    @property
    def id_field(self) -> str | None:
        return self.id_steps[0] if self.id_steps and len(self.id_steps) == 1 else None

    @property
    def key_field(self) -> str:
        return KEY if self.parents or self.is_singleton or self.id_field is None else self.id_field


@dataclass(frozen=True, slots=True)
class Envelope:
    """
    How one status is answered: the schema of the body, and where in it the item or the items sit.

    ``shape`` is ``other`` for a body that tells something else, ``none`` where there is no body.
    """

    status: int
    shape: Shape
    pointer: str | None = None
    steps: Steps = ()
    item_pointer: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class ListParameter:
    """A query parameter of a list, by what it means; a filter compares the property at ``steps``."""

    name: str
    meaning: Meaning
    steps: Steps = ()
    operator: Operator = "eq"


@dataclass(frozen=True, slots=True)
class Role:
    """
    What one operation does to a collection.

    ``parents`` are those of its own path. The item is known by ``id_name`` in the path, the query or the
    body. ``answers`` are by status, the usual one first. ``request_steps`` lead to the item in the body;
    ``cleared`` names the property that ``unset`` empties.
    """

    action: Action
    collection: str
    answers: tuple[Envelope, ...]
    parents: tuple[Parent, ...] = ()
    id_place: Literal["path", "query", "body"] = "path"
    id_name: str | None = None
    request_pointer: str | None = None
    request_steps: Steps = ()
    parameters: tuple[ListParameter, ...] = ()
    cleared: str | None = None
    reasons: tuple[str, ...] = ()

    @property
    def answer(self) -> Envelope:
        return self.answers[0]


@dataclass(frozen=True)
class Resources:
    """
    The collections of a contract, by name, and the role of each operation that has one, by ``operationId``.

    ``reasons`` has every operation: why it has its role, or why it has none.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)
    collections: Mapping[str, Collection] = field(default_factory=dict)
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def without(self, operation_ids: Container[str], declared: Container[str]) -> "Resources":
        """
        Give what is left when some operations are answered otherwise.

        A collection that the contract declares itself is stored by the id of its items; where ours would be
        stored by more, it is left to the operations that are answered otherwise.
        """
        roles = {
            operation_id: role
            for operation_id, role in self.roles.items()
            if operation_id not in operation_ids and not self._clashes(role.collection, declared)
        }
        waiting = [role.collection for role in roles.values()]
        waiting += [each.collection for role in roles.values() for each in role.parents if each.collection]
        used: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in used and name in self.collections:
                used.add(name)
                waiting += [each.collection for each in self.collections[name].parents if each.collection]
        collections = {name: each for name, each in self.collections.items() if name in used}
        return Resources(roles, collections, self.reasons)

    def _clashes(self, name: str, declared: Container[str]) -> bool:
        collection = self.collections.get(name)
        return collection is not None and name in declared and collection.key_field != "id"


NO_RESOURCES = Resources()
