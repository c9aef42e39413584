"""The command ``export``."""

import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import orjson

from mockserver.cli import options
from mockserver.control.addresses import PREFIX
from mockserver.errors import MockServerError
from mockserver.state.fixture_files import refuse_to_replace, write_database, write_folder
from mockserver.state.fixtures import Content
from mockserver.state.storage import SQLiteStorage

_URL = "http://127.0.0.1:8080"
_PATIENCE = 30  # seconds


@click.command()
@options.together(
    click.argument("out", type=click.Path(path_type=Path)),
    click.option(
        "--as",
        "kind",
        type=click.Choice(["folder", "tinydb"]),
        help="A folder with a JSON file for each collection, or one TinyDB file. "
        "[default: tinydb where OUT ends with .json, else folder]",
    ),
    click.option(
        "--state",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Read this state file; a server may be using it.",
    ),
    click.option("--url", metavar="URL", help=f"Ask the mock that runs there. [default: {_URL}]"),
    click.option("--force", is_flag=True, help="Replace the fixture set that is there."),
)
def command(out: Path, kind: str | None, state: Path | None, url: str | None, force: bool) -> None:
    """
    Write what a mock holds now to OUT, as a fixture set that a mock can begin with.

    \b
    mockserver export fixtures/monday                 what the running mock holds
    mockserver export --state mock.db monday.json     what a state file holds, as a TinyDB file
    mockserver serve --set fixtures/monday
    """
    if state is not None and url is not None:
        raise MockServerError("Give --state or --url, not both: a set comes from one place.")
    refuse_to_replace(out, force=force)
    content = _read_state(state) if state is not None else _ask(url or _URL)
    kind = kind or ("tinydb" if out.suffix == ".json" else "folder")
    write = write_folder if kind == "folder" else write_database
    write(out, content)
    told = ", ".join(f"{len(items)} {name}" for name, items in content.items())
    click.echo(f"{out}: {told or 'nothing'}.")


def _read_state(file: Path) -> Content:
    storage = SQLiteStorage(file, read_only=True)
    try:
        return {name: [item for _, _, item in rows] for name, rows in storage.rows().items()}
    finally:
        storage.close()


def _ask(url: str) -> Content:
    if urlsplit(url).scheme not in ("http", "https"):
        raise MockServerError(f"--url {url}: an address begins with http:// or https://.")
    # A proxy of the environment is for the way out of this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url.rstrip('/')}{PREFIX}/export", timeout=_PATIENCE) as answer:
            content = _parse(answer.read())
    except urllib.error.HTTPError as error:
        raise MockServerError(_say_refusal(url, error)) from error
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        why = getattr(reason, "strerror", None) or reason
        raise MockServerError(
            f"{url}: nothing answers there ({why}); name a running mock with --url, or a file with --state."
        ) from error
    if content is None:
        raise MockServerError(f"{url}: what answers there is no mock of ours.")
    return content


def _say_refusal(url: str, error: urllib.error.HTTPError) -> str:
    try:
        detail = orjson.loads(error.read()).get("detail")
    except (OSError, ValueError, AttributeError):
        detail = None
    if error.code == 403 and isinstance(detail, str):
        return f"{url}: {detail}"
    return f"{url}: what answers there is no mock of ours; it says {error.code} to {PREFIX}/export."


def _parse(body: bytes) -> Content | None:
    """Give what a mock exports; ``None`` where it is something else."""
    try:
        found: Any = orjson.loads(body)
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(isinstance(items, list) for items in found.values()):
        return None
    return found if all(isinstance(item, dict) for items in found.values() for item in items) else None
