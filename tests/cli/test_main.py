"""How a command ends that nobody has ended: with 2, since 1 says that something was found."""

import sys
from types import ModuleType

import click
import pytest

from mockserver.cli import COMMANDS, main


@click.command()
def fail() -> None:
    raise ZeroDivisionError("a bug of ours")


@click.command()
def lack() -> None:
    raise click.FileError("missing.txt")


def ending(command, monkeypatch) -> int:
    module = ModuleType("mockserver.cli.ending")
    module.command = command
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(COMMANDS, "ending", "End.")
    with pytest.raises(SystemExit) as ended:
        main(["ending"])
    return ended.value.code


def test_what_is_wrong_with_a_command_line_ends_with_2(monkeypatch, capsys):
    assert ending(lack, monkeypatch) == 2
    assert "missing.txt" in capsys.readouterr().err


def test_a_bug_of_ours_ends_with_2_and_its_traceback(monkeypatch, capsys):
    assert ending(fail, monkeypatch) == 2
    assert "ZeroDivisionError: a bug of ours" in capsys.readouterr().err
