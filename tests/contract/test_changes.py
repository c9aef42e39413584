"""What changed between two versions of a contract: schemas are compared by what they allow."""

import json
import random
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.changes.comparison import compare
from mockserver.contract.changes.kinds import KINDS
from mockserver.contract.loading.document import load, parse_file
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from tests.contract.compact import NUMBER, TEXT, contract_of, gives, listed, thing
from tests.contract.test_real_documents import READ, name_of

CAT = thing("kind", kind=TEXT, lives=NUMBER)
DOG = thing("kind", kind=TEXT, tricks=listed(TEXT))
NULL = {"type": "null"}
ANIMALS = {"Cat": CAT, "Dog": DOG}
PET = {"$ref": "#/components/schemas/Cat"}
EITHER = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]


def mapped(**names: str) -> dict[str, Any]:
    mapping = {value: f"#/components/schemas/{name}" for value, name in names.items()}
    return {"propertyName": "kind", "mapping": mapping}


# By what changes: two schemas, and what is told of it in a request, without "request-", there and back.
SCHEMAS: dict[str, tuple[Any, Any, list[str], list[str]]] = {
    "the same": (thing("a", a=TEXT), thing("a", a=TEXT), [], []),
    "an integer is a number": (NUMBER, {"type": "number"}, ["type-widened"], ["type-narrowed"]),
    "another type": (NUMBER, TEXT, ["type-changed"], ["type-changed"]),
    "one type more": (TEXT, {"type": ["string", "integer"]}, ["type-widened"], ["type-narrowed"]),
    "null": (TEXT, {"type": ["string", "null"]}, ["became-nullable"], ["became-not-nullable"]),
    "one alternative to null more": (
        {"anyOf": [PET, NULL]},
        {"anyOf": [*EITHER, NULL]},
        ["alternative-added"],
        ["alternative-removed"],
    ),
    "null in an anyOf": (
        TEXT,
        {"anyOf": [TEXT, NULL]},
        ["became-nullable"],
        ["became-not-nullable"],
    ),
    "types in an anyOf": ({"anyOf": [TEXT, NUMBER]}, {"type": ["string", "integer"]}, [], []),
    "constants in a oneOf": ({"oneOf": [{"const": "a"}, {"const": "b"}]}, {"enum": ["b", "a"]}, [], []),
    "a constant": ({"const": "a"}, {"enum": ["a"]}, [], []),
    "a constant that is none of the values": (
        {"type": "string", "enum": ["a"]},
        {"type": "string", "enum": ["a"], "const": "b"},
        ["type-narrowed"],
        ["type-widened"],
    ),
    "one value more": ({"enum": ["a"]}, {"enum": ["a", "b"]}, ["enum-value-added"], ["enum-value-removed"]),
    "any value": ({"type": "string", "enum": ["a"]}, TEXT, ["enum-dropped"], ["enum-introduced"]),
    "one is 1.0": ({"enum": [1]}, {"enum": [1.0]}, [], []),
    "above 0 is at least 1": (
        {"type": "integer", "exclusiveMinimum": 0},
        {"type": "integer", "minimum": 1},
        [],
        [],
    ),
    "a limit itself is left out": (
        {"type": "number", "minimum": 0},
        {"type": "number", "exclusiveMinimum": 0},
        ["limit-tightened"],
        ["limit-loosened"],
    ),
    "a length of 0 says nothing": ({"type": "string", "minLength": 0}, TEXT, [], []),
    "multiples": (
        {"type": "integer", "multipleOf": 2},
        {"type": "integer", "multipleOf": 6},
        ["limit-tightened"],
        ["limit-loosened"],
    ),
    "other multiples": (
        {"type": "integer", "multipleOf": 2},
        {"type": "integer", "multipleOf": 3},
        ["limit-changed"],
        ["limit-changed"],
    ),
    "multiples of a fraction": (
        {"type": "number", "multipleOf": 0.1},
        {"type": "number", "multipleOf": 0.01},
        ["limit-loosened"],
        ["limit-tightened"],
    ),
    "multiples of two numbers are those of both": (
        {"allOf": [{"type": "integer", "multipleOf": 2}, {"multipleOf": 3}]},
        {"type": "integer", "multipleOf": 3},
        ["limit-loosened"],
        ["limit-tightened"],
    ),
    "an integer of at least 1.5 is at least 2": (
        {"type": "integer", "minimum": 1.5, "exclusiveMaximum": 7.5},
        {"allOf": [{"type": "integer"}, {"minimum": 2, "maximum": 7}]},
        [],
        [],
    ),
    "formats that hardly any value is of both of": (
        {**TEXT, "format": "uri"},
        {**TEXT, "format": "ipv6"},
        ["format-changed"],
        ["format-changed"],
    ),
    "a limit that no float can be": (
        {"type": "integer", "minimum": 10**400, "multipleOf": 10**400},
        {"enum": [10**400, 3 * 10**400]},
        ["enum-introduced"],
        ["enum-dropped"],
    ),
    "an integer is a multiple of a tenth": (
        {"allOf": [{"type": "integer"}, {"type": "number", "multipleOf": 0.1}]},
        NUMBER,
        [],
        [],
    ),
    "each once": (
        listed(TEXT),
        {**listed(TEXT), "uniqueItems": True},
        ["limit-tightened"],
        ["limit-loosened"],
    ),
    "another pattern": (
        {"type": "string", "pattern": "^a"},
        {"type": "string", "pattern": "^b"},
        ["pattern-changed"],
        ["pattern-changed"],
    ),
    "a wider number": (
        {"type": "integer", "format": "int32"},
        {"type": "integer", "format": "int64"},
        ["format-widened"],
        ["format-narrowed"],
    ),
    "items": (listed(TEXT), listed(NUMBER), ["type-changed"], ["type-changed"]),
    "an allOf is flat": (
        {"allOf": [thing("a", a=TEXT), thing(b=NUMBER)]},
        thing("a", a=TEXT, b=NUMBER),
        [],
        [],
    ),
    "an allOf tightens": (
        {"type": "string", "maxLength": 9},
        {"allOf": [{"type": "string", "maxLength": 9}, {"maxLength": 5}]},
        ["limit-tightened"],
        ["limit-loosened"],
    ),
    "values of a map": (
        {"type": "object", "additionalProperties": TEXT},
        {"type": "object", "additionalProperties": {"type": "string", "maxLength": 3}},
        ["limit-tightened"],
        ["limit-loosened"],
    ),
    "a closed object": (
        thing(a=TEXT),
        {**thing(a=TEXT), "additionalProperties": False},
        ["additional-properties-refused"],
        ["additional-properties-allowed"],
    ),
    "a property that is refused": (
        {**thing(a=TEXT, b=TEXT), "additionalProperties": False},
        {**thing(a=TEXT), "additionalProperties": False},
        ["property-refused"],
        ["property-added"],
    ),
    "a property that is only read": (
        thing("a", a=TEXT),
        thing("a", a={**TEXT, "readOnly": True}),
        ["property-became-read-only"],
        ["property-became-required", "property-became-writable"],
    ),
    "what was always there is described": (
        {"type": "object", "required": ["a"]},
        thing("a", a=TEXT),
        ["schema-introduced"],
        ["schema-dropped"],
    ),
    "an alternative more": (
        {"oneOf": EITHER[:1]},
        {"oneOf": EITHER},
        ["alternative-added"],
        ["alternative-removed"],
    ),
    "one becomes one of several": (PET, {"oneOf": EITHER}, ["alternative-added"], ["alternative-removed"]),
    "alternatives in another order": ({"oneOf": EITHER}, {"oneOf": EITHER[::-1]}, [], []),
    "one of several that may both fit": (
        {"anyOf": [thing("a", a=TEXT), thing("b", b=TEXT)]},
        {"oneOf": [thing("a", a=TEXT), thing("b", b=TEXT)]},
        ["rule-added"],
        ["rule-removed"],
    ),
    "one of several whose names are others": (
        {"anyOf": [thing("kind", kind={"const": "a"}), thing("kind", kind={"const": "b"})]},
        {"oneOf": [thing("kind", kind={"const": "a"}), thing("kind", kind={"const": "b"})]},
        [],
        [],
    ),
    "one of several that refuse what the others require": (
        {"anyOf": [{**thing("a", a=TEXT), "additionalProperties": False}, thing("b", b=TEXT)]},
        {"oneOf": [{**thing("a", a=TEXT), "additionalProperties": False}, thing("b", b=TEXT)]},
        [],
        [],
    ),
    "any of several, and one more": (
        {"oneOf": [PET, NULL]},
        {"anyOf": [*EITHER, NULL]},
        ["alternative-added"],
        ["alternative-removed"],
    ),
    "an anyOf beside the rest": (
        thing(a=TEXT, b=TEXT),
        {**thing(a=TEXT, b=TEXT), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
        ["rule-added"],
        ["rule-removed"],
    ),
    "one of several, where any number of them was": (
        {"anyOf": EITHER},
        {"oneOf": EITHER},
        ["rule-added"],
        ["rule-removed"],
    ),
    "one of several that a constant tells apart": (
        {"anyOf": [thing("kind", kind={"const": each}, size=NUMBER) for each in "ab"]},
        {"oneOf": [thing("kind", kind={"const": each}, size=NUMBER) for each in "ab"]},
        [],
        [],
    ),
    "one of several of which one refuses what the other needs": (
        {"anyOf": [{**thing("a", a=TEXT), "additionalProperties": False}, thing("b", b=TEXT)]},
        {"oneOf": [{**thing("a", a=TEXT), "additionalProperties": False}, thing("b", b=TEXT)]},
        [],
        [],
    ),
    "inside an alternative": (
        {"oneOf": [thing(a=TEXT), {**thing(b=TEXT), "minProperties": 1}]},
        {"oneOf": [thing(a=NUMBER), {**thing(b=TEXT), "minProperties": 1}]},
        ["type-changed"],
        ["type-changed"],
    ),
    "a name of an alternative": (
        {"oneOf": EITHER, "discriminator": mapped(cat="Cat")},
        {"oneOf": EITHER, "discriminator": mapped(cat="Cat", dog="Dog")},
        ["discriminator-value-added"],
        ["discriminator-value-removed"],
    ),
    "a name stands for another": (
        {"oneOf": EITHER, "discriminator": mapped(pet="Cat")},
        {"oneOf": EITHER, "discriminator": mapped(pet="Dog")},
        ["discriminator-target-changed"],
        ["discriminator-target-changed"],
    ),
    "a mapping to the names that are there anyway": (
        {"oneOf": EITHER, "discriminator": {"propertyName": "kind"}},
        {"oneOf": EITHER, "discriminator": mapped(Cat="Cat", Dog="Dog")},
        [],
        [],
    ),
    "another not": (
        {"type": "string", "not": {"const": "a"}},
        {"type": "string", "not": {"const": "b"}},
        ["rule-changed"],
        ["rule-changed"],
    ),
    "a pattern of names": (
        {"type": "object", "patternProperties": {"^x-": TEXT}},
        {"type": "object"},
        ["rule-removed"],
        ["rule-added"],
    ),
    "anything": ({}, TEXT, ["schema-introduced"], ["schema-dropped"]),
    "nothing": (TEXT, False, ["type-narrowed"], ["type-widened"]),
    "a default": (TEXT, {**TEXT, "default": "a"}, ["default-changed"], ["default-changed"]),
    "deprecated": (TEXT, {**TEXT, "deprecated": True}, ["value-deprecated"], ["value-no-longer-deprecated"]),
}


@pytest.mark.parametrize(("old", "new", "there", "back"), SCHEMAS.values(), ids=SCHEMAS)
def test_schemas_are_compared_by_what_they_allow(old, new, there, back, tmp_path):
    contracts = [
        contract_of(tmp_path, {"POST /pets": gives(takes=thing(value=schema))}, **ANIMALS)
        for schema in (old, new)
    ]

    for pair, kinds in ((contracts, there), (contracts[::-1], back)):
        found = compare(*pair)

        assert sorted({change.kind for change in found}) == sorted(f"request-{kind}" for kind in kinds)
        assert all(change.audience == "writers" for change in found)


def test_what_narrows_requests_widens_nothing_for_readers(tmp_path):
    old, new = (
        contract_of(tmp_path, {"POST /pets": gives(schema, takes=schema)})
        for schema in (thing(size=NUMBER), thing("size", size=NUMBER))
    )

    there = {(change.audience, change.severity) for change in compare(old, new)}
    back = {(change.audience, change.severity) for change in compare(new, old)}

    assert there == {("writers", "breaking"), ("readers", "compatible")}
    assert back == {("writers", "compatible"), ("readers", "breaking")}


def test_schemas_that_contain_themselves_are_compared_to_their_end(tmp_path):
    def tree(value: Any) -> Contract:
        node = thing(value=value, children=listed({"$ref": "#/components/schemas/Node"}))
        return contract_of(tmp_path, {"GET /tree": gives({"$ref": "#/components/schemas/Node"})}, Node=node)

    (change,) = compare(tree(TEXT), tree(NUMBER))

    assert change.kind == "response-type-changed"
    assert [touched.place for touched in change.touched] == ["response 200 body.value"]


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"$ref": "#/components/schemas/Odd"}]},
        {"anyOf": [{"$ref": "#/components/schemas/Odd"}, TEXT]},
        {"description": "Itself", "oneOf": [{"$ref": "#/components/schemas/Odd"}, {"type": "null"}]},
        {"not": {"description": "Not itself", "$ref": "#/components/schemas/Odd"}},
    ],
    ids=["allOf", "anyOf", "oneOf", "not"],
)
def test_a_schema_that_is_made_of_itself_ends_too(schema, tmp_path):
    odd = {"$ref": "#/components/schemas/Odd"}
    contracts = [contract_of(tmp_path, {"GET /odd": gives(odd)}, Odd=schema) for _ in range(2)]

    assert compare(*contracts) == []


