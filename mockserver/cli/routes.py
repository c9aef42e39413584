"""The command ``routes``."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from mockserver.cli import options
from mockserver.cli.addresses import Addresses
from mockserver.contract.loading.files import Reach
from mockserver.contract.operation import Operation
from mockserver.contract.resources.finding import describe as describe_role
from mockserver.errors import MockServerError, nearest
from mockserver.respond.responder import describe
from mockserver.serve.assembly import Parts, Setup, read_content, read_parts
from mockserver.state.items import Item


@click.command()
@options.together(
    options.contract,
    options.handlers,
    options.prefixes,
    options.overlays,
    options.strict,
    options.outside_refs,
    options.remote_refs,
    click.option(
        "--url", default="http://127.0.0.1:8080", show_default=True, help="What addresses begin with."
    ),
    click.option(
        "--explain", "operation_id", metavar="OPERATION", help="Say why one operation is answered as it is."
    ),
)
def command(
    contract: Path | None,
    handlers: str | None,
    prefixes: tuple[str, ...],
    overlays: tuple[str, ...],
    is_strict: bool,
    allow_outside_refs: bool,
    allow_remote_refs: bool,
    url: str,
    operation_id: str | None,
) -> None:
    """
    List every operation of CONTRACT, how it is answered, and an address to paste.

    \b
    mockserver routes
    mockserver routes their-api.yaml --url http://localhost:4010
    mockserver routes their-api.yaml --explain listPets
    """
    reach = Reach(allow_outside_refs, allow_remote_refs)
    given = options.of_one(contract, prefixes, overlays)
    setup = Setup(contract=contract, handlers=handlers, reach=reach, is_strict=is_strict, **given)
    parts = read_parts(setup)
    options.warn(parts.contract)
    if operation_id is not None:
        lines = explain(parts, operation_id)
    else:
        content = read_content(setup, parts, datetime.now(UTC)) if parts.resources.collections else {}
        items = {name: each[0] for name, each in content.items() if each}
        lines = describe_operations(parts, items, url.rstrip("/"))
    for line in lines:
        click.echo(line)


def describe_operations(parts: Parts, items: Mapping[str, Item], url: str) -> Iterator[str]:
    """Give one line for each operation: method, address to paste, how it is answered, operationId."""
    contract, operations = parts.contract, parts.contract.operations
    paths = Addresses(contract, parts.resources, items)
    addresses = [f"{url}{paths.of(operation)}" for operation in operations]
    width = max(map(len, addresses), default=0)
    for operation, address in zip(operations, addresses, strict=True):
        source = _source(parts, operation)
        yield f"{operation.method.upper():8}{address:{width}}  {source:8} {operation.operation_id}"


def _source(parts: Parts, operation: Operation) -> str:
    if operation.operation_id in parts.handlings:
        return "handler"
    role = parts.resources.roles.get(operation.operation_id)
    return "state" if role is not None else describe(operation)


def explain(parts: Parts, operation_id: str) -> Iterator[str]:
    """
    Say in sentences how an operation is answered, and why.

    Raises:
        MockServerError: the contract has no such operation.
    """
    contract = parts.contract
    operation = contract.by_id.get(operation_id)
    if operation is None:
        hint = nearest(operation_id, contract.by_id)
        raise MockServerError(f'--explain: {contract.name} has no operation "{operation_id}".{hint}')
    yield f"{operation.method.upper()} {contract.base_path}{operation.path}  {operation_id}"
    handling = parts.handlings.get(operation_id)
    if handling is not None:
        yield f"  handler: {handling.place} ({handling.file})"
        return
    if parts.resources.roles.get(operation_id) is not None:
        action, *reasons = describe_role(parts.resources, operation_id)
        yield f"  state: {action}"
    else:
        yield f"  {describe(operation)}: it has no part in a collection"
        reasons = list(parts.resources.reasons.get(operation_id, ()))
    yield from (f"  - {reason}" for reason in reasons)
    yield "  x-mock-collection beside the path or the operation says it otherwise; false switches state off."
