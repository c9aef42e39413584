"""The standing faults of one sandbox, and what they decide for each request."""

import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from mockserver.contract.operation import Operation
from mockserver.contract.samples.chance import Chance
from mockserver.errors import nearest
from mockserver.state.fault_rules import Breakage, Drop, FaultRule, declares

# How many letters the header Mock-Fault has for the faults of one request.
_MOST_TOLD = 2000


class NoSuchFault(LookupError):
    """There is no fault of this id."""


class FaultExists(ValueError):
    """There is a fault of this id already."""


@dataclass(frozen=True)
class Asked:
    """
    What faults are decided by.

    ``path`` is what the request asked for. ``find_names`` gives what its caller is called; it is not
    called unless a rule names a persona, and then once.
    """

    operation: Operation | None
    method: str
    path: str
    find_names: Callable[[], Collection[str]]

    @cached_property
    def names(self) -> Collection[str]:
        return self.find_names()


@dataclass(frozen=True, slots=True)
class Decision:
    """
    What is done to one request.

    ``delay`` is in milliseconds. ``reason`` says why there is a ``status``, which comes with ``retry_after``
    seconds where it is that of a limit. ``seed`` is what a broken body is made from. ``told`` is what
    ``Mock-Fault`` says of all that, but for ``untold`` rules that a header has no room for.
    """

    delay: float = 0
    status: int | None = None
    reason: str = ""
    retry_after: int | None = None
    drop: Drop | None = None
    bytes_per_second: int | None = None
    body: Breakage | None = None
    seed: str = ""
    told: str = ""
    untold: int = 0

    @property
    def has_outcome(self) -> bool:
        """Tell whether it is decided already how the request ends."""
        return self.status is not None or self.drop is not None

    def told_without_body(self) -> str:
        """Give what is told where there was no body to break; empty where nothing else was done."""
        rules = [each.split("; ") for each in self.told.split(", ")]
        left = [[part for part in rule if not part.startswith("body=")] for rule in rules]
        return ", ".join(
            "; ".join(now) for was, now in zip(rules, left, strict=True) if was == now or now[1:]
        )


NOTHING = Decision()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many requests a rule was for, and how many of them it did something to."""

    matched: int
    given: int


class Faults:
    """
    The rules of one sandbox, in order; without any, the whole is false.

    What is random comes from the seed, the rule's id and the number of the request among those that the rule
    matches: whatever else goes on, the same requests get the same faults.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._rules: dict[str, _Standing] = {}
        self._made = 0

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._rules

    def __iter__(self) -> Iterator[FaultRule]:
        return iter([each.rule for each in self._rules.values()])

    def add(self, rule: FaultRule) -> FaultRule:
        """
        Put a rule after all others; gives it with the id that it has from now on.

        An id that is made for it was made for none before, since the sandbox was reset.

        Raises:
            FaultExists: there is one of its id.
        """
        if not rule.id:
            rule = replace(rule, id=self._free_id())
        if rule.id in self._rules:
            raise FaultExists(f'There is a fault "{rule.id}" already.')
        self._rules[rule.id] = _Standing(rule)
        return rule

    def replace(self, rule: FaultRule) -> None:
        """
        Put a rule in the place of the one of its id; it counts anew.

        Raises:
            NoSuchFault: there is none of this id.
        """
        self._find(rule.id)
        self._rules[rule.id] = _Standing(rule)

    def remove(self, rule_id: str) -> None:
        """Take a rule away, or raise ``NoSuchFault``."""
        self._find(rule_id)
        del self._rules[rule_id]

    def get(self, rule_id: str) -> FaultRule:
        """Give the rule of an id, or raise ``NoSuchFault``."""
        return self._find(rule_id).rule

    def counts(self, rule_id: str) -> Counts:
        """Give what a rule did since it was added or the sandbox was reset, or raise ``NoSuchFault``."""
        found = self._find(rule_id)
        return Counts(found.matched, found.given)

    def replace_all(self, rules: Iterable[FaultRule]) -> None:
        """
        Put rules in the place of all there are, or leave everything as it is.

        Raises:
            FaultExists: two have the same id.
        """
        before, self._rules = self._rules, {}
        try:
            for rule in rules:
                self.add(rule)
        except BaseException:
            self._rules = before
            raise

    def clear(self) -> None:
        self._rules.clear()

    def restart(self) -> None:
        """Take every rule away, and make the same ids again as in the beginning."""
        self._rules.clear()
        self._made = 0

    def decide(self, asked: Asked, now: float, wanted: Decision = NOTHING) -> Decision | None:
        """
        Say what is done to a request at a time of the mock's clock, ``None`` where nothing is.

        ``wanted`` is what the request itself asks for, which goes before all rules. Delays add up; of what
        ends a request (a status, a limit, a dropped connection) the first counts, and so it is with slow and
        with broken bodies. A request counts for every rule that matches it.
        """
        decision = wanted
        for each in self._rules.values():
            if each.matches(asked, now):
                decision = each.add_to(decision, asked, now, self.seed)
        if decision.untold:
            return replace(decision, told=f"{decision.told}, and {decision.untold} more")
        return decision if decision.told else None

    def _free_id(self) -> str:
        while True:
            self._made += 1
            if (name := f"fault-{self._made}") not in self._rules:
                return name

    def _find(self, rule_id: str) -> "_Standing":
        found = self._rules.get(rule_id)
        if found is None:
            raise NoSuchFault(f'There is no fault "{rule_id[:80]}".{nearest(rule_id, self._rules)}')
        return found


