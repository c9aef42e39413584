"""Parameters are decoded by the style and the schema that the contract gives them, and refused by name."""

import string
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.operation import read_operations
from mockserver.contract.parameters.decoder import Decoded, ParameterDecoder
from mockserver.contract.schema import Schemas

INTEGER = {"type": "integer"}
INTEGERS = {"type": "array", "items": INTEGER}
STRINGS = {"type": "array", "items": {"type": "string"}}
COLOR = {"type": "object", "properties": dict.fromkeys(("R", "G", "B"), INTEGER)}


def parameter(schema=None, name="q", in_="query", **more):
    declared = {"name": name, "in": in_, **more}
    return declared if schema is None else {**declared, "schema": schema}


def decoder(*parameters, components=None, dialect="3.1"):
    paths = {"/things/{q}": {"get": {"parameters": list(parameters), "responses": {}}}}
    document = {"paths": paths, "components": {"schemas": components or {}}}
    (operation,) = read_operations(document)
    return ParameterDecoder(operation.parameters, Schemas(document, dialect), document)


def decode_query(declared, query, **options) -> Decoded:
    return decoder(declared, **options).decode({}, query.encode(), ())


def decode_one(declared, raw):
    """Send one raw value where a parameter called ``q`` belongs, and give its value or its violations."""
    location = declared["in"]
    decoded = decoder(declared).decode(
        {"q": raw} if location == "path" else {},
        raw.encode("latin-1") if location == "query" else b"",
        {"header": [(b"q", raw.encode())], "cookie": [(b"cookie", raw.encode())]}.get(location, []),
    )
    places = {
        "path": decoded.path,
        "query": decoded.query,
        "header": decoded.headers,
        "cookie": decoded.cookies,
    }
    return decoded.violations or places[location]["q"]


def keywords(decoded):
    return [(violation.location, violation.keyword) for violation in decoded.violations]


@pytest.mark.parametrize(
    ("location", "style", "explode", "schema", "raw", "value"),
    [
        ("path", "simple", False, INTEGER, "5", 5),
        ("path", "simple", False, INTEGERS, "3,4,5", [3, 4, 5]),
        ("path", "simple", True, INTEGERS, "3,4,5", [3, 4, 5]),
        ("path", "simple", False, COLOR, "R,100,G,200", {"R": 100, "G": 200}),
        ("path", "simple", True, COLOR, "R=100,G=200", {"R": 100, "G": 200}),
        ("path", "label", False, INTEGER, ".5", 5),
        ("path", "label", False, INTEGERS, ".3,4", [3, 4]),
        ("path", "label", False, INTEGERS, ".3.4", [3, 4]),
        ("path", "label", True, INTEGERS, ".3.4", [3, 4]),
        ("path", "label", False, COLOR, ".R,100,G,200", {"R": 100, "G": 200}),
        ("path", "label", True, COLOR, ".R=100.G=200", {"R": 100, "G": 200}),
        ("path", "matrix", False, INTEGER, ";q=5", 5),
        ("path", "matrix", True, INTEGER, ";q=5", 5),
        ("path", "matrix", False, INTEGERS, ";q=3,4", [3, 4]),
        ("path", "matrix", True, INTEGERS, ";q=3;q=4", [3, 4]),
        ("path", "matrix", False, COLOR, ";q=R,100,G,200", {"R": 100, "G": 200}),
        ("path", "matrix", True, COLOR, ";R=100;G=200", {"R": 100, "G": 200}),
        ("path", "matrix", False, {"type": "string"}, ";q", ""),
        ("query", "form", True, INTEGERS, "q=3&q=4", [3, 4]),
        ("query", "form", False, INTEGERS, "q=3,4", [3, 4]),
        ("query", "form", False, INTEGERS, "q=", []),
        ("query", "form", True, COLOR, "R=100&G=200", {"R": 100, "G": 200}),
        ("query", "form", False, COLOR, "q=R,100,G,200", {"R": 100, "G": 200}),
        ("query", "spaceDelimited", False, INTEGERS, "q=3%204+5", [3, 4, 5]),
        ("query", "spaceDelimited", True, INTEGERS, "q=3&q=4", [3, 4]),
        ("query", "spaceDelimited", False, COLOR, "q=R%20100%20G%20200", {"R": 100, "G": 200}),
        ("query", "pipeDelimited", False, INTEGERS, "q=3|4%7C5%7c6", [3, 4, 5, 6]),
        ("query", "pipeDelimited", False, COLOR, "q=R|100|G|200", {"R": 100, "G": 200}),
        ("query", "deepObject", True, COLOR, "q[R]=100&q%5BG%5D=200", {"R": 100, "G": 200}),
        ("header", "simple", False, INTEGER, "5", 5),
        ("header", "simple", False, INTEGERS, "3, 4,5", [3, 4, 5]),
        ("header", "simple", False, COLOR, "R,100,G,200", {"R": 100, "G": 200}),
        ("header", "simple", True, COLOR, "R=100,G=200", {"R": 100, "G": 200}),
        ("cookie", "form", True, INTEGER, "a=1; q=5", 5),
        ("cookie", "form", False, INTEGERS, "q=3,4", [3, 4]),
        ("cookie", "form", True, INTEGERS, "q=3; q=4", [3, 4]),
        ("cookie", "form", True, INTEGERS, "q=3,4", [3, 4]),
        ("cookie", "form", False, COLOR, "q=R,100,G,200", {"R": 100, "G": 200}),
        ("cookie", "form", True, COLOR, "R=100; G=200", {"R": 100, "G": 200}),
        ("cookie", "form", True, COLOR, "q=R=100,G=200", {"R": 100, "G": 200}),
    ],
)
def test_a_value_is_read_by_style_and_explode(location, style, explode, schema, raw, value):
    declared = parameter(schema, in_=location, style=style, explode=explode, required=location == "path")

    assert decode_one(declared, raw) == value


