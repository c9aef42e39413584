"""``mockserver diff``: what changed between two versions of a contract: words, JSON and an exit code."""

import json
from pathlib import Path

import pytest

from mockserver.cli import main
from tests.cli.test_serve import copy_of_shipped, edit, line_of, one_sentence, run
from tests.conftest import ROOT, SHIPPED


@pytest.fixture
def diff(capsys):
    """Give what ``mockserver diff`` prints, and its exit code."""

    def call(*arguments: str | Path) -> tuple[str, int]:
        try:
            main(["diff", *map(str, arguments)])
        except SystemExit as ended:
            return capsys.readouterr().out, int(ended.code or 0)
        return capsys.readouterr().out, 0

    return call


@pytest.fixture
def changed(tmp_path):
    """Give a function that writes the shipped contract, with other texts in it, in a folder alone."""

    def write(*edits: tuple[str, str], name: str = "new.yaml") -> Path:
        path = tmp_path / name
        text = SHIPPED.read_text(encoding="utf-8")
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        return path

    return write


BREAKING = ("required: [user_id, role]", "required: [user_id, role, tenant_id]")
MAY_BREAK = ("enum: [active, suspended]", "enum: [active, suspended, invited]")
COMPATIBLE = ("operationId: listGroups\n", "operationId: listGroups\n      deprecated: true\n")
WORDING = ("summary: List groups", "summary: All groups")


def test_a_contract_is_the_same_as_itself(diff):
    assert diff(SHIPPED, SHIPPED) == ("Nothing changed.\n", 0)


def test_a_breaking_change_is_told_with_its_lines_and_ends_with_1(diff, changed):
    new = changed(BREAKING)

    told, code = diff(SHIPPED, new)

    assert code == 1
    number = line_of(new, BREAKING[1])
    assert "Breaking, for writers (1)" in told
    assert "request body.tenant_id: the property was optional, and is required" in told
    assert "[request-property-became-required]" in told
    assert "createAdminRole  POST /api/v1/admin/admin-roles/" in told
    assert f"{new}:" in told
    assert abs(int(told.split(f"{new}:")[1].split()[0]) - number) < 12
    assert told.endswith("1 breaking.\n")


def test_what_breaks_comes_first_then_what_may_then_the_rest(diff, changed):
    told, _ = diff(SHIPPED, changed(COMPATIBLE, MAY_BREAK, BREAKING))

    headings = [line for line in told.splitlines() if line and not line.startswith(" ")]
    assert headings == [
        "Breaking, for writers (1)",
        "May break, for readers (1)",
        "Compatible, for everybody (1)",
        "1 breaking, 1 may break, 1 compatible.",
    ]


@pytest.mark.parametrize(
    ("change", "code_by_limit"),
    [
        (BREAKING, {"breaking": 1, "may-break": 1, "any": 1, "none": 0}),
        (MAY_BREAK, {"breaking": 0, "may-break": 1, "any": 1, "none": 0}),
        (COMPATIBLE, {"breaking": 0, "may-break": 0, "any": 1, "none": 0}),
        (WORDING, {"breaking": 0, "may-break": 0, "any": 0, "none": 0}),
    ],
    ids=["breaking", "may break", "compatible", "wording"],
)
def test_how_bad_a_change_must_be_to_fail_can_be_said(change, code_by_limit, diff, changed):
    new = changed(change)

    assert {limit: diff(SHIPPED, new, "--fail-on", limit)[1] for limit in code_by_limit} == code_by_limit


def test_wording_is_listed_only_when_all_is_asked_for(diff, changed):
    new = changed(WORDING)

    assert diff(SHIPPED, new)[0] == "Nothing changed. 1 more changed only wording; --all lists them.\n"
    assert "the summary changed  [operation-wording-changed]" in diff(SHIPPED, new, "--all")[0]


