"""Changes to the items of a store that somebody wrote down: what is put, patched and removed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.contract.pointers import escape
from mockserver.contract.resources.roles import KEY, Resources
from mockserver.errors import MockServerError, nearest
from mockserver.state.arranging import ItemRefused, arrange
from mockserver.state.clock import Clock
from mockserver.state.collection import Collection
from mockserver.state.fixtures import say_violation
from mockserver.state.items import Item
from mockserver.state.keys import is_there, shown, value_of, with_key
from mockserver.state.store import Store

# Among more items than that no id is looked for that is like the one which is not there.
_MANY = 2000


@dataclass(frozen=True, slots=True)
class Wrong:
    """One change that cannot be made: where among the changes it stands, and why not."""

    pointer: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """What happens in one collection: items come, or take the place of others; some change; some go."""

    put: Sequence[Mapping[str, Any]] = ()
    patch: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    remove: Sequence[str | int] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What happens to the items of a store, by collection."""

    parts: Mapping[str, Part]
    contract: Contract
    resources: Resources

    def apply(self, store: Store, now: datetime) -> list[Wrong]:
        """
        Make the changes, with times that may be relative to ``now``; first what is removed, then what is put.

        Gives what cannot be made, and is left out: an item that is not there, or one that breaks its schema.
        """
        with store.transaction():
            return [
                wrong for name, part in self.parts.items() for wrong in self._change(name, part, store, now)
            ]

    def _change(self, name: str, part: Part, store: Store, now: datetime) -> Iterator[Wrong]:
        collection, place = store[name], f"/{escape(name)}"
        for index, item_id in enumerate(part.remove):
            if find(collection, str(item_id)) is None:
                yield Wrong(f"{place}/remove/{index}", _not_there(collection, str(item_id)))
            else:
                collection.remove(item_id)
        for index, item in enumerate(part.put):
            yield from self._put(collection, item, now, f"{place}/put/{index}")
        for item_id, changes in part.patch.items():
            before = find(collection, item_id)
            pointer = f"{place}/patch/{escape(item_id)}"
            if before is None:
                yield Wrong(pointer, _not_there(collection, item_id))
            else:
                yield from self._store(
                    collection, item_id, {**shown(before), **changes}, before, now, pointer
                )

    def _put(
        self, collection: Collection, item: Mapping[str, Any], now: datetime, pointer: str
    ) -> Iterator[Wrong]:
        try:
            key = self._key_of(collection, dict(item))
        except ValueError as error:
            yield Wrong(pointer, str(error))
            return
        before = collection.get(key) if key in collection else None
        yield from self._store(collection, key, item, before, now, pointer)

    def _key_of(self, collection: Collection, item: Item) -> str:
        inferred = self.resources.collections.get(collection.name)
        if inferred is not None and inferred.key_field == KEY:
            for parent in inferred.parents:
                if value_of(parent, item) is None:
                    raise ValueError(f"the item does not say which {parent.parameter} it lies under.")
            with_key(inferred, item)
        return collection.key_of(item)

    def _store(
        self,
        collection: Collection,
        key: str,
        item: Mapping[str, Any],
        before: Item | None,
        now: datetime,
        pointer: str,
    ) -> Iterator[Wrong]:
        try:
            made = arrange(self.contract, self.resources, collection, key, item, before, Clock(now))
            if before is None:
                collection.insert(made)
            else:
                collection.replace(key, made)
        except ItemRefused as error:
            for violation in error.violations:
                own = replace(violation, location=violation.location[1:])  # without the body that it is not
                at = "".join(f"/{escape(str(step))}" for step in own.location)
                yield Wrong(pointer + at, f'{collection.name} "{key}": {say_violation(own)}')
            if not error.violations:
                yield Wrong(pointer, str(error))
        except (ValueError, TypeError, MockServerError) as error:
            yield Wrong(pointer, str(error))


def find(collection: Collection, item_id: str) -> Item | None:
    """Give an item of a collection, ``None`` where it is not there."""
    item = collection.get(item_id) if item_id in collection else None
    return item if is_there(item) else None


def _not_there(collection: Collection, item_id: str) -> str:
    known = [str(each[collection.id_field]) for each in collection] if len(collection) <= _MANY else []
    return f'{collection.name} has no item "{item_id}".{nearest(item_id, known)}'
