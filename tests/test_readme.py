"""The README tells the truth: its commands, options, personas and exchange are those of the server."""

import json
import re
import shlex

import click
import pytest
import yaml

from mockserver.cli import COMMANDS, cli
from mockserver.serve.assembly import Setup
from mockserver.state.personas import load_personas
from tests.conftest import ROOT, SHIPPED, in_process

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
MOCKSERVER_LINES = sorted(
    {
        line.split("  #")[0].strip()
        for block in SHELL
        for line in block.splitlines()
        if line.startswith("mockserver")
    }
)


def test_the_ci_script_runs_exactly_the_test_command_of_the_readme():
    (command,) = [line for block in SHELL for line in block.splitlines() if "pytest" in line]

    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert command in script.splitlines()


@pytest.mark.parametrize("line", MOCKSERVER_LINES)
def test_every_command_line_of_the_readme_can_be_parsed(line):
    _, name, *arguments = shlex.split(line)
    context = click.Context(cli)
    command = cli.get_command(context, name)

    assert command is not None
    command.make_context(name, list(arguments))


def test_every_command_is_in_the_readme():
    missing = [name for name in COMMANDS if f"`mockserver {name}" not in README]

    assert not missing


def test_every_persona_is_in_the_readme():
    personas = load_personas(ROOT / "fixtures" / "personas.yaml")

    missing = [persona.name for persona in personas if f"`{persona.name}`" not in README]

    assert not missing


def test_the_pasted_exchange_is_what_the_server_answers():
    bodies = re.findall(r"-d '(\{.*?\})'\nHTTP/1.1 (\d+) .*?\n\n(\{.*?\})\n", README, re.DOTALL)
    assert len(bodies) == 2

    with in_process(Setup(contract=SHIPPED)) as api:
        for sent, status, pasted in bodies:
            answer = api.post("/api/v1/admin/admin-roles/", as_="super-admin", json=json.loads(sent))

            assert answer.status_code == int(status)
            assert _without_times(answer.json()) == _without_times(json.loads(pasted))


def test_the_scenario_of_the_readme_is_a_shipped_one_as_it_stands():
    name, text = re.search(r"all of `([\w./-]+)`:\n\n```yaml\n(.*?)```", README, re.DOTALL).groups()

    assert text == (ROOT / name).read_text(encoding="utf-8")


def test_every_file_that_the_readme_names_exists():
    named = set(re.findall(r"`((?:mockserver|tests|fixtures)/[\w./]+)`", README))

    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_nothing_of_this_machine_is_in_the_readme():
    assert not re.search(r"/(work|farm|root|tmp)/", README)


def _without_times(value):
    if isinstance(value, dict):
        return {name: _without_times(each) for name, each in value.items() if not name.endswith("_at")}
    return value


def test_the_jobs_of_both_ci_servers_run_the_four_lines():
    lines = next(block for block in SHELL if '--url "$BACKEND"' in block).splitlines()
    github, gitlab = (
        yaml.safe_load(block)
        for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
        if "pip install ." in block
    )

    run_by_github = [step["run"] for step in github["jobs"]["contract"]["steps"] if "run" in step]

    assert len(lines) == 4
    assert [line for line in run_by_github if line.startswith("mockserver")] == lines
    assert gitlab["contract"]["script"][-4:] == lines