def test_the_dialect_alone_changes_nothing(tmp_path):
    name, size = {"type": "string", "nullable": True}, {"type": "number", "minimum": 0}
    old = contract_in(tmp_path, "3.0.3", thing(name=name, size={**size, "exclusiveMinimum": True}))
    name, size = {"type": ["string", "null"]}, {"type": "number", "exclusiveMinimum": 0}
    new = contract_in(tmp_path, "3.1.0", thing(name=name, size=size))

    assert compare(old, new) == compare(new, old) == []


def test_a_status_that_a_range_covered_is_compared_with_what_the_range_said(tmp_path):
    old = contract_of(tmp_path, {"GET /pets": gives(thing("code", code=TEXT), "4XX")})
    new = contract_of(tmp_path, {"GET /pets": gives(thing("code", code=NUMBER), "404")})

    found = {change.kind for change in compare(old, new)}

    assert found == {"response-error-status-removed", "response-error-status-added", "response-type-changed"}


def test_a_range_of_media_types_covers_what_is_taken_no_more_by_name(tmp_path):
    def takes(media_type: str) -> Contract:
        operation = gives()
        operation["requestBody"] = {"content": {media_type: {"schema": TEXT}}}
        return contract_of(tmp_path, {"POST /notes": operation})

    there = {change.kind for change in compare(takes("text/plain"), takes("text/*"))}
    back = {change.kind for change in compare(takes("text/*"), takes("text/plain"))}

    assert there == {"request-media-type-added"}
    assert "request-media-type-removed" in back


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [(TEXT, set()), (listed(TEXT), {"parameter-style-changed"})],
    ids=["of one value it does not matter", "of a list it does"],
)
def test_how_a_parameter_is_written_matters_where_it_shows(schema, kinds, tmp_path):
    old, new = gives(query={"q": schema}), gives(query={"q": schema})
    new["parameters"][0]["explode"] = False

    changes = compare(*(contract_of(tmp_path, {"GET /pets": each}) for each in (old, new)))

    assert {change.kind for change in changes} == kinds


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        (NUMBER, TEXT, {"request-type-widened"}),
        (TEXT, NUMBER, {"request-type-narrowed"}),
        (listed(NUMBER), listed(TEXT), {"request-type-widened"}),
        (NUMBER, {"type": "string", "pattern": "^a"}, {"request-type-changed"}),
    ],
    ids=["a number is a text", "a text is no number", "in a list", "some texts are no numbers"],
)
def test_a_parameter_is_written_as_text_whatever_its_type(old, new, kinds, tmp_path):
    contracts = [contract_of(tmp_path, {"GET /pets": gives(query={"q": each})}) for each in (old, new)]

    assert {change.kind for change in compare(*contracts)} == kinds


