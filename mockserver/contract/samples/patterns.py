"""Texts that match a pattern and have a wanted length."""

from functools import lru_cache

from mockserver.contract.samples.chance import Chance
from mockserver.contract.samples.pattern_parts import (
    Ahead,
    Either,
    Letters,
    Part,
    Repeat,
    Row,
    Unreadable,
    read,
)
from mockserver.contract.samples.shape import Matches

_TRIES = 40
_USUAL = 6


def text_for(
    patterns: tuple[str, ...], low: int, high: int | None, chance: Chance, matches: Matches
) -> str | None:
    """Give a text of ``low`` to ``high`` characters that matches all patterns; ``None`` if none is found."""
    for pattern in patterns:
        part = _read(pattern)
        if part is None:
            continue
        for attempt in range(_TRIES):
            text = _try(part, pattern, low, high, attempt, chance)
            if text is None or len(text) < low or (high is not None and len(text) > high):
                continue
            if all(matches(each, text) for each in patterns):
                return text
    return None


@lru_cache(maxsize=1000)
def _read(pattern: str) -> Part | None:
    try:
        return read(pattern)
    except (Unreadable, RecursionError):
        return None


def _try(part: Part, pattern: str, low: int, high: int | None, attempt: int, chance: Chance) -> str | None:
    most = part.most if high is None else min(part.most, high)
    least = max(part.least, min(low, part.most))
    if least > most:
        return None
    # Attempt by attempt farther from the usual length: not every length can be matched.
    usual = min(most, max(least, part.least + _USUAL) + attempt)
    text = _make(part, chance.between(least, usual), chance)
    if text is None:
        return None
    for ahead in _aheads(part):
        text = _with(text, ahead, chance)
    if len(text) < low:  # not anchored, or its own end is open
        fill = chance.text("abcdefghijklmnopqrstuvwxyz", low - len(text))
        text = text + fill if not pattern.endswith("$") else fill + text
    return text


def _aheads(part: Part) -> list[Part]:
    if isinstance(part, Ahead):
        return [part.part] if part.wanted else []
    return [found for each in part.parts for found in _aheads(each)] if isinstance(part, Row) else []


def _with(text: str, ahead: Part, chance: Chance) -> str:
    """Put what a look-ahead asks for somewhere into a text, over what was there."""
    wanted = _make(ahead, ahead.least, chance)
    if not wanted or len(wanted) > len(text):
        return text
    at = chance.between(0, len(text) - len(wanted))
    return text[:at] + wanted + text[at + len(wanted) :]


def _make(part: Part, length: int, chance: Chance) -> str | None:
    """Make a text of exactly this length; ``None`` where it turns out that none can be."""
    if isinstance(part, Letters):
        return _letter(part.letters, chance) if length == 1 and part.letters else None
    if isinstance(part, Row):
        return _in_a_row(list(part.parts), length, chance)
    if isinstance(part, Either):
        fitting = [each for each in part.parts if each.least <= length <= each.most]
        return _make(chance.pick(fitting), length, chance) if fitting else None
    if isinstance(part, Repeat):
        counts = _counts(part, length)
        return _in_a_row([part.part] * chance.pick(counts), length, chance) if counts else None
    return "" if length == 0 else None


def _counts(part: Repeat, length: int) -> list[int]:
    inner = part.part
    if inner.most == 0:
        return [part.low] if length == 0 else []
    lowest = max(part.low, -(-length // inner.most))
    highest = min(part.high, length // inner.least if inner.least else max(lowest, length))
    return list(range(lowest, min(highest, lowest + 12) + 1))


def _in_a_row(parts: list[Part], length: int, chance: Chance) -> str | None:
    lengths = [part.least for part in parts]
    room = [at for at, part in enumerate(parts) if part.most > part.least]
    spare = length - sum(lengths)
    while spare > 0 and room:
        at = chance.pick(room)
        step = min(chance.between(1, max(1, spare // 2)), parts[at].most - lengths[at])
        lengths[at] += step
        spare -= step
        if lengths[at] >= parts[at].most:
            room.remove(at)
    if spare:
        return None
    made = [_make(part, each, chance) for part, each in zip(parts, lengths, strict=True)]
    return None if None in made else "".join(each for each in made if each is not None)


def _letter(letters: str, chance: Chance) -> str:
    if len(letters) == 1:
        return letters
    usual = _usual(letters)
    return chance.pick(usual or letters)


@lru_cache(maxsize=1000)
def _usual(letters: str) -> str:
    """Prefer what people write: small letters, else letters, with the digits that are allowed."""
    lower = "".join(each for each in letters if "a" <= each <= "z")
    upper = "".join(each for each in letters if "A" <= each <= "Z")
    digits = "".join(each for each in letters if "0" <= each <= "9")
    if len(letters) > 90:  # nearly anything
        return lower
    return (lower or upper) + digits
