"""Read an OpenAPI document and name every defect with its file and line; the only user of PyYAML."""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
import yaml

from mockserver.contract.lowering import LITERAL, NAMES
from mockserver.contract.operation import METHODS, Contract, declared_base_path, read_operations
from mockserver.contract.pointers import dereference, escape, resolve, unescape
from mockserver.contract.shapes import misshapen
from mockserver.errors import MockServerError

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]  # the same interface, slower


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong with a document: where, what was found, and what would be right."""

    file: str
    line: int
    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}  {self.place}: {self.text}"


class ContractError(MockServerError):
    """A document cannot be served; ``defects`` holds the reasons, in the document's order."""

    def __init__(self, defects: list[Defect]) -> None:
        super().__init__("\n".join(str(defect) for defect in defects))
        self.defects = defects


def load(path: Path) -> Contract:
    """
    Read one OpenAPI 3.0 or 3.1 document, YAML or JSON.

    Raises:
        ContractError: the document cannot be read, or breaks a rule that serving it relies on.
    """
    source = _read(path)
    data = _parse_document(path, source)
    dialect = _dialect(path, data)
    try:
        found = list(_structural_defects(data))
    except RecursionError:
        found = [("", "an alias contains itself, or values are nested too deeply to be read.")]
    defects = [Defect(path.name, line_of(source, pointer), _place(pointer), text) for pointer, text in found]
    if defects:
        raise ContractError(defects)
    return Contract(
        name=path.name,
        source=source,
        data=data,
        dialect=dialect,
        base_path=declared_base_path(data),
        operations=tuple(read_operations(data)),
    )


def parse(text: str | bytes) -> Any:
    """
    Read YAML by the core rules of YAML 1.2: ``on``, ``no`` and ``2026-01-01`` are strings; keys always are.

    Raises:
        yaml.YAMLError: the text is not YAML, or a mapping has a key twice.

    Source: YAML 1.2.2, section 10.3, "Core Schema". Merge keys (``<<``) are kept from 1.1: many use them.
    """
    # The loader is a SafeLoader by descent.
    return yaml.load(text, Loader=_CoreLoader)


def parse_file(path: Path) -> Any:
    """
    Read a YAML or JSON file.

    Raises:
        MockServerError: the file cannot be read, with the line where there is one.
    """
    return _parse_document(path, _read(path))


def line_of(source: bytes, pointer: str) -> int:
    """Find the line on which a JSON Pointer's value stands, or the nearest thing around what is not there."""
    node = _composed(source)
    line = 1
    for part in pointer.split("/")[1:]:
        child = _child(node, unescape(part))
        if child is None:
            break
        line, node = child
    return line


# A document may have hundreds of defects, and one is looked through at a time.
@functools.lru_cache(maxsize=1)
def _composed(source: bytes) -> Any:
    try:
        return yaml.compose(source, Loader=_CoreLoader)
    except yaml.YAMLError:
        return None


