"""Ids that are never given again, in copies that share them."""

import pytest

from mockserver.state.reserved import Reserved


@pytest.mark.parametrize("added", [3, 2000], ids=["a few", "enough to be shared"])
def test_copies_know_what_was_kept_before_and_not_what_is_kept_after(added):
    first = Reserved(["a", "b"])
    for number in range(added):
        first.add(f"n{number}")
    first.add("a")

    second = first.copy()
    first.add("first")
    second.add("second")

    known = {"a", "b", *(f"n{number}" for number in range(added))}
    assert sorted(first) == sorted(known | {"first"})
    assert sorted(second) == sorted(known | {"second"})
    assert "n1" in second
    assert "second" not in first
