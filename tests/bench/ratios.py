"""What was measured, as tables of medians and ratios, and held against the targets."""

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

OURS, PLAIN, JSON, BYTES, STOCK = "ours", "no layers", "bare JSON", "bare bytes", "stock"
SERVERS = (OURS, PLAIN, JSON, BYTES, STOCK)


@dataclass(frozen=True)
class Measured:
    """
    What one server did with one request in one round.

    The processor time of one request is 0 where the system does not tell it.
    """

    per_second: float
    cpu_us: float

    @property
    def speed(self) -> float:
        """Requests in a second of the processor's time."""
        return 1e6 / self.cpu_us

    @property
    def share(self) -> float:
        """How much of its core the server had."""
        return self.per_second * self.cpu_us / 1e6


@dataclass(frozen=True)
class Start:
    """How long a server took to its first answer, and how much of the processor's time, both in seconds."""

    taken: float
    cpu: float


Rounds = list[dict[tuple[str, str], Measured]]
"""One mapping a round: by server and the name of the request."""

_WHOLE_CORE = 0.9


def show(rounds: Rounds, titles: Mapping[str, str]) -> None:
    """Print throughput and processor time as tables, each with the ratios of our server to the others."""
    _table(
        "requests a second",
        rounds,
        titles,
        lambda ones: _median(one.per_second for one in ones),
        _throughput,
        ",.0f",
    )
    if _knows_cpu(rounds):
        _table(
            "CPU us a request",
            rounds,
            titles,
            lambda ones: _median(one.cpu_us for one in ones),
            _by_cpu,
            ",.1f",
        )
        _table(
            "the least of these",
            rounds,
            titles,
            lambda ones: min(one.cpu_us for one in ones),
            _by_least_cpu,
            ",.1f",
        )
        shares = sorted(one.share for each in rounds for one in each.values())
        print(
            f"\nThe servers had {shares[0]:.0%} to {shares[-1]:.0%} of their core, in the median "
            f"{_median(shares):.0%}. Above 1 our server is the faster.\n"
            "Other programs make a request cost more, and never less: the least is the nearest to the truth."
        )


def show_targets(
    rounds: Rounds, starts: Mapping[str, Mapping[str, Start]], memory: Mapping[str, float]
) -> None:
    """
    Print each target and whether it was met; the starts by their circumstances and the server.

    Where the servers had to share their core, a ratio was met or missed if it was so by every way to tell.
    """
    print("\ntargets")
    for name, title, other, wanted in (
        ("list", "list of 20 / bare JSON", JSON, 0.8),
        ("item", "read by id / bare JSON", JSON, 0.8),
        ("list", "list of 20 / stock", STOCK, 10),
        ("list", "list of 20 / no layers", PLAIN, 0.9),
        ("item", "read by id / no layers", PLAIN, 0.9),
    ):
        found = [_throughput(rounds, name, other)]
        told = f"{found[0]:.2f}"
        if _knows_cpu(rounds):
            found += [_by_cpu(rounds, name, other), _by_least_cpu(rounds, name, other)]
            told += f", by CPU {found[1]:.2f}, by the least CPU {found[2]:.2f}"
        judged = {each >= wanted for each in (found if _shared_core(rounds) else found[:1])}
        _target(title, f"{told}; at least {wanted}", judged.pop() if len(judged) == 1 else None)
    for where, found_there in starts.items():
        others = ", ".join(f"{name} {each.taken:.2f} s" for name, each in found_there.items() if name != OURS)
        start = found_there[OURS]
        told = f"{start.taken:.2f} s, by CPU {start.cpu:.2f} s ({others}); under 1 s"
        _target(f"first 200, {where}", told, start.taken < 1)
    others = ", ".join(f"{name} {size:.0f} MB" for name, size in memory.items() if name != OURS)
    _target(
        "resident memory after the load",
        f"{memory[OURS]:.0f} MB ({others}); under 100 MB",
        memory[OURS] < 100,
    )


def _table(
    head: str,
    rounds: Rounds,
    titles: Mapping[str, str],
    summary: Callable[[list[Measured]], float],
    ratio: Callable[[Rounds, str, str], float],
    form: str,
) -> None:
    others = SERVERS[1:]
    print(f"\n{head:<20}" + "".join(f"{each:>12}" for each in SERVERS) + f"{'ours to':>12}", end="")
    print("".join(f"{each:>12}" for each in others))
    for name, title in titles.items():
        values = [summary([one[server, name] for one in rounds]) for server in SERVERS]
        ratios = [ratio(rounds, name, other) for other in others]
        print(f"{title:<20}" + "".join(f"{each:>12{form}}" for each in values) + " " * 12, end="")
        print("".join(f"{each:>12.2f}" for each in ratios))


def _target(title: str, told: str, met: bool | None) -> None:
    verdict = {True: "met", False: "SHORT", None: "UNDECIDED, other programs ran beside"}[met]
    print(f"{title:<32}{told}: {verdict}")


def _throughput(rounds: Rounds, name: str, other: str) -> float:
    return _median(one[OURS, name].per_second / one[other, name].per_second for one in rounds)


def _by_cpu(rounds: Rounds, name: str, other: str) -> float:
    return _median(one[OURS, name].speed / one[other, name].speed for one in rounds)


def _by_least_cpu(rounds: Rounds, name: str, other: str) -> float:
    return max(one[OURS, name].speed for one in rounds) / max(one[other, name].speed for one in rounds)


def _shared_core(rounds: Rounds) -> bool:
    return _knows_cpu(rounds) and _median(one.share for each in rounds for one in each.values()) < _WHOLE_CORE


def _knows_cpu(rounds: Rounds) -> bool:
    return all(one.cpu_us for each in rounds for one in each.values())


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)
