"""Which media types of two bodies belong together."""

from collections.abc import Iterable, Mapping

from mockserver.contract.changes.kinds import Side
from mockserver.contract.changes.places import Both, Written
from mockserver.contract.changes.schemas import Pair
from mockserver.contract.media.media_types import essence, kind_of
from mockserver.contract.pointers import escape


def covering(name: str, among: Iterable[str]) -> str | None:
    """Find the media type, or the range of them, that covers another: ``text/*`` covers ``text/csv``."""
    kind = essence(name)
    wanted = (kind, f"{kind.partition('/')[0]}/*", "*/*")
    known = {essence(each): each for each in among}
    return next((known[each] for each in wanted if each in known), None)


def compare_content(
    both: Both, old: Written, new: Written, place: str, side: Side
) -> tuple[list[tuple[Written, Written]], list[str], list[str]]:
    """
    Compare what two bodies have under the same media types; gives those pairs, and the names of the others.
    """
    ours, theirs = (_content(each) for each in (old, new))
    pairs: list[tuple[Written, Written]] = []
    compared: dict[Pair, tuple[str, Written, Written]] = {}
    for name in ours:
        partner = covering(name, theirs)
        if partner is not None:
            one = both.written(0, old.at(f"content/{escape(name)}"))
            other = both.written(1, new.at(f"content/{escape(partner)}"))
            pairs.append((one, other))
            if both.schemas.allows_any_text(one.schema, other.schema) and kind_of(name) in ("text", "binary"):
                continue  # a body of no form is a text, whether that is said or not
            compared.setdefault(both.schemas.pair(one.schema, other.schema, side), (name, one, other))
    for name, one, other in compared.values():
        label = f"{place} ({essence(name)})" if len(compared) > 1 else place
        both.tell_schemas(label, one.schema, other.schema, side)
    lost = [name for name in ours if not _has(theirs, name)]
    gained = [name for name in theirs if not _has(ours, name)]
    return pairs, lost, gained


def _content(body: Written) -> Mapping[str, object]:
    content = body.said.get("content")
    return content if isinstance(content, dict) else {}


def _has(content: Mapping[str, object], name: str) -> bool:
    return essence(name) in map(essence, content)
