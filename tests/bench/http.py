"""
Measure the server by hand: ``python tests/bench/http.py [--rounds 5] [--seconds 3]``.

Our server against bare Starlette answering the same bytes (``bare.py``) and against stock connexion with the
same contract and response validation on (``stock.py``). Servers share one core and take turns; the load comes
from another, from wrk where it is installed, else from ``client.py``. The requests per second are what a
client sees, and suffer from whatever else the machine does; the processor time that the server spent on a
request suffers less.
"""

import sys

# As a script this file hides the standard library's http from everything that is imported below, and the
# programs beside it are started with -P.
sys.path.pop(0)

import argparse
import contextlib
import http.client
import importlib.metadata
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.document import load
from mockserver.state.personas import key_set

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CONTRACT = ROOT / "openapi.yaml"
CONNECTIONS = 16
COLD_STARTS = 5
OURS, JSON, BYTES, STOCK = "ours", "bare JSON", "bare bytes", "stock"
REQUEST_ID = "req_0123456789abcdef"  # as long as those that our server gives

_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
_CPU_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0


@dataclass(frozen=True)
class Asked:
    """One of the requests that all servers answer."""

    title: str
    method: str
    target: str
    headers: dict[str, str]
    body: str = ""


@dataclass(frozen=True)
class Measured:
    """What one server did with one request in one round; the time is the processor's, where it is known."""

    per_second: float
    cpu_us: float | None


