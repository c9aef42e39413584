"""Bodies: whole or not at all, and read as what their media type says."""

import socket
from pathlib import Path

import pytest

from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from tests.conftest import SHIPPED, Api, in_process

CONTRACT = """
openapi: 3.1.0
info: {title: Bodies, version: '1'}
paths:
  /bodies:
    post:
      operationId: take
      requestBody:
        required: true
        content:
MEDIA_TYPE
      responses:
        '200': {description: What was read., content: {application/json: {schema: {}}}}
"""
HANDLER = """
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles


@handles("take")
def take(request, store):
    body = request.body
    return Response({"kind": type(body).__name__, "body": body.decode() if isinstance(body, bytes) else body})
"""


def served(folder: Path, content: str):
    (folder / "openapi.yaml").write_text(CONTRACT.replace("MEDIA_TYPE", content), encoding="utf-8")
    (folder / "handlers.py").write_text(HANDLER, encoding="utf-8")
    return in_process(Setup(contract=folder / "openapi.yaml", handlers=str(folder / "handlers.py")))


@pytest.mark.parametrize(
    ("declared", "sent", "content", "read"),
    [
        ("application/json; charset=utf-8", "application/json", b"{}", {"kind": "dict", "body": {}}),
        ("application/json", "application/json; charset=utf-8", b"{}", {"kind": "dict", "body": {}}),
        ("'*/*'", "application/vnd.it+json", b"{}", {"kind": "dict", "body": {}}),
        ("'*/*'", "text/plain", b"hello", {"kind": "str", "body": "hello"}),
        ("'application/*'", "application/xml", b"<a><b>1</b></a>", {"kind": "dict", "body": {"b": "1"}}),
        ("'application/*'", "application/pdf", b"%PDF", {"kind": "bytes", "body": "%PDF"}),
        ("'*/*'", None, b"{}", {"kind": "dict", "body": {}}),
    ],
    ids=[
        "a parameter in the contract",
        "a parameter in the request",
        "JSON of another name in a range",
        "text in a range",
        "XML in a range",
        "bytes in a range",
        "no media type, where JSON may be meant",
    ],
)
def test_a_body_is_read_as_what_it_says_it_is(tmp_path, declared, sent, content, read):
    headers = {} if sent is None else {"Content-Type": sent}

    with served(tmp_path, f"          {declared}: {{schema: {{type: [object, string]}}}}") as api:
        answered = api.post("/bodies", content=content, headers=headers)

    assert answered.status_code == 200
    assert answered.json() == read


FORM = """
          application/x-www-form-urlencoded:
            schema: &form
              type: object
              required: [a]
              properties: {a: {type: integer}, file: {type: string, format: binary}}
          multipart/form-data: {schema: *form}
          application/xml: {schema: *form}
          text/plain: {schema: {type: integer}}
          application/octet-stream: {schema: {type: string, format: binary, maxLength: 2}}
"""


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        pytest.param({"data": {"a": "5"}}, {"a": 5}, id="a form"),
        pytest.param(
            {"data": {"a": "5"}, "files": {"file": ("x.txt", b"hello")}},
            {"a": 5, "file": "hello"},
            id="a form with a file",
        ),
        pytest.param(
            {"content": b"<it><a>5</a></it>", "headers": {"Content-Type": "application/xml; charset=utf-8"}},
            {"a": 5},
            id="XML",
        ),
        pytest.param({"content": b"5", "headers": {"Content-Type": "text/plain"}}, 5, id="text"),
        pytest.param(
            {"content": b"xy", "headers": {"Content-Type": "application/octet-stream"}}, "xy", id="bytes"
        ),
        pytest.param(
            {"content": b"", "headers": {"Content-Type": "application/octet-stream"}}, "", id="no bytes"
        ),
    ],
)
def test_a_body_of_any_media_type_is_typed(tmp_path, sent, body):
    with served(tmp_path, FORM) as api:
        answered = api.post("/bodies", **sent)

    assert answered.status_code == 200, answered.text
    assert answered.json()["body"] == body


@pytest.mark.parametrize(
    ("content_type", "content", "locations"),
    [
        ("application/x-www-form-urlencoded", b"a=x", [["body", "a"]]),
        ("application/x-www-form-urlencoded", b"", [["body"]]),
        ("multipart/form-data", b"--x", [["body"]]),
        ("multipart/form-data; boundary=x", b"--x--\r\n", [["body", "a"]]),
        ("application/xml", b"<!DOCTYPE a><a/>", [["body"]]),
        ("application/xml", b"", [["body"]]),
        ("application/xml", b"<it><a>x</a></it>", [["body", "a"]]),
        ("text/plain", b"x", [["body"]]),
        ("application/octet-stream", b"xyz", [["body"]]),
    ],
)
def test_a_broken_body_of_any_media_type_is_refused_and_named(tmp_path, content_type, content, locations):
    with served(tmp_path, FORM) as api:
        refused = api.post("/bodies", content=content, headers={"Content-Type": content_type})

    assert refused.status_code == 422
    assert [each["loc"] for each in refused.json()["errors"]] == locations


def test_a_form_without_a_field_is_no_missing_body(tmp_path):
    declared = "\n          application/x-www-form-urlencoded: {schema: {type: object}}"

    with served(tmp_path, declared) as api:
        answered = api.post("/bodies")

    assert answered.json() == {"kind": "Form", "body": {}}


def test_a_request_whose_client_goes_away_is_not_carried_out():
    with running(Setup(contract=SHIPPED)) as (mock, url), Api(mock, url) as api:
        before = mock.world.store["admin_roles"].count()
        body = b'{"user_id": "%s", "role": "SUPER_ADMIN"}' % api.sub("viewer").encode()
        head = (
            "POST /api/v1/admin/admin-roles/ HTTP/1.1\r\nHost: mock\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {api.token('super-admin')}\r\nContent-Length: 1000\r\n\r\n"
        )
        host, port = url.removeprefix("http://").split(":")

        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode() + body)
        answered = api.get("/_mock/health")

        assert answered.status_code == 200
        assert mock.world.store["admin_roles"].count() == before
