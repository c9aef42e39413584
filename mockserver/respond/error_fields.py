"""Fill the fields of an error schema by what their names mean."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.contract.schema import dereference
from mockserver.contract.violation import Violation
from mockserver.respond.problems import Facts
from mockserver.respond.wording import describe

Fill = Callable[[Facts], Any]

_DEPTH = 4
# What a field's name means once case and punctuation are taken away.
_SENTENCE = {
    "detail",
    "details",
    "message",
    "msg",
    "description",
    "errormessage",
    "errordescription",
    "reason",
}
_LIST = {
    "detail",
    "details",
    "errors",
    "violations",
    "issues",
    "invalidparams",
    "fielderrors",
    "validationerrors",
}
_CODE = {"code", "errorcode", "errcode", "error", "type", "kind", "reason"}
_STATUS = {"status", "statuscode", "httpstatus", "httpcode", "code"}
_REQUEST_ID = {"requestid", "traceid", "correlationid", "xrequestid"}
_PLACE = {"field", "param", "parameter", "property", "name", "path", "location", "pointer", "source"}


def compile_fields(data: Mapping[str, Any], definition: Any, depth: int = 0) -> Fill:
    """
    Prepare the filling of an object schema's properties.

    What is given fills them from the facts of one problem; what no fact is known for is left out, and of
    alternatives the first that can be filled is taken.
    """
    definition = dereference(data, definition)
    if depth > _DEPTH or not isinstance(definition, dict):
        return _nothing
    alternatives = [
        compile_fields(data, branch, depth + 1)
        for keyword in ("oneOf", "anyOf")
        for branch in definition.get(keyword) or ()
    ]
    properties = dict(definition.get("properties") or {})
    for part in definition.get("allOf") or ():
        properties.update(dereference(data, part).get("properties") or {})
    fields = [(name, _field(data, name, each, depth)) for name, each in properties.items()]

    def fill(facts: Facts) -> Any:
        for alternative in alternatives:
            if filled := alternative(facts):
                return filled
        values = ((name, field(facts)) for name, field in fields)
        return {name: value for name, value in values if value is not None}

    return fill


def _nothing(_facts: Facts) -> None:
    return None


def _field(data: Mapping[str, Any], name: str, definition: Any, depth: int) -> Fill:
    definition = dereference(data, definition)
    plain = _plain(name)
    if not isinstance(definition, dict):
        return _nothing
    if "const" in definition:
        return lambda _facts: definition["const"]
    kind = definition.get("type")
    if kind == "array":
        return _list(data, definition.get("items")) if plain in _LIST else _nothing
    if kind == "object" or "properties" in definition:
        return compile_fields(data, definition, depth + 1)
    if kind in ("integer", "number"):
        return (lambda facts: facts.problem.status) if plain in _STATUS else _nothing
    if isinstance(definition.get("enum"), list):
        return lambda facts: _fitting(definition["enum"], facts)
    return _string(plain, str(definition.get("format", "")))


def _string(plain: str, format: str) -> Fill:
    if plain == "title":
        return lambda facts: facts.title
    if plain in ("instance", "path"):
        return lambda facts: facts.path
    if plain == "type" and format.startswith("uri"):
        return lambda _facts: "about:blank"
    if plain in _REQUEST_ID:
        return lambda facts: facts.request_id
    if plain in ("timestamp", "time") or format == "date-time":
        return lambda facts: facts.now
    if plain in _SENTENCE:
        return lambda facts: facts.problem.detail
    if plain in _CODE:
        return lambda facts: facts.code
    return (lambda facts: str(facts.problem.status)) if plain in _STATUS else _nothing


def _list(data: Mapping[str, Any], items: Any) -> Fill:
    items = dereference(data, items)
    definition = items if isinstance(items, dict) else {}
    if definition.get("type") == "string":
        return lambda facts: [_sentence(each) for each in facts.violations] or None
    properties = definition.get("properties") or {}
    if {"loc", "msg"} <= properties.keys():
        return lambda facts: [describe(each) for each in facts.violations] or None
    names = [(name, _plain(name)) for name in properties]
    return lambda facts: [_say(each, names) for each in facts.violations] or None


def _say(violation: Violation, names: Sequence[tuple[str, str]]) -> dict[str, Any]:
    said = describe(violation)
    values: dict[str, Any] = {}
    for name, plain in names:
        if plain in _PLACE:
            values[name] = ".".join(map(str, violation.location[1:])) or str(violation.location[0])
        elif plain in ("in", "loc"):
            values[name] = str(violation.location[0])
        elif plain in _SENTENCE or plain == "title":
            values[name] = said["msg"]
        elif plain in _CODE or plain in ("keyword", "rule"):
            values[name] = said["type"]
        elif plain in ("value", "input", "rejectedvalue"):
            values[name] = said["input"]
    return values


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def _sentence(violation: Violation) -> str:
    return f"{'.'.join(map(str, violation.location))}: {describe(violation)['msg']}"


def _fitting(options: Sequence[Any], facts: Facts) -> Any:
    for wanted in (facts.code, facts.title, str(facts.problem.status), facts.general_code):
        for option in options:
            if isinstance(option, str) and option.lower() == wanted.lower():
                return option
    return options[0] if options else None
