"""Marking a function makes it no handler; collecting the marked ones does, and tells what is wrong."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.respond.marks import collect, handles

CONTRACT = """
openapi: 3.1.0
info: {title: Things, version: '1'}
paths:
  /things:
    get: {operationId: listThings, responses: {'204': {description: Nothing.}}}
    post: {operationId: createThing, responses: {'204': {description: Nothing.}}}
  /unnamed:
    get: {responses: {'204': {description: Nothing.}}}
"""

MARKS = "from mockserver.respond.marks import handles\n"


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    (tmp_path / "openapi.yaml").write_text(CONTRACT)
    return load(tmp_path / "openapi.yaml")


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that modules can be imported from by name, and forget them afterwards."""
    folder = tmp_path / "importable"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    known = set(sys.modules)
    yield folder
    for name in set(sys.modules) - known:
        del sys.modules[name]


def handler(operation_id: str, name: str = "answer", body: str = "return None") -> str:
    return f"\n@handles({operation_id!r})\ndef {name}(request, store):\n    {body}\n"


def write(path: Path, *texts: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MARKS + "".join(texts))
    return path


def refusal(contract: Contract, source: Any) -> str:
    with pytest.raises(MockServerError) as refused:
        collect(contract, source)
    return str(refused.value)


def test_a_marked_function_is_still_the_function_that_it_was():
    @handles("listThings")
    def answer(request: Any, store: Any) -> Any:
        return (request, store)

    assert answer(1, 2) == (1, 2)
    assert answer.__name__ == "answer"


def test_a_file_gives_its_handlers_by_operation(contract, tmp_path):
    path = write(tmp_path / "things.py", handler("listThings", "one"), handler("createThing", "two"))

    found = collect(contract, path)

    assert {name: each.handler.__name__ for name, each in found.items()} == {
        "listThings": "one",
        "createThing": "two",
    }


def test_a_folder_gives_the_handlers_of_all_its_files(contract, tmp_path):
    write(tmp_path / "handlers" / "a.py", handler("listThings"))
    write(tmp_path / "handlers" / "b.py", handler("createThing"))
    write(tmp_path / "handlers" / "__init__.py", "raise RuntimeError('not imported')")
    (tmp_path / "handlers" / "notes.txt").write_text("not Python")

    assert sorted(collect(contract, tmp_path / "handlers")) == ["createThing", "listThings"]


def test_an_empty_folder_gives_no_handlers(contract, tmp_path):
    (tmp_path / "handlers").mkdir()

    assert collect(contract, tmp_path / "handlers") == {}


def test_a_module_gives_its_handlers_by_name(contract, importable):
    write(importable / "module_of_things.py", handler("listThings"))

    found = collect(contract, "module_of_things")

    assert found["listThings"].place == "module_of_things.answer"


def test_a_package_gives_the_handlers_of_its_own_modules(contract, importable):
    write(importable / "package_of_things" / "__init__.py", handler("listThings"))
    write(importable / "package_of_things" / "more.py", handler("createThing"))

    found = collect(contract, "package_of_things")

    assert [each.place for each in found.values()] == [
        "package_of_things.answer",
        "package_of_things.more.answer",
    ]


def test_an_operation_without_a_name_is_handled_by_its_method_and_path(contract, tmp_path):
    path = write(tmp_path / "things.py", handler("get /unnamed"))

    assert list(collect(contract, path)) == ["get /unnamed"]


@pytest.mark.parametrize(
    ("named", "operation_id"),
    [
        ("GET /unnamed", "get /unnamed"),
        ("Get  /unnamed ", "get /unnamed"),
        ("get /things", "listThings"),
        ("POST /things", "createThing"),
    ],
)
def test_any_operation_is_handled_by_its_method_in_any_case_and_its_path(
    contract, tmp_path, named, operation_id
):
    path = write(tmp_path / "things.py", handler(named))

    assert list(collect(contract, path)) == [operation_id]


def test_the_two_names_of_one_operation_are_one(contract, tmp_path):
    path = write(tmp_path / "things.py", handler("listThings", "one"), handler("GET /things", "two"))

    assert refusal(contract, path).endswith(
        '.two: "GET /things" is handled by mockserver_handlers_things.one.'
    )


def test_a_file_imports_what_lies_beside_it_and_an_edit_there_is_seen(contract, tmp_path):
    folder = tmp_path / "handlers"
    path = write(
        folder / "things.py", "from words_of_things import WORD\n", handler("listThings", body="return WORD")
    )
    (folder / "words_of_things.py").write_text("WORD = 'one'\n")
    first = collect(contract, path)["listThings"].handler(None, None)
    (folder / "words_of_things.py").write_text("WORD = 'another'\n")

    second = collect(contract, folder)["listThings"].handler(None, None)

    assert (first, second) == ("one", "another")
    assert str(folder) not in sys.path


def test_a_function_that_was_marked_elsewhere_counts_once(contract, importable):
    write(importable / "package_of_marks" / "__init__.py")
    write(importable / "package_of_marks" / "a.py", handler("listThings"))
    (importable / "package_of_marks" / "b.py").write_text("from package_of_marks.a import answer\n")

    found = collect(contract, "package_of_marks")

    assert [each.place for each in found.values()] == ["package_of_marks.a.answer"]


def test_what_is_not_marked_is_no_handler(contract, tmp_path):
    path = write(tmp_path / "things.py", "class Thing: pass\nlistThings = 5\ndef createThing(): pass\n")

    assert collect(contract, path) == {}


