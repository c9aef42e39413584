"""How items of inferred collections are told apart: by their own id, and by what they lie under."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from mockserver.contract.resources.item_ids import at, put
from mockserver.contract.resources.roles import DELETED, HIDDEN, ID, KEY, PARENTS, Collection, Parent
from mockserver.state.items import Item

_ALONE = "the"


def key_for(collection: Collection, above: Sequence[Any], item_id: Any) -> str:
    """Give the key of an item by the values of the parameters above it, and by its id."""
    if collection.key_field != KEY:
        return str(item_id)
    parts = [*above, *(() if collection.is_singleton else (item_id,))]
    return "/".join(quote(str(part), safe="") for part in parts) or _ALONE


def id_of(collection: Collection, item: Item) -> Any:
    return at(item, collection.id_steps) if collection.id_steps else item.get(ID)


def with_id(collection: Collection, item: Item, item_id: Any) -> None:
    put(item, collection.id_steps or (ID,), item_id)


def value_of(parent: Parent, item: Item) -> Any:
    """Give the value of a path parameter that an item lies under, ``None`` where nobody said."""
    own = at(item, parent.steps) if parent.steps else None
    return own if own is not None else (item.get(PARENTS) or {}).get(parent.kept_as or parent.parameter)


def put_under(parent: Parent, item: Item, value: Any) -> None:
    """Let an item lie under a value of a path parameter: in its own property, or kept beside it."""
    if parent.steps:
        put(item, parent.steps, value)
    else:
        item[PARENTS] = {**(item.get(PARENTS) or {}), parent.kept_as or parent.parameter: value}


def with_key(collection: Collection, item: Item) -> None:
    """Give an item the property that a store knows it by, where that is none of its own."""
    if collection.key_field == KEY:
        above = [value_of(parent, item) for parent in collection.parents]
        item[KEY] = key_for(collection, above, id_of(collection, item))


def is_under(item: Item, parents: Iterable[Parent], values: Iterable[Any]) -> bool:
    """Tell whether an item lies under these values of path parameters."""
    for parent, value in zip(parents, values, strict=True):
        own = value_of(parent, item)
        if own is not None:
            if str(own) != str(value):
                return False
        elif not _mentions(item, str(value)):
            return False
    return True


def is_there(item: Item | None) -> bool:
    return item is not None and DELETED not in item


def shown(item: Item) -> Item:
    """Give an item without what is never shown."""
    return {name: value for name, value in item.items() if not name.startswith(HIDDEN)}


def _mentions(item: Item, value: str) -> bool:
    """Tell whether something in an item has an id of this value: what it belongs to, or is made of."""
    return any(
        str(inner) == value
        for name, each in item.items()
        if not name.startswith(HIDDEN)
        for part in _objects(each)
        for key, inner in part.items()
        if key.lower() in ("id", "uuid", "sid", "key", "slug", "name")
    )


def _objects(value: Any) -> Iterator[Item]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))
