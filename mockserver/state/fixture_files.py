"""Write a fixture set, as a folder or as one TinyDB database file; all of it, or nothing."""

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from mockserver.contract.loading.document import parse_file
from mockserver.errors import MockServerError
from mockserver.state.fixtures import SUFFIXES
from mockserver.state.items import Item
from mockserver.state.whole_files import write_whole


def write_folder(path: Path, content: Mapping[str, Sequence[Item]]) -> None:
    """
    Write a set as a folder with one JSON file for each collection.

    Raises:
        MockServerError: the folder cannot be written, or a collection's name cannot be a file's.
    """
    with new_folder(path) as made:
        for collection, items in content.items():
            if Path(collection).name != collection or collection.startswith("."):
                raise MockServerError(f"{path}: {collection!r} cannot be the name of a file.")
            (made / f"{collection}.json").write_text(_text_of(list(items)), encoding="utf-8")


def write_database(path: Path, content: Mapping[str, Sequence[Item]]) -> None:
    """
    Write a set as one file that ``TinyDB(path)`` opens; what is there is replaced.

    Raises:
        MockServerError: the file cannot be written.
    """
    tables = {
        collection: {str(index): item for index, item in enumerate(items, start=1)}
        for collection, items in content.items()
    }
    path = path.resolve()
    made = _beside(path)
    with _explaining(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            made.write_bytes(orjson.dumps(tables))
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)


def write_value(path: Path, value: Any) -> None:
    """
    Write a JSON value as one file, which is there as a whole or as it was before.

    Raises:
        MockServerError: the file cannot be written.
    """
    with _explaining(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, _text_of(value).encode())


def check_writable(path: Path) -> None:
    """
    Hold it that a file can be written, before there is something to lose; leaves nothing behind.

    Raises:
        MockServerError: it cannot.
    """
    if path.exists() and not path.is_dir() and os.access(path, os.W_OK):  # a pipe, too
        return
    missing = [each for each in path.absolute().parents if not each.exists()]
    made = _beside(path.absolute())
    with _explaining(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        try:
            made.parent.mkdir(parents=True, exist_ok=True)
            made.touch()
        finally:
            with contextlib.suppress(OSError):
                made.unlink(missing_ok=True)
                for each in missing:
                    each.rmdir()


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """
    Give an empty folder to fill; when the block is done it takes the place of ``path``, and not before.

    Raises:
        MockServerError: the folder cannot be written.
    """
    path = path.resolve()
    made, gone = _beside(path), path.with_name(f".{path.name}.{os.getpid()}.old")
    with _explaining(path):
        if path.is_file():
            raise MockServerError(f"{path}: is a file; name a folder.")
        path.parent.mkdir(parents=True, exist_ok=True)
        made.mkdir()
        try:
            yield made
            if path.exists():
                path.rename(gone)
            try:
                made.rename(path)
            except OSError:
                if gone.exists():
                    gone.rename(path)
                raise
        finally:
            shutil.rmtree(made, ignore_errors=True)
            shutil.rmtree(gone, ignore_errors=True)


def refuse_to_replace(path: Path, *, force: bool) -> None:
    """
    Raise unless a set may be written to a path: where nothing is, or with ``force`` over another set.

    A folder that holds anything but files of items is nobody's to replace, ``force`` or not.
    """
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    if not force:
        raise MockServerError(f"{path}: is there already; take another name, or --force to replace it.")
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if not _holds_items(file):
                raise MockServerError(
                    f"{path}: holds {file.name}, which is no file of items; a folder is replaced as a whole,"
                    " so take another name."
                )


def _holds_items(file: Path) -> bool:
    if file.suffix not in SUFFIXES or not file.is_file():
        return False
    try:
        return isinstance(parse_file(file), list)
    except MockServerError:
        return False


def _text_of(value: Any) -> str:
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


@contextlib.contextmanager
def _explaining(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MockServerError(f"{path}: cannot be written: {error.strerror}.") from error
    except TypeError as error:  # an integer beyond 64 bits
        raise MockServerError(f"{path}: cannot be written: {error}.") from error
