"""Read the body of a request: its size limited, its media type among the declared, its value typed."""

from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from mockserver.contract.media.bodies import Codec
from mockserver.contract.media.media_types import essence, is_json, match, sent_as
from mockserver.contract.operation import Contract, MediaType, RequestBody
from mockserver.contract.violation import Violation
from mockserver.respond.problems import Problem
from mockserver.serve.sending import ENTRY

# How much of a body that is too large is read and thrown away, so that its sender gets to see the refusal
# and not a broken connection.
_DRAINED = 64 * 1024 * 1024

# How deep a body may be that is kept: orjson writes 254 levels, and there may be others around these.
_DEEPEST = 200

# How many spellings of Content-Type are remembered.
_REMEMBERED = 256

# What an empty body may be in these media types: an empty text, no field at all, a file of no bytes.
_EMPTY = frozenset({"form", "multipart", "text", "html", "csv", "binary"})


class BodyReader:
    """
    Read the bodies of one operation, and name every violation in them.

    Each schema is compiled when it is first needed. What ``is_kept`` must not be deeper than what can be
    stored and shown again.
    """

    def __init__(
        self, declared: RequestBody, contract: Contract, limit: int, *, is_kept: bool = False
    ) -> None:
        self._is_kept = is_kept
        self._required = declared.required
        self._limit = limit
        self._contract = contract
        self._content = declared.content
        self._codecs: dict[tuple[str, str], Codec] = {}
        self._by_content_type: dict[str, Codec] = {}

    async def read(self, scope: Scope, receive: Receive) -> tuple[Any, list[Violation]]:
        """
        Give the body's value, and every way in which it breaks the contract.

        The value is typed by its schema: of JSON, XML, forms (a ``Form``), CSV and text. What is binary is
        given as bytes.

        Raises:
            Problem: 413 for a body above the limit, 415 for a media type that is not declared.
        """
        content_type = ""
        for name, value in scope["headers"]:
            if name == b"content-type":
                content_type = value.decode("latin-1")
            elif name == b"content-encoding" and value.lower() != b"identity":
                encoding = value.decode("latin-1")
                raise Problem(415, f"A body in Content-Encoding {encoding} is not taken; send it as it is.")
        return self.understand(await read_bytes(scope, receive, self._limit), content_type)

    def understand(self, raw: bytes, content_type: str) -> tuple[Any, list[Violation]]:
        """
        Give the value of a body that was read, and every way in which it breaks the contract.

        Raises:
            Problem: 415 for a media type that is not declared.
        """
        if not raw:
            return self._empty(content_type)
        codec = self._by_content_type.get(content_type) or self._declared(content_type)
        if codec.kind == "json" and codec.schema is not None:
            try:
                value = orjson.loads(raw)
            except orjson.JSONDecodeError as error:
                return None, [Violation(("body", error.pos), "json", None, None, error.msg)]
            violations = [] if codec.schema.is_valid(value) else codec.schema.violations(value)
        else:
            value, violations = codec.read(raw, content_type)
        if self._is_kept and not violations and _may_be_deep(raw, codec) and _is_deep(value):
            violations = [Violation((), "depth", _DEEPEST, None, f"it is nested more than {_DEEPEST} deep")]
        return value, [violation.within("body") for violation in violations]

    def _empty(self, content_type: str) -> tuple[Any, list[Violation]]:
        """Give what a body without bytes means, which a form without fields has as well."""
        if not self._required:
            return None, []
        name = content_type or next((sent_as(each) for each in self._content), "")
        found = match(self._content, name) if name else None
        codec = self._codec(sent_as(essence(name)), found) if found else None
        if codec is not None and codec.kind in (_EMPTY if content_type else ("form", "multipart")):
            value, violations = codec.read(b"", "")  # without a boundary, since there is none in it
            if not violations:
                return value, []
        return None, [Violation(("body",), "missing", None, None, "the body is missing")]

    def _declared(self, content_type: str) -> Codec:
        """Give what reads a body of some Content-Type; as JSON, if that is declared, where none was sent."""
        name = content_type or next((sent_as(each) for each in self._content if is_json(sent_as(each))), "")
        found = match(self._content, name) if name else None
        if found is not None:
            codec = self._codec(sent_as(essence(name)), found)
            if len(self._by_content_type) < _REMEMBERED:
                self._by_content_type[content_type] = codec
            return codec
        accepted = ", ".join(each.name for each in self._content.values())
        sent = content_type or "no Content-Type"
        raise Problem(415, f"{sent} is not taken here; {accepted} is.", headers={"Accept": accepted})

    def _codec(self, name: str, declared: MediaType) -> Codec:
        key = (name, declared.name)
        if key not in self._codecs:
            codec = Codec(name, declared.pointer, self._contract, "request")
            if len(self._codecs) >= _REMEMBERED:
                return codec
            self._codecs[key] = codec
        return self._codecs[key]


def _may_be_deep(raw: bytes, codec: Codec) -> bool:
    """Tell quickly what cannot be deep. Of XML and forms, which nest in their own ways, it is by length."""
    if codec.kind == "json":
        return raw.count(b"[") + raw.count(b"{") > _DEEPEST
    return len(raw) > _DEEPEST


def _is_deep(value: Any) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(_DEEPEST):
        inside = (each.values() if isinstance(each, dict) else each for each in level)
        level = [inner for each in inside for inner in each if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


async def read_bytes(scope: Scope, receive: Receive, limit: int) -> bytes:
    """
    Read a whole body, sent at once or in chunks, and note it in the journal's entry.

    Raises:
        Problem: 413 above ``limit`` bytes.
        ClientDisconnect: the client went away before the body was whole.
    """
    announced = _announced(scope)
    if announced is None and scope["method"] in ("GET", "HEAD"):
        return b""
    if announced is not None and announced > _DRAINED:
        raise Problem(413, f"The body is larger than {limit} bytes.")
    chunks: list[bytes] = []
    size = 0
    more = True
    while more and size <= _DRAINED:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
        more = message.get("more_body", False)
    raw = b"".join(chunks)
    scope[ENTRY].take_request_body(raw, size)
    if size > limit:
        raise Problem(413, f"The body is larger than {limit} bytes.")
    return raw


def _announced(scope: Scope) -> int | None:
    """Give how long a body is said to be, 0 where it comes in chunks; ``None`` where there is none."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
        if name == b"transfer-encoding":
            return 0
    return None
