"""A schema names every way in which a value breaks it, and where; no value breaks the process."""

import time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.pointers import dereference, escape, pointer_of, resolve, unescape
from mockserver.contract.schema import Schema, Schemas
from mockserver.errors import MockServerError

INTEGER, TEXT, NULL = {"type": "integer"}, {"type": "string"}, {"type": "null"}
TREE = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": TEXT, "next": {"$ref": "#/components/schemas/Tree"}},
}


def schema(definition: Any, dialect: Any = "3.1", direction: Any = "stored", **others: Any) -> Schema:
    document = {"components": {"schemas": {"It": definition, "Tree": TREE, **others}}}
    return Schemas(document, dialect).at("/components/schemas/It", direction)


def named(definition: Any, value: Any, **options: Any) -> list[tuple[tuple[str | int, ...], str, Any]]:
    """Give what is said to be wrong with a value: where, by which keyword, and what was expected."""
    made = schema(definition, **options)
    violations = made.violations(value)
    assert made.is_valid(value) == (not violations)
    return [(each.location, each.keyword, each.expected) for each in violations]


@pytest.mark.parametrize(
    ("definition", "value", "expected"),
    [
        ({"required": ["a", "b"]}, {}, [(("a",), "required", "a"), (("b",), "required", "b")]),
        ({"additionalProperties": False}, {"a": 1}, [(("a",), "additionalProperties", False)]),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"a": 1, "b": 2, "c": 3},
            [(("b",), "additionalProperties", False), (("c",), "additionalProperties", False)],
        ),
        ({"additionalProperties": INTEGER}, {"a": "x"}, [(("a",), "type", ("integer",))]),
        ({"unevaluatedProperties": False}, {"a": 1}, [(("a",), "unevaluatedProperties", False)]),
        (INTEGER, "x", [((), "type", ("integer",))]),
        ({"type": ["null", "integer"]}, "x", [((), "type", ("null", "integer"))]),
        ({"enum": ["a", 5]}, "x", [((), "enum", ["a", 5])]),
        ({"type": "string", "enum": ["a"]}, 5, [((), "enum", ["a"])]),
        ({"const": {"a": 1}}, 5, [((), "const", {"a": 1})]),
        ({"minimum": 5, "multipleOf": 2}, 1, [((), "minimum", 5), ((), "multipleOf", 2)]),
        ({"maxLength": 1, "pattern": "^x"}, "ab", [((), "maxLength", 1), ((), "pattern", "^x")]),
        ({"items": INTEGER}, [1, "x", 2, None], [((1,), "type", ("integer",)), ((3,), "type", ("integer",))]),
        (
            {"properties": {"a": {"items": {"required": ["b"]}}}},
            {"a": [{"b": 1}, {}]},
            [(("a", 1, "b"), "required", "b")],
        ),
        ({"properties": {"a/b~c": INTEGER}}, {"a/b~c": "x"}, [(("a/b~c",), "type", ("integer",))]),
        (
            {"$ref": "#/components/schemas/Tree"},
            {"next": {}},
            [
                (("name",), "required", "name"),
                (("next", "name"), "required", "name"),
            ],
        ),
        (
            {"allOf": [{"required": ["a"]}, {"required": ["b"]}]},
            {},
            [
                (("a",), "required", "a"),
                (("b",), "required", "b"),
            ],
        ),
        (False, 5, [((), "false", None)]),
        (True, 5, []),
        ({}, 5, []),
    ],
    ids=str,
)
def test_every_violation_is_named_with_its_place_and_what_was_expected(definition, value, expected):
    found = named(definition, value)

    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("definition", "value", "expected"),
    [
        pytest.param(
            {"anyOf": [INTEGER, NULL]}, "x", [((), "type", ("integer", "null"))], id="of none of the types"
        ),
        pytest.param(
            {"anyOf": [{"type": "integer", "minimum": 5}, NULL]},
            1,
            [((), "minimum", 5)],
            id="of one branch's type, whose rule it breaks",
        ),
        pytest.param(
            {"anyOf": [{"$ref": "#/components/schemas/Tree"}, NULL]},
            {"next": {"name": 5}},
            [(("name",), "required", "name"), (("next", "name"), "type", ("string",))],
            id="an object where null could be",
        ),
        pytest.param(
            {"oneOf": [{"items": INTEGER, "type": "array"}, INTEGER]},
            [1, "x"],
            [((1,), "type", ("integer",))],
            id="an item of the branch that was meant",
        ),
        pytest.param(
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, [((), "oneOf", None)], id="any branch"
        ),
        pytest.param(
            {"oneOf": [INTEGER, {"minimum": 1}]}, 5, [((), "oneOf", None)], id="two branches at once"
        ),
        pytest.param(
            {"anyOf": [{"anyOf": [INTEGER, NULL]}, TEXT]},
            [],
            [((), "type", ("integer", "null"))],
            id="a choice in a choice",
        ),
    ],
)
def test_of_several_branches_the_one_that_was_meant_is_told(definition, value, expected):
    assert named(definition, value) == expected


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        pytest.param({"type": "string", "enum": ["a"]}, 5, id="its type and its options"),
        pytest.param({"allOf": [INTEGER, {"type": "integer"}]}, "x", id="two parts that want one type"),
        pytest.param({"allOf": [INTEGER, {"type": "number"}]}, "x", id="two parts that want another type"),
        pytest.param({"type": "integer", "const": 5}, "x", id="its type and its one value"),
    ],
)
def test_one_cause_is_named_once(definition, value):
    assert len(named(definition, value)) == 1


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        (
            "date-time",
            ["2026-01-01T00:00:00Z", "2026-01-01t00:00:00.5+01:00"],
            ["", "x", "2026-01-01", "2026-02-30T00:00:00Z"],
        ),
        ("date", ["2026-01-01"], ["", "2026-1-1", "2026-02-30", "2026-01-01T00:00:00Z"]),
        ("time", ["00:00:00Z"], ["", "25:00:00Z", "00:00"]),
        ("duration", ["P1D", "PT5M"], ["", "1 day"]),
        ("email", ["a@b.example"], ["", "a", "a@", "@b"]),
        ("hostname", ["b.example"], ["", "-b", "a b"]),
        ("ipv4", ["127.0.0.1"], ["", "256.0.0.1", "1.2.3"]),
        ("ipv6", ["::1"], ["", ":::"]),
        ("uri", ["https://b.example/x?y#z", "urn:a:b"], ["", "/x", "a b"]),
        ("uri-reference", ["", "/x", "https://b.example"], ["a b", "\\"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"], ["", "123e4567", "g" * 36]),
        ("regex", ["^a+$"], ["("]),
        ("json-pointer", ["", "/a~1b"], ["a", "/~"]),
    ],
)
def test_formats_are_asserted(form, good, bad):
    definition = {"type": "string", "format": form}

    assert [value for value in good if named(definition, value)] == []
    assert [value for value in bad if named(definition, value) != [((), "format", form)]] == []


