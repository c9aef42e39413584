"""What the properties of one object have in common: a person, a place, a company, a time."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from mockserver.contract.samples.chance import Chance
from mockserver.contract.samples.words import COMPANIES, FAMILY, GIVEN, PLACES, TRADES

EPOCH = datetime(2026, 1, 15, tzinfo=UTC)
"""Samples never ask for the time: they would not be the same twice."""

_BIRTH = frozenset({"birth", "birthday", "birthdate", "dob", "born"})
_FIRST = frozenset({"created", "creation", "inserted", "registered", "joined"})
_EARLY = frozenset(
    ["start", "starts", "started", "from", "begin", "begins", "since", "issued", "departure", "departs", "opened", "after"]
)
_LATE = frozenset(
    ["end", "ends", "ended", "to", "until", "expires", "expired", "expiry", "expiration", "due", "deleted", "arrival", "arrives", "till", "finish", "deadline", "before", "cancelled", "canceled", "returned"]
)


class Scene:
    """
    The setting of one object; ``given`` is what is known of it already.

    It depends on the object's own seed alone, so that the name of a person and the address made of it agree.
    """

    def __init__(self, chance: Chance, given: Mapping[str, Any] | None = None) -> None:
        self._chance = chance
        self._given = given or {}

    @cached_property
    def person(self) -> tuple[str, str]:
        chance = self._chance.child("|person")
        return chance.pick(GIVEN), chance.pick(FAMILY)

    @cached_property
    def company(self) -> str:
        chance = self._chance.child("|company")
        return f"{chance.pick(COMPANIES)} {chance.pick(TRADES)}"

    @cached_property
    def place(self) -> Sequence[str]:
        return self._chance.child("|place").pick(PLACES)

    @cached_property
    def base(self) -> datetime:
        """The time at which the story of the object begins: before all that is given."""
        for name, value in self._given.items():
            if (moment := _read(value)) is not None and not _BIRTH & set(words_of(name)):
                return moment - timedelta(days=_days_before(words_of(name)))
        chance = self._chance.child("|time")
        return EPOCH + timedelta(days=chance.between(-240, 20), seconds=chance.between(25_200, 68_400))

    def moment(self, words: Sequence[str], chance: Chance) -> datetime:
        """Give the time that a property with these words in its name tells: starts before ends."""
        if _BIRTH & set(words):
            return datetime(1960, 1, 1, tzinfo=UTC) + timedelta(days=chance.below(16_000))
        if _FIRST & set(words):
            return self.base
        days = _days_before(words)
        latest = 4 if days == 0 else 30 if days == 5 else 90
        # Still before the next kind of moment: 0 to 4 days, 5 to 35, 40 to 130.
        return self.base + timedelta(days=days, minutes=chance.below(latest * 1440))


def _days_before(words: Sequence[str]) -> int:
    kinds = set(words)
    if kinds & _LATE:
        return 40
    return 0 if kinds & (_FIRST | _EARLY) else 5


def _read(value: Any) -> datetime | None:
    if not isinstance(value, str) or len(value) < 10 or not value[:4].isdigit():
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    read = read if read.tzinfo else read.replace(tzinfo=UTC)
    return read if 1971 < read.year < 9000 else None


_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


@lru_cache(maxsize=10_000)
def words_of(name: str) -> tuple[str, ...]:
    """Give the words of a property's name in lower case: two for ``displayName`` and ``display_name``."""
    return tuple(word.lower() for word in _WORD.findall(name))


def slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))
