"""The command ``verify``."""

from pathlib import Path
from typing import Any

import click

from mockserver.cli import options, proving
from mockserver.cli.saying import say
from mockserver.contract.loading.document import load
from mockserver.contract.loading.files import Reach
from mockserver.prove.baseline import read_baseline
from mockserver.prove.verify import Verification, choose, verify
from mockserver.serve.assembly import find_contract


@click.command()
@options.together(
    options.contract,
    proving.backend,
    proving.seed,
    proving.max_examples(50),
    proving.phases,
    proving.baselines,
    proving.files,
    options.overlays,
    options.outside_refs,
    options.remote_refs,
)
def command(
    contract: Path | None,
    seed: int,
    max_examples: int,
    phases: tuple[str, ...],
    baseline: Path | None,
    overlays: tuple[str, ...],
    allow_outside_refs: bool,
    allow_remote_refs: bool,
    **given: Any,
) -> None:
    """
    Hold a backend that is running against CONTRACT.

    Exits with 1 if anything failed that no baseline accepts, with 2 if it could not run. Without --safe the
    backend is written to: what is made is deleted again where that can be, the rest stays.

    \b
    mockserver verify --url https://staging.example.com/api --token "$TOKEN"
    mockserver verify their-api.yaml --url http://127.0.0.1:8000 --safe --tag groups
    mockserver verify --url http://127.0.0.1:8000 --write-baseline accepted.json
    mockserver verify --url http://127.0.0.1:8000 --baseline accepted.json --html differences.html
    """
    backend, chosen, files = (
        proving.read_backend(given),
        proving.read_chosen(given),
        proving.read_files(given),
    )
    files.check()
    accepted = read_baseline(baseline) if baseline is not None else None
    named = options.of_one(contract, (), overlays)
    loaded = load(find_contract(contract), Reach(allow_outside_refs, allow_remote_refs), named["overlays"])
    plan = Verification(seed, max_examples, phases, chosen, keeps_all=files.har is not None)
    found = verify(loaded, backend, plan, say)
    asked = [each.operation_id for each in choose(loaded, chosen)]
    proving.conclude(found, files, proving.hold(found, accepted, files, asked))