@pytest.mark.parametrize("form", ["password", "byte", "binary", "float", "double", "unheard-of"])
def test_a_format_that_says_nothing_to_json_schema_is_no_rule(form):
    assert named({"format": form}, "anything") == []
    assert named({"format": form}, 1e300) == []


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        pytest.param("^[a-z]+$", "a", "A", id="anchored"),
        pytest.param("b", "abc", "ac", id="anywhere"),
        pytest.param(r"^\d+$", "5", "٣", id="digits are those of ASCII"),
        pytest.param(r"^\p{L}+$", "é", "5", id="properties of Unicode"),
        pytest.param("^(?=a)ab$", "ab", "b", id="what is ahead"),
        pytest.param(r"^(a|b)\1$", "aa", "ab", id="what was before"),
    ],
)
def test_patterns_are_those_of_javascript(pattern, good, bad):
    assert named({"pattern": pattern}, good) == []
    assert named({"pattern": pattern}, bad) == [((), "pattern", pattern)]


def test_a_pattern_takes_linear_time_whatever_the_text():
    began = time.perf_counter()

    assert named({"pattern": "^(a+)+$"}, "a" * 100_000 + "b") != []

    assert time.perf_counter() - began < 5


# Values that are no ordinary ones


def nested(depth: int, innermost: Any = None) -> Any:
    value: Any = {"name": "x"} if innermost is None else innermost
    for _ in range(depth):
        value = {"name": "x", "next": value}
    return value


@pytest.mark.parametrize("depth", [10, 100, 300, 500, 900, 1023])
def test_a_deep_value_is_checked_to_its_end(depth):
    tree = {"$ref": "#/components/schemas/Tree"}

    assert named(tree, nested(depth)) == []
    assert named(tree, nested(depth, innermost=5)) == [(("next",) * depth, "type", ("object",))]


