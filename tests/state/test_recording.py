"""What is recorded follows the contract when that is read anew."""

import json
from pathlib import Path
from typing import Any

from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from mockserver.contract.resources.finding import find_resources
from mockserver.state.recording import Exchange, Recording

LISTED = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]


def things(folder: Path, **stored: Any) -> Contract:
    """Load a contract that stores things by one schema, and shows less of them."""
    shown = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    content = {"application/json": {"schema": {"type": "array", "items": shown}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "x-mock": {"collections": {"things": "Stored"}},
        "paths": {
            "/things": {
                "get": {
                    "operationId": "listThings",
                    "responses": {"200": {"description": "All", "content": content}},
                }
            }
        },
        "components": {"schemas": {"Stored": {"type": "object", **stored}}},
    }
    file = folder / "openapi.json"
    file.write_text(json.dumps(document))
    return load(file)


def listing(contract: Contract) -> Exchange:
    operation = contract.by_id["listThings"]
    return Exchange(operation, "GET", "/things", {}, [], None, 200, "application/json", LISTED)


def test_what_did_not_fit_is_written_when_the_contract_was_mended(tmp_path):
    recording = Recording(tmp_path / "set")
    refusing = things(tmp_path, required=["secret"])
    recording.bind(refusing, find_resources(refusing))
    recording.take(listing(refusing))
    recording.write()
    refused = (dict(recording.left_out), dict(recording.counts()))

    mended = things(tmp_path)
    recording.bind(mended, find_resources(mended))
    recording.write()

    assert refused == ({"things": 2}, {"things": 0})
    assert (recording.left_out, recording.counts()) == ({"things": 0}, {"things": 2})
    assert json.loads((tmp_path / "set" / "things.json").read_text()) == LISTED


def test_what_was_recorded_before_a_reload_is_there_after_it(tmp_path):
    recording = Recording(tmp_path / "set")
    contract = things(tmp_path)
    for _ in range(2):
        recording.bind(contract, find_resources(contract))
        recording.take(listing(contract))
    recording.write()

    assert recording.counts() == {"things": 2}
    assert json.loads((tmp_path / "set" / "things.json").read_text()) == LISTED
