"""How a command ends that nobody has ended: with 2, since 1 says that something was found."""

import sys
from types import ModuleType

import click
import pytest

from mockserver.cli import COMMANDS, main


@click.command()
def fail() -> None:
    raise ZeroDivisionError("a bug of ours")


def test_a_bug_of_ours_ends_with_2_and_its_traceback(monkeypatch, capsys):
    module = ModuleType("mockserver.cli.failing")
    module.command = fail
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(COMMANDS, "failing", "Fail.")

    with pytest.raises(SystemExit) as ended:
        main(["failing"])

    assert ended.value.code == 2
    assert "ZeroDivisionError: a bug of ours" in capsys.readouterr().err
