"""How long an answer is held back: always the same, evenly between two times, or log-normally."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

# An hour. What takes longer is never waited for, and a draw from a log-normal distribution has no end.
LONGEST = 3_600_000


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same milliseconds."""

    milliseconds: float

    def draw(self, _chance: float) -> float:
        return self.milliseconds

    def as_json(self) -> Any:
        return self.milliseconds


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any of the milliseconds between two, each as likely."""

    low: float
    high: float

    def draw(self, chance: float) -> float:
        return self.low + (self.high - self.low) * chance

    def as_json(self) -> Any:
        return {"uniform": {"min": self.low, "max": self.high}}


@dataclass(frozen=True, slots=True)
class LogNormal:
    """Milliseconds as real services take them: half of them under the median, some far above it."""

    median: float
    sigma: float

    def draw(self, chance: float) -> float:
        deviation = self.sigma * _NORMAL.inv_cdf(min(max(chance, _LEAST), 1 - _LEAST))
        return min(self.median * math.exp(min(deviation, _GREATEST)), LONGEST)

    def as_json(self) -> Any:
        return {"lognormal": {"median": self.median, "sigma": self.sigma}}


# ``draw`` gives milliseconds for a number from 0 up to, and without, 1.
Latency = Fixed | Uniform | LogNormal

_NORMAL = NormalDist()
_LEAST = 2.0**-53
_GREATEST = 100.0  # e to the power of it is more than anything that is waited for


def read_latency(data: Any) -> Latency | None:
    """Read milliseconds, or what a ``Latency`` is as JSON; ``None`` for all else."""
    if _is_time(data):
        return Fixed(data)
    if isinstance(data, dict) and len(data) == 1:
        [(kind, values)] = data.items()
        if kind == "uniform" and _are(values, "min", "max") and values["min"] <= values["max"]:
            return Uniform(values["min"], values["max"])
        if kind == "lognormal" and _are(values, "median", "sigma") and values["sigma"] <= _GREATEST:
            return LogNormal(values["median"], values["sigma"])
    return None


RIGHT = (
    f"a number of milliseconds up to {LONGEST}, or {{uniform: {{min: 100, max: 300}}}}, "
    "or {lognormal: {median: 120, sigma: 0.5}}"
)


def pace(size: int, bytes_per_second: int) -> int:
    """Give how many bytes of a body go out in a second: more than wanted where it would take too long."""
    return max(bytes_per_second, math.ceil(size * 1000 / LONGEST))


def _are(values: Any, *names: str) -> bool:
    return isinstance(values, dict) and values.keys() == set(names) and all(map(_is_time, values.values()))


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST
