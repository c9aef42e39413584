"""What formats allow: which of them refuse nothing, which contain others, and which exclude each other."""

from typing import Literal

Step = Literal["added", "removed", "widened", "narrowed", "replaced", "changed", "hint"]

# Formats of which each allows what those before it do.
_WIDTHS = (
    ("int8", "int16", "int32", "int64"),
    ("email", "idn-email"),
    ("hostname", "idn-hostname"),
    ("uri", "uri-reference", "iri-reference"),
    ("uri", "iri", "iri-reference"),
)
# No value is of two of these, but for those that contain others, and those below.
_APART = frozenset(
    ("date", "date-time", "time", "duration", "email", "idn-email", "ipv4", "ipv6", "uuid", "uri", "iri")
)
# "a::1" is the address of a machine, and of a thing by the scheme "a".
_BOTH = (frozenset(("ipv6", "uri")), frozenset(("ipv6", "iri")))
_REFUSING = _APART | {each for widths in _WIDTHS for each in widths}
_REFUSING |= {"byte", "float", "uri-template", "regex", "json-pointer", "relative-json-pointer"}
# They refuse numbers that hardly anybody sends.
_WIDE = frozenset(("int64", "float"))


def compare_formats(old: frozenset[str], new: frozenset[str]) -> Step | None:
    """Tell what became of the formats of a value: ``hint`` if they refused nothing, and refuse nothing."""
    if old == new:
        return None
    was, now = old & _REFUSING, new & _REFUSING
    if was == now:
        return "hint"
    if was < now:
        return "changed" if now - was <= _WIDE else "added"
    if was > now:
        return "removed"
    return _exchanged(was, now) if len(was) == len(now) == 1 else "changed"


def are_apart(old: frozenset[str], new: frozenset[str]) -> bool:
    """Tell whether no value is of both formats."""
    return any(
        one in _APART and other in _APART and one != other and _width(one, other) is None
        for one in old
        for other in new
        if frozenset((one, other)) not in _BOTH
    )


def _exchanged(was: frozenset[str], now: frozenset[str]) -> Step:
    step = _width(*was, *now)
    if step is not None:
        return "widened" if step > 0 else "narrowed"
    return "replaced" if are_apart(was, now) else "changed"


def _width(one: str, other: str) -> int | None:
    """Give how much wider a format is than another."""
    found = next((each for each in _WIDTHS if one in each and other in each), None)
    return found.index(other) - found.index(one) if found else None
