"""A contract answered from state, in process; an answer that breaks the contract is a 5xx."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from mockserver.contract.paths import PathTree
from mockserver.contract.resources.path_tree import steps_of
from mockserver.contract.resources.roles import Resources
from mockserver.serve.assembly import Setup
from mockserver.state.store import Store
from tests.conftest import Api, in_process

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@dataclass
class Answer:
    """What came back: a body that is JSON as its value, any other as its bytes, none as ``None``."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Served:
    """Gives the answers of one contract, which nobody has to sign in for."""

    def __init__(self, path: Path) -> None:
        self.api: Api = in_process(Setup(contract=path, auth="off", set_to=NOW))
        self.contract: Contract = self.api.mock.parts.contract
        self.resources: Resources = self.api.mock.parts.resources
        self.store: Store = self.api.mock.world.store
        self._paths = PathTree(self.contract.by_path)

    def get(self, url: str, **headers: str) -> Answer:
        return self.call("GET", url, None, headers)

    def post(self, url: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", url, body, headers)

    def put(self, url: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PUT", url, body, headers)

    def patch(self, url: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PATCH", url, body, headers)

    def delete(self, url: str, **headers: str) -> Answer:
        return self.call("DELETE", url, None, headers)

    def call(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
        base = self.contract.base_path
        path = url.removeprefix(base) if base else url
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        found = self._paths.match(path.partition("?")[0])
        assert found is not None, url
        # Two paths may differ in the name of a parameter only.
        alike = (
            each
            for each in self.contract.operations
            if each.method == method.lower() and steps_of(each.path)[0] == steps_of(found[0])[0]
        )
        declared = next(alike).request_body
        content: bytes | None = None
        if body is not None:
            names = (
                [sent["Content-Type"]]
                if "Content-Type" in sent
                else list(declared.content)
                if declared
                else []
            )
            sent["Content-Type"], content = _written(body, names)
        answer = self.api.request(method, base + path, headers=sent, content=content)
        return Answer(answer.status_code, _value_of(answer), answer.headers)


def serve(path: Path) -> Served:
    return Served(path)


def serve_text(text: str, folder: Path) -> Served:
    path = folder / "openapi.yaml"
    path.write_text(text, encoding="utf-8")
    return Served(path)


def serve_without_settings(path: Path, folder: Path) -> Served:
    """Serve a contract without what it says of its own mock."""
    document = {name: each for name, each in load(path).data.items() if name != "x-mock"}
    return serve_text(json.dumps(document), folder)


def query(**values: Any) -> str:
    return f"?{urlencode(values, doseq=True)}"


def _written(body: Any, declared: list[str]) -> tuple[str, bytes]:
    """Write a body in a media type that is declared: a patch if it is a list of operations, else as JSON."""
    patch = "application/json-patch+json"
    if patch in declared and isinstance(body, list):
        return patch, json.dumps(body).encode()
    name = next((each for each in declared if "json" in each and each != patch), "application/json")
    if not any("json" in each for each in declared) and FORM in declared:
        return FORM, urlencode({k: v for k, v in body.items() if isinstance(v, str | int)}).encode()
    return name, json.dumps(body).encode()


FORM = "application/x-www-form-urlencoded"


def _value_of(answer: httpx.Response) -> Any:
    if not answer.content:
        return None
    return answer.json() if "json" in answer.headers.get("Content-Type", "") else answer.content