def _child(node: Any, key: str) -> tuple[int, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if key_node.value == key:
                return key_node.start_mark.line + 1, value_node
    if isinstance(node, yaml.SequenceNode) and key.isdigit() and int(key) < len(node.value):
        return node.value[int(key)].start_mark.line + 1, node.value[int(key)]
    return None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MockServerError(f"{path}: cannot be read: {error.strerror}.") from error


def _parse_document(path: Path, source: bytes) -> Any:
    if path.suffix == ".json":
        try:
            return orjson.loads(source)
        except orjson.JSONDecodeError:
            pass  # read again as YAML, which holds all of JSON and tells the place
    try:
        return parse(source)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError([Defect(path.name, line, "syntax", f"{error.problem}.")]) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        text = str(error).split("\n", 1)[0]
        raise ContractError([Defect(path.name, 1, "syntax", f"not readable as YAML: {text}.")]) from error
    except RecursionError as error:
        text = "nested too deeply to be read."
        raise ContractError([Defect(path.name, 1, "syntax", text)]) from error


def _dialect(path: Path, data: Any) -> Literal["3.0", "3.1"]:
    def refuse(text: str) -> ContractError:
        return ContractError([Defect(path.name, 1, "openapi", text)])

    if not isinstance(data, dict):
        raise refuse("the document is not a mapping; it should begin with a line such as: openapi: 3.1.0.")
    version = data.get("openapi")
    if version is None and "swagger" in data:
        raise refuse(f"Swagger {data['swagger']} is not read; convert the document to OpenAPI 3.0 or 3.1.")
    if not isinstance(version, str):
        raise refuse("the version is missing; it should be a string such as 3.1.0.")
    if version.startswith("3.0."):
        return "3.0"
    if version.startswith("3.1."):
        return "3.1"
    raise refuse(f"version {version} is not read; 3.0.x and 3.1.x are.")


def _structural_defects(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give what would make serving the document impossible or ambiguous: a pointer, and a sentence."""
    broken = list(_broken_references(data, ""))
    if broken:
        yield from broken
        return  # what refers to nothing cannot be looked into
    strange = list(misshapen(data))
    if strange:
        yield from strange
        return
    paths = data.get("paths")
    if not paths:
        yield "/paths", "there are no paths, so there is nothing to serve."
        return
    yield from _unknown_schemes(data)
    yield from _clashing_paths(paths)
    seen: dict[str, str] = {}
    for path in paths:
        if path.startswith("/"):
            yield from _path_defects(data, path, seen)
        elif not path.startswith("x-"):
            yield f"/paths/{escape(path)}", 'a path begins with "/".'


def _unknown_schemes(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Find requirements that name no scheme: whoever left them out would leave the operation open."""
    known = (data.get("components") or {}).get("securitySchemes") or {}
    places = [("/security", data.get("security"))]
    for path, item in data["paths"].items():
        item = dereference(data, item)
        for method in METHODS:
            if isinstance(item, dict) and isinstance(item.get(method), dict):
                places.append((f"/paths/{escape(path)}/{method}/security", item[method].get("security")))
    for pointer, requirements in places:
        for index, requirement in enumerate(requirements or ()):
            for name in requirement:
                if name not in known:
                    among = ", ".join(known) or "none"
                    yield f"{pointer}/{index}", f"there is no security scheme {name}; there are: {among}."


def _path_defects(data: Mapping[str, Any], path: str, seen: dict[str, str]) -> Iterator[tuple[str, str]]:
    pointer = f"/paths/{escape(path)}"
    item = resolve(data, pointer)
    for method in METHODS:
        if method not in item:
            continue
        at = f"{pointer}/{method}"
        definition = item[method]
        operation_id = definition.get("operationId")
        if operation_id is not None and seen.setdefault(operation_id, at) != at:
            yield (
                f"{at}/operationId",
                f'operationId "{operation_id}" is taken by {_place(seen[operation_id])}.',
            )
        yield from _parameter_defects(data, path, at, item, definition)


def _parameter_defects(
    data: Mapping[str, Any], path: str, at: str, item: Mapping[str, Any], definition: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    declared = set()
    for parameter in [*item.get("parameters", []), *definition.get("parameters", [])]:
        parameter = dereference(data, parameter)
        if "name" not in parameter or parameter.get("in") not in ("path", "query", "header", "cookie"):
            yield f"{at}/parameters", 'a parameter has a name, and "in": path, query, header or cookie.'
        elif parameter.get("style", _STYLES[parameter["in"]][0]) not in _STYLES[parameter["in"]]:
            styles = ", ".join(_STYLES[parameter["in"]])
            text = f"style of {parameter['name']} is {parameter['style']!r}; there it may be {styles}."
            yield f"{at}/parameters", text
        elif parameter["in"] == "path":
            declared.add(parameter["name"])
    for name in re.findall(r"\{([^}]+)\}", path):
        if name not in declared:
            yield at, f'path parameter "{name}" is not declared; add it to parameters with in: path.'
        declared.discard(name)
    for name in sorted(declared):
        yield at, f'path parameter "{name}" does not stand in the path {path}.'


# By where a parameter is: the styles it may have, the default first. Source: OpenAPI 3.1.1, "Style Values".
_STYLES = {
    "path": ("simple", "matrix", "label"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}


def _clashing_paths(paths: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for path in paths:
        shape = re.sub(r"\{[^}]*\}", "{}", path)
        if seen.setdefault(shape, path) != path:
            yield f"/paths/{escape(path)}", f"differs from {seen[shape]} only in a parameter's name."


def _broken_references(
    node: Any, pointer: str, root: Any = None, *, names: bool = False
) -> Iterator[tuple[str, str]]:
    root = node if root is None else root
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _broken_references(item, f"{pointer}/{index}", root)
    if not isinstance(node, dict):
        return
    reference = None if names else node.get("$ref")
    if isinstance(reference, str):
        if not reference.startswith("#"):
            yield (
                pointer,
                f"{reference} stands in another document; only references that begin with # are read.",
            )
            return
        try:
            dereference(root, node)
        except (LookupError, ValueError, TypeError) as error:
            found = "itself" if type(error) is LookupError else "nothing"
            yield pointer, f"{reference} refers to {found}."
    for key, value in node.items():
        # A name, of a property or a response, is never a keyword, even if it is "default".
        if names or (key not in LITERAL and not key.startswith("x-")):
            inner_names = key in NAMES and not names
            yield from _broken_references(value, f"{pointer}/{escape(key)}", root, names=inner_names)


def _place(pointer: str) -> str:
    """Write a pointer as people do: ``paths./groups.get`` for ``/paths/~1groups/get``."""
    return ".".join(unescape(p) for p in pointer.split("/")[1:]) or "document"


class _CoreLoader(_Loader):
    """A safe loader that types plain scalars by the core schema of YAML 1.2."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's own name, replaced as a whole


def _construct_mapping(loader: Any, node: Any) -> Iterator[dict[str, Any]]:
    mapping: dict[str, Any] = {}
    yield mapping
    seen: set[str] = set()
    for key_node, _ in node.value:
        if key_node.tag == "tag:yaml.org,2002:merge":
            continue
        if not isinstance(key_node, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(None, None, "a key is not a scalar", key_node.start_mark)
        if key_node.value in seen:
            text = f'the key "{key_node.value}" stands twice in one mapping'
            raise yaml.constructor.ConstructorError(None, None, text, key_node.start_mark)
        seen.add(key_node.value)
    loader.flatten_mapping(node)
    for key_node, value_node in node.value:
        mapping[key_node.value] = loader.construct_object(value_node, deep=True)


def _construct_integer(_: Any, node: Any) -> int:
    text = node.value
    for prefix, base in (("0o", 8), ("0x", 16)):
        if text.startswith(prefix):
            return int(text[2:], base)
    try:
        return int(text)
    except ValueError:  # Python reads no more than 4,300 digits
        problem = "the integer has more digits than can be read"
        raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from None


def _construct_float(_: Any, node: Any) -> float:
    return float(node.value.lower().replace(".inf", "inf").replace(".nan", "nan"))


# Whatever is tagged as something else, a set or a date say, is nothing that JSON has.
_CoreLoader.yaml_constructors = {
    tag: construct
    for tag, construct in _Loader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in ("null", "str", "seq")
}
_CoreLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)
_CoreLoader.add_constructor("tag:yaml.org,2002:int", _construct_integer)
_CoreLoader.add_constructor("tag:yaml.org,2002:float", _construct_float)
_CoreLoader.add_constructor("tag:yaml.org,2002:bool", lambda _, node: node.value.lower() == "true")
for _kind, _pattern, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    (
        "float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        list("-+.0123456789"),
    ),
    ("merge", r"^<<$", ["<"]),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_kind}", re.compile(_pattern), _first)
