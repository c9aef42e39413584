"""A mock is compared with its backend: what is unlike is named with its operation, and nothing else is."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests
from click.testing import CliRunner, Result

from mockserver.cli.compare import command
from mockserver.client import Control
from mockserver.contract.loading.document import load
from mockserver.errors import MockServerError
from mockserver.prove.callers import find_callers
from mockserver.prove.compare.comparing import compare
from mockserver.prove.compare.plan import Comparison
from mockserver.prove.report import Report
from mockserver.prove.told import describe
from mockserver.prove.verify import Backend, Chosen, Verification, verify
from mockserver.serve.assembly import Setup
from mockserver.serve.server import running
from tests.prove.backend import CHOICES, CONTRACT, DEVIATIONS, TOKEN, serving
from tests.prove.backend import Backend as App

TASKS = load(CONTRACT)
BOTH = ("examples", "generated")
# What only odd requests show; a journey through the examples shows all the others.
_OF_GENERATED = ("a server error on odd input", "an invalid body that is accepted")
# What only verify finds: of items that others may have made, or of pages that both sides have their own of.
_OF_VERIFY = ("two items made of one", "a deletion of two", "an order of each page by itself")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[App, str]]:
    app = App()
    with serving(app) as url:
        yield app, url


@pytest.fixture
def app(served: tuple[App, str]) -> App:
    served[0].reset("")
    return served[0]


@pytest.fixture
def url(served: tuple[App, str]) -> str:
    return served[1]


Run = Callable[..., Result]


@pytest.fixture
def run(app: App, url: str) -> Run:
    """Run the command as somebody with a token."""

    def run_command(*arguments: str, token: str = TOKEN, at: str = url) -> Result:
        fixed = [str(CONTRACT), "--url", at, *(("--token", token) if token else ())]
        return CliRunner().invoke(command, [*fixed, *arguments], catch_exceptions=False)

    return run_command


def ask(url: str, *sources: str, chosen: Chosen | None = None, seed: int = 1, **more) -> Report:
    plan = Comparison(seed, 30, sources or ("examples",), chosen or Chosen(), **more)
    return compare(Setup(contract=CONTRACT), Backend(url, token=TOKEN), plan, lambda _: None)


def told(report: Report) -> str:
    return "\n".join(describe(report))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_is_unlike_in_a_backend_without_deviations(app, url, seed):
    before = dict(app.tasks)

    report = ask(url, *BOTH, seed=seed)

    assert report.ok, told(report)
    assert not report.notes, told(report)
    assert all(report.tallies[name].requests for name in TASKS.by_id)
    assert app.tasks == before


def test_mock_and_backend_are_sent_the_same_but_for_their_ids(app, url):
    ask(url)
    first = list(app.asked)
    app.reset("")

    ask(url)

    assert app.asked == first


# verify finds every one of them, as test_verify holds.
@pytest.mark.parametrize("deviation", [each for each in DEVIATIONS if each not in _OF_VERIFY])
def test_a_deviation_is_found_in_its_operation(app, url, deviation):
    app.reset(deviation)

    report = ask(url, "generated" if deviation in _OF_GENERATED else "examples")

    assert DEVIATIONS[deviation] in {finding.operation_id for finding in report.findings}, told(report)
    assert all(each.what and each.repeat and each.difference and each.mend for each in report.findings)


@pytest.mark.parametrize("way", ["a Location in capitals", "a Location by another name"])
def test_an_address_may_be_written_in_another_way(app, url, way):
    app.reset(way)

    report = ask(url, "examples")

    assert not [each for each in report.findings if "Location" in each.difference], told(report)


@pytest.mark.parametrize("choice", CHOICES)
def test_what_the_contract_leaves_open_is_found_by_comparing_only(app, url, choice):
    app.reset(choice)

    report = ask(url)
    plan = Verification(max_examples=1, phases=("examples",))
    alone = verify(TASKS, Backend(url, token=TOKEN), plan, lambda _: None)

    assert CHOICES[choice] in {finding.operation_id for finding in report.findings}, told(report)
    assert alone.ok, told(alone)


@pytest.mark.parametrize(
    ("deviation", "sentences"),
    [
        pytest.param(
            "a second task with one title",
            [
                'The same item again: the mock answers 201, the backend 409 ("There is a task',
                "To mend: declare 409 for createTask and add a rule in a handler, or mend the backend.",
            ],
            id="a status that is not declared",
        ),
        pytest.param(
            "problems with a code",
            [
                "The backend's answers have code, which the contract lacks, and so does the mock.",
                "To mend: add code to components.schemas.Problem.properties.",
            ],
            id="a member that is not declared",
        ),
        pytest.param(
            "the newest first",
            ["the mock's items are the oldest first, the backend's the newest first."],
            id="an order",
        ),
        pytest.param(
            "a forgotten 404",
            ["To mend: answer 404 for what is not there: mend the backend,"],
            id="an item that is not there",
        ),
        pytest.param(
            "a change that is not stored",
            ["changeTask", "read afterwards; the mock has"],
            id="a value",
        ),
        pytest.param(
            "a missing header",
            ["With 201 the mock has location: /v1/tasks/tsk_", "the backend no location."],
            id="a header",
        ),
    ],
)
def test_the_report_says_what_differs_and_what_would_mend_it(app, url, deviation, sentences):
    app.reset(deviation)

    text = " ".join(told(ask(url)).split())

    assert all(each in text for each in sentences), text


def test_differences_have_the_same_fingerprints_for_every_seed(app, url):
    app.reset("a wrong type")

    one, other = (ask(url, *BOTH, seed=seed) for seed in (1, 2))

    assert one.findings
    assert {each.fingerprint for each in one.findings} == {each.fingerprint for each in other.findings}


def test_a_safe_run_sends_nothing_that_changes_anything(app, url):
    app.reset("a wrong total")

    report = ask(url, *BOTH, chosen=Chosen(is_safe=True))

    assert {method for method, _ in app.asked} <= {"GET", "HEAD", "OPTIONS"}
    assert {finding.operation_id for finding in report.findings} == {"listTasks"}


def test_a_time_and_a_text_are_a_difference_though_times_are_not_compared(app, url, tmp_path):
    vague = "created_at: {example: '2026-05-01T09:00:00Z'}"
    contract = tmp_path / "tasks.yaml"
    contract.write_text(CONTRACT.read_text().replace("created_at: {type: string, format: date-time}", vague))
    app.reset("a date in another format")

    plan = Comparison(chosen=Chosen(operations=("getTask", "createTask", "deleteTask")))
    report = compare(Setup(contract=contract), Backend(url, token=TOKEN), plan, lambda _: None)

    assert [(each.operation_id, each.difference) for each in report.findings] == [
        ("getTask", "created_at: a time, a text")
    ], told(report)


@pytest.mark.parametrize("how", ["option", "contract"])
def test_what_may_differ_is_left_out(app, url, tmp_path, how):
    app.reset("problems with a code")
    contract = tmp_path / "tasks.yaml"
    volatile = "x-mock: {volatile: [code]}\n" if how == "contract" else ""
    contract.write_text(volatile + CONTRACT.read_text())

    plan = Comparison(ignored=("code",) if how == "option" else ())
    report = compare(Setup(contract=contract), Backend(url, token=TOKEN), plan, lambda _: None)

    assert report.ok, told(report)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Record at another mock: two are listed, one is read; one is made, changed and read."""
    path = tmp_path_factory.mktemp("recorded") / "journal.har"
    with running(Setup(contract=CONTRACT, auth="verify", seed=9)) as (mock, address):
        caller = find_callers(mock, Control(address), None, None)[0]
        headers = dict(caller.placed(TASKS.by_id["listTasks"])["headers"])
        tasks = f"{address}/v1/tasks"
        listed = requests.get(f"{tasks}?per_page=2", headers=headers, timeout=10).json()["items"]
        requests.get(f"{tasks}/{listed[1]['id']}", headers=headers, timeout=10)
        new = {"title": "Recorded", "priority": 2}
        made = requests.post(tasks, headers=headers, json=new, timeout=10).json()["id"]
        requests.patch(f"{tasks}/{made}", headers=headers, json={"state": "done"}, timeout=10)
        requests.get(f"{tasks}/{made}", headers=headers, timeout=10)
        path.write_text(requests.get(f"{address}/_mock/journal/har", timeout=10).text)
    return path


