"""The command ``compare``."""

from pathlib import Path
from typing import Any

import click

from mockserver.cli import options, proving
from mockserver.cli.saying import say
from mockserver.contract.loading.files import Reach
from mockserver.errors import MockServerError
from mockserver.prove.baseline import read_baseline
from mockserver.prove.compare.comparing import compare
from mockserver.prove.compare.plan import EXAMPLES, GENERATED, Comparison
from mockserver.prove.compare.recorded import read_archive
from mockserver.serve.assembly import Setup


@click.command()
@options.together(
    options.contract,
    click.option(
        "--from",
        "sources",
        metavar="SOURCE",
        multiple=True,
        default=(EXAMPLES,),
        show_default=True,
        help="Where the requests come from: examples, generated, or a recorded FILE.har or FILE.json; "
        "may be given several times.",
    ),
    proving.backend,
    proving.seed,
    proving.max_examples(50),
    click.option(
        "--ignore",
        "ignored",
        metavar="PATH",
        multiple=True,
        help="A member that may differ: 'items.*.score', or 'score' wherever it is.",
    ),
    click.option("--persona", metavar="NAME", help="Who calls the mock. [default: the first good one]"),
    proving.baselines,
    proving.files,
    options.fixtures,
    options.fixture_set,
    options.handlers,
    options.overlays,
    options.outside_refs,
    options.remote_refs,
)
def command(
    contract: Path | None,
    sources: tuple[str, ...],
    seed: int,
    max_examples: int,
    ignored: tuple[str, ...],
    persona: str | None,
    baseline: Path | None,
    fixtures: Path | None,
    fixture_set: str | None,
    handlers: str | None,
    overlays: tuple[str, ...],
    allow_outside_refs: bool,
    allow_remote_refs: bool,
    **given: Any,
) -> None:
    """
    Send the same requests to the mock of CONTRACT and to a backend, and say where the mock is unlike it.

    Exits with 1 if anything differs that no baseline accepts, with 2 if it could not run. Each side is asked
    with its own ids. Without --safe the backend is written to: what is made is deleted again where that can
    be, the rest stays.

    \b
    mockserver compare --url https://staging.example.com/api --token "$TOKEN"
    mockserver compare their-api.yaml --url http://127.0.0.1:8000 --from examples --from generated
    mockserver compare --url http://127.0.0.1:8000 --from recorded.har --ignore score
    mockserver compare --url http://127.0.0.1:8000 --safe --baseline accepted.json --html differences.html
    """
    for source in sources:
        if source not in (EXAMPLES, GENERATED):
            _check(source)
    backend, chosen = proving.read_backend(given), proving.read_chosen(given)
    files = proving.read_files(given)
    files.check()
    accepted = read_baseline(baseline) if baseline is not None else None
    setup = Setup(
        contract=contract,
        fixtures=fixtures,
        fixture_set=fixture_set,
        handlers=handlers,
        reach=Reach(allow_outside_refs, allow_remote_refs),
        **options.of_one(contract, (), overlays),
    )
    keeps_all = files.har is not None
    plan = Comparison(seed, max_examples, sources, chosen, ignored, persona, keeps_all)
    found = compare(setup, backend, plan, say)
    proving.conclude(found, files, proving.hold(found, accepted, files, [*found.tallies]))


def _check(source: str) -> None:
    """Refuse a source that cannot be read before anything is started."""
    if not Path(source).suffix and not Path(source).exists():
        raise MockServerError(f"--from {source}: there are examples, generated, and recorded files.")
    read_archive(Path(source))
