"""The elements of an XML document that somebody sent: no document types, no entities, no endless depth."""

from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

_DEEPEST = 200
_CHARSETS = frozenset({"utf-8", "utf-16", "iso-8859-1", "us-ascii"})


def parse(raw: bytes, charset: str | None = None) -> Element:
    """
    Give the root element; names within a namespace are written ``{namespace}name``.

    ``charset`` is what the media type said, which goes before what the document says.

    Raises:
        ValueError: it is no XML, it has a document type declaration, or it is nested too deeply.
    """
    known = charset.lower() if charset and charset.lower() in _CHARSETS else None
    parser = expat.ParserCreate(encoding=known, namespace_separator="}")
    building = _Building()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = building.refuse
    parser.StartElementHandler = building.start
    parser.EndElementHandler = building.end
    parser.CharacterDataHandler = building.builder.data
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(str(error)) from error
    root: Element = building.builder.close()
    return root


def local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Building:
    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(f"it is nested more than {_DEEPEST} deep")
        self.builder.start(_named(tag), {_named(name): value for name, value in attributes.items()})

    def end(self, tag: str) -> None:
        self._depth -= 1
        self.builder.end(_named(tag))

    def refuse(self, *_: Any) -> None:
        raise ValueError("it has a document type declaration")


def _named(name: str) -> str:
    return f"{{{name}" if "}" in name else name
