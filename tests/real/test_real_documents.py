"""
Documents of others, served by the real program: every operation answers as its document promises.

What judges shares nothing with the program (``judging.py``). The large documents are tried by hand with
``table.py``; those that others published lie beside the project, in ``../shared/contracts``.
"""

from functools import cache
from pathlib import Path

import pytest

from tests.real.reading import Document
from tests.real.serving import NotServed
from tests.real.table import CONTRACTS, DOCUMENTS, Row, documents_in, name_of, try_out

LARGE = 200_000  # bytes

PUBLISHED = [path for path in documents_in(CONTRACTS) if path.stat().st_size < LARGE]
OWN = [path for path in documents_in(DOCUMENTS) if Document(path).operations]


@cache
def tried(path: Path) -> Row | str:
    """Try a document out, once for all tests; gives what the program said if it does not serve it."""
    try:
        return try_out(path)
    except NotServed as refusal:
        return str(refusal)


@pytest.fixture
def row(path: Path) -> Row:
    found = tried(path)
    assert isinstance(found, Row), found
    return found


@pytest.mark.parametrize("path", [*PUBLISHED, *OWN], ids=name_of)
def test_every_operation_answers_at_least_once_as_its_document_promises(row: Row):
    silent = [
        f"{each.operation}: {each.why()}" for each in row.outcomes if not each.answered and not each.excused
    ]
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize("path", [*PUBLISHED, *OWN], ids=name_of)
def test_no_answer_breaks_its_document(row: Row):
    wrong = [f"{each.operation}: {one}" for each in row.outcomes for one in each.invalid]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", [*PUBLISHED, *OWN], ids=name_of)
def test_routes_prints_it(row: Row):
    assert row.routes is None


def test_a_document_with_webhooks_only_is_served_or_refused_in_words():
    found = tried(DOCUMENTS / "webhooks-only.yaml")

    assert isinstance(found, Row) or (found.startswith("mockserver: ") and "Traceback" not in found), found


def test_there_are_documents_of_our_own():
    assert len(OWN) >= 10


@pytest.mark.skipif(not CONTRACTS.is_dir(), reason=f"there is no {CONTRACTS}")
def test_the_published_documents_are_found():
    assert len(PUBLISHED) >= 12
