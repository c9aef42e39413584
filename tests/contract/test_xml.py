"""Values are read from XML, and written in it, by the names and places that their schemas give them."""

import orjson
import pytest

from tests.contract.codecs import read, write

XML = "application/xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
INTEGER, STRING = {"type": "integer"}, {"type": "string"}
STRINGS = {"type": "array", "items": STRING}
REF = {"$ref": "#/components/schemas/Pet"}
PET = {
    "type": "object",
    "required": ["name", "photoUrls"],
    "properties": {
        "id": INTEGER,
        "name": STRING,
        "category": {"$ref": "#/components/schemas/Category"},
        "photoUrls": {
            "type": "array",
            "xml": {"wrapped": True},
            "items": {"type": "string", "xml": {"name": "photoUrl"}},
        },
        "tags": {
            "type": "array",
            "xml": {"wrapped": True},
            "items": {"$ref": "#/components/schemas/Category", "xml": {"name": "tag"}},
        },
    },
    "xml": {"name": "pet"},
}
CATEGORY = {"type": "object", "properties": {"id": INTEGER, "name": STRING}, "xml": {"name": "category"}}
COMPONENTS = {"Pet": PET, "Category": CATEGORY}
A_PET = {
    "id": 1,
    "name": "Rex & Co",
    "category": {"id": 2, "name": "dogs"},
    "photoUrls": ["a", "b"],
    "tags": [{"id": 3, "name": "x"}],
}
A_PET_WRITTEN = (
    "<pet><id>1</id><name>Rex &amp; Co</name><category><id>2</id><name>dogs</name></category>"
    "<photoUrls><photoUrl>a</photoUrl><photoUrl>b</photoUrl></photoUrls>"
    "<tags><tag><id>3</id><name>x</name></tag></tags></pet>"
)


def thing(said=None, **properties):
    return {"type": "object", "properties": properties, "xml": {"name": "thing", **(said or {})}}


def with_xml(schema, **said):
    return {**schema, "xml": said}


