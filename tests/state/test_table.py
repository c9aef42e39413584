"""
The table against TinyDB's own, operation by operation, and what it promises beyond.

The first half is the contract test over the installed TinyDB: the table leans on hooks that it does not
document.
"""

from collections.abc import Callable
from typing import Any

import pytest
from tinydb import TinyDB, where
from tinydb.operations import delete, increment
from tinydb.storages import MemoryStorage
from tinydb.table import Document, Table

from mockserver.state.items import copy_item, plain
from mockserver.state.table import IndexedTable


class IndexedTinyDB(TinyDB):
    table_class = IndexedTable


PEOPLE = [
    {"name": "Ann", "age": 30, "tags": ["a"]},
    {"name": "Bob", "age": 40, "tags": []},
    {"name": "Cid", "age": 50, "address": {"city": "Rome"}},
]

Operation = Callable[[Any, Callable[[int], Any]], object]


def _explode(item):
    item["age"] = 0
    raise RuntimeError("no")


OPERATIONS: dict[str, Operation] = {
    "insert": lambda table, id: table.insert({"name": "Dee"}),
    "insert with an id": lambda table, id: table.insert(Document({"name": "Dee"}, id(9))),
    "insert after an id": lambda table, id: [
        table.insert(Document({}, id(9))),
        table.insert({"name": "Eve"}),
    ],
    "insert a taken id": lambda table, id: table.insert(Document({"name": "Dee"}, id(1))),
    "insert no mapping": lambda table, id: table.insert(["no"]),
    "insert several": lambda table, id: table.insert_multiple([{"name": "Dee"}, {"name": "Eve"}]),
    "insert several with ids": lambda table, id: table.insert_multiple([Document({"a": 1}, id(7)), {"a": 2}]),
    "insert several, one taken": lambda table, id: table.insert_multiple([Document({}, id(2))]),
    "insert several, one no mapping": lambda table, id: table.insert_multiple([3]),
    "update all": lambda table, id: table.update({"age": 1}),
    "update by condition": lambda table, id: table.update({"age": 1}, where("name") == "Bob"),
    "update by ids": lambda table, id: table.update({"age": 1}, doc_ids=[id(3), id(1), id(8)]),
    "update with a callable": lambda table, id: table.update(increment("age"), where("age") > 30),
    "update with a callable that removes": lambda table, id: table.update(delete("tags"), doc_ids=[id(1)]),
    "update nested values": lambda table, id: table.update(
        lambda item: item["tags"].append("b"), doc_ids=[id(1)]
    ),
    "update nothing": lambda table, id: table.update({"age": 1}, where("name") == "Zoe"),
    "update with a callable that raises": lambda table, id: table.update(_explode, doc_ids=[id(8)]),
    "update several": lambda table, id: table.update_multiple(
        [({"age": 1}, where("name") == "Ann"), (increment("age"), where("age") == 50)]
    ),
    "upsert what is there": lambda table, id: table.upsert({"age": 31}, where("name") == "Ann"),
    "upsert what is not": lambda table, id: table.upsert({"name": "Dee"}, where("name") == "Dee"),
    "upsert by id": lambda table, id: table.upsert(Document({"age": 31}, id(1))),
    "upsert by a new id": lambda table, id: table.upsert(Document({"age": 31}, id(8))),
    "upsert without a condition": lambda table, id: table.upsert({"age": 31}),
    "remove by condition": lambda table, id: table.remove(where("age") >= 40),
    "remove by ids": lambda table, id: table.remove(doc_ids=[id(2), id(8)]),
    "remove without a condition": lambda table, id: table.remove(),
    "insert after a removal": lambda table, id: [table.remove(doc_ids=[id(1)]), table.insert(PEOPLE[0])],
    "truncate": lambda table, id: table.truncate(),
    "insert after truncating": lambda table, id: [table.truncate(), table.insert({"name": "Dee"})],
    "all": lambda table, id: table.all(),
    "search": lambda table, id: table.search(where("age") > 30),
    "search twice": lambda table, id: [table.search(where("age") > 30), table.search(where("age") > 30)],
    "search nested": lambda table, id: table.search(where("address").city == "Rome"),
    "get by condition": lambda table, id: table.get(where("name") == "Bob"),
    "get by id": lambda table, id: table.get(doc_id=id(2)),
    "get by an unknown id": lambda table, id: table.get(doc_id=id(8)),
    "get by ids": lambda table, id: table.get(doc_ids=[id(3), id(1), id(8)]),
    "get without anything": lambda table, id: table.get(),
    "contains by condition": lambda table, id: table.contains(where("name") == "Zoe"),
    "contains by id": lambda table, id: [table.contains(doc_id=id(1)), table.contains(doc_id=id(8))],
    "count": lambda table, id: table.count(where("age") >= 40),
    "len": lambda table, id: len(table),
    "iterate": lambda table, id: list(table),
    "clear the cache": lambda table, id: table.clear_cache(),
    "name": lambda table, id: table.name,
}


def _outcome(table: Any, id: Callable[[int], Any], operation: Operation) -> object:
    try:
        result = _in_words(operation(table, id))
    except Exception as error:
        result = type(error)
    return result, [_in_words(item) for item in table]


def _in_words(result: Any) -> Any:
    if isinstance(result, Document):
        return str(result.doc_id), dict(result)
    if isinstance(result, list):
        return [_in_words(one) for one in result]
    return str(result) if type(result) is int else result


