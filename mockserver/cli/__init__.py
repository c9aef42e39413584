"""The command line: one module a command, imported when it is called."""

import importlib
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import click

from mockserver.cli.saying import leave_unread
from mockserver.errors import MockServerError

# By command: what the overview says of it. The module of the same name has it as ``command``.
COMMANDS = {
    "serve": "Serve a contract as an API.",
    "check": "Name every defect of a contract and of what belongs to it.",
    "diff": "Say what changed between two versions of a contract, and whom that breaks.",
    "routes": "List every operation, how it is answered, and an address to paste.",
    "token": "Print a signed token for a persona.",
    "export": "Write the present state as a fixture set.",
    "enlarge": "Make a large fixture set out of a small one.",
    "fuzz": "Prove the mock with schemathesis.",
    "verify": "Hold a real backend against a contract.",
    "compare": "Say where the mock is unlike its backend.",
    "coverage": "Say how much of a contract was touched by requests.",
}


class _Commands(click.Group):
    """Commands whose modules are imported when they are called: schemathesis alone takes a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(f"mockserver.cli.{cmd_name}").command
        return found

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # click would say 1, which is that something was found
            leave_unread()
            ctx.exit(2)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mockserver")
def cli() -> None:
    """
    A mock server that keeps its OpenAPI contract.

    \b
    mockserver serve                       serve ./openapi.yaml, or the contract that is shipped
    mockserver token super-admin           a token to call it with
    mockserver fuzz --max-examples 100     prove it

    `mockserver COMMAND --help` shows what a command takes, with examples.
    """


def main(arguments: Sequence[str] | None = None) -> Any:
    """
    Run the command line; what the operator can mend is said in words, with exit code 2.

    Every end that no command has chosen is a 2, a bug of ours with its traceback, too: 1 says that something
    was found.
    """
    try:
        code = cli.main(args=arguments, standalone_mode=False)
    except MockServerError as error:
        click.echo(f"mockserver: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("mockserver: interrupted.", err=True)
        sys.exit(2)
    except Exception:
        traceback.print_exc()
        sys.exit(2)
    sys.exit(code if isinstance(code, int) else 0)
