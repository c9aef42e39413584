"""Archives of requests, recorded here or elsewhere."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.prove.coverage.har import read_har
from tests.state.touching import LAMPS


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    path: Path = tmp_path_factory.mktemp("contract") / "lamps.yaml"
    path.write_text(LAMPS.replace("paths:", "servers: [{url: 'https://lamps.example/v1'}]\npaths:", 1))
    return load(path)


def exchange(method: str, url: str, status: int = 200, **parts: Any) -> dict[str, Any]:
    headers = [{"name": name, "value": value} for name, value in parts.get("headers", {}).items()]
    answer = {"mimeType": parts.get("media_type", "application/json"), **parts.get("content", {})}
    request = {"method": method, "url": url, "headers": headers}
    if "sent" in parts:
        request["postData"] = parts["sent"]
    return {"request": request, "response": {"status": status, "headers": [], "content": answer}}


def har(*exchanges: dict[str, Any]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "creator": {"name": "a browser"}, "entries": list(exchanges)}}


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://lamps.example/v1/lamps?limit=3", id="under the base path"),
        pytest.param("http://127.0.0.1:8080/lamps?limit=3", id="without a base path"),
        pytest.param(
            "http://127.0.0.1:8080/_mock/in/mine/v1/lamps?limit=3", id="in a sandbox that the path names"
        ),
    ],
)
def test_requests_are_matched_to_operations_by_their_paths(lamps, url):
    record = read_har(har(exchange("GET", url, media_type="text/csv; charset=utf-8")), lamps, "run.har")

    listed = record.operations["listLamps"]
    assert listed.statuses == {200: 1}
    assert listed.parameters == {"query limit"}
    assert listed.response_media_types == {"200 text/csv"}


def test_examples_are_found_by_their_values_on_both_sides(lamps):
    tall = json.dumps({"watts": 40, "name": "the tall one"})
    both = json.dumps([{"name": "the tall one", "watts": 40}, {"watts": 5, "name": "the small one"}])
    encoded = base64.b64encode(both.encode()).decode()

    record = read_har(
        har(
            exchange("POST", "http://x/lamps", 201, sent={"mimeType": "application/json", "text": tall}),
            exchange("GET", "http://x/lamps", content={"text": encoded, "encoding": "base64"}),
        ),
        lamps,
        "run.har",
    )

    assert record.operations["createLamp"].examples == {"request application/json tall"}
    assert record.operations["createLamp"].request_media_types == {"application/json"}
    assert record.operations["listLamps"].examples == {"200 application/json two"}


def test_other_requests_are_strays_but_for_those_that_steer_a_mock(lamps):
    record = read_har(
        har(
            exchange("GET", "https://elsewhere.example/favicon.ico", 404),
            exchange("PUT", "http://x/v1/lamps", 405),
            exchange("OPTIONS", "http://x/v1/lamps", 204),
            exchange("POST", "http://x/_mock/reset", 204),
            exchange("HEAD", "http://x/v1/lamps"),
            exchange("DELETE", "http://x/v1/lamps/7", 0),
        ),
        lamps,
        "run.har",
    )

    assert record.strays == ["GET /favicon.ico", "PUT /v1/lamps"]
    assert record.operations["listLamps"].statuses == {200: 1}
    assert record.operations["removeLamp"].requests == 1


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"log": {}}, id="no entries"),
        pytest.param({"log": {"entries": [{}]}}, id="an entry without a request"),
        pytest.param({"log": {"entries": "x"}}, id="entries of another type"),
        pytest.param(har(exchange("GET", "http://[", 200)), id="an address that is none"),
    ],
)
def test_what_is_no_archive_is_refused(lamps, data):
    with pytest.raises(MockServerError, match=r"run\.har: it is no HTTP archive"):
        read_har(data, lamps, "run.har")
