"""The document that schemathesis is given: without what OpenAPI ignores, and schemathesis does not."""

from collections.abc import Mapping
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.contract.pointers import dereference

# Header parameters of these names say nothing (OpenAPI, "Parameter Object").
_IGNORED_HEADERS = ("accept", "authorization", "content-type")

# What may hold members of any name, and values that are no schemas.
_NAMES = ("properties", "patternProperties", "$defs", "definitions", "schemas", "dependentSchemas")
_VALUES = ("example", "examples", "default", "const", "enum")


def as_it_is_meant(contract: Contract) -> dict[str, Any]:
    """
    Copy a contract's document, without header parameters that other keywords describe.

    From a document of 3.1 ``nullable`` is left out, which is no keyword there.
    """
    document: dict[str, Any] = _copy(contract.data, contract.dialect == "3.1")
    for item in document.get("paths", {}).values():
        for owner in [item, *item.values()] if isinstance(item, dict) else ():
            if isinstance(owner, dict) and isinstance(owner.get("parameters"), list):
                owner["parameters"] = [
                    each for each in owner["parameters"] if not _is_ignored(dereference(contract.data, each))
                ]
    return document


def _copy(value: Any, without_nullable: bool, under: str = "") -> Any:
    if isinstance(value, Mapping):
        return {
            name: _copy(
                inner, without_nullable and name not in _VALUES, str(name) if under not in _NAMES else ""
            )
            for name, inner in value.items()
            if not (without_nullable and name == "nullable" and under not in _NAMES)
        }
    return [_copy(each, without_nullable) for each in value] if isinstance(value, list) else value


def _is_ignored(parameter: Any) -> bool:
    return (
        isinstance(parameter, dict)
        and parameter.get("in") == "header"
        and str(parameter.get("name")).lower() in _IGNORED_HEADERS
    )