def test_a_parameter_of_a_path_is_there_whether_it_is_declared_or_not(tmp_path):
    old = contract_of(tmp_path, {"GET /pets/{id}": gives()})
    undeclared = json.loads((tmp_path / "openapi.json").read_text(encoding="utf-8"))
    undeclared["paths"]["/pets/{id}"]["get"]["parameters"] = []
    (tmp_path / "openapi.json").write_text(json.dumps(undeclared), encoding="utf-8")
    new = load(tmp_path / "openapi.json")

    assert compare(old, new) == compare(new, old) == []


def test_schemas_in_a_very_long_chain_are_refused_in_words_if_at_all(tmp_path):
    chain = {f"S{at}": {"allOf": [{"$ref": f"#/components/schemas/S{at + 1}"}]} for at in range(3000)}
    first = {"$ref": "#/components/schemas/S0"}
    contracts = [contract_of(tmp_path, {"GET /pets": gives(first)}, **chain, S3000=TEXT) for _ in range(2)]

    with pytest.raises(MockServerError, match="too many others"):
        compare(*contracts)


def test_an_operation_that_has_its_own_server_moves_with_it(tmp_path):
    old, new = (contract_of(tmp_path, {"GET /pets": gives(servers=[{"url": url}])}) for url in ("/a", "/b"))

    assert {change.kind for change in compare(old, new)} == {"base-path-changed"}


