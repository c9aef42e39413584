"""Where coverage comes from: coverage files, HTTP archives, and mocks that run."""

import codecs
import http.client
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from mockserver.client import Control, ControlError
from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.prove.coverage.har import read_har
from mockserver.prove.coverage.table import REPORT_KEYS
from mockserver.state.touched import MARK, Record, read_record


@dataclass(slots=True)
class Sources:
    """What was named on a command line: the contract, if it was, and what is to be added up."""

    contract: Path | None = None
    files: dict[Path, Any] = field(default_factory=dict)
    archives: dict[Path, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.files) + len(self.archives)


def sort_out(paths: Sequence[Path], archives: Sequence[Path] = ()) -> Sources:
    """
    Tell coverage files, archives and the contract apart by what they hold.

    Raises:
        MockServerError: one of them cannot be read, or there are two contracts.
    """
    sources = Sources(archives={path: _parse(_read(path)) for path in archives})
    for path in paths:
        data = _parse(_read(path))
        if isinstance(data, dict) and MARK in data:
            sources.files[path] = data
        elif isinstance(data, dict) and "log" in data:
            sources.archives[path] = data
        elif isinstance(data, dict) and data.keys() >= REPORT_KEYS:
            text = "it is a report, which cannot be added to others"
            raise MockServerError(f"{path}: {text}; --merge and serve --coverage write what can.")
        elif sources.contract is not None:
            text = f"{sources.contract} and {path} are both contracts"
            raise MockServerError(f"{text}; coverage is of one, and the other files are what touched it.")
        else:
            sources.contract = path
    return sources


def add_up(sources: Sources, contract: Contract, mocks: Sequence[Control]) -> Record:
    """
    Give what all sources have touched together.

    Raises:
        MockServerError: one of them is broken, or no mock answers.
    """
    total = Record(contract.title)
    for path, data in sources.files.items():
        total.add(read_record(data, str(path)))
    for path, data in sources.archives.items():
        total.add(read_har(data, contract, str(path)))
    for mock in mocks:
        found: Mapping[str, Any] = ask(mock, mock.get_coverage)
        total.add(read_record(found, mock.url))
    return total


def contract_of(mock: Control) -> Contract:
    """
    Give the contract that a running mock serves.

    Raises:
        MockServerError: no mock answers.
    """
    data = ask(mock, mock.get_contract)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "openapi.json"
        path.write_bytes(orjson.dumps(data))
        return load(path)


def ask(mock: Control, question: Any) -> Any:
    """Ask a running mock, and say it in words where none answers."""
    try:
        return question()
    except ControlError as error:
        raise MockServerError(f"{mock.url}: {error}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise MockServerError(f"{mock.url}: no mock of ours answers there ({why}).") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MockServerError(f"{path}: {error.strerror}.") from error


def _parse(content: bytes) -> Any:
    """Give what a JSON text holds; ``None`` for another, which a contract may be."""
    try:
        return orjson.loads(content.removeprefix(codecs.BOM_UTF8))  # with which some browsers begin
    except orjson.JSONDecodeError:
        return None
