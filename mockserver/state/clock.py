"""The mock's time: the machine's, or one that was set; and how times are written."""

import re
import time
from datetime import UTC, datetime, timedelta

_MICROSECONDS = 1_000_000
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_RELATIVE = re.compile(r"([+-])([0-9]{1,6})([smhdw])")
_RFC_3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


class Clock:
    """
    Tells the time.

    A clock that was set stands still, but for the microsecond that each ``tick`` adds: what is
    made later is also dated later, and a run can be repeated to the letter.
    """

    def __init__(self, set_to: datetime | None = None) -> None:
        self._start = None if set_to is None else round(set_to.timestamp() * _MICROSECONDS)
        self._last = self._start or 0
        self._second = -1
        self._second_text = ""

    @property
    def is_set(self) -> bool:
        return self._start is not None

    def now(self) -> float:
        """Give the time in seconds since 1970."""
        return (self._last if self.is_set else time.time_ns() // 1000) / _MICROSECONDS

    def tick(self) -> str:
        """Give the time as text, later than every one given before."""
        found = self._last + 1 if self._start is not None else time.time_ns() // 1000
        self._last = found if found > self._last else self._last + 1
        second, microsecond = divmod(self._last, _MICROSECONDS)
        if second != self._second:
            self._second = second
            self._second_text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._second_text}.{microsecond:06d}Z"

    def restart(self) -> None:
        """Put a clock that was set back to where it began; the machine's own time goes on."""
        if self._start is not None:
            self._last = self._start


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


def read_time(text: str, now: datetime) -> datetime | None:
    """Read ``now``, ``+3d``, ``-2h`` (units s, m, h, d, w) or an RFC 3339 time; ``None`` for all else."""
    if text == "now":
        return now
    relative = _RELATIVE.fullmatch(text)
    try:
        if relative:
            sign, amount, unit = relative.groups()
            return now + timedelta(**{_UNITS[unit]: int(sign + amount)})
        if _RFC_3339.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except (ValueError, OverflowError):
        pass
    return None
