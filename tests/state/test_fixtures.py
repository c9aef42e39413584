"""Fixture sets: read from folders and TinyDB files, held against the contract, and written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tinydb import TinyDB

from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.state.fixture_files import new_folder, refuse_to_replace, write_database, write_folder
from mockserver.state.fixtures import collections_of, find_set, read_as_written, read_set, sets_in
from mockserver.state.store import Store
from tests.conftest import ROOT, SHIPPED

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
DOCUMENT = """\
openapi: 3.1.0
info: {title: Things, version: '1'}
x-mock: {collections: {things: Thing, boxes: Box}}
paths: {/things: {get: {responses: {'200': {description: All}}}}}
components:
  schemas:
    Thing:
      type: object
      additionalProperties: false
      properties:
        id: {type: [string, integer, boolean, 'null']}
        colour: {enum: [red, green]}
        size: {type: integer, minimum: 1}
        tags: {type: array, items: {type: string}}
        made_at: {type: string, format: date-time}
        sold_at: {anyOf: [{$ref: '#/components/schemas/Time'}, {type: 'null'}]}
        note: {type: string}
    Box:
      allOf:
        - $ref: '#/components/schemas/Boxed'
        - {type: object, required: [id]}
    Boxed:
      allOf: [{$ref: '#/components/schemas/Box'}]
      type: object
      properties: {id: {type: integer}, closed_at: {$ref: '#/components/schemas/Time'}}
    Time: {type: string, format: date-time}
