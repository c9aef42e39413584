"""Read a fixture set, and check every item against its schema."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mockserver.contract.loading.document import ContractError, line_of, parse_file
from mockserver.contract.operation import Contract
from mockserver.contract.pointers import dereference, escape
from mockserver.contract.resources.roles import HIDDEN, NO_RESOURCES, Resources
from mockserver.contract.schema import Schema
from mockserver.contract.violation import Violation
from mockserver.errors import MockServerError, nearest
from mockserver.state.clock import normalise_time, read_time, write_time
from mockserver.state.items import Item

Content = dict[str, list[Item]]

SUFFIXES = (".yaml", ".yml", ".json")
SCENARIOS = "scenarios"
"""The folder beside the fixture sets that is none: what is in it are scenarios."""
_WRITTEN_BY_US = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z", re.ASCII)

# To find a line costs parsing the file once more, the slow way; in a file of so many bytes an item's number
# has to do.
_LARGE = 2_000_000


def collections_of(contract: Contract, resources: Resources = NO_RESOURCES) -> Mapping[str, Schema]:
    """
    Give the collections that a contract's ``x-mock`` names, and inferred ones, with the schema of the items.

    Raises:
        MockServerError: one names a schema that the contract lacks.
    """
    named = contract.settings.get("collections") or {}
    known = (contract.data.get("components") or {}).get("schemas") or {}
    if not isinstance(named, dict):
        text = "should be names of schemas, by collection."
        raise ContractError([contract.defect("/x-mock/collections", text)])
    found = {}
    for collection, name in named.items():
        if not isinstance(name, str) or name not in known:
            text = f'is "{name}", which is not in components.schemas.{nearest(str(name), known)}'
            raise ContractError([contract.defect(f"/x-mock/collections/{escape(collection)}", text)])
        found[collection] = contract.schemas.at(f"/components/schemas/{name}")
    inferred = {
        name: contract.schemas.at(collection.pointers[0], "response")
        for name, collection in resources.collections.items()
    }
    return {**inferred, **found}


def sets_in(folder: Path | None) -> list[str]:
    """Name the fixture sets of a folder: the folders in it, and the TinyDB files; none without a folder."""
    if folder is None:
        return []
    return sorted(
        each.name
        for each in folder.iterdir()
        if not each.name.startswith(".")
        and (each.suffix == ".json" or (each.is_dir() and each.name != SCENARIOS))
    )


def find_set(folder: Path | None, name: str) -> Path:
    """
    Give where a fixture set is: in a folder of sets, else wherever its name leads as a path.

    Raises:
        MockServerError: there is no such set.
    """
    inside = [folder / name, folder / f"{name}.json"] if folder is not None and name else []
    for path in (*inside, Path(name)):
        if name and path.exists():
            return path
    sets = sets_in(folder)
    known = ", ".join(sets) or "none"
    place = f"{folder}: there is" if folder is not None else "There is"
    raise MockServerError(f'{place} no fixture set "{name}"; there are: {known}.{nearest(name, sets)}')


def read_set(
    folder: Path | None, name: str, contract: Contract, now: datetime, resources: Resources = NO_RESOURCES
) -> Content:
    """
    Read a fixture set: a folder with a file for each collection, or one TinyDB database file.

    ``name`` is looked for in ``folder`` (``demo``, ``demo.json``), else taken as a path of its own. Times
    may be relative to ``now``: ``+3d``, ``-2h``. Every collection is in what is returned, empty where the set
    says nothing of it.

    Raises:
        MockServerError: there is no such set, or an item breaks its schema; every such item is named.
    """
    schemas = collections_of(contract, resources)
    content: Content = {collection: [] for collection in schemas}
    complaints: list[str] = []
    for part in _read_parts(find_set(folder, name), schemas, complaints):
        has_id = part.collection not in resources.collections
        intake = Intake(schemas[part.collection], contract.data, now, has_id=has_id)
        content[part.collection] = [intake.take(item) for item in part.items]
        complaints += part.placed(intake.complaints)
    if complaints:
        raise MockServerError("\n".join(complaints))
    return content


def check_items(content: Content, contract: Contract, place: str) -> None:
    """
    Hold items that were stored earlier against the contract of today.

    Raises:
        MockServerError: some break it; each is named.
    """
    schemas = collections_of(contract)
    complaints = [
        f'{place}, {collection} "{item.get("id")}": {say_violation(violation)}'
        for collection, items in content.items()
        if collection in schemas  # what is inferred is made to fit whenever it is shown
        for item in items
        for violation in schemas[collection].violations(item)
    ]
    if complaints:
        raise MockServerError("\n".join(complaints))


def read_as_written(folder: Path | None, name: str, contract: Contract) -> Content:
    """
    Read a fixture set with its times as they stand there, ``+3d`` too; no item is held against its schema.

    Raises:
        MockServerError: there is no such set, or a file of it cannot be read.
    """
    schemas = collections_of(contract)
    content: Content = {collection: [] for collection in schemas}
    complaints: list[str] = []
    for part in _read_parts(find_set(folder, name), schemas, complaints):
        content[part.collection] = part.items
    if complaints:
        raise MockServerError("\n".join(complaints))
    return content


def read_file(path: Path) -> Any:
    """
    Read a YAML or JSON file that belongs to a contract.

    Raises:
        MockServerError: the file cannot be read; the text has the whole path, and the line.
    """
    try:
        return parse_file(path)
    except ContractError as error:
        places = [f"{path}:{defect.line}  {defect.place}: {defect.text}" for defect in error.defects]
        raise MockServerError("\n".join(places)) from error


@dataclass(frozen=True, slots=True)
class _Part:
    """The items of one collection as a file has them; ``pointers`` say where in the file each stands."""

    path: Path
    collection: str
    items: list[Any]
    pointers: Sequence[str]
    named: str = ""

    def placed(self, complaints: Sequence["Complaint"]) -> Iterator[str]:
        """Give what is wrong with items, each with file, line and number."""
        source = self.path.read_bytes() if complaints else b""
        for each in complaints:
            pointer = f"{self.pointers[each.index]}{each.pointer}"
            line = f":{line_of(source, pointer)}" if len(source) < _LARGE else ""
            yield f"{self.path}{line}{self.named}, item {each.index + 1}: {each.text}"


def _read_parts(path: Path, known: Mapping[str, Any], complaints: list[str]) -> Iterator[_Part]:
    """Give the parts of a set that belong to a known collection; what else there is, is complained of."""
    files: dict[str, Path] = {}
    for part in _read_database(path, complaints) if path.is_file() else _read_folder(path, complaints):
        if part.collection not in known:
            hint = nearest(part.collection, known)
            complaints.append(
                f"{part.path}{part.named}: the contract has no collection {part.collection}; "
                f"it has {', '.join(known) or 'none'}.{hint}"
            )
        elif files.setdefault(part.collection, part.path) != part.path:
            complaints.append(f"{part.path}: {files[part.collection].name} holds {part.collection} already.")
        else:
            yield part


def _read_folder(path: Path, complaints: list[str]) -> Iterator[_Part]:
    for file in sorted(path.iterdir()):
        if file.suffix not in SUFFIXES or not file.is_file():
            continue
        items = _parse(file, complaints)
        if isinstance(items, list):
            yield _Part(file, file.stem, items, [f"/{index}" for index in range(len(items))])
        elif items is not _UNREADABLE:
            complaints.append(f"{file}: should be a list of items.")


def _read_database(path: Path, complaints: list[str]) -> Iterator[_Part]:
    tables = _parse(path, complaints)
    if tables is _UNREADABLE:
        return
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        complaints.append(f"{path}: should be a TinyDB database: items by number, by collection.")
        return
    for collection, items in tables.items():
        if items or collection != "_default":
            pointers = [f"/{escape(collection)}/{escape(key)}" for key in items]
            yield _Part(path, collection, list(items.values()), pointers, f", {collection}")


_UNREADABLE = object()


def _parse(file: Path, complaints: list[str]) -> Any:
    try:
        return read_file(file)
    except MockServerError as error:
        complaints.append(str(error))
        return _UNREADABLE


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with an item, counted from 0, and where in it that is."""

    index: int
    pointer: str
    text: str


