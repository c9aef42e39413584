"""Choices that look random and are the same for the same seed, in any process."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

_T = TypeVar("_T")
_MASK = 2**64 - 1


class Chance:
    """
    A source of choices.

    What a child chooses depends on the seed and the child's name alone, never on how much was chosen
    before: one property more in an object changes no other.
    """

    __slots__ = ("_digest", "_state")

    def __init__(self, digest: bytes) -> None:
        self._digest = digest
        self._state = int.from_bytes(digest[:8], "little")

    @classmethod
    def seeded(cls, *parts: str) -> "Chance":
        return cls(blake2b(_bytes("|".join(parts)), digest_size=16).digest())

    def child(self, name: str) -> "Chance":
        return Chance(blake2b(_bytes(name), digest_size=16, key=self._digest).digest())

    def below(self, limit: int) -> int:
        """Give a number from 0 up to, and without, the limit."""
        # Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators (SplitMix64).
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        mixed ^= mixed >> 31
        return mixed % limit

    def between(self, low: int, high: int) -> int:
        """Give a number from ``low`` up to ``high``, both possible."""
        if high - low > _MASK:
            return low + (self.below(_MASK + 1) << 64 | self.below(_MASK + 1)) % (high - low + 1)
        return low + self.below(high - low + 1)

    def pick(self, options: Sequence[_T]) -> _T:
        return options[self.below(len(options))]

    def happens(self, percent: int) -> bool:
        return self.below(100) < percent

    def text(self, letters: str, length: int) -> str:
        return "".join(letters[self.below(len(letters))] for _ in range(length))

    def shuffled(self, options: Sequence[_T]) -> list[_T]:
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in options]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
