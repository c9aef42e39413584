"""The files that a run writes: other tools can read them, and they say what the run found."""

import html
import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from mockserver.cli.fuzz import command
from mockserver.prove.exchange import Exchange, Shown, curl
from mockserver.prove.fuzz import token_options
from mockserver.prove.report import Finding, Report, Tally
from mockserver.prove.reports.har import as_har
from mockserver.prove.reports.junit import as_junit
from mockserver.prove.reports.page import as_page
from mockserver.serve.assembly import Setup
from tests.prove.backend import CONTRACT
from tests.serve.test_page import ARGUMENTS, CHROMIUM

EXCHANGE = Exchange(
    "getTask",
    "fuzzing",
    "POST",
    "http://127.0.0.1:1/tasks?q=a&q=b",
    (("Authorization", "Bearer secret"), ("Content-Type", "application/json"), ("User-Agent", "x")),
    b'{"title": "it\'s <b>\x00"}',
    200,
    "OK",
    (("content-type", "image/png"), ("location", "/there")),
    b"\x89PNG\xff",
    1_777_000_000.5,
    0.25,
)


@pytest.fixture
def report() -> Report:
    finding = Finding(
        "response_schema_conformance",
        "getTask",
        "fuzzing",
        "The title is <script>alert(1)</script>\x00",
        "curl 'http://127.0.0.1/'",
        "200: type at title",
        exchange=EXCHANGE,
    )
    tally = Tally("getTask")
    tally.answers[200] = 3
    tally.checks.update(["response_schema_conformance", "not_a_server_error"])
    other = Tally("listTasks")
    other.answers[401] = 1
    other.checks.update(["not_a_server_error"])
    tallies = {each.operation_id: each for each in (tally, other, Tally("deleteTask"))}
    return Report("Tasks", "http://here", 1, 5, [], tallies=tallies, findings=[finding], exchanges=[EXCHANGE])


def test_junit_has_a_suite_an_operation_and_a_case_a_check(report):
    root = ElementTree.fromstring(as_junit(report).encode())

    suites = {suite.get("name"): suite for suite in root.iter("testsuite")}
    assert suites.keys() == {"getTask", "listTasks"}
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "0")
    (failure,) = root.iter("failure")
    assert failure.get("message", "").startswith("The title is <script>")
    assert "curl 'http://127.0.0.1/'" in (failure.text or "")
    failed = [
        case.get("name") for case in suites["getTask"].iter("testcase") if case.find("failure") is not None
    ]
    assert failed == ["response_schema_conformance: 200: type at title"]


def test_junit_counts_as_many_failures_as_there_are_and_says_when_and_how_long(report):
    report.findings.append(replace(report.findings[0], difference="200: another"))
    report.tallies["getTask"].seconds = 1.25

    root = ElementTree.fromstring(as_junit(report).encode())

    assert root.get("failures") == "2" == str(len([*root.iter("failure")]))
    assert root.get("tests") == str(len([*root.iter("testcase")]))
    assert root.get("timestamp") == report.started.isoformat(timespec="seconds")
    times = {suite.get("name"): suite.get("time") for suite in root.iter("testsuite")}
    assert times == {"getTask": "1.250", "listTasks": "0.000"}


def test_what_was_accepted_is_skipped_in_junit(report):
    report.accepted, report.findings = report.findings, []

    root = ElementTree.fromstring(as_junit(report).encode())

    assert root.get("failures") == "0"
    (skipped,) = root.iter("skipped")
    assert skipped.get("message") == "accepted: 200: type at title"


def test_har_has_every_exchange(report):
    log = json.loads(as_har(report))["log"]

    (entry,) = log["entries"]
    assert log["version"] == "1.2"
    assert entry["startedDateTime"] == "2026-04-24T03:06:40.500+00:00"
    assert entry["time"] == 250
    assert entry["request"]["queryString"] == [{"name": "q", "value": "a"}, {"name": "q", "value": "b"}]
    assert entry["request"]["postData"]["mimeType"] == "application/json"
    assert entry["response"]["content"] == {
        "size": 5,
        "mimeType": "image/png",
        "text": "iVBOR/8=",
        "encoding": "base64",
    }
    assert entry["response"]["redirectURL"] == "/there"


def test_a_page_takes_nothing_from_elsewhere_and_runs_nothing(report):
    page = as_page(report)

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not any(part in page for part in ("<link", "<img", "src=", "url(", "@import"))


def test_a_secret_is_shown_nowhere():
    shown = Shown(
        {"secret": "$TOKEN"}, [("'Authorization: Bearer secret'", '"Authorization: Bearer $TOKEN"')]
    )

    assert "secret" not in repr(shown.exchange(EXCHANGE))
    assert '-H "Authorization: Bearer $TOKEN"' in shown.curl(curl(EXCHANGE))


