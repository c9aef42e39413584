"""A small contract, and requests to it as a journal has them."""

import json
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.state.journal_entry import Entry

# It has a parameter of each way of writing, an operation without answers, ranges and ``default``.
LAMPS = """
openapi: 3.0.3
info: {title: Lamps, version: '1'}
paths:
  /lamps:
    get:
      operationId: listLamps
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: tag, in: query, schema: {type: array, items: {type: string}}}
        - {name: filter, in: query, style: deepObject, explode: true,
           schema: {type: object, properties: {room: {type: string}}}}
        - {name: page, in: query, style: form, explode: true,
           schema: {type: object, properties: {size: {type: integer}, from: {type: string}}}}
        - {name: X-Team, in: header, schema: {type: string}}
        - {name: taste, in: cookie, schema: {type: string}}
      responses:
        '200':
          description: Lamps.
          content:
            application/json:
              examples:
                two: {value: [{name: the tall one, watts: 40}, {name: the small one, watts: 5}]}
                none: {value: []}
            text/csv: {}
        4XX:
          description: Refused.
          content: {application/problem+json: {example: {title: Not so}}}
        '503': {description: Later.}
    post:
      operationId: createLamp
      requestBody:
        content:
          application/json:
            examples:
              tall: {value: {name: the tall one, watts: 40}}
              small: {value: {name: the small one, watts: 5}}
          text/plain: {example: a lamp}
          application/xml: {example: {name: no text}}
      responses:
        '201': {description: Made.}
        default: {description: Anything else.}
  /lamps/{lamp}:
    delete:
      operationId: removeLamp
      parameters:
        - {name: lamp, in: path, required: true, schema: {type: string}}
      responses:
        '500': {description: It fell.}
"""


def entry(
    contract: Contract,
    operation_id: str,
    target: str = "/lamps",
    status: int = 200,
    *,
    method: str | None = None,
    headers: dict[str, str] | None = None,
    sent: Any = None,
    answer: Any = None,
    media_type: str = "application/json",
    source: str = "handler",
) -> Entry:
    """Give an entry that is whole. ``sent`` and ``answer`` are JSON values, or bytes."""
    operation = contract.by_id.get(operation_id)
    lines = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    if sent is not None and "content-type" not in (headers or {}):
        lines.append((b"content-type", b"application/json"))
    made = Entry("req_1", method or (operation.method.upper() if operation else "GET"), target, lines)
    made.operation, made.status, made.source = operation, status, source
    made.request_body = sent if isinstance(sent, bytes) else json.dumps(sent, indent=1).encode()
    if sent is None:
        made.request_body = None
    made.response_headers = [(b"content-type", media_type.encode())]
    made.response_body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return made
