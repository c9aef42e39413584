"""
Measure by hand what a proxy costs: ``python tests/bench/proxy.py [--rounds 3] [--seconds 3]``.

The shipped mock is asked directly, and through a proxy in front of it that holds both sides against
the same contract, with and without recording. Mock and proxy share one core, so that the ratio counts the
processor time of both; the load, of wrk, comes from another.
"""

import sys

# As a script this file's folder hides the standard library's http, so it is looked in last.
sys.path.append(sys.path.pop(0))

import argparse
import contextlib
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from servers import LOAD_CORE, ROOT, Asked, Server, on_core

DIRECT, PROXY, UNCHECKED, RECORDING = "directly", "proxy", "proxy, not checking", "proxy, recording"
CONNECTIONS = 16


def main() -> None:
    """Print the medians of requests a second, and their ratios to those of the mock alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        mock = stack.enter_context(contextlib.closing(Server(["-m", "mockserver", *_SERVE])))
        servers = {DIRECT: mock}
        for name, more in _PROXIES.items():
            given = [each.format(folder=folder) for each in more]
            command = ["-m", "mockserver", *_SERVE, "--upstream", mock.url, *given]
            servers[name] = stack.enter_context(contextlib.closing(Server(command)))
        print(f"load average {os.getloadavg()[0]:.1f}; {options.rounds} rounds of {options.seconds} s")
        print(f"{'':24}{'requests/s':>12}{'ratio':>8}")
        for asked in _requests():
            found: dict[str, list[float]] = {name: [] for name in servers}
            for _ in range(options.rounds):
                for name, server in servers.items():
                    found[name].append(_load(server, asked, options.seconds, Path(folder)))
            direct = statistics.median(found[DIRECT])
            print(asked.title)
            for name, each in found.items():
                median = statistics.median(each)
                print(f"  {name:22}{median:>12,.0f}{median / direct:>8.2f}")


_SERVE = ["serve", str(ROOT / "openapi.yaml"), "--port", "0", "--quiet"]
_PROXIES = {
    PROXY: [],
    UNCHECKED: ["--requests", "off", "--responses", "off"],
    RECORDING: ["--record", "{folder}/recorded"],
}


def _requests() -> Iterator[Asked]:
    minted = subprocess.run(
        [sys.executable, "-m", "mockserver", "token", "super-admin"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    headers = {"Authorization": f"Bearer {minted.stdout.strip()}"}
    yield Asked("list of 20", "GET", "/api/v1/admin/admin-roles/?per_page=20", headers)
    yield Asked("list of 1", "GET", "/api/v1/admin/admin-roles/?per_page=1", headers)


def _load(server: Server, asked: Asked, seconds: int, folder: Path) -> float:
    status, _ = server.ask(asked)
    if status != 200:
        raise SystemExit(f"{asked.title}: {status}")
    given = [f"-H{name}: {value}" for name, value in asked.headers.items()]
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *given, server.url + asked.target]
    run = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=on_core(LOAD_CORE))
    if "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise SystemExit(run.stdout)
    found = re.search(r"Requests/sec:\s+([\d.]+)", run.stdout)
    assert found is not None
    return float(found[1])


if __name__ == "__main__":
    main()
