"""Sorted entries against a sorted list, copies included."""

import random

import pytest

from mockserver.state.entries import Entries


@pytest.mark.parametrize("size", [0, 1, 511, 513, 3000], ids="{} entries".format)
def test_entries_and_their_copies_are_as_sorted_lists_apart(size):
    chance = random.Random(size)
    pairs = [(Entries((number, "x") for number in range(size)), [(number, "x") for number in range(size)])]
    for step in range(2500):
        entries, model = chance.choice(pairs)
        entry = (chance.choice([chance.randrange(-9, 4000), 500]), f"{step}")
        if step % 500 == 1 and len(pairs) < 4:
            pairs.append((entries.copy(), model.copy()))
        elif model and chance.random() < (0.9 if step > 2000 else 0.3):
            gone = chance.choice([model[-1], model[0], chance.choice(model)])
            entries.remove(gone)
            model.remove(gone)
        else:
            entries.add(entry)
            model.append(entry)
            model.sort()
        if step % 5 == 0:
            offset, stop = (
                chance.choice([0, 1, 511, 512, 9999, len(model)]),
                chance.choice([None, 0, 600, 9999]),
            )
            stop = chance.choice([stop, offset + 20])
            assert entries.page(offset, stop) == model[offset:stop]

    for entries, model in pairs:
        assert list(entries) == model
        assert len(entries) == len(model)


def test_a_chunk_that_grows_is_divided():
    entries = Entries((number,) for number in range(2000))
    for number in range(3000):
        entries.add((700 + number / 10_000,))

    copy = entries.copy()
    copy.add((-1,))

    assert entries.shared_with(copy) >= 5
    assert len(entries) == 5000


def test_removing_what_is_not_there_is_a_mistake():
    with pytest.raises(ValueError, match="not among the entries"):
        Entries([(1,), (3,)]).remove((2,))
