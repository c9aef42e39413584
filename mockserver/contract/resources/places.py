"""The collections of a contract by where they are: what they are called, and what they lie under."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.resources.answers import read_request
from mockserver.contract.resources.drafts import Draft, find_drafts, find_views
from mockserver.contract.resources.item_ids import find_id, find_parent
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import find, plain, singulars
from mockserver.contract.resources.path_tree import PARAMETER, Key, Node, read_tree
from mockserver.contract.resources.roles import Collection, Parent, Steps


class Places:
    """
    Where the collections of some operations are.

    ``owners`` are the places of collections, ``views`` those that show items of another, with that one, and
    ``items`` those of single items, with the place of their collection.
    """

    def __init__(self, contract: Contract, operations: Sequence[Operation]) -> None:
        self._data = contract.data
        self.tree: Mapping[Key, Node] = read_tree(operations)
        self.drafts: Mapping[Key, Draft] = find_drafts(contract, self.tree)
        views = find_views(contract, self.drafts, self.tree)
        self.views = {key: owner for key, owner in views.items() if owner not in views}
        self.owners = {key: each for key, each in self.drafts.items() if key not in self.views}
        self._names = _name_all(contract, self.owners)
        self.items = {(*key, PARAMETER): key for key in self.owners if self._is_known_by_id(key)}
        self.collections = {self._names[key]: self._collection(each) for key, each in self.owners.items()}

    def collection_of(self, draft: Draft) -> Collection:
        return self.collections[self._names[draft.key]]

    def owner_of(self, key: Key, parameter: str) -> Key | None:
        """Give the collection whose item a parameter at the end of a key names."""
        owner = self.items.get(key)
        if owner is None:
            return None
        named = plain(parameter)
        known = plain(self._place(key)[1][-1])
        is_named = named.endswith(known) or known.endswith(named) or named[-2:] == known[-2:] == "id"
        nouns = singulars(self.owners[owner].noun)
        return owner if is_named or any(each in named for each in nouns) else None

    def parents_of(
        self, key: Key, parameters: Sequence[str], draft: Draft, id_steps: Steps | None
    ) -> tuple[Parent, ...]:
        """Give what lies above a place, from the outside in, but for the item's own id."""
        found = []
        positions = [at for at, step in enumerate(key) if step == PARAMETER]
        for at, parameter in zip(positions, parameters, strict=True):
            owner = self.owner_of(key[: at + 1], parameter)
            noun = next((step for step in reversed(key[:at]) if step != PARAMETER), "")
            steps = find_parent(parameter, noun, draft.known)
            name = self._names[owner] if owner is not None else None
            found.append(Parent(parameter, name, steps if steps != id_steps else None))
        return tuple(found)

    def _is_known_by_id(self, key: Key) -> bool:
        draft = self.owners[key]
        if draft.is_singleton or draft.item_node is not None:
            return not draft.is_singleton
        below = (*key, PARAMETER)
        found = [each for each in self.tree if each[: len(below)] == below]
        # Two parameters in a row are parts of one id, which is no property.
        return any(each[len(below) : len(below) + 1] != (PARAMETER,) for each in found)

    def _collection(self, draft: Draft) -> Collection:
        key, item_key = draft.key, (*draft.key, PARAMETER)
        path, parameters = self._place(key)
        schemas = draft.known
        id_steps, parameter, item_path, id_pointer = None, None, None, None
        if not draft.is_singleton:
            if item_key in self.items:
                item_path, names = self._place(item_key)
                parameter = names[-1]
                id_pointer = self._pointer_of(item_key, parameter)
            asked = Members(self._data, id_pointer) if id_pointer is not None else None
            found = find_id(parameter, draft.noun, schemas, asked=asked)
            id_steps = found[0] if found else None
        parents = self.parents_of(key, parameters, draft, id_steps)
        request = None
        if draft.node is not None and "post" in draft.node.operations:
            request = read_request(self._data, draft.node.operations["post"])
        return Collection(
            name=self._names[key],
            path=path,
            item_path=item_path,
            id_parameter=parameter,
            id_steps=id_steps,
            id_pointer=id_pointer,
            pointers=tuple(each.pointer for each in schemas),
            created_pointer=request.pointer if request is not None else None,
            parents=parents,
            is_singleton=draft.is_singleton,
        )

    def _pointer_of(self, key: Key, parameter: str | None) -> str | None:
        """Give the schema of the path parameter that names an item."""
        nodes = [node for node in self.tree.values() if node.key[: len(key)] == key]
        operations = [operation for node in nodes for operation in node.operations.values()]
        return next(
            (
                p.pointer
                for operation in operations
                for p in operation.parameters
                if p.location == "path" and p.name == parameter
            ),
            None,
        )

    def _place(self, key: Key) -> tuple[str, tuple[str, ...]]:
        """Give a path and its parameters for a key, which need not have operations of its own."""
        node = self.tree.get(key)
        if node is not None:
            return node.path, node.parameters
        below = next(each for each in self.tree.values() if each.key[: len(key)] == key)
        names = iter(below.parameters)
        steps = [f"{{{next(names)}}}" if step == PARAMETER else step for step in key]
        return "/" + "/".join(steps), below.parameters[: key.count(PARAMETER)]


def _name_all(contract: Contract, drafts: Mapping[Key, Draft]) -> Mapping[Key, str]:
    """Give each collection a name from its path, as short as is unique: ``pets``, ``users.posts``."""
    declared = contract.settings.get("collections")
    names: dict[Key, str] = {}
    taken: set[str] = set()
    for key in sorted(drafts, key=lambda each: (each.count(PARAMETER), len(each))):
        name = next(each for each in _names(key) if each not in taken)
        if isinstance(declared, dict):
            name = find(name, declared) or name
        taken.add(name)
        names[key] = name
    return names


def _names(key: Key) -> Iterator[str]:
    key = tuple(
        step if step == PARAMETER else re.split(r"[{;(]", step)[0].strip("._-") or step for step in key
    )
    literals = [step for step in key if step != PARAMETER]
    # A step before a parameter is a collection too, and tells more than a version or a prefix does.
    owners = [step for step, after in pairwise(key) if after == PARAMETER != step]
    last = literals[-1:] or ["items"]
    if key and key[-1] == PARAMETER:
        owners = owners[:-1]
    yield ".".join([*owners, *last])
    yield ".".join(literals) or "items"
    yield from (f"{'.'.join([*owners, *last])}.{number}" for number in range(2, 1000))
