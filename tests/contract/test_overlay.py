"""An overlay changes a document by the places that its actions name."""

import pytest

from mockserver.contract.json_path import BadPath, select
from mockserver.contract.overlay import apply_overlay
from mockserver.errors import MockServerError

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


def test_an_action_that_finds_nothing_is_told():
    overlay = {"overlay": "1.0.0", "actions": [{"target": "$.paths['/dogs']", "update": {}}]}

    notes = apply_overlay(DOCUMENT, overlay, "fix.yaml").notes

    assert notes == ("fix.yaml, action 1: target $.paths['/dogs'] selects nothing.",)


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
            "servers.0.url is no object",
            id="nothing that can be added to",
        ),
    ],
)
def test_an_overlay_that_cannot_be_applied_is_refused_in_words(overlay, words):
    with pytest.raises(MockServerError, match=words):
        apply_overlay(DOCUMENT, overlay)
