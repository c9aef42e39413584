"""The prover: it finds nothing in the mock, it finds what is planted, and the same seed asks the same."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockserver.cli.fuzz import command
from mockserver.cli.proving import Files, conclude
from mockserver.errors import MockServerError
from mockserver.prove.fuzz import Plan, fuzz
from mockserver.prove.report import Report
from mockserver.prove.run import check_names
from mockserver.prove.told import describe
from mockserver.serve.assembly import Setup
from mockserver.state.settings import Settings
from tests.conftest import ROOT, SHIPPED

SHORT = Plan(seed=5, max_examples=5)

# Every handler as it is, but for those that are planted in its place.
HANDLERS = """
from mockserver.handlers import admin_roles, groups
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem

def real(operation_id):
    for function in [*vars(admin_roles).values(), *vars(groups).values()]:
        mark = getattr(function, "__mockserver_handles__", None)
        if mark and mark[0] == operation_id:
            return function, mark[1]

def stand_in(operation_id, guard):
    handler, _ = real(operation_id)
    return handles(operation_id, guard=guard)(lambda request, store: handler(request, store))

def plant(operation_id):
    return handles(operation_id, guard=real(operation_id)[1])

{planted}

for operation_id in {others!r}:
    globals()[operation_id] = stand_in(operation_id, real(operation_id)[1])
"""

OPERATIONS = (
    "listAdminRoles",
    "createAdminRole",
    "listUserAdminRoles",
    "getAdminRole",
    "updateAdminRole",
    "deleteAdminRole",
    "listGroups",
    "getGroup",
    "assignGroupRole",
    "revokeGroupRole",
)

Handlers = Callable[[str], str]


@pytest.fixture(scope="module")
def short_run() -> Report:
    """Prove the shipped contract: every phase, every check."""
    return fuzz(Setup(contract=SHIPPED), Plan(seed=1, max_examples=30), lambda _: None)


@pytest.fixture
def handlers(tmp_path: Path) -> Handlers:
    """Give a function that writes the real handlers to a file, with some code planted among them."""

    def write(planted: str) -> str:
        taken = re.findall(r'(?:plant|handles|stand_in)\("(\w+)"', planted)
        others = [each for each in OPERATIONS if each not in taken]
        path = tmp_path / "planted.py"
        path.write_text(HANDLERS.format(planted=planted, others=others))
        return str(path)

    return write


def prove(handlers: str, *operations: str, phase: str, settings: Settings | None = None) -> Report:
    setup = Setup(contract=SHIPPED, handlers=handlers, settings=settings or Settings())
    plan = Plan(seed=1, max_examples=20, phases=(phase,), operations=operations)
    return fuzz(setup, plan, lambda _: None)


def found(report: Report) -> set[tuple[str, str]]:
    return {(finding.check, finding.operation_id) for finding in report.findings}


def run_in_another_process(hash_seed: str, folder: Path) -> subprocess.Popen[str]:
    line = "from mockserver.cli import main; main()"
    arguments = ["fuzz", str(SHIPPED), "--seed", str(SHORT.seed), "--max-examples", str(SHORT.max_examples)]
    return subprocess.Popen(
        [sys.executable, "-c", line, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def digest_of(process: subprocess.Popen[str]) -> list[str]:
    told, _ = process.communicate(timeout=300)
    return re.findall(r"^requests: ([0-9a-f]{64})$", told, re.MULTILINE)


def test_every_check_in_every_phase_finds_no_failure(short_run):
    told = "\n".join(describe(short_run))

    assert short_run.ok, told
    assert set(check_names()) <= set(short_run.checks)
    assert short_run.scenarios >= 30, "schemathesis ends the phase early when it draws unsteadily"
    assert told.endswith("No failure.")


def test_the_run_creates_changes_and_deletes(short_run):
    tallies = short_run.tallies

    assert tallies["createAdminRole"].creates >= 10
    assert tallies["updateAdminRole"].changes >= 10
    assert tallies["assignGroupRole"].changes >= 10
    assert tallies["deleteAdminRole"].deletes >= 10
    assert tallies["revokeGroupRole"].deletes >= 10
    assert all(tally.creates == 0 for name, tally in tallies.items() if name != "createAdminRole")


def test_a_change_that_changes_nothing_does_not_count(short_run):
    tally = short_run.tallies["updateAdminRole"]

    assert tally.changes < tally.answers[200]


def test_the_persona_and_a_peer_who_sees_something_else_are_found(short_run):
    assert short_run.callers == ["super-admin", "group-manager"]
    assert short_run.requests_as["group-manager"] > 0


def test_the_same_seed_sends_the_same_requests_in_any_process(tmp_path):
    others = [run_in_another_process("0", ROOT), run_in_another_process("4711", tmp_path)]

    here = fuzz(Setup(contract=SHIPPED), SHORT, lambda _: None)

    assert [digest_of(other) for other in others] == [[here.digest], [here.digest]]
    assert list(tmp_path.iterdir()) == [], "a run leaves nothing behind"


def test_another_seed_sends_other_requests():
    plans = [Plan(seed=seed, max_examples=2, phases=("fuzzing",)) for seed in (1, 2)]

    one, other = [fuzz(Setup(contract=SHIPPED), plan, lambda _: None).digest for plan in plans]

    assert one != other


def test_a_delete_that_keeps_the_item_is_found(handlers):
    report = prove(
        handlers("""
