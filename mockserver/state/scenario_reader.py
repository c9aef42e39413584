"""Read a scenario out of a file, and name everything that is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, get_args, get_type_hints

from mockserver.contract.loading.document import line_of
from mockserver.contract.operation import Contract
from mockserver.contract.pointers import escape, unescape
from mockserver.contract.resources.roles import Resources
from mockserver.errors import MockServerError, nearest
from mockserver.state.beginnings import Beginning, FixtureSets
from mockserver.state.changes import Changes, Part, Wrong
from mockserver.state.clock import Clock, Present, TimeRefused, read_length, read_time
from mockserver.state.fault_reader import read_rule
from mockserver.state.fault_rules import FaultRule
from mockserver.state.faults import FaultExists, Faults
from mockserver.state.fixtures import read_file
from mockserver.state.matches import FIELDS, Match, read_match
from mockserver.state.parts import shown
from mockserver.state.personas import Personas
from mockserver.state.scenario import ClockChange, Rules, Scenario, Step
from mockserver.state.settings import Settings
from mockserver.state.store import Snapshot, Store

_KEYS = ("description", "set", "clock", "changes", "faults", "settings", "then")
_STEP_KEYS = ("after", "clock", "changes", "faults", "settings")
_AFTER_KEYS = ("calls", "match", "time")
# When a call was made is what ``time`` is for.
_MATCH_KEYS = tuple(name for name in FIELDS if name not in ("since", "until"))
_PART_KEYS = ("put", "patch", "remove")
_KINDS = get_type_hints(Settings)
_SETTINGS: Mapping[str, tuple[Any, ...]] = {
    each.name: (True, False) if _KINDS[each.name] is bool else get_args(_KINDS[each.name])
    for each in fields(Settings)
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What scenarios are held against, and the fixture sets that they begin with."""

    contract: Contract
    resources: Resources
    personas: Personas
    sets: FixtureSets


def read_scenario(path: Path, terms: Terms, first: float) -> Scenario:
    """
    Read a scenario for clocks that begin at ``first``, in seconds since 1970.

    Raises:
        MockServerError: the file cannot be read, or something in it cannot be meant; all of that is named.
    """
    return _Reader(path, terms).read(first)


def describe(path: Path) -> str:
    """Give what a scenario says of itself, without looking at the rest; nothing where it cannot be read."""
    try:
        data = read_file(path)
    except MockServerError:
        return ""
    text = data.get("description") if isinstance(data, dict) else None
    return text if isinstance(text, str) else ""