class Intake:
    """
    Items of one collection as they are taken in: times made absolute, everything wrong noted.

    With ``has_id`` every item needs an ``id`` of its own.
    """

    def __init__(
        self, schema: Schema, data: Mapping[str, Any], now: datetime, *, has_id: bool = True
    ) -> None:
        self._has_id = has_id
        self.complaints: list[Complaint] = []
        self._schema = schema
        self._now = now
        self._times = tuple(sorted(_date_times(schema.definition, data)))
        self._taken: dict[str, int] = {}
        self._relative: dict[str, str] = {}
        self._count = 0

    def take(self, item: Any) -> Item:
        """Give an item as it is stored; one that is wrong is given too, and complained of."""
        index = self._count
        self._count += 1
        if not isinstance(item, dict):
            self.complaints.append(Complaint(index, "", "is not a mapping."))
            return {}
        taken: Item = dict(item)
        for name in self._times:
            value = taken.get(name)
            if value.__class__ is str and not _WRITTEN_BY_US.fullmatch(value):
                taken[name] = self._absolute(value)
        shown = {key: value for key, value in taken.items() if not key.startswith(HIDDEN)}
        violations = self._schema.violations(shown)
        if violations:
            self.complaints += [Complaint(index, _pointer(each), say_violation(each)) for each in violations]
        elif self._has_id:
            self._check_id(index, taken.get("id"))
        return taken

    def _absolute(self, text: str) -> str:
        known = self._relative.get(text)
        if known is None:
            moment = read_time(text, self._now)
            known = write_time(moment) if moment is not None else normalise_time(text)
            if text[:1] in ("+", "-"):  # there are few of these, and many items that have them
                self._relative[text] = known
        return known

    def _check_id(self, index: int, item_id: Any) -> None:
        if not isinstance(item_id, (str, int)) or isinstance(item_id, bool) or item_id == "":
            text = f"id is {_shown(item_id)}; every item has one, a string or an integer."
            self.complaints.append(Complaint(index, "/id", text))
        elif (first := self._taken.setdefault(str(item_id), index)) != index:
            text = f"id {item_id} is taken by item {first + 1}."
            self.complaints.append(Complaint(index, "/id", text))


