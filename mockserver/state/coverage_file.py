"""A coverage file, which runs add to, several at once too."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from mockserver.errors import MockServerError
from mockserver.state.touched import Record, read_record
from mockserver.state.whole_files import write_whole

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def read_file(path: Path) -> Record:
    """
    Read a coverage file.

    Raises:
        MockServerError: there is none, or it is something else.
    """
    try:
        return _parse(path.read_bytes(), path)
    except OSError as error:
        raise MockServerError(f"{path}: {error.strerror}.") from error


def check_file(path: Path) -> None:
    """
    Hold it that a file can be added to, or made, before there is something to lose.

    Raises:
        MockServerError: it is no coverage file, or cannot be written.
    """
    if path.exists():
        if path.stat().st_size:
            read_file(path)
        is_writable = os.access(path, os.W_OK)
    else:
        is_writable = path.parent.is_dir() and os.access(path.parent, os.W_OK)
    if not is_writable:
        raise MockServerError(f"{path}: it cannot be written.")


def add_to_file(path: Path, record: Record) -> Record:
    """
    Add what was touched to what a file has, made where there is none; gives both together.

    Two that end at once wait for each other.

    Raises:
        MockServerError: it is no coverage file, or cannot be written.
    """
    try:
        with _locked(path) as file:
            content = file.read()
            both = _parse(content, path) if content else Record()
            both.add(record)
            write_whole(path, _written(both))
    except OSError as error:
        raise MockServerError(f"{path}: {error.strerror}.") from error
    return both


def write_file(path: Path, record: Record) -> None:
    """
    Write a coverage file in the place of what is there.

    Raises:
        MockServerError: it cannot be written.
    """
    try:
        write_whole(path, _written(record))
    except OSError as error:
        raise MockServerError(f"{path}: {error.strerror}.") from error


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """Open a file that nobody else has so, until the block is done; one is made where none is."""
    while True:
        with path.open("a+b") as file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX)  # closing lets go of it
            if not _is_at(path, file):
                continue  # whoever had it has put another in its place
            file.seek(0)
            yield file
            return


def _is_at(path: Path, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _written(record: Record) -> bytes:
    return orjson.dumps(record.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _parse(content: bytes, path: Path) -> Record:
    try:
        data: Any = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise MockServerError(f"{path}: it is no coverage file: {error}.") from error
    return read_record(data, str(path))
