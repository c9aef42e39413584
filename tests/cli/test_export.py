"""``mockserver export``: what a mock holds, as a fixture set that another one begins with."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tinydb import TinyDB

from tests.cli.test_serve import GROUPS, Served, one_sentence, run

COLLECTIONS = ["admin_roles", "groups", "partners", "tenants", "users"]


@pytest.fixture(scope="module")
def mock() -> Iterator[Served]:
    """Serve the shipped contract with a group that has another role than in the fixtures."""
    with Served("--auth", "off", "--quiet") as served:
        group = served.get(GROUPS).json()["data"][0]["id"]
        served.post(f"{GROUPS}/{group}/role", json={"role": "partner_admin"})
        yield served


def served_again(fixture_set: Path) -> dict[str, list[dict[str, object]]]:
    with Served("--auth", "off", "--quiet", "--set", fixture_set) as another:
        content: dict[str, list[dict[str, object]]] = another.get("/_mock/export").json()
    return content


@pytest.mark.parametrize(
    ("kind", "name"), [("folder", "monday"), ("tinydb", "monday.json"), ("tinydb", "monday")]
)
def test_what_a_running_mock_holds_is_served_again_and_equal(mock, tmp_path, kind, name):
    exported = run("export", "--as", kind, "--url", mock.url, tmp_path / name)

    assert exported.returncode == 0, exported.stderr
    assert f"{tmp_path / name}: 3 partners, 8 tenants, 67 users" in exported.stdout
    assert served_again(tmp_path / name) == mock.get("/_mock/export").json()


def test_a_folder_has_a_file_for_each_collection_that_people_can_edit(mock, tmp_path):
    run("export", "--url", mock.url, tmp_path / "monday")

    files = sorted((tmp_path / "monday").iterdir())
    partners = (tmp_path / "monday" / "partners.json").read_text()
    assert [file.stem for file in files] == COLLECTIONS
    assert partners.splitlines()[:4] == [
        "[",
        "  {",
        '    "id": "prt_olz10mi8flvdxjcn",',
        '    "name": "Keystone Platform House"',
    ]


def test_a_tinydb_file_is_opened_by_tinydb(mock, tmp_path):
    run("export", "--url", mock.url, tmp_path / "monday.json")

    with TinyDB(tmp_path / "monday.json") as database:
        tables = database.tables()
        users = database.table("users").all()

    assert tables == set(COLLECTIONS)
    assert users == mock.get("/_mock/export").json()["users"]


def test_a_state_file_is_exported_while_its_server_goes_on(tmp_path):
    with Served("--auth", "off", "--quiet", "--state", tmp_path / "mock.db") as served:
        group = served.get(GROUPS).json()["data"][0]["id"]
        served.post(f"{GROUPS}/{group}/role", json={"role": "partner_admin"})

        exported = run("export", "--state", tmp_path / "mock.db", tmp_path / "beside")
        held = served.get("/_mock/export").json()
        written = served.post(f"{GROUPS}/{group}/role", json={"role": "tenant_admin"})

    assert exported.returncode == 0, exported.stderr
    assert served_again(tmp_path / "beside") == held
    assert written.status_code == 200


def test_a_state_file_is_exported_without_a_server(tmp_path):
    with Served("--auth", "off", "--quiet", "--state", tmp_path / "mock.db", "--set", "empty") as served:
        held = served.get("/_mock/export").json()

    run("export", "--state", tmp_path / "mock.db", tmp_path / "after.json")

    assert served_again(tmp_path / "after.json") == held
    assert held["groups"] == []


def test_what_is_there_already_is_replaced_only_when_forced(mock, tmp_path):
    out = tmp_path / "monday"
    out.mkdir()
    (out / "users.yaml").write_text("- {id: old}\n")

    refused = run("export", "--url", mock.url, out)
    untouched = (out / "users.yaml").read_text()
    forced = run("export", "--url", mock.url, "--force", out)

    assert one_sentence(refused) == (
        f"mockserver: {out}: is there already; take another name, or --force to replace it.\n"
    )
    assert untouched == "- {id: old}\n"
    assert forced.returncode == 0
    assert sorted(each.name for each in out.iterdir()) == [f"{name}.json" for name in COLLECTIONS]
    assert [each.name for each in tmp_path.iterdir()] == ["monday"]


def test_a_folder_that_holds_something_else_is_not_replaced_even_when_forced(mock, tmp_path):
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0\n")

    refused = run("export", "--url", mock.url, "--force", tmp_path)

    assert "holds openapi.yaml, which is no file of items" in one_sentence(refused)
    assert [each.name for each in tmp_path.iterdir()] == ["openapi.yaml"]


def test_an_empty_folder_is_filled(mock, tmp_path):
    (tmp_path / "monday").mkdir()

    exported = run("export", "--url", mock.url, tmp_path / "monday")

    assert exported.returncode == 0
    assert (tmp_path / "monday" / "users.json").is_file()


def test_a_proxy_of_the_environment_is_passed_by(mock, tmp_path, monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    exported = run("export", "--url", mock.url, tmp_path / "monday")

    assert exported.returncode == 0, exported.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--url", "http://127.0.0.1:1"], "http://127.0.0.1:1: nothing answers there (Connection refused);"),
        (["--url", "http://no.such.host.invalid"], "nothing answers there"),
        (["--url", "127.0.0.1:8080"], "an address begins with http:// or https://."),
        (["--url", "file:///etc/passwd"], "an address begins with http:// or https://."),
        (["--state", "nowhere.db"], "nowhere.db: there is no such state file;"),
        (["--state", "openapi.yaml"], "openapi.yaml: this is no state file"),
        (["--state", "a", "--url", "http://b"], "Give --state or --url, not both"),
        (["--as", "csv"], "'csv' is not one of 'folder', 'tinydb'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_exported_is_refused_in_a_clear_sentence(tmp_path, arguments, said):
    refused = run("export", *arguments, tmp_path / "out")

    assert said in one_sentence(refused)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, b"not here", "what answers there is no mock of ours; it says 404 to /_mock/export."),
        (200, b"<html>", "what answers there is no mock of ours."),
        (200, b'{"users": 5}', "what answers there is no mock of ours."),
        (200, b"[1]", "what answers there is no mock of ours."),
        (
            403,
            json.dumps({"detail": "This answers callers on this machine only."}).encode(),
            ": This answers callers on this machine only.",
        ),
    ],
    ids=["nothing there", "a page", "another mapping", "a list", "a mock that refuses"],
)
def test_a_server_that_is_no_mock_of_ours_is_told_from_one(tmp_path, status, body, said):
    with another_server(status, body) as url:
        refused = run("export", "--url", url, tmp_path / "out")

    assert said in one_sentence(refused)
    assert url in refused.stderr
    assert list(tmp_path.iterdir()) == []


@contextmanager
def another_server(status: int, body: bytes) -> Iterator[str]:
    """Run a server that answers everything alike."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
