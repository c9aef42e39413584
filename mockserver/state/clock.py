"""The mock's time: the machine's, or one that was set; and how times are written."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

_MICROSECONDS = 1_000_000
_LATEST = round(datetime(9000, 1, 1, tzinfo=UTC).timestamp() * _MICROSECONDS)
# Above all that can be written with a unit, so that nothing is refused in one way and taken in the other.
_LONGEST = 999_999 * 7 * 86_400
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_RELATIVE = re.compile(r"([+-])([0-9]{1,6})([smhdw])")
_LENGTH = re.compile(r"\+?([0-9]{1,6})([smhdw])")
_RFC_3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


class Clock:
    """
    Tells the time.

    A clock that stands still is moved by the microsecond that each ``tick`` adds: what is made later is also
    dated later, and a run can be repeated to the letter. One that runs goes as the machine's, some time
    ahead of it or behind. A clock that was ``set_to`` a time stands there at first, and after each restart.
    """

    def __init__(self, set_to: datetime | None = None) -> None:
        self._start = None if set_to is None else round(set_to.timestamp() * _MICROSECONDS)
        self._last = self._start or 0
        self._is_frozen = set_to is not None
        self._ahead = 0
        self._second = -1
        self._second_text = ""

    @property
    def is_set(self) -> bool:
        """Whether the clock stands at first."""
        return self._start is not None

    @property
    def is_frozen(self) -> bool:
        return self._is_frozen

    @property
    def offset(self) -> float:
        """How many seconds the clock is ahead of the machine's."""
        ahead = self._last - _machine_time() if self._is_frozen else self._ahead
        return ahead / _MICROSECONDS

    def first(self) -> float:
        """Give the time that a restart leads to, in seconds since 1970."""
        return (_machine_time() if self._start is None else self._start) / _MICROSECONDS

    def now(self) -> float:
        """Give the time in seconds since 1970."""
        if self._is_frozen:
            return self._last / _MICROSECONDS
        return time.time() + self._ahead / _MICROSECONDS if self._ahead else time.time()

    def read(self) -> str:
        """Give the time as text, and move nothing."""
        return write_time(datetime.fromtimestamp(self.now(), UTC))

    def tick(self) -> str:
        """Give the time as text, later than every one given since the clock was last set."""
        found = self._last + 1 if self._is_frozen else _machine_time() + self._ahead
        self._last = found if found > self._last else self._last + 1
        second, microsecond = divmod(self._last, _MICROSECONDS)
        if second != self._second:
            self._second = second
            self._second_text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._second_text}.{microsecond:06d}Z"

    def freeze(self, at: datetime | None = None) -> None:
        """
        Let the time stand still: now, or at a time.

        Raises:
            TimeRefused: the clock cannot be set to that.
        """
        machine = _machine_time()
        self._set(self._present(machine) if at is None else round(at.timestamp() * _MICROSECONDS), machine)
        self._is_frozen = True

    def set(self, to: datetime) -> None:
        """
        Set the time. A clock that stands still stands there, one that runs goes on from there.

        Raises:
            TimeRefused: the clock cannot be set to that.
        """
        self._set(round(to.timestamp() * _MICROSECONDS), _machine_time())

    def advance(self, seconds: float) -> None:
        """
        Move the time on, whether it stands still or not.

        Raises:
            TimeRefused: the clock cannot be set to that.
        """
        machine = _machine_time()
        self._set(self._present(machine) + round(seconds * _MICROSECONDS), machine)

    def run(self) -> None:
        """Let the time go on from where it is."""
        machine = _machine_time()
        self._ahead = self._present(machine) - machine
        self._is_frozen = False

    def restart(self) -> None:
        """Let the clock be as it was at first: where it was set to, or the machine's."""
        self._is_frozen = self.is_set
        if self._ahead or self._start is not None:
            self._last = self._start or 0
        self._ahead = 0

    def _present(self, machine: int) -> int:
        return self._last if self._is_frozen else max(self._last, machine + self._ahead)

    def _set(self, to: int, machine: int) -> None:
        if not 0 <= to < _LATEST:  # what is made from it must not leave the years that can be written
            raise TimeRefused("The clock can be set to the years 1970 to 8999.")
        self._ahead = to - machine
        self._last = to


class TimeRefused(ValueError):
    """A time that the clock cannot be set to; the text says which it can."""


def _machine_time() -> int:
    return time.time_ns() // 1000


def write_time(moment: datetime) -> str:
    """Write a time as the mock does: ISO 8601, UTC, microseconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def normalise_time(text: str) -> str:
    """
    Write an RFC 3339 time in UTC, so that times sort as text.

    What cannot be said so is given back as it came: an offset that leads out of the years 1 to 9999, or a
    second 60.
    """
    found = _RFC_3339.fullmatch(text)
    if found is None:
        return text
    day, clock, fraction, offset = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{offset.upper()}")
        return write_time(moment)
    except (ValueError, OverflowError):
        return text


class Present(datetime):
    """A time that knows whether others were read that are relative to it: what was read may grow old then."""

    is_relied_on = False

    def rely(self) -> None:
        self.is_relied_on = True


def read_time(text: str, now: datetime) -> datetime | None:
    """Read ``now``, ``+3d``, ``-2h`` (units s, m, h, d, w) or an RFC 3339 time; ``None`` for all else."""
    relative = _RELATIVE.fullmatch(text)
    if isinstance(now, Present) and (relative or text == "now"):
        now.rely()
    if text == "now":
        return now
    try:
        if relative:
            sign, amount, unit = relative.groups()
            return now + timedelta(**{_UNITS[unit]: int(sign + amount)})
        if _RFC_3339.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except (ValueError, OverflowError):
        pass
    return None


def read_length(value: Any) -> float | None:
    """Read a length of time in seconds: ``10m``, ``+2h`` (units s, m, h, d, w) or a number from 0."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if 0 <= value <= _LONGEST else None
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    return timedelta(**{_UNITS[found[2]]: int(found[1])}).total_seconds() if found else None
