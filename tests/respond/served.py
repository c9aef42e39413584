"""A contract answered from state, in process; an answer that breaks the contract is a 5xx."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx

from mockserver.contract.document import load
from mockserver.contract.operation import Contract
from mockserver.contract.roles import Resources
from mockserver.serve.assembly import Setup
from mockserver.state.store import Store
from tests.conftest import Api, in_process


@dataclass
class Answer:
    """What came back: a body that is JSON as its value, any other as its bytes, none as ``None``."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Served:
    """Gives the answers of one contract, which nobody has to sign in for."""

    def __init__(self, path: Path) -> None:
        self.api: Api = in_process(Setup(contract=path, auth="off"))
        self.contract: Contract = self.api.mock.parts.contract
        self.resources: Resources = self.api.mock.parts.resources
        self.store: Store = self.api.mock.world.store

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
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        base = self.contract.base_path
        address = url if url.startswith(f"{base}/") else base + url
        answer = self.api.request(method, address, headers=named, json=body)
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


def _value_of(answer: httpx.Response) -> Any:
    if not answer.content:
        return None
    return answer.json() if "json" in answer.headers.get("Content-Type", "") else answer.content