# How a schema has a value written; the same text is read as the same value.
BOTH_WAYS = [
    pytest.param(REF, A_PET, A_PET_WRITTEN, id="a pet of a store"),
    pytest.param(
        {"type": "array", "items": REF},
        [A_PET, A_PET],
        f"<pets>{A_PET_WRITTEN * 2}</pets>",
        id="an array of them",
    ),
    pytest.param(
        {"$ref": "#/components/schemas/Plain"},
        {"a": 1},
        "<Plain><a>1</a></Plain>",
        id="a component without a name",
    ),
    pytest.param(
        {"type": "object", "properties": {"a": INTEGER}},
        {"a": 1},
        "<root><a>1</a></root>",
        id="no name at all",
    ),
    pytest.param(
        thing(a=with_xml(INTEGER, attribute=True), b=STRING),
        {"a": 1, "b": "x"},
        '<thing a="1"><b>x</b></thing>',
        id="an attribute",
    ),
    pytest.param(
        thing(a=with_xml(STRING, attribute=True, name="z")),
        {"a": 'x"<'},
        "<thing z='x\"&lt;'></thing>",
        id="a name of one",
    ),
    pytest.param(
        thing(a=with_xml(STRING, nodeType="attribute"), b=with_xml(STRING, nodeType="text")),
        {"a": "1", "b": "x"},
        '<thing a="1">x</thing>',
        id="node types of OpenAPI 3.2",
    ),
    pytest.param(thing(a=with_xml(STRING, name="b")), {"a": "x"}, "<thing><b>x</b></thing>", id="a name"),
    pytest.param(
        thing(a=STRINGS),
        {"a": ["x", "y"]},
        "<thing><a>x</a><a>y</a></thing>",
        id="an array without a wrapper",
    ),
    pytest.param(
        thing(a={"type": "array", "items": with_xml(STRING, name="b"), "xml": {"name": "c"}}),
        {"a": ["x"]},
        "<thing><b>x</b></thing>",
        id="a name that an array without a wrapper has no use for",
    ),
    pytest.param(
        thing(a=with_xml(STRINGS, wrapped=True)),
        {"a": ["x"]},
        "<thing><a><a>x</a></a></thing>",
        id="a wrapper",
    ),
    pytest.param(
        thing(
            a={"type": "array", "items": with_xml(STRING, name="b"), "xml": {"name": "c", "wrapped": True}}
        ),
        {"a": ["x"]},
        "<thing><c><b>x</b></c></thing>",
        id="a wrapper with a name",
    ),
    pytest.param(
        thing(a=with_xml(STRINGS, wrapped=True)), {"a": []}, "<thing><a></a></thing>", id="an empty wrapper"
    ),
    pytest.param(
        thing({"prefix": "p", "namespace": "urn:p"}, a=with_xml(STRING, prefix="p"), b=STRING),
        {"a": "x", "b": "y"},
        '<p:thing xmlns:p="urn:p"><p:a>x</p:a><b>y</b></p:thing>',
        id="a prefix",
    ),
    pytest.param(
        thing({"namespace": "urn:p"}, a=STRING),
        {"a": "x"},
        '<thing xmlns="urn:p"><a>x</a></thing>',
        id="a namespace",
    ),
    pytest.param(
        thing(a=with_xml(STRING, attribute=True, prefix="p", namespace="urn:p")),
        {"a": "x"},
        '<thing xmlns:p="urn:p" p:a="x"></thing>',
        id="an attribute with a prefix",
    ),
    pytest.param(
        thing(a={"type": "boolean"}, b={"type": "number"}),
        {"a": True, "b": 1.5},
        "<thing><a>true</a><b>1.5</b></thing>",
        id="a boolean and a number",
    ),
    pytest.param(
        thing(a={"type": ["string", "null"]}),
        {"a": None},
        '<thing><a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/></thing>',
        id="null",
    ),
    pytest.param(
        thing(a={"type": "object", "additionalProperties": INTEGER}),
        {"a": {"x": 1, "y": 2}},
        "<thing><a><x>1</x><y>2</y></a></thing>",
        id="properties of any name",
    ),
    pytest.param(
        {"allOf": [thing(a=INTEGER), thing(b=INTEGER)], "xml": {"name": "both"}},
        {"a": 1, "b": 2},
        "<both><a>1</a><b>2</b></both>",
        id="a schema in parts",
    ),
    pytest.param(
        {
            "allOf": [
                {"$ref": "#/components/schemas/Wrapper"},
                {"properties": {"data": {**STRINGS, "xml": {"name": "names", "wrapped": True}}}},
            ]
        },
        {"data": ["x"]},
        "<wrapped><names><names>x</names></names></wrapped>",
        id="a part that says how another is written",
    ),
    pytest.param(
        {"$ref": "#/components/schemas/Dog"}, {"data": []}, "<Dog></Dog>", id="a component that is another"
    ),
    pytest.param(
        {"allOf": [REF, {"properties": {"more": INTEGER}}]},
        {"name": "x", "photoUrls": [], "more": 1},
        "<pet><name>x</name><photoUrls></photoUrls><more>1</more></pet>",
        id="a component and more",
    ),
    pytest.param(
        {"$ref": "#/components/schemas/Node"},
        {"value": 1, "next": {"value": 2}},
        "<Node><value>1</value><next><value>2</value></next></Node>",
        id="a schema that contains itself",
    ),
    pytest.param({"type": "integer"}, 5, "<root>5</root>", id="a number"),
    pytest.param(STRING, "x", "<root>x</root>", id="a text"),
]
NODE = {"type": "object", "properties": {"value": INTEGER, "next": {"$ref": "#/components/schemas/Node"}}}
WRAPPER = {"type": "object", "properties": {"data": {"type": "array"}}, "xml": {"name": "wrapped"}}
DOG = {"allOf": [{"$ref": "#/components/schemas/Wrapper"}], "required": ["data"]}
ALL = {
    "Wrapper": WRAPPER,
    "Dog": DOG,
    **COMPONENTS,
    "Plain": {"type": "object", "properties": {"a": INTEGER}},
    "Node": NODE,
}


@pytest.mark.parametrize(("schema", "value", "written"), BOTH_WAYS)
def test_a_value_is_written_as_its_schema_says(schema, value, written):
    assert write(XML, schema, value, components=ALL) == HEAD + written


@pytest.mark.parametrize(("schema", "value", "written"), BOTH_WAYS)
def test_a_document_is_read_as_its_schema_says(schema, value, written):
    assert read(XML, schema, HEAD + written, components=ALL) == value


