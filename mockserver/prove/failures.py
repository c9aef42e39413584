"""Failures of schemathesis in words: what differs, without the values that a seed has made up."""

import re
from typing import Any

from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.generation.case import Case
from schemathesis.openapi.checks import JsonSchemaError, RejectedPositiveData

_REQUIRED = re.compile(r'"(.+)" is a required property')
_LONGEST = 400
_MOST_LINES = 40


def difference_of(failure: Failure, case: Case[Any] | None, status: int) -> str:
    """Say what kind of difference a failure is, and where: the same for every seed."""
    title = str(failure.kind_title)
    if isinstance(failure, JsonSchemaError):
        where = "/".join("*" if isinstance(each, int) else str(each) for each in failure.instance_path)
        keyword = str(failure.schema_path[-1]) if failure.schema_path else "schema"
        missing = _REQUIRED.match(failure._raw_message) if keyword == "required" else None
        if missing is not None:
            where = "/".join(filter(None, (where, missing[1])))
        part = "a header" if "response_headers" in (failure.title or "").lower() else "the body"
        return f"{status}: {keyword} at {where or part}"
    if isinstance(failure, AcceptedNegativeData) and case is not None:
        return f"{title} ({_changed(case)}): {status}"
    if isinstance(failure, RejectedPositiveData):
        return f"{title}: {status}"
    key = failure._unique_key
    return f"{title}: {key}" if key else title


def paragraph_of(failure: Failure, status: int) -> str:
    """Say in one short paragraph what is wrong."""
    if isinstance(failure, JsonSchemaError):
        where = "/".join(map(str, failure.instance_path))
        at = f" at {where}" if where else ""
        return _joined(f"{failure.title}: {status}{at}: {failure.validation_message}")
    title, message = failure.title, _joined(failure.message)
    return _joined(f"{title}: {message}" if message else title)


def detail_of(failure: Failure) -> str:
    """Give all that schemathesis says, within bounds."""
    lines = [line.rstrip() for line in failure.message.splitlines() if line.strip()]
    more = [f"… ({len(lines) - _MOST_LINES} more lines)"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *more])


def _joined(text: str) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= _LONGEST else f"{joined[: _LONGEST - 1]}…"


def _changed(case: Case[Any]) -> str:
    """Name the parts of a request that were made to break the contract."""
    components = case.meta.components if case.meta is not None else {}
    names = [str(place.value) for place, info in components.items() if info.mode.is_negative]
    return ", ".join(sorted(names)) or "request"
