"""Items made to fit: what they have is kept, what they lack is sampled, what is forbidden is left out."""

import pytest

from tests.contract.test_samples import CAT, DOG, TEXT, USER, Made

PERSON = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "minLength": 1},
        "email": {"type": ["string", "null"], "format": "email"},
        "address": {"type": "object", "required": ["city"], "properties": {"city": TEXT, "street": TEXT}},
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/It"}},
    },
}
WHOLE = {"id": 5, "name": "Ada", "email": None, "address": {"city": "Rome", "street": "Via"}, "children": []}


def test_an_item_that_lacks_nothing_is_given_back_itself():
    assert Made(PERSON).complete(WHOLE) is WHOLE


def test_what_an_item_has_is_kept_and_what_it_lacks_is_added():
    completed = Made(PERSON).complete({"name": "Ada", "note": "kept"})

    assert completed["name"] == "Ada"
    assert completed["note"] == "kept"
    assert completed.keys() >= PERSON["properties"].keys()


def test_the_item_that_was_given_is_not_changed():
    given = {"id": 0, "address": {}, "children": [{"name": "Bo", "x-mock": 1}]}

    Made(PERSON).complete(given)

    assert given == {"id": 0, "address": {}, "children": [{"name": "Bo", "x-mock": 1}]}


def test_nested_objects_and_arrays_of_objects_are_completed_too():
    completed = Made(PERSON).complete({**WHOLE, "address": {"street": "Via"}, "children": [{"name": "Bo"}]})

    assert completed["address"]["street"] == "Via"
    assert completed["address"]["city"]
    assert completed["children"][0]["name"] == "Bo"
    assert completed["children"][0]["id"] >= 1


def test_what_lacks_is_the_same_for_the_same_seed_whatever_else_is_there():
    made = Made(PERSON)
    bare = made.complete({}, "seed")

    for name in bare:
        rest = {key: value for key, value in WHOLE.items() if key != name}
        assert made.complete(rest, "seed")[name] == bare[name]
        assert made.complete({}, "another")["id"] != bare["id"]


def test_one_property_more_changes_no_other():
    made = Made(USER)
    before = made.complete({"created_by": "me"}, "seed")

    after = made.complete({"created_by": "me", "first_name": "Zed"}, "seed")

    assert after == {**before, "first_name": "Zed"}


def test_marks_and_what_the_other_side_alone_sends_are_left_out():
    made = Made(USER)
    stored = made.samples.sample(made.pointer, "a", "stored")

    completed = made.complete({**stored, "x-mock-owner": "me"})

    assert completed == {key: value for key, value in stored.items() if key != "secret"}


def test_what_is_not_allowed_is_left_out():
    closed = {
        "type": "object",
        "properties": {"a": TEXT, "n": {"properties": {"b": TEXT}}},
        "additionalProperties": False,
    }

    assert Made(closed).complete({"a": "x", "z": 1, "n": {"b": "y", "c": 2}}) == {
        "a": "x",
        "n": {"b": "y", "c": 2},
    }


@pytest.mark.parametrize(
    ("schema", "given", "wanted"),
    [
        ({"type": "string"}, 5, "5"),
        ({"type": "integer"}, "5", 5),
        ({"type": "integer"}, 5.0, 5.0),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 2}, [1, "2", 3], [1, 2]),
        ({"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True}, ["a", "a"], ["a"]),
    ],
    ids=["a number for a text", "a text for a number", "a whole float", "too many items", "items twice"],
)
def test_what_is_nearly_right_is_kept_as_far_as_it_can_be(schema, given, wanted):
    assert Made(schema).complete(given) == wanted


@pytest.mark.parametrize("given", [None, 7, "text", [], {}, {"id": {}, "name": 1, "children": 3}, [[{}]]])
def test_whatever_is_given_what_comes_back_is_valid(given):
    made = Made(PERSON)

    assert made.is_valid(made.complete(given))


def test_an_item_keeps_what_is_right_beside_what_is_wrong():
    completed = Made(PERSON).complete({**WHOLE, "email": "nobody", "address": {"city": 5, "street": "Via"}})

    assert completed["address"] == {"city": "5", "street": "Via"}
    assert "@" in (completed["email"] or "@")
    assert completed["name"] == "Ada"


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_the_branch_is_the_one_that_an_item_fits_best(keyword):
    branches = [{**CAT, "required": ["lives"]}, {**DOG, "required": ["bark", "kind"]}]
    made = Made({keyword: branches})

    completed = made.complete({"bark": "loud"})

    assert completed["bark"] == "loud"
    assert completed["kind"]
    assert "lives" not in completed


def test_the_branch_is_the_one_that_the_discriminator_names():
    cat = {**CAT, "required": ["kind", "lives"]}
    made = Made(
        {
            "oneOf": [{"$ref": "#/components/schemas/Dog"}, {"$ref": "#/components/schemas/Cat"}],
            "discriminator": {"propertyName": "kind"},
        },
        Cat=cat,
        Dog={**DOG, "required": ["kind", "bark"]},
    )

    assert "lives" in made.complete({"kind": "Cat"})
    assert "bark" in made.complete({"kind": "Dog"})


def test_what_is_updated_is_later_than_what_is_known_to_be_created():
    completed = Made(USER).complete({"created_at": "2031-05-05T10:00:00Z"})

    assert completed["updated_at"] > "2031-05-05T10:00:00Z"
