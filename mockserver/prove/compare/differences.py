"""What two answers differ in: the kind of difference, in words, and what would mend it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.loading.defects import place_of
from mockserver.contract.operation import Operation
from mockserver.prove.compare.steps import NOT_THERE, Step

STATUS, MEDIA_TYPE, HEADERS = "same_status", "same_media_type", "same_headers"
CONTRACT, FIELDS, VALUES = "contract_is_kept", "same_fields", "same_values"
LISTED, ORDER, PAGES, IDS = "same_items", "same_order", "same_pages", "same_ids"

ANSWERS = (STATUS, MEDIA_TYPE, HEADERS, CONTRACT, FIELDS)
"""What is looked at in every answer; by what an operation does to items, there is more."""
BY_ACTION: Mapping[str, Sequence[str]] = {
    "list": (LISTED, ORDER, PAGES),
    "create": (VALUES, IDS),
    "read": (VALUES,),
    "change": (VALUES,),
    "replace": (VALUES,),
}

_LONGEST = 160


@dataclass(frozen=True)
class Difference:
    """
    One way in which a mock is unlike its backend.

    ``kind`` says it without any value that a seed made up. ``operation_id`` is where it comes from, if that
    is not where it was seen.
    """

    check: str
    kind: str
    what: str
    mend: str
    operation_id: str = ""


def of_status(step: Step, ours: int, theirs: int, said: Any) -> Difference:
    """Tell of two statuses; ``said`` is the backend's body, which may give its reasons."""
    name, why = step.operation.operation_id, _reason(said)
    reason = f' ("{why}")' if why and theirs >= 400 else ""
    what = f"{_capital(step.about)}: the mock answers {_word(ours)}, the backend {_word(theirs)}{reason}."
    return Difference(
        STATUS,
        f"{step.kind or step.about}: {ours}, {theirs}",
        what,
        _mend_status(step, name, ours, theirs),
    )


def of_media_type(operation: Operation, status: int, ours: str, theirs: str) -> Difference:
    what = f"With {status} the mock answers {ours or 'no media type'}, the backend {theirs or 'none'}."
    place = f"{place_of(operation.pointer)}.responses.{status}.content"
    mend = f"declare {theirs} in {place}" if theirs else f"take the content out of {place}"
    return Difference(MEDIA_TYPE, f"{status}: {ours}, {theirs}", what, f"{mend}, or mend the backend.")


def of_header(operation: Operation, status: int, name: str, ours: Any, theirs: Any) -> Difference:
    what = f"With {status} the mock has {_header(name, ours)}, the backend {_header(name, theirs)}."
    place = f"{place_of(operation.pointer)}.responses.{status}.headers"
    if theirs is None:
        mend = f"make {name} not required in {place}, or mend the backend."
    elif ours is None:
        mend = f"declare {name} in {place}, with an example."
    else:
        mend = f"say in {place} what {name} looks like, or mend the backend."
    return Difference(HEADERS, f"{status}: {name}", what, mend)


def of_violation(status: int, where: str, keyword: str, message: str, place: str) -> Difference:
    what = f"With {status} the backend breaks the contract at {where}: {message}."
    mend = f"mend the backend, or change {place} to what it answers; the mock follows the contract."
    return Difference(CONTRACT, f"{status}: {keyword} at {where}", what, mend)


def of_missing(where: str, place: str, *, is_declared: bool) -> Difference:
    """Tell of what the mock always has, and the backend never."""
    what = f"The mock's answers have {where}, the backend's never do."
    mend = f"take it out of {place}" if is_declared else "take it out of the fixtures or the handler"
    return Difference(FIELDS, f"{where} is only on the mock", what, f"{mend}, or mend the backend.")


def of_extra(where: str, name: str, place: str, *, is_declared: bool) -> Difference:
    """Tell of what the backend always has, and the mock never."""
    what = f"The backend's answers have {where}, the mock's never do."
    if is_declared:
        mend = f"make {name} required in {place}, or put it in the fixtures or what the handler answers."
    else:
        what = f"The backend's answers have {where}, which the contract lacks, and so does the mock."
        mend = f"add {name} to {place}.properties."
    return Difference(FIELDS, f"{where} is only at the backend", what, mend)


def of_kinds(where: str, ours: str, theirs: str, place: str) -> Difference:
    what = f"{where} is {ours} on the mock, and {theirs} at the backend."
    mend = f"say in {place} what it is: its type, its format, an example."
    return Difference(FIELDS, f"{where}: {ours}, {theirs}", what, mend)


