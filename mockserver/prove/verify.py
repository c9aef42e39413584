"""Hold a backend that is there against a contract: nothing is reset, and nothing of its state is assumed."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import requests

from mockserver.contract.operation import Contract, Operation
from mockserver.errors import MockServerError, nearest
from mockserver.prove.credentials import (
    Caller,
    as_credentials,
    asks_who,
    credentials_of,
    label_of,
    names_of_credentials,
)
from mockserver.prove.exchange import Shown
from mockserver.prove.excuses import Excuses
from mockserver.prove.journeys.all import look_for_ids
from mockserver.prove.journeys.asking import Traveller
from mockserver.prove.line import SAFE_METHODS, Line, Pace, Token
from mockserver.prove.probing import check_certificates, probe, read_address, refuse_nothing
from mockserver.prove.repeatable import apart_from_this_process
from mockserver.prove.report import Report
from mockserver.prove.run import PHASES, Run, askable, perform, select
from mockserver.prove.witness import Witness
from mockserver.state.masks import SHORTEST, Masks

_HIDDEN = "…"


@dataclass(frozen=True)
class Backend:
    """
    A server that somebody else runs, and how it is to be asked.

    ``url`` is where the paths of the contract begin. ``verify`` is whether its certificate is checked, or
    the file of those that are trusted; ``rate`` is written like ``5/s``.
    """

    url: str
    headers: Sequence[tuple[str, str]] = ()
    token: str | None = None
    token_command: str | None = None
    token_minutes: float | None = None
    rate: str | None = None
    timeout: float = 10.0
    verify: bool | str = True


@dataclass(frozen=True)
class Connection:
    """How a backend is reached: ``caller`` is who calls where the contract asks, ``headers`` go with all."""

    url: str
    line: Line
    caller: Caller | None
    headers: Mapping[str, str]
    shown: Shown


@dataclass(frozen=True)
class Chosen:
    """Which operations are asked: those that meet all that is given; nothing given is all of them."""

    operations: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    is_safe: bool = False


@dataclass(frozen=True)
class Verification:
    """What is to be held against the contract."""

    seed: int = 1
    max_examples: int = 50
    phases: tuple[str, ...] = PHASES
    chosen: Chosen = field(default_factory=Chosen)
    keeps_all: bool = False


def verify(contract: Contract, backend: Backend, plan: Verification, say: Callable[[str], Any]) -> Report:
    """
    Ask a backend what its contract promises, and report.

    ``say`` gets the progress, not always whole lines.

    Raises:
        MockServerError: the backend does not answer, serves something else, cannot be asked like this, or
            refused whoever calls everything.
    """
    selected = choose(contract, plan.chosen)
    connection = connect(contract, backend, selected, is_safe=plan.chosen.is_safe)
    url, line, caller = connection.url, connection.line, connection.caller
    with contextlib.closing(line), apart_from_this_process():
        report = Report(contract.title, url, plan.seed, plan.max_examples, [caller.name] if caller else [])
        witness = Witness(
            contract, report, url, connection.shown, [Excuses(contract).judge], keeps_all=plan.keeps_all
        )
        if caller is None and any(asks_who(contract, each) for each in selected):
            report.note("No token was given, and some operations ask who calls: little of those is seen.")
        run = _run(witness, line, caller, connection.headers, plan, askable(witness, selected), say)
        say(f"{contract.title} ({contract.name}) at {url}{', nothing is changed' if run.is_safe else ''}\n")
        say(f"seed {plan.seed}, {plan.max_examples} examples, {len(run.selected)} operations\n\n")
        answered = perform(run, plan.phases)
        if caller is not None and answered.keys() == {401} and not report.interrupted:
            raise MockServerError(
                f"{url} refuses whoever calls: 401 to all that was asked. Is the token good?"
            )
        refuse_nothing(report)
        witness.finish(run.selected)
        if not report.interrupted and not is_there(connection):
            report.interrupted = True
            report.note(f"{url} stopped answering.")
    return report


def _run(
    witness: Witness,
    line: Line,
    caller: Caller | None,
    headers: Mapping[str, str],
    plan: Verification,
    selected: Sequence[Operation],
    say: Callable[[str], Any],
) -> Run:
    """Put a run together, with ids that the backend's lists show now."""
    contract, url, report = witness.contract, witness.url, witness.report
    aside = Report(report.title, url, plan.seed, plan.max_examples, report.callers)
    visitor = Traveller(contract, url, line.session(), (), caller, headers, plan.seed, is_safe=True)
    return Run(
        contract=contract,
        url=url,
        selected=selected,
        line=line,
        witness=witness,
        say=say,
        seed=plan.seed,
        max_examples=plan.max_examples,
        callers=[caller] if caller else [],
        headers=headers,
        known=look_for_ids(visitor, Witness(contract, aside, url, witness.shown, [])),
        is_safe=plan.chosen.is_safe,
    )


