"""How items of inferred collections are told apart: by their own id, and by what they lie under."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from mockserver.contract.resources.item_ids import at, put
from mockserver.contract.resources.nouns import listed, plain, singulars
from mockserver.contract.resources.roles import DELETED, HIDDEN, ID, KEY, PARENTS, Collection, Parent
from mockserver.state.collection import Collection as Items
from mockserver.state.items import Item

# Parameters of a collection's own find.
_NO_FIELDS = ("self", "where", "order", "offset", "limit")
_ALONE = "the"
_IDS = ("id", "uuid", "sid", "key", "slug", "name")
# What an item belongs to may be called so, whatever it is.
_BELONGING = listed(
    "owner parent item target source subject resource object entity container account belongsto"
)


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
        elif not _mentions(item, parent, str(value)):
            return False
    return True


def find_under(items: Items, parents: Sequence[Parent], several: Sequence[Sequence[Any]]) -> list[Item]:
    """Find the items that lie under any of several series of values of path parameters, in one pass."""
    known = {tuple(map(str, values)) for values in several}

    def lies_there(item: Item) -> bool:
        own = [value_of(parent, item) for parent in parents]
        if None not in own:
            return tuple(map(str, own)) in known
        return any(is_under(item, parents, values) for values in several)

    steps = parents[-1].steps or ()
    if len(several) != 1 or len(steps) != 1 or steps[0] in _NO_FIELDS:
        return items.find(lies_there)
    # By its own property the store finds them without a pass; without one they may still mention the value.
    value = several[0][-1]
    text = str(value)
    wanted: list[Any] = [text, None, *([int(text)] if text.isascii() and text.isdecimal() else ())]
    return [item for each in wanted for item in items.find(lies_there, **{steps[0]: each})]


def is_there(item: Item | None) -> bool:
    return item is not None and DELETED not in item


def shown(item: Item) -> Item:
    """Give an item without what is never shown."""
    return {name: value for name, value in item.items() if not name.startswith(HIDDEN)}


def _mentions(item: Item, parent: Parent, value: str) -> bool:
    """Tell whether what an item says it belongs to has an id of this value."""
    return any(
        str(inner) == value
        for name, each in item.items()
        if isinstance(each, (dict, list)) and not name.startswith(HIDDEN) and _may_be(name, parent)
        for part in _objects(each)
        for key, inner in part.items()
        if key.lower() in _IDS
    )


@lru_cache(maxsize=10_000)
def _may_be(name: str, parent: Parent) -> bool:
    """Tell whether a property is called as the parent is, or so that it may be any."""
    called = plain(name)
    if called in _BELONGING:
        return True
    # It may be called parent_folder, too.
    words = [plain(parent.parameter), plain((parent.collection or "").rpartition(".")[2])]
    words += [word.removesuffix(end) for word in words for end in _IDS if word.endswith(end)]
    ones = {one for word in words if word not in _IDS for one in singulars(word)}
    return not ones.isdisjoint(singulars(called)) or any(len(o) > 2 and called.endswith(o) for o in ones)


def _objects(value: Any) -> Iterator[Item]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))
