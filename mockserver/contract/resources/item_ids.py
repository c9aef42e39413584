"""Which property a path parameter means: the id of an item, or what a child holds of its parent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import plain, singulars
from mockserver.contract.resources.roles import Steps

# What an id is called, the likeliest first.
ID_NAMES = ("id", "uuid", "guid", "sid", "uid", "key", "slug", "code", "sku", "handle", "number", "name")
_CERTAIN = ID_NAMES[:7]
_MORE = (
    "username",
    "login",
    "email",
    "hash",
    "token",
    "no",
    "nr",
    "identifier",
    "ref",
    "reference",
    "symbol",
)


# What is asked for by a name that is no id, if the id is no text.
_NAMES = ("slug", "key", "name", "handle", "login", "username", "code", "symbol", "fullname")


def find_id(
    parameter: str | None,
    noun: str,
    schemas: Sequence[Members],
    example: Any = None,
    asked: Members | None = None,
) -> tuple[Steps, str] | None:
    """
    Give the steps to the id in an item, and a sentence why; ``None`` where it has none of its own.

    ``example`` is one of the parameter's values, which an example of an item may have too; ``asked`` is the
    parameter's schema, with which the type of a likely property has to agree.
    """
    names = {plain(name): name for each in reversed(schemas) for name in _scalars(each)}
    wanted = plain(parameter or "id")
    if wanted in names:
        return (names[wanted],), f"the id is {names[wanted]}, as the parameter is called"
    for ending in sorted((*ID_NAMES, *_MORE), key=len, reverse=True):
        if wanted.endswith(ending) and ending in names:
            return (names[ending],), f"the id is {names[ending]}, the end of the parameter's name {parameter}"
    for each in schemas:
        for outer, inner in _nested(each):
            leaf = next((n for n in _scalars(inner) if plain(n) == wanted), None)
            if leaf is not None and outer.lower() in ("metadata", "meta", "attributes", "data", "info"):
                return (outer, leaf), f"the id is {outer}.{leaf}, as the parameter is called"
    by_noun = [one + ending for one in singulars(noun) for ending in _CERTAIN if one + ending in names]
    likely = [*by_noun, *(name for name in _CERTAIN if name in names)]
    fitting = [name for name in likely if _agrees(names[name], schemas, asked)]
    if likely and not fitting:
        named = [f"{wanted}name", *_NAMES]
        fitting = [each for each in named if each in names and _agrees(names[each], schemas, asked)]
        if fitting:
            because = f"{names[likely[0]]} is not of the type of the parameter {parameter}"
            return (names[fitting[0]],), f"the id is {names[fitting[0]]}, for {because}"
    if not fitting and asked is not None and "string" in asked.types:
        fitting = likely  # a number may be written as a text, where nothing else names the item
    if fitting:
        because = "by the name of the path" if fitting[0] in by_noun else "the likeliest of its properties"
        return (names[fitting[0]],), f"the id is {names[fitting[0]]}, {because}"
    for name, value in _examples(schemas):
        if example is not None and str(value) == str(example):
            return (name,), f"the id is {name}, whose example is that of the parameter"
    for each in schemas:
        for name, property_ in each.properties.items():
            if property_.says("format") == "uuid" and name in each.required:
                return (name,), f"the id is {name}, the first that is required and a uuid"
    return None


def _agrees(name: str, schemas: Sequence[Members], asked: Members | None) -> bool:
    """Tell whether a property may have what a parameter asks for, as far as both say their types."""
    own = next((each.properties[name].types for each in schemas if name in each.properties), ())
    wanted = asked.types if asked is not None else ()
    return not own or not wanted or not _alike(own).isdisjoint(_alike(wanted))


def _alike(types: Sequence[str]) -> set[str]:
    return {"number" if each == "integer" else each for each in types} - {"null"}


def find_parent(parameter: str, noun: str, schemas: Sequence[Members]) -> Steps | None:
    """Give the steps to the property of a child that holds a path parameter before its own."""
    named, wanted = singulars(noun), {plain(parameter)} - {"id"}
    for one in named:
        wanted |= {f"{one}{ending}" for ending in ("id", "uuid", "sid", "key", "slug", "code")}
    for each in schemas:
        for name in _scalars(each):
            if plain(name) in wanted:
                return (name,)
    for each in schemas:
        for outer, inner in _nested(each):
            for name in _scalars(inner):
                if plain(name) == plain(parameter) != "id":
                    return (outer, name)
                if plain(outer) in named and plain(outer) + plain(name) in wanted | {f"{plain(outer)}id"}:
                    return (outer, name)
    for each in schemas:
        for name in _scalars(each):
            if plain(name) in named and plain(name) not in ("name", "type"):
                return (name,)
    return None


def at(value: Any, steps: Iterable[str]) -> Any:
    """Give what is at some steps in a value, ``None`` where there is nothing."""
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def put(value: dict[str, Any], steps: Steps, inner: Any) -> None:
    """Put something at some steps in an object, making the objects on the way there."""
    for step in steps[:-1]:
        found = value.get(step)
        # Never changed in place: it may be that of an example.
        value[step] = dict(found) if isinstance(found, dict) else {}
        value = value[step]
    value[steps[-1]] = inner


def _scalars(schema: Members) -> Iterator[str]:
    return (name for name, each in schema.properties.items() if each.is_scalar)


def _nested(schema: Members) -> Iterator[tuple[str, Members]]:
    return ((name, each) for name, each in schema.properties.items() if each.is_object and each.properties)


def _examples(schemas: Sequence[Members]) -> Iterator[tuple[str, Any]]:
    for each in schemas:
        whole: Mapping[str, Any] = each.says("example") if isinstance(each.says("example"), dict) else {}
        yield from whole.items()
        for name, property_ in each.properties.items():
            if property_.is_scalar and property_.says("example") is not None:
                yield name, property_.says("example")
