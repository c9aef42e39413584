"""Samples: valid for every keyword, believable, and the same for the same seed."""

import os
import re
import subprocess
import sys
from datetime import datetime
from typing import Any

import orjson
import pytest

from mockserver.contract.samples.samples import Samples, Unsatisfiable
from mockserver.contract.schema import Schemas
from tests.conftest import ROOT

SEEDS = ("a#0", "a#1", "b", "c", "d", "e", "f", "g")


class Made:
    """The samples of one schema in a document with some components."""

    def __init__(self, schema: Any, dialect: str = "3.1", **components: Any) -> None:
        self.document = {"components": {"schemas": {"It": schema, **components}}}
        self.schemas = Schemas(self.document, dialect)
        self.samples = Samples(self.schemas)
        self.pointer = "/components/schemas/It"

    def sample(self, seed: str = "a", direction: Any = "response") -> Any:
        return self.samples.sample(self.pointer, seed, direction)

    def all(self, direction: Any = "response") -> list[Any]:
        return [self.sample(seed, direction) for seed in SEEDS]

    def complete(self, value: Any, seed: str = "a", direction: Any = "response") -> Any:
        return self.samples.complete(self.pointer, value, seed, direction)

    def is_valid(self, value: Any, direction: Any = "response") -> bool:
        return self.schemas.at(self.pointer, direction).is_valid(value)


TEXT = {"type": "string"}
A_OR_B = {"properties": {"a": TEXT, "b": TEXT}}
CAT = {"type": "object", "required": ["kind"], "properties": {"kind": TEXT, "lives": {"type": "integer"}}}
DOG = {"type": "object", "required": ["kind"], "properties": {"kind": TEXT, "bark": TEXT}}

