"""Compare two versions of a contract: which operations there are, and what changed in each."""

from collections.abc import Mapping

from mockserver.contract.changes.findings import Change, Finding, Findings
from mockserver.contract.changes.places import Both
from mockserver.contract.changes.requests import compare_parameters, compare_request_body
from mockserver.contract.changes.responses import compare_responses
from mockserver.contract.changes.schemas import Schemas
from mockserver.contract.changes.security import compare_security
from mockserver.contract.loading.defects import ContractError, Defect
from mockserver.contract.operation import Contract, Operation, declared_base_path, shape_of
from mockserver.contract.pointers import resolve

_Match = tuple[str, str]


def compare(old: Contract, new: Contract) -> list[Change]:
    """
    Give everything that changed between two versions of a contract, what breaks clients first.

    Operations belong together by method and path, whatever the parameters in it are called, else by their
    ``operationId``. What is said of a component that many operations share is one change.

    Callbacks, webhooks and links are not looked at.

    Raises:
        ContractError: schemas are nested too deeply to be compared.
    """
    try:
        return _compare(old, new)
    except RecursionError as error:
        text = "its schemas are made of too many others, one in the other, to be compared."
        raise ContractError([Defect(new.name, 1, "document", text)]) from error


def _compare(old: Contract, new: Contract) -> list[Change]:
    findings = Findings()
    schemas = Schemas(old, new)
    pairs, removed, added = _match(old, new, findings)
    for ours, theirs in pairs:
        both = Both((old, new), (ours, theirs), schemas, findings)
        _compare_operation(both)
        compare_security(both)
        compare_parameters(both)
        compare_request_body(both)
        compare_responses(both)
    for operation in removed:
        _tell_removed(old, new, operation, findings)
    for operation in added:
        finding = Finding("operation-added", "a new operation", None, operation.pointer)
        findings.add(finding, operation)
    return findings.changes(old, new)


def _match(
    old: Contract, new: Contract, findings: Findings
) -> tuple[list[tuple[Operation, Operation]], list[Operation], list[Operation]]:
    """Find which operations belong together, and give what is left of the old ones and of the new ones."""
    ours, theirs = _by_path(old, is_whole=False), _by_path(new, is_whole=False)
    if old.base_path != new.base_path:
        whole = _by_path(old, is_whole=True), _by_path(new, is_whole=True)
        if len(whole[0].keys() & whole[1].keys()) > len(ours.keys() & theirs.keys()):
            ours, theirs = whole  # a part of the paths went into the base path, or came out of it
    _compare_servers(old, new, findings, is_moved=_is_moved(old, new, ours, theirs))
    pairs = [(operation, theirs[key]) for key, operation in ours.items() if key in theirs]
    left = {key: operation for key, operation in theirs.items() if key not in ours}
    by_id = {name: key for key, operation in left.items() if (name := _given_id(new, operation))}
    removed = []
    for key, operation in ours.items():
        if key in theirs:
            continue
        partner = by_id.get(_given_id(old, operation) or "")
        if partner is None:
            removed.append(operation)
        else:
            pairs.append((operation, left.pop(partner)))
    return pairs, removed, [*left.values()]


def _by_path(contract: Contract, *, is_whole: bool) -> dict[_Match, Operation]:
    base = contract.base_path if is_whole else ""
    return {(each.method, shape_of(base + each.path)): each for each in contract.operations}


def _is_moved(
    old: Contract, new: Contract, ours: Mapping[_Match, Operation], theirs: Mapping[_Match, Operation]
) -> bool:
    """Tell whether operations that belong together have other addresses, since the base path is another."""
    bases = _bases(new)
    shared = ours.keys() & theirs.keys()
    return old.base_path not in bases and any(
        shape_of(old.base_path + ours[key].path) != shape_of(new.base_path + theirs[key].path)
        for key in shared
    )


def _compare_servers(old: Contract, new: Contract, findings: Findings, *, is_moved: bool) -> None:
    if is_moved:
        text = f"the base path was {old.base_path or '/'}, and is {new.base_path or '/'}"
        findings.add(Finding("base-path-changed", text, "/servers", "/servers"))
    before, after = _servers(old), _servers(new)
    for url in before:
        if url not in after:
            findings.add(
                Finding("server-removed", f"the server {url} is named no more", "/servers", "/servers")
            )
    for url in after:
        if url not in before:
            findings.add(Finding("server-added", f"the server {url} is new", "/servers", "/servers"))


def _servers(contract: Contract) -> list[str]:
    servers = contract.data.get("servers") or [{"url": "/"}]
    return [str(each.get("url", "/")) for each in servers]


def _bases(contract: Contract) -> list[str]:
    servers = contract.data.get("servers") or [{}]
    return [declared_base_path({"servers": [each]}) for each in servers]


def _given_id(contract: Contract, operation: Operation) -> str | None:
    found = resolve(contract.data, operation.pointer).get("operationId")
    return found if isinstance(found, str) and found else None


def _compare_operation(both: Both) -> None:
    old, new = both.definitions()
    at = old.pointer, new.pointer
    ours, theirs = both.operations
    contracts = both.contracts
    addresses = [
        (each.method, shape_of(contract.base_path + each.path))
        for contract, each in zip(contracts, both.operations, strict=True)
    ]
    if addresses[0] != addresses[1] and (ours.method, shape_of(ours.path)) != (
        theirs.method,
        shape_of(theirs.path),
    ):
        text = f"it was {_called(ours)}, and is {_called(theirs)}"
        both.tell("operation-moved", text, "", *at)
    if ours.base_paths or theirs.base_paths:
        before = ours.base_paths or (contracts[0].base_path,)
        after = theirs.base_paths or tuple(_bases(contracts[1]))
        if not {*before} <= {*after}:
            bases = [", ".join(each or "/" for each in dict.fromkeys(paths)) for paths in (before, after)]
            both.tell("base-path-changed", f"the base path was {bases[0]}, and is {bases[1]}", "", *at)
    names = [_given_id(contract, each) for contract, each in zip(contracts, both.operations, strict=True)]
    if names[0] and names[1] and names[0] != names[1]:
        text = f"the operationId was {names[0]}; requests are the same, generated clients are not"
        both.tell("operation-id-changed", text, "", *at)
    was, now = (each.said.get("deprecated") is True for each in (old, new))
    if now and not was:
        both.tell("operation-deprecated", "the operation is deprecated now", "", *at)
    elif was and not now:
        both.tell("operation-no-longer-deprecated", "the operation is deprecated no more", "", *at)
    both.tell_wording("operation-wording-changed", "", old, new, ("summary", "description", "tags"))


def _called(operation: Operation) -> str:
    return f"{operation.method.upper()} {operation.path}"


def _tell_removed(old: Contract, new: Contract, operation: Operation, findings: Findings) -> None:
    shape = shape_of(operation.path)
    left = [each.method.upper() for each in new.operations if shape_of(each.path) == shape]
    text = (
        f"the operation is gone; its path still has {', '.join(left)}"
        if left
        else "the operation is gone, with its path"
    )
    kind = "operation-removed"
    if resolve(old.data, operation.pointer).get("deprecated") is True:
        kind, text = "deprecated-operation-removed", f"{text}; it was deprecated"
    findings.add(Finding(kind, text, operation.pointer, "/paths"), operation)
