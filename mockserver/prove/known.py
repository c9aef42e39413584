"""Values that the mock knows, by the name that a request has for them: random ones would all be 404."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.contract.pointers import resolve

_REFERENCE = re.compile(r"([A-Za-z0-9_-]+?)(?:_id|Id|ID)")
_MOST = 1000

Items = Mapping[str, Sequence[Mapping[str, Any]]]


def known_values(contract: Contract, items: Items) -> Mapping[str, Sequence[str | int]]:
    """
    Give ids of stored items, by where a request takes them: ``body.user_id``, ``query.tenant_id``.

    ``user_id`` takes what stored items have under that name, and the ids of ``users``. It is a guess from
    names alone: a wrong one makes some requests 404, as all would be without it.
    """
    found = {}
    for place, name in dict.fromkeys(_places(contract)):
        values = list(dict.fromkeys(_values(name, items)))[:_MOST]
        if values:
            found[f"{place}.{name}"] = values
    return found


def _places(contract: Contract) -> Iterator[tuple[str, str]]:
    """Give every parameter, and every property of a body's first level, that is named like a reference."""
    for operation in contract.operations:
        for parameter in operation.parameters:
            if parameter.location in ("path", "query") and _REFERENCE.fullmatch(parameter.name):
                yield parameter.location, parameter.name
        for content in operation.request_body.content.values() if operation.request_body else ():
            schema = resolve(contract.data, content.pointer) if content.pointer else None
            properties = schema.get("properties") if isinstance(schema, dict) else None
            for name in properties or ():
                if _REFERENCE.fullmatch(name):
                    yield "body", name


def _values(name: str, items: Items) -> Iterator[str | int]:
    reference = _REFERENCE.fullmatch(name)
    stem = reference[1].lower() if reference else ""
    for collection, stored in items.items():
        one = _singular(collection.lower())
        if one == stem or one.endswith(f"_{stem}"):
            yield from _ids(item.get("id") for item in stored)
        yield from _ids(item.get(name) for item in stored)


def _ids(values: Iterable[Any]) -> Iterator[str | int]:
    yield from (value for value in values if isinstance(value, str | int) and not isinstance(value, bool))


def _singular(name: str) -> str:
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