@pytest.fixture
def table():
    return IndexedTable(MemoryStorage(), "people")


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_does_what_it_does_to_a_stock_table(operation):
    stock = TinyDB(storage=MemoryStorage).table("people")
    stock.insert_multiple(copy_item(person) for person in PEOPLE)
    indexed = IndexedTinyDB(storage=MemoryStorage).table("people")
    indexed.insert_multiple(PEOPLE)

    expected = _outcome(stock, int, operation)

    assert _outcome(indexed, str, operation) == expected
    assert all(type(document.doc_id) is str for document in indexed)


def test_a_stock_table_has_no_operation_that_is_not_compared_here():
    readers = {"all", "contains", "count", "get", "search", "name", "storage", "clear_cache"}
    mutators = {"insert", "insert_multiple", "update", "update_multiple", "upsert", "remove", "truncate"}
    hooks = {"default_query_cache_capacity", "document_class", "document_id_class", "query_cache_class"}

    assert {name for name in vars(Table) if not name.startswith("_")} == readers | mutators | hooks


def test_a_table_in_a_tinydb_is_written_to_its_storage_and_read_from_it():
    database = IndexedTinyDB(storage=MemoryStorage)
    database.table("people").insert(Document({"name": "Ann"}, "p1"))

    assert database.storage.read() == {"people": {"p1": {"name": "Ann"}}}
    assert IndexedTable(database.storage, "people").all() == [{"name": "Ann"}]
    assert database.tables() == {"people"}


@pytest.mark.parametrize(
    "write",
    [
        lambda table: table.update(_explode),
        lambda table: table.update_multiple(
            [({"age": 0}, where("age") > 0), (_explode, where("name") == "Cid")]
        ),
        lambda table: table.insert_multiple([{"name": "Dee"}, 3]),
        lambda table: table.insert({"born": object()}),
        lambda table: table.insert({"share": float("nan")}),
        lambda table: table.remove(lambda item: 1 / (item["age"] - 50) < 0),
    ],
    ids=["update", "update several", "insert several", "no JSON value", "no finite number", "a condition"],
)
def test_a_write_that_fails_leaves_nothing_behind(table, write):
    table.insert_multiple(PEOPLE)

    with pytest.raises((RuntimeError, ValueError, TypeError, ZeroDivisionError)):
        write(table)

    assert table.all() == PEOPLE


def test_a_write_that_is_refused_by_its_listener_leaves_nothing_behind():
    def refuse(table, before):
        raise OSError("full")

    rows = [("a", 0, {"n": 1}), ("b", 1, {"n": 2}), ("c", 2, {"n": 3})]
    table = IndexedTable(MemoryStorage(), "t", rows=rows, written=refuse)
    table.find(None, ("n",), 0, None, {"n": 1})

    for write in (
        lambda: table.remove(doc_ids=["b", "a"]),
        lambda: table.insert({"n": 0}),
        lambda: table.update({"n": 9}),
        table.truncate,
    ):
        with pytest.raises(OSError, match="full"):
            write()

    assert list(table.items.items()) == [(item_id, item) for item_id, _, item in rows]
    assert table.find(None, ("-n",), 0, None, {}) == [{"n": 3}, {"n": 2}, {"n": 1}]
    assert table.find(None, (), 0, None, {"n": 2}) == [{"n": 2}]


def test_an_item_is_never_changed_in_place(table):
    table.insert(Document({"tags": ["a"]}, "p1"))
    stored = table.items["p1"]

    table.update(lambda item: item["tags"].append("b"))

    assert stored == {"tags": ["a"]}
    assert table.items["p1"] == {"tags": ["a", "b"]}


def test_an_update_that_changes_nothing_keeps_the_stored_item(table):
    table.insert(Document({"age": 1}, "p1"))
    stored = table.items["p1"]

    table.update({"age": 1})

    assert table.items["p1"] is stored


def test_true_and_one_are_different_values(table):
    table.insert(Document({"n": 1}, "one"))
    table.insert(Document({"n": True}, "true"))
    table.insert(Document({"n": [1]}, "list"))

    table.update({"n": True}, doc_ids=["one"])

    assert table.items["one"]["n"] is True
    assert table.tally(None, {"n": 1}) == 0
    assert table.tally(None, {"n": True}) == 2
    assert table.tally(None, {"n": [True]}) == 0
    assert table.tally(None, {"n": [1]}) == 1


def test_results_and_arguments_share_nothing_with_the_table(table):
    given = {"tags": ["a"], "address": {"lines": ["1"]}}
    table.insert(Document(given, "p1"))
    tags = ["c"]
    table.insert(Document({}, "p2"))
    table.update({"tags": tags}, doc_ids=["p2"])

    given["address"]["lines"].append("x")
    tags.append("x")
    for result in (table.get(doc_id="p1"), table.all()[0], table.search(where("tags") == ["a"])[0]):
        result["tags"].append("x")
        result["address"]["lines"].clear()

    assert table.items == {"p1": {"tags": ["a"], "address": {"lines": ["1"]}}, "p2": {"tags": ["c"]}}


def test_a_mapping_a_tuple_and_a_kind_of_string_are_stored_as_json_knows_them():
    class Colour(str):
        __slots__ = ()

    stored = plain({"pair": (1, 2), "of": Document({"a": None}, 1), "colour": Colour("red")})

    assert stored == {"pair": [1, 2], "of": {"a": None}, "colour": "red"}
    assert [type(value) for value in stored.values()] == [list, dict, str]


@pytest.mark.parametrize(
    "value",
    [{1: "a"}, {"a": {1, 2}}, [b"a"], object()],
    ids=["a number as name", "a set", "bytes", "an object"],
)
def test_what_json_does_not_know_is_refused(value):
    with pytest.raises(TypeError, match="cannot be stored"):
        plain(value)