class _Standing:
    """One rule, and how often it was at work."""

    def __init__(self, rule: FaultRule) -> None:
        self.rule = rule
        self._begins = -math.inf if rule.begins is None else rule.begins.timestamp()
        self._ends = math.inf if rule.ends is None else rule.ends.timestamp()
        self._let_pass: deque[float] = deque()
        self.matched = 0
        self.given = 0

    def matches(self, asked: Asked, now: float) -> bool:
        match, operation = self.rule.match, asked.operation
        if match.operations and (operation is None or operation.operation_id not in match.operations):
            return False
        if match.method is not None and match.method != asked.method:
            return False
        template = None if operation is None else operation.path
        if match.path is not None and not match.path.holds(asked.path, template):
            return False
        return self._begins <= now < self._ends and (match.persona is None or match.persona in asked.names)

    def add_to(self, decision: Decision, asked: Asked, now: float, seed: int) -> Decision:
        """Count a request that matches, and add to what is done to it what this rule does."""
        rule = self.rule
        self.matched += 1
        if self.matched <= rule.skip or (rule.count is not None and self.given >= rule.count):
            return decision
        own_seed = f"{seed}|{rule.id}|{self.matched}"
        if rule.share < 1 and _chance(own_seed, "share") >= rule.share:
            return decision
        changes: dict[str, Any] = {}
        told = []
        if rule.delay is not None:
            milliseconds = rule.delay.draw(_chance(own_seed, "delay"))
            changes["delay"] = decision.delay + milliseconds
            told.append(f"delay={milliseconds:.0f}")
        if not decision.has_outcome and (outcome := self._outcome(asked, now)):
            changes |= outcome
            told.append(f"drop={rule.drop}" if "drop" in outcome else f"status={outcome['status']}")
        if asked.method != "HEAD":  # which has no body to its answer
            if rule.bytes_per_second is not None and decision.bytes_per_second is None:
                changes["bytes_per_second"] = rule.bytes_per_second
                told.append(f"slow={rule.bytes_per_second}")
            if rule.body is not None and decision.body is None:
                changes |= {"body": rule.body, "seed": own_seed}
                told.append(f"body={rule.body}")
        if not told:
            return decision
        self.given += 1
        text = ", ".join([*filter(None, [decision.told]), "; ".join([rule.id, *told])])
        if len(text) > _MOST_TOLD:
            return replace(decision, untold=decision.untold + 1, **changes)
        return replace(decision, told=text, **changes)

    def _outcome(self, asked: Asked, now: float) -> dict[str, Any]:
        rule = self.rule
        if rule.status is not None and declares(asked.operation, rule.status):
            return {"status": rule.status, "reason": f'The fault "{rule.id}" answers {rule.status}.'}
        if rule.limit is not None and (left := self._wait(now)) is not None:
            seconds = max(1, math.ceil(left))
            taken = f"{rule.limit.requests} in {rule.limit.seconds:g} s"
            reason = f'The fault "{rule.id}" takes no more than {taken}; the next may come in {seconds} s.'
            return {"status": 429, "reason": reason, "retry_after": seconds}
        return {} if rule.drop is None else {"drop": rule.drop}

    def _wait(self, now: float) -> float | None:
        """Let a request pass, or give how many seconds are left until one may."""
        limit, let_pass = self.rule.limit, self._let_pass
        assert limit is not None
        if let_pass and let_pass[-1] > now:  # the clock was set back
            let_pass.clear()
        while let_pass and let_pass[0] <= now - limit.seconds:
            let_pass.popleft()
        if len(let_pass) < limit.requests:
            let_pass.append(now)
            return None
        return let_pass[0] + limit.seconds - now


def _chance(seed: str, what: str) -> float:
    """Give a number from 0 up to, and without, 1."""
    return Chance.seeded("fault", seed, what).below(2**53) / 2**53
