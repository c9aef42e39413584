"""Forms are typed by their schema, as their encoding says; files are kept as text."""

import orjson
import pytest

from mockserver.contract.media.form_writer import BOUNDARY
from mockserver.contract.media.multipart import Part, write_parts
from tests.contract.codecs import codec, read, write

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
INTEGER, STRING = {"type": "integer"}, {"type": "string"}
INTEGERS, STRINGS = {"type": "array", "items": INTEGER}, {"type": "array", "items": STRING}
POINT = {"type": "object", "properties": {"x": INTEGER, "y": INTEGER}, "required": ["x"]}
FILE = {"type": "string", "format": "binary"}
PICTURE = b"\x89PNG\r\n\x1a\n"


def form(required=(), **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


def multipart(schema, *parts, **options):
    content_type = f'{MULTIPART}; boundary="{BOUNDARY}"'
    return read(MULTIPART, schema, write_parts(parts, BOUNDARY), content_type, **options)


@pytest.mark.parametrize(
    ("schema", "raw", "value"),
    [
        pytest.param(form(a=INTEGER, b=STRING), "a=5&b=5", {"a": 5, "b": "5"}, id="by their types"),
        pytest.param(form(a={"type": "boolean"}), "a=true", {"a": True}, id="a boolean"),
        pytest.param(form(a=STRING), "a=x+y%26%C3%A9", {"a": "x y&é"}, id="encoded text"),
        pytest.param(form(a=STRING), "a=", {"a": ""}, id="an empty text"),
        pytest.param(form(a=INTEGERS), "a=1&a=2", {"a": [1, 2]}, id="an array of several fields"),
        pytest.param(form(a=INTEGERS), "a=1", {"a": [1]}, id="an array of one"),
        pytest.param(form(a=STRINGS), "a=x,y", {"a": ["x,y"]}, id="a comma is data"),
        pytest.param(form(a=INTEGERS), "a[]=1&a[]=2", {"a": [1, 2]}, id="an array with brackets"),
        pytest.param(form(a=INTEGERS), "a%5B0%5D=1&a%5B1%5D=2", {"a": [1, 2]}, id="an array with indices"),
        pytest.param(form(a=POINT), 'a={"x":1}', {"a": {"x": 1}}, id="an object is JSON"),
        pytest.param(form(a=POINT), "a[x]=1&a[y]=2", {"a": {"x": 1, "y": 2}}, id="an object with brackets"),
        pytest.param(
            form(a={"type": "array", "items": POINT}),
            'a={"x":1}&a={"x":2}',
            {"a": [{"x": 1}, {"x": 2}]},
            id="an array of objects, each JSON",
        ),
        pytest.param(
            form(a={"type": "array", "items": POINT}),
            'a=[{"x":1}]',
            {"a": [{"x": 1}]},
            id="an array of objects as one JSON",
        ),
        pytest.param(form(), "a=1&b=2&b=3", {"a": "1", "b": ["2", "3"]}, id="fields that nobody declared"),
        pytest.param(form(a={"type": ["integer", "null"]}), "a=", {"a": None}, id="null for an empty text"),
        pytest.param(form(a={"type": ["string", "null"]}), "a=", {"a": ""}, id="an empty text or null"),
        pytest.param(None, "a=1", {"a": "1"}, id="no schema"),
        pytest.param(form(a=STRING), "", {}, id="no field"),
        pytest.param(STRING, "a=1", "a=1", id="a schema of a text"),
        pytest.param(
            {"allOf": [form(a=INTEGER), form(b=INTEGER)]}, "a=1&b=2", {"a": 1, "b": 2}, id="in parts"
        ),
        pytest.param(
            {"oneOf": [form(["a"], a=INTEGER), form(["b"], b=INTEGER)]}, "b=2", {"b": 2}, id="one of several"
        ),
    ],
)
def test_fields_of_a_form_are_typed(schema, raw, value):
    assert read(URLENCODED, schema, raw) == value


@pytest.mark.parametrize(
    ("encoding", "schema", "raw", "value"),
    [
        ({"explode": False}, INTEGERS, "a=1,2", [1, 2]),
        ({"style": "form", "explode": False}, INTEGERS, "a=1%2C2", [1, 2]),
        ({"style": "spaceDelimited"}, INTEGERS, "a=1+2", [1, 2]),
        ({"style": "pipeDelimited"}, INTEGERS, "a=1|2", [1, 2]),
        ({"style": "deepObject"}, POINT, "a[x]=1", {"x": 1}),
        ({"style": "form", "explode": False}, POINT, "a=x,1,y,2", {"x": 1, "y": 2}),
        ({"contentType": "application/json"}, INTEGERS, "a=[1,2]", [1, 2]),
        ({"contentType": "application/json"}, {"type": ["object", "array"]}, 'a={"x":1}', {"x": 1}),
    ],
    ids=[
        "an array with commas",
        "an array with encoded commas",
        "an array with spaces",
        "an array with pipes",
        "an object in brackets",
        "an object with commas",
        "an array as JSON",
        "an object or an array as JSON",
    ],
)
def test_a_field_is_read_as_its_encoding_says(encoding, schema, raw, value):
    assert read(URLENCODED, form(a=schema), raw, encoding={"a": encoding}) == {"a": value}


def test_an_object_that_is_exploded_is_read_from_fields_of_its_own():
    encoding = {"a": {"style": "form", "explode": True}}

    assert read(URLENCODED, form(a=POINT), "x=1&y=2", encoding=encoding) == {"a": {"x": 1, "y": 2}}


@pytest.mark.parametrize(
    ("schema", "raw", "violations"),
    [
        (form(["b"], a=INTEGER, b=STRING), "a=x", [(("a",), "type"), (("b",), "required")]),
        (form(a=POINT), "a={", [(("a",), "json")]),
        (form(a=POINT), "a={}", [(("a", "x"), "required")]),
        (
            form(a={"type": "array", "items": POINT}),
            "a={}&a=!",
            [(("a", 1), "json"), (("a", 0, "x"), "required")],
        ),
        (form(a=INTEGER), "a=1&a=2", [(("a",), "type")]),
        (form(a=STRING), "a=%FF", [(("a",), "unicode")]),
        (form(a=INTEGERS), "a=1&a=x", [(("a", 1), "type")]),
        ({**form(a=STRING), "additionalProperties": False}, "b=1", [(("b",), "additionalProperties")]),
        (form(["a"], a=STRING), "", [(("a",), "required")]),
        (form(a={"type": "integer", "maximum": 3}), "a=4", [(("a",), "maximum")]),
    ],
    ids=[
        "a wrong type and a missing field",
        "broken JSON",
        "JSON that breaks its schema",
        "one of several is broken JSON",
        "several where one is taken",
        "bytes that are not UTF-8",
        "a wrong member",
        "a field that is not allowed",
        "an empty body",
        "a number that is too large",
    ],
)
def test_every_violation_of_a_form_is_named(schema, raw, violations):
    assert read(URLENCODED, schema, raw) == violations


def test_text_fields_and_files_of_a_multipart_form_are_typed():
    schema = form(["file"], file=FILE, n=INTEGER, at=POINT, tags=STRINGS, when=STRING)

    value = multipart(
        schema,
        Part("n", b"5"),
        Part("at", b'{"x": 1}', media_type="application/json"),
        Part("tags", b"a"),
        Part("tags", b"b"),
        Part("when", b"now"),
        Part("file", b"hello", "hello.txt", "text/plain"),
    )

    assert value == {"n": 5, "at": {"x": 1}, "tags": ["a", "b"], "when": "now", "file": "hello"}
    assert orjson.loads(orjson.dumps(value)) == value
    assert value.parts[-1] == Part("file", b"hello", "hello.txt", "text/plain")


@pytest.mark.parametrize(
    "schema",
    [
        FILE,
        {},
        True,
        {"type": "string", "contentMediaType": "image/png"},
        {"anyOf": [{"type": "string", "contentMediaType": "application/octet-stream"}, {"type": "null"}]},
    ],
    ids=["format binary", "an empty schema", "any value", "a content media type", "a file or null"],
)
def test_a_file_that_is_no_text_is_kept_as_base64(schema):
    value = multipart(form(["a"], a=schema), Part("a", PICTURE, "a.png", "image/png"))

    assert value == {"a": "iVBORw0KGgo="}
    assert value.parts[0].content == PICTURE


def test_several_files_of_one_field_are_an_array():
    files = {"type": "array", "items": FILE}

    assert multipart(form(a=files), Part("a", b"1", "1"), Part("a", b"2", "2")) == {"a": ["1", "2"]}
    assert multipart(form(a=files), Part("a", b"1", "1")) == {"a": ["1"]}


def test_a_document_that_is_uploaded_as_a_file_is_read_where_an_object_is_declared():
    blob = Part("at", b'{"x": 1}', "blob", "application/json")

    assert multipart(form(at=POINT), blob) == {"at": {"x": 1}}


@pytest.mark.parametrize(
    ("schema", "parts", "violations"),
    [
        (
            form(["file", "n"], file=FILE, n=INTEGER),
            [Part("n", b"x")],
            [(("n",), "type"), (("file",), "required")],
        ),
        (
            form(file={**FILE, "maxLength": 8}),
            [Part("file", PICTURE + b"!", "a")],
            [(("file",), "maxLength")],
        ),
        (form(a=STRING), [Part("a", PICTURE)], [(("a",), "unicode")]),
        (form(at=POINT), [Part("at", b"{")], [(("at",), "json")]),
    ],
    ids=["no file", "a file that is too long in bytes", "bytes where a text is declared", "broken JSON"],
)
def test_every_violation_of_a_multipart_form_is_named(schema, parts, violations):
    assert multipart(schema, *parts) == violations


def test_a_file_of_a_type_that_its_encoding_does_not_name_is_refused():
    encoding = {"a": {"contentType": "image/png, image/jpeg"}}

    refused = multipart(form(a=FILE), Part("a", b"x", "a.gif", "image/gif"), encoding=encoding)
    taken = multipart(form(a=FILE), Part("a", b"x", "a.jpg", "image/jpeg"), encoding=encoding)

    assert refused == [(("a",), "contentMediaType")]
    assert taken == {"a": "x"}


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (b"--x\r\n\r\n", MULTIPART),
        (b"hello", f"{MULTIPART}; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', f"{MULTIPART}; boundary=x"),
        (b"--x\r\n\r\n1\r\n--x--\r\n", f"{MULTIPART}; boundary=x"),
        (b"--x\r\nA\x00: b\r\n\r\n1\r\n--x--\r\n", f"{MULTIPART}; boundary=x"),
        (b"--x\r\n\r\n1\r\n--x--\r\n", f"{MULTIPART}; boundary=\u00e9{'y' * 500}"),
    ],
    ids=[
        "no boundary",
        "no parts",
        "cut off",
        "a part without a name",
        "a broken header",
        "a strange boundary",
    ],
)
def test_what_is_no_multipart_form_is_refused(raw, content_type):
    assert read(MULTIPART, form(), raw, content_type) == [((), "multipart")]