@pytest.mark.parametrize(
    ("schema", "raw", "value"),
    [
        (INTEGER, "-7", -7),
        (INTEGER, "9" * 4000, int("9" * 4000)),
        ({"type": "number"}, "5", 5),
        ({"type": "number"}, "-1.5e3", -1500.0),
        ({"type": "boolean"}, "false", False),
        ({"type": "string"}, "5", "5"),
        ({"enum": [1, 2]}, "2", 2),
        ({"const": True}, "true", True),
        ({"enum": ["all", 5]}, "all", "all"),
        ({"enum": ["all", 5]}, "5", 5),
        ({"anyOf": [INTEGER, {"type": "string"}]}, "5", "5"),
        ({"type": ["integer", "boolean", "null"]}, "true", True),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "true", True),
        ({"allOf": [{"type": "number"}, {"type": "integer"}]}, "5", 5),
        ({"$ref": "#/components/schemas/Page"}, "5", 5),
        ({"minLength": 1}, "5", "5"),
        ({"type": "string"}, "", ""),
        ({"type": "string"}, "a+b%2Bc%00%C3%A9", "a b+c\0é"),
        ({"anyOf": [INTEGER, INTEGERS]}, "5", 5),
        (None, "5", "5"),
    ],
)
def test_a_text_becomes_the_type_that_the_schema_admits(schema, raw, value):
    decoded = decode_query(parameter(schema), f"q={raw}", components={"Page": INTEGER})

    assert decoded.violations == []
    assert decoded.query == {"q": value}
    assert type(decoded.query["q"]) is type(value)


@pytest.mark.parametrize(
    ("type_", "raw"),
    [
        *(("integer", raw) for raw in ("", "1.0", "01", "+1", "1_0", " 1", "１", "٣", "x", "--1", "null")),
        *(("number", raw) for raw in ("", ".5", "5.", "1e999", "NaN", "Infinity", "0x1", "1_0.5", "٣")),
        *(("boolean", raw) for raw in ("", "True", "1", "yes", "on", "null")),
        pytest.param("integer", "9" * 5000, id="more digits than anybody counts"),
    ],
)
def test_a_text_of_another_type_is_refused_and_left_out(type_, raw):
    decoded = decode_query(parameter({"type": [type_, "null"]}), f"q={quote(raw)}")

    (violation,) = decoded.violations
    assert (violation.location, violation.keyword) == (("query", "q"), "type")
    assert (violation.expected, violation.value) == ((type_,), raw)
    assert decoded.query == {}