KEYWORDS: dict[str, Any] = {
    "an empty schema": {},
    "true": True,
    "several types": {"type": ["string", "integer", "null"]},
    "only null": {"type": "null"},
    "const": {"const": {"a": [1, None]}},
    "enum": {"enum": ["a", 2, None, {"b": 1}]},
    "enum and type": {"type": "string", "enum": [1, "one", None]},
    "minLength and maxLength": {"type": "string", "minLength": 41, "maxLength": 43},
    "maxLength of zero": {"type": "string", "maxLength": 0},
    "a long text": {"type": "string", "minLength": 3000},
    "minimum and maximum": {"type": "integer", "minimum": -7, "maximum": -6},
    "exclusive limits": {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3},
    "exclusive limits of a number": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    "exactly one number": {"type": "number", "minimum": 2.5, "maximum": 2.5},
    "multipleOf": {"type": "integer", "multipleOf": 17, "minimum": 100},
    "multipleOf a decimal": {"type": "number", "multipleOf": 0.05, "minimum": 1, "maximum": 3},
    "multipleOf 0.01": {"type": "number", "multipleOf": 0.01},
    "two multiples": {"allOf": [{"multipleOf": 4}, {"multipleOf": 6}], "type": "integer", "minimum": 1},
    "a huge number": {"type": "number", "minimum": 1e300},
    "a long link": {"type": "string", "format": "uri", "minLength": 120, "maxLength": 121},
    "int64": {"type": "integer", "format": "int64", "minimum": 2**62},
    "an unsigned int64": {"type": "integer", "minimum": 2**63},
    "uniqueItems": {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 3},
    "unique booleans": {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True},
    "maxItems of zero": {"type": "array", "maxItems": 0, "items": TEXT},
    "many items": {"type": "array", "items": {"type": "integer"}, "minItems": 100, "uniqueItems": True},
    "prefixItems": {"type": "array", "prefixItems": [TEXT, {"type": "integer"}], "items": False},
    "prefixItems that have to be": {"prefixItems": [{"const": 1}], "minItems": 3, "items": TEXT},
    "contains": {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 1000}},
    "minContains": {"type": "array", "contains": {"const": "x"}, "minContains": 2, "maxContains": 2},
    "maxContains of zero": {
        "type": "array",
        "items": {"enum": [1, 2]},
        "contains": {"const": 1},
        "minContains": 0,
        "maxContains": 0,
    },
    "patternProperties": {
        "type": "object",
        "patternProperties": {"^x-[a-z]{3}$": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    "propertyNames": {"type": "object", "propertyNames": {"pattern": "^[A-Z]{2}$"}, "minProperties": 3},
    "propertyNames of a format": {
        "type": "object",
        "propertyNames": {"format": "uuid"},
        "additionalProperties": TEXT,
        "minProperties": 1,
    },
    "additionalProperties of a schema": {"type": "object", "additionalProperties": {"type": "integer"}},
    "minProperties": {"type": "object", "minProperties": 4},
    "maxProperties": {**A_OR_B, "type": "object", "required": ["b"], "maxProperties": 1},
    "required without a schema": {"type": "object", "required": ["nobody_knows", "id"]},
    "dependentRequired": {**A_OR_B, "type": "object", "required": ["a"], "dependentRequired": {"a": ["c"]}},
    "dependentSchemas": {
        **A_OR_B,
        "type": "object",
        "required": ["a"],
        "dependentSchemas": {"a": {"required": ["d"], "properties": {"d": {"const": 4}}}},
    },
    "allOf": {
        "allOf": [{"type": "object", "required": ["a"]}, A_OR_B, {"properties": {"a": {"minLength": 30}}}]
    },
    "allOf beside additionalProperties": {
        "allOf": [A_OR_B],
        "properties": {"a": {}},
        "required": ["a"],
        "additionalProperties": False,
        "type": "object",
    },
    "unevaluatedProperties": {
        "type": "object",
        "allOf": [A_OR_B],
        "oneOf": [{"properties": {"c": TEXT}, "required": ["c"]}],
        "unevaluatedProperties": False,
    },
    "unevaluatedItems": {"type": "array", "prefixItems": [TEXT], "unevaluatedItems": False},
    "allOf within allOf": {"allOf": [{"allOf": [{"type": "integer"}, {"minimum": 5}]}, {"maximum": 5}]},
    "anyOf": {"anyOf": [{"type": "integer", "minimum": 10}, {"type": "string", "maxLength": 2}]},
    "oneOf of required names": {
        **A_OR_B,
        "type": "object",
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "oneOf that overlaps": {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 50}]},
    "oneOf of objects that all are open": {"oneOf": [CAT, DOG]},
    "oneOf beside properties": {
        "type": "object",
        "required": ["a"],
        **A_OR_B,
        "oneOf": [{"properties": {"a": {"const": "x"}}}, {"properties": {"a": {"const": "y"}}}],
    },
    "a branch that cannot be": {"type": "string", "oneOf": [{"type": "integer"}, {"maxLength": 3}]},
    "not a type": {"not": {"type": ["string", "object", "null"]}},
    "not some values": {"type": "string", "enum": ["a", "b", "c"], "not": {"enum": ["a", "b"]}},
    "not a property": {"type": "object", **A_OR_B, "not": {"required": ["b"]}},
    "not any of some properties": {
        "type": "object",
        **A_OR_B,
        "not": {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
    },
    "if, then and else": {
        "type": "object",
        "properties": {"kind": {"enum": ["x", "y"]}},
        "required": ["kind"],
        "if": {"properties": {"kind": {"const": "x"}}},
        "then": {"required": ["only_x"]},
        "else": {"required": ["only_y"]},
    },
    "if without then": {"type": "integer", "if": {"minimum": 50}, "else": {"multipleOf": 7}},
    "a false property": {"type": "object", "properties": {"a": False, "b": TEXT}},
    "a property that cannot be": {
        "type": "object",
        "properties": {"a": {"allOf": [{"type": "string"}, {"type": "integer"}]}},
    },
    "recursion that may end": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/It"}}},
    "recursion through required null": {
        "type": "object",
        "required": ["next"],
        "properties": {"next": {"anyOf": [{"$ref": "#/components/schemas/It"}, {"type": "null"}]}},
    },
    "recursion through a required array": {
        "type": "object",
        "required": ["all"],
        "properties": {"all": {"type": "array", "items": {"$ref": "#/components/schemas/It"}}},
    },
    "recursion through a required map": {
        "type": "object",
        "required": ["all"],
        "properties": {
            "all": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/It"}}
        },
    },
    "recursion of a dynamic reference": {
        "type": "object",
        "required": ["all"],
        "properties": {"all": {"items": {"$dynamicRef": "#/components/schemas/It"}}},
    },
    "keywords without a type": {"minItems": 2, "items": {"type": "integer"}},
    "definitions of its own": {
        "$ref": "#/components/schemas/It/$defs/inner",
        "$defs": {"inner": {"type": "integer", "minimum": 3}},
        "maximum": 3,
    },
    "base64": {"type": "string", "contentEncoding": "base64"},
}

PATTERNS = [
    r"^[a-z]{3}-\d{4}$",
    r"^\d{3}\.\d{3}$",
    r"^(foo|bar|baz)+$",
    r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$",
    r"[A-Z]{5}",
    r"^\p{Lu}\p{Ll}+$",
    r"^(\w+\s?)+$",
    r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,12}$",
    r"^(?!admin)[a-z]{3,10}$",
    r"^#(?:[0-9a-fA-F]{3}){1,2}$",
    r"^(?<year>\d{4})-(?<month>0[1-9]|1[0-2])$",
    r"^\+?[1-9]\d{1,14}$",
    r"^$",
    r"^[\w.-]+$",
    r"^a|b$",
    r"^[\u00e4-\u00fc]{2}$",
    r"^\x41\u0042\w$",
    r"^[^a-z]+$",
    r"^.{17}$",
    r"^[+-]?\d*\.?\d+$",
    r"^\/items\/\d+\/?$",
    r"^(([01]\d|2[0-3]):[0-5]\d)?$",
    r"\S",
    r"^[a-zA-Z0-9_]{64}$",
    r"^\s*\S+\s*$",
    r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,6}$",
]

