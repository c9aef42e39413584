"""How the code reads, as far as machines can tell: formatted, linted, typed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "command",
    [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"]],
    ids=["it is formatted", "it has no lint", "it is typed"],
)
def test_the_code_keeps_the_style(command, tmp_path):
    cache = {"ruff": ["--no-cache"], "mypy": ["--cache-dir", str(tmp_path)]}[command[0]]

    checked = subprocess.run(
        [sys.executable, "-m", *command, *cache], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_ci_script_is_shell_that_parses():
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")

    parsed = subprocess.run(
        [bash, "-n", str(ROOT / ".ci" / "run")], capture_output=True, text=True, check=False
    )

    assert parsed.returncode == 0, parsed.stderr
