"""Numbers: within their limits, and of the size that their property's name suggests."""

import math
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from mockserver.contract.samples.chance import Chance
from mockserver.contract.samples.shape import DeadEnd, Shape
from mockserver.contract.samples.words import listed

_BIGGEST = 2**63 - 1
_GREATEST = 10**308

# By the last word that is known: from, to, and decimals of a number that may have some.
_RANGES = {
    **dict.fromkeys(("latitude", "lat"), (-60, 60, 4)),
    **dict.fromkeys(("longitude", "lng", "lon"), (-170, 170, 4)),
    **dict.fromkeys(("price", "amount", "cost", "fee", "subtotal", "tax", "balance", "sum"), (3, 240, 2)),
    **dict.fromkeys(("salary", "revenue", "budget"), (28_000, 90_000, 0)),
    **dict.fromkeys(("percent", "percentage", "progress"), (1, 99, 0)),
    **dict.fromkeys(("rate", "ratio", "probability", "confidence"), (0, 1, 2)),
    **dict.fromkeys(("score", "popularity"), (1, 99, 1)),
    **dict.fromkeys(("rating", "stars"), (1, 5, 1)),
    **dict.fromkeys(("quantity", "qty", "stock", "count", "total", "num"), (1, 40, 0)),
    **dict.fromkeys(("size", "bytes"), (1_000, 90_000, 0)),
    **dict.fromkeys(("page", "offset", "index", "position", "rank", "level", "order", "priority"), (1, 9, 0)),
    **dict.fromkeys(("limit", "per"), (10, 50, 0)),
    **dict.fromkeys(("age",), (19, 78, 0)),
    **dict.fromkeys(("year",), (1995, 2026, 0)),
    **dict.fromkeys(("month",), (1, 12, 0)),
    **dict.fromkeys(("day",), (1, 28, 0)),
    **dict.fromkeys(("hour", "hours"), (0, 23, 0)),
    **dict.fromkeys(("minute", "minutes", "second", "seconds"), (0, 59, 0)),
    **dict.fromkeys(("duration", "timeout", "ttl", "interval"), (10, 900, 0)),
    **dict.fromkeys(("ms", "milliseconds", "millis"), (90_000, 400_000, 0)),
    **dict.fromkeys(("width", "height"), (64, 1280, 0)),
    **dict.fromkeys(("length", "depth", "distance", "weight"), (1, 80, 1)),
    **dict.fromkeys(("temperature",), (-5, 32, 1)),
    **dict.fromkeys(("port",), (1024, 49_151, 0)),
    **dict.fromkeys(("id", "ref"), (1_000, 99_999, 0)),
    **dict.fromkeys(("number", "no"), (1, 60, 0)),
    **dict.fromkeys(("code",), (100, 999, 0)),
}
_TIMES = frozenset(
    listed("""
at created updated modified timestamp time date expires expiry expiration expire
""")
)
_CALENDAR = frozenset(listed("year day hour minute second latitude lat longitude lng lon"))
_USUAL = (1, 100, 2)
_MANY = 1_000_000
_NEAR = 200


def number(
    shape: Shape,
    whole: bool,
    words: Sequence[str],
    moment: datetime,
    chance: Chance,
    like: Any,
    *,
    is_any: bool = False,
) -> Any:
    """
    Give a number that fits a shape's limits; ``like`` is an example whose size it takes, if there is one;
    where ``is_any``, one number is as good as another.

    Raises:
        DeadEnd: there is none, or none of 64 bits.
    """
    low, high = _limits(shape)
    step = _step(shape, whole)
    first, last, decimals = _wanted(whole, words, moment, like)
    if not step and not whole:
        step = Fraction(1, 10**decimals)
        if low is not None and high is not None and high - low < step * 4:
            step = (high - low) / 4 if high > low else Fraction(1, 10**9)
    step = step or Fraction(1)
    lowest = math.ceil((low if low is not None else _smaller(first, high)) / step)
    largest = max(Fraction(last), lowest * step, Fraction(_MANY if is_any else last))
    highest = math.floor((high if high is not None else largest) / step)
    lowest += _excludes(shape, "exclusiveMinimum", lowest * step)
    highest -= _excludes(shape, "exclusiveMaximum", highest * step)
    if lowest > highest:
        raise DeadEnd("no number is within its limits")
    if is_any:
        first, last = min(first, 0), max(last, _MANY)
    near = max(lowest, math.ceil(first / step)), min(highest, math.floor(last / step))
    if near[0] > near[1]:
        near = (
            (lowest, min(highest, lowest + 100))
            if first * 1 < lowest * step
            else (max(lowest, highest - 100), highest)
        )
    found = _dividing(chance.between(*near), lowest, highest, step, shape.multiples) * step
    whole = whole or (found.denominator == 1 and not decimals)
    if abs(found) > (2 * _BIGGEST + 1 if whole else _GREATEST):
        raise DeadEnd("it has to be a number of more than 64 bits")
    return int(found) if whole else float(found)


