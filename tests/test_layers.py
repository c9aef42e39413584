"""The house: imports go one way, each outside library has one owner, and every module can be read alone."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import mockserver

PACKAGE = Path(mockserver.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))

# Which rooms or modules may import an outside library; one that is not named here may be imported anywhere.
OWNERS = {
    "connexion": {"mockserver.serve.binding"},
    "jsonschema_rs": {"mockserver.contract.schema"},
    "tinydb": {
        "mockserver.state.table",
        "mockserver.state.storage",
        "mockserver.state.store",
        "mockserver.state.collection",
    },
    "sqlite3": {"mockserver.state.storage"},
    "schemathesis": {"mockserver.prove"},
    "yaml": {"mockserver.contract.loading.text"},
    "openapi_spec_validator": {"mockserver.contract.loading.lint"},
    "python_multipart": {"mockserver.contract.media.multipart"},
    "jwt": {"mockserver.state.personas"},
    "starlette": {"mockserver.serve"},
    "uvicorn": {"mockserver.serve.server", "mockserver.serve.protocol"},
    "watchfiles": {"mockserver.serve.reload"},
    "click": {"mockserver.cli"},
    "httpx": {"mockserver.serve.backend"},
}


def order_of_rooms() -> list[str]:
    """Read the ordered list of rooms out of the package's docstring."""
    lines = (mockserver.__doc__ or "").splitlines()
    return [line.split()[0] for line in lines if line.startswith("    mockserver.")]


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports_of(path: Path) -> set[str]:
    modules = {name_of(each) for each in MODULES}
    return {found for found in imports_of(path) if found in modules}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_from_its_own_room_and_those_above(path):
    order = order_of_rooms()
    room = room_of(name_of(path))
    allowed = order[: order.index(room) + 1] if room in order else [*order, "mockserver"]

    below = {found for found in own_imports_of(path) if room_of(found) not in allowed}

    assert not below


def test_every_room_is_in_the_ordered_list():
    rooms = {room_of(name_of(path)) for path in MODULES} - {"mockserver", "mockserver.__main__"}

    assert rooms == set(order_of_rooms())


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nobody_imports_from_the_package_root(path):
    assert "mockserver" not in set(imports_of(path)) - {name_of(path)}


def test_no_module_imports_itself_in_a_circle():
    graph = {name_of(path): own_imports_of(path) - {name_of(path)} for path in MODULES}

    while leaves := {name for name, imports in graph.items() if not imports & graph.keys()}:
        graph = {name: imports for name, imports in graph.items() if name not in leaves}

    assert not graph


@pytest.mark.parametrize("library", OWNERS)
def test_an_outside_library_has_one_owner(library):
    users = {
        name_of(path) for path in MODULES if any(found.split(".")[0] == library for found in imports_of(path))
    }

    strangers = {
        user
        for user in users
        if not any(user == owner or user.startswith(f"{owner}.") for owner in OWNERS[library])
    }

    assert users
    assert not strangers


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_begins_with_a_sentence_about_itself(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))

    assert docstring
    assert docstring.split("\n\n")[0].rstrip().endswith((".", ")", ":"))


def test_importing_a_handler_registers_nothing():
    module = importlib.import_module("mockserver.handlers.groups")

    handler = module.list_groups

    assert handler.__name__ == "list_groups"
    assert callable(handler)
