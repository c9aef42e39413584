"""Changes to items: what is put, patched and removed, and what cannot be."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mockserver.serve.assembly import Setup, assemble
from mockserver.state.changes import Changes, Part

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
LIBRARY = Path(__file__).parent.parent / "respond" / "library.yaml"


@pytest.fixture
def library():
    mock = assemble(Setup(contract=LIBRARY))
    yield mock
    mock.close()


def apply(mock, **parts):
    """Make changes; gives what could not be made, as pairs of pointer and text."""
    named = {name.replace("__", "."): part for name, part in parts.items()}
    changes = Changes(named, mock.parts.contract, mock.parts.resources)
    return [(each.pointer, each.text) for each in changes.apply(mock.world.store, NOW)]


def test_items_are_put_patched_and_removed(library):
    authors = library.world.store["authors"]
    second = {**authors.get(2), "created_at": "2026-05-01T09:00:00.000000Z"}

    wrong = apply(
        library,
        authors=Part(
            put=[{**second, "id": 77}, {**second, "name": "Ada Byron"}],
            patch={"77": {"nickname": "ada"}},
            remove=[1],
        ),
    )

    assert wrong == []
    assert 1 not in authors
    assert authors.get(77) == {**second, "id": 77, "nickname": "ada"}
    assert authors.get(2) == {**second, "name": "Ada Byron"}


def test_times_may_be_relative(library):
    wrong = apply(library, authors=Part(patch={"2": {"created_at": "-2h"}}))

    assert wrong == []
    assert library.world.store["authors"].get(2)["created_at"] == "2026-05-01T07:00:00.000000Z"


def test_an_item_below_another_is_known_by_both(library):
    labels = library.world.store["authors.labels"]

    wrong = apply(
        library,
        authors__labels=Part(
            put=[{"slug": "new", "text": "New.", "x-mock-parents": {"authorId": 2}}],
            patch={"2/new": {"text": "Newer."}},
            remove=["1/open-pond"],
        ),
    )

    assert wrong == []
    assert labels.get("2/new")["text"] == "Newer."
    assert "1/open-pond" not in labels


def test_an_item_that_does_not_say_what_it_lies_under_is_left_out(library):
    assert apply(library, authors__labels=Part(put=[{"slug": "new", "text": "New."}])) == [
        ("/authors.labels/put/0", "the item does not say which authorId it lies under.")
    ]


def test_what_cannot_be_done_is_left_out_and_the_rest_is_done(library):
    authors = library.world.store["authors"]

    wrong = apply(
        library,
        authors=Part(
            put=[{"name": "Nameless"}], patch={"2": {"name": 7}, "3": {"nickname": "zoe"}}, remove=[99, 1]
        ),
    )

    assert [pointer for pointer, _ in wrong] == [
        "/authors/remove/0",
        "/authors/put/0",
        "/authors/patch/2/name",
    ]
    assert wrong[0][1] == 'authors has no item "99".'
    assert authors.get(3)["nickname"] == "zoe"
    assert authors.get(2)["name"] != 7
    assert 1 not in authors
