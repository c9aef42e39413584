"""A backend that answers tests/prove/tasks.yaml rightly, or with one deviation that it is told to have."""

import contextlib
import itertools
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mockserver.serve.sockets import listen, url_of

CONTRACT = Path(__file__).parent / "tasks.yaml"
TOKEN = "let-me-in"
STATES = ("open", "doing", "done")
FIELDS = ("title", "state", "priority", "notes")

# By name: what is wrong, and the operation in which a client sees it.
DEVIATIONS = {
    "a wrong status": "createTask",
    "a missing field": "getTask",
    "an extra required header": "createTask",
    "a wrong type": "listTasks",
    "an undeclared status": "replaceTask",
    "ignored authentication": "listTasks",
    "paging off by one": "listTasks",
    "a last page that is cut": "listTasks",
    "a deleted item that is still there": "deleteTask",
    "a created item that is not listed": "listTasks",
    "a wrong content type": "getTask",
    "a missing header": "createTask",
    "an extra property": "changeTask",
    "a date in another format": "getTask",
    "a value outside of the enum": "listTasks",
    "null where there may be none": "getTask",
    "success with an error in it": "getTask",
    "a server error on odd input": "createTask",
    "an invalid body that is accepted": "createTask",
    "a filter that is ignored": "listTasks",
    "a wrong order": "listTasks",
    "a replacement that keeps what was left out": "replaceTask",
    "a change that is not stored": "changeTask",
    "a wrong method that is no 405": "createTask",
    "an id that is used again": "createTask",
    "a wrong total": "listTasks",
    "a forgotten 404": "getTask",
    "a HEAD that fails": "listTasks",
    "two items made of one": "createTask",
    "a Location of another item": "createTask",
    "long texts that are cut": "createTask",
    "letters that are lost": "createTask",
    "a change that clears the rest": "changeTask",
    "a change of all items": "changeTask",
    "a change that cannot set null": "changeTask",
    "an answer from before the change": "changeTask",
    "a replacement of what is not there": "replaceTask",
    "a replacement that renews a time": "replaceTask",
    "a deletion of two": "deleteTask",
    "a total of the page": "listTasks",
    "a total of what no filter lets pass": "listTasks",
    "an order of each page by itself": "listTasks",
    "another default": "listTasks",
}

# By name: in what a backend may be unlike its mock though both keep the contract, and the operation.
CHOICES = {
    "the newest first": "listTasks",
    "problems with a code": "getTask",
    "deleting twice": "deleteTask",
    "titles in capitals": "createTask",
    "a second task with one title": "createTask",
    "texts without their ends": "createTask",
    "nothing in the place of an empty text": "createTask",
}


