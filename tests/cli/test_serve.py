"""``mockserver serve`` as a process of its own: what it prints, what it refuses, how it ends."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.cli import COMMANDS
from tests.conftest import ROOT, SHIPPED

GROUPS = "/api/v1/admin/groups"
# As the installed command does, and `python -m` else does not, it leaves this folder out of sys.path.
COMMAND = [sys.executable, "-P", "-m", "mockserver"]
PATIENCE = 30  # seconds, before a process that says nothing is given up


class Served(contextlib.AbstractContextManager["Served"]):
    """A mock that is served by a process of its own, from a ``package``; its lines are read as they come."""

    def __init__(self, *arguments: str | Path, cwd: Path = ROOT, package: Path = ROOT) -> None:
        command = [*COMMAND, "serve", "--port", "0", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            command, cwd=cwd, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.first_line = self.line()
        self.url = self.first_line.split()[-1]

    def __exit__(self, *_: Any) -> None:
        self.process.kill()
        self.process.communicate()

    def line(self) -> str:
        """Read the next line that the process prints, without its end."""
        assert self.process.stdout
        giving_up = threading.Timer(PATIENCE, self.process.kill)
        giving_up.start()
        line = self.process.stdout.readline()
        giving_up.cancel()
        if not line and self.process.stderr:
            pytest.fail(f"The process ended, or said nothing for {PATIENCE} s: {self.process.stderr.read()}")
        return line.rstrip("\n")

    def lines_until(self, part: str) -> list[str]:
        """Read lines until one has a part in it, which is the last of those that are given."""
        lines = [self.line()]
        while part not in lines[-1]:
            lines.append(self.line())
        return lines

    def ended_by(self, number: signal.Signals) -> tuple[int, str, str]:
        """Send a signal; gives the exit code, and what was still printed on stdout and on stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=PATIENCE, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", timeout=PATIENCE, **options)