@plant("deleteAdminRole")
def delete(request, store):
    store["admin_roles"].get(request.path["role_id"])
    return Response(None, 204)
"""),
        "createAdminRole",
        "getAdminRole",
        "deleteAdminRole",
        phase="stateful",
    )

    assert ("use_after_free", "deleteAdminRole") in found(report)


def test_a_create_that_stores_nothing_is_found(handlers):
    report = prove(
        handlers("""
@plant("createAdminRole")
def create(request, store):
    created = real("createAdminRole")[0](request, store)
    store["admin_roles"].remove(created.body["data"]["id"])
    return created
"""),
        "createAdminRole",
        "getAdminRole",
        phase="stateful",
    )

    assert ("ensure_resource_availability", "createAdminRole") in found(report)


def test_an_answer_of_the_wrong_type_is_found(handlers):
    report = prove(
        handlers("""
@plant("getGroup")
def get(request, store):
    response = real("getGroup")[0](request, store)
    response.body["data"]["member_count"] = "many"
    return response
"""),
        "getGroup",
        phase="examples",
        settings=Settings(responses="off"),
    )

    assert ("response_schema_conformance", "getGroup") in found(report)


def test_authentication_that_is_not_asked_for_is_found():
    setup = Setup(contract=SHIPPED, auth="off")

    report = fuzz(setup, Plan(phases=("examples",), operations=("listGroups",)), lambda _: None)

    assert ("ignored_auth", "listGroups") in found(report)


def test_a_persona_who_may_see_too_much_is_found(handlers):
    planted = handlers('role = stand_in("getAdminRole", None)')

    report = prove(planted, "listAdminRoles", "getAdminRole", phase="stateful")

    assert found(report) == {("object_level_authorization", "getAdminRole")}


def test_a_server_error_is_found_and_told_with_a_line_that_repeats_it(handlers):
    report = prove(
        handlers("""
@plant("getGroup")
def get(request, store):
    raise RuntimeError("planted")
"""),
        "getGroup",
        phase="examples",
    )

    told = "\n".join(describe(report))
    assert found(report) == {("not_a_server_error", "getGroup")}
    assert "RuntimeError: planted" in told
    assert f'-H "Authorization: Bearer $(mockserver token super-admin --contract {SHIPPED})"' in told
    assert " http://127.0.0.1:8080/api/v1/admin/groups/grp_" in told


def test_a_run_in_which_nothing_is_created_fails(handlers):
    report = prove(
        handlers("""
@plant("createAdminRole")
def create(request, store):
    raise Problem(409, "There is one already")
"""),
        "createAdminRole",
        phase="examples",
    )

    assert found(report) == set()
    assert not report.ok
    assert report.complaints == [
        "No create succeeded, so the run proves little: createAdminRole should have."
    ]


def test_what_was_not_asked_for_is_not_missed():
    plan = Plan(phases=("examples",), operations=("getGroup", "listGroups"))

    report = fuzz(Setup(contract=SHIPPED), plan, lambda _: None)

    assert report.ok
    assert {name for name, tally in report.tallies.items() if tally.requests} == {"getGroup", "listGroups"}


def test_what_is_excluded_is_no_failure_but_is_counted(handlers):
    report = prove(
        handlers("""
@plant("deleteAdminRole")
def delete(request, store):
    role = store["admin_roles"].remove(request.path["role_id"])
    store["users"].update(role["user_id"], {"deleted_at": request.now})
    return Response(None, 204)
