"""Changes to a document that stand beside it: the OpenAPI Overlay, applied to what was read."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.contract.json_path import BadPath, select
from mockserver.errors import MockServerError


@dataclass(frozen=True)
class Overlaid:
    """A document with its changes, and a note on each action that found nothing to change."""

    document: dict[str, Any]
    notes: tuple[str, ...]


def apply_overlay(document: Mapping[str, Any], overlay: Any, name: str = "overlay") -> Overlaid:
    """
    Give a copy of a document with the actions of an overlay done, one after another.

    ``update`` is merged into every object that its ``target`` selects, lists in it added to those that are
    there, and is added to every list; ``remove: true`` takes out what is selected.

    Raises:
        MockServerError: it is no overlay, or a target cannot be read; ``name`` says which file.

    Source: OpenAPI Overlay Specification 1.0.0; JSONPath is that of RFC 9535, in part.
    """
    if not isinstance(overlay, dict) or not str(overlay.get("overlay", "")).startswith("1."):
        raise MockServerError(f'{name}: is no overlay; it should begin with a line such as "overlay: 1.0.0".')
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise MockServerError(f"{name}: actions is missing; it should be a list of targets and updates.")
    changed = copy.deepcopy(dict(document))
    notes = []
    for number, action in enumerate(actions, start=1):
        place = f"{name}, action {number}"
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            raise MockServerError(f"{place}: target is missing; it should be a JSONPath such as $.paths.")
        if "update" not in action and action.get("remove") is not True:
            raise MockServerError(f"{place}: has neither an update nor remove: true.")
        try:
            found = select(changed, action["target"])
        except BadPath as error:
            raise MockServerError(f"{place}: target {action['target']}: {error}.") from error
        if not found:
            notes.append(f"{place}: target {action['target']} selects nothing.")
        if action.get("remove") is True:
            _remove(changed, found, place)
        else:
            _update(changed, found, action["update"], place)
    return Overlaid(changed, tuple(notes))


def _remove(document: dict[str, Any], found: list[tuple[Any, ...]], place: str) -> None:
    # From the last on, so that those before keep their place in a list.
    for steps in reversed(found):
        if not steps:
            raise MockServerError(f"{place}: the whole document cannot be removed.")
        del _at(document, steps[:-1])[steps[-1]]


def _update(document: dict[str, Any], found: list[tuple[Any, ...]], update: Any, place: str) -> None:
    for steps in found:
        value = _at(document, steps)
        if isinstance(value, list):
            value.append(copy.deepcopy(update))
        elif isinstance(value, dict) and isinstance(update, dict):
            _merge(value, update)
        else:
            where = ".".join(map(str, steps))
            raise MockServerError(f"{place}: {where} is no object or list, so that nothing can be added.")


def _merge(value: dict[str, Any], update: Mapping[str, Any]) -> None:
    for name, new in update.items():
        old = value.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            _merge(old, new)
        elif isinstance(old, list) and isinstance(new, list):
            old.extend(copy.deepcopy(new))
        else:
            value[name] = copy.deepcopy(new)


def _at(document: Any, steps: tuple[Any, ...]) -> Any:
    for step in steps:
        document = document[step]
    return document
