"""The command ``verify``."""

from pathlib import Path

import click

from mockserver.cli import options, proving
from mockserver.contract.loading.document import load
from mockserver.contract.loading.files import Reach
from mockserver.errors import MockServerError
from mockserver.prove.baseline import read_baseline, write_baseline
from mockserver.prove.verify import Backend, Chosen, Verification, choose, verify
from mockserver.serve.assembly import find_contract


@click.command()
@options.together(
    options.contract,
    click.option(
        "--url",
        required=True,
        metavar="URL",
        help="Where the paths of the contract begin: the base path is in it.",
    ),
    click.option(
        "-H", "--header", "headers", multiple=True, metavar="NAME:VALUE", help="Sent with requests."
    ),
    click.option(
        "--token",
        metavar="TOKEN",
        envvar="MOCKSERVER_TOKEN",
        help="Sent where the contract asks who calls. [env: MOCKSERVER_TOKEN]",
    ),
    click.option(
        "--token-command",
        metavar="COMMAND",
        help="Prints the token; run again when that is refused (401).",
    ),
    click.option(
        "--token-minutes",
        type=click.FloatRange(min=0, min_open=True),
        metavar="N",
        help="Run the token's command again after so many minutes, too.",
    ),
    click.option("--rate", metavar="N/s", help="At most so many requests: 5/s, 90/m, 1000/h."),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help="How long an answer may take.",
    ),
    click.option("--insecure", is_flag=True, help="Do not check the backend's certificate."),
    click.option(
        "--ca",
        metavar="FILE",
        type=click.Path(path_type=Path, exists=True),
        help="The certificates that are trusted.",
    ),
    click.option("--safe", "is_safe", is_flag=True, help="Send nothing but GET, HEAD and OPTIONS."),
    click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only operations with this tag."),
    click.option(
        "--path", "paths", multiple=True, metavar="GLOB", help="Only these paths: '/users/*' (* is any text)."
    ),
    proving.operations,
    proving.seed,
    proving.max_examples(50),
    proving.phases,
    click.option(
        "--baseline",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Failures that are accepted: only others fail.",
    ),
    click.option(
        "--write-baseline",
        "written",
        metavar="FILE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="Write what failed as a baseline, and exit with 0.",
    ),
    proving.html,
    proving.junit,
    proving.har,
    proving.report,
    options.overlays,
    options.outside_refs,
    options.remote_refs,
)
def command(
    contract: Path | None,
    url: str,
    headers: tuple[str, ...],
    token: str | None,
    token_command: str | None,
    token_minutes: float | None,
    rate: str | None,
    timeout: float,
    insecure: bool,
    ca: Path | None,
    is_safe: bool,
    tags: tuple[str, ...],
    paths: tuple[str, ...],
    operations: tuple[str, ...],
    seed: int,
    max_examples: int,
    phases: tuple[str, ...],
    baseline: Path | None,
    written: Path | None,
    html_file: Path | None,
    junit_file: Path | None,
    har_file: Path | None,
    report_file: Path | None,
    overlays: tuple[str, ...],
    allow_outside_refs: bool,
    allow_remote_refs: bool,
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
    if token is not None and token_command is not None:
        raise MockServerError("--token and --token-command: one of them is enough.")
    files = proving.Files(junit_file, har_file, html_file, report_file)
    files.check()
    accepted = read_baseline(baseline) if baseline is not None else None
    named = options.of_one(contract, (), overlays)
    loaded = load(find_contract(contract), Reach(allow_outside_refs, allow_remote_refs), named["overlays"])
    backend = Backend(
        url=url,
        headers=[_read_header(each) for each in headers],
        token=token,
        token_command=token_command,
        token_minutes=token_minutes,
        rate=rate,
        timeout=timeout,
        verify=False if insecure else str(ca) if ca is not None else True,
    )
    chosen = Chosen(operations, tags, paths, is_safe)
    plan = Verification(seed, max_examples, phases, chosen, keeps_all=har_file is not None)
    found = verify(loaded, backend, plan, proving.say)
    if accepted is not None:
        accepted.hold_against(found, [each.operation_id for each in choose(loaded, chosen)])
    if written is not None and not found.interrupted:
        proving.write("--write-baseline", written, write_baseline(found, accepted))
        found.accepted, found.findings = [*found.accepted, *found.findings], []
    proving.conclude(found, files)


def _read_header(text: str) -> tuple[str, str]:
    name, is_pair, value = text.partition(":")
    if not is_pair or not name.strip():
        raise MockServerError(f'--header {text}: a header is written like "X-Tenant: acme".')
    return name.strip(), value.strip()