SECRET = "a+/==\"\\'<&> éä😀"


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(SECRET, id="as it is"),
        pytest.param(quote(SECRET, safe=""), id="in an address"),
        pytest.param(quote(SECRET), id="in a path"),
        pytest.param(quote_plus(SECRET), id="in a form"),
        pytest.param(re.sub("%..", lambda found: found[0].lower(), quote_plus(SECRET)), id="in lower case"),
        pytest.param(json.dumps(SECRET)[1:-1], id="in JSON"),
        pytest.param(json.dumps(SECRET, ensure_ascii=False)[1:-1].replace("/", "\\/"), id="in other JSON"),
        pytest.param(quote(SECRET, safe="").replace("%C", "%c"), id="in both cases"),
        pytest.param(json.dumps(SECRET)[1:-1].replace("\\ud83d", "\\uD83d"), id="in JSON of both cases"),
        pytest.param(html.escape(SECRET), id="in HTML"),
        pytest.param("a" + "".join(f"&#x{ord(each):X};" for each in SECRET[1:]), id="in numbers of HTML"),
        pytest.param(shlex.quote(SECRET)[1:-1], id="in a shell"),
    ],
)
def test_a_secret_is_hidden_in_whichever_way_it_is_written(written):
    shown = Shown({SECRET: "$TOKEN", "": "never"})
    exchange = replace(EXCHANGE, url=f"http://here/?k={written}&a=b", response_body=f"<{written}>".encode())

    told = shown.exchange(exchange)

    assert (told.url, told.response_body) == ("http://here/?k=$TOKEN&a=b", b"<$TOKEN>")


def test_a_secret_that_is_part_of_another_shows_nothing_of_it():
    shown = Shown({"abc": "$TOKEN", "abc.def": "…"}, tokens=["later-on"])
    assert shown.text("?a=abc.def later-on") == "?a=… $TOKEN"


@pytest.mark.parametrize("token", ["tt", "test", "shop", "tasks"])
def test_a_token_that_is_a_word_is_hidden_only_where_it_was_sent(token):
    url = f"http://test.shop/tasks/{token}?key={token}&next=http"
    headers = (("Authorization", f"Bearer {token}"), ("X-Key", token), ("Cookie", f"key={token}; a=b"))
    sent = replace(
        EXCHANGE, url=url, request_headers=headers, request_body=f'{{"title": "{token}"}}'.encode()
    )
    shown = Shown({token: "$TOKEN"}, [(f"'Authorization: Bearer {token}'", '"Authorization: Bearer $TOKEN"')])

    told, line = shown.exchange(sent), shown.curl(curl(sent))

    assert told.url == f"http://test.shop/tasks/{token}?key=$TOKEN&next=http"
    assert [value for _, value in told.request_headers] == ["Bearer $TOKEN", "$TOKEN", "key=$TOKEN; a=b"]
    assert told.request_body == sent.request_body
    assert shlex.split(line.replace("$TOKEN", token)) == shlex.split(curl(sent))
    assert "'X-Key: '\"$TOKEN\"''" in line
    assert f"'http://test.shop/tasks/{token}?key='\"$TOKEN\"'&next=http'" in line


def test_lines_ask_for_heads_and_send_what_looks_like_a_file():
    head = replace(EXCHANGE, method="HEAD", request_body=b"", request_headers=())
    data = replace(EXCHANGE, request_body=b"@/etc/hosts", request_headers=())

    lines = [curl(head), curl(data)]
    theirs = ["curl -X HEAD -H 'A: b' http://here", "curl -X PUT -d @/etc/hosts http://here"]

    assert lines == [
        "curl --head 'http://127.0.0.1:1/tasks?q=a&q=b'",
        "curl -X POST --data-raw @/etc/hosts 'http://127.0.0.1:1/tasks?q=a&q=b'",
    ]
    assert Shown({}).curl("\n".join(theirs)).splitlines() == [
        "curl --head -H 'A: b' http://here",
        "curl -X PUT --data-raw @/etc/hosts http://here",
    ]


def test_the_command_that_mints_a_token_is_one_for_a_shell():
    assert token_options(Setup(contract=Path("my contract.yaml"))) == " --contract 'my contract.yaml'"


def test_a_run_writes_all_that_is_asked_for(tmp_path: Path):
    names = {"--junit": "a.xml", "--har": "a.har", "--html": "a.html", "--report": "a.json"}
    written = [part for name, file in names.items() for part in (name, str(tmp_path / file))]

    ran = CliRunner().invoke(
        command, [str(CONTRACT), "--max-examples", "2", "--phases", "nobody,journeys", *written]
    )

    assert ran.exit_code == 0, ran.output
    told = json.loads((tmp_path / "a.json").read_text())
    entries = json.loads((tmp_path / "a.har").read_text())["log"]["entries"]
    suites = ElementTree.parse(tmp_path / "a.xml").getroot()
    assert told["requests"] == len(entries) > 20
    assert suites.get("failures") == "0"
    assert "No failure" in (tmp_path / "a.html").read_text()


def test_a_file_that_cannot_be_written_is_refused_before_the_run(tmp_path: Path):
    ran = CliRunner().invoke(command, [str(CONTRACT), "--har", str(tmp_path / "none" / "a.har")])

    assert ran.exit_code == 1
    assert "there is no folder" in str(ran.exception)
    assert "examples" not in ran.output


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_a_page_is_readable_in_a_browser(report, tmp_path: Path):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    (tmp_path / "page.html").write_text(as_page(report))

    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((tmp_path / "page.html").as_uri())
        page.get_by_role("link", name="getTask").click()
        page.get_by_text("Request and response").click()
        shown = page.inner_text("article")
        is_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        browser.close()

    assert not errors
    assert not is_wide
    assert "POST http://127.0.0.1:1/tasks?q=a&q=b" in shown
    assert "200 OK" in shown
