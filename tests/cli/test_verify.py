"""``mockserver verify`` as a process of its own: how it ends when nobody reads it, or wants it any more."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.conftest import ROOT
from tests.serve.backends import backend, bare

CONTRACT = """
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get:
      operationId: listThings
      responses:
        "200": {description: All, content: {application/json: {schema: {type: object}}}}
"""


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    path = tmp_path / "things.yaml"
    path.write_text(CONTRACT)
    return path


def started(*arguments: object, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
    # A shell lets what it runs in the background know nothing of Ctrl-C.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code += "from mockserver.cli import main; main()"
    line = [sys.executable, "-c", code, "verify", *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(line, env=env, stdout=stdout, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize(("answer", "code"), [({}, 0), ([], 1)], ids=["nothing found", "something found"])
def test_a_reader_who_has_gone_changes_nothing(tmp_path, contract, answer, code):
    report = tmp_path / "report.json"
    reading, writing = os.pipe()
    os.close(reading)

    with backend(Starlette(routes=[Route("/things", lambda _: JSONResponse(answer))])) as url:
        fixed = ["--url", url, "--phases", "fuzzing", "--max-examples", "2", "--report", report]
        process = started(contract, *fixed, stdout=writing)
        os.close(writing)
        _, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (code, "")
    assert json.loads(report.read_text())["requests"] > 0


def test_ctrl_c_while_it_connects_is_no_failure_that_was_found(contract):
    asked, over = threading.Event(), threading.Event()

    def wait(_connection: object) -> None:
        asked.set()
        over.wait(30)

    with bare(wait) as url:
        process = started(contract, "--url", url, "--timeout", "30")
        assert asked.wait(30)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        over.set()

    assert process.returncode == 2
    assert err.strip() == "mockserver: interrupted."


def test_a_wrong_option_is_said_as_before(contract):
    process = started(contract, "--nothing")

    _, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "No such option" in err
    assert "Usage: " in err
