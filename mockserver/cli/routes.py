"""The command ``routes``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from mockserver.cli import options
from mockserver.contract.files import Reach
from mockserver.contract.operation import Contract, Operation
from mockserver.contract.pointers import dereference, resolve
from mockserver.serve.assembly import Parts, Setup, read_parts


@click.command()
@options.together(
    options.contract,
    options.handlers,
    options.strict,
    options.outside_refs,
    options.remote_refs,
    click.option(
        "--url", default="http://127.0.0.1:8080", show_default=True, help="What addresses begin with."
    ),
)
def command(
    contract: Path | None,
    handlers: str | None,
    is_strict: bool,
    allow_outside_refs: bool,
    allow_remote_refs: bool,
    url: str,
) -> None:
    """
    List every operation of CONTRACT, how it is answered, and an address to paste.

    \b
    mockserver routes
    mockserver routes their-api.yaml --url http://localhost:4010
    """
    reach = Reach(allow_outside_refs, allow_remote_refs)
    parts = read_parts(Setup(contract=contract, handlers=handlers, reach=reach, is_strict=is_strict))
    options.warn(parts.contract)
    for line in describe_operations(parts, url.rstrip("/")):
        click.echo(line)


def describe_operations(parts: Parts, url: str) -> Iterator[str]:
    """Give one line for each operation: method, address with the examples' values, source, operationId."""
    operations = parts.contract.operations
    addresses = [f"{url}{_example_path(parts.contract, operation)}" for operation in operations]
    width = max(map(len, addresses), default=0)
    for operation, address in zip(operations, addresses, strict=True):
        source = "handler" if operation.operation_id in parts.handlings else "example"
        yield f"{operation.method.upper():8}{address:{width}}  {source:8} {operation.operation_id}"


def _example_path(contract: Contract, operation: Operation) -> str:
    path = contract.base_path + operation.path
    for parameter in operation.parameters:
        if parameter.location == "path":
            value = _example(contract, parameter.pointer)
            if value is not None:
                path = path.replace(f"{{{parameter.name}}}", quote(str(value), safe=""))
    return path


def _example(contract: Contract, schema_pointer: str | None) -> Any:
    """Find an example of a parameter: its own, or its schema's."""
    if schema_pointer is None:
        return None
    parameter = resolve(contract.data, schema_pointer.rpartition("/schema")[0], follow=False)
    if "example" in parameter:
        return parameter["example"]
    for example in (parameter.get("examples") or {}).values():
        found = dereference(contract.data, example)
        if "value" in found:
            return found["value"]
    schema = resolve(contract.data, schema_pointer)
    listed = schema.get("examples")
    return schema.get("example", listed[0] if listed else schema.get("default"))
