"""Changes to a document that stand beside it: the OpenAPI Overlay, applied to what was read."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver.contract.loading.defects import ContractError, Defect, place_of
from mockserver.contract.loading.files import Change, SourceFile
from mockserver.contract.loading.json_path import BadPath, select
from mockserver.contract.loading.text import parse_document, read_file
from mockserver.contract.pointers import escape

# Under this name overlays are told apart from the document that they change; nothing stands there.
KEY = "x-mock-overlays"


class BadOverlay(ValueError):
    """An overlay cannot be applied: ``pointer`` leads to what is wrong in it."""

    def __init__(self, pointer: str, text: str) -> None:
        super().__init__(text)
        self.pointer = pointer


@dataclass
class Overlaid:
    """
    A document with its changes.

    ``notes`` tell of actions that changed nothing, by pointers into the overlay; ``updates`` are the places
    of the document that were changed, each with the pointer to the update and the update itself.
    """

    document: dict[str, Any]
    notes: list[tuple[str, str]] = field(default_factory=list)
    updates: list[tuple[str, str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Overlays:
    """A document with the changes of overlay files, which are told of as the files of a document are."""

    document: dict[str, Any]
    files: tuple[SourceFile, ...]
    changes: tuple[Change, ...]
    found: tuple[tuple[str, str], ...]


def apply_files(document: dict[str, Any], paths: Iterable[Path]) -> Overlays:
    """
    Apply overlay files, one after another.

    Raises:
        MockServerError: one cannot be read, or is no overlay that can be applied.
    """
    files: list[SourceFile] = []
    changes: list[Change] = []
    found: list[tuple[str, str]] = []
    for path in paths:
        name = path.name if all(path.name != file.name for file in files) else str(path)
        source = read_file(path)
        file = SourceFile(name, path, source, f"/{KEY}/{len(files)}")
        try:
            overlaid = apply_overlay(document, parse_document(name, source))
        except BadOverlay as bad:
            line = file.line_of(file.pointer + bad.pointer)
            raise ContractError([Defect(name, line, place_of(bad.pointer), f"{bad}.")]) from bad
        document = overlaid.document
        files.append(file)
        changes += [Change(pointer, update, file.pointer + at) for pointer, at, update in overlaid.updates]
        found += [(file.pointer + at, text) for at, text in overlaid.notes]
    return Overlays(document, tuple(files), tuple(changes), tuple(found))


def apply_overlay(document: Mapping[str, Any], overlay: Any) -> Overlaid:
    """
    Give a document with the actions of an overlay done, one after another; what is given is not changed.

    ``update`` is merged into every object that its ``target`` selects, lists in it added to those that are
    there, and is added to every list; ``remove: true`` takes out what is selected.

    Raises:
        BadOverlay: it is no overlay, or a target cannot be read.

    Source: OpenAPI Overlay Specification 1.0.0; JSONPath is that of RFC 9535, in part.
    """
    if not isinstance(overlay, dict) or not str(overlay.get("overlay", "")).startswith("1."):
        raise BadOverlay("", "is no overlay; it should begin with a line such as overlay: 1.0.0")
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise BadOverlay("", "actions is missing; it should be a list of targets and updates")
    overlaid = Overlaid(dict(document))
    for number, action in enumerate(actions):
        place = f"/actions/{number}"
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            raise BadOverlay(place, "target is missing; it should be a JSONPath such as $.paths")
        target, is_removal = action["target"], action.get("remove") is True
        if "update" not in action and not is_removal:
            raise BadOverlay(place, "has neither an update nor remove: true")
        try:
            found = select(overlaid.document, target)
        except BadPath as error:
            raise BadOverlay(f"{place}/target", f"{target}: {error}") from error
        if is_removal:
            _remove(overlaid.document, found, place)
        elif not _update(overlaid, found, action["update"], f"{place}/update") and found:
            overlaid.notes.append((f"{place}/update", f"changes nothing: {target} has all of it already."))
        if not found:
            overlaid.notes.append((f"{place}/target", f"{target} selects nothing, so nothing is changed."))
    return overlaid


def _remove(document: dict[str, Any], found: Sequence[tuple[Any, ...]], place: str) -> None:
    # From the last on, so that those before keep their place in a list.
    for steps in reversed(found):
        if not steps:
            raise BadOverlay(place, "the whole document cannot be removed")
        del _own(document, steps[:-1])[steps[-1]]


def _update(overlaid: Overlaid, found: Sequence[tuple[Any, ...]], update: Any, at: str) -> bool:
    """Change what was selected; tells whether anything is other than before."""
    is_other = False
    for steps in found:
        value = _own(overlaid.document, steps)
        pointer = "".join(f"/{escape(str(step))}" for step in steps)
        if isinstance(value, list):
            overlaid.updates.append((f"{pointer}/{len(value)}", at, update))
            value.append(copy.deepcopy(update))
            is_other = True
        elif isinstance(value, dict) and isinstance(update, dict):
            overlaid.updates.append((pointer, at, update))
            is_other = _merge(value, update) or is_other
        else:
            text = f"{place_of(pointer)} is no object or list that this could be added to"
            raise BadOverlay(at, text)
    return is_other


def _merge(value: dict[str, Any], update: Mapping[str, Any]) -> bool:
    is_other = False
    for name, new in update.items():
        old = value.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            value[name] = {**old}
            is_other = _merge(value[name], new) or is_other
        elif isinstance(old, list) and isinstance(new, list):
            value[name] = [*old, *copy.deepcopy(new)]
            is_other = is_other or bool(new)
        else:
            is_other = is_other or name not in value or old != new
            value[name] = copy.deepcopy(new)
    return is_other


def _own(document: Any, steps: tuple[Any, ...]) -> Any:
    """Give what steps lead to for this place alone: an alias of YAML stands in several."""
    for step in steps:
        document[step] = copy.copy(document[step])
        document = document[step]
    return document