def test_what_was_recorded_is_sent_with_the_ids_of_each_side(app, url, recorded):
    report = ask(url, str(recorded))

    assert report.ok, told(report)
    asked = [each for each in app.asked if each not in (("GET", "/v1/tasks"), ("GET", "/v1"))]
    assert asked == [
        ("GET", "/v1/tasks/tsk_2"),
        ("POST", "/v1/tasks"),
        ("PATCH", "/v1/tasks/tsk_6"),
        ("GET", "/v1/tasks/tsk_6"),
        ("DELETE", "/v1/tasks/tsk_6"),
    ]


def test_what_was_recorded_shows_a_difference(app, url, recorded):
    app.reset("a change that is not stored")

    report = ask(url, str(recorded))

    assert [each.difference for each in report.findings] == ["state is not the same"], told(report)


def test_what_a_page_asked_of_others_is_not_sent(app, url, recorded, tmp_path):
    archive = json.loads(recorded.read_text())
    first = archive["log"]["entries"][0]
    other = {**first, "request": {**first["request"], "url": "https://ads.example/v1/tasks?page=7"}}
    archive["log"]["entries"].append(other)
    path = tmp_path / "browser.har"
    path.write_text(json.dumps(archive))

    report = ask(url, str(path))

    assert report.ok, told(report)
    assert report.notes == ["browser.har: 1 of 6 requests were for no operation that was chosen."]


