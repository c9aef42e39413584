"""Follow edits: put a new mock in the place of the old one, while the server goes on."""

import contextlib
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send
from watchfiles import awatch

from mockserver.errors import MockServerError
from mockserver.serve.assembly import Mock, Parts, Setup, assemble, read_content, read_parts
from mockserver.state.fixtures import SCENARIOS, check_items, collections_of

_LISTED = 20  # defects


class Current:
    """The application that is served now; a reload puts another in its place."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return self.mock.app(scope, receive, send)


async def follow(current: Current, setup: Setup, say: Callable[[str], Any]) -> None:
    """
    Put a new mock in the place of the old one at every edit; a broken edit keeps the old one.

    What the system says of its folders only wakes us, and so does a second without news: what changed is
    told by the files themselves. So no edit is lost while folders go away, come back, or are watched anew.
    """
    waiting: set[Path] = set()  # what changed since the last good version
    seen = _stamps(_sources(current.mock, setup))
    while True:
        folders = _folders(_sources(current.mock, setup))
        async for _ in awatch(
            *folders, recursive=False, step=50, debounce=400, rust_timeout=1000, yield_on_timeout=True
        ):
            sources = _sources(current.mock, setup)
            found = _stamps(sources)
            changed = {path for path in found.keys() | seen.keys() if found.get(path) != seen.get(path)}
            seen = found
            if changed:
                waiting |= changed
                if _try(current, setup, waiting, ", ".join(sorted(path.name for path in changed)), say):
                    waiting.clear()
                    # It may have brought further sources, which did not change by being looked at. One that
                    # came back after a reload that failed did: it is found by the next look.
                    further = [each for each in _sources(current.mock, setup) if each not in sources]
                    seen = {**_stamps(further), **found}
            if _folders(_sources(current.mock, setup)) != folders:
                break


def _try(current: Current, setup: Setup, changed: set[Path], names: str, say: Callable[[str], Any]) -> bool:
    old = current.mock
    try:
        current.mock = _reassemble(old, setup, changed)
    except Exception as error:
        why = str(error) if isinstance(error, MockServerError) else traceback.format_exc()
        say(f"{names} changed, but cannot be used; the last good version goes on:\n{why}")
        return False
    if current.mock.sandboxes is not old.sandboxes:
        old.sandboxes.end_streams()
    defects = current.mock.parts.contract.defects
    found = "".join(f"\n{defect}" for defect in defects[:_LISTED])
    left = len(old.sandboxes) - 1 if current.mock.sandboxes is not old.sandboxes else 0
    sandboxes = "a sandbox" if left == 1 else f"{left} sandboxes"
    anew = f" What was written is gone, and {sandboxes} with it." if left else ""
    say(f"{names} changed; reloaded.{anew}{found}")
    return True


def _sources(mock: Mock, setup: Setup) -> list[Path]:
    """Give the files and folders that a mock was made from."""
    parts = mock.parts
    further = [file.path for file in parts.contract.files if file.path is not None]
    sources = [*dict.fromkeys((parts.path, *further)), *_fixtures(parts, setup)]
    if isinstance(parts.handlers, Path):
        sources.append(parts.handlers)
    else:
        sources += sorted({handling.file.parent for handling in parts.handlings.values()})
    return [source.resolve() for source in sources]


def _fixtures(parts: Parts, setup: Setup) -> list[Path]:
    """Give the folder of fixtures, and the set and the scenario that were asked for as files of their own."""
    asked_for = [Path(name) for name in (setup.fixture_set, setup.scenario) if name]
    return [each.resolve() for each in (parts.fixtures, *asked_for) if each is not None and each.exists()]


def _folders(sources: Iterable[Path]) -> list[Path]:
    """
    Give the folders to watch: those of the sources, and those around them.

    Editors put a new file in the place of an old one, and a whole folder may go away and come back.
    """
    folders: set[Path] = set()
    for source in sources:
        folders.add(source.parent)
        if source.is_dir():
            folders |= {source, *(each for each in source.rglob("*") if each.is_dir())}
    return sorted(folder for folder in folders if folder.is_dir())


def _stamps(sources: Iterable[Path]) -> Mapping[Path, tuple[int, int]]:
    """Give every file of the sources with what differs after an edit: its time and its size."""
    stamps = {}
    for source in sources:
        for path in source.rglob("*") if source.is_dir() else [source]:
            if path.suffix in (".yaml", ".yml", ".json", ".py"):
                with contextlib.suppress(OSError):
                    status = path.stat()
                    stamps[path] = (status.st_mtime_ns, status.st_size)
    return stamps


def _is_only_offered(path: Path, setup: Setup) -> bool:
    """Tell whether a file is a scenario that nobody has begun with: there is nothing to be made anew."""
    return path.parent.name == SCENARIOS and setup.scenario is None


def _reassemble(mock: Mock, setup: Setup, changed: Iterable[Path]) -> Mock:
    """Make the mock anew; what was written is kept, unless fixtures changed and there is no state file."""
    parts = read_parts(setup)
    same_collections = set(mock.world.store.names()) == set(collections_of(parts.contract, parts.resources))
    if not same_collections and setup.state is not None:
        raise MockServerError("The collections changed; start again to have them in the state file.")
    fixtures, coverage = _fixtures(parts, setup), mock.served.coverage
    begins_anew = any(
        path.is_relative_to(folder) and path.name != "personas.yaml" and not _is_only_offered(path, setup)
        for path in changed
        for folder in fixtures
    )
    if same_collections and (setup.state is not None or not begins_anew):
        read_content(setup, parts, datetime.now(UTC))  # what a reset would read is refused now
        try:
            check_items(mock.world.store.export(), parts.contract, "what is stored")
        except MockServerError:
            if setup.state is not None:
                raise
            return assemble(
                setup, parts, None, coverage
            )  # in memory there is nothing that the fixtures cannot bring back
        return assemble(setup, parts, mock.sandboxes, coverage)
    return assemble(setup, parts, None, coverage)
