"""The scenarios that a mock knows: files in a folder, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mockserver.errors import MockServerError, nearest
from mockserver.state.fixtures import SCENARIOS, SUFFIXES
from mockserver.state.scenario import Scenario
from mockserver.state.scenario_reader import describe


class NoSuchScenario(LookupError):
    """There is no scenario of this name."""


@dataclass(frozen=True, slots=True)
class Described:
    """A scenario as lists name it; one that cannot be read has no description."""

    name: str
    description: str


class Scenarios:
    """
    The scenarios in the folder ``scenarios`` of the fixtures, read when they are asked for, and again once
    their file has changed.

    ``first`` is the one with which every sandbox begins that is not told otherwise.
    """

    def __init__(self, fixtures: Path | None, read: Callable[[Path], Scenario]) -> None:
        self._folder = fixtures / SCENARIOS if fixtures is not None else None
        self._read = read
        self._known: dict[Path, tuple[object, Scenario]] = {}
        self.first: Scenario | None = None

    def names(self) -> Sequence[str]:
        return sorted(self._files())

    def described(self) -> Sequence[Described]:
        """Give every scenario with what it says of itself."""
        return [Described(name, describe(path)) for name, path in sorted(self._files().items())]

    def read(self, name: str) -> Scenario:
        """
        Give the scenario of a name.

        Raises:
            NoSuchScenario: there is none.
            MockServerError: something is wrong with it.
        """
        path = self._files().get(name)
        if path is None:
            raise NoSuchScenario(f'There is no scenario "{name[:80]}"; {self._listed(name)}')
        return self._read_once(path)

    def find(self, name: str) -> Scenario:
        """
        Give the scenario of a name, else that in a file.

        Raises:
            MockServerError: there is none, or something is wrong with it.
        """
        path = self._files().get(name) or Path(name)
        if not path.is_file():
            raise MockServerError(f'There is no scenario "{name}", and no such file; {self._listed(name)}')
        return self._read_once(path)

    def _read_once(self, path: Path) -> Scenario:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._known.get(path)
        if known is None or known[0] != stamp:
            known = self._known[path] = (stamp, self._read(path))
        return known[1]

    def _files(self) -> dict[str, Path]:
        if self._folder is None or not self._folder.is_dir():
            return {}
        return {
            file.stem: file
            for file in sorted(self._folder.iterdir(), reverse=True)
            if file.suffix in SUFFIXES and not file.name.startswith(".") and file.is_file()
        }

    def _listed(self, name: str) -> str:
        names = self.names()
        return f"there are: {', '.join(names) or 'none'}.{nearest(name, names)}"
