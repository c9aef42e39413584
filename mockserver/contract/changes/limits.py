"""Limits of values, by the keyword that states them: how they hold together, and what they allow."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

LOWER_LIMITS = ("minimum", "minLength", "minItems", "minProperties")
UPPER_LIMITS = ("maximum", "maxLength", "maxItems", "maxProperties")


def tightest(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Give the limits that hold where both do."""
    return {key: _tighter(key, one.get(key), other.get(key)) for key in {**one, **other}}


def of_integers(limits: Mapping[str, Any]) -> dict[str, Any]:
    """Give the same limits as integers have them: who is above 0, or at least 0.5, is at least 1."""
    found = dict(limits)
    for key, rounded, sign in (("minimum", math.ceil, 1), ("maximum", math.floor, -1)):
        if key in limits and is_finite(limits[key][0]):
            end, left_out = limits[key]
            whole = rounded(end)
            found[key] = (whole + sign if left_out and whole == end else whole, 0)
    if "multipleOf" in limits:
        found["multipleOf"] = _common_multiple(limits["multipleOf"], 1)
        if found["multipleOf"] == 1:
            del found["multipleOf"]
    return found


def keeps(limits: Mapping[str, Any], value: Any) -> bool:
    """Tell whether a value, of the kind that they are about, is within limits."""
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, (int, float)):
        lower, upper, step = (limits.get(key) for key in ("minimum", "maximum", "multipleOf"))
        return (
            (lower is None or (value, 0) >= lower)
            and (upper is None or (value, 0) <= upper)
            and (step is None or not is_finite(value) or is_multiple(value, step))
        )
    if limits.get("uniqueItems") and len({repr(each) for each in value}) < len(value):
        return False
    lowest = max((limits.get(key, 0) for key in LOWER_LIMITS), default=0)
    highest = min((limits.get(key, math.inf) for key in UPPER_LIMITS), default=math.inf)
    return bool(lowest <= len(value) <= highest)


def is_finite(number: float) -> bool:
    """Tell whether a number is no infinity; an integer may be one that no float can be."""
    return isinstance(number, int) or math.isfinite(number)


def is_multiple(value: float, step: float) -> bool:
    """Tell whether a number is a multiple of another, as they are written: 0.1 is no tenth, as a float."""
    return Fraction(str(value)) % Fraction(str(step)) == 0


def _tighter(key: str, one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    if key == "multipleOf":
        return _common_multiple(one, other)
    return min(one, other) if key in UPPER_LIMITS else max(one, other)


def _common_multiple(one: float, other: float) -> float:
    left, right = Fraction(str(one)), Fraction(str(other))
    found = Fraction(
        math.lcm(left.numerator * right.denominator, right.numerator * left.denominator),
        left.denominator * right.denominator,
    )
    return found.numerator if found.denominator == 1 else float(found)