"""


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """Give a contract with two collections; the schemas of one go round in a circle."""
    path = tmp_path_factory.mktemp("contract") / "openapi.yaml"
    path.write_text(DOCUMENT.replace("      allOf: [{$ref: '#/components/schemas/Box'}]\n", ""))
    return load(path)


def test_the_folder_of_scenarios_is_no_fixture_set(tmp_path):
    for name in ("demo", "scenarios"):
        (tmp_path / name).mkdir()

    assert sets_in(tmp_path) == ["demo"]


def write(folder: Path, **files: str) -> Path:
    """Write a set called ``a`` into a folder, a file for each collection."""
    (folder / "a").mkdir()
    for name, text in files.items():
        (folder / "a" / f"{name}.yaml").write_text(text)
    return folder


def complaints(folder: Path, contract: Contract, name: str = "a") -> list[str]:
    """Give what is wrong with a set, without the folder."""
    with pytest.raises(MockServerError) as refused:
        read_set(folder, name, contract, NOW)
    return str(refused.value).replace(f"{folder}/", "").splitlines()


def test_a_folder_has_a_file_for_each_collection(tmp_path, contract):
    write(tmp_path, things="- {id: 1}\n- {id: 2}\n", boxes="- {id: 3}\n")

    content = read_set(tmp_path, "a", contract, NOW)

    assert content == {"things": [{"id": 1}, {"id": 2}], "boxes": [{"id": 3}]}


def test_a_collection_that_a_set_says_nothing_of_is_empty(tmp_path, contract):
    write(tmp_path, boxes="- {id: 3}\n")

    assert read_set(tmp_path, "a", contract, NOW) == {"things": [], "boxes": [{"id": 3}]}


def test_a_set_may_be_json_and_other_files_are_left_alone(tmp_path, contract):
    write(tmp_path)
    (tmp_path / "a" / "things.json").write_text('[{"id": "é"}]')
    (tmp_path / "a" / "README.md").write_text("# Things")
    (tmp_path / "a" / "pictures").mkdir()

    assert read_set(tmp_path, "a", contract, NOW)["things"] == [{"id": "é"}]


def test_a_tinydb_file_is_a_set(tmp_path, contract):
    with TinyDB(tmp_path / "a.json") as database:
        database.table("things").insert_multiple([{"id": 1, "colour": "red"}, {"id": 2}])
        database.table("boxes").insert({"id": 3})

    by_name = read_set(tmp_path, "a", contract, NOW)
    by_file = read_set(tmp_path, "a.json", contract, NOW)

    assert by_name == by_file == {"things": [{"id": 1, "colour": "red"}, {"id": 2}], "boxes": [{"id": 3}]}


def test_a_set_is_found_by_its_name_and_else_by_its_path(tmp_path, contract):
    write(tmp_path, things="- {id: 1}\n")
    fixtures = tmp_path / "fixtures"
    fixtures.mkdir()

    assert find_set(tmp_path, "a") == tmp_path / "a"
    assert find_set(fixtures, str(tmp_path / "a")) == tmp_path / "a"
    assert find_set(None, str(tmp_path / "a")) == tmp_path / "a"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("dmeo", 'there is no fixture set "dmeo"; there are: demo, large.json. Did you mean "demo"?'),
        ("", 'there is no fixture set ""; there are: demo, large.json.'),
    ],
    ids=["misspelt", "empty"],
)
def test_a_set_that_is_not_there_is_refused_with_those_that_are(tmp_path, name, said):
    (tmp_path / "demo").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "large.json").write_text("{}")
    (tmp_path / "personas.yaml").write_text("{}")

    with pytest.raises(MockServerError) as refused:
        find_set(tmp_path, name)

    assert str(refused.value) == f"{tmp_path}: {said}"
    assert sets_in(tmp_path) == ["demo", "large.json"]


def test_a_relative_time_is_counted_from_now(tmp_path, contract):
    write(
        tmp_path,
        things="- {id: 1, made_at: -2h, sold_at: +3d}\n- {id: 2, made_at: now, sold_at: null}\n"
        "- {id: 3, made_at: '2026-01-01T01:00:00+01:00'}\n",
        boxes="- {id: 1, closed_at: +1w}\n",
    )

    content = read_set(tmp_path, "a", contract, NOW)

    assert content["things"] == [
        {"id": 1, "made_at": "2026-05-01T07:00:00.000000Z", "sold_at": "2026-05-04T09:00:00.000000Z"},
        {"id": 2, "made_at": "2026-05-01T09:00:00.000000Z", "sold_at": None},
        {"id": 3, "made_at": "2026-01-01T00:00:00.000000Z"},
    ]
    assert content["boxes"] == [{"id": 1, "closed_at": "2026-05-08T09:00:00.000000Z"}]


def test_a_text_that_is_no_time_by_its_schema_stays_as_it_is(tmp_path, contract):
    write(tmp_path, things="- {id: now, note: +3d}\n")

    assert read_set(tmp_path, "a", contract, NOW)["things"] == [{"id": "now", "note": "+3d"}]


def test_times_are_left_as_they_stand_where_that_was_asked_for(tmp_path, contract):
    write(tmp_path, things="- {id: 1, made_at: -2h}\n")

    assert read_as_written(tmp_path, "a", contract)["things"] == [{"id": 1, "made_at": "-2h"}]


BROKEN_ITEMS = {
    "a value that is not allowed": ("colour: blue", 'colour is "blue"; the contract allows red, green.'),
    "a value of another type": ("size: '3'", 'size is "3"; the contract wants integer.'),
    "a limit": ("size: 0", "size is 0; the contract wants minimum 1."),
    "a value inside another": ("tags: [a, 5]", "tags.1 is 5; the contract wants string."),
    "a format": ("made_at: soon", 'made_at is "soon"; the contract wants format date-time.'),
    "a time too far away": (
        "made_at: +999999w",
        'made_at is "+999999w"; the contract wants format date-time.',
    ),
    "null where there is none": ("made_at: null", "made_at is null; the contract wants string."),
    "a property that there is not": ("size_: 3", "size_ is not in the contract."),
    "something endless": (f"size: {'x' * 500}", f'size is "{"x" * 199}…; the contract wants integer.'),
}


@pytest.mark.parametrize(("written", "said"), BROKEN_ITEMS.values(), ids=BROKEN_ITEMS)
def test_an_item_that_breaks_its_schema_is_named(tmp_path, contract, written, said):
    write(tmp_path, things=f"- {{id: 1}}\n\n- id: 2\n  {written}\n")

    assert complaints(tmp_path, contract) == [f"a/things.yaml:4, item 2: {said}"]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("{note: x}", "id is null; every item has one, a string or an integer."),
        ("{id: null}", "id is null; every item has one, a string or an integer."),
        ("{id: true}", "id is true; every item has one, a string or an integer."),
        ("{id: ''}", 'id is ""; every item has one, a string or an integer.'),
        ("{id: '1'}", "id 1 is taken by item 1."),
        ("text", "is not a mapping."),
        ("[1]", "is not a mapping."),
    ],
    ids=["no id", "null", "a boolean", "an empty text", "a taken id", "a text", "a list"],
)
def test_an_item_without_an_id_of_its_own_is_named(tmp_path, contract, item, said):
    write(tmp_path, things=f"- {{id: 1}}\n- {item}\n")

    assert complaints(tmp_path, contract) == [f"a/things.yaml:2, item 2: {said}"]


def test_every_broken_item_is_named_at_once(tmp_path, contract):
    write(
        tmp_path,
        things="- {id: 1, size: 0, colour: blue}\n- {id: 2}\n- {id: 3, size: -1}\n",
        boxes="- {id: a}\n- {}\n",
    )

    assert complaints(tmp_path, contract) == [
        'a/boxes.yaml:1, item 1: id is "a"; the contract wants integer.',
        "a/boxes.yaml:2, item 2: id is missing.",
        "a/things.yaml:1, item 1: size is 0; the contract wants minimum 1.",
        'a/things.yaml:1, item 1: colour is "blue"; the contract allows red, green.',
        "a/things.yaml:3, item 3: size is -1; the contract wants minimum 1.",
    ]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        (
            "thing.yaml",
            "[]",
            "a/thing.yaml: the contract has no collection thing; it has things, boxes."
            ' Did you mean "things"?',
        ),
        ("things.yaml", "{id: 1}", "a/things.yaml: should be a list of items."),
        ("things.yaml", "", "a/things.yaml: should be a list of items."),
        ("things.yaml", "- {id: 1\n- {id: 2}\n", "a/things.yaml:2  syntax: "),
        ("things.yaml", "- {id: 1, id: 2}\n", 'a/things.yaml:1  syntax: the key "id" stands twice'),
        ("things.json", '[{"id": 1},]', "a/things.json: "),
        ("things.yml", "- {id: 1}", None),
    ],
    ids=["an unknown collection", "no list", "nothing", "no YAML", "a key twice", "no JSON", "sound"],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, contract, file, text, said):
    write(tmp_path)
    (tmp_path / "a" / file).write_text(text)

    if said is None:
        assert read_set(tmp_path, "a", contract, NOW)["things"] == [{"id": 1}]
    elif file == "things.json":
        assert read_set(tmp_path, "a", contract, NOW)["things"] == [{"id": 1}]  # as YAML it is a list
    else:
        assert complaints(tmp_path, contract)[0].startswith(said)


def test_a_collection_in_two_files_is_named(tmp_path, contract):
    write(tmp_path, things="- {id: 1}\n")
    (tmp_path / "a" / "things.json").write_text("[]")

    assert complaints(tmp_path, contract) == ["a/things.yaml: things.json holds things already."]


def test_what_is_wrong_in_one_file_does_not_hide_what_is_wrong_in_another(tmp_path, contract):
    write(tmp_path, boxes="- [\n", things="- {id: 1, size: 0}\n", nothing="[]")

    said = complaints(tmp_path, contract)

    assert [line.split(":")[0] for line in said] == ["a/boxes.yaml", "a/nothing.yaml", "a/things.yaml"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{"things": {"1": {"id": 1},\n "7": {"id": 2,\n "size": 0}}}',
            "a.json:3, things, item 2: size is 0; the contract wants minimum 1.",
        ),
        ('{"thing": {}}', "a.json, thing: the contract has no collection thing; it has things, boxes."),
        ("[]", "a.json: should be a TinyDB database: items by number, by collection."),
        ('{"things": []}', "a.json: should be a TinyDB database: items by number, by collection."),
        ('{"things": {"1": 5}}', "a.json:1, things, item 1: is not a mapping."),
        ('{"things": {]}', "a.json:1  syntax: "),
    ],
    ids=["a broken item", "an unknown table", "a list", "a table that is a list", "no mapping", "no JSON"],
)
def test_a_broken_tinydb_file_is_named(tmp_path, contract, text, said):
    (tmp_path / "a.json").write_text(text)

    assert complaints(tmp_path, contract)[0].startswith(said)


def test_the_empty_default_table_of_tinydb_is_left_alone(tmp_path, contract):
    (tmp_path / "a.json").write_text('{"_default": {}, "things": {"1": {"id": 1}}}')

    assert read_set(tmp_path, "a", contract, NOW)["things"] == [{"id": 1}]


def test_schemas_that_go_round_in_a_circle_do_no_harm(tmp_path):
    (tmp_path / "openapi.yaml").write_text(
        DOCUMENT.replace("{things: Thing, boxes: Box}", "{things: Thing}").replace(
            "anyOf: [{$ref: '#/components/schemas/Time'}, {type: 'null'}]",
            "$ref: '#/components/schemas/Round'",
        )
        + "    Round: {anyOf: [{$ref: '#/components/schemas/Thing'}, {type: string, format: date-time}]}\n"
    )
    write(
        tmp_path,
        things="- {id: 1, sold_at: {id: 2, sold_at: '2026-01-01T00:00:00Z'}}\n- {id: 3, sold_at: +1d}\n",
    )

    content = read_set(tmp_path, "a", load(tmp_path / "openapi.yaml"), NOW)

    assert content["things"][1] == {"id": 3, "sold_at": "2026-05-02T09:00:00.000000Z"}


def test_every_broken_item_of_a_long_file_is_named_with_its_line(tmp_path, contract):
    write(tmp_path)
    items = [f'{{"id": {n}, "size": {0 if n >= 1000 else 1}}}' for n in range(2000)]
    (tmp_path / "a" / "things.json").write_text("[\n" + ",\n".join(items) + "\n]")

    said = complaints(tmp_path, contract)

    assert len(said) == 1000
    assert said[0] == "a/things.json:1002, item 1001: size is 0; the contract wants minimum 1."
    assert said[-1] == "a/things.json:2001, item 2000: size is 0; the contract wants minimum 1."


def test_an_item_of_a_very_large_file_is_named_without_its_line(tmp_path, contract):
    write(tmp_path)
    (tmp_path / "a" / "boxes.json").write_text("[" + " " * 3_000_000 + '{"id": "a"}]')

    assert complaints(tmp_path, contract) == ['a/boxes.json, item 1: id is "a"; the contract wants integer.']


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            "{things: Thnig}",
            'openapi.yaml:3  x-mock.collections.things: is "Thnig", which is not in components.schemas.'
            ' Did you mean "Thing"?',
        ),
        (
            "{things: 5}",
            'openapi.yaml:3  x-mock.collections.things: is "5", which is not in components.schemas.',
        ),
        ("[things]", "openapi.yaml:3  x-mock.collections: should be names of schemas, by collection."),
    ],
    ids=["an unknown schema", "a number", "a list"],
)
def test_collections_that_cannot_be_had_are_refused(tmp_path, settings, said):
    (tmp_path / "openapi.yaml").write_text(DOCUMENT.replace("{things: Thing, boxes: Box}", settings))

    with pytest.raises(MockServerError) as refused:
        collections_of(load(tmp_path / "openapi.yaml"))

    assert str(refused.value) == said


def test_without_collections_in_the_contract_there_are_none(tmp_path):
    (tmp_path / "openapi.yaml").write_text(
        DOCUMENT.replace("x-mock: {collections: {things: Thing, boxes: Box}}\n", "")
    )

    assert collections_of(load(tmp_path / "openapi.yaml")) == {}


def test_what_was_written_is_read_again_and_equal(tmp_path):
    contract = load(SHIPPED)
    demo = read_set(ROOT / "fixtures", "demo", contract, NOW)

    write_folder(tmp_path / "folder", demo)
    write_database(tmp_path / "file.json", demo)

    assert read_set(tmp_path, "folder", contract, NOW) == demo
    assert read_set(tmp_path, "file", contract, NOW) == demo


def test_tinydb_opens_what_was_written_from_a_store(tmp_path):
    contract = load(SHIPPED)
    store = Store.open(dict.fromkeys(collections_of(contract), "id"))
    store.load(read_set(ROOT / "fixtures", "demo", contract, NOW))

    write_database(tmp_path / "file.json", store.export())

    with TinyDB(tmp_path / "file.json") as database:
        assert database.table("users").all() == store.export()["users"]
        assert database.table("users").get(doc_id=1) == store.export()["users"][0]


def test_a_folder_that_fails_half_way_leaves_what_was_there(tmp_path):
    write_folder(tmp_path / "a", {"things": [{"id": 1}]})

    def fail() -> None:
        with new_folder(tmp_path / "a") as made:
            (made / "things.json").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert (tmp_path / "a" / "things.json").read_text() == '[\n  {\n    "id": 1\n  }\n]\n'
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    write_folder(tmp_path / "a", {"things": [{"id": 1}], "boxes": []})

    write_folder(tmp_path / "a", {"things": [{"id": 2}]})

    assert [each.name for each in (tmp_path / "a").iterdir()] == ["things.json"]
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_what_cannot_be_written_is_refused_in_words(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(MockServerError, match="is a file; name a folder"):
        write_folder(tmp_path / "file", {"things": []})
    with pytest.raises(MockServerError, match="cannot be written: "):
        write_folder(tmp_path / "file" / "inside", {"things": []})
    with pytest.raises(MockServerError, match="cannot be written: Is a directory"):
        write_database(tmp_path, {"things": []})
    with pytest.raises(MockServerError, match="cannot be written: Integer exceeds 64-bit range"):
        write_database(tmp_path / "large.json", {"things": [{"id": 10**30}]})
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("prepare", "force", "refused"),
    [
        (lambda path: None, False, False),
        (lambda path: path.mkdir(), False, False),
        (lambda path: write_folder(path, {"things": []}), False, True),
        (lambda path: write_folder(path, {"things": []}), True, False),
        (lambda path: path.write_text("{}"), False, True),
        (lambda path: path.write_text("{}"), True, False),
        (lambda path: write_folder(path / "deeper", {"things": []}), True, True),
    ],
    ids=["nothing", "an empty folder", "a set", "a set, forced", "a file", "a file, forced", "more, forced"],
)
def test_a_set_is_written_only_where_it_replaces_nothing_else(tmp_path, prepare, force, refused):
    prepare(tmp_path / "out")

    if refused:
        with pytest.raises(MockServerError):
            refuse_to_replace(tmp_path / "out", force=force)
    else:
        refuse_to_replace(tmp_path / "out", force=force)
