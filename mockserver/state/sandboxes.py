"""The sandboxes of a mock: worlds by name, each made when it is first named."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

from mockserver.errors import MockServerError
from mockserver.state.beginnings import Beginning, FixtureSets
from mockserver.state.scenario import Scenario
from mockserver.state.scenarios import Scenarios
from mockserver.state.world import DEFAULT, World

Make = Callable[[str, int, Beginning, Scenario | None], World]

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)


class NoSuchSandbox(LookupError):
    """There is no sandbox of this name."""


class SandboxExists(ValueError):
    """There is a sandbox of this name already."""


class SandboxRefused(ValueError):
    """A name that no sandbox can have; the text says what is allowed."""


class TooManySandboxes(MockServerError):
    """There are as many sandboxes as there may be; the text says what would help."""


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """How many sandboxes there may be beside the default one, and after how many idle seconds one is gone."""

    count: int = 256
    idle: float = 1800


class Sandboxes:
    """
    Worlds by name. ``default`` is always there; any other is made when it is first picked.

    One is made from a name, a seed and a beginning by ``make``. One that nobody picks for a while is gone,
    and begins anew when it is picked again; one in which a request is open, or whose journal is read, is in
    use. ``sets`` and ``scenarios`` are what sandboxes can begin with. ``now`` counts seconds.
    """

    def __init__(
        self,
        default: World,
        make: Make,
        sets: FixtureSets,
        scenarios: Scenarios,
        limits: SandboxLimits | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.default = default
        self.sets = sets
        self.scenarios = scenarios
        self.limits = limits or SandboxLimits()
        self.now = now
        # No name comes twice: who had the sandbox of that name before may still call it.
        self.new_names: Iterator[str] = (f"sandbox-{number}" for number in count(1))
        self._make = make
        self._worlds: dict[str, World] = {default.name: default}

    def __iter__(self) -> Iterator[World]:
        self._expire()
        return iter(list(self._worlds.values()))

    def __len__(self) -> int:
        return len(self._worlds)

    def __contains__(self, name: str) -> bool:
        self._expire()
        return name in self._worlds

    def pick(self, name: str) -> World:
        """
        Give the sandbox of a name, made if need be.

        Raises:
            SandboxRefused: no sandbox can have this name.
            TooManySandboxes: there is none of this name, and no room for another.
        """
        world = self._worlds.get(name)
        now = self.now()
        if world is None or self._is_idle(world, now):
            self._expire()
            world = self.add(name)
        world.used_at = now
        return world

    @contextmanager
    def using(self, world: World) -> Iterator[None]:
        """Keep a sandbox for as long as a ``with`` block lasts."""
        world.open += 1
        try:
            yield
        finally:
            world.open -= 1
            world.used_at = self.now()

    def get(self, name: str) -> World:
        """Give a sandbox that is there, or raise ``NoSuchSandbox``."""
        self._expire()
        try:
            return self._worlds[name]
        except KeyError:
            raise NoSuchSandbox(f'There is no sandbox "{name}".') from None

    def add(
        self,
        name: str,
        *,
        seed: int | None = None,
        beginning: Beginning | None = None,
        scenario: Scenario | None = None,
    ) -> World:
        """
        Make a sandbox. It begins with a scenario, or with items alone where there is only a ``beginning``.

        What is not said it has from the start of the mock: its seed, its scenario, else its fixture set.

        Raises:
            SandboxRefused: no sandbox can have this name.
            SandboxExists: there is one already.
            TooManySandboxes: there is no room for another.
            MockServerError: what it begins with cannot be read.
        """
        if _NAME.fullmatch(name) is None:
            raise SandboxRefused(
                f'"{name[:80]}" is no name of a sandbox; it is up to 64 of the signs A-Z a-z 0-9 . _ -'
            )
        self._expire()
        if name in self._worlds:
            raise SandboxExists(f'There is a sandbox "{name}" already.')
        if len(self._worlds) > self.limits.count:
            raise TooManySandboxes(
                f"There are {self.limits.count} sandboxes already, and there may be no more; delete some, "
                f"wait until one was idle for {self.limits.idle:g} s, or start with more --max-sandboxes."
            )
        own_seed = self.default.seed if seed is None else seed
        if beginning is None and scenario is None:
            scenario = self.scenarios.first
        world = self._worlds[name] = self._make(name, own_seed, beginning or self.sets.first, scenario)
        world.used_at = self.now()
        return world

    def remove(self, name: str) -> None:
        """
        Forget a sandbox and everything in it.

        Raises:
            NoSuchSandbox: there is none of this name.
            SandboxRefused: it is the default one, which is always there.
        """
        if name == DEFAULT:
            raise SandboxRefused("The default sandbox cannot be deleted; it can be reset.")
        self._forget(self.get(name))

    def follow(self, make: Make, scenarios: Scenarios) -> None:
        """
        Make sandboxes so from now on, and with these scenarios; what began with one begins it as it is there.

        Raises:
            MockServerError: one of those that are in use is not there, or cannot be read.
        """
        found = [
            (world, scenarios.find(str(world.scenario.path)))
            for world in self._worlds.values()
            if world.scenario is not None
        ]
        self._make, self.scenarios = make, scenarios
        for world, scenario in found:
            world.scenario = scenario

    def end_streams(self) -> None:
        """Let nobody wait any longer for what comes into a journal."""
        for world in self._worlds.values():
            world.journal.end()

    def close(self) -> None:
        """Let go of the state file, if there is one."""
        for world in self._worlds.values():
            world.store.close()

    def _expire(self) -> None:
        now = self.now()
        for world in [each for each in self._worlds.values() if self._is_idle(each, now)]:
            self._forget(world)

    def _is_idle(self, world: World, now: float) -> bool:
        return now - world.used_at > self.limits.idle and not world.open and world is not self.default

    def _forget(self, world: World) -> None:
        world.journal.end()
        del self._worlds[world.name]
        if not world.open:
            world.store.dissolve()
