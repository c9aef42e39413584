"""Documents that others wrote keep what they promise, or what they leave out is said in words."""

from pathlib import Path

import pytest

from mockserver.prove.fuzz import Plan, fuzz
from mockserver.prove.told import describe
from mockserver.serve.assembly import Setup
from tests.conftest import ROOT

CONTRACTS = ROOT.parent / "shared" / "contracts"
PUBLISHED = [
    "OAI__learn.openapis.org__petstore-expanded.yaml",
    "OAI__learn.openapis.org__petstore-separate/spec/swagger.yaml",
    "OAI__learn.openapis.org__petstore.yaml",
    "Redocly__museum-openapi-example__openapi.yaml",
    "bump-sh-examples__train-travel-api__openapi.yaml",
    "readmeio__oas-examples__3.0-yaml-schema-circular.yaml",
    "readmeio__oas-examples__3.1-yaml-schema-types.yaml",
    "readmeio__oas-examples__discriminators.yaml",
    "readmeio__oas-examples__parameters-style.yaml",
    "stoplightio__prism__petstore.no-auth.circular.oas3.yaml",
    "swagger-api__swagger-petstore__openapi.yaml",
]
OURS = ["campsites.json", "warehouse.yaml", "tasks-fastapi.json"]
DOCUMENTS = [CONTRACTS / name for name in PUBLISHED]
DOCUMENTS += [ROOT / "tests" / "real" / "documents" / name for name in OURS]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_keeps_what_it_promises(document: Path):
    if not document.exists():
        pytest.skip(f"there is no {document}")

    report = fuzz(Setup(contract=document), Plan(max_examples=3), lambda _: None)

    assert report.requests > 0
    assert not report.findings, "\n".join(describe(report))