def test_a_command_exits_with_0_where_nothing_is_unlike(run):
    ran = run()

    assert ran.exit_code == 0, ran.output
    assert "No difference." in ran.output


def test_reports_have_both_sides_and_no_token(run, app, tmp_path):
    app.reset("a wrong status")
    files = {name: tmp_path / name.strip("-") for name in ("--html", "--junit", "--har", "--report")}

    ran = run(*(part for name, path in files.items() for part in (name, str(path))))

    assert ran.exit_code == 1
    assert all(TOKEN not in text for text in [ran.output, *(path.read_text() for path in files.values())])
    page = files["--html"].read_text()
    assert all(each in page for each in ("response of the mock", "response of the backend", "To mend:"))
    finding, *_ = json.loads(files["--report"].read_text())["findings"]
    assert finding["mend"].startswith("declare 200 for createTask")
    assert len(finding["repeat"].splitlines()) == 2
    failures = ElementTree.parse(files["--junit"]).getroot().findall(".//failure")
    found = json.loads(files["--report"].read_text())
    assert [each.get("type") for each in failures] == [each["check"] for each in found["findings"]]
    assert found["digest"] != hashlib.sha256().hexdigest()
    assert "scenarios" not in found


def test_an_unknown_persona_is_refused_before_the_backend_is_asked(app, run):
    asked = len(app.asked)

    with pytest.raises(MockServerError, match="nobody-such"):
        run("--persona", "nobody-such")

    assert len(app.asked) == asked


@pytest.mark.parametrize(
    ("request_", "response"),
    [
        pytest.param({"url": "http://[bad/x"}, {}, id="a URL that is none"),
        pytest.param({"postData": {"text": "a", "encoding": "base64"}}, {}, id="base64 that is none"),
        pytest.param({"headers": [{"name": "If-Match"}]}, {}, id="a header without a value"),
        pytest.param({"headers": ["If-Match: name"]}, {}, id="a header that is a text"),
        pytest.param({}, {"headers": [{"name": "ETag"}]}, id="an answer's header without a value"),
        pytest.param({}, {"content": ["name"]}, id="an answer's body that is a list"),
    ],
)
def test_what_cannot_be_read_of_an_archive_is_named(run, recorded, tmp_path, request_, response):
    archive = json.loads(recorded.read_text())
    archive["log"]["entries"][2]["request"] |= request_
    archive["log"]["entries"][2]["response"] |= response
    path = tmp_path / "broken.har"
    path.write_text(json.dumps(archive))

    with pytest.raises(MockServerError, match=r"broken\.har, request 3: it cannot be read \(") as refused:
        run("--from", str(path))

    assert "\n" not in str(refused.value)


def test_only_what_the_baseline_does_not_know_fails(run, app, tmp_path):
    accepted = tmp_path / "accepted.json"
    app.reset("a wrong total")
    assert run("--write-baseline", str(accepted)).exit_code == 0

    again = run("--baseline", str(accepted), "--seed", "7")
    app.reset("a wrong order")
    other = run("--baseline", str(accepted))

    assert again.exit_code == 0, again.output
    assert "Accepted by the baseline: 1" in again.output
    assert other.exit_code == 1
    assert "same_order, listTasks" in other.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--url", "http://127.0.0.1:9/v1"], "does not answer", id="nobody is there"),
        pytest.param(["--token", "wrong"], "refuses whoever has this token", id="a token that is refused"),
        pytest.param(["--from", "example"], "there are examples, generated, and recorded", id="no source"),
        pytest.param(["--from", "none.har"], "No such file", id="no recording"),
        pytest.param(["--from", str(CONTRACT)], "it is no JSON", id="another file"),
        pytest.param(["--persona", "somebody-else"], "somebody-else", id="no persona"),
        pytest.param(["--operation", "getTsk"], 'Did you mean "getTask"?', id="no such operation"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_sentence(run, arguments, message):
    with pytest.raises(MockServerError, match=re.escape(message)) as refused:
        run(*arguments)

    assert "\n" not in str(refused.value)


def test_a_mock_is_like_another_mock_of_its_contract():
    with running(Setup(auth="verify", seed=77)) as (mock, address):
        token = find_callers(mock, Control(address), None, None)[0].token
        backend = Backend(f"{address}{mock.parts.contract.base_path}", token=token)

        report = compare(Setup(), backend, Comparison(max_examples=10, sources=BOTH), lambda _: None)

    assert report.ok, told(report)
    assert report.requests
