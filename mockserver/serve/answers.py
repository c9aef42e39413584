"""What one operation may answer: its media type chosen, held against the contract, and written."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from mockserver.contract.media.bodies import Codec
from mockserver.contract.media.headers import HeaderText
from mockserver.contract.media.media_types import essence, match, sent_as
from mockserver.contract.media.negotiation import negotiate
from mockserver.contract.operation import Contract, Operation, ResponseType
from mockserver.contract.violation import Violation
from mockserver.respond.exchange import Response
from mockserver.respond.headers import FROM_LAYERS
from mockserver.respond.problems import check_headers

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

# How many choices, and how many types within a declared range, are remembered: clients send what they like.
_REMEMBERED = 256
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """How an answer with one status and one media type is checked and written."""

    declared: ResponseType | None
    name: str
    is_declared: bool
    codec: Codec


class Answers:
    """
    What one operation may answer; each schema is compiled when it is first needed.

    ``added`` are headers that need not be in what is held against the contract.
    """

    def __init__(self, contract: Contract, operation: Operation, added: Container[str] = FROM_LAYERS) -> None:
        self._contract = contract
        self._operation = operation
        self._added = added
        self._choices: dict[tuple[int, str | None], str | None] = {}
        self._accepted: dict[str, bool] = {}
        self._plans: dict[tuple[int, str | None, str | None], Plan] = {}
        self._codecs: dict[tuple[str, str | None], Codec] = {}
        self._headers: dict[str, dict[str, HeaderText]] = {}
        for response in operation.responses.values():
            self._headers[response.status] = {
                name: HeaderText(header, contract)
                for name, header in response.headers.items()
                if header.pointer is not None and name not in added
            }

    def choose(self, status: int, accept: str | None) -> str | None:
        """
        Give the media type of an answer with a status, for an Accept header; ``None`` where nothing fits.

        It is an empty text where the contract declares no body for the status.
        """
        key = (status, accept)
        if key in self._choices:
            return self._choices[key]
        declared = self._operation.response(status)
        names = [each.name for each in declared.content.values()] if declared else []
        chosen = negotiate(accept, names) if names else ""
        if accept is None or len(accept) <= _LONGEST:
            _remember(self._choices, key, chosen)
        return chosen

    def accepts(self, accept: str | None) -> bool:
        """Tell whether a client takes the body of any success, or one that has none; if not, it is 406."""
        if accept is None or accept == "*/*":
            return True
        found = self._accepted.get(accept)
        if found is None:
            found = any(self.choose(each, accept) is not None for each in self._successes())
            if len(accept) <= _LONGEST:
                _remember(self._accepted, accept, found)
        return found

    def _successes(self) -> list[int]:
        """Give the statuses of success; 200 stands for a range of them, and where none is named."""
        named = [each for each in self._operation.responses if each.startswith("2")]
        return [int(each) if each.isdigit() else 200 for each in named] or [200]

    def plan(self, response: Response, accept: str | None) -> Plan:
        """Give how an answer is written: in the handler's own media type, else in what is accepted best."""
        key = (response.status, response.media_type, None if response.media_type else accept)
        found = self._plans.get(key)
        if found is None:
            found = self._make_plan(response, accept)
            if accept is None or len(accept) <= _LONGEST:
                _remember(self._plans, key, found)
        return found

    def violations(self, response: Response, plan: Plan) -> list[Violation]:
        """Name every way in which an answer breaks the contract."""
        found = self._outer_violations(response, plan, has_body=response.body is not None)
        if not plan.is_declared:
            return found
        inner = plan.codec.violations(response.body)
        return found + [each.within("body") for each in inner] if inner else found

    def read(self, response: Response, raw: bytes | None) -> tuple[Any, list[Violation]]:
        """
        Give the value of a body that somebody else wrote, and every way in which that answer breaks the
        contract.

        ``response`` has its status, its headers, and its media type as it was sent. A body of ``None`` is not
        looked at.
        """
        media_type = response.media_type
        plan = self.plan(Response(None, response.status, media_type=media_type), None)
        found = self._outer_violations(response, plan, has_body=bool(raw))
        if raw is None or not plan.is_declared:
            return raw, found
        if raw and media_type is None:
            text = "the body has no Content-Type"
            return raw, [*found, Violation(("header", "Content-Type"), "missing", None, None, text)]
        value, inner = plan.codec.read(raw, media_type or "")
        return value, found + [each.within("body") for each in inner]

    def _outer_violations(self, response: Response, plan: Plan, *, has_body: bool) -> list[Violation]:
        """Name what is wrong with all but the value of a body."""
        declared = plan.declared
        if declared is None:
            if not self._operation.responses:
                return []  # the contract says nothing at all
            known = ", ".join(self._operation.responses)
            text = f"status {response.status} is not declared; declared are {known}"
            return [Violation(("status",), "undeclared", known, response.status, text)]
        violations = self._header_violations(declared, response.headers) if declared.headers else []
        if not declared.content:
            if has_body:
                text = f"status {response.status} has no body"
                violations.append(Violation(("body",), "undeclared", None, None, text))
        elif not plan.is_declared:
            known = ", ".join(declared.content)
            text = f"media type {plan.name} is not declared; declared are {known}"
            violations.append(Violation(("body",), "undeclared", known, plan.name, text))
        return violations

    def write(self, response: Response, plan: Plan) -> tuple[str, bytes]:
        """
        Give the media type and the bytes of an answer's body; none for an answer without one.

        Raises:
            TypeError, ValueError: the body is no JSON value, or a header is not a line of text.
        """
        check_headers(response.headers)
        body = response.body
        if body is None and (plan.declared is None or not plan.declared.content):
            return "", b""
        if isinstance(body, bytes):
            return plan.name, body
        return plan.codec.sent_as(plan.name), plan.codec.write(body)

    def _make_plan(self, response: Response, accept: str | None) -> Plan:
        declared = self._operation.response(response.status)
        content = declared.content if declared else {}
        first = next((each.name for each in content.values()), "application/json")
        name = sent_as(response.media_type or self.choose(response.status, accept) or first)
        matched = match(content, name)
        return Plan(
            declared, name, matched is not None, self._codec(name, matched.pointer if matched else None)
        )

    def _codec(self, name: str, pointer: str | None) -> Codec:
        key = (essence(name), pointer)
        found = self._codecs.get(key)
        if found is None:
            found = Codec(key[0], pointer, self._contract, "response")
            _remember(self._codecs, key, found)
        return found

    def _header_violations(self, declared: ResponseType, headers: Mapping[str, str]) -> list[Violation]:
        sent = {name.lower(): value for name, value in headers.items()}
        violations = []
        texts = self._headers[declared.status]
        for name, header in declared.headers.items():
            if name in self._added:
                continue
            if name not in sent:
                if header.required:
                    text = f"header {header.name} is missing"
                    violations.append(Violation(("header", header.name), "missing", None, None, text))
            elif name in texts:
                violations += texts[name].violations(sent[name])
        return violations


def _remember(known: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = value
