"""Which paths are meant, by a template of the contract or by what requests ask for."""

from dataclasses import dataclass
from urllib.parse import unquote

from mockserver.contract.operation import Contract, shape_of
from mockserver.errors import MockServerError, nearest


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A path of the contract, as its template, or what requests ask for: ``*`` is any run of characters."""

    text: str
    template: str | None

    def holds(self, path: str, template: str | None) -> bool:
        """Tell whether a path is meant, as it was asked for; ``template`` is the one that it belongs to."""
        if self.template is not None and self.template == template:
            return True
        return _is_like(self.text, path) or ("%" in path and _is_like(self.text, unquote(path)))


def read_path(text: str, contract: Contract, where: str = "path") -> PathPattern:
    """
    Read what paths are meant. The server's own path may stand before a template of the contract.

    Raises:
        MockServerError: it has parameters in braces, and no path of the contract is like it.
    """
    templates = {shape_of(path): path for path in contract.by_path}
    base = contract.base_path
    shape = shape_of(text)
    template = templates.get(shape)
    if template is None and base and shape.startswith(f"{base}/"):
        template = templates.get(shape.removeprefix(base))
    if template is None and "{" in text and "*" not in text:
        raise MockServerError(
            f'{where}: the contract has no path "{text}".{nearest(text, contract.by_path)} '
            "For any run of characters write *."
        )
    return PathPattern(text, template)


def _is_like(pattern: str, text: str) -> bool:
    """Hold a text against a pattern with ``*``, in a time that no pattern can make long."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == text
    *middle, last = others
    at, end = len(first), len(text) - len(last)
    if not (text.startswith(first) and text.endswith(last)):
        return False
    for literal in middle:
        found = text.find(literal, at, max(end, 0))
        if found < 0:
            return False
        at = found + len(literal)
    return at <= end