@pytest.mark.parametrize(
    ("encoding", "value", "written"),
    [
        (None, {"a": 1, "b": "x y&", "c": True, "d": None}, "a=1&b=x+y%26&c=true&d="),
        (None, {"a": [1, 2]}, "a=1&a=2"),
        (None, {"a": {"x": 1}}, "a=%7B%22x%22%3A1%7D"),
        ({"a": {"style": "pipeDelimited"}}, {"a": [1, 2]}, "a=1%7C2"),
        ({"a": {"style": "deepObject"}}, {"a": {"x": 1}}, "a%5Bx%5D=1"),
        ({"a": {"style": "form"}}, {"a": {"x": 1}}, "x=1"),
        (None, "a=1", "a=1"),
    ],
    ids=["scalars", "an array", "an object", "with pipes", "with brackets", "exploded", "a text"],
)
def test_a_form_is_written_as_it_would_be_read(encoding, value, written):
    assert write(URLENCODED, {}, value, encoding=encoding) == written


def test_a_multipart_form_that_was_written_can_be_read():
    schema = form(a=INTEGER, b=STRINGS, c=POINT)
    value = {"a": 1, "b": ["x", "y"], "c": {"x": 1}}
    writer = codec(MULTIPART, schema, direction="response")

    content_type = writer.sent_as(MULTIPART)

    assert read(MULTIPART, schema, writer.write(value), content_type) == value
