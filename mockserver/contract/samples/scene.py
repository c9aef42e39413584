"""What the properties of one object have in common: a person, a place, a company, a time."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from mockserver.contract.samples.chance import Chance
from mockserver.contract.samples.words import COMPANIES, FAMILY, GIVEN, PLACES, TRADES, listed

EPOCH = datetime(2026, 1, 15, tzinfo=UTC)
"""Samples never ask for the time: they would not be the same twice."""

_ONLY_OF_PEOPLE = {("email",), ("login",), ("username",), ("first", "name"), ("given", "name")}
_BIRTH = frozenset({"birth", "birthday", "birthdate", "dob", "born"})
_FIRST = frozenset({"created", "creation", "inserted", "registered", "joined"})
_EARLY = frozenset(
    listed("""
start starts started from begin begins since issued departure departs opened after
""")
)
_ENDS = frozenset(
    listed("""
end ends ended to until arrival arrives till finish finished returned close closes
""")
)
_LATE = frozenset(
    listed("""
expires expired expiry expiration expire due deleted deadline before cancelled canceled
""")
)


class Scene:
    """
    The setting of one object; ``given`` is what it has already, ``names`` what its properties are called.

    It depends on the object's own seed alone, so that the name of a person and the address made of it agree.
    """

    def __init__(
        self, chance: Chance, given: Mapping[str, Any] | None = None, names: Iterable[str] = ()
    ) -> None:
        self._chance = chance
        self._given = given or {}
        self._names = names

    @cached_property
    def is_of_a_person(self) -> bool:
        """Tell whether the object speaks of a person: it has an address for mail, or one part of a name."""
        words = {words_of(name)[-1:] for name in self._names}
        whole = {words_of(name) for name in self._names}
        return not words.isdisjoint(_ONLY_OF_PEOPLE) or not whole.isdisjoint(_ONLY_OF_PEOPLE)

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

    @cached_property
    def start(self) -> datetime:
        """The time at which what the object tells of takes place."""
        chance = self._chance.child("|start")
        days, minutes = chance.between(1, 14), chance.between(7 * 12, 19 * 12) * 5
        return self.base.replace(hour=0, minute=0, second=0) + timedelta(days=days, minutes=minutes)

    def moment(self, words: Sequence[str], chance: Chance, *, is_date: bool = False) -> datetime:
        """Give the time that a property with these words in its name tells: what starts later ends later."""
        kinds = set(words)
        if _BIRTH & kinds:
            return datetime(1960, 1, 1, tzinfo=UTC) + timedelta(days=chance.below(16_000))
        if _FIRST & kinds:
            return self.base
        if _LATE & kinds:
            return self.start + timedelta(days=chance.between(20, 120), minutes=chance.below(600))
        if _ENDS & kinds:
            hours = chance.between(24, 150) if is_date else chance.between(1, 9)
            return self.start + timedelta(hours=hours, minutes=5 * chance.below(12))
        if _EARLY & kinds:
            return self.start
        return self.base + timedelta(days=1, minutes=chance.below(30 * 1440))


def _days_before(words: Sequence[str]) -> int:
    """Tell how long before a time of some kind the story of an object had begun at the latest."""
    kinds = set(words)
    if kinds & _LATE:
        return 150
    if kinds & _ENDS:
        return 24
    return 0 if kinds & _FIRST else 16 if kinds & _EARLY else 0


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
