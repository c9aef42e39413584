"""Which places in the tree of paths hold collections, before anything is said of their operations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mockserver.contract.operation import Contract
from mockserver.contract.resources.answers import read_body, read_request
from mockserver.contract.resources.envelopes import is_alike, locate_item, locate_list
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import plain
from mockserver.contract.resources.path_tree import PARAMETER, Key, Node

# What an answer calls a list in it that is asked for by a parameter at the end of a path.
_LISTS = ("data", "items", "results", "records", "entries", "values")


@dataclass
class Draft:
    """A place that holds items: where they are listed, and where one of them is."""

    key: Key
    node: Node | None = None
    item_node: Node | None = None
    items: Members | None = None
    read: Members | None = None
    created: Members | None = None
    is_singleton: bool = False

    @property
    def noun(self) -> str:
        return next((step for step in reversed(self.key) if step != PARAMETER), "")

    @property
    def known(self) -> list[Members]:
        """The schemas of an item, the fullest first, each once."""
        found = {e.identity: e for e in (self.read, self.created, self.items) if e is not None}
        return list(found.values())

    @property
    def depth(self) -> int:
        return self.key.count(PARAMETER)

    def has(self, method: str) -> bool:
        return self.node is not None and method in self.node.operations


def find_drafts(contract: Contract, tree: Mapping[Key, Node]) -> Mapping[Key, Draft]:
    """Give every place that holds items, singletons too, in the document's order."""
    found: dict[Key, Draft] = {}
    for key, node in tree.items():
        place = key[:-1] if node.is_item and not _is_list(contract, node) else key
        if place and place not in found:
            draft = _draft(contract, tree, place)
            if draft is not None:
                found[place] = draft
    for key, node in tree.items():
        if key not in found and not node.is_item:
            draft = _singleton(contract, node)
            if draft is not None and not _is_of_item(draft, found.get(key[:-2])):
                found[key] = draft
    return found


def find_views(
    contract: Contract, drafts: Mapping[Key, Draft], tree: Mapping[Key, Node]
) -> Mapping[Key, Key]:
    """
    Give the places that show items of another place, with that place.

    ``/pets/findByStatus`` and ``/users/{id}/pets`` show pets, if ``/pets/{id}`` gives one of the same schema.
    """
    found: dict[Key, Key] = {}
    for key, draft in drafts.items():
        if draft.is_singleton or draft.read is not None or draft.items is None:
            continue
        owner = _owner(draft, drafts)
        if owner is not None and found.get(owner.key) != key:
            found[key] = owner.key
    for key, node in tree.items():
        if key in drafts or node.is_item or "post" not in node.operations:
            continue
        owner = drafts.get(key[:-1])
        request = read_request(contract.data, node.operations["post"])
        given = request.items if request is not None and request.is_array else request
        if owner is None or owner.is_singleton or given is None:
            continue
        is_many = request is not None and request.is_array
        if given.identity in {each.identity for each in owner.known} and (
            is_many or key[-1].lower() in ("create", "add", "new")
        ):
            found[key] = owner.key
    return {key: _last(key, found) for key in found}


def _last(key: Key, owners: Mapping[Key, Key]) -> Key:
    """Follow a view of a view; those that go round in a circle end before where they began."""
    seen = {key}
    while key in owners and owners[key] not in seen:
        key = owners[key]
        seen.add(key)
    return key


def _owner(draft: Draft, drafts: Mapping[Key, Draft]) -> Draft | None:
    shown = {each.identity for each in draft.known}
    candidates = [
        each
        for each in drafts.values()
        if each is not draft
        and not each.is_singleton
        and (each.read is not None or (each.has("post") and not draft.has("post")))
        and not shown.isdisjoint(known.identity for known in each.known)
    ]

    def likeness(each: Draft) -> tuple[bool, int, int]:
        shared = sum(1 for one, other in zip(each.key, draft.key, strict=False) if one == other)
        return each.read is None, -shared, each.depth

    return min(candidates, key=likeness, default=None)


