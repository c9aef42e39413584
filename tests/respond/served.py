"""A contract answered from state, in process: requests are decoded, answers are held against the contract."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from mockserver.contract.document import load
from mockserver.contract.operation import Contract
from mockserver.contract.parameters import ParameterDecoder
from mockserver.contract.paths import PathTree
from mockserver.contract.resources import find_resources
from mockserver.contract.roles import Resources
from mockserver.respond.exchange import Request, Response
from mockserver.respond.problems import Problem
from mockserver.respond.responder import Responder
from mockserver.respond.stateful import Stateful
from mockserver.state.beginning import key_fields, start_content
from mockserver.state.collection import ItemExists, ItemNotFound
from mockserver.state.store import Store


@dataclass
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]


class BrokenRequest(Exception):
    """A request that the server would refuse before any handler sees it."""


class Served:
    """Gives the answers of one contract; every success is checked against its schema before it is given."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.resources: Resources = find_resources(contract)
        self.store = Store.open(key_fields(self.resources))
        self.store.load(start_content(contract, self.resources))
        self._stateful = Stateful(contract, self.resources)
        self._paths = PathTree(contract.by_path)
        self._count = 0
        self._handlers: dict[str, Any] = {}
        self._decoders: dict[str, ParameterDecoder] = {}

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
        path, _, query = url.removeprefix(self.contract.base_path).partition("?")
        found = self._paths.match(path)
        assert found is not None, url
        operation = self.contract.by_path[found[0]][method]
        if operation.operation_id not in self._decoders:
            self._decoders[operation.operation_id] = ParameterDecoder(
                operation.parameters, self.contract.schemas, self.contract.data
            )
            otherwise = Responder(self.contract, operation, 0)
            self._handlers[operation.operation_id] = self._stateful.handler(operation, otherwise)
        lines = [(n.replace("_", "-").lower().encode(), v.encode()) for n, v in headers.items()]
        decoded = self._decoders[operation.operation_id].decode(found[1], query.encode(), lines)
        if decoded.violations:
            raise BrokenRequest(decoded.violations)
        self._count += 1
        now = f"2026-11-22T08:{self._count // 60 % 60:02}:{self._count % 60:02}.000000Z"
        request = Request(
            operation, decoded.path, decoded.query, decoded.headers, {}, body, {}, now, "req_1",
            self.contract.base_path,
        )  # fmt: skip
        handler = self._handlers[operation.operation_id]
        assert handler is not None, f"{operation.operation_id} has no role"
        try:
            with self.store.transaction():
                response = handler(request, self.store)
                self._check(operation, response)
        except Problem as problem:
            return Answer(problem.status, problem.detail, problem.headers)
        except ItemNotFound as error:
            if str(error.id) not in map(str, request.path.values()):
                raise  # as the server does
            return Answer(404, str(error), {})
        except ItemExists as error:
            return Answer(409, str(error), {})
        return Answer(response.status, response.body, response.headers)

    def _check(self, operation: Any, response: Response) -> None:
        declared = operation.response(response.status)
        assert declared is not None, (operation.operation_id, response.status)
        content = [each for each in declared.content.values() if each.pointer is not None]
        if not content or isinstance(response.body, bytes):
            assert response.body is None or declared.content
            return
        named = [each for each in content if each.name == response.media_type]
        schema = self.contract.schemas.at((named or content)[0].pointer, "response")
        assert not schema.violations(response.body), (
            operation.operation_id,
            schema.violations(response.body),
        )
        sent = {name.lower(): value for name, value in response.headers.items()}
        for name, header in declared.headers.items():
            if name in sent and header.pointer is not None:
                found = self.contract.schemas.at(header.pointer, "response")
                value = sent[name]
                assert found.is_valid(value) or (value.isdecimal() and found.is_valid(int(value))), (
                    name,
                    value,
                )


def serve(path: Path) -> Served:
    return Served(load(path))


def serve_text(text: str, folder: Path) -> Served:
    path = folder / "openapi.yaml"
    path.write_text(text, encoding="utf-8")
    return serve(path)


def without_settings(contract: Contract) -> Contract:
    """Give a contract without what it says of its own mock."""
    return replace(contract, data={name: each for name, each in contract.data.items() if name != "x-mock"})


def query(**values: Any) -> str:
    return f"?{urlencode(values, doseq=True)}"
