"""Names of many things are read as names of one, the likeliest first."""

import pytest

from mockserver.contract.resources.item_ids import find_id
from mockserver.contract.resources.members import Members
from mockserver.contract.resources.nouns import is_same_noun, singulars


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("pets", "pet"),
        ("Admin-Roles", "adminrole"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("houses", "house"),
        ("categories", "category"),
        ("people", "person"),
        ("salespeople", "salesperson"),
        ("children", "child"),
        ("status", "status"),
        ("class", "class"),
        ("pet", "pet"),
    ],
)
def test_the_likeliest_name_of_one_thing_comes_first(many, one):
    assert singulars(many)[0] == one
    assert len(set(singulars(many))) == len(singulars(many))
    assert is_same_noun(many, one)


def test_of_two_ids_that_a_path_may_mean_the_likelier_is_taken():
    properties = {f"{each}_id": {"type": "string"} for each in ("house", "hous", "houses")}

    for names in (properties, dict(reversed(properties.items()))):
        schema = Members({"schema": {"type": "object", "properties": names}}, "/schema")
        found = find_id("which", "houses", [schema])

        assert found is not None
        assert found[0] == ("house_id",)


def test_what_there_is_nothing_of_has_no_other_name():
    assert singulars("") == singulars("--") == ()
    assert singulars("s") == ("s",)
