"""References to parts of a document that stand elsewhere once it is converted."""

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.contract.pointers import escape, pointer_of, resolve


def targets_of(data: Mapping[str, Any], references: Iterable[str]) -> Mapping[str, Any]:
    """Give what references into paths, and into single parameters and responses, lead to."""
    found = {}
    for reference in references:
        steps = reference.split("/")
        if steps[1:2] == ["paths"] or (steps[1:2] in (["parameters"], ["responses"]) and len(steps) > 3):
            found[reference] = resolve(data, pointer_of(reference), follow=False)
    return found


def follow_moved(
    converted: Mapping[str, Any], uses: Iterable[tuple[dict[str, Any], str]], targets: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """
    Let references lead to where their targets stand now; ``uses`` are nodes, and what each refers to.

    One whose target is no more is taken out, and told of: a pointer to where it was, and a sentence.
    """
    places: Mapping[int, str] | None = None
    lost: dict[str, None] = {}
    for node, reference in uses:
        if _is_there(converted, node["$ref"], targets[reference]):
            continue
        if places is None:
            places = _places(converted, {id(target) for target in targets.values()})
        place = places.get(id(targets[reference]))
        if place is not None:
            node["$ref"] = f"#{place}"
        else:
            del node["$ref"]
            lost[reference] = None
    text = "is referred to by {}, which leads to nothing once this is said in OpenAPI 3; it allows anything."
    return [(pointer_of(reference), text.format(reference)) for reference in lost]


def _is_there(converted: Mapping[str, Any], reference: str, target: Any) -> bool:
    try:
        found = resolve(converted, pointer_of(reference), follow=False)
    except (LookupError, ValueError, TypeError):
        return False
    if found is target or not (isinstance(found, dict) and isinstance(target, dict)):
        return found is target
    # A parameter was said anew; one that stands in its place is another.
    return "in" in target and all(found.get(key) == target.get(key) for key in ("in", "name"))


def _places(converted: Mapping[str, Any], wanted: set[int]) -> Mapping[int, str]:
    found: dict[int, str] = {}
    seen: set[int] = set()
    waiting: list[tuple[Any, str]] = [(converted, "")]
    while waiting:
        node, pointer = waiting.pop()
        if id(node) in wanted:
            found.setdefault(id(node), pointer)
        if id(node) in seen:
            continue
        seen.add(id(node))
        inner = node.items() if isinstance(node, dict) else enumerate(node)
        waiting += [(v, f"{pointer}/{escape(str(k))}") for k, v in inner if isinstance(v, (dict, list))]
    return found