def test_a_guard_comes_with_its_handler(contract, tmp_path):
    path = write(
        tmp_path / "things.py",
        "def nobody(caller): raise PermissionError\n",
        "\n@handles('listThings', guard=nobody)\ndef guarded(request, store): pass\n",
        handler("createThing"),
    )

    found = collect(contract, path)

    assert found["listThings"].guard.__name__ == "nobody"
    assert found["createThing"].guard is None


def test_an_edit_is_seen_by_the_next_collection(contract, importable):
    path = write(importable / "edited_things.py", handler("listThings"))
    first = collect(contract, "edited_things")
    write(path, handler("createThing", "a_name_that_makes_the_file_longer"))

    second = collect(contract, "edited_things")

    assert (list(first), list(second)) == (["listThings"], ["createThing"])


@pytest.mark.parametrize(
    ("named", "hint"),
    [
        pytest.param("listThing", ' Did you mean "listThings"?', id="a letter is missing"),
        pytest.param("list_things", ' Did you mean "listThings"?', id="another spelling"),
        pytest.param("nothingLikeIt", "", id="nothing is near"),
        pytest.param("GET /thing", ' Did you mean "get /things"?', id="a path"),
        pytest.param("PUT /unnamed", ' Did you mean "get /unnamed"?', id="a method"),
    ],
)
def test_an_operation_that_the_contract_lacks_is_refused_with_the_nearest_name(
    contract, tmp_path, named, hint
):
    path = write(tmp_path / "things.py", handler(named))

    told = refusal(contract, path)

    assert told.endswith(f'.answer: handles "{named}", which openapi.yaml does not have.{hint}')


def test_two_handlers_for_one_operation_are_refused_with_the_names_of_both(contract, importable):
    write(importable / "package_of_two" / "__init__.py")
    write(importable / "package_of_two" / "a.py", handler("listThings", "first"))
    write(importable / "package_of_two" / "b.py", handler("listThings", "second"))

    told = refusal(contract, "package_of_two")

    assert told == 'package_of_two.b.second: "listThings" is handled by package_of_two.a.first.'


@pytest.mark.parametrize(
    ("text", "kind", "line"),
    [
        pytest.param("\n\nimport nothing_of_that_name\n", "ModuleNotFoundError", 4, id="an import"),
        pytest.param("\nraise RuntimeError('at once')\n", "RuntimeError: at once", 3, id="an exception"),
        pytest.param("\n\n\nundefined_name\n", "NameError", 5, id="a name"),
        pytest.param("\ndef broken(:\n", "SyntaxError", 3, id="the syntax"),
        pytest.param("\n  x = 1\n", "IndentationError", 3, id="the indentation"),
    ],
)
@pytest.mark.parametrize("source", ["a file", "a folder", "a module", "a package"])
def test_a_module_that_cannot_be_imported_is_named_with_its_file_and_line(
    contract, importable, source, text, kind, line
):
    folder = importable / "broken_package"
    path = write(folder / "broken_things.py", text)
    write(folder / "__init__.py")
    write(importable / "broken_module.py", text)
    sources = {"a file": path, "a folder": folder, "a module": "broken_module", "a package": "broken_package"}
    file = "broken_module.py" if source == "a module" else "broken_things.py"

    told = refusal(contract, sources[source])

    assert kind in told
    assert re.search(rf"{file}[^\n]*\b{line}\b", told)


def test_an_error_in_what_a_module_imports_is_named_where_it_is(contract, importable):
    (importable / "helper_of_things.py").write_text("\n\n1 / 0\n")
    path = write(importable / "things.py", "import helper_of_things\n")

    told = refusal(contract, path)

    assert "ZeroDivisionError" in told
    assert re.search(r"helper_of_things\.py:3\b", told)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        pytest.param(Path("/nowhere/handlers.py"), "there is no such file or folder", id="a path"),
        pytest.param("no_module_of_this_name", "No module named 'no_module_of_this_name'", id="a module"),
        pytest.param("", "", id="no name"),
    ],
)
def test_what_is_not_there_is_refused_by_name(contract, source, told):
    refused = refusal(contract, source)

    assert refused.startswith(f"handlers {source}")
    assert told in refused


def test_a_file_that_is_not_python_is_refused(contract, tmp_path):
    path = tmp_path / "handlers.txt"
    path.write_text("not Python")

    assert refusal(contract, path) == f"handlers {path}: not a Python file."


@pytest.mark.parametrize(
    "definition",
    [
        pytest.param("async def answer(request, store): pass", id="async"),
        pytest.param("def answer(): pass", id="nothing taken"),
        pytest.param("def answer(request): pass", id="the request alone"),
        pytest.param("def answer(request, store, more): pass", id="a third"),
        pytest.param("def answer(request, store, *, more): pass", id="a keyword"),
        pytest.param("class answer: pass", id="a class"),
    ],
)
def test_what_is_no_plain_function_of_request_and_store_is_refused(contract, tmp_path, definition):
    path = write(tmp_path / "things.py", f"\n@handles('listThings')\n{definition}\n")

    assert "answer: a handler is a plain function of two" in refusal(contract, path)


def test_a_module_that_ends_the_interpreter_is_refused(contract, tmp_path):
    path = write(tmp_path / "things.py", "import sys\nsys.exit(3)\n")

    assert "SystemExit" in refusal(contract, path)
