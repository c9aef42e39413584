"""What the query parameters of a list mean, by their names and by the properties of its items."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.operation import Operation
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import listed, plain, singulars
from mockserver.contract.resources.roles import ListParameter, Meaning, Operator, Steps

_MEANINGS: Mapping[Meaning, frozenset[str]] = {
    "page": listed("page pagenumber pageno pageindex currentpage pagenum"),
    "size": listed(
        "limit perpage pagesize size maxresults maxitems resultsperpage itemsperpage pagelimit pagelength"
        " take top rows count first max num"
    ),
    "offset": listed("offset skip start startindex startat pageoffset from"),
    "cursor": listed(
        "cursor after startingafter nexttoken pagetoken nextcursor nextpagetoken marker continue continuation"
        " continuationtoken pagecursor startcursor startafter bookmark pageafter aftercursor paginationtoken"
    ),
    "before": listed("before endingbefore pagebefore"),
    "sort": listed("sort sortby orderby order ordering sortfield sortkey sortcolumn orderfield"),
    "direction": listed(
        "direction dir sortdirection sortorder orderdirection sortdir orderdir orderbydirection"
        " orderbydir sortbydirection sortbydir ascdesc"
    ),
    "search": listed("q query search searchterm searchquery keyword keywords term text searchtext"),
}
# These may as well be filters, where an item has a property of that name.
_AMBIGUOUS = listed("size count first start from order text term max num top rows after before page")
_NUMBERS: frozenset[Meaning] = frozenset(("page", "size", "offset"))

_ENDINGS: tuple[tuple[str, Operator], ...] = (
    (r"[_.\[-]?(gte|min|from|since|onorafter)\]?$", "gte"),
    (r"[_.\[-](gt|after)\]?$", "gt"),
    (r"[_.\[-]?(lte|max|until|onorbefore)\]?$", "lte"),
    (r"[_.\[-](lt|before|to)\]?$", "lt"),
    (r"[_.\[-](ne|neq|not)\]?$", "ne"),
    (r"[_.\[-](like|ilike|contains|icontains|search)\]?$", "contains"),
    (r"[_.\[-](in|eq|exact)\]?$", "eq"),
    (r"(?<=[a-z])(After)$", "gt"),
    (r"(?<=[a-z])(Before)$", "lt"),
    (r"(?<=[a-z])(Contains)$", "contains"),
)
_BEGINNINGS: tuple[tuple[str, Operator], ...] = (
    (r"^(min|from|since|start)[_-]?(?=[a-zA-Z])", "gte"),
    (r"^(max|until|to|end)[_-]?(?=[a-zA-Z])", "lte"),
)
# What says that nothing is filtered, where a parameter declares it.
_EVERY = frozenset(("all", "any", "every", "everything", "*"))
_WRAPPED = re.compile(r"(?:filters?|where|query)[\[.](.+?)\]?")
# Ranges of the one moment that an item tells of.
_MOMENTS: Mapping[str, Operator] = {
    **dict.fromkeys(
        listed("since from datefrom fromdate start startdate timefrom fromtime starttime"), "gte"
    ),
    **dict.fromkeys(listed("until to dateto todate end enddate timeto totime endtime"), "lte"),
}
_KEEPING = re.compile(r"(date)?(created|updated|modified|changed|inserted|deleted|closed|archived)")


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A query parameter, or one member of one that is an object: Spring's ``pageable`` has its page in it."""

    name: str
    parameter: str
    member: str | None
    schema: Members | None

    def value_in(self, query: Mapping[str, Any]) -> Any:
        """Give what a query has for it, ``None`` where that is nothing or a word for all there are."""
        value = query.get(self.parameter)
        if self.member is not None:
            value = value.get(self.member) if isinstance(value, dict) else None
        asked = value if isinstance(value, list) else [value]
        return None if any(self._is_every(each) for each in asked) else value

    @property
    def choices(self) -> Sequence[Any]:
        """The values that it may have, but for words that mean all of them."""
        return [each for each in self._options() if each is not None and str(each).lower() not in _EVERY]

    def _options(self) -> Sequence[Any]:
        schema = self.schema.items or self.schema if self.schema is not None else None
        options = schema.says("enum") if schema is not None else None
        return options if isinstance(options, list) else ()

    def _is_every(self, value: Any) -> bool:
        if not isinstance(value, str) or value.lower() not in _EVERY or self.schema is None:
            return False
        return value in self._options() or value == self.schema.says("default")


def read_query_parts(data: Mapping[str, Any], operation: Operation) -> tuple[QueryPart, ...]:
    """Give the query parameters of an operation by the names that they have in a URL."""
    found = []
    for parameter in operation.parameters:
        if parameter.location != "query":
            continue
        schema = Members(data, parameter.pointer) if parameter.pointer is not None else None
        is_spread = parameter.explode and parameter.media_type is None
        if schema is None or not schema.is_object or not is_spread or not schema.properties:
            found.append(QueryPart(parameter.name, parameter.name, None, schema))
            continue
        for member, each in schema.properties.items():
            name = f"{parameter.name}[{member}]" if parameter.style == "deepObject" else member
            found.append(QueryPart(name, parameter.name, member, each))
    return tuple(found)