def _draft(contract: Contract, tree: Mapping[Key, Node], place: Key) -> Draft | None:
    node, item_node = tree.get(place), tree.get((*place, PARAMETER))
    if node is not None and node.is_item and not _is_list(contract, node):
        node = None  # what is there is an item of its own
    if item_node is not None and _is_list(contract, item_node):
        item_node = None
    draft = Draft(place, node, item_node)
    listing = node.operations.get("get") if node is not None else None
    body = read_body(contract.data, listing) if listing is not None else None
    reading = item_node.operations.get("get") if item_node is not None else None
    one = read_body(contract.data, reading) if reading is not None else None
    one = None if one is None or one.is_array else one
    id_names = ("id", *(item_node.parameters[-1:] if item_node is not None else ()))
    if body is not None:
        whole = locate_item(one, draft.noun, id_names) if one is not None else None
        located = locate_list(body, draft.noun, [whole[1].identity] if whole else ())
        if located is not None:
            draft.items = located[1]
    if one is not None and (one.is_object or one.properties):
        known = [draft.items] if draft.items is not None else []
        found = locate_item(one, draft.noun, id_names, known) or locate_item(one, draft.noun, id_names)
        draft.read = found[1] if found is not None and found[1].properties else None
    _find_created(contract, draft, id_names)
    if draft.read is not None:
        draft.read = _agreeing(
            draft.read, [each for each in (draft.items, draft.created) if each is not None]
        )
    return draft if _is_collection(draft, tree) else None


def _agreeing(read: Members, others: Sequence[Members]) -> Members:
    """Give the branch that is the item where a read may also tell that it was deleted, else the whole."""
    wanted = {each.identity for each in others}
    if read.identity in wanted:
        return read
    same = (branch for branch in read.branches if branch.identity in wanted)
    alike = [b for b in read.branches if any(is_alike(b, each) for each in others)]
    fullest = max(alike, key=lambda branch: len(branch.properties), default=read)
    return next(same, fullest if len(alike) < len(read.branches) else read)


def _is_list(contract: Contract, node: Node) -> bool:
    """Tell whether a path that ends in a parameter gives a list nevertheless, filtered by that parameter."""
    operation = node.operations.get("get")
    body = read_body(contract.data, operation) if node.is_item and operation is not None else None
    if body is None or {"id", "name"} & body.properties.keys():
        return False
    located = locate_list(body, "")
    return located is not None and (not located[0] or (len(located[0]) == 1 and located[0][0] in _LISTS))


def _find_created(contract: Contract, draft: Draft, id_names: tuple[str, ...]) -> None:
    if not draft.has("post") or draft.node is None:
        return
    body = read_body(contract.data, draft.node.operations["post"])
    if body is None:
        return
    known = draft.known
    found = locate_item(body, draft.noun, id_names, known)
    if found is None and not known:
        found = locate_item(body, draft.noun, id_names)
    if found is not None:
        draft.created = found[1]


def _is_collection(draft: Draft, tree: Mapping[Key, Node]) -> bool:
    if draft.items is not None and (draft.items.properties or draft.item_node is not None):
        return True
    if draft.read is not None:
        return True
    if draft.created is None:
        return False
    below = (*draft.key, PARAMETER)
    return any(key[: len(below)] == below for key in tree)


def _singleton(contract: Contract, node: Node) -> Draft | None:
    """Give what is one thing in its place: it can be read there, and written there."""
    operations = node.operations
    reading = operations.get("get")
    body = read_body(contract.data, reading) if reading is not None else None
    if body is None or not body.properties or body.is_array:
        return None
    found = locate_item(body, node.noun, ("id",))
    if found is None:
        return None
    is_written = not operations.keys().isdisjoint(("put", "patch"))
    if not is_written and "post" in operations:
        made = read_body(contract.data, operations["post"])
        request = read_request(contract.data, operations["post"])
        is_written = made is not None and request is not None and is_alike(made, body)
        is_written = is_written and request is not None and is_alike(request, found[1])
    written = [_has_part_of(contract, node, each, found[1]) for each in ("put", "patch", "post")]
    if not is_written or not any(written):
        return None
    return Draft(node.key, node, None, read=found[1], is_singleton=True)


def _is_of_item(draft: Draft, owner: Draft | None) -> bool:
    """Tell whether what seems one thing below an item is that item again, as Kubernetes has its status."""
    if owner is None or draft.read is None or draft.key[-2] != PARAMETER:
        return False
    return draft.read.identity in {each.identity for each in owner.known}


def _has_part_of(contract: Contract, node: Node, method: str, item: Members) -> bool:
    operation = node.operations.get(method)
    request = read_request(contract.data, operation) if operation is not None else None
    return request is not None and gives_part_of(request, [item])


def gives_part_of(request: Members, known: Sequence[Members]) -> bool:
    """Tell whether a request body has something of an item, at its top or one step below."""
    given = request.items if request.is_array else request
    if given is None or not given.properties:
        return not request.is_array and (request.is_object or not request.types)
    names = {plain(name) for each in known for name in each.properties}
    inner = [each.properties for each in given.properties.values() if each.is_object]
    return any(not names.isdisjoint(map(plain, each)) for each in (given.properties, *inner))
