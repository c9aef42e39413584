"""
Measure the server by hand: ``python tests/bench/http.py [--rounds 5] [--seconds 3]``.

Our server against itself without journal, sandboxes and faults (``without_layers.py``), against bare
Starlette answering the same bytes (``bare.py``) and against stock connexion with the same contract and
response validation on (``stock.py``). Servers share one core and take turns; the load comes from another,
from wrk where it is installed, else from ``client.py``. The requests per second are what a client sees, and
suffer from whatever else the machine does; the processor time that the server spent on one suffers less.
"""

import sys

# As a script this file hides the standard library's http, so its folder is looked in last; the programs
# beside it are started with -P.
sys.path.append(sys.path.pop(0))

import argparse
import contextlib
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ratios import BYTES, JSON, OURS, PLAIN, STOCK, Measured, Rounds, Start, show, show_targets
from servers import CORES, LOAD_CORE, ROOT, SERVER_CORE, Asked, Server, on_core

from mockserver.contract.loading.document import load
from mockserver.state.personas import key_set

HERE = Path(__file__).resolve().parent
CONTRACT = ROOT / "openapi.yaml"
CONNECTIONS = 16
COLD_STARTS = 5


def main() -> None:
    """Print what was measured: throughput, processor time, cold start and memory."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="for each server and request in a round")
    options = parser.parse_args()
    print(_circumstances(options), flush=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        ours = stack.enter_context(contextlib.closing(Server(_command_of(OURS, Path()))))
        asked = _requests(ours)
        recording = Path(folder, "recording.json")
        recording.write_text(json.dumps(_record(ours, asked)))
        servers = {OURS: ours}
        for name in (PLAIN, JSON, BYTES, STOCK):
            servers[name] = stack.enter_context(contextlib.closing(Server(_command_of(name, recording))))
        _check(servers, asked)
        rounds: Rounds = list(_measure(servers, asked, options, Path(folder)))
        memory = {name: server.resident_mb() for name, server in servers.items()}
        stack.pop_all().close()
        compiled = Path(folder, "compiled")
        starts = {
            where: {name: _cold_start(name, recording, asked["list"], at) for name in (OURS, BYTES, STOCK)}
            for where, at in (("modules compiled", compiled), ("as Python is set up", None))
        }
    show(rounds, {name: each.title for name, each in asked.items()})
    show_targets(rounds, starts, memory)


def _command_of(name: str, recording: Path) -> list[str]:
    if name == OURS:
        return ["-m", "mockserver", "serve", str(CONTRACT), "--port", "0", "--quiet"]
    if name == PLAIN:
        return ["-P", str(HERE / "without_layers.py")]
    if name == STOCK:
        return ["-P", str(HERE / "stock.py"), str(recording)]
    return ["-P", str(HERE / "bare.py"), str(recording), "json" if name == JSON else "bytes"]


def _circumstances(options: argparse.Namespace) -> str:
    libraries = ("starlette", "uvicorn", "uvloop", "httptools", "connexion", "jsonschema_rs", "orjson")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in libraries)
    cores = "cores not pinned"
    if len(CORES) > 1:
        cores = f"server on core {CORES[SERVER_CORE]}, load on core {CORES[LOAD_CORE]}"
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    return (
        f"mockserver at {commit.stdout.strip() or 'no commit'}, Python {platform.python_version()}\n"
        f"{versions}\n"
        f"load from {_client_version()}, {CONNECTIONS} connections; {cores}; "
        f"load average {os.getloadavg()[0]:.1f}\n"
        f"{options.rounds} rounds of {options.seconds} s; medians, and medians of each round's ratios"
    )


def _client_version() -> str:
    wrk = shutil.which("wrk")
    if wrk is None:
        return "client.py (no wrk here)"
    shown = subprocess.run([wrk, "-v"], capture_output=True, text=True)
    return " ".join(shown.stdout.split()[:2])


def _requests(ours: Server) -> dict[str, Asked]:
    """Make the requests: an item and a group that exist, the group as near ten members as there is."""
    minted = subprocess.run(
        [sys.executable, "-m", "mockserver", "token", "super-admin"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    headers = {"Authorization": f"Bearer {minted.stdout.strip()}"}
    roles, groups = "/api/v1/admin/admin-roles/", "/api/v1/admin/groups"
    page = Asked("list of 20", "GET", f"{roles}?per_page=20", headers)
    role = json.loads(ours.ask(page)[1])["data"][0]
    found = json.loads(ours.ask(Asked("", "GET", groups, headers))[1])["data"]
    group = min(found, key=lambda each: abs(each["member_count"] - 10))
    target, typed = f"{groups}/{group['id']}/role", {**headers, "Content-Type": "application/json"}
    return {
        "list": page,
        "item": Asked("read by id", "GET", f"{roles}{role['id']}", headers),
        "valid": Asked("valid POST", "POST", target, typed, '{"role":"tenant_admin"}'),
        "invalid": Asked("invalid POST", "POST", target, typed, '{"role":"x"}'),
    }


def _record(ours: Server, asked: dict[str, Asked]) -> dict[str, Any]:
    """Write down what the others are to answer, and what they need for it."""
    answers = {}
    for name, each in _named(asked).items():
        status, body = ours.ask(each)
        if status != (422 if name == "invalid" else 200):
            raise SystemExit(f"{each.title}: our server answered {status}: {body}")
        answers[name] = {"sent": each.body, "body": body}
    operations = [
        {"operation_id": each.operation_id, "method": each.method.upper(), "path": each.path}
        for each in load(CONTRACT).operations
    ]
    key = dict(key_set()["keys"][0])
    return {"contract": str(CONTRACT), "operations": operations, "answers": answers, "key": key}


def _check(servers: dict[str, Server], asked: dict[str, Asked]) -> None:
    """Refuse to compare servers that answer different things."""
    anonymous = Asked("no token", "GET", asked["list"].target, {})
    if servers[STOCK].ask(anonymous)[0] != 401:
        raise SystemExit("stock connexion answers without a token")
    for name, each in _named(asked).items():
        right = servers[OURS].ask(each)
        plain = servers[PLAIN].ask(each)  # its times are a moment later
        if (plain[0], len(plain[1])) != (right[0], len(right[1])):
            raise SystemExit(f"{each.title}: without layers {plain[0]}, our server {right[0]}")
        for other in (JSON, BYTES):
            if (found := servers[other].ask(each)) != right:
                raise SystemExit(f"{each.title}: {other} answers {found}, our server {right}")
        status, body = servers[STOCK].ask(each)
        wanted = (400, None) if name == "invalid" else (200, json.loads(right[1]))
        if (status, None if name == "invalid" else json.loads(body)) != wanted:
            raise SystemExit(f"{each.title}: stock connexion answers {status} {body}, our server {right}")
        print(f"{each.title}: {right[0]}, {len(right[1].encode()):,} bytes")
    print("stock connexion answers the same values, spaced, and 400 to the invalid POST", flush=True)


def _named(asked: dict[str, Asked]) -> dict[str, Asked]:
    """Name the requests, since answers repeat the name; it is as long as those that our server gives."""
    named = {"X-Request-ID": "req_0123456789abcdef"}
    return {name: replace(each, headers={**each.headers, **named}) for name, each in asked.items()}


def _measure(
    servers: dict[str, Server], asked: dict[str, Asked], options: argparse.Namespace, folder: Path
) -> Iterator[dict[tuple[str, str], Measured]]:
    """Give one round after the other; within it, the servers take turns at each request."""
    for name, each in asked.items():
        (folder / f"{name}.lua").write_text(_script(each))
        (folder / f"{name}.json").write_text(json.dumps(asdict(each)))
    for server in servers.values():
        for name in asked:
            _load(server, name, 1, folder)
    names = list(servers)
    for number in range(options.rounds):
        order = names[number % len(names) :] + names[: number % len(names)]
        yield {
            (server, name): _load(servers[server], name, options.seconds, folder)
            for name in asked
            for server in order
        }


def _load(server: Server, name: str, seconds: int, folder: Path) -> Measured:
    wrk = shutil.which("wrk")
    if wrk is None:
        command = [sys.executable, "-P", str(HERE / "client.py"), server.url, str(seconds)]
        command.append(str(folder / f"{name}.json"))
    else:
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", f"-s{folder / f'{name}.lua'}", server.url]
    before = server.cpu_seconds()
    run = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=on_core(LOAD_CORE))
    after = server.cpu_seconds()
    requests, elapsed_us, refusals, broken = map(int, run.stdout.split("\n")[-2].split())
    if broken or refusals != (requests if name == "invalid" else 0):
        raise SystemExit(f"{name}: of {requests} requests {refusals} were refused, {broken} broken")
    return Measured(requests * 1e6 / elapsed_us, (after - before) * 1e6 / requests)


def _script(asked: Asked) -> str:
    """Write a request for wrk, which prints at the end what ``client.py`` prints."""
    headers = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in asked.headers.items())
    return (
        f'wrk.method = "{asked.method}"\nwrk.path = "{asked.target}"\n{headers}'
        + (f"wrk.body = [[{asked.body}]]\n" if asked.body else "")
        + "done = function(summary)\n  local e = summary.errors\n"
        "  print(string.format('%d %d %d %d', summary.requests, summary.duration, e.status,\n"
        "    e.connect + e.read + e.write + e.timeout))\nend\n"
    )


def _cold_start(name: str, recording: Path, asked: Asked, compiled: Path | None) -> Start:
    """Start a server some times, and once before; gives the medians up to its first answer."""
    Server(_command_of(name, recording), compiled).close()
    taken, spent = [], []
    for _ in range(COLD_STARTS):
        with contextlib.closing(Server(_command_of(name, recording), compiled)) as server:
            status, _body = server.ask(asked)
            taken.append(time.perf_counter() - server.started)
            spent.append(server.cpu_seconds())
            if status != 200:
                raise SystemExit(f"{name} answered first with {status}")
    return Start(statistics.median(taken), statistics.median(spent))


if __name__ == "__main__":
    main()
