"""No operation of a real document gets a role that makes its answers invalid."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mockserver.contract.operation import Operation
from mockserver.contract.resources.answers import read_request
from mockserver.contract.resources.roles import Role
from mockserver.errors import MockServerError
from mockserver.state.keys import id_of, value_of
from tests.conftest import ROOT
from tests.respond.served import Served, serve

CONTRACTS = ROOT.parent / "shared" / "contracts"
DOCUMENTS = sorted(path for path in CONTRACTS.glob("*.*") if path.suffix in (".json", ".yaml", ".yml"))

pytestmark = pytest.mark.skipif(not DOCUMENTS, reason=f"there is no {CONTRACTS}")


@cache
def served_of(path: Path) -> Served | None:
    """Serve a document; ``None`` for one that is refused."""
    try:
        return serve(path)
    except MockServerError:
        return None


def url_of(served: Served, operation: Operation, role: Role) -> str:
    """Write a path of an operation to something that is there, where anything is."""
    collection = served.resources.collections[role.collection]
    item = next(iter(served.store[collection.name]), None)
    values: dict[str, Any] = {}
    for parent in role.parents:
        value = value_of(parent, item) if item is not None else None
        if value is None and parent.collection is not None:
            above = next(iter(served.store[parent.collection]), None)
            value = id_of(served.resources.collections[parent.collection], above) if above else None
        values[parent.parameter] = value
    if role.id_name is not None and role.id_place == "path" and item is not None:
        values[role.id_name] = id_of(collection, item)
    path = operation.path
    for parameter in operation.parameters:
        if parameter.location == "path":
            value = values.get(parameter.name)
            if value is None:
                value = sampled(served, parameter.pointer)
            path = path.replace(f"{{{parameter.name}}}", quote(str(value), safe=""))
    required = [p for p in operation.parameters if p.location == "query" and p.required]
    query = "&".join(f"{p.name}={quote(str(sampled(served, p.pointer)))}" for p in required)
    return f"{path}?{query}" if query else path


def sampled(served: Served, pointer: str | None) -> Any:
    return served.contract.samples.sample(pointer, "some", "request") if pointer is not None else "x"


def test_collections_are_found_in_most_documents():
    found = [served.resources.roles for path in DOCUMENTS if (served := served_of(path)) is not None]

    assert sum(map(bool, found)) >= 0.6 * len(DOCUMENTS)
    assert sum(map(len, found)) >= 50 * len(DOCUMENTS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_answer_from_state_is_valid(path):
    served = served_of(path)
    if served is None or not served.resources.roles:
        pytest.skip("it is refused, or has no collections")
    succeeded = []

    for operation in served.contract.operations:
        role = served.resources.roles.get(operation.operation_id)
        # What has headers that must be there is not called here.
        if role is None or any(
            p.required and p.location in ("header", "cookie") for p in operation.parameters
        ):
            continue
        request = read_request(served.contract.data, operation)
        body = sampled(served, request.pointer) if request is not None else None
        before = served.store.snapshot()
        answer = served.call(operation.method.upper(), url_of(served, operation, role), body, {})
        served.store.restore(before)
        if answer.status < 400:
            succeeded.append(operation.operation_id)
        assert answer.status < 500, (operation.operation_id, answer)

    assert succeeded
    assert len(succeeded) >= 0.7 * len(served.resources.roles)
