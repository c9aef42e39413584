"""A backend is held against its contract: what is wrong is named with its operation, and nothing else is."""

import contextlib
import json
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import click
import pytest
from click.testing import CliRunner, Result
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from urllib3.exceptions import InsecureRequestWarning

from mockserver.cli.proving import Files, conclude, hold
from mockserver.cli.verify import command
from mockserver.contract.loading.document import load
from mockserver.errors import MockServerError
from mockserver.prove.line import Pace
from mockserver.prove.report import Report
from mockserver.prove.told import describe
from mockserver.prove.verify import Backend, Chosen, Verification, connect, verify
from tests.prove.backend import CONTRACT, DEVIATIONS, TOKEN, serving
from tests.prove.backend import Backend as App
from tests.serve.backends import backend as other_backend

TASKS = load(CONTRACT)
READING = {"listTasks", "getTask"}

# The phase that shows a deviation best; all the others are seen by coverage.
_OF_JOURNEYS = (
    "paging off by one",
    "a last page that is cut",
    "a deleted item that is still there",
    "a created item that is not listed",
    "success with an error in it",
    "a filter that is ignored",
    "a wrong order",
    "a replacement that keeps what was left out",
    "a change that is not stored",
    "an id that is used again",
    "a wrong total",
    "a forgotten 404",
    "a HEAD that fails",
    "two items made of one",
    "a Location of another item",
    "long texts that are cut",
    "letters that are lost",
    "a change that clears the rest",
    "a change of all items",
    "a change that cannot set null",
    "an answer from before the change",
    "a replacement of what is not there",
    "a replacement that renews a time",
    "a deletion of two",
    "a total of the page",
    "a total of what no filter lets pass",
    "an order of each page by itself",
    "another default",
)


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
    """Run the command as somebody with a token, with few examples and one quick phase."""

    def run_command(*arguments: str, token: str = TOKEN, at: str = url) -> Result:
        fixed = [str(CONTRACT), "--url", at, "--max-examples", "2", "--phases", "journeys"]
        return CliRunner().invoke(
            command, [*fixed, *(("--token", token) if token else ()), *arguments], catch_exceptions=False
        )

    return run_command


def ask(url: str, *phases: str, chosen: Chosen | None = None, seed: int = 1, **backend) -> Report:
    plan = Verification(seed, 2, phases, chosen or Chosen())
    return verify(TASKS, Backend(url, **{"token": TOKEN, **backend}), plan, lambda _: None)


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_found_in_a_backend_without_deviations(app, url, seed):
    report = ask(url, "coverage", "fuzzing", "stateful", "nobody", "journeys", seed=seed)

    told = "\n".join(describe(report))
    assert report.ok, told
    assert not report.notes, told
    assert all(report.tallies[name].requests for name in TASKS.by_id)


@pytest.mark.parametrize("deviation", DEVIATIONS)
def test_a_deviation_is_found_in_its_operation(app, url, deviation):
    app.reset(deviation)
    operation_id = DEVIATIONS[deviation]

    if deviation in _OF_JOURNEYS:
        report = ask(url, "journeys")
    else:
        report = ask(url, "coverage", "fuzzing", chosen=Chosen(operations=(operation_id,)))

    told = "\n".join(describe(report))
    assert operation_id in {finding.operation_id for finding in report.findings}, told
    assert all(finding.what and finding.repeat and finding.difference for finding in report.findings), told


def test_differences_have_the_same_fingerprints_for_every_seed(app, url):
    app.reset("a wrong type")

    one, other = [
        ask(url, "fuzzing", "journeys", chosen=Chosen(operations=("listTasks",)), seed=seed)
        for seed in (1, 2)
    ]

    assert one.findings
    assert {each.fingerprint for each in one.findings} == {each.fingerprint for each in other.findings}


def test_a_safe_run_changes_nothing_and_still_finds(app, url):
    app.reset("a filter that is ignored")

    report = ask(url, "examples", "coverage", "fuzzing", "journeys", chosen=Chosen(is_safe=True))

    assert {method for method, _ in app.asked} <= {"GET", "HEAD", "OPTIONS"}
    assert len(app.tasks) == 5
    assert {finding.check for finding in report.findings} == {"filter_holds"}