def test_the_report_is_json_too(diff, changed, tmp_path):
    new, report = changed(BREAKING), tmp_path / "report.json"

    printed, code = diff(SHIPPED, new, "--as", "json", "--json", report)

    assert code == 1
    data = json.loads(printed)
    assert data == json.loads(report.read_text(encoding="utf-8"))
    (change,) = data["changes"]
    assert change["id"] == "request-property-became-required"
    assert (change["severity"], change["for"]) == ("breaking", "writers")
    assert change["operations"] == [
        {
            "operation": "createAdminRole",
            "method": "POST",
            "path": "/api/v1/admin/admin-roles/",
            "place": "request body.tenant_id",
        }
    ]
    assert data["counts"]["breaking"] == 1
    assert change["new"]["line"] > 1


def test_a_kind_of_change_can_be_ignored(diff, changed):
    assert diff(SHIPPED, changed(BREAKING), "--ignore", "request-property-became-required")[1] == 0


def test_what_an_earlier_report_has_is_accepted_and_nothing_else(diff, changed, tmp_path):
    report = tmp_path / "accepted.json"
    diff(SHIPPED, changed(BREAKING), "--json", report)

    told, code = diff(SHIPPED, changed(BREAKING), "--accept", report)
    more, code_of_more = diff(SHIPPED, changed(BREAKING, MAY_BREAK), "--accept", report, "--fail-on", "any")

    assert (told, code) == ("Nothing else changed. Ignored or accepted: 1 breaking.\n", 0)
    assert code_of_more == 1
    assert "response-enum-value-added" in more
    assert "request-property-became-required" not in more


def test_fixtures_and_handlers_that_no_longer_fit_are_listed(diff, tmp_path):
    new = copy_of_shipped(tmp_path)
    edit(new, "operationId: getGroup\n", "operationId: readGroup\n")
    edit(new, "enum: [active, suspended]", "enum: [active]")

    told, code = diff(SHIPPED, new)

    assert code == 0
    listed = told.split("No longer fit")[1].splitlines()
    assert any('get_group: handles "getGroup", which openapi.yaml does not have' in line for line in listed)
    assert any("users.yaml:" in line and 'status is "suspended"' in line for line in listed)


def test_what_did_not_fit_before_is_not_told(diff, tmp_path):
    new = copy_of_shipped(tmp_path)
    (tmp_path / "fixtures" / "demo" / "strangers.yaml").write_text("[]", encoding="utf-8")

    assert diff(SHIPPED, new) == ("Nothing changed.\n", 0)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["missing.yaml", SHIPPED], "missing.yaml: there is no such file."),
        ([SHIPPED, SHIPPED, "--ignore", "property-removed"], "there is no such kind of change. Did you mean"),
        ([SHIPPED, SHIPPED, "--accept", "missing.json"], "missing.json: cannot be read"),
        ([SHIPPED, SHIPPED, "--accept", SHIPPED], "is no report that --json wrote"),
        ([SHIPPED, SHIPPED, "--json", "no/such/folder.json"], "cannot be written"),
        ([SHIPPED, SHIPPED, "--handlers", "no/such/handlers"], "there is no such file or folder"),
        ([SHIPPED, SHIPPED, "--handlers", "no.such.handlers"], "cannot be imported"),
    ],
    ids=["no contract", "no kind", "no report", "no JSON", "no folder", "no handlers", "no module"],
)
def test_what_cannot_be_run_is_said_in_one_sentence_and_ends_with_2(arguments, part):
    ended = run("diff", *arguments)

    assert ended.returncode == 2
    assert part in one_sentence(ended)


def test_a_document_that_is_no_contract_ends_with_2(tmp_path):
    path = tmp_path / "other.yaml"
    path.write_text("a: b\n", encoding="utf-8")

    assert run("diff", path, SHIPPED).returncode == 2


def test_the_readme_shows_what_is_printed(tmp_path):
    new = copy_of_shipped(tmp_path)
    (tmp_path / "released.yaml").write_bytes(SHIPPED.read_bytes())
    for edited in (BREAKING, MAY_BREAK, ("operationId: revokeGroupRole", "operationId: dropGroupRole")):
        edit(new, *edited)

    printed = run("diff", "released.yaml", "openapi.yaml", cwd=tmp_path).stdout

    assert f"$ mockserver diff released.yaml openapi.yaml\n{printed}```" in (ROOT / "README.md").read_text()
