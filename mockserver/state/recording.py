"""What a backend answered, kept in a folder: items as a fixture set, and whole answers as examples."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

import orjson

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.resources.finding import find_resources
from mockserver.contract.resources.fitting import Fitting
from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.roles import HIDDEN, NO_RESOURCES, Collection, Resources, Role
from mockserver.contract.samples.samples import Unsatisfiable
from mockserver.errors import MockServerError
from mockserver.state.fixture_files import write_value
from mockserver.state.fixtures import collections_of, read_file
from mockserver.state.items import Item
from mockserver.state.keys import id_of, put_under, value_of, with_id, with_key
from mockserver.state.masks import Headers, Masks
from mockserver.state.recorded_examples import RecordedExamples

# At least so many seconds lie between two times that the folder is written, and many times what it takes.
_PAUSE = 5.0
_SHARE = 30

EXAMPLES = "examples/overlay.json"
"""Where the examples are in the folder: deeper than the files of a fixture set."""


@dataclass(frozen=True)
class Exchange:
    """
    One request and its answer.

    ``values`` are the path parameters, typed, by their contract name; ``request_value`` and ``value`` the two
    bodies, ``None`` for a request without one that keeps the contract. ``is_valid`` tells of the answer.
    """

    operation: Operation
    method: str
    target: str
    values: Mapping[str, Any]
    headers: Headers
    request_value: Any
    status: int
    media_type: str
    value: Any
    is_valid: bool = True


class Recording:
    """
    A folder to record in, to which every run adds.

    Of items of one id the later wins, part by part; what was deleted goes. Secrets are masked before anything
    is kept. It has to be bound to a contract first, and is written every now and then.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.left_out: dict[str, int] = {}
        self._items: dict[str, dict[str, Item]] = {}
        self._resources = NO_RESOURCES
        self._changed: set[str] = set()
        self._due = 0.0

    def bind(self, contract: Contract, served: Resources) -> None:
        """
        Record by a contract, to what was recorded before; ``served`` are the collections that its mock has.

        What did not fit an earlier contract is no file's yet, and may fit this one.

        Raises:
            MockServerError: what is in the folder cannot be read.
        """
        self.write()
        self._contract = contract
        self._resources = find_resources(contract)
        self._schemas = collections_of(contract, served)
        self._fitting = Fitting(contract)
        self._masks = Masks(contract)
        self._examples = RecordedExamples(contract, self._masks)
        if self.folder.exists() and not self.folder.is_dir():
            raise MockServerError(f"--record {self.folder}: is a file; name a folder.")
        self._items = {name: self._known(name) for name in self._schemas}
        self._changed |= {name for name in self.left_out if name in self._items}
        self.left_out.clear()
        overlay = self.folder / EXAMPLES
        if overlay.is_file():
            self._examples.add(read_file(overlay))
        self._due = monotonic() + _PAUSE

    def take(self, exchange: Exchange) -> None:
        """Keep what an exchange tells, and write it if that was long ago."""
        self._take_items(exchange)
        if exchange.is_valid:
            self._examples.take(
                exchange.operation,
                exchange.method,
                exchange.target,
                exchange.headers,
                exchange.request_value,
                exchange.status,
                exchange.media_type,
                exchange.value,
            )
        if monotonic() >= self._due:
            started = monotonic()
            self.write()
            ended = monotonic()
            self._due = ended + max(_PAUSE, _SHARE * (ended - started))

    def write(self) -> None:
        """
        Write what changed, file by file, each as a whole.

        Raises:
            MockServerError: a file cannot be written.
        """
        for name in sorted(self._changed):
            fitted = [self._fitted(name, key, item) for key, item in self._items[name].items()]
            items = [item for item in fitted if item is not None]
            self.left_out[name] = len(fitted) - len(items)
            write_value(self.folder / f"{name}.json", items)
        self._changed.clear()
        if self._resources is not NO_RESOURCES and self._examples.is_changed:
            write_value(self.folder / EXAMPLES, self._examples.overlay())
            self._examples.is_changed = False

    def counts(self) -> Mapping[str, int]:
        """Give how many items there are by collection, with those that were there before."""
        return {name: len(items) - self.left_out.get(name, 0) for name, items in self._items.items() if items}

    @property
    def example_count(self) -> int:
        """How many examples there are."""
        return len(self._examples) if self._resources is not NO_RESOURCES else 0

    def _take_items(self, exchange: Exchange) -> None:
        role = self._resources.roles.get(exchange.operation.operation_id)
        if role is None or role.collection not in self._items or not 200 <= exchange.status < 300:
            return
        collection = self._resources.collections[role.collection]
        answer = next((each for each in role.answers if each.status == exchange.status), role.answer)
        if role.action in ("act", "unset", "clear") or answer.shape not in ("list", "item"):
            return
        value = at(exchange.value, answer.steps) if answer.steps else exchange.value
        credentials = self._masks.credentials(exchange.headers, exchange.target, exchange.operation.path)
        exchange = replace(exchange, values=self._masked(exchange.values, credentials))
        schema = self._schemas[role.collection]
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                masked = self._masks.mask(each, credentials, schema.is_valid)
                if answer.shape == "item" or isinstance(value, list):
                    self._put(collection, role, dict(masked), exchange)

    def forget(self, operation: Operation, values: Mapping[str, Any]) -> None:
        """Take away the item that was deleted."""
        role = self._resources.roles.get(operation.operation_id)
        if role is None or role.action != "delete" or role.id_place != "path":
            return
        name, values = role.id_name or "", self._masked(values, frozenset())
        if name not in values:
            return
        collection, items = self._resources.collections[role.collection], self._items.get(role.collection, {})
        item: Item = {}
        with_id(collection, item, values[name])
        self._put_above(collection, role, item, values)
        if items.pop(_key(collection, item), None) is not None:
            self._changed.add(role.collection)

    def _masked(self, values: Mapping[str, Any], credentials: frozenset[str]) -> Mapping[str, Any]:
        masked: Mapping[str, Any] = self._masks.mask(dict(values), credentials, lambda _: True)
        return masked

    def _put(self, collection: Collection, role: Role, item: Item, exchange: Exchange) -> None:
        is_named = role.id_place == "path" and role.action != "list"
        if is_named and id_of(collection, item) is None and (role.id_name or "") in exchange.values:
            with_id(collection, item, exchange.values[role.id_name or ""])
        self._put_above(collection, role, item, exchange.values)
        # What has no name is known by all that it says, and only a list tells that it is there.
        is_lost = _is_nameless(collection, item) and role.action != "list"
        if is_lost or any(value_of(parent, item) is None for parent in collection.parents):
            return
        key = _key(collection, item)
        items = self._items[collection.name]
        merged = {**items.get(key, {}), **item}
        if items.get(key) != merged:
            items[key] = merged
            self._changed.add(collection.name)

    def _put_above(self, collection: Collection, role: Role, item: Item, values: Mapping[str, Any]) -> None:
        for parent in role.parents:
            if value_of(parent, item) is None and parent.parameter in values:
                put_under(parent, item, values[parent.parameter])

    def _known(self, name: str) -> dict[str, Item]:
        if name in self._items:
            return self._keyed(name, [*self._items[name].values()])
        file = self.folder / f"{name}.json"
        return self._keyed(name, read_file(file)) if file.is_file() else {}

    def _keyed(self, name: str, items: Any) -> dict[str, Item]:
        if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
            raise MockServerError(f"{self.folder / name}.json: should be a list of items.")
        collection = self._resources.collections.get(name)
        return {_key(collection, item) if collection else str(item.get("id")): item for item in items}

    def _fitted(self, name: str, key: str, item: Item) -> Item | None:
        """Give an item as a fixture set may have it: what a list leaves out of it is made up."""
        hidden = {each: value for each, value in item.items() if each.startswith(HIDDEN)}
        visible = {each: value for each, value in item.items() if each not in hidden}
        schema, collection = self._schemas[name], self._resources.collections.get(name)
        if not schema.is_valid(visible) and collection is not None:
            try:
                visible = self._fitting.fit(collection.pointers[0], visible, f"{name}/{key}")
            except Unsatisfiable:
                return None
        return {**visible, **hidden} if schema.is_valid(visible) else None


def _is_nameless(collection: Collection, item: Item) -> bool:
    return id_of(collection, item) is None and not collection.is_singleton


def _key(collection: Collection, item: Item) -> str:
    if _is_nameless(collection, item):
        return orjson.dumps(item, option=orjson.OPT_SORT_KEYS).decode()
    with_key(collection, item)
    return str(item.get(collection.key_field))