def _date_times(schema: Any, data: Mapping[str, Any]) -> set[str]:
    """Name the properties that hold times, in the schemas too that a schema is made of."""
    return {
        name
        for part in parts_of(schema, data, ("allOf",))
        for name, definition in (part.get("properties") or {}).items()
        if any(each.get("format") == "date-time" for each in parts_of(definition, data, COMPOSING))
    }


COMPOSING = ("allOf", "anyOf", "oneOf")


def parts_of(schema: Any, data: Mapping[str, Any], keywords: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Give a schema and those it is made of, each once, even where they go round in a circle."""
    waiting, seen = [schema], set()
    while waiting:
        part = dereference(data, waiting.pop())
        if isinstance(part, dict) and id(part) not in seen:
            seen.add(id(part))
            yield part
            waiting += [inner for keyword in keywords for inner in part.get(keyword) or ()]


def _pointer(violation: Violation) -> str:
    return "".join(f"/{escape(str(part))}" for part in violation.location)


def say_violation(violation: Violation) -> str:
    field = ".".join(map(str, violation.location)) or "the item"
    if violation.keyword == "required":
        return f"{field} is missing."
    if violation.keyword in ("additionalProperties", "unevaluatedProperties"):
        return f"{field} is not in the contract."
    value = _shown(violation.value)
    if violation.keyword in ("enum", "const"):
        allowed = violation.expected if violation.keyword == "enum" else [violation.expected]
        return f"{field} is {value}; the contract allows {', '.join(map(str, allowed))}."
    if violation.keyword == "type":
        return f"{field} is {value}; the contract wants {' or '.join(violation.expected)}."
    if violation.expected is None:
        return f"{field}: {violation.message}."
    return f"{field} is {value}; the contract wants {violation.keyword} {violation.expected}."


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"
