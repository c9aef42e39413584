"""The command ``token``."""

from datetime import datetime
from pathlib import Path

import click

from mockserver.cli import options
from mockserver.errors import MockServerError
from mockserver.serve.assembly import Setup, read_parts
from mockserver.state.clock import Clock
from mockserver.state.personas import mint


@click.command()
@options.together(
    click.argument("persona", required=False),
    click.option("--list", "show", is_flag=True, help="Show the personas instead."),
    click.option(
        "--contract",
        type=click.Path(path_type=Path),
        help="The contract whose personas are meant. [default: as for serve]",
    ),
    options.fixtures,
    options.clock,
)
def command(
    persona: str | None, show: bool, contract: Path | None, fixtures: Path | None, clock: datetime | None
) -> None:
    """
    Print a signed token for PERSONA, good for as long as the persona's lifetime says.

    The key is a fixed development key that everybody has: never trust these tokens outside a mock.

    \b
    mockserver token super-admin
    mockserver token --list
    curl -H "Authorization: Bearer $(mockserver token viewer)" http://127.0.0.1:8080/...
    """
    personas = read_parts(Setup(contract=contract, fixtures=fixtures)).personas
    if show:
        width = max((len(each.name) for each in personas), default=0)
        for each in personas:
            click.echo(f"{each.name:{width}}  {each.description}")
    elif persona is None:
        raise MockServerError("Whose token? mockserver token --list shows the personas.")
    else:
        click.echo(mint(personas[persona], Clock(clock)))
