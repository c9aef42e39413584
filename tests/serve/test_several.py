"""Several contracts on one server: each under its base path, and what is the mock's own for all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mockserver.errors import MockServerError
from mockserver.serve.assembly import Mock, Setup, assemble
from mockserver.serve.reload import Current
from mockserver.serve.several import Several, refuse_clashes
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
