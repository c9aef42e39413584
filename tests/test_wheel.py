"""The wheel has all that serving needs: it is built, installed, and served from another folder."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.cli.test_serve import Served, run
from tests.conftest import ROOT

PATIENCE = 60  # seconds


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, with the build backend that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-P", "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=PATIENCE)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a folder of its own; what it depends on is installed already."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", folder, wheel]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    return folder


def test_the_wheel_has_what_serving_needs_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    needed = {
        "mockserver/shipped/openapi.yaml",
        "mockserver/shipped/fixtures/personas.yaml",
        "mockserver/control/console/index.html",
        "mockserver/state/development_key.pem",
        "mockserver/py.typed",
    }
    fixtures = {
        f"mockserver/shipped/{file.relative_to(ROOT)}" for file in (ROOT / "fixtures").rglob("*.yaml")
    }
    modules = {str(file.relative_to(ROOT)) for file in (ROOT / "mockserver").rglob("*.py")}
    assert needed | fixtures | modules <= set(names)
    assert not [name for name in names if "test" in name or "__pycache__" in name]


def test_the_wheel_has_the_contract_as_it_stands_here(wheel):
    shipped = zipfile.ZipFile(wheel).read("mockserver/shipped/openapi.yaml")

    assert shipped == (ROOT / "openapi.yaml").read_bytes()


def test_the_wheel_brings_the_command(wheel, installed):
    entry_points = next(installed.glob("mockserver-*.dist-info")) / "entry_points.txt"

    assert "mockserver = mockserver.cli:main" in entry_points.read_text()
    assert (installed / "bin" / "mockserver").is_file()


def test_what_was_installed_serves_the_shipped_contract_from_another_folder(installed, tmp_path):
    with Served(cwd=tmp_path, package=installed) as mock:
        banner = mock.lines_until("Items")
        token = run("token", "super-admin", cwd=tmp_path, package=installed).stdout.strip()
        roles = mock.get("/api/v1/admin/admin-roles/", headers={"Authorization": f"Bearer {token}"})
        groups = mock.get("/api/v1/admin/groups", headers={"Authorization": f"Bearer {token}"})
        page = mock.get("/_mock/docs/")
        contract = mock.get("/_mock/openapi.yaml")

    assert any(
        str(installed) in line for line in banner
    )  # it is that one which was served, not this folder's
    assert [roles.status_code, groups.status_code, page.status_code] == [200, 200, 200]
    assert roles.json()["pagination"]["total"] > 0
    assert contract.content == (ROOT / "openapi.yaml").read_bytes()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check"], "10 operations"),
        (["routes"], "handler  listGroups"),
        (["enlarge", "--items", "300", "large"], "large: 304 items"),
        (["--version"], "version"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_was_installed_has_its_commands(installed, tmp_path, arguments, said):
    ended = run(*arguments, cwd=tmp_path, package=installed)

    assert ended.returncode == 0, ended.stderr
    assert said in ended.stdout
