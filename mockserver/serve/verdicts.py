"""What is done about a request that breaks the contract: it is noted, or refused in one problem."""

from collections.abc import Container, Iterable, Mapping
from urllib.parse import parse_qsl

from mockserver.contract.operation import Contract, Operation
from mockserver.contract.parameters.decoder import Decoded
from mockserver.contract.violation import Violation
from mockserver.respond.preferences import is_twin
from mockserver.respond.problems import Problem
from mockserver.state.journal_entry import Entry
from mockserver.state.settings import RequestMode

# How many of the parameters that the contract lacks are noted.
_NOTED = 20

# Every violation is named, but for those of a body that is nothing else.
_NAMED = 1000


def hold_request(
    operation: Operation,
    violations: list[Violation],
    undeclared: Mapping[str, str],
    entry: Entry,
    mode: RequestMode,
) -> list[Violation]:
    """
    Note what is wrong with a request, as is settled; gives what was let pass.

    ``undeclared`` are the keys of the query that the contract lacks, with what was written for each.

    Raises:
        Problem: it is refused, with every violation at once.
    """
    if undeclared and mode != "off":
        found = undeclared_parameters(undeclared)
        entry.notes += [each.message for each in found[:_NOTED]]
        if mode == "strict":
            violations += found
    if not violations or mode == "off":
        return violations
    if mode == "report":
        entry.notes += [f"let pass: {sentence(violation)}" for violation in violations]
        entry.violations += tuple(violations)
        return violations
    raise refusal(operation, violations)


def undeclared_parameters(texts: Mapping[str, str]) -> list[Violation]:
    """Tell of the keys of a query that the contract lacks."""
    return [
        Violation(("query", name), "undeclared", None, text, f"the contract has no query parameter {name}")
        for name, text in texts.items()
    ]


def refusal(operation: Operation, violations: list[Violation]) -> Problem:
    """Refuse with 422, or with 400 in a contract that knows only that."""
    declared = operation.responses
    status = 400 if "400" in declared and "422" not in declared else 422
    told = "; ".join(sentence(violation) for violation in violations[:10])
    return Problem(status, told, violations=violations[:_NAMED])


def sentence(violation: Violation) -> str:
    """Say one violation, with where it is; what is endless is cut."""
    message = violation.message if len(violation.message) <= 200 else f"{violation.message[:200]}…"
    return f"{'.'.join(map(str, violation.location))}: {message}"


def of_answer(violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """Give violations of an answer as the journal tells them from those of a request."""
    return tuple(violation.within("response") for violation in violations)


def keys_in_query(contract: Contract) -> set[str]:
    """Name the query parameters that security schemes have, which no operation declares."""
    schemes = contract.security_schemes.values()
    return {str(each.get("name")) for each in schemes if each.get("in") == "query"}


def unknown_parameters(decoded: Decoded, keys: Container[str], query_string: bytes) -> Mapping[str, str]:
    """Give what was written for each key of a query that nobody knows."""
    names = [name for name in decoded.undeclared if name not in keys and not is_twin(name)]
    if not names:
        return {}
    texts = dict(parse_qsl(query_string.decode("utf-8", "replace"), keep_blank_values=True))
    return {name: texts.get(name, "") for name in names}