IN_2_0 = {"$ref": "#/definitions/Thing"}
SWAGGER = {
    "swagger": "2.0",
    "info": {"title": "Things", "version": "1"},
    "basePath": "/v1",
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "definitions": {"Thing": thing("name", name=TEXT)},
    "paths": {
        "/things": {
            "post": {
                "operationId": "makeThing",
                "parameters": [
                    {
                        "name": "thing",
                        "in": "body",
                        "required": True,
                        "schema": {"$ref": "#/definitions/Thing"},
                    },
                    {"name": "tags", "in": "query", "type": "array", "items": TEXT},
                ],
                "responses": {"201": {"description": "Made", "schema": IN_2_0}},
            }
        }
    },
}
CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "servers": [{"url": "/v1"}],
    "components": {"schemas": {"Item": thing("name", name=TEXT)}},
    "paths": {
        "/things": {
            "post": {
                "operationId": "makeThing",
                "parameters": [{"name": "tags", "in": "query", "schema": listed(TEXT), "explode": False}],
                "requestBody": {"required": True, "content": CONTENT},
                "responses": {"201": {"description": "Made", "content": CONTENT}},
            }
        }
    },
}


def test_a_contract_that_was_written_anew_in_3_1_is_the_same_as_it_was_in_2_0(tmp_path):
    contracts = []
    for name, data in (("old.json", SWAGGER), ("new.json", OPENAPI)):
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
        contracts.append(load(tmp_path / name))

    assert compare(*contracts) == []


