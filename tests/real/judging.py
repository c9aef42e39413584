"""Answers held against what the document declares: status, media type, body and headers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree

import yaml

from tests.real.reading import Answer, Document, Media, Operation, Place
from tests.real.schemas import errors

_UNREADABLE = object()


@dataclass(frozen=True)
class Given:
    """One answer as it came; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError:
            return None


def judge(document: Document, operation: Operation, given: Given) -> list[str]:
    """Give what is wrong with an answer, in words; nothing where it is valid."""
    if not operation.answers:
        return [] if given.status < 500 else [f"{given.status}"]
    declared = operation.answer(given.status)
    if declared is None:
        return [f"{given.status} is not declared"]
    wrong = _judge_headers(document, declared, given)
    if operation.method == "head" or given.status in (204, 205, 304):
        return wrong + ([f"{given.status} has a body"] if given.content else [])
    if not declared.media:
        return wrong + ([f"no body is declared, {_excerpt(given)} is sent"] if given.content else [])
    return wrong + _judge_body(document, declared, given)


def _excerpt(given: Given) -> str:
    return repr(given.content[:60].decode(errors="replace"))


def _judge_headers(document: Document, declared: Answer, given: Given) -> list[str]:
    wrong = []
    for name, (required, schema) in declared.headers.items():
        if name == "content-type":
            continue
        text = given.headers.get(name)
        if text is None:
            wrong += [f"header {name} is required"] if required else []
        else:
            value = _typed(schema.resolved(), text)
            wrong += [
                f"header {name}: {each}" for each in errors(schema, value, "response", document.version)
            ]
    return wrong


def _judge_body(document: Document, declared: Answer, given: Given) -> list[str]:
    media = _media_of(declared, given.media_type)
    if media is None:
        found = given.media_type or "no media type"
        return [f"{found} is sent, {', '.join(each.media_type for each in declared.media)} is declared"]
    schema = media.schema or Place("", None)
    value = _value(given, schema)
    if value is _UNREADABLE:
        return [f"{_excerpt(given)} is no {given.media_type}"]
    if value is None and "json" not in given.media_type and "yaml" not in given.media_type:
        return []
    return errors(schema, value, "response", document.version)


def is_xml(media_type: str) -> bool:
    # A spreadsheet is an openxmlformats-officedocument, and no XML.
    return media_type.endswith(("/xml", "+xml"))


def accepts(media_range: str, media_type: str) -> bool:
    """Tell whether a media type is within a declared one, which may be a range."""
    wanted, found = media_range.split(";")[0].strip().lower(), media_type.split(";")[0].strip().lower()
    return wanted in ("*/*", found) or (wanted.endswith("/*") and found.startswith(wanted[:-1]))


def _media_of(declared: Answer, media_type: str) -> Media | None:
    fitting = [each for each in declared.media if media_type and accepts(each.media_type, media_type)]
    return min(fitting, key=lambda each: each.media_type.count("*"), default=None)


def _value(given: Given, schema: Place) -> Any:
    """Read a body into a value for its schema; ``None`` where there is nothing to hold against it."""
    media_type, kind = given.media_type, schema.resolved().get("type")
    try:
        if media_type.endswith(("jsonl", "ndjson", "json-seq")):
            lines = given.content.decode().replace("\x1e", "\n").splitlines()
            return [json.loads(line) for line in lines if line.strip()]
        if "json" in media_type:
            return json.loads(given.content)
        if "yaml" in media_type:
            return yaml.safe_load(given.content)
        if is_xml(media_type):
            return _of_xml(ElementTree.fromstring(given.content), schema, 0)
        if media_type == "application/x-www-form-urlencoded":
            return _of_form(given.content.decode(), schema)
        if media_type.startswith("text/") and kind in ("string", "integer", "number", "boolean"):
            return _typed(schema.resolved(), given.content.decode())
    except (ValueError, ElementTree.ParseError, yaml.YAMLError):
        return _UNREADABLE
    return None


def _typed(schema: Place, text: str) -> Any:
    kinds = schema.get("type")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        try:
            if kind == "array":
                return [_typed(schema.at("items"), each.strip()) for each in text.split(",") if each.strip()]
            if kind == "boolean" and text in ("true", "false"):
                return text == "true"
            if kind in ("integer", "number"):
                return int(text) if kind == "integer" else float(text)
            if kind == "object":
                return json.loads(text)
        except ValueError:
            continue
    return text


def _of_form(text: str, schema: Place) -> dict[str, Any]:
    properties = schema.resolved().at("properties")
    return {
        name: [_typed(properties.at(name).at("items"), each) for each in found]
        if properties.at(name).get("type") == "array"
        else _typed(properties.at(name), found[0])
        for name, found in parse_qs(text, keep_blank_values=True).items()
    }


def _of_xml(element: ElementTree.Element, schema: Place, depth: int) -> Any:
    schema = schema.resolved()
    if element.get("{http://www.w3.org/2001/XMLSchema-instance}nil") in ("true", "1"):
        return None
    properties = _properties(schema)
    if schema.get("type") == "array" or (schema.at("items") and not properties):
        return [_of_xml(each, schema.at("items"), depth + 1) for each in element]
    if not properties and schema.get("type") != "object":
        return _typed(schema, element.text or "")
    found: dict[str, Any] = {}
    for name, declared in properties.items():
        told = declared.get("xml") or {}
        tag = told.get("name") or name
        if told.get("attribute"):
            attribute = next((each for key, each in element.attrib.items() if _local(key) == tag), None)
            if attribute is not None:
                found[name] = _typed(declared, attribute)
        elif declared.get("type") == "array":
            item = declared.at("items")
            if told.get("wrapped"):
                holder = _children(element, tag)
                if holder:
                    found[name] = [_of_xml(each, item, depth + 1) for each in holder[0]]
            elif children := _children(element, (item.get("xml") or {}).get("name") or tag):
                found[name] = [_of_xml(each, item, depth + 1) for each in children]
        elif children := _children(element, tag):
            found[name] = _of_xml(children[0], declared, depth + 1)
    return found


def _properties(schema: Place) -> dict[str, Place]:
    found = dict(schema.at("properties").items())
    for each in schema.at("allOf"):
        found |= _properties(each)
    return found


def _children(element: ElementTree.Element, tag: str) -> list[ElementTree.Element]:
    return [each for each in element if _local(each.tag) == tag]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
