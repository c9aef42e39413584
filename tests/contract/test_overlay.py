"""An overlay changes a document by the places that its actions name."""

import pytest

from mockserver.contract.loading.document import ContractError, load
from mockserver.contract.loading.json_path import BadPath, select
from mockserver.contract.loading.overlay import BadOverlay, apply_overlay

DOCUMENT = {
    "paths": {
        "/pets": {"get": {"operationId": "listPets", "tags": ["a"]}, "post": {"operationId": "addPet"}},
        "/pets/{id}": {"get": {"operationId": "getPet"}},
    },
    "servers": [{"url": "/one"}, {"url": "/two"}],
}


@pytest.mark.parametrize(
    ("path", "places"),
    [
        pytest.param("$", [()], id="the whole"),
        pytest.param("$.paths['/pets'].get", [("paths", "/pets", "get")], id="names"),
        pytest.param('$["paths"]["/pets/{id}"]', [("paths", "/pets/{id}")], id="names in quotes"),
        pytest.param("$.servers[0]", [("servers", 0)], id="an index"),
        pytest.param("$.servers[-1].url", [("servers", 1, "url")], id="from the end"),
        pytest.param("$.servers[*].url", [("servers", 0, "url"), ("servers", 1, "url")], id="all"),
        pytest.param("$.paths.*.get", [("paths", "/pets", "get"), ("paths", "/pets/{id}", "get")], id="any"),
        pytest.param("$..post", [("paths", "/pets", "post")], id="anywhere below"),
        pytest.param("$.servers[?@.url == '/two']", [("servers", 1)], id="a comparison"),
        pytest.param(
            "$.paths.*[?(@.operationId=='getPet')]", [("paths", "/pets/{id}", "get")], id="in brackets"
        ),
        pytest.param("$.paths.*[?@.tags]", [("paths", "/pets", "get")], id="what has something"),
        pytest.param("$.nothing.here", [], id="nothing"),
    ],
)
def test_a_path_selects_places(path, places):
    assert select(DOCUMENT, path) == places


@pytest.mark.parametrize(
    "path", ["paths", "$.", "$[paths]", "$.servers[0:1]", "$.servers[", "$.a[?length(@) > 1]", "$ .a"]
)
def test_a_path_that_is_not_read_is_refused(path):
    with pytest.raises(BadPath):
        select(DOCUMENT, path)


def test_updates_are_merged_and_removals_removed():
    overlay = {
        "overlay": "1.0.0",
        "actions": [
            {"target": "$.paths['/pets']", "update": {"x-mock-collection": {"collection": "pets"}}},
            {"target": "$.paths['/pets'].get", "update": {"tags": ["b"], "operationId": "all"}},
            {"target": "$.servers", "update": {"url": "/three"}},
            {"target": "$.servers[?@.url != '/three']", "remove": True},
        ],
    }

    changed = apply_overlay(DOCUMENT, overlay).document

    assert changed["paths"]["/pets"]["x-mock-collection"] == {"collection": "pets"}
    assert changed["paths"]["/pets"]["get"] == {"operationId": "all", "tags": ["a", "b"]}
    assert changed["servers"] == [{"url": "/three"}]
    assert DOCUMENT["servers"] == [{"url": "/one"}, {"url": "/two"}]


@pytest.mark.parametrize(
    ("action", "note"),
    [
        pytest.param(
            {"target": "$.paths['/dogs']", "update": {"a": 1}},
            ("/actions/0/target", "$.paths['/dogs'] selects nothing, so nothing is changed."),
            id="nothing is selected",
        ),
        pytest.param(
            {"target": "$.paths['/pets'].get", "update": {"operationId": "listPets", "tags": []}},
            ("/actions/0/update", "changes nothing: $.paths['/pets'].get has all of it already."),
            id="nothing is new",
        ),
    ],
)
def test_an_action_that_changes_nothing_is_told(action, note):
    overlaid = apply_overlay(DOCUMENT, {"overlay": "1.0.0", "actions": [action]})

    assert overlaid.notes == [note]
    assert overlaid.document == DOCUMENT


def test_what_stands_in_two_places_is_changed_in_one():
    shared = {"description": "x"}
    document = {"a": shared, "b": shared}

    overlaid = apply_overlay(
        document, {"overlay": "1.0.0", "actions": [{"target": "$.a", "update": {"n": 1}}]}
    )

    assert overlaid.document == {"a": {"description": "x", "n": 1}, "b": {"description": "x"}}
    assert document == {"a": {"description": "x"}, "b": {"description": "x"}}


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        pytest.param({"openapi": "3.1.0"}, "is no overlay", id="another document"),
        pytest.param({"overlay": "1.0.0"}, "actions is missing", id="no actions"),
        pytest.param({"overlay": "1.0.0", "actions": [{"update": {}}]}, "target is missing", id="no target"),
        pytest.param({"overlay": "1.0.0", "actions": [{"target": "$"}]}, "neither an update", id="no change"),
        pytest.param(
            {"overlay": "1.0.0", "actions": [{"target": "paths", "update": {}}]},
            "does not begin",
            id="no path",
        ),
        pytest.param(
            {"overlay": "1.0.0", "actions": [{"target": "$.servers[0].url", "update": {}}]},
            "servers.0.url is no object or list",
            id="nothing that can be added to",
        ),
    ],
)
def test_an_overlay_that_cannot_be_applied_is_refused_in_words(overlay, words):
    with pytest.raises(BadOverlay, match=words):
        apply_overlay(DOCUMENT, overlay)


PETS = """\
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    get: {operationId: listPets, responses: {'200': {description: x}}}
"""


def loaded(folder, *overlays: str):
    (folder / "openapi.yaml").write_text(PETS, encoding="utf-8")
    paths = []
    for number, text in enumerate(overlays):
        paths.append(folder / f"fix{number}.yaml")
        paths[-1].write_text(f"overlay: 1.0.0\nactions:\n{text}", encoding="utf-8")
    return load(folder / "openapi.yaml", overlays=paths)


def test_overlays_are_applied_in_their_order_before_the_document_is_mended(tmp_path):
    contract = loaded(
        tmp_path,
        "  - target: $.paths\n    update: {/dogs: {get: {operationId: dogs}}}\n",
        "  - target: $.paths['/dogs'].get\n    update: {operationId: listDogs}\n",
    )

    assert [each.operation_id for each in contract.operations] == ["listPets", "listDogs"]


def test_a_defect_is_told_where_the_overlay_that_brought_it_has_it(tmp_path):
    dogs = "  - target: $.paths\n    update:\n      /dogs: {get: {security: [{no: []}]}}\n"

    told = [str(each) for each in loaded(tmp_path, dogs).defects]

    assert [each.partition(": ")[0] for each in told] == [
        "fix0.yaml:5  actions.0.update./dogs.get.security.0",
        "fix0.yaml:5  actions.0.update./dogs.get",
    ]


def test_an_action_that_changes_nothing_is_a_defect_with_its_line(tmp_path):
    (defect,) = loaded(tmp_path, "  - target: $.paths.nowhere\n    remove: true\n").defects

    assert str(defect) == (
        "fix0.yaml:3  actions.0.target: $.paths.nowhere selects nothing, so nothing is changed."
    )


def test_a_target_that_cannot_be_read_is_refused_with_its_line(tmp_path):
    with pytest.raises(ContractError) as refused:
        loaded(tmp_path, "  - target: $.info\n    update: {a: 1}\n  - target: nowhere\n    remove: true\n")

    assert str(refused.value).startswith("fix0.yaml:5  actions.1.target: nowhere: ")
