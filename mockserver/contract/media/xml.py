"""Values as XML, by the ``xml`` of their schemas. Source: OpenAPI 3.1.1, "XML Object"; 3.2, ``nodeType``."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape as escaped
from xml.sax.saxutils import quoteattr

import orjson

from mockserver.contract.media.xml_tree import local_name, parse
from mockserver.contract.parameters.values import UNFIT, Reader, Readers, parts_of
from mockserver.contract.pointers import dereference, escape, pointer_of, resolve
from mockserver.contract.violation import Location, Violation

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
# The letters of the larger alphabets that XML 1.0 takes in names in each of its editions.
_LETTERS = (
    "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0410-\u044f\u3041-\u3094\u4e00-\u9fa5\uac00-\ud7a3"
)
# Compiled when first used, and kept by the standard library: such wide ranges take long, and few need them.
_NO_NAME = f"[^{_LETTERS}0-9.\\-]"
_NAME_START = f"[{_LETTERS}]"
_NO_CHARACTER = "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_COMPONENT = re.compile(r"/components/schemas/([^/]+)")


class Shape:
    """How the values of one schema are written as XML; one that contains itself has a shape that does."""

    def __init__(self, reader: Reader, said: Mapping[str, Any], component: str | None) -> None:
        node = said.get("nodeType")
        self.reader = reader
        self.name = str(said["name"]).rpartition(":")[2] if said.get("name") else None
        self.component = component
        self.namespace = str(said.get("namespace") or "")
        self.prefix = str(said.get("prefix") or "")
        self.is_attribute = said.get("attribute") is True or node == "attribute"
        self.is_text = node in ("text", "cdata")
        self.is_wrapped = said.get("wrapped") is True or node == "element"
        self.required: frozenset[str] = frozenset()
        self.properties: Mapping[str, Shape] = {}
        self.items: Shape | None = None
        self.others: Shape | None = None

    @property
    def is_array(self) -> bool:
        return not self.reader.untyped and self.reader.shapes == {"array"}

    @property
    def root(self) -> str:
        """The name of the root element: its own, or the component's, or one after what is in the array."""
        if self.name or self.component:
            return self.name or self.component or ""
        item = self.items and (self.items.name or self.items.component)
        return f"{item}s" if item else "root"

    @property
    def item(self) -> "Shape":
        return self.items or _PLAIN


class Shapes:
    """The shapes of one document, each built once."""

    def __init__(self, document: Mapping[str, Any], readers: Readers) -> None:
        self._document = document
        self._readers = readers
        self._built: dict[tuple[str, ...], Shape] = {}
        self.plain = _PLAIN

    def at(self, *pointers: str) -> Shape:
        """Give the shape for a schema, or for a value that may be described by any of several."""
        if pointers in self._built:
            return self._built[pointers]
        said, component = self._said(pointers)
        self._built[pointers] = shape = Shape(self._readers.at(*pointers), said, component)
        parts = [part for pointer in pointers for part in parts_of(self._document, pointer, ())]
        shape.required = frozenset(
            name for _, schema in parts for name in schema.get("required") or () if isinstance(name, str)
        )
        names = dict.fromkeys(name for _, schema in parts for name in schema.get("properties") or ())
        shape.properties = {
            name: self.at(
                *(f"{p}/properties/{escape(name)}" for p, s in parts if name in (s.get("properties") or ()))
            )
            for name in names
        }
        items = [f"{p}/items" for p, s in parts if isinstance(s.get("items"), dict)]
        shape.items = self.at(*items) if items else None
        others = [
            f"{p}/additionalProperties" for p, s in parts if isinstance(s.get("additionalProperties"), dict)
        ]
        shape.others = self.at(*others) if others else None
        return shape

    def _said(
        self, pointers: Sequence[str], seen: tuple[str, ...] = ()
    ) -> tuple[Mapping[str, Any], str | None]:
        """
        Give what schemas say of their XML, and the first component that they are.

        Each says it itself, or in what it refers to, or in the parts of its ``allOf``; the last one counts. A
        component keeps its own name, though, whatever its parts are called.
        """
        said: dict[str, Any] = {}
        component = None
        for pointer in reversed(pointers):
            schema = resolve(self._document, pointer, follow=False)
            if not isinstance(schema, dict) or pointer in seen:
                continue
            found = _COMPONENT.fullmatch(pointer)
            component = component or (found and found[1]) or None
            xml = dereference(self._document, schema.get("xml"))
            said = {**(xml if isinstance(xml, dict) else {}), **said}
            if isinstance(schema.get("$ref"), str):
                inner, name = self._said([pointer_of(schema["$ref"])], (*seen, pointer))
            else:
                parts = [f"{pointer}/allOf/{index}" for index, _ in enumerate(schema.get("allOf") or ())]
                inner, name = self._said(parts, (*seen, pointer))
                if component:
                    inner = {key: value for key, value in inner.items() if key != "name"}
            component = component or name
            said = {**inner, **said}
        return said, component