@pytest.mark.parametrize(
    ("schema", "raw", "value"),
    [
        (thing(a=INTEGER), "<thing>\n  <a> 1 </a>\n</thing>", {"a": 1}),
        (thing(a=INTEGER), '<x:thing xmlns:x="urn:x"><x:a>1</x:a></x:thing>', {"a": 1}),
        (thing(a=STRING), "<thing><a><![CDATA[<b>]]></a></thing>", {"a": "<b>"}),
        (thing(a=STRING), "<thing><a/></thing>", {"a": ""}),
        (thing(a=STRING), "<thing><a>&lt;&#233;</a></thing>", {"a": "<é"}),
        (
            {"type": "object"},
            '<any at="1"><b>x</b><b>y</b><c><d>z</d></c></any>',
            {"at": "1", "b": ["x", "y"], "c": {"d": "z"}},
        ),
        ({**thing(a=STRINGS), "required": ["a"]}, "<thing/>", {"a": []}),
        (STRING, "<any><a/></any>", "<any><a/></any>"),
        (None, "<any><a>1</a></any>", {"a": "1"}),
        (
            thing(a=STRING),
            b'<?xml version="1.0" encoding="ISO-8859-1"?><thing><a>\xe9</a></thing>',
            {"a": "é"},
        ),
    ],
    ids=[
        "space around a number",
        "another prefix",
        "CDATA",
        "an empty element",
        "entities of XML itself",
        "an object of any properties",
        "a required array without members",
        "a document where a text is declared",
        "no schema",
        "another charset",
    ],
)
def test_what_is_written_in_another_way_is_read_as_well(schema, raw, value):
    assert read(XML, schema, raw) == value


@pytest.mark.parametrize(
    ("raw", "violations"),
    [
        ("<pet><id>x</id></pet>", [(("id",), "type"), (("name",), "required"), (("photoUrls",), "required")]),
        ("<pet><name>a</name><name>b</name><photoUrls/></pet>", [(("name",), "type")]),
        ("<dog><name>a</name><photoUrls/></dog>", [((), "xml")]),
        (
            "<pet><name>a</name><photoUrls/><tags><tag><id>1</id></tag><tag><id>x</id></tag></tags></pet>",
            [(("tags", 1, "id"), "type")],
        ),
        ("<pet><name><a/></name><photoUrls/></pet>", [(("name",), "type")]),
        ("<pet>true</pet>", [((), "type")]),
        ("<pet>so <name>a</name><photoUrls/></pet>", [((), "type")]),
        ("<pet><name>a</name><photoUrls/><tags><tag>null</tag></tags></pet>", [(("tags", 0), "type")]),
        ("<pet><name>a</name><photoUrls>b</photoUrls></pet>", [(("photoUrls",), "type")]),
    ],
    ids=[
        "types and names",
        "two where one is taken",
        "another root",
        "a member of an array",
        "elements in a text",
        "text for an object",
        "text in an object",
        "text for an object in an array",
        "text for an array",
    ],
)
def test_every_violation_of_a_document_is_named(raw, violations):
    assert read(XML, REF, raw, components=ALL) == violations


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a>\x00</a>",
        b"<a>\xff</a>",
        b"<a>&b;</a>",
        b'<?xml version="1.0" encoding="bogus"?><a/>',
        b'<?xml version="1.0" encoding="big5"?><a/>',
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;"><!ENTITY z "&y;&y;">]><a>&z;</a>',
        b"<a>" * 100_000,
        b"<p:a/>",
    ],
    ids=[
        "nothing",
        "a text",
        "an open element",
        "a wrong end",
        "two roots",
        "NUL",
        "bytes that are not UTF-8",
        "an entity that nobody declared",
        "a charset that nobody knows",
        "a charset of several bytes",
        "a document type",
        "an entity",
        "an external entity",
        "an external document type",
        "entities that grow",
        "endless depth",
        "a prefix that nobody declared",
    ],
)
def test_what_is_no_xml_or_dangerous_is_refused(raw):
    assert read(XML, {"type": "object"}, raw) == [((), "xml")]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a b": 1}, "<root><a_b>1</a_b></root>"),
        ({"1": 1, "@": 2, "": 3}, "<root><_1>1</_1><_>2</_><_>3</_></root>"),
        ({"größe": 1, "имя": 2, "²": 3}, "<root><größe>1</größe><имя>2</имя><_>3</_></root>"),
        ({"a": "x\x00\x1b"}, "<root><a>x\ufffd\ufffd</a></root>"),
        ({"a": [[1, 2]]}, "<root><a><a>1</a><a>2</a></a></root>"),
    ],
    ids=[
        "a space in a name",
        "names that are none",
        "names in other alphabets",
        "signs that XML lacks",
        "an array in an array",
    ],
)
def test_what_xml_has_no_way_to_write_is_written_as_near_as_it_can(value, written):
    document = write(XML, {}, value)

    assert document == HEAD + written
    assert isinstance(read(XML, {}, document), dict)


def test_a_text_that_is_a_document_is_written_as_it_is():
    assert write(XML, REF, "<pet/>", components=ALL) == "<pet/>"


def test_a_value_that_was_read_is_json():
    assert orjson.dumps(read(XML, {}, "<a><b>1</b></a>"))
