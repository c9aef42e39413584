"""One way in which a value breaks the contract."""

from dataclasses import dataclass, replace
from typing import Any

Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """
    A value, where it stands, and the keyword it breaks.

    ``keyword`` is the JSON Schema keyword that refused the value (``type``, ``minimum``, ``enum``,
    ``required``, ``additionalProperties``, …), or one that JSON Schema has no word for:
    ``missing`` (a required parameter or body is not there), ``json``, ``xml``, ``multipart`` and ``csv``
    (the bytes are no such thing), ``unicode`` (the bytes are not UTF-8), ``undeclared`` (the contract lacks
    that parameter).

    ``expected`` is the keyword's value: a limit, the allowed values, a type's name or several. A
    value that no schema can be held against is of the wrong ``type``, without an expected one.
    """

    location: Location
    keyword: str
    expected: Any
    value: Any
    message: str

    def within(self, *outer: str | int) -> "Violation":
        """Give the same violation, seen from the outside of the value at ``outer``."""
        return replace(self, location=(*outer, *self.location))