class Refusal(Exception):
    """What is answered as a problem."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.headers = status, headers or {}


class Backend:
    """
    The application; ``deviation`` is the one that it has, ``asked`` the methods that it was sent.

    ``place`` is where it looks for the token; ``refusal`` is what it answers whoever has another.
    """

    def __init__(self) -> None:
        self.reset("")

    def reset(self, deviation: str) -> None:
        self.deviation = deviation
        self.token, self.place, self.refusal = TOKEN, "header", 401
        self.asked: list[tuple[str, str]] = []
        self.numbers = itertools.count(1)
        self.tasks: dict[str, dict[str, Any]] = {}
        for title, state, priority in (
            ("Water the plants", "open", 3),
            ("Answer Ada", "doing", 1),
            ("Sweep the stairs", "done", 5),
            ("Buy screws", "open", 2),
            ("Oil the gate", "done", 4),
        ):
            self.store({"title": title, "state": state, "priority": priority})

    def store(self, given: dict[str, Any]) -> dict[str, Any]:
        number = next(self.numbers)
        if self.deviation == "an id that is used again":
            number = next(n for n in itertools.count(1) if f"tsk_{n}" not in self.tasks)
        task = {"id": f"tsk_{number}", "title": "", "state": "open", "priority": 1, "notes": None}
        task |= {name: given[name] for name in FIELDS if name in given}
        if self.deviation == "long texts that are cut":
            task["title"] = task["title"][:40]
        if self.deviation == "letters that are lost":
            task["title"] = task["title"].encode("ascii", "replace").decode()
        task["created_at"] = "2026-05-01T09:00:00Z"
        self.tasks[str(task["id"])] = task
        return task

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        self.asked.append((request.method, request.url.path))
        try:
            response = self.answer(request, body)
        except Refusal as refusal:
            problem = {"title": "Not so", "status": refusal.status, "detail": str(refusal)}
            if self.deviation == "problems with a code":
                problem["code"] = "T-1"
            response = self.json(problem, refusal.status, "application/problem+json", **refusal.headers)
        await response(scope, receive, send)

    def json(
        self, body: Any, status: int = 200, media_type: str = "application/json", **headers: str
    ) -> Response:
        named = {"X-Request-Id": "r-1", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return Response(json.dumps(body), status, named, media_type)

    def answer(self, request: Request, body: bytes) -> Response:
        path, method = request.url.path, request.method
        if path == "/v1/tasks":
            methods = {"GET": self.list, "HEAD": self.list, "POST": self.create}
        elif found := re.fullmatch(r"/v1/tasks/([^/]+)", path):
            request.state.task_id = found[1]
            methods = {
                "GET": self.read,
                "HEAD": self.read,
                "PUT": self.replace,
                "PATCH": self.change,
                "DELETE": self.delete,
            }
        else:
            raise Refusal(404, "There is nothing here")
        if method not in methods:
            if self.deviation == "a wrong method that is no 405":
                return self.json({}, 200)
            allowed = ", ".join(each for each in methods if each != "HEAD")
            if method == "OPTIONS":
                return self.json(None, 204, Allow=allowed)
            raise Refusal(405, f"Not {method}", {"Allow": allowed})
        is_open = self.deviation == "ignored authentication" and methods[method] == self.list
        if not self.is_known(request) and not is_open:
            raise Refusal(self.refusal, "Who are you?", {"WWW_Authenticate": "Bearer"})
        return methods[method](request, body)

    def is_known(self, request: Request) -> bool:
        given = {
            "header": request.headers.get("authorization", "").removeprefix("Bearer "),
            "query": request.query_params.get("key"),
            "cookie": request.cookies.get("key"),
        }
        return given[self.place] == self.token

    def list(self, request: Request, _body: bytes) -> Response:
        deviation, query = self.deviation, request.query_params
        if request.method == "HEAD" and deviation == "a HEAD that fails":
            return Response(None, 500)
        usual = 5 if deviation == "another default" else 20
        page, size = number_in(query, "page", 1, 1000), number_in(query, "per_page", usual, 50)
        state, sort = query.get("state"), query.get("sort")
        if "state" in query and state not in STATES:
            raise Refusal(422, "There is no such state")
        if "sort" in query and sort not in ("title", "-title", "priority", "-priority"):
            raise Refusal(422, "There is no such order")
        found = [*self.tasks.values()]
        if deviation == "a created item that is not listed":
            found = found[:5]
        if state is not None and deviation != "a filter that is ignored":
            found = [task for task in found if task["state"] == state]
        if sort is not None and deviation != "an order of each page by itself":
            is_descending = sort.startswith("-") != (deviation == "a wrong order")
            found.sort(key=lambda task: task[sort.removeprefix("-")], reverse=is_descending)
        elif deviation == "the newest first":
            found.reverse()
        start = (page - 1) * size
        if deviation == "paging off by one" and page > 1:
            start -= 1
        some = found[start : start + size]
        if sort is not None and deviation == "an order of each page by itself":
            some.sort(key=lambda task: task[sort.removeprefix("-")], reverse=sort.startswith("-"))
        if deviation == "a last page that is cut" and start + size >= len(found) and page > 1:
            some = some[:-1]
        total = len(found) + (deviation == "a wrong total")
        if deviation == "a total of the page":
            total = len(some)
        if deviation == "a total of what no filter lets pass":
            total = len(self.tasks)
        return self.json(
            {
                "items": [self.shown(each, "list") for each in some],
                "total": total,
                "page": page,
                "per_page": size,
            }
        )

    def shown(self, task: dict[str, Any], where: str) -> dict[str, Any]:
        shown, deviation = dict(task), self.deviation
        if where == "list" and deviation == "a wrong type":
            shown["priority"] = str(shown["priority"])
        if where == "list" and deviation == "a value outside of the enum":
            shown["state"] = shown["state"].upper()
        if where == "read" and deviation == "a missing field":
            del shown["priority"]
        if where == "read" and deviation == "a date in another format":
            shown["created_at"] = "05/01/2026 09:00"
        if where == "read" and deviation == "null where there may be none":
            shown["title"] = None
        if where == "change" and deviation == "an extra property":
            shown["internal"] = True
        return shown

    def create(self, request: Request, body: bytes) -> Response:
        if self.deviation == "an extra required header" and "x-tenant" not in request.headers:
            raise Refusal(422, "Which tenant?")
        given = self.given(request, body, ("title", "priority"))
        if self.deviation == "a server error on odd input" and len(given["title"]) == 60:
            return Response("Internal Server Error", 500)
        taken = {each["title"] for each in self.tasks.values()}
        if self.deviation == "a second task with one title" and given["title"] in taken:
            raise Refusal(409, "There is a task with this title")
        if self.deviation == "titles in capitals":
            given["title"] = given["title"].upper()
        if self.deviation == "texts without their ends":
            given = {name: each.strip() if isinstance(each, str) else each for name, each in given.items()}
        if self.deviation == "nothing in the place of an empty text" and given.get("notes") == "":
            given["notes"] = None
        if self.deviation == "two items made of one":
            self.store(given)
        task = self.store(given)
        headers = {"Location": f"/v1/tasks/{task['id']}"}
        if self.deviation == "a Location of another item":
            headers = {"Location": "/v1/tasks/tsk_1"}
        if self.deviation == "a Location in capitals":
            headers = {"Location": f"/v1/tasks/{task['id'].upper()}"}
        if self.deviation == "a Location by another name":
            headers = {"Location": f"tasks/{task['id'].replace('tsk_', 'tsk_0')}"}
        if self.deviation == "a missing header":
            headers = {}
        return self.json(task, 200 if self.deviation == "a wrong status" else 201, **headers)

    def task(self, request: Request) -> dict[str, Any]:
        task_id = request.state.task_id
        if self.deviation == "a Location by another name":
            task_id = re.sub("^tsk_0+", "tsk_", task_id)
        if not re.fullmatch(r"tsk_[0-9]{1,9}", task_id):
            raise Refusal(422, "That is no id")
        if task_id not in self.tasks:
            raise Refusal(404, "There is no such task")
        return self.tasks[task_id]

    def read(self, request: Request, _body: bytes) -> Response:
        try:
            task = self.task(request)
        except Refusal as refusal:
            if refusal.status == 404 and self.deviation == "success with an error in it":
                return self.json({"error": "There is no such task"})
            if refusal.status == 404 and self.deviation == "a forgotten 404":
                return self.json({**next(iter(self.tasks.values())), "id": request.state.task_id})
            raise
        media_type = "text/html" if self.deviation == "a wrong content type" else "application/json"
        return self.json(self.shown(task, "read"), media_type=media_type)

    def replace(self, request: Request, body: bytes) -> Response:
        given, task_id = self.given(request, body, ("title", "priority")), request.state.task_id
        if self.deviation == "a replacement of what is not there" and task_id not in self.tasks:
            self.tasks[task_id] = {**self.store(given), "id": task_id}
        task = self.task(request)
        if self.deviation == "a replacement that renews a time":
            task["created_at"] = "2030-01-01T00:00:00Z"
        if self.deviation != "a replacement that keeps what was left out":
            task |= {"state": "open", "notes": None}
        task |= given
        return self.json(task, 202 if self.deviation == "an undeclared status" else 200)

    def change(self, request: Request, body: bytes) -> Response:
        task, given = self.task(request), self.given(request, body, ())
        if not given:
            raise Refusal(422, "Nothing is to be changed")
        if self.deviation == "a change that clears the rest":
            task |= {"state": "open", "notes": None, "priority": 1}
        if self.deviation == "a change that cannot set null":
            given = {name: each for name, each in given.items() if each is not None}
        if self.deviation == "a change of all items":
            for each in self.tasks.values():
                each |= given
        if self.deviation == "an answer from before the change":
            answer = self.json(task)
            task |= given
            return answer
        changed = {**task, **given}
        if self.deviation != "a change that is not stored":
            task |= given
        return self.json(self.shown(changed, "change"))

    def delete(self, request: Request, _body: bytes) -> Response:
        if self.deviation == "deleting twice" and request.state.task_id not in self.tasks:
            return Response(None, 204, {"X-Request-Id": "r-1"})
        task = self.task(request)
        if self.deviation != "a deleted item that is still there":
            del self.tasks[task["id"]]
        if self.deviation == "a deletion of two" and self.tasks:
            del self.tasks[next(iter(self.tasks))]
        return Response(None, 204, {"X-Request-Id": "r-1"})

    def given(self, request: Request, body: bytes, required: tuple[str, ...]) -> dict[str, Any]:
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise Refusal(415, "That is no JSON")
        try:
            given = json.loads(body)
        except ValueError as error:
            raise Refusal(422, "That cannot be read") from error
        if not isinstance(given, dict) or not set(required) <= given.keys() <= set(FIELDS):
            raise Refusal(422, "That is no task")
        is_lenient = self.deviation == "an invalid body that is accepted"
        for name, value in given.items():
            if not is_good(name, value) and not (is_lenient and name == "notes"):
                raise Refusal(422, f"{name} is wrong")
        return {name: int(value) if name == "priority" else value for name, value in given.items()}


def is_good(name: str, value: Any) -> bool:
    if name == "priority":
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and value == int(value) and 1 <= value <= 5
    if name == "state":
        return value in STATES
    if name == "notes":
        return value is None or (isinstance(value, str) and len(value) <= 200)
    return isinstance(value, str) and 1 <= len(value) <= 60


def number_in(query: Any, name: str, default: int, most: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,6}", text) or not 1 <= int(text) <= most:
        raise Refusal(422, f"{name} is wrong")
    return int(text)


@contextlib.contextmanager
def serving(backend: Backend, certificate: Path | None = None, key: Path | None = None) -> Iterator[str]:
    """Serve a backend on a free port in a thread; gives where the paths of its contract begin."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        backend, log_level="critical", lifespan="off", ssl_certfile=certificate, ssl_keyfile=key
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        url = f"{url_of(listener)}/v1"
        yield url.replace("http:", "https:") if certificate is not None else url
    finally:
        server.should_exit = True
        thread.join(10)
