"""Fill the fields of an error schema by what their names mean."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.contract.violation import Violation
from mockserver.respond.blank import DEEPEST, branches_of, kind_of, merged
from mockserver.respond.problems import Facts
from mockserver.respond.wording import describe

Fill = Callable[[Facts], Any]
Said = Mapping[str, Any]
Part = Callable[[Violation, Said, Facts], Any]


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


# What a field's name means once case and punctuation are taken away.
_SENTENCE = _set("detail details message msg description errormessage errordescription reason")
_LIST = _set("detail details errors messages violations issues invalidparams fielderrors validationerrors")
_CODE = _set("code errorcode errcode error type kind reason keyword rule")
_STATUS = _set("status statuscode httpstatus httpcode code")
_REQUEST_ID = _set("requestid traceid correlationid xrequestid")
_PLACE = _set("field param parameter property name path loc location pointer source")
_VALUE = _set("value input rejectedvalue")
_VERDICTS = {"success": False, "ok": False, "error": True}


def compile_fields(data: Mapping[str, Any], definition: Any) -> Callable[[Facts], Sequence[Any]]:
    """
    Prepare the filling of an error schema from the facts of one problem.

    Gives a function that gives values to be held against the schema: one for each of its branches, those
    that tell most first, and none that tells nothing. What is unknown is left out, even if it is required.
    """
    fills = _Compiler(data).whole(definition, 0)

    def fill(facts: Facts) -> Sequence[Any]:
        found = [value for each in fills if (value := each(facts)) not in (None, {}, [])]
        return sorted(found, key=_telling, reverse=True) if len(found) > 1 else found

    return fill


def definition_of(example: Any) -> Mapping[str, Any]:
    """Give the schema that an example suggests, where there is no other."""
    if isinstance(example, dict):
        return {"type": "object", "properties": {name: definition_of(each) for name, each in example.items()}}
    if isinstance(example, list):
        return {"type": "array", "items": definition_of(example[0]) if example else {}}
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": kinds.get(type(example), "null")}


class _Compiler:
    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def whole(self, definition: Any, depth: int) -> list[Fill]:
        definition = merged(self._data, definition)
        branches = branches_of(definition) if depth < DEEPEST else ()
        if branches:
            return [fill for branch in branches for fill in self.whole(branch, depth + 1)]
        if not definition.keys() & {"type", "properties", "items", "enum", "const"}:
            return []  # anything may stand here
        name = "errors" if kind_of(definition) == "array" else "message"
        return [self._field(name, definition, depth, is_told=False)]

    def _field(self, name: str, definition: Any, depth: int, *, is_told: bool) -> Fill:
        """Fill what goes by a name; ``is_told`` says that another field has the sentence."""
        definition = merged(self._data, definition)
        if "const" in definition:
            return lambda _facts: definition["const"]
        if depth > DEEPEST:
            return _nothing
        if branches := branches_of(definition):
            return self._choice(name, branches, depth, is_told=is_told)
        match kind_of(definition):
            case "object":
                return self._object(definition, depth) if name != "data" else _nothing
            case "array":
                return self._list(name, definition.get("items"), depth, is_told=is_told)
            case "integer" | "number":
                return (lambda facts: facts.problem.status) if name in _STATUS else _nothing
            case "boolean":
                return lambda _facts: _VERDICTS.get(name)
            case "string":
                return _string(name, definition, is_told=is_told)
        return _nothing

    def _choice(self, name: str, branches: Sequence[Any], depth: int, *, is_told: bool) -> Fill:
        """Fill the first branch that can be filled; lists come first where there are violations to list."""
        lists: list[Fill] = []
        others: list[Fill] = []
        for branch in branches:
            is_list = kind_of(merged(self._data, branch)) == "array"
            fill = self._field(name, branch, depth + 1, is_told=is_told)
            (lists if is_list else others).append(fill)

        def first(facts: Facts) -> Any:
            ordered = [*lists, *others] if facts.problem.violations else [*others, *lists]
            return next((value for fill in ordered if (value := fill(facts)) is not None), None)

        return first

    def _object(self, definition: Mapping[str, Any], depth: int) -> Fill:
        properties = definition.get("properties") or {}
        is_told = any(_plain(name) in _SENTENCE and self._is_text(each) for name, each in properties.items())
        fields = [
            (name, self._field(_plain(name), each, depth + 1, is_told=is_told))
            for name, each in properties.items()
        ]

        def fill(facts: Facts) -> Any:
            found = ((name, field(facts)) for name, field in fields)
            return {name: value for name, value in found if value is not None} or None

        return fill

    def _list(self, name: str, items: Any, depth: int, *, is_told: bool) -> Fill:
        if name not in _LIST:
            return _nothing
        definition = merged(self._data, items)
        properties = definition.get("properties") or {}
        each: Callable[[Violation, Facts], Any]
        only: Fill = _nothing
        if not properties and kind_of(definition) == "string":
            each, only = _line, _detail
        elif {"loc", "msg"} <= properties.keys():
            # FastAPI's list has violations, and nothing else.
            each = _as_pydantic
        else:
            part = self._violation(definition, depth)
            each = lambda violation, facts: part(violation, describe(violation), facts)  # noqa: E731
            only = self._object(definition, depth + 1)

        def fill(facts: Facts) -> Any:
            # A 422 that a handler decided has a sentence, but its shape may have no place but a list.
            violations = facts.problem.violations if is_told else facts.violations
            if violations:
                return [each(violation, facts) or {} for violation in violations]
            value = None if is_told else only(facts)
            return None if value is None else [value]

        return fill

    def _violation(self, definition: Mapping[str, Any], depth: int) -> Part:
        properties = definition.get("properties") or {}
        parts = [(name, self._part(_plain(name), each, depth)) for name, each in properties.items()]

        def fill(violation: Violation, said: Said, facts: Facts) -> Any:
            found = ((name, part(violation, said, facts)) for name, part in parts)
            return {name: value for name, value in found if value is not None} or None

        return fill

    def _part(self, name: str, definition: Any, depth: int) -> Part:
        """Fill what goes by a name in a list of violations."""
        definition = merged(self._data, definition)
        kind = kind_of(definition)
        if kind == "object" and depth < DEEPEST:
            return self._violation(definition, depth + 1)
        if isinstance(definition.get("enum"), list):
            options = definition["enum"]
            return lambda violation, said, _: _among(options, [violation.location[0], said["type"]])
        if kind == "array":
            return _steps if name in _PLACE else _no_part
        if name in _VALUE:
            return lambda _violation, said, _facts: said["input"]
        if kind != "string":
            return (lambda _violation, _said, facts: facts.problem.status) if name in _STATUS else _no_part
        if name == "in":
            return lambda violation, _said, _facts: str(violation.location[0])
        if name == "pointer":
            return lambda violation, _said, _facts: "".join(f"/{step}" for step in violation.location[1:])
        if name in _PLACE:
            return lambda violation, _said, _facts: _place(violation)
        if name in _SENTENCE or name == "title":
            return lambda _violation, said, _facts: said["msg"]
        if name in _CODE:
            return lambda _violation, said, _facts: said["type"]
        return (lambda _violation, _said, facts: str(facts.problem.status)) if name in _STATUS else _no_part

    def _is_text(self, definition: Any) -> bool:
        definition = merged(self._data, definition)
        branches = branches_of(definition)
        return any(map(self._is_text, branches)) if branches else kind_of(definition) == "string"


def _string(name: str, definition: Mapping[str, Any], *, is_told: bool) -> Fill:
    form = str(definition.get("format", ""))
    if isinstance(definition.get("enum"), list):
        options = definition["enum"]
        return lambda facts: _among(options, facts.codes) or next(iter(options), None)
    if form == "date-time" or name in ("timestamp", "time"):
        return lambda facts: facts.now
    if (name == "type" and form.startswith("uri")) or (name == "instance" and form == "uri"):
        return lambda _facts: "about:blank"
    if name in ("instance", "path"):
        return lambda facts: facts.instance if name == "instance" else facts.path
    if name == "title":
        return lambda facts: facts.title
    if name in _REQUEST_ID:
        return lambda facts: facts.request_id
    if name in _SENTENCE or (name == "error" and not is_told):
        longest = definition.get("maxLength")
        return lambda facts: facts.problem.detail[:longest]
    if name in _CODE:
        pattern = definition.get("pattern")
        return lambda facts: next((code for code in facts.codes if _matches(code, pattern)), None)
    return (lambda facts: str(facts.problem.status)) if name in _STATUS else _nothing


def _nothing(_facts: Facts) -> None:
    return None


def _no_part(_violation: Violation, _said: Said, _facts: Facts) -> None:
    return None


def _detail(facts: Facts) -> str:
    return facts.problem.detail


def _as_pydantic(violation: Violation, _facts: Facts) -> Any:
    return describe(violation)


def _line(violation: Violation, _facts: Facts) -> str:
    return f"{'.'.join(map(str, violation.location))}: {describe(violation)['msg']}"


def _steps(violation: Violation, _said: Said, _facts: Facts) -> list[str]:
    return [str(step) for step in violation.location[1:] or violation.location]


def _place(violation: Violation) -> str:
    return ".".join(map(str, violation.location[1:])) or str(violation.location[0])


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def _among(options: Sequence[Any], wanted: Sequence[Any]) -> Any:
    """Give the option that one of some words means, whatever its case."""
    known = {option.lower(): option for option in reversed(options) if isinstance(option, str)}
    return next((known[str(word).lower()] for word in wanted if str(word).lower() in known), None)


def _matches(text: str, pattern: Any) -> bool:
    try:
        return pattern is None or re.search(str(pattern), text) is not None
    except re.error:  # patterns are JavaScript's
        return True


def _telling(value: Any) -> int:
    """Count what a value tells."""
    if isinstance(value, dict):
        return sum(map(_telling, value.values()))
    return sum(map(_telling, value)) if isinstance(value, list) else 1
