"""Where the items, or the item, sit in a body: found by its schema."""

from collections.abc import Iterable, Iterator

from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import is_same_noun, listed, plain, singulars
from mockserver.contract.resources.roles import Steps

# What a list is called where it is not called by what it holds.
_LISTS = listed(
    "data items results result records entries values content contents rows list elements resources "
    "objects hits value collection docs documents nodes edges response payload"
)
_WRAPPERS = listed("data result results response payload embedded body content page")
_ITEMS = listed("data item result resource record entity object response payload value")

# What stands beside a list or an item, and tells about it.
BESIDE = listed(
    "total totalcount totalitems totalresults totalelements totalrecords totalpages totalsize count "
    "size numberofelements number page pages pagenumber pagesize perpage pagecount limit offset skip "
    "start end first last next prev previous before after cursor cursors nextcursor previouscursor "
    "prevcursor nextpage prevpage previouspage nextpagetoken nexttoken nextpageuri previouspageuri "
    "firstpageuri lastpageuri nextmarker prevmarker hasmore hasnext hasprevious hasnextpage "
    "haspreviouspage more links link self href url uri meta metadata pagination paging pageinfo "
    "object kind type success ok message status code error errors warnings requestid etag order sort "
    "sorted empty apiversion version took incompleteresults istruncated truncated included jsonapi "
    "responsemetadata empty pageable"
)

_COUNTS = listed("count total totalcount totalitems totalresults totalelements number quantity")


def locate_list(body: Members, noun: str, known: Iterable[str] = ()) -> tuple[Steps, Members] | None:
    """
    Give the steps to the array of a list, and the schema of its items; ``None`` where there is none.

    ``noun`` is what the path calls them, ``known`` the identities of items that go by that path.
    """
    known = frozenset(known)
    if body.is_array:
        return ((), body.items) if body.items is not None and _is_item(body.items) else None
    return _locate_in(body, noun, known, 0) if body.properties else None


def _locate_in(body: Members, noun: str, known: frozenset[str], depth: int) -> tuple[Steps, Members] | None:
    arrays = {
        name: each.items
        for name, each in body.properties.items()
        if each.is_array and each.items is not None and _is_item(each.items)
    }
    if found := next((n for n, items in arrays.items() if items.identity in known), None):
        return (found,), arrays[found]
    # What is called after the path is meant before what has a general name, unless it has two of them.
    called = [name for name in arrays if is_same_noun(name, noun)]
    for meant in (called, [name for name in arrays if plain(name) in _LISTS]):
        if len(meant) == 1 and _is_about_many(body, meant[0], noun):
            return (meant[0],), arrays[meant[0]]
    others = [name for name in body.properties if name not in arrays]
    if len(arrays) == 1 and all(plain(name) in BESIDE for name in others):
        return next(((name,), items) for name, items in arrays.items())
    if depth < 2 and not arrays:
        for name, each in body.properties.items():
            is_wrapper = plain(name) in _WRAPPERS or is_same_noun(name, noun)
            inner = _locate_in(each, noun, known, depth + 1) if is_wrapper and each.is_object else None
            if inner is not None:
                return (name, *inner[0]), inner[1]
    return None


def _is_about_many(body: Members, name: str, noun: str) -> bool:
    """Tell a page of things from a thing that has a list in it: the thing has an id of its own."""
    if is_same_noun(name, noun):
        return True
    strange = [each for each in body.properties if each != name and plain(each) not in BESIDE]
    return "id" not in map(plain, body.properties) or not strange


def locate_item(
    body: Members, noun: str, id_names: Iterable[str], known: Iterable[Members] = ()
) -> tuple[Steps, Members] | None:
    """
    Give the steps to the item in a body, and its schema; ``None`` where the body is something else.

    Without ``known`` schemas of the item, every object is one: the whole, or the one thing in it that is
    called as the path calls it, or that stands alone beside what only tells about it.
    """
    known = list(known)
    if not (body.is_object or body.properties):
        return None
    if known:
        return next(
            (
                (steps, each)
                for steps, each in [((), body), *_objects(body)]
                if any(is_alike(each, other, id_names) for other in known)
            ),
            None,
        )
    names = {plain(name) for name in body.properties}
    if names & {plain(each) for each in id_names}:
        return (), body
    inner = [(steps, each) for steps, each in _objects(body) if len(steps) == 1]
    nouns = singulars(noun)
    for steps, each in inner:
        name = plain(steps[0])
        others = names - {name}
        if (name in nouns and others <= BESIDE) or (name in _ITEMS and others <= BESIDE):
            return steps, each
    return (), body


def _objects(body: Members) -> Iterator[tuple[Steps, Members]]:
    """Give the objects in an object, those of the first level first."""
    inner = [((n,), each) for n, each in body.properties.items() if each.is_object and each.properties]
    yield from inner
    for steps, each in inner:
        if plain(steps[0]) in _WRAPPERS:
            yield from (
                ((*steps, n), one) for n, one in each.properties.items() if one.is_object and one.properties
            )


def count_name(body: Members) -> str | None:
    """Give the property of a body that tells how many there are."""
    return next((n for n, e in body.properties.items() if plain(n) in _COUNTS and "integer" in e.types), None)


def is_alike(one: Members, other: Members, id_names: Iterable[str] = ()) -> bool:
    """Tell whether two schemas describe one kind of item, in full or in brief."""
    if one.identity == other.identity:
        return True
    names, others = set(one.properties), set(other.properties)
    shared = names & others
    if not shared or not (set(id_names) & shared or not id_names):
        return False
    # A brief form has hardly anything that the full one lacks; two full ones have most in common.
    few, many = sorted((len(names), len(others)))
    return len(shared) >= 2 and (len(shared) >= 0.8 * few or len(shared) >= 0.5 * many)


def _is_item(items: Members) -> bool:
    return items.is_object or bool(items.properties)
