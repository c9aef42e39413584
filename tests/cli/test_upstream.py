"""``mockserver serve --upstream`` as a process of its own: what it says at the end, what it refuses."""

import json
import signal

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from mockserver.cli.upstream import UpstreamOptions
from mockserver.contract.loading.document import load
from mockserver.contract.resources.finding import find_resources
from mockserver.errors import MockServerError
from mockserver.state.recording import Exchange
from tests.cli.test_serve import Served, one_sentence, run
from tests.serve.backends import backend, free_port
from tests.serve.test_upstream import NOTES, note

APP = Starlette(routes=[Route("/api/v1/notes", lambda _: JSONResponse([note(1), {"id": "2", "text": "x"}]))])


def test_at_the_end_it_says_what_was_found_and_where_it_is_written(tmp_path):
    report, folder = tmp_path / "report.json", tmp_path / "recorded"
    with (
        backend(APP) as url,
        Served(NOTES, "--upstream", url, "--record", folder, "--report", report, "--quiet") as mock,
    ):
        banner = mock.lines_until("Backend")
        passed = [mock.get("/api/v1/notes?limit=500"), mock.get("/api/v1/notes")]
        code, said, err = mock.ended_by(signal.SIGTERM)

    assert banner[-1] == f"Backend        {url}"
    assert [each.status_code for each in passed] == [200, 200]
    assert (code, err) == (0, "")
    assert f"{url} against notes.yaml: 2 requests to 1 operation" in said
    assert '2 x  answer body.*.id: "2" is not of type "integer"' in said
    assert "1 x  request query.limit: 500 is greater than the maximum of 100" in said
    assert "2 notes" in said
    told = json.loads(report.read_text())
    assert (told["requests"], told["broken"]) == (2, {"requests": 1, "answers": 2})
    assert json.loads((folder / "notes.json").read_text())[0] == note(1)


def test_what_was_found_is_written_though_the_recording_cannot_be(tmp_path):
    report, folder = tmp_path / "report.json", tmp_path / "recorded"
    given = UpstreamOptions("http://127.0.0.1:9", 1.0, (), folder, report)
    upstream = given.read("notes.yaml")
    assert upstream is not None
    assert upstream.recording is not None
    contract, said = load(NOTES), []
    upstream.recording.bind(contract, find_resources(contract))
    answer = Exchange(
        contract.by_id["getNote"], "GET", "/notes/1", {"note_id": 1}, (), None, 200, "", note(1)
    )
    upstream.recording.take(answer)
    folder.write_text("a file")

    with pytest.raises(MockServerError, match="cannot be written"):
        given.finish(upstream, said.append)

    assert json.loads(report.read_text())["requests"] == 0
    assert said[-1] == f"Report written to {report}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["--upstream", "localhost:9000"], "an address is written like", id="no scheme"),
        pytest.param(["--record", "somewhere"], "name it by --upstream", id="record without a backend"),
        pytest.param(["--insecure"], "name it by --upstream", id="trust without a backend"),
        pytest.param(
            ["--upstream", "https://h", "--ca", NOTES], "no certificate can be read", id="no certificate"
        ),
        pytest.param(
            ["--upstream", "http://h", "--record", NOTES / "in"], "cannot be written", id="record in a file"
        ),
        pytest.param(
            ["--upstream", "http://h", "--report", NOTES.parent], "cannot be written", id="report in a folder"
        ),
        pytest.param(
            ["--upstream", "http://h", "--mock-when", "never", "--mock-when", "undeclared"],
            "never",
            id="never",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(arguments, told):
    assert told in one_sentence(run("serve", NOTES, *arguments))


@pytest.mark.parametrize(
    "url",
    [
        "http://me:geheim@host",
        "http://me:geheim/1@host",
        "http://host?key=geheim",
        "me:geheim@host",
        "http://me:geheim@[host",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_said_again(url):
    refused = one_sentence(run("serve", NOTES, "--upstream", url))

    assert "--upstream: " in refused
    assert "geheim" not in refused


def test_the_line_of_a_request_holds_no_secret():
    with backend(APP) as url, Served(NOTES, "--upstream", url) as mock:
        mock.lines_until("Backend")
        mock.get("/api/v1/notes?token=geheim&limit=500", headers={"X-Key": "geheim"})
        said = mock.lines_until("limit=500")[-1]
        _, rest, _ = mock.ended_by(signal.SIGTERM)

    assert "GET /api/v1/notes?token=masked-token&limit=500 -> 200" in said
    assert "limit" in rest
    assert "geheim" not in said + rest


def test_a_backend_is_trusted_by_an_option(certificate):
    with (
        backend(APP, *certificate) as url,
        Served(NOTES, "--upstream", url, "--ca", certificate[0], "--quiet") as mock,
    ):
        answered = mock.get("/api/v1/notes")

    assert answered.status_code == 200


def test_nothing_is_left_of_the_look_whether_a_folder_can_be_written(tmp_path):
    with Served(NOTES, "--upstream", "http://h", "--record", tmp_path / "a" / "b", "--quiet") as mock:
        assert mock.url

    assert not list(tmp_path.iterdir())


def test_several_contracts_have_no_backend_in_common(tmp_path):
    refused = one_sentence(run("serve", NOTES, NOTES, "--upstream", f"http://127.0.0.1:{free_port()}"))

    assert "--upstream is of one contract" in refused
