"""
Judge whole documents by hand: ``python tests/real/table.py [--failures] [FOLDER or FILE ...]``.

Each is served by the real program; every operation is asked and every answer judged by code that shares
nothing with the program. Prints a Markdown table, and with ``--failures`` a line for each failure. Without
arguments: the documents in ``../shared/contracts`` and those beside this file.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.real.reading import Document
from tests.real.serving import ROOT, NotServed, routes, serving
from tests.real.trial import Outcome, Trial

CONTRACTS = ROOT.parent / "shared" / "contracts"
DOCUMENTS = Path(__file__).resolve().parent / "documents"

_HEAD = (
    "| document | version | operations | ready in | memory | answer | refuse only | broken only "
    "| no request | wrong answers | 5xx | requests | asked in | routes |"
)


@dataclass(frozen=True)
class Row:
    """What was seen of one document."""

    name: str
    document: Document
    seconds: float
    megabytes: float
    outcomes: list[Outcome]
    requests: int
    asking: float
    routes: str | None

    def __str__(self) -> str:
        silent = [each for each in self.outcomes if not each.answered and not each.excused]
        cells = [
            self.name,
            self.document.version,
            len(self.outcomes),
            f"{self.seconds:.2f} s",
            f"{self.megabytes:.0f} MB",
            sum(each.answered for each in self.outcomes),
            sum(bool(each.refused and not each.invalid) for each in silent),
            sum(bool(each.invalid) or not each.refused for each in silent),
            sum(each.excused for each in self.outcomes),
            sum(len(each.invalid) for each in self.outcomes),
            sum(each.crashed for each in self.outcomes),
            self.requests,
            f"{self.asking:.1f} s",
            "print" if self.routes is None else "fail",
        ]
        return "| " + " | ".join(str(each) for each in cells) + " |"

    def failures(self) -> list[str]:
        """Give a line for each failure: operation, what it was, and why."""
        lines = [f"routes: {self.routes.splitlines()[-1]}"] if self.routes else []
        for each in self.outcomes:
            if each.excused:
                lines.append(f"{each.operation}: NO REQUEST {each.unaskable}")
            elif not each.answered:
                lines.append(f"{each.operation}: {'BROKEN' if each.invalid else 'REFUSED'} {each.why()}")
            else:
                lines += [f"{each.operation}: WRONG {one}" for one in each.invalid]
        return [line.replace("\n", " ")[:500] for line in lines]


def documents_in(place: Path) -> list[Path]:
    """Give the documents in a folder, or the one file; parts of other documents are none."""
    files = [place] if place.is_file() else sorted(each for each in place.rglob("*") if each.is_file())
    found = []
    for path in files:
        if path.suffix in (".json", ".yaml", ".yml"):
            root = Document(path).root
            if root.get("openapi") or root.get("swagger"):
                found.append(path)
    return found


def name_of(path: Path) -> str:
    """Give a file's name, with its folders where it would say nothing by itself."""
    return "/".join(path.parts[-3:]) if path.stem in ("openapi", "swagger") else path.name


def try_out(path: Path, *options: str) -> Row:
    """Serve a document, ask for everything and judge it. Raises ``NotServed``."""
    document = Document(path)
    with serving(path, *options) as served:
        trial = Trial(document, served.url)
        begun = time.perf_counter()
        outcomes = trial.run()
        asking = time.perf_counter() - begun
        megabytes = served.megabytes()
    return Row(
        name_of(path), document, served.seconds, megabytes, outcomes, trial.requests, asking, routes(path)
    )


def main() -> None:
    """Print the table, and the failures if they are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[1])
    parser.add_argument("places", nargs="*", type=Path, default=[CONTRACTS, DOCUMENTS])
    parser.add_argument("--failures", action="store_true", help="a line for each")
    parser.add_argument("--serve", default="", help='options for serve, such as "--auth off"')
    options = parser.parse_args()
    failures: list[str] = []
    print(_HEAD)
    print("|---" * (_HEAD.count("|") - 1) + "|")
    for path in [path for place in options.places for path in documents_in(place)]:
        try:
            row = try_out(path.resolve(), *options.serve.split())
        except NotServed as error:
            print(f"| {name_of(path)} | not served |" + " |" * (_HEAD.count("|") - 3), flush=True)
            failures += [f"{name_of(path)}: not served: {line}" for line in _told(str(error))]
            continue
        print(row, flush=True)
        failures += [f"{name_of(path)}: {line}" for line in row.failures()]
    if options.failures:
        print("\n" + "\n".join(failures))


def _told(refusal: str) -> list[str]:
    lines = refusal.splitlines()
    return lines[-2:] if "Traceback" in refusal else lines[:5]


if __name__ == "__main__":
    main()
