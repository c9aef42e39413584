"""Journeys believe what a server may well do, and only tell what cannot be meant."""

from pathlib import Path

import pytest

from mockserver.prove.fuzz import Plan, fuzz
from mockserver.prove.journeys.alike import differing
from mockserver.prove.report import Report
from mockserver.prove.told import describe
from mockserver.serve.assembly import Setup
from mockserver.state.settings import Settings

NOTES = """
openapi: 3.1.0
info: {title: Notes, version: "1"}
paths:
  /notes:
    get:
      operationId: listNotes
      parameters: PARAMETERS
      responses:
        "200": {description: All, content: {application/json: {schema: BODY}}}
    post:
      operationId: createNote
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewNote"}}}
      responses:
        "201": {description: It, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
  /notes/{note_id}:
    parameters: [{name: note_id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getNote
      responses:
        "200": {description: It, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "404": {description: No}
components:
  schemas:
    NewNote:
      type: object
      required: [text, owner]
      properties: {text: {type: string, minLength: 1}, owner: {type: string, minLength: 1}}
    Note:
      type: object
      required: [id, text, owner]
      properties: {id: {type: string}, text: {type: string}, owner: {type: object}}
"""

LIST = "{type: array, items: {$ref: '#/components/schemas/Note'}}"
ENVELOPE = f"{{type: object, properties: {{items: {LIST}, next_cursor: {{type: [string, 'null']}}}}}}"

LISTING = """
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles

NOTES = [{"id": f"n{number}", "text": "abcab"[number], "owner": {}} for number in range(5)]


@handles("listNotes")
def notes(request, store):
    query = request.query
    start = int(query.get("cursor") or 0)
    end = start + int(query.get("limit") or 20)
    LINE
    return Response({"items": found[start:end], "next_cursor": str(end) if end < 5 else None})
"""


def travel(folder: Path, parameters: str, body: str = LIST, handlers: str | None = None) -> Report:
    contract = folder / "notes.yaml"
    contract.write_text(NOTES.replace("PARAMETERS", parameters).replace("BODY", body))
    if handlers is not None:
        (folder / "handlers.py").write_text(handlers)
    setup = Setup(contract=contract, settings=Settings(requests="report"))
    return fuzz(setup, Plan(phases=("journeys",)), lambda _: None)


def found(report: Report) -> set[tuple[str, str]]:
    return {(finding.check, finding.operation_id) for finding in report.findings}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("2026-05-01T09:00:00Z", "2026-05-01T11:00:00+02:00", id="one moment in two zones"),
        pytest.param(" Ada@Example.com", "ada@example.com", id="a text that was tidied"),
        pytest.param(1, 1.0, id="one number in two forms"),
        pytest.param(None, "made up", id="nothing, where the server has something"),
        pytest.param(["a"], [], id="lists, which are not looked into"),
    ],
)
def test_what_is_written_in_another_way_is_no_difference(one, other):
    assert differing({"value": one}, {"value": other}) == []


@pytest.mark.parametrize(("one", "other"), [("a", "b"), (1, 2), (True, False), ("a", None), (1, True)])
def test_another_value_is_a_difference(one, other):
    assert differing({"value": one}, {"value": other}) == ["value"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "updated_at",
            "updatedAt",
            "updatedat",
            "lastModified",
            "download_url",
            "imageURL",
            "avatarUrl",
            "URL",
        ),
        *(
            "last_seen",
            "lastSeenAt",
            "last-login",
            "last_used_at",
            "lastLogin",
            "lastlogin",
            "last_sync_time",
        ),
        *("etag", "ETag", "_etag", "version", "resourceVersion", "accessToken", "access_token", "expires_in"),
    ],
)
def test_what_moves_by_itself_is_not_compared(name):
    assert differing({name: "a"}, {name: "b"}) == []


@pytest.mark.parametrize(
    "name",
    [
        *("last_name", "lastName", "last", "message", "errorMessage", "language", "age", "average", "image"),
        *("package_id", "managerId", "storage", "percentage", "hurl", "conversion", "tokenizer", "linked_to"),
        *("last_line", "lastly_used", "secretary", "unchanged", "ASN", "größe"),
    ],
)
def test_what_only_has_such_a_word_inside_is_compared(name):
    assert differing({name: "a"}, {name: "b"}) == [name]


def test_what_is_shown_in_another_form_than_it_was_sent_in_is_kept(tmp_path):
    report = travel(tmp_path, "[]")

    assert report.checks["what_was_sent_is_kept"] > 0
    assert report.ok, "\n".join(describe(report))


def test_a_list_that_has_to_be_narrowed_need_not_show_what_was_made(tmp_path):
    owner = "[{name: owner_id, in: query, required: true, schema: {type: string}}]"

    report = travel(tmp_path, owner)

    assert "created_item_is_listed" not in report.checks
    assert report.ok, "\n".join(describe(report))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("found = NOTES", set(), id="a cursor that is right"),
        pytest.param(
            "found = NOTES[:2] + NOTES[3:] if start else NOTES; end += 1 if start else 0",
            {("pages_join_to_the_whole", "listNotes")},
            id="a cursor that leaves out",
        ),
        pytest.param(
            "start -= 1 if start else 0; found = NOTES",
            {("pages_join_to_the_whole", "listNotes")},
            id="a cursor that repeats",
        ),
    ],
)
def test_pages_are_followed_by_their_cursor(tmp_path, line, expected):
    parameters = (
        "[{name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}},"
        " {name: cursor, in: query, schema: {type: string}}]"
    )

    report = travel(tmp_path, parameters, ENVELOPE, LISTING.replace("LINE", line))

    pages = {each for each in found(report) if each[0] == "pages_join_to_the_whole"}
    assert pages == expected, "\n".join(describe(report))


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        pytest.param(
            "found = sorted(NOTES, key=lambda n: n['text'], reverse=query.get('order') == 'desc')",
            False,
            id="as asked",
        ),
        pytest.param("found = NOTES", True, id="in no order"),
    ],
)
def test_an_order_is_held_where_its_property_is_known(tmp_path, line, is_found):
    parameters = (
        "[{name: sort, in: query, schema: {type: string, enum: [relevance, text]}},"
        " {name: order, in: query, schema: {type: string, enum: [asc, desc]}}]"
    )

    report = travel(tmp_path, parameters, ENVELOPE, LISTING.replace("LINE", line))

    assert (("order_holds", "listNotes") in found(report)) is is_found, "\n".join(describe(report))