@pytest.mark.parametrize("depth", [500, 900, 1023])
def test_a_deep_value_that_is_wrong_from_the_top_is_refused_as_a_whole(depth):
    value = orjson.loads(b'{"next":' * (depth - 1) + b"1" + b"}" * (depth - 1))

    (violation,) = schema({"$ref": "#/components/schemas/Tree"}).violations(value)

    assert (violation.location, violation.message) == ((), "it is nested too deeply to be checked")


def test_a_value_that_is_deep_and_large_does_not_take_its_size_for_each_of_its_levels():
    value: Any = {"items": list(range(400_000))}
    for _ in range(100):
        value = {"next": value}
    began = time.perf_counter()

    (violation,) = schema({"$ref": "#/components/schemas/Tree"}).violations(value)

    assert (violation.location, violation.keyword) == (("name",), "required")
    assert time.perf_counter() - began < 5


def test_a_large_value_that_is_not_deep_has_every_violation_named():
    assert len(named({"items": INTEGER}, ["x"] * 20_000)) == 20_000


@pytest.mark.parametrize(
    "value",
    [b"bytes", {1: 2}, {"a": {1, 2}}, "\ud800", object()],
    ids=["bytes", "integer keys", "a set", "half a surrogate pair", "any object"],
)
def test_what_is_no_json_value_is_a_violation_and_no_exception(value):
    (violation,) = schema({"type": "object", "properties": {"a": TEXT}}).violations(value)

    assert (violation.keyword, violation.expected) == ("type", None)
    assert violation.message