FORMATS = [
    *(
        "date",
        "date-time",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "ipv4",
        "ipv6",
        "uri",
        "iri",
    ),
    *("uri-reference", "iri-reference", "uri-template", "uuid", "json-pointer", "relative-json-pointer"),
    *("regex", "byte", "binary", "password", "int32", "a-format-of-ones-own"),
]


@pytest.mark.parametrize("schema", KEYWORDS.values(), ids=KEYWORDS.keys())
def test_a_sample_keeps_every_keyword(schema):
    made = Made(schema)

    assert all(made.is_valid(value) for value in made.all())


@pytest.mark.parametrize("schema", KEYWORDS.values(), ids=KEYWORDS.keys())
def test_a_sample_is_plain_json_of_a_bounded_size(schema):
    made = Made(schema)

    assert all(len(orjson.dumps(value)) < 10_000 for value in made.all())


@pytest.mark.parametrize("schema", KEYWORDS.values(), ids=KEYWORDS.keys())
def test_a_sample_that_is_completed_stays_as_it_is_where_nothing_lacks(schema):
    made = Made(schema)

    for value in made.all():
        completed = made.complete(value)
        assert made.is_valid(completed)
        assert made.complete(completed) == completed


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_matches_its_pattern(pattern):
    made = Made({"type": "string", "pattern": pattern})

    assert all(made.is_valid(value) for value in made.all())


@pytest.mark.parametrize(
    ("pattern", "low", "high"),
    [
        ("^[a-z]+$", 40, 40),
        ("^[a-z]+(-[a-z]+)*$", 30, 33),
        ("^x", 10, 12),
        ("^(ab)+$", 6, 7),
        (r"\d{3}", 20, 20),
    ],
)
def test_a_text_matches_its_pattern_at_a_length(pattern, low, high):
    made = Made({"type": "string", "pattern": pattern, "minLength": low, "maxLength": high})

    assert all(made.is_valid(value) for value in made.all())


