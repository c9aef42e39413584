"""What is said on stdout, as long as there is somebody who reads it."""

import os
import sys

import click


def say(text: str) -> None:
    """Say something, not always whole lines; nothing is wrong where nobody reads it, such as `head`."""
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        leave_unread()


def leave_unread() -> None:
    """Let what is still said go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
