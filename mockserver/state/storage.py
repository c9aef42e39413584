"""
Keep items in one SQLite file, as a storage for TinyDB that can also write only what changed.

A write that was acknowledged survives the end of the process, kill -9 included (write-ahead log,
synchronous=NORMAL). When the machine loses power the last ones may be lost; the file stays whole.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from tinydb.storages import Storage

from mockserver.errors import MockServerError
from mockserver.state.items import Item, Row

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: nothing keeps a second server from the file there
    fcntl = None  # type: ignore[assignment]

_APPLICATION = 0x4D6F636B  # "Mock", where SQLite keeps whose file it is
_LAYOUT = 1
_TABLES = """
CREATE TABLE items (collection TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL,
                    PRIMARY KEY (collection, id)) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_PUT = """
INSERT INTO items (collection, id, position, body) VALUES (?, ?, ?, ?)
ON CONFLICT (collection, id) DO UPDATE SET position = excluded.position, body = excluded.body
"""
_REMOVE = "DELETE FROM items WHERE collection = ? AND id = ?"
_PUT_META = (
    "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_COLLECTIONS = "collections"


class SQLiteStorage(Storage):
    """
    Items and a little beside them, in one file.

    One server at a time: the file is held until ``close`` or the end of the process, except on Windows.
    Opened with ``read_only`` it may be read beside a running server, and must exist. A layout that this
    version does not know, another program's file or a damaged one is refused.

    Raises:
        MockServerError: the file cannot be opened, read or written; the text says why.
    """

    def __init__(self, path: str | os.PathLike[str], *, read_only: bool = False) -> None:
        self.path = Path(path)
        self.read_only = read_only
        self._held: int | None = None
        self._identity: tuple[int, int] | None = None
        _refuse_what_is_no_file(self.path, read_only)
        with self._explaining("opened"):
            self._connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,  # one thread at a time, but not always the one that opened it
            )
        try:
            with self._explaining("opened"):
                self._prepare()
        except BaseException:
            self.close()
            raise
        self._identity = _identity(self.path)

    def read(self) -> dict[str, dict[str, Any]] | None:
        """Give every item by collection and id, as inserted; None when nothing was ever written."""
        with self._explaining("read"):
            rows = self.rows()
            names = self.meta().get(_COLLECTIONS, [])
        if not rows and not names:
            return None
        found: dict[str, dict[str, Any]] = {name: {} for name in names}
        for collection, of_one in rows.items():
            found[collection] = {item_id: item for item_id, _, item in of_one}
        return found

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        """Replace every item, as TinyDB's contract has it; in one transaction."""
        bodies = [
            (collection, str(item_id), position, orjson.dumps(item).decode())
            for collection, items in data.items()
            for position, (item_id, item) in enumerate(items.items())
        ]
        with self._transaction():
            self._connection.execute("DELETE FROM items")
            self._connection.executemany(_PUT, bodies)
            self._connection.execute(_PUT_META, (_COLLECTIONS, orjson.dumps(list(data)).decode()))

    def rows(self) -> dict[str, list[tuple[str, int, Item]]]:
        """Give every item by collection, with its id and its position, in the order of insertion."""
        found: dict[str, list[tuple[str, int, Item]]] = {}
        with self._explaining("read"):
            for collection, item_id, position, body in self._connection.execute(
                "SELECT collection, id, position, body FROM items ORDER BY position"
            ):
                found.setdefault(collection, []).append(
                    (item_id, position, self._item(collection, item_id, body))
                )
        return found

    def meta(self) -> dict[str, Any]:
        """Give what was kept beside the items."""
        with self._explaining("read"):
            return {n: orjson.loads(v) for n, v in self._connection.execute("SELECT name, value FROM meta")}

    def write_rows(self, rows: Mapping[str, Sequence[Row]], meta: Mapping[str, Any]) -> None:
        """Write, by collection, the items that changed, and what to keep beside them; all, or nothing."""
        put = [
            (collection, item_id, position, orjson.dumps(item).decode())
            for collection, of_one in rows.items()
            for item_id, position, item in of_one
            if item is not None
        ]
        gone = [
            (collection, i) for collection, of_one in rows.items() for i, _, item in of_one if item is None
        ]
        with self._transaction():
            self._connection.executemany(_REMOVE, gone)
            self._connection.executemany(_PUT, put)
            self._connection.executemany(_PUT_META, [(n, orjson.dumps(v).decode()) for n, v in meta.items()])

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go of it; a second call does nothing."""
        self._connection.close()
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _prepare(self) -> None:
        self._connection.execute("PRAGMA synchronous = NORMAL")
        application, layout, tables = self._connection.execute(
            "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)"
            " FROM pragma_application_id, pragma_user_version"
        ).fetchone()
        if application != _APPLICATION and (tables or self.read_only):
            raise MockServerError(
                f"{self.path}: this SQLite database is no state file of mockserver; name another file."
            )
        if tables and layout != _LAYOUT:
            raise MockServerError(
                f"{self.path}: the state file has layout {layout}, this mockserver reads layout {_LAYOUT};"
                " use the mockserver that wrote it, or name another file."
            )
        if not self.read_only:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._hold()
            with self._transaction():  # fails where the file may be read but not written
                if not tables:
                    self._lay_out()

    def _hold(self) -> None:
        # SQLite's own locks are POSIX locks, which the process loses, all of them, as soon as it closes any
        # descriptor of the database (sqlite.org/howtocorrupt.html, 2.2). SQLite puts no such lock on the
        # write-ahead log, and keeps that file as long as anybody has the database open.
        if fcntl is None:
            return
        self._connection.execute(
            "SELECT count(*) FROM sqlite_schema"
        ).fetchone()  # makes the log, if there is none
        descriptor = os.open(f"{self.path}-wal", os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise MockServerError(
                f"{self.path}: another mockserver is using this state file; stop it, or name another file."
            ) from None
        except OSError:  # a file system without such locks
            os.close(descriptor)
            return
        self._held = descriptor

    def _lay_out(self) -> None:
        for statement in _TABLES.split(";"):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        self._connection.execute(f"PRAGMA user_version = {_LAYOUT}")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        if self.read_only:
            raise MockServerError(f"{self.path}: the state file was opened for reading only.")
        if self._identity is not None and _identity(self.path) != self._identity:
            # SQLite would go on writing to the file that no name leads to, and say that all is well.
            raise MockServerError(
                f"{self.path}: the state file was taken away, or another was put in its place; nothing can be"
                " kept until mockserver is started again."
            )
        with self._explaining("written"):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _explaining(self, done: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.ProgrammingError:
            raise
        except (sqlite3.OperationalError, OSError) as error:
            raise MockServerError(
                f"{self.path}: the state file cannot be {done} ({error}); see that the folder is there, "
                "may be written and is not full."
            ) from error
        except (sqlite3.DatabaseError, orjson.JSONDecodeError) as error:
            raise MockServerError(
                f"{self.path}: this is no state file, or a damaged one ({error}); name another file."
            ) from error

    def _item(self, collection: str, item_id: str, body: str) -> Item:
        item = orjson.loads(body)
        if not isinstance(item, dict):
            raise MockServerError(
                f'{self.path}: {collection} "{item_id}" is no object, as every item is; name another file.'
            )
        return item


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _refuse_what_is_no_file(path: Path, read_only: bool) -> None:
    if path.is_dir():
        raise MockServerError(f"{path}: this is a folder; name a file in it, such as {path / 'state.db'}.")
    if not path.parent.is_dir():
        raise MockServerError(f"{path}: there is no folder {path.parent}; make it, or name another file.")
    if read_only and not path.exists():
        raise MockServerError(f"{path}: there is no such state file; name one that a server wrote.")
