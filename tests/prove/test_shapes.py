"""What bodies are made of is told over many of them, by kinds and not by values."""

from typing import Any

import pytest

from mockserver.contract.loading.document import load
from mockserver.prove.compare.shapes import Ignored, Shapes, kind_of
from tests.prove.backend import CONTRACT

TASKS = load(CONTRACT)
TASK = "/components/schemas/Task"


def compared(ours: list[Any], theirs: list[Any], *ignored: str, pointer: str | None = TASK) -> list[str]:
    shapes = Shapes(TASKS, Ignored(ignored))
    for body in ours:
        shapes.add("getTask", 200, pointer, "mock", body)
    for body in theirs:
        shapes.add("getTask", 200, pointer, "backend", body)
    return [difference.kind for _, _, difference in shapes.differences()]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param("2026-05-01T09:00:00Z", "a time", id="a time"),
        pytest.param("2026-05-01 09:00:00.5+02:00", "a time", id="a time with a blank"),
        pytest.param("2026-13-01T09:00:00Z", "a text", id="no such month"),
        pytest.param("2026-05-01", "a date", id="a date"),
        pytest.param("tomorrow", "a text", id="a text"),
        pytest.param(True, "a boolean", id="no number"),
        pytest.param(1.5, "a number", id="a number"),
        pytest.param(None, "null", id="nothing"),
    ],
)
def test_a_value_is_of_one_kind(value, kind):
    assert kind_of(value) == kind


def test_a_name_may_have_dots():
    assert compared([{"a": {"b.c": 1}}], [{"a": {"b.c": "x"}}], pointer=None) == ["a.b.c: a number, a text"]


def test_other_values_of_the_same_kind_are_no_difference():
    assert not compared([{"title": "one", "notes": None}], [{"title": "two", "notes": "three"}])


def test_a_member_that_only_one_side_has_is_a_difference():
    assert compared([{"title": "x"}], [{"title": "x", "color": "red"}]) == ["color is only at the backend"]
    assert compared([{"title": "x", "priority": 1}], [{"title": "x"}]) == ["priority is only on the mock"]


def test_an_optional_member_counts_once_enough_was_seen():
    problem = "/components/schemas/Problem"
    ours = [{"title": f"{n}", "detail": "why"} for n in range(3)]
    theirs = [{"title": f"{n}"} for n in range(3)]

    assert compared(ours, theirs, pointer=problem) == ["detail is only on the mock"]
    assert not compared(ours[:2], theirs, pointer=problem)
    assert not compared(ours[:1] * 3, theirs, pointer=problem)


def test_what_some_have_and_some_have_not_is_no_difference():
    assert not compared([{"color": 1}, {}], [{}, {"title": "x"}])


def test_a_time_and_a_number_are_a_difference():
    found = compared([{"created_at": "2026-05-01T09:00:00Z"}], [{"created_at": 1777626000}])

    assert found == ["created_at: a time, a number"]


def test_nothing_is_told_of_what_stands_in_another_difference():
    assert compared([{}], [{"owner": {"name": "Ada"}}]) == ["owner is only at the backend"]


@pytest.mark.parametrize("pattern", ["rank", "items.*.rank", "*.rank"])
def test_what_is_ignored_is_left_out(pattern):
    ours, theirs = {"items": [{"rank": 1}]}, {"items": [{"rank": "first"}]}

    assert compared([ours], [theirs], pointer=None)
    assert not compared([ours], [theirs], pattern, pointer=None)
