"""The command ``enlarge``."""

from collections.abc import Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click
import orjson

from mockserver.cli import options
from mockserver.errors import MockServerError
from mockserver.serve.assembly import DEFAULT_SET, Setup, read_content, read_parts
from mockserver.state.enlarge import enlarge
from mockserver.state.fixture_files import new_folder, refuse_to_replace
from mockserver.state.fixtures import Content, read_as_written


@click.command()
@options.together(
    click.argument("out", type=click.Path(path_type=Path)),
    options.contract,
    click.option(
        "--items",
        type=click.IntRange(min=1),
        default=10_000,
        show_default=True,
        help="How many items to have, of all collections together; the set is copied whole until there are.",
    ),
    click.option(
        "--seed", type=int, default=1, show_default=True, help="The same seed makes the same items."
    ),
    options.fixtures,
    click.option(
        "--set", "fixture_set", metavar="NAME", help=f"The set to begin with. [default: {DEFAULT_SET}]"
    ),
    click.option("--force", is_flag=True, help="Replace the fixture set that is there."),
)
def command(
    out: Path,
    contract: Path | None,
    items: int,
    seed: int,
    fixtures: Path | None,
    fixture_set: str | None,
    force: bool,
) -> None:
    """
    Make a large fixture set out of a small one of CONTRACT, and write it to OUT, a folder of JSON files.

    The set is copied as a whole, with other ids, names, e-mail addresses and times; the first copy is the
    set itself, so that its personas can still sign in.

    \b
    mockserver enlarge --items 100000 large
    mockserver serve --set large
    """
    refuse_to_replace(out, force=force)
    setup = Setup(contract=contract, fixtures=fixtures, fixture_set=fixture_set)
    parts = read_parts(setup)
    now = datetime.now(UTC)
    size = sum(map(len, read_content(setup, parts, now).values()))
    if size == 0:
        raise MockServerError("There are no items to copy; name a set that has some with --set.")
    content = read_as_written(parts.fixtures, fixture_set or DEFAULT_SET, parts.contract)
    worlds = -(-items // size)
    _write(out, enlarge(content, parts.contract, worlds=worlds, seed=seed, now=now))
    click.echo(f"{out}: {worlds * size} items, the {size} of the set {worlds} times.")


def _write(out: Path, worlds: Iterable[Content]) -> None:
    """Write world after world, so that only one is held in memory; an item a line."""
    with new_folder(out) as folder, ExitStack() as stack:
        files: dict[str, BinaryIO] = {}
        separators: dict[str, bytes] = {}
        for world in worlds:
            for collection, items in world.items():
                if collection not in files:
                    files[collection] = stack.enter_context((folder / f"{collection}.json").open("wb"))
                for item in items:
                    files[collection].write(separators.get(collection, b"[\n") + orjson.dumps(item))
                    separators[collection] = b",\n"
        for collection, file in files.items():
            file.write(b"\n]\n" if collection in separators else b"[]\n")
