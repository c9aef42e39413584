"""New items: what a client gave, and what a server adds to it: an id, times, values of its own."""

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.contract.resources import nouns
from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.roles import HIDDEN, ID, Collection, Role, Steps
from mockserver.contract.samples.samples import Unsatisfiable
from mockserver.contract.violation import Violation
from mockserver.respond.stateful.read_only import leave_out
from mockserver.state.items import Item
from mockserver.state.keys import id_of, shown
from mockserver.state.own_links import link_to_itself
from mockserver.state.store import Store

_CREATED = re.compile(
    r"(date|time|timestamp)?(created|creation|inserted|added|registered|opened|uploaded)"
    r"(at|on|date|time|timestamp|datetime|utc)?"
)
_UPDATED = re.compile(
    r"(date|time|timestamp)?(last)?(updated|update|modified|modification|changed|edited)"
    r"(at|on|date|time|timestamp|datetime|utc)?"
)
_TIMES = frozenset(("date-time", "date", "date-time-rfc-2822"))
_PREFIX = re.compile(r"([A-Za-z]{1,10}_)[A-Za-z0-9]{6,}")


class Maker:
    """Makes and changes the items of one collection for one operation."""

    def __init__(self, contract: Contract, collection: Collection, role: Role) -> None:
        self._contract = contract
        self._collection = collection
        self._schemas = [Members(contract.data, pointer) for pointer in collection.pointers]
        self.properties: Mapping[str, Members] = {
            name: each for schema in reversed(self._schemas) for name, each in schema.properties.items()
        }
        request = Members(contract.data, role.request_pointer) if role.request_pointer else None
        self._request = request.properties if request is not None else {}
        self.requires_id = request is not None and collection.id_field in request.required
        self._required = frozenset(n for each in self._schemas[:1] for n in each.required)
        held = (self.properties, self._request)
        self._read_only = {n for some in held for n, each in some.items() if each.says("readOnly") is True}

    def given(self, body: Any, role: Role) -> Item:
        """Give what a request may say of an item, spelled as the item spells it."""
        value = at(body, role.request_steps) if role.request_steps else body
        if not isinstance(value, dict):
            return {}
        found: Item = {}
        makes = role.action in ("create", "fill", "replace")
        for name, each in value.items():
            known = name if name in self.properties else nouns.find(name, self.properties) or name
            # What a change says and an item lacks is how to change it, not a part of it.
            is_foreign = not makes and name in self._request and known not in self.properties
            if known not in self._read_only and not known.startswith(HIDDEN) and not is_foreign:
                found[known] = leave_out(self.properties.get(known), each)
        if self._collection.id_field is not None and not self._takes_id():
            found.pop(self._collection.id_field, None)
        return found

    def is_settable(self, name: str) -> bool:
        """Tell whether clients may set a property at all."""
        return name not in self._read_only and (name in self._request or not self._request)

    def keeps_null(self, steps: Steps, *, is_merge_patch: bool = False) -> bool:
        """
        Tell whether ``null`` is a value of the property at some steps, and not the lack of one.

        In a merge patch it is the lack (RFC 7396), but for what an item always has.
        """
        schema, outer = self.properties.get(steps[0]), self._required
        for step in steps[1:]:
            outer = schema.required if schema is not None else frozenset()
            schema = schema.properties.get(step) if schema is not None else None
        if schema is None or not schema.is_nullable:
            return False
        return not is_merge_patch or steps[-1] in outer

    def array_named(self, names: Sequence[str]) -> str | None:
        """Give the property of an item that has several objects and is called so."""
        found = next((known for name in names if (known := nouns.find(name, self.properties))), None)
        items = self.properties[found].items if found is not None else None
        return found if items is not None and items.properties else None

    def may_be(self, name: str, value: Any) -> bool:
        return bool(self._contract.schemas.at(self.properties[name].pointer, "response").is_valid(value))

    def newly_broken(self, item: Item, changed: Item) -> Violation | None:
        """Give what breaks the schema of an item once it is changed, and did not before."""
        schema = self._contract.schemas.at(self._collection.pointers[0], "stored")

        def violations(each: Item) -> list[Violation]:
            # What only a request declares is stored with an item too.
            known = {n: v for n, v in shown(each).items() if n in self.properties or n not in self._request}
            return schema.violations(known)

        before = {(each.location, each.keyword) for each in violations(item)}
        return next((e for e in violations(changed) if (e.location, e.keyword) not in before), None)

    def is_servers(self, name: str) -> bool:
        """Tell whether a property is one that clients can neither set nor add."""
        return name.startswith(HIDDEN) or (name in self.properties and not self.is_settable(name))

    def kept_by_server(self, item: Item) -> Item:
        """Give the part of an item that a client cannot replace."""
        return {n: each for n, each in item.items() if not self.is_settable(n) or n.startswith(HIDDEN)}

    def defaults(self) -> Item:
        """Give what the contract says of the properties that a client leaves out of a whole item."""
        return {
            name: schema.says("default")
            for name, schema in self._request.items()
            if schema.says("default") is not None and self.is_settable(name) and name in self.properties
        }

    def filled(self, item: Item, now: str, seed: str) -> Item:
        """Give a new item with all that a server adds; what a client may leave out stays out."""
        stamped = self.stamped(dict(item), now, is_new=True)
        for name, schema in {**self._request, **self.properties}.items():
            if name in stamped or schema.says("writeOnly") is True:
                continue
            default = schema.says("default")
            own = self._request[name].says("default") if name in self._request else None
            if default is not None or own is not None:
                stamped[name] = default if own is None else own
            elif name in self.properties and (fresh := self._fresh(name, schema)) is not _UNKNOWN:
                stamped[name] = fresh
        self._refer(stamped)
        link_to_itself(self._contract, self._collection, stamped)
        pointer = self._collection.pointers[0]
        try:
            full = self._contract.samples.complete(pointer, stamped, seed)
        except Unsatisfiable:
            return stamped
        if not isinstance(full, dict):
            return stamped
        made = {
            n: v for n, v in full.items() if n in stamped or n in self._required or n not in self._request
        }
        is_valid = self._contract.schemas.at(pointer, "response").is_valid
        return {**stamped, **(made if is_valid(made) else full)}

    def _refer(self, item: Item) -> None:
        """Let what is shown of another item be of that one whose id is beside it: user, by user_id."""
        for name, schema in self.properties.items():
            own = next((n for n in schema.properties if nouns.plain(n) == "id"), None)
            beside = nouns.find(f"{name}_id", item)
            if own is not None and beside is not None and name not in item and item[beside] is not None:
                item[name] = {own: item[beside]}

    def _fresh(self, name: str, schema: Members) -> Any:
        """Give what a new item has where nobody said anything, if that is plain from the schema."""
        is_time = schema.says("format") in _TIMES
        if schema.is_nullable and (is_time or (name in self._required and name in self._request)):
            return None
        options = schema.says("enum")
        if name not in self._request and isinstance(options, list) and options and name in self._required:
            return options[0]
        return _UNKNOWN

    def stamped(self, item: Item, now: str, *, is_new: bool = False) -> Item:
        """Set the times of an item: when it was changed, and when it was made, unless a client said so."""
        for name, schema in self.properties.items():
            word = nouns.plain(name)
            is_created = _CREATED.fullmatch(word) is not None
            if not (is_created or _UPDATED.fullmatch(word)) or (is_created and not is_new):
                continue
            if is_new and name in item:
                continue
            value = _written(now, schema)
            if value is not None:
                item[name] = value
        return item

    def new_id(self, store: Store) -> Any:
        """Give an id of the type and format that the schema asks for, which no item has, nor had."""
        schema = self._id_schema()
        types = schema.types if schema is not None else ("string",)
        if schema is not None and ("integer" in types or "number" in types) and "string" not in types:
            return _next_number(store, self._collection, self._is_good_id(schema.pointer))
        collection = store[self._collection.name]
        if schema is None:
            return self._hidden_id(store)
        ids = [str(id_of(self._collection, each)) for each in collection.find(limit=3)]
        example = schema.says("example")
        ids = ids or ([example] if isinstance(example, str) else [])
        is_valid = self._is_good_id(schema.pointer)
        if ids and all(each.isascii() and each.isdecimal() for each in ids):
            number = _next_number(store, self._collection, lambda each: is_valid(str(each)))
            if is_valid(str(number)):
                return str(number)
        prefix = _PREFIX.fullmatch(ids[0]) if ids else None
        word = re.sub(r"[^a-z0-9]", "", nouns.singular(self._collection.name.rpartition(".")[2]).lower())
        made = store.new_id(prefix[1][:-1] if prefix else word or "item")
        if schema.says("format") == "uuid" or (ids and all(map(_UUID.fullmatch, ids))):
            return str(uuid.UUID(bytes=hashlib.blake2b(made.encode(), digest_size=16).digest(), version=4))
        return made if is_valid(made) else self._sampled_id(schema.pointer, made, store, is_valid)

    def _is_good_id(self, pointer: str) -> Callable[[Any], bool]:
        """Give what tells whether an id fits both the item and the path that will name it."""
        fits_item = self._contract.schemas.at(pointer, "response").is_valid
        path = self._collection.id_pointer
        if path is None:
            return lambda value: bool(fits_item(value))
        fits_path = self._contract.schemas.at(path, "request").is_valid
        return lambda value: bool(fits_item(value) and (fits_path(value) or fits_path(str(value))))

    def _hidden_id(self, store: Store) -> Any:
        made, path = store.new_id("item"), self._collection.id_pointer
        if path is None:
            return made
        is_valid = self._contract.schemas.at(path, "request").is_valid
        if is_valid(made):
            return made
        number = _next_number(store, self._collection, is_valid)
        return number if is_valid(number) else self._sampled_id(path, made, store, is_valid)

    def _sampled_id(self, pointer: str, seed: str, store: Store, is_valid: Callable[[Any], bool]) -> Any:
        collection = store[self._collection.name]
        taken = {str(id_of(self._collection, each)) for each in collection}
        made = None
        for attempt in range(50):
            # The path may ask for more than the item does.
            where = self._collection.id_pointer if attempt % 2 and self._collection.id_pointer else pointer
            made = self._contract.samples.sample(where, f"{seed}/{attempt}")
            if str(made) not in taken and is_valid(made):
                break
        return made

    def _takes_id(self) -> bool:
        field = self._collection.id_field
        return not self._request or field in self._request

    def _id_schema(self) -> Members | None:
        steps = self._collection.id_steps
        for schema in self._schemas if steps else ():
            found: Members | None = schema
            for step in steps or ():
                found = found.properties.get(step) if found is not None else None
            if found is not None:
                return found
        return None


