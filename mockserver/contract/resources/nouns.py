"""Names compared as people read them: without case and punctuation, one thing or many."""

import re
from collections.abc import Iterable
from functools import lru_cache


def listed(names: str) -> frozenset[str]:
    """Give names that are written as one text."""
    return frozenset(names.split())


@lru_cache(maxsize=10_000)
def plain(name: str) -> str:
    """Give a name in lower case without punctuation: ``petid`` for ``pet-ID``, ``pet_id`` and ``petId``."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@lru_cache(maxsize=10_000)
def singulars(name: str) -> tuple[str, ...]:
    """Give what one of these may be called, plain, the likeliest first; the name itself may be one, too."""
    likeliest, name = plain(singular(name)), plain(name)
    found = []
    if name.endswith("people"):
        found.append(f"{name[:-6]}person")
    if name.endswith("children"):
        found.append(name[:-3])
    found.append(likeliest)
    if name.endswith("ies"):
        found.append(f"{name[:-3]}y")
    if name.endswith("s") and not name.endswith("ss"):
        found.append(name[:-1])
    if name.endswith("es"):
        found.append(name[:-2])
    found.append(name)
    return tuple(dict.fromkeys(each for each in found if each))


def singular(name: str) -> str:
    """Give the likeliest name for one of these, as it is spelled: ``pet`` for ``pets``."""
    lower = name.lower()
    if lower.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    if lower.endswith(("sses", "xes", "ches", "shes", "zes")):
        return name[:-2]
    if lower.endswith("s") and not lower.endswith(("ss", "us", "is")) and len(name) > 2:
        return name[:-1]
    return name


def is_same_noun(one: str, other: str) -> bool:
    return not set(singulars(one)).isdisjoint(singulars(other))


def find(name: str, among: Iterable[str]) -> str | None:
    """Find a name among others, whatever their case and punctuation."""
    wanted = plain(name)
    candidates = list(among)
    return name if name in candidates else next((each for each in candidates if plain(each) == wanted), None)