def test_an_operation_that_was_deprecated_may_be_missed(tmp_path):
    rest = gives()
    old = contract_of(tmp_path, {"GET /pets": gives(deprecated=True), "GET /rest": deepcopy(rest)})
    new = contract_of(tmp_path, {"GET /rest": deepcopy(rest)})

    (change,) = compare(old, new)

    assert (change.kind, change.severity) == ("deprecated-operation-removed", "may-break")


def contract_in(folder: Path, version: str, schema: Any) -> Contract:
    data = {
        "openapi": version,
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"get": {"operationId": "listThings", "responses": gives(schema)["responses"]}}},
    }
    file = folder / "openapi.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    return load(file)


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_a_real_document_is_the_same_as_itself(path):
    assert compare(load(path), load(path)) == []


SMALL = [path for path in READ if path.stat().st_size < 40_000]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("path", SMALL, ids=name_of)
def test_whatever_changes_in_a_document_is_told_in_known_kinds(path, seed, tmp_path):
    old = load(path)
    chance = random.Random(seed)
    data = deepcopy(parse_file(path))
    for _ in range(chance.randint(1, 20)):
        spoil(data, chance)
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    try:
        new = load(file)
    except MockServerError:
        return  # it cannot be served any more

    for pair in ((old, new), (new, old)):
        assert {change.kind for change in compare(*pair)} <= KINDS.keys()


def spoil(data: Any, chance: random.Random) -> None:
    """Put something else in one place of a document, wherever that is."""
    waiting, places = [data], []
    while waiting:
        node = waiting.pop()
        keys: Any = [*node] if isinstance(node, dict) else range(len(node))
        places += [(node, key) for key in keys]
        waiting += [node[key] for key in keys if isinstance(node[key], (dict, list))]
    node, key = chance.choice(places)
    other, place = chance.choice(places)
    node[key] = chance.choice([None, {}, [], "x", 1, True, deepcopy(other[place])])
