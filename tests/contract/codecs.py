"""What reads and writes the bodies of one media type, for a schema that stands in a test."""

from typing import Any

from mockserver.contract.media.bodies import Codec
from mockserver.contract.operation import Contract


def codec(
    media_type: str,
    schema: Any,
    *,
    encoding: Any = None,
    components: Any = None,
    dialect: Any = "3.1",
    direction: Any = "request",
) -> Codec:
    declared = {"schema": schema} | ({"encoding": encoding} if encoding else {})
    document = {"content": {"it": declared}, "components": {"schemas": components or {}}}
    contract = Contract("a test", b"", document, dialect, "", ())
    pointer = None if schema is None else "/content/it/schema"
    return Codec(media_type, pointer, contract, direction)


def read(media_type: str, schema: Any, raw: str | bytes, content_type: str = "", **options: Any) -> Any:
    """Give the value of a body, or every violation in it as its place and keyword."""
    content = raw if isinstance(raw, bytes) else raw.encode()
    value, violations = codec(media_type, schema, **options).read(content, content_type or media_type)
    return [(each.location, each.keyword) for each in violations] or value


def write(media_type: str, schema: Any, value: Any, **options: Any) -> str:
    return codec(media_type, schema, direction="response", **options).write(value).decode()
