"""Requests that were recorded, as an HTTP Archive: ids that were told then are those that are told now."""

import base64
import contextlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from mockserver.contract.media.media_types import essence, is_json
from mockserver.contract.operation import Operation
from mockserver.contract.paths import PathTree
from mockserver.contract.resources.roles import Resources
from mockserver.errors import MockServerError
from mockserver.prove.compare.script import Script
from mockserver.prove.compare.steps import Step, Told
from mockserver.prove.journeys.asking import Manner
from mockserver.prove.line import SAFE_METHODS

_OURS = "/_mock/"
# What is named like this is an id, or leads to something; other values are the same on both sides.
_REFERENCE = re.compile(
    r"(^|_|(?<=[a-z]))(id|ids|uuid|guid|key|slug|cursor|token|next|marker|etag|version)$", re.IGNORECASE
)
_CAMEL = re.compile(r"[a-z](Id|ID|Ids|Uuid|Key|Cursor|Token)$")
_KEPT = frozenset({"if-match", "if-none-match", "if-modified-since", "if-unmodified-since"})


@dataclass
class _Memory:
    """What was told in the record so far, by value; what a client said first is the client's own."""

    told: dict[str, Told] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    def learn(self, name: str, value: Any, steps: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                self.learn(name, each, (*steps, key))
        elif isinstance(value, list):
            for number, each in enumerate(value):
                self.learn(name, each, (*steps, number))
        elif isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            key = next((each for each in reversed(steps) if isinstance(each, str)), "")
            if _is_reference(key) and str(value) not in self.said:
                self.told.setdefault(str(value), Told(name, steps))

    def replace(self, value: Any, name: str = "") -> Any:
        """Put what was told in the place of ids; of a member only where it is named like one."""
        if isinstance(value, dict):
            return {key: self.replace(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self.replace(each, name) for each in value]
        is_value = isinstance(value, str | int) and not isinstance(value, bool)
        if is_value and _is_reference(name) and str(value) in self.told:
            return self.told[str(value)]
        if is_value:
            self.said.add(str(value))
        return value


def steps_recorded(
    path: Path, script: Script, resources: Resources, note: Callable[[str], Any]
) -> Iterator[Step]:
    """
    Give the requests of an archive that are for operations of the contract, in their order.

    Raises:
        MockServerError: there is no such file, or it is no HTTP Archive.
    """
    entries = read_archive(path)
    tree, chosen = PathTree(script.contract.by_path), {each.operation_id for each in script.selected}
    memory, found = _Memory(), [_operation(script, tree, each["request"]) for each in entries]
    hosts = Counter(_host(entry) for entry, each in zip(entries, found, strict=True) if each is not None)
    # A page asks others, too: what is asked of most is the one that was meant.
    host = hosts.most_common(1)[0][0] if hosts else ""
    left_out = 0
    for number, (entry, each) in enumerate(zip(entries, found, strict=True), start=1):
        is_meant = each is not None and each[0].operation_id in chosen and _host(entry) == host
        if each is None or not is_meant or _is_unsafe(script, entry):
            left_out += 1
            continue
        name = f"{path.name}, request {number}"
        yield _step(name, entry["request"], *each, memory, resources)
        _learn(memory, name, entry.get("response"))
    if left_out:
        note(f"{path.name}: {left_out} of {len(entries)} requests were for no operation that was chosen.")


def read_archive(path: Path) -> list[Mapping[str, Any]]:
    """
    Give the entries of an HTTP Archive.

    Raises:
        MockServerError: there is no such file, or it is no HTTP Archive.
    """
    try:
        read = json.loads(path.read_bytes())
    except OSError as error:
        raise MockServerError(f"--from {path}: {error.strerror}.") from error
    except ValueError as error:
        raise MockServerError(f"--from {path}: it is no JSON: {error}.") from error
    log = read.get("log") if isinstance(read, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list) or not all(map(_is_entry, entries)):
        raise MockServerError(
            f"--from {path}: it is no HTTP Archive; browsers save one, "
            "and so does a mock: GET /_mock/journal/har."
        )
    for number, entry in enumerate(entries, start=1):
        try:
            _try(entry)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise MockServerError(
                f"--from {path}, request {number}: it cannot be read ({type(error).__name__}: {error})."
            ) from error
    return entries


def _is_entry(entry: Any) -> bool:
    request = entry.get("request") if isinstance(entry, dict) else None
    return isinstance(request, dict) and isinstance(request.get("url"), str) and "method" in request


def _try(entry: Mapping[str, Any]) -> None:
    """Read all of a request that is looked at later, when others have been sent already."""
    request = entry["request"]
    headers = _headers(request)
    _host(entry)
    _query(request["url"])
    _body(request, headers)
    _learn(_Memory(), "", entry.get("response"))


def _is_unsafe(script: Script, entry: Mapping[str, Any]) -> bool:
    return script.is_safe and str(entry["request"]["method"]).upper() not in SAFE_METHODS


def _host(entry: Mapping[str, Any]) -> str:
    return urlsplit(str(entry["request"]["url"])).netloc


def _operation(
    script: Script, tree: PathTree, request: Mapping[str, Any]
) -> tuple[Operation, Mapping[str, str]] | None:
    """Find what a request was for, whatever base path stands before its path."""
    path = urlsplit(request["url"]).path
    if _OURS in path:
        return None
    base, method = script.contract.base_path, str(request["method"]).upper()
    segments = path.split("/")
    tails = ["/" + "/".join(segments[at:]) for at in range(1, len(segments))]
    candidates = [path.removeprefix(base), *tails] if base and path.startswith(f"{base}/") else tails
    for candidate in candidates:
        matched = tree.match(candidate)
        operation = script.contract.by_path[matched[0]].get(method) if matched else None
        if matched and operation is not None:
            return operation, {name: unquote(value) for name, value in matched[1].items()}
    return None


def _step(
    name: str,
    request: Mapping[str, Any],
    operation: Operation,
    values: Mapping[str, str],
    memory: _Memory,
    resources: Resources,
) -> Step:
    path: dict[str, Any] = {}
    is_loose = False
    for key, value in values.items():
        path[key] = memory.told.get(value, value)
        is_loose = is_loose or not isinstance(path[key], Told)
    query = {key: memory.replace(value, key) for key, value in _query(request["url"]).items()}
    headers = _headers(request)
    declared = {each.name.lower() for each in operation.parameters if each.location == "header"}
    kept: dict[str, Any] = {
        key: memory.told.get(value, value) for key, value in headers.items() if key in _KEPT | declared
    }
    body, content, media_type = _body(request, headers)
    body = memory.replace(body)
    role = resources.roles.get(operation.operation_id)
    item = ""
    if role is not None and role.action == "create":
        item = name
    elif role is not None and isinstance(made := path.get(role.id_name or ""), Told):
        item = made.source
    manner = Manner(headers=kept, content=content, media_type=media_type)
    about = f"{operation.method.upper()} {operation.path} as recorded"
    writes = body if isinstance(body, dict) else None
    return Step(name, operation, about, path, query, body, manner, item, writes, is_loose, size=1)


def _headers(request: Mapping[str, Any]) -> dict[str, str]:
    return {h["name"].lower(): str(h["value"]) for h in request.get("headers") or () if "name" in h}


def _query(url: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in parse_qsl(urlsplit(url).query, keep_blank_values=True):
        if key in found:
            found[key] = [*(found[key] if isinstance(found[key], list) else [found[key]]), value]
        else:
            found[key] = value
    return found


def _body(request: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[Any, bytes | None, str | None]:
    """Give a JSON body as its value, or another one as its bytes, and the media type."""
    posted = request.get("postData")
    if not isinstance(posted, dict) or not isinstance(posted.get("text"), str) or not posted["text"]:
        return None, None, None
    media_type = str(posted.get("mimeType") or headers.get("content-type") or "")
    is_encoded = "base64" in (posted.get("encoding"), posted.get("comment"))
    raw = base64.b64decode(posted["text"]) if is_encoded else posted["text"].encode()
    if is_json(essence(media_type)):
        try:
            value = json.loads(raw)
        except ValueError:
            return None, raw, media_type
        if value is not None:
            return value, None, media_type
    return None, raw, media_type


def _learn(memory: _Memory, name: str, response: Any) -> None:
    if not isinstance(response, dict):
        return
    content = response.get("content") or {}
    text = content.get("text")
    if isinstance(text, str) and content.get("encoding") != "base64":
        with contextlib.suppress(ValueError):
            memory.learn(name, json.loads(text), ("body",))
    for header in response.get("headers") or ():
        if str(header.get("name", "")).lower() == "etag":
            memory.told.setdefault(str(header["value"]), Told(name, ("headers", "etag")))


def _is_reference(name: str) -> bool:
    return bool(_REFERENCE.search(name) or _CAMEL.search(name))
