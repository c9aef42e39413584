"""What differs between two snapshots: items added, removed and changed, and in those each field."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.state.contents import Contents
from mockserver.state.index import key_of
from mockserver.state.items import Item
from mockserver.state.store import Snapshot


@dataclass(frozen=True, slots=True)
class FieldChange:
    """
    A field that is not what it was.

    ``path`` is dotted, such as ``address.city``; a name with a dot in it is in quotes, as in JSON. A list is
    compared as a whole. ``before`` or ``after`` is
    ``ABSENT`` where the field was not there, which is not the same as null.
    """

    path: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        """Give what a client sees: ``before`` or ``after`` is left out where the field was not there."""
        sides = {"before": self.before, "after": self.after}
        return {"path": self.path} | {name: value for name, value in sides.items() if value is not ABSENT}


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one collection differs: ids that were added, removed and changed, and how each changed."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: Mapping[str, tuple[FieldChange, ...]]


def compare(before: Snapshot, after: Snapshot) -> dict[str, Comparison]:
    """
    Tell by collection what differs; those that hold the same are left out.

    Items that are equal as JSON are the same, wherever they stand. Where both snapshots come from one
    beginning, it costs a look at what was written since, whatever the size. What it gives shares nested
    values with the snapshots: it is for reading only.
    """
    nothing = Contents({}, {})
    compared = {
        name: _compare(before.contents.get(name, nothing), after.contents.get(name, nothing))
        for name in {**before.contents, **after.contents}
    }
    return {name: one for name, one in compared.items() if one.added or one.removed or one.changed}


def _compare(before: Contents, after: Contents) -> Comparison:
    added, removed, changed = [], [], {}
    for item_id in before.differences(after):
        was, now = before.get(item_id), after.get(item_id)
        if was is None:
            added.append(item_id)
        elif now is None:
            removed.append(item_id)
        elif fields := tuple(_fields(was, now, "")):
            changed[item_id] = fields
    return Comparison(tuple(after.sort(added, ())), tuple(before.sort(removed, ())), changed)


def _fields(before: Item, after: Item, prefix: str) -> Iterator[FieldChange]:
    for name in {**before, **after}:
        was, now = before.get(name, ABSENT), after.get(name, ABSENT)
        if was is now:
            continue
        path = f"{prefix}{_step(name)}"
        if isinstance(was, dict) and isinstance(now, dict):
            yield from _fields(was, now, f"{path}.")
        elif was is ABSENT or now is ABSENT or key_of(was) != key_of(now):
            yield FieldChange(path, was, now)


def _step(name: str) -> str:
    """Write a name so that no two ways through an item are written alike."""
    return json.dumps(name, ensure_ascii=False) if "." in name or name.startswith('"') else name
