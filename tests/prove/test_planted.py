"""The fuzz run finds bugs that are planted in handlers, each in the operation that has it."""

from pathlib import Path

import pytest

from mockserver.prove.fuzz import Plan, fuzz
from mockserver.prove.report import Report
from mockserver.prove.told import describe
from mockserver.serve.assembly import Setup
from mockserver.state.settings import Settings
from tests.prove.backend import CONTRACT

BEGINNING = """
from mockserver.respond.exchange import Response
from mockserver.respond.marks import handles
from mockserver.respond.problems import Problem

NEW = {"state": "open", "notes": None, "created_at": "2026-05-01T09:00:00Z"}


def answer(task, status=200):
    headers = {"X-Request-Id": "r-1"}
    if status == 201:
        headers["Location"] = f"/v1/tasks/{task['id']}"
    return Response(task, status, headers)


"""

CREATE = """
def made(request, store, **changes):
    number = 1000 + int(store.new_id("n").encode().hex(), 16) % 10**8
    return store["tasks"].insert({"id": f"tsk_{number}", **NEW, **request.body, **changes})


"""

# By bug: the handler that has it, the rules that let it through, the phases that show it, and where.
PLANTED = {
    "a wrong type": (
        """
@handles("getTask")
def get(request, store):
    task = store["tasks"].get(request.path["task_id"])
    return answer({**task, "priority": str(task["priority"])})
""",
        Settings(responses="off"),
        "examples,coverage,journeys",
        "getTask",
    ),
    "a forgotten 404": (
        """
@handles("getTask")
def get(request, store):
    found = store["tasks"].find(lambda task: task["id"] == request.path["task_id"])
    blank = {"id": request.path["task_id"], "title": "none", "priority": 1, **NEW}
    return answer(found[0] if found else blank)
""",
        Settings(),
        "journeys",
        "getTask",
    ),
    "a deleted item that is still listed": (
        """
gone = []

@handles("deleteTask")
def delete(request, store):
    task = store["tasks"].get(request.path["task_id"])
    gone.append({**NEW, **{name: task[name] for name in ("id", "title", "priority")}})
    store["tasks"].remove(task["id"])
    return Response(None, 204, {"X-Request-Id": "r-1"})

@handles("listTasks")
def tasks(request, store):
    items = [*({**NEW, **task} for task in store["tasks"].find()), *gone]
    return answer({"items": items, "total": len(items), "page": 1, "per_page": 50})
""",
        Settings(),
        "journeys",
        "deleteTask",
    ),
    "an id that is used again": (
        CREATE
        + """
@handles("createTask")
def create(request, store):
    taken = {task["id"] for task in store["tasks"].find()}
    number = next(n for n in range(1, 1000) if f"tsk_{n}" not in taken)
    return answer(store["tasks"].insert({"id": f"tsk_{number}", **NEW, **request.body}), 201)
""",
        Settings(),
        "journeys",
        "createTask",
    ),
    "an undeclared status": (
        """
@handles("deleteTask")
def delete(request, store):
    store["tasks"].remove(request.path["task_id"])
    return Response(None, 205, {"X-Request-Id": "r-1"})
""",
        Settings(),
        "examples,coverage,fuzzing",
        "deleteTask",
    ),
    "a missing header": (
        CREATE
        + """
@handles("createTask")
def create(request, store):
    return Response(made(request, store), 201, {"X-Request-Id": "r-1"})
""",
        Settings(),
        "coverage",
        "createTask",
    ),
    "a server error on odd input": (
        CREATE
        + """
@handles("createTask")
def create(request, store):
    title = request.body["title"]
    return answer(made(request, store, title=title if title[59:] == "" else title[60]), 201)
""",
        Settings(),
        "coverage",
        "createTask",
    ),
    "what is made is not stored": (
        CREATE
        + """
@handles("createTask")
def create(request, store):
    task = made(request, store)
    store["tasks"].remove(task["id"])
    return answer(task, 201)
""",
        Settings(),
        "journeys",
        "createTask",
    ),
    "an invalid body that is accepted": (
        CREATE
        + """
@handles("createTask")
def create(request, store):
    body = request.body if isinstance(request.body, dict) else {}
    kept = {"title": "a task", "priority": 1}
    kept |= {name: each for name, each in body.items() if name == "title" and isinstance(each, str) and each}
    request = type(request)(**{**{n: getattr(request, n) for n in request.__slots__}, "body": kept})
    return answer(made(request, store), 201)
""",
        Settings(requests="off"),
        "coverage",
        "createTask",
    ),
    "a change that is forgotten": (
        """
@handles("changeTask")
def change(request, store):
    return answer({**store["tasks"].get(request.path["task_id"]), **request.body})
""",
        Settings(),
        "journeys",
        "changeTask",
    ),
}


def prove(
    folder: Path, handlers: str, phases: str, settings: Settings, *operations: str, **setup: str
) -> Report:
    written = folder / "planted.py"
    written.write_text(BEGINNING + handlers)
    served = Setup(contract=CONTRACT, handlers=str(written), settings=settings, **setup)
    plan = Plan(seed=1, max_examples=5, phases=tuple(phases.split(",")), operations=operations)
    return fuzz(served, plan, lambda _: None)


@pytest.mark.parametrize("bug", PLANTED)
def test_a_planted_bug_is_found_in_its_operation(tmp_path, bug):
    handlers, settings, phases, operation_id = PLANTED[bug]

    report = prove(tmp_path, handlers, phases, settings, *(() if "journeys" in phases else (operation_id,)))

    told = "\n".join(describe(report))
    assert operation_id in {finding.operation_id for finding in report.findings}, told
    assert not report.ok


def test_ignored_authentication_is_found_by_asking_as_nobody(tmp_path):
    report = prove(tmp_path, "", "nobody", Settings(), auth="off")

    found = {finding.operation_id for finding in report.findings if finding.check == "refuses_nobody"}
    assert found == {"listTasks", "createTask", "getTask", "replaceTask", "changeTask", "deleteTask"}


def test_without_a_bug_nothing_is_found(tmp_path):
    report = prove(tmp_path, "", "coverage,stateful,nobody,journeys", Settings())

    assert report.ok, "\n".join(describe(report))