@pytest.mark.parametrize(
    "schema", [{"enum": [1, 2]}, {"type": "integer", "enum": [1, 2]}, {"anyOf": [INTEGER, {"maximum": 5}]}]
)
def test_a_text_of_another_type_is_one_violation_whatever_else_the_schema_says(schema):
    decoded = decode_query(parameter({"type": "integer", **schema}), "q=x")

    assert keywords(decoded) == [(("query", "q"), "type")]


def test_the_expected_types_leave_out_null():
    decoded = decode_query(
        parameter({"type": ["integer", "boolean"], "nullable": True}), "q=x", dialect="3.0"
    )

    (violation,) = decoded.violations
    assert violation.expected == ("integer", "boolean")
    assert violation.message == '"x" is not an integer or a boolean'


def test_what_the_schema_refuses_is_named_by_its_keyword():
    decoded = decode_query(parameter({"type": "integer", "minimum": 1}), "q=0")

    (violation,) = decoded.violations
    assert (violation.location, violation.keyword, violation.expected, violation.value) == (
        ("query", "q"),
        "minimum",
        1,
        "0",
    )


def test_an_integer_beyond_64_bits_is_named_as_text_because_json_writers_refuse_it():
    decoded = decode_query(parameter({"type": "integer", "maximum": 5}), f"q={10**30}")

    (violation,) = decoded.violations
    assert (violation.keyword, violation.value) == ("maximum", str(10**30))


def test_every_bad_member_is_named_where_it_stands():
    decoded = decode_query(parameter({**INTEGERS, "maxItems": 2}), "q=1&q=x&q=y")

    assert keywords(decoded) == [
        (("query", "q", 1), "type"),
        (("query", "q", 2), "type"),
        (("query", "q"), "maxItems"),
    ]


def test_a_bad_member_in_one_branch_is_named_only_once():
    decoded = decode_query(parameter({"anyOf": [INTEGERS, {"type": "null"}]}), "q=1&q=x")

    assert keywords(decoded) == [(("query", "q", 1), "type")]


@pytest.mark.parametrize(
    ("declared", "query"),
    [
        (parameter(INTEGER), "q=1&q=2"),
        (parameter({"type": "string"}), "q=1&q=2"),
        (parameter(INTEGERS, explode=False), "q=1&q=2"),
        (parameter({"type": "object"}, style="deepObject"), "q=1&q=2"),
    ],
    ids=["an integer", "a string", "an array in one text", "a deep object"],
)
def test_a_repeated_key_is_refused_unless_it_is_how_an_array_is_written(declared, query):
    decoded = decode_query(declared, query)

    (violation,) = decoded.violations
    assert (violation.location, violation.keyword) == (("query", "q"), "type")
    assert violation.expected == (declared["schema"]["type"],)
    assert violation.value == ["1", "2"]


def test_a_schema_without_a_type_takes_a_repeated_key_as_an_array_of_strings():
    assert decode_query(parameter({}), "q=1&q=2").query == {"q": ["1", "2"]}


@pytest.mark.parametrize(
    ("style", "explode", "raw"),
    [
        ("label", False, "5"),
        ("matrix", False, "5"),
        ("matrix", False, ";other=5"),
        ("matrix", True, ";q=5;q=6"),
    ],
)
def test_a_path_value_in_another_style_is_refused(style, explode, raw):
    (violation,) = decode_one(
        parameter(INTEGER, in_="path", style=style, explode=explode, required=True), raw
    )

    assert (violation.location, violation.keyword, violation.value) == (("path", "q"), "type", raw)
    assert f"style {style}" in violation.message