@pytest.mark.parametrize("name", FORMATS)
def test_a_text_is_of_its_format(name):
    made = Made(
        {"type": "object", "required": ["x"], "properties": {"x": {"type": "string", "format": name}}}
    )

    assert all(made.is_valid(value) for value in made.all())


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "nullable": True, "enum": ["a"]},
        {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 4},
        {"nullable": True, "allOf": [{"type": "object", "required": ["a"]}]},
        {
            "type": "object",
            "required": ["next"],
            "properties": {"next": {"nullable": True, "oneOf": [CAT, TEXT]}},
        },
    ],
    ids=["nullable enum", "exclusiveMinimum as a boolean", "nullable allOf", "nullable oneOf"],
)
def test_a_sample_keeps_the_keywords_of_openapi_3_0(schema):
    made = Made(schema, "3.0")

    assert all(made.is_valid(value) for value in made.all())


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"type": "string", "minLength": 5, "maxLength": 3},
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"enum": []},
        {"type": "array", "items": {"enum": [1]}, "minItems": 2, "uniqueItems": True},
        {"oneOf": [TEXT, TEXT]},
        {"not": {}},
        {"type": "object", "required": ["it"], "properties": {"it": {"$ref": "#/components/schemas/It"}}},
        {"type": "object", "required": ["a"], "additionalProperties": False},
    ],
    ids=lambda schema: str(schema)[:40],
)
def test_what_nothing_fits_is_told_with_its_pointer_and_a_reason(schema):
    made = Made(schema)

    with pytest.raises(Unsatisfiable) as refused:
        made.sample()

    assert refused.value.pointer == made.pointer
    assert refused.value.reason
    where, why = made.samples.obstacle(made.pointer)
    assert where.startswith(made.pointer)
    assert why


def test_what_stands_in_the_way_is_told_with_its_own_pointer():
    none = {"type": "integer", "minimum": 5, "maximum": 4}
    made = Made(
        {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"type": "array", "items": none, "minItems": 1}},
        }
    )

    assert made.samples.obstacle(made.pointer) == (
        "/components/schemas/It/properties/a/items",
        "no number is within its limits",
    )


def test_nothing_stands_in_the_way_of_what_can_be_sampled():
    made = Made(TEXT)

    assert made.samples.obstacle(made.pointer) is None


def test_a_schema_that_is_none_is_unsatisfiable():
    made = Made({"type": "nonsense"})

    with pytest.raises(Unsatisfiable):
        made.sample()


USER = {
    "type": "object",
    "required": ["id", "secret", "created_by"],
    "properties": {
        "id": {"type": "string", "format": "uuid", "readOnly": True},
        "secret": {"type": "string", "writeOnly": True},
        "created_by": {"type": "string"},
        "first_name": TEXT,
        "last_name": TEXT,
        "email": {"type": "string", "format": "email"},
        "created_at": {"type": "string", "format": "date-time"},
        "updated_at": {"type": "string", "format": "date-time"},
        "start_date": {"type": "string", "format": "date"},
        "end_date": {"type": "string", "format": "date"},
        "expires": {"type": "integer"},
        "age": {"type": "integer"},
        "country_code": TEXT,
        "tags": {"type": "array", "items": TEXT},
    },
}


@pytest.mark.parametrize(("direction", "hidden"), [("response", "secret"), ("request", "id")])
def test_what_the_other_side_alone_sends_is_in_no_sample(direction, hidden):
    samples = Made(USER).all(direction)

    assert all(hidden not in value for value in samples)
    assert all("id" in value and "secret" in value for value in Made(USER).all("stored"))


@pytest.mark.parametrize("step", [0.01, 0.1, 0.05, 0.001])
def test_a_multiple_of_a_fraction_is_one_to_those_who_divide_floats(step):
    made = Made({"type": "object", "required": ["price"], "properties": {"price": {"multipleOf": step}}})
    prices = [made.sample(f"seed-{number}")["price"] for number in range(100)]

    assert [each for each in prices if not (each / step).is_integer()] == []
    assert len(set(prices)) > 50


def test_the_same_seed_gives_the_same_sample():
    assert [Made(USER).sample(seed) for seed in SEEDS] == Made(USER).all()


def test_other_seeds_give_other_ids_and_names():
    samples = Made(USER).all()

    assert len({value["id"] for value in samples}) == len(samples)
    assert len({value["first_name"] + value["last_name"] for value in samples}) == len(samples)


def test_the_same_seed_gives_the_same_sample_in_another_process():
    code = (
        "from tests.contract.test_samples import USER, KEYWORDS, Made\n"
        "print([Made(USER).all(), *(Made(each).all() for each in KEYWORDS.values())])"
    )

    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]

    assert told[0]
    assert told[0] == told[1]


def test_an_email_is_made_of_the_name_beside_it():
    for value in Made(USER).all():
        assert value["email"] == f"{value['first_name']}.{value['last_name']}@example.com".lower()


def test_what_is_created_first_is_updated_and_ends_later():
    for value in Made(USER).all():
        assert value["created_at"] <= value["updated_at"]
        assert value["start_date"] <= value["end_date"]
        assert datetime.fromisoformat(value["created_at"]).timestamp() < value["expires"]


