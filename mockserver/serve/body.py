"""Read the body of a request: its size limited, its media type among the declared, its JSON decoded."""

from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from mockserver.contract.media_types import essence, is_json, match, sent_as
from mockserver.contract.operation import MediaType, RequestBody
from mockserver.contract.schema import Schema, Schemas
from mockserver.contract.violation import Violation
from mockserver.respond.problems import Problem

# How much of a body that is too large is read and thrown away, so that its sender gets to see the refusal
# and not a broken connection.
_DRAINED = 64 * 1024 * 1024


class BodyReader:
    """Read the bodies of one operation, and name every violation in them."""

    def __init__(self, declared: RequestBody, schemas: Schemas, limit: int) -> None:
        self._required = declared.required
        self._limit = limit
        self._content: dict[str, tuple[MediaType, Schema | None]] = {
            name: (each, schemas.at(each.pointer, "request") if each.pointer else None)
            for name, each in declared.content.items()
        }

    async def read(self, scope: Scope, receive: Receive) -> tuple[Any, list[Violation]]:
        """
        Give the body's value, and every way in which it breaks the contract.

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
        raw = await read_bytes(scope, receive, self._limit)
        if not raw:
            missing = Violation(("body",), "missing", None, None, "the body is missing")
            return None, [missing] if self._required else []
        name, schema = self._declared(content_type)
        if not is_json(name):
            return _decoded(raw, name), []
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            return None, [Violation(("body", error.pos), "json", None, None, error.msg)]
        if schema is None or schema.is_valid(value):
            return value, []
        return value, [violation.within("body") for violation in schema.violations(value)]

    def _declared(self, content_type: str) -> tuple[str, Schema | None]:
        """Give the media type that a body is read as, JSON where none was sent, and its schema."""
        name = content_type or next((each for each in self._content if is_json(sent_as(each))), "")
        found = match(self._content, name) if name else None
        if found is not None:
            return sent_as(name), found[1]
        accepted = ", ".join(each.name for each, _ in self._content.values())
        sent = content_type or "no Content-Type"
        raise Problem(415, f"{sent} is not taken here; {accepted} is.", headers={"Accept": accepted})


async def read_bytes(scope: Scope, receive: Receive, limit: int) -> bytes:
    """
    Read a whole body, sent at once or in chunks.

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
    if size > limit:
        raise Problem(413, f"The body is larger than {limit} bytes.")
    return b"".join(chunks)


def _announced(scope: Scope) -> int | None:
    """Give how long a body is said to be, 0 where it comes in chunks; ``None`` where there is none."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
        if name == b"transfer-encoding":
            return 0
    return None


def _decoded(raw: bytes, media_type: str) -> str | bytes:
    return raw.decode("utf-8", "replace") if essence(media_type).startswith("text/") else raw
