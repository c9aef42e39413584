"""``mockserver coverage`` and ``mockserver serve --coverage``, as processes of their own."""

import json
import re
import signal
from pathlib import Path

import pytest

from mockserver.client import Control
from tests.cli.test_serve import Served, edit, one_sentence, run
from tests.conftest import SHIPPED
from tests.state.touching import LAMPS

GROUPS = "/api/v1/admin/groups"
ROLES = "/api/v1/admin/admin-roles/"


def recorded(file: Path, *paths: str, end: signal.Signals = signal.SIGTERM) -> None:
    """Serve the shipped contract, ask for some paths, and let the server end."""
    with Served(SHIPPED, "--auth", "off", "--quiet", "--coverage", file) as mock:
        for path in paths:
            mock.get(path)
        code, _, err = mock.ended_by(end)
    assert (code, err) == (0, "")


def test_a_server_adds_what_was_touched_to_a_file_when_it_ends(tmp_path):
    file = tmp_path / "run.json"

    recorded(file, GROUPS, f"/_mock/in/mine{GROUPS}?q=a", end=signal.SIGTERM)
    recorded(file, ROLES, end=signal.SIGINT)

    found = json.loads(file.read_text())
    assert found["operations"]["listGroups"]["requests"] == 2
    assert found["operations"]["listGroups"]["parameters"] == ["query q"]
    assert found["operations"]["listAdminRoles"]["statuses"] == {"200": 1}


def test_a_fuzz_run_adds_what_it_touched_however_many_processes_it_takes(tmp_path):
    alone, apart = tmp_path / "alone.json", tmp_path / "apart.json"
    fixed = (
        "fuzz",
        SHIPPED,
        "--phases",
        "examples,journeys",
        "--operation",
        "listGroups",
        "--max-examples",
        1,
    )

    ran = [run(*fixed, "--coverage", alone), run(*fixed, "--workers", 2, "--coverage", apart)]
    refused = run(*fixed, "--coverage", SHIPPED)

    assert [each.returncode for each in ran] == [0, 0], ran
    assert f"{SHIPPED}: it is no coverage file" in one_sentence(refused)
    found, again = json.loads(alone.read_text()), json.loads(apart.read_text())
    assert found["operations"]["listGroups"]["statuses"].keys() == {"200", "401", "403"}
    assert found["operations"]["listGroups"]["parameters"] == again["operations"]["listGroups"]["parameters"]
    assert found["operations"].keys() == again["operations"].keys()


def test_runs_are_added_up_told_and_held_against_a_limit(tmp_path):
    one, two, both = tmp_path / "one.json", tmp_path / "two.json", tmp_path / "both.json"
    recorded(one, GROUPS)
    recorded(two, ROLES)
    page, badge, report = tmp_path / "c.html", tmp_path / "c.svg", tmp_path / "report.json"

    told = run(
        "coverage", SHIPPED, one, two, "--merge", both, "--html", page, "--badge", badge, "--json", report
    )
    enough = run("coverage", SHIPPED, both, "--by", "operations", "--fail-under", "20")
    too_little = run("coverage", SHIPPED, both, "--by", "operations", "--fail-under", "20.1")

    assert told.returncode == 0, told.stderr
    assert re.search(r"^  operations +2 of 10 +20\.0%$", told.stdout, re.MULTILINE)
    assert "Never called (8)" in told.stdout
    assert json.loads(report.read_text())["totals"]["operations"]["touched"] == 2
    assert "listGroups" in page.read_text()
    assert "it is a report" in one_sentence(run("coverage", SHIPPED, report))
    assert badge.read_text().startswith("<svg")
    assert (enough.returncode, too_little.returncode) == (0, 1)
    assert "20% is less than 20.1%." in too_little.stderr
    assert "20% covered (2 of 10 operations)" in too_little.stdout


def test_a_running_mock_tells_its_coverage_and_its_contract(tmp_path):
    with Served(SHIPPED, "--auth", "off", "--quiet") as mock:
        mock.get(GROUPS)
        archive = tmp_path / "run.har"
        archive.write_bytes(b"\xef\xbb\xbf" + mock.get("/_mock/journal/har").content)
        asked = run("coverage", "--url", mock.url, cwd=tmp_path)

    of_archive = run("coverage", SHIPPED, archive)

    assert asked.returncode == 0, asked.stderr
    assert "listGroups  1         1/4" in asked.stdout
    assert of_archive.stdout == asked.stdout


def test_what_was_touched_before_an_edit_still_counts_after_it(tmp_path):
    file, contract = tmp_path / "run.json", tmp_path / "lamps.yaml"
    contract.write_text(LAMPS)
    with Served(contract, "--quiet", "--reload", "--coverage", file) as mock:
        mock.lines_until("Documentation")
        mock.get("/lamps?limit=1")
        edit(contract, "title: Lamps", "title: More lamps")
        mock.lines_until("reloaded")
        mock.get("/lamps?tag=a")
        mock.ended_by(signal.SIGTERM)

    found = json.loads(file.read_text())
    assert found["contract"] == "More lamps"
    assert found["operations"]["listLamps"]["requests"] == 2
    assert found["operations"]["listLamps"]["parameters"] == ["query limit", "query tag"]


def test_each_of_several_contracts_has_its_own_coverage(tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(LAMPS)
    second.write_text(LAMPS.replace("title: Lamps", "title: Other lamps"))
    with Served(first, second, "--prefix", f"{second}=/other", "--quiet") as mock:
        mock.get("/other/lamps")
        counts = [
            sum(
                each["requests"]
                for each in Control(mock.url, document=n).get_coverage()["operations"].values()
            )
            for n in (1, 2)
        ]
        told = run("coverage", "--url", mock.url, "--document", "2", "--by", "operations")

    refused = run("serve", "--port", "0", first, second, "--coverage", tmp_path / "run.json")
    assert counts == [0, 1]
    assert told.stdout.startswith("Other lamps: 33.3% covered (1 of 3 operations)")
    assert "--coverage is of one contract" in one_sentence(refused)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param([], "Name what touched the contract", id="nothing to count"),
        pytest.param(["--url", "http://127.0.0.1:1"], "no mock of ours answers there", id="nobody there"),
        pytest.param(["--url", "ftp://x"], "is no address of a mock", id="no address"),
        pytest.param(["nowhere.json"], "nowhere.json: No such file", id="no file"),
        pytest.param([SHIPPED, SHIPPED, "--har", "x"], "No such file", id="no archive"),
        pytest.param(
            [SHIPPED, SHIPPED.parent / "mockserver/control/control.yaml"], "both contracts", id="two"
        ),
        pytest.param(["--har", "README.md"], "README.md: it is no HTTP archive", id="another file"),
        pytest.param(["--ignore-status", "5", "--url", "http://127.0.0.1:1"], "is no status", id="no status"),
    ],
)
def test_what_cannot_be_counted_is_said_in_one_sentence(arguments, said):
    assert said in one_sentence(run("coverage", *arguments))


def test_a_file_that_is_none_is_refused_before_anything_is_served(tmp_path):
    file = tmp_path / "run.json"
    file.write_text("[]")

    assert "it is no coverage file" in one_sentence(run("serve", "--port", "0", "--coverage", file))
