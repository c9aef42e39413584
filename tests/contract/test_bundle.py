"""A document of several files is one document, in which every reference is local."""

import http.server
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.loading.files import Reach
from mockserver.contract.operation import Contract
from mockserver.contract.pointers import resolve

HEAD = "openapi: 3.1.0\ninfo: {title: Things, version: '1'}\n"


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files of a document; the first is the document itself."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / next(iter(files))


def loaded(folder: Path, files: Mapping[str, str], **reach: bool) -> Contract:
    return load(write(folder, files), Reach(**reach))


def thing(reference: str, more: str = "") -> str:
    """Write a document in which one answer's schema is a reference."""
    content = f"{{application/json: {{schema: {{$ref: '{reference}'}}}}}}"
    responses = f"{{'200': {{description: x, content: {content}}}}}"
    return f"{HEAD}paths:\n  /thing:\n    get:\n      responses: {responses}\n{more}"


def is_valid(contract: Contract, value: object) -> bool:
    (media_type,) = contract.operations[0].responses["200"].content.values()
    assert media_type.pointer is not None
    return contract.schemas.at(media_type.pointer, "response").is_valid(value)


@pytest.mark.parametrize(
    ("reference", "name", "text"),
    [
        ("thing.yaml", "thing.yaml", "type: integer"),
        ("./thing.json", "thing.json", '{"type": "integer"}'),
        ("schemas/all.yaml#/Thing", "schemas/all.yaml", "Thing: {type: integer}"),
        ("all.yaml#/a~1b/c~0d", "all.yaml", "a/b: {c~d: {type: integer}}"),
        ("all.yaml#/one%20thing", "all.yaml", "one thing: {type: integer}"),
        ("my%20things.yaml#/a", "my things.yaml", "a: {type: integer}"),
        ("all.yaml#/list/1", "all.yaml", "list: [{type: string}, {type: integer}]"),
        ("all.yaml#anchored", "all.yaml", "$defs: {a: {$anchor: anchored, type: integer}}"),
        ("https://things.example/a", "unused.yaml", "a: 1"),
    ],
    ids=[
        *("a whole file", "JSON", "a pointer", "tilde escapes", "percent escapes", "a space in a name"),
        *("an item of a list", "an anchor", "an $id"),
    ],
)
def test_a_reference_leads_to_another_file(tmp_path, reference, name, text):
    more = "components: {schemas: {A: {$id: 'https://things.example/a', type: integer}}}\n"

    contract = loaded(tmp_path, {"openapi.yaml": thing(reference, more), name: text})

    assert contract.defects == ()
    assert is_valid(contract, 5)
    assert not is_valid(contract, "five")


def test_references_between_files_are_relative_to_the_file_they_stand_in(tmp_path):
    contract = loaded(
        tmp_path,
        {
            "openapi.yaml": thing("schemas/a.yaml", "components: {schemas: {Name: {type: string}}}\n"),
            "schemas/a.yaml": (
                "properties: {b: {$ref: deep/b.yaml#/B}, own: {$ref: '#/x'}}\nx: {type: integer}"
            ),
            "schemas/deep/b.yaml": (
                "B: {properties: {name: {$ref: ../../openapi.yaml#/components/schemas/Name}}}"
            ),
        },
    )

    assert contract.defects == ()
    assert [file.name for file in contract.files] == ["openapi.yaml", "schemas/a.yaml", "schemas/deep/b.yaml"]
    assert is_valid(contract, {"b": {"name": "x"}, "own": 1})
    assert not is_valid(contract, {"b": {"name": 5}})
    assert not is_valid(contract, {"own": "x"})


def test_files_that_refer_to_each_other_are_read_once(tmp_path):
    contract = loaded(
        tmp_path,
        {
            "openapi.yaml": thing("a.yaml"),
            "a.yaml": "type: object\nproperties: {b: {$ref: b.yaml}}",
            "b.yaml": "type: object\nproperties: {a: {$ref: a.yaml}, name: {type: string}}",
        },
    )

    assert contract.defects == ()
    assert is_valid(contract, {"b": {"a": {"b": {"name": "x"}}}})
    assert not is_valid(contract, {"b": {"a": {"b": {"name": 5}}}})


def test_a_path_item_a_parameter_and_a_response_may_stand_elsewhere(tmp_path):
    contract = loaded(
        tmp_path,
        {
            "openapi.yaml": f"{HEAD}paths:\n  /things/{{id}}: {{$ref: paths/thing.yaml}}\n",
            "paths/thing.yaml": (
                "parameters: [{$ref: ../parameters.yaml#/id}]\n"
                "get: {operationId: getThing, responses: {'200': {$ref: '#/x-answer'}}}\n"
                "x-answer: {description: x, content: {application/json: {schema: {type: integer}}}}\n"
            ),
            "parameters.yaml": "id: {name: id, in: path, required: true, schema: {type: integer}}",
        },
    )

    (operation,) = contract.operations
    assert contract.defects == ()
    assert [parameter.name for parameter in operation.parameters] == ["id"]
    assert is_valid(contract, 5)
    assert not is_valid(contract, "x")