@pytest.mark.parametrize(
    "value",
    [2**63, -(2**63) - 1, 2**64, 10**400, 1e308],
    ids=lambda each: f"{each:.0e}"[:8] if each < 1e300 else "huge",
)
def test_integers_of_any_size_can_be_held_against_a_limit(value):
    assert [keyword for _, keyword, _ in named({"maximum": 5, "minimum": -5}, value)] in (
        ["maximum"],
        ["minimum"],
    )


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)
SHAPES = [
    schema(
        {"type": "object", "required": ["a"], "properties": {"a": INTEGER}, "additionalProperties": False}
    ),
    schema({"anyOf": [{"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}, TEXT, NULL]}),
    schema({"oneOf": [{"minimum": 5}, {"maxLength": 2}, {"minItems": 1}]}),
]


@given(json_values, st.sampled_from(SHAPES))
def test_violations_are_named_exactly_where_a_value_is_not_valid(value, shape):
    violations = shape.violations(value)

    assert bool(violations) != shape.is_valid(value)
    for violation in violations:
        here = value
        for step in violation.location[:-1]:
            here = here[step]


# Documents


@pytest.mark.parametrize(
    "path",
    ["/things/{id}", "/a b", "/ä/{ö}", "/{a}.{b}", "/100%", "/a~b", '/"quoted"', "/#x", "/a?b", "/a\\b"],
)
def test_a_schema_is_found_whatever_the_path_it_stands_under(path):
    pointer = f"/paths/{escape(path)}/get/responses/200/content/application~1json/schema"
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Number"}}}
    document = {
        "paths": {path: {"get": {"responses": {"200": {"content": content}}}}},
        "components": {"schemas": {"Number": INTEGER}},
    }

    found = Schemas(document, "3.1").at(pointer)

    assert (found.is_valid(5), found.is_valid("x")) == (True, False)
    assert found.definition == INTEGER


@pytest.mark.parametrize(
    "definition",
    [
        pytest.param({"type": "strin"}, id="a type that there is not"),
        pytest.param({"minimum": "5"}, id="a limit that is no number"),
        pytest.param({"pattern": "("}, id="a pattern that is none"),
        pytest.param({"required": "a"}, id="a text where a list belongs"),
        pytest.param({"properties": {"a": []}}, id="a list for a schema"),
        pytest.param({"properties": {"a": {"type": 5}}}, id="deep inside"),
        pytest.param({"$ref": "#/components/schemas/None"}, id="a reference to nothing"),
        pytest.param({"$ref": "http://nowhere.example/x"}, id="a reference to elsewhere"),
        pytest.param({"items": {"$ref": "other.yaml"}}, id="a reference to a file"),
        pytest.param("text", id="a text"),
    ],
)
def test_a_schema_that_is_none_is_named_with_its_place(definition):
    with pytest.raises(MockServerError, match=r"^#/components/schemas/It: not a usable JSON Schema: .+"):
        schema(definition)


def test_a_broken_schema_does_no_harm_to_another():
    assert schema(INTEGER, Broken={"type": "strin"}).is_valid(5)


def test_a_schema_is_compiled_once_for_each_side():
    schemas = Schemas({"components": {"schemas": {"It": INTEGER}}}, "3.1")

    first, again = (schemas.at("/components/schemas/It", "request") for _ in range(2))

    assert first is again
    assert first is not schemas.at("/components/schemas/It", "response")


@pytest.mark.parametrize(
    ("direction", "needed"),
    [("request", ["name", "password"]), ("response", ["id", "name"]), ("stored", ["id", "name", "password"])],
)
def test_what_the_other_side_alone_may_send_is_not_required(direction, needed):
    account = {
        "required": ["id", "name", "password"],
        "properties": {"id": {"readOnly": True}, "name": {}, "password": {"writeOnly": True}},
    }

    assert [where[0] for where, _, _ in named(account, {}, direction=direction)] == needed


def test_both_dialects_leave_the_document_as_it_was():
    document = {"components": {"schemas": {"It": {"type": "string", "nullable": True, "format": "int32"}}}}
    before = orjson.dumps(document)

    Schemas(document, "3.0").at("/components/schemas/It")

    assert orjson.dumps(document) == before


# Pointers


@given(st.text())
def test_a_name_can_be_written_into_a_pointer_and_read_again(name):
    assert unescape(escape(name)) == name
    assert resolve({name: {"a": [5]}}, f"/{escape(name)}/a/0") == 5


def test_references_are_followed_to_their_end():
    document = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/c~1d%7Be%7D"}, "c/d{e}": 5}

    assert resolve(document, "/a") == dereference(document, {"$ref": "#/a"}) == 5
    assert resolve(document, "/a", follow=False) == {"$ref": "#/b"}
    assert pointer_of("#/c~1d%7Be%7D") == "/c~1d{e}"


@pytest.mark.parametrize("reference", ["#/a", "#/b", "#/none", "#/list/5", "#/text/x"])
def test_a_reference_that_leads_nowhere_is_told(reference):
    document = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}, "list": [1], "text": "x"}

    with pytest.raises((LookupError, TypeError)):
        dereference(document, {"$ref": reference})


@pytest.mark.parametrize(
    ("dialect", "beside", "is_shared"),
    [("3.0", {"minLength": 2}, True), ("3.1", {"description": "x"}, True), ("3.1", {"minLength": 2}, False)],
    ids=["3.0 says nothing beside a reference", "a description", "what is said beside a reference"],
)
def test_what_only_refers_to_a_schema_is_compiled_once_with_it(dialect, beside, is_shared):
    definitions = {"It": {"$ref": "#/components/schemas/Text", **beside}, "Text": TEXT}
    schemas = Schemas({"components": {"schemas": definitions}}, dialect)

    found = [schemas.at(f"/components/schemas/{name}", "response") for name in definitions]

    assert (found[0] is found[1]) == is_shared
    assert [each.is_valid("a") for each in found] == [is_shared, True]


CAT = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": TEXT, "lives": INTEGER, "coat": {"enum": ["long", "short"]}},
}
DOG = {"type": "object", "required": ["kind"], "properties": {"kind": TEXT, "trick": TEXT}}
BRANCHES = [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]


def told_apart(mapping: dict[str, str] | None = None, **others: Any) -> dict[str, Any]:
    found = {"propertyName": "kind"} if mapping is None else {"propertyName": "kind", "mapping": mapping}
    return {"oneOf": BRANCHES, "discriminator": found, **others}


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"kind": "Cat"}, [], id="a component's name"),
        pytest.param({"kind": "tom"}, [], id="a mapped name"),
        pytest.param({"kind": "pup", "lives": "many"}, [], id="what only the other branch speaks of"),
        pytest.param({"kind": "tom", "lives": "9"}, [(("lives",), "type", ("integer",))], id="in the branch"),
        pytest.param(
            {"kind": "tom", "coat": "curly"}, [(("coat",), "enum", ["long", "short"])], id="its own values"
        ),
        pytest.param({"kind": "pup", "trick": 5}, [(("trick",), "type", ("string",))], id="mapped by name"),
        pytest.param(
            {"kind": "cow"}, [(("kind",), "enum", ["tom", "Cat", "pup", "Dog"])], id="an unknown name"
        ),
    ],
)
def test_a_discriminator_chooses_the_branch_of_a_request(keyword, value, expected):
    definition = told_apart({"tom": "#/components/schemas/Cat", "pup": "Dog"})
    definition[keyword] = definition.pop("oneOf")

    assert named(definition, value, direction="request", Cat=CAT, Dog=DOG) == expected


