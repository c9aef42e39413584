"""Which of the declared media types a client gets. Source: RFC 9110, sections 12.4.2 and 12.5.1."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mockserver.contract.media.media_types import is_json, is_range, parameters, sent_as

_QUALITY = re.compile(r"(0(\.[0-9]{0,3})?|1(\.0{0,3})?)")
# An Accept header of a browser has some eight ranges; more than this nobody means.
_MOST = 100


def negotiate(accept: str | None, declared: Sequence[str]) -> str | None:
    """
    Give the declared media type that a client likes best; ``None`` where it takes none of them.

    Without an Accept header, or with one that says nothing, it is the first declared. Of those a client likes
    equally, the one it names more closely comes first; where a wildcard asks, JSON does; then the order of
    the contract decides. Where the contract declares a range, such as ``image/*``, a type within it is
    given. Parameters are given as they are declared; ``charset`` is never a reason to refuse.
    """
    ranges = _ranges(accept or "")
    if not ranges:
        return sent_as(declared[0]) if declared else None
    best: str | None = None
    best_rank: tuple[float, int, bool] = (0.0, 0, False)
    for name in declared:
        offered = _Range.of(name)
        found = max(
            (each for each in ranges if each.takes(offered)), key=lambda each: each.closeness, default=None
        )
        if found is None or found.quality == 0:
            continue
        concrete = _concrete(name, found)
        rank = (found.quality, found.closeness, found.subtype == "*" and is_json(concrete))
        if best is None or rank > best_rank:
            best, best_rank = concrete, rank
    return best


@dataclass(frozen=True, slots=True)
class _Range:
    type: str
    subtype: str
    parameters: Mapping[str, str]
    quality: float = 1.0

    @classmethod
    def of(cls, name: str) -> "_Range":
        whole, _, _ = name.partition(";")
        kind, _, subtype = whole.strip().lower().partition("/")
        found = parameters(name)
        quality = found.pop("q", "1")
        found.pop("charset", None)
        return cls(kind, subtype or "*", found, float(quality) if _QUALITY.fullmatch(quality) else 1.0)

    @property
    def closeness(self) -> int:
        if self.type == "*":
            return 0
        return 1 if self.subtype == "*" else 2 + len(self.parameters)

    def takes(self, offered: "_Range") -> bool:
        """Tell whether a declared type, or some type of a declared range, is within this one."""
        if self.type != "*" and offered.type != "*" and self.type != offered.type:
            return False
        if self.subtype != "*" and offered.subtype != "*" and self.subtype != offered.subtype:
            return False
        return all(offered.parameters.get(name, value) == value for name, value in self.parameters.items())


def _ranges(accept: str) -> list[_Range]:
    written = [each.strip() for each in accept.split(",")][:_MOST]
    return [_Range.of(each) for each in written if each.split(";")[0].strip()]


def _concrete(name: str, asked: _Range) -> str:
    """Give a type that can be sent: the one that was asked for, where the contract declares a range."""
    if not is_range(name) or "*" in (asked.type, asked.subtype):
        return sent_as(name)
    return f"{asked.type}/{asked.subtype}"