def read_query(parts: Iterable[QueryPart], query: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a query says, by the names that its parts have in a URL."""
    return {part.name: value for part in parts if (value := part.value_in(query)) is not None}


def read_list_parameters(operation: Operation, item: Members) -> tuple[ListParameter, ...]:
    """Give the query parameters of a list whose meaning is plain, in their order."""
    found = []
    for part in read_query_parts(item.data, operation):
        meant = _meant(part.name, part.schema, item)
        if meant is not None:
            found.append(meant)
    if not any(each.meaning == "sort" for each in found):
        # "order" alone sorts by a property; beside a "sort" it tells the direction.
        return tuple(found)
    directions = {e.name for e in found if e.meaning == "sort"}
    if len(directions) < 2:
        return tuple(found)
    return tuple(
        ListParameter(e.name, "direction") if e.meaning == "sort" and plain(e.name) == "order" else e
        for e in found
    )


def _meant(name: str, schema: Members | None, item: Members) -> ListParameter | None:
    types = set(schema.types) if schema is not None else set()
    filtered = _filter(name, item, schema, is_many="array" in types)
    is_exact = filtered is not None and filtered.operator == "eq"
    for meaning, names in _MEANINGS.items():
        if plain(name) not in names:
            continue
        is_number = bool(types & {"integer", "number"})
        if meaning in _NUMBERS and types and not is_number:
            continue
        if plain(name) in _AMBIGUOUS and is_exact and not (meaning in _NUMBERS and is_number):
            continue
        if types & {"object", "array"} and meaning != "sort":
            continue
        if meaning == "sort" and schema is not None and _is_direction(schema):
            return ListParameter(name, "direction")
        return ListParameter(name, meaning)
    return filtered


def _is_direction(schema: Members) -> bool:
    options = schema.says("enum")
    words = {"asc", "desc", "ascending", "descending"}
    return isinstance(options, list) and {str(each).lower() for each in options} <= words


def _filter(name: str, item: Members, schema: Members | None, *, is_many: bool) -> ListParameter | None:
    if wrapped := _WRAPPED.fullmatch(name):
        inner = _filter(wrapped[1], item, schema, is_many=is_many)
        return ListParameter(name, "filter", inner.steps, inner.operator) if inner else None
    for candidate, operator in _readings(name):
        if steps := _property(candidate, item, is_many=is_many or plain(name) == "ids"):
            return ListParameter(name, "filter", steps, operator)
    bound = _MOMENTS.get(plain(name))
    steps = _moment(item) if bound is not None and _may_be_a_moment(name, schema) else None
    return ListParameter(name, "filter", steps, bound) if bound is not None and steps else None


def _may_be_a_moment(name: str, schema: Members | None) -> bool:
    """Tell a moment from other ends of ranges: a place that a train leaves from, the start of a page."""
    form = schema.says("format") if schema is not None else None
    if schema is None or schema.says("enum") is not None or form is not None:
        return form in ("date", "date-time")
    says_so = plain(name) in ("since", "until") or "date" in plain(name) or "time" in plain(name)
    return says_so and set(schema.types) <= {"string", "null"}


def _moment(item: Members) -> Steps | None:
    """Give the one date or time of an item that is no bookkeeping, else when it was created."""
    dates = [
        name
        for name, each in item.properties.items()
        if each.says("format") in ("date", "date-time") and not each.is_nullable
    ]
    own = [name for name in dates if not _KEEPING.match(plain(name))]
    if len(own) == 1:
        return (own[0],)
    created = next((name for name in dates if plain(name).startswith(("created", "datecreated"))), None)
    attributes = item.properties.get("attributes")
    if created is None and attributes is not None and (inner := _moment(attributes)):
        return ("attributes", *inner)
    return (created,) if created is not None else _property("created_at", item, is_many=False)


def _readings(name: str) -> Iterator[tuple[str, Operator]]:
    yield name, "eq"
    for patterns in (_ENDINGS, _BEGINNINGS):
        for pattern, operator in patterns:
            rest = re.sub(pattern, "", name)
            if rest and rest != name:
                yield rest, operator


def _property(name: str, item: Members, *, is_many: bool) -> Steps | None:
    wanted = plain(name)
    names = {plain(each): each for each in item.properties}
    for ending in ("", "at", "on", "date", "time"):
        if wanted + ending in names:
            return (names[wanted + ending],)
    if is_many:
        one = next((each for each in singulars(name) if each in names), None)
        if one is not None:
            return (names[one],)
    for outer, each in item.properties.items():
        for inner in each.properties if each.is_object else ():
            if plain(outer) + plain(inner) == wanted:
                return (outer, inner)
    # What JSON:API says of a thing is in there.
    attributes = item.properties.get("attributes")
    if attributes is not None and attributes.is_object and wanted != "attributes":
        inner_steps = _property(name, attributes, is_many=is_many)
        return ("attributes", *inner_steps) if inner_steps is not None else None
    return None
