"""The error that whoever runs the server can mend; ``Problem``, the other family, is what a client gets."""

import difflib
from collections.abc import Iterable


class MockServerError(Exception):
    """
    Something about the contract, the fixtures, the handlers or the options is wrong.

    The text says where, what was found and what would be right. The command line prints it and exits
    with 2, without a traceback.
    """


def nearest(name: str, known: Iterable[str]) -> str:
    """Give a hint such as `` Did you mean "listGroups"?``, or an empty string where nothing is near."""
    found = difflib.get_close_matches(name, list(known), n=1)
    return f' Did you mean "{found[0]}"?' if found else ""