def of_value(step: Step, where: str, sent: Any, ours: Any, theirs: Any, place: str) -> Difference:
    what = (
        f"{where} was sent as {short(sent)}{_later(step)}; "
        f"the mock has {short(ours)}, the backend {short(theirs)}."
    )
    mend = (
        f"mend the backend, or let a handler do what it does; if nobody may set it, say readOnly in {place}."
    )
    return Difference(VALUES, f"{where} is not the same", what, mend, _writer(step))


def of_left_out(step: Step, where: str, ours: Any, theirs: Any, place: str) -> Difference:
    what = (
        f"{where} was left out of what replaced an item: the mock has {short(ours)}, "
        f"the backend {short(theirs)}."
    )
    mend = f"mend the backend, or give {place} a default; a handler can keep what was there."
    return Difference(VALUES, f"{where} stays on one side", what, mend, _writer(step))


def of_listed(step: Step, ours: list[str], theirs: list[str]) -> Difference:
    only_ours = [each for each in ours if each not in theirs]
    only_theirs = [each for each in theirs if each not in ours]
    parts = [f"only the mock lists {', '.join(only_ours)}"] if only_ours else []
    parts += [f"only the backend lists {', '.join(only_theirs)}"] if only_theirs else []
    sides = "only on the mock" if only_ours else "only at the backend"
    mend = "mend the backend, or answer the list in a handler as it does."
    what = f"{_capital(step.about)}: {' and '.join(parts)}."
    return Difference(LISTED, f"{step.kind or step.about}: items {sides}", what, mend)


def of_order(about: str, kind: str, ours: str, theirs: str) -> Difference:
    what = f"{_capital(about)}: the mock's items are {ours}, the backend's {theirs}."
    mend = (
        "mend the backend, or sort in a handler as it does; what nobody asks for, a sort's default can say."
    )
    return Difference(ORDER, f"{kind}: {ours}, {theirs}", what, mend)


def of_pages(check: str, kind: str, what: str, *, at_the_backend: bool) -> Difference:
    where, other = ("the backend", "the mock") if at_the_backend else ("the mock", "the backend")
    mend = "mend the backend." if at_the_backend else "answer the list in a handler as the backend does."
    return Difference(PAGES, f"{kind}, only {where}", f"At {where}, not at {other}: {what}", mend)


def of_reuse(*, at_the_backend: bool) -> Difference:
    where, other = ("the backend", "the mock") if at_the_backend else ("the mock", "the backend")
    what = f"A new item has the id of one that was deleted at {where}, and another one at {other}."
    return Difference(IDS, f"an id is used again, only {where}", what, "mend the backend, or leave it so.")


def short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _mend_status(step: Step, name: str, ours: int, theirs: int) -> str:
    operation = step.operation
    place = place_of(operation.pointer)
    if theirs == 0 or theirs >= 500:
        return (
            f"mend the backend; until then, a fault rule can let the mock answer {theirs or 'nothing'} here."
        )
    if theirs == 401:
        return f"see whether the token is good; else declare security in {place}."
    if ours in (401, 403) and theirs < 400:
        return f"mend the backend, or say security: [] in {place}, if nobody has to say who calls."
    if operation.response(theirs) is None:
        rule = "add a rule in a handler" if theirs >= 400 else "answer it in a handler"
        return f"declare {theirs} for {name} and {rule}, or mend the backend."
    if theirs >= 400 and ours < 400:
        return (
            f"say in {place} what the backend refuses, or raise Problem({theirs}, …) in a handler for {name}."
        )
    if ours == 404 and theirs < 400 and step.about == NOT_THERE:
        return f"answer 404 for what is not there: mend the backend, or answer it in a handler for {name}."
    if ours == 404 and theirs < 400:
        return f"put what is asked for in the fixtures, or answer it in a handler for {name}."
    if ours >= 400 and theirs < 400:
        return f"let the schemas in {place} allow what the backend takes, or mend the backend."
    return f"answer {theirs} in a handler for {name}, or mend the backend."


def _later(step: Step) -> str:
    return " and read afterwards" if step.writer is not None else ""


def _writer(step: Step) -> str:
    return step.writer.operation_id if step.writer is not None else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _word(status: int) -> str:
    return str(status) if status else "nothing"


def _header(name: str, value: Any) -> str:
    return f"no {name}" if value is None else f"{name}: {value}"


def _reason(body: Any) -> str:
    """Give what a problem says of itself."""
    texts = [text for text in _texts(body) if " " in text or len(text) > 20] if isinstance(body, dict) else []
    found = " ".join(texts[0].split()) if texts else ""
    return found if len(found) <= _LONGEST else f"{found[: _LONGEST - 1]}…"


def _texts(body: dict[str, Any]) -> Iterator[str]:
    for name in ("detail", "message", "error_description", "error", "title", "errors", "msg"):
        value = body.get(name)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from _texts(value)