def _next_number(store: Store, collection: Collection, is_valid: Callable[[int], bool]) -> int:
    """
    Give a number for a new item: above all that any item had, and the id of none.

    An item that has the last number that is valid ends no counting: one goes on below it.
    """

    def highest() -> int:
        ids = (str(id_of(collection, each)) for each in store[collection.name])
        numbers = sorted((int(each) for each in ids if each.isascii() and each.isdecimal()), reverse=True)
        return next((each for each in numbers if is_valid(each + 1)), 0)

    number = store.next_number(collection.name, highest)
    while _is_taken(store, collection, number):
        number = store.next_number(collection.name, highest)
    return number


def _is_taken(store: Store, collection: Collection, number: int) -> bool:
    """Tell whether an item has a number as its id, wherever it lies; what is indexed is asked first."""
    items = store[collection.name]
    field = collection.id_field if collection.id_steps else ID
    if field == collection.key_field:
        return number in items
    if field is None or field in _PARAMETERS_OF_COUNT:
        return items.count(lambda item: str(id_of(collection, item)) == str(number)) > 0
    values: tuple[Any, ...] = (number, str(number))
    return any(items.count(**{field: each}) for each in values)


def _written(now: str, schema: Members) -> Any:
    """Write a time as the schema of a property wants it, ``None`` where it wants no time."""
    moment = datetime.fromisoformat(now.replace("Z", "+00:00")).astimezone(UTC)
    if "integer" in schema.types or "number" in schema.types:
        is_milliseconds = (
            (schema.says("example") or 0) > 10**11 if _is_number(schema.says("example")) else False
        )
        return int(moment.timestamp() * (1000 if is_milliseconds else 1))
    if "string" not in schema.types or schema.says("enum"):
        return None
    match schema.says("format"):
        case "date":
            return moment.date().isoformat()
        case "date-time-rfc-2822":
            return format_datetime(moment)
        case "date-time" | None:
            return now
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_PARAMETERS_OF_COUNT = ("self", "where")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_UNKNOWN: Any = object()