@pytest.mark.parametrize(
    ("chosen", "asked"),
    [
        pytest.param(Chosen(tags=("reading",)), READING, id="by tag"),
        pytest.param(Chosen(paths=("/tasks",)), {"listTasks", "createTask"}, id="by path"),
        pytest.param(Chosen(paths=("/tasks/*",), tags=("reading",)), {"getTask"}, id="by both"),
        pytest.param(Chosen(operations=("getTask", "listTasks")), READING, id="by name"),
    ],
)
def test_only_what_was_chosen_is_asked(app, url, chosen, asked):
    report = ask(url, "fuzzing", "journeys", chosen=chosen)

    assert {name for name, tally in report.tallies.items() if tally.requests} == asked


def test_what_was_made_on_a_journey_is_deleted_again(app, url):
    before = dict(app.tasks)

    ask(url, "journeys")

    assert app.tasks == before
    assert ("POST", "/v1/tasks") in app.asked


def test_a_token_that_is_refused_is_fetched_again(app, url, tmp_path):
    app.token = "second"
    turn = tmp_path / "turn"
    script = f"if [ -e {turn} ]; then echo second; else touch {turn}; echo first; fi"

    plan = Verification(1, 2, ("coverage", "journeys"), Chosen(operations=("listTasks",)), keeps_all=True)
    report = verify(TASKS, Backend(url, token_command=script), plan, lambda _: None)

    assert report.ok, "\n".join(describe(report))
    assert {each.status for each in report.exchanges if each.phase == "journeys"} == {200}
    shown = [repr(each) for each in report.exchanges if "Authorization" in repr(each)]
    assert any("Bearer $TOKEN" in each for each in shown)
    assert not any("Bearer second" in each or "Bearer first" in each for each in shown)


def test_a_rate_is_kept():
    moments: list[float] = [0.0]
    pace = Pace("10/s", lambda: moments[-1], lambda seconds: moments.append(moments[-1] + seconds))

    for _ in range(11):
        pace.wait()

    assert moments[-1] == pytest.approx(1.0)


def test_a_rate_slows_a_run(app, url):
    started = monotonic()

    ask(url, "journeys", rate="100/s", chosen=Chosen(operations=("listTasks",)))

    assert monotonic() - started >= (len(app.asked) - 1) / 100 > 0


def test_nobody_sees_a_token_in_a_report(run, app, tmp_path):
    app.reset("a wrong total")
    names = ("--html", "--junit", "--har", "--report")
    files = {name: tmp_path / name.strip("-") for name in names}

    ran = run(*(part for name, path in files.items() for part in (name, str(path))))

    assert ran.exit_code == 1
    assert '-H "Authorization: Bearer $TOKEN"' in ran.output
    written = [path.read_text() for path in files.values()]
    assert all(TOKEN not in text for text in [ran.output, *written])


def test_a_header_that_says_who_calls_is_sent_where_that_is_asked_for(run, app):
    ran = run("-H", f"Authorization: Bearer {TOKEN}", "-H", "X-Trace: 1", token="")

    assert ran.exit_code == 0, ran.output
    assert re.search(r"^listTasks .* 200: [1-9]", ran.output, re.MULTILINE), ran.output
    assert TOKEN not in ran.output


@pytest.mark.parametrize(
    "phases",
    [("journeys",), ("coverage",), ("nobody", "fuzzing")],
    ids=" and ".join,
)
def test_a_backend_that_refuses_whoever_calls_cannot_be_held_against_anything(app, url, phases):
    with pytest.raises(MockServerError, match="refuses whoever calls: 401 to all that was asked"):
        ask(url, *phases, token="expired")


def test_nobody_is_refused_everything_and_that_is_right(app, url):
    report = ask(url, "examples", "nobody", token="expired")

    assert report.ok
    assert report.tallies["listTasks"].answers.keys() == {401}


def with_a_key(place: str, folder: Path) -> Path:
    """Write the contract with an API key in a place, instead of a bearer token."""
    written = CONTRACT.read_text().replace(
        "token: {type: http, scheme: bearer}", f"token: {{type: apiKey, in: {place}, name: key}}"
    )
    path = folder / "tasks.yaml"
    path.write_text(written)
    return path


