"""
Problems: the errors that a client gets.

    Problem           the client gets it
    MockServerError   whoever runs the server gets it (``mockserver.errors``)
"""

import functools
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from mockserver.contract.violation import Violation
from mockserver.respond.wording import describe

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):
    """
    An error for the client: a status, one sentence, and every violation where the request has some.

    It is written in the shape that the contract declares for the operation and the status.

    Raises:
        ValueError: a header is not one line of text.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        violations: Sequence[Violation] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        check_headers(headers or {})
        self.status = status
        self.detail = detail
        self.violations = tuple(violations)
        self.headers = dict(headers or {})


def check_headers(headers: Mapping[str, str]) -> None:
    """Raise a ``ValueError`` for a header that would begin another line, or that HTTP has no signs for."""
    for name, value in headers.items():
        line = name + value
        if not (line.isascii() and line.isprintable()):
            raise ValueError(f"the header {name} is {value!r}; a header is one line of printable ASCII")


class Facts:
    """
    What is known of a problem, by what the names of fields may mean.

    ``path`` comes decoded and is kept as it stands in a URI (RFC 3986, "Path"): ``instance`` has to be one.
    """

    def __init__(self, problem: Problem, request_id: str, path: str, now: str, instance: str = "") -> None:
        self.problem = problem
        self.title = _phrase(problem.status)
        self.codes = _codes(problem.status, self.title)
        self.request_id = request_id
        self.path = quote(path, safe=_IN_A_PATH)
        self.instance = instance or self.path
        self.now = now
        # A 422 that a handler decided has a sentence, but its shape may have no place but a list.
        told = [Violation(("body",), "value", None, None, problem.detail)] if problem.status == 422 else []
        self.violations = problem.violations or told

    def as_rfc_9457(self) -> dict[str, Any]:
        problem = self.problem
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title,
            "status": problem.status,
            "detail": problem.detail,
            "instance": self.instance,
            "request_id": self.request_id,
        }
        if problem.violations:
            body["errors"] = [describe(violation) for violation in problem.violations]
        return body


# What stands in a path as it is, beside letters and digits.
_IN_A_PATH = "/:@!$&'()*+,;=~-._"

_CODES = {413: "payload_too_large", 500: "internal_error"}


@functools.cache
def _codes(status: int, title: str) -> tuple[str, ...]:
    """Give the ways to write a status as a code, the likeliest first."""
    snake = _CODES.get(status) or "_".join(title.replace("'", "").lower().split())
    kebab, pascal = snake.replace("_", "-"), snake.title().replace("_", "")
    general = "bad_request" if status < 500 else "internal_error"
    return (snake, snake.upper(), kebab, pascal, title, str(status), general)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