def connect(
    contract: Contract, backend: Backend, selected: Sequence[Operation], *, is_safe: bool
) -> Connection:
    """
    Reach a backend, and ask it a few things.

    Raises:
        MockServerError: it does not answer, serves something else, or cannot be asked like this.
    """
    url, token = read_address(backend.url), _token(backend)
    if isinstance(backend.verify, str):
        check_certificates(backend.verify)
    pace = Pace(backend.rate) if backend.rate else None
    line = Line(pace=pace, token=token, timeout=backend.timeout, verify=backend.verify, is_safe=is_safe)
    try:
        caller, headers = _caller(contract, backend.headers, token)
        probe(contract, url, line, selected, caller, headers)
    except BaseException:
        line.close()
        raise
    return Connection(url, line, caller, headers, _shown(contract, caller, token, headers))


def is_there(connection: Connection) -> bool:
    """Tell whether a backend still answers anything."""
    session = connection.line.session()
    for _ in range(2):  # a connection that was kept may be closed by now, which says nothing of the backend
        try:
            session.get(connection.url, allow_redirects=False)
        except requests.RequestException:
            continue
        return True
    return False


def choose(contract: Contract, chosen: Chosen) -> list[Operation]:
    """
    Give the operations that are asked.

    Raises:
        MockServerError: there is no such operation or tag, or nothing is left.
    """
    selected = select(contract, chosen.operations)
    tags = {tag for each in contract.operations for tag in each.tags}
    for tag in chosen.tags:
        if tag not in tags:
            raise MockServerError(f'{contract.name} has no tag "{tag}".{nearest(tag, tags)}')
    for path in chosen.paths:
        if not any(fnmatchcase(each.path, path) for each in contract.operations):
            known = [each.path for each in contract.operations]
            raise MockServerError(f'{contract.name} has no path like "{path}".{nearest(path, known)}')
    found = [
        each
        for each in selected
        if (not chosen.tags or set(chosen.tags) & set(each.tags))
        and (not chosen.paths or any(fnmatchcase(each.path, path) for path in chosen.paths))
        and (not chosen.is_safe or each.method.upper() in SAFE_METHODS)
    ]
    if not found:
        safe = " that changes nothing" if chosen.is_safe else ""
        raise MockServerError(f"{contract.name} has no operation{safe} that meets all of what was chosen.")
    return found


def _token(backend: Backend) -> Token | None:
    if backend.token is None and backend.token_command is None:
        return None
    return Token(backend.token, backend.token_command, backend.token_minutes)


def _caller(
    contract: Contract, headers: Sequence[tuple[str, str]], token: Token | None
) -> tuple[Caller | None, dict[str, str]]:
    """
    Give who calls, and the headers of every request.

    A header that says who calls is sent where the contract asks for that, so that it can be left out and
    spoilt, and otherwise nowhere; a contract that never asks gets it with every request.
    """
    names = set(names_of_credentials(contract))
    asks = any(each.security for each in contract.operations)
    own = {name: value for name, value in headers if asks and name.lower() in names}
    others = {name: value for name, value in headers if name not in own}
    if not asks:
        if token is not None and not any(name.lower() == "authorization" for name in others):
            others["Authorization"] = f"Bearer {token.first}"
        return None, others
    if token is None and not own:
        return None, others
    credentials = {}
    given = tuple(each for name, value in own.items() for each in as_credentials(name, value))
    taken = {(place, name.lower()) for place, name, _ in given}
    for operation in contract.operations:
        made = credentials_of(contract, operation, token.first) if token is not None else ()
        kept = tuple(each for each in made if (each[0], each[1].lower()) not in taken)
        credentials[label_of(operation)] = (*kept, *given) if operation.security else kept
    return Caller("the caller", False, token.first if token is not None else "", credentials), others


def _shown(
    contract: Contract, caller: Caller | None, token: Token | None, headers: Mapping[str, str]
) -> Shown:
    """Show a token as what a shell has it in, and what else says who calls not at all, whole or in part."""
    masks, lines = Masks(contract), []
    if token is not None:
        lines.append((f"'Authorization: Bearer {token.first}'", '"Authorization: Bearer $TOKEN"'))
    sent = [part for each in (caller.credentials.values() if caller else ()) for part in each]
    sent += [("headers", name, value) for name, value in headers.items() if masks.is_secret_header(name)]
    secrets = {}
    for place, name, value in dict.fromkeys(sent):
        if place == "cookies" and len(value) < SHORTEST:
            continue  # a language, say: it stands in any text
        for each in (value, *sorted(masks.credentials_of(name, value))):
            if each and (token is None or token.first not in each):
                secrets[each] = _HIDDEN
    return Shown(secrets, lines, token.made if token is not None else ())
