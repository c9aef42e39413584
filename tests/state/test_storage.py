"""The state file: what is kept in it, who may open it, and what a kill leaves of it."""

import os
import random
import signal
import sqlite3
import subprocess
import sys

import pytest
from tinydb import TinyDB, where
from tinydb.storages import MemoryStorage
from tinydb.table import Document

from mockserver.errors import MockServerError
from mockserver.state.storage import SQLiteStorage
from mockserver.state.store import Store

COLLECTIONS = {"users": "id"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


def ids(store, name="users"):
    return [item["id"] for item in store[name]]


def test_a_stock_tinydb_keeps_its_tables_in_it(path):
    def use(database):
        database.table("empty", persist_empty=True)
        people = database.table("people")
        people.insert_multiple([{"name": "Bob", "tags": ["a", None]}, {"name": "Ann"}, {"name": "\0é"}])
        people.insert(Document({"name": "Zoe"}, doc_id=2000))
        people.update({"age": 1}, where("name") == "Ann")
        people.remove(where("name") == "Bob")
        return database.storage.read()

    with TinyDB(path, storage=SQLiteStorage) as database:
        written = use(database)

    assert written == use(TinyDB(storage=MemoryStorage))
    with TinyDB(path, storage=SQLiteStorage) as again:
        assert again.storage.read() == written
        assert again.table("people").insert({}) == 2001
        again.drop_tables()
        assert again.tables() == set()


def test_a_storage_that_was_never_written_reads_as_none(path):
    assert SQLiteStorage(path).read() is None


def test_a_write_that_fails_keeps_what_was_there(path):
    storage = SQLiteStorage(path)
    storage.write({"people": {"1": {"n": 1}}})

    with pytest.raises(TypeError):
        storage.write({"people": {"1": {"n": 2}, "2": {"n": {1, 2}}}})

    assert storage.read() == {"people": {"1": {"n": 1}}}


def test_items_keep_their_order_and_ids_their_sequence_over_a_restart(path):
    store = Store.open(COLLECTIONS, seed=1, path=path)
    assert store.is_new()
    first = store.new_id("usr")
    for item_id in ("c", "a", "b", first):
        store["users"].insert({"id": item_id})
    store["users"].remove("a")
    store["users"].insert({"id": "a"})
    store["users"].update("c", {"n": 1})
    second = store.new_id("usr")
    store.close()

    again = Store.open(COLLECTIONS, seed=1, path=path)

    assert not again.is_new()
    assert ids(again) == ["c", "b", first, "a"]
    assert again["users"].get("c") == {"id": "c", "n": 1}
    assert again.new_id("usr") not in {first, second}
    assert list(path.parent.glob("*")) == [path, *path.parent.glob("*-*")]


def test_a_file_that_was_opened_but_never_written_is_still_new(path):
    Store.open(COLLECTIONS, path=path).close()

    store = Store.open(COLLECTIONS, path=path)
    assert store.is_new()
    store.load({})
    store.close()

    assert not Store.open(COLLECTIONS, path=path).is_new()


def test_an_id_from_elsewhere_stays_reserved_over_a_restart(path):
    foreign = Store.open({}, seed=1).new_id("usr")
    store = Store.open(COLLECTIONS, seed=1, path=path)
    store.load({"users": [{"id": foreign}]})
    store["users"].remove(foreign)
    store.close()

    assert Store.open(COLLECTIONS, seed=1, path=path).new_id("usr") != foreign


def test_numbers_for_ids_go_on_after_a_restart_and_begin_again_with_other_items(path):
    store = Store.open(COLLECTIONS, path=path)
    before = store.snapshot()
    assert [store.next_number("users", lambda: 6) for _ in range(2)] == [7, 8]
    store.close()

    again = Store.open(COLLECTIONS, path=path)

    assert again.next_number("users", lambda: 6) == 9
    again.restore(before)
    assert again.next_number("users", lambda: 6) == 7


def test_collections_that_are_not_asked_for_stay_untouched_and_new_ones_are_empty(path):
    before = Store.open({"users": "id", "old": "id"}, path=path)
    before.load({"users": [{"id": "u"}], "old": [{"id": "o"}]})
    before.close()

    changed = Store.open({"users": "id", "new": "id"}, path=path)
    assert changed.export() == {"users": [{"id": "u"}], "new": []}
    changed.load({"new": [{"id": "n"}]})
    changed.close()

    after = Store.open({"users": "id", "old": "id", "new": "id"}, path=path)
    assert after.export() == {"users": [], "old": [{"id": "o"}], "new": [{"id": "n"}]}


def test_a_transaction_reaches_the_file_as_a_whole_at_its_end(path):
    store = Store.open(COLLECTIONS, path=path)

    with store.transaction():
        store["users"].insert({"id": "a"})
        assert ids(Store.open(COLLECTIONS, path=path, read_only=True)) == []

    assert ids(Store.open(COLLECTIONS, path=path, read_only=True)) == ["a"]


def test_what_the_file_cannot_take_is_not_in_memory_either(path):
    store = Store.open(COLLECTIONS, path=path)
    store["users"].insert({"id": "a"})

    def remove_and_insert_too_much():
        with store.transaction():
            store["users"].remove("a")
            store["users"].insert({"id": "b", "n": 2**64})

    with pytest.raises(TypeError):
        store["users"].insert({"id": "b", "n": 2**64})
    with pytest.raises(TypeError):
        remove_and_insert_too_much()

    assert ids(store) == ids(Store.open(COLLECTIONS, path=path, read_only=True)) == ["a"]


@pytest.mark.parametrize("replaced", [False, True], ids=["taken away", "replaced"])
def test_a_write_to_a_file_that_is_gone_is_refused_and_not_in_memory_either(path, replaced):
    store = Store.open(COLLECTIONS, path=path)
    store["users"].insert({"id": "u1"})
    path.rename(path.with_suffix(".old"))
    if replaced:
        path.write_bytes(b"")

    with pytest.raises(MockServerError, match=r"state\.db: the state file was taken away, or another"):
        store["users"].insert({"id": "u2"})

    assert ids(store) == ["u1"]


def test_a_file_can_be_read_but_not_written_beside_a_server(path):
    server = Store.open(COLLECTIONS, path=path)
    server["users"].insert({"id": "a"})

    reader = Store.open(COLLECTIONS, path=path, read_only=True)

    assert ids(reader) == ["a"]
    with pytest.raises(MockServerError, match="opened for reading only"):
        reader["users"].insert({"id": "b"})
    assert ids(reader) == ["a"]
    reader.new_id("usr")
    reader.close()
    server["users"].insert({"id": "c"})
    assert ids(server) == ["a", "c"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_a_file_that_another_server_holds_is_refused_until_it_lets_go(path):
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(MockServerError, match="another mockserver is using this state file"):
            Store.open(COLLECTIONS, path=path)
        holder.communicate("\n")

    store = Store.open(COLLECTIONS, path=path)
    assert ids(store) == ["before", "after"]
    with pytest.raises(MockServerError, match="another mockserver is using"):
        Store.open(COLLECTIONS, path=path)
    store.close()
    store.close()
    Store.open(COLLECTIONS, path=path).close()


_HOLD = """
import pathlib, sys
from mockserver.state.store import Store
store = Store.open({"users": "id"}, path=pathlib.Path(sys.argv[1]))
store["users"].insert({"id": "before"})
print("held", flush=True)
sys.stdin.readline()
store["users"].insert({"id": "after"})
"""


def _another_program(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    connection.close()


def _a_later_layout(path):
    SQLiteStorage(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def _not_an_object(path):
    SQLiteStorage(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO items VALUES ('users', 'a', 0, '[1]')")
    connection.close()


def _not_json(path):
    SQLiteStorage(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO items VALUES ('users', 'a', 0, '{')")
    connection.close()


def _damaged(path):
    store = Store.open(COLLECTIONS, path=path)
    store.load({"users": [{"id": str(number), "text": "x" * 500} for number in range(200)]})
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 8] = b"\xa5" * 4096 * 5
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("prepare", "found"),
    [
        (lambda path: path.mkdir(), "this is a folder; name a file in it"),
        (lambda path: path.write_text("[1, 2, 3] " * 1000), "this is no state file, or a damaged one"),
        (_another_program, "this SQLite database is no state file of mockserver"),
        (_a_later_layout, "the state file has layout 99, this mockserver reads layout 1"),
        (_not_an_object, 'users "a" is no object, as every item is'),
        (_not_json, "this is no state file, or a damaged one"),
        (_damaged, "this is no state file, or a damaged one"),
    ],
    ids=["folder", "text", "another program's", "later layout", "no object", "no JSON", "damaged"],
)
@pytest.mark.parametrize("read_only", [False, True], ids=["to serve", "to read"])
def test_a_file_that_is_no_state_file_is_refused_and_kept(path, prepare, found, read_only):
    prepare(path)
    before = path.read_bytes() if path.is_file() else None

    with pytest.raises(MockServerError) as refused:
        Store.open(COLLECTIONS, path=path, read_only=read_only)

    assert str(refused.value).startswith(f"{path}: {found}")
    assert "\n" not in str(refused.value)
    assert before is None or path.read_bytes() == before


def test_a_place_that_is_not_there_or_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(MockServerError, match=r"there is no folder .*missing; make it"):
        Store.open(COLLECTIONS, path=tmp_path / "missing" / "state.db")
    with pytest.raises(MockServerError, match="there is no such state file"):
        Store.open(COLLECTIONS, path=tmp_path / "state.db", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(
    not os.path.isdir("/proc/self"), reason="needs a folder that nobody can write, root included"
)
def test_a_folder_that_cannot_be_written_is_refused():
    with pytest.raises(MockServerError, match=r"state file cannot be opened .*may be written"):
        SQLiteStorage("/proc/self/state.db")


_WRITE = """
import pathlib, sys
from mockserver.state.store import Store
store = Store.open({"users": "id"}, seed=int(sys.argv[2]), path=pathlib.Path(sys.argv[1]))
users = store["users"]
while True:
    made = users.insert({"id": store.new_id("usr"), "text": "x" * 100})["id"]
    print("+", made, flush=True)
    with store.transaction():
        users.update(made, {"n": 1})
        pair = users.insert({"id": store.new_id("usr"), "pair": made})["id"]
    print("=", made, pair, flush=True)
    if len(users) % 3:
        users.remove(pair)
        print("-", pair, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no kill -9")
def test_a_kill_loses_no_acknowledged_write_and_leaves_a_readable_file(path):
    chance = random.Random(7)
    acknowledged: dict[str, str] = {}
    for seed in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITE, str(path), str(seed)], stdout=subprocess.PIPE, text=True
        ) as writer:
            lines = [writer.stdout.readline() for _ in range(chance.randrange(1, 1000))]
            writer.send_signal(signal.SIGKILL)
            lines += [line for line in writer.stdout if line.endswith("\n")]
        for kind, *named in map(str.split, lines):
            acknowledged.update(dict.fromkeys(named, kind))

        store = Store.open(COLLECTIONS, path=path)
        users = store["users"]
        last = lines[-1].split()[-1]
        for item_id, kind in acknowledged.items():
            # What came after the last acknowledgement may be there or not.
            if kind == "-":
                assert item_id not in users
            elif item_id != last or kind == "+":
                assert item_id in users
        if acknowledged[last] != "+" and last not in users:
            acknowledged[last] = "-"  # its removal was done, and nobody was told
        for item in users:
            assert "pair" not in item or users.get(item["pair"])["n"] == 1, "half a transaction"
        store.close()
