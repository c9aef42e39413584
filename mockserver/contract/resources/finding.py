"""Which operations of a contract form collections: found from paths and schemas, with reasons."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mockserver.contract.media.media_types import is_json, sent_as
from mockserver.contract.operation import Contract, Operation
from mockserver.contract.pointers import resolve
from mockserver.contract.resources.answers import read_answers, read_request, succeeds
from mockserver.contract.resources.drafts import Draft, gives_part_of
from mockserver.contract.resources.envelopes import count_name, locate_item
from mockserver.contract.resources.item_ids import find_id
from mockserver.contract.resources.list_parameters import read_list_parameters, read_query_parts
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import find, plain, singulars
from mockserver.contract.resources.path_tree import PARAMETER, Node, steps_of
from mockserver.contract.resources.places import Places
from mockserver.contract.resources.roles import Action, Collection, Envelope, Parent, Resources, Role
from mockserver.contract.resources.wishes import apply_wishes, is_switched_off

_ITEM_ACTIONS: Mapping[str, Action] = {
    "get": "read",
    "put": "replace",
    "patch": "change",
    "post": "change",
    "delete": "delete",
}
JSON_PATCH = "application/json-patch+json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_COUNTS = ("count", "total")
_MADE_BY = ("create", "add", "new")


def find_resources(contract: Contract) -> Resources:
    """
    Find the collections of a contract, and what each operation does to them.

    What the document says in ``x-mock-collection``, beside a path or an operation, is believed.

    Raises:
        MockServerError: an ``x-mock-collection`` cannot be meant; the text says where and why.
    """
    return apply_wishes(contract, _Finder(contract).resources())


def describe(resources: Resources, operation_id: str) -> list[str]:
    """Give sentences about how an operation is answered from state, or why it is not."""
    role = resources.roles.get(operation_id)
    reasons = resources.reasons.get(operation_id, ())
    if role is None:
        return ["no state", *reasons]
    lines = [f"{role.action} of {role.collection}", *reasons]
    for parent in role.parents:
        where = f"the item of {parent.collection} that has to be there" if parent.collection else "above them"
        held = f"which is their {'.'.join(parent.steps)}" if parent.steps else "which is kept beside them"
        lines.append(f"{parent.parameter} names {where}, {held}.")
    if resources.collections[role.collection].is_open:
        lines.append("nothing lists or makes such items, so each is there until it is deleted.")
    return lines


class _Finder:
    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._data = contract.data
        operations = [each for each in contract.operations if not is_switched_off(contract, each)]
        self._places = Places(contract, operations)

    def resources(self) -> Resources:
        roles: dict[str, Role] = {}
        reasons: dict[str, tuple[str, ...]] = {}
        for operation in self._contract.operations:
            key, parameters = steps_of(operation.path)
            node = self._places.tree.get(key)
            if is_switched_off(self._contract, operation):
                reasons[operation.operation_id] = ("x-mock-collection is false.",)
                continue
            if operation.responses and not succeeds(operation):
                refuses = "it declares no success, so what it declares is answered."
                reasons[operation.operation_id] = (refuses,)
                continue
            role = self._role(node, operation) if node is not None else None
            if role is None and node is not None:
                role = self._act(node, operation)
            if role is not None:
                role = _spelled(role, node.parameters if node is not None else parameters, parameters)
                roles[operation.operation_id] = role
                reasons[operation.operation_id] = role.reasons
            else:
                reasons[operation.operation_id] = (self._why_not(operation, node),)
        used = {role.collection for role in roles.values()}
        used |= {p.collection for role in roles.values() for p in role.parents if p.collection}
        collections = {
            name: replace(each, is_open=self._is_open(each, roles))
            for name, each in self._places.collections.items()
            if name in used
        }
        return Resources(roles, collections, reasons)

    @staticmethod
    def _is_open(collection: Collection, roles: Mapping[str, Role]) -> bool:
        own = [role for role in roles.values() if role.collection == collection.name]
        makes = any(
            role.action in ("create", "fill")
            or (role.action == "replace" and any(each.status == 201 for each in role.answers))
            for role in own
        )
        return not makes and not any(role.action == "list" for role in own)

    def _role(self, node: Node, operation: Operation) -> Role | None:
        if operation.method not in _ITEM_ACTIONS:
            return None
        if node.key in self._places.views:
            return self._on_collection(node, operation, self._places.drafts[self._places.views[node.key]])
        draft = self._places.owners.get(node.key)
        if draft is not None and draft.is_singleton:
            return self._on_singleton(node, operation, draft)
        if draft is not None and (not node.is_item or draft.node is not None):
            role = self._on_collection(node, operation, draft)
            if role is not None:
                return role
        if node.key[-1].lower().lstrip("$") in _COUNTS and operation.method == "get":
            return self._count(node, operation)
        if node.key in self._places.items:
            return self._on_item(node, operation, self._places.owners[self._places.items[node.key]])
        return None

    def _on_collection(self, node: Node, operation: Operation, draft: Draft) -> Role | None:
        collection = self._places.collection_of(draft)
        where = f"{node.path} holds the items of {collection.name}"
        if node.key != draft.key:
            where = f"{node.path} has items of the same schema as {collection.path}"
        match operation.method:
            case "get":
                role = self._make(node, operation, draft, "list", where)
                if role.answers and role.answer.shape == "list":
                    item = Members(self._data, role.answer.item_pointer or "", collection.pointers)
                    reasons = (*role.reasons, _say_list(role.answer))
                    parameters = read_list_parameters(operation, item)
                    if parameters:
                        meant = ", ".join(f"{each.name} ({each.meaning})" for each in parameters)
                        reasons = (*reasons, f"its query parameters are {meant}.")
                    understood = {each.name for each in parameters}
                    parts = read_query_parts(self._data, operation)
                    unknown = [each.name for each in parts if each.name not in understood]
                    reasons = (*reasons, *(f"{name} is not understood and ignored." for name in unknown))
                    return replace(role, parameters=parameters, reasons=reasons)
                return None
            case "post":
                if not self._is_making(node, operation, draft):
                    return None
                role = self._with_request(self._make(node, operation, draft, "create", where), operation)
                return role if role.answers else None
            case "delete" if self._query_id(operation, collection) is None:
                return self._clear(node, operation, draft, where)
            case "put" if (request := read_request(self._data, operation)) is not None and request.is_array:
                if request.items is not None and locate_item(request.items, draft.noun, (), draft.known):
                    role = self._with_request(self._make(node, operation, draft, "fill", where), operation)
                    return role if role.answers else None
                return None
        return self._by_given_id(node, operation, draft, where)

    def _count(self, node: Node, operation: Operation) -> Role | None:
        """Read the role of what tells how many items there are: a number, or an object with one."""
        draft = self._places.owners.get(node.key[:-1])
        if draft is None or draft.is_singleton:
            return None
        above = Node(node.key[:-1], node.path, node.parameters, {})
        where = f"{node.path} tells how many items {self._places.collection_of(draft).name} has"
        role = self._make(above, operation, draft, "count", where)
        role = replace(role, answers=tuple(_as_other(each) for each in role.answers))
        body = Members(self._data, role.answer.pointer or "") if role.answers else _NOTHING
        if "integer" not in body.types and count_name(body) is None:
            return None
        item = Members(self._data, draft.known[0].pointer)
        return replace(role, parameters=read_list_parameters(operation, item))

    def _is_making(self, node: Node, operation: Operation, draft: Draft) -> bool:
        request = read_request(self._data, operation)
        answers = read_answers(self._data, operation, "create", draft.noun, draft.known)
        says_so = any(
            each.status == 201 and (each.shape == "item" or (request is None and node.key == draft.key))
            for each in answers
        )
        if not says_so and (request is None or not gives_part_of(request, draft.known)):
            return False
        if node.key == draft.key or node.key[-1].lower() in _MADE_BY:
            return True
        return "get" in node.operations or (request is not None and request.is_array)

    def _clear(self, node: Node, operation: Operation, draft: Draft, where: str) -> Role | None:
        required = any(p.required for p in operation.parameters if p.location == "query")
        several = any(plain(p.name) in ("ids", "uris", "names", "keys") for p in operation.parameters)
        body = read_request(self._data, operation)
        several = several or (body is not None and any(_is_choice(n, e) for n, e in body.properties.items()))
        if required or several or node.key != draft.key:
            return None
        role = self._make(node, operation, draft, "clear", where)
        item = Members(self._data, draft.known[0].pointer)
        role = replace(role, parameters=read_list_parameters(operation, item))
        return role if role.answers else None

    def _by_given_id(self, node: Node, operation: Operation, draft: Draft, where: str) -> Role | None:
        """Read the role of an operation whose item is named in its query or its body."""
        collection = self._places.collection_of(draft)
        action = _ITEM_ACTIONS[operation.method]
        name = self._query_id(operation, collection)
        role = self._with_request(self._make(node, operation, draft, action, where), operation)
        if not role.answers or collection.id_field is None or node.key != draft.key:
            return None
        if name is not None:
            because = f"its query parameter {name} names the item."
            return replace(role, id_place="query", id_name=name, reasons=(*role.reasons, because))
        request = Members(self._data, role.request_pointer) if role.request_pointer else _NOTHING
        if collection.id_field in request.properties:
            because = f"{collection.id_field} in its body names the item."
            return replace(
                role, id_place="body", id_name=collection.id_field, reasons=(*role.reasons, because)
            )
        return None

    def _query_id(self, operation: Operation, collection: Collection) -> str | None:
        names = {plain(collection.id_field or "id"), "id"}
        names |= {f"{one}id" for one in singulars(collection.name.rpartition(".")[2])}
        return next(
            (
                p.name
                for p in operation.parameters
                if p.location == "query" and p.required and plain(p.name) in names
            ),
            None,
        )

    def _on_item(self, node: Node, operation: Operation, draft: Draft) -> Role | None:
        collection = self._places.collection_of(draft)
        action = _ITEM_ACTIONS[operation.method]
        if action in ("replace", "change") and not self._is_changing(operation, draft):
            return None
        if operation.method == "post" and not node.operations.keys().isdisjoint(("put", "patch")):
            # Beside those, it is no change; it may bring back what was deleted, or anything else.
            if draft.has("post") or not self._is_called_creation(operation):
                return None
            action = "create"
        elif operation.method == "post" and not draft.has("post") and "201" in operation.responses:
            action = "create"
        where = f"{node.path} is one item of {collection.name}"
        role = self._with_request(self._make(node, operation, draft, action, where), operation)
        if not role.answers or (action == "read" and role.answer.shape != "item"):
            return None
        asked = Members(self._data, collection.id_pointer) if collection.id_pointer is not None else None
        found = find_id(collection.id_parameter, draft.noun, draft.known, asked=asked)
        because = found[1] if found else "the items have no id of their own, so that is kept beside them"
        return replace(role, id_name=node.parameters[-1], reasons=(*role.reasons, f"{because}."))

    def _is_called_creation(self, operation: Operation) -> bool:
        said = resolve(self._data, operation.pointer).get("summary") or ""
        words = set(re.findall(r"[a-z]+", f"{operation.operation_id} {said}".lower()))
        return "201" in operation.responses and not words.isdisjoint(_MADE_BY)

    def _is_changing(self, operation: Operation, draft: Draft) -> bool:
        """Tell whether an operation has something of an item to change it with, in a body or a query."""
        if operation.request_body is not None:
            request = read_request(self._data, operation)
            if JSON_PATCH in operation.request_body.content:
                return True
            readable = any(is_json(sent_as(n)) or n in FORMS for n in operation.request_body.content)
            return readable and request is not None and gives_part_of(request, draft.known)
        names = {plain(name) for each in draft.known for name in each.properties}
        return any(plain(p.name) in names for p in operation.parameters if p.location == "query")

    def _on_singleton(self, node: Node, operation: Operation, draft: Draft) -> Role | None:
        action = _ITEM_ACTIONS[operation.method]
        action = "replace" if operation.method == "post" else action
        where = f"{node.path} is one thing that is read and written there"
        role = self._with_request(self._make(node, operation, draft, action, where), operation)
        return role if role.answers and (action != "read" or role.answer.shape == "item") else None

    def _act(self, node: Node, operation: Operation) -> Role | None:
        """Read the role of what stands below an item: it answers 404 where there is no such item."""
        if operation.method not in (*_ITEM_ACTIONS, "head"):
            return None
        for length in range(len(node.key), 0, -1):
            own = Node(node.key[:length], "", node.parameters[: node.key[:length].count(PARAMETER)])
            owner = self._places.owner_of(own.key, own.parameters[-1]) if own.parameters else None
            if owner is None:
                continue
            draft = self._places.owners[owner]
            collection = self._places.collection_of(self._places.owners[owner])
            where = f"{operation.path} is below an item of {collection.name}, which has to be there"
            role = self._make(own, operation, draft, "act", where)
            return self._below(node, operation, draft, replace(role, id_name=own.parameters[-1]))
        return None

    def _below(self, node: Node, operation: Operation, draft: Draft, role: Role) -> Role:
        """Tell what an operation below an item does to it, if it answers with that item."""
        if not (role.answers and role.answer.shape == "item"):
            return role
        if not self._is_whole_item(role.answer, draft):
            return replace(role, answers=tuple(_as_other(each) for each in role.answers))
        role = self._with_request(role, operation)
        properties = Members(self._data, role.answer.item_pointer or "").properties
        cleared = find(node.key[-1], properties) if node.key[-1:] != (PARAMETER,) else None
        if operation.method == "delete" and cleared is not None:
            because = f"it empties {cleared}, after which the path is called."
            return replace(role, action="unset", cleared=cleared, reasons=(*role.reasons, because))
        because = "it answers with the item, changed by what its body has of the item's properties."
        return replace(role, reasons=(*role.reasons, because))

    def _is_whole_item(self, answer: Envelope, draft: Draft) -> bool:
        """Tell an item from what has no more than its id: that may be of anything."""
        schema = Members(self._data, answer.item_pointer or "")
        known = {each.identity: len(each.properties) for each in draft.known}
        return schema.identity in known or len(schema.properties) * 2 >= max(known.values())

    def _make(self, node: Node, operation: Operation, draft: Draft, action: Action, where: str) -> Role:
        collection = self._places.collection_of(draft)
        key = draft.key if node.key == (*draft.key, PARAMETER) and action != "list" else node.key
        parameters = node.parameters[: key.count(PARAMETER)]
        parents = self._places.parents_of(key, parameters, draft, collection.id_steps)
        if action == "list" and node.key == (*draft.key, PARAMETER):
            # A list of the one item that is asked for, as some contracts have it.
            parents = self._places.parents_of(draft.key, parameters[:-1], draft, collection.id_steps)
            parents = (*parents, Parent(node.parameters[-1], None, collection.id_steps))
        return Role(
            action=action,
            collection=collection.name,
            answers=read_answers(self._data, operation, action, draft.noun, draft.known),
            parents=parents,
            reasons=(f"{where}.",),
        )

    def _with_request(self, role: Role, operation: Operation) -> Role:
        """Find the item in the body of a request: the whole, or something in it."""
        body = read_request(self._data, operation)
        if body is None:
            return role
        if list(operation.request_body.content if operation.request_body else ()) == [JSON_PATCH]:
            return role
        if body.is_array and body.items is not None:
            return replace(role, request_pointer=body.items.pointer)
        collection = self._places.collections[role.collection]
        known = [Members(self._data, pointer) for pointer in collection.pointers]
        noun = role.collection.rpartition(".")[2]
        names = {name for each in known for name in each.properties}
        if not names & set(body.properties):
            found = locate_item(body, noun, ("id",))
            if found is not None and found[0]:
                return replace(role, request_pointer=found[1].pointer, request_steps=found[0])
        return replace(role, request_pointer=body.pointer)

    def _why_not(self, operation: Operation, node: Node | None) -> str:
        if node is None:
            return "a path with a fragment is never asked for."
        if operation.method not in _ITEM_ACTIONS:
            return f"{operation.method.upper()} says nothing about items."
        return (
            f"{operation.path} is neither a list of objects, nor one of the items of a list, nor below one, "
            "nor one thing that is both read and written."
        )


def _is_choice(name: str, schema: Members) -> bool:
    """Tell whether a property of a body says which items are meant, rather than how all are treated."""
    is_named = plain(name) in ("ids", "uris", "names", "keys")
    return schema.is_array and (is_named or (schema.items is not None and schema.items.is_object))


def _spelled(role: Role, known: Sequence[str], own: Sequence[str]) -> Role:
    """Give a role with the names of parameters as its own path has them; another of that shape gave them."""
    names = dict(zip(known, own, strict=True))
    parents = tuple(
        replace(each, parameter=names[each.parameter], kept_as=each.parameter)
        if names.get(each.parameter, each.parameter) != each.parameter
        else each
        for each in role.parents
    )
    id_name = names.get(role.id_name or "", role.id_name) if role.id_place == "path" else role.id_name
    return replace(role, parents=parents, id_name=id_name)


_NOTHING = Members({"": {}}, "/")


def _as_other(answer: Envelope) -> Envelope:
    return replace(answer, shape="other", steps=(), item_pointer=None) if answer.shape == "item" else answer


def _say_list(answer: Envelope) -> str:
    return f"the items are in {'.'.join(answer.steps)}." if answer.steps else "the items are the whole body."
