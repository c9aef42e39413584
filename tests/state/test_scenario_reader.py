"""Scenarios as files: what is read, and how everything that is wrong with one is named."""

import contextlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import MockServerError
from mockserver.serve.assembly import Setup, read_beginnings, read_parts
from mockserver.state.scenarios import NoSuchScenario, Scenarios
from tests.cli.test_serve import edit
from tests.conftest import ROOT, SHIPPED
from tests.state.test_fixtures import DOCUMENT

THINGS = """\
- {id: a, colour: red}
- {id: b, colour: green}
"""


@pytest.fixture
def scenarios(tmp_path: Path) -> Scenarios:
    """Give the scenarios of a folder in which there is one, ``ours.yaml``, to be written."""
    path = tmp_path / "openapi.yaml"
    path.write_text(DOCUMENT.replace("{/things: {get: {", "{/things: {get: {operationId: listThings, "))
    (tmp_path / "fixtures" / "demo").mkdir(parents=True)
    (tmp_path / "fixtures" / "scenarios").mkdir()
    (tmp_path / "fixtures" / "demo" / "things.yaml").write_text(THINGS)
    setup = Setup(contract=path)
    return read_beginnings(setup, read_parts(setup))[1]


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return tmp_path / "fixtures" / "scenarios" / "ours.yaml"


def complaints(scenarios: Scenarios, ours: Path, text: str) -> list[str]:
    """Give what is wrong with a scenario, each without the file's name."""
    ours.write_text(f"description: Ours.\n{text}\n", encoding="utf-8")
    with pytest.raises(MockServerError) as refused:
        scenarios.read("ours")
    lines = str(refused.value).splitlines()
    assert all(line.startswith(f"{ours}:") for line in lines)
    return [line.removeprefix(f"{ours}:") for line in lines]


