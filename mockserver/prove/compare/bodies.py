"""Bodies that an operation takes, and such as it has to refuse."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.media.media_types import is_json
from mockserver.contract.operation import MediaType, Operation
from mockserver.contract.resources.members import Members
from mockserver.prove.compare.steps import KNOWN, Told
from mockserver.prove.journeys.asking import Asker

_LONGEST = 2000
_UNKNOWN = "x_not_declared"


class Bodies:
    """
    Makes bodies from what the contract says, the same ones for the same seed.

    ``known`` are the places, such as ``body.user_id``, for which both sides know ids.
    """

    def __init__(self, asker: Asker, known: Mapping[str, Sequence[Any]]) -> None:
        self._asker, self._known = asker, known

    def examples(self, operation: Operation) -> Iterator[tuple[str, Any]]:
        """Give the examples that the contract has, by name."""
        media_type = _json_of(operation)
        for name, value in media_type.examples.items() if media_type is not None else ():
            if self._asker.fits_body(operation, value):
                yield name or "its example", value

    def sample(self, operation: Operation, seed: str, number: int = 0) -> Any:
        return self.refer(self._asker.body(operation, seed), number)

    def least(self, operation: Operation, seed: str, number: int = 0) -> Any:
        """Give a body with nothing but what is required, ``None`` where there is none like that."""
        whole, schema = self._asker.body(operation, seed), self._schema(operation)
        if not isinstance(whole, dict) or schema is None:
            return None
        less = {name: value for name, value in whole.items() if name in schema.required}
        is_new = less != whole and self._asker.fits_body(operation, less)
        return self.refer(less, number) if is_new else None

    def refer(self, body: Any, number: int = 0) -> Any:
        """Put ids that are there, on each side its own, in the place of those that were made up."""
        if not isinstance(body, dict):
            return body
        return {
            name: Told(KNOWN, (f"body.{name}", number)) if f"body.{name}" in self._known else value
            for name, value in body.items()
        }

    def good(self, operation: Operation, seed: str) -> Iterator[tuple[str, Any]]:
        """Give bodies at the limits of what is taken, with what is special about each."""
        for _, about, body in self._varied(operation, seed, _limits, is_good=True):
            yield about, body

    def bad(self, operation: Operation, seed: str) -> Iterator[tuple[str, str, Any]]:
        """Give bodies that break the contract, with the member that does, and how."""
        whole, schema = self._asker.body(operation, seed), self._schema(operation)
        if not isinstance(whole, dict) or schema is None:
            return
        for name in schema.properties:
            less = {each: value for each, value in whole.items() if each != name}
            if name in whole and not self._asker.fits_body(operation, less):
                yield name, f"without {name}", less
        yield from self._varied(operation, seed, _breaches, is_good=False)
        for about, body in (
            ("with a member that is not declared", {**whole, _UNKNOWN: 1}),
            ("a list", [whole]),
        ):
            if not self._asker.fits_body(operation, body):
                yield "shape", about, body

    def _varied(
        self, operation: Operation, seed: str, vary: Any, *, is_good: bool
    ) -> Iterator[tuple[str, str, Any]]:
        whole, schema = self._asker.body(operation, seed), self._schema(operation)
        if not isinstance(whole, dict) or schema is None:
            return
        for name, each in schema.properties.items():
            if each.says("readOnly") is True or f"body.{name}" in self._known:
                continue
            for about, value in vary(each):
                body = {**whole, name: value}
                if self._asker.fits_body(operation, body) == is_good:
                    yield name, f"with {name} {about}", self.refer(body)

    def _schema(self, operation: Operation) -> Members | None:
        media_type = _json_of(operation)
        return (
            Members(self._asker.contract.data, media_type.pointer)
            if media_type and media_type.pointer
            else None
        )


def _json_of(operation: Operation) -> MediaType | None:
    content = operation.request_body.content if operation.request_body else {}
    return next((each for name, each in content.items() if is_json(name)), None)


def _limits(schema: Members) -> Iterator[tuple[str, Any]]:
    least, most = schema.says("minLength"), schema.says("maxLength")
    if "string" in schema.types and not schema.says("pattern") and not schema.says("format"):
        if isinstance(most, int) and most <= _LONGEST:
            yield "as long as it may be", _text(most)
        if isinstance(least, int) and least <= _LONGEST:
            yield "as short as it may be", _text(least)
    for keyword, word in (("minimum", "as small"), ("maximum", "as large")):
        limit = schema.says(keyword)
        if isinstance(limit, int | float):
            yield f"{word} as it may be", limit
    for choice in schema.says("enum") or ():
        yield f"being {choice}", choice
    if schema.is_nullable:
        yield "being null", None


def _breaches(schema: Members) -> Iterator[tuple[str, Any]]:
    yield "being an object", {"x": 1}
    yield "being a text", "no such thing"
    yield "being a number", 12345
    yield "being null", None
    least, most = schema.says("minLength"), schema.says("maxLength")
    if isinstance(most, int) and most < _LONGEST:
        yield "longer than it may be", _text(most + 1)
    if isinstance(least, int) and least > 0:
        yield "shorter than it may be", _text(least - 1)
    for keyword, word, step in (("minimum", "smaller", -1), ("maximum", "larger", 1)):
        limit = schema.says(keyword)
        if isinstance(limit, int | float):
            yield f"{word} than it may be", limit + step


def _text(length: int) -> str:
    return ("abcdefghij" * (length // 10 + 1))[:length]
