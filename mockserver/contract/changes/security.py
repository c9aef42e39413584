"""What changed in the credentials that clients have to send."""

from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.contract.changes.places import Both
from mockserver.contract.changes.wording import joined
from mockserver.contract.operation import Contract
from mockserver.contract.pointers import escape

_Requirement = Mapping[str, frozenset[str]]

# What a client has to know to send a credential; besides, there is where it gets one.
_SENT = ("type", "scheme", "in", "name")
_ADDRESSES = ("flows", "openIdConnectUrl")


def compare_security(both: Both) -> None:
    """Tell who has to send other credentials than before."""
    names = renamed(*both.contracts)
    old, new = (_requirements(both, at) for at in (0, 1))
    new = [{names.get(name, name): scopes for name, scopes in each.items()} for each in new]
    at = _pointer(both, 0), _pointer(both, 1)
    if old and not new:
        both.tell("security-removed", f"{_alternatives(old)} was asked for; now nothing is", "security", *at)
    elif new and not old:
        both.tell("security-added", f"nothing was asked for; now {_alternatives(new)} is", "security", *at)
    elif old != new:
        _compare(both, old, new, at)
    _compare_schemes(both, [*dict.fromkeys(name for each in old for name in each)], names)


def renamed(old: Contract, new: Contract) -> Mapping[str, str]:
    """Give the old names of the security schemes that are called otherwise and are the same."""
    ours, theirs = old.security_schemes, new.security_schemes
    left = {name: _sent(scheme) for name, scheme in ours.items() if name not in theirs}
    found: dict[str, str] = {}
    for name, scheme in theirs.items():
        same = next((each for each, sent in left.items() if sent == _sent(scheme)), None)
        if name not in ours and same is not None:
            found[name] = same
            del left[same]
    return found


def _requirements(both: Both, which: int) -> list[_Requirement]:
    """Give the alternatives; none where everybody may call."""
    security = both.operations[which].security
    if any(not each for each in security):
        return []
    return [{name: frozenset(map(str, scopes)) for name, scopes in each.items()} for each in security]


def _pointer(both: Both, which: int) -> str:
    definition = both.definitions()[which]
    if "security" in definition.said:
        return definition.at("security")
    return "/security" if "security" in both.contracts[which].data else ""


def _compare(both: Both, old: list[_Requirement], new: list[_Requirement], at: tuple[str, str]) -> None:
    met = [any(_is_within(each, requirement) for each in new) for requirement in old]
    for requirement, is_met in zip(old, met, strict=True):
        if is_met:
            continue
        same = next((each for each in new if each.keys() == requirement.keys()), None)
        if same is not None:
            missing = sorted({scope for name in same for scope in same[name] - requirement[name]})
            text = f"{_described(requirement)} is not enough; the scope {joined(missing)} is wanted too"
            both.tell("security-scope-added", text, "security", *at)
        else:
            text = f"{_described(requirement)} is not enough any more; asked for is {_alternatives(new)}"
            both.tell("security-alternative-removed", text, "security", *at)
    for requirement in new:
        if any(_is_within(each, requirement) for each in old):
            continue  # who met the new one met an old one
        same = next((each for each in old if each.keys() == requirement.keys()), None)
        if same is not None:
            spare = sorted({scope for name in same for scope in same[name] - requirement[name]})
            if spare:
                text = f"the scope {joined(spare)} is asked for no more, with {_described(requirement)}"
                both.tell("security-scope-removed", text, "security", *at)
        else:
            text = f"{_described(requirement)} is enough too"
            both.tell("security-alternative-added", text, "security", *at)


def _is_within(one: _Requirement, other: _Requirement) -> bool:
    """Tell whether who meets one requirement meets another that asks for no more."""
    return all(name in other and scopes <= other[name] for name, scopes in one.items())


def _compare_schemes(both: Both, used: list[str], names: Mapping[str, str]) -> None:
    ours, theirs = (each.security_schemes for each in both.contracts)
    called = {old: new for new, old in names.items()}
    for name in used:
        new_name = called.get(name, name)
        old, new = ours.get(name), theirs.get(new_name)
        if old is None or new is None:
            continue
        at = f"/components/securitySchemes/{escape(name)}", f"/components/securitySchemes/{escape(new_name)}"
        if _sent(old) != _sent(new):
            text = f"{name} was {_spoken(old)}, and is {_spoken(new)}"
            both.tell("security-scheme-changed", text, "security", *at)
        elif any(_address(old, key) != _address(new, key) for key in _ADDRESSES):
            text = f"where a credential for {name} is had from changed"
            both.tell("security-scheme-address-changed", text, "security", *at)


def _sent(scheme: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_lowered(scheme, key) for key in _SENT if key in scheme)


def _lowered(scheme: Mapping[str, Any], key: str) -> str:
    # A query parameter is called by its letters; all the others are names of headers, or of the standards.
    return str(scheme[key]) if key == "name" and scheme.get("in") != "header" else str(scheme[key]).lower()


def _address(scheme: Mapping[str, Any], key: str) -> Any:
    """Give what is said of addresses, without the scopes, which are described there."""
    said = scheme.get(key)
    if not isinstance(said, dict):
        return said
    return {
        name: {each: value for each, value in flow.items() if each != "scopes"}
        for name, flow in said.items()
        if isinstance(flow, dict)
    }


def _spoken(scheme: Mapping[str, Any]) -> str:
    return " ".join(str(scheme[key]) for key in _SENT if key in scheme)


def _alternatives(requirements: list[_Requirement]) -> str:
    return joined([*map(_described, requirements)], " or ")


def _described(requirement: _Requirement) -> str:
    return joined([*_parts(requirement)], " with ")


def _parts(requirement: _Requirement) -> Iterator[str]:
    for name, scopes in requirement.items():
        yield f"{name} ({', '.join(sorted(scopes))})" if scopes else name
