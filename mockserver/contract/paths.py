"""Find the path that a request means: concrete segments before templates, at a cost that does not grow."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote


@dataclass(slots=True)
class _Node:
    concrete: dict[str, "_Node"] = field(default_factory=dict)
    templates: list[tuple[re.Pattern[str], "_Node"]] = field(default_factory=list)
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
        return self._walk(raw_path.split("/")[1:])

    def other_slash_form(self, raw_path: str) -> str | None:
        """Give the path with its last slash added or taken away, if the contract has that one."""
        other = raw_path[:-1] if raw_path.endswith("/") else f"{raw_path}/"
        return other if other and self.match(other) else None

    def _add(self, path: str) -> None:
        node = self._root
        for segment in path.split("/")[1:]:
            if "{" not in segment:
                node = node.concrete.setdefault(segment, _Node())
                continue
            pattern = _pattern(segment)
            for known, child in node.templates:
                if known == pattern:
                    node = child
                    break
            else:
                child = _Node()
                node.templates.append((pattern, child))
                # The more a segment says, the sooner it is tried: "{id}:copy" before "{id}".
                node.templates.sort(key=lambda each: len(each[0].pattern), reverse=True)
                node = child
        node.path, node.names = path, tuple(re.findall(r"\{([^}]+)\}", path))

    def _walk(self, segments: list[str]) -> tuple[str, Mapping[str, str]] | None:
        for node, values in _descend(self._root, segments, 0, ()):
            if node.path is not None:
                return node.path, dict(zip(node.names, values, strict=True))
        return None


def _descend(
    node: _Node, segments: list[str], depth: int, values: tuple[str, ...]
) -> Iterator[tuple[_Node, tuple[str, ...]]]:
    if depth == len(segments):
        yield node, values
        return
    segment = segments[depth]
    child = node.concrete.get(segment) or node.concrete.get(unquote(segment))
    if child is not None:
        yield from _descend(child, segments, depth + 1, values)
    for pattern, template in node.templates:
        found = pattern.fullmatch(segment)
        if found:
            yield from _descend(template, segments, depth + 1, values + found.groups())


def _pattern(segment: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", segment)
    return re.compile("(.+?)".join(re.escape(part) for part in parts), re.DOTALL)
