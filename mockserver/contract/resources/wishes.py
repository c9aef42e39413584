"""What a document says of its collections itself, in ``x-mock-collection``."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.loading.defects import ContractError, Defect
from mockserver.contract.operation import Contract, Operation
from mockserver.contract.pointers import resolve
from mockserver.contract.resources.answers import read_answers
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import find
from mockserver.contract.resources.roles import Collection, Envelope, Parent, Resources, Role, Steps
from mockserver.errors import nearest

_KEYWORD = "x-mock-collection"
_FIELDS = ("collection", "action", "id", "items", "item")
_ACTIONS = ("list", "create", "fill", "clear", "read", "replace", "change", "delete", "act")
_OF_ITEMS = frozenset(("read", "replace", "change", "delete", "act"))


def is_switched_off(contract: Contract, operation: Operation) -> bool:
    return _wish(contract, operation)[0] is False


def apply_wishes(contract: Contract, resources: Resources) -> Resources:
    """
    Correct what was inferred by what the document says.

    Raises:
        MockServerError: something that it says cannot be meant.
    """
    wrong: list[Defect] = []
    for operation in contract.operations:
        wish, pointer = _wish(contract, operation)
        if wish is not None and wish is not False:
            try:
                resources = _Wish(contract, operation, wish, pointer).apply(resources)
            except ContractError as error:
                wrong += error.defects
    if wrong:
        raise ContractError(wrong)
    return resources


def _wish(contract: Contract, operation: Operation) -> tuple[Any, str]:
    """Give what stands beside an operation, else beside its path."""
    item_pointer = operation.pointer.rpartition("/")[0]
    for pointer in (operation.pointer, item_pointer):
        found = resolve(contract.data, pointer).get(_KEYWORD)
        if found is not None:
            return found, f"{pointer}/{_KEYWORD}"
    return None, ""


class _Wish:
    def __init__(self, contract: Contract, operation: Operation, wish: Any, pointer: str) -> None:
        self._contract = contract
        self._operation = operation
        self._pointer = pointer
        if not isinstance(wish, dict):
            raise self._refuse("should be false, or a mapping such as {collection: pets, action: list}.")
        self._wish: Mapping[str, Any] = wish
        for name, value in wish.items():
            if name not in _FIELDS or not isinstance(value, str):
                hint = nearest(name, _FIELDS)
                raise self._refuse(f"{name} is not known as a text; known are {', '.join(_FIELDS)}.{hint}")

    def apply(self, resources: Resources) -> Resources:
        before = resources.roles.get(self._operation.operation_id)
        name = self._wish.get("collection") or (before.collection if before else None)
        action = self._wish.get("action") or (before.action if before else None)
        if name is None or action not in _ACTIONS:
            raise self._refuse(
                f"{'action' if name else 'collection'} is needed; an action is one of {', '.join(_ACTIONS)}."
            )
        collection = resources.collections.get(name) or self._new(name, action)
        role = self._role(collection, action, before)
        operation_id = self._operation.operation_id
        return Resources(
            {**resources.roles, operation_id: role},
            {**resources.collections, name: self._with_id(collection, role)},
            {**resources.reasons, operation_id: role.reasons},
        )

    def _new(self, name: str, action: str) -> Collection:
        bodies = [each for each in self._answers(action, ()) if each.item_pointer is not None]
        if not bodies:
            raise self._refuse(f"there is no collection {name} yet, and no item is found in this operation.")
        item_pointer = bodies[0].item_pointer or ""
        return Collection(name, self._operation.path, None, None, None, (item_pointer,))

    def _role(self, collection: Collection, action: Any, before: Role | None) -> Role:
        known = tuple(Members(self._contract.data, pointer) for pointer in collection.pointers)
        answers = self._answers(action, known)
        names = [p.name for p in self._operation.parameters if p.location == "path"]
        places = {p.name: p.location for p in self._operation.parameters}
        id_name = self._parameter(collection, action, before)
        if action in _OF_ITEMS and id_name is None:
            raise self._refuse(f"id is needed for {action}: the parameter or property that names the item.")
        place = places.get(id_name or "", "body")
        parents = [n for n in names if n != id_name]
        properties = {n for each in known for n in each.properties}
        role = before or Role(action, collection.name, answers)
        return replace(
            role,
            action=action,
            collection=collection.name,
            answers=answers,
            parents=before.parents
            if before is not None and before.collection == collection.name
            else tuple(Parent(n, None, _step(find(n, properties))) for n in parents),
            id_place="query" if place == "query" else "path" if place == "path" else "body",
            id_name=id_name,
            reasons=(f"{_KEYWORD} says so.",),
        )

    def _parameter(self, collection: Collection, action: Any, before: Role | None) -> str | None:
        """Give what names the item in a request: a parameter, or a property where that is in the body."""
        names = [p.name for p in self._operation.parameters if p.location == "path"]
        asked = [p.name for p in self._operation.parameters if p.location in ("path", "query")]
        wanted = self._wish.get("id")
        inferred = before.id_name if before is not None else None
        if wanted is None or wanted in asked:
            found = wanted or inferred
            return found or (names[-1] if names and action in _OF_ITEMS else None)
        properties = self._properties(collection)
        if wanted not in properties:
            hint = nearest(wanted, [*asked, *properties])
            raise self._refuse(f"id: {wanted} is neither a parameter nor a property of the items.{hint}")
        if action not in _OF_ITEMS:
            return inferred
        # A property is asked for by the path's own parameter; where a path has none, the body names the item.
        is_in_path = inferred in names or self._operation.path.endswith("}")
        return (inferred if inferred in names else names[-1]) if is_in_path else wanted

    def _properties(self, collection: Collection) -> list[str]:
        return [n for p in collection.pointers for n in Members(self._contract.data, p).properties]

    def _with_id(self, collection: Collection, role: Role) -> Collection:
        names = self._properties(collection)
        wanted = self._wish.get("id")
        if wanted in names and wanted != role.id_name:
            parameter = role.id_name or collection.id_parameter
            return replace(collection, id_steps=(wanted,), id_parameter=parameter)
        if collection.id_steps is not None or role.id_name is None:
            return collection
        steps = _step(find(role.id_name, names) or find("id", names))
        return replace(collection, id_steps=steps, id_parameter=role.id_name)

    def _answers(self, action: Any, known: tuple[Members, ...]) -> tuple[Envelope, ...]:
        noun = str(self._wish.get("collection", ""))
        found = read_answers(self._contract.data, self._operation, action, noun, known)
        answers = tuple(self._moved(each) for each in found)
        if action == "list" and not (answers and answers[0].shape == "list"):
            raise self._refuse("no list is found in its answer; items says where it is, such as data.pets.")
        if action == "read" and not (answers and answers[0].shape == "item"):
            raise self._refuse("no item is found in its answer; item says where it is, such as data.pet.")
        return answers

    def _moved(self, answer: Envelope) -> Envelope:
        """Look where the document says that the items, or the item, sit."""
        text = self._wish.get("items") or self._wish.get("item")
        if text is None or answer.pointer is None:
            return answer
        steps: Steps = tuple(step for step in text.split(".") if step)
        found = Members(self._contract.data, answer.pointer)
        for step in steps:
            inner = found.properties.get(step)
            if inner is None:
                hint = nearest(step, found.properties)
                raise self._refuse(f"{text}: there is no {step} in the answer {answer.status}.{hint}")
            found = inner
        if "items" in self._wish:
            if found.items is None:
                raise self._refuse(f"{text or 'the body'} is no array in the answer {answer.status}.")
            return replace(answer, shape="list", steps=steps, item_pointer=found.items.pointer)
        return replace(answer, shape="item", steps=steps, item_pointer=found.pointer)

    def _refuse(self, text: str) -> ContractError:
        told = f"{text} (operation {self._operation.operation_id})"
        return ContractError([self._contract.defect(self._pointer, told)])


def _step(name: str | None) -> Steps | None:
    return (name,) if name is not None else None
