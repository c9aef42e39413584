"""Headers about an item: its tag, where it is, and requests that depend on how it was."""

import hashlib
import json
from collections.abc import Mapping

from mockserver.contract.operation import Contract, Operation
from mockserver.respond.exchange import Request
from mockserver.respond.problems import Problem
from mockserver.state.items import Item
from mockserver.state.own_links import origin


class Conditions:
    """What one operation declares of such headers; what it does not declare is neither read nor sent."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self._contract = contract
        self._operation = operation
        self._asked = {p.name.lower(): p.name for p in operation.parameters if p.location == "header"}

    def check(self, request: Request, item: Item) -> None:
        """
        Refuse a change of an item that is not as the client believes.

        Raises:
            Problem: 412, ``If-Match`` names other tags, or ``If-None-Match`` this one.

        Source: RFC 9110, section 13.1.
        """
        if self._operation.response(412) is None:
            return
        wanted, unwanted = self._read(request, "if-match"), self._read(request, "if-none-match")
        if wanted is not None and not _names(wanted, item):
            raise Problem(412, "If-Match does not name the item as it is now.")
        if unwanted is not None and _names(unwanted, item):
            raise Problem(412, "If-None-Match names the item as it is now.")

    def is_known(self, request: Request, item: Item) -> bool:
        """Tell whether a client has the item as it is, so that it need not be sent again."""
        unwanted = self._read(request, "if-none-match")
        return unwanted is not None and "304" in self._operation.responses and _names(unwanted, item)

    def headers(self, status: int, item: Item | None) -> Mapping[str, str]:
        response = self._operation.response(status)
        if item is None or response is None or "etag" not in response.headers:
            return {}
        return {response.headers["etag"].name: tag_of(item)}

    def location(self, request: Request, status: int, path: str) -> Mapping[str, str]:
        """Give where an item is, as the header that the contract declares for it."""
        response = self._operation.response(status)
        header = response.headers.get("location") if response is not None else None
        if header is None:
            return {}
        text = request.base_path + path
        is_uri = header.pointer is not None and not self._is_valid(header.pointer, text)
        return {header.name: f"{origin(self._contract)}{text}" if is_uri else text}

    def _is_valid(self, pointer: str, text: str) -> bool:
        return bool(self._contract.schemas.at(pointer, "response").is_valid(text))

    def _read(self, request: Request, name: str) -> str | None:
        value = request.headers.get(self._asked.get(name, ""))
        return value if isinstance(value, str) else None


def tag_of(item: Item) -> str:
    """Give the tag of an item as it is: another one after every change."""
    text = json.dumps(item, sort_keys=True, ensure_ascii=True)
    return f'"{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"'


def _names(tags: str, item: Item) -> bool:
    if tags.strip() == "*":
        return True
    own = tag_of(item)
    return any(each.strip().removeprefix("W/") in (own, own.strip('"')) for each in tags.split(","))
