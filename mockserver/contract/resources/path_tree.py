"""Paths as steps, so that those of one collection are found together whatever their spelling."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mockserver.contract.operation import Operation

PARAMETER = "{}"

_SUFFIX = r"(?:\.(?:json|xml|ya?ml|jsonld))?"
_PARAMETER = re.compile(rf"\{{([^{{}}]+)\}}{_SUFFIX}")
_LITERAL = re.compile(rf"([^{{}}:]+?){_SUFFIX}")
_CUSTOM = re.compile(r"(\{[^{}]+\}|[^{}:]+):([A-Za-z][\w-]*)")  # Google's custom methods, AIP-136
_ODATA = re.compile(r"(\w+)\('?\{([^{}]+)\}'?\)")

Key = tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """One place in the tree of paths: its steps, where a parameter is ``{}``, and what may be done there."""

    key: Key
    path: str
    parameters: tuple[str, ...]
    operations: Mapping[str, Operation] = field(default_factory=dict)

    @property
    def is_item(self) -> bool:
        return self.key[-1:] == (PARAMETER,)

    @property
    def noun(self) -> str:
        """The last step that is a name, without those before it."""
        return next((step for step in reversed(self.key) if step != PARAMETER), "")


def read_tree(operations: Iterable[Operation]) -> Mapping[Key, Node]:
    """
    Give the places of all operations, in the document's order.

    ``/things.json``, ``/things/`` and ``/things`` are one place; so are ``/things/{id}.json`` and
    ``/things({id})``. ``/things/{id}:copy`` lies under ``/things/{id}``. A path with a fragment is none.
    """
    found: dict[Key, Node] = {}
    for operation in operations:
        if "#" in operation.path:
            continue
        key, parameters = steps_of(operation.path)
        node = found.get(key)
        if node is None:
            node = found[key] = Node(key, operation.path, parameters, {})
        if operation.method not in node.operations:
            found[key] = Node(
                key, node.path, node.parameters, {**node.operations, operation.method: operation}
            )
    return found


def steps_of(path: str) -> tuple[Key, tuple[str, ...]]:
    """Give the steps of a path, and the names of those that are parameters."""
    steps: list[str] = []
    parameters: list[str] = []

    def add(text: str) -> None:
        if found := _PARAMETER.fullmatch(text):
            steps.append(PARAMETER)
            parameters.append(found[1])
        elif found := _ODATA.fullmatch(text):
            steps.extend((found[1], PARAMETER))
            parameters.append(found[2])
        elif found := _CUSTOM.fullmatch(text):
            add(found[1])
            steps.append(found[2])
        else:
            # Several parameters in one segment are no id that a collection could be known by.
            steps.append(found[1] if (found := _LITERAL.fullmatch(text)) else text)

    for segment in path.strip("/").split("/"):
        if segment:
            add(segment)
    return tuple(steps), tuple(parameters)
