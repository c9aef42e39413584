"""A document served by the program itself, in a process of its own, with a limit to every wait."""

import contextlib
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 120


class NotServed(Exception):
    """The program refused the document, or did not come up."""


@dataclass(frozen=True)
class Served:
    """A running server."""

    url: str
    seconds: float
    pid: int

    def megabytes(self) -> float:
        """Give the resident memory; 0 where the system does not tell."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return 0.0
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0


@contextlib.contextmanager
def serving(document: Path, *options: str) -> Iterator[Served]:
    """
    Serve a document on a free port until the block ends.

    Raises ``NotServed`` with what the program said.
    """
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            # The judge reads what lies outside a document's folder too.
            _command("serve", str(document), "--port", "0", "--quiet", "--allow-outside-refs", *options),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        first: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=_read, args=(process, first), daemon=True)
        reader.start()
        try:
            with contextlib.suppress(queue.Empty):
                found = re.search(r"listening on (http://\S+)", first.get(timeout=SECONDS_TO_START))
                if found is not None:
                    yield Served(found[1], time.perf_counter() - begun, process.pid)
                    return
            process.kill()
            process.wait()
            said.seek(0)
            raise NotServed(said.read().decode().strip() or f"no word in {SECONDS_TO_START} s")
        finally:
            _end(process)
            reader.join(5)


def routes(document: Path) -> str | None:
    """Run the command ``routes``; gives what is wrong with it, ``None`` if it printed."""
    try:
        ran = subprocess.run(
            _command("routes", str(document)),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_START,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no end in {SECONDS_TO_START} s"
    return (
        None if ran.returncode == 0 and ran.stdout.strip() else ran.stderr.strip() or f"exit {ran.returncode}"
    )


def _command(*arguments: str) -> list[str]:
    return [os.environ.get("MOCKSERVER_PYTHON") or sys.executable, "-m", "mockserver", *arguments]


def _read(process: "subprocess.Popen[str]", first: "queue.Queue[str]") -> None:
    assert process.stdout is not None
    first.put(process.stdout.readline())
    # The pipe is read to its end, or a server with much to tell would wait for a reader.
    for _ in process.stdout:
        pass


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