def test_times_are_within_a_year_of_the_epoch():
    for value in Made(USER).all():
        assert "2025-01-15" < value["created_at"] < "2027-01-15"


def test_a_name_tells_of_what_size_a_number_is_and_how_a_text_is_written():
    for value in Made(USER).all():
        assert 18 <= value["age"] <= 80
        assert re.fullmatch("[A-Z]{2}", value["country_code"])
        assert 1 <= len(value["tags"]) <= 3


def test_the_first_sample_has_the_examples_of_properties_and_others_do_not():
    made = Made(
        {
            "type": "object",
            "properties": {"id": {"type": "integer", "example": 17}, "name": {**TEXT, "example": "Rex"}},
        }
    )

    assert made.sample("x#0") == {"id": 17, "name": "Rex"}
    assert made.sample("x#1") != {"id": 17, "name": "Rex"}


def test_an_example_tells_how_other_ids_are_written():
    made = Made(
        {
            "type": "object",
            "required": ["sku_id"],
            "properties": {"sku_id": {**TEXT, "example": "SKU-90210/AB"}},
        }
    )

    assert all(re.fullmatch(r"SKU-\d{5}/AB", value["sku_id"]) for value in made.all())


def test_an_example_of_a_component_is_taken_for_its_properties():
    made = Made(
        {"type": "object", "properties": {"owner": {"$ref": "#/components/schemas/Owner"}}},
        Owner={
            "type": "object",
            "properties": {"motto": TEXT, "age": {"type": "integer"}},
            "example": {"motto": "Onward", "age": 44},
        },
    )

    assert made.sample("x#0") == {"owner": {"motto": "Onward", "age": 44}}


def test_an_example_that_is_not_valid_is_not_taken():
    made = Made({"type": "object", "properties": {"age": {"type": "integer", "minimum": 18, "example": 3}}})

    assert made.sample("x#0")["age"] >= 18


def union(mapping: dict[str, str] | None) -> Made:
    discriminator = {"propertyName": "kind", **({"mapping": mapping} if mapping else {})}
    cat = {**CAT, "required": ["kind", "lives"]}
    dog = {**DOG, "required": ["kind", "bark"]}
    branches = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    return Made({"anyOf": branches, "discriminator": discriminator}, Cat=cat, Dog=dog)


@pytest.mark.parametrize(
    ("mapping", "cat", "dog"),
    [
        (None, "Cat", "Dog"),
        ({"c": "#/components/schemas/Cat", "d": "#/components/schemas/Dog"}, "c", "d"),
        ({"meow": "Cat", "woof": "Dog"}, "meow", "woof"),
    ],
    ids=["implicit", "by references", "by names"],
)
def test_a_discriminator_names_the_branch_that_was_taken(mapping, cat, dog):
    samples = union(mapping).all()

    assert {value["kind"] for value in samples} == {cat, dog}
    assert all((value["kind"] == cat) == ("lives" in value) for value in samples)


def test_a_discriminator_in_an_ancestor_names_the_heir():
    heirs = {
        name: {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "required": [own]}]}
        for name, own in (("Cat", "lives"), ("Dog", "bark"))
    }
    pet = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": TEXT},
        "discriminator": {"propertyName": "kind"},
    }
    made = Made({"$ref": "#/components/schemas/Pet"}, "3.0", Pet=pet, **heirs)

    assert {value["kind"] for value in made.all()} == {"Cat", "Dog"}
    assert all(("lives" in value) == (value["kind"] == "Cat") for value in made.all())
    assert made.samples.sample("/components/schemas/Dog", "a")["kind"] == "Dog"


def test_a_union_whose_branches_inherit_from_it_has_samples():
    heirs = {
        name: {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "required": [own]}]}
        for name, own in (("Cat", "lives"), ("Dog", "bark"))
    }
    branches = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]
    pet = {"type": "object", "properties": {"kind": TEXT}, "discriminator": {"propertyName": "kind"}}
    made = Made({"type": "object", "properties": {"pet": {"anyOf": branches}}}, Pet=pet, **heirs)

    assert {value["pet"]["kind"] for value in made.all()} == {"Cat", "Dog"}
