"""Read YAML and JSON by the rules of YAML 1.2."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import yaml

from mockserver.contract.loading.defects import ContractError, Defect
from mockserver.errors import MockServerError

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]  # the same interface, slower


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
    return parse_document(path.name, read_file(path))


def compose(source: bytes) -> Any:
    """Give the nodes of a YAML text, which know their lines; nothing for what is no YAML."""
    try:
        return yaml.compose(source, Loader=_CoreLoader)
    except yaml.YAMLError:
        return None


def read_file(path: Path) -> bytes:
    """
    Give the bytes of a file.

    Raises:
        MockServerError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise MockServerError(f"{path}: cannot be read: {error.strerror}.") from error


def parse_document(name: str, source: bytes) -> Any:
    """
    Read YAML, or JSON where the name ends so.

    Raises:
        ContractError: it is neither, with the line.
    """
    if name.endswith(".json") or source.lstrip()[:1] == b"{":
        try:
            return orjson.loads(source)
        except orjson.JSONDecodeError:
            pass  # read again as YAML, which holds all of JSON and tells the place
    try:
        return parse(source)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContractError([Defect(name, line, "syntax", f"{error.problem}.")]) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        text = str(error).split("\n", 1)[0]
        raise ContractError([Defect(name, 1, "syntax", f"not readable as YAML: {text}.")]) from error
    except RecursionError as error:
        text = "nested too deeply to be read."
        raise ContractError([Defect(name, 1, "syntax", text)]) from error


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
