"""
Steer a running mock from python: one method for each operation of its control API.

    ControlError       the mock refused a call; has the status and the problem
    AssertionFailed    the calls that were asserted were not made
"""

import http.client
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal, Unpack
from urllib.parse import quote, urlencode, urlsplit

from mockserver.client.shapes import (
    AssertionResult,
    Clock,
    Collection,
    Coverage,
    Difference,
    Entry,
    EntryList,
    EntrySummary,
    FaultRule,
    Filters,
    Item,
    ItemPage,
    Match,
    Persona,
    Sandbox,
    Scenario,
    Settings,
    Snapshot,
    Token,
)
from mockserver.errors import MockServerError


class ControlError(MockServerError):
    """The mock refused a call; ``problem`` is what it says of it (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{status}: {problem.get('detail') or problem.get('title') or 'no reason given'}")
        self.status = status
        self.problem = problem


class AssertionFailed(ControlError, AssertionError):
    """The calls that were asserted were not made; the text names those that come nearest."""

    def __str__(self) -> str:
        nearest = [
            f"\n  entry {each['entry']}: {'; '.join(each['differences'])}"
            for each in self.problem.get("nearest", ())
        ]
        return str(self.problem.get("detail")) + "".join(nearest)


class Control:
    """
    A running mock, steered over HTTP.

    ``sandbox`` is the one that the calls speak of, ``default`` without it; ``token`` the control token, which
    a mock on this machine need not ask for. ``url`` is that of the mock, without ``/_mock``. Where it serves
    several contracts, ``document`` is the number of the one that is meant, the first without it.

    Every call raises ``ControlError`` where the mock refuses it, and an ``OSError`` where there is none.
    """

    def __init__(
        self,
        url: str,
        *,
        sandbox: str | None = None,
        token: str | None = None,
        document: int | None = None,
        timeout: float = 30,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise MockServerError(f"{url} is no address of a mock; one is http://127.0.0.1:8080.")
        self.url = url.rstrip("/")
        self.sandbox_name = sandbox
        self._token = token
        self._document = document
        self._timeout = timeout
        self._host = parts.netloc.rpartition("@")[2]
        self._is_secure = parts.scheme == "https"
        number = "" if document is None else f"/documents/{document}"
        self._prefix = f"{parts.path.rstrip('/')}/_mock{number}"

    def bound_to(self, sandbox: str) -> "Control":
        """Give a ``Control`` of the same mock whose calls speak of another sandbox."""
        return Control(
            self.url,
            sandbox=sandbox,
            token=self._token,
            document=self._document,
            timeout=self._timeout,
        )

    @contextmanager
    def sandbox(
        self,
        name: str | None = None,
        *,
        set: str | None = None,
        snapshot: str | None = None,
        scenario: str | None = None,
        seed: int | None = None,
    ) -> Iterator["Control"]:
        """
        Make a sandbox for a ``with`` block, and give a ``Control`` of it; it is deleted at the end.

        One that is gone by then is none to complain of: that would hide what the block itself raises.
        """
        made = self.create_sandbox(name, set=set, snapshot=snapshot, scenario=scenario, seed=seed)
        try:
            yield self.bound_to(made["name"])
        finally:
            try:
                self.delete_sandbox(made["name"])
            except ControlError as error:
                if error.status != 404:
                    raise

    # What is running.

    def get_health(self) -> dict[str, Any]:
        found: dict[str, Any] = self._json("GET", "/health")
        return found

    def get_version(self) -> dict[str, str]:
        found: dict[str, str] = self._json("GET", "/version")
        return found

    def get_contract(self) -> dict[str, Any]:
        found: dict[str, Any] = self._json("GET", "/openapi.json")
        return found

    def get_contract_as_yaml(self) -> str:
        return self._send("GET", "/openapi.yaml").decode()

    def get_control_contract(self) -> dict[str, Any]:
        found: dict[str, Any] = self._json("GET", "/control.json")
        return found

    def get_control_contract_as_yaml(self) -> str:
        return self._send("GET", "/control.yaml").decode()

    def get_key_set(self) -> dict[str, Any]:
        """Give the keys that tokens of the mock are verified with, as a JSON Web Key Set."""
        found: dict[str, Any] = self._json("GET", "/jwks.json")
        return found

    # Sandboxes, and what they begin with.

    def list_sandboxes(self) -> list[Sandbox]:
        found: list[Sandbox] = self._json("GET", "/sandboxes")["sandboxes"]
        return found

    def create_sandbox(
        self,
        name: str | None = None,
        *,
        set: str | None = None,
        snapshot: str | None = None,
        scenario: str | None = None,
        seed: int | None = None,
    ) -> Sandbox:
        """Make a sandbox from a set, a snapshot of this sandbox, or a scenario; at most one of them."""
        body = _given(name=name, set=set, snapshot=snapshot, scenario=scenario, seed=seed)
        made: Sandbox = self._json("POST", "/sandboxes", body)
        return made

    def get_sandbox(self, sandbox: str) -> Sandbox:
        found: Sandbox = self._json("GET", f"/sandboxes/{_part(sandbox)}")
        return found

    def delete_sandbox(self, sandbox: str) -> None:
        self._send("DELETE", f"/sandboxes/{_part(sandbox)}")

    def reset_sandbox(self) -> None:
        """Put back the items, the clock, the settings and the sequence of ids; standing faults go."""
        self._send("POST", "/reset")

    def list_sets(self) -> list[str]:
        return [each["name"] for each in self._json("GET", "/sets")["sets"]]

    def load_set(self, set: str) -> None:
        """Put a fixture set in the place of all items; a reset puts it back from now on."""
        self._send("POST", f"/sets/{_part(set)}/load")

    def list_scenarios(self) -> list[Scenario]:
        found: list[Scenario] = self._json("GET", "/scenarios")["scenarios"]
        return found

    def start_scenario(self, scenario: str) -> None:
        self._send("POST", f"/scenarios/{_part(scenario)}/start")

    # Items.

    def export_items(self) -> dict[str, list[Item]]:
        """Give every item of every collection."""
        found: dict[str, list[Item]] = self._json("GET", "/export")
        return found

    def list_collections(self) -> list[Collection]:
        found: list[Collection] = self._json("GET", "/collections")["collections"]
        return found

    def list_items(self, collection: str, *, limit: int | None = None, offset: int | None = None) -> ItemPage:
        query = _given(limit=limit, offset=offset)
        found: ItemPage = self._json("GET", f"/collections/{_part(collection)}/items", query=query)
        return found

    def get_item(self, collection: str, item: str | int) -> Item:
        found: Item = self._json("GET", f"/collections/{_part(collection)}/items/{_part(item)}")
        return found

    def put_item(self, collection: str, item: str | int, body: Mapping[str, Any]) -> Item:
        """Insert an item, or put it in the place of the one with this id."""
        stored: Item = self._json("PUT", f"/collections/{_part(collection)}/items/{_part(item)}", body)
        return stored

    def delete_item(self, collection: str, item: str | int) -> None:
        self._send("DELETE", f"/collections/{_part(collection)}/items/{_part(item)}")

    def clear_collection(self, collection: str) -> None:
        self._send("DELETE", f"/collections/{_part(collection)}/items")

    # Snapshots.

    def list_snapshots(self) -> list[Snapshot]:
        found: list[Snapshot] = self._json("GET", "/snapshots")["snapshots"]
        return found

    def save_snapshot(self, snapshot: str) -> Snapshot:
        saved: Snapshot = self._json("PUT", f"/snapshots/{_part(snapshot)}")
        return saved

    def get_snapshot(self, snapshot: str) -> Snapshot:
        found: Snapshot = self._json("GET", f"/snapshots/{_part(snapshot)}")
        return found

    def delete_snapshot(self, snapshot: str) -> None:
        self._send("DELETE", f"/snapshots/{_part(snapshot)}")

    def restore_snapshot(self, snapshot: str) -> None:
        self._send("POST", f"/snapshots/{_part(snapshot)}/restore")

    def compare_snapshots(self, snapshot: str, with_: str | None = None) -> dict[str, Difference]:
        """Tell by collection what became of the items up to another snapshot, or up to now."""
        query = _given(**{"with": with_})
        answer = self._json("GET", f"/snapshots/{_part(snapshot)}/compare", query=query)
        found: dict[str, Difference] = answer["collections"]
        return found

    # The journal.

    def list_entries(
        self, *, limit: int | None = None, after: int | None = None, **filters: Unpack[Filters]
    ) -> EntryList:
        found: EntryList = self._json("GET", "/journal", query=_given(**filters, limit=limit, after=after))
        return found

    def count_entries(self, **filters: Unpack[Filters]) -> int:
        count: int = self._json("GET", "/journal/count", query=_given(**filters))["count"]
        return count

    def get_entry(self, entry: int) -> Entry:
        found: Entry = self._json("GET", f"/journal/{entry}")
        return found

    def clear_journal(self) -> None:
        self._send("DELETE", "/journal")

    def stream_entries(self, *, after: int | None = None) -> Iterator[EntrySummary]:
        """
        Give entries as they are made, until the generator is closed or the mock ends.

        With ``after`` those since that entry come first. What was lost because it was read too slowly is
        left out.
        """
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        connection = self._connect(None)
        try:
            response = self._request(connection, "GET", "/journal/stream", headers=headers)
            event = ""
            while line := response.readline():
                name, _, value = line.decode().rstrip("\r\n").partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "entry":
                    yield json.loads(value)
        finally:
            connection.close()

    def export_har(self, *, secrets: Literal["masked", "shown"] = "masked") -> dict[str, Any]:
        """Give the journal as an HTTP archive; secrets are masked in it, unless they are to be shown."""
        found: dict[str, Any] = self._json("GET", "/journal/har", query={"secrets": secrets})
        return found

    def assert_calls(
        self,
        match: Match,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
        exactly: int | None = None,
    ) -> AssertionResult:
        """
        Hold the journal against what is expected: without any number, one entry or more.

        Raises:
            AssertionFailed: it is not so.
        """
        body = {"match": match, **_given(at_least=at_least, at_most=at_most, exactly=exactly)}
        try:
            result: AssertionResult = self._json("POST", "/assertions", body)
        except ControlError as error:
            if "count" not in error.problem:
                raise
            raise AssertionFailed(error.status, error.problem) from None
        return result

    # The clock. Times are RFC 3339 texts, "now", or such as "+3d" or "-2h".

    def get_clock(self) -> Clock:
        return self._clock("GET", "")

    def freeze_clock(self, at: str | None = None) -> Clock:
        return self._clock("POST", "/freeze", _given(at=at))

    def set_clock(self, to: str) -> Clock:
        return self._clock("POST", "/set", {"to": to})

    def advance_clock(self, by: str | float) -> Clock:
        """Move the time on, by seconds or by such as ``"2h"``."""
        return self._clock("POST", "/advance", {"by": by})

    def run_clock(self) -> Clock:
        return self._clock("POST", "/run")

    def _clock(self, method: str, path: str, body: Any = None) -> Clock:
        found: Clock = self._json(method, f"/clock{path}", body)
        return found

    # Faults.

    def list_faults(self) -> list[FaultRule]:
        found: list[FaultRule] = self._json("GET", "/faults")["faults"]
        return found

    def add_fault(self, rule: FaultRule) -> FaultRule:
        """Add a standing rule; what comes back has its id."""
        made: FaultRule = self._json("POST", "/faults", rule)
        return made

    def replace_faults(self, rules: Sequence[FaultRule]) -> list[FaultRule]:
        stand: list[FaultRule] = self._json("PUT", "/faults", {"faults": list(rules)})["faults"]
        return stand

    def clear_faults(self) -> None:
        self._send("DELETE", "/faults")

    def get_fault(self, fault: str) -> FaultRule:
        found: FaultRule = self._json("GET", f"/faults/{_part(fault)}")
        return found

    def put_fault(self, fault: str, rule: FaultRule) -> FaultRule:
        stands: FaultRule = self._json("PUT", f"/faults/{_part(fault)}", rule)
        return stands

    def delete_fault(self, fault: str) -> None:
        self._send("DELETE", f"/faults/{_part(fault)}")

    # Callers, and settings.

    def list_personas(self) -> list[Persona]:
        found: list[Persona] = self._json("GET", "/personas")["personas"]
        return found

    def mint_token(
        self, persona: str, *, claims: Mapping[str, Any] | None = None, lifetime: int | None = None
    ) -> Token:
        """Sign a token for a persona, with some claims changed; ``lifetime`` is in seconds."""
        body = _given(persona=persona, claims=claims, lifetime=lifetime)
        made: Token = self._json("POST", "/tokens", body)
        return made

    def get_settings(self) -> Settings:
        found: Settings = self._json("GET", "/settings")
        return found

    def change_settings(
        self,
        *,
        requests: Literal["strict", "enforce", "report", "off"] | None = None,
        responses: Literal["enforce", "report", "off"] | None = None,
        auth: Literal["verify", "present", "off"] | None = None,
        headers: Literal["explain", "quiet"] | None = None,
        log: bool | None = None,
    ) -> Settings:
        """Change what is given; gives all settings."""
        body = _given(requests=requests, responses=responses, auth=auth, headers=headers, log=log)
        changed: Settings = self._json("PATCH", "/settings", body)
        return changed

    # Coverage: of all sandboxes.

    def get_coverage(self) -> Coverage:
        """Give what requests have touched of the contract, in all sandboxes since the start."""
        found: Coverage = self._json("GET", "/coverage")
        return found

    def clear_coverage(self) -> None:
        self._send("DELETE", "/coverage")

    def _json(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        return json.loads(self._send(method, path, body, query))

    def _send(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> bytes:
        connection = self._connect(self._timeout)
        try:
            target = f"{path}?{urlencode(query)}" if query else path
            return self._request(connection, method, target, body).read()
        finally:
            connection.close()

    def _connect(self, timeout: float | None) -> http.client.HTTPConnection:
        if self._is_secure:
            return http.client.HTTPSConnection(self._host, timeout=timeout)
        return http.client.HTTPConnection(self._host, timeout=timeout)

    def _request(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        sent = dict(headers or {})
        if self.sandbox_name is not None:
            sent["Mock-Sandbox"] = self.sandbox_name
        if self._token is not None:
            sent["Authorization"] = f"Bearer {self._token}"
        content = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        connection.request(method, self._prefix + target, body=content, headers=sent)
        response = connection.getresponse()
        if response.status >= 300:
            raise ControlError(response.status, _problem(response.read()))
        return response


def _given(**named: Any) -> dict[str, Any]:
    return {name: value for name, value in named.items() if value is not None}


def _part(value: str | int) -> str:
    """
    Write one part of a path.

    Raises:
        MockServerError: it is empty; what is asked for would be the whole, and not one part of it.
    """
    if value == "":
        raise MockServerError("A name or an id cannot be empty.")
    return quote(str(value), safe="")


def _problem(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"detail": content[:200].decode(errors="replace")}