def test_a_separated_object_with_half_a_pair_is_refused():
    (violation,) = decode_one(parameter(COLOR, explode=False), "q=R,100,G")

    assert (violation.keyword, violation.expected, violation.value) == ("type", ("object",), "R,100,G")


def test_an_encoded_comma_is_data_where_the_schema_allows_it():
    assert decode_one(parameter(STRINGS, explode=False), "q=a%2Cb,c") == ["a,b", "c"]


def test_an_encoded_comma_separates_where_the_members_are_wrong_otherwise():
    assert decode_one(parameter(INTEGERS, explode=False), "q=1%2C2") == [1, 2]


def test_an_exploded_array_is_not_split_at_commas():
    (violation,) = decode_one(parameter(INTEGERS), "q=1,2")

    assert (violation.location, violation.value) == (("query", "q", 0), "1,2")


def test_a_deep_object_may_hold_objects_and_arrays():
    schema = {
        "type": "object",
        "properties": {"at": {"type": "object", "properties": {"x": INTEGER}}, "ids": INTEGERS},
    }
    query = "q[at][x]=1&q[ids]=2&q[ids]=3&q[name]=n"

    decoded = decode_query(parameter(schema, style="deepObject"), query)

    assert decoded.query == {"q": {"at": {"x": 1}, "ids": [2, 3], "name": "n"}}


@pytest.mark.parametrize("query", ["q[ids][]=2&q[ids][]=3", "q[ids][1]=3&q[ids][0]=2"])
def test_an_array_in_a_deep_object_may_be_numbered_or_bracketed(query):
    schema = {"type": "object", "properties": {"ids": INTEGERS}}

    assert decode_query(parameter(schema, style="deepObject"), query).query == {"q": {"ids": [2, 3]}}


@pytest.mark.parametrize("key", ["q[", "q[a", "q[a]b", "q[a][b]", "q" + "[a]" * 5000])
def test_a_key_that_no_deep_object_can_place_is_undeclared(key):
    decoded = decode_query(parameter({"type": "object"}, style="deepObject"), f"q[a]=1&{key}=2")

    assert decoded.query == {"q": {"a": "1"}}
    assert decoded.undeclared == [key]


def test_a_schema_that_contains_itself_is_read_at_every_depth():
    node = {"type": "object", "properties": {"n": INTEGER, "next": {"$ref": "#/components/schemas/Node"}}}
    declared = parameter({"$ref": "#/components/schemas/Node"}, style="deepObject")

    decoded = decode_query(declared, "q[next][next][n]=1", components={"Node": node})

    assert decoded.query == {"q": {"next": {"next": {"n": 1}}}}


def test_an_exploded_object_that_is_open_takes_the_keys_that_nobody_declared():
    schema = {"type": "object", "additionalProperties": INTEGER}

    decoded = decoder(parameter(schema), parameter(INTEGER, name="page")).decode({}, b"page=1&a=2&b=3", ())

    assert decoded.query == {"page": 1, "q": {"a": 2, "b": 3}}
    assert decoded.undeclared == []


def test_an_exploded_object_with_properties_leaves_other_keys_undeclared():
    decoded = decode_query(parameter(COLOR), "R=1&X=2")

    assert decoded.query == {"q": {"R": 1}}
    assert decoded.undeclared == ["X"]


def test_undeclared_keys_of_a_query_are_noted():
    decoded = decode_query(parameter(INTEGER), "p%20q=1&q=2&p+q=3&=&flag")

    assert decoded.query == {"q": 2}
    assert decoded.undeclared == ["p q", "", "flag"]


def test_the_same_name_in_two_places_is_two_parameters():
    both = decoder(parameter(INTEGER), parameter({"type": "boolean"}, in_="path", required=True))

    decoded = both.decode({"q": "true"}, b"q=5", ())

    assert (decoded.path, decoded.query) == ({"q": True}, {"q": 5})


