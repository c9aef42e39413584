"""Where a value is asked for: in which property, how deep, and what is known of it."""

from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.contract.samples.chance import Chance
from mockserver.contract.samples.scene import Scene, words_of
from mockserver.contract.samples.shape import DeadEnd

_MOST_NODES = 3000
MANY = 20
_ENOUGH = 150
_LEAST = 12
_DEEPEST = 40


@dataclass(slots=True)
class Budget:
    """How much may still be made for one property of the outermost object."""

    left: int = _MOST_NODES
    enough: int = _ENOUGH

    @property
    def is_tight(self) -> bool:
        """Tell whether enough was made: what does not have to be had better not be."""
        return self.left < _MOST_NODES - self.enough

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise DeadEnd("it is too large, or refers to itself without end")


def depth_within(depth: int, count: int) -> int:
    """Give the depth of what is in an object of ``count`` properties: a large one is told in short."""
    return depth + (2 if count > MANY else 1)


@dataclass(frozen=True, slots=True)
class Place:
    """
    One place in a sample.

    ``depth`` counts the objects around it, ``level`` the arrays too. ``effort`` is 0 where all that is
    declared is wanted, 1 for less, and 2 for no more than has to be. ``is_first`` asks for what is written
    in the contract rather than for something of its own.
    """

    chance: Chance
    scene: Scene
    name: str = ""
    noun: str = ""
    depth: int = 0
    level: int = 0
    effort: int = 0
    is_first: bool = False
    likes: tuple[Any, ...] = ()
    budget: Budget = field(default_factory=Budget)

    @property
    def words(self) -> tuple[str, ...]:
        return words_of(self.name)

    def again(self, attempt: int) -> "Place":
        """Give the same place for another attempt, which wants less the later it is."""
        if attempt == 0:
            return self
        effort = max(self.effort, attempt // 2)
        return replace(self, chance=self.chance.child(f"|{attempt}"), effort=min(2, effort), is_first=False)

    def member(self, name: str, noun: str, scene: Scene, likes: tuple[Any, ...], share: int = 1) -> "Place":
        """Give the place of a property, of an object that has ``share`` of them."""
        # What is spent on one property must not change another.
        budget = self.budget if self.depth else Budget(enough=max(_LEAST, _ENOUGH // max(1, share)))
        return self._inner(
            chance=self.chance.child(name),
            scene=scene,
            name=name,
            noun=noun,
            depth=depth_within(self.depth, share),
            likes=likes,
            budget=budget,
        )

    def element(self, index: int, likes: tuple[Any, ...]) -> "Place":
        chance = self.chance.child(str(index))
        is_first = self.is_first and index == 0
        return self._inner(chance=chance, scene=Scene(chance), likes=likes, is_first=is_first)

    def _inner(self, **changes: Any) -> "Place":
        if self.level > _DEEPEST:
            raise DeadEnd("it refers to itself without end")
        return replace(self, level=self.level + 1, **changes)