"""),
        "createAdminRole",
        "deleteAdminRole",
        "listUserAdminRoles",
        phase="stateful",
    )

    (excluded,) = report.excluded
    assert found(report) == set()
    assert excluded.times > 0
    assert "cleanup_orphaned_user" in excluded.situation


def test_an_excluded_situation_is_the_only_one_that_is_excluded(handlers):
    missing = """
@plant("listUserAdminRoles")
def list_of_user(request, store):
    raise Problem(404, "User not found")
"""

    report = prove(handlers(missing), "createAdminRole", "listUserAdminRoles", phase="stateful")

    assert ("ensure_resource_availability", "createAdminRole") in found(report)


@pytest.mark.parametrize(
    ("exclusion", "message"),
    [
        pytest.param(
            "{operation: getGrup, check: use_after_free, reason: why}",
            'x-mock.fuzz.exclude, item 1: there is no operation "getGrup". Did you mean "getGroup"?',
            id="an operation that there is not",
        ),
        pytest.param(
            "{operation: getGroup, check: use_after_fre, reason: why}",
            'x-mock.fuzz.exclude, item 1: there is no check "use_after_fre". Did you mean "use_after_free"?',
            id="a check that there is not",
        ),
        pytest.param(
            "{operation: getGroup, check: use_after_free}",
            "x-mock.fuzz.exclude, item 1: there is no reason; say why the check is wrong here.",
            id="no reason",
        ),
        pytest.param(
            "{check: use_after_free, reason: why}",
            "x-mock.fuzz.exclude, item 1: there is no operation; say of which",
            id="no operation",
        ),
        pytest.param(
            "{operation: getGroup, reason: why}",
            "x-mock.fuzz.exclude, item 1: there is no check; say of which",
            id="no check",
        ),
        pytest.param(
            "{operation: getGroup, check: use_after_free, after: [getGroup], reason: why}",
            "x-mock.fuzz.exclude, item 1: after is ['getGroup'], and should be text.",
            id="a list of operations before it",
        ),
    ],
)
def test_an_exclusion_has_to_say_what_it_excludes_and_why(tmp_path, exclusion, message):
    text = SHIPPED.read_text(encoding="utf-8")
    start, end = text.index("  fuzz:\n    exclude:\n"), text.index("\npaths:\n")
    contract = tmp_path / "openapi.yaml"
    contract.write_text(f"{text[:start]}  fuzz: {{exclude: [{exclusion}]}}\n{text[end:]}")
    setup = Setup(contract=contract, fixtures=ROOT / "fixtures")

    with pytest.raises(MockServerError, match=re.escape(message)):
        fuzz(setup, SHORT, lambda _: None)


NOTES = """
openapi: 3.1.0
info: {title: Notes, version: "1"}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}}
security: [key: []]
paths:
  /notes/{note_id}:
    get:
      operationId: getNote
      parameters: [{name: note_id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: A note, content: {application/json: {schema: {type: string}, example: EXAMPLE}}}
        "401": {description: Who are you}
"""


BROKEN = """
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles


@handles("getNote")
def get_note(request, store):
    return Response(123)
"""


@pytest.mark.parametrize(
    ("handler", "exit_code", "last_line"),
    [
        pytest.param("", 0, "No failure.", id="a sound one succeeds"),
        pytest.param(BROKEN, 1, "Failures: ", id="one whose handler breaks the contract fails"),
    ],
)
def test_any_contract_can_be_proved_from_the_command_line(tmp_path, handler, exit_code, last_line):
    contract, report = tmp_path / "notes.yaml", tmp_path / "report.json"
    contract.write_text(NOTES.replace("EXAMPLE", "buy milk"))
    (tmp_path / "handlers.py").write_text(handler)

    ran = CliRunner().invoke(command, [str(contract), "--max-examples", "3", "--report", str(report)])

    assert ran.exit_code == exit_code, ran.output
    assert ran.output.splitlines()[-1].startswith(last_line)
    assert json.loads(report.read_text())["ok"] is (exit_code == 0)


def test_a_key_that_cannot_be_verified_is_excluded_with_its_reason(tmp_path):
    contract = tmp_path / "notes.yaml"
    contract.write_text(NOTES.replace("EXAMPLE", "buy milk"))

    report = fuzz(Setup(contract=contract), Plan(max_examples=3), lambda _: None)

    (excluded,) = report.excluded
    assert excluded.times > 0
    assert "the mock takes any that is present" in excluded.situation


def test_an_operation_that_there_is_not_is_refused_with_the_nearest():
    with pytest.raises(MockServerError, match=r'has no operation "getGrup"\. Did you mean'):
        fuzz(Setup(contract=SHIPPED), Plan(operations=("getGrup",)), lambda _: None)


def test_the_peer_may_not_see_all_that_the_persona_sees():
    plan = Plan(max_examples=1, persona="service-writer", phases=("examples",), operations=("getAdminRole",))

    report = fuzz(Setup(contract=SHIPPED), plan, lambda _: None)

    assert report.callers == ["service-writer", "group-manager"]


@pytest.mark.parametrize("place", ["query", "cookie"])
def test_a_peer_is_found_where_a_key_is_asked_for_beside_the_token(tmp_path, place):
    text = SHIPPED.read_text(encoding="utf-8")
    key = f"    key: {{type: apiKey, in: {place}, name: key}}\n"
    for old, new in (
        ("  - bearerAuth: []\n", "  - {bearerAuth: [], key: []}\n"),
        ("securitySchemes:\n", key),
    ):
        assert old in text
        text = text.replace(old, new if new != key else old + key)
    contract = tmp_path / "openapi.yaml"
    contract.write_text(text)
    plan = Plan(max_examples=1, phases=("examples",), operations=("getAdminRole",))

    report = fuzz(Setup(contract=contract, fixtures=ROOT / "fixtures"), plan, lambda _: None)

    assert report.callers == ["super-admin", "group-manager"]


@pytest.mark.parametrize("persona", ["super-admin", None])
def test_nobody_is_their_own_peer(persona):
    plan = Plan(max_examples=1, phases=("examples",), persona=persona, peer="super-admin")

    with pytest.raises(MockServerError, match="--peer super-admin: that is who calls already"):
        fuzz(Setup(contract=SHIPPED), plan, lambda _: None)


def test_a_persona_may_be_called_like_the_one_who_is_made_up(tmp_path):
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "personas.yaml").write_text("somebody: {claims: {sub: usr_1}}\n")
    (tmp_path / "notes.yaml").write_text(
        NOTES.replace("EXAMPLE", "buy milk").replace(
            "apiKey, in: header, name: X-Key", "http, scheme: bearer"
        )
    )
    (tmp_path / "handlers.py").write_text(BROKEN)

    report = fuzz(Setup(contract=tmp_path / "notes.yaml"), Plan(phases=("coverage",)), lambda _: None)

    assert "$(mockserver token somebody" in report.findings[0].repeat


def test_where_everybody_else_sees_as_much_there_is_no_peer(tmp_path):
    fixtures = tmp_path / "fixtures"
    shutil.copytree(ROOT / "fixtures", fixtures)
    personas = (fixtures / "personas.yaml").read_text()
    (fixtures / "personas.yaml").write_text(personas[: personas.index("partner-admin:")])

    plan = Plan(max_examples=1, phases=("examples",), operations=("getAdminRole",))
    report = fuzz(Setup(contract=SHIPPED, fixtures=fixtures), plan, lambda _: None)

    assert report.callers == ["super-admin"]
    assert "object_level_authorization had no peer: nobody else is let in and may see less" in describe(
        report
    )


def test_one_operation_that_leads_to_no_other_is_proved_in_words():
    report = fuzz(Setup(contract=SHIPPED), Plan(max_examples=2, operations=("getGroup",)), lambda _: None)

    assert report.ok
    assert report.notes == [
        "The stateful phase had nothing to do: no answer of these operations leads to another of them."
    ]


def test_several_workers_send_and_find_what_one_does(handlers):
    planted = handlers("""
@plant("getGroup")
def get(request, store):
    raise RuntimeError("planted")
""")
    setup = Setup(contract=SHIPPED, handlers=planted)
    plan = Plan(max_examples=2, phases=("nobody", "journeys"))
    lines: list[list[str]] = [[], []]

    one, two = [
        fuzz(setup, replace(plan, workers=workers), told.append)
        for workers, told in zip((1, 2), lines, strict=True)
    ]

    assert one.digest == two.digest
    assert [each.as_json() for each in one.findings] == [each.as_json() for each in two.findings]
    assert found(two) == {("not_a_server_error", "getGroup")}
    assert {name: tally.as_json() for name, tally in one.tallies.items()} == {
        name: tally.as_json() for name, tally in two.tallies.items()
    }
    assert [each.split()[0] for each in "".join(lines[1]).splitlines()[3:]] == ["nobody", "journeys"]


# What ends a run from within, once: whichever process of it comes to this first.
ENDING = """
import multiprocessing
import os
import signal
from pathlib import Path

FLAG = Path(__file__).with_name("flag")

@plant("listGroups")
def list_groups(request, store):
    parent = multiprocessing.parent_process()
    if parent is not None and not FLAG.exists():
        FLAG.touch()
        os.kill(PROCESS, signal.SIGNAL)
    return real("listGroups")[0](request, store)
"""


@pytest.mark.parametrize(
    ("process", "name", "said"),
    [
        pytest.param("parent.pid", "SIGINT", "Interrupted; failures so far: 0", id="by Ctrl-C"),
        pytest.param("os.getpid()", "SIGKILL", "was ended from outside", id="by the end of a worker"),
    ],
)
def test_a_run_in_several_processes_that_is_ended_says_so(tmp_path, handlers, process, name, said):
    planted = handlers(ENDING.replace("PROCESS", process).replace("SIGNAL", name))
    report = tmp_path / "report.json"
    # Who started this may have told it to ignore Ctrl-C.
    line = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    line += "from mockserver.cli import main; main()"
    phases = ["--phases", "journeys,fuzzing", "--workers", "2", "--max-examples", "5"]
    arguments = ["fuzz", str(SHIPPED), "--handlers", planted, *phases, "--report", str(report)]

    ran = subprocess.run(
        [sys.executable, "-c", line, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 2, ran.stderr
    assert said in " ".join(ran.stdout.split())
    written = json.loads(report.read_text())
    assert written["interrupted"] is True
    assert written["title"] == "ScaiLabs administration API"
    assert written["target"] == str(SHIPPED)
    assert written["callers"][0] == "super-admin"


def test_what_a_mock_logs_is_no_failure(handlers):
    report = prove(
        handlers("""
import sys

@plant("getGroup")
def get(request, store):
    print("getGroup was called", "x" * 100_000, file=sys.stderr)
    return real("getGroup")[0](request, store)
"""),
        "getGroup",
        phase="examples",
    )

    assert report.ok
    assert report.tracebacks == ""


def test_a_traceback_of_the_mock_fails_the_run_whatever_was_answered(handlers):
    report = prove(
        handlers("""
import sys, traceback

@plant("getGroup")
def get(request, store):
    try:
        raise LookupError("after all")
    except LookupError:
        traceback.print_exc(file=sys.stderr)
    return real("getGroup")[0](request, store)
"""),
        "getGroup",
        phase="examples",
    )

    told = "\n".join(describe(report))
    assert not report.findings
    assert not report.ok
    assert "LookupError: after all" in told
    assert "No failure." not in told


@pytest.mark.parametrize("option", ["persona", "peer"])
def test_where_there_are_no_personas_none_can_be_named(tmp_path, option):
    (tmp_path / "notes.yaml").write_text(NOTES)

    with pytest.raises(MockServerError, match=f"--{option} somebody: there are no personas; without it"):
        fuzz(Setup(contract=tmp_path / "notes.yaml"), Plan(**{option: "somebody"}), lambda _: None)


def test_a_run_that_is_interrupted_says_so_and_exits_with_2(tmp_path, capsys):
    def interrupt(text: str) -> None:
        if text == ".":
            raise KeyboardInterrupt

    plan = Plan(max_examples=2, phases=("nobody", "journeys"), operations=("listGroups",))
    report = fuzz(Setup(contract=SHIPPED), plan, interrupt)

    with pytest.raises(SystemExit) as ended:
        conclude(report, Files(None, None, None, tmp_path / "report.json"))
    assert ended.value.code == 2
    assert list(report.seconds) == ["nobody"]
    assert json.loads((tmp_path / "report.json").read_text())["interrupted"] is True
    assert "Interrupted; failures so far: 0" in capsys.readouterr().out


def test_a_failure_is_one_short_paragraph_with_the_line_that_repeats_it(handlers):
    report = prove(
        handlers("""
@plant("getGroup")
def get(request, store):
    response = real("getGroup")[0](request, store)
    response.body["data"]["member_count"] = "many"
    return response
"""),
        "getGroup",
        phase="examples",
        settings=Settings(responses="off"),
    )

    (finding,) = report.findings
    assert "\n" not in finding.what
    assert "data/member_count" in finding.what
    assert finding.difference == "200: type at data/member_count"
    assert finding.repeat.startswith("curl ")
    assert "\n" not in finding.repeat
