"""Answers of a backend as examples of their operations, in the form of an OpenAPI Overlay."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.contract.media.media_types import is_json, match
from mockserver.contract.operation import Contract, MediaType, Operation, follow
from mockserver.contract.pointers import escape, resolve, unescape
from mockserver.state.masks import Headers, Masks

# So many examples are kept of one operation and status, the first that came.
_KEPT = 5


class RecordedExamples:
    """
    Examples by operation and status: the answer, and under the same name the request, if it had a body.

    Only JSON that keeps the contract is taken, and nothing of a Swagger 2.0 document: an overlay changes it
    before it is converted, when its places are others.
    """

    def __init__(self, contract: Contract, masks: Masks) -> None:
        self.is_changed = False
        self._contract = contract
        self._masks = masks
        self._kept: dict[str, dict[str, Any]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._kept.values()))

    def add(self, overlay: Any) -> None:
        """Add those of an overlay that was written before."""
        for action in overlay.get("actions", ()) if isinstance(overlay, dict) else ():
            examples = (action.get("update") or {}).get("examples") if isinstance(action, dict) else None
            if isinstance(examples, dict):
                self._kept.setdefault(str(action.get("target")), {}).update(examples)

    def take(
        self,
        operation: Operation,
        method: str,
        target: str,
        headers: Headers,
        request_value: Any,
        status: int,
        media_type: str,
        value: Any,
    ) -> None:
        """Keep an exchange as an example, unless there are enough of its kind."""
        place = self._of_answer(operation, status, media_type)
        if place is None or not is_json(media_type) or self._contract.is_converted:
            return
        credentials = self._masks.credentials(headers, target, operation.path)
        shown = f"{method} {self._masks.target(target, operation.path, credentials)}"
        path, declared = place
        kept = self._kept.setdefault(path, {})
        asked = self._of_request(operation) if request_value is not None else None
        sent = self._masked(asked[1], request_value, credentials, "request") if asked is not None else None
        name = _name(shown, sent)
        if name not in kept and len(kept) >= _KEPT:
            return
        example = {"summary": shown, "value": self._masked(declared, value, credentials, "response")}
        if kept.get(name) != example:
            kept[name] = example
            self.is_changed = True
        if asked is not None:
            self._kept.setdefault(asked[0], {})[name] = {"summary": shown, "value": sent}

    def overlay(self) -> dict[str, Any]:
        """Give the overlay document, which takes out an example that would hide the others."""
        actions: list[dict[str, Any]] = []
        for path, examples in sorted(self._kept.items()):
            actions.append({"target": f"{path}['example']", "remove": True})
            actions.append({"target": path, "update": {"examples": examples}})
        alone = {f"{path}['example']" for path in self._kept if not self._stands_alone(path)}
        kept = [each for each in actions if each["target"] not in alone]
        title = f"What a backend answered of {self._contract.title}"
        return {"overlay": "1.0.0", "info": {"title": title, "version": "1"}, "actions": kept}

    def _stands_alone(self, path: str) -> bool:
        pointer = "".join(f"/{escape(step)}" for step in _steps(path))
        try:
            return "example" in resolve(self._contract.data, pointer)
        except (LookupError, TypeError, ValueError):
            return False

    def _masked(self, declared: MediaType, value: Any, credentials: frozenset[str], direction: Any) -> Any:
        pointer = declared.pointer
        is_valid = self._contract.schemas.at(pointer, direction).is_valid if pointer else _anything
        return self._masks.mask(value, credentials, is_valid)

    def _of_answer(self, operation: Operation, status: int, media_type: str) -> tuple[str, MediaType] | None:
        response = operation.response(status)
        declared = match(response.content, media_type) if response is not None else None
        if response is None or declared is None:
            return None
        known = resolve(self._contract.data, f"{operation.pointer}/responses")
        key = next((each for each in map(str, known) if each.upper() == response.status.upper()), None)
        if key is None:
            return None
        _, pointer = follow(self._contract.data, f"{operation.pointer}/responses/{key}")
        return self._content(pointer, declared)

    def _of_request(self, operation: Operation) -> tuple[str, MediaType] | None:
        content: Mapping[str, MediaType] = operation.request_body.content if operation.request_body else {}
        declared = next((each for each in content.values() if is_json(each.name)), None)
        if declared is None:
            return None
        _, pointer = follow(self._contract.data, f"{operation.pointer}/requestBody")
        return self._content(pointer, declared)

    def _content(self, pointer: str, declared: MediaType) -> tuple[str, MediaType]:
        _, at = follow(self._contract.data, f"{pointer}/content/{escape(declared.name)}")
        return _path(at), declared


def _anything(_value: Any) -> bool:
    return True


def _name(shown: str, request_value: Any) -> str:
    asked = shown.encode() + (orjson.dumps(request_value) if isinstance(request_value, dict | list) else b"")
    return f"recorded-{hashlib.blake2b(asked, digest_size=4).hexdigest()}"


def _path(pointer: str) -> str:
    """Write a JSON Pointer as a JSONPath."""
    steps = (unescape(step).replace("\\", "\\\\").replace("'", "\\'") for step in pointer.split("/")[1:])
    return "$" + "".join(f"['{step}']" for step in steps)


def _steps(path: str) -> list[str]:
    parts = path.removeprefix("$['").removesuffix("']").split("']['")
    return [part.replace("\\'", "'").replace("\\\\", "\\") for part in parts]
