"""Patches are applied as their standards have it."""

import pytest

from mockserver.respond.problems import Problem
from mockserver.respond.stateful.changing import apply_patch, merge


@pytest.mark.parametrize(
    ("value", "patch", "merged"),
    [
        # Source: RFC 7396, appendix A.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_is_merged(value, patch, merged):
    assert merge(value, patch) == merged


@pytest.mark.parametrize(
    ("operation", "patched"),
    [
        ({"op": "add", "path": "/list/1", "value": "x"}, {"list": ["a", "x", "b"], "n": 1}),
        ({"op": "add", "path": "/list/-", "value": "x"}, {"list": ["a", "b", "x"], "n": 1}),
        ({"op": "add", "path": "/m~1n", "value": 2}, {"list": ["a", "b"], "n": 1, "m/n": 2}),
        ({"op": "remove", "path": "/list/0"}, {"list": ["b"], "n": 1}),
        ({"op": "replace", "path": "/n", "value": 5}, {"list": ["a", "b"], "n": 5}),
        ({"op": "replace", "path": "", "value": {}}, {}),
        ({"op": "move", "from": "/n", "path": "/m"}, {"list": ["a", "b"], "m": 1}),
        ({"op": "copy", "from": "/list/0", "path": "/n"}, {"list": ["a", "b"], "n": "a"}),
        ({"op": "test", "path": "/n", "value": 1}, {"list": ["a", "b"], "n": 1}),
    ],
)
def test_a_json_patch_is_applied_to_a_copy(operation, patched):
    value = {"list": ["a", "b"], "n": 1}

    assert apply_patch(value, [operation]) == patched
    assert value == {"list": ["a", "b"], "n": 1}


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ({"op": "test", "path": "/n", "value": 2}, 409),
        ({"op": "remove", "path": "/nothing"}, 422),
        ({"op": "add", "path": "/list/9", "value": 1}, 422),
        ({"op": "add", "path": "/list/01x", "value": 1}, 422),
        ({"op": "add", "path": "n", "value": 1}, 422),
        ({"op": "grow", "path": "/n"}, 422),
        ({"path": "/n"}, 422),
        ({}, 422),
        ({"op": "add", "path": "/n/deep", "value": 1}, 422),
    ],
)
def test_a_json_patch_that_does_not_apply_is_refused(operation, status):
    with pytest.raises(Problem) as refused:
        apply_patch({"list": ["a"], "n": 1}, [operation])

    assert refused.value.status == status


@pytest.mark.parametrize(
    "operations",
    [
        pytest.param([{"op": "copy", "from": "", "path": f"/a{n}"} for n in range(18)], id="twice as large"),
        pytest.param([{"op": "copy", "from": "", "path": "/a"}] * 400, id="a level deeper each time"),
        pytest.param(
            [{"op": "add", "path": "/a" * n, "value": {}} for n in range(1, 400)], id="added far inside"
        ),
        pytest.param(
            [{"op": "add", "path": "/text", "value": "x" * 100_000}]
            + [{"op": "copy", "from": "/text", "path": f"/a{n}"} for n in range(100)],
            id="a long text again and again",
        ),
    ],
)
def test_a_json_patch_that_makes_too_much_is_refused(operations):
    with pytest.raises(Problem) as refused:
        apply_patch({"n": 1}, operations)

    assert refused.value.status == 422


def test_a_json_patch_may_copy_what_is_small():
    operations = [{"op": "copy", "from": "/list", "path": f"/{n}"} for n in range(100)]

    assert len(apply_patch({"list": ["a", "b"]}, operations)) == 101
