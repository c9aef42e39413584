"""Where an item is: the address that its own path gives, and the properties that say it."""

from collections.abc import Iterator
from urllib.parse import quote

from mockserver.contract.operation import Contract
from mockserver.contract.resources.item_ids import at, put
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import listed, plain
from mockserver.contract.resources.path_tree import steps_of
from mockserver.contract.resources.roles import Collection, Steps
from mockserver.state.items import Item
from mockserver.state.keys import id_of, value_of

_LINKS = listed("links link")
_SELF = listed("self selflink selfurl selfuri href resourceuri")
_ADDRESS = listed("href url uri")


def path_of(collection: Collection, item: Item) -> str | None:
    """Give the path of one item, without the base path; ``None`` where its collection has none for it."""
    path = collection.item_path
    values = [value_of(parent, item) for parent in collection.parents]
    names = steps_of(path)[1] if path is not None else ()
    if path is None or len(names) != len(values) + 1:
        return None
    for name, value in zip(names, [*values, id_of(collection, item)], strict=True):
        if value is None:
            return None
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    return path if "{" not in path else None


def origin(contract: Contract) -> str:
    """Give scheme and host of the document's first server, for those who want whole addresses."""
    servers = contract.data.get("servers") or [{}]
    scheme, mark, rest = str(servers[0].get("url", "")).partition("://")
    host = rest.partition("/")[0]
    return f"{scheme}://{host}" if mark and host and "{" not in scheme + host else "http://localhost"


def link_to_itself(contract: Contract, collection: Collection, item: Item, *, anew: bool = False) -> None:
    """Let an item say where it is, if it has a property for that; what it says stays, unless ``anew``."""
    path = path_of(collection, item)
    if path is None:
        return
    text = contract.base_path + path
    for steps, schema in _places(Members(contract.data, collection.pointers[0])):
        if anew or at(item, steps) is None:
            is_valid = contract.schemas.at(schema.pointer, "response").is_valid
            address = next((each for each in (text, origin(contract) + text) if is_valid(each)), None)
            if address is not None:
                put(item, steps, address)


def _places(schema: Members) -> Iterator[tuple[Steps, Members]]:
    """Give where a schema says of a thing where that is: ``self``, ``links.self``, ``_links.self.href``."""
    for name, each in schema.properties.items():
        if plain(name) in _SELF:
            yield from _texts((name,), each)
        elif plain(name) in _LINKS and each.is_object:
            for inner, one in each.properties.items():
                if plain(inner) == "self":
                    yield from _texts((name, inner), one)


def _texts(steps: Steps, schema: Members) -> Iterator[tuple[Steps, Members]]:
    if "string" in schema.types:
        yield steps, schema
        return
    for name, each in schema.properties.items():
        if plain(name) in _ADDRESS and "string" in each.types:
            yield (*steps, name), each
            return