class _Reader:
    def __init__(self, path: Path, terms: Terms) -> None:
        self._path = path
        self._terms = terms
        self._data = read_file(path)
        self._complaints: list[str] = []

    def read(self, first: float) -> Scenario:
        data = self._mapping(self._data, "", _KEYS)
        description = data.get("description")
        if isinstance(self._data, dict) and not (isinstance(description, str) and description.strip()):
            right = "say in one sentence what it is good for" if description is None else "it is a sentence"
            self._complain("/description", f"{_is(description)}; {right}.")
        fixture_set = self._text(data, "set")
        clock = self._clock(data, "", ("at", "frozen")) or ClockChange()
        changes = self._changes(data, "")
        scenario = Scenario(
            self._path,
            str(description).strip(),
            Beginning(fixture_set, partial(self._begin, fixture_set, changes)),
            clock,
            self._faults(data, "", first) or (lambda _: ()),
            self._settings(data, ""),
            [
                self._step(step, f"/then/{index}", index + 1, first)
                for index, step in enumerate(self._list(data, "then", ""))
            ],
        )
        if self._complaints:  # what is wrong with the set is named at once, too
            self._load(fixture_set, datetime.fromtimestamp(first, UTC))
        self._refuse()
        self._try(scenario, first)
        return scenario

    def _begin(self, fixture_set: str | None, changes: Changes | None, now: Present) -> Snapshot:
        """Make what the scenario begins with."""
        store = self._load(fixture_set, now)
        self._refuse()
        if changes is not None:
            now.rely()
            self._complain_of(changes.apply(store, now), "/changes")
            self._refuse()
        return store.snapshot()

    def _load(self, fixture_set: str | None, now: datetime) -> Store:
        try:
            return self._terms.sets.load(fixture_set, now)
        except MockServerError as error:
            if fixture_set is None or {fixture_set, f"{fixture_set}.json"}.intersection(
                self._terms.sets.names()
            ):
                self._complaints += str(error).splitlines()  # the set is broken, and tells where
            else:
                self._complain("/set", str(error))
            return self._terms.sets.open()

    def _try(self, scenario: Scenario, first: float) -> None:
        """Begin the scenario, and make the changes of its steps one after the other."""
        now = scenario.time(first)
        store: Store = self._terms.sets.open()
        store.restore(scenario.beginning.snapshot(now, 0))
        for index, step in enumerate(scenario.steps):
            if step.changes is not None:
                wrong = step.changes.apply(store, datetime.fromtimestamp(now, UTC))
                self._complain_of(wrong, f"/then/{index}/changes")
        self._refuse()

    def _step(self, given: Any, pointer: str, number: int, first: float) -> Step:
        data = self._mapping(given, pointer, _STEP_KEYS)
        seconds, calls, match = self._after(data, f"{pointer}/after")
        if isinstance(given, dict) and not data.keys() - {"after"}:
            named = ", ".join(_STEP_KEYS[1:])
            self._complain(pointer, f"nothing is to happen; give one or more of {named}.")
        return Step(
            number,
            seconds,
            calls,
            match,
            self._clock(data, pointer, ("at", "advance", "frozen")),
            self._changes(data, pointer),
            self._faults(data, pointer, first),
            self._settings(data, pointer),
        )

    def _after(self, step: Mapping[str, Any], pointer: str) -> tuple[float | None, int, Match]:
        data = self._mapping(step.get("after"), pointer, _AFTER_KEYS)
        match = Match()
        if ("calls" in data) == ("time" in data):
            if isinstance(step.get("after"), dict):
                right = "{calls: 3, match: {operation: …}} or {time: 10m}"
                self._complain(pointer, f"should say either how many calls or how much time: {right}.")
            return None, 1, match
        if "time" in data:
            if "match" in data:
                self._complain(f"{pointer}/match", "is of calls, and the step is after a time.")
            seconds = read_length(data["time"])
            if seconds is None:
                text = f"{_is(data['time'])}; it is a length of time such as 10m (units s, m, h, d, w)."
                self._complain(f"{pointer}/time", text)
            return seconds, 0, match
        calls = data["calls"]
        if not isinstance(calls, int) or isinstance(calls, bool) or calls < 1:
            self._complain(f"{pointer}/calls", f"{_is(calls)}; it is a whole number above 0.")
        if "match" in data:
            place = f"{pointer}/match"
            try:
                match = read_match(
                    data["match"],
                    self._terms.contract,
                    personas=self._terms.personas,
                    where=self._named(place),
                    fields=_MATCH_KEYS,
                )
            except MockServerError as error:
                self._complaints.append(f"{self._path}:{self._line(place)}  {error}")
        return None, calls, match

    def _clock(self, data: Mapping[str, Any], pointer: str, keys: Sequence[str]) -> ClockChange | None:
        if "clock" not in data:
            return None
        pointer += "/clock"
        given = self._mapping(data["clock"], pointer, keys)
        at, length, is_frozen = given.get("at"), given.get("advance", 0), given.get("frozen")
        seconds = read_length(length)
        if seconds is None:
            text = f"{_is(length)}; it is a length of time such as 2h (units s, m, h, d, w)."
            self._complain(f"{pointer}/advance", text)
        if is_frozen is not None and not isinstance(is_frozen, bool):
            self._complain(f"{pointer}/frozen", f"{_is(is_frozen)}; it is true or false.")
        if at is not None:
            moment = read_time(at, datetime.now(UTC)) if isinstance(at, str) else None
            if moment is None:
                self._complain(
                    f"{pointer}/at", f"{_is(at)}; it is a time such as 2026-05-01T09:00:00Z or +3d."
                )
                at = None
            else:
                try:
                    Clock().set(moment)
                except TimeRefused as error:
                    self._complain(f"{pointer}/at", f"{_is(at)}. {error}")
        return ClockChange(at, seconds or 0, is_frozen)

    def _changes(self, data: Mapping[str, Any], pointer: str) -> Changes | None:
        if "changes" not in data:
            return None
        pointer += "/changes"
        known = self._terms.sets.collections
        given = self._mapping(data["changes"], pointer, tuple(known), what="collections of the contract")
        parts = {name: self._part(each, f"{pointer}/{escape(name)}") for name, each in given.items()}
        terms = self._terms
        return Changes({n: part for n, part in parts.items() if n in known}, terms.contract, terms.resources)

    def _part(self, given: Any, pointer: str) -> Part:
        data = self._mapping(given, pointer, _PART_KEYS)
        put = self._list(data, "put", pointer)
        for index, item in enumerate(put):
            if not isinstance(item, dict):
                self._complain(f"{pointer}/put/{index}", f"{_is(item)}; it is an item.")
        patch = data.get("patch", {})
        if not isinstance(patch, dict):
            self._complain(f"{pointer}/patch", f"{_is(patch)}; it has the changes of items by their ids.")
            patch = {}
        for item_id, changes in patch.items():
            if not isinstance(changes, dict):
                place = f"{pointer}/patch/{escape(str(item_id))}"
                self._complain(place, f"{_is(changes)}; it is what changes of the item.")
        remove = self._list(data, "remove", pointer)
        for index, item_id in enumerate(remove):
            if not isinstance(item_id, str | int) or isinstance(item_id, bool):
                self._complain(f"{pointer}/remove/{index}", f"{_is(item_id)}; it is an id.")
        return Part(put, {str(item_id): changes for item_id, changes in patch.items()}, remove)

    def _faults(self, data: Mapping[str, Any], pointer: str, first: float) -> Rules | None:
        if "faults" not in data:
            return None
        rules = self._list(data, "faults", pointer)
        trial, now = Faults(0), datetime.fromtimestamp(first, UTC)
        for index, rule in enumerate(rules):
            place = f"{pointer}/faults/{index}"
            try:
                trial.add(read_rule(rule, self._terms.contract, now))
            except MockServerError as error:
                for line in str(error).splitlines():
                    self._complain(place, line)
            except FaultExists as error:
                self._complain(place, str(error))
        return partial(_read_rules, rules, self._terms.contract)

    def _settings(self, data: Mapping[str, Any], pointer: str) -> Mapping[str, Any]:
        if "settings" not in data:
            return {}
        pointer += "/settings"
        given = self._mapping(data["settings"], pointer, tuple(_SETTINGS))
        for name, value in given.items():
            allowed = _SETTINGS.get(name, ())
            if allowed and (type(value), value) not in [
                (type(each), each) for each in allowed
            ]:  # 1 is not true
                options = [each if isinstance(each, str) else shown(each) for each in allowed]
                text = f"{_is(value)}; it is one of {', '.join(options)}.{nearest(str(value), options)}"
                self._complain(f"{pointer}/{name}", text)
        return given

    def _mapping(
        self, given: Any, pointer: str, keys: Sequence[str], what: str = "they"
    ) -> Mapping[str, Any]:
        """Give a mapping; of one that is none, or has other keys, complain."""
        if not isinstance(given, dict):
            self._complain(pointer, f"{_is(given)}; it is a mapping of {', '.join(keys) or 'nothing'}.")
            return {}
        for name in given:
            if name not in keys:
                known = f"{what} are {', '.join(keys) or 'none'}"
                hint = nearest(str(name), keys)
                self._complain(f"{pointer}/{escape(str(name))}", f"is unknown; {known}.{hint}")
        return {str(name): value for name, value in given.items()}

    def _list(self, data: Mapping[str, Any], name: str, pointer: str) -> Sequence[Any]:
        given = data.get(name, [])
        if not isinstance(given, list):
            self._complain(f"{pointer}/{name}", f"{_is(given)}; it is a list.")
            return []
        return given

    def _text(self, data: Mapping[str, Any], name: str) -> str | None:
        given = data.get(name)
        if given is not None and (not isinstance(given, str) or not given):
            self._complain(f"/{name}", f"{_is(given)}; it is a name.")
            return None
        return given

    def _complain_of(self, several: Sequence[Wrong], pointer: str) -> None:
        for each in several:
            self._complain(pointer + each.pointer, each.text)

    def _complain(self, pointer: str, text: str) -> None:
        named = self._named(pointer)
        where = f"{named}: " if named else "the scenario "
        self._complaints.append(f"{self._path}:{self._line(pointer)}  {where}{text}")

    def _refuse(self) -> None:
        if self._complaints:
            complaints, self._complaints = self._complaints, []
            raise MockServerError("\n".join(dict.fromkeys(complaints)))

    def _line(self, pointer: str) -> int:
        return line_of(self._path.read_bytes(), pointer)

    def _named(self, pointer: str) -> str:
        """Name a place as people do: ``then, item 2, changes.groups``."""
        value, named = self._data, ""
        for step in map(unescape, pointer.split("/")[1:]):
            if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                named += f", item {int(step) + 1}, "
                value = value[int(step)]
            else:
                named += f".{step}"
                value = value.get(step) if isinstance(value, dict) else None
        return named.replace(", .", ", ").strip("., ")


def _read_rules(rules: Sequence[Any], contract: Contract, now: datetime) -> Sequence[FaultRule]:
    return [read_rule(rule, contract, now) for rule in rules]


def _is(value: Any) -> str:
    return "is missing" if value is None else f"is {shown(value)}"
