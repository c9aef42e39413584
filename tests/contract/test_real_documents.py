"""
Documents that others wrote, as they publish them: served, or refused in words.

They lie beside the project, in ``../shared/contracts``; without them there is nothing to test here.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from mockserver.contract.loading.document import load
from mockserver.errors import MockServerError
from mockserver.serve.assembly import Setup
from mockserver.state.settings import Settings
from tests.conftest import ROOT, Api, in_process

CONTRACTS = ROOT.parent / "shared" / "contracts"
DOCUMENTS = sorted(
    path for path in CONTRACTS.glob("**/*") if path.suffix in (".json", ".yaml", ".yml") and path.is_file()
)

pytestmark = pytest.mark.skipif(not DOCUMENTS, reason=f"there is no {CONTRACTS}")


@cache
def refusal(path: Path) -> str | None:
    """Give the words in which a document is refused; ``None`` for one that is read."""
    try:
        load(path)
    except MockServerError as error:
        return str(error)
    return None


READ = [path for path in DOCUMENTS if refusal(path) is None]
REFUSED = [path for path in DOCUMENTS if refusal(path) is not None]


def name_of(path: Path) -> str:
    return path.name


@pytest.fixture(scope="module")
def open_to_all() -> Iterator[Callable[[Path], Api]]:
    """Give a function that serves a document to anybody; each is put together once."""
    with ExitStack() as stack:
        yield cache(lambda path: stack.enter_context(in_process(Setup(contract=path, auth="off"))))


def every_operation(api: Api, **options):
    """Call every operation; gives each with the answer."""
    contract = api.mock.parts.contract
    for operation in contract.operations:
        path = contract.base_path + re.sub(r"\{[^}]+\}", "1", operation.path)
        yield operation, api.request(operation.method.upper(), path, **options)


def test_every_document_is_read_and_only_parts_of_others_are_refused():
    assert len(READ) >= 18
    assert REFUSED
    assert all("openapi: the version is missing" in (refusal(path) or "") for path in REFUSED)


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_every_operation_is_found_and_answers_without_an_error_of_ours(open_to_all, path):
    answers = list(every_operation(open_to_all(path)))

    assert answers
    for operation, answer in answers:
        assert answer.status_code < 500 or answer.status_code == 501, (operation.operation_id, answer.text)
        assert "The contract has no path" not in answer.text, operation.operation_id
        assert "Allow" not in answer.headers, (operation.operation_id, "405")


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_every_operation_answers_even_if_nobody_looks_at_requests(path):
    with in_process(Setup(contract=path, auth="off", settings=Settings(requests="off"))) as api:
        answers = list(every_operation(api))

    assert answers
    for operation, answer in answers:
        # What is not there is a 404 whether that is declared or not; some declare no answer at all.
        declared = operation.response(answer.status_code) is not None or not operation.responses
        assert declared or answer.status_code in (404, 422, 501), (operation.operation_id, answer.text)


def test_some_documents_ask_for_credentials_and_some_for_bodies(open_to_all):
    contracts = [open_to_all(path).mock.parts.contract for path in READ]

    assert sum(any(each.security for each in contract.operations) for contract in contracts) >= len(READ) / 3
    assert (
        sum(any(each.request_body for each in contract.operations) for contract in contracts) >= len(READ) / 3
    )


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_an_operation_that_asks_for_credentials_is_refused_without_them(path):
    with in_process(Setup(contract=path)) as api:
        answers = list(every_operation(api))
        schemes = api.mock.parts.contract.security_schemes

    assert answers
    for operation, answer in answers:
        asks = operation.security and all(
            requirement and requirement.keys() <= schemes.keys() for requirement in operation.security
        )
        assert (answer.status_code == 401) == bool(asks), (operation.operation_id, answer.text)


@pytest.mark.parametrize("path", READ, ids=name_of)
def test_rubbish_for_a_body_makes_no_error_of_ours(open_to_all, path):
    rubbish = {"headers": {"Content-Type": "application/json"}, "content": b'{"a": [1e999, "\xff'}

    answers = list(every_operation(open_to_all(path), **rubbish))

    assert answers
    for operation, answer in answers:
        assert answer.status_code < 500 or answer.status_code == 501, (operation.operation_id, answer.text)


@pytest.mark.parametrize("path", REFUSED, ids=name_of)
def test_a_document_that_cannot_be_served_is_refused_with_file_and_line(path):
    told = refusal(path)

    assert told
    for line in told.splitlines():
        assert re.fullmatch(rf"{re.escape(path.name)}:[1-9]\d*  \S.*: .+\.", line), line


@pytest.mark.parametrize("path", REFUSED, ids=name_of)
def test_a_refusal_names_lines_that_the_document_has(path):
    lines = len(path.read_bytes().splitlines())

    found = {int(line) for line in re.findall(r":(\d+)  ", refusal(path) or "")}

    assert max(found) <= lines