def test_a_cookie_that_says_who_calls_is_sent_where_that_is_asked_for(app, url, tmp_path):
    app.place = "cookie"
    contract = load(with_a_key("cookie", tmp_path))
    backend = Backend(url, headers=[("Cookie", f"theme=dark; key={TOKEN}")])
    phases = ("coverage", "fuzzing", "nobody", "journeys")

    report = verify(contract, backend, Verification(1, 2, phases, keeps_all=True), lambda _: None)

    told = "\n".join(describe(report))
    assert report.ok, told
    assert not report.notes, told
    assert report.tallies["listTasks"].answers[200] > 0
    assert {"refuses_nobody", "ignored_auth"} <= set(report.checks)
    assert not any(TOKEN in repr(each) for each in report.exchanges)


@pytest.mark.parametrize("place", ["query", "cookie"])
def test_a_backend_that_hides_everything_from_nobody_is_first_asked_as_the_caller(app, url, tmp_path, place):
    app.place, app.refusal = place, 404
    contract = load(with_a_key(place, tmp_path))

    report = verify(contract, Backend(url, token=TOKEN), Verification(1, 2, ("journeys",)), lambda _: None)

    assert report.tallies["listTasks"].answers[200] > 0


COUNTING = "echo >> COUNTER; echo token-$(wc -l < COUNTER)"
KEYS = """
openapi: 3.1.0
info: {title: Keys, version: "1"}
security: [{key: []}]
paths:
  /things:
    get:
      operationId: listThings
      responses:
        "200": {description: All, content: {application/json: {schema: {type: object}}}}
        "401": {description: Who?}
components:
  securitySchemes: {key: {type: apiKey, in: query, name: api_key}}
"""


def everything_again(request: Request) -> JSONResponse:
    """Answer with all that was sent, word by word, unless that says nothing of who calls."""
    if not request.query_params and not {"authorization", "cookie", "x-auth-token"} & request.headers.keys():
        return JSONResponse({}, 401)
    return JSONResponse(
        [
            dict(request.query_params),
            str(request.url),
            [re.split("[ =;]", each) for each in request.headers.values()],
        ]
    )


@pytest.mark.parametrize(
    ("arguments", "hidden"),
    [
        pytest.param(["--token", "se+kr/et=="], ["se+kr/et==", "se%2Bkr%2Fet%3D%3D"], id="a key of a query"),
        pytest.param(["-H", "Authorization: Bearer real-secret"], ["real-secret"], id="a token in a header"),
        pytest.param(["-H", "Cookie: sid=real-secret; a=b"], ["real-secret"], id="a cookie"),
        pytest.param(["-H", "X-Auth-Token: real-secret"], ["real-secret"], id="a header that none names"),
        pytest.param(["--token-command", COUNTING], ["token-"], id="renewed tokens"),
    ],
)
def test_a_secret_that_is_answered_is_hidden_too(tmp_path, arguments, hidden):
    contract, names = tmp_path / "keys.yaml", ("--html", "--junit", "--har", "--report")
    contract.write_text(KEYS)
    files = {name: tmp_path / name.strip("-") for name in names}
    given = [part for name, path in files.items() for part in (name, str(path))]
    arguments = [each.replace("COUNTER", str(tmp_path / "counter")) for each in arguments]
    minutes = ["--token-minutes", "0.00001"] if "--token-command" in arguments else []

    with other_backend(Starlette(routes=[Route("/things", everything_again)])) as url:
        fixed = [str(contract), "--url", url, "--max-examples", "2", "--phases", "fuzzing"]
        ran = CliRunner().invoke(command, [*fixed, *arguments, *minutes, *given], catch_exceptions=False)

    assert ran.exit_code == 1, ran.output
    written = [ran.output, *(path.read_text() for path in files.values())]
    assert not [(each, text[:3000]) for each in hidden for text in written if each in text]


