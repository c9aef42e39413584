"""A valid, believable value for a schema, and what an item lacks of one."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from mockserver.contract.lowering import ROOT, Direction
from mockserver.contract.pointers import escape
from mockserver.contract.samples.chance import Chance
from mockserver.contract.samples.completer import Completer
from mockserver.contract.samples.keywords import list_in
from mockserver.contract.samples.maker import Maker
from mockserver.contract.samples.place import Place
from mockserver.contract.samples.scene import Scene
from mockserver.contract.samples.shape import DeadEnd, Node
from mockserver.contract.samples.shapes import Shapes
from mockserver.contract.schema import Schema, Schemas
from mockserver.contract.violation import Violation
from mockserver.errors import MockServerError

# What is wanted of each attempt: all that is declared, then less, then no more than has to be.
_EFFORTS = (0, 0, 0, 1, 1, 1, 2, 2, 2, 2)
_HIDDEN = {"request": "readOnly", "response": "writeOnly", "stored": None}


class Unsatisfiable(ValueError):
    """No value is found for a schema: ``pointer`` is the schema's, ``reason`` says what stands in the way."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(f"#{pointer}: {reason}")
        self.pointer = pointer
        self.reason = reason


class Samples:
    """
    Samples of every schema of one document.

    Whatever is given fits its schema: the compiled schema is asked. The same seed gives the same sample in
    any process. A seed that ends with ``#0`` asks for the first of several: what the contract writes as
    examples and defaults of properties is used for it, and only where nothing better is known for others.
    """

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._makers: dict[Direction, Maker] = {}
        self._completers: dict[Direction, Completer] = {}
        self._roots: dict[tuple[str, Direction], tuple[Node, Schema]] = {}

    def sample(self, pointer: str, seed: str, direction: Direction = "response") -> Any:
        """
        Give a valid, believable value for the schema at ``pointer``: the same for the same seed.

        Raises:
            Unsatisfiable: none was found.
        """
        node, schema = self._root(pointer, direction)
        maker = self._maker(direction)
        reason, cause = "nothing was found that fits it", None
        for attempt, effort in enumerate(_EFFORTS):
            place = _place(pointer, f"{seed}|{attempt}" if attempt else seed)
            place = replace(place, effort=effort, is_first=not attempt and seed.endswith("#0"))
            try:
                value = maker.make(node, place)
            except DeadEnd as dead:
                reason, cause = str(dead), dead
                continue
            if schema.is_valid(value):
                return value
            reason = _told(schema.violations(value)[:1])
        raise Unsatisfiable(pointer, reason) from cause

    def complete(self, pointer: str, value: Any, seed: str, direction: Direction = "response") -> Any:
        """
        Give ``value`` made to fit the schema at ``pointer``.

        What it has is kept wherever the schema allows it; what it lacks is sampled from the seed, each
        property by itself; what the schema forbids, and what begins with ``x-mock``, is left out. The value
        that is given is never changed, and is itself given back where nothing is to be done.

        Raises:
            Unsatisfiable: the schema has no value at all.
        """
        node, schema = self._root(pointer, direction)
        completer = self._completer(direction)
        completed = value
        try:
            if completer.lacks(node, value):
                completed = completer.fill(node, value, _place(pointer, seed))
        except DeadEnd:
            pass
        if schema.is_valid(completed):
            return completed
        place = _place(pointer, seed)
        for effort in (0, 1, 2):
            try:
                completed = completer.mend(node, value, replace(place, effort=effort))
            except DeadEnd:
                continue
            if schema.is_valid(completed):
                return completed
        return completer.overlaid(schema.is_valid, self.sample(pointer, seed, direction), value)

    def obstacle(self, pointer: str, direction: Direction = "response") -> tuple[str, str] | None:
        """Give the pointer to what stands in the way of a sample, and why; ``None`` where nothing does."""
        try:
            self.sample(pointer, "", direction)
        except Unsatisfiable as unsatisfiable:
            where = self._where(unsatisfiable.__cause__, direction) or pointer
            return where, unsatisfiable.reason.rstrip(".")
        return None

    def _where(self, cause: BaseException | None, direction: Direction) -> str | None:
        """Find the innermost schema of the document that nothing could be made for."""
        nodes = cause.nodes if isinstance(cause, DeadEnd) else []
        wanted = {id(node): at for at, node in enumerate(nodes) if isinstance(node, dict)}
        found: list[tuple[int, str]] = []
        pending = list(self._schemas.parts(direction).read()) if wanted else []
        while pending:
            pointer, value = pending.pop()
            if id(value) in wanted:
                found.append((wanted[id(value)], pointer))
            inner = value.items() if isinstance(value, dict) else enumerate(list_in(value))
            pending += [(f"{pointer}/{escape(str(k))}", v) for k, v in inner if isinstance(v, (dict, list))]
        return min(found)[1] if found else None

    def _root(self, pointer: str, direction: Direction) -> tuple[Node, Schema]:
        key = (pointer, direction)
        if key not in self._roots:
            try:
                schema = self._schemas.at(pointer, direction)
            except (MockServerError, LookupError, ValueError, TypeError) as error:
                raise Unsatisfiable(pointer, str(error).removeprefix(f"#{pointer}: ")) from error
            place = self._schemas.parts(direction).place(pointer)
            self._roots[key] = {"$ref": f"{ROOT}#{quote(place)}"}, schema
        return self._roots[key]

    def _maker(self, direction: Direction) -> Maker:
        if direction not in self._makers:
            judge = _Judge(self._schemas, direction)
            shapes = Shapes(self._schemas.parts(direction), judge.matches)
            self._makers[direction] = Maker(shapes, judge.fits, _HIDDEN[direction])
        return self._makers[direction]

    def _completer(self, direction: Direction) -> Completer:
        if direction not in self._completers:
            self._completers[direction] = Completer(self._maker(direction))
        return self._completers[direction]


class _Judge:
    """
    Has the last word on parts of samples, as the compiled schemas have on the whole.

    Patterns are its matter too: Python's own take exponential time for some of them.
    """

    def __init__(self, schemas: Schemas, direction: Direction) -> None:
        self._schemas = schemas
        self._direction = direction
        self._parts: dict[int, tuple[Node, Schema | None]] = {}
        self._patterns: dict[str, Node] = {}

    def fits(self, node: Node, value: Any) -> bool:
        if isinstance(node, bool):
            return node
        if id(node) not in self._parts:
            try:
                self._parts[id(node)] = node, self._schemas.part(node, self._direction)
            except MockServerError:
                self._parts[id(node)] = node, None
        schema = self._parts[id(node)][1]
        return schema is not None and bool(schema.is_valid(value))

    def matches(self, pattern: str, text: str) -> bool:
        return self.fits(self._patterns.setdefault(pattern, {"pattern": pattern}), text)


def _place(pointer: str, seed: str) -> Place:
    chance = Chance.seeded(seed, pointer)
    return Place(chance, Scene(chance))


def _told(violations: list[Violation]) -> str:
    for each in violations:
        where = ".".join(map(str, each.location))
        return f"{where}: {each.message}" if where else each.message
    return "nothing was found that fits it"