def test_a_scenario_may_be_nothing_but_a_description(scenarios, ours):
    ours.write_text("description: As it comes.\n")

    found = scenarios.read("ours")

    assert (found.name, found.description, found.steps) == ("ours", "As it comes.", [])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("sett: demo", '2  sett: is unknown; they are description, set, clock, changes, faults, settings, '
         'then. Did you mean "set"?'),
        ("set: dmo", 'there is no fixture set "dmo"; there are: demo. Did you mean "demo"?'),
        ("set: 1", "2  set: is 1; it is a name."),
        ("clock: now", '2  clock: is "now"; it is a mapping of at, frozen.'),
        ("clock: {at: noon}", '2  clock.at: is "noon"; it is a time such as 2026-05-01T09:00:00Z or +3d.'),
        ("clock: {at: 9999-01-01T00:00:00Z}",
         '2  clock.at: is "9999-01-01T00:00:00Z". The clock can be set to the years 1970 to 8999.'),
        ("clock: {frozen: yes}", '2  clock.frozen: is "yes"; it is true or false.'),
        ("clock: {advance: 1h}", "2  clock.advance: is unknown; they are at, frozen."),
        ("changes: {thigns: {}}",
         "2  changes.thigns: is unknown; collections of the contract are things, boxes. "
         'Did you mean "things"?'),
        ("changes:\n  things: {put: [{id: c, colour: blue}]}",
         '3  changes.things.put, item 1, colour: things "c": '
         'colour is "blue"; the contract allows red, green.'),
        ("changes: {things: {put: [{colour: red}]}}",
         "2  changes.things.put, item 1: id is None; every item of things needs a string or an integer"),
        ("changes:\n  things:\n    patch:\n      aa: {size: 1}",
         '5  changes.things.patch.aa: things has no item "aa". Did you mean "a"?'),
        ("changes:\n  things:\n    patch:\n      a: {size: 0}",
         '5  changes.things.patch.a.size: things "a": size is 0; the contract wants minimum 1.'),
        ("changes: {things: {patch: {a: {id: c}}}}", 'id is "c" in the body, and "a" in the path.'),
        ("changes: {things: {patch: [a]}}",
         "things.patch: is [\"a\"]; it has the changes of items by their ids."),
        ("changes: {things: {remove: [a, z]}}", 'things.remove, item 2: things has no item "z".'),
        ("changes: {things: {remove: a}}", 'things.remove: is "a"; it is a list.'),
        ("faults: [{status: 503, share: 7}]",
         "2  faults, item 1: fault: share is 7; it is a number above 0, up to 1."),
        ("faults: [{id: a, delay: 1}, {id: a, delay: 2}]",
         '2  faults, item 2: There is a fault "a" already.'),
        ("settings: {auth: of}", '2  settings.auth: is "of"; it is one of verify, present, off. '
         'Did you mean "off"?'),
        ("settings: {log: 1}", "2  settings.log: is 1; it is one of true, false."),
        ("settings: {log: of}", 'settings.log: is "of"; it is one of true, false.'),
        ("then: [{faults: []}]",
         "2  then, item 1, after: is missing; it is a mapping of calls, match, time."),
        ("then: [{after: {calls: 1}}]",
         "2  then, item 1: nothing is to happen; give one or more of clock, changes, faults, settings."),
        ("then: [{after: {calls: 1, time: 1m}, faults: []}]",
         "should say either how many calls or how much time"),
        ("then: [{after: {calls: 0}, faults: []}]", "after.calls: is 0; it is a whole number above 0."),
        ("then: [{after: {time: 1m, match: {}}, faults: []}]", "after.match: is of calls"),
        ("then: [{after: {time: -1m}, faults: []}]",
         'after.time: is "-1m"; it is a length of time such as 10m'),
        ("then:\n  - after: {calls: 1, match: {operation: listThngs}}\n    faults: []",
         '3  then, item 1, after.match.operation: openapi.yaml has no operation "listThngs". '
         'Did you mean "listThings"?'),
        ("then: [{after: {calls: 1, match: {since: now}}, faults: []}]", 'after.match: "since" is unknown'),
        ("then: [{after: {calls: 1}, clock: {advance: back}}]",
         'clock.advance: is "back"; it is a length of time'),
        ("then:\n  - after: {calls: 1}\n    changes: {things: {remove: [z]}}",
         '4  then, item 1, changes.things.remove, item 1: things has no item "z".'),
    ],
    ids=lambda value: value.replace("\n", " ")[:60] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_what_would_be_right(scenarios, ours, text, complaint):
    found = complaints(scenarios, ours, text)

    assert len(found) == 1
    assert complaint in found[0]


def test_everything_that_is_wrong_is_named_at_once(scenarios, ours):
    text = "set: dmo\nclock: {frozen: 1}\nfaults: [{}]\nthen: [{after: {}, settings: {auth: 1}}, 7]"

    found = complaints(scenarios, ours, text)

    assert [line.partition("  ")[0] for line in found] == ["3", "4", "5", "5", "5", "5", "2"]


@pytest.mark.parametrize("text", ["", "[]", "seven", "description: ''", "description: 7", "set: demo"])
def test_a_scenario_says_what_it_is_good_for(scenarios, ours, text):
    ours.write_text(text)

    with pytest.raises(MockServerError, match=r"description: is|it is a mapping"):
        scenarios.read("ours")


WHOLE = {
    "description": "Ours.",
    "set": "demo",
    "clock": {"at": "2026-05-01T09:00:00Z", "frozen": True},
    "changes": {
        "things": {"put": [{"id": "c", "made_at": "+3d"}], "patch": {"a": {"size": 2}}, "remove": ["b"]}
    },
    "faults": [{"id": "f", "status": 503, "match": {"operation": "listThings"}, "from": "+5m"}],
    "settings": {"requests": "strict"},
    "then": [
        {"after": {"calls": 3, "match": {"status": 503, "query": {"q": "1"}}}, "clock": {"advance": "1h"}},
        {"after": {"time": "10m"}, "faults": [], "changes": {"boxes": {"put": [{"id": 1}]}}},
    ],
}
STRANGE = [None, True, 0, -1, 1.5, 10**400, "", "x", "+999999w", [], {}, [[]], {"a": {}}, [None], {"": None}]