def _limits(shape: Shape) -> tuple[Fraction | None, Fraction | None]:
    lows = [shape.limits[key] for key in ("minimum", "exclusiveMinimum") if key in shape.limits]
    highs = [shape.limits[key] for key in ("maximum", "exclusiveMaximum") if key in shape.limits]
    return (
        max((exactly(each) for each in lows), default=None),
        min((exactly(each) for each in highs), default=None),
    )


def _smaller(one: int, other: Fraction | None) -> Fraction:
    return Fraction(one) if other is None else min(Fraction(one), other)


def exactly(number: Any) -> Fraction:
    """Give a number as it is written: a tenth for 0.1."""
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def _step(shape: Shape, whole: bool) -> Fraction:
    steps = [abs(exactly(each)) for each in shape.multiples if each] + ([Fraction(1)] if whole else [])
    if not steps:
        return Fraction(0)
    common = steps[0]
    for each in steps[1:]:
        numerator = math.lcm(common.numerator * each.denominator, each.numerator * common.denominator)
        common = Fraction(numerator, common.denominator * each.denominator)
    return common


def _dividing(first: int, lowest: int, highest: int, step: Fraction, multiples: Sequence[Any]) -> int:
    """
    Give a count of steps, the first or one near it, whose number floats divide without a remainder.

    Many validators divide them: 18.81 is no multiple of 0.01 to these.
    """
    divisors = [each for each in multiples if isinstance(each, float) and each]
    if not divisors or abs(max(first * step, *map(exactly, divisors), key=abs)) > _BIGGEST:
        return first
    for distance in range(_NEAR):
        for count in (first + distance, first - distance):
            number = float(count * step)
            if lowest <= count <= highest and all((number / each).is_integer() for each in divisors):
                return count
    return first


def _excludes(shape: Shape, keyword: str, limit: Fraction) -> int:
    return int(keyword in shape.limits and exactly(shape.limits[keyword]) == limit)


def _wanted(whole: bool, words: Sequence[str], moment: datetime, like: Any) -> tuple[int, int, int]:
    if whole and _TIMES & set(words[-1:]):
        seconds = int(moment.timestamp())
        is_fine = (isinstance(like, int) and like > 10**11) or "ms" in words or "millis" in words
        return (seconds * 1000, seconds * 1000, 0) if is_fine else (seconds, seconds, 0)
    if words and words[-1] in _CALENDAR:
        return _RANGES[words[-1]] if not {"exp", "expiry", "expiration"} & set(words) else (2027, 2031, 0)
    if words and words[-1] == "id" and isinstance(like, int) and like < 1000:
        return _RANGES["id"]
    if isinstance(like, (int, float)) and not isinstance(like, bool) and 2 < abs(like) < 10**15:
        small, large = min(like * 0.6, like * 1.4), max(like * 0.6, like * 1.4)
        decimals = len(str(like).partition(".")[2]) if isinstance(like, float) and abs(like) > 1e-3 else 0
        return math.floor(small), math.ceil(large), min(decimals, 4)
    known = [word for word in words if word in _RANGES]
    if known:
        # "id" and "count" at the end say more than what they count.
        return _RANGES[words[-1]] if words[-1] in _RANGES else _RANGES[known[-1]]
    return (1, 100, 0) if whole else _USUAL