def test_of_several_cookies_those_that_are_in_any_text_are_shown(tmp_path):
    contract = tmp_path / "keys.yaml"
    contract.write_text(KEYS.replace("in: query", "in: cookie"))
    loaded = load(contract)

    with other_backend(Starlette(routes=[Route("/things", everything_again)])) as url:
        there = Backend(url, headers=[("Cookie", "session=real-secret; page=1")])
        connection = connect(loaded, there, loaded.operations, is_safe=True)
        connection.line.close()

    assert connection.shown.text("page=1; session=real-secret") == "page=1; session=…"


@pytest.mark.parametrize("arguments", [["--token", ""], ["-H", "Authorization:"]], ids=["token", "header"])
def test_an_empty_token_is_none(run, app, arguments):
    app.reset("ignored authentication")

    ran = run(*arguments, "--phases", "nobody", token="")

    assert "was answered 200" in " ".join(ran.output.split())
    assert "curl -X GET http" in ran.output


def test_a_header_is_sent_once_whatever_its_case(url):
    there = Backend(url, headers=[("authorization", "Bearer given")], token="of the option")
    operation = TASKS.by_id["listTasks"]

    connection = connect(TASKS, there, [operation], is_safe=True)
    connection.line.close()

    assert connection.caller is not None
    assert connection.caller.sent(operation) == (("headers", "authorization", "Bearer given"),)


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
    assert "order_holds, listTasks" in other.output
    assert "In the baseline and found no more: 1" in other.output
    (entry,) = json.loads(accepted.read_text())["accepted"]
    assert entry["operation"] == "listTasks"
    assert entry["check"] == "total_is_right"


def test_what_was_not_looked_at_is_not_called_fixed(run, app, tmp_path):
    accepted = tmp_path / "accepted.json"
    app.reset("a wrong total")
    run("--write-baseline", str(accepted))

    ran = run("--baseline", str(accepted), "--operation", "createTask")

    assert ran.exit_code == 0
    assert "found no more" not in ran.output


def test_what_was_not_looked_at_stays_accepted(run, app, tmp_path):
    accepted = tmp_path / "accepted.json"
    app.reset("a wrong total")
    run("--write-baseline", str(accepted))
    written = json.loads(accepted.read_text())
    written["accepted"][0]["why"] = "they know"
    more = {"operation": "createTask", "check": "status_code_conformance", "difference": "202", "why": "too"}
    gone = {"operation": "deleteTask", "check": "deleted_item_is_gone", "difference": "204"}
    written["accepted"] += [more, gone]
    accepted.write_text(json.dumps(written))
    both = ["--baseline", str(accepted), "--write-baseline", str(accepted)]

    ran = run(*both, "--tag", "writing")
    after = json.loads(accepted.read_text())["accepted"]

    assert ran.exit_code == 0, ran.output
    assert [each.get("why") for each in after] == ["too", "they know"]
    assert more in after
    assert run(*both).exit_code == 0
    assert len(json.loads(accepted.read_text())["accepted"]) == 2


def test_a_baseline_that_cannot_be_written_is_refused_before_the_run(run, app, tmp_path):
    report = tmp_path / "report.json"

    with pytest.raises(MockServerError, match=r"--write-baseline .*: there is no folder"):
        run("--write-baseline", str(tmp_path / "none" / "a.json"), "--report", str(report))

    assert not app.asked


