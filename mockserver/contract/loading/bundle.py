"""Join a document and the files that it refers to into one, in which every reference is local."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urldefrag, urljoin

from mockserver.contract.loading.defects import ContractError, Defect, place_of
from mockserver.contract.loading.files import (
    KEY,
    Change,
    NotReadable,
    Reach,
    SourceFile,
    defect_at,
    fetch,
    path_of,
    pointer_to,
)
from mockserver.contract.loading.overlay import Overlays, apply_files
from mockserver.contract.loading.text import parse_document, read_file
from mockserver.contract.lowering import LITERAL, NAMES
from mockserver.contract.pointers import Place, pointer_of, resolve, write_place

# How keywords name a schema by something else than where it stands.
_IDENTITIES = (b"$id", b"$anchor", b"$dynamicAnchor", b"$self")


@dataclass(frozen=True, slots=True)
class Bundle:
    """
    One document of one file or many.

    The content of each further file stands under ``x-mock-files`` by its name. ``found`` has the references
    that led nowhere, which are taken out: a pointer and a sentence for each. ``changes`` are what overlays
    put in, and ``references`` all that is referred to, by pointers into the whole.
    """

    data: Any
    files: tuple[SourceFile, ...]
    found: tuple[tuple[str, str], ...]
    changes: tuple[Change, ...] = ()
    references: frozenset[str] = frozenset()

    def defect(self, pointer: str, text: str) -> Defect:
        return defect_at(self.files, self.changes, pointer, text)


def bundle(path: Path, reach: Reach, overlays: Sequence[Path] = ()) -> Bundle:
    """
    Read a document, with overlays applied to it, and all files that it refers to.

    Nothing is put in the place of a reference, so that schemas may go round in circles.

    Raises:
        MockServerError: the document itself, or an overlay, cannot be read.
    """
    source = read_file(path)
    data = parse_document(path.name, source)
    if not isinstance(data, dict):
        return Bundle(data, (SourceFile(path.name, path, source, ""),), ())
    return _Bundler(path, source, apply_files(data, overlays), reach).run()


class _Bundler:
    def __init__(self, path: Path, source: bytes, overlaid: Overlays, reach: Reach) -> None:
        self._path = path.resolve()
        self._reach = reach
        self._overlaid = overlaid
        self._data = overlaid.document
        self._found: list[tuple[str, str]] = [*overlaid.found]
        self._uses: list[tuple[dict[str, Any], str, Place, str]] = []
        self._seen: set[int] = set()
        self._known: dict[tuple[str, str], str] = {}
        # By address: the pointer to where it stands, or why it cannot be read; by address and name, anchors.
        self._pointers: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        self._anchors: dict[tuple[str, str], str] = {}
        self._dynamic_anchors: dict[str, list[str]] = {}
        self._dynamic_uses: list[tuple[Place, str]] = []
        self._address = self._path.as_uri()
        self._waiting: list[tuple[str, Any, str]] = []
        self._files: list[SourceFile] = []
        self._add(self._address, SourceFile(path.name, path, source, ""), self._data)

    def run(self) -> Bundle:
        while self._waiting:
            address, content, pointer = self._waiting.pop()
            self._look(content, (pointer,), address, address)
        self._break_what_leads_nowhere()
        self._tell_of_overridden_anchors()
        # Files were met in the order of a walk; they are told in that of their names.
        others = sorted(self._files[1:], key=lambda each: each.name)
        files = (self._files[0], *others, *self._overlaid.files)
        references = frozenset(node[key] for node, key, _, _ in self._uses if isinstance(node.get(key), str))
        return Bundle(self._data, files, tuple(self._found), self._overlaid.changes, references)

    def _add(self, address: str, file: SourceFile, content: Any) -> None:
        self._files.append(file)
        self._pointers[address] = file.pointer
        if any(name in file.source for name in _IDENTITIES):
            own = content.get("$self") if isinstance(content, dict) else None
            if isinstance(own, str):
                self._pointers.setdefault(urljoin(address, own), file.pointer)
            self._collect(content, (file.pointer,), address)
        self._waiting.append((address, content, file.pointer))

    def _collect(self, node: Any, place: Place, base: str, *, names: bool = False) -> None:
        """Find what calls itself by an ``$id`` or an anchor."""
        if isinstance(node, dict) and not names:
            if isinstance(node.get("$id"), str):
                base = urldefrag(urljoin(base, node["$id"])).url
                self._pointers.setdefault(base, write_place(place))
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(keyword), str):
                    self._anchors.setdefault((base, node[keyword]), write_place(place))
            if isinstance(node.get("$dynamicAnchor"), str):
                self._dynamic_anchors.setdefault(node["$dynamicAnchor"], []).append(write_place(place))
        for key, value, are_names in _children(node, names):
            self._collect(value, (place, key), base, names=are_names)

    def _look(self, node: Any, place: Place, base: str, file: str, *, names: bool = False) -> None:
        """Rewrite every reference below a node; ``base`` is what a relative one is relative to."""
        if isinstance(node, dict):
            if id(node) in self._seen:  # an alias of YAML stands in several places
                return
            self._seen.add(id(node))
            if not names:
                if isinstance(node.get("$id"), str):
                    base = urldefrag(urljoin(base, node["$id"])).url
                self._rewrite(node, place, base, file)
        for key, value, are_names in _children(node, names):
            self._look(value, (place, key), base, file, names=are_names)

    def _rewrite(self, node: dict[str, Any], place: Place, base: str, file: str) -> None:
        dynamic = node.get("$dynamicRef")
        if isinstance(dynamic, str) and "$ref" not in node:
            # Where nothing overrides its anchor, it means what a plain reference means.
            node["$ref"] = node.pop("$dynamicRef")
            self._dynamic_uses.append((place, dynamic))
        reference = node.get("$ref")
        if isinstance(reference, str):
            self._uses.append((node, "$ref", place, reference))
            node["$ref"] = self._local(reference, base, file)
        discriminator = node.get("discriminator")
        mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
        if not isinstance(mapping, dict):
            return
        for name, value in [*mapping.items()]:
            if isinstance(value, str) and _is_reference(value):
                at = (((place, "discriminator"), "mapping"), name)
                self._uses.append((mapping, name, at, value))
                mapping[name] = self._local(value, base, file)

    def _local(self, reference: str, base: str, file: str) -> str:
        """Give a reference that leads, inside the whole document, to what one in a file leads to."""
        key = (reference, base)
        if key not in self._known:
            self._known[key] = self._find(reference, base, file)
        return self._known[key]

    def _find(self, reference: str, base: str, file: str) -> str:
        if reference.startswith("#") and base == self._address and reference[1:2] in ("", "/"):
            return reference
        address, fragment = self._address_of(reference, base, file)
        pointer = self._pointers.get(address)
        if pointer is None:
            return reference  # it was refused, and is told of later
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            anchor = self._anchors.get((address, fragment))
            return f"#{fragment if anchor is None else quote(anchor)}"
        return f"#{quote(pointer + fragment, safe='/~')}"

    def _address_of(self, reference: str, base: str, file: str) -> tuple[str, str]:
        """Give the address that a reference writes, once what is there has been read, and its fragment."""
        tried = []
        for start in dict.fromkeys((base, file)):
            try:
                address, fragment = urldefrag(urljoin(start, reference.strip()))
            except ValueError:  # brackets that are no IPv6 address, say
                self._refused[reference] = "is no address"
                return reference, ""
            path = path_of(address)
            if path is not None:
                address = path.resolve().as_uri()
            if address in self._pointers or self._read(address):
                return address, fragment
            tried.append(address)
        self._refused[reference] = self._refused[tried[-1]]
        return tried[-1], ""

    def _read(self, address: str) -> bool:
        if address in self._refused:
            return False
        path = path_of(address)
        name = address if path is None else _name_from(self._path.parent, path)
        try:
            source = fetch(address, self._path.parent, self._reach)
            content = parse_document(name, source)
        except NotReadable as error:
            self._refused[address] = str(error)
            return False
        except ContractError as error:
            defect = error.defects[0]
            self._refused[address] = f"cannot be read: {defect.file}:{defect.line}  {defect.text.rstrip('.')}"
            return False
        pointer = pointer_to(name)
        self._data.setdefault(KEY, {})[name] = content
        self._add(address, SourceFile(name, path, source, pointer), content)
        return True

    def _break_what_leads_nowhere(self) -> None:
        """Take out every reference that leads to nothing: what is left allows anything."""
        verdicts: dict[str, str | None] = {}
        for node, key, place, written in self._uses:
            reference = node.get(key)
            if not isinstance(reference, str):
                continue
            if reference not in verdicts:
                verdicts[reference] = self._verdict(reference, written)
            wrong = verdicts[reference]
            if wrong is not None:
                self._found.append((write_place(place), f"{written} {wrong}."))
                del node[key]

    def _tell_of_overridden_anchors(self) -> None:
        for place, written in self._dynamic_uses:
            anchors = self._dynamic_anchors.get(urldefrag(written).fragment, ())
            if len(anchors) > 1:
                among = " and ".join(map(place_of, anchors))
                text = f"is read as a $ref; which of the anchors is meant, of {among}, is not looked for."
                self._found.append((f"{write_place(place)}/$dynamicRef", text))

    def _verdict(self, reference: str, written: str) -> str | None:
        if not reference.startswith("#"):
            return self._refused.get(written) or "refers to nothing"
        if reference[1:2] not in ("", "/"):  # an anchor that nothing has
            return "refers to nothing"
        try:
            resolve(self._data, pointer_of(reference))
        except (LookupError, ValueError, TypeError) as error:
            return f"refers to {'itself' if type(error) is LookupError else 'nothing'}"
        return None


def _children(node: Any, names: bool) -> Iterator[tuple[Any, Any, bool]]:
    """Give the objects and lists in a node that may hold references, and whether their keys are names."""
    if isinstance(node, list):
        for index, value in enumerate(node):
            if isinstance(value, (dict, list)):
                yield index, value, False
    elif isinstance(node, dict):
        for key, value in [*node.items()]:
            # A name, of a property or a response, is never a keyword, even if it is "default".
            if isinstance(value, (dict, list)) and (
                names or (key not in LITERAL and not key.startswith("x-"))
            ):
                yield key, value, key in NAMES and not names


def _is_reference(text: str) -> bool:
    """Tell whether a discriminator's mapping leads to a schema by a reference rather than by its name."""
    return "#" in text or "/" in text or text.endswith((".yaml", ".yml", ".json"))


def _name_from(folder: Path, path: Path) -> str:
    up: list[str] = []
    here = folder
    while not path.is_relative_to(here):
        here, up = here.parent, [*up, ".."]
    return "/".join((*up, *path.relative_to(here).parts))