@pytest.mark.parametrize(
    ("in_", "location"), [("query", "query"), ("header", "header"), ("cookie", "cookie"), ("path", "path")]
)
def test_a_required_parameter_that_is_not_given_is_missing(in_, location):
    decoded = decoder(
        parameter({"type": "integer", "default": 1}, name="X-Q", in_=in_, required=True)
    ).decode({}, b"other=1", [(b"other", b"1"), (b"cookie", b"other=1")])

    (violation,) = decoded.violations
    assert (violation.location, violation.keyword, violation.expected, violation.value) == (
        (location, "X-Q"),
        "missing",
        None,
        None,
    )


@pytest.mark.parametrize("style", ["form", "deepObject"])
def test_a_required_object_that_needs_no_property_is_not_written_when_it_is_empty(style):
    needy = {**COLOR, "required": ["R"]}

    assert decode_query(parameter(COLOR, style=style, explode=True, required=True), "").query == {"q": {}}
    assert keywords(decode_query(parameter(needy, style=style, explode=True, required=True), "")) == [
        (("query", "q"), "missing")
    ]


@pytest.mark.parametrize("query", ["", "other=1"])
def test_a_default_takes_the_place_of_what_is_not_given_and_is_never_shared(query):
    decode = decoder(parameter({**INTEGERS, "default": [1]}), parameter(INTEGER, name="p")).decode
    decode({}, query.encode(), ()).query["q"].append(2)

    assert decode({}, query.encode(), ()).query == {"q": [1]}


def test_a_default_is_found_behind_a_reference():
    declared = parameter({"$ref": "#/components/schemas/Page"})

    assert decode_query(declared, "", components={"Page": {**INTEGER, "default": 3}}).query == {"q": 3}


def test_a_default_of_null_is_a_value():
    assert decode_query(parameter({"type": ["integer", "null"], "default": None}), "").query == {"q": None}


@pytest.mark.parametrize("query", ["q", "q="])
def test_an_empty_value_is_taken_only_where_the_contract_allows_it(query):
    refused = decode_query(parameter({"type": "boolean"}), query)
    taken = decode_query(parameter({"type": "boolean"}, allowEmptyValue=True), query)

    assert keywords(refused) == [(("query", "q"), "type")]
    assert taken.query == {"q": ""}
    assert taken.violations == []


def test_header_names_have_no_case_and_keep_the_spelling_of_the_contract():
    decoded = decoder(parameter(INTEGER, name="X-Page", in_="header")).decode({}, b"", [(b"x-page", b"5")])

    assert decoded.headers == {"X-Page": 5}


def test_repeated_header_lines_are_one_array_and_no_scalar():
    lines = [(b"q", b"1, 2"), (b"q", b"3")]

    assert decoder(parameter(INTEGERS, in_="header")).decode({}, b"", lines).headers == {"q": [1, 2, 3]}
    (violation,) = decoder(parameter({"type": "string"}, in_="header")).decode({}, b"", lines).violations
    assert (violation.location, violation.keyword) == (("header", "q"), "type")
    assert violation.value == ["1, 2", "3"]


def test_a_header_is_utf8_or_else_latin1_and_not_percent_decoded():
    decode = decoder(parameter({"type": "string"}, in_="header")).decode

    assert decode({}, b"", [(b"q", "é%41".encode())]).headers == {"q": "é%41"}
    assert decode({}, b"", [(b"q", b"\xe9")]).headers == {"q": "é"}


def test_cookies_are_read_tolerantly_and_their_names_have_case():
    decode = decoder(
        parameter({"type": "string"}, name="a", in_="cookie"), parameter(INTEGER, name="b", in_="cookie")
    ).decode

    decoded = decode({}, b"", [(b"cookie", b'A=9;; junk ;a="x=y"; ='), (b"cookie", b"b=2")])

    assert decoded.cookies == {"a": "x=y", "b": 2}


@pytest.mark.parametrize("raw", ["%ff", "%ED%A0%80", "\xff"])
def test_bytes_that_are_not_utf8_are_refused(raw):
    (in_query,) = decode_one(parameter({"type": "string"}), f"q={raw}")
    (in_path,) = decode_one(parameter({"type": "string"}, in_="path", required=True), raw)

    assert (in_query.location, in_query.keyword) == (("query", "q"), "unicode")
    assert set(in_query.value) == {"\ufffd"}
    assert (in_path.location, in_path.keyword) == (("path", "q"), "unicode")


