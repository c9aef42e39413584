"""Ids for copies: of the shape that the ids of their originals have, and never one of those."""

import hashlib
import re
import string
from collections.abc import Callable, Mapping, Sequence
from itertools import count

_HEXADECIMAL = "0123456789abcdef"
_ALPHABETS = (
    _HEXADECIMAL,
    _HEXADECIMAL.upper(),
    "abcdefghijklmnopqrstuvwxyz234567",  # RFC 4648, base 32
    "0123456789ABCDEFGHJKMNPQRSTVWXYZ",  # Crockford's base 32, of ULIDs
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_OPAQUE = 8  # as many characters after the prefix, some of them digits, are read as drawn, not written


def sequence(numbers: set[int]) -> Mapping[int, Callable[[int], int]]:
    """Give by number what gives its successor in a world: they go on from the highest."""
    first = max(numbers, default=0) + 1
    return {number: _after(first + rank, len(numbers)) for rank, number in enumerate(sorted(numbers))}


def _after(first: int, step: int) -> Callable[[int], int]:
    return lambda world: first + (world - 1) * step


def id_makers(ids: Sequence[str], seed: int, taken: set[str]) -> Mapping[str, Callable[[int], str]]:
    """Give by id what makes the ids of its copies: of the same shape, and none that is ``taken``."""
    if not ids:
        return {}
    common = ids[0][: count_shared(ids)]
    stem = common.rstrip(string.digits)
    numbers = [each[len(stem) :] for each in ids]
    # With digits before it, it is no number, but the end of an id that was drawn.
    is_counted = not any(each.isdigit() for each in re.split(r"[_\-:.]", stem)[-1])
    if is_counted and all(each.isascii() and each.isdecimal() for each in numbers):
        after = sequence(set(map(int, numbers)))
        return {each: _numbered(stem, len(n), after[int(n)]) for each, n in zip(ids, numbers, strict=True)}
    if all(map(_UUID.fullmatch, ids)):
        return {each: _drawn(each, 0, _HEXADECIMAL, seed, taken) for each in ids}
    found = re.match(r".*[_\-:.]", common)
    start = found.end() if found else 0
    tails = "".join(each[start:] for each in ids)
    alike = len(set(map(len, ids))) == 1 and len(tails) >= _OPAQUE * len(ids)
    if alike and tails.isascii() and tails.isalnum() and not tails.isalpha():
        return {each: _drawn(each, start, _alphabet(tails), seed, taken) for each in ids}
    return {each: _suffixed(each) for each in ids}


def count_shared(sequences: Sequence[Sequence[str]]) -> int:
    """Count the parts at the beginning that all have in common."""
    return next(
        (at for at, parts in enumerate(zip(*sequences, strict=False)) if len(set(parts)) > 1),
        min(map(len, sequences)),
    )


def _numbered(stem: str, width: int, after: Callable[[int], int]) -> Callable[[int], str]:
    return lambda world: f"{stem}{after(world):0{width}}"


def _suffixed(item_id: str) -> Callable[[int], str]:
    local, at, domain = item_id.partition("@")
    return lambda world: f"{local}-{world + 1}{at}{domain}"


def _drawn(item_id: str, start: int, alphabet: str, seed: int, taken: set[str]) -> Callable[[int], str]:
    """Draw every character after ``start``, but for dashes and what tells the version of a UUID."""
    table = bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))
    kept = [at for at, each in enumerate(item_id) if at < start or each == "-"]
    kept += [14, 19] if _UUID.fullmatch(item_id) else []
    is_upper = item_id.isupper()

    def make(world: int) -> str:
        for attempt in count():
            source = f"{seed}\0{world}\0{item_id}\0{attempt}".encode()
            drawn = list(hashlib.shake_256(source).digest(len(item_id)).translate(table).decode())
            for at in kept:
                drawn[at] = item_id[at]
            made = "".join(drawn)
            made = made.upper() if is_upper else made
            if made not in taken:
                break
        taken.add(made)
        return made

    return make


def _alphabet(text: str) -> str:
    for known in _ALPHABETS:
        if set(text) <= set(known):
            return known
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    return "".join(kind for kind in kinds if not set(kind).isdisjoint(text))
