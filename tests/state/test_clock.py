"""The mock's time, and how times are read and written."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mockserver.state.clock import Clock, TimeRefused, normalise_time, read_length, read_time, write_time

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)


def test_a_clock_tells_the_machines_time():
    before = time.time()

    told = Clock().now()

    assert before - 0.001 <= told <= time.time() + 0.001


def test_a_clock_that_was_set_stands_still():
    clock = Clock(NOW)

    assert clock.now() == clock.now() == NOW.timestamp()
    assert clock.is_set
    assert not Clock().is_set


def test_every_tick_is_later_than_the_one_before():
    clock = Clock()

    ticks = [clock.tick() for _ in range(5000)]

    assert ticks == sorted(set(ticks))
    assert all(len(tick) == len("2026-05-01T09:00:00.000001Z") for tick in ticks)


def test_a_clock_that_was_set_moves_by_a_microsecond_with_each_tick():
    clock = Clock(NOW)

    assert [clock.tick(), clock.tick()] == ["2026-05-01T09:00:00.000001Z", "2026-05-01T09:00:00.000002Z"]
    assert clock.now() == pytest.approx(NOW.timestamp() + 2e-6, abs=1e-7)


def test_restarting_puts_a_clock_that_was_set_back_to_where_it_began():
    clock = Clock(NOW)
    first = clock.tick()
    clock.tick()

    clock.restart()

    assert clock.tick() == first


def test_restarting_leaves_the_machines_time_alone():
    clock = Clock()
    before = clock.tick()

    clock.restart()

    assert clock.tick() > before


def test_a_tick_carries_into_the_next_second():
    clock = Clock(datetime(2026, 12, 31, 23, 59, 59, 999_998, tzinfo=UTC))

    assert [clock.tick(), clock.tick()] == ["2026-12-31T23:59:59.999999Z", "2027-01-01T00:00:00.000000Z"]


def test_a_frozen_clock_stands_where_it_was_frozen():
    clock = Clock()

    clock.freeze(NOW)

    assert clock.is_frozen
    assert clock.now() == clock.now() == NOW.timestamp()
    assert clock.tick() == "2026-05-01T09:00:00.000001Z"


def test_a_clock_that_is_frozen_now_stands_at_its_own_present():
    clock = Clock()
    clock.set(NOW)

    clock.freeze()

    assert NOW.timestamp() <= clock.now() < NOW.timestamp() + 60
    assert clock.now() == clock.now()


def test_a_running_clock_goes_on_from_where_it_is_set():
    clock = Clock()
    clock.tick()

    clock.set(NOW)

    assert not clock.is_frozen
    assert NOW.timestamp() <= clock.now() < NOW.timestamp() + 60
    assert clock.offset == pytest.approx(NOW.timestamp() - time.time(), abs=60)
    assert clock.tick().startswith("2026-05-01T09:00:")


def test_a_frozen_clock_is_advanced_to_the_microsecond():
    clock = Clock(NOW)

    clock.advance(7200.000001)

    assert clock.is_frozen
    assert clock.tick() == "2026-05-01T11:00:00.000002Z"


def test_a_running_clock_is_advanced_and_goes_on():
    clock = Clock()

    clock.advance(3600)

    assert clock.offset == 3600
    assert not clock.is_frozen


def test_a_clock_that_runs_on_loses_no_time():
    clock = Clock(NOW)
    before = clock.tick()

    clock.run()

    assert not clock.is_frozen
    assert before < clock.tick() < "2026-05-01T09:01"


def test_restarting_takes_back_all_that_was_done_to_a_clock():
    clock = Clock()
    clock.set(datetime(2100, 1, 1, tzinfo=UTC))
    clock.tick()

    clock.restart()

    assert clock.offset == 0
    assert not clock.is_frozen
    assert clock.tick() < "2100"


@pytest.mark.parametrize("set_to", [NOW, None], ids=["a set clock", "the machine's time"])
def test_a_clock_tells_where_a_restart_leads(set_to):
    clock = Clock(set_to)
    clock.advance(3600)

    told = clock.first()
    clock.restart()

    assert clock.now() == pytest.approx(told, abs=1)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("90s", 90), ("+15m", 900), ("2h", 7200), ("3d", 259_200), ("1w", 604_800), (1.5, 1.5), (0, 0)],
)
def test_a_length_of_time_is_read(value, seconds):
    assert read_length(value) == seconds


@pytest.mark.parametrize("value", ["", "10", "-2h", "2 h", "2y", "1234567s", -1, True, None, 1e300, [1]])
def test_anything_else_is_no_length_of_time(value):
    assert read_length(value) is None


@pytest.mark.parametrize("year", [1, 1969, 9000, 9999])
def test_a_clock_is_not_set_to_years_that_cannot_be_counted_on_from(year):
    clock = Clock(NOW)

    with pytest.raises(TimeRefused):
        clock.set(datetime(year, 6, 1, tzinfo=UTC))

    assert clock.now() == NOW.timestamp()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("+0s", NOW),
        ("-90s", NOW - timedelta(seconds=90)),
        ("+15m", NOW + timedelta(minutes=15)),
        ("-2h", NOW - timedelta(hours=2)),
        ("+3d", NOW + timedelta(days=3)),
        ("+1w", NOW + timedelta(weeks=1)),
        ("2026-05-01T09:00:00Z", NOW),
        ("2026-05-01t11:00:00+02:00", NOW),
        ("2026-05-01 09:00:00.5z", NOW + timedelta(milliseconds=500)),
    ],
)
def test_a_time_is_read_from_text(text, moment):
    assert read_time(text, NOW) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "3d",
        "+3",
        "+3y",
        "+3.5d",
        "+ 3d",
        "+3d ",
        "+٣d",
        "+1234567d",
        "+999999w",
        "2026-05-01",
        "2026-05-01T09:00",
        "2026-05-01T09:00:00",
        "2026-02-30T09:00:00Z",
        "2026-05-01T25:00:00Z",
        "2026-05-01T09:00:60Z",
        "٢٠٢٦-05-01T09:00:00Z",
        "2026-05-01T09:00:00Z\n",
    ],
)
def test_anything_else_is_no_time(text):
    assert read_time(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("2026-05-01T09:00:00Z", "2026-05-01T09:00:00.000000Z"),
        ("2026-05-01T09:00:00.1Z", "2026-05-01T09:00:00.100000Z"),
        ("2026-05-01T09:00:00.1234567Z", "2026-05-01T09:00:00.123456Z"),
        ("2026-05-01t11:00:00+02:00", "2026-05-01T09:00:00.000000Z"),
        ("2026-05-01T00:30:00-23:59", "2026-05-02T00:29:00.000000Z"),
        ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00.000000Z"),
    ],
)
def test_a_time_is_normalised_to_utc_with_microseconds(text, normal):
    assert normalise_time(text) == normal
    assert normalise_time(normal) == normal


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-12-31T23:59:60Z",
        "2026-02-30T00:00:00Z",
        "tomorrow",
        "",
    ],
)
def test_what_cannot_be_said_in_utc_stays_as_it_came(text):
    assert normalise_time(text) == text


def test_times_sort_as_text():
    moments = [NOW + timedelta(microseconds=step) for step in (-(10**12), -1, 0, 1, 10**7, 10**13)]

    assert sorted(map(write_time, moments)) == list(map(write_time, moments))


def test_a_time_is_written_in_utc_wherever_it_was_told():
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert write_time(there) == "2026-05-01T09:00:00.000000Z"
