"""Several contracts on one server: each under its base path, and what is the mock's own for all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.errors import MockServerError
from mockserver.serve.assembly import Mock, Setup, assemble
from mockserver.serve.reload import Current
from mockserver.serve.several import Several, refuse_clashes
from mockserver.state.sandboxes import SandboxLimits
from tests.conftest import Api, InProcess

CONTRACT = """
openapi: 3.1.0
info: {title: TITLE, version: '1'}
servers: [{url: BASE}]
paths: {/who: {get: {responses: {'200': {description: x, content: {application/json: {example: TITLE}}}}}}}
"""


def mock(folder: Path, title: str, base_path: str, **options: object) -> Mock:
    path = folder / f"{title}.yaml"
    path.write_text(CONTRACT.replace("TITLE", title).replace("BASE", base_path), encoding="utf-8")
    return assemble(Setup(contract=path, **options))


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    mocks = [mock(tmp_path, "root", "/"), mock(tmp_path, "a", "/a"), mock(tmp_path, "ab", "/a/b")]
    with Api(mocks[0], "http://mock.test", InProcess(Several([Current(each) for each in mocks]))) as client:
        yield client


def test_a_request_goes_to_the_mock_with_the_longest_base_path(api):
    answers = [api.get(f"{base_path}/who").json() for base_path in ("", "/a", "/a/b")]

    assert answers == ["root", "a", "ab"]


def test_a_base_path_ends_where_a_segment_ends(api):
    assert api.get("/ab/who").status_code == 404
    assert api.get("/a/c/who").status_code == 404


def test_the_mocks_own_paths_are_of_all(api):
    health = api.get("/_mock/health").json()

    assert health["contract"] == "root"
    assert [(each["contract"], each["base_path"]) for each in health["documents"]] == [
        ("root", ""),
        ("a", "/a"),
        ("ab", "/a/b"),
    ]
    assert api.get("/_mock/openapi.json").json()["info"]["title"] == "root"
    assert [api.get(each["openapi"]).json()["info"]["title"] for each in health["documents"]] == [
        "root",
        "a",
        "ab",
    ]
    assert api.get("/_mock/docs/").status_code == 200


def test_an_answer_of_the_mock_itself_has_one_request_id(api):
    assert len(api.get("/_mock/health").headers.get_list("X-Request-ID")) == 1
    assert len(api.get("/a/who").headers.get_list("X-Request-ID")) == 1


def test_a_mock_that_is_put_in_the_place_of_another_is_found(tmp_path):
    current = Current(mock(tmp_path, "old", "/a"))
    several = Several([current, Current(mock(tmp_path, "b", "/b"))])
    with Api(current.mock, "http://mock.test", InProcess(several)) as api:
        before = api.get("/a/who").json()

        current.mock = mock(tmp_path, "new", "/c")

        assert before == "old"
        assert api.get("/c/who").json() == "new"
        assert api.get("/_mock/health").json()["contract"] == "new"


def test_two_mocks_under_one_base_path_are_refused_until_one_has_a_prefix(tmp_path):
    first = mock(tmp_path, "first", "https://one.example/v1")

    with pytest.raises(MockServerError, match=r"both served under /v1; .* --prefix .*second\.yaml=/second\."):
        refuse_clashes([first, mock(tmp_path, "second", "/v1/")])

    refuse_clashes([first, mock(tmp_path, "second", "/v1/", prefix="/second")])


def sandbox(name: str) -> dict[str, str]:
    return {"Mock-Sandbox": name}


@pytest.fixture
def control(api: Api) -> str:
    """Give the control API of the second document."""
    return "/_mock/documents/2"


def test_a_problem_leads_to_its_entry_in_the_journal_of_its_document(api):
    api.get("/who")

    for path in ("/nowhere", "/a/nowhere", "/a/b/nowhere", "/_mock/in/mine/a/nowhere"):
        missing = api.get(path)
        link = missing.links["describedby"]["url"]
        entry = api.get(link).json()

        assert missing.json()["instance"] == link
        assert entry["target"] == path


def test_a_fault_is_of_one_document(api, control):
    api.post(f"{control}/faults", json={"status": 503})

    assert [api.get(f"{base_path}/who").status_code for base_path in ("", "/a", "/a/b")] == [200, 503, 200]
    assert api.get("/_mock/faults").json()["faults"] == []


def test_a_sandbox_is_made_and_deleted_for_all_documents(api, control):
    made = api.post("/_mock/sandboxes", json={"name": "mine", "seed": 7}).json()
    api.get("/a/who", headers=sandbox("mine"))
    in_other = api.get(f"{control}/sandboxes/mine").json()

    deleted = api.delete("/_mock/sandboxes/mine")

    assert (made["seed"], in_other["seed"], in_other["entries"]) == (7, 7, 1)
    assert deleted.status_code == 204
    assert [api.get(f"{at}/sandboxes/mine").status_code for at in ("/_mock", control)] == [404, 404]
    assert api.delete("/_mock/sandboxes/mine").status_code == 404


def test_a_sandbox_without_a_name_gets_one_that_no_document_had(api, control):
    first = api.post("/_mock/sandboxes", json={}).json()["name"]
    api.delete(f"/_mock/sandboxes/{first}")
    second = api.post("/_mock/sandboxes", json={}).json()["name"]
    of_other = api.post(f"{control}/sandboxes", json={}).json()["name"]
    api.get("/a/b/who", headers=sandbox("sandbox-4"))  # one that another document alone has

    assert [first, second, of_other] == ["sandbox-1", "sandbox-2", "sandbox-3"]
    assert api.post("/_mock/sandboxes", json={"name": "sandbox-4"}).status_code == 409
    assert api.post("/_mock/sandboxes", json={}).json()["name"] == "sandbox-5"


def test_a_sandbox_that_one_document_has_no_room_for_is_made_for_none(tmp_path):
    mocks = [mock(tmp_path, "a", "/a"), mock(tmp_path, "b", "/b", limits=SandboxLimits(count=0))]
    with Api(mocks[0], "http://mock.test", InProcess(Several([Current(each) for each in mocks]))) as api:
        refused = api.post("/_mock/sandboxes", json={"name": "mine"})

        assert refused.status_code == 507
        assert "mine" not in mocks[0].sandboxes


THINGS = """
openapi: 3.1.0
info: {title: TITLE, version: '1'}
x-mock: {fixtures: fixtures-TITLE, collections: {things: Thing}}
servers: [{url: /TITLE}]
paths: {/things: {get: {responses: {'200': {description: All}}}}}
components: {schemas: {Thing: {type: object}}}
"""


def test_a_reset_that_one_document_refuses_puts_back_nothing(tmp_path):
    mocks = []
    for title in ("a", "b", "c"):
        file = tmp_path / f"fixtures-{title}" / "demo" / "things.yaml"
        file.parent.mkdir(parents=True)
        file.write_text("- {id: one}\n")
        (tmp_path / f"{title}.yaml").write_text(THINGS.replace("TITLE", title))
        mocks.append(assemble(Setup(contract=tmp_path / f"{title}.yaml")))
    with Api(mocks[0], "http://mock.test", InProcess(Several([Current(each) for each in mocks]))) as api:
        for each in mocks:
            each.world.store["things"].remove("one")
        mocks[2].sandboxes.sets.first.forget()
        file.write_text("no list")

        refused = api.post("/_mock/reset")
        left = [len(each.world.store["things"]) for each in mocks]
        file.write_text("- {id: one}\n")
        done = api.post("/_mock/reset")

        assert (refused.status_code, left) == (409, [0, 0, 0])
        assert done.status_code == 204
        assert [len(each.world.store["things"]) for each in mocks] == [1, 1, 1]


def test_a_reset_makes_no_sandbox(api, control):
    api.get("/who", headers=sandbox("mine"))

    api.post("/_mock/reset", headers=sandbox("mine"))

    assert api.get(f"{control}/sandboxes/mine").status_code == 404
