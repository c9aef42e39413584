"""Was it called: so many entries of a journal are like this, and if not, which were nearly."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError, nearest
from mockserver.state.journal_entry import Entry
from mockserver.state.matches import Match, read_match
from mockserver.state.parts import shown
from mockserver.state.personas import Personas

_FIELDS = ("match", "at_least", "at_most", "exactly")
_COUNTS = _FIELDS[1:]

# How many of the entries that were nearly meant are named, and how much of each that is unlike.
_NEAREST = 3
_DIFFERENCES = 10

# How many entries are named whose bodies were cut.
_CUT = 10


@dataclass(frozen=True, slots=True)
class Expectation:
    """How many entries should match; ``at_most`` of ``None`` is any number."""

    match: Match
    at_least: int = 1
    at_most: int | None = None

    def __str__(self) -> str:
        if self.at_most is None:
            return f"at least {self.at_least}"
        if self.at_least == self.at_most:
            return f"exactly {self.at_least}"
        return (
            f"at least {self.at_least}, at most {self.at_most}"
            if self.at_least
            else f"at most {self.at_most}"
        )


@dataclass(frozen=True, slots=True)
class Miss:
    """An entry that does not match, and all that is unlike, in words."""

    entry: int
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What came of an expectation: the entries that match, by their numbers.

    ``nearest`` are those that nearly did, the nearest first, where there were too few. ``unknown`` says why
    there may be more than those: it is empty where that changes nothing.
    """

    ok: bool
    expected: str
    entries: tuple[int, ...]
    nearest: tuple[Miss, ...] = ()
    unknown: str = ""

    @property
    def count(self) -> int:
        return len(self.entries)


def read_expectation(
    data: Any, contract: Contract, *, personas: Personas | None = None, now: float = 0.0
) -> Expectation:
    """
    Read what is expected from plain data: ``{match: {…}, at_least, at_most, exactly}``.

    Without any number it is one or more.

    Raises:
        MockServerError: something in it is unknown, or cannot be.
    """
    if not isinstance(data, Mapping):
        raise MockServerError(f"assertion: is {shown(data)}; it should be an object.")
    for name in map(str, data):
        if name not in _FIELDS:
            known = ", ".join(_FIELDS)
            raise MockServerError(
                f'assertion: "{name}" is unknown; known are {known}.{nearest(name, _FIELDS)}'
            )
    match = read_match(data.get("match") or {}, contract, personas=personas, now=now)
    counts = {name: _read_count(data[name], name) for name in _COUNTS if data.get(name) is not None}
    if "exactly" in counts:
        if len(counts) > 1:
            raise MockServerError("assertion: exactly is given, and so can neither at_least nor at_most be.")
        return Expectation(match, counts["exactly"], counts["exactly"])
    at_least, at_most = counts.get("at_least", 0 if counts else 1), counts.get("at_most")
    if at_most is not None and at_least > at_most:
        raise MockServerError(f"assertion: at_least is {at_least}, which is more than at_most, {at_most}.")
    return Expectation(match, at_least, at_most)


def check(entries: Iterable[Entry], expectation: Expectation, forgotten: int = 0) -> Outcome:
    """
    Hold an expectation against the entries of a journal, which has forgotten so many others.

    What is not known may have matched: no upper limit holds then, as it would by what is known.
    """
    matching, others, cut = [], [], []
    for entry in entries:
        unlike = tuple(expectation.match.differences(entry))
        if unlike:
            others.append((sum(weight for weight, _ in unlike), -entry.id, unlike))
            if expectation.match.may_hold(entry):
                cut.append(entry.id)
        else:
            matching.append(entry.id)
    count, at_most = len(matching), expectation.at_most
    is_enough = count >= expectation.at_least
    misses = (
        () if is_enough else tuple(_miss(-id, unlike) for _, id, unlike in heapq.nsmallest(_NEAREST, others))
    )
    is_too_many = at_most is not None and count > at_most
    is_open = not is_too_many and not (is_enough and at_most is None)
    unknown = _unknown(forgotten, cut) if is_open else ""
    ok = is_enough and not is_too_many and not unknown
    return Outcome(ok, str(expectation), tuple(matching), misses, unknown)


def _unknown(forgotten: int, cut: Sequence[int]) -> str:
    """Say what may have matched as well, and what would be done about it."""
    texts = []
    if forgotten:
        what = "1 entry is" if forgotten == 1 else f"{forgotten} entries are"
        texts.append(f"{what} forgotten; start with more --journal, or clear the journal first")
    if cut:
        numbers = ", ".join(map(str, cut[:_CUT])) + (
            f" and {len(cut) - _CUT} more" if len(cut) > _CUT else ""
        )
        texts.append(
            f"the body of entry {numbers} is cut"
            if len(cut) == 1
            else f"the bodies of entries {numbers} are cut"
        )
    return "; ".join(texts)


def _miss(id: int, unlike: tuple[tuple[int, str], ...]) -> Miss:
    texts = [text for _, text in unlike[:_DIFFERENCES]]
    more = len(unlike) - _DIFFERENCES
    return Miss(id, (*texts, f"and {more} more") if more > 0 else tuple(texts))


def _read_count(given: Any, name: str) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or given < 0:
        raise MockServerError(f"assertion.{name}: is {shown(given)}; it should be a whole number, 0 or more.")
    return given
