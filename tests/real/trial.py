"""
Every operation of a served document, asked until it answers as it promises.

Ids for items are taken from what the same server has listed and made; then from the document.
"""

import http.client
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.real.asking import Asked, ask, fitting, path_candidates
from tests.real.judging import Given, accepts, judge
from tests.real.reading import Document, Operation, Parameter

SECONDS_FOR_AN_ANSWER = 20
ATTEMPTS = 8

# What a document need not declare: that something is not there, or there already; that a request breaks it.
_BY_STATE = (404, 409, 410, 412)
_BY_REQUEST = (400, 415, 422)

Bindings = dict[str, Any]


@dataclass
class Outcome:
    """What one operation answered."""

    operation: Operation
    success: int = 0  # valid answers of success
    error: int = 0  # valid answers that refuse
    invalid: list[str] = field(default_factory=list)
    refused: str = ""  # the last valid refusal
    crashed: int = 0
    unaskable: str = ""

    @property
    def answered(self) -> bool:
        return bool(self.success or (self.error and not self.operation.promises_success))

    @property
    def excused(self) -> bool:
        """Tell whether no request that keeps the contract exists, as far as the judge can see."""
        return bool(self.unaskable) and not self.answered

    def note(self, wrong: str) -> None:
        if wrong not in self.invalid:
            self.invalid.append(wrong)

    def why(self) -> str:
        """Say why the operation did not answer, in one line."""
        return self.unaskable or (self.invalid[0] if self.invalid else self.refused) or "it was never asked"


@dataclass(frozen=True)
class Seen:
    """Objects that an answer carried, and where it was asked for."""

    template: str
    bindings: Bindings
    objects: list[dict[str, Any]]


