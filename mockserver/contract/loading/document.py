"""Load an OpenAPI document, of one file or many, and mend what can be served all the same."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from mockserver.contract.loading.bundle import Bundle, bundle
from mockserver.contract.loading.consistency import mend_consistency
from mockserver.contract.loading.defects import ContractError, Defect
from mockserver.contract.loading.files import Reach
from mockserver.contract.loading.lines import line_of
from mockserver.contract.loading.shapes import mend_shapes
from mockserver.contract.loading.swagger2 import convert
from mockserver.contract.loading.text import parse, parse_file
from mockserver.contract.operation import Contract, declared_base_path, fit_to_path, read_operations

__all__ = ["ContractError", "Defect", "Reach", "line_of", "load", "parse", "parse_file"]

_DIALECTS: dict[str, Literal["3.0", "3.1"]] = {"3.0": "3.0", "3.1": "3.1", "3.2": "3.1"}
_VERSION = re.compile(r"(\d+\.\d+)(?:\.\d+(?:-.+)?)?")


def load(path: Path, reach: Reach | None = None, overlays: Sequence[Path] = ()) -> Contract:
    """
    Read one OpenAPI document of 2.0, 3.0, 3.1 or 3.2, YAML or JSON, with the files that it refers to.

    Overlays are applied to it before anything else.

    What is wrong with it, though it can be served, is in the contract's ``defects``: what a defect makes
    meaningless is left out of ``data``, and a reference that leads nowhere allows anything. 2.0 is converted
    into 3.0.

    Raises:
        ContractError: the document cannot be read, is none, or has nothing that can be served.
    """
    try:
        read = bundle(path, reach or Reach(), overlays)
        dialect, found = version_of(read)
        data, is_converted = read.data, dialect == "2.0"
        found += read.found
        if dialect == "2.0":
            data, lost = convert(data, read.references)
            found += lost
            dialect = "3.0"
        found += mend_shapes(data)
        found += mend_consistency(data)
        operations = tuple(map(fit_to_path, read_operations(data)))
    except RecursionError as error:
        text = "an alias contains itself, or values are nested too deeply to be read."
        raise ContractError([Defect(path.name, 1, "document", text)]) from error
    contract = Contract(
        name=path.name,
        source=read.files[0].source,
        data=data,
        dialect=dialect,
        base_path=declared_base_path(data),
        operations=operations,
        files=read.files,
        changes=read.changes,
        found=tuple(dict.fromkeys(found)),
        is_converted=is_converted,
    )
    if not operations:
        raise ContractError([*contract.defects, contract.defect("/paths", _nothing(data))])
    return contract


def version_of(read: Bundle) -> tuple[Literal["2.0", "3.0", "3.1"], list[tuple[str, str]]]:
    """
    Give the version by whose rules a document is read, and what is wrong with what it says of that.

    Raises:
        ContractError: it is no OpenAPI document, or of a version that is not read.
    """

    def refuse(text: str) -> ContractError:
        return ContractError([Defect(read.files[0].name, 1, "openapi", text)])

    data: Any = read.data
    if not isinstance(data, dict):
        raise refuse("the document is not a mapping; it should begin with a line such as: openapi: 3.1.0.")
    keyword = "openapi" if "openapi" in data else "swagger"
    version = data.get(keyword)
    found = []
    if isinstance(version, (int, float)) and not isinstance(version, bool):
        found.append((f"/{keyword}", f"is {version}; it should be a string such as 3.1.0."))
        version = str(version)
    if not isinstance(version, str):
        raise refuse("the version is missing; it should be a string such as 3.1.0.")
    named = _VERSION.fullmatch(version.strip())
    if keyword == "swagger" and version in ("2.0", "2", "2.0.0"):
        return "2.0", found
    if named is None or named[1] not in _DIALECTS or keyword == "swagger":
        raise refuse(f"version {version} is not read; 2.0, 3.0.x, 3.1.x and 3.2.x are.")
    if named[0] == named[1] and not found:
        found.append((f"/{keyword}", f"is {version}; it should be a string such as 3.1.0."))
    return _DIALECTS[named[1]], found


def _nothing(data: dict[str, Any]) -> str:
    if not data.get("paths"):
        beside = "; its webhooks are sent by the API, and are not served" if data.get("webhooks") else ""
        return f"there are no paths, so there is nothing to serve{beside}."
    return "there is no operation in them, so there is nothing to serve."
