"""Requests of our own: valid ones, as the caller, each of them seen by the witness."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson
import requests

from mockserver.contract.media.media_types import is_json
from mockserver.contract.operation import Contract, Operation
from mockserver.contract.parameters.examples import known_values
from mockserver.contract.resources.item_ids import at
from mockserver.contract.resources.roles import Collection, Envelope, Role
from mockserver.contract.samples.samples import Unsatisfiable
from mockserver.prove.credentials import Caller, Credentials
from mockserver.prove.exchange import Exchange, Headers, Shown, curl
from mockserver.prove.report import Finding
from mockserver.prove.witness import Witness

_PHASE = "journeys"


@dataclass(frozen=True)
class Traveller:
    """Who goes where: the server, the connection to it, and what is sent along."""

    contract: Contract
    url: str
    session: requests.Session
    selected: Sequence[Operation]
    caller: Caller | None
    headers: Mapping[str, str]
    seed: int
    is_safe: bool


@dataclass(frozen=True)
class Answer:
    """What one operation answered; ``body`` is ``None`` where it is no JSON."""

    operation: Operation
    exchange: Exchange = field(repr=False)
    body: Any

    @property
    def status(self) -> int:
        return self.exchange.status

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def envelope(self, role: Role) -> Envelope:
        """Give how the contract says that this is answered."""
        return next((each for each in role.answers if each.status == self.status), role.answer)

    def items(self, role: Role) -> list[dict[str, Any]] | None:
        """Give the items of a list; ``None`` where the answer has none."""
        found = at(self.body, self.envelope(role).steps) if self.ok and role.answers else None
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else None

    def item(self, role: Role) -> dict[str, Any] | None:
        if not role.answers:
            return None  # nothing that it answers is JSON
        envelope = self.envelope(role)
        found = at(self.body, envelope.steps) if self.ok and envelope.shape == "item" else None
        return found if isinstance(found, dict) else None


@dataclass(frozen=True)
class Manner:
    """
    How a request departs from the plain one.

    ``is_nobody`` leaves out who calls; ``content`` is sent as it is, in place of a JSON body, and
    ``media_type`` is what it is said to be.
    """

    method: str | None = None
    is_nobody: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    media_type: str | None = None


PLAIN = Manner()


class Asker:
    """Asks operations, fills in what they require, and words what was found."""

    def __init__(self, traveller: Traveller, witness: Witness) -> None:
        self.contract = traveller.contract
        self.is_safe = traveller.is_safe
        self._traveller, self._witness = traveller, witness
        self._made = 0

    def note(self, text: str) -> None:
        self._witness.report.note(text)

    def ask(
        self,
        operation: Operation,
        path: Mapping[str, Any],
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        method: str | None = None,
        manner: Manner = PLAIN,
    ) -> Answer:
        """Send one request; what is required and not given is made up from the contract."""
        traveller = self._traveller
        headers = {"Accept": "application/json", **traveller.headers, **manner.headers}
        required = self._required(operation, "header")
        headers |= {n: _text(v) for n, v in required.items() if n not in manner.headers}
        asked = {**self._required(operation, "query"), **(query or {})}
        cookies = self._required(operation, "cookie")
        for place, name, value in () if manner.is_nobody else self._credentials(operation):
            {"headers": headers, "query": asked, "cookies": cookies}[place][name] = value
        target = operation.path
        for name, value in (self._required(operation, "path") | dict(path)).items():
            target = target.replace(f"{{{name}}}", quote(_text(value), safe=""))
        if asked:
            target += f"?{urlencode({n: _texts(v) for n, v in asked.items()}, doseq=True)}"
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={_text(value)}" for name, value in cookies.items())
        content = manner.content or b""
        if body is not None or manner.content is not None:
            headers["Content-Type"] = manner.media_type or self._media_type(operation) or "application/json"
        if body is not None:
            content = json.dumps(body).encode()
        method = method or manner.method or operation.method.upper()
        return self._send(operation, method, f"{traveller.url}{target}", headers, content)

    def body(self, operation: Operation, seed: str) -> Any:
        """Make up a body that an operation takes; ``None`` where it takes no JSON, or none is found."""
        content = operation.request_body.content if operation.request_body else {}
        media_type = next((each for name, each in content.items() if is_json(name)), None)
        if media_type is None or media_type.pointer is None:
            return None
        try:
            return self.contract.samples.sample(
                media_type.pointer, f"{self._traveller.seed}{seed}", "request"
            )
        except Unsatisfiable:
            return None

    def sample(self, pointer: str, seed: str) -> Any:
        try:
            return self.contract.samples.sample(pointer, f"{self._traveller.seed}{seed}", "request")
        except Unsatisfiable:
            return None

    def fits_body(self, operation: Operation, body: Any) -> bool:
        content = operation.request_body.content if operation.request_body else {}
        media_type = next((each for name, each in content.items() if is_json(name)), None)
        if media_type is None or media_type.pointer is None:
            return False
        return bool(self.contract.schemas.at(media_type.pointer, "request").is_valid(body))

    def looked(self, check: str, operation: Operation) -> None:
        """Count that a check was made."""
        self._witness.count(check, operation.operation_id)

    def found(self, check: str, operation: Operation, difference: str, what: str, *seen: Answer) -> Finding:
        """Word a failure; ``seen`` are the requests that show it, in their order."""
        shown: Shown = self._witness.shown
        lines = [shown.curl(curl(each.exchange)) for each in seen]
        return Finding(
            check,
            operation.operation_id,
            _PHASE,
            shown.text(what),
            "\n".join(dict.fromkeys(lines)),
            difference,
            exchange=shown.exchange(seen[-1].exchange) if seen else None,
        )

    def _credentials(self, operation: Operation) -> Credentials:
        return self._traveller.caller.sent(operation) if self._traveller.caller else ()

    def _send(
        self, operation: Operation, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> Answer:
        started, clock = time.time(), time.monotonic()
        status, reason, received = 0, "", b""
        answered: Headers = ()
        try:
            response = self._traveller.session.request(
                method, url, headers=headers, data=content or None, allow_redirects=False
            )
            status, reason, received = response.status_code, response.reason or "", response.content
            answered = tuple(response.headers.items())
        except requests.RequestException as error:
            reason = type(error).__name__
        self._traveller.session.cookies.clear()
        exchange = Exchange(
            operation.operation_id,
            _PHASE,
            method,
            url,
            tuple(headers.items()),
            content,
            status,
            reason,
            answered,
            received,
            started,
            time.monotonic() - clock,
        )
        self._witness.asked(exchange)
        answer = Answer(operation, exchange, _read(received))
        if status >= 500:
            what = f"Server error: a request that keeps the contract is answered {status}."
            found = self.found("not_a_server_error", operation, f"Server error: {status}", what, answer)
            self._witness.report.find(found)
        return answer

    def _required(self, operation: Operation, place: str) -> dict[str, Any]:
        found = {}
        for parameter in operation.parameters:
            if parameter.location != place or not parameter.required:
                continue
            values = known_values(self.contract, parameter)
            value = values[0] if values else None
            if value is None and parameter.pointer is not None:
                value = self.sample(parameter.pointer, parameter.name)
            found[parameter.name] = value if value is not None else "1"
        return found

    @staticmethod
    def _media_type(operation: Operation) -> str | None:
        content = operation.request_body.content if operation.request_body else {}
        return next((name for name in content if is_json(name)), None)


def id_in(collection: Collection, item: Mapping[str, Any]) -> Any:
    """Give the id of an item, ``None`` where it shows none."""
    found = at(item, collection.id_steps) if collection.id_steps else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None


def _read(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return None


def _texts(value: Any) -> Any:
    return [_text(each) for each in value] if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict) else str(value)