def test_bytes_that_are_not_utf8_are_refused_where_they_stand():
    (violation,) = decode_one(parameter(STRINGS), "q=a&q=%ff")

    assert (violation.location, violation.keyword, violation.value) == (
        ("query", "q", 1),
        "unicode",
        "\ufffd",
    )


JSON_CONTENT = {"content": {"application/json": {"schema": COLOR}}}


def test_a_parameter_with_json_content_is_parsed_and_checked():
    declared = parameter(**JSON_CONTENT)

    assert decode_query(declared, 'q={"R":1}').query == {"q": {"R": 1}}
    assert keywords(decode_query(declared, 'q={"R":"1"}')) == [(("query", "q", "R"), "type")]


@pytest.mark.parametrize(
    ("query", "keyword"),
    [
        ("q=", "json"),
        ("q={", "json"),
        ("q=NaN", "json"),
        ("q=%ff", "unicode"),
        ("q={}&q={}", "type"),
        ("q=" + "[" * 100_000, "json"),
        ("q=" + "[" * 1000 + "]" * 1000, "type"),
        ("q=" + "[" * 600 + "]" * 600, "type"),
    ],
)
def test_json_that_is_broken_or_of_another_type_is_refused(query, keyword):
    assert keywords(decode_query(parameter(**JSON_CONTENT), query)) == [(("query", "q"), keyword)]


def test_a_parameter_with_text_content_is_plain_text():
    declared = parameter(content={"text/plain": {"schema": {"type": "string"}}})

    assert decode_query(declared, "q={}").query == {"q": "{}"}


STYLES = [
    ("path", "simple", False),
    ("path", "simple", True),
    ("path", "label", False),
    ("path", "label", True),
    ("path", "matrix", False),
    ("path", "matrix", True),
    ("query", "form", False),
    ("query", "form", True),
    ("query", "spaceDelimited", False),
    ("query", "pipeDelimited", False),
    ("query", "deepObject", True),
    ("header", "simple", False),
    ("header", "simple", True),
    ("cookie", "form", False),
    ("cookie", "form", True),
]
_RESERVED = {"spaceDelimited": " ", "pipeDelimited": "|", "deepObject": "[]"}
_SEPARATOR = {"spaceDelimited": "%20", "pipeDelimited": "|"}


def serialise(value, location, style, explode):
    """Write a value called ``q`` in one style: the table "Style Values", RFC 6570."""

    def text(scalar):
        spelled = {True: "true", False: "false"}[scalar] if isinstance(scalar, bool) else str(scalar)
        return spelled if location in ("header", "cookie") else quote(spelled, safe="")

    between = {"label": ".", "matrix": ";"}.get(style, ",")
    if style == "deepObject":
        return "&".join(f"q[{text(k)}]={text(v)}" for k, v in value.items())
    if style in ("form", "matrix") and explode and isinstance(value, (list, dict)):
        pairs = value.items() if isinstance(value, dict) else (("q", member) for member in value)
        between = {"query": "&", "cookie": "; ", "path": ";"}[location]
        written = between.join(f"{text(k)}={text(v)}" for k, v in pairs)
    elif isinstance(value, dict) and explode:
        written = between.join(f"{text(k)}={text(v)}" for k, v in value.items())
    else:
        members = list(value) if isinstance(value, list) else [value]
        if isinstance(value, dict):
            members = [part for pair in value.items() for part in pair]
        between = between if explode else _SEPARATOR.get(style, ",")
        written = between.join(text(member) for member in members)
        if style in ("matrix", *_SEPARATOR, "form"):
            written = f"q={written}"
    return {"label": ".", "matrix": ";"}.get(style, "") + written


SCALARS = {
    "integer": st.integers(),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
}


