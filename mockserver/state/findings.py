"""What was found of a backend while requests passed to it: how many, and how its contract was broken."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mockserver.contract.violation import Violation
from mockserver.state.journal_entry import Entry
from mockserver.state.masks import Masks

Outcome = Literal["upstream", "mock", "refused", "unreachable", "failed"]
Side = Literal["request", "answer", "query"]

# Clients and backends send what they like; what is beyond this is counted all the same.
_SUBJECTS = 2000
_KINDS = 200
_LONGEST = 200
_OTHERS = "(others)"

_SAID: Mapping[Outcome, str] = {
    "mock": "answered by the mock",
    "refused": "refused before they were sent on",
    "unreachable": "without an answer of the backend",
    "failed": "that came to no end",
}


@dataclass(slots=True)
class _Kind:
    """One way in which the contract was broken: how often, and where first."""

    side: Side
    place: str
    keyword: str
    message: str
    first: str
    count: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "side": self.side,
            "place": self.place,
            "keyword": self.keyword,
            "count": self.count,
            "message": self.message,
            "first": self.first,
        }


@dataclass(slots=True)
class _Subject:
    outcomes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    kinds: dict[tuple[str, str, str], _Kind] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    unseen: Counter[str] = field(default_factory=Counter)

    def count(
        self, side: Side, violations: Iterable[Violation], first: str, say: Callable[[Violation], str]
    ) -> None:
        # One message breaks the contract in one way once, however many of its items do.
        for place, found in {_place(each): each for each in violations}.items():
            key = (side, place, found.keyword)
            if key not in self.kinds and len(self.kinds) >= _KINDS:
                key = (side, _OTHERS, "")
            kind = self.kinds.get(key)
            if kind is None:
                kind = self.kinds[key] = _Kind(side, key[1], key[2], say(found)[:_LONGEST], first)
            kind.count += 1


class Findings:
    """
    What was found so far, by operation; requests that the contract lacks are by method and path.

    ``backend`` and ``contract`` are names to be shown.
    """

    def __init__(self, backend: str, contract: str = "the contract") -> None:
        self.backend = backend
        self.contract = contract
        self._subjects: dict[str, _Subject] = {}

    def take(
        self,
        entry: Entry,
        path: str,
        outcome: Outcome,
        of_request: Sequence[Violation],
        of_answer: Sequence[Violation],
        status: int = 0,
        masks: Masks | None = None,
        *,
        unknown: Sequence[Violation] = (),
        failure: str = "",
        unseen: str = "",
    ) -> None:
        """
        Count one request, with what was wrong with it and its answer, and what is about to be answered.

        By ``path`` it is counted where the contract lacks it. What is kept of it has no secrets that the
        ``masks`` know. The parameters that are ``unknown`` break no contract. ``failure`` says why the
        backend gave no answer, ``unseen`` why its body was not looked at.
        """
        subject = self._subject(entry, path)
        subject.outcomes[outcome] += 1
        subject.statuses[entry.status or status] += 1
        _add(subject.failures, failure)
        _add(subject.unseen, unseen)
        if not of_request and not of_answer and not unknown:
            return
        template = entry.operation.path if entry.operation else ""
        shown = masks.target(entry.target, template) if masks is not None else entry.target
        first = f"{entry.method} {shown}"[:_LONGEST]

        def say(violation: Violation) -> str:
            if masks is None:
                return violation.message
            credentials = masks.credentials(entry.request_headers, entry.target, template)
            return masks.message(violation, credentials)

        subject.count("query", unknown, first, say)
        if of_request:
            subject.broken["request"] += 1
            subject.count("request", of_request, first, say)
        if of_answer:
            subject.broken["answer"] += 1
            subject.count("answer", of_answer, first, say)

    def add_failure(self, entry: Entry, path: str, failure: str) -> None:
        """Add to a request that was counted that its answer broke off."""
        _add(self._subject(entry, path).failures, failure)

    def _subject(self, entry: Entry, path: str) -> _Subject:
        name = entry.operation.operation_id if entry.operation else f"{entry.method} {path}"[:_LONGEST]
        if name not in self._subjects and len(self._subjects) >= _SUBJECTS:
            name = _OTHERS
        return self._subjects.setdefault(name, _Subject())

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return sum(subject.outcomes.total() for subject in self._subjects.values())

    def broken(self, side: Side) -> int:
        """Give how many requests, or answers, broke the contract."""
        return sum(subject.broken[side] for subject in self._subjects.values())

    def as_json(self) -> dict[str, Any]:
        """Give everything as a JSON value."""
        return {
            "backend": self.backend,
            "contract": self.contract,
            "requests": self.requests,
            "broken": {"requests": self.broken("request"), "answers": self.broken("answer")},
            "operations": {
                name: {
                    "requests": subject.outcomes.total(),
                    "outcomes": dict(subject.outcomes),
                    "statuses": {str(status): count for status, count in sorted(subject.statuses.items())},
                    "violations": [kind.as_json() for kind in _ordered(subject)],
                    "failures": dict(subject.failures),
                    "unseen": dict(subject.unseen),
                }
                for name, subject in sorted(self._subjects.items())
            },
        }

    def lines(self) -> list[str]:
        """Say everything in lines, the operations with violations one by one."""
        count = f"{_many(self.requests, 'request')} to {_many(len(self._subjects), 'operation')}"
        lines = [f"{self.backend} against {self.contract}: {count}"]
        outcomes: Counter[str] = Counter()
        unseen: Counter[str] = Counter()
        for name, subject in sorted(self._subjects.items()):
            outcomes += subject.outcomes
            unseen += subject.unseen
            if subject.kinds or subject.failures:
                answered = ", ".join(
                    f"{status or '-'}: {n}" for status, n in sorted(subject.statuses.items())
                )
                lines += ["", f"{name}  ({_many(subject.outcomes.total(), 'request')}; {answered})"]
                lines += [_line(kind) for kind in _ordered(subject)]
                lines += [_counted(count, failure) for failure, count in subject.failures.items()]
        lines.append("")
        lines += [
            f"{_many(outcomes[each], 'request')} {text}" for each, text in _SAID.items() if outcomes[each]
        ]
        lines += [f"{_many(count, 'answer')} not looked at: {why}" for why, count in sorted(unseen.items())]
        for side in ("request", "answer"):
            broken = self.broken("request" if side == "request" else "answer")
            lines.append(
                f"{_many(broken, side)} broke the contract" if broken else f"No {side} broke the contract"
            )
        return lines


def _ordered(subject: _Subject) -> list[_Kind]:
    return sorted(subject.kinds.values(), key=lambda kind: (kind.side, -kind.count, kind.place))


def _line(kind: _Kind) -> str:
    if kind.side == "query" and kind.place != _OTHERS:
        return _counted(kind.count, kind.message)  # it breaks no contract, and is often a slip
    text = f"{kind.side} {kind.place}: {kind.message}" if kind.place != _OTHERS else f"{kind.side}: others"
    return _counted(kind.count, text)


def _counted(count: int, text: str) -> str:
    return f"  {count:>5} x  {text}"


def _add(counter: Counter[str], text: str) -> None:
    if text:
        counter[text if text in counter or len(counter) < _KINDS else _OTHERS] += 1


def _place(violation: Violation) -> str:
    """Give where a violation is, in whichever item of a list."""
    steps = ("*" if isinstance(step, int) else str(step) for step in violation.location)
    return ".".join(steps)[:_LONGEST]


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