def test_what_was_found_is_told_and_written_though_the_baseline_fails(run, app, tmp_path):
    app.reset("a wrong total")
    report, folder = tmp_path / "report.json", tmp_path / "folder"
    plan = Verification(phases=("journeys",), max_examples=2)
    with serving(app) as url:
        found = verify(TASKS, Backend(url, token=TOKEN), plan, lambda _: None)
    folder.mkdir()
    files = Files(None, None, None, report, folder)
    told = CliRunner(catch_exceptions=True)

    ran = told.invoke(
        click.Command("x", callback=lambda: conclude(found, files, hold(found, None, files, TASKS.by_id)))
    )

    assert "Is a directory" in str(ran.exception)
    assert "Accepted by the baseline: 1" in ran.output
    assert json.loads(report.read_text())["requests"] == found.requests


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--url", "http://127.0.0.1:9/v1"], "does not answer", id="nobody is there"),
        pytest.param(["--url", "somewhere"], "an address is written like", id="no address"),
        pytest.param(["--operation", "getTsk"], 'Did you mean "getTask"?', id="no such operation"),
        pytest.param(["--tag", "readin"], 'Did you mean "reading"?', id="no such tag"),
        pytest.param(["--path", "/task"], 'Did you mean "/tasks"?', id="no such path"),
        pytest.param(["--safe", "--tag", "writing"], "no operation that changes nothing", id="nothing left"),
        pytest.param(["--url", "http://[::1/"], "an address is written like", id="half an address"),
        pytest.param(["--url", "http://127.0.0.1:9/ a"], "an address is written like", id="a blank"),
        pytest.param(["--url", "http://127.0.0.1:9/\n"], r"9/\n': an address is", id="a line break"),
        pytest.param(["--url", "http://127.0.0.1:9?"], "an address is written like", id="an empty query"),
        pytest.param(["--url", "http://127.0.0.1:9/#"], "an address is written like", id="an empty part"),
        pytest.param(["--url", "http://h:99999/"], "an address is written like", id="no port"),
        pytest.param(["--rate", "0.5/s"], "a whole number and a time, like 5/s", id="half a request"),
        pytest.param(["--ca", str(CONTRACT)], "there is no certificate in it", id="no certificate"),
        pytest.param(["-H", "X A: a"], "a header is written like", id="no name of a header"),
        pytest.param(["--rate", "fast"], "a whole number and a time, like 5/s", id="no rate"),
        pytest.param(["-H", "X-Tenant"], 'a header is written like "X-Tenant: acme"', id="no header"),
        pytest.param(["-H", "X-A: 1", "-H", "x-a: 2"], "x-a: is given twice", id="two headers of one name"),
        pytest.param(["--token-minutes", "5"], "name it by --token-command", id="no command"),
        pytest.param(["--phases", ","], "name at least one of examples", id="no phase"),
        pytest.param(["--baseline", "none.json"], "No such file", id="no baseline"),
        pytest.param(["--html", "no/such/page.html"], "there is no folder", id="no folder"),
        pytest.param(["--token-command", "false"], "one of them is enough", id="two tokens"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_sentence(run, arguments, message):
    with pytest.raises(MockServerError, match=re.escape(message)) as refused:
        run(*arguments)

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--token", "hush\nhush"], id="a token of two lines"),
        pytest.param(["--token", "hüsh☃"], id="a token that is no ASCII"),
        pytest.param(["--token-command", "printf 'h\303\274sh'"], id="what a command prints"),
        pytest.param(["--token-command", ": hush; exit 3"], id="a command"),
        pytest.param(["-H", "X-Key: hush\nhush"], id="a header of two lines"),
        pytest.param(["-H", "X-Key: hush ☃"], id="a header that is no text of a header"),
        pytest.param(["-H", "Authorization hush"], id="a header without a colon"),
        pytest.param(["--url", "http://me:hush@127.0.0.1:9/"], id="a password in the address"),
    ],
)
def test_what_may_be_a_secret_is_refused_without_being_told(run, app, arguments):
    before = len(app.asked)

    with pytest.raises(MockServerError) as refused:
        run(*arguments, token="")

    assert "does not answer" not in str(refused.value)
    assert not re.search("h[uü]sh", str(refused.value))
    assert len(app.asked) == before


@pytest.mark.parametrize("option", ["--timeout", "--token-minutes"])
@pytest.mark.parametrize("value", ["nan", "inf", "0", "-1"])
def test_a_time_is_a_number_that_somebody_can_wait(run, option, value):
    ran = run("--token-command", "echo x", option, value, token="")

    assert ran.exit_code == 2
    assert "is not more than 0" in ran.output


@pytest.mark.parametrize("place", ["query", "cookie"])
def test_whether_anybody_is_there_is_asked_by_somebody_who_is_let_in(tmp_path, place):
    contract = tmp_path / "keys.yaml"
    contract.write_text(KEYS.replace("in: query", f"in: {place}"))

    def look(request: Request) -> JSONResponse:
        given = {"query": request.query_params, "cookie": request.cookies}[place]
        return JSONResponse({}, 200 if given.get("api_key") == "a key" else 404)

    loaded = load(contract)
    with other_backend(Starlette(routes=[Route("/things", look)])) as url:
        connection = connect(loaded, Backend(url, token="a key"), loaded.operations, is_safe=True)
        connection.line.close()

    assert connection.caller is not None


