"""What changed in what clients read: statuses, headers and bodies."""

from collections.abc import Mapping

from mockserver.contract.changes.media import compare_content, covering
from mockserver.contract.changes.places import Both, Written
from mockserver.contract.changes.wording import joined
from mockserver.contract.pointers import escape

_Responses = Mapping[str, Written]


def compare_responses(both: Both) -> None:
    """Tell which statuses came and went, and what changed in the others."""
    old, new = (_responses(both, at) for at in (0, 1))
    at = [each.at("responses") for each in both.definitions()]
    for status, response in old.items():
        partner = _covering(status, new)
        if partner is not None:
            _compare_response(both, f"response {status}", response, new[partner])
        if status not in new:
            kind, text = _removed(status, partner, [each for each in new if each not in old])
            both.tell(kind, text, f"response {status}", response.pointer, at[1])
    for status, response in new.items():
        if status in old:
            continue
        partner = _covering(status, old)
        kind = "success" if _is_success(status) else "error"
        step = "narrowed" if partner and kind == "success" else "added"
        text = f"{status} may be answered" + (f"; {partner} covered it" if partner else " too")
        both.tell(f"response-{kind}-status-{step}", text, f"response {status}", at[0], response.pointer)
        if partner is not None:
            _compare_response(both, f"response {status}", old[partner], response)


def _removed(status: str, partner: str | None, added: list[str]) -> tuple[str, str]:
    """Say what became of a status that is declared no more: another covers it, or it covered others."""
    text = f"{status} is declared no more"
    if not _is_success(status):
        return "response-error-status-removed", text + (f"; {partner} covers it" if partner else "")
    if partner is not None:
        return "response-success-status-widened", f"{text}; {partner} covers it"
    covered = [each for each in added if status == f"{each[0]}XX"]
    if covered:
        return "response-success-status-narrowed", f"{text}; of what it covered there is {joined(covered)}"
    return "response-success-status-removed", text


def _responses(both: Both, which: int) -> _Responses:
    definition = both.definitions()[which]
    return {
        str(status).lower() if str(status).lower() == "default" else str(status).upper(): both.written(
            which, definition.at(f"responses/{status}")
        )
        for status in definition.said.get("responses") or {}
        if not str(status).startswith("x-")
    }


def _covering(status: str, among: _Responses) -> str | None:
    """Find what is said of a status: itself, its range, or ``default``."""
    return next((each for each in (status, f"{status[0]}XX", "default") if each in among), None)


def _is_success(status: str) -> bool:
    return status[0] in "123"


def _compare_response(both: Both, place: str, old: Written, new: Written) -> None:
    both.tell_wording("response-wording-changed", place, old, new)
    _compare_headers(both, place, old, new)
    names = [[*(each.said.get("content") or {})] for each in (old, new)]
    at = old.pointer, new.pointer
    if names[0] and not names[1]:
        text = f"there is no body any more, where {', '.join(names[0])} was"
        both.tell("response-body-removed", text, f"{place} body", *at)
        return
    if names[1] and not names[0]:
        text = f"there is a body, {', '.join(names[1])}, where there was none"
        both.tell("response-body-added", text, f"{place} body", *at)
        return
    _, lost, gained = compare_content(both, old, new, f"{place} body", "response")
    for name in lost:
        where = old.at(f"content/{escape(name)}"), new.at("content")
        if covering(name, names[1]) is None and not any(covering(each, [name]) for each in names[1]):
            text = f"{name} is answered no more; answered is {', '.join(names[1])}"
            both.tell("response-media-type-removed", text, f"{place} body", *where)
    for name in gained:
        where = old.at("content"), new.at(f"content/{escape(name)}")
        both.tell("response-media-type-added", f"{name} is answered too", f"{place} body", *where)


def _compare_headers(both: Both, place: str, old: Written, new: Written) -> None:
    ours, theirs = (_headers(both, at, each) for at, each in enumerate((old, new)))
    for name, header in ours.items():
        other = theirs.get(name)
        spoken = f"{place} header {_spelled(old, name)}"
        was = header.said.get("required") is True
        if other is None:
            kind = "response-header-removed" if was else "response-optional-header-removed"
            both.tell(kind, "the header is gone", spoken, header.pointer, new.pointer)
            continue
        now = other.said.get("required") is True
        at = header.pointer, other.pointer
        if now and not was:
            text = "the header was optional, and is always there"
            both.tell("response-header-became-required", text, spoken, *at)
        elif was and not now:
            text = "the header was always there, and is optional"
            both.tell("response-header-became-optional", text, spoken, *at)
        both.tell_wording("response-wording-changed", spoken, header, other)
        both.tell_schemas(spoken, header.schema, other.schema, "response")
    for name, header in theirs.items():
        if name not in ours:
            spoken = f"{place} header {_spelled(new, name)}"
            both.tell("response-header-added", "a new header", spoken, old.pointer, header.pointer)


def _headers(both: Both, which: int, response: Written) -> Mapping[str, Written]:
    """Give the headers by their names in lower case; OpenAPI has Content-Type described elsewhere."""
    return {
        name.lower(): both.written(which, response.at(f"headers/{escape(name)}"))
        for name in response.said.get("headers") or {}
        if name.lower() != "content-type"
    }


def _spelled(response: Written, name: str) -> str:
    return next(str(each) for each in response.said["headers"] if each.lower() == name)
