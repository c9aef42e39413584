"""Whether two values mean the same in two documents, wherever their references lead."""

from collections.abc import Mapping
from typing import Any

from mockserver.contract.changes.facets import key_of
from mockserver.contract.changes.views import WORDING
from mockserver.contract.pointers import pointer_of, resolve

_SAYING_NOTHING = frozenset({*WORDING, "summary", "$comment", "externalDocs", "deprecated"})
_UNORDERED = frozenset({"required", "enum", "type"})


class Sameness:
    """Compares parts of two documents; what is being compared already is taken for the same."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        self._old = old
        self._new = new

    def of(self, old: Any, new: Any) -> bool:
        """Tell whether two parts say the same, but for words that are only for people."""
        return self._same(old, new, set())

    def _same(self, old: Any, new: Any, assumed: set[tuple[int, int]]) -> bool:
        if isinstance(old, dict) and isinstance(new, dict):
            # By what stands in the documents: what is made here may get the id of what is gone.
            if (id(old), id(new)) in assumed:
                return True
            assumed.add((id(old), id(new)))
        old, new = _target(self._old, old), _target(self._new, new)
        if isinstance(old, dict) and isinstance(new, dict):
            return self._same_members(_telling(old), _telling(new), assumed)
        if isinstance(old, list) and isinstance(new, list):
            return len(old) == len(new) and all(
                self._same(one, other, assumed) for one, other in zip(old, new, strict=True)
            )
        return key_of(old) == key_of(new)

    def _same_members(
        self, old: Mapping[str, Any], new: Mapping[str, Any], assumed: set[tuple[int, int]]
    ) -> bool:
        if old.keys() != new.keys():
            return False
        for key, value in old.items():
            other = new[key]
            if key in _UNORDERED and isinstance(value, list) and isinstance(other, list):
                value, other = sorted(value, key=key_of), sorted(other, key=key_of)
            if not self._same(value, other, assumed):
                return False
        return True


def _telling(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        key: each
        for key, each in value.items()
        # A property may be called "title": then it is a schema, and tells something.
        if not (key in _SAYING_NOTHING and not isinstance(each, dict)) and not str(key).startswith("x-")
    }


def _target(document: Mapping[str, Any], value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        try:
            target = resolve(document, pointer_of(value["$ref"]))
        except (LookupError, ValueError, TypeError):
            return True
        beside = {key: each for key, each in _telling(value).items() if key != "$ref"}
        return {**beside, "$ref of": target} if beside else target
    return value