@pytest.mark.parametrize("direction", ["response", "stored"])
def test_a_discriminator_says_nothing_of_an_answer(direction):
    assert named(told_apart(), {"kind": "Cat"}, direction=direction, Cat=CAT, Dog=DOG) == [
        ((), "oneOf", None)
    ]


def test_a_discriminator_may_be_of_what_may_be_null():
    options: Any = {"dialect": "3.0", "direction": "request", "Cat": CAT, "Dog": DOG}

    assert named(told_apart(nullable=True), None, **options) == []
    assert named(told_apart(nullable=True), {"kind": "Dog"}, **options) == []
    assert named(told_apart(nullable=True), {"kind": "Dog", "trick": 5}, **options) == [
        (("trick",), "type", ("string",))
    ]


def test_a_discriminator_chooses_nothing_where_its_names_lead_to_no_branch():
    farm = {"oneOf": BRANCHES}
    elsewhere = told_apart({"cow": "#/components/schemas/Cow"})
    literal = {**CAT, "properties": {**CAT["properties"], "kind": {"const": "felis"}}}

    assert named(elsewhere, {"kind": "cow", "trick": 5}, direction="request", Cat=CAT, Dog=DOG) == []
    assert named(told_apart(), {"kind": "felis"}, direction="request", Cat=literal, Dog=DOG) == []
    assert named(
        told_apart(), {"kind": "felis", "lives": "9"}, direction="request", Cat=literal, Dog=DOG
    ) == [(("lives",), "type", ("integer",))]
    assert (
        named(
            {
                "oneOf": [{"$ref": "#/components/schemas/Farm"}, NULL],
                "discriminator": {"propertyName": "kind"},
            },
            {"kind": "any", "trick": 5},
            direction="request",
            Farm=farm,
            Cat=CAT,
            Dog=DOG,
        )
        == []
    )


def test_branches_with_constants_are_told_apart_by_them():
    shapes = {
        "oneOf": [
            {"required": ["kind"], "properties": {"kind": {"const": "circle"}, "radius": INTEGER}},
            {"required": ["kind"], "properties": {"kind": {"const": "square"}, "side": INTEGER}},
        ]
    }

    assert named(shapes, {"kind": "circle", "radius": "1"}) == [(("radius",), "type", ("integer",))]
    assert named(shapes, {"kind": "cube"}) == [(("kind",), "enum", ["circle", "square"])]


@pytest.mark.parametrize(
    ("definition", "value", "message"),
    [
        pytest.param(
            {"anyOf": [{**TEXT, "format": "date-time"}, {**TEXT, "pattern": "^now$"}]},
            "soon",
            'none of the alternatives holds: "soon" is not a "date-time"; "soon" does not match "^now$"',
            id="alternatives",
        ),
        pytest.param(
            {"not": {"anyOf": [{"required": ["a", "b"]}, {"required": ["a", "c"]}]}},
            {"a": 1, "c": 2},
            '"a" and "c" may not stand together',
            id="several that shut each other out",
        ),
        pytest.param(
            {"not": {"required": ["a"]}}, {"a": 1}, '"a" is not allowed here', id="one that may not be"
        ),
        pytest.param({"not": {"minimum": 5}}, 7, '{"minimum":5} is not allowed for 7', id="another not"),
    ],
)
def test_what_holds_by_no_alternative_is_told_in_words(definition, value, message):
    assert [each.message for each in schema(definition).violations(value)] == [message]


def test_the_alternatives_that_are_told_of_are_few_and_short():
    definition = {"anyOf": [{**TEXT, "maxLength": length} for length in range(50)]}

    (violation,) = schema(definition).violations("a" * 10_000)

    assert len(violation.message) < 2000
    assert violation.message.endswith("; and 42 more")