def run(*arguments: str | Path, cwd: Path = ROOT, package: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a command of which it is known that it ends."""
    environment = {**os.environ, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "110"}
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def copy_of_shipped(folder: Path) -> Path:
    """Copy the shipped contract and its fixtures into a folder, and give the contract's place there."""
    shutil.copytree(ROOT / "fixtures", folder / "fixtures")
    return Path(shutil.copy(SHIPPED, folder))


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first place where a file has a text, in one step, as editors do."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    replace(path, text.replace(old, new, 1))


def replace(path: Path, text: str) -> None:
    """Put a new file in the place of another, or where none is, in one step."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def one_sentence(ended: subprocess.CompletedProcess[str]) -> str:
    """Give what a refusal said, once it is sure that it was one: exit code 2 and no traceback."""
    assert ended.returncode == 2, ended
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    return ended.stderr


def test_the_first_line_is_the_address_once_connections_are_accepted():
    with Served() as mock:
        answered = mock.get("/_mock/health")

    assert re.fullmatch(r"mockserver is listening on http://127\.0\.0\.1:[1-9][0-9]*", mock.first_line)
    assert answered.status_code == 200


def test_the_first_lines_show_every_operation_with_an_address_that_answers():
    with Served("--auth", "off", "--quiet") as mock:
        banner = mock.lines_until("Items")
        addresses = [line.split()[1] for line in banner if line.startswith("  GET")]
        statuses = {httpx.get(address).status_code for address in addresses}

    assert len([line for line in banner if mock.url in line and line.startswith("  ")]) == 10
    assert len(addresses) == 5
    assert statuses == {200}
    assert any(line.endswith("listGroups") and "handler" in line for line in banner)
    assert any("mockserver token super-admin" in line for line in banner)
    assert any(f"{mock.url}/_mock/docs/" in line for line in banner)


def test_the_shipped_contract_is_served_from_a_folder_that_has_none(tmp_path):
    with Served("--auth", "off", cwd=tmp_path) as mock:
        answered = mock.get(GROUPS)

    assert answered.status_code == 200


def test_the_contract_of_the_folder_is_served_before_the_shipped_one(tmp_path):
    edit(copy_of_shipped(tmp_path), "title: ScaiLabs administration API", "title: Their API")

    with Served(cwd=tmp_path) as mock:
        health = mock.get("/_mock/health").json()

    assert health["contract"] == "Their API"


def test_a_port_that_is_taken_is_refused_in_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = run("serve", "--port", str(port))

    assert one_sentence(ended) == (
        f"mockserver: Port {port} of 127.0.0.1 is taken; stop what listens there, or take another (0: any).\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
@pytest.mark.parametrize("options", [[], ["--reload"]], ids=["without --reload", "with --reload"])
def test_a_signal_ends_it_cleanly(number, options):
    with Served(*options) as mock:
        mock.get(GROUPS)

        code, _, said = mock.ended_by(number)

    assert code == 0
    assert said == ""


def test_a_request_is_one_readable_line():
    with Served("--auth", "off") as mock:
        mock.lines_until("Items")
        mock.line()
        mock.get(f"{GROUPS}?q=staff")
        mock.get("/nowhere%0Aat-all")

        line = mock.line()
        unknown = mock.lines_until("-> 404")[-1]

    assert re.fullmatch(
        r"\d\d:\d\d:\d\d  GET /api/v1/admin/groups\?q=staff -> 200  listGroups  from handler  as super-admin"
        r"  \d+\.\d ms",
        line,
    )
    assert "GET /nowhere%0Aat-all -> 404" in unknown


def test_quiet_prints_no_line_for_a_request():
    with Served("--quiet", "--auth", "off") as mock:
        mock.lines_until("Items")
        assert mock.get(GROUPS).status_code == 200

        code, rest, _ = mock.ended_by(signal.SIGTERM)

    assert code == 0
    assert rest.strip() == ""


def test_requests_are_answered_after_the_reader_of_the_lines_has_gone():
    with Served("--auth", "off") as mock:
        assert mock.process.stdout
        mock.process.stdout.close()

        statuses = [mock.get(GROUPS).status_code for _ in range(3)]
        mock.process.send_signal(signal.SIGTERM)

        assert mock.process.wait(PATIENCE) == 0
        assert mock.process.stderr
        assert mock.process.stderr.read() == ""
        mock.process.stdout = None

    assert statuses == [200, 200, 200]


def test_a_body_of_which_no_more_comes_does_not_keep_a_server_from_ending():
    with Served("--auth", "off") as mock:
        address = mock.url.removeprefix("http://").split(":")
        with socket.create_connection((address[0], int(address[1]))) as half:
            head = f"POST {GROUPS}/grp_1/role HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n"
            half.sendall(f"{head}Content-Type: application/json\r\n\r\n{{".encode())
            assert mock.get(GROUPS).status_code == 200  # by now the half request has arrived

            begun = time.monotonic()
            code, _, errors = mock.ended_by(signal.SIGTERM)
            seconds = time.monotonic() - begun

    assert (code, errors) == (0, "")
    assert seconds < 1.5


def test_a_state_file_that_is_taken_away_makes_writes_fail_in_words_and_once(tmp_path):
    state = tmp_path / "mock.db"
    with Served("--auth", "off", "--state", state) as mock:
        group = mock.get(GROUPS).json()["data"][0]["id"]
        state.unlink()

        refused = [mock.post(f"{GROUPS}/{group}/role", json={"role": "partner_admin"}) for _ in range(2)]
        read = mock.get(f"{GROUPS}/{group}")
        _, _, errors = mock.ended_by(signal.SIGTERM)

    assert [each.status_code for each in refused] == [500, 500]
    assert read.status_code == 200
    assert errors.count("the state file was taken away") == 1
    assert "Traceback" not in errors


def test_a_state_file_that_goes_on_is_told_where_a_set_is_named(tmp_path):
    arguments = ["--state", tmp_path / "mock.db", "--set", "empty"]
    with Served(*arguments) as mock:
        new = mock.lines_until("Items")
        mock.ended_by(signal.SIGTERM)

    with Served(*arguments) as mock:
        lines = mock.lines_until("for the next reset")

    assert "for the next reset" not in "".join(new)
    assert lines[-1] == f"The items are those of {tmp_path / 'mock.db'}; the set empty is for the next reset."


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_the_host_that_stands_for_all_listens_to_both_kinds_of_addresses():
    with Served("--auth", "off", "--host", "::") as mock:
        port = mock.url.rpartition(":")[2]
        answered = [httpx.get(f"http://{host}:{port}{GROUPS}").status_code for host in ("127.0.0.1", "[::1]")]

    assert answered == [200, 200]


def test_what_was_written_is_kept_in_the_state_file_across_restarts(tmp_path):
    arguments = ["--auth", "off", "--state", tmp_path / "mock.db"]
    with Served(*arguments) as mock:
        group = mock.get(GROUPS).json()["data"][0]["id"]
        mock.post(f"{GROUPS}/{group}/role", json={"role": "partner_admin"})
        before = mock.get("/_mock/export").json()
        mock.ended_by(signal.SIGTERM)

    with Served(*arguments) as mock:
        after = mock.get("/_mock/export").json()

    assert after == before
    assert next(each for each in after["groups"] if each["id"] == group)["role"] == "partner_admin"


def test_what_was_written_is_kept_when_the_process_is_killed(tmp_path):
    arguments = ["--auth", "off", "--state", tmp_path / "mock.db"]
    with Served(*arguments) as mock:
        group = mock.get(GROUPS).json()["data"][0]["id"]
        mock.post(f"{GROUPS}/{group}/role", json={"role": "partner_admin"})
        mock.process.kill()
        mock.process.wait(PATIENCE)

    with Served(*arguments) as mock:
        role = mock.get(f"{GROUPS}/{group}").json()["data"]["role"]

    assert role == "partner_admin"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--colour"], "No such option"),
        (["--port", "many"], "'many' is not a valid integer"),
        (["--port", "65536"], "--port 65536: a port is a number from 0 to 65535."),
        (["--host", "no.such.host.invalid"], "--host no.such.host.invalid: there is no such host."),
        (["nowhere.yaml"], "nowhere.yaml: there is no such file."),
        (["--set", "demmo"], 'there is no fixture set "demmo"; there are: demo, empty. Did you mean "demo"?'),
        (["--fixtures", "nowhere"], "--fixtures nowhere: there is no such folder."),
        (["--handlers", "nowhere"], "handlers nowhere: cannot be imported: ModuleNotFoundError"),
        (["--handlers", "nowhere.py"], "handlers nowhere.py: there is no such file or folder."),
        (["--state", "nowhere/mock.db"], "nowhere/mock.db: there is no folder nowhere;"),
        (["--clock", "noon"], "--clock noon: a time is written like 2026-05-01T09:00:00Z, +3d or -2h."),
        (["--clock", "9999-01-01T00:00:00Z"], "The clock can be set to the years 1970 to 8999."),
        (["--scenario", "fresh"], "there are: flaky-backend, fresh-tenant, roles-about-to-expire."),
        (["--scenario", "fresh-tenant", "--state", "mock.db"], "leave out --scenario or --state."),
        (["--scenario", "fresh-tenant", "openapi.yaml", "a.yaml"], "--scenario is of one contract"),
        (["--auth", "maybe"], "'maybe' is not one of 'verify', 'present', 'off'"),
        (["--requests", "lax"], "'lax' is not one of 'strict', 'enforce', 'report', 'off'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_served_is_refused_in_a_clear_sentence(arguments, said):
    if "--port" not in arguments:
        arguments = ["--port", "0", *arguments]

    ended = run("serve", *arguments)

    assert said in one_sentence(ended)


def test_a_broken_contract_is_refused_by_who_is_strict_with_every_defect_and_its_line(tmp_path):
    contract = copy_of_shipped(tmp_path)
    edit(contract, "operationId: listGroups", "operationId: listAdminRoles")
    edit(contract, "$ref: '#/components/parameters/Page'", "$ref: '#/components/parameters/Pages'")

    broken_reference = run("serve", "--port", "0", contract, "--strict")
    edit(contract, "$ref: '#/components/parameters/Pages'", "$ref: '#/components/parameters/Page'")
    taken_id = run("serve", "--port", "0", contract, "--strict")

    line = line_of(contract, "'#/components/parameters/Page'")
    assert f"openapi.yaml:{line}  paths" in one_sentence(broken_reference)
    assert "#/components/parameters/Pages refers to nothing." in broken_reference.stderr
    assert 'operationId "listAdminRoles" is taken by paths./api/v1/admin/admin-roles/.get' in one_sentence(
        taken_id
    )


def test_a_contract_that_is_no_yaml_is_refused_with_its_line(tmp_path):
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0\ninfo: [\npaths: {}\n")

    ended = run("serve", "--port", "0", cwd=tmp_path)

    assert re.match(r"mockserver: openapi.yaml:[34]  syntax: ", one_sentence(ended))


def test_the_first_lines_tell_the_scenario_and_a_token_for_its_time(tmp_path):
    scenario = tmp_path / "may.yaml"
    scenario.write_text("description: It is May.\nclock: {at: 2026-05-01T09:00:00Z}\n")

    with Served("--scenario", scenario) as mock:
        banner = mock.lines_until("Scenario")

    assert banner[-1] == "Scenario       may: It is May."
    assert any("mockserver token super-admin --clock 2026-05-01T09:0" in line for line in banner)


def test_broken_fixtures_are_refused_with_file_line_and_item(tmp_path):
    contract = copy_of_shipped(tmp_path)
    users = tmp_path / "fixtures" / "demo" / "users.yaml"
    edit(users, "status: active", "status: happy")

    ended = run("serve", "--port", "0", contract)

    line = line_of(users, "status: happy")
    assert one_sentence(ended) == (
        f'mockserver: {users}:{line}, item 1: status is "happy"; the contract allows active, suspended.\n'
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def broken(:\n", "SyntaxError"),
        ("import json\n\nraise ValueError('no luck')\n", "no luck"),
        (
            "from mockserver.respond.marks import handles\n\n\n@handles('listGroup')\n"
            "def list_groups(request, store): ...\n",
            'handles "listGroup", which openapi.yaml does not have. Did you mean "listGroups"?',
        ),
    ],
    ids=["is no Python", "raises", "names an unknown operation"],
)
def test_broken_handlers_are_refused_with_their_file(tmp_path, source, said):
    (tmp_path / "their_handlers.py").write_text(source)

    ended = run("serve", "--port", "0", "--handlers", "their_handlers.py", SHIPPED, cwd=tmp_path)

    assert said in one_sentence(ended)
    assert "their_handlers" in ended.stderr


@pytest.mark.parametrize("command", list(COMMANDS))
def test_the_help_of_every_command_shows_an_example(command):
    helped = run(command, "--help")

    assert helped.returncode == 0
    assert f"\n  mockserver {command}" in helped.stdout


def test_the_overview_names_every_command():
    helped = run("--help")

    assert helped.returncode == 0
    assert all(re.search(rf"^  {command}  +\S", helped.stdout, re.MULTILINE) for command in COMMANDS)


def test_an_unknown_command_is_refused_without_a_traceback():
    assert "No such command 'sevre'" in one_sentence(run("sevre"))


def line_of(path: Path, text: str) -> int:
    """Give the number of the first line that has a text."""
    return next(n for n, line in enumerate(path.read_text().splitlines(), start=1) if text in line)


def test_whoever_reads_the_journal_does_not_keep_a_server_from_ending():
    with Served() as mock, httpx.stream("GET", f"{mock.url}/_mock/journal/stream") as stream:
        pieces = stream.iter_raw()
        greeting = next(pieces)

        begun = time.monotonic()
        code, _, errors = mock.ended_by(signal.SIGTERM)
        seconds = time.monotonic() - begun

        assert greeting.startswith(b":")
        assert list(pieces) == []
    assert (code, errors) == (0, "")
    assert seconds < 1.5
