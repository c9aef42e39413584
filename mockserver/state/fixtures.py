"""Read a fixture set, check every item against its schema; write one."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from mockserver.contract.document import parse_file
from mockserver.contract.operation import Contract
from mockserver.contract.schema import Schema, dereference
from mockserver.contract.violation import Violation
from mockserver.errors import MockServerError, nearest
from mockserver.state.clock import normalise_time, read_time, write_time
from mockserver.state.items import Item

Content = dict[str, list[Item]]

_SUFFIXES = (".yaml", ".yml", ".json")


def collections_of(contract: Contract) -> Mapping[str, Schema]:
    """
    Give the collections that a contract's ``x-mock`` names, each with the schema of its items.

    Raises:
        MockServerError: one names a schema that the contract lacks.
    """
    named = contract.settings.get("collections") or {}
    known = (contract.data.get("components") or {}).get("schemas") or {}
    found = {}
    for collection, name in named.items():
        if name not in known:
            hint = nearest(str(name), known)
            raise MockServerError(
                f'{contract.name}: x-mock.collections.{collection} is "{name}", '
                f"which is not in components.schemas.{hint}"
            )
        found[collection] = contract.schemas.at(f"/components/schemas/{name}")
    return found


def read_set(folder: Path, name: str, contract: Contract, now: datetime) -> Content:
    """
    Read a fixture set: a folder with a file for each collection, or one TinyDB database file.

    ``name`` is looked for in ``folder`` (``demo``, ``demo.json``), else taken as a path of its own. Times
    may be relative to ``now``: ``+3d``, ``-2h``. Every collection is in what is returned, empty where the set
    says nothing of it.

    Raises:
        MockServerError: there is no such set, or an item breaks its schema; every such item is named.
    """
    path = _find(folder, name)
    schemas = collections_of(contract)
    content: Content = {collection: [] for collection in schemas}
    complaints: list[str] = []
    for place, collection, items in _read_database(path) if path.is_file() else _read_folder(path):
        if collection not in schemas:
            hint = nearest(collection, schemas)
            known = ", ".join(schemas) or "none"
            complaints.append(f"{place}: the contract has no collection {collection}; it has {known}.{hint}")
            continue
        checked = _Checked(schemas[collection], contract.data, now)
        content[collection] = [checked.take(f"{place}, item {i + 1}", item) for i, item in enumerate(items)]
        complaints += checked.complaints
    if complaints:
        raise MockServerError("\n".join(complaints))
    return content


def write_folder(path: Path, content: Mapping[str, Sequence[Item]]) -> None:
    """Write a set as a folder with one JSON file for each collection."""
    path.mkdir(parents=True, exist_ok=True)
    for collection, items in content.items():
        text = json.dumps(list(items), indent=2, ensure_ascii=False)
        (path / f"{collection}.json").write_text(f"{text}\n", encoding="utf-8")


def write_database(path: Path, content: Mapping[str, Sequence[Item]]) -> None:
    """Write a set as one file that ``TinyDB(path)`` opens."""
    tables = {
        collection: {str(index): item for index, item in enumerate(items, start=1)}
        for collection, items in content.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(tables))


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.json", Path(name)):
        if path.exists():
            return path
    sets = sorted(each.name for each in folder.glob("*") if each.is_dir() or each.suffix == ".json")
    known = ", ".join(sets) or "none"
    raise MockServerError(f'{folder}: there is no fixture set "{name}"; there are: {known}.')


def _read_folder(path: Path) -> Iterator[tuple[str, str, list[Any]]]:
    for file in sorted(path.iterdir()):
        if file.suffix in _SUFFIXES:
            items = parse_file(file)
            if not isinstance(items, list):
                raise MockServerError(f"{file}: should be a list of items.")
            yield str(file), file.stem, items


def _read_database(path: Path) -> Iterator[tuple[str, str, list[Any]]]:
    tables = parse_file(path)
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise MockServerError(f"{path}: should be a TinyDB database: items by number, by collection.")
    for collection, items in tables.items():
        if items or collection != "_default":
            yield f"{path}, {collection}", collection, list(items.values())


class _Checked:
    """Items of one collection as they are taken in: times made absolute, everything wrong noted."""

    def __init__(self, schema: Schema, data: Mapping[str, Any], now: datetime) -> None:
        self.complaints: list[str] = []
        self._schema = schema
        self._now = now
        self._times = {
            name
            for name, each in (schema.definition.get("properties") or {}).items()
            if _is_date_time(each, data)
        }
        self._places: dict[Any, str] = {}

    def take(self, place: str, item: Any) -> Item:
        if not isinstance(item, dict):
            self.complaints.append(f"{place}: is not a mapping.")
            return {}
        item = {name: self._time(value) if name in self._times else value for name, value in item.items()}
        violations = self._schema.violations(item)
        self.complaints += [f"{place}: {_say(each)}" for each in violations]
        if not violations and (taken := self._places.setdefault(item.get("id"), place)) != place:
            self.complaints.append(f"{place}: id {item.get('id')} is taken by {taken.rsplit(', ', 1)[-1]}.")
        return dict(item)

    def _time(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        moment = read_time(value, self._now)
        return write_time(moment) if moment is not None else normalise_time(value)


def _is_date_time(definition: Any, data: Mapping[str, Any]) -> bool:
    definition = dereference(data, definition)
    if not isinstance(definition, dict):
        return False
    if definition.get("format") == "date-time":
        return True
    return any(_is_date_time(each, data) for each in definition.get("anyOf") or definition.get("oneOf") or ())


def _say(violation: Violation) -> str:
    field = ".".join(map(str, violation.location)) or "the item"
    if violation.keyword == "required":
        return f"{field} is missing."
    if violation.keyword in ("additionalProperties", "unevaluatedProperties"):
        return f"{field} is not in the contract."
    value = json.dumps(violation.value, ensure_ascii=False)
    if violation.keyword in ("enum", "const"):
        allowed = violation.expected if violation.keyword == "enum" else [violation.expected]
        return f"{field} is {value}; the contract allows {', '.join(map(str, allowed))}."
    if violation.keyword == "type":
        return f"{field} is {value}; the contract wants {' or '.join(violation.expected)}."
    return f"{field} is {value}; the contract wants {violation.keyword} {violation.expected}."
