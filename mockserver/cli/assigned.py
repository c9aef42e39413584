"""Options that are of one contract, where several may be served: ``b.yaml=/b``."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from mockserver.control.addresses import PREFIX, is_reserved
from mockserver.errors import MockServerError

_Given = list[tuple[tuple[Path | None, ...], str, str]]


def read_prefixes(texts: Sequence[str], contracts: Sequence[Path]) -> Mapping[Path | None, str]:
    """
    Read ``/v2``, of the one contract, and ``b.yaml=/b``, of the contract that is named so.

    Raises:
        MockServerError: there is no such contract, or what is given is no path that can be served.
    """
    found: dict[Path | None, str] = {}
    for meant, prefix, text in _assign("--prefix", texts, contracts, lambda text: text.startswith("/")):
        if not prefix.startswith("/") or "{" in prefix or is_reserved(prefix.rstrip("/")):
            raise MockServerError(f"--prefix {text}: a base path is written like /v2, and {PREFIX} is taken.")
        found.update(dict.fromkeys(meant, prefix.rstrip("/")))
    return found


def read_overlays(texts: Sequence[str], contracts: Sequence[Path]) -> Mapping[Path | None, tuple[Path, ...]]:
    """
    Read ``fix.yaml``, of the one contract, and ``b.yaml=fix.yaml``, of the contract that is named so.

    Raises:
        MockServerError: there is no such contract, or no such file.
    """
    found: dict[Path | None, tuple[Path, ...]] = {}
    for meant, name, text in _assign("--overlay", texts, contracts, lambda text: Path(text).is_file()):
        if not Path(name).is_file():
            raise MockServerError(f"--overlay {text}: there is no such file.")
        for each in meant:
            found[each] = (*found.get(each, ()), Path(name))
    return found


def _assign(
    option: str, texts: Iterable[str], contracts: Sequence[Path], is_value: Callable[[str], bool]
) -> _Given:
    """Give what each text is said of: the contract that it names, or else the only one."""
    given: _Given = []
    for text in texts:
        name, is_named, value = text.rpartition("=")
        if is_named and is_value(text) and name not in map(str, contracts):
            name, is_named, value = "", "", text  # the sign is a part of the value
        meant = [each for each in contracts if name in (str(each), each.name)] if is_named else contracts
        if len(contracts) > 1 and not is_named:
            example = f"{contracts[-1]}={text}"
            raise MockServerError(f"{option} {text}: several contracts are served; write {option} {example}.")
        if is_named and not meant:
            known = ", ".join(map(str, contracts)) or "none"
            raise MockServerError(f"{option} {text}: there is no contract {name}; there are: {known}.")
        given.append((tuple(meant) or (None,), value, text))
    return given
