"""Servers and loads as processes, each on a core of its own, and what the system tells of them."""

import http.client
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
SERVER_CORE, LOAD_CORE = 0, 1

_CPU_TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0


@dataclass(frozen=True)
class Asked:
    """One request."""

    title: str
    method: str
    target: str
    headers: dict[str, str]
    body: str = ""


class Server:
    """
    A server in a process of its own, on the first core.

    Its compiled modules lie in the folder ``compiled``, and are put there where they are missing; without one
    it finds and leaves them as Python is set up to do.
    """

    def __init__(self, command: list[str], compiled: Path | None = None) -> None:
        environment = dict(os.environ)
        if compiled is not None:
            environment["PYTHONPYCACHEPREFIX"] = str(compiled)
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.started = time.perf_counter()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            preexec_fn=on_core(SERVER_CORE),
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
        connection.request(asked.method, asked.target, asked.body or None, asked.headers)
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer.status, content

    def cpu_seconds(self) -> float:
        """Give the processor time that the process has had; 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
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


def on_core(index: int) -> Callable[[], None] | None:
    """Give what a new process does first, to stay on one core; ``None`` where there are not two."""
    if len(CORES) < 2:
        return None
    return lambda: os.sched_setaffinity(0, {CORES[index]})