class Trial:
    """One server, one document: what is known of its content, and what each operation answered."""

    def __init__(self, document: Document, url: str) -> None:
        self.document = document
        self.requests = 0
        self.outcomes = {id(each): Outcome(each) for each in document.operations}
        self._address = urlsplit(url).netloc
        self._connection = http.client.HTTPConnection(self._address, timeout=SECONDS_FOR_AN_ANSWER)
        self._seen: list[Seen] = []
        self._good: dict[str, list[Bindings]] = {}

    def run(self) -> list[Outcome]:
        """Ask for everything: read, then write, then read what was not there before, then delete."""
        by_depth = sorted(self.document.operations, key=lambda each: (each.path.count("{"), len(each.path)))
        reads = [each for each in by_depth if each.method in ("get", "head", "options", "query", "trace")]
        deletes = [each for each in reversed(by_depth) if each.method == "delete"]
        writes = [each for each in by_depth if each not in reads and each not in deletes]
        for operation in (*reads, *writes):
            self._try(operation)
        for operation in (*reads, *writes):
            if not self._outcome(operation).answered:
                self._try(operation)
        for operation in deletes:
            self._try(operation)
        self._connection.close()
        return list(self.outcomes.values())

    def _outcome(self, operation: Operation) -> Outcome:
        return self.outcomes[id(operation)]

    def _try(self, operation: Operation) -> None:
        outcome = self._outcome(operation)
        outcome.invalid.clear()
        outcome.crashed = 0
        bindings = list(itertools.islice(self._bindings(operation), ATTEMPTS)) or [{}]
        place, turn = 0, 0
        asked: set[Asked] = set()
        for _ in range(ATTEMPTS):
            request = ask(self.document, operation, bindings[place], turn=turn)
            if request in asked:
                break
            asked.add(request)
            given = self._judged(operation, outcome, bindings[place], request)
            if outcome.answered or outcome.crashed > 1:
                break
            if given.status in (404, 410) and place + 1 < len(bindings):
                place += 1
            else:
                turn += 1
                place = (place + 1) % len(bindings) if turn % 2 == 0 else place
        if outcome.success and operation.method != "delete":
            self._go_further(operation, outcome, bindings[place], turn)

    def _go_further(self, operation: Operation, outcome: Outcome, bindings: Bindings, turn: int) -> None:
        """Ask once more with every parameter, and once for each media type that is declared."""
        if any(not each.required for each in operation.parameters) or operation.bodies:
            whole = ask(self.document, operation, bindings, turn=turn + 1, full=True)
            self._judged(operation, outcome, bindings, whole)
        if operation.method != "get":
            return
        declared = next((operation.answers[key] for key in operation.answers if key[:1] == "2"), None)
        for media in (declared.media if declared and len(declared.media) > 1 else ())[:4]:
            wanted = ask(self.document, operation, bindings, turn=turn, accept=media.media_type)
            given = self._judged(operation, outcome, bindings, wanted)
            if given.status == 406 or not accepts(media.media_type, given.media_type):
                outcome.note(f"asked for {media.media_type}, answered {given.status} {given.media_type}")

    def _judged(self, operation: Operation, outcome: Outcome, bindings: Bindings, asked: Asked) -> Given:
        outcome.unaskable = asked.excuse
        given = self._send(asked)
        if isinstance(given, str):
            outcome.note(f"{asked.method} {asked.target}: {given}")
            outcome.crashed += 1
            return Given(500, {}, b"")
        wrong = judge(self.document, operation, given)
        said = f"{asked.method} {asked.target} -> {given.status}"
        if given.status >= 500:
            outcome.crashed += 1
        if operation.answer(given.status) is None and (
            given.status in _BY_STATE or (asked.excuse and given.status in _BY_REQUEST)
        ):
            outcome.refused = said
        elif wrong:
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            detail = "" if given.status < 400 else f"  {given.content[:300].decode(errors='replace')}"
            outcome.note(f"{said}: {wrong[0]}{more}{detail}")
        elif given.status < 400:
            outcome.success += 1
            self._learn(operation, bindings, given)
        else:
            outcome.error += 1
            outcome.refused = f"{said}: {given.content[:300].decode(errors='replace')}"
        return given

    def _send(self, asked: Asked) -> Given | str:
        self.requests += 1
        try:
            self._connection.putrequest(asked.method, asked.target)
            for name, value in asked.headers:
                self._connection.putheader(name, value.encode())
            if asked.content is not None:
                self._connection.putheader("Content-Length", str(len(asked.content)))
            self._connection.endheaders(asked.content)
            answer = self._connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Given(answer.status, headers, answer.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._connection.close()
            self._connection = http.client.HTTPConnection(self._address, timeout=SECONDS_FOR_AN_ANSWER)
            return f"{type(error).__name__}: {error}"

    # What is known of the server's content

    def _learn(self, operation: Operation, bindings: Bindings, given: Given) -> None:
        template = _normal(operation.path)
        if operation.method == "delete":
            known = self._good.get(template, [])
            known[:] = [each for each in known if each != bindings]
            return
        if "{" in template:
            known = self._good.setdefault(template, [])
            if bindings not in known:
                known.insert(0, bindings)
        if objects := list(itertools.islice(_objects(given.json, 0), 12)):
            record = Seen(template, bindings, objects)
            # What was just made can be deleted without harm to what others lean on.
            self._seen.insert(0, record) if operation.method == "post" else self._seen.append(record)

    def _bindings(self, operation: Operation) -> Iterator[Bindings]:
        found: list[Bindings] = []
        for each in self._bindings_of(_normal(operation.path), operation):
            if each not in found:
                found.append(each)
                yield each

    def _bindings_of(self, template: str, operation: Operation) -> Iterator[Bindings]:
        if "{" not in template:
            yield {}
            return
        yield from self._good.get(template, [])[:3]
        parent, _, segment = template.rpartition("/")
        names = re.findall(r"\{([^}]+)\}", segment)
        if not names:
            yield from self._bindings_of(parent, operation)
            return
        declared = {each.name: each for each in operation.parameters if each.place == "path"}
        exact = [each for each in self._seen if each.template == parent]
        near = [each for each in self._seen if each.template.startswith(f"{parent}/") and each not in exact]
        for record in [*exact[:4], *near[:2]]:
            kept = {key: each for key, each in record.bindings.items() if f"{{{key}}}" in parent}
            for one in record.objects[:4]:
                values = [self._fitting(declared.get(name), _ids(one, name)) for name in names]
                if all(values):
                    yield from (
                        kept | dict(zip(names, chosen, strict=True))
                        for chosen in zip(
                            *(itertools.islice(itertools.cycle(v), 2) for v in values), strict=True
                        )
                    )
        for before in itertools.islice(self._bindings_of(parent, operation), 2):
            for turn in range(2):
                bindings = dict(before)
                for name in names:
                    values = path_candidates(self.document, declared[name]) if name in declared else []
                    if values:
                        bindings[name] = values[turn % len(values)]
                yield bindings

    def _fitting(self, parameter: Parameter | None, values: list[Any]) -> list[Any]:
        if parameter is None:
            return values
        found = [fitting(self.document, parameter, each) for each in values]
        return [each for each in found if each is not None]


def _normal(path: str) -> str:
    return re.sub(r"(?<=.)\.(json|xml)(?=/|$)", "", path).rstrip("/")


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Give the objects in an answer that may be items: those in arrays first, then the answer itself."""
    if depth > 3:
        return
    if isinstance(value, list):
        for each in value:
            if isinstance(each, dict):
                yield each
            elif isinstance(each, str | int):
                yield {"id": each}
    if isinstance(value, dict):
        for each in value.values():
            if isinstance(each, list | dict):
                yield from _objects(each, depth + 1)
        yield value


_IDS = ("id", "sid", "uuid", "name", "key", "slug", "code", "number", "username", "reference")


def _ids(one: dict[str, Any], name: str) -> list[Any]:
    """Give the values of an object that a path parameter may mean, the likeliest first."""
    wanted = re.sub(r"[^a-z0-9]", "", name.lower())
    flat = dict(one)
    for each in one.values():
        if isinstance(each, dict):
            flat = {**each, **flat}
    scalar = {
        re.sub(r"[^a-z0-9]", "", key.lower()): each
        for key, each in flat.items()
        if isinstance(each, str | int) and not isinstance(each, bool) and each != ""
    }
    keys = [
        wanted,
        *sorted((key for key in scalar if key and wanted.endswith(key)), key=len, reverse=True),
        *_IDS,
    ]
    return list(dict.fromkeys(scalar[key] for key in keys if key in scalar))