def spoilt(value: Any, chance: random.Random) -> Any:
    """Give a copy of a value in which one value somewhere is another."""
    if not isinstance(value, (dict, list)) or not value or chance.random() < 0.2:
        return chance.choice(STRANGE)
    copy = value.copy()
    key = chance.choice(list(copy) if isinstance(copy, dict) else range(len(copy)))
    if isinstance(copy, dict) and chance.random() < 0.2:
        copy[f"{key}x"] = copy.pop(key)
    else:
        copy[key] = spoilt(copy[key], chance)
    return copy


@pytest.mark.parametrize("seed", range(20))
def test_whatever_is_broken_in_a_scenario_is_told_and_never_raised(scenarios, ours, seed):
    chance = random.Random(seed)

    for number in range(20):
        ours.write_text(json.dumps(spoilt(WHOLE, chance)) + " " * number)
        with contextlib.suppress(MockServerError):
            scenarios.read("ours")


def test_a_scenario_with_all_that_there_is_can_be_read_as_json_too(scenarios, ours):
    ours.write_text(json.dumps(WHOLE))

    found = scenarios.read("ours")

    assert [(step.number, step.seconds, step.calls) for step in found.steps] == [(1, None, 3), (2, 600, 0)]


def test_a_file_that_is_no_yaml_is_refused_with_its_line(scenarios, ours):
    ours.write_text("description: Ours.\nset: [\n")

    with pytest.raises(MockServerError, match=r"ours.yaml:[23]  "):
        scenarios.read("ours")


def test_a_broken_set_is_told_as_that_and_not_as_the_scenarios_fault(scenarios, ours, tmp_path):
    ours.write_text("description: Ours.\nset: demo\n")
    edit(tmp_path / "fixtures" / "demo" / "things.yaml", "red", "blue")

    with pytest.raises(MockServerError, match=r"^\S*things.yaml:1, item 1: colour is \"blue\""):
        scenarios.read("ours")


def test_a_later_step_may_change_what_an_earlier_one_put(scenarios, ours):
    ours.write_text("""\
description: Ours.
then:
  - after: {calls: 1}
    changes: {things: {put: [{id: c}]}}
  - after: {calls: 2}
    changes: {things: {patch: {c: {size: 2}}}}
""")

    assert len(scenarios.read("ours").steps) == 2


def test_scenarios_are_listed_with_what_they_say_of_themselves(scenarios, ours):
    ours.write_text("description: Ours.\n")
    ours.with_name("broken.yaml").write_text("[")
    ours.with_name("notes.txt").write_text("no scenario")

    assert [(each.name, each.description) for each in scenarios.described()] == [
        ("broken", ""),
        ("ours", "Ours."),
    ]


def test_a_scenario_is_read_again_once_its_file_has_changed(scenarios, ours):
    ours.write_text("description: Before.\n")
    before = scenarios.read("ours")
    same = scenarios.read("ours")
    ours.write_text("description: Afterwards.\n")

    assert same is before
    assert scenarios.read("ours").description == "Afterwards."


def test_only_a_command_may_name_a_file_and_not_who_calls(scenarios, ours, tmp_path):
    elsewhere = tmp_path / "elsewhere.yaml"
    elsewhere.write_text("description: Elsewhere.\n")

    assert scenarios.find(str(elsewhere)).name == "elsewhere"
    for name in (str(elsewhere), "../../elsewhere", "elsewhere", "../scenarios/ours"):
        with pytest.raises(NoSuchScenario):
            scenarios.read(name)


def test_a_mock_without_fixtures_has_no_scenarios(tmp_path):
    (tmp_path / "openapi.yaml").write_text(DOCUMENT)
    setup = Setup(contract=tmp_path / "openapi.yaml")
    scenarios = read_beginnings(setup, read_parts(setup))[1]

    assert scenarios.names() == []
    with pytest.raises(NoSuchScenario, match="there are: none"):
        scenarios.read("ours")


def test_the_shipped_scenarios_are_those_that_the_tests_play():
    setup = Setup(contract=SHIPPED, fixtures=ROOT / "fixtures")

    names = read_beginnings(setup, read_parts(setup))[1].names()

    assert names == ["flaky-backend", "fresh-tenant", "roles-about-to-expire"]
