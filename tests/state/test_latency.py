"""How long answers take on purpose."""

import pytest

from mockserver.state.latency import LONGEST, pace


@pytest.mark.parametrize(
    ("size", "wanted", "expected"),
    [(1000, 10, 10), (0, 1, 1), (36_000_000, 1, 10_000), (36_000_000, 20_000, 20_000)],
)
def test_a_slow_body_takes_no_longer_than_the_longest_delay(size, wanted, expected):
    assert pace(size, wanted) == expected
    assert size / pace(size, wanted) <= LONGEST / 1000