class Server:
    """A server in a process of its own, on the first core."""

    def __init__(self, command: list[str]) -> None:
        self.started = time.perf_counter()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            preexec_fn=_on_core(0),
        )
        assert self._process.stdout is not None
        found = re.search(r"http://\S+", self._process.stdout.readline())
        if found is None:
            self._process.wait(10)
            self._errors.seek(0)
            raise SystemExit(f"{' '.join(command)}:\n{self._errors.read().decode()}")
        self.url = found[0]

    def ask(self, asked: Asked) -> tuple[int, str]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        headers = {**asked.headers, "X-Request-ID": REQUEST_ID}
        connection.request(asked.method, asked.target, asked.body or None, headers)
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer.status, content

    def cpu_seconds(self) -> float | None:
        """Give the processor time that the process has had, where the system tells."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / _CPU_TICK

    def resident_mb(self) -> float:
        shown = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self._process.pid)], capture_output=True, text=True, check=True
        )
        return int(shown.stdout) / 1024

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._errors.close()


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
        for name in (JSON, BYTES, STOCK):
            servers[name] = stack.enter_context(contextlib.closing(Server(_command_of(name, recording))))
        _check(servers, asked)
        rounds = list(_measure(servers, asked, options, Path(folder)))
        memory = {name: server.resident_mb() for name, server in servers.items()}
        stack.pop_all().close()
        starts = {name: _cold_start(name, recording, asked["list"]) for name in (OURS, BYTES, STOCK)}
    _show(rounds, asked)
    _show_targets(rounds, starts, memory)


def _command_of(name: str, recording: Path) -> list[str]:
    if name == OURS:
        return ["-m", "mockserver", "serve", str(CONTRACT), "--port", "0", "--quiet"]
    if name == STOCK:
        return ["-P", str(HERE / "stock.py"), str(recording)]
    return ["-P", str(HERE / "bare.py"), str(recording), "json" if name == JSON else "bytes"]


def _circumstances(options: argparse.Namespace) -> str:
    libraries = ("starlette", "uvicorn", "uvloop", "httptools", "connexion", "jsonschema_rs", "orjson")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in libraries)
    cores = f"server on core {_CORES[0]}, load on core {_CORES[1]}" if len(_CORES) > 1 else "cores not pinned"
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    return (
        f"mockserver at {commit.stdout.strip() or 'no commit'}, Python {platform.python_version()}, {versions}\n"
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
    for name, each in asked.items():
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
    for name, each in asked.items():
        right = servers[OURS].ask(each)
        for other in (JSON, BYTES):
            if (found := servers[other].ask(each)) != right:
                raise SystemExit(f"{each.title}: {other} answers {found}, our server {right}")
        status, body = servers[STOCK].ask(each)
        same = (
            status == 400 if name == "invalid" else (status, json.loads(body)) == (200, json.loads(right[1]))
        )
        if not same:
            raise SystemExit(f"{each.title}: stock connexion answers {status} {body}, our server {right}")
        print(
            f"{each.title}: {right[0]}, {len(right[1].encode()):,} bytes",
            end="\n" if name == "invalid" else "; ",
        )
    print("stock connexion: the same values, spaced, and 400 for the invalid POST", flush=True)


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
    run = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=_on_core(1))
    after = server.cpu_seconds()
    requests, elapsed_us, refusals, broken = map(int, run.stdout.split("\n")[-2].split())
    if broken or refusals != (requests if name == "invalid" else 0):
        raise SystemExit(f"{name}: of {requests} requests {refusals} were refused, {broken} broken")
    spent = None if before is None or after is None else (after - before) * 1e6 / requests
    return Measured(requests * 1e6 / elapsed_us, spent)


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


def _cold_start(name: str, recording: Path, asked: Asked) -> float:
    """Give the median of the seconds from starting a server to its first answer."""
    taken = []
    for _ in range(COLD_STARTS):
        with contextlib.closing(Server(_command_of(name, recording))) as server:
            status, _body = server.ask(asked)
            taken.append(time.perf_counter() - server.started)
            if status != 200:
                raise SystemExit(f"{name} answered first with {status}")
    return statistics.median(taken)


Rounds = list[dict[tuple[str, str], Measured]]


def _show(rounds: Rounds, asked: dict[str, Asked]) -> None:
    names = (OURS, JSON, BYTES, STOCK)
    heads = "".join(f"{name:>12}" for name in names) + "   ours/" + "   ours/".join(names[1:])
    print(f"\n{'requests a second':<20}{heads}")
    for name, each in asked.items():
        row = [_median(one[server, name].per_second for one in rounds) for server in names]
        ratios = [_throughput_ratio(rounds, name, other) for other in names[1:]]
        print(f"{each.title:<20}" + "".join(f"{value:>12,.0f}" for value in row) + _ratios(ratios, names))
    if any(one.cpu_us is None for each in rounds for one in each.values()):
        return
    print(f"\n{'CPU us a request':<20}{heads.replace('ours/', '1 / x ')}")
    for name, each in asked.items():
        row = [_median(one[server, name].cpu_us or 0 for one in rounds) for server in names]
        ratios = [_cpu_ratio(rounds, name, other) for other in names[1:]]
        print(f"{each.title:<20}" + "".join(f"{value:>12,.1f}" for value in row) + _ratios(ratios, names))


def _show_targets(rounds: Rounds, starts: dict[str, float], memory: dict[str, float]) -> None:
    print("\ntargets")
    for name, title, other, wanted in (
        ("list", "list of 20, of bare Starlette (JSON)", JSON, 0.8),
        ("item", "read by id, of bare Starlette (JSON)", JSON, 0.8),
        ("list", "list of 20, times stock connexion", STOCK, 10),
    ):
        found = _throughput_ratio(rounds, name, other)
        told = f"{found:.2f}, by CPU {_cpu_ratio(rounds, name, other):.2f}; at least {wanted}"
        print(f"{title:<38}{told}: {'met' if found >= wanted else 'SHORT'}")
    others = ", ".join(f"{name} {starts[name]:.2f} s" for name in (BYTES, STOCK))
    met = "met" if starts[OURS] < 1 else "SHORT"
    print(f"{'cold start to the first 200':<38}{starts[OURS]:.2f} s ({others}); under 1 s: {met}")
    others = ", ".join(f"{name} {memory[name]:.0f} MB" for name in (JSON, BYTES, STOCK))
    met = "met" if memory[OURS] < 100 else "SHORT"
    print(f"{'resident memory after the load':<38}{memory[OURS]:.0f} MB ({others}); under 100 MB: {met}")


def _throughput_ratio(rounds: Rounds, name: str, other: str) -> float:
    return _median(one[OURS, name].per_second / one[other, name].per_second for one in rounds)


def _cpu_ratio(rounds: Rounds, name: str, other: str) -> float:
    """Say the same with processor time: how often the server could have answered in what the other took."""
    return _median((one[other, name].cpu_us or 0) / (one[OURS, name].cpu_us or 1) for one in rounds)


def _ratios(ratios: list[float], names: tuple[str, ...]) -> str:
    return "".join(f"{ratio:>{len(name) + 8}.2f}" for ratio, name in zip(ratios, names[1:], strict=True))


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)


def _on_core(index: int) -> Any:
    """Give what a new process does first, to stay on one core; ``None`` where there are not two to choose from."""
    if len(_CORES) < 2:
        return None
    return lambda: os.sched_setaffinity(0, {_CORES[index]})


if __name__ == "__main__":
    main()