def test_the_mapping_of_a_discriminator_leads_where_its_file_says(tmp_path):
    contract = loaded(
        tmp_path,
        {
            "openapi.yaml": thing("pets/pet.yaml"),
            "pets/pet.yaml": "discriminator: {propertyName: kind, mapping: {dog: ./dog.yaml, cat: Cat}}",
            "pets/dog.yaml": "type: object",
        },
    )

    mapping = contract.data["x-mock-files"]["pets/pet.yaml"]["discriminator"]["mapping"]
    assert resolve(contract.data, mapping["dog"][1:]) == {"type": "object"}
    assert mapping["cat"] == "Cat"


def test_a_dynamic_reference_means_its_own_anchor(tmp_path):
    schema = "{$dynamicAnchor: node, properties: {next: {$dynamicRef: '#node'}, n: {type: integer}}}"

    contract = loaded(
        tmp_path,
        {
            "openapi.yaml": thing(
                "#/components/schemas/Node", f"components: {{schemas: {{Node: {schema}}}}}\n"
            )
        },
    )

    assert is_valid(contract, {"next": {"n": 1}})
    assert not is_valid(contract, {"next": {"next": {"n": "x"}}})


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("missing.yaml", "missing.yaml cannot be read: No such file or directory."),
        ("other.yaml#/none", "other.yaml#/none refers to nothing."),
        ("other.yaml#none", "other.yaml#none refers to nothing."),
        ("broken.yaml", "broken.yaml cannot be read: broken.yaml:3  did not find"),
        (
            "../secret.yaml",
            "../secret.yaml stands outside the document's folder; --allow-outside-refs has it read.",
        ),
        (
            "http://127.0.0.1:1/a.yaml",
            "http://127.0.0.1:1/a.yaml stands on another machine; --allow-remote-refs has it fetched.",
        ),
        ("ftp://things.example/a", "ftp://things.example/a is no address of a file that is read"),
    ],
)
def test_a_reference_that_leads_nowhere_allows_anything_and_is_named(tmp_path, reference, text):
    (tmp_path / "secret.yaml").write_text("type: integer")
    files = {"openapi.yaml": thing(reference), "other.yaml": "a: 1", "broken.yaml": "a: 1\nb: [\n"}

    contract = loaded(tmp_path / "folder", files)

    (defect,) = contract.defects
    assert (defect.file, defect.line) == ("openapi.yaml", 6)
    assert text in defect.text
    assert is_valid(contract, "anything")


def test_a_broken_reference_in_another_file_is_named_with_that_file_and_line(tmp_path):
    contract = loaded(
        tmp_path, {"openapi.yaml": thing("a.yaml"), "a.yaml": "properties:\n  b: {$ref: 'c.yaml'}\n"}
    )

    (defect,) = contract.defects
    assert str(defect).startswith("a.yaml:2  properties.b: c.yaml cannot be read")


def test_a_file_outside_the_folder_is_read_where_that_is_allowed(tmp_path):
    (tmp_path / "outside.yaml").write_text("type: integer")

    contract = loaded(tmp_path / "folder", {"openapi.yaml": thing("../outside.yaml")}, outside=True)

    assert contract.defects == ()
    assert not is_valid(contract, "x")


def test_a_link_that_leads_out_of_the_folder_is_outside(tmp_path):
    (tmp_path / "secret.yaml").write_text("type: integer")
    path = write(tmp_path / "folder", {"openapi.yaml": thing("inside.yaml")})
    (path.parent / "inside.yaml").symlink_to(tmp_path / "secret.yaml")

    (defect,) = load(path).defects

    assert "stands outside" in defect.text


@pytest.fixture
def address() -> Iterator[str]:
    """Serve a schema, which refers to another, over HTTP."""
    schemas = {"/a.json": {"$ref": "b.json#/B"}, "/b.json": {"B": {"type": "integer"}}}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(schemas[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/a.json"
        server.shutdown()


def test_what_stands_on_another_machine_is_fetched_where_that_is_allowed(tmp_path, address):
    contract = loaded(tmp_path, {"openapi.yaml": thing(address)}, remote=True)

    assert contract.defects == ()
    assert is_valid(contract, 5)
    assert not is_valid(contract, "x")


def test_a_dynamic_reference_that_an_anchor_overrides_is_told(tmp_path):
    tree = "{$dynamicAnchor: node, properties: {next: {$dynamicRef: '#node'}}}"
    strict = "{$dynamicAnchor: node, $ref: '#/components/schemas/Tree'}"
    schemas = f"components: {{schemas: {{Tree: {tree}, Strict: {strict}}}}}\n"

    (defect,) = loaded(tmp_path, {"openapi.yaml": thing("#/components/schemas/Tree", schemas)}).defects

    assert defect.place == "components.schemas.Tree.properties.next.$dynamicRef"
    assert "of components.schemas.Tree and components.schemas.Strict, is not looked for" in defect.text