@pytest.mark.parametrize(("location", "style", "explode"), STYLES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_what_was_serialised_is_decoded_to_the_same_value(location, style, explode, data):
    # Headers and cookies are not encoded; a dot never is; an encoded space, bar or bracket still counts.
    tame = st.sampled_from(string.ascii_letters + string.digits + "-_~")
    wild = st.characters(codec="utf-8", exclude_characters=f".{_RESERVED.get(style, '')}")
    alphabet = tame if location in ("header", "cookie") else wild
    scalars = {**SCALARS, "string": st.text(alphabet, min_size=1)}
    if style == "label":
        del scalars["number"]
    type_ = data.draw(st.sampled_from(sorted(scalars)))
    shape = data.draw(st.sampled_from(["object"] if style == "deepObject" else ["scalar", "array", "object"]))
    if shape == "array":
        schema = {"type": "array", "items": {"type": type_}}
        value = data.draw(st.lists(scalars[type_], min_size=1, max_size=5))
    elif shape == "object":
        value = data.draw(st.dictionaries(st.text(alphabet, min_size=1), scalars[type_], min_size=1))
        schema = {"type": "object", "properties": {name: {"type": type_} for name in value}}
    else:
        schema, value = {"type": type_}, data.draw(scalars[type_])
    declared = parameter(schema, in_=location, style=style, explode=explode, required=True)
    raw = serialise(value, location, style, explode)
    if style in _SEPARATOR and shape == "scalar":
        raw = serialise(value, location, "form", explode)

    assert decode_one(declared, raw) == value


CROWD = decoder(
    parameter(INTEGER, name="i"),
    parameter({"type": "string", "pattern": "^a"}, name="s"),
    parameter({**INTEGERS, "uniqueItems": True}, name="l"),
    parameter(INTEGERS, name="c", explode=False),
    parameter({"anyOf": [INTEGER, STRINGS, {"type": "string", "maxLength": 1}]}, name="u"),
    parameter(INTEGERS, name="p", style="pipeDelimited", explode=False),
    parameter(COLOR, name="w", style="spaceDelimited", explode=False),
    parameter({"type": "object", "additionalProperties": INTEGER}, name="e"),
    parameter({"type": "object", "additionalProperties": STRINGS}, name="d", style="deepObject"),
    parameter(name="j", **JSON_CONTENT),
    parameter({}, name="n"),
    parameter(COLOR, name="q", in_="path", style="matrix", explode=True, required=True),
    parameter(STRINGS, name="r", in_="path", style="label", required=True),
    parameter(INTEGERS, name="h", in_="header"),
    parameter(COLOR, name="o", in_="header", explode=True),
    parameter(INTEGERS, name="k", in_="cookie"),
    parameter(COLOR, name="m", in_="cookie"),
)
PIECES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [b"i=", b"s=a", b"&l=1", b"&c=1,%2C", b"u=%", b"p=1|2", b"w=R%20", b"&d[", b"][", b"]=1"]
    ),
    st.sampled_from(
        [b"j={", b"%ff", b"%00", b"&", b"=", b"+", b"n=1&n", b"9" * 5000, b";R=1", b".1", b"k=", b'"']
    ),
)
BYTES = st.lists(PIECES, max_size=12).map(b"".join)


@given(query_string=BYTES, header=BYTES, cookie=BYTES, segment=BYTES)
@settings(max_examples=400, deadline=None)
def test_nothing_that_a_client_sends_raises(query_string, header, cookie, segment):
    raw = segment.decode("latin-1")

    decoded = CROWD.decode(
        {"q": raw, "r": raw}, query_string, [(b"h", header), (b"o", header), (b"cookie", cookie)]
    )

    places = {
        "path": decoded.path,
        "query": decoded.query,
        "header": decoded.headers,
        "cookie": decoded.cookies,
    }
    for violation in decoded.violations:
        assert violation.location[1] not in places[violation.location[0]]


@given(segment=st.text(st.characters()))
def test_a_path_segment_of_any_characters_does_not_raise(segment):
    assert set(CROWD.decode({"q": segment}, b"", ()).path) <= {"q"}
