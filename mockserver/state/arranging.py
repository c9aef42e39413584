"""Items that are put into a collection past the API: fitted to their place, held against their schema."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from mockserver.contract.operation import Contract
from mockserver.contract.resources.roles import DELETED, HIDDEN, KEY, Resources
from mockserver.contract.resources.roles import Collection as Inferred
from mockserver.contract.schema import Schema
from mockserver.contract.violation import Violation
from mockserver.state.clock import Clock
from mockserver.state.collection import Collection
from mockserver.state.fixtures import Intake, collections_of, say_violation
from mockserver.state.items import Item
from mockserver.state.keys import id_of, put_under, shown, value_of, with_id, with_key
from mockserver.state.parts import shown as as_text


class ItemRefused(ValueError):
    """An item that cannot be put there; ``violations`` are the ways in which it breaks its schema."""

    def __init__(self, text: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(text)
        self.violations = violations


def arrange(
    contract: Contract,
    resources: Resources,
    collection: Collection,
    key: str,
    body: Mapping[str, Any],
    before: Item | None,
    clock: Clock,
) -> Item:
    """
    Give an item as a collection stores it under a key.

    Its id may be left out. Times may be relative to the clock, as in fixtures. What is kept beside an item
    and never shown stays as it was ``before``.

    Raises:
        ItemRefused: it says that it has another id, or breaks the schema of the collection's items.
    """
    schema = collections_of(contract, resources)[collection.name]
    kept = {name: value for name, value in (before or {}).items() if name.startswith(HIDDEN)}
    item = {**kept, **body}
    item.pop(DELETED, None)
    inferred = resources.collections.get(collection.name)
    if inferred is not None and inferred.key_field == KEY:
        _lay_under(inferred, item, key, schema)
    else:
        _give_id(item, collection.id_field, key, before, schema)
    if collection.key_of(item) != key:
        raise ItemRefused(f'The item\'s id leads to "{collection.key_of(item)}", not to "{key}".')
    now = datetime.fromtimestamp(clock.now(), UTC)
    item = Intake(schema, contract.data, now, has_id=False).take(item)
    violations = [each.within("body") for each in schema.violations(shown(item))]
    if violations:
        said = " ".join(say_violation(each) for each in schema.violations(shown(item))[:10])
        raise ItemRefused(f'{collection.name} "{key}": {said}', violations)
    return item


def _give_id(item: Item, field: str, key: str, before: Item | None, schema: Schema) -> None:
    if field in item:
        given = item[field]
        if isinstance(given, bool) or str(given) != key:
            raise ItemRefused(f'{field} is {as_text(given)} in the body, and "{key}" in the path.')
    else:
        item[field] = before[field] if before is not None else _typed(item, field, key, schema)


def _lay_under(collection: Inferred, item: Item, key: str, schema: Schema) -> None:
    """Let an item lie under what its key says it lies under, and have the id that the key ends with."""
    parts = [unquote(part) for part in key.split("/")]
    for parent, value in zip(collection.parents, parts, strict=False):
        if value_of(parent, item) is None:
            put_under(parent, item, value)
    rest = parts[len(collection.parents) :]
    if id_of(collection, item) is None and rest and not collection.is_singleton:
        with_id(collection, item, rest[0])
    with_key(collection, item)


def _typed(item: Item, field: str, key: str, schema: Schema) -> str | int:
    """Give an id that only the path has said, a number where the schema has no other."""
    if not (key.isascii() and key.isdigit()) or str(int(key)) != key:
        return key
    refused = [each for each in schema.violations(shown({**item, field: key})) if each.location == (field,)]
    return int(key) if refused else key