_PLAIN = Shape(Reader(None), {}, None)


def read_xml(raw: bytes, shape: Shape, charset: str | None = None) -> tuple[Any, list[Violation]]:
    """
    Give the value that a document means for a schema, and what could not be read; never raises.

    A document type declaration is refused, and with it every entity of one's own. Namespaces tell nothing
    apart. The root's name is held against the one that the schema gives itself, if it does. Where the schema
    takes a string and nothing else, a document with elements in it is that string.
    """
    try:
        root = parse(raw, charset)
    except ValueError as error:
        return None, [Violation((), "xml", None, None, f"it is not XML that is taken here: {error}")]
    if len(root) and shape.reader.types == ("string",) and not shape.reader.untyped:
        return raw.decode("utf-8", "replace"), []
    violations: list[Violation] = []
    if shape.name and local_name(root.tag) != shape.name:
        text = f"the root element is <{local_name(root.tag)}>; the contract has <{shape.name}>"
        violations.append(Violation((), "xml", shape.name, local_name(root.tag), text))
    return _value(root, shape, (), violations), violations


def _value(element: Element, shape: Shape, location: Location, violations: list[Violation]) -> Any:
    if element.get(f"{{{_XSI}}}nil") in ("true", "1"):
        return None
    reader, text = shape.reader, element.text or ""
    is_branch = bool(len(element) or _attributes(element))
    if reader.untyped:
        return _object(element, shape, location, violations) if is_branch else text
    if shape.is_array or ("array" in reader.shapes and is_branch and "object" not in reader.shapes):
        _refuse_text(text, shape, location, violations)
        return _members(element, shape, location, violations)
    if "object" in reader.shapes and (is_branch or "scalar" not in reader.shapes or not text.strip()):
        _refuse_text(text, shape, location, violations)
        return _object(element, shape, location, violations)
    if len(element):
        return _object(element, _PLAIN, location, violations)
    return _scalar(text, reader, location, violations)


def _refuse_text(text: str, shape: Shape, location: Location, violations: list[Violation]) -> None:
    """Complain of text where elements should be, unless it is what one of the properties is."""
    if text.strip() and not any(inner.is_text for inner in shape.properties.values()):
        violations.append(shape.reader.refuse(text.strip(), location))


def _scalar(text: str, reader: Reader, location: Location, violations: list[Violation]) -> Any:
    value = reader.read_text(text if "string" in reader.types else text.strip())
    if value is not UNFIT:
        return value
    violations.append(reader.refuse(text, location))
    return text


def _members(
    elements: Element | Sequence[Element], shape: Shape, location: Location, violations: list[Violation]
) -> list[Any]:
    return [_value(each, shape.item, (*location, index), violations) for index, each in enumerate(elements)]


def _object(
    element: Element, shape: Shape, location: Location, violations: list[Violation]
) -> dict[str, Any]:
    children: dict[str, list[Element]] = {}
    for child in element:
        children.setdefault(local_name(child.tag), []).append(child)
    attributes = _attributes(element)
    found: dict[str, Any] = {}
    for name, inner in shape.properties.items():
        at = (*location, name)
        own = inner.name or name
        if inner.is_attribute:
            text = attributes.pop(own, None)
            if text is not None:
                found[name] = _scalar(text, inner.reader, at, violations)
        elif inner.is_text:
            found[name] = _scalar(element.text or "", inner.reader, at, violations)
        elif inner.is_array and not inner.is_wrapped:
            if given := children.pop(inner.item.name or name, None):
                found[name] = _members(given, inner, at, violations)
            elif name in shape.required:
                found[name] = []  # an array without a wrapper and without members leaves no trace
        elif given := children.pop(own, None) or children.pop(name, None):
            found[name] = _one_or_many(given, inner, at, violations)
    other = shape.others or _PLAIN
    for name, given in children.items():
        found.setdefault(name, _one_or_many(given, other, (*location, name), violations))
    for name, text in attributes.items():
        found.setdefault(name, _scalar(text, other.reader, (*location, name), violations))
    return found


