"""What inferred collections begin with: the document's examples, else a few samples."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.contract.parameters.examples import known_values
from mockserver.contract.resources.answers import json_of
from mockserver.contract.resources.fitting import Fitting
from mockserver.contract.resources.item_ids import at, put
from mockserver.contract.resources.list_parameters import read_query_parts
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import DELETED, Collection, Parent, Resources, Steps
from mockserver.contract.samples.samples import Unsatisfiable
from mockserver.state.items import Item
from mockserver.state.keys import id_of, put_under, value_of, with_id, with_key
from mockserver.state.own_links import link_to_itself

_SAMPLES = 3
_MOST_CHOICES = 6

Content = Mapping[str, Sequence[Item]]
Outer = Mapping[str, tuple[Any, Callable[[Any], bool]]]


def start_content(contract: Contract, resources: Resources, seed: int = 0) -> dict[str, list[Item]]:
    """
    Give the items of every inferred collection, as a store takes them.

    They are the items in the examples of its operations, each once, else a few samples. What the examples of
    path parameters ask for is among them, and comes first. What lies under other items lies under such as
    exist.
    """
    content: dict[str, list[Item]] = {}
    for collection in _outermost_first(resources):
        content[collection.name] = []
        if collection.is_singleton:
            continue
        asked_for = _asked_for(contract, resources, collection)
        written = _examples(contract, resources, collection)
        items = _with_ids(contract, collection, written, asked_for, seed)
        least = _least(collection, content)
        if len(items) < least and not written:
            items = _samples(contract, resources, collection, seed, items, least)
        outer = _outer_values(contract, collection)
        settled = _settled(resources, collection, items, content, outer)
        said = {str(id_of(collection, each)) for each in written}
        for item in settled:
            link_to_itself(contract, collection, item, anew=str(id_of(collection, item)) not in said)
        content[collection.name] = settled
    for collection in resources.collections.values():
        _agree(resources, collection, content)
    return content


def settle(resources: Resources, content: Content) -> dict[str, list[Item]]:
    """
    Give content that somebody wrote as a store takes it: every item with the key it is known by.

    An item that does not say what it lies under is put under one of those there are.
    """
    settled = {name: list(items) for name, items in content.items()}
    for collection in _outermost_first(resources):
        if collection.name in settled:
            items = settled[collection.name]
            settled[collection.name] = _settled(resources, collection, items, settled, None)
    return settled


def key_fields(resources: Resources) -> dict[str, str]:
    """Give the collections that a store has to have, each with the name of its id field."""
    return {collection.name: collection.key_field for collection in resources.collections.values()}


def _outermost_first(resources: Resources) -> list[Collection]:
    return sorted(resources.collections.values(), key=lambda each: len(each.parents))


def _examples(contract: Contract, resources: Resources, collection: Collection) -> list[Item]:
    """Give the items in examples; of one that is there in brief and in full, the parts together."""
    found: dict[str, Item] = {}
    nameless: list[Item] = []
    for example in _written(contract, resources, collection):
        item_id = at(example, collection.id_steps) if collection.id_steps else None
        if isinstance(item_id, (str, int)) and not isinstance(item_id, bool) and item_id != "":
            found[str(item_id)] = {**example, **found.get(str(item_id), {})}
        elif example not in nameless:
            nameless.append(example)
    # Without an id it is no item that anybody could ask for, unless nothing else is known.
    items = list(found.values()) or nameless[:_SAMPLES]
    fitting = Fitting(contract)
    return [_fitted(fitting, collection, item, f"example-{number}") for number, item in enumerate(items)]


def _written(contract: Contract, resources: Resources, collection: Collection) -> Iterator[Item]:
    for wanted in ("list", "item"):
        for operation_id, role in resources.roles.items():
            if role.collection != collection.name or role.action in ("act", "unset", "delete"):
                continue
            for answer in role.answers:
                response = contract.by_id[operation_id].response(answer.status)
                media_type = json_of(response) if response is not None else None
                if answer.shape != wanted or media_type is None:
                    continue
                for example in media_type.examples.values():
                    value = at(example, answer.steps) if answer.steps else example
                    items = value if wanted == "list" else [value]
                    yield from (each for each in items or () if isinstance(each, dict) and each)


def _asked_for(contract: Contract, resources: Resources, collection: Collection) -> list[Any]:
    """Give the ids that the contract's examples of path parameters have for a collection's items."""
    found: dict[str, Any] = {}
    for operation_id, role in resources.roles.items():
        names = {each.parameter for each in role.parents if each.collection == collection.name}
        if role.collection == collection.name and role.id_place == "path" and role.id_name is not None:
            names.add(role.id_name)
        for parameter in contract.by_id[operation_id].parameters:
            if parameter.location == "path" and parameter.name in names:
                for value in known_values(contract, parameter)[:_SAMPLES]:
                    found.setdefault(str(value), value)
    return [each for each in found.values() if isinstance(each, (str, int))][:_SAMPLES]


def _with_ids(
    contract: Contract, collection: Collection, items: list[Item], asked_for: Sequence[Any], seed: int
) -> list[Item]:
    """Put the items with these ids first, and make those that are not there."""
    if collection.id_steps is None:
        return items
    by_id = {str(id_of(collection, item)): item for item in items}
    first: list[Item] = []
    for value in asked_for:
        made = by_id.pop(str(value), None)
        if made is None:
            item: Item = {}
            with_id(collection, item, _typed(_id_schema(contract, collection), value))
            made = _completed(contract, collection, item, f"{seed}/{collection.name}/{value}")
        if made is not None and str(id_of(collection, made)) == str(value):
            first.append(made)
    return [*first, *by_id.values()]


def _typed(schema: Members | None, value: Any) -> Any:
    """Give an id as its schema has it: a number that a path writes, or the text of one."""
    types = schema.types if schema is not None else ()
    if "integer" in types and isinstance(value, str) and value.isdecimal():
        return int(value)
    return str(value) if "string" in types and isinstance(value, int) else value


def _least(collection: Collection, content: Content) -> int:
    """Give how many items there are to be: two below the first of some others, one below each."""
    owners = [len(content.get(parent.collection or "", ())) for parent in collection.parents]
    return max(_SAMPLES, *(1 + min(each, _SAMPLES) for each in owners), 0)


def _samples(
    contract: Contract,
    resources: Resources,
    collection: Collection,
    seed: int,
    items: list[Item],
    least: int,
) -> list[Item]:
    """Give some items, and others beside them: one for each of the few values of a filter."""
    schema = _id_schema(contract, collection)
    counts = schema is not None and "integer" in schema.types
    items = list(items)
    taken = {str(id_of(collection, item)) for item in items}
    choices = _choices(contract, resources, collection)
    wanted = max([least, *(len(options) for _, options in choices)])
    for number in range(1, wanted * 4):
        item: Item = {}
        if counts:
            with_id(collection, item, number)
        chosen = dict(item)
        for steps, options in choices:
            put(chosen, steps, options[(number - 1) % len(options)])
        key = f"{seed}/{collection.name}#{number - 1}"
        made = _completed(contract, collection, chosen, key) or _completed(contract, collection, item, key)
        if made is not None and not collection.is_singleton:
            _name(contract, collection, made, number, seed)
        item_id = str(id_of(collection, made)) if made is not None else ""
        if made is None or item_id in taken:
            continue
        taken.add(item_id)
        items.append(made)
        if len(items) == wanted:
            break
    return items


def _choices(
    contract: Contract, resources: Resources, collection: Collection
) -> list[tuple[Steps, list[Any]]]:
    """Give the properties that lists can be filtered by, and the few values that each of them may have."""
    found: dict[Steps, list[Any]] = {}
    for operation_id, role in resources.roles.items():
        if role.collection != collection.name or role.action != "list":
            continue
        parts = {each.name: each for each in read_query_parts(contract.data, contract.by_id[operation_id])}
        for parameter in role.parameters:
            schema: Members | None = Members(contract.data, collection.pointers[0])
            for step in parameter.steps:
                schema = schema.properties.get(step) if schema is not None else None
            if schema is None or parameter.meaning != "filter" or not parameter.steps:
                continue
            options = schema.says("enum")
            if options is None and set(schema.types) <= {"string", "null"} and parameter.name in parts:
                options = parts[parameter.name].choices  # any text will do, but only these are asked for
            values = [each for each in options or () if each is not None]
            if 0 < len(values) <= _MOST_CHOICES and (schema.says("enum") is None or len(values) > 1):
                found[parameter.steps] = values
    return list(found.items())


def _name(contract: Contract, collection: Collection, item: Item, number: int, seed: int) -> None:
    """Give an item an id that its path takes, if it has none that is."""
    own = id_of(collection, item)
    if collection.id_pointer is None:
        if own is None:
            with_id(collection, item, str(number))
        return
    is_valid = contract.schemas.at(collection.id_pointer, "request").is_valid
    if own is not None and (is_valid(own) or is_valid(str(own))):
        return
    if own is None and is_valid(str(number)):
        with_id(collection, item, str(number))
        return
    with suppress(Unsatisfiable):
        sampled = contract.samples.sample(
            collection.id_pointer, f"{seed}/{collection.name}/{number}", "request"
        )
        if own is None or type(sampled) is type(own):
            with_id(collection, item, sampled)


def _completed(contract: Contract, collection: Collection, item: Item, seed: str) -> Item | None:
    try:
        made = contract.samples.complete(collection.pointers[0], item, seed)
    except Unsatisfiable:
        return None
    return made if isinstance(made, dict) else None


def _fitted(fitting: Fitting, collection: Collection, item: Item, seed: str) -> Item:
    item = dict(item)
    link_to_itself(fitting.contract, collection, item)
    try:
        made = fitting.fit(collection.pointers[0], item, f"{collection.name}/{seed}")
    except Unsatisfiable:
        return item
    return made if isinstance(made, dict) else item


def _id_schema(contract: Contract, collection: Collection) -> Members | None:
    if collection.id_steps is None:
        return None
    found: Members | None = Members(contract.data, collection.pointers[0])
    for step in collection.id_steps:
        found = found.properties.get(step) if found is not None else None
    return found


def _settled(
    resources: Resources,
    collection: Collection,
    items: Sequence[Item],
    content: Content,
    outer: Outer | None,
) -> list[Item]:
    """Put every item under something; with ``outer`` they are examples, which need not stay as they are."""
    settled: dict[str, Item] = {}
    for number, given in enumerate(items):
        item = dict(given)
        if id_of(collection, item) is None and not collection.is_singleton:
            with_id(collection, item, str(number + 1))
        _put_under_some(resources, collection, item, number, content, outer)
        with_key(collection, item)
        key = str(item.get(collection.key_field))
        if outer is None and key in settled:
            return [*settled.values(), *items[number:]]  # the store says what is wrong with it
        settled.setdefault(key, item)
    return list(settled.values())


def _put_under_some(
    resources: Resources,
    collection: Collection,
    item: Item,
    number: int,
    content: Content,
    outer: Outer | None,
) -> None:
    above: list[Any] = []
    for parent in collection.parents:
        own = value_of(parent, item)
        owner = resources.collections.get(parent.collection or "")
        known = _ids_under(owner, content, above) if owner is not None else []
        if known and (own is None or (outer is not None and str(own) not in map(str, known))):
            # Two below the first, so that there is a list to look at, and one below each of the others.
            own = known[max(0, number - 1) % len(known)]
            put_under(parent, item, own)
        elif own is None or (outer is not None and not _may_be(outer, parent, own)):
            own = outer[parent.parameter][0] if outer and parent.parameter in outer else "1"
            put_under(parent, item, own)
        above.append(own)


def _may_be(outer: Outer, parent: Parent, value: Any) -> bool:
    """Tell whether a path that names a value is taken."""
    is_valid = outer[parent.parameter][1] if parent.parameter in outer else None
    return is_valid is None or is_valid(value) or is_valid(str(value))


def _outer_values(contract: Contract, collection: Collection) -> Outer:
    """Give a believable value for each path parameter that items lie under, and what judges others."""
    found: dict[str, tuple[Any, Callable[[Any], bool]]] = {}
    for operation in contract.operations:
        if operation.path not in (collection.path, collection.item_path):
            continue
        for parameter in operation.parameters:
            if parameter.location == "path" and parameter.pointer is not None:
                with suppress(Unsatisfiable):
                    value = contract.samples.sample(parameter.pointer, parameter.name, "request")
                    is_valid = contract.schemas.at(parameter.pointer, "request").is_valid
                    found[parameter.name] = value, is_valid
    return found


def _agree(resources: Resources, collection: Collection, content: Content) -> None:
    """Let the items that are also shown below other items name such as exist, each one of them."""
    items = content[collection.name]
    if collection.parents:
        return
    views = {
        parent: known
        for role in resources.roles.values()
        if role.collection == collection.name and role.action in ("list", "create")
        for parent in role.parents
        if parent.steps != collection.id_steps and (known := _known(resources, parent, content))
    }
    beside = [parent for parent in views if parent.steps is None]
    for number, item in enumerate(items):
        for parent, known in views.items():
            if parent.steps is not None and str(at(item, parent.steps)) not in map(str, known):
                put_under(parent, item, known[number // 2 % len(known)])
        if beside:
            parent = beside[number % len(beside)]
            known = views[parent]
            put_under(parent, item, known[number // len(beside) // 2 % len(known)])


def _known(resources: Resources, parent: Parent, content: Content) -> list[Any]:
    owner = resources.collections.get(parent.collection or "")
    return _ids_under(owner, content, ()) if owner is not None else []


def _ids_under(owner: Collection, content: Content, above: Sequence[Any]) -> list[Any]:
    """Give the ids of the items that lie under these values."""
    found = []
    for item in content.get(owner.name, ()):
        values = [value_of(parent, item) for parent in owner.parents]
        alike = len(values) != len(above) or list(map(str, values)) == list(map(str, above))
        if alike and DELETED not in item:
            found.append(id_of(owner, item))
    return found