def test_an_address_without_the_base_path_is_told_from_one_that_answers(run, url):
    with pytest.raises(MockServerError, match=r"404 is answered to /tasks\. Did you mean"):
        run(at=url.removesuffix("/v1"))


def test_a_token_command_that_fails_is_said(run):
    with pytest.raises(MockServerError, match="--token-command: it ended with 3"):
        run("--token-command", "exit 3", token="")


def test_a_backend_that_stops_answering_interrupts_the_run():
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(serving(App()))
        plan = Verification(phases=("journeys", "nobody"), max_examples=2)

        report = verify(
            TASKS, Backend(url, token=TOKEN), plan, lambda text: stack.close() if text == "." else None
        )

    assert report.interrupted
    assert f"{url} stopped answering." in report.notes


def test_a_certificate_is_checked_unless_it_is_told_otherwise(certificate):
    safe = Chosen(is_safe=True)

    with serving(App(), *certificate) as url:
        with pytest.raises(MockServerError, match="its certificate is not trusted"):
            ask(url, "journeys", chosen=safe)
        trusting = ask(url, "coverage", "journeys", "nobody", chosen=safe, verify=str(certificate[0]))
        careless = ask(url, "coverage", "journeys", chosen=safe, verify=False)

    for report in (trusting, careless):
        assert report.ok, "\n".join(describe(report))
        assert report.checks["ignored_auth"]
        assert report.tallies["listTasks"].answers[200] > 0


def test_who_wants_no_certificate_is_not_warned_of_it(certificate):
    with serving(App(), *certificate) as url, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("default")

        ask(url, "examples", chosen=Chosen(is_safe=True), verify=False)

    assert not [each for each in warned if each.category is InsecureRequestWarning]


def test_without_a_token_it_is_said_that_little_is_seen(app, url):
    report = ask(url, "nobody", "journeys", token=None)

    assert report.ok
    assert any("No token was given" in note for note in report.notes)


def test_the_shipped_command_line_knows_it(tmp_path: Path):
    ran = CliRunner().invoke(command, ["--help"])

    assert ran.exit_code == 0
    assert "--write-baseline" in ran.output


def test_where_no_answer_is_declared_any_is_right(tmp_path):
    contract = tmp_path / "ping.yaml"
    contract.write_text('openapi: 3.1.0\ninfo: {title: P, version: "1"}\npaths: {/ping: {get: {}}}\n')

    with other_backend(Starlette(routes=[Route("/ping", lambda _: JSONResponse({}, 207))])) as url:
        report = verify(load(contract), Backend(url), Verification(1, 2, ("coverage",)), lambda _: None)

    assert not [each for each in report.findings if each.check == "status_code_conformance"]
    assert any("declares no answer at all" in each.situation for each in report.excluded)


AGES = """
openapi: 3.1.0
info: {title: Ages, version: "1"}
paths:
  /people:
    get:
      operationId: listPeople
      parameters: [{name: age, in: query, schema: {type: integer, minimum: 0, maximum: 150}}]
      responses:
        "200": {description: All, content: {application/json: {schema: {type: array}}}}
        "422": {description: No, content: {application/json: {schema: {type: object}}}}
"""


def test_a_failure_of_every_answer_hides_none_that_is_rare(tmp_path):
    contract = tmp_path / "ages.yaml"
    contract.write_text(AGES)

    def people(request: Request) -> JSONResponse:
        age = request.query_params.get("age", "0")
        if not re.fullmatch("[0-9]+", age) or int(age) > 150:
            return JSONResponse({}, 422)
        return JSONResponse({}, 500 if age == "150" else 200)

    with other_backend(Starlette(routes=[Route("/people", people)])) as url:
        report = verify(load(contract), Backend(url), Verification(1, 2, ("coverage",)), lambda _: None)

    assert {"response_schema_conformance", "not_a_server_error"} <= {each.check for each in report.findings}
