"""Coverage files: they are added to, and what is none is refused."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockserver.errors import MockServerError
from mockserver.state.coverage_file import add_to_file, check_file, read_file, write_file
from mockserver.state.touched import Record, Touched


def run(status: int, parameter: str) -> Record:
    touched = Touched(
        {status: 2, 0: 1}, {parameter}, {"application/json"}, {f"{status} text/csv"}, {"request a b"}
    )
    return Record("Lamps", {"listLamps": touched}, 1, [f"GET /{parameter}"])


def test_two_runs_are_added_up_in_one_file(tmp_path):
    file = tmp_path / "coverage.json"

    add_to_file(file, run(200, "query limit"))
    add_to_file(file, run(404, "query tag"))

    both = read_file(file)
    assert both.contract == "Lamps"
    assert both.requests == 8
    assert both.elsewhere == 2
    assert both.strays == ["GET /query limit", "GET /query tag"]
    assert both.operations["listLamps"] == Touched(
        {200: 2, 404: 2, 0: 2},
        {"query limit", "query tag"},
        {"application/json"},
        {"200 text/csv", "404 text/csv"},
        {"request a b"},
    )


def test_runs_that_end_at_once_lose_nothing(tmp_path):
    file = tmp_path / "coverage.json"

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: add_to_file(file, run(200, "query limit")), range(40)))

    assert read_file(file).requests == 160


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("lamps: 3", "it is no coverage file", id="no JSON"),
        pytest.param("{}", "it is no coverage file", id="other JSON"),
        pytest.param('{"mockserver_coverage": 2}', "version 2; version 1 is read", id="a later version"),
        pytest.param('{"mockserver_coverage": 1}', "broken", id="less than it should have"),
        pytest.param(
            json.dumps(run(200, "a").as_json()).replace('["request a b"]', '"request"'),
            "broken",
            id="a wrong type",
        ),
    ],
)
def test_what_is_no_coverage_file_is_refused_and_stays(tmp_path, content, said):
    file = tmp_path / "coverage.json"
    file.write_text(content)

    for refuse in (check_file, read_file, lambda path: add_to_file(path, run(200, "a"))):
        with pytest.raises(MockServerError, match=said) as refused:
            refuse(file)

        assert str(file) in str(refused.value)
    assert file.read_text() == content


def test_a_file_that_cannot_be_made_is_refused_before_anything_is_lost(tmp_path):
    with pytest.raises(MockServerError, match="cannot be written"):
        check_file(tmp_path / "nowhere" / "coverage.json")

    check_file(tmp_path / "coverage.json")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def nearly_full_disk() -> Iterator[None]:
    """Let no file become longer than 100 bytes."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_loses_nothing_of_earlier_runs(tmp_path, request):
    file = tmp_path / "coverage.json"
    add_to_file(file, run(200, "query limit"))
    before = file.read_text()

    request.getfixturevalue("nearly_full_disk")
    for lose in (add_to_file, write_file):
        with pytest.raises(MockServerError, match="File too large"):
            lose(file, run(404, "query tag"))

    assert file.read_text() == before
    assert list(tmp_path.iterdir()) == [file]