def _one_or_many(given: list[Element], shape: Shape, location: Location, violations: list[Violation]) -> Any:
    if len(given) == 1:
        return _value(given[0], shape, location, violations)
    return [_value(each, shape, (*location, index), violations) for index, each in enumerate(given)]


def _attributes(element: Element) -> dict[str, str]:
    """Give the attributes of an element by their local names, but for those that XML has for itself."""
    return {
        local_name(name): value
        for name, value in element.attrib.items()
        if not name.startswith((f"{{{_XSI}}}", "{http://www.w3.org/XML/1998/namespace}"))
    }


def write_xml(value: Any, shape: Shape) -> bytes:
    """Write a value as a document. A text that begins with ``<`` is one already, and stays as it is."""
    if isinstance(value, str) and value.lstrip().startswith("<"):
        return value.encode("utf-8", "replace")
    written = "".join(_element(shape.root, value, shape, {}))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}'.encode("utf-8", "replace")


def _element(name: str, value: Any, shape: Shape, known: Mapping[str, str]) -> Iterator[str]:
    """Write one element; ``known`` are the namespaces around it by prefix."""
    known = dict(known)
    declared = _declare(shape, known)
    tag = _qualified(name, shape, known)
    fields = value if isinstance(value, dict) else {}
    for each, text in fields.items():
        inner = shape.properties.get(each, _PLAIN)
        if inner.is_attribute and text is not None:
            declared += _declare(inner, known)
            qualified = _qualified(inner.name or each, inner, known)
            declared += f" {qualified}={quoteattr(_text(text))}"
    if value is None:
        yield f'<{tag}{declared} xmlns:xsi="{_XSI}" xsi:nil="true"/>'
        return
    yield f"<{tag}{declared}>"
    if isinstance(value, dict):
        for each, member in fields.items():
            inner = shape.properties.get(each) or shape.others or _PLAIN
            if not inner.is_attribute:
                yield from _property(each, member, inner, known)
    elif isinstance(value, list):
        item = shape.item
        default = item.component if not shape.name and item.component else name
        for member in value:
            yield from _element(item.name or default, member, item, known)
    else:
        yield escaped(_text(value))
    yield f"</{tag}>"


def _property(name: str, value: Any, shape: Shape, known: Mapping[str, str]) -> Iterator[str]:
    own = shape.name or name
    if shape.is_text:
        yield escaped(_text(value))
    elif isinstance(value, list) and not shape.is_wrapped:
        for member in value:
            yield from _element(shape.item.name or name, member, shape.item, known)
    elif isinstance(value, list):
        known = dict(known)
        declared = _declare(shape, known)
        tag = _qualified(own, shape, known)
        yield f"<{tag}{declared}>"
        for member in value:
            yield from _element(shape.item.name or own, member, shape.item, known)
        yield f"</{tag}>"
    else:
        yield from _element(own, value, shape, known)


def _declare(shape: Shape, known: dict[str, str]) -> str:
    """Give the declaration of a shape's namespace, where it is not in force yet."""
    if not shape.namespace or known.get(shape.prefix) == shape.namespace:
        return ""
    known[shape.prefix] = shape.namespace
    return f" xmlns{':' if shape.prefix else ''}{shape.prefix}={quoteattr(shape.namespace)}"


def _qualified(name: str, shape: Shape, known: Mapping[str, str]) -> str:
    name = re.sub(_NO_NAME, "_", name) or "_"
    if not re.match(_NAME_START, name):
        name = f"_{name}"
    return f"{shape.prefix}:{name}" if shape.prefix in known and shape.prefix else name


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return re.sub(_NO_CHARACTER, "\ufffd", text)
