"""Find the path that a request means: concrete segments before templates, at a cost that does not grow."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

_PARAMETER = re.compile(r"\{([^{}/]+)\}")


@dataclass(slots=True)
class _Node:
    concrete: dict[str, "_Node"] = field(default_factory=dict)
    mixed: list[tuple[tuple[str, ...], "_Node"]] = field(default_factory=list)
    any: "_Node | None" = None
    path: str | None = None
    names: tuple[str, ...] = ()


class PathTree:
    """
    The contract's paths by segment.

    A concrete path wins over a templated one, as OpenAPI has it, whatever their order in the document.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._concrete: dict[str, str] = {}
        self._root = _Node()
        for path in paths:
            self._add(path)
            if "{" not in path:
                self._concrete[path] = path

    def match(self, raw_path: str) -> tuple[str, Mapping[str, str]] | None:
        """
        Find a path and the raw values of its parameters, still percent-encoded.

        Segments are told apart before they are decoded, so an encoded slash stays inside its value. An
        empty segment is no value.
        """
        found = self._concrete.get(raw_path)
        if found is not None:
            return found, {}
        segments = raw_path.split("/")
        result = _find(self._root, segments, 1, ()) if not segments[0] else None
        if result is None:
            return None
        node, values = result
        assert node.path is not None
        return node.path, dict(zip(node.names, values, strict=True))

    def other_slash_form(self, raw_path: str) -> str | None:
        """Give the path with its last slash added or taken away, if the contract has that one."""
        other = raw_path[:-1] if raw_path.endswith("/") else f"{raw_path}/"
        return other if other and self.match(other) else None

    def _add(self, path: str) -> None:
        node = self._root
        for segment in path.split("/")[1:]:
            node = _child(node, segment)
        if node.path is None:  # of two that differ only in a parameter's name, the first
            node.path, node.names = path, tuple(_PARAMETER.findall(path))


def _child(node: _Node, segment: str) -> _Node:
    """Give the node for a segment of a path, made if need be."""
    literals = tuple(_PARAMETER.sub("{}", segment).split("{}")) if _PARAMETER.search(segment) else ()
    if not literals:
        return node.concrete.setdefault(segment, _Node())
    if literals == ("", ""):
        node.any = node.any or _Node()
        return node.any
    for known, child in node.mixed:
        if known == literals:
            return child
    child = _Node()
    node.mixed.append((literals, child))
    # The more a segment says, the sooner it is tried: "{name}.{format}" after "{name}.tar.gz".
    node.mixed.sort(key=lambda each: (len("".join(each[0])), len(each[0])), reverse=True)
    return child


def _find(
    node: _Node, segments: list[str], depth: int, values: tuple[str, ...]
) -> tuple[_Node, tuple[str, ...]] | None:
    if depth == len(segments):
        return (node, values) if node.path is not None else None
    segment = segments[depth]
    child = node.concrete.get(segment)
    if child is None and "%" in segment:
        child = node.concrete.get(unquote(segment))
    if child is not None and (found := _find(child, segments, depth + 1, values)):
        return found
    for literals, mixed in node.mixed:
        parts = _parts(literals, segment)
        if parts and (found := _find(mixed, segments, depth + 1, values + parts)):
            return found
    if node.any is not None and segment:
        return _find(node.any, segments, depth + 1, (*values, segment))
    return None


def _parts(literals: tuple[str, ...], segment: str) -> tuple[str, ...]:
    """
    Give what stands between some literals in a segment, each as short as can be; nothing if it does not.

    A regular expression would do the same, but in a time that grows with a power of the segment's length.
    """
    first, *middle, last = literals
    at, end = len(first), len(segment) - len(last)
    if not (segment.startswith(first) and segment.endswith(last)):
        return ()
    parts = []
    for literal in middle:
        found = segment.find(literal, at + 1, end)
        if found < 0:
            return ()
        parts.append(segment[at:found])
        at = found + len(literal)
    return (*parts, segment[at:end]) if at < end else ()
